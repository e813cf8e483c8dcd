/* The table form of ps: the lines of ps(1) about a container's processes. */
#include "runtime/ps-filter.h"
#include "runtime/runtime.h"

#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

/* Starts ps(1) with these arguments; *ret is its output. */
static int spawn_ps(char *const *arguments, pid_t *ret_pid, FILE **ret, CtrError *err)
{
        extern char **environ;
        posix_spawn_file_actions_t actions;
        _cleanup_free_ char **argv = NULL;
        size_t n = 0;
        int fds[2], r;

        while (arguments[n])
                n++;
        argv = calloc(n + 3, sizeof(*argv));
        if (!argv || pipe2(fds, O_CLOEXEC) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "starting ps");
        argv[0] = (char *) "ps";
        argv[1] = (char *) "-ef";
        for (size_t i = 0; i < n; i++)
                argv[i + 1] = arguments[i];
        (void) posix_spawn_file_actions_init(&actions);
        (void) posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
        r = posix_spawnp(ret_pid, "ps", &actions, NULL, argv, environ);
        (void) posix_spawn_file_actions_destroy(&actions);
        (void) close(fds[1]);
        if (r == 0)
                *ret = fdopen(fds[0], "r");
        if (r != 0 || !*ret) {
                (void) close(fds[0]);
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r ? r : errno,
                        "cannot start ps (package procps; --format json needs none)");
        }
        return 0;
}

int runtime_ps_write(const pid_t *pids, size_t n, char *const *arguments, FILE *f, CtrError *err)
{
        FILE *in;
        pid_t pid;
        int r, status;

        r = spawn_ps(arguments, &pid, &in, err);
        if (r < 0)
                return r;
        r = ps_filter(in, pids, n, f);
        (void) fclose(in);
        if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
                return ctr_error_set(err, CTR_ERROR_USAGE, 0, "ps failed");
        return r < 0 ? ctr_error_set(err, CTR_ERROR_USAGE, 0, "the output of ps has no column PID")
                     : 0;
}

int runtime_ps_table(
        const Runtime *rt, const char *id, char *const *arguments, FILE *f, CtrError *err)
{
        _cleanup_free_ pid_t *pids = NULL;
        size_t n;
        int r;

        r = runtime_ps(rt, id, &pids, &n, err);
        return r < 0 ? r : runtime_ps_write(pids, n, arguments, f, err);
}
