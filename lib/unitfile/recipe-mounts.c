/* Keys of [Container] about files: the root, volumes, temporary file systems, what is hidden. Each
 * becomes an entry of mounts[] of config.json. */
#include "unitfile/recipe-internal.h"
#include "unitfile/volume-name.h"

#include <string.h>

#define ZONEINFO "/usr/share/zoneinfo"

/* ---- helpers ---- */

RecipeMount *recipe_add_mount(
        const RecipeKey *key, const char *type, const char *source, const char *destination)
{
        Recipe *recipe = key->recipe;
        RecipeMount *mounts =
                words_grow(&recipe->arena, recipe->mounts, recipe->n_mounts, sizeof(*mounts));

        if (!mounts) {
                (void) words_no_memory(key->entry, key->err);
                return NULL;
        }
        recipe->mounts = mounts;
        mounts += recipe->n_mounts++;
        *mounts = (RecipeMount){
                .type = (char *) (uintptr_t) type,
                .source = (char *) (uintptr_t) source,
                .destination = (char *) (uintptr_t) destination,
                .entry = key->entry,
        };
        return mounts;
}

int recipe_add_option(const RecipeKey *key, RecipeMount *mount, const char *option)
{
        if (words_add(&mount->options, (char *) (uintptr_t) option, &key->recipe->arena) < 0)
                return words_no_memory(key->entry, key->err);
        return 0;
}

static bool has_option(const RecipeMount *mount, const char *const *words)
{
        for (size_t i = 0; i < mount->options.n; i++)
                for (size_t k = 0; words[k]; k++)
                        if (strcmp(mount->options.items[i], words[k]) == 0)
                                return true;
        return false;
}

/* The default, unless one of its group is there. */
static int add_default(const RecipeKey *key, RecipeMount *mount, const char *const *group)
{
        return has_option(mount, group) ? 0 : recipe_add_option(key, mount, group[0]);
}

/* ---- directories that systemd makes ---- */

static const struct {
        const char *word, *base, *name;
} directories[_RECIPE_DIRECTORY_MAX] = {
        [RECIPE_STATE] = { "state", "/var/lib", "ctrunit" },
        [RECIPE_CACHE] = { "cache", "/var/cache", "ctrunit" },
        [RECIPE_LOGS] = { "logs", "/var/log", "ctrunit" },
        /* Beside the state of containers, which is /run/ctrunit/containers. */
        [RECIPE_RUNTIME] = { "runtime", "/run", "ctrunit/volumes" },
};

/* Directories of ctrunit's that stand beside those of containers. */
static bool is_reserved(const char *id)
{
        return strcmp(id, "pods") == 0 || strcmp(id, "volumes") == 0;
}

/* "state" or "state/NAME" into /var/lib/ctrunit/ID/NAME. systemd gives its directory to root at
 * each start, with everything in it when the owner of the directory itself is another; so that one
 * stays root's, and the container has a directory in it. Returns 1, or 0 when the word is none of
 * these. */
static int find_directory(const RecipeKey *key, const char *text, char **ret)
{
        static const char allowed[] =
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
        Recipe *recipe = key->recipe;

        for (size_t i = 0; i < ELEMENTSOF(directories); i++) {
                size_t n = strlen(directories[i].word);
                const char *name;

                if (strncmp(text, directories[i].word, n) != 0 || (text[n] && text[n] != '/'))
                        continue;
                name = text[n] == '/' ? text + n + 1 : "data";
                if (!*name || *name == '.' || strspn(name, allowed) != strlen(name))
                        return recipe_fail(key,
                                "\"%.100s\" is not valid, expected %s or %s/NAME with letters, "
                                "digits and _ . - in the name",
                                text, directories[i].word, directories[i].word);
                if (i == RECIPE_STATE && is_reserved(recipe->id))
                        return recipe_fail(key,
                                "%s/%s/%s is ctrunit's own: give the container another name or "
                                "use a .volume file",
                                directories[i].base, directories[i].name, recipe->id);
                if (!recipe->directories[i])
                        recipe->directories[i] = words_format(
                                &recipe->arena, "%s/%s", directories[i].name, recipe->id);
                *ret = words_format(&recipe->arena, "%s/%s/%s", directories[i].base,
                        recipe->directories[i], name);
                return *ret ? 1 : words_no_memory(key->entry, key->err);
        }
        return 0;
}

