/* What a container has from outside: see checkpoint-mounts.h. A bind mount is in the images by its
 * destination as config.json has it (which a restore looks up in the configuration it is given),
 * whatever is its place in the mount table: links of the root file system may lie between. */
#include "runtime/checkpoint-mounts.h"

#include "base/io.h"
#include "plan/mount-options.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define MOUNTINFO_SIZE_MAX (16U * 1024 * 1024)
#define NAME_SIZE          4352

typedef struct Entry {
        unsigned id, parent;
        const char *device, *root, *point, *type; /* as in the table, escapes and all */
        char *name; /* in the images; NULL = of the container itself */
} Entry;

typedef struct Table {
        char *text;
        Entry *entries;
        size_t n;
} Table;

static void table_done(Table *t)
{
        for (size_t i = 0; i < t->n; i++)
                free(t->entries[i].name);
        free(t->entries);
        free(t->text);
}

/* proc(5), /proc/PID/mountinfo: ID PARENT DEVICE ROOT POINT OPTIONS [FIELD...] - TYPE SOURCE
 * OPTIONS */
static int parse_line(char *line, Entry *ret)
{
        char *words[6], *rest = strstr(line, " - ");

        if (!rest)
                return -EBADMSG;
        *rest = '\0';
        rest += 3;
        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                if (!(words[i] = strsep(&line, " ")))
                        return -EBADMSG;
        *ret = (Entry){ .id = (unsigned) strtoul(words[0], NULL, 10),
                .parent = (unsigned) strtoul(words[1], NULL, 10),
                .device = words[2],
                .root = words[3],
                .point = words[4],
                .type = strsep(&rest, " ") };
        return 0;
}

static int read_table(pid_t pid, Table *ret, CtrError *err)
{
        char path[64], *at, *line;
        size_t size, n = 1;

        (void) snprintf(path, sizeof(path), "/proc/%d/mountinfo", (int) pid);
        if (ctr_read_file(AT_FDCWD, path, MOUNTINFO_SIZE_MAX, &ret->text, &size, err) < 0)
                return -EIO;
        for (const char *p = ret->text; (p = strchr(p, '\n')); p++)
                n++;
        ret->entries = calloc(n, sizeof(*ret->entries));
        if (!ret->entries)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading %s", path);
        for (at = ret->text; (line = strsep(&at, "\n")) && *line; ret->n++)
                if (parse_line(line, &ret->entries[ret->n]) < 0)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG, "%s", path);
        return 0;
}

static Entry *find_entry(Table *t, uint64_t id)
{
        for (size_t i = 0; i < t->n; i++)
                if (t->entries[i].id == id)
                        return &t->entries[i];
        return NULL;
}

/* The mount that a path of the container leads to, if it is the root of one; NULL when not. */
static Entry *find_mount(Table *t, int root_fd, const char *path, bool *ret_is_directory)
{
        struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
        _cleanup_close_ int fd = (int) syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
        struct statx st;

        if (fd < 0 || statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID | STATX_TYPE, &st) < 0 ||
                !(st.stx_attributes & STATX_ATTR_MOUNT_ROOT))
                return NULL;
        *ret_is_directory = S_ISDIR(st.stx_mode);
        return find_entry(t, st.stx_mnt_id);
}

/* The first one who names a mount is right. */
static int set_name(Entry *entry, const char *name)
{
        if (!entry || entry->name)
                return 0;
        entry->name = strdup(name);
        return entry->name ? 0 : -ENOMEM;
}

static char *clean_path(const char *path)
{
        char *clean = malloc(strlen(path) + 2), *p = clean;

        if (!clean)
                return NULL;
        for (const char *s = path; *s;) {
                size_t n = strcspn(s, "/");

                if (n > 0 && !(n == 1 && s[0] == '.')) {
                        *p++ = '/';
                        memcpy(p, s, n);
                        p += n;
                }
                s += n + (s[n] == '/');
        }
        *p = '\0';
        return clean;
}

static int name_configured(Table *t, const Spec *spec, int root_fd)
{
        const SpecStrv *masked = &spec->linux_.masked_paths;
        bool is_directory;
        int r = 0;

        for (size_t i = 0; i < masked->n && r >= 0; i++) {
                Entry *entry = find_mount(t, root_fd, masked->items[i], &is_directory);

                r = set_name(entry, is_directory ? PLAN_COVER_DIRECTORY : PLAN_COVER_FILE);
        }
        for (size_t i = 0; i < spec->n_mounts && r >= 0; i++) {
                const SpecMount *m = &spec->mounts[i];
                _cleanup_free_ char *path = clean_path(m->destination);

                if (!path)
                        return -ENOMEM;
                if (mount_is_bind(m) || (m->type && strncmp(m->type, "cgroup", 6) == 0))
                        r = set_name(find_mount(t, root_fd, path, &is_directory), path);
        }
        return r;
}

