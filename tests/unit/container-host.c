/* What ctr-exec needs around it: see container-host.h. */
#include "unit/container-host.h"

#include "base/io.h"
#include "plan/state-files.h"
#include "unit/test.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

/* Text of a few calls at a time, so that two may stand in one expression. */
static char *scratch_text(void)
{
        static char texts[4][8192];
        static unsigned next;

        return texts[next++ % ELEMENTSOF(texts)];
}

static unsigned count_mounts(void)
{
        FILE *f = fopen("/proc/self/mountinfo", "re");
        unsigned n = 0;
        int c;

        CHECK(f);
        while ((c = getc(f)) != EOF)
                n += c == '\n';
        (void) fclose(f);
        return n;
}

const char *host_path(const Host *h, const char *path)
{
        char *text = scratch_text();

        (void) snprintf(text, 8192, "%s/%s", h->path, path);
        return text;
}

void host_write(const Host *h, const char *path, const char *text, mode_t mode)
{
        _cleanup_close_ int fd =
                open(host_path(h, path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

        CHECK(fd >= 0);
        CHECK(ctr_write_all(fd, text, strlen(text)) >= 0);
        CHECK(fchmod(fd, mode) >= 0);
}

static void make_directory(const Host *h, const char *path)
{
        CHECK(mkdir(host_path(h, path), 0755) >= 0);
}

static void copy_probe(const Host *h)
{
        char *data = NULL;
        size_t size;
        _cleanup_close_ int fd = -EBADF;

        CHECK(ctr_read_file(AT_FDCWD, getenv("CTR_PROBE"), 64U << 20, &data, &size, NULL) >= 0);
        fd = open(host_path(h, "rootfs/bin/ctr-probe"), O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
        CHECK(fd >= 0 && ctr_write_all(fd, data, size) >= 0 && fchmod(fd, 0755) >= 0);
        free(data);
}

#define STOP      "stop"
#define FLUSH     "flush"
#define BARRIER   "BARRIER=1"
#define MISPLACED "(descriptor or barrier out of place)"

/* Deals with messages as PID 1 does: descriptors that came along are closed then, which tells the
 * sender. */
static void *read_notifications(void *arg)
{
        const Host *h = arg;

        for (;;) {
                union {
                        struct cmsghdr header;
                        char bytes[CMSG_SPACE(sizeof(int))];
                } control;
                char text[1024];
                struct iovec iov = { .iov_base = text, .iov_len = sizeof(text) };
                struct msghdr message = { .msg_iov = &iov,
                        .msg_iovlen = 1,
                        .msg_control = &control,
                        .msg_controllen = sizeof(control) };
                ssize_t n = recvmsg(h->notify_fd, &message, MSG_CMSG_CLOEXEC);
                bool has_fd, is_barrier;
                int fd;

                if (n <= 0 || (n == strlen(STOP) && memcmp(text, STOP, (size_t) n) == 0))
                        return NULL;
                has_fd = message.msg_controllen > 0 && CMSG_FIRSTHDR(&message);
                is_barrier = n == strlen(BARRIER) && memcmp(text, BARRIER, (size_t) n) == 0;
                /* PID 1 takes a descriptor with a barrier, and a barrier that says nothing else. */
                if (has_fd != is_barrier)
                        (void) send(h->read_fd[0], MISPLACED, strlen(MISPLACED), 0);
                if (!is_barrier)
                        (void) send(h->read_fd[0], text, (size_t) n, 0);
                if (has_fd) {
                        memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
                        (void) close(fd);
                }
        }
}

static struct sockaddr_un notify_address(const Host *h)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };

        (void) snprintf(address.sun_path, sizeof(address.sun_path), "%.60s/notify", h->path);
        return address;
}

static void send_to_reader(const Host *h, const char *text)
{
        struct sockaddr_un address = notify_address(h);

        CHECK(sendto(h->notify_fd, text, strlen(text), 0, (struct sockaddr *) &address,
                      sizeof(address)) > 0);
}

static void open_notify(Host *h)
{
        struct sockaddr_un address = notify_address(h);

        h->notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        CHECK(bind(h->notify_fd, (struct sockaddr *) &address, sizeof(address)) >= 0);
        CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, h->read_fd) >= 0);
        CHECK_INT(pthread_create(&h->reader, NULL, read_notifications, h), 0);
}

