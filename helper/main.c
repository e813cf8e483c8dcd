/* ctr-exec: the program that systemd starts for a container. It runs the set-up program that plan
 * made and decides nothing itself. Static, no libraries, no heap.
 *
 * run STATE is a container's init: ExecStart=, or started by an engine. exec is another process in
 * a container, with program and socket as in plan/launch.h; session is the same as a unit of its
 * own, whose main process the new one becomes. record-exit STATE is ExecStopPost=,
 * poststop STATE runs the poststop hooks for `delete`, without a verb it is criu's action script,
 * prepare STATE ID DIGEST CONFIG is
 * ExecStartPre= of generated units, relay INSTANCE is ctr-notify@INSTANCE.service; await-port,
 * check-udp and udp are of ctr-fwd@NAME-PORT.service.
 *
 * The verbs that enter a container run from a detached read-only clone of the program's file: what
 * a container can reach as /proc/PID/exe cannot be opened for writing, at any time, by anybody
 * (CVE-2019-5736). */
#include "base/name.h"
#include "helper/context.h"
#include "helper/forward.h"
#include "helper/interpret.h"
#include "helper/kernel.h"
#include "helper/launch.h"
#include "helper/listen.h"
#include "helper/unit-limits.h"
#include "helper/load.h"
#include "helper/mount.h"
#include "helper/ops.h"
#include "helper/prepare.h"
#include "helper/record.h"
#include "helper/relay.h"
#include "helper/report.h"
#include "helper/restored.h"
#include "helper/spawn.h"
#include "plan/state-files.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define PATIENCE 200 /* looks, and turns of other processes: a millisecond */

/* What a verb returns is the exit status. */
typedef struct Verb {
        const char *name;
        int n_args;
        bool enters_container;
        int (*run)(Context *ctx, char **args);
} Verb;

/* A failure outside of any operation. */
static int fail(Context *ctx, int exit_status, const CtrError *err)
{
        LaunchReply failure;

        interpret_fill_failure(&failure, PROGRAM_OP_NONE, exit_status, err);
        report_failure(ctx, &failure);
        return failure.exit_status;
}

/* ---- the detached clone ---- */

static int open_clone_of_self(void)
{
        _cleanup_close_ int exe_fd = open("/proc/self/exe", O_PATH | O_CLOEXEC), fd = -EBADF;
        MountChange change = { .set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV };
        int r;

        fd = exe_fd < 0 ? -errno : mount_clone(exe_fd, false);
        r = fd < 0 ? fd : mount_change(fd, &change);
        return r < 0 ? r : TAKE_FD(fd);
}

/* The variables of PID 1 that mean something to `run`. */
static const char *const kept_variables[] = { "NOTIFY_SOCKET", "INVOCATION_ID", "WATCHDOG_USEC",
        "CREDENTIALS_DIRECTORY", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES" };

static bool is_kept_variable(const char *entry)
{
        for (size_t i = 0; i < ELEMENTSOF(kept_variables); i++) {
                size_t size = strlen(kept_variables[i]);

                if (strncmp(entry, kept_variables[i], size) == 0 && entry[size] == '=')
                        return true;
        }
        return false;
}

/* Executes the clone with the descriptors and variables that it needs and no others. */
static int execute_clone(char **argv)
{
        char *new_argv[8] = { argv[0], (char *) (uintptr_t) LAUNCH_SEALED_MARK };
        char *new_env[ELEMENTSOF(kept_variables) + 1] = { NULL };
        int fd, end = LAUNCH_PROGRAM_FD + (int) listen_count();
        size_t n_env = 0;

        for (size_t i = 1; argv[i] && i + 1 < ELEMENTSOF(new_argv) - 1; i++)
                new_argv[i + 1] = argv[i];
        for (char **e = environ; *e && n_env < ELEMENTSOF(new_env) - 1; e++)
                if (is_kept_variable(*e))
                        new_env[n_env++] = *e;
        if (close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC) < 0)
                return -errno;
        for (fd = LAUNCH_PROGRAM_FD; fd <= LAUNCH_SOCKET_FD || fd < end; fd++)
                (void) fcntl(fd, F_SETFD, 0);
        fd = open_clone_of_self();
        if (fd < 0)
                return fd;
        (void) execveat(fd, "", new_argv, new_env, AT_EMPTY_PATH);
        return -errno;
}

