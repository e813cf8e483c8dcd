/* The first connection to a published port, before it is forwarded: a container that waits at its
 * gate is let go, and then somebody must listen. The kernel has no event for that, so its tables
 * are looked at, at most twenty times a second. A port that nobody comes to listen on is no error
 * here: the client then sees a connection that is closed, as it would without us. */
#include "helper/forward.h"

#include "base/io.h"
#include "plan/launch.h"
#include "plan/state-files.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

enum {
        WAIT_MSEC = 10000,
        PAUSE_MSEC = 2, /* at first, then more */
        PAUSE_MSEC_MAX = 50,
        STATE_LISTEN = 0x0a, /* TCP_LISTEN of the kernel's table */
        STATE_UDP = 0x07,    /* a socket of udp without a peer */
        PORT_MAX = 65535,
};

/* What the gate says: nothing, or why the container did not start. Somebody else may be first. */
static int read_gate(int fd, CtrError *err)
{
        LaunchReply reply;
        ssize_t n;

        do
                n = recv(fd, &reply, sizeof(reply), 0);
        while (n < 0 && errno == EINTR);
        if (n < (ssize_t) sizeof(reply) || reply.magic != LAUNCH_MAGIC ||
                reply.kind != LAUNCH_FAILED)
                return 0;
        reply.message[sizeof(reply.message) - 1] = '\0';
        return ctr_error_set(
                err, CTR_ERROR_SYSTEM, 0, "the container did not start: %s", reply.message);
}

static int open_gate(const char *state_dir, CtrError *err)
{
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0),
                            dir_fd = open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        struct sockaddr_un address = { .sun_family = AF_UNIX };

        if (fd < 0 || dir_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot open %s", state_dir);
        /* The path may be longer than an address. */
        (void) snprintf(address.sun_path, sizeof(address.sun_path),
                "/proc/self/fd/%d/" STATE_FILE_GATE, dir_fd);
        if (connect(fd, (const struct sockaddr *) &address, sizeof(address)) >= 0)
                return read_gate(fd, err);
        if (errno == ENOENT || errno == ECONNREFUSED)
                return 0; /* it runs */
        return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot connect to the gate");
}

/* Is there a line "N: ADDRESS:PORT PEER:PORT STATE ..." with this port and state? Numbers are
 * hexadecimal, proc(5). */
static bool has_listener(const char *path, unsigned port, unsigned state)
{
        FILE *f = fopen(path, "re");
        unsigned local, found;
        bool is_found = false;
        char line[512];

        while (f && !is_found && fgets(line, sizeof(line), f))
                is_found = sscanf(line, " %*u: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x", &local,
                                   &found) == 2 &&
                           local == port && found == state;
        if (f)
                (void) fclose(f);
        return is_found;
}

static uint64_t now_msec(void)
{
        struct timespec ts;

        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (uint64_t) ts.tv_sec * 1000U + (uint64_t) ts.tv_nsec / 1000000U;
}

int await_port(const char *state_dir, const char *protocol, const char *port, CtrError *err)
{
        bool is_udp = strcmp(protocol, "udp") == 0;
        unsigned state = is_udp ? STATE_UDP : STATE_LISTEN, pause = PAUSE_MSEC;
        uint64_t number, end = now_msec() + WAIT_MSEC;
        int r;

        if (ctr_parse_u64(port, PORT_MAX, &number) < 0)
                return ctr_error_set(err, CTR_ERROR_USAGE, EINVAL, "port %.32s", port);
        r = open_gate(state_dir, err);
        while (r >= 0 && now_msec() < end) {
                struct timespec ts = { .tv_nsec = (long) pause * 1000000 };

                if (has_listener(
                            is_udp ? "/proc/net/udp" : "/proc/net/tcp", (unsigned) number, state) ||
                        has_listener(is_udp ? "/proc/net/udp6" : "/proc/net/tcp6",
                                (unsigned) number, state))
                        return 0;
                (void) nanosleep(&ts, NULL);
                pause = MIN_OF(pause * 2, (unsigned) PAUSE_MSEC_MAX);
        }
        return r;
}
