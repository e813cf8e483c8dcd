/* ctr-exec as criu's action script: see restored.h. It runs beside criu, in criu's mount namespace,
 * with what criu has in its environment, and does nothing but tell and wait. */
#include "helper/restored.h"

#include "plan/state-files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int connect_to(const char *state_dir)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX,
                .sun_path = STATE_FILE_RESTORE_SOCKET };
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

        /* The path may be longer than an address. */
        if (fd < 0 || chdir(state_dir) < 0 ||
                connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return -errno;
        return TAKE_FD(fd);
}

int restored_report(void)
{
        const char *action = getenv(RESTORED_ACTION), *pid = getenv(RESTORED_PID);
        const char *state_dir = getenv(RESTORED_STATE);
        RestoredReport report = { .pid = pid ? (int32_t) strtol(pid, NULL, 10) : 0 };
        _cleanup_close_ int fd = -EBADF;
        char answer;

        if (strcmp(action, RESTORED_MADE) != 0 && strcmp(action, RESTORED_RESUMED) != 0)
                return EXIT_SUCCESS;
        fd = state_dir ? connect_to(state_dir) : -EINVAL;
        (void) snprintf(report.action, sizeof(report.action), "%s", action);
        if (fd < 0 || send(fd, &report, sizeof(report), MSG_NOSIGNAL) != sizeof(report))
                return EXIT_FAILURE;
        return recv(fd, &answer, 1, 0) == 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
