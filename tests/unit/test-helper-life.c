/* The life of containers by ctr-exec: the gate, stopping, the launch socket, another process
 * in a container, records of the end. */
#include "unit/container-host.h"
#include "unit/test.h"

#include "base/io.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>

static Outcome outcome;

static void check_exited(int status, int code)
{
        outcome_check_exited(&outcome, status, code);
}

/* ---- the gate ---- */

/* A container as `create` makes it; stop_signal 0 = none of its own. */
static void build_gated(Host *h, Builder *b, int stop_signal, const char *const *argv)
{
        char path[128];

        (void) snprintf(path, sizeof(path), "%s/gate", h->state);
        container_prepare(h, b);
        build_op(b, STAGE_PREPARE,
                (ProgramOp){ .opcode = PROGRAM_OP_OPEN_GATE, .string = { build_string(b, path) } });
        container_clone(b, CONTAINER_FLAGS);
        await_op(b, STAGE_ATTEND, SYNC_AT_GATE);
        notify_op(b, "created");
        plain_op(b, STAGE_ATTEND, PROGRAM_OP_AWAIT_EXEC);
        container_attach(b);
        container_pivot(b);
        send_op(b, STAGE_FINAL, SYNC_AT_GATE);
        build_op(b, STAGE_FINAL,
                (ProgramOp){ .opcode = PROGRAM_OP_GATE, .number = { (uint64_t) stop_signal } });
        container_exec(b, argv, ARGV(NULL));
}

static pid_t notified_pid(const Host *h, const char *status)
{
        const char *text;
        int pid = 0;

        do {
                text = host_notified(h, 10000);
                CHECK(*text);
                (void) sscanf(text, "MAINPID=%d\n", &pid);
        } while (!strstr(text, "READY=1\n"));
        CHECK_CONTAINS(text, status);
        CHECK(pid > 0);
        return pid;
}

static void gate_is_opened(void)
{
        _cleanup_close_ int gate_fd = -EBADF;
        LaunchReply reply;
        static Builder b;
        struct stat st;
        int pidfd;
        Host h;

        host_init(&h);
        build_gated(&h, &b, 0, ARGV("/bin/ctr-probe", "facts", "exit", "7"));
        host_start(&h, &b, PROGRAM_SERVICE, "run");
        (void) notified_pid(&h, "STATUS=created");
        CHECK(lstat(host_path(&h, "state/gate"), &st) >= 0);
        CHECK_INT(st.st_mode, S_IFSOCK | 0600);
        gate_fd = host_open_gate(&h);
        CHECK(gate_fd >= 0);
        CHECK(!host_receive(gate_fd, &reply, &pidfd)); /* end of file alone: it runs */
        host_wait(&h, &outcome);
        check_exited(outcome.helper_status, 0);
        check_exited(outcome.payload_status, 7);
        CHECK_STR(outcome.notified, "");
        CHECK_STR(outcome_fact(&outcome, "SigBlk", 0), "0000000000000000");
        CHECK(!outcome_fact(&outcome, "LEAKED_FD", 0));
        CHECK_STR(host_state(&h, "started"), "abc123");
        CHECK(lstat(host_path(&h, "state/gate"), &st) < 0);

        /* The next invocation of the unit runs at once, and is up when the payload runs. */
        host_start(&h, &b, PROGRAM_SERVICE, "run");
        host_wait(&h, &outcome);
        check_exited(outcome.payload_status, 7);
        CHECK_CONTAINS(outcome.notified, "READY=1\nSTATUS=running");
        host_done(&h);
}

static void gate_answers_a_failure(void)
{
        _cleanup_close_ int gate_fd = -EBADF;
        LaunchReply reply;
        static Builder b;
        int pidfd;
        Host h;

        host_init(&h);
        build_gated(&h, &b, 0, ARGV("/nope"));
        host_start(&h, &b, PROGRAM_SERVICE, "run");
        (void) notified_pid(&h, "STATUS=created");
        gate_fd = host_open_gate(&h);
        CHECK(host_receive(gate_fd, &reply, &pidfd));
        CHECK_INT(reply.kind, LAUNCH_FAILED);
        CHECK_INT(reply.exit_status, LAUNCH_EXIT_EXEC);
        CHECK_INT(reply.errno_value, ENOENT);
        CHECK_INT(reply.opcode, PROGRAM_OP_EXEC);
        CHECK_STR(reply.message, "exec: \"/nope\": stat /nope: no such file or directory");
        CHECK(!host_receive(gate_fd, &reply, &pidfd));
        host_wait(&h, &outcome);
        /* The payload's process is the unit's main process by now: its status is the one that
         * counts. */
        check_exited(outcome.payload_status, LAUNCH_EXIT_EXEC);
        CHECK_CONTAINS(outcome.error_file, "exec: \"/nope\"");
        CHECK_CONTAINS(outcome.err, "<3>ctrunit: test: exec: \"/nope\"");
        host_done(&h);
}

