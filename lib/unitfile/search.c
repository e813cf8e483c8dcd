/* The search directories: see search.h. */
#include "unitfile/search.h"

#include "base/io.h"
#include "unitfile/stem.h"

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

/* Endings of files and of directories of additions; that without its dot is for all of a kind. */
static const struct {
        const char *file, *drop_in;
} endings[_SEARCH_KIND_MAX] = {
        [SEARCH_CONTAINERS] = { ".container", ".container.d" },
        [SEARCH_VOLUMES] = { ".volume", ".volume.d" },
        [SEARCH_PODS] = { ".pod", ".pod.d" },
};

/* Files of podman's that nothing is made from. */
static const struct {
        const char *ending, *reason;
} foreign[] = {
        { ".network", "networks are not made from files: containers have Network=host or ns:PATH" },
        { ".kube", "nothing is made from files of Kubernetes" },
        { ".image", "there are no images here: containers have Rootfs=, a directory" },
        { ".build", "there are no images here: containers have Rootfs=, a directory" },
        { ".artifact", "there are no images here: containers have Rootfs=, a directory" },
};

const char *search_type(SearchKind kind)
{
        return endings[kind].file + 1;
}

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

int search_open_path(const Search *search, const char *path, int flags, CtrError *err)
{
        return open_path(search->root_fd, path, flags, err);
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
        free(container->drop_ins);
}

/* Finds or makes the entry of this stem; the array stays sorted by it. NULL: out of memory. */
static SearchContainer *get_container(Search *search, const char *stem)
{
        size_t low = 0, high = search->n;

        while (low < high) {
                size_t middle = (low + high) / 2;
                int c = strcmp(search->items[middle].stem, stem);

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
        memcpy(search->items[low].stem, stem, strlen(stem) + 1); /* valid: it fits */
        stem_to_id(stem, search->items[low].name);
        return &search->items[low];
}

const SearchContainer *search_find(const Search *search, const char *name)
{
        for (size_t i = 0; i < search->n; i++)
                if (strcmp(search->items[i].name, name) == 0)
                        return &search->items[i];
        return NULL;
}

const SearchContainer *search_find_stem(const Search *search, const char *stem)
{
        for (size_t i = 0; i < search->n; i++)
                if (strcmp(search->items[i].stem, stem) == 0)
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

static int add_addition(
        Search *search, int dir, const char *dir_name, const char *name, bool masked)
{
        SearchDropIn *larger, *addition;

        larger = reallocarray(search->additions, search->n_additions + 1, sizeof(*larger));
        if (!larger)
                return -ENOMEM;
        search->additions = larger;
        addition = &larger[search->n_additions];
        *addition = (SearchDropIn){ .dir = dir, .is_masked = masked };
        if (asprintf(&addition->path, "%s/%s", dir_name, name) < 0)
                return -ENOMEM;
        addition->name = addition->path + strlen(dir_name) + 1;
        search->n_additions++;
        return 0;
}

static int list_drop_ins(Search *search, int dir, const char *dir_name)
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
                        r = add_addition(search, dir, dir_name, de->d_name,
                                is_mask(dirfd(d), de->d_name, &st));
        (void) closedir(d);
        return r;
}

/* A link NAME@INSTANCE.container that says no more than that this instance of the template is
 * wanted: to NAME@.container, beside it or in another search directory. */
static bool is_instance_link(int dir_fd, const char *name, const char *stem, const char *ending)
{
        char target[SEARCH_PATH_MAX], template[CTR_ID_MAX + 1], file[CTR_UNIT_NAME_MAX];
        ssize_t n = stem_instance(stem) ? readlinkat(dir_fd, name, target, sizeof(target) - 1) : -1;
        const char *slash;

        if (n < 0)
                return false;
        target[n] = '\0';
        stem_to_template(stem, template);
        (void) snprintf(file, sizeof(file), "%s%s", template, ending);
        slash = strrchr(target, '/');
        if (!slash)
                return strcmp(target, file) == 0;
        for (int i = 0; i < SEARCH_DIRS; i++)
                if (strlen(search_dirs[i]) == (size_t) (slash - target) &&
                        strncmp(search_dirs[i], target, (size_t) (slash - target)) == 0)
                        return strcmp(slash + 1, file) == 0;
        return false;
}

/* What of a container this entry is. */
static void set_part(Search *search, int dir, const char *name, const struct stat *st,
        SearchContainer *container, bool is_file)
{
        int *place = is_file ? &container->file_dir : &container->bundle_dir;
        bool masked = is_mask(search->fds[dir], name, st);

        if (*place != SEARCH_NOWHERE)
                return;
        *place = dir;
        container->is_masked |= masked;
        if (is_file && !masked)
                container->is_instance_link = is_instance_link(
                        search->fds[dir], name, container->stem, endings[search->kind].file);
}

/* A directory of additions for several containers belongs to none of them. */
static int check_drop_in_dir(const char *stem, CtrError *err)
{
        char name[CTR_ID_MAX + 1];

        if (!*stem || stem_is_template(stem))
                return 0;
        (void) snprintf(name, sizeof(name), "%.*s", (int) sizeof(name) - 1, stem);
        return stem_check(name, err);
}

typedef enum EntryPart {
        PART_BUNDLE,
        PART_FILE,
        PART_DROP_INS,
} EntryPart;

static bool is_part_of(SearchKind kind, const char *name, EntryPart *ret)
{
        const char *drop_in = endings[kind].drop_in;

        if (has_suffix(name, endings[kind].file))
                *ret = PART_FILE;
        else if (has_suffix(name, drop_in) || strcmp(name, drop_in + 1) == 0)
                *ret = PART_DROP_INS;
        else
                return false;
        return true;
}

/* What the entry is for this kind. false: something for another one. Whatever else is there is a
 * container's bundle, or nothing. */
static bool find_part(Search *search, const char *name, EntryPart *ret)
{
        if (is_part_of(search->kind, name, ret))
                return true;
        for (SearchKind kind = 0; kind < _SEARCH_KIND_MAX; kind++)
                if (search->kind == SEARCH_CONTAINERS && is_part_of(kind, name, ret)) {
                        search->has_kind[kind] = true;
                        return false;
                }
        *ret = PART_BUNDLE;
        return search->kind == SEARCH_CONTAINERS;
}

static int refuse_file(const char *name, CtrError *err)
{
        for (size_t i = 0; i < ELEMENTSOF(foreign); i++)
                if (has_suffix(name, foreign[i].ending))
                        return ctr_error_set(
                                err, CTR_ERROR_CONFIG_INVALID, 0, "ignored: %s", foreign[i].reason);
        return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                "ignored: neither a directory nor named NAME.container");
}

