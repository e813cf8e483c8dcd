/* Files and descriptors: see io.h. */
#include "base/io.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

int ctr_read_fd(
        int fd, const char *name, size_t max_size, char **ret, size_t *ret_size, CtrError *err)
{
        _cleanup_free_ char *buf = NULL;
        size_t used = 0, size = 0;

        for (;;) {
                ssize_t n;

                if (used + 1 >= size) {
                        size_t larger = size ? size * 2 : 16384;
                        char *p = realloc(buf, larger);

                        if (!p)
                                return ctr_error_set(
                                        err, CTR_ERROR_SYSTEM, ENOMEM, "reading %s", name);
                        buf = p;
                        size = larger;
                }
                n = read(fd, buf + used, size - used - 1);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot read %s", name);
                if (n == 0)
                        break;
                used += (size_t) n;
                if (used > max_size)
                        return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, EFBIG,
                                "%s is larger than %zu bytes", name, max_size);
        }
        buf[used] = '\0';
        *ret = TAKE_PTR(buf);
        *ret_size = used;
        return 0;
}

int ctr_read_file(
        int dir_fd, const char *path, size_t max_size, char **ret, size_t *ret_size, CtrError *err)
{
        _cleanup_close_ int fd = -EBADF;
        struct stat st;

        fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
        if (fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot open %s", path);
        if (fstat(fd, &st) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot stat %s", path);
        if (!S_ISREG(st.st_mode))
                return ctr_error_set(
                        err, CTR_ERROR_CONFIG_INVALID, 0, "%s is not a regular file", path);
        if (st.st_size > 0 && (uint64_t) st.st_size > max_size)
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, EFBIG,
                        "%s is larger than %zu bytes", path, max_size);
        return ctr_read_fd(fd, path, max_size, ret, ret_size, err);
}

int ctr_write_all(int fd, const void *data, size_t size)
{
        const char *p = data;

        while (size > 0) {
                ssize_t n = write(fd, p, size);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                p += n;
                size -= (size_t) n;
        }
        return 0;
}

int ctr_write_file_atomic(int dir_fd, const char *name, const void *data, size_t size, mode_t mode)
{
        _cleanup_close_ int fd = -EBADF;
        char temporary[256];
        int r;

        /* Cut: a name of 255 bytes is fine, its temporary one must not be longer. */
        r = snprintf(temporary, sizeof(temporary), ".%.128s.%d.tmp", name, (int) getpid());
        if (r < 0 || (size_t) r >= sizeof(temporary))
                return -ENAMETOOLONG;
        fd = openat(dir_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
        if (fd < 0 && errno == EEXIST) { /* of a process of this number that was killed */
                (void) unlinkat(dir_fd, temporary, 0);
                fd = openat(dir_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                        mode);
        }
        if (fd < 0)
                return -errno;
        r = ctr_write_all(fd, data, size);
        if (r >= 0 && renameat(dir_fd, temporary, dir_fd, name) < 0)
                r = -errno;
        if (r < 0)
                (void) unlinkat(dir_fd, temporary, 0);
        return r < 0 ? r : 0;
}

int ctr_write_value(int dir_fd, const char *path, const char *value)
{
        _cleanup_close_ int fd = openat(dir_fd, path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        size_t size = strlen(value);
        ssize_t n;

        if (fd < 0)
                return -errno;
        n = write(fd, value, size);
        if (n < 0)
                return -errno;
        return (size_t) n == size ? 0 : -EIO;
}

int ctr_process_starttime(pid_t pid, uint64_t *ret)
{
        _cleanup_close_ int fd = -EBADF;
        char path[64], buf[1024], *p, *end;
        ssize_t n;

        (void) snprintf(path, sizeof(path), "/proc/%d/stat", (int) pid);
        /* Not open(2), to which some libraries add an fcntl(2). */
        fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT ? -ESRCH : -errno;
        n = read(fd, buf, sizeof(buf) - 1);
        if (n <= 0)
                return -ESRCH;
        buf[n] = '\0';
        /* The command name may hold anything, so count from the last parenthesis; state is field 3.
         */
        p = strrchr(buf, ')');
        if (!p || p[1] != ' ')
                return -EIO;
        p += 2;
        if (*p == 'Z' || *p == 'X')
                return -ESRCH;
        for (int field = 3; field < 22; field++) {
                p = strchr(p, ' ');
                if (!p)
                        return -EIO;
                p++;
        }
        *ret = strtoull(p, &end, 10);
        return end > p ? 0 : -EIO;
}

int ctr_mkdir_parents(const char *path, mode_t mode, CtrError *err)
{
        _cleanup_free_ char *copy = strdup(path);

        if (!copy)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "making %s", path);
        for (char *p = copy + 1;; p++) {
                char saved = *p;

                if (saved != '/' && saved != '\0')
                        continue;
                *p = '\0';
                if (mkdir(copy, mode) < 0 && errno != EEXIST)
                        return ctr_error_set(
                                err, CTR_ERROR_SYSTEM, errno, "cannot make directory %s", copy);
                *p = saved;
                if (saved == '\0')
                        return 0;
        }
}

/* ---- removing ---- */

/* Each directory on the way down costs a descriptor, and a container may nest as many as it likes:
 * what is deeper is moved up to the top, and its turn comes there. */
#define REMOVE_DEPTH_MAX 64

typedef struct Removal {
        int top_fd;
        unsigned n_moved, n_names;
} Removal;

/* Not into another mount, of the same file system neither. */
static int open_child(int dir_fd, const char *name)
{
        struct open_how how = { .flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
                .resolve = RESOLVE_NO_XDEV };
        int fd = (int) syscall(SYS_openat2, dir_fd, name, &how, sizeof(how));

        return fd >= 0 ? fd : errno == EXDEV ? -EBUSY : -errno;
}

static int move_up(Removal *removal, int dir_fd, const char *name)
{
        char other[32];

        for (;;) {
                (void) snprintf(other, sizeof(other), ".removed-%u", removal->n_names++);
                if (renameat2(dir_fd, name, removal->top_fd, other, RENAME_NOREPLACE) >= 0) {
                        removal->n_moved++;
                        return 0;
                }
                if (errno != EEXIST)
                        return errno == ENOENT ? 0 : -errno;
        }
}

static int remove_children(Removal *removal, int fd, unsigned depth);

static int remove_entry(Removal *removal, int dir_fd, const char *name, unsigned depth)
{
        int fd, r;

        if (unlinkat(dir_fd, name, 0) >= 0 || errno == ENOENT)
                return 0;
        if (errno != EISDIR && errno != EPERM && errno != EBUSY)
                return -errno;
        if (depth >= REMOVE_DEPTH_MAX)
                return move_up(removal, dir_fd, name);
        fd = open_child(dir_fd, name);
        if (fd < 0)
                return fd == -ENOENT ? 0 : fd;
        r = remove_children(removal, fd, depth + 1); /* takes fd */
        if (r < 0)
                return r;
        return unlinkat(dir_fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -errno : 0;
}

static int remove_children(Removal *removal, int fd, unsigned depth)
{
        DIR *d = fdopendir(fd);
        struct dirent *de;
        int r = 0;

        if (!d) {
                r = -errno;
                (void) close(fd);
                return r;
        }
        while (r >= 0 && (errno = 0, de = readdir(d)))
                if (strcmp(de->d_name, ".") != 0 && strcmp(de->d_name, "..") != 0)
                        r = remove_entry(removal, dirfd(d), de->d_name, depth);
        (void) closedir(d);
        return r;
}

static int remove_all(int top_fd)
{
        Removal removal = { .top_fd = top_fd };
        int r;

        do {
                int fd = openat(top_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

                removal.n_moved = 0;
                r = fd < 0 ? -errno : remove_children(&removal, fd, 0);
        } while (r >= 0 && removal.n_moved > 0);
        return r;
}

int ctr_remove_tree(int dir_fd, const char *name)
{
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (unlinkat(dir_fd, name, 0) >= 0 || errno == ENOENT)
                return 0;
        if (errno != EISDIR && errno != EPERM && errno != EBUSY)
                return -errno;
        fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT ? 0 : -errno;
        r = remove_all(fd);
        if (r < 0)
                return r;
        return unlinkat(dir_fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -errno : 0;
}

int ctr_parse_u64(const char *text, uint64_t max, uint64_t *ret)
{
        uint64_t value = 0;

        if (!text || !text[0] || (text[0] == '0' && text[1]))
                return -EINVAL;
        for (const char *p = text; *p; p++) {
                uint64_t digit = (uint64_t) (*p - '0');

                if (*p < '0' || *p > '9')
                        return -EINVAL;
                if (value > (UINT64_MAX - digit) / 10)
                        return -ERANGE;
                value = value * 10 + digit;
        }
        if (value > max)
                return -ERANGE;
        *ret = value;
        return 0;
}