static void stop_at_gate(int stop_signal, int sent)
{
        static Builder b;
        int64_t start;
        Host h;

        host_init(&h);
        build_gated(&h, &b, stop_signal, ARGV("/bin/ctr-probe", "exit", "7"));
        host_start(&h, &b, PROGRAM_SERVICE, "run");
        start = now_msec();
        CHECK(kill(notified_pid(&h, "STATUS=created"), sent) >= 0);
        host_wait(&h, &outcome);
        CHECK(now_msec() - start < 1000);
        check_exited(outcome.helper_status, 0);
        check_exited(outcome.payload_status, 0);
        CHECK_STR(outcome.err, "");
        CHECK_STR(outcome.error_file, "");
        host_done(&h);
}

static void sigterm_at_gate(void)
{
        stop_at_gate(0, SIGTERM);
}

static void sigint_at_gate(void)
{
        stop_at_gate(SIGQUIT, SIGINT);
}

static void stop_signal_at_gate(void)
{
        stop_at_gate(SIGQUIT, SIGQUIT);
}

/* Whatever kills ctr-exec takes the container that does not run yet with it. */
static void helper_dies_at_gate(void)
{
        static Builder b;
        Host h;

        host_init(&h);
        build_gated(&h, &b, 0, ARGV("/bin/ctr-probe", "exit", "7"));
        host_start(&h, &b, PROGRAM_SERVICE, "run");
        (void) notified_pid(&h, "STATUS=created");
        CHECK(kill(h.helper_pid, SIGKILL) >= 0);
        host_wait(&h, &outcome);
        check_exited(outcome.payload_status, LAUNCH_EXIT_PROTOCOL);
        host_done(&h);
}

/* The file behind /proc/PID/exe of a container that waits: not the host's program, and not to be
 * opened for writing. */
static void program_file_is_out_of_reach(void)
{
        static const int flags[] = { O_WRONLY, O_RDWR, O_WRONLY | O_TRUNC };
        _cleanup_close_ int fd = -EBADF;
        char path[64], self[64];
        static Builder b;
        struct statvfs st;
        pid_t pid;
        Host h;

        host_init(&h);
        build_gated(&h, &b, 0, ARGV("/bin/ctr-probe", "exit", "7"));
        host_start(&h, &b, PROGRAM_SERVICE, "run");
        pid = notified_pid(&h, "STATUS=created");
        (void) snprintf(path, sizeof(path), "/proc/%d/exe", (int) pid);
        fd = open(path, O_PATH | O_CLOEXEC);
        CHECK(fd >= 0);
        CHECK(kill(pid, SIGTERM) >= 0);
        host_wait(&h, &outcome);
        /* "Text file busy" while somebody executes the file, as other tests may; read-only always.
         */
        CHECK(fstatvfs(fd, &st) >= 0);
        CHECK(st.f_flag & ST_RDONLY);
        (void) snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
        for (size_t i = 0; i < ELEMENTSOF(flags); i++) {
                CHECK(open(self, flags[i]) < 0);
                CHECK(errno == EROFS || errno == ETXTBSY);
        }
        host_done(&h);
}

/* ---- the launch socket ---- */

static void build_running(Host *h, Builder *b, bool has_notify, const char *const *argv)
{
        container_prepare(h, b);
        container_clone(b, CONTAINER_FLAGS);
        plain_op(b, STAGE_ATTEND, PROGRAM_OP_AWAIT_EXEC);
        if (has_notify)
                notify_op(b, "running");
        container_attach(b);
        container_pivot(b);
        container_exec(b, argv, ARGV(NULL));
}