/* "data.volume". Returns 1, or 0 when the word is none of this form. */
static int find_volume(const RecipeKey *key, const char *text, RecipeMount *mount)
{
        Recipe *recipe = key->recipe;
        char name[CTR_UNIT_NAME_MAX], path[VOLUME_PATH_MAX];
        char *copy;

        if (!volume_reference(text, name))
                return 0;
        if (!volume_name_is_valid(name))
                return recipe_fail(
                        key, "\"%.100s\" is not valid, expected the name of a .volume file", text);
        volume_path(name, path);
        mount->source = spec_arena_strdup(&recipe->arena, path);
        mount->volume = spec_arena_strdup(&recipe->arena, text);
        if (!mount->source || !mount->volume)
                return words_no_memory(key->entry, key->err);
        for (size_t i = 0; i < recipe->volumes.n; i++)
                if (strcmp(recipe->volumes.items[i], name) == 0)
                        return 1;
        copy = spec_arena_strdup(&recipe->arena, name);
        if (!copy || words_add(&recipe->volumes, copy, &recipe->arena) < 0)
                return words_no_memory(key->entry, key->err);
        return 1;
}

/* A host path, or one of those directories. */
static int find_source(const RecipeKey *key, const char *text, RecipeMount *mount)
{
        int r;

        if (text[0] == '/' || text[0] == '.')
                return recipe_host_path(key, text, &mount->source);
        r = find_volume(key, text, mount);
        if (r == 0)
                r = find_directory(key, text, &mount->source);
        mount->is_own = r > 0;
        if (r != 0)
                return r < 0 ? r : 0;
        return recipe_fail(key,
                "\"%.100s\" is no volume: use state:, cache:, logs: or runtime:, a directory that "
                "systemd makes for the container, NAME.volume:, or a path on the host",
                text);
}

/* ---- options of mounts ---- */

static const char *const propagations[] = { "rprivate", "private", "rshared", "shared", "rslave",
        "slave", "runbindable", "unbindable", NULL };

/* What may stand in an option list; reason: refused, with what to do; "" = means nothing here. */
static const struct {
        const char *word, *reason;
} option_words[] = {
        { "ro", NULL },
        { "rw", NULL },
        { "exec", NULL },
        { "noexec", NULL },
        { "dev", NULL },
        { "nodev", NULL },
        { "suid", NULL },
        { "nosuid", NULL },
        { "atime", NULL },
        { "noatime", NULL },
        { "relatime", NULL },
        { "strictatime", NULL },
        { "bind", NULL },
        { "rbind", NULL },
        { "rprivate", NULL },
        { "private", NULL },
        { "rshared", NULL },
        { "shared", NULL },
        { "rslave", NULL },
        { "slave", NULL },
        { "runbindable", NULL },
        { "unbindable", NULL },
        { "idmap", NULL },
        { "nocopy", "" },
        { "copy", "a volume begins empty: copy the files into it once" },
        { "z", "files are not relabelled: label them with chcon(1) or semanage(8)" },
        { "Z", "files are not relabelled: label them with chcon(1) or semanage(8)" },
        { "U", "owners of files are not changed: use chown(1), or the option idmap" },
        { "O", "use Rootfs=DIR:O for a root that forgets its changes, and Tmpfs= below it" },
};

static int add_word(const RecipeKey *key, RecipeMount *mount, const char *word)
{
        for (size_t i = 0; i < ELEMENTSOF(option_words); i++) {
                const char *reason = option_words[i].reason;

                if (strcmp(option_words[i].word, word) != 0)
                        continue;
                if (reason && *reason)
                        return recipe_fail(
                                key, "the option \"%s\" is not supported: %s", word, reason);
                return reason ? 0 : recipe_add_option(key, mount, option_words[i].word);
        }
        return recipe_fail(key, "\"%.100s\" is not an option of a volume", word);
}