static int check_entry(
        const char *name, const char *stem, EntryPart part, const struct stat *st, CtrError *err)
{
        if (part == PART_DROP_INS)
                return check_drop_in_dir(stem, err);
        if (part == PART_BUNDLE && S_ISREG(st->st_mode) && st->st_size > 0)
                return refuse_file(name, err);
        return part == PART_FILE ? stem_check(stem, err) : ctr_id_check(stem, err);
}

/* One directory entry: which container and which part of it it is. */
static int add_entry(Search *search, int dir, const char *name, CtrError *err)
{
        const char *const parts[] = {
                [PART_BUNDLE] = "",
                [PART_FILE] = endings[search->kind].file,
                [PART_DROP_INS] = endings[search->kind].drop_in,
        };
        char stem[CTR_UNIT_NAME_MAX];
        SearchContainer *container;
        CtrError problem = { 0 };
        EntryPart part;
        struct stat st;
        int r;

        if (!find_part(search, name, &part) ||
                fstatat(search->fds[dir], name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return 0; /* not ours, or removed meanwhile */
        (void) snprintf(stem, sizeof(stem), "%.*s",
                (int) (strlen(name) - MIN_OF(strlen(parts[part]), strlen(name))), name);
        r = check_entry(name, stem, part, &st, &problem);
        if (r < 0) {
                complain_at(search, dir, name, &problem);
                return 0;
        }
        if (part == PART_DROP_INS)
                r = list_drop_ins(search, dir, name);
        else {
                container = get_container(search, stem);
                r = container ? 0 : -ENOMEM;
                if (container)
                        set_part(search, dir, name, &st, container, part == PART_FILE);
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
                if (fd != -ENOENT && search->kind == SEARCH_CONTAINERS)
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

/* ---- from files to containers ---- */

/* Which file an instance is read from, and whether that is masked. What is missing is found when it
 * is read. */
static void resolve_text(const Search *search, SearchContainer *container)
{
        const SearchContainer *template = NULL;

        (void) snprintf(container->text_stem, sizeof(container->text_stem), "%s", container->stem);
        container->text_dir = container->file_dir;
        if (!container->is_instance_link)
                return;
        stem_to_template(container->stem, container->text_stem);
        template = search_find_stem(search, container->text_stem);
        if (!template || template->file_dir == SEARCH_NOWHERE)
                return;
        container->text_dir = template->file_dir;
        container->is_masked |= template->is_masked;
}

/* Additions of narrower names win, then those of earlier directories, by the name of the file. */
static int add_drop_in(SearchContainer *container, SearchDropIn *addition)
{
        const SearchDropIn **larger;
        size_t at = 0;

        addition->is_used = true;
        while (at < container->n_drop_ins &&
                strcmp(container->drop_ins[at]->name, addition->name) < 0)
                at++;
        if (at < container->n_drop_ins &&
                strcmp(container->drop_ins[at]->name, addition->name) == 0)
                return 0;
        larger = reallocarray(container->drop_ins, container->n_drop_ins + 1, sizeof(*larger));
        if (!larger)
                return -ENOMEM;
        container->drop_ins = larger;
        memmove(&larger[at + 1], &larger[at], (container->n_drop_ins - at) * sizeof(*larger));
        larger[at] = addition;
        container->n_drop_ins++;
        return 0;
}

static int collect_drop_ins(Search *search, SearchContainer *container)
{
        char stem[CTR_ID_MAX + 1], name[CTR_UNIT_NAME_MAX];
        int r = 0;

        if (search->n_additions == 0)
                return 0;
        memcpy(stem, container->stem, sizeof(stem));
        do {
                stem_to_directory(stem, search_type(search->kind), name);
                for (int dir = 0; dir < SEARCH_DIRS; dir++)
                        for (size_t i = 0; i < search->n_additions && r >= 0; i++) {
                                SearchDropIn *addition = &search->additions[i];
                                size_t n = (size_t) (addition->name - addition->path) - 1;

                                if (addition->dir == dir && strlen(name) == n &&
                                        memcmp(name, addition->path, n) == 0)
                                        r = add_drop_in(container, addition);
                        }
        } while (r >= 0 && stem_widen(stem));
        return r;
}

/* Additions alone are no container; those for several wait for one. */
static void complain_of_orphans(const Search *search)
{
        size_t size = strlen(endings[search->kind].drop_in);

        for (size_t i = 0; i < search->n_additions; i++) {
                const SearchDropIn *addition = &search->additions[i];
                size_t n = strcspn(addition->path, "/");
                CtrError problem = { 0 };

                if (addition->is_used || n <= size || strchr("-@", addition->path[n - size - 1]))
                        continue;
                (void) ctr_error_set(&problem, CTR_ERROR_CONFIG_INVALID, 0,
                        "ignored: an addition to a %s that is not configured",
                        search_type(search->kind));
                complain_at(search, addition->dir, addition->path, &problem);
        }
}

static int compare_names(const void *a, const void *b)
{
        const SearchContainer *one = a, *other = b;
        int c = strcmp(one->name, other->name);

        /* A container's own files before an instance that would get the same name. */
        return c ? c : strcmp(one->stem, other->stem);
}

/* Templates are no containers; of two with one name the instance is left out. */
static int resolve_containers(Search *search)
{
        size_t kept = 0;
        int r = 0;

        for (size_t i = 0; i < search->n && r >= 0; i++) {
                resolve_text(search, &search->items[i]);
                r = collect_drop_ins(search, &search->items[i]);
        }
        if (search->n > 1)
                qsort(search->items, search->n, sizeof(*search->items), compare_names);
        for (size_t i = 0; i < search->n; i++) {
                SearchContainer *container = &search->items[i];
                CtrError problem = { 0 };

                if (kept > 0 && strcmp(search->items[kept - 1].name, container->name) == 0) {
                        (void) ctr_error_set(&problem, CTR_ERROR_CONFIG_INVALID, 0,
                                "ignored: %.200s is the name of another %s", container->name,
                                search_type(search->kind));
                        search->complain(container->stem, &problem);
                } else if (!stem_is_template(container->stem)) {
                        search->items[kept++] = *container;
                        continue;
                }
                container_done(container);
        }
        search->n = kept;
        complain_of_orphans(search);
        return r;
}

int search_open(const char *root, void (*complain)(const char *file, const CtrError *err),
        Search *ret, CtrError *err)
{
        return search_open_kind(root, SEARCH_CONTAINERS, complain, ret, err);
}

int search_open_kind(const char *root, SearchKind kind,
        void (*complain)(const char *file, const CtrError *err), Search *ret, CtrError *err)
{
        Search search = { .kind = kind, .complain = complain };
        int r = 0;

        for (int i = 0; i < SEARCH_DIRS; i++)
                search.fds[i] = -EBADF;
        search.root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (search.root_fd < 0)
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot open %s", root);
        for (int i = 0; i < SEARCH_DIRS && r >= 0; i++)
                r = list_dir(&search, i, err);
        if (r >= 0 && resolve_containers(&search) < 0)
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading %s", root);
        *ret = search;
        if (r < 0)
                search_done(ret);
        return r;
}

bool search_has_entry(const Search *search, const char *name)
{
        for (int i = 0; i < SEARCH_DIRS; i++)
                if (search->fds[i] >= 0 &&
                        faccessat(search->fds[i], name, F_OK, AT_SYMLINK_NOFOLLOW) >= 0)
                        return true;
        return false;
}

void search_done(Search *search)
{
        for (size_t i = 0; i < search->n; i++)
                container_done(&search->items[i]);
        free(search->items);
        for (size_t i = 0; i < search->n_additions; i++)
                free(search->additions[i].path);
        free(search->additions);
        for (int i = 0; i < SEARCH_DIRS; i++)
                closep(&search->fds[i]);
        closep(&search->root_fd);
        *search = (Search){ .root_fd = -EBADF };
}
