/* The resource director's groups: joining one, and making the one that the container brings with it
 * (the kernel's resctrl document). A process is moved before it clones; its children are born where
 * it is. Directories that are made are recorded first, for whoever removes the state. */
#include "helper/ops.h"

#include "base/io.h"
#include "base/rdt.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { SCHEMATA_MAX = 16384 };

/* The value of cache or domain `id` in the rest of a line "0=f;1=ff", NULL when it has none. */
static const char *find_domain(const char *line, size_t size, const char *id, size_t id_size)
{
        for (const char *p = line, *end = line + size; p < end;) {
                size_t n = strcspn(p, ";\n");
                const char *digits = p + strspn(p, " ");

                if ((size_t) (digits - p) + id_size < n && strncmp(digits, id, id_size) == 0 &&
                        digits[id_size] == '=')
                        return digits + id_size + 1;
                p += n + 1;
        }
        return NULL;
}

static bool same_value(const char *a, const char *b)
{
        size_t n;

        a += strspn(a, " 0");
        b += strspn(b, " 0");
        n = strcspn(a, "; \n");
        return n == strcspn(b, "; \n") && strncmp(a, b, n) == 0;
}

/* The line of the kernel's text with this name up to its colon, after it; NULL when there is none.
 */
static const char *find_line(const char *text, const char *name, size_t name_size)
{
        for (const char *line = text; *line;) {
                const char *word = line + strspn(line, " ");

                if (strncmp(word, name, name_size) == 0 && word[name_size] == ':')
                        return word + name_size + 1;
                line += strcspn(line, "\n");
                line += *line == '\n';
        }
        return NULL;
}

/* Does the kernel's text have every value of the wanted lines? */
static bool has_schemata(const char *text, const char *wanted)
{
        for (const char *line = wanted; *line;) {
                size_t n = strcspn(line, "\n"), name_size = strcspn(line, ":");
                const char *found = find_line(text, line, name_size);

                if (!found)
                        return false;
                for (const char *p = line + name_size + 1; p < line + n;) {
                        const char *id = p + strspn(p, " ");
                        const char *value =
                                find_domain(found, strcspn(found, "\n"), id, strcspn(id, "="));

                        if (!value || !same_value(value, id + strcspn(id, "=") + 1))
                                return false;
                        p += strcspn(p, ";\n") + 1;
                }
                line += n + (line[n] == '\n');
        }
        return true;
}

static int write_file(int dir_fd, const char *name, const char *value, bool is_made_up)
{
        _cleanup_close_ int fd =
                openat(dir_fd, name, O_WRONLY | O_CLOEXEC | (is_made_up ? O_CREAT : 0), 0600);
        size_t size = strlen(value);

        if (fd < 0)
                return -errno;
        return write(fd, value, size) == (ssize_t) size ? 0 : -errno;
}

static int make_directory(Context *ctx, int parent_fd, const char *parent, const char *name)
{
        char path[4096];
        int r;

        if (snprintf(path, sizeof(path), "%s/%s", parent, name) >= (int) sizeof(path))
                return -ENAMETOOLONG;
        r = ctx->state_fd >= 0 ? rdt_record(ctx->state_fd, path) : 0;
        return r < 0 ? r : mkdirat(parent_fd, name, 0755) < 0 ? -errno : 0;
}

static int open_directory(int parent_fd, const char *name)
{
        int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

        return fd < 0 ? -errno : fd;
}

