/* ps: pids as JSON, or the lines of ps(1) about them. */
#include "ctl/ps-filter.h"
#include "ctl/ps-print.h"
#include "ctl/verb.h"

#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

static const char *format;

static const Option ps_options[] = {
        { "format", 'f', "table|json", "form of the output (default table)", OPTION_STRING,
                &format },
};

static void print_json(const pid_t *pids, size_t n)
{
        (void) fputc('[', stdout);
        for (size_t i = 0; i < n; i++)
                (void) printf("%s%d", i > 0 ? "," : "", (int) pids[i]);
        (void) fputs("]\n", stdout);
}

/* Starts ps(1) with these arguments; *ret is its output. */
static int spawn_ps(
        char *const *arguments, int n_arguments, pid_t *ret_pid, FILE **ret, CtrError *err)
{
        extern char **environ;
        _cleanup_free_ char **argv = calloc((size_t) n_arguments + 3, sizeof(*argv));
        posix_spawn_file_actions_t actions;
        int fds[2], r;

        if (!argv || pipe2(fds, O_CLOEXEC) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "starting ps");
        argv[0] = (char *) "ps";
        argv[1] = (char *) "-ef";
        for (int i = 0; i < n_arguments; i++)
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

static int print_table(
        char *const *arguments, int n_arguments, const pid_t *pids, size_t n, CtrError *err)
{
        FILE *in;
        pid_t pid;
        int r, status;

        r = spawn_ps(arguments, n_arguments, &pid, &in, err);
        if (r < 0)
                return r;
        r = ps_filter(in, pids, n, stdout);
        (void) fclose(in);
        if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
                return ctr_error_set(err, CTR_ERROR_USAGE, 0, "ps failed");
        return r < 0 ? ctr_error_set(err, CTR_ERROR_USAGE, 0, "the output of ps has no column PID")
                     : 0;
}

int ps_print(const char *form, char *const *arguments, int n_arguments, const pid_t *pids, size_t n,
        CtrError *err)
{
        if (form && strcmp(form, "json") == 0) {
                print_json(pids, n);
                return 0;
        }
        return print_table(arguments, n_arguments, pids, n, err);
}

static int run_ps(const Call *call, CtrError *err)
{
        _cleanup_free_ pid_t *pids = NULL;
        size_t n;
        int r;

        r = format_check(format, err);
        if (r >= 0)
                r = runtime_ps(call->runtime, call->arguments[0], &pids, &n, err);
        return r < 0 ? r
                     : ps_print(format, call->arguments + 1, call->n_arguments - 1, pids, n, err);
}

const Verb verb_ps = {
        .name = "ps",
        .arguments = "ID [PS-OPTION...]",
        .help = "show the processes of a container",
        .n_arguments_min = 1,
        .n_arguments_max = -1,
        .is_options_first = true,
        .options = ps_options,
        .n_options = ELEMENTSOF(ps_options),
        .run = run_ps,
};
