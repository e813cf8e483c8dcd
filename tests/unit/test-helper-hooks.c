/* Hooks run by ctr-exec: their order, what they are given, and how their failures end a start. */
#include "unit/container-host.h"
#include "unit/test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

static Outcome outcome;

static void check_exited(int status, int code)
{
        outcome_check_exited(&outcome, status, code);
}

static void hook_op(Host *h, Builder *b, ProgramStage stage, const char *kind, const char *status,
        const char *script, uint64_t timeout_usec)
{
        const char *argv[] = { "hook", "-c", script, kind, NULL };
        char env[128];

        (void) snprintf(env, sizeof(env), "OUT=%s/hooks", h->path);
        build_op(b, stage,
                (ProgramOp){ .opcode = PROGRAM_OP_HOOK,
                        .number = { timeout_usec },
                        .string = { build_string(b, "/bin/sh"), build_string(b, kind),
                                build_string(b, status) },
                        .data = { build_list(b, argv), build_list(b, ARGV(env, "ONLY=this")) } });
}

static void hook_state_op(Builder *b, const char *tail)
{
        build_op(b, STAGE_ATTEND,
                (ProgramOp){ .opcode = PROGRAM_OP_HOOK_STATE,
                        .string = { build_string(b, "{\"ociVersion\":\"1.2.0\",\"id\":\"test\""),
                                build_string(b, tail) } });
}