/* The mark alone is not believed. */
static bool is_sealed(void)
{
        _cleanup_close_ int fd = open("/proc/self/exe", O_PATH | O_CLOEXEC);
        struct statvfs st;

        return fd >= 0 && fstatvfs(fd, &st) >= 0 && (st.f_flag & ST_RDONLY);
}

/* While anybody has the clone's descriptor, whoever comes to our program by /proc may make its
 * mount writable again: mount_setattr(2) changes a mount that is in no namespace yet, but none that
 * was let go of. The caller does that when it has started us, and may be late. */
static bool is_let_go(void)
{
        _cleanup_close_ int fd = open("/proc/self/exe", O_PATH | O_CLOEXEC);
        const MountChange as_it_is = { .set = MOUNT_ATTR_RDONLY };
        int r = fd < 0 ? -errno : 0;

        (void) close(LAUNCH_CLONED_FD);
        for (unsigned i = 0; i < PATIENCE && r >= 0; i++) {
                r = mount_change(fd, &as_it_is);
                (void) sched_yield();
        }
        return r == -EINVAL;
}

/* A clone that is not ours alone is as good as none. Returns only when that fails. */
static int execute_file(char **argv)
{
        (void) execve(CTR_EXEC_PATH, argv, environ);
        return -errno;
}

/* ---- verbs ---- */

/* From here on nobody may look into this process, no descriptor of the caller is left, every signal
 * is handled as by default (a program that engines start may inherit ignored ones) and modes of
 * what is made are exact. */
