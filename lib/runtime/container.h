/* An existing container, opened: its state directory and state.json, and from them what the kernel
 * says. */
#pragma once

#include "runtime/cgroup.h"
#include "runtime/record.h"
#include "runtime/runtime.h"
#include "runtime/state.h"

#include "base/name.h"

typedef struct Container {
        const Runtime *runtime;
        char id[CTR_ID_MAX + 1];
        char unit[CTR_UNIT_NAME_MAX];
        char directory[4096]; /* STATE, absolute */
        int dir_fd;
        ContainerState state;
} Container;

#define CONTAINER_NULL                                                                             \
        (Container)                                                                                \
        {                                                                                          \
                .dir_fd = -EBADF                                                                   \
        }

/* CTR_ERROR_CONTAINER_NOT_EXISTS "container does not exist" when there is no state directory; an
 * error of another code when it cannot be read (delete -f goes on without). */
int container_open(const Runtime *rt, const char *id, Container *ret, CtrError *err);
void container_done(Container *c);

/* Fills id, unit and directory only. */
int container_name(const Runtime *rt, const char *id, Container *ret, CtrError *err);

/* The main process of a container and what state it is in, from the pid record, /proc and the
 * cgroup tree. */
typedef struct ContainerProcess {
        ContainerStatus status;
        pid_t pid; /* 0 unless alive */
        uint64_t starttime;
        char invocation_id[INVOCATION_ID_LENGTH + 1]; /* of the last start, alive or not */
        char cgroup[CGROUP_PATH_MAX]; /* the one it is in; of a dead one, the unit's */
} ContainerProcess;

/* The first process as recorded, and the state of the container that follows from it: one that is
 * gone has pid 0. */
int container_get_process(const Container *c, ContainerProcess *ret, CtrError *err);

/* container_open() and container_get_process() in one; nothing is open when it fails. */
int container_look(const Runtime *rt, const char *id, Container *ret, ContainerProcess *ret_process,
        CtrError *err);

/* container_get_process() of one that must be alive: CTR_ERROR_CONTAINER_NOT_RUNNING. */
int container_get_live_process(const Container *c, ContainerProcess *ret, CtrError *err);

/* When its program was let run for the first time, CLOCK_REALTIME; of one that had no gate, when it
 * was made. 0 = it waits at its gate. */
uint64_t container_get_started_usec(const Container *c);

/* What is shown of a container; takes the strings of its state. */
void container_info_take(
        ContainerState *state, const ContainerProcess *process, uid_t owner, ContainerInfo *ret);

/* The cgroup that belongs to the container as a whole: its unit's, or the directory that was made
 * for it. -ENOENT when it has none. */
int container_get_cgroup(
        const Container *c, const ContainerProcess *process, char ret[static CGROUP_PATH_MAX]);

/* A container that ended while it was frozen, or being frozen: what PID 1 starts then in the cgroup
 * of a service (the exit record, poststop hooks) would be frozen too until TimeoutStopSec= is over.
 * PID 1 itself thaws no unit that is not active. */
void container_thaw_dead(const Container *c, const ContainerProcess *process);

/* Is it the init of a pid namespace? If not, killing it leaves its children. */
bool container_has_pid_namespace(const ContainerProcess *process);

/* The process by pidfd, which cannot come to mean another one. CTR_ERROR_CONTAINER_NOT_RUNNING when
 * it ended meanwhile. */
int container_open_process(const ContainerProcess *process, CtrError *err);
