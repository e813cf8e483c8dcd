/* The cache of compiled filters: see filter-cache.h. */
#include "runtime/filter-cache.h"

#include "base/digest.h"
#include "base/io.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define DIRECTORY    "bpf"
#define ENTRY_MODE   0600
#define STALE_SEC    60 /* a temporary file this old has lost its writer */
#define FILTER_BYTES (BPF_MAXINSNS * sizeof(struct sock_filter))

static const char magic[8] = "CTRBPF\0\1";

typedef struct EntryHeader {
        char magic[8];
        uint64_t size, sum; /* of what follows */
} EntryHeader;

/* Against damage, not against an enemy: who can write here is root. FNV-1a by words. */
static uint64_t checksum(const void *data, size_t size)
{
        const char *bytes = data;
        uint64_t sum = UINT64_C(0xcbf29ce484222325), word;

        for (size_t i = 0; i + sizeof(word) <= size; i += sizeof(word)) {
                memcpy(&word, bytes + i, sizeof(word));
                sum = (sum ^ word) * UINT64_C(0x100000001b3);
        }
        return sum;
}

static bool is_ours_alone(int fd, mode_t type)
{
        struct stat st;

        return fstat(fd, &st) >= 0 && (st.st_mode & S_IFMT) == type && st.st_uid == geteuid() &&
               (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static int open_directory(const Runtime *rt, bool is_made)
{
        _cleanup_close_ int root_fd = -EBADF, fd = -EBADF;
        const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;

        root_fd = open(rt->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (root_fd < 0)
                return -errno;
        fd = openat(root_fd, DIRECTORY, flags);
        if (fd < 0 && errno == ENOENT && is_made && mkdirat(root_fd, DIRECTORY, 0700) >= 0)
                fd = openat(root_fd, DIRECTORY, flags);
        if (fd < 0)
                return -errno;
        return is_ours_alone(fd, S_IFDIR) ? TAKE_FD(fd) : -EPERM;
}

/* Returns the filter's size, or 0 when this is none. */
static size_t check_header(int fd, const EntryHeader *header)
{
        struct stat st;

        if (memcmp(header->magic, magic, sizeof(magic)) != 0 || header->size == 0 ||
                header->size > FILTER_BYTES || header->size % sizeof(struct sock_filter) != 0 ||
                fstat(fd, &st) < 0 || (uint64_t) st.st_size != sizeof(*header) + header->size)
                return 0;
        return header->size;
}

static int load(void *userdata, const void *key, size_t key_size, void **ret, size_t *ret_size)
{
        const FilterCache *cache = userdata;
        _cleanup_close_ int dir_fd = open_directory(cache->runtime, false), fd = -EBADF;
        char name[CTR_DIGEST_LENGTH + 1];
        _cleanup_free_ void *filter = NULL;
        EntryHeader header;
        size_t size;

        if (dir_fd < 0)
                return 0;
        ctr_digest_hex(key, key_size, name);
        fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        if (fd < 0 || !is_ours_alone(fd, S_IFREG) ||
                read(fd, &header, sizeof(header)) != (ssize_t) sizeof(header))
                return 0;
        size = check_header(fd, &header);
        filter = size > 0 ? malloc(size) : NULL;
        if (!filter || read(fd, filter, size) != (ssize_t) size ||
                checksum(filter, size) != header.sum)
                return 0;
        *ret = TAKE_PTR(filter);
        *ret_size = size;
        return 1;
}

static bool is_older(const struct stat *a, const struct stat *b)
{
        return a->st_mtim.tv_sec < b->st_mtim.tv_sec ||
               (a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec < b->st_mtim.tv_nsec);
}

/* Temporary files that nobody will rename go; returns the number of entries and the oldest. */
static unsigned clean_up(DIR *d, char oldest[static NAME_MAX + 1])
{
        struct stat st, oldest_st = { 0 };
        time_t now = time(NULL);
        struct dirent *de;
        unsigned n = 0;

        oldest[0] = '\0';
        while ((de = readdir(d))) {
                if (fstatat(dirfd(d), de->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
                        !S_ISREG(st.st_mode))
                        continue;
                if (strlen(de->d_name) != CTR_DIGEST_LENGTH) {
                        if (now - st.st_mtim.tv_sec > STALE_SEC)
                                (void) unlinkat(dirfd(d), de->d_name, 0);
                        continue;
                }
                n++;
                if (!oldest[0] || is_older(&st, &oldest_st)) {
                        memcpy(oldest, de->d_name, strlen(de->d_name) + 1);
                        oldest_st = st;
                }
        }
        return n;
}

static void make_room(int dir_fd)
{
        _cleanup_close_ int copy = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *d = copy >= 0 ? fdopendir(copy) : NULL;
        char oldest[NAME_MAX + 1];

        if (!d)
                return;
        TAKE_FD(copy);
        if (clean_up(d, oldest) >= FILTER_CACHE_MAX)
                (void) unlinkat(dirfd(d), oldest, 0);
        (void) closedir(d);
}

static void store(
        void *userdata, const void *key, size_t key_size, const void *filter, size_t filter_size)
{
        const FilterCache *cache = userdata;
        _cleanup_close_ int dir_fd = open_directory(cache->runtime, true);
        EntryHeader header = { .size = filter_size, .sum = checksum(filter, filter_size) };
        char name[CTR_DIGEST_LENGTH + 1];
        _cleanup_free_ char *entry = NULL;

        if (dir_fd < 0)
                return;
        entry = malloc(sizeof(header) + filter_size);
        if (!entry)
                return;
        memcpy(header.magic, magic, sizeof(magic));
        memcpy(entry, &header, sizeof(header));
        memcpy(entry + sizeof(header), filter, filter_size);
        make_room(dir_fd);
        ctr_digest_hex(key, key_size, name);
        (void) ctr_write_file_atomic(dir_fd, name, entry, sizeof(header) + filter_size, ENTRY_MODE);
}

void filter_cache_init(FilterCache *cache, const Runtime *rt)
{
        *cache = (FilterCache){ .plan = { .userdata = cache, .load = load, .store = store },
                .runtime = rt };
}
