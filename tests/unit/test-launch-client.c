/* The callers' side of launch socket and reply. */
#include "runtime/launch-client.h"
#include "unit/test.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

static void send_reply(int fd, const void *reply, size_t size, int passed)
{
        union {
                struct cmsghdr header;
                char bytes[CMSG_SPACE(sizeof(int))];
        } control = { 0 };
        struct iovec iov = { .iov_base = (void *) (uintptr_t) reply, .iov_len = size };
        struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

        if (passed >= 0) {
                control.header = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
                        .cmsg_type = SCM_RIGHTS,
                        .cmsg_len = CMSG_LEN(sizeof(int)) };
                memcpy(CMSG_DATA(&control.header), &passed, sizeof(int));
                m.msg_control = &control;
                m.msg_controllen = sizeof(control);
        }
        CHECK(sendmsg(fd, &m, 0) == (ssize_t) size);
}

static void replies(void)
{
        LaunchReply reply = { .magic = LAUNCH_MAGIC, .kind = LAUNCH_STARTED, .pid = 42 }, got;
        CtrError err = { 0 };
        int ours, theirs, fd, null = open("/dev/null", O_RDONLY | O_CLOEXEC);
        struct stat a, b;

        CHECK_OK(launch_socket_pair(&ours, &theirs, &err), err);
        send_reply(theirs, &reply, sizeof(reply), null);
        CHECK_INT(launch_receive(ours, &got, &fd, &err), 1);
        CHECK_INT(got.pid, 42);
        CHECK(fstat(fd, &a) >= 0 && fstat(null, &b) >= 0 && a.st_rdev == b.st_rdev);
        CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        (void) close(fd);

        send_reply(theirs, &reply, sizeof(reply), -1);
        CHECK_INT(launch_receive(ours, &got, &fd, &err), 1);
        CHECK_INT(fd, -EBADF);

        /* Not ours: another size, kind or magic; the descriptor is not leaked (the harness looks).
         */
        send_reply(theirs, &reply, sizeof(reply) - 1, null);
        CHECK_INT(launch_receive(ours, &got, &fd, &err), -EPROTO);
        reply.kind = LAUNCH_REQUEST;
        send_reply(theirs, &reply, sizeof(reply), null);
        CHECK_INT(launch_receive(ours, &got, &fd, &err), -EPROTO);
        (void) close(theirs);
        CHECK_INT(launch_receive(ours, &got, &fd, &err), 0);
        (void) close(ours);
        (void) close(null);
}

static void requests(void)
{
        CtrError err = { 0 };
        LaunchRequest request;
        LaunchFds fds = LAUNCH_FDS_NONE;
        char names[LAUNCH_NAMES_SIZE + 1] = "";
        int ours, theirs;

        CHECK_OK(launch_socket_pair(&ours, &theirs, &err), err);
        CHECK_OK(launch_send_request(ours, &fds, &err), err);
        CHECK_INT(read(theirs, &request, sizeof(request)), sizeof(request));
        CHECK_INT(request.magic, LAUNCH_MAGIC);
        CHECK_INT(request.n_stdio + request.n_kept + request.n_console, 0);
        CHECK_OK(launch_send_placed(ours, &err), err);
        CHECK_INT(read(theirs, &request, sizeof(request)), sizeof(request));
        CHECK_INT(request.kind, LAUNCH_PLACED);
        fds.has_stdio = true;
        fds.n_kept = LAUNCH_FDS_MAX;
        CHECK_INT(launch_send_request(ours, &fds, &err), -E2BIG);
        fds.n_kept = fds.n_listen = 1;
        fds.console = fds.kept[0] = STDIN_FILENO;
        CHECK_OK(launch_send_request(ours, &fds, &err), err);
        CHECK_INT(read(theirs, &request, sizeof(request)), sizeof(request));
        CHECK_INT(request.n_stdio, 3);
        CHECK_INT(request.n_kept, 1);
        CHECK_INT(request.n_listen, 1);
        CHECK_STR(request.listen_names, "");
        fds.listen_names = "web";
        CHECK_OK(launch_send_request(ours, &fds, &err), err);
        CHECK_INT(read(theirs, &request, sizeof(request)), sizeof(request));
        CHECK_STR(request.listen_names, "web");
        memset(names, 'x', sizeof(names) - 1);
        fds.listen_names = names;
        CHECK(launch_send_request(ours, &fds, &err) < 0);
        CHECK_CONTAINS(err.message, "LISTEN_FDNAMES is too long");
        fds.listen_names = NULL;
        CHECK_INT(request.n_console, 1);
        (void) close(theirs);
        CHECK_INT(launch_send_request(ours, &fds, &err), -EPIPE);
        (void) close(ours);
}

static void errors(void)
{
        const struct {
                int exit_status, errno_value, expected;
        } cases[] = {
                { LAUNCH_EXIT_EXEC, ENOENT, 127 },
                { LAUNCH_EXIT_EXEC, ENOTDIR, 127 },
                { LAUNCH_EXIT_EXEC, EACCES, 126 },
                { LAUNCH_EXIT_EXEC, ENOEXEC, 126 },
                { LAUNCH_EXIT_NAMESPACE, ENOENT, 1 },
                { LAUNCH_EXIT_CONFIG, 0, 1 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                LaunchReply reply = { .kind = LAUNCH_FAILED,
                        .exit_status = cases[i].exit_status,
                        .errno_value = cases[i].errno_value,
                        .message = "exec /nope: no such file or directory" };
                CtrError err = { 0 };

                CHECK(launch_reply_error(&reply, &err) < 0);
                CHECK_INT(err.exit_status, cases[i].expected);
                CHECK_STR(err.message, "exec /nope: no such file or directory");
        }
}

static const Test tests[] = { TEST(replies), TEST(requests), TEST(errors) };
TEST_MAIN(tests)
