/* The main process of a unit, seen by somebody who is not its parent: signals and its end by
 * pidfd, and how it ended, exactly. The first process of a container or one of a session. */
#pragma once

#include "base/name.h"
#include "runtime/process-exit.h"
#include "runtime/runtime.h"
#include "sd/sd-connection.h"

typedef struct UnitProcess {
        char unit[CTR_UNIT_NAME_MAX];
        pid_t pid; /* 0 = none */
        int pidfd;
        int state_fd;     /* directory of the exit record; negative = there is none */
        SdConnection bus; /* has a reference on the unit when connected */
        bool has_end;     /* the unit was released: it may be loaded no more */
        ProcessEnd end;
} UnitProcess;

#define UNIT_PROCESS_NULL                                                                          \
        (UnitProcess)                                                                              \
        {                                                                                          \
                .pidfd = -EBADF, .state_fd = -EBADF                                                \
        }

/* The first process of a container. CTR_ERROR_CONTAINER_NOT_RUNNING when it has none. Of one that
 * is held from before its end on the end is known for certain; wants_reference false: only as far
 * as the kernel or the exit record tell. */
int unit_process_open(
        const Runtime *rt, const char *id, bool wants_reference, UnitProcess *ret, CtrError *err);

/* Whether it ended. */
bool unit_process_has_ended(const UnitProcess *p);

/* CTR_ERROR_PROCESS_NOT_EXECUTED for one that ended. */
int unit_process_signal(const UnitProcess *p, int signal_number, CtrError *err);

/* Waits for its end. Blocks; may be called again. */
int unit_process_wait(UnitProcess *p, ProcessEnd *ret, CtrError *err);

/* Releases what is held; the process goes on. */
void unit_process_done(UnitProcess *p);

/* The end of a container's first process, whoever started it, now or after it is over: waits for
 * one that runs. */
int runtime_wait(const Runtime *rt, const char *id, ProcessEnd *ret, CtrError *err);