/* What is mounted below a bind's source came along with it: the rest of the path tells which. */
static int name_submounts(Table *t)
{
        for (size_t i = 0; i < t->n; i++) {
                Entry *entry = &t->entries[i], *parent = find_entry(t, entry->parent);
                size_t n = parent ? strlen(parent->point) : 0;
                char name[NAME_SIZE];

                if (entry->name || !parent || !parent->name || parent->name[0] != '/' ||
                        strncmp(entry->point, parent->point, n) != 0)
                        continue;
                (void) snprintf(name, sizeof(name), "%s%s", parent->name, entry->point + n);
                if (set_name(entry, name) < 0)
                        return -ENOMEM;
        }
        return 0;
}

static bool is_below(const char *path, const char *directory)
{
        size_t n = strlen(directory);

        return strcmp(directory, "/") == 0 ||
               (strncmp(path, directory, n) == 0 && (path[n] == '/' || path[n] == '\0'));
}

/* File systems that the container has for itself, whole, which criu makes again. */
static bool is_own(const Entry *entry)
{
        static const char *const types[] = { "proc", "sysfs", "tmpfs", "devpts", "mqueue" };

        for (size_t i = 0; i < ELEMENTSOF(types); i++)
                if (strcmp(entry->type, types[i]) == 0)
                        return strcmp(entry->root, "/") == 0;
        return false;
}

/* A part of what another mount of the container, that is no bind, shows too. */
static bool is_inside(const Table *t, const Entry *entry)
{
        for (size_t i = 0; i < t->n; i++) {
                const Entry *other = &t->entries[i];

                if (other != entry && !other->name && strcmp(other->device, entry->device) == 0 &&
                        is_below(entry->root, other->root) &&
                        (is_own(other) || strcmp(other->point, "/") == 0))
                        return true;
        }
        return false;
}

static int add_entry(CriuCall *call, const Table *t, const Entry *entry, CtrError *err)
{
        int r;

        if (strcmp(entry->point, "/") == 0)
                return 0;
        if (!entry->name && (is_own(entry) || is_inside(t, entry)))
                return 0;
        if (!entry->name)
                return ctr_error_set(err, CTR_ERROR_UNSUPPORTED, 0,
                        "%s is a mount from outside that config.json does not have, and cannot be "
                        "saved",
                        entry->point);
        r = criu_call_add(call, "--external");
        if (r >= 0)
                r = criu_call_add(call, "mnt[%s]:%s", entry->point, entry->name);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "criu's options") : 0;
}

int checkpoint_add_mounts(CriuCall *call, const Spec *spec, pid_t pid, CtrError *err)
{
        _cleanup_(table_done) Table t = { 0 };
        _cleanup_close_ int root_fd = -EBADF;
        char path[64];
        int r;

        (void) snprintf(path, sizeof(path), "/proc/%d/root", (int) pid);
        root_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (root_fd < 0)
                return ctr_error_set(
                        err, CTR_ERROR_CONTAINER_NOT_RUNNING, errno, "container not running");
        r = read_table(pid, &t, err);
        if (r < 0)
                return r;
        r = name_configured(&t, spec, root_fd);
        if (r >= 0)
                r = name_submounts(&t);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading the mounts");
        for (size_t i = 0; i < t.n && r >= 0; i++)
                r = add_entry(call, &t, &t.entries[i], err);
        return r;
}

/* ---- descriptors ---- */

static int mount_id_of(pid_t pid, unsigned number, unsigned *ret)
{
        _cleanup_free_ char *text = NULL;
        const char *line;
        char path[64];
        size_t size;
        int r;

        (void) snprintf(path, sizeof(path), "/proc/%d/fdinfo/%u", (int) pid, number);
        r = ctr_read_file(AT_FDCWD, path, 65536, &text, &size, NULL);
        line = r < 0 ? NULL : strstr(text, "mnt_id:");
        if (!line)
                return -EBADMSG;
        *ret = (unsigned) strtoul(line + strlen("mnt_id:"), NULL, 10);
        return 0;
}

/* What criu calls it: pipes and sockets by inode, files by their mount, which is not the
 * container's. */