static void send_request(int fd, const int fds[static 3])
{
        LaunchRequest request = { .magic = LAUNCH_MAGIC, .kind = LAUNCH_REQUEST, .n_stdio = 3 };
        union {
                struct cmsghdr header;
                char bytes[CMSG_SPACE(3 * sizeof(int))];
        } control = { .header = { CMSG_LEN(3 * sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
        struct iovec iov = { .iov_base = &request, .iov_len = sizeof(request) };
        struct msghdr message = { .msg_iov = &iov,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof(control) };

        memcpy(CMSG_DATA(&control.header), fds, 3 * sizeof(int));
        CHECK(sendmsg(fd, &message, 0) == sizeof(request));
}

static void launch_socket(void)
{
        int sockets[2], pipe_fds[2], pidfd;
        struct pollfd pollfd = { .events = POLLIN };
        LaunchReply reply;
        char text[64] = "";
        static Builder b;
        Host h;

        host_init(&h);
        CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) >= 0);
        CHECK(pipe2(pipe_fds, O_CLOEXEC) >= 0);
        send_request(sockets[0], (int[]){ pipe_fds[0], pipe_fds[1], pipe_fds[1] });
        h.stdin_fd = sockets[1];
        build_running(&h, &b, true, ARGV("/bin/ctr-probe", "print", "to the caller", "exit", "3"));
        host_start(&h, &b, PROGRAM_SERVICE, "run");
        closep(&h.stdin_fd);
        CHECK(host_receive(sockets[0], &reply, &pidfd));
        CHECK_INT(reply.kind, LAUNCH_STARTED);
        CHECK(pidfd >= 0);
        pollfd.fd = pidfd;
        CHECK_INT(poll(&pollfd, 1, 10000), 1);
        CHECK(!host_receive(sockets[0], &reply, &(int){ 0 }));
        (void) close(pidfd);
        (void) close(pipe_fds[1]);
        CHECK(read(pipe_fds[0], text, sizeof(text) - 1) > 0);
        CHECK_STR(text, "to the caller\n");
        (void) close(pipe_fds[0]);
        (void) close(sockets[0]);
        host_wait(&h, &outcome);
        check_exited(outcome.payload_status, 3);
        CHECK_INT(reply.pid, outcome.payload_pid);
        host_done(&h);
}

/* A restarted unit has the same socket, whose caller is gone: it runs with /dev/null and its own
 * streams. */
static void launch_socket_without_peer(void)
{
        static Builder b;
        int sockets[2];
        Host h;

        host_init(&h);
        CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) >= 0);
        (void) close(sockets[0]);
        h.stdin_fd = sockets[1];
        build_running(&h, &b, true,
                ARGV("/bin/ctr-probe", "print", "to the unit", "cat", "/proc/self/fdinfo/0"));
        host_start(&h, &b, PROGRAM_SERVICE, "run");
        host_wait(&h, &outcome);
        check_exited(outcome.payload_status, 0);
        CHECK_CONTAINS(outcome.out, "to the unit\n");
        host_done(&h);
}

static void launch_request_is_checked(void)
{
        static Builder b;
        int sockets[2];
        Host h;

        host_init(&h);
        CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) >= 0);
        CHECK_INT(send(sockets[0], "nonsense", 8, 0), 8);
        h.stdin_fd = sockets[1];
        build_running(&h, &b, true, ARGV("/bin/ctr-probe", "exit", "0"));
        host_start(&h, &b, PROGRAM_SERVICE, "run");
        host_wait(&h, &outcome);
        check_exited(outcome.helper_status, LAUNCH_EXIT_STDIN);
        CHECK_CONTAINS(outcome.error_file, "launch request");
        (void) close(sockets[0]);
        host_done(&h);
}

/* Engines: the socket is descriptor 4, nothing of ours goes to their standard error. */
static void scope_mode(void)
{
        int sockets[2], pidfd;
        LaunchReply reply;
        static Builder b;
        Host h;

        host_init(&h);
        CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) >= 0);
        h.extra_fd[1] = sockets[1];
        build_running(&h, &b, false, ARGV("/bin/ctr-probe", "facts", "exit", "9"));
        host_start(&h, &b, PROGRAM_SCOPE, "run");
        CHECK(host_receive(sockets[0], &reply, &pidfd));
        CHECK_INT(reply.kind, LAUNCH_STARTED);
        (void) close(pidfd);
        host_wait(&h, &outcome);
        check_exited(outcome.payload_status, 9);
        CHECK(!outcome_fact(&outcome, "LEAKED_FD", 0));

        build_running(&h, &b, false, ARGV("/nope"));
        host_start(&h, &b, PROGRAM_SCOPE, "run");
        CHECK(host_receive(sockets[0], &reply, &pidfd));
        CHECK_INT(reply.kind, LAUNCH_FAILED);
        CHECK_STR(reply.message, "exec: \"/nope\": stat /nope: no such file or directory");
        host_wait(&h, &outcome);
        CHECK_STR(outcome.err, "");
        (void) close(sockets[0]);
        (void) close(sockets[1]);
        host_done(&h);
}

/* ---- another process in a container ---- */

