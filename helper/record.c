/* What stays of a container outside of it: its pid, pinned namespaces, and after its end the exit
 * record. All of it is written and removed with the host's paths, in the 0700 directory STATE. */
#include "helper/record.h"

#include "base/io.h"
#include "base/notify-socket.h"
#include "base/rdt.h"
#include "helper/interpret.h"
#include "helper/kernel.h"
#include "helper/load.h"
#include "helper/mount.h"
#include "helper/ops.h"
#include "plan/state-files.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define HOOK_SLACK_USEC     UINT64_C(2000000)
#define HOOK_UNLIMITED_USEC UINT64_C(90000000) /* systemd's own patience with what it stops */
#define HOOK_USEC_MAX       UINT64_C(3600000000)

/* Directory of a host path, and its last component in *name. */
static int open_parent(const char *path, const char **name)
{
        const char *slash = strrchr(path, '/');
        char directory[4096];
        int fd;

        if (path[0] != '/' || !slash[1] || (size_t) (slash - path) + 1 >= sizeof(directory))
                return -EINVAL;
        (void) snprintf(directory, sizeof(directory), "%.*s", (int) (slash - path + 1), path);
        fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 && errno == ENOENT && mkdir(directory, 0700) >= 0)
                fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        *name = slash + 1;
        return fd < 0 ? -errno : fd;
}

int op_record_pid(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *path = op_string(ctx, op, 0), *name;
        _cleanup_close_ int fd = open_parent(path, &name);
        uint64_t starttime;
        char text[128];
        int n, r;

        r = fd < 0 ? fd : ctr_process_starttime(ctx->child_pid, &starttime);
        if (r >= 0) {
                n = snprintf(text, sizeof(text), "%d %llu %.48s\n", (int) ctx->child_pid,
                        (unsigned long long) starttime, ctx->invocation_id);
                r = ctr_write_file_atomic(fd, name, text, (size_t) n, 0600);
        }
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "%s", path);
        return 0;
}

