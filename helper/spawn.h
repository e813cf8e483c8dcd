/* Processes: the only file that clones. */
#pragma once

#include "helper/context.h"

#include <signal.h>

/* Starts a hook in a session of its own with this standard input, under a filter (a seccomp
 * operation) unless that is NULL; *pidfd waits for it. Returns its pid or -errno. Whether its
 * execve failed is in ctx->progress->hook_errno once it has ended. */
pid_t spawn_hook(Context *ctx, const ProgramOp *op, char *const *argv, char *const *env,
        int stdin_fd, const ProgramOp *filter, int *pidfd);

/* Runs a function in a short-lived process that shares this one's memory and descriptors, while
 * this one waits: what it opens is open here too. It is born in the pid namespace that was joined
 * for the clone. Returns what the function returned, or -errno. */
int spawn_borrow(Context *ctx, int (*function)(void *argument), void *argument);

/* Kills the clone when there is one that does not run the payload, and waits until it is gone. */
void spawn_kill_clone(Context *ctx);

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

/* fork(2) of a sibling, in the pid namespace that was joined for it: by a call that filters know.
 */
pid_t spawn_sibling(void);

/* A pidfd, and the directory in the host's /proc, of the same process. 0 or -errno. */
int spawn_open_process(pid_t pid, int *ret_pidfd, int *ret_proc_fd);

/* The number in our pid namespace of a pidfd's process. 0 or -errno. */
int spawn_find_pid(int pidfd, pid_t *ret);

/* fork(2), of a clone that stays as an init: its filter may know no newer call. */
pid_t spawn_payload(void);

/* Binds and listens on a socket (mode 0600) of this name in the directory. A descriptor or -errno.
 */
int spawn_bind_gate(int dir_fd, const char *name);

/* Before the clone says that it waits at the gate: can it? 0, or -EMFILE with *err. */
int spawn_check_gate(const Context *ctx, CtrError *err);
