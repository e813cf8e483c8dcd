/* Starting ctr-exec: see helper-spawn.h. */
#include "runtime/helper-spawn.h"

#include "plan/launch.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <sys/wait.h>

/* Descriptors above those that ctr-exec expects them at, so that placing them cannot clash. */
static int lift(int fd)
{
        int high = fd < 0 ? -EBADF : fcntl(fd, F_DUPFD_CLOEXEC, LAUNCH_SOCKET_FD + 6);

        return fd >= 0 && high < 0 ? -errno : high;
}

static int add_files(
        posix_spawn_file_actions_t *actions, int program_fd, int socket_fd, bool is_silent)
{
        int r = 0;

        for (int fd = STDOUT_FILENO; r == 0 && is_silent && fd <= STDERR_FILENO; fd++)
                r = posix_spawn_file_actions_addopen(actions, fd, "/dev/null", O_WRONLY, 0);
        if (r == 0 && program_fd >= 0)
                r = posix_spawn_file_actions_adddup2(actions, program_fd, LAUNCH_PROGRAM_FD);
        if (r == 0 && socket_fd >= 0)
                r = posix_spawn_file_actions_adddup2(actions, socket_fd, LAUNCH_SOCKET_FD);
        if (r == 0 && program_fd < 0)
                r = posix_spawn_file_actions_addclose(actions, LAUNCH_PROGRAM_FD);
        if (r == 0)
                r = posix_spawn_file_actions_addclosefrom_np(
                        actions, socket_fd < 0 ? LAUNCH_SOCKET_FD : LAUNCH_SOCKET_FD + 1);
        return r;
}

int helper_spawn(const char *verb, const char *argument, int program_fd, int socket_fd,
        bool is_silent, pid_t *ret, CtrError *err)
{
        char *argv[] = { (char *) CTR_EXEC_PATH, (char *) verb, (char *) argument, NULL };
        char *env[] = { NULL };
        _cleanup_close_ int high_program = lift(program_fd), high_socket = lift(socket_fd);
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        sigset_t none, all;
        int r;

        if ((program_fd >= 0 && high_program < 0) || (socket_fd >= 0 && high_socket < 0))
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EMFILE, "starting ctr-exec");
        (void) sigemptyset(&none);
        (void) sigfillset(&all);
        r = posix_spawn_file_actions_init(&actions);
        if (r == 0)
                r = posix_spawnattr_init(&attributes);
        if (r != 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "starting ctr-exec");
        r = add_files(&actions, high_program, high_socket, is_silent);
        (void) posix_spawnattr_setsigmask(&attributes, &none);
        (void) posix_spawnattr_setsigdefault(&attributes, &all);
        (void) posix_spawnattr_setflags(
                &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        if (r == 0)
                r = posix_spawn(ret, CTR_EXEC_PATH, &actions, &attributes, argv, env);
        (void) posix_spawn_file_actions_destroy(&actions);
        (void) posix_spawnattr_destroy(&attributes);
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

void helper_run_poststop(const char *state_dir)
{
        pid_t pid;

        if (helper_spawn("poststop", state_dir, -EBADF, -EBADF, false, &pid, NULL) >= 0)
                (void) helper_wait(pid);
}