/* Makes the file to pin on; what an earlier invocation pinned there goes. */
static int open_pin(const char *path)
{
        const char *name;
        _cleanup_close_ int dir_fd = open_parent(path, &name);
        int fd;

        if (dir_fd < 0)
                return dir_fd;
        if (fchdir(dir_fd) < 0)
                return -errno;
        (void) umount2(name, MNT_DETACH | UMOUNT_NOFOLLOW);
        if (chdir("/") < 0)
                return -errno;
        fd = openat(dir_fd, name, O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
        return fd < 0 ? -errno : fd;
}

int op_pin_namespace(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *path = op_string(ctx, op, 0), *name = op_string(ctx, op, 1);
        _cleanup_close_ int target_fd = -EBADF, mount_fd = -EBADF;
        char file[64];
        int r;

        (void) snprintf(file, sizeof(file), "ns/%.40s", name);
        mount_fd = open_tree(ctx->child_proc_fd, file, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
        if (mount_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "namespace %s", name);
        target_fd = open_pin(path);
        r = target_fd < 0 ? target_fd : mount_attach(mount_fd, target_fd);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "%s", path);
        return 0;
}

/* Unmounts and removes every file of STATE/ns. */
static void unpin_namespaces(int state_fd)
{
        _cleanup_close_ int fd = openat(
                state_fd, STATE_FILE_NAMESPACES, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        _Alignas(struct dirent64) char buf[4096];
        ssize_t n;

        if (fd < 0 || fchdir(fd) < 0)
                return;
        while ((n = sys_getdents64(fd, buf, sizeof(buf))) > 0)
                for (ssize_t i = 0; i < n;) {
                        struct dirent64 *d = (struct dirent64 *) (void *) (buf + i);

                        i += d->d_reclen;
                        if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
                                continue;
                        (void) umount2(d->d_name, MNT_DETACH | UMOUNT_NOFOLLOW);
                        (void) unlinkat(fd, d->d_name, 0);
                }
        if (chdir("/") >= 0)
                (void) unlinkat(state_fd, STATE_FILE_NAMESPACES, AT_REMOVEDIR);
}

static const char *variable(const char *name)
{
        const char *value = getenv(name);

        return value && *value && !strpbrk(value, " \n") ? value : "-";
}

static int write_exit(int state_fd, CtrError *err)
{
        char text[512];
        int n, r;

        n = snprintf(text, sizeof(text), "%.64s %.64s %.64s %.64s\n", variable("SERVICE_RESULT"),
                variable("EXIT_CODE"), variable("EXIT_STATUS"), variable("INVOCATION_ID"));
        r = ctr_write_file_atomic(state_fd, STATE_FILE_EXIT, text, (size_t) n, 0600);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot write the exit record");
        return 0;
}

/* Invocation whose poststop hooks were run last: "" when none. */
static void read_marker(int state_fd, char marker[static 64])
{
        _cleanup_close_ int fd =
                openat(state_fd, STATE_FILE_POSTSTOP, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        ssize_t n = fd < 0 ? 0 : read(fd, marker, 63);

        marker[n > 0 ? n : 0] = '\0';
        marker[strcspn(marker, "\n")] = '\0';
}

static bool has_gate(const Context *ctx)
{
        for (uint32_t i = 0; i < ctx->program.header->n_ops; i++)
                if (ctx->program.ops[i].opcode == PROGRAM_OP_OPEN_GATE)
                        return true;
        return false;
}

/* A unit's end has TimeoutStopSec=, which is for the payload: hooks have the time that their
 * configuration gives them (sd_notify(3), EXTEND_TIMEOUT_USEC). */
static void ask_for_time(const Context *ctx)
{
        const char *notify_socket = getenv("NOTIFY_SOCKET");
        uint64_t usec = HOOK_SLACK_USEC;
        char text[64];

        for (uint32_t i = 0; i < ctx->program.header->n_ops; i++) {
                const ProgramOp *op = &ctx->program.ops[i];

                if (interpret_is_poststop(ctx, op))
                        usec += op->number[0] > 0 ? MIN_OF(op->number[0], HOOK_USEC_MAX)
                                                  : HOOK_UNLIMITED_USEC;
        }
        (void) snprintf(text, sizeof(text), "EXTEND_TIMEOUT_USEC=%llu", (unsigned long long) usec);
        if (notify_socket && usec > HOOK_SLACK_USEC)
                (void) notify_socket_send(notify_socket, text, -EBADF, 0);
}

/* The hooks come from the program, which is there unless the start failed before it was compiled.
 * Marked before they run: a hook is never run twice. */
static int run_poststop(int state_fd, bool is_delete, CtrError *err)
{
        const char *invocation = variable("INVOCATION_ID");
        _cleanup_close_ int fd = openat(
                state_fd, STATE_FILE_PROGRAM, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        Context ctx = context_empty();
        char marker[64], text[64];
        Program program;
        int n, r;

        if (fd < 0)
                return 0;
        r = load_program(fd, &program, err);
        if (r >= 0)
                r = context_init(&ctx, &program, err);
        if (r < 0)
                return r;
        /* What was made by `create` is stopped, and its hooks run, when it is deleted. */
        if (!is_delete && has_gate(&ctx))
                return 0;
        read_marker(state_fd, marker);
        if (strcmp(marker, invocation) == 0 || (is_delete && marker[0]))
                return 0;
        n = snprintf(text, sizeof(text), "%.60s\n", invocation);
        r = ctr_write_file_atomic(state_fd, STATE_FILE_POSTSTOP, text, (size_t) n, 0600);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "poststop marker");
        ctx.payload_umask = 022;
        if (!is_delete)
                ask_for_time(&ctx);
        interpret_poststop(&ctx);
        for (size_t i = 0; i < ELEMENTSOF(ctx.hook_output_fd); i++)
                closep(&ctx.hook_output_fd[i]);
        return 0;
}

static int open_state(const char *state_dir, CtrError *err)
{
        int fd = open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot open %s", state_dir);
        return fd;
}

int record_exit(const char *state_dir, CtrError *err)
{
        _cleanup_close_ int fd = open_state(state_dir, err);
        int r;

        /* Deleted already: nothing to record, and no reason to fail the unit. */
        if (fd < 0)
                return fd == -ENOENT ? 0 : fd;
        r = write_exit(fd, err);
        unpin_namespaces(fd);
        rdt_release(fd);
        if (r < 0)
                return r;
        return run_poststop(fd, false, err);
}

int record_poststop(const char *state_dir, CtrError *err)
{
        _cleanup_close_ int fd = open_state(state_dir, err);

        return fd < 0 ? fd : run_poststop(fd, true, err);
}
