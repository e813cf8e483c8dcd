/* What `create` and `run` have in common: from a bundle to a published state directory and the
 * properties of a unit that is ready to be started. */
#pragma once

#include "runtime/bundle.h"
#include "runtime/container.h"
#include "runtime/service.h"
#include "runtime/state-dir.h"

typedef struct Creation {
        const Runtime *runtime;
        const RuntimeCreate *options;
        Container name; /* id, unit and state directory */
        Bundle bundle;
        PropertyList properties;
        StateDir dir;
        SdConnection bus;
} Creation;

/* Parses, plans, writes and publishes the state. On failure everything is removed again. `run` that
 * neither detaches nor keeps the state counts as waiting: see PlanContext. */
int creation_begin(Creation *c, const Runtime *rt, const RuntimeCreate *options, PlanOrigin origin,
        CtrError *err);

/* After a failed start: takes down what there is of the unit, unless the cause is that the name was
 * somebody else's, and removes the state. */
void creation_abort(Creation *c, const CtrError *cause);

/* Releases memory, lock and connection; what was created stays. */
void creation_done(Creation *c);

/* The state of one container as files, for a directory that is being made (also by `compile`). */
int creation_write_state(const StateDir *dir, const Bundle *bundle, const PlanContext *ctx,
        const PropertyList *properties, CtrError *err);

/* "PID", without a newline, by temporary file and rename. path NULL: nothing. */
int pid_file_write(const char *path, pid_t pid, CtrError *err);
