/* Messages between ctr-exec and its clone: what was said before an end is heard before it. */
#include "helper/sync.h"

#include "unit/test.h"

#include <sys/socket.h>
#include <unistd.h>

/* The kernel tells of an end with something unread first, and of what was said after that
 * (unix(7)): a container that is stopped while PID 1 is told of it. */
static void end_with_something_unread(void)
{
        static const uint8_t said = SYNC_STOPPED, unread = SYNC_MAIN_PROCESS;
        Context ctx = context_empty();
        CtrError err = { 0 };
        int sockets[2];

        CHECK_INT(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets), 0);
        ctx.list = PROGRAM_HOST;
        ctx.sync_fd = sockets[0];
        CHECK_INT(write(sockets[1], &said, 1), 1);
        CHECK_INT(write(sockets[0], &unread, 1), 1);
        (void) close(sockets[1]);
        CHECK_INT(sync_receive(&ctx, &err), SYNC_STOPPED);
        CHECK_INT(sync_receive(&ctx, &err), 0);
        (void) close(sockets[0]);
}

static void end_alone(void)
{
        Context ctx = context_empty();
        CtrError err = { 0 };
        int sockets[2];

        CHECK_INT(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets), 0);
        ctx.list = PROGRAM_HOST;
        ctx.sync_fd = sockets[0];
        (void) close(sockets[1]);
        CHECK_INT(sync_receive(&ctx, &err), 0);
        (void) close(sockets[0]);
}

static const Test tests[] = { TEST(end_with_something_unread), TEST(end_alone) };
TEST_MAIN(tests)
