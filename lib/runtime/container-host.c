/* What a .container file leaves to the start: variables from files and from the host, users and
 * groups of the root file system, numbers of devices, ranges of /etc/subuid, the profile of system
 * calls, directories in those that systemd has made. Nothing here decides: each finding fills
 * one place of the Recipe. */
#include "runtime/container-file.h"

#include "base/io.h"
#include "base/json.h"
#include "runtime/rootfs-file.h"
#include "runtime/user-database.h"
#include "unitfile/profile.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>

#define FILE_SIZE_MAX (1024U * 1024)
#define BLANKS        " \t\r"

static int no_memory(CtrError *err)
{
        return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading the configuration");
}

/* A regular file of the host, links followed: whoever names it is root. */
static int read_host_file(const char *path, char **ret, size_t *ret_size, CtrError *err)
{
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot open %s", path);
        if (!S_ISREG(st.st_mode))
                return ctr_error_set(
                        err, CTR_ERROR_CONFIG_INVALID, 0, "%s is not a regular file", path);
        return ctr_read_fd(fd, path, FILE_SIZE_MAX, ret, ret_size, err);
}

/* Puts the key and its position before what was found. */
static int at_entry(const IniEntry *entry, int r, CtrError *err)
{
        char text[sizeof(err->message)];

        if (!err)
                return r;
        memcpy(text, err->message, sizeof(text));
        (void) recipe_error(entry, err, "%.700s", text);
        return bundle_error(entry->file, r, err);
}

/* ---- variables ---- */

static int set_variable(Recipe *recipe, SpecKeyValues *list, char *name, char *value)
{
        SpecKeyValue *items;

        for (size_t i = 0; i < list->n; i++)
                if (strcmp(list->items[i].key, name) == 0) {
                        list->items[i].value = value;
                        return 0;
                }
        items = words_grow(&recipe->arena, list->items, list->n, sizeof(*items));
        if (!items)
                return -ENOMEM;
        list->items = items;
        items[list->n++] = (SpecKeyValue){ name, value };
        return 0;
}

/* "NAME=VALUE", the value as it is to the end of the line; '#' begins a comment. */
static int add_line(Recipe *recipe, SpecKeyValues *list, char *line, const RecipeFile *file,
        unsigned number, CtrError *err)
{
        size_t n = strlen(line);
        char *equals, *copy;

        while (n > 0 && line[n - 1] == '\r')
                line[--n] = '\0';
        line += strspn(line, BLANKS);
        if (*line == '\0' || *line == '#')
                return 0;
        equals = strchr(line, '=');
        if (!equals || equals == line || strcspn(line, BLANKS) < (size_t) (equals - line))
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                        "%.300s:%u: \"%.80s\" is not NAME=VALUE", file->path, number, line);
        copy = spec_arena_strdup(&recipe->arena, line);
        if (!copy)
                return no_memory(err);
        copy[equals - line] = '\0';
        return set_variable(recipe, list, copy, copy + (equals - line) + 1) < 0 ? no_memory(err)
                                                                                : 0;
}

static int add_file(Recipe *recipe, SpecKeyValues *list, const RecipeFile *file, CtrError *err)
{
        _cleanup_free_ char *text = NULL;
        unsigned number = 0;
        char *next;
        size_t size;
        int r;

        if (file->is_optional && access(file->path, F_OK) < 0 && errno == ENOENT)
                return 0;
        r = read_host_file(file->path, &text, &size, err);
        if (r >= 0 && strlen(text) != size)
                r = ctr_error_set(
                        err, CTR_ERROR_CONFIG_INVALID, 0, "%s has a NUL byte", file->path);
        for (char *line = text; r >= 0 && line; line = next) {
                next = strchr(line, '\n');
                if (next)
                        *next++ = '\0';
                r = add_line(recipe, list, line, file, ++number, err);
        }
        return r < 0 ? at_entry(file->entry, r, err) : 0;
}

