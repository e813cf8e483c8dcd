/* The end of the set-up: the working directory, the environment and execve(2) of the payload. The
 * texts of a failing exec are those that container engines look for to tell "not found" from "not
 * executable". */
#include "helper/ops.h"

#include "helper/environment.h"
#include "helper/exec.h"
#include "helper/init.h"
#include "helper/kernel.h"
#include "helper/passwd.h"
#include "helper/resolve.h"
#include "helper/spawn.h"
#include "helper/sync.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define PASSWD_SIZE_MAX (1024U * 1024)
#define DEFAULT_PATH    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

enum {
        CHDIR_MAKE = 1,
        CHDIR_TRY = 2,
};

/* ---- the working directory ---- */

/* The kernel says "(unreachable)" for a directory outside of the root (CVE-2024-21626,
 * CVE-2016-9962). */
static int check_inside(void)
{
        char cwd[PATH_MAX];

        if (sys_getcwd(cwd, sizeof(cwd)) < 0)
                return errno == ERANGE ? 0 : -errno;
        return cwd[0] == '/' ? 0 : -EXDEV;
}

static int change_directory(Context *ctx, const char *path, bool wants_make)
{
        _cleanup_close_ int fd = -EBADF;

        fd = wants_make ? resolve_make(ctx->rootfs_fd, path, RESOLVE_DIRECTORY, 0755)
                        : resolve_open(ctx->rootfs_fd, path, O_PATH | O_DIRECTORY, 0);
        /* A filter of the container, loaded by now, may not know openat2. The root is the
         * container's, and descriptors that lead out of it are found below. */
        if (fd == -ENOSYS || fd == -EPERM)
                return chdir(path) < 0 ? -errno : check_inside();
        if (fd < 0)
                return fd;
        return fchdir(fd) < 0 ? -errno : check_inside();
}

int op_chdir(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *path = op_string(ctx, op, 0);
        int r;

        if (ctx->has_cwd)
                return 0;
        r = change_directory(ctx, path, op->number[0] & CHDIR_MAKE);
        if (r < 0 && !((op->number[0] & CHDIR_TRY) && (r == -EACCES || r == -EPERM))) {
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "%s%s", path,
                        r == -ELOOP ? " (a magic link of procfs, or too many links)" : "");
        }
        ctx->has_cwd = r >= 0;
        return 0;
}

/* ---- HOME ---- */

/* A pipe or a device is looked at and not opened, which would do something to it. Whoever changes
 * the file in between is in the container, and so are we. */
static int open_passwd(const Context *ctx)
{
        static const char path[] = "/etc/passwd";
        _cleanup_close_ int fd = resolve_open(ctx->rootfs_fd, path, O_PATH, 0);
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
                return -ENOENT;
        return resolve_open(ctx->rootfs_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
}

/* The text of the rootfs's passwd file, in memory that the execve gives back: only a regular file
 * of a sane size. */
static const char *read_passwd(const Context *ctx, size_t *ret_size)
{
        _cleanup_close_ int fd = open_passwd(ctx);
        struct stat st;
        size_t used = 0;
        char *text;

        if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size <= 0 ||
                (uint64_t) st.st_size > PASSWD_SIZE_MAX)
                return NULL;
        /* Read, not mapped: the file may be cut off while it is looked at. */
        text = mmap(NULL, (size_t) st.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                -1, 0);
        if (text == MAP_FAILED)
                return NULL;
        while (used < (size_t) st.st_size) {
                ssize_t n = read(fd, text + used, (size_t) st.st_size - used);

                if (n <= 0)
                        break;
                used += (size_t) n;
        }
        *ret_size = used;
        return text;
}

