/* A stream to the journal: see journal.h. A stream and not single records, because it keeps its
 * unit however soon the process that wrote to it is gone. systemd-journald.service(8), "Stream
 * logging"; the header is what PID 1 itself sends: identifier, unit, priority, prefixes are read,
 * and nothing is forwarded. */
#include "helper/journal.h"

#include "base/io.h"
#include "base/name.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

int journal_open_stream(const char *id)
{
        static const struct sockaddr_un address = { .sun_family = AF_UNIX,
                .sun_path = "/run/systemd/journal/stdout" };
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        char unit[CTR_UNIT_NAME_MAX], header[CTR_ID_MAX + CTR_UNIT_NAME_MAX + 32];
        int n, r;

        if (fd < 0 || connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return -errno;
        (void) shutdown(fd, SHUT_RD);
        n = snprintf(header, sizeof(header), "%s\n%s\n3\n1\n0\n0\n0\n", id ? id : "ctr-exec",
                id ? ctr_id_to_unit(id, unit) : "");
        r = ctr_write_all(fd, header, (size_t) n);
        return r < 0 ? r : TAKE_FD(fd);
}