static int finish_bind(const RecipeKey *key, RecipeMount *mount)
{
        static const char *const kinds[] = { "rbind", "bind", NULL };
        int r = add_default(key, mount, kinds);

        return r < 0 ? r : add_default(key, mount, propagations);
}

/* ---- Volume= ---- */

/* SOURCE:DESTINATION[:OPTIONS] */
static int read_volume(const RecipeKey *key)
{
        RecipeMount *mount;
        SpecStrv parts, options = { 0 };
        int r = recipe_cut(key, key->value, ':', &parts);

        if (r < 0)
                return r;
        if (parts.n == 1)
                return recipe_fail(key,
                        "\"%.100s\" has no source: write state:%.100s to keep what is in it, or "
                        "Tmpfs= to forget it",
                        key->value, key->value);
        if (parts.n > 3)
                return recipe_fail(key,
                        "\"%.100s\" is not valid, expected SOURCE:DESTINATION[:OPTIONS]",
                        key->value);
        mount = recipe_add_mount(key, "bind", NULL, parts.items[1]);
        if (!mount)
                return -ENOMEM;
        r = find_source(key, parts.items[0], mount);
        if (r >= 0)
                r = recipe_container_path(key, parts.items[1]);
        if (r >= 0 && parts.n == 3)
                r = recipe_cut(key, parts.items[2], ',', &options);
        for (size_t i = 0; i < options.n && r >= 0; i++)
                r = add_word(key, mount, options.items[i]);
        return r < 0 ? r : finish_bind(key, mount);
}

/* ---- Tmpfs= ---- */

/* An option of tmpfs(5) with a value, or a word of a mount. */
static int add_tmpfs_option(const RecipeKey *key, RecipeMount *mount, const char *option)
{
        static const char *const values[] = { "mode", "size", "uid", "gid", "nr_inodes" };
        static const char *const words[] = { "tmpcopyup", "notmpcopyup", NULL };
        const char *equals = strchr(option, '=');

        for (size_t i = 0; i < ELEMENTSOF(values) && equals; i++)
                if (strlen(values[i]) == (size_t) (equals - option) &&
                        strncmp(values[i], option, strlen(values[i])) == 0 && equals[1] &&
                        strspn(equals + 1, "0123456789kKmMgG%") == strlen(equals + 1))
                        return recipe_add_option(key, mount, option);
        for (size_t i = 0; words[i]; i++)
                if (strcmp(words[i], option) == 0)
                        return recipe_add_option(key, mount, words[i]);
        if (equals)
                return recipe_fail(key, "\"%.100s\" is not an option of a tmpfs", option);
        return add_word(key, mount, option);
}

/* As podman has it: a copy of what the directory held, without devices, set-id bits or programs. */
static int finish_tmpfs(const RecipeKey *key, RecipeMount *mount)
{
        static const char *const groups[][3] = {
                { "nosuid", "suid" },
                { "nodev", "dev" },
                { "noexec", "exec" },
                { "tmpcopyup", "notmpcopyup" },
        };
        size_t kept = 0;
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(groups) && r >= 0; i++)
                r = add_default(key, mount, groups[i]);
        /* "notmpcopyup" has said its part. */
        for (size_t i = 0; i < mount->options.n && r >= 0; i++)
                if (strcmp(mount->options.items[i], "notmpcopyup") != 0)
                        mount->options.items[kept++] = mount->options.items[i];
        mount->options.n = r < 0 ? mount->options.n : kept;
        return r;
}

static int read_tmpfs(const RecipeKey *key)
{
        char *colon = strchr(key->value, ':');
        SpecStrv options = { 0 };
        RecipeMount *mount;
        int r;

        if (colon)
                *colon = '\0';
        r = recipe_container_path(key, key->value);
        if (r < 0)
                return r;
        mount = recipe_add_mount(key, "tmpfs", "tmpfs", key->value);
        if (!mount)
                return -ENOMEM;
        r = colon ? recipe_cut(key, colon + 1, ',', &options) : 0;
        for (size_t i = 0; i < options.n && r >= 0; i++)
                r = add_tmpfs_option(key, mount, options.items[i]);
        return r < 0 ? r : finish_tmpfs(key, mount);
}