static int name_descriptor(
        pid_t pid, unsigned number, const Table *t, char ret[CRIU_DESCRIPTOR_MAX])
{
        char path[64], target[4096];
        unsigned mount_id;
        struct stat st;
        ssize_t n;

        (void) snprintf(path, sizeof(path), "/proc/%d/fd/%u", (int) pid, number);
        n = readlink(path, target, sizeof(target) - 1);
        if (n < 0 || stat(path, &st) < 0)
                return errno == ENOENT ? 0 : -errno;
        target[n] = '\0';
        if (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)) {
                if (strncmp(target, "pipe:[", 6) == 0 || strncmp(target, "socket:[", 8) == 0)
                        (void) snprintf(
                                ret, CRIU_DESCRIPTOR_MAX, "%.*s", CRIU_DESCRIPTOR_MAX - 1, target);
                return 0;
        }
        if (mount_id_of(pid, number, &mount_id) < 0)
                return -EBADMSG;
        for (size_t i = 0; i < t->n; i++)
                if (t->entries[i].id == mount_id)
                        return 0;
        (void) snprintf(ret, CRIU_DESCRIPTOR_MAX, "file[%x:%llx]", mount_id,
                (unsigned long long) st.st_ino);
        return 1;
}

/* A Unix socket belongs to the network namespace that it was made in, and criu finds those of the
 * container's alone. The stream to the journal is PID 1's, who is in the host's. */
static int check_socket(pid_t pid, unsigned number, CtrError *err)
{
        _cleanup_close_ int pidfd = pidfd_open(pid, 0);
        _cleanup_close_ int fd = pidfd < 0 ? -EBADF : pidfd_getfd(pidfd, (int) number, 0);
        _cleanup_close_ int ns_fd = fd < 0 ? -EBADF : ioctl(fd, SIOCGSKNS);
        struct stat ours, theirs;
        char path[64];

        (void) snprintf(path, sizeof(path), "/proc/%d/ns/net", (int) pid);
        if (ns_fd < 0 || fstat(ns_fd, &ours) < 0 || stat(path, &theirs) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "descriptor %u", number);
        if (ours.st_ino == theirs.st_ino)
                return 0;
        return ctr_error_set(err, CTR_ERROR_UNSUPPORTED, 0,
                "descriptor %u is a socket of another network namespace, as the stream to the journal "
                "is, and cannot be saved: use the host's network namespace, or run it with its output "
                "to a pipe or a file",
                number);
}

int checkpoint_add_descriptors(CriuCall *call, pid_t pid, CtrError *err)
{
        char names[3][CRIU_DESCRIPTOR_MAX] = { { 0 } };
        _cleanup_(table_done) Table t = { 0 };
        int r;

        r = read_table(pid, &t, err);
        for (unsigned i = 0; i < ELEMENTSOF(names) && r >= 0; i++) {
                r = name_descriptor(pid, i, &t, names[i]);
                if (r < 0)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "descriptor %u", i);
                if (strncmp(names[i], "socket:[", 8) == 0 && check_socket(pid, i, err) < 0)
                        return -EOPNOTSUPP;
                if (r > 0)
                        r = criu_call_add(call, "--external");
                else if (strncmp(names[i], "socket:[", 8) == 0)
                        r = criu_call_add(call, "--external") < 0 ? -ENOMEM : 2;
                else
                        continue;
                if (r >= 0)
                        r = r == 2 ? criu_call_add(call, "unix%s", names[i] + strlen("socket:"))
                                   : criu_call_add(call, "%s", names[i]);
                if (r < 0)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "criu's options");
        }
        return r < 0 ? r : criu_write_descriptors(call->image_path, names, err);
}

/* ---- network ---- */

int checkpoint_add_network(CriuCall *call, const Spec *spec, pid_t pid, CtrError *err)
{
        const SpecNamespace *ns = spec_find_namespace(spec, SPEC_NS_NETWORK);
        char path[64];
        struct stat st;

        if (!ns || !ns->path)
                return 0;
        (void) snprintf(path, sizeof(path), "/proc/%d/ns/net", (int) pid);
        if (stat(path, &st) < 0)
                return ctr_error_set(
                        err, CTR_ERROR_CONTAINER_NOT_RUNNING, errno, "container not running");
        if (criu_call_add(call, "--external") < 0 ||
                criu_call_add(call, "net[%llu]:" PLAN_CHECKPOINT_NETWORK,
                        (unsigned long long) st.st_ino) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "criu's options");
        return 0;
}
