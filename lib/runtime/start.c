/* start: the gate of a created container is opened. No bus. */
#include "runtime/container.h"
#include "runtime/launch-client.h"
#include "runtime/notify-forward.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

/* The gate's path may be longer than a socket address: go through the directory's descriptor. */
static int connect_gate(const Container *c, CtrError *err)
{
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        struct sockaddr_un address = { .sun_family = AF_UNIX };

        (void) snprintf(address.sun_path, sizeof(address.sun_path),
                "/proc/self/fd/%d/" STATE_FILE_GATE, c->dir_fd);
        if (fd < 0 || connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0) {
                if (errno == ENOENT || errno == ECONNREFUSED)
                        return ctr_error_set(err, CTR_ERROR_BAD_STATE, 0,
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
                        err, CTR_ERROR_BAD_STATE, 0, "cannot start an already running container");
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

/* What the gate says: one record of a failure, or its end, which comes with the execve. A
 * connection that was never accepted is reset: another `start` was first. */
static int read_gate(int gate, CtrError *err)
{
        _cleanup_close_ int pidfd = -EBADF;
        struct pollfd pollfd = { .fd = gate, .events = POLLIN };
        LaunchReply reply;
        socklen_t size = sizeof(int);
        int r, error = 0;

        while (poll(&pollfd, 1, -1) < 0)
                if (errno != EINTR)
                        return ctr_error_set(
                                err, CTR_ERROR_SYSTEM, errno, "waiting for the container");
        if (getsockopt(gate, SOL_SOCKET, SO_ERROR, &error, &size) >= 0 && error == ECONNRESET)
                return ctr_error_set(
                        err, CTR_ERROR_BAD_STATE, 0, "cannot start an already running container");
        r = launch_receive(gate, &reply, &pidfd, err);
        if (r > 0)
                return launch_reply_error(&reply, err);
        return r;
}

/* ctr-exec closes the gate for good a moment after the execve: then the container's status is
 * "running" for all. It says so in STATE/error if there was no execve because the process was
 * killed at the gate. */
static int await_running(const Container *c, CtrError *err)
{
        struct timespec pause = { .tv_nsec = 100000 };
        ContainerProcess process;
        char text[512];
        int r;

        for (unsigned i = 0; i < 10000; i++) {
                r = container_get_process(c, &process, err);
                if (r < 0)
                        return r;
                if (error_record_read(c->dir_fd, text, sizeof(text)))
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, 0, "%s", text);
                if (process.status != CONTAINER_CREATED)
                        return 0;
                (void) nanosleep(&pause, NULL);
        }
        return ctr_error_set(err, CTR_ERROR_SYSTEM, ETIMEDOUT, "waiting for the container to run");
}

/* After a failed start: the record comes a moment before the process that sent it is gone. */
static void await_stopped(const Container *c)
{
        struct timespec pause = { .tv_nsec = 100000 };
        ContainerProcess process;

        for (unsigned i = 0; i < 50000; i++) {
                if (container_get_process(c, &process, NULL) < 0 ||
                        process.status != CONTAINER_CREATED)
                        return;
                (void) nanosleep(&pause, NULL);
        }
}

/* An engine's container that says when it is ready. Its process is held by a pidfd from before the
 * start on. */
typedef struct Readiness {
        int notify_fd, pidfd;
        pid_t pid;
} Readiness;

static void readiness_done(Readiness *readiness)
{
        closep(&readiness->notify_fd);
        closep(&readiness->pidfd);
}

static int readiness_begin(const Container *c, Readiness *ret, CtrError *err)
{
        ContainerProcess process;
        int r = 0;

        if (c->state.mode != PLAN_SERVICE)
                r = notify_forward_begin(c->dir_fd, &ret->notify_fd, err);
        if (r < 0 || ret->notify_fd < 0)
                return r;
        r = container_get_process(c, &process, err);
        if (r >= 0)
                r = ret->pidfd = container_open_process(&process, err);
        ret->pid = process.pid;
        return r;
}

int runtime_start(const Runtime *rt, const char *id, CtrError *err)
{
        _cleanup_(readiness_done) Readiness readiness = { -EBADF, -EBADF, 0 };
        _cleanup_close_ int gate = -EBADF;
        Container c;
        int r;

        r = container_open(rt, id, &c, err);
        if (r < 0)
                return r;
        r = check_startable(&c, err);
        if (r >= 0)
                r = readiness_begin(&c, &readiness, err);
        if (r >= 0)
                r = gate = connect_gate(&c, err);
        if (r >= 0) {
                r = read_gate(gate, err);
                if (r < 0)
                        await_stopped(&c);
        }
        if (r >= 0)
                r = await_running(&c, err);
        if (r >= 0)
                r = notify_forward_until_ready(
                        readiness.notify_fd, readiness.pidfd, readiness.pid, err);
        container_done(&c);
        return r;
}