/* The class of service, made when it may be. */
static int open_class(
        Context *ctx, const ProgramOp *op, int root_fd, bool *ret_is_new, CtrError *err)
{
        const char *root = op_string(ctx, op, 0), *name = op_string(ctx, op, 1);
        int fd = strcmp(name, "/") == 0 ? open_directory(root_fd, ".")
                                        : open_directory(root_fd, name);
        int r;

        *ret_is_new = false;
        if (fd != -ENOENT)
                return fd < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, fd, "%s/%s", root, name) : fd;
        if (op->number[0] & RDT_MUST_EXIST)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, 0,
                        "linux.intelRdt.closID: there is no class of service %s/%s: make it, or "
                        "say its schemata",
                        root, name);
        r = make_directory(ctx, root_fd, root, name);
        fd = r < 0 ? r : open_directory(root_fd, name);
        if (fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, fd, "cannot make %s/%s%s", root, name,
                        fd == -ENOSPC ? " (all classes of service of this processor are used)"
                                      : "");
        *ret_is_new = true;
        return fd;
}

static int apply_schemata(
        Context *ctx, const ProgramOp *op, int class_fd, bool is_new, CtrError *err)
{
        const char *wanted = op_string(ctx, op, 2), *name = op_string(ctx, op, 1);
        _cleanup_close_ int fd = -EBADF;
        char text[SCHEMATA_MAX];
        ssize_t n;
        int r;

        if (!wanted)
                return 0;
        if (is_new || op->number[0] & RDT_OWN) {
                r = write_file(class_fd, "schemata", wanted, op->number[0] & RDT_FILES);
                if (r < 0)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, r,
                                "schemata of %s: %s (see info/last_cmd_status in resctrl)", name,
                                wanted);
                return 0;
        }
        fd = openat(class_fd, "schemata", O_RDONLY | O_CLOEXEC);
        n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
        if (n < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "schemata of %s", name);
        text[n] = '\0';
        if (!has_schemata(text, wanted))
                return ctr_error_set(err, CTR_ERROR_SYSTEM, 0,
                        "linux.intelRdt: the class of service %s has other schemata than the "
                        "configuration",
                        name);
        return 0;
}

/* A group in the class that counts for this container alone. */
static int join_monitoring(Context *ctx, const ProgramOp *op, int class_fd, CtrError *err)
{
        const char *name = op_string(ctx, op, 3), *class = op_string(ctx, op, 1);
        _cleanup_close_ int groups_fd = open_directory(class_fd, "mon_groups"), fd = -EBADF;
        bool is_default = strcmp(class, "/") == 0;
        char path[4096];
        int r = groups_fd < 0 ? groups_fd : 0;

        (void) snprintf(path, sizeof(path), "%s%s%s/mon_groups", op_string(ctx, op, 0),
                is_default ? "" : "/", is_default ? "" : class);
        if (r >= 0) {
                fd = open_directory(groups_fd, name);
                /* Without a state directory this is an exec: init made it. */
                if (fd == -ENOENT && ctx->state_fd >= 0)
                        r = make_directory(ctx, groups_fd, path, name);
        }
        if (r >= 0 && fd < 0)
                fd = open_directory(groups_fd, name);
        if (r >= 0)
                r = fd < 0 ? fd : write_file(fd, "tasks", "0", op->number[0] & RDT_FILES);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r,
                               "linux.intelRdt.enableMonitoring: %s/%s", path, name)
                     : 0;
}

int op_rdt(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *root = op_string(ctx, op, 0);
        _cleanup_close_ int root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                            class_fd = -EBADF;
        bool is_new;
        int r;

        if (root_fd < 0 || faccessat(root_fd, "info", F_OK, 0) < 0)
                return ctr_error_set(err, CTR_ERROR_UNSUPPORTED, 0,
                        "linux.intelRdt: no resctrl file system at %s: it takes a processor with "
                        "resource director technology, and mount -t resctrl resctrl %s",
                        root, root);
        class_fd = open_class(ctx, op, root_fd, &is_new, err);
        if (class_fd < 0)
                return class_fd;
        r = apply_schemata(ctx, op, class_fd, is_new, err);
        if (r < 0)
                return r;
        r = write_file(class_fd, "tasks", "0", op->number[0] & RDT_FILES);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot join the class %s",
                        op_string(ctx, op, 1));
        return op_string(ctx, op, 3) ? join_monitoring(ctx, op, class_fd, err) : 0;
}