/* What a service has of its own says nothing to the container, or is none of its business. */
static bool is_private_variable(const char *variable)
{
        static const char *const names[] = { "INVOCATION_ID=", "NOTIFY_SOCKET=", "JOURNAL_STREAM=",
                "LISTEN_", "WATCHDOG_",
                "SYSTEMD_EXEC_PID=", "MAINPID=", "MANAGERPID=", "CREDENTIALS_DIRECTORY=",
                "RUNTIME_DIRECTORY=", "STATE_DIRECTORY=", "CACHE_DIRECTORY=", "LOGS_DIRECTORY=",
                "CONFIGURATION_DIRECTORY=", "PATH=", "HOME=", "LOGNAME=", "USER=", "SHELL=", "PWD=",
                "OLDPWD=", "SHLVL=", "_=", "MEMORY_PRESSURE_" };

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (strncmp(variable, names[i], strlen(names[i])) == 0)
                        return true;
        return false;
}

static int resolve_environment(Recipe *recipe, CtrError *err)
{
        SpecKeyValues list = { 0 };
        int r = 0;

        for (char **e = environ; recipe->wants_host_environment && e && *e && r >= 0; e++) {
                char *copy = spec_arena_strdup(&recipe->arena, *e);
                char *equals = copy ? strchr(copy, '=') : NULL;

                if (!copy)
                        return no_memory(err);
                if (!equals || equals == copy || is_private_variable(copy))
                        continue;
                *equals = '\0';
                if (set_variable(recipe, &list, copy, equals + 1) < 0)
                        return no_memory(err);
        }
        for (size_t i = 0; i < recipe->n_environment_files && r >= 0; i++)
                r = add_file(recipe, &list, &recipe->environment_files[i], err);
        for (size_t i = 0; i < recipe->environment.n && r >= 0; i++)
                if (set_variable(recipe, &list, recipe->environment.items[i].key,
                            recipe->environment.items[i].value) < 0)
                        r = no_memory(err);
        if (r >= 0)
                recipe->environment = list;
        return r;
}

/* ---- users and groups ---- */

typedef struct Databases {
        char *passwd, *group;
        size_t passwd_size, group_size;
} Databases;

static void databases_done(Databases *d)
{
        free(d->passwd);
        free(d->group);
}

static int find_group(const Databases *d, RecipeId *group, CtrError *err)
{
        if (!group->name || group->number.is_set)
                return 0;
        if (user_database_find_group(d->group, d->group_size, group->name, &group->number.value) >=
                0) {
                group->number.is_set = true;
                return 0;
        }
        (void) ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                "group \"%.100s\" is not in /etc/group of the root: add it, or write its number",
                group->name);
        return at_entry(group->entry, -EINVAL, err);
}

static int add_member_group(void *userdata, uint32_t gid)
{
        Recipe *recipe = userdata;
        RecipeId *groups;

        for (size_t i = 0; i < recipe->n_groups; i++)
                if (recipe->groups[i].number.is_set && recipe->groups[i].number.value == gid)
                        return 0;
        groups = words_grow(&recipe->arena, recipe->groups, recipe->n_groups, sizeof(*groups));
        if (!groups)
                return -ENOMEM;
        recipe->groups = groups;
        groups[recipe->n_groups++] = (RecipeId){ .number = { true, gid } };
        return 0;
}

/* The user's number, and without Group= also its groups. */
static int find_user(Recipe *recipe, const Databases *d, CtrError *err)
{
        RecipeId *user = &recipe->user;
        UserEntry entry;
        int r = user_database_find_user(
                d->passwd, d->passwd_size, user->name, user->number.value, &entry);

        if (r < 0 && user->name) {
                (void) ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                        "user \"%.100s\" is not in /etc/passwd of the root: add it, or write its "
                        "number",
                        user->name);
                return at_entry(user->entry, -EINVAL, err);
        }
        if (r < 0)
                return 0;
        user->number = (OptU32){ true, entry.uid };
        if (recipe->group.entry)
                return 0;
        recipe->group.number = (OptU32){ true, entry.gid };
        r = user_database_for_each_group(
                d->group, d->group_size, entry.name, entry.gid, add_member_group, recipe);
        return r < 0 ? no_memory(err) : 0;
}