/* ---- Mount= ---- */

typedef enum MountType {
        MOUNT_BIND,
        MOUNT_VOLUME,
        MOUNT_TMPFS,
        MOUNT_DEVPTS,
        _MOUNT_TYPE_MAX,
} MountType;

static const char *const mount_types[_MOUNT_TYPE_MAX] = { "bind", "volume", "tmpfs", "devpts" };

typedef struct MountText {
        const RecipeKey *key;
        RecipeMount *mount;
        MountType type;
} MountText;

static int set_source(MountText *m, const char *value)
{
        if (m->type != MOUNT_BIND && m->type != MOUNT_VOLUME)
                return recipe_fail(m->key, "a %s has no source", mount_types[m->type]);
        if (m->type == MOUNT_BIND)
                return recipe_host_path(m->key, value, &m->mount->source);
        return find_source(m->key, value, m->mount);
}

static int set_destination(MountText *m, const char *value)
{
        m->mount->destination = (char *) (uintptr_t) value;
        return recipe_container_path(m->key, value);
}

static int set_readonly(MountText *m, const char *value)
{
        return recipe_add_option(m->key, m->mount, !*value || recipe_is_true(value) ? "ro" : "rw");
}

static int set_propagation(MountText *m, const char *value)
{
        for (size_t i = 0; propagations[i]; i++)
                if (strcmp(propagations[i], value) == 0)
                        return recipe_add_option(m->key, m->mount, propagations[i]);
        return recipe_fail(m->key, "\"%.100s\" is not a propagation like rslave", value);
}

static int set_nonrecursive(MountText *m, const char *value)
{
        bool is_single = !*value || recipe_is_true(value);

        return recipe_add_option(m->key, m->mount, is_single ? "bind" : "rbind");
}

static int set_idmap(MountText *m, const char *value)
{
        if (*value)
                return recipe_fail(m->key, "idmap takes the container's maps, no others");
        return recipe_add_option(m->key, m->mount, "idmap");
}

static int set_tmpfs_value(MountText *m, const char *name, const char *value)
{
        char *option = words_format(&m->key->recipe->arena, "%s=%s", name, value);

        if (!option)
                return words_no_memory(m->key->entry, m->key->err);
        if (m->type != MOUNT_TMPFS)
                return recipe_fail(m->key, "a %s has no %s", mount_types[m->type], name);
        return add_tmpfs_option(m->key, m->mount, option);
}

static int set_size(MountText *m, const char *value)
{
        return set_tmpfs_value(m, "size", value);
}

static int set_mode(MountText *m, const char *value)
{
        return set_tmpfs_value(m, "mode", value);
}

static const struct {
        const char *name;
        int (*set)(MountText *m, const char *value);
} mount_keys[] = {
        { "source", set_source },
        { "src", set_source },
        { "destination", set_destination },
        { "target", set_destination },
        { "dest", set_destination },
        { "dst", set_destination },
        { "readonly", set_readonly },
        { "ro", set_readonly },
        { "bind-propagation", set_propagation },
        { "bind-nonrecursive", set_nonrecursive },
        { "idmap", set_idmap },
        { "tmpfs-size", set_size },
        { "tmpfs-mode", set_mode },
};

static int set_mount_part(MountText *m, char *part)
{
        char *equals = strchr(part, '=');
        const char *value = equals ? equals + 1 : "";

        if (strncmp(part, "type=", 5) == 0)
                return 0;
        if (equals)
                *equals = '\0';
        for (size_t i = 0; i < ELEMENTSOF(mount_keys); i++)
                if (strcmp(mount_keys[i].name, part) == 0)
                        return mount_keys[i].set(m, value);
        if (equals)
                return recipe_fail(
                        m->key, "\"%.100s\" is not a part of a mount that is known", part);
        return m->type == MOUNT_TMPFS ? add_tmpfs_option(m->key, m->mount, part)
                                      : add_word(m->key, m->mount, part);
}

