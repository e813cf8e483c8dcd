/* The search directories: see search.h. */
#include "unitfile/search.h"

#include "base/io.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

const char *const search_dirs[SEARCH_DIRS] = {
        "/etc/ctrunit/containers",
        "/run/ctrunit/config/containers",
        "/usr/lib/ctrunit/containers",
};

#define FILE_SUFFIX    ".container"
#define DROP_IN_SUFFIX ".container.d"

/* Root's (or the caller's) own, and nobody else can change it. A directory that others can write
 * passes only when it is sticky: they cannot replace root's files in it. */
static int check_trust(const struct stat *st, const char *path, CtrError *err)
{
        mode_t others = S_IWGRP | S_IWOTH;

        if (st->st_uid != 0 && st->st_uid != geteuid())
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                        "%s belongs to user %u: refused, root must own it (chown root)", path,
                        (unsigned) st->st_uid);
        if ((st->st_mode & others) != 0 && !(S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX) != 0))
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                        "others than its owner can write %s (mode %04o): refused (chmod go-w)",
                        path, (unsigned) st->st_mode & 07777U);
        return 0;
}

static int open_checked(int dir_fd, const char *name, int flags, CtrError *err)
{
        _cleanup_close_ int fd = -EBADF;
        struct stat st;
        int r;

        fd = openat(dir_fd, name, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
        if (fd < 0 && (errno == ELOOP || errno == ENOTDIR) &&
                fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) >= 0 && S_ISLNK(st.st_mode))
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                        "%s is a symbolic link, which is not followed", name);
        if (fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot open %s", name);
        if (fstat(fd, &st) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot stat %s", name);
        if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
                return ctr_error_set(
                        err, CTR_ERROR_CONFIG_INVALID, 0, "%s is not a regular file", name);
        r = check_trust(&st, name, err);
        return r < 0 ? r : TAKE_FD(fd);
}

/* Opens a path component by component, each checked. flags are for the last. */
static int open_path(int dir_fd, const char *path, int flags, CtrError *err)
{
        _cleanup_close_ int at = -EBADF;
        const char *p = path + strspn(path, "/");

        for (;;) {
                size_t n = strcspn(p, "/");
                const char *rest = p + n + strspn(p + n, "/");
                char name[256];
                int fd;

                if (n == 0 || n >= sizeof(name))
                        return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, ENAMETOOLONG,
                                "cannot open %s", path);
                (void) snprintf(name, sizeof(name), "%.*s", (int) n, p);
                fd = open_checked(
                        at >= 0 ? at : dir_fd, name, *rest ? O_PATH | O_DIRECTORY : flags, err);
                if (fd < 0)
                        return fd;
                closep(&at);
                at = fd;
                if (!*rest)
                        return TAKE_FD(at);
                p = rest;
        }
}

int search_read(const Search *search, int dir, const char *path, size_t max_size, char **ret,
        size_t *ret_size, CtrError *err)
{
        _cleanup_close_ int fd = -EBADF;
        struct stat st;

        fd = open_path(
                dir == SEARCH_NOWHERE ? search->root_fd : search->fds[dir], path, O_RDONLY, err);
        if (fd < 0)
                return fd;
        if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
                return ctr_error_set(
                        err, CTR_ERROR_CONFIG_INVALID, 0, "%s is not a regular file", path);
        if (st.st_size > 0 && (uint64_t) st.st_size > max_size)
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, EFBIG,
                        "%s is larger than %zu bytes", path, max_size);
        return ctr_read_fd(fd, path, max_size, ret, ret_size, err);
}

int search_bundle_path(const Search *search, const SearchContainer *container, char *buf,
        size_t size, CtrError *err)
{
        const char *dir = search_dirs[container->bundle_dir];
        ssize_t n = readlinkat(search->fds[container->bundle_dir], container->name, buf, size - 1);

        if (n < 0) {
                if (errno != EINVAL)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, errno,
                                "cannot read the link %s", container->name);
                n = snprintf(buf, size, "%s/%s", dir, container->name);
                return (size_t) n < size ? 0 : -ENAMETOOLONG;
        }
        buf[n] = '\0';
        while (n > 1 && buf[n - 1] == '/')
                buf[--n] = '\0';
        if (buf[0] != '/')
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                        "a link to \"%.200s\": the path of a bundle must be absolute", buf);
        return 0;
}