static void build_exec(Builder *b, pid_t pid, uint64_t starttime, const char *const *argv)
{
        *b = (Builder){ .n_slots = 1 };
        build_op(b, STAGE_PREPARE,
                (ProgramOp){ .opcode = PROGRAM_OP_OPEN_PROCESS,
                        .number = { 0, (uint64_t) pid, starttime } });
        build_op(b, STAGE_PREPARE,
                (ProgramOp){
                        .opcode = PROGRAM_OP_JOIN_BEFORE_CLONE, .number = { 0, CLONE_NEWPID } });
        container_clone(b, 0);
        plain_op(b, STAGE_ATTEND, PROGRAM_OP_AWAIT_EXEC);
        build_op(b, STAGE_NAMESPACE,
                (ProgramOp){ .opcode = PROGRAM_OP_JOIN_NAMESPACE,
                        .number = {
                                0, CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET } });
        build_op(b, STAGE_IDENTITY,
                (ProgramOp){
                        .opcode = PROGRAM_OP_OOM_SCORE_ADJ, .string = { build_string(b, "77") } });
        build_op(b, STAGE_IDENTITY,
                (ProgramOp){ .opcode = PROGRAM_OP_CHDIR, .string = { build_string(b, "/tmp") } });
        build_op(b, STAGE_IDENTITY,
                (ProgramOp){ .opcode = PROGRAM_OP_SET_IDS, .number = { 33, 33 } });
        container_exec(b, argv, ARGV("PATH=/bin"));
}

static void exec_in_a_container(void)
{
        int sockets[2], pidfd, init_fd, status;
        uint64_t starttime;
        LaunchReply reply;
        static Builder b;
        char path[64], ns[64] = "";
        pid_t init;
        Host h;

        host_init(&h);
        build_running(&h, &b, true, ARGV("/bin/ctr-probe", "sleep", "60"));
        host_start(&h, &b, PROGRAM_SERVICE, "run");
        init = notified_pid(&h, "STATUS=running");
        check_exited(host_wait_helper(&h), 0);
        init_fd = pidfd_open(init, 0);
        CHECK(init_fd >= 0);
        CHECK(ctr_process_starttime(init, &starttime) >= 0);
        CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) >= 0);
        h.extra_fd[1] = sockets[1];

        build_exec(&b, init, starttime, ARGV("ctr-probe", "facts", "exit", "5"));
        host_start(&h, &b, PROGRAM_EXEC, "exec");
        CHECK(host_receive(sockets[0], &reply, &pidfd));
        CHECK_INT(reply.kind, LAUNCH_STARTED);
        (void) close(pidfd);
        check_exited(host_wait_helper(&h), 0);
        CHECK(waitpid(reply.pid, &status, 0) == reply.pid);
        check_exited(status, 5);

        build_exec(&b, init, starttime, ARGV("nope"));
        host_start(&h, &b, PROGRAM_EXEC, "exec");
        CHECK(host_receive(sockets[0], &reply, &pidfd));
        CHECK_INT(reply.kind, LAUNCH_FAILED);
        CHECK_STR(reply.message, "exec: \"nope\": executable file not found in $PATH");
        check_exited(host_wait_helper(&h), LAUNCH_EXIT_EXEC);

        /* Another process with that number is not the container. */
        build_exec(&b, init, starttime + 1, ARGV("ctr-probe", "exit", "0"));
        host_start(&h, &b, PROGRAM_EXEC, "exec");
        CHECK(host_receive(sockets[0], &reply, &pidfd));
        CHECK_INT(reply.kind, LAUNCH_FAILED);
        CHECK_CONTAINS(reply.message, "is not the container's");
        check_exited(host_wait_helper(&h), LAUNCH_EXIT_NAMESPACE);

        (void) snprintf(path, sizeof(path), "/proc/%d/ns/net", (int) init);
        CHECK(readlink(path, ns, sizeof(ns) - 1) > 0);
        CHECK(pidfd_send_signal(init_fd, SIGTERM, NULL, 0) >= 0);
        (void) close(init_fd);
        host_wait(&h, &outcome);
        CHECK_CONTAINS(ns, outcome_fact(&outcome, "ns_net", 0));
        CHECK_STR(outcome_fact(&outcome, "pid", 0), "2");
        CHECK_STR(outcome_fact(&outcome, "uid", 0), "33");
        CHECK_STR(outcome_fact(&outcome, "cwd", 0), "/tmp");
        CHECK_STR(outcome_fact(&outcome, "oom_score_adj", 0), "77");
        CHECK_STR(outcome_fact(&outcome, "env", 1), "HOME=/var/www");
        CHECK(!outcome_fact(&outcome, "LEAKED_FD", 0));
        CHECK_STR(outcome.err, "");
        (void) close(sockets[0]);
        (void) close(sockets[1]);
        host_done(&h);
}

