/* Where configured containers are found, and which of their files count.
 *
 * Three directories, the first wins, as systemd searches units:
 *     /etc/ctrunit/containers             the administrator's
 *     /run/ctrunit/config/containers      until the next boot
 *     /usr/lib/ctrunit/containers         packages'
 * In each: NAME/ (a bundle: config.json and usually rootfs), NAME.container (a file in systemd's
 * syntax), the .conf files of NAME.container.d/ (additions to it) and of directories for several
 * containers (stem.h). Each of the first two is taken whole from the first directory that has it;
 * additions are collected from all, by file name. A link to /dev/null or an empty file in the place
 * of NAME or NAME.container masks the container. NAME@.container is a template: each link
 * NAME@INSTANCE.container to it, in any of the directories, is the container NAME-INSTANCE.
 *
 * Volumes, NAME.volume with NAME.volume.d/, and pods, NAME.pod with NAME.pod.d/, stand in the same
 * directories, by the same rules; each kind is searched for itself.
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

typedef enum SearchKind {
        SEARCH_CONTAINERS,
        SEARCH_VOLUMES,
        SEARCH_PODS,
        _SEARCH_KIND_MAX,
} SearchKind;

/* The ending of a kind's files without its dot: "container". */
const char *search_type(SearchKind kind);

/* An addition: a file that may belong to several containers. */
typedef struct SearchDropIn {
        char *path;       /* "web.container.d/10-limits.conf", below search_dirs[dir] */
        const char *name; /* "10-limits.conf", in path */
        int dir;
        bool is_masked;
        bool is_used;
} SearchDropIn;

/* One container and where its parts are: indices into search_dirs, or SEARCH_NOWHERE. Or one
 * volume or pod, which have no bundle. */
typedef struct SearchContainer {
        char name[CTR_ID_MAX + 1];
        char stem[CTR_ID_MAX + 1]; /* of its file: the name, or "web@one" of an instance */
        int bundle_dir;
        int file_dir;
        char text_stem[CTR_ID_MAX + 1]; /* of the file that is read: "web@" of a linked instance */
        int text_dir;
        bool is_masked;
        bool is_instance_link;
        const SearchDropIn **drop_ins; /* sorted by name, each name once */
        size_t n_drop_ins;
} SearchContainer;

typedef struct Search {
        SearchKind kind;
        bool has_kind[_SEARCH_KIND_MAX]; /* others, seen on the way */
        const struct Search *pods;       /* of containers: where Pod= leads, or NULL */
        int root_fd;
        int fds[SEARCH_DIRS];   /* -EBADF: the directory does not exist or is not trusted */
        SearchContainer *items; /* sorted by name, masked ones included */
        size_t n;
        SearchDropIn *additions; /* of all containers, in no order */
        size_t n_additions;
        void (*complain)(const char *file, const CtrError *err);
} Search;

/* Lists everything below root ("/" normally). What cannot be used and belongs to no container (a
 * directory that others can write, a name that is no id) goes to complain() and is left out.
 * Returns 0 or -errno with *err. */
int search_open(const char *root, void (*complain)(const char *file, const CtrError *err),
        Search *ret, CtrError *err);
/* The same for another kind; what belongs to none is not complained of again. */
int search_open_kind(const char *root, SearchKind kind,
        void (*complain)(const char *file, const CtrError *err), Search *ret, CtrError *err);
void search_done(Search *search);

/* Whether one of the directories has an entry of this name. */
bool search_has_entry(const Search *search, const char *name);

/* NULL when no such container is configured. */
const SearchContainer *search_find(const Search *search, const char *name);

/* The same by the name of its file without the ending. */
const SearchContainer *search_find_stem(const Search *search, const char *stem);

/* Absolute path of the bundle directory NAME: itself, or where it leads when it is a link to an
 * absolute path. Only this one link is followed. Returns 0 or -errno with *err. */
int search_bundle_path(const Search *search, const SearchContainer *container, char *buf,
        size_t size, CtrError *err);

/* Opens a path below the root, every part of it checked. Returns the descriptor or -errno. */
int search_open_path(const Search *search, const char *path, int flags, CtrError *err);

/* Reads a trusted regular file below search_dirs[dir] or, with dir SEARCH_NOWHERE, below the root
 * (every directory of the path is checked then). `path` is relative to that place.
 * Returns 0 or -errno with *err. */
int search_read(const Search *search, int dir, const char *path, size_t max_size, char **ret,
        size_t *ret_size, CtrError *err);
