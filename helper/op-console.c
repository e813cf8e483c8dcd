/* The terminal of a container: a pair from its own devpts, so that its names mean something inside
 * (ttyname(3)). Nothing is opened by a name that the image controls: the multiplexer is proven to
 * be devpts's, its other side comes from the kernel by descriptor (TIOCGPTPEER) and is mounted on
 * /dev/console by descriptor (CVE-2025-52565). */
#include "helper/ops.h"

#include "base/fd-message.h"
#include "helper/kernel.h"
#include "helper/mount.h"
#include "helper/resolve.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#define PTS_PATH     "/dev/pts"
#define CONSOLE_PATH "/dev/console"

enum { CONSOLE_DEVICE = 1, PTMX_MAJOR = 5, PTMX_MINOR = 2 };

/* By its directory: in a devpts the kernel alone makes names. */
static int open_ptmx(const Context *ctx)
{
        _cleanup_close_ int dir_fd =
                resolve_open(ctx->rootfs_fd, PTS_PATH, O_PATH | O_DIRECTORY, 0);
        _cleanup_close_ int fd = -EBADF;
        struct statfs fs;
        struct stat st;

        if (dir_fd < 0)
                return dir_fd;
        if (fstatfs(dir_fd, &fs) < 0)
                return -errno;
        if (fs.f_type != DEVPTS_SUPER_MAGIC)
                return -ENODEV;
        fd = openat(dir_fd, "ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &st) < 0 || fstatfs(fd, &fs) < 0)
                return -errno;
        if (fs.f_type != DEVPTS_SUPER_MAGIC || !S_ISCHR(st.st_mode) ||
                st.st_rdev != makedev(PTMX_MAJOR, PTMX_MINOR))
                return -ENODEV;
        return TAKE_FD(fd);
}

static int open_peer(int ptmx_fd, unsigned *ret_number)
{
        int unlock = 0, fd;

        if (ioctl(ptmx_fd, TIOCSPTLCK, &unlock) < 0 || ioctl(ptmx_fd, TIOCGPTN, ret_number) < 0)
                return -errno;
        fd = ioctl(ptmx_fd, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

static int send_terminal(int socket_fd, int ptmx_fd, unsigned number)
{
        char name[32];
        int size = snprintf(name, sizeof(name), "/dev/pts/%u", number);
        ssize_t n = ctr_message_send(socket_fd, name, (size_t) size, &ptmx_fd, 1);

        return n < 0 ? (int) n : 0;
}

static int mount_console(Context *ctx, int peer_fd)
{
        _cleanup_close_ int mount_fd = -EBADF, parent_fd = -EBADF, target_fd = -EBADF;
        const char *name;
        int fd;

        mount_fd = mount_clone(peer_fd, false);
        if (mount_fd < 0)
                return mount_fd;
        parent_fd = resolve_make_parent(ctx->rootfs_fd, CONSOLE_PATH, &name);
        if (parent_fd < 0)
                return parent_fd;
        fd = openat(parent_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0 && errno != EEXIST)
                return -errno;
        closep(&fd);
        target_fd = openat(parent_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        return target_fd < 0 ? -errno : mount_attach(mount_fd, target_fd);
}

static int set_size(int fd, uint64_t height, uint64_t width)
{
        struct winsize size = {
                .ws_row = (unsigned short) height,
                .ws_col = (unsigned short) width,
        };

        return height == 0 && width == 0 ? 0 : ioctl(fd, TIOCSWINSZ, &size) < 0 ? -errno : 0;
}

int op_console(Context *ctx, const ProgramOp *op, CtrError *err)
{
        _cleanup_close_ int ptmx_fd = -EBADF, peer_fd = -EBADF;
        unsigned number;
        int r;

        if (ctx->console_fd < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, 0, "nobody holds the terminal's other side");
        ptmx_fd = open_ptmx(ctx);
        if (ptmx_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ptmx_fd,
                        PTS_PATH "/ptmx (a terminal needs a devpts mounted on /dev/pts)");
        peer_fd = open_peer(ptmx_fd, &number);
        if (peer_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, peer_fd, "cannot open the terminal");
        r = op->number[0] || op->number[1]
                    ? set_size(peer_fd, op->number[0], op->number[1])
                    : set_size(peer_fd, ctx->console_rows, ctx->console_columns);
        if (r >= 0 && fchown(peer_fd, (uid_t) op->number[2], (gid_t) -1) < 0)
                r = -errno;
        if (r >= 0 && !ctx->birth && ioctl(peer_fd, TIOCSCTTY, 0) < 0)
                r = -errno;
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot set up the terminal");
        r = op->number[3] & CONSOLE_DEVICE ? mount_console(ctx, peer_fd) : 0;
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot mount " CONSOLE_PATH);
        r = send_terminal(ctx->console_fd, ptmx_fd, number);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot send the terminal");
        closep(&ctx->console_fd);
        for (int i = 0; i <= STDERR_FILENO; i++)
                ctx->stdio_fd[i] = peer_fd;
        TAKE_FD(peer_fd);
        ctx->has_console = true;
        return 0;
}
