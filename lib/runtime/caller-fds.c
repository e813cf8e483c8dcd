/* Descriptors of the caller: see caller-fds.h. */
#include "runtime/caller-fds.h"

#include "base/fd-message.h"
#include "base/io.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define FIRST_FD 3

/* The protocol of sd_listen_fds(3): what is meant for another process is none of ours. */
static unsigned listen_fds(void)
{
        const char *pid_text = getenv("LISTEN_PID"), *n_text = getenv("LISTEN_FDS");
        uint64_t pid, n;

        if (!pid_text || !n_text || ctr_parse_u64(pid_text, INT32_MAX, &pid) < 0 ||
                ctr_parse_u64(n_text, LAUNCH_FDS_MAX, &n) < 0 || (pid_t) pid != getpid())
                return 0;
        return (unsigned) n;
}

/* Names are passed on when they are what sd_listen_fds_with_names(3) would take: as many as there
 * are descriptors, printable. */
static const char *listen_names(unsigned n_listen)
{
        const char *names = n_listen > 0 ? getenv("LISTEN_FDNAMES") : NULL;
        unsigned n = 1;

        for (const char *p = names; p && *p; p++) {
                if (*p <= ' ' || *p >= 0x7f)
                        return NULL;
                n += *p == ':';
        }
        return n == n_listen ? names : NULL;
}

int caller_fds_collect(unsigned n_preserve, bool wants_listen, LaunchFds *ret, CtrError *err)
{
        unsigned n_listen = wants_listen ? listen_fds() : 0;
        LaunchFds fds = LAUNCH_FDS_NONE;

        /* 3 standard ones and a console socket may come on top. */
        if (n_preserve > LAUNCH_FDS_MAX - 4 - n_listen)
                return ctr_error_set(err, CTR_ERROR_USAGE, 0, "more than %d file descriptors",
                        LAUNCH_FDS_MAX - 4);
        fds.n_listen = n_listen;
        fds.listen_names = listen_names(n_listen);
        fds.n_kept = n_listen + n_preserve;
        for (size_t i = 0; i < fds.n_kept; i++) {
                fds.kept[i] = FIRST_FD + (int) i;
                if (fcntl(fds.kept[i], F_SETFD, FD_CLOEXEC) < 0)
                        return ctr_error_set(err, CTR_ERROR_USAGE, errno,
                                "file descriptor %d should be preserved, but is not open",
                                fds.kept[i]);
        }
        *ret = fds;
        return 0;
}

void caller_fds_done(LaunchFds *fds)
{
        for (size_t i = 0; i < fds->n_kept; i++)
                closep(&fds->kept[i]);
        fds->n_kept = 0;
        closep(&fds->console);
}

/* A path longer than a socket address goes through its directory's descriptor. */
static int fill_address(const char *path, struct sockaddr_un *address, int *ret_dir_fd)
{
        const char *slash = strrchr(path, '/');
        _cleanup_free_ char *directory = NULL;

        *ret_dir_fd = -EBADF;
        *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
        if (strlen(path) < sizeof(address->sun_path)) {
                (void) snprintf(address->sun_path, sizeof(address->sun_path), "%s", path);
                return 0;
        }
        directory = slash ? strndup(path, (size_t) (slash - path) + 1) : NULL;
        if (!directory)
                return -ENAMETOOLONG;
        *ret_dir_fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (*ret_dir_fd < 0)
                return -errno;
        if (snprintf(address->sun_path, sizeof(address->sun_path), "/proc/self/fd/%d/%s",
                    *ret_dir_fd, slash + 1) >= (int) sizeof(address->sun_path))
                return -ENAMETOOLONG;
        return 0;
}

int caller_connect(const char *path, CtrError *err)
{
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), dir_fd = -EBADF;
        struct sockaddr_un address;
        int r;

        if (fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "socket");
        r = fill_address(path, &address, &dir_fd);
        if (r >= 0 && connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                r = -errno;
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot connect to %s", path);
        return TAKE_FD(fd);
}

int caller_send_fd(const char *path, int fd, CtrError *err)
{
        _cleanup_close_ int socket_fd = -EBADF;
        ssize_t r;

        if (!path)
                return 0;
        socket_fd = caller_connect(path, err);
        if (socket_fd < 0)
                return socket_fd;
        r = ctr_message_send(socket_fd, "pidfd", strlen("pidfd"), &fd, 1);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, (int) r, "cannot send to %s", path);
        return 0;
}
