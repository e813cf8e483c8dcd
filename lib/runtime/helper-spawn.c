/* Starting ctr-exec: see helper-spawn.h. */
#include "runtime/helper-spawn.h"

#include "plan/launch.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define STOPS_MAX 100 /* then whoever stops it does not want it to go on */

/* Descriptors above those that ctr-exec expects them at, so that placing them cannot clash. */
static int lift(int fd)
{
        int high = fd < 0 ? -EBADF : fcntl(fd, F_DUPFD_CLOEXEC, LAUNCH_SOCKET_FD + 6);

        return fd >= 0 && high < 0 ? -errno : high;
}

/* The detached read-only clone that ctr-exec would make of itself and execute; made here it is
 * executed once. Negative: ctr-exec will see to it. */
static int open_sealed(void)
{
        _cleanup_close_ int fd =
                open_tree(AT_FDCWD, CTR_EXEC_PATH, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
        struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
                                               MOUNT_ATTR_NODEV };

        if (fd < 0 || mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
                return -errno;
        return TAKE_FD(fd);
}

/* The clone's own number is above the three, and gone with them. */
static int add_files(posix_spawn_file_actions_t *actions, int program_fd, int socket_fd,
        int sealed_fd, bool is_silent)
{
        int end =
                sealed_fd >= 0 ? LAUNCH_CLONED_FD + 1 : LAUNCH_SOCKET_FD + (socket_fd < 0 ? 0 : 1);
        int r = 0;

        for (int fd = STDOUT_FILENO; r == 0 && is_silent && fd <= STDERR_FILENO; fd++)
                r = posix_spawn_file_actions_addopen(actions, fd, "/dev/null", O_WRONLY, 0);
        if (r == 0 && program_fd >= 0)
                r = posix_spawn_file_actions_adddup2(actions, program_fd, LAUNCH_PROGRAM_FD);
        if (r == 0 && socket_fd >= 0)
                r = posix_spawn_file_actions_adddup2(actions, socket_fd, LAUNCH_SOCKET_FD);
        if (r == 0 && sealed_fd >= 0)
                r = posix_spawn_file_actions_adddup2(actions, sealed_fd, LAUNCH_CLONED_FD);
        if (r == 0 && program_fd < 0)
                r = posix_spawn_file_actions_addclose(actions, LAUNCH_PROGRAM_FD);
        if (r == 0 && socket_fd < 0)
                r = posix_spawn_file_actions_addclose(actions, LAUNCH_SOCKET_FD);
        return r == 0 ? posix_spawn_file_actions_addclosefrom_np(actions, end) : r;
}

/* With the signal state that ctr-exec expects. */
static int spawn(
        const char *path, const posix_spawn_file_actions_t *actions, char *argv[], pid_t *ret)
{
        char *env[] = { NULL };
        posix_spawnattr_t attributes;
        sigset_t none, all;
        int r = posix_spawnattr_init(&attributes);

        if (r != 0)
                return r;
        (void) sigemptyset(&none);
        (void) sigfillset(&all);
        (void) posix_spawnattr_setsigmask(&attributes, &none);
        (void) posix_spawnattr_setsigdefault(&attributes, &all);
        (void) posix_spawnattr_setflags(
                &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        r = posix_spawn(ret, path, actions, &attributes, argv, env);
        (void) posix_spawnattr_destroy(&attributes);
        return r;
}

/* In the clone: nothing but system calls. Whatever is missing, there is no answer on the socket. */
static _noreturn_ void execute(
        int program_fd, int socket_fd, int sealed_fd, const char *path, char *argv[])
{
        char *env[] = { NULL };
        sigset_t none;

        for (int i = 1; i < NSIG; i++)
                (void) signal(i, SIG_DFL);
        (void) sigemptyset(&none);
        if (dup2(program_fd, LAUNCH_PROGRAM_FD) >= 0 && dup2(socket_fd, LAUNCH_SOCKET_FD) >= 0 &&
                dup2(sealed_fd, LAUNCH_CLONED_FD) >= 0 &&
                close_range(LAUNCH_CLONED_FD + 1, ~0U, 0) >= 0 &&
                sigprocmask(SIG_SETMASK, &none, NULL) >= 0)
                (void) execve(path, argv, env);
        _exit(EXIT_FAILURE);
}

/* As spawn(), in a cgroup. -errno when it cannot be born there: it has as many processes as it may,
 * has children with controllers, or goes just now. */
static int spawn_into(int cgroup_fd, int program_fd, int socket_fd, int sealed_fd, const char *path,
        char *argv[], pid_t *ret)
{
        struct clone_args args = {
                .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (uint64_t) cgroup_fd
        };
        sigset_t all, before;
        pid_t pid;
        int r;

        /* No handler of the caller's runs in the clone. */
        (void) sigfillset(&all);
        (void) pthread_sigmask(SIG_BLOCK, &all, &before);
        pid = (pid_t) syscall(SYS_clone3, &args, sizeof(args));
        if (pid == 0)
                execute(program_fd, socket_fd, sealed_fd, path, argv);
        r = pid < 0 ? -errno : 0;
        (void) pthread_sigmask(SIG_SETMASK, &before, NULL);
        *ret = pid;
        return r;
}

int helper_spawn(const char *verb, const char *argument, const HelperFds *fds, bool is_silent,
        pid_t *ret, CtrError *err)
{
        char path[32] = CTR_EXEC_PATH;
        int program_fd = fds->program, socket_fd = fds->socket;
        _cleanup_close_ int high_program = lift(program_fd), high_socket = lift(socket_fd);
        _cleanup_close_ int sealed = socket_fd >= 0 ? open_sealed() : -EBADF;
        _cleanup_close_ int high_sealed = lift(sealed);
        char *argv[] = { (char *) CTR_EXEC_PATH, (char *) LAUNCH_CLONED_MARK, (char *) verb,
                (char *) argument, NULL };
        posix_spawn_file_actions_t actions;
        int r;

        if ((program_fd >= 0 && high_program < 0) || (socket_fd >= 0 && high_socket < 0))
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EMFILE, "starting ctr-exec");
        if (high_sealed >= 0)
                (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", LAUNCH_CLONED_FD);
        else
                memmove(argv + 1, argv + 2, sizeof(argv) - 2 * sizeof(argv[0]));
        if (fds->cgroup >= 0 && high_program >= 0 && high_socket >= 0 && high_sealed >= 0 &&
                spawn_into(fds->cgroup, high_program, high_socket, high_sealed, path, argv, ret) >=
                        0)
                return 0;
        r = posix_spawn_file_actions_init(&actions);
        if (r != 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "starting ctr-exec");
        r = add_files(&actions, high_program, high_socket, high_sealed, is_silent);
        if (r == 0)
                r = spawn(path, &actions, argv, ret);
        (void) posix_spawn_file_actions_destroy(&actions);
        return r != 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot start %s", CTR_EXEC_PATH)
                      : 0;
}

int helper_wait(pid_t pid)
{
        siginfo_t info = { 0 };

        while (waitid(P_PID, (id_t) pid, &info, WEXITED) < 0)
                if (errno != EINTR)
                        return -errno;
        return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

/* Stopped by somebody, it is continued: `delete` is not to wait for it for ever. */
void helper_run_poststop(const char *state_dir, bool is_silent)
{
        siginfo_t info = { 0 };
        pid_t pid;

        if (helper_spawn("poststop", state_dir,
                    &(HelperFds){ .program = -EBADF, .socket = -EBADF, .cgroup = -EBADF },
                    is_silent, &pid, NULL) < 0)
                return;
        for (unsigned stops = 0; info.si_code != CLD_EXITED && info.si_code != CLD_KILLED &&
                                 info.si_code != CLD_DUMPED;) {
                if (waitid(P_PID, (id_t) pid, &info, WEXITED | WSTOPPED) < 0 && errno != EINTR)
                        return;
                if (info.si_code == CLD_STOPPED)
                        (void) kill(pid, ++stops > STOPS_MAX ? SIGKILL : SIGCONT);
        }
}

/* "ctr-exec --sealed run STATE", by its last word. */
static bool is_helper_of(int proc_fd, const char *name, const char *state_dir)
{
        char path[NAME_MAX + 16], text[8192];
        _cleanup_close_ int fd = -EBADF;
        size_t n_dir = strlen(state_dir);
        ssize_t n;

        (void) snprintf(path, sizeof(path), "%s/cmdline", name);
        fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
        n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
        if (n <= (ssize_t) n_dir + 1 || text[n - 1] != '\0' ||
                strncmp(text, CTR_EXEC_PATH, sizeof(CTR_EXEC_PATH)) != 0)
                return false;
        return memcmp(text + n - 1 - n_dir, state_dir, n_dir) == 0 && text[n - 2 - n_dir] == '\0';
}

void helper_kill(const char *state_dir)
{
        DIR *d = opendir("/proc");
        struct dirent *de;

        while (d && (de = readdir(d))) {
                _cleanup_close_ int pidfd = -EBADF;

                if (de->d_name[0] < '1' || de->d_name[0] > '9' ||
                        !is_helper_of(dirfd(d), de->d_name, state_dir))
                        continue;
                pidfd = pidfd_open((pid_t) strtol(de->d_name, NULL, 10), 0);
                if (pidfd >= 0 && is_helper_of(dirfd(d), de->d_name, state_dir))
                        (void) pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
        }
        if (d)
                (void) closedir(d);
}
