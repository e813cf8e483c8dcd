/* Unpacking with libarchive: see unpack.h. The library is loaded here and only here, in the
 * sandboxed unit that is there for nothing else. It works in the target directory by relative
 * names, and is told to refuse absolute ones, ".." and what lies behind a symbolic link. */
#include "runtime/unpack.h"

#include "base/io.h"

#include <archive.h>
#include <archive_entry.h>
#include <dlfcn.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define BLOCK_SIZE    (128 * 1024)
#define META_SIZE_MAX (1024 * 1024)
#define ENTRIES_MAX   4000000U
#define ROOT_PREFIX   "rootfs"

#define SYMBOLS(X)                                                                                 \
        X(archive_read_new)                                                                        \
        X(archive_read_free)                                                                       \
        X(archive_read_support_filter_bzip2)                                                       \
        X(archive_read_support_filter_compress)                                                    \
        X(archive_read_support_filter_gzip)                                                        \
        X(archive_read_support_filter_lz4)                                                         \
        X(archive_read_support_filter_lzip)                                                        \
        X(archive_read_support_filter_lzma)                                                        \
        X(archive_read_support_filter_xz)                                                          \
        X(archive_read_support_filter_zstd)                                                        \
        X(archive_read_support_format_tar)                                                         \
        X(archive_read_open_fd)                                                                    \
        X(archive_read_next_header)                                                                \
        X(archive_read_data)                                                                       \
        X(archive_read_data_block)                                                                 \
        X(archive_filter_bytes)                                                                    \
        X(archive_errno)                                                                           \
        X(archive_error_string)                                                                    \
        X(archive_entry_pathname)                                                                  \
        X(archive_entry_set_pathname)                                                              \
        X(archive_entry_hardlink)                                                                  \
        X(archive_entry_set_hardlink)                                                              \
        X(archive_entry_size)                                                                      \
        X(archive_entry_filetype)                                                                  \
        X(archive_write_disk_new)                                                                  \
        X(archive_write_disk_set_options)                                                          \
        X(archive_write_header)                                                                    \
        X(archive_write_data_block)                                                                \
        X(archive_write_finish_entry)                                                              \
        X(archive_write_close)                                                                     \
        X(archive_write_free)

typedef struct Api {
#define X(name) __typeof__(name) *name;
        SYMBOLS(X)
#undef X
} Api;

static int load(Api *api, CtrError *err)
{
        static const struct {
                const char *name;
                size_t offset;
        } symbols[] = {
#define X(name) { #name, offsetof(Api, name) },
                SYMBOLS(X)
#undef X
        };
        void *library = dlopen("libarchive.so.13", RTLD_NOW | RTLD_LOCAL);

        if (!library)
                return ctr_error_set(err, CTR_ERROR_UNSUPPORTED, 0,
                        "archives need libarchive (install package libarchive13): %s", dlerror());
        for (size_t i = 0; i < ELEMENTSOF(symbols); i++) {
                void *address = dlsym(library, symbols[i].name);

                if (!address)
                        return ctr_error_set(err, CTR_ERROR_UNSUPPORTED, ENOSYS,
                                "libarchive has no function %s", symbols[i].name);
                *(void **) ((char *) api + symbols[i].offset) = address;
        }
        return 0;
}

typedef struct Unpack {
        const UnpackOptions *options;
        Api api;
        struct archive *in, *out;
        uint64_t total;
        char *meta;
        bool has_root;
} Unpack;

static int archive_failed(const Unpack *u, struct archive *a, const char *what, CtrError *err)
{
        const char *text = u->api.archive_error_string(a);
        int number = u->api.archive_errno(a);

        /* What the host cannot do is not the archive's fault. */
        if (number == ENOSPC || number == EDQUOT || number == EIO || number == EROFS)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, number, "%s", what);
        return ctr_error_set(
                err, CTR_ERROR_CONFIG_INVALID, 0, "%s: %s", what, text ? text : "unknown error");
}

/* What the library reads by itself. For others it would start a program of the host, because an
 * archive's first bytes say so. */