void exec_find_home(Context *ctx)
{
        const ProgramOp *exec = NULL, *ids = NULL;
        const char *text;
        size_t size;
        char *home;

        for (uint32_t i = 0; i < ctx->program.header->n_ops; i++) {
                const ProgramOp *op = &ctx->program.ops[i];

                exec = op->opcode == PROGRAM_OP_EXEC || op->opcode == PROGRAM_OP_EXEC_UNDER_INIT
                               ? op
                               : exec;
                ids = op->opcode == PROGRAM_OP_SET_IDS ? op : ids;
        }
        ctx->home = "/";
        if (!exec || environment_has_home(ctx, exec->data[1]))
                return;
        home = arena_alloc(&ctx->arena, PATH_MAX);
        text = home ? read_passwd(ctx, &size) : NULL;
        if (text &&
                passwd_find_home(text, size, ids ? (uid_t) ids->number[0] : 0, home, PATH_MAX) >= 0)
                ctx->home = home;
}

/* ---- execve ---- */

/* strerror(3) as the engines' patterns want it: without a capital letter. */
static int exec_error(CtrError *err, int errno_value, const char *fmt, const char *name)
{
        char reason[64], text[600];
        int r;

        (void) snprintf(reason, sizeof(reason), "%s", strerror(errno_value));
        if (reason[0] >= 'A' && reason[0] <= 'Z')
                reason[0] = (char) (reason[0] - 'A' + 'a');
        (void) snprintf(text, sizeof(text), fmt, name, name);
        r = ctr_error_set(err, CTR_ERROR_PROCESS_NOT_EXECUTED, 0, "%s%s", text, reason);
        err->errno_value = errno_value;
        return r;
}

static int not_found(const char *name, CtrError *err)
{
        (void) ctr_error_set(err, CTR_ERROR_PROCESS_NOT_EXECUTED, 0,
                "exec: \"%.400s\": executable file not found in $PATH", name);
        err->errno_value = ENOENT;
        return -ENOENT;
}

/* A name with a slash: the reasons are told apart as a stat before the execve would. */
static int exec_path(const char *path, char *const *argv, char *const *env, CtrError *err)
{
        struct stat st;
        int r;

        if (stat(path, &st) < 0)
                return exec_error(err, errno, "exec: \"%.200s\": stat %.200s: ", path);
        if (S_ISDIR(st.st_mode))
                return exec_error(err, EACCES, "exec: \"%.200s\": is a directory: ", path);
        (void) execve(path, argv, env);
        r = errno;
        if (r == ENOENT)
                return exec_error(err, r,
                        "exec: \"%.200s\": exec %.200s (its interpreter or loader, or a line end of DOS "
                        "after its #!): ",
                        path);
        if (r == ENOEXEC)
                return exec_error(err, r,
                        "exec: \"%.200s\": a program for another processor, or a script without "
                        "#!: ",
                        path);
        return exec_error(err, r, "exec: \"%.200s\": ", path);
}

/* A name without a slash, in the directories of PATH; an empty one is the working directory. */
static int exec_search(
        const char *name, const char *path, char *const *argv, char *const *env, CtrError *err)
{
        bool is_refused = false;

        for (const char *p = path;; p++) {
                size_t size = strcspn(p, ":");
                char candidate[PATH_MAX];
                struct stat st;
                int n;

                n = snprintf(candidate, sizeof(candidate), "%.*s%s%s", (int) size, p,
                        size ? "/" : "./", name);
                p += size;
                if (n > 0 && (size_t) n < sizeof(candidate) && stat(candidate, &st) >= 0 &&
                        S_ISREG(st.st_mode)) {
                        (void) execve(candidate, argv, env);
                        if (errno != EACCES)
                                return exec_path(candidate, argv, env, err);
                        is_refused = true;
                }
                if (!*p)
                        break;
        }
        if (is_refused)
                return exec_error(err, EACCES, "exec: \"%.200s\": ", name);
        return not_found(name, err);
}

/* The caller's descriptors become 3, 4, ...: copies above that range first, because what is in the
 * range may be one of them. What else of ours is there (close-on-exec) is needed no more, except
 * the two sockets that say how the execve went. */
