/* What `create` and `run` have in common: from a bundle to a published state directory and the
 * properties of a unit that is ready to be started. */
#pragma once

#include "runtime/bundle.h"
#include "runtime/container.h"
#include "runtime/ports.h"
#include "runtime/service.h"
#include "runtime/state-dir.h"

typedef struct Creation {
        const Runtime *runtime;
        const RuntimeCreate *options;
        Container name; /* id, unit and state directory */
        PlanMode mode;
        char slice[CTR_UNIT_NAME_MAX]; /* of a scope */
        char cgroup[CGROUP_PATH_MAX];  /* of PLAN_CGROUPFS */
        PlanOrigin origin;
        uint64_t created_usec;
        bool is_begun;         /* the set-up: hooks may have run */
        pid_t helper, payload; /* our children, of an engine's container; 0 = none */
        Bundle bundle;
        PropertyList properties;
        PlanPorts ports; /* published by units beside its own */
        StateDir dir;
        SdConnection bus;
} Creation;

/* Parses, plans, writes and publishes the state. On failure everything is removed again. `run` that
 * neither detaches nor keeps the state counts as waiting: see PlanContext. */
int creation_begin(Creation *c, const Runtime *rt, const RuntimeCreate *options, PlanOrigin origin,
        CtrError *err);

/* Starts it, in the way of its mode. *ret says CREATED or STARTED. abort_fd as in service.h. */
int creation_start(Creation *c, const LaunchFds *fds, int abort_fd, LaunchReply *ret,
        int *ret_pidfd, CtrError *err);

/* What the caller asked to be told of a payload that is there: pid file, pidfd. Ends the state
 * "creating". */
int creation_announce(Creation *c, const LaunchReply *reply, int pidfd, CtrError *err);

/* After a failed start: takes down what there is of the unit, unless the cause is that the name was
 * somebody else's, runs the poststop hooks if they have not, and removes the state. */
void creation_abort(Creation *c, const CtrError *cause);

/* Releases memory, lock and connection; what was created stays. */
void creation_done(Creation *c);

/* What the container has to do with systemd: for the state and later verbs. */
typedef struct CreationPlace {
        const char *unit, *slice, *cgroup;
} CreationPlace;

/* Now, as the time of creation. */
uint64_t creation_time(void);

/* The state of one container as files, for a directory that is being made (also by `compile`). */
int creation_write_state(const StateDir *dir, const Bundle *bundle, const PlanContext *ctx,
        const CreationPlace *place, uint64_t created_usec, CtrError *err);

/* Slice that a list of properties chooses. */
const char *creation_slice(const PropertyList *properties);