static int find_mount_type(const RecipeKey *key, const SpecStrv *parts, MountType *ret)
{
        const char *name = NULL;

        for (size_t i = 0; i < parts->n; i++)
                if (strncmp(parts->items[i], "type=", 5) == 0)
                        name = parts->items[i] + 5;
        for (size_t i = 0; i < ELEMENTSOF(mount_types) && name; i++)
                if (strcmp(mount_types[i], name) == 0) {
                        *ret = (MountType) i;
                        return 0;
                }
        if (!name)
                return recipe_fail(key, "needs type=bind, type=volume, type=tmpfs or type=devpts");
        return recipe_fail(key,
                "type \"%.100s\" is not supported: bind, volume, tmpfs and devpts are%s", name,
                strcmp(name, "image") == 0 ? " (there are no images here: unpack it)" : "");
}

static int finish_mount(MountText *m)
{
        static const char *const devpts[] = { "nosuid", "noexec", "newinstance", "ptmxmode=0666",
                "mode=0620" };
        int r = 0;

        if (!m->mount->destination)
                return recipe_fail(m->key, "needs destination=PATH");
        if (m->type == MOUNT_TMPFS)
                return finish_tmpfs(m->key, m->mount);
        for (size_t i = 0; i < ELEMENTSOF(devpts) && m->type == MOUNT_DEVPTS && r >= 0; i++)
                r = recipe_add_option(m->key, m->mount, devpts[i]);
        if (m->type == MOUNT_DEVPTS)
                return r;
        return m->mount->source ? finish_bind(m->key, m->mount)
                                : recipe_fail(m->key, "needs source=");
}

static int read_mount(const RecipeKey *key)
{
        MountText m = { .key = key };
        SpecStrv parts;
        int r = recipe_cut(key, key->value, ',', &parts);

        if (r >= 0)
                r = find_mount_type(key, &parts, &m.type);
        if (r < 0)
                return r;
        m.mount = recipe_add_mount(key,
                m.type == MOUNT_VOLUME ? mount_types[MOUNT_BIND] : mount_types[m.type], NULL, NULL);
        if (!m.mount)
                return -ENOMEM;
        if (m.type == MOUNT_TMPFS || m.type == MOUNT_DEVPTS)
                m.mount->source = (char *) (uintptr_t) mount_types[m.type];
        for (size_t i = 0; i < parts.n && r >= 0; i++)
                r = set_mount_part(&m, parts.items[i]);
        return r < 0 ? r : finish_mount(&m);
}

/* ---- the root ---- */

/* DIR[:OPTIONS], as podman's --rootfs. */
static int read_rootfs(const RecipeKey *key)
{
        Recipe *recipe = key->recipe;
        char *colon = strchr(key->value, ':');

        if (colon)
                *colon = '\0';
        recipe->rootfs_entry = key->entry;
        recipe->is_overlay = colon && strcmp(colon + 1, "O") == 0;
        if (colon && !recipe->is_overlay)
                return recipe_fail(key,
                        "\"%.100s\" is not an option of the root: only O is (an overlay that "
                        "forgets all changes)",
                        colon + 1);
        return recipe_host_path(key, key->value, &recipe->rootfs);
}

static int read_readonly(const RecipeKey *key)
{
        key->recipe->is_readonly = recipe_is_true(key->value);
        return 0;
}

static int read_readonly_tmpfs(const RecipeKey *key)
{
        key->recipe->has_readonly_tmpfs = recipe_is_true(key->value);
        return 0;
}

static int read_shm_size(const RecipeKey *key)
{
        int r = recipe_bytes(key, key->value, &key->recipe->shm_size);

        if (r >= 0 && key->recipe->shm_size == 0)
                return recipe_fail(key, "0 would be no limit: write a size");
        return r;
}