static int harden(Context *ctx, unsigned n_listen, CtrError *err)
{
        unsigned end = MAX_OF(LAUNCH_SOCKET_FD + 1U, LAUNCH_PROGRAM_FD + n_listen);

        ctx->notify_socket = getenv("NOTIFY_SOCKET");
        ctx->invocation_id = getenv("INVOCATION_ID") ? getenv("INVOCATION_ID") : "-";
        ctx->watchdog_usec = getenv("WATCHDOG_USEC");
        ctx->credentials = getenv("CREDENTIALS_DIRECTORY");
        environ = NULL;
        (void) prctl(PR_SET_NAME, "ctr-exec");
        if (context_hide() < 0 || chdir("/") < 0 || close_range(end, UINT_MAX, 0) < 0 ||
                close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot shut off the caller");
        for (int i = 1; i < NSIG; i++)
                if (i != SIGKILL && i != SIGSTOP)
                        (void) sys_signal_default(i);
        spawn_reset_signals();
        (void) signal(SIGPIPE, SIG_IGN);
        ctx->payload_umask = umask(0);
        process_raise_nofile(ctx);
        return launch_fill_stdio(err);
}

/* The HOST list, and what remains to be done when it fails. */
static int run_host(Context *ctx)
{
        LaunchReply failure;

        ctx->list = PROGRAM_HOST;
        if (interpret_list(ctx, &failure) >= 0) {
                if (ctx->is_started_deferred)
                        launch_reply_progress(ctx, LAUNCH_STARTED);
                return EXIT_SUCCESS;
        }
        report_failure(ctx, &failure);
        spawn_kill_clone(ctx);
        (void) limits_restore(&ctx->limits, NULL);
        return failure.exit_status;
}

static int load_state(Context *ctx, const char *state_dir, CtrError *err)
{
        _cleanup_close_ int fd = -EBADF;
        Program program;
        int r;

        fd = open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot open %s", state_dir);
        /* Above the numbers that callers use, which are closed later. */
        ctx->state_fd = fcntl(fd, F_DUPFD_CLOEXEC, LAUNCH_SOCKET_FD + 1);
        if (ctx->state_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot keep %s", state_dir);
        closep(&fd);
        (void) unlinkat(ctx->state_fd, STATE_FILE_ERROR, 0);
        fd = openat(
                ctx->state_fd, STATE_FILE_RESTORE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        if (fd < 0 && errno == ENOENT)
                fd = openat(ctx->state_fd, STATE_FILE_PROGRAM,
                        O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        if (fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot open %s/%s", state_dir,
                        STATE_FILE_PROGRAM);
        r = load_program(fd, &program, err);
        return r < 0 ? r : context_init(ctx, &program, err);
}

/* Takes the descriptors of plan/launch.h out of the way of our own. Which socket counts depends on
 * the program. */
static int take_engine_socket(void)
{
        int fd = launch_is_socket(LAUNCH_SOCKET_FD)
                         ? fcntl(LAUNCH_SOCKET_FD, F_DUPFD_CLOEXEC, LAUNCH_SOCKET_FD + 1)
                         : -EBADF;

        (void) close_range(LAUNCH_PROGRAM_FD, LAUNCH_SOCKET_FD, 0);
        return fd;
}

/* Standard input in service mode, the descriptor of plan/launch.h when an engine waits. */
static int choose_launch_socket(Context *ctx, int engine_fd, CtrError *err)
{
        if (ctx->kind != PROGRAM_SERVICE) {
                ctx->launch_fd = engine_fd;
                return launch_take_request(ctx, err);
        }
        closep(&engine_fd);
        return launch_receive(ctx, err);
}

static int verb_run(Context *ctx, char **args)
{
        unsigned n_listen = listen_count();
        const char *listen_names = getenv("LISTEN_FDNAMES");
        CtrError err = { 0 };
        int engine_fd = -EBADF;

        /* Until the program says it: a directory is named by its container's id. */
        ctx->id = strrchr(args[0], '/');
        ctx->id = ctx->id && ctr_id_is_valid(ctx->id + 1) ? ctx->id + 1 : NULL;
        if (harden(ctx, n_listen, &err) < 0)
                return fail(ctx, LAUNCH_EXIT_STDIN, &err);
        /* An engine gives no sockets in this way, and PID 1 gives nothing else. */
        if (n_listen == 0)
                engine_fd = take_engine_socket();
        if (load_state(ctx, args[0], &err) < 0)
                return fail(ctx, LAUNCH_EXIT_CONFIG, &err);
        if (choose_launch_socket(ctx, engine_fd, &err) < 0 ||
                listen_keep(ctx, n_listen, listen_names, &err) < 0 ||
                (ctx->kind == PROGRAM_SERVICE && session_leave_terminal(ctx, &err) < 0))
                return fail(ctx, LAUNCH_EXIT_STDIN, &err);
        return run_host(ctx);
}

static int verb_exec(Context *ctx, char **args)
{
        CtrError err = { 0 };
        Program program;

        ctx->kind = PROGRAM_EXEC;
        if (launch_is_socket(LAUNCH_SOCKET_FD))
                ctx->launch_fd = LAUNCH_SOCKET_FD;
        if (harden(ctx, 0, &err) < 0)
                return fail(ctx, LAUNCH_EXIT_STDIN, &err);
        if (load_program(LAUNCH_PROGRAM_FD, &program, &err) < 0 ||
                context_init(ctx, &program, &err) < 0)
                return fail(ctx, LAUNCH_EXIT_CONFIG, &err);
        (void) close(LAUNCH_PROGRAM_FD);
        if (launch_take_request(ctx, &err) < 0)
                return fail(ctx, LAUNCH_EXIT_STDIN, &err);
        return run_host(ctx);
}

/* PID 1 gives the socket as standard input and the program as standard output; what is the
 * payload's comes over the socket, else it writes to the journal. */
static int verb_session(Context *ctx, char **args)
{
        CtrError err = { 0 };

        if (!launch_is_socket(STDIN_FILENO) || dup2(STDIN_FILENO, LAUNCH_SOCKET_FD) < 0 ||
                dup2(STDOUT_FILENO, LAUNCH_PROGRAM_FD) < 0 ||
                dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
                (void) ctr_error_set(&err, CTR_ERROR_SYSTEM, errno,
                        "session wants a launch socket and a program as its standard descriptors");
                return fail(ctx, LAUNCH_EXIT_STDIN, &err);
        }
        (void) close(STDIN_FILENO);
        return verb_exec(ctx, args);
}

static int verb_record_exit(Context *ctx, char **args)
{
        CtrError err = { 0 };

        return record_exit(args[0], &err) < 0 ? fail(ctx, EXIT_FAILURE, &err) : EXIT_SUCCESS;
}

static int verb_poststop(Context *ctx, char **args)
{
        CtrError err = { 0 };

        return record_poststop(args[0], &err) < 0 ? fail(ctx, EXIT_FAILURE, &err) : EXIT_SUCCESS;
}

static int verb_prepare(Context *ctx, char **args)
{
        CtrError err = { 0 };

        return prepare_program(args[0], args[1], args[2], args[3], &err) < 0
                       ? fail(ctx, LAUNCH_EXIT_CONFIG, &err)
                       : EXIT_SUCCESS;
}

static int verb_relay(Context *ctx, char **args)
{
        CtrError err = { 0 };

        return relay_run(args[0], &err) < 0 ? fail(ctx, EXIT_FAILURE, &err) : EXIT_SUCCESS;
}

static int verb_await_port(Context *ctx, char **args)
{
        CtrError err = { 0 };

        return await_port(args[0], args[1], args[2], &err) < 0 ? fail(ctx, EXIT_FAILURE, &err)
                                                               : EXIT_SUCCESS;
}

static int verb_check_udp(Context *ctx, char **args)
{
        CtrError err = { 0 };

        return udp_check(args[0], &err) < 0 ? fail(ctx, EXIT_FAILURE, &err) : EXIT_SUCCESS;
}

static int verb_udp(Context *ctx, char **args)
{
        CtrError err = { 0 };

        return udp_relay(args[0], args[1], &err) < 0 ? fail(ctx, EXIT_FAILURE, &err) : EXIT_SUCCESS;
}

static const Verb verbs[] = {
        { "run", 1, true, verb_run },
        { "exec", 0, true, verb_exec },
        { "session", 0, true, verb_session },
        { "record-exit", 1, false, verb_record_exit },
        { "poststop", 1, false, verb_poststop },
        { "prepare", 4, false, verb_prepare },
        { "relay", 1, false, verb_relay },
        { "await-port", 3, false, verb_await_port },
        { "check-udp", 1, false, verb_check_udp },
        { "udp", 2, false, verb_udp },
};

int main(int argc, char **argv)
{
        bool is_cloned = argc > 1 && strcmp(argv[1], LAUNCH_CLONED_MARK) == 0;
        bool has_mark = argc > 1 && strcmp(argv[1], LAUNCH_SEALED_MARK) == 0;
        bool is_safe, wants_file;
        int n_args = argc - 2 - has_mark - is_cloned;
        Context ctx = context_empty();
        CtrError err;

        /* criu executes it by its name alone. */
        if (argc == 1 && getenv(RESTORED_ACTION))
                _exit(restored_report());
        for (size_t i = 0; i < ELEMENTSOF(verbs) && n_args >= 0; i++) {
                const Verb *verb = &verbs[i];

                if (strcmp(argv[1 + has_mark + is_cloned], verb->name) != 0 ||
                        n_args != verb->n_args)
                        continue;
                /* Nothing is registered for the exit, and a sanitizer's check of leaks there could
                 * not work: new processes of this one may belong to the container's pid namespace
                 * by then. */
                is_safe = (has_mark || is_cloned) && is_sealed();
                wants_file = is_safe && is_cloned && !is_let_go();
                if (!verb->enters_container || (is_safe && !wants_file))
                        _exit(verb->run(&ctx, argv + 2 + has_mark + is_cloned));
                if (is_cloned)
                        argv[1] = argv[0];
                (void) ctr_error_set(&err, CTR_ERROR_SYSTEM,
                        has_mark     ? EPERM
                        : wants_file ? execute_file(argv + is_cloned)
                                     : execute_clone(argv + is_cloned),
                        "cannot run from a read-only clone of the program");
                return fail(&ctx, LAUNCH_EXIT_EXEC, &err);
        }
        (void) fprintf(stderr, "usage: ctr-exec run|record-exit|poststop STATE\n"
                               "       ctr-exec exec|session\n"
                               "       ctr-exec prepare STATE ID DIGEST CONFIG\n"
                               "       ctr-exec relay INSTANCE\n"
                               "       ctr-exec await-port STATE tcp|udp PORT\n"
                               "       ctr-exec check-udp LISTEN\n"
                               "       ctr-exec udp PORT SECONDS\n");
        return LAUNCH_EXIT_CONFIG;
}
