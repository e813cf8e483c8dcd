/* Containers of engines: see engine.h. */
#include "runtime/engine.h"

#include "runtime/helper-spawn.h"
#include "runtime/placement-remove.h"
#include "runtime/placement.h"

#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

static int receive(int fd, LaunchReply *ret, int *ret_pidfd, CtrError *err)
{
        int r = launch_receive(fd, ret, ret_pidfd, err);

        if (r < 0)
                return r;
        if (r == 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, 0, "ctr-exec ended without an answer");
        return ret->kind == LAUNCH_FAILED ? launch_reply_error(ret, err) : 0;
}

/* A clone that failed takes the placement with it; it knows better than PID 1 why. */
static int place(Creation *c, int socket_fd, int pidfd, CtrError *err)
{
        struct pollfd pollfd = { .fd = pidfd, .events = POLLIN };
        int r;

        r = placement_make(c, c->payload, err);
        if (r < 0 && poll(&pollfd, 1, 0) <= 0)
                return r;
        return launch_send_placed(socket_fd, err);
}

static int start(Creation *c, int socket_fd, LaunchReply *ret, int *ret_pidfd, CtrError *err)
{
        _cleanup_close_ int pidfd = -EBADF;
        int r;

        r = receive(socket_fd, ret, &pidfd, err);
        if (r < 0)
                return r;
        if (ret->kind != LAUNCH_CLONED || pidfd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EPROTO, "launch reply");
        c->payload = ret->pid;
        r = place(c, socket_fd, pidfd, err);
        if (r >= 0)
                r = receive(socket_fd, ret, ret_pidfd, err);
        if (r >= 0 && ret->between > 0)
                (void) helper_wait(ret->between);
        /* What was placed was criu, which has ended and left the payload there. */
        if (r >= 0 && c->options->restore) {
                (void) helper_wait(c->payload);
                c->payload = ret->pid;
        }
        return r;
}

int engine_start(Creation *c, const LaunchFds *fds, LaunchReply *ret, int *ret_pidfd, CtrError *err)
{
        _cleanup_close_ int ours = -EBADF, theirs = -EBADF;
        /* A payload with a terminal of its own has no use for our output. What waits at the gate
         * would hold it open: containerd's shim reads it to its end before it calls start. */
        bool is_silent = c->bundle.spec->process.has_terminal && c->options->console_socket;
        int r;

        r = launch_socket_pair(&ours, &theirs, err);
        if (r >= 0)
                r = launch_send_request(ours, fds, err);
        if (r >= 0)
                r = helper_spawn("run", c->name.directory,
                        &(HelperFds){ .program = -EBADF, .socket = theirs, .cgroup = -EBADF },
                        is_silent, &c->helper, err);
        closep(&theirs);
        return r < 0 ? r : start(c, ours, ret, ret_pidfd, err);
}

void engine_abort(Creation *c)
{
        /* Our child until it is waited for: the number cannot mean another process. */
        if (c->payload > 0)
                (void) kill(c->payload, SIGKILL);
        if (c->helper > 0)
                (void) helper_wait(c->helper);
        if (c->payload > 0)
                (void) helper_wait(c->payload);
        c->helper = c->payload = 0;
}

int engine_reap(Creation *c, int *ret_status, CtrError *err)
{
        int r = helper_wait(c->payload);

        if (r < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, r, "waiting for process %d", (int) c->payload);
        *ret_status = r;
        (void) helper_wait(c->helper);
        c->helper = c->payload = 0;
        return 0;
}

void engine_remove(Creation *c)
{
        ContainerProcess process;
        Container container;

        if (container_open(c->runtime, c->name.id, &container, NULL) < 0)
                return;
        if (container_get_process(&container, &process, NULL) >= 0)
                placement_end(&container, &process);
        if (c->bundle.spec->hooks[SPEC_HOOK_POSTSTOP].n > 0)
                helper_run_poststop(container.directory, false);
        container_done(&container);
        (void) state_dir_remove(c->runtime, c->name.id, false, NULL);
}