static void container_done(SearchContainer *container)
{
        for (size_t i = 0; i < container->n_drop_ins; i++)
                free(container->drop_ins[i].name);
        free(container->drop_ins);
}

/* Finds or makes the entry of this name; the array stays sorted. NULL: out of memory. */
static SearchContainer *get_container(Search *search, const char *name)
{
        size_t low = 0, high = search->n;

        while (low < high) {
                size_t middle = (low + high) / 2;
                int c = strcmp(search->items[middle].name, name);

                if (c == 0)
                        return &search->items[middle];
                if (c < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        if (search->n % 64 == 0) {
                SearchContainer *larger =
                        reallocarray(search->items, search->n + 64, sizeof(*larger));

                if (!larger)
                        return NULL;
                search->items = larger;
        }
        memmove(&search->items[low + 1], &search->items[low],
                (search->n - low) * sizeof(*search->items));
        search->n++;
        search->items[low] = (SearchContainer){
                .bundle_dir = SEARCH_NOWHERE,
                .file_dir = SEARCH_NOWHERE,
        };
        memcpy(search->items[low].name, name, strlen(name) + 1); /* valid: it fits */
        return &search->items[low];
}

const SearchContainer *search_find(const Search *search, const char *name)
{
        for (size_t i = 0; i < search->n; i++)
                if (strcmp(search->items[i].name, name) == 0)
                        return &search->items[i];
        return NULL;
}

/* An empty file or a link to /dev/null: "as if it were not there", and nothing behind it counts. */
static bool is_mask(int dir_fd, const char *name, const struct stat *st)
{
        char target[16];

        if (S_ISREG(st->st_mode))
                return st->st_size == 0;
        return S_ISLNK(st->st_mode) && readlinkat(dir_fd, name, target, sizeof(target)) == 9 &&
               memcmp(target, "/dev/null", 9) == 0;
}

/* Drop-ins of earlier directories win by their name. Keeps the array sorted. */
static int add_drop_in(SearchContainer *container, int dir, const char *name, bool is_masked)
{
        SearchDropIn *larger;
        size_t at = 0;

        while (at < container->n_drop_ins && strcmp(container->drop_ins[at].name, name) < 0)
                at++;
        if (at < container->n_drop_ins && strcmp(container->drop_ins[at].name, name) == 0)
                return 0;
        larger = reallocarray(container->drop_ins, container->n_drop_ins + 1, sizeof(*larger));
        if (!larger)
                return -ENOMEM;
        container->drop_ins = larger;
        memmove(&larger[at + 1], &larger[at], (container->n_drop_ins - at) * sizeof(*larger));
        larger[at] = (SearchDropIn){ .name = strdup(name), .dir = dir, .is_masked = is_masked };
        if (!larger[at].name)
                return -ENOMEM;
        container->n_drop_ins++;
        return 0;
}

static bool has_suffix(const char *name, const char *suffix)
{
        size_t n = strlen(name), m = strlen(suffix);

        return n > m && strcmp(name + n - m, suffix) == 0;
}

static void complain_at(const Search *search, int dir, const char *name, const CtrError *err)
{
        char path[SEARCH_PATH_MAX];

        (void) snprintf(path, sizeof(path), "%s/%s", search_dirs[dir], name);
        search->complain(path, err);
}

static int list_drop_ins(Search *search, int dir, const char *dir_name, SearchContainer *container)
{
        CtrError problem = { 0 };
        struct dirent *de;
        struct stat st;
        DIR *d;
        int fd, r = 0;

        fd = open_checked(search->fds[dir], dir_name, O_RDONLY | O_DIRECTORY, &problem);
        if (fd < 0) {
                complain_at(search, dir, dir_name, &problem);
                return 0;
        }
        d = fdopendir(fd);
        if (!d) {
                (void) close(fd);
                return -ENOMEM;
        }
        while (r >= 0 && (de = readdir(d)))
                if (de->d_name[0] != '.' && has_suffix(de->d_name, ".conf") &&
                        fstatat(dirfd(d), de->d_name, &st, AT_SYMLINK_NOFOLLOW) >= 0)
                        r = add_drop_in(
                                container, dir, de->d_name, is_mask(dirfd(d), de->d_name, &st));
        (void) closedir(d);
        return r;
}

/* One directory entry: which container and which part of it it is. */
static int add_entry(Search *search, int dir, const char *name, CtrError *err)
{
        bool is_drop_in = has_suffix(name, DROP_IN_SUFFIX), is_file = has_suffix(name, FILE_SUFFIX);
        char id[CTR_UNIT_NAME_MAX];
        SearchContainer *container;
        CtrError problem = { 0 };
        struct stat st;
        int r;

        if (fstatat(search->fds[dir], name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return 0; /* removed meanwhile */
        (void) snprintf(id, sizeof(id), "%.*s",
                (int) (strlen(name) - (is_drop_in       ? sizeof(DROP_IN_SUFFIX) - 1
                                              : is_file ? sizeof(FILE_SUFFIX) - 1
                                                        : 0)),
                name);
        r = ctr_id_check(id, &problem);
        if (r >= 0 && !is_drop_in && !is_file && S_ISREG(st.st_mode) && st.st_size > 0)
                r = ctr_error_set(&problem, CTR_ERROR_CONFIG_INVALID, 0,
                        "ignored: neither a directory nor named NAME.container");
        if (r < 0) {
                complain_at(search, dir, name, &problem);
                return 0;
        }
        container = get_container(search, id);
        if (!container)
                r = -ENOMEM;
        else if (is_drop_in)
                r = list_drop_ins(search, dir, name, container);
        else if ((is_file ? container->file_dir : container->bundle_dir) == SEARCH_NOWHERE) {
                *(is_file ? &container->file_dir : &container->bundle_dir) = dir;
                container->is_masked |= is_mask(search->fds[dir], name, &st);
        }
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "reading %s", search_dirs[dir]) : 0;
}

static int list_dir(Search *search, int dir, CtrError *err)
{
        CtrError problem = { 0 };
        struct dirent *de;
        DIR *d;
        int fd, r = 0;

        fd = open_path(search->root_fd, search_dirs[dir], O_RDONLY | O_DIRECTORY, &problem);
        if (fd < 0) {
                if (fd != -ENOENT)
                        search->complain(search_dirs[dir], &problem);
                return 0;
        }
        search->fds[dir] = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        d = search->fds[dir] < 0 ? NULL : fdopendir(fd);
        if (!d) {
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot list %s", search_dirs[dir]);
                (void) close(fd);
                return r;
        }
        while (r >= 0 && (de = readdir(d)))
                if (de->d_name[0] != '.')
                        r = add_entry(search, dir, de->d_name, err);
        (void) closedir(d);
        return r;
}

/* Additions alone are no container. */
static void remove_orphans(Search *search)
{
        size_t kept = 0;

        for (size_t i = 0; i < search->n; i++) {
                SearchContainer *container = &search->items[i];
                CtrError problem = { 0 };

                if (container->bundle_dir != SEARCH_NOWHERE ||
                        container->file_dir != SEARCH_NOWHERE) {
                        search->items[kept++] = *container;
                        continue;
                }
                (void) ctr_error_set(&problem, CTR_ERROR_CONFIG_INVALID, 0,
                        "ignored: additions to a container that is not configured");
                search->complain(container->name, &problem);
                container_done(container);
        }
        search->n = kept;
}

int search_open(const char *root, void (*complain)(const char *file, const CtrError *err),
        Search *ret, CtrError *err)
{
        Search search = { .complain = complain };
        int r = 0;

        for (int i = 0; i < SEARCH_DIRS; i++)
                search.fds[i] = -EBADF;
        search.root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (search.root_fd < 0)
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot open %s", root);
        for (int i = 0; i < SEARCH_DIRS && r >= 0; i++)
                r = list_dir(&search, i, err);
        remove_orphans(&search);
        *ret = search;
        if (r < 0)
                search_done(ret);
        return r;
}

void search_done(Search *search)
{
        for (size_t i = 0; i < search->n; i++)
                container_done(&search->items[i]);
        free(search->items);
        for (int i = 0; i < SEARCH_DIRS; i++)
                closep(&search->fds[i]);
        closep(&search->root_fd);
        *search = (Search){ .root_fd = -EBADF };
}
