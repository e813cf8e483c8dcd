/* Mount options: one table. Later options win over earlier ones, as in mount(8). */
#include "plan/mount-options.h"

#include "plan/plan-internal.h"

#include <linux/mount.h>
#include <string.h>

/* From <sys/mount.h>, which cannot be included beside <linux/mount.h>. */
#ifndef MS_REC
#define MS_UNBINDABLE (1 << 17)
#define MS_PRIVATE    (1 << 18)
#define MS_SLAVE      (1 << 19)
#define MS_SHARED     (1 << 20)
#endif

typedef enum OptionKind {
        OPTION_ATTR,        /* set: value; clear: clear */
        OPTION_TREE,        /* the same for the tree below */
        OPTION_PROPAGATION, /* value */
        OPTION_TREE_PROPAGATION,
        OPTION_FLAG,     /* a flag of the superblock: stays text for fsconfig(2) */
        OPTION_READONLY, /* ro, rw: the mount's, and the superblock's of a real file system */
        OPTION_IGNORED,  /* without a meaning any more */
        OPTION_BIND,
        OPTION_RBIND,
        OPTION_REMOUNT,
        OPTION_COPY_UP,
        OPTION_SOURCE_NOFOLLOW,
        OPTION_TARGET_NOFOLLOW,
        OPTION_COPY_LINK,
        OPTION_ID_MAP,
        OPTION_TREE_ID_MAP,
} OptionKind;

typedef struct MountOption {
        const char *name;
        OptionKind kind;
        uint64_t set, clear;
} MountOption;

#define ATIME MOUNT_ATTR__ATIME

/* Every attribute twice: "ro" for the mount, "rro" for the tree. An access time mode is a field of
 * several bits: setting one clears the field first. */
#define ATTRIBUTE(name, set, clear)                                                                \
        { name, OPTION_ATTR, set, clear },                                                         \
        {                                                                                          \
                "r" name, OPTION_TREE, set, clear                                                  \
        }
#define PROPAGATION(name, flag)                                                                    \
        { name, OPTION_PROPAGATION, flag, 0 },                                                     \
        {                                                                                          \
                "r" name, OPTION_TREE_PROPAGATION, flag, 0                                         \
        }

