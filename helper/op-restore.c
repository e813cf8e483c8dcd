/* Restoring a checkpoint, ctr-exec's side. The clone executes criu, which makes the container's
 * processes as its siblings (--restore-sibling): children of whoever started ctr-exec, as any
 * payload is. When all are made criu's action script tells us and waits: in that moment PID 1
 * learns its new main process, pins and records are made, and mounts get the attributes that
 * config.json gives them, whatever the image says (criu 3.17 forgets those of an external mount
 * that has the superblock and the flags of another one). Then the processes run, and criu ends. */
#include "helper/ops.h"

#include "base/criu-log.h"
#include "helper/cgroup.h"
#include "helper/kernel.h"
#include "helper/launch.h"
#include "helper/mount.h"
#include "helper/notify.h"
#include "helper/resolve.h"
#include "helper/restored.h"
#include "helper/spawn.h"
#include "helper/sync.h"
#include "plan/state-files.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { ATTR_OPTIONAL = 1, ATTR_TREE = 2, RESUME_NOTIFY = 1 };

int op_open_restore(Context *ctx, const ProgramOp *op, CtrError *err)
{
        int fd = spawn_bind_gate(ctx->state_fd, STATE_FILE_RESTORE_SOCKET);

        if (fd < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, fd, "cannot bind %s", op_string(ctx, op, 0));
        ctx->restore_fd = fd;
        return 0;
}

/* ---- what went wrong ---- */

static int criu_failed(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *path = op_string(ctx, op, 0);
        char *buf = arena_alloc(&ctx->arena, CRIU_LOG_TAIL_MAX);

        if (!buf)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "criu failed");
        return ctr_error_set(err, CTR_ERROR_SYSTEM, 0, "criu: %.400s (see %.400s)",
                criu_log_read_error(path, buf, CRIU_LOG_TAIL_MAX), path);
}

/* ---- waiting for criu ---- */

/* The next report of the script, whose connection is kept in *ret_fd. 0 when there is none any
 * more: criu has ended. */
static int next_report(Context *ctx, int criu_pidfd, RestoredReport *ret, int *ret_fd)
{
        struct pollfd fds[] = { { .fd = ctx->restore_fd, .events = POLLIN },
                { .fd = criu_pidfd, .events = POLLIN } };

        for (;;) {
                _cleanup_close_ int fd = -EBADF;

                if (poll(fds, ELEMENTSOF(fds), -1) < 0) {
                        if (errno == EINTR)
                                continue;
                        return -errno;
                }
                if (!fds[0].revents)
                        return 0;
                fd = accept4(ctx->restore_fd, NULL, NULL, SOCK_CLOEXEC);
                if (fd < 0 || recv(fd, ret, sizeof(*ret), 0) != sizeof(*ret))
                        continue;
                ret->action[sizeof(ret->action) - 1] = '\0';
                *ret_fd = TAKE_FD(fd);
                return 1;
        }
}

static void answer(int *fd)
{
        (void) send(*fd, "", 1, MSG_NOSIGNAL);
        closep(fd);
}

/* The clone executes criu. */
static int await_criu(Context *ctx, CtrError *err)
{
        int r = sync_await(ctx, SYNC_EXECUTING, err);

        if (r < 0)
                return r;
        r = sync_receive(ctx, err);
        return r == 0 ? 0 : r < 0 ? r : ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG, "criu");
}

static bool is_same_directory(int a, int b)
{
        struct stat st_a, st_b;

        return a >= 0 && b >= 0 && fstat(a, &st_a) >= 0 && fstat(b, &st_b) >= 0 &&
               st_a.st_dev == st_b.st_dev && st_a.st_ino == st_b.st_ino;
}

/* Not by the number alone: it has to be in the cgroup that the clone is in, and not to be gone. */
static int take_child(Context *ctx, pid_t pid, CtrError *err)
{
        _cleanup_close_ int criu_cgroup_fd = cgroup_open_child(ctx), cgroup_fd = -EBADF;
        char name[32];

        ctx->criu_pidfd = TAKE_FD(ctx->child_pidfd);
        closep(&ctx->child_proc_fd);
        ctx->child_pid = pid;
        ctx->child_pidfd = pid > 0 ? pidfd_open(pid, 0) : -EBADF;
        (void) snprintf(name, sizeof(name), "/proc/%d", (int) pid);
        ctx->child_proc_fd = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (ctx->child_pidfd >= 0 && ctx->child_proc_fd >= 0)
                cgroup_fd = cgroup_open_child(ctx);
        if (!is_same_directory(criu_cgroup_fd, cgroup_fd))
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, ESRCH, "the restored process %d", (int) pid);
        return 0;
}