static void close_notify(Host *h)
{
        send_to_reader(h, STOP);
        CHECK_INT(pthread_join(h->reader, NULL), 0);
        closep(&h->notify_fd);
        closep(&h->read_fd[0]);
        closep(&h->read_fd[1]);
}

void host_init(Host *h)
{
        static const char *const directories[] = { "state", "rootfs", "rootfs/bin", "rootfs/etc",
                "rootfs/proc", "rootfs/dev", "rootfs/tmp", "rootfs/masked" };

        if (geteuid() != 0)
                test_skip("needs root to make namespaces and mounts");
        if (unshare(CLONE_NEWNS) < 0)
                test_skip("needs a mount namespace: %s", strerror(errno));
        if (!getenv("CTR_EXEC") || !getenv("CTR_PROBE"))
                test_skip("needs CTR_EXEC and CTR_PROBE, the programs' paths");
        *h = (Host){ .path = "/tmp/ctr-test-helper-XXXXXX",
                .stdin_fd = -EBADF,
                .extra_fd = { -EBADF, -EBADF } };
        CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) >= 0);
        CHECK(mkdtemp(h->path));
        CHECK(mount("tmpfs", h->path, "tmpfs", 0, "mode=0755") >= 0);
        /* As systemd makes the host's mounts: what escapes a container's namespace would be seen.
         */
        CHECK(mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) >= 0);
        (void) umask(022);
        for (size_t i = 0; i < ELEMENTSOF(directories); i++)
                make_directory(h, directories[i]);
        (void) snprintf(h->rootfs, sizeof(h->rootfs), "%s/rootfs", h->path);
        (void) snprintf(h->state, sizeof(h->state), "%s/state", h->path);
        copy_probe(h);
        host_write(h, "rootfs/etc/passwd",
                "root:x:0:0::/root:/bin/sh\nweb:x:33:33::/var/www:/bin/false\n", 0644);
        open_notify(h);
        h->n_mounts = count_mounts();
}

void host_done(Host *h)
{
        CHECK_INT(count_mounts(), h->n_mounts);
        close_notify(h);
        closep(&h->stdin_fd);
        CHECK(umount2(h->path, MNT_DETACH) >= 0);
        CHECK(rmdir(h->path) >= 0);
}

static int make_memfd(const ProgramText *text)
{
        int fd = memfd_create("program", MFD_CLOEXEC);

        CHECK(fd >= 0 && ctr_write_all(fd, text->bytes, text->size) >= 0);
        return fd;
}