/* ---- records ---- */

static void pid_pins_and_limits(void)
{
        _cleanup_close_ int ns_fd = -EBADF;
        unsigned long long starttime;
        char path[128], invocation[32];
        static Builder b;
        struct stat st;
        Host h;
        int pid;

        host_init(&h);
        container_prepare(&h, &b);
        plain_op(&b, STAGE_PREPARE, PROGRAM_OP_RAISE_LIMITS);
        container_clone(&b, CONTAINER_FLAGS);
        (void) snprintf(path, sizeof(path), "%s/pid", h.state);
        build_op(&b, STAGE_ATTEND,
                (ProgramOp){
                        .opcode = PROGRAM_OP_RECORD_PID, .string = { build_string(&b, path) } });
        (void) snprintf(path, sizeof(path), "%s/ns/net", h.state);
        build_op(&b, STAGE_ATTEND,
                (ProgramOp){ .opcode = PROGRAM_OP_PIN_NAMESPACE,
                        .string = { build_string(&b, path), build_string(&b, "net") } });
        await_op(&b, STAGE_ATTEND, SYNC_SETUP_DONE);
        plain_op(&b, STAGE_ATTEND, PROGRAM_OP_RESTORE_LIMITS);
        send_op(&b, STAGE_ATTEND, SYNC_LIMITS_RESTORED);
        plain_op(&b, STAGE_ATTEND, PROGRAM_OP_AWAIT_EXEC);
        container_attach(&b);
        container_pivot(&b);
        send_op(&b, STAGE_FINAL, SYNC_SETUP_DONE);
        await_op(&b, STAGE_FINAL, SYNC_LIMITS_RESTORED);
        container_exec(&b, ARGV("/bin/ctr-probe", "facts"), ARGV(NULL));
        for (int i = 0; i < 2; i++) { /* the second replaces what the first pinned */
                host_start(&h, &b, PROGRAM_SERVICE, "run");
                host_wait(&h, &outcome);
                check_exited(outcome.helper_status, 0);
        }
        CHECK(sscanf(host_state(&h, "pid"), "%d %llu %31s", &pid, &starttime, invocation) == 3);
        CHECK_INT(pid, outcome.payload_pid);
        CHECK_STR(invocation, "abc123");
        CHECK(starttime > 0);
        ns_fd = open(path, O_RDONLY | O_CLOEXEC);
        CHECK(ns_fd >= 0 && fstat(ns_fd, &st) >= 0);
        (void) snprintf(path, sizeof(path), "net:[%llu]", (unsigned long long) st.st_ino);
        CHECK_STR(outcome_fact(&outcome, "ns_net", 0), path);
        closep(&ns_fd);
        host_start(&h, &b, PROGRAM_SERVICE, "record-exit");
        host_wait(&h, &outcome);
        check_exited(outcome.helper_status, 0);
        CHECK(lstat(host_path(&h, "state/ns"), &st) < 0);
        host_done(&h);
}

static void record_exit_without_state(void)
{
        static Builder b;
        Host h;

        host_init(&h);
        container_prepare(&h, &b);
        host_start(&h, &b, PROGRAM_SERVICE, "record-exit");
        host_wait(&h, &outcome);
        CHECK(unlink(host_path(&h, "state/exit")) >= 0);
        CHECK(unlink(host_path(&h, "state/program")) >= 0);
        (void) unlink(host_path(&h, "state/poststop"));
        CHECK(rmdir(h.state) >= 0);
        (void) snprintf(h.state, sizeof(h.state), "%s/none", h.path);
        CHECK(mkdir(h.state, 0700) >= 0 && rmdir(h.state) >= 0);
        h.helper_pid = fork();
        if (h.helper_pid == 0) {
                (void) execl(getenv("CTR_EXEC"), "ctr-exec", "record-exit", h.state, NULL);
                _exit(99);
        }
        check_exited(host_wait_helper(&h), 0);
        host_done(&h);
}

static const Test tests[] = {
        TEST(gate_is_opened),
        TEST(gate_answers_a_failure),
        TEST(sigterm_at_gate),
        TEST(sigint_at_gate),
        TEST(stop_signal_at_gate),
        TEST(helper_dies_at_gate),
        TEST(program_file_is_out_of_reach),
        TEST(launch_socket),
        TEST(launch_socket_without_peer),
        TEST(launch_request_is_checked),
        TEST(scope_mode),
        TEST(exec_in_a_container),
        TEST(pid_pins_and_limits),
        TEST(record_exit_without_state),
};
TEST_MAIN(tests)
