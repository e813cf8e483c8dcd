/* create and start: a container that waits at its gate, and opening it. */
#include "runtime/caller-fds.h"
#include "runtime/creation.h"
#include "runtime/launch-client.h"
#include "runtime/terminal.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static int create(Creation *c, LaunchFds *fds, CtrError *err)
{
        _cleanup_close_ int pidfd = -EBADF;
        Terminal terminal;
        LaunchReply reply;
        int r;

        r = terminal_begin(&terminal, c->bundle.spec->process.has_terminal,
                c->options->console_socket, fds, err);
        if (r >= 0)
                r = creation_start(c, fds, -EBADF, &reply, &pidfd, err);
        if (r >= 0)
                r = creation_announce(c, &reply, pidfd, err);
        if (r < 0)
                creation_abort(c, err);
        terminal_done(&terminal);
        return r;
}

int runtime_create(const Runtime *rt, const RuntimeCreate *options, CtrError *err)
{
        CtrError unused;
        LaunchFds fds;
        Creation c;
        int r;

        if (!err)
                err = &unused;
        r = caller_fds_collect(options->n_preserve_fds, true, &fds, err);
        if (r < 0)
                return r;
        r = creation_begin(&c, rt, options, PLAN_TRANSIENT_CREATE, err);
        if (r < 0)
                return r;
        r = create(&c, &fds, err);
        caller_fds_done(&fds);
        creation_done(&c);
        return r;
}

/* The gate's path may be longer than a socket address: go through the directory's descriptor. */
static int connect_gate(const Container *c, CtrError *err)
{
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        struct sockaddr_un address = { .sun_family = AF_UNIX };

        (void) snprintf(address.sun_path, sizeof(address.sun_path),
                "/proc/self/fd/%d/" STATE_FILE_GATE, c->dir_fd);
        if (fd < 0 || connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0) {
                if (errno == ENOENT || errno == ECONNREFUSED)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, 0,
                                "cannot start an already running container");
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot connect to the gate");
        }
        return TAKE_FD(fd);
}

static int check_startable(const Container *c, CtrError *err)
{
        ContainerProcess process;
        int r;

        r = container_get_process(c, &process, err);
        if (r < 0)
                return r;
        switch (process.status) {
        case CONTAINER_CREATED:
                return 0;
        case CONTAINER_RUNNING:
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, 0, "cannot start an already running container");
        case CONTAINER_STOPPED:
                return ctr_error_set(err, CTR_ERROR_CONTAINER_NOT_RUNNING, 0,
                        "cannot start a container that has stopped");
        case CONTAINER_PAUSED:
                return ctr_error_set(
                        err, CTR_ERROR_CONTAINER_PAUSED, 0, "cannot start a paused container");
        default:
                return ctr_error_set(err, CTR_ERROR_SYSTEM, 0,
                        "cannot start a container in the %s state",
                        container_status_name(process.status));
        }
}

int runtime_start(const Runtime *rt, const char *id, CtrError *err)
{
        _cleanup_close_ int gate = -EBADF, pidfd = -EBADF;
        LaunchReply reply;
        Container c;
        int r;

        r = container_open(rt, id, &c, err);
        if (r < 0)
                return r;
        r = check_startable(&c, err);
        if (r >= 0)
                r = gate = connect_gate(&c, err);
        if (r >= 0)
                r = launch_receive(gate, &reply, &pidfd, err);
        if (r > 0)
                r = reply.kind == LAUNCH_FAILED ? launch_reply_error(&reply, err) : 0;
        /* ctr-exec does it too, a moment later: who asks now must not see "created". */
        if (r >= 0)
                (void) unlinkat(c.dir_fd, STATE_FILE_GATE, 0);
        container_done(&c);
        return r;
}