static int open_output(const Host *h, const char *name)
{
        int fd = open(host_path(h, name), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

        CHECK(fd >= 0);
        return fd;
}

_noreturn_ static void execute(Host *h, int program_fd, const char *verb)
{
        bool is_exec = strcmp(verb, "exec") == 0;
        const char *argv[] = { "ctr-exec", verb, is_exec ? NULL : h->state, NULL };
        char notify[128];
        const char *env[] = { notify, "INVOCATION_ID=abc123", "HOSTSECRET=1",
                "SERVICE_RESULT=exit-code", "EXIT_CODE=exited", "EXIT_STATUS=42", NULL };
        int fds[] = { h->stdin_fd, open_output(h, "out"), open_output(h, "err"),
                program_fd >= 0 ? program_fd : h->extra_fd[0], h->extra_fd[1] };

        (void) snprintf(notify, sizeof(notify), "NOTIFY_SOCKET=%.60s/notify", h->path);
        /* Above the numbers that are given, so that none is overwritten. */
        for (size_t i = 0; i < ELEMENTSOF(fds); i++)
                fds[i] = fds[i] >= 0 ? fcntl(fds[i], F_DUPFD_CLOEXEC, 20) : fds[i];
        if (fds[0] < 0)
                fds[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
        for (int i = 0; i < (int) ELEMENTSOF(fds); i++)
                if (fds[i] >= 0)
                        (void) dup2(fds[i], i);
        /* One of the caller's that must not get through. */
        (void) dup2(open("/etc", O_RDONLY | O_DIRECTORY), 9);
        (void) execve(getenv("CTR_EXEC"), (char *const *) (uintptr_t) argv,
                (char *const *) (uintptr_t) env);
        _exit(99);
}

void host_start(Host *h, const Builder *b, ProgramKind kind, const char *verb)
{
        static ProgramText text;
        _cleanup_close_ int dir_fd = open(h->state, O_PATH | O_DIRECTORY | O_CLOEXEC);
        _cleanup_close_ int program_fd = -EBADF;

        build_finish(b, kind, "test", &text);
        if (strcmp(verb, "exec") == 0)
                program_fd = make_memfd(&text);
        else
                CHECK(ctr_write_file_atomic(
                              dir_fd, STATE_FILE_PROGRAM, text.bytes, text.size, 0600) >= 0);
        h->helper_pid = fork();
        CHECK(h->helper_pid >= 0);
        if (h->helper_pid == 0)
                execute(h, program_fd, verb);
}

int host_wait_helper(Host *h)
{
        int status = -1;

        CHECK(waitpid(h->helper_pid, &status, 0) == h->helper_pid);
        return status;
}

const char *host_notified(const Host *h, int timeout_msec)
{
        struct pollfd pollfd = { .fd = h->read_fd[1], .events = POLLIN };
        char *text = scratch_text();
        ssize_t n = 0;

        if (poll(&pollfd, 1, timeout_msec) > 0)
                n = recv(h->read_fd[1], text, 8191, 0);
        text[n > 0 ? n : 0] = '\0';
        return text;
}

static void read_text(const char *path, char *text, size_t size)
{
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
        size_t used = 0;
        ssize_t n;

        while (fd >= 0 && used < size - 1 && (n = read(fd, text + used, size - 1 - used)) > 0)
                used += (size_t) n;
        text[used] = '\0';
}

void host_wait(Host *h, Outcome *ret)
{
        int status;
        pid_t pid;

        ret->helper_status = ret->payload_status = -1;
        ret->payload_pid = 0;
        ret->notified[0] = '\0';
        while ((pid = waitpid(-1, &status, 0)) > 0)
                if (pid == h->helper_pid)
                        ret->helper_status = status;
                else {
                        ret->payload_status = status;
                        ret->payload_pid = pid;
                }
        send_to_reader(h, FLUSH);
        for (const char *s; strcmp(s = host_notified(h, 10000), FLUSH) != 0;)
                (void) strncat(ret->notified, s, sizeof(ret->notified) - strlen(ret->notified) - 1);
        read_text(host_path(h, "out"), ret->out, sizeof(ret->out));
        read_text(host_path(h, "err"), ret->err, sizeof(ret->err));
        read_text(host_path(h, "state/error"), ret->error_file, sizeof(ret->error_file));
        (void) unlink(host_path(h, "out"));
        (void) unlink(host_path(h, "err"));
}

int host_open_gate(const Host *h)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

        (void) snprintf(address.sun_path, sizeof(address.sun_path), "%.96s/gate", h->state);
        if (connect(fd, (struct sockaddr *) &address, sizeof(address)) < 0)
                closep(&fd);
        return fd;
}

bool host_receive(int fd, LaunchReply *reply, int *pidfd)
{
        union {
                struct cmsghdr header;
                char bytes[CMSG_SPACE(sizeof(int))];
        } control;
        struct iovec iov = { .iov_base = reply, .iov_len = sizeof(*reply) };
        struct msghdr message = { .msg_iov = &iov,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof(control) };
        ssize_t n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);

        *pidfd = -EBADF;
        if (n <= 0)
                return false;
        CHECK_INT(n, sizeof(*reply));
        CHECK_INT(reply->magic, LAUNCH_MAGIC);
        if (message.msg_controllen > 0 && CMSG_FIRSTHDR(&message))
                memcpy(pidfd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
        return true;
}

const char *outcome_fact(const Outcome *o, const char *key, unsigned n)
{
        size_t size = strlen(key);
        char *text = scratch_text();

        for (const char *line = o->out; line && *line; line = strchr(line, '\n')) {
                line += *line == '\n';
                if (strncmp(line, key, size) != 0 || line[size] != '=' || n-- > 0)
                        continue;
                line += size + 1;
                (void) snprintf(text, 8192, "%.*s", (int) strcspn(line, "\n"), line);
                return text;
        }
        return NULL;
}

const char *outcome_line(const Outcome *o, const char *key, const char *prefix)
{
        const char *value;

        for (unsigned i = 0; (value = outcome_fact(o, key, i)); i++)
                if (strncmp(value, prefix, strlen(prefix)) == 0)
                        return value + strlen(prefix);
        return NULL;
}

/* ---- operations of an ordinary container ---- */

void container_prepare(Host *h, Builder *b)
{
        *b = (Builder){ .n_slots = 16 };
        build_op(b, STAGE_PREPARE,
                (ProgramOp){ .opcode = PROGRAM_OP_OPEN_ROOTFS,
                        .string = { build_string(b, h->rootfs) } });
}

void container_clone(Builder *b, uint64_t flags)
{
        build_op(b, STAGE_ATTEND, (ProgramOp){ .opcode = PROGRAM_OP_CLONE, .number = { flags } });
}

void container_attach(Builder *b)
{
        build_op(b, STAGE_ROOTFS,
                (ProgramOp){ .opcode = PROGRAM_OP_INHERITED_PROPAGATION, .number = { MS_SLAVE } });
        build_op(b, STAGE_ROOTFS, (ProgramOp){ .opcode = PROGRAM_OP_ATTACH_ROOTFS });
        build_op(b, STAGE_ROOTFS,
                (ProgramOp){ .opcode = PROGRAM_OP_MOUNT,
                        .number = { MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, 0,
                                0755 },
                        .string = { build_string(b, "proc"), build_string(b, "proc"),
                                build_string(b, "/proc") } });
}

void container_pivot(Builder *b)
{
        build_op(b, STAGE_ROOTFS, (ProgramOp){ .opcode = PROGRAM_OP_PIVOT });
}

void container_exec(Builder *b, const char *const *argv, const char *const *env)
{
        build_op(b, STAGE_FINAL,
                (ProgramOp){ .opcode = PROGRAM_OP_EXEC,
                        .data = { build_list(b, argv), build_list(b, env) } });
}

void plain_op(Builder *b, ProgramStage stage, ProgramOpcode opcode)
{
        build_op(b, stage, (ProgramOp){ .opcode = (uint16_t) opcode });
}

void path_op(Builder *b, ProgramStage stage, ProgramOpcode opcode, const char *path)
{
        build_op(b, stage,
                (ProgramOp){ .opcode = (uint16_t) opcode, .string = { build_string(b, path) } });
}

void pair_op(
        Builder *b, ProgramStage stage, ProgramOpcode opcode, const char *first, const char *second)
{
        build_op(b, stage,
                (ProgramOp){ .opcode = (uint16_t) opcode,
                        .string = { build_string(b, first), build_string(b, second) } });
}

void send_op(Builder *b, ProgramStage stage, SyncMessage message)
{
        build_op(b, stage, (ProgramOp){ .opcode = PROGRAM_OP_SEND, .number = { message } });
}

void await_op(Builder *b, ProgramStage stage, SyncMessage message)
{
        build_op(b, stage, (ProgramOp){ .opcode = PROGRAM_OP_AWAIT, .number = { message } });
}

void notify_op(Builder *b, const char *status)
{
        path_op(b, STAGE_ATTEND, PROGRAM_OP_NOTIFY_READY, status);
}

void outcome_check_exited(const Outcome *o, int status, int code)
{
        /* Without its newline the text is one comment of the test protocol. */
        if (!WIFEXITED(status) || WEXITSTATUS(status) != code)
                test_fail(__FILE__, __LINE__, "status %#x, expected exit %d; %.*s", status, code,
                        (int) strcspn(o->err, "\n"), o->err);
}

int64_t now_msec(void)
{
        struct timespec t;

        CHECK(clock_gettime(CLOCK_MONOTONIC, &t) >= 0);
        return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

const char *host_state(const Host *h, const char *name)
{
        static char text[4][512];
        static unsigned next;
        char *ret = text[next++ % ELEMENTSOF(text)], path[64];
        _cleanup_close_ int fd = -EBADF;
        ssize_t n;

        (void) snprintf(path, sizeof(path), "state/%s", name);
        fd = open(host_path(h, path), O_RDONLY | O_CLOEXEC);
        n = fd < 0 ? 0 : read(fd, ret, 511);
        ret[n > 0 ? n : 0] = '\0';
        return ret;
}