static const char *read_hooks(const Host *h)
{
        static char text[8192];
        _cleanup_close_ int fd = open(host_path(h, "hooks"), O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

        text[n > 0 ? n : 0] = '\0';
        return text;
}

/* Writes its kind and its state. */
#define REPORT "echo $0 $(cat) >>$OUT"

static void build_hooked(Host *h, Builder *b, const char *tail)
{
        container_prepare(h, b);
        hook_state_op(b, tail);
        container_clone(b, CONTAINER_FLAGS);
        await_op(b, STAGE_ATTEND, SYNC_ROOTFS_READY);
        hook_op(h, b, STAGE_ATTEND, "prestart", "creating", REPORT, 0);
        hook_op(h, b, STAGE_ATTEND, "createRuntime", "creating", REPORT, 5000000);
        send_op(b, STAGE_ATTEND, SYNC_HOOKS_DONE);
        plain_op(b, STAGE_ATTEND, PROGRAM_OP_AWAIT_EXEC);
        hook_op(h, b, STAGE_ATTEND, "poststart", "running", REPORT, 0);
        notify_op(b, "running");
        hook_op(h, b, STAGE_ATTEND, "poststop", "stopped", REPORT, 0);
        container_attach(b);
        send_op(b, STAGE_ROOTFS, SYNC_ROOTFS_READY);
        await_op(b, STAGE_ROOTFS, SYNC_HOOKS_DONE);
        hook_op(h, b, STAGE_ROOTFS, "createContainer", "creating", REPORT, 0);
        container_pivot(b);
}

static void hooks_in_order(void)
{
        char expected[1024];
        static Builder b;
        Host h;
        int pid;

        host_init(&h);
        build_hooked(&h, &b, "}");
        /* Of the container: the probe stands in for a shell there. */
        build_op(&b, STAGE_FINAL,
                (ProgramOp){ .opcode = PROGRAM_OP_HOOK,
                        .string = { build_string(&b, "/bin/ctr-probe"),
                                build_string(&b, "startContainer"), build_string(&b, "created") },
                        .data = { build_list(&b, ARGV("probe", "write", "/tmp/hooked")) } });
        container_exec(&b, ARGV("/bin/ctr-probe", "cat", "/tmp/hooked", "sleep", "1"), ARGV(NULL));
        host_start(&h, &b, PROGRAM_SERVICE, "run");
        host_wait(&h, &outcome);
        check_exited(outcome.helper_status, 0);
        pid = (int) outcome.payload_pid;
        (void) snprintf(expected, sizeof(expected),
                "prestart {\"ociVersion\":\"1.2.0\",\"id\":\"test\",\"status\":\"creating\",\"pid\":%d}\n"
                "createRuntime {\"ociVersion\":\"1.2.0\",\"id\":\"test\",\"status\":\"creating\",\"pid\":%d}\n"
                "createContainer {\"ociVersion\":\"1.2.0\",\"id\":\"test\",\"status\":\"creating\",\"pid\":1}\n"
                "poststart {\"ociVersion\":\"1.2.0\",\"id\":\"test\",\"status\":\"running\",\"pid\":%d}\n",
                pid, pid, pid);
        CHECK_STR(read_hooks(&h), expected);
        CHECK_STR(outcome_fact(&outcome, "line", 0), "probe");
        CHECK_STR(outcome_fact(&outcome, "write", 0), "ok");

        /* The end: once an invocation, however often it is asked. */
        CHECK(unlink(host_path(&h, "hooks")) >= 0);
        for (int i = 0; i < 2; i++) {
                host_start(&h, &b, PROGRAM_SERVICE, "record-exit");
                host_wait(&h, &outcome);
                check_exited(outcome.helper_status, 0);
        }
        CHECK_CONTAINS(read_hooks(&h), "poststop {");
        CHECK_CONTAINS(read_hooks(&h), "\"status\":\"stopped\",\"pid\":0}");
        CHECK(strchr(read_hooks(&h), '\n')[1] == '\0');
        CHECK_STR(host_state(&h, "exit"), "exit-code exited 42 abc123\n");
        CHECK_STR(host_state(&h, "poststop"), "abc123\n");
        host_done(&h);
}

/* A hook sees its own environment and three descriptors. */
static void hook_environment(void)
{
        static Builder b;
        Host h;

        host_init(&h);
        container_prepare(&h, &b);
        hook_state_op(&b, "}");
        container_clone(&b, CONTAINER_FLAGS);
        build_op(&b, STAGE_ATTEND,
                (ProgramOp){ .opcode = PROGRAM_OP_HOOK,
                        .string = { build_string(&b, getenv("CTR_PROBE")),
                                build_string(&b, "createRuntime"), build_string(&b, "creating") },
                        .data = { build_list(&b, ARGV("probe", "facts")),
                                build_list(&b, ARGV("ONLY=this")) } });
        send_op(&b, STAGE_ATTEND, SYNC_HOOKS_DONE);
        plain_op(&b, STAGE_ATTEND, PROGRAM_OP_AWAIT_EXEC);
        await_op(&b, STAGE_NAMESPACE, SYNC_HOOKS_DONE);
        container_attach(&b);
        container_pivot(&b);
        container_exec(&b, ARGV("/bin/ctr-probe", "exit", "0"), ARGV(NULL));
        host_start(&h, &b, PROGRAM_SERVICE, "run");
        host_wait(&h, &outcome);
        check_exited(outcome.helper_status, 0);
        CHECK_STR(outcome_fact(&outcome, "env", 0), "ONLY=this");
        CHECK(!outcome_fact(&outcome, "env", 1));
        CHECK(!outcome_fact(&outcome, "LEAKED_FD", 0));
        CHECK_STR(outcome_fact(&outcome, "SigIgn", 0), "0000000000000000");
        CHECK_STR(outcome_fact(&outcome, "SigBlk", 0), "0000000000000000");
        CHECK_STR(outcome_fact(&outcome, "umask", 0), "0022");
        host_done(&h);
}

/* Fails the start, kills the clone, and says which hook and why. */
static void check_hook_failure(const char *script, uint64_t timeout_usec, const char *message)
{
        static char tail[90000];
        static Builder b;
        int64_t start;
        Host h;

        /* More than a pipe holds, to hooks that do not read it. */
        memset(tail, ' ', sizeof(tail) - 2);
        tail[sizeof(tail) - 2] = '}';
        host_init(&h);
        container_prepare(&h, &b);
        hook_state_op(&b, tail);
        container_clone(&b, CONTAINER_FLAGS);
        hook_op(&h, &b, STAGE_ATTEND, "createRuntime", "creating", "exit 0", 0);
        hook_op(&h, &b, STAGE_ATTEND, "createRuntime", "creating", script, timeout_usec);
        send_op(&b, STAGE_ATTEND, SYNC_HOOKS_DONE);
        plain_op(&b, STAGE_ATTEND, PROGRAM_OP_AWAIT_EXEC);
        await_op(&b, STAGE_NAMESPACE, SYNC_HOOKS_DONE);
        container_exec(&b, ARGV("/bin/ctr-probe", "exit", "0"), ARGV(NULL));
        start = now_msec();
        host_start(&h, &b, PROGRAM_SERVICE, "run");
        host_wait(&h, &outcome);
        CHECK(now_msec() - start < 3000);
        check_exited(outcome.helper_status, LAUNCH_EXIT_HOOK);
        CHECK(WIFSIGNALED(outcome.payload_status));
        CHECK_STR(outcome.error_file, message);
        host_done(&h);
}

static void hook_exits_with_failure(void)
{
        check_hook_failure("exit 5", 0, "hook: createRuntime /bin/sh: exited with status 5\n");
}

static void hook_is_killed(void)
{
        check_hook_failure(
                "kill -9 $$", 0, "hook: createRuntime /bin/sh: was killed by signal 9\n");
}

/* With what it started in the background. */
static void hook_takes_too_long(void)
{
        int64_t deadline = now_msec() + 5000;
        int pid = 0;

        check_hook_failure("sleep 1000 & echo $! >/tmp/ctr-test-hook-pid; sleep 1000", 2000000,
                "hook: createRuntime /bin/sh: killed after its timeout of 2000 ms\n");
        {
                FILE *f = fopen("/tmp/ctr-test-hook-pid", "re");

                CHECK(f && fscanf(f, "%d", &pid) == 1);
                (void) fclose(f);
                CHECK(unlink("/tmp/ctr-test-hook-pid") >= 0);
        }
        while (kill(pid, 0) >= 0 && now_msec() < deadline)
                (void) usleep(10000);
        CHECK(kill(pid, 0) < 0);
}

static void hook_is_missing(void)
{
        static Builder b;
        Host h;

        host_init(&h);
        container_prepare(&h, &b);
        hook_state_op(&b, "}");
        container_clone(&b, CONTAINER_FLAGS);
        build_op(&b, STAGE_ATTEND,
                (ProgramOp){ .opcode = PROGRAM_OP_HOOK,
                        .string = { build_string(&b, "/nope"), build_string(&b, "prestart"),
                                build_string(&b, "creating") },
                        .data = { build_list(&b, ARGV("nope")) } });
        await_op(&b, STAGE_NAMESPACE, SYNC_HOOKS_DONE);
        host_start(&h, &b, PROGRAM_SERVICE, "run");
        host_wait(&h, &outcome);
        check_exited(outcome.helper_status, LAUNCH_EXIT_HOOK);
        CHECK_STR(outcome.error_file,
                "hook: prestart /nope: cannot be executed: No such file or directory\n");
        host_done(&h);
}

static const Test tests[] = {
        TEST(hooks_in_order),
        TEST(hook_environment),
        TEST(hook_exits_with_failure),
        TEST(hook_is_killed),
        TEST(hook_takes_too_long),
        TEST(hook_is_missing),
};
TEST_MAIN(tests)
