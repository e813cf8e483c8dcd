/* What ctr-exec needs around it, made for one test: a mount namespace of its own, a tiny root file
 * system with the probe, a state directory, a socket in PID 1's place. The test's process is the
 * parent of ctr-exec and, by CLONE_PARENT, of the payload. */
#pragma once

#include "plan/launch.h"
#include "unit/program-builder.h"

#include <pthread.h>
#include <sys/types.h>

typedef struct Host {
        char path[64]; /* a tmpfs: rootfs/, state/, notify, out, err */
        char rootfs[96];
        char state[96];
        int notify_fd;  /* PID 1's socket, read by a thread as soon as something comes */
        int read_fd[2]; /* what it has read: see host_notified() */
        pthread_t reader;
        int stdin_fd;    /* given to ctr-exec as standard input, -EBADF = /dev/null */
        int extra_fd[2]; /* as descriptors 3 and 4, -EBADF = none */
        unsigned n_mounts;
        pid_t helper_pid;
} Host;

/* How everything ended. Statuses as of waitpid(2), -1 = there was no such process. */
typedef struct Outcome {
        int helper_status;
        int payload_status;
        pid_t payload_pid;
        char out[256 * 1024];
        char err[8192];
        char error_file[1024]; /* STATE/error, "" = none */
        char notified[1024];   /* all messages, one after the other */
} Outcome;

/* Skips the test with a reason where it cannot be made. */
void host_init(Host *h);

/* Checks that no mount is left, and removes everything. */
void host_done(Host *h);

/* A file below the host's directory. */
void host_write(const Host *h, const char *path, const char *text, mode_t mode);
const char *host_path(const Host *h, const char *path); /* valid until the next but three */

/* Starts `ctr-exec VERB STATE` (no argument for "exec") with the program as STATE/program, or as
 * descriptor 3 for "exec". */
void host_start(Host *h, const Builder *b, ProgramKind kind, const char *verb);

/* Waits for ctr-exec and everything that it left, and reads what they wrote. */
void host_wait(Host *h, Outcome *ret);

/* The same up to the end of ctr-exec alone. Returns its status. */
int host_wait_helper(Host *h);

/* Next message to the notify socket that PID 1 has dealt with, "" after the timeout. Barriers are
 * answered, not returned. */
const char *host_notified(const Host *h, int timeout_msec);

/* What a file of STATE says, "" when there is none; valid until the next but three. */
const char *host_state(const Host *h, const char *name);

/* Connects to STATE/gate. */
int host_open_gate(const Host *h);

/* A reply on a launch or gate socket: false at its end. *pidfd gets the descriptor that came along.
 */
bool host_receive(int fd, LaunchReply *reply, int *pidfd);

/* Value of the n-th "key=value" line with this key, NULL when there is none; valid until the next
 * but three. */
const char *outcome_fact(const Outcome *o, const char *key, unsigned n);

/* The line "key=value" whose value begins with `prefix`: the rest of its value. */
const char *outcome_line(const Outcome *o, const char *key, const char *prefix);

/* The operations of an ordinary container around the test's own: call in this order, with anything
 * in between that belongs to the stage. Slot 0 is the rootfs. */
void container_prepare(Host *h, Builder *b);
void container_clone(Builder *b, uint64_t flags);
void container_attach(Builder *b); /* propagation, rootfs, proc */
void container_pivot(Builder *b);
void container_exec(Builder *b, const char *const *argv, const char *const *env);

/* Shorthands for operations by their usual arguments: none, one string, two strings, a message. */
void plain_op(Builder *b, ProgramStage stage, ProgramOpcode opcode);
void path_op(Builder *b, ProgramStage stage, ProgramOpcode opcode, const char *path);
void pair_op(Builder *b, ProgramStage stage, ProgramOpcode opcode, const char *first,
        const char *second);
void send_op(Builder *b, ProgramStage stage, SyncMessage message);
void await_op(Builder *b, ProgramStage stage, SyncMessage message);
void notify_op(Builder *b, const char *status);

/* Fails the test unless the process exited with this code; shows what ctr-exec wrote. */
void outcome_check_exited(const Outcome *o, int status, int code);

/* Milliseconds of the monotonic clock. */
int64_t now_msec(void);

#define CONTAINER_FLAGS 0x6c020000ULL /* CLONE_NEWPID|NEWNET|NEWIPC|NEWUTS|NEWNS */
#define ARGV(...)       ((const char *const[]){ __VA_ARGS__, NULL })