static const MountOption option_table[] = {
        { "ro", OPTION_READONLY, MOUNT_ATTR_RDONLY, 0 },
        { "rw", OPTION_READONLY, 0, MOUNT_ATTR_RDONLY },
        { "rro", OPTION_TREE, MOUNT_ATTR_RDONLY, 0 },
        { "rrw", OPTION_TREE, 0, MOUNT_ATTR_RDONLY },
        ATTRIBUTE("suid", 0, MOUNT_ATTR_NOSUID),
        ATTRIBUTE("nosuid", MOUNT_ATTR_NOSUID, 0),
        ATTRIBUTE("dev", 0, MOUNT_ATTR_NODEV),
        ATTRIBUTE("nodev", MOUNT_ATTR_NODEV, 0),
        ATTRIBUTE("exec", 0, MOUNT_ATTR_NOEXEC),
        ATTRIBUTE("noexec", MOUNT_ATTR_NOEXEC, 0),
        ATTRIBUTE("diratime", 0, MOUNT_ATTR_NODIRATIME),
        ATTRIBUTE("nodiratime", MOUNT_ATTR_NODIRATIME, 0),
        ATTRIBUTE("symfollow", 0, MOUNT_ATTR_NOSYMFOLLOW),
        ATTRIBUTE("nosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0),
        ATTRIBUTE("atime", MOUNT_ATTR_RELATIME, ATIME),
        ATTRIBUTE("noatime", MOUNT_ATTR_NOATIME, ATIME),
        ATTRIBUTE("relatime", MOUNT_ATTR_RELATIME, ATIME),
        ATTRIBUTE("norelatime", MOUNT_ATTR_RELATIME, ATIME),
        ATTRIBUTE("strictatime", MOUNT_ATTR_STRICTATIME, ATIME),
        ATTRIBUTE("nostrictatime", MOUNT_ATTR_RELATIME, ATIME),
        PROPAGATION("private", MS_PRIVATE),
        PROPAGATION("shared", MS_SHARED),
        PROPAGATION("slave", MS_SLAVE),
        PROPAGATION("unbindable", MS_UNBINDABLE),
        { "sync", OPTION_FLAG, 0, 0 },
        { "async", OPTION_FLAG, 0, 0 },
        { "dirsync", OPTION_FLAG, 0, 0 },
        { "lazytime", OPTION_FLAG, 0, 0 },
        { "nolazytime", OPTION_FLAG, 0, 0 },
        { "mand", OPTION_IGNORED, 0, 0 }, /* gone from the kernel since 5.15 */
        { "nomand", OPTION_IGNORED, 0, 0 },
        { "iversion", OPTION_IGNORED, 0, 0 }, /* the file system decides since 4.17 */
        { "noiversion", OPTION_IGNORED, 0, 0 },
        { "silent", OPTION_IGNORED, 0, 0 },
        { "loud", OPTION_IGNORED, 0, 0 },
        { "defaults", OPTION_IGNORED, 0, 0 },
        { "bind", OPTION_BIND, 0, 0 },
        { "rbind", OPTION_RBIND, 0, 0 },
        { "remount", OPTION_REMOUNT, 0, 0 },
        { "tmpcopyup", OPTION_COPY_UP, 0, 0 },
        { "src-nofollow", OPTION_SOURCE_NOFOLLOW, 0, 0 },
        { "dest-nofollow", OPTION_TARGET_NOFOLLOW, 0, 0 },
        { "idmap", OPTION_ID_MAP, 0, 0 },
        { "ridmap", OPTION_TREE_ID_MAP, 0, 0 },
        { "copy-symlink", OPTION_COPY_LINK, 0, 0 },
};

void mount_options_done(MountOptions *o)
{
        free(o->data);
        *o = (MountOptions){ 0 };
}

static const MountOption *find_option(const char *name)
{
        for (size_t i = 0; i < ELEMENTSOF(option_table); i++)
                if (option_table[i].name[0] == name[0] && strcmp(option_table[i].name, name) == 0)
                        return &option_table[i];
        return NULL;
}

const char *mount_option_name(size_t index)
{
        for (size_t i = 0; i < ELEMENTSOF(option_table); i++)
                if (index-- == 0)
                        return option_table[i].name;
        return NULL;
}

bool mount_is_bind(const SpecMount *m)
{
        if (m->type && strcmp(m->type, "bind") == 0)
                return true;
        for (size_t i = 0; i < m->options.n; i++) {
                const MountOption *option = find_option(m->options.items[i]);

                if (option && (option->kind == OPTION_BIND || option->kind == OPTION_RBIND))
                        return true;
        }
        return false;
}

bool mount_option_is_flag(const char *text)
{
        const MountOption *option = find_option(text);

        return option && option->kind == OPTION_FLAG;
}

static void change(uint64_t *set, uint64_t *clear, const MountOption *option)
{
        *set = (*set & ~option->clear) | option->set;
        *clear = (*clear & ~(option->set & ~(uint64_t) ATIME)) | option->clear;
}

static void add_data(MountOptions *o, char *text)
{
        o->data[o->n_data++] = text;
        o->data[o->n_data] = NULL;
}

/* Returns whether it was one. */
static bool apply_id_map(MountOptions *o, const char *text)
{
        bool is_recursive = text[0] == 'r';

        text += is_recursive;
        if (strncmp(text, "idmap=", strlen("idmap=")) != 0)
                return false;
        o->is_id_mapped = true;
        o->is_id_mapped_recursive = is_recursive;
        o->id_map = text + strlen("idmap=");
        return true;
}

static void apply_option(MountOptions *o, char *text)
{
        const MountOption *option = find_option(text);

        if (apply_id_map(o, text))
                return;

        if (!option) {
                add_data(o, text);
                return;
        }

        switch (option->kind) {
        case OPTION_ATTR:
        case OPTION_READONLY:
                change(&o->attr_set, &o->attr_clear, option);
                break;
        case OPTION_TREE:
                change(&o->tree_set, &o->tree_clear, option);
                break;
        case OPTION_PROPAGATION:
        case OPTION_TREE_PROPAGATION:
                o->propagation = option->set;
                o->is_propagation_recursive = option->kind == OPTION_TREE_PROPAGATION;
                break;
        case OPTION_FLAG:
                add_data(o, text);
                break;
        case OPTION_BIND:
                o->is_bind = true;
                break;
        case OPTION_RBIND:
                o->is_bind = o->is_recursive_bind = true;
                break;
        case OPTION_REMOUNT:
                o->is_remount = true;
                break;
        case OPTION_COPY_UP:
                o->is_copy_up = true;
                break;
        case OPTION_SOURCE_NOFOLLOW:
                o->source_nofollow = true;
                break;
        case OPTION_ID_MAP:
        case OPTION_TREE_ID_MAP:
                o->is_id_mapped = true;
                o->is_id_mapped_recursive = option->kind == OPTION_TREE_ID_MAP;
                break;
        case OPTION_TARGET_NOFOLLOW:
                o->target_nofollow = true;
                break;
        case OPTION_COPY_LINK:
                o->is_link_copied = o->source_nofollow = true;
                break;
        case OPTION_IGNORED:
                break;
        }
}

int mount_options_parse(const SpecStrv *options, MountOptions *ret, CtrError *err)
{
        MountOptions o = { 0 };

        o.data = calloc(options->n + 1, sizeof(*o.data));
        if (!o.data)
                return plan_no_memory(err);
        for (size_t i = 0; i < options->n; i++)
                apply_option(&o, options->items[i]);
        *ret = o;
        return 0;
}
