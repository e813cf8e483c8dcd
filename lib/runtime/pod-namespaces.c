/* Shared namespaces: see pod-namespaces.h. A child makes them and waits, the caller pins them from
 * outside: the pins are mounts, which must be made in the caller's mount namespace. */
#include "runtime/pod-namespaces.h"

#include "runtime/child.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>

static const struct {
        const char *name;
        int flag;
} kinds[] = {
        { "ipc", CLONE_NEWIPC },
        { "uts", CLONE_NEWUTS },
        { "net", CLONE_NEWNET },
};

static int loopback_up(void)
{
        struct ifreq request = { .ifr_name = "lo" };
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), r = 0;

        if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) < 0)
                r = -errno;
        request.ifr_flags = (short) (request.ifr_flags | IFF_UP);
        if (r >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) < 0)
                r = -errno;
        if (fd >= 0)
                (void) close(fd);
        return r;
}

/* In the child: one number for the caller, 0 or -errno; ends when the caller is done. */
static int hold(int socket_fd, void *argument)
{
        const PodNamespaces *n = argument;
        char byte;
        int r = 0;

        if (unshare(CLONE_NEWIPC | CLONE_NEWUTS | (n->has_network ? CLONE_NEWNET : 0)) < 0)
                r = -errno;
        if (r >= 0 && n->hostname && sethostname(n->hostname, strlen(n->hostname)) < 0)
                r = -errno;
        if (r >= 0 && n->has_network)
                r = loopback_up();
        (void) !send(socket_fd, &r, sizeof(r), MSG_NOSIGNAL);
        (void) !recv(socket_fd, &byte, 1, 0);
        return 0;
}

static int pin(pid_t pid, int ns_fd, const char *name)
{
        _cleanup_close_ int tree = -EBADF, file = -EBADF;
        char path[64];

        (void) snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int) pid, name);
        tree = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
        if (tree < 0)
                return -errno;
        file = openat(ns_fd, name, O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (file < 0)
                return -errno;
        return move_mount(tree, "", file, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0
                       ? -errno
                       : 0;
}

static int pin_all(pid_t pid, int dir_fd, const PodNamespaces *namespaces, CtrError *err)
{
        _cleanup_close_ int ns_fd = -EBADF;
        int r = 0;

        if (mkdirat(dir_fd, POD_NAMESPACES_DIR, 0700) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot pin the namespaces");
        ns_fd = openat(dir_fd, POD_NAMESPACES_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (ns_fd < 0)
                r = -errno;
        for (size_t i = 0; i < ELEMENTSOF(kinds) && r >= 0; i++)
                if (kinds[i].flag != CLONE_NEWNET || namespaces->has_network)
                        r = pin(pid, ns_fd, kinds[i].name);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot pin the namespaces") : 0;
}

int pod_namespaces_create(int dir_fd, const PodNamespaces *namespaces, CtrError *err)
{
        _cleanup_close_ int socket_fd = -EBADF;
        int r, reply = -EPIPE;
        pid_t pid;

        pod_namespaces_remove(dir_fd);
        pid = child_call(hold, (void *) namespaces, &socket_fd, err);
        if (pid < 0)
                return pid;
        if (recv(socket_fd, &reply, sizeof(reply), 0) != sizeof(reply))
                reply = -EPIPE;
        r = reply < 0 ? ctr_error_set(
                                err, CTR_ERROR_SYSTEM, reply, "cannot make the pod's namespaces")
                      : pin_all(pid, dir_fd, namespaces, err);
        closep(&socket_fd);
        (void) child_wait(pid);
        if (r < 0)
                pod_namespaces_remove(dir_fd);
        return r;
}

/* umount2(2) has no form for a directory's descriptor. */
static void unpin(int ns_fd, const char *name)
{
        char path[64];

        (void) snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", ns_fd, name);
        while (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) >= 0)
                ;
        (void) unlinkat(ns_fd, name, 0);
}

void pod_namespaces_remove(int dir_fd)
{
        _cleanup_close_ int ns_fd =
                openat(dir_fd, POD_NAMESPACES_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        if (ns_fd < 0)
                return;
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                unpin(ns_fd, kinds[i].name);
        (void) unlinkat(dir_fd, POD_NAMESPACES_DIR, AT_REMOVEDIR);
}
