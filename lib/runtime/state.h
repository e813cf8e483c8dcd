/* STATE/state.json: what was decided when the container was created and what later verbs need of
 * it. Never what can be found out (status, pid, limits): that is asked of the kernel and of PID 1
 * each time. */
#pragma once

#include "base/digest.h"
#include "plan/plan.h"

/* Of what is written. All from 1 to this are read, so that a new package takes over the containers
 * of the old one: members are added, with a meaning for their absence, and never change theirs. */
#ifndef STATE_VERSION
#define STATE_VERSION 1
#endif

typedef struct ContainerState {
        char *memory; /* of one that was read: the text, in which the strings below are */
        char *id;
        char *oci_version;
        char *bundle; /* absolute */
        char *rootfs; /* absolute */
        char *config_path;
        char *slice;
        char *unit;   /* "" = none */
        char *cgroup; /* absolute, of PLAN_CGROUPFS; else "" */
        char digest[CTR_DIGEST_LENGTH + 1];
        PlanMode mode;
        PlanOrigin origin;
        bool has_plain_exec;   /* plan_exec_is_plain(); of older versions: not known, false */
        uint64_t created_usec; /* CLOCK_REALTIME */
        SpecKeyValues annotations;
} ContainerState;

void state_done(ContainerState *state);

/* Writes the file in the state directory dir_fd, by temporary file and rename. */
int state_write(int dir_fd, const ContainerState *state, CtrError *err);

/* Called when one of a newer version is read, before that is refused. The quick programs have
 * another one, which executes the whole program: amid an upgrade that may be the newer one. */
void state_meets_newer(void);

/* Reads it. -ENOENT when there is none, -EBADMSG when it is none of ours (a newer version's,
 * cut off). */
int state_read(int dir_fd, ContainerState *ret, CtrError *err);

/* The same by the file's path below dir_fd. */
int state_read_at(int dir_fd, const char *path, ContainerState *ret, CtrError *err);

/* Both ways in memory, for tests. */
int state_print(const ContainerState *state, char **ret, size_t *ret_size);
int state_parse(const char *text, size_t size, ContainerState *ret, CtrError *err);

/* Copies key-value pairs. -ENOMEM leaves nothing. */
int key_values_copy(const SpecKeyValues *from, SpecKeyValues *ret);
void key_values_done(SpecKeyValues *values);