/* A name below /usr/share/zoneinfo, or "local": what the host has. */
static int read_timezone(const RecipeKey *key)
{
        static const char allowed[] =
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/";
        bool is_local = strcmp(key->value, "local") == 0;
        RecipeMount *mount;
        char *source;
        int r;

        if (key->value[0] == '/' || strspn(key->value, allowed) != strlen(key->value))
                return recipe_fail(key,
                        "\"%.100s\" is not valid, expected local or a name like Europe/Berlin",
                        key->value);
        source = words_format(&key->recipe->arena, "%s%s", is_local ? "/etc/" : ZONEINFO "/",
                is_local ? "localtime" : key->value);
        if (!source)
                return words_no_memory(key->entry, key->err);
        mount = recipe_add_mount(key, "bind", source, "/etc/localtime");
        if (!mount)
                return -ENOMEM;
        r = recipe_add_option(key, mount, "bind");
        if (r >= 0)
                r = recipe_add_option(key, mount, "ro");
        return r < 0 ? r : recipe_add_option(key, mount, propagations[0]);
}

/* ---- after all keys ---- */

static const RecipeMount *find_mount(const Recipe *recipe, const char *destination)
{
        for (size_t i = 0; i < recipe->n_mounts; i++)
                if (strcmp(recipe->mounts[i].destination, destination) == 0)
                        return &recipe->mounts[i];
        return NULL;
}

/* Where programs expect to write also with a read-only root. */
static int add_readonly_tmpfs(const RecipeKey *key)
{
        static const struct {
                const char *destination, *mode;
        } places[] = { { "/run", "mode=0755" }, { "/tmp", "mode=1777" },
                { "/var/tmp", "mode=1777" } };
        static const char *const options[] = { "nosuid", "nodev", "tmpcopyup" };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(places) && r >= 0; i++) {
                RecipeMount *mount;

                if (find_mount(key->recipe, places[i].destination))
                        continue;
                mount = recipe_add_mount(key, "tmpfs", "tmpfs", places[i].destination);
                r = mount ? recipe_add_option(key, mount, places[i].mode) : -ENOMEM;
                for (size_t k = 0; k < ELEMENTSOF(options) && r >= 0; k++)
                        r = recipe_add_option(key, mount, options[k]);
        }
        return r;
}

static size_t depth_of(const RecipeMount *mount)
{
        size_t depth = 0;

        for (const char *p = mount->destination; *p; p++)
                depth += *p == '/' && p[1] && p[1] != '/';
        return depth;
}

/* What is mounted below another place comes after it, whatever the order of the keys. */
static void sort_by_depth(Recipe *recipe)
{
        for (size_t i = 1; i < recipe->n_mounts; i++) {
                RecipeMount mount = recipe->mounts[i];
                size_t k = i;

                for (; k > 0 && depth_of(&recipe->mounts[k - 1]) > depth_of(&mount); k--)
                        recipe->mounts[k] = recipe->mounts[k - 1];
                recipe->mounts[k] = mount;
        }
}

int recipe_finish_mounts(
        Recipe *recipe, const Settings *settings, const IniEntry **ret_entry, CtrError *err)
{
        RecipeKey key = { .recipe = recipe, .entry = recipe->rootfs_entry, .err = err };

        for (size_t i = 0; i < recipe->n_mounts; i++) {
                const RecipeMount *mount = &recipe->mounts[i];

                if (find_mount(recipe, mount->destination) == mount)
                        continue;
                *ret_entry = mount->entry;
                return ini_entry_error(mount->entry, err, "something is mounted on %.200s already",
                        mount->destination);
        }
        *ret_entry = recipe->rootfs_entry;
        /* What is written to an overlay is forgotten: that is what it is for. */
        if (recipe->is_overlay && !settings_find(settings, KEY_CONTAINER, "ReadOnly"))
                recipe->is_readonly = false;
        if (recipe->is_readonly && recipe->has_readonly_tmpfs && add_readonly_tmpfs(&key) < 0)
                return -ENOMEM;
        sort_by_depth(recipe);
        return 0;
}

const RecipeRow recipe_mount_rows[] = {
        { "Rootfs", read_rootfs },
        { "ReadOnly", read_readonly },
        { "ReadOnlyTmpfs", read_readonly_tmpfs },
        { "Volume", read_volume },
        { "Mount", read_mount },
        { "Tmpfs", read_tmpfs },
        { "ShmSize", read_shm_size },
        { "Timezone", read_timezone },
        { NULL, NULL },
};
