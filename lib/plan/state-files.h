/* The files of one container's state directory (STATE), by name. Written by temporary file and
 * rename. */
#pragma once

#define STATE_FILE_PROGRAM "program"
#define STATE_FILE_GATE                                                                            \
        "gate" /* the listening socket of a created container, gone once it was opened */
#define STATE_FILE_STARTED                                                                         \
        "started" /* its gate was opened: later invocations of the unit run without one */
#define STATE_FILE_RESTORE                                                                         \
        "restore" /* the program that restores a checkpoint, gone once it did: instead of the      \
                     other */
#define STATE_FILE_RESTORE_SOCKET "restore.sock"
#define STATE_FILE_STAGE          "stage"        /* directory: see the operation of this name */
#define STATE_FILE_CHECKPOINTED   "checkpointed" /* it ended because its images were written */
#define STATE_FILE_PID            "pid"          /* "PID STARTTIME INVOCATION_ID\n", by ctr-exec */
#define STATE_FILE_LIVE           "live"         /* a symbolic link: see runtime/live-record.h */
#define STATE_FILE_EXIT           "exit" /* "RESULT CODE STATUS INVOCATION_ID\n", by ctr-exec record-exit */
#define STATE_FILE_ERROR                                                                           \
        "error" /* one line, by ctr-exec when a start failed; removed by the next start */
#define STATE_FILE_LIMITS                                                                          \
        "limits" /* "PIDS_MAX MEMORY_MAX INVOCATION_ID\n", from `prepare` to `run` */
#define STATE_FILE_POSTSTOP                                                                        \
        "poststop" /* "INVOCATION_ID\n" of the run whose poststop hooks are done */
#define STATE_FILE_NOTIFY                                                                          \
        "notify" /* directory with the socket of an engine's container for its notifications */
#define STATE_FILE_NOTIFY_SOCKET "notify.sock"
#define STATE_FILE_HEALTH        "health" /* "STATUS FAILURES SINCE_MSEC INVOCATION_ID UP SUCCESSES\n" */
#define STATE_FILE_HEALTH_OUTPUT                                                                   \
        "health-output"             /* what the last check wrote, after "INVOCATION_ID\n" */
#define STATE_FILE_OOM        "oom" /* kills for memory up to the last end: "N CGROUP-INODE\n" */
#define STATE_FILE_NAMESPACES "ns"  /* directory of pinned namespaces */
#define STATE_FILE_UNIT       "unit" /* of a configured one: the units that ctr-generator made of it */
#define STATE_UNIT_MARK       "#: " /* and a name: one beside its own follows there */
#define STATE_FILE_CONFIG     "config.json"
#define STATE_FILE_STATE      "state.json"
