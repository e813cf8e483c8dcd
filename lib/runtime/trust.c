/* Trusted paths: see trust.h. */
#include "runtime/trust.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static int check_part(int fd, const char *path, size_t length, CtrError *err)
{
        struct stat st;

        if (fstat(fd, &st) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot stat %s", path);
        if (length == 0)
                length = 1;
        if (!S_ISDIR(st.st_mode))
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                        "%.*s is not a directory (symbolic links are not followed)", (int) length,
                        path);
        if (st.st_uid != 0 || (st.st_mode & 022))
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                        "%.*s is not safe: only root may own and write it", (int) length, path);
        return 0;
}

int trust_open_directory(const char *path, CtrError *err)
{
        _cleanup_close_ int fd = -EBADF;
        const char *p = path;
        int r;

        if (path[0] != '/')
                return ctr_error_set(
                        err, CTR_ERROR_CONFIG_INVALID, 0, "\"%s\" is not an absolute path", path);
        fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        for (;;) {
                char name[256];
                size_t n;
                int next;

                if (fd < 0)
                        return ctr_error_set(
                                err, CTR_ERROR_CONFIG_INVALID, errno, "cannot open %s", path);
                r = check_part(fd, path, (size_t) (p - path), err);
                if (r < 0)
                        return r;
                p += strspn(p, "/");
                if (*p == '\0')
                        break;
                n = strcspn(p, "/");
                if (n >= sizeof(name))
                        return ctr_error_set(
                                err, CTR_ERROR_CONFIG_INVALID, ENAMETOOLONG, "%s", path);
                memcpy(name, p, n);
                name[n] = '\0';
                if (strcmp(name, "..") == 0)
                        return ctr_error_set(
                                err, CTR_ERROR_CONFIG_INVALID, 0, "%s has a part \"..\"", path);
                next = openat(fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
                closep(&fd);
                fd = next;
                p += n;
        }
        r = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, errno, "cannot open %s", path)
                     : r;
}
