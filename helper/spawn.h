/* Processes and what passes between them: the only file that clones. */
#pragma once

#include "helper/context.h"

#include <signal.h>

/* Starts a hook in a session of its own with this standard input; *pidfd waits for it. Returns its
 * pid or -errno. Whether its execve failed is in ctx->progress->hook_errno once it has ended. */
pid_t spawn_hook(Context *ctx, const char *path, char *const *argv, char *const *env, int stdin_fd,
        int *pidfd);

/* Runs a function in a short-lived process that shares this one's memory and descriptors, while
 * this one waits: what it opens is open here too. It is born in the pid namespace that was joined
 * for the clone. Returns what the function returned, or -errno. */
int spawn_borrow(Context *ctx, int (*function)(void *argument), void *argument);

/* Kills the clone when there is one that does not run the payload, and waits until it is gone. */
void spawn_kill_clone(Context *ctx);

/* Tells ctr-exec, before the execve. */
int spawn_send(Context *ctx, SyncMessage message, CtrError *err);

/* Lets the payload run, once PID 1 was told that the unit is up. */
void spawn_release_clone(Context *ctx);

/* Waits for this message of the other side. */
int spawn_await(Context *ctx, SyncMessage message, CtrError *err);

/* Serves the signals of a traced clone whose payload runs, when ctx->trace_fd is readable. */
void spawn_attend_clone(Context *ctx);

/* The same in ctr-exec, for a clone that may have been told to stop at the gate instead: then
 * ctx->is_stopped. */
int spawn_await_or_stop(Context *ctx, SyncMessage message, CtrError *err);

/* A process that does nothing, in new namespaces (CLONE_NEW* flags), until it is ended. Returns its
 * pid or -errno. */
pid_t spawn_idle(uint64_t flags);
void spawn_end_idle(pid_t pid);

/* Every signal handled by default (ctr-exec itself ignores SIGPIPE), none blocked: for what is
 * executed. */
static inline void spawn_reset_signals(void)
{
        sigset_t none;

        (void) signal(SIGPIPE, SIG_DFL);
        (void) sigemptyset(&none);
        (void) sigprocmask(SIG_SETMASK, &none, NULL);
}

/* fork(2), of a clone that stays as an init: its filter may know no newer call. */
pid_t spawn_payload(void);