static int resolve_users(Recipe *recipe, CtrError *err)
{
        _cleanup_(databases_done) Databases d = { 0 };
        _cleanup_close_ int rootfs_fd = -EBADF;
        bool is_needed = recipe->user.entry || recipe->group.name;
        int r = 0;

        for (size_t i = 0; i < recipe->n_groups; i++)
                is_needed |= recipe->groups[i].name != NULL;
        if (!is_needed)
                return 0;
        rootfs_fd = open(recipe->rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (rootfs_fd < 0) {
                (void) ctr_error_set(
                        err, CTR_ERROR_SYSTEM, errno, "cannot open %s", recipe->rootfs);
                return at_entry(recipe->rootfs_entry, -EINVAL, err);
        }
        r = rootfs_file_read(rootfs_fd, "etc/passwd", &d.passwd, &d.passwd_size, err);
        if (r >= 0)
                r = rootfs_file_read(rootfs_fd, "etc/group", &d.group, &d.group_size, err);
        if (r >= 0 && recipe->user.entry)
                r = find_user(recipe, &d, err);
        if (r >= 0)
                r = find_group(&d, &recipe->group, err);
        for (size_t i = 0; i < recipe->n_groups && r >= 0; i++)
                r = find_group(&d, &recipe->groups[i], err);
        return r;
}

/* ---- ranges of ids ---- */

static int resolve_map(Recipe *recipe, RecipeMap *map, const char *path, CtrError *err)
{
        _cleanup_free_ char *text = NULL;
        uint32_t next = 0;
        size_t size;
        int r;

        if (!map->sub_name)
                return 0;
        r = read_host_file(path, &text, &size, err);
        for (size_t at = 0; r >= 0;) {
                SpecIdMapping range, *items;

                r = user_database_next_range(text, size, map->sub_name, &at, &range);
                if (r <= 0)
                        break;
                items = words_grow(&recipe->arena, map->ids.items, map->ids.n, sizeof(*items));
                if (!items)
                        return no_memory(err);
                range.container_id = next;
                next += range.size;
                map->ids.items = items;
                items[map->ids.n++] = range;
        }
        if (r >= 0 && map->ids.n == 0)
                r = ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                        "%s has no range for \"%.100s\": add a line like %.100s:100000:65536", path,
                        map->sub_name, map->sub_name);
        return r < 0 ? at_entry(map->entry, r, err) : 0;
}

/* ---- devices, the profile ---- */

static int resolve_device(RecipeDevice *device, CtrError *err)
{
        struct stat st;
        bool is_block;

        if (stat(device->host, &st) < 0) {
                if (errno == ENOENT && device->is_optional)
                        return 0;
                (void) ctr_error_set(
                        err, CTR_ERROR_SYSTEM, errno, "cannot find the device %s", device->host);
                return at_entry(device->entry, -EINVAL, err);
        }
        is_block = S_ISBLK(st.st_mode);
        if (!is_block && !S_ISCHR(st.st_mode)) {
                (void) ctr_error_set(
                        err, CTR_ERROR_CONFIG_INVALID, 0, "%s is not a device", device->host);
                return at_entry(device->entry, -EINVAL, err);
        }
        device->type = is_block ? 'b' : 'c';
        device->major = major(st.st_rdev);
        device->minor = minor(st.st_rdev);
        device->is_found = true;
        return 0;
}

