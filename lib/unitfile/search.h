/* Where configured containers are found, and which of their files count.
 *
 * Three directories, the first wins, as systemd searches units:
 *     /etc/ctrunit/containers             the administrator's
 *     /run/ctrunit/config/containers      until the next boot
 *     /usr/lib/ctrunit/containers         packages'
 * In each: NAME/ (a bundle: config.json and usually rootfs), NAME.container (a file in systemd's
 * syntax), the .conf files of NAME.container.d/ (additions to it). Each of the first two is taken
 * whole from the first directory that has it; additions are collected from all, by file name. A
 * link to /dev/null or an empty file in the place of NAME or NAME.container masks the container.
 *
 * Everything is opened by descriptors without following links, and only what root (or the caller)
 * owns and nobody else can write is used: who writes these files is root. NAME alone may be a link,
 * to the absolute path of a bundle; then all of that path is checked. */
#pragma once

#include "base/name.h"

#include <sys/types.h>

#define SEARCH_DIRS     3
#define SEARCH_PATH_MAX 4096
#define SEARCH_NOWHERE  (-1)

extern const char *const search_dirs[SEARCH_DIRS];

typedef struct SearchDropIn {
        char *name; /* "10-limits.conf" */
        int dir;    /* index into search_dirs */
        bool is_masked;
} SearchDropIn;

/* One container and where its parts are: indices into search_dirs, or SEARCH_NOWHERE. */
typedef struct SearchContainer {
        char name[CTR_ID_MAX + 1];
        int bundle_dir;
        int file_dir;
        bool is_masked;
        SearchDropIn *drop_ins; /* sorted by name, each name once */
        size_t n_drop_ins;
} SearchContainer;

typedef struct Search {
        int root_fd;
        int fds[SEARCH_DIRS];   /* -EBADF: the directory does not exist or is not trusted */
        SearchContainer *items; /* sorted by name, masked ones included */
        size_t n;
        void (*complain)(const char *file, const CtrError *err);
} Search;

/* Lists everything below root ("/" normally). What cannot be used and belongs to no container (a
 * directory that others can write, a name that is no id) goes to complain() and is left out.
 * Returns 0 or -errno with *err. */
int search_open(const char *root, void (*complain)(const char *file, const CtrError *err),
        Search *ret, CtrError *err);
void search_done(Search *search);

/* NULL when no such container is configured. */
const SearchContainer *search_find(const Search *search, const char *name);

/* Absolute path of the bundle directory NAME: itself, or where it leads when it is a link to an
 * absolute path. Only this one link is followed. Returns 0 or -errno with *err. */
int search_bundle_path(const Search *search, const SearchContainer *container, char *buf,
        size_t size, CtrError *err);

/* Reads a trusted regular file below search_dirs[dir] or, with dir SEARCH_NOWHERE, below the root
 * (every directory of the path is checked then). `path` is relative to that place.
 * Returns 0 or -errno with *err. */
int search_read(const Search *search, int dir, const char *path, size_t max_size, char **ret,
        size_t *ret_size, CtrError *err);