static int add_filters(Unpack *u, CtrError *err)
{
        int (*const filters[])(struct archive *) = { u->api.archive_read_support_filter_bzip2,
                u->api.archive_read_support_filter_compress,
                u->api.archive_read_support_filter_gzip, u->api.archive_read_support_filter_lz4,
                u->api.archive_read_support_filter_lzip, u->api.archive_read_support_filter_lzma,
                u->api.archive_read_support_filter_xz, u->api.archive_read_support_filter_zstd };

        for (size_t i = 0; i < ELEMENTSOF(filters); i++)
                if (filters[i](u->in) < ARCHIVE_WARN)
                        return archive_failed(u, u->in, "cannot read the archive", err);
        return 0;
}

static int open_archives(Unpack *u, CtrError *err)
{
        const int flags = ARCHIVE_EXTRACT_OWNER | ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME |
                          ARCHIVE_EXTRACT_XATTR | ARCHIVE_EXTRACT_ACL |
                          ARCHIVE_EXTRACT_SECURE_SYMLINKS | ARCHIVE_EXTRACT_SECURE_NODOTDOT |
                          ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS;

        u->in = u->api.archive_read_new();
        u->out = u->api.archive_write_disk_new();
        if (!u->in || !u->out)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "archive");
        if (add_filters(u, err) < 0)
                return -EINVAL;
        (void) u->api.archive_read_support_format_tar(u->in);
        (void) u->api.archive_write_disk_set_options(u->out, flags);
        if (u->api.archive_read_open_fd(u->in, u->options->archive_fd, BLOCK_SIZE) != ARCHIVE_OK)
                return archive_failed(u, u->in, "cannot read the archive", err);
        return 0;
}

/* "./a/b", "a/b" and "a/b/" name the same. */
static const char *clean_name(const char *name)
{
        while (name[0] == '.' && name[1] == '/')
                name += 2 + strspn(name + 2, "/");
        return name;
}

/* Names below "rootfs/" lose it; what else there is has no place. */
static bool strip_root(const char **name)
{
        size_t n = strlen(ROOT_PREFIX);

        if (strncmp(*name, ROOT_PREFIX, n) != 0 || ((*name)[n] != '/' && (*name)[n] != '\0'))
                return false;
        *name += n;
        *name += strspn(*name, "/");
        return true;
}

static int read_meta(Unpack *u, CtrError *err)
{
        _cleanup_free_ char *text = malloc(META_SIZE_MAX + 1);
        size_t used = 0;
        ssize_t n;

        if (!text || u->meta)
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0, "meta.json stands twice");
        while ((n = u->api.archive_read_data(u->in, text + used, META_SIZE_MAX + 1 - used)) > 0) {
                used += (size_t) n;
                if (used > META_SIZE_MAX)
                        return ctr_error_set(
                                err, CTR_ERROR_CONFIG_INVALID, 0, "meta.json is over 1 MiB");
        }
        if (n < 0)
                return archive_failed(u, u->in, "cannot read meta.json", err);
        if (memchr(text, '\0', used))
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0, "meta.json is no text");
        text[used] = '\0';
        u->meta = TAKE_PTR(text);
        return 0;
}

static int copy_data(Unpack *u, CtrError *err)
{
        const void *block;
        int64_t offset;
        size_t size;
        int k;

        while ((k = u->api.archive_read_data_block(u->in, &block, &size, &offset)) == ARCHIVE_OK) {
                if (u->api.archive_write_data_block(u->out, block, size, offset) < 0)
                        return archive_failed(u, u->out, "cannot unpack", err);
                if (u->options->progress &&
                        u->options->progress(u->options->userdata,
                                (uint64_t) u->api.archive_filter_bytes(u->in, -1), u->total) < 0)
                        return ctr_error_set(
                                err, CTR_ERROR_SYSTEM, ECANCELED, "nobody waits for the archive");
        }
        return k == ARCHIVE_EOF ? 0 : archive_failed(u, u->in, "cannot read the archive", err);
}