/* The profile for this container on this host. */
static int resolve_seccomp(Recipe *recipe, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        _cleanup_free_ char *text = NULL, *section = NULL;
        ProfileHost host = { .capabilities = recipe->capabilities };
        const RecipeFile *file = &recipe->seccomp_file;
        struct utsname names;
        size_t size;
        int r;

        if (!file->path)
                return 0;
        r = read_host_file(file->path, &text, &size, err);
        if (r < 0)
                return at_entry(file->entry, r, err);
        if (uname(&names) < 0 || profile_parse_kernel(names.release, host.kernel) < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, errno, "cannot tell the kernel's version");
        host.machine = names.machine;
        r = json_document_parse(text, size, &doc, err);
        if (r >= 0)
                r = profile_translate(doc, &host, &section, err);
        if (r < 0)
                return bundle_error(file->path, r, err);
        recipe->seccomp_text = spec_arena_strdup(&recipe->arena, section);
        return recipe->seccomp_text ? 0 : no_memory(err);
}

/* ---- secrets ---- */

/* systemd starts a unit without a credential that is in no store; the program would not. */
static int check_secret(const RecipeSecret *secret, CtrError *err)
{
        const char *directory = getenv("CREDENTIALS_DIRECTORY");
        _cleanup_free_ char *path = NULL;

        if (asprintf(&path, "%s/%s", directory ? directory : "", secret->target) < 0) {
                path = NULL;
                return no_memory(err);
        }
        if (directory && access(path, F_OK) >= 0)
                return 0;
        (void) ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                "there is no credential \"%s\": put it into the file /etc/credstore/%s, for root "
                "only",
                secret->name, secret->name);
        return at_entry(secret->entry, -EINVAL, err);
}

int container_file_check_secrets(const Recipe *recipe, CtrError *err)
{
        int r = 0;

        for (size_t i = 0; i < recipe->n_secrets && r >= 0; i++)
                r = check_secret(&recipe->secrets[i], err);
        return r;
}

/* ---- directories that systemd has made ---- */

static uint32_t map_id(const RecipeMap *map, uint32_t id)
{
        for (size_t i = 0; i < map->ids.n; i++) {
                const SpecIdMapping *m = &map->ids.items[i];

                if (id >= m->container_id && id - m->container_id < m->size)
                        return m->host_id + (id - m->container_id);
        }
        return id;
}

/* Made in systemd's directory when it is not there yet, for the payload's user; what is there stays
 * whose it is. */
static int make_directory(const Recipe *recipe, const RecipeMount *mount, CtrError *err)
{
        const char *name = strrchr(mount->source, '/') + 1;
        char parent[512];
        _cleanup_close_ int parent_fd = -EBADF, fd = -EBADF;
        uint32_t uid = map_id(&recipe->uid_map, recipe->user.number.value);
        uint32_t gid = map_id(&recipe->gid_map, recipe->group.number.value);

        (void) snprintf(
                parent, sizeof(parent), "%.*s", (int) (name - 1 - mount->source), mount->source);
        parent_fd = open(parent, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (parent_fd >= 0 && mkdirat(parent_fd, name, 0755) < 0 && errno == EEXIST)
                return 0;
        fd = parent_fd < 0
                     ? -EBADF
                     : openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 || fchown(fd, uid, gid) < 0) {
                (void) ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot make %s", mount->source);
                return at_entry(mount->entry, -EINVAL, err);
        }
        return 0;
}

int container_file_make_directories(const Recipe *recipe, CtrError *err)
{
        int r = 0;

        for (size_t i = 0; i < recipe->n_mounts && r >= 0; i++)
                if (recipe->mounts[i].is_own)
                        r = make_directory(recipe, &recipe->mounts[i], err);
        return r;
}

int container_file_resolve(Recipe *recipe, CtrError *err)
{
        int r = resolve_environment(recipe, err);

        if (r >= 0)
                r = resolve_users(recipe, err);
        if (r >= 0)
                r = resolve_map(recipe, &recipe->uid_map, "/etc/subuid", err);
        if (r >= 0)
                r = resolve_map(recipe, &recipe->gid_map, "/etc/subgid", err);
        for (size_t i = 0; i < recipe->n_devices && r >= 0; i++)
                r = resolve_device(&recipe->devices[i], err);
        return r < 0 ? r : resolve_seccomp(recipe, err);
}