int op_await_restored(Context *ctx, const ProgramOp *op, CtrError *err)
{
        RestoredReport report;
        int r;

        r = await_criu(ctx, err);
        if (r < 0)
                return r;
        for (;;) {
                _cleanup_close_ int fd = -EBADF;

                r = next_report(ctx, ctx->child_pidfd, &report, &fd);
                if (r < 0)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "waiting for criu");
                if (r == 0)
                        return criu_failed(ctx, op, err);
                if (strcmp(report.action, RESTORED_MADE) == 0) {
                        ctx->restore_peer_fd = TAKE_FD(fd);
                        return take_child(ctx, report.pid, err);
                }
        }
}

/* ---- mounts ---- */

typedef struct AttrRequest {
        Context *ctx;
        const char *target;
        MountChange change;
} AttrRequest;

static int change_in_namespace(void *argument)
{
        AttrRequest *request = argument;
        _cleanup_close_ int ns_fd =
                openat(request->ctx->child_proc_fd, "ns/mnt", O_RDONLY | O_CLOEXEC);
        _cleanup_close_ int root_fd = -EBADF, fd = -EBADF;

        if (ns_fd < 0 || setns(ns_fd, CLONE_NEWNS) < 0)
                return -errno;
        root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (root_fd < 0)
                return -errno;
        fd = resolve_open(root_fd, request->target, O_PATH, 0);
        return fd < 0 ? fd : mount_change(fd, &request->change);
}

int op_restored_attr(Context *ctx, const ProgramOp *op, CtrError *err)
{
        AttrRequest request = { .ctx = ctx,
                .target = op_string(ctx, op, 0),
                .change = { .set = op->number[0],
                        .clear = op->number[1],
                        .is_recursive = op->number[2] & ATTR_TREE } };
        int r = spawn_borrow(ctx, change_in_namespace, &request);

        if ((r == -ENOENT || r == -ENOTDIR) && op->number[2] & ATTR_OPTIONAL)
                return 0;
        if (r == -EINVAL)
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                        "%s is no mount of the container that was restored: the images are not of "
                        "this configuration",
                        request.target);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "%s", request.target) : 0;
}

/* ---- the end ---- */

static int tell_pid1(Context *ctx, CtrError *err)
{
        struct pollfd pollfd;
        int r = notify_ready(ctx, "running", err);

        if (r < 0)
                return r;
        /* It must have read that before the process can end. */
        pollfd = (struct pollfd){ .fd = ctx->main_told_fd, .events = POLLIN };
        while (pollfd.fd >= 0 && poll(&pollfd, 1, -1) < 0 && errno == EINTR)
                ;
        closep(&ctx->main_told_fd);
        return 0;
}

/* criu's exit status is its parent's to know. It says itself, last of all, that all processes run.
 */
static int await_end(Context *ctx, const ProgramOp *op, CtrError *err)
{
        struct pollfd pollfd = { .fd = ctx->criu_pidfd, .events = POLLIN };
        bool is_resumed = false;
        RestoredReport report;
        int fd = -EBADF, r;

        while ((r = next_report(ctx, ctx->criu_pidfd, &report, &fd)) > 0) {
                is_resumed = is_resumed || strcmp(report.action, RESTORED_RESUMED) == 0;
                answer(&fd);
        }
        while (r == 0 && poll(&pollfd, 1, -1) < 0 && errno == EINTR)
                ;
        return is_resumed ? 0 : criu_failed(ctx, op, err);
}

int op_resume_restored(Context *ctx, const ProgramOp *op, CtrError *err)
{
        int r = op->number[0] & RESUME_NOTIFY ? tell_pid1(ctx, err) : 0;

        if (r < 0)
                return r;
        answer(&ctx->restore_peer_fd);
        r = await_end(ctx, op, err);
        if (r < 0)
                return r;
        /* Restart= runs the container's own program. */
        (void) unlinkat(ctx->state_fd, STATE_FILE_RESTORE, 0);
        (void) unlinkat(ctx->state_fd, STATE_FILE_RESTORE_SOCKET, 0);
        (void) unlinkat(ctx->state_fd, STATE_FILE_STAGE, AT_REMOVEDIR);
        launch_reply_progress(ctx, LAUNCH_STARTED);
        return 0;
}