/* A hard link's target is a name in the archive too. */
static int rename_entry(Unpack *u, struct archive_entry *entry, const char *name, CtrError *err)
{
        const char *link = u->api.archive_entry_hardlink(entry);
        _cleanup_free_ char *copy = strdup(*name ? name : "."), *link_copy = NULL;

        if (!copy)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "archive");
        if (link) {
                link = clean_name(link);
                if (u->options->wants_meta && !strip_root(&link))
                        return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                                "%s: a link out of " ROOT_PREFIX "/", copy);
                link_copy = strdup(link);
                if (!link_copy)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "archive");
                u->api.archive_entry_set_hardlink(entry, link_copy);
        }
        u->api.archive_entry_set_pathname(entry, copy);
        return 0;
}

static int unpack_entry(Unpack *u, struct archive_entry *entry, CtrError *err)
{
        const char *name = u->api.archive_entry_pathname(entry);
        int r;

        if (!name)
                return ctr_error_set(
                        err, CTR_ERROR_CONFIG_INVALID, 0, "a name in the archive is no text");
        name = clean_name(name);
        if (u->options->wants_meta) {
                if (strcmp(name, "meta.json") == 0)
                        return read_meta(u, err);
                if (*name && !strip_root(&name))
                        return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                                "%.200s: besides meta.json there is only " ROOT_PREFIX
                                "/ in such an archive",
                                name);
        }
        u->has_root = true;
        r = rename_entry(u, entry, name, err);
        if (r < 0)
                return r;
        if (u->api.archive_write_header(u->out, entry) < ARCHIVE_WARN)
                return archive_failed(u, u->out, "cannot unpack", err);
        r = u->api.archive_entry_size(entry) > 0 ? copy_data(u, err) : 0;
        if (r >= 0 && u->api.archive_write_finish_entry(u->out) < ARCHIVE_WARN)
                r = archive_failed(u, u->out, "cannot unpack", err);
        return r;
}

static int unpack_all(Unpack *u, CtrError *err)
{
        struct archive_entry *entry;
        unsigned n = 0;
        int k, r;

        while ((k = u->api.archive_read_next_header(u->in, &entry)) == ARCHIVE_OK ||
                k == ARCHIVE_WARN) {
                if (++n > ENTRIES_MAX)
                        return ctr_error_set(
                                err, CTR_ERROR_CONFIG_INVALID, 0, "too many files in the archive");
                r = unpack_entry(u, entry, err);
                if (r < 0)
                        return r;
        }
        if (k != ARCHIVE_EOF)
                return archive_failed(u, u->in, "cannot read the archive", err);
        if (!u->has_root)
                return ctr_error_set(
                        err, CTR_ERROR_CONFIG_INVALID, 0, "there is no file in the archive");
        /* Times and modes of directories are set now. */
        if (u->api.archive_write_close(u->out) < ARCHIVE_WARN)
                return archive_failed(u, u->out, "cannot unpack", err);
        if (u->options->progress)
                (void) u->options->progress(u->options->userdata, u->total, u->total);
        return 0;
}

int runtime_unpack(const UnpackOptions *options, char **ret_meta, CtrError *err)
{
        Unpack u = { .options = options };
        struct stat st;
        int r;

        r = load(&u.api, err);
        if (r < 0)
                return r;
        /* Names are bytes: without this the library would convert them. */
        (void) setlocale(LC_CTYPE, "C.UTF-8");
        if (fstat(options->archive_fd, &st) >= 0 && S_ISREG(st.st_mode))
                u.total = (uint64_t) st.st_size;
        if (fchdir(options->target_fd) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot enter the directory");
        (void) umask(0);
        r = open_archives(&u, err);
        if (r >= 0)
                r = unpack_all(&u, err);
        if (u.in)
                (void) u.api.archive_read_free(u.in);
        if (u.out)
                (void) u.api.archive_write_free(u.out);
        if (chdir("/") < 0 && r >= 0)
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot leave the directory");
        if (r < 0)
                free(u.meta);
        else
                *ret_meta = u.meta;
        return r;
}