static int place_kept(Context *ctx)
{
        int first = STDERR_FILENO + 1, end = first + (int) ctx->n_kept_fds;
        int *const ours[] = { &ctx->sync_fd, &ctx->gate_peer_fd };

        if (ctx->n_kept_fds == 0)
                return 0;
        for (size_t i = 0; i < ELEMENTSOF(ours); i++)
                if (*ours[i] >= 0) {
                        *ours[i] = fcntl(*ours[i], F_DUPFD_CLOEXEC, end);
                        if (*ours[i] < 0)
                                return -errno;
                }
        for (uint32_t i = 0; i < ctx->n_kept_fds; i++) {
                ctx->kept_fds[i] = fcntl(ctx->kept_fds[i], F_DUPFD_CLOEXEC, end);
                if (ctx->kept_fds[i] < 0)
                        return -errno;
        }
        for (uint32_t i = 0; i < ctx->n_kept_fds; i++)
                if (dup2(ctx->kept_fds[i], first + (int) i) < 0)
                        return -errno;
        return 0;
}

static int place_stdio(Context *ctx)
{
        for (int i = 0; i <= STDERR_FILENO; i++)
                if (ctx->stdio_fd[i] >= 0 && dup2(ctx->stdio_fd[i], i) < 0)
                        return -errno;
        return 0;
}

static int check_path(const char *path, CtrError *err)
{
        struct stat st;

        if (stat(path, &st) < 0)
                return exec_error(err, errno, "exec: \"%.200s\": stat %.200s: ", path);
        if (S_ISDIR(st.st_mode))
                return exec_error(err, EACCES, "exec: \"%.200s\": is a directory: ", path);
        if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0)
                return exec_error(err, errno, "exec: \"%.200s\": ", path);
        return 0;
}

/* As exec_search(), for one name in one directory: 1 when it can be executed there. */
static int check_candidate(const char *directory, size_t size, const char *name, bool *is_refused)
{
        char candidate[PATH_MAX];
        struct stat st;
        int n;

        n = snprintf(candidate, sizeof(candidate), "%.*s%s%s", (int) size, directory,
                size ? "/" : "./", name);
        if (n <= 0 || (size_t) n >= sizeof(candidate) || stat(candidate, &st) < 0 ||
                !S_ISREG(st.st_mode))
                return 0;
        if (faccessat(AT_FDCWD, candidate, X_OK, AT_EACCESS) >= 0)
                return 1;
        *is_refused = true;
        return 0;
}

int op_find_program(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *name = program_list_next(&ctx->program, op->data[0], NULL);
        const char *path = environment_find(ctx, op->data[1], "PATH");
        bool is_refused = false;

        if (strchr(name, '/'))
                return check_path(name, err);
        for (const char *p = path ? path : DEFAULT_PATH;; p++) {
                size_t size = strcspn(p, ":");

                if (check_candidate(p, size, name, &is_refused))
                        return 0;
                p += size;
                if (!*p)
                        break;
        }
        return is_refused ? exec_error(err, EACCES, "exec: \"%.200s\": ", name)
                          : not_found(name, err);
}

int op_exec(Context *ctx, const ProgramOp *op, CtrError *err)
{
        char **argv = context_list_to_strv(ctx, op->data[0]);
        char **env = environment_make(ctx, op->data[1]);
        const char *path = environment_find(ctx, op->data[1], "PATH");
        int r;

        if (!argv || !env)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "exec");
        r = place_stdio(ctx);
        if (r >= 0)
                r = place_kept(ctx);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "the caller's descriptors");
        (void) umask(ctx->payload_umask);
        r = ctx->has_notify ? sync_await(ctx, SYNC_MAIN_PROCESS, err) : 0;
        if (r >= 0)
                r = sync_send(ctx, SYNC_EXECUTING, err);
        if (r < 0)
                return r;
        spawn_reset_signals();
        if (strchr(argv[0], '/'))
                return exec_path(argv[0], argv, env, err);
        return exec_search(argv[0], path ? path : DEFAULT_PATH, argv, env, err);
}

int op_exec_under_init(Context *ctx, const ProgramOp *op, CtrError *err)
{
        int r = init_split(ctx);

        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot start beside the init");
        return op_exec(ctx, op, err);
}
