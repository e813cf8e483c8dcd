/* Messages of the generator: see report.h. The datagram follows systemd's native journal protocol:
 * one FIELD=value a line. */
#include "generator/report.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static int send_to_journal(int priority, const char *unit, const char *message)
{
        static const struct sockaddr_un address = {
                .sun_family = AF_UNIX,
                .sun_path = "/run/systemd/journal/socket",
        };
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        char datagram[8192];
        int n;

        if (fd < 0)
                return -errno;
        n = snprintf(datagram, sizeof(datagram),
                "PRIORITY=%d\nSYSLOG_IDENTIFIER=ctr-generator\n%s%s%sMESSAGE=%s\n", priority,
                unit ? "OBJECT_SYSTEMD_UNIT=" : "", unit ? unit : "", unit ? "\n" : "", message);
        if (n < 0 || (size_t) n >= sizeof(datagram))
                return -EMSGSIZE;
        if (sendto(fd, datagram, (size_t) n, MSG_NOSIGNAL, (const struct sockaddr *) &address,
                    sizeof(address)) < 0)
                return -errno;
        return 0;
}

static void send_to_kernel_log(int priority, const char *message)
{
        _cleanup_close_ int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        char line[960]; /* the kernel cuts at about 1 KiB */

        if (fd < 0)
                return;
        (void) snprintf(line, sizeof(line), "<%d>ctr-generator: %s", priority, message);
        (void) (write(fd, line, strlen(line)) < 0);
}

void report_line(int priority, const char *unit, const char *message)
{
        (void) fprintf(stderr, "ctr-generator: %s\n", message);
        if (send_to_journal(priority, unit, message) < 0)
                send_to_kernel_log(priority, message);
}
