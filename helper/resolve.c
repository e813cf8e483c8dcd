/* Paths of the container as descriptors. The rootfs is hostile: its directories may turn into links
 * between two system calls (CVE-2021-30465), so a path is resolved by one openat2(2) with
 * RESOLVE_IN_ROOT, and what is made is made by *at calls in a directory that such a call returned,
 * one component at a time. */
#include "helper/resolve.h"

#include "helper/kernel.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* openat2 gives EAGAIN when something is renamed or mounted anywhere while it passes "..": it
 * cannot be made to fail for ever except by the container's own payload. */
#define RESOLVE_TRIES_MAX 4096
#define RESOLVE_LINKS_MAX 40

int resolve_open(int root_fd, const char *path, int flags, uint64_t resolve)
{
        struct open_how how = {
                .flags = (uint64_t) (unsigned) (flags | O_CLOEXEC),
                .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | resolve,
        };

        for (unsigned i = 0; i < RESOLVE_TRIES_MAX; i++) {
                int fd = sys_openat2(root_fd, path[0] ? path : ".", &how);

                if (fd >= 0)
                        return fd;
                if (errno != EAGAIN && errno != EINTR)
                        return -errno;
        }
        return -EAGAIN;
}

/* Opens the longest prefix of path that exists, at a component's end. *rest is where the first
 * missing component begins. */
static int open_existing_prefix(int root_fd, const char *path, size_t *rest)
{
        char prefix[PATH_MAX];
        size_t end = strlen(path);

        memcpy(prefix, path, end + 1);
        for (;;) {
                int fd;

                while (end > 0 && prefix[end - 1] == '/')
                        end--;
                while (end > 0 && prefix[end - 1] != '/')
                        end--;
                prefix[end] = '\0';
                fd = resolve_open(root_fd, prefix, O_PATH | O_DIRECTORY, 0);
                if (fd >= 0) {
                        *rest = end;
                        return fd;
                }
                if (fd != -ENOENT || end == 0)
                        return fd;
        }
}

/* Puts the target of a dangling link in the place of path's component that begins at `start`. */
static int substitute_link(char path[static PATH_MAX], size_t start, size_t end, const char *target)
{
        char result[PATH_MAX];
        int n;

        n = snprintf(result, sizeof(result), "%.*s%s%s", target[0] == '/' ? 0 : (int) start, path,
                target, path + end);
        if (n < 0 || (size_t) n >= sizeof(result))
                return -ENAMETOOLONG;
        memcpy(path, result, (size_t) n + 1);
        return 0;
}

static int make_component(int parent_fd, const char *name, ResolveKind kind, mode_t mode)
{
        _cleanup_close_ int fd = -EBADF;

        if (kind == RESOLVE_DIRECTORY)
                return mkdirat(parent_fd, name, mode) < 0 && errno != EEXIST ? -errno : 0;
        fd = openat(parent_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
        return fd < 0 && errno != EEXIST ? -errno : 0;
}

/* Makes the first missing component of path, or replaces it in path when it is a dangling link.
 * Returns 1 for a link. */
static int make_next(int root_fd, char path[static PATH_MAX], ResolveKind kind, mode_t mode)
{
        _cleanup_close_ int parent_fd = -EBADF;
        char name[NAME_MAX + 1], target[PATH_MAX];
        size_t start, end, last;
        ssize_t n;

        parent_fd = open_existing_prefix(root_fd, path, &start);
        if (parent_fd < 0)
                return parent_fd;
        end = start + strcspn(path + start, "/");
        if (end - start > NAME_MAX)
                return -ENAMETOOLONG;
        memcpy(name, path + start, end - start);
        name[end - start] = '\0';
        n = readlinkat(parent_fd, name, target, sizeof(target) - 1);
        if (n >= 0) {
                int r;

                target[n] = '\0';
                r = substitute_link(path, start, end, target);
                return r < 0 ? r : 1;
        }
        last = end + strspn(path + end, "/");
        if (path[last] != '\0')
                return make_component(parent_fd, name, RESOLVE_DIRECTORY, 0755);
        return make_component(parent_fd, name, kind, mode);
}

int resolve_make(int root_fd, const char *path, ResolveKind kind, mode_t mode)
{
        char rest[PATH_MAX];
        unsigned links = 0;

        if (strlen(path) >= sizeof(rest))
                return -ENAMETOOLONG;
        memcpy(rest, path, strlen(path) + 1);
        /* Each turn makes one component; somebody who removes them again must not keep us here. */
        for (unsigned i = 0; i < RESOLVE_TRIES_MAX; i++) {
                int fd = resolve_open(root_fd, rest, O_PATH, 0), r;

                if (fd != -ENOENT)
                        return fd;
                r = make_next(root_fd, rest, kind, mode);
                if (r < 0 && r != -ENOENT)
                        return r;
                if (r > 0 && ++links > RESOLVE_LINKS_MAX)
                        return -ELOOP;
        }
        return -EAGAIN;
}

int resolve_make_parent(int root_fd, const char *path, const char **name)
{
        const char *slash = strrchr(path, '/'), *last = slash ? slash + 1 : path;
        char parent[PATH_MAX];
        size_t size = (size_t) (last - path);

        if (!last[0] || strcmp(last, ".") == 0 || strcmp(last, "..") == 0)
                return -EINVAL;
        if (size >= sizeof(parent))
                return -ENAMETOOLONG;
        memcpy(parent, path, size);
        parent[size] = '\0';
        *name = last;
        return resolve_make(root_fd, parent, RESOLVE_DIRECTORY, 0755);
}
