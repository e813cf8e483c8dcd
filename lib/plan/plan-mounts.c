/* Mounts of config.json as operations: sources are opened on the host side before the clone, and
 * attached in the container's root in document order. Everything that a mount's options ask for is
 * decided here; the helper only makes the calls. */
#include "plan/mount-options.h"
#include "plan/plan-internal.h"

#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#ifndef MS_REC
#define MS_PRIVATE (1 << 18)
#define MS_SLAVE   (1 << 19)
#define MS_SHARED  (1 << 20)
#endif

enum {
        SOURCE_RECURSIVE = 1, /* open-source */
        SOURCE_NOFOLLOW = 2,
        SOURCE_IN_PEER_GROUP = 4,
        BIND_TREE = 1, /* bind */
        BIND_TARGET_NOFOLLOW = 2,
        BIND_COPY_LINK = 4,
        ID_MAP_TREE = 1,        /* id-map */
        SET_ATTR_TREE = 1,      /* set-attr */
        MOUNT_CGROUP_BIND = 1,  /* mount-cgroup */
        MOUNT_COVERED_MODE = 1, /* mount */
        TARGET_MODE = 0755,
};

/* One mount while it is turned into operations. */
typedef struct MountPlan {
        Plan *plan;
        const SpecMount *mount;
        char field[PLAN_FIELD_MAX]; /* "mounts[2]" */
        char *target;               /* clean absolute path in the container */
        MountOptions options;
} MountPlan;

static void mount_plan_done(MountPlan *m)
{
        free(m->target);
        mount_options_done(&m->options);
}

static bool is_type(const MountPlan *m, const char *type)
{
        return m->mount->type && strcmp(m->mount->type, type) == 0;
}

static int refuse(MountPlan *m, const char *key, const char *message)
{
        char field[PLAN_FIELD_MAX + 32];

        (void) snprintf(field, sizeof(field), "%s.%s", m->field, key);
        return ctr_error_field(m->plan->err, field, "%s", message);
}

static void add_set_attr(MountPlan *m, ProgramStage stage, uint64_t set, uint64_t clear,
        uint64_t propagation, bool is_tree)
{
        ProgramBuilder *b = &m->plan->program;

        if (set == 0 && clear == 0 && propagation == 0)
                return;
        program_add(b, stage,
                (ProgramOp){ .opcode = PROGRAM_OP_SET_ATTR,
                        .number = { set, clear, propagation, is_tree ? SET_ATTR_TREE : 0 },
                        .string = { program_add_string(b, m->target) } });
        /* What is shared becomes a slave of it in a copy for a user namespace: again then. */
        if (propagation == MS_SHARED && plan_locks_mounts(m->plan))
                program_defer(b, PROGRAM_DEFER_LOCKED,
                        (ProgramOp){ .opcode = PROGRAM_OP_SET_ATTR,
                                .number = { 0, 0, MS_SHARED, is_tree ? SET_ATTR_TREE : 0 },
                                .string = { program_add_string(b, m->target) } });
}

/* Attributes of the tree and propagation, in as few operations as the two can share. */
static void add_tree_and_propagation(
        MountPlan *m, uint64_t set, uint64_t clear, uint64_t propagation, bool is_recursive)
{
        if (propagation != 0 && !is_recursive && (set | clear) != 0) {
                add_set_attr(m, STAGE_ROOTFS, set, clear, 0, true);
                add_set_attr(m, STAGE_ROOTFS, 0, 0, propagation, false);
        } else {
                add_set_attr(m, STAGE_ROOTFS, set, clear, propagation,
                        (set | clear) != 0 || is_recursive);
        }
}

/* Without an option a bind has what rootfsPropagation says, and is a slave of its source else:
 * mounts on the host appear, mounts of the container never get out. */
static uint64_t bind_propagation(const MountPlan *m, bool *ret_is_recursive)
{
        const SpecLinux *linux_ = &m->plan->spec->linux_;

        if (m->options.propagation != 0) {
                *ret_is_recursive = m->options.is_propagation_recursive;
                return m->options.propagation;
        }
        *ret_is_recursive = true;
        switch (linux_->rootfs_propagation) {
        case SPEC_PROPAGATION_SHARED:
                return MS_SHARED;
        case SPEC_PROPAGATION_PRIVATE:
        case SPEC_PROPAGATION_UNBINDABLE:
                return MS_PRIVATE;
        default:
                return MS_SLAVE;
        }
}

/* By the mount's own mappings, else by the container's: those it has, or the user namespace that is
 * joined. */
static int add_id_map(MountPlan *m, uint64_t slot, const char *source)
{
        const SpecLinux *l = &m->plan->spec->linux_;
        const SpecIdMappings *uids = &m->mount->uid_mappings, *gids = &m->mount->gid_mappings;
        _cleanup_(mount_id_map_done) MountIdMap map = { 0 };
        ProgramBuilder *b = &m->plan->program;
        ProgramOp op = { .opcode = PROGRAM_OP_ID_MAP,
                .number = { slot, m->options.is_id_mapped_recursive ? ID_MAP_TREE : 0 },
                .string = { { 0 }, { 0 }, program_add_string(b, source) } };
        char field[PLAN_FIELD_MAX + 32];
        int r = 0;

        if (m->options.id_map) {
                if (uids->n > 0)
                        return refuse(m, "options", "idmap=... and uidMappings exclude each other");
                r = plan_parse_mount_id_map(m->options.id_map, l, &map);
                if (r == -ENOMEM)
                        return plan_no_memory(m->plan->err);
                if (r < 0)
                        return refuse(m, "options",
                                "idmap= wants \"uids=FILE-HOST-SIZE...;gids=FILE-HOST-SIZE...\"");
                uids = &map.uids;
                gids = &map.gids;
        }
        if (!m->options.is_id_mapped && uids->n == 0)
                return 0;
        if (!m->plan->has_user_namespace && uids->n == 0)
                return refuse(m, "options",
                        "idmap needs uidMappings and gidMappings, or a user namespace to take them "
                        "from");
        if (m->options.is_link_copied)
                return refuse(m, "options", "copy-symlink has no id mappings");
        if (uids->n == 0 && m->plan->namespaces_new & CLONE_NEWUSER) {
                uids = &l->uid_mappings;
                gids = &l->gid_mappings;
        }
        if (uids->n > 0) {
                (void) snprintf(field, sizeof(field), "%s.uidMappings", m->field);
                r = plan_add_id_map_text(m->plan, uids, field, &op.string[0]);
                (void) snprintf(field, sizeof(field), "%s.gidMappings", m->field);
                if (r >= 0)
                        r = plan_add_id_map_text(m->plan, gids, field, &op.string[1]);
        }
        if (r >= 0)
                program_add(b, STAGE_PREPARE, op);
        return r;
}

static int add_bind_of(MountPlan *m, const char *source, bool is_recursive)
{
        const MountOptions *o = &m->options;
        ProgramBuilder *b = &m->plan->program;
        uint64_t slot = program_add_slot(b), propagation, flags = 0;
        bool is_propagation_recursive, has_top = (o->attr_set | o->attr_clear) != 0;
        int r;

        if ((o->target_nofollow || o->is_link_copied) &&
                (o->propagation != 0 || (has_top && (o->tree_set | o->tree_clear) != 0)))
                return refuse(m, "options",
                        "dest-nofollow and copy-symlink go with attributes of the mount alone");
        propagation = bind_propagation(m, &is_propagation_recursive);
        flags |= is_recursive ? SOURCE_RECURSIVE : 0;
        flags |= o->source_nofollow ? SOURCE_NOFOLLOW : 0;
        flags |= propagation == MS_SHARED ? SOURCE_IN_PEER_GROUP : 0;
        program_add(b, STAGE_PREPARE,
                (ProgramOp){ .opcode = PROGRAM_OP_OPEN_SOURCE,
                        .number = { slot, flags },
                        .string = { program_add_string(b, source) } });
        r = add_id_map(m, slot, source);
        if (r < 0)
                return r;
        program_add(b, STAGE_ROOTFS,
                (ProgramOp){ .opcode = PROGRAM_OP_BIND,
                        .number = { slot, has_top ? o->attr_set : o->tree_set,
                                has_top ? o->attr_clear : o->tree_clear,
                                (has_top ? 0U : BIND_TREE) |
                                        (o->target_nofollow ? BIND_TARGET_NOFOLLOW : 0U) |
                                        (o->is_link_copied ? BIND_COPY_LINK : 0U) },
                        .string = { program_add_string(b, m->target) } });
        /* What these would find is not the mount, but what the link leads to. */
        if (o->target_nofollow || o->is_link_copied)
                return 0;
        /* The clone is a slave already. */
        add_tree_and_propagation(m, has_top ? o->tree_set : 0, has_top ? o->tree_clear : 0,
                propagation == MS_SLAVE ? 0 : propagation, is_propagation_recursive);
        return 0;
}

static int add_bind(MountPlan *m)
{
        _cleanup_free_ char *source = NULL;

        for (size_t i = 0; i < m->options.n_data; i++) {
                char message[256];

                if (mount_option_is_flag(m->options.data[i]))
                        continue; /* belongs to the file system, which is mounted already */
                (void) snprintf(message, sizeof(message),
                        "\"%.150s\" is not an option of a bind mount", m->options.data[i]);
                return refuse(m, "options", message);
        }
        source = plan_path_clean(m->plan->ctx->bundle, m->mount->source);
        if (!source)
                return plan_no_memory(m->plan->err);
        return add_bind_of(m, source, m->options.is_recursive_bind);
}

/* Some file systems can be mounted only by the owner of a namespace. With a user namespace and
 * without a new one of the other kind that is somebody else: the host, or the pod. */
static bool is_of_foreign_namespace(const MountPlan *m)
{
        static const struct {
                const char *type;
                uint64_t namespace;
        } types[] = {
                { "proc", CLONE_NEWPID },
                { "sysfs", CLONE_NEWNET },
                { "mqueue", CLONE_NEWIPC },
        };

        if (!m->plan->has_user_namespace)
                return false;
        for (size_t i = 0; i < ELEMENTSOF(types); i++)
                if (is_type(m, types[i].type))
                        return !(m->plan->namespaces_new & types[i].namespace);
        return false;
}

/* Made by ctr-exec, which is in these namespaces at that time, and attached by the child. */
static int add_foreign(MountPlan *m)
{
        const MountOptions *o = &m->options;
        ProgramBuilder *b = &m->plan->program;
        uint64_t slot = program_add_slot(b);

        for (size_t i = 0; i < o->n_data; i++)
                if (!mount_option_is_flag(o->data[i]))
                        return refuse(m, "options",
                                "this file system has no options of its own with a user namespace "
                                "that does not own it");
        program_add(b, STAGE_PREPARE,
                (ProgramOp){ .opcode = PROGRAM_OP_OPEN_FILE_SYSTEM,
                        .number = { slot },
                        .string = { program_add_string(b, m->mount->type) } });
        program_add(b, STAGE_ROOTFS,
                (ProgramOp){ .opcode = PROGRAM_OP_BIND,
                        .number = { slot, o->attr_set, o->attr_clear },
                        .string = { program_add_string(b, m->target) } });
        add_tree_and_propagation(
                m, o->tree_set, o->tree_clear, o->propagation, o->is_propagation_recursive);
        return 0;
}

/* Read-only unless asked. An engine writes "ro" into every container's configuration and takes it
 * out for one that may write (docker --privileged): without it, that is asked for, of the
 * container's own cgroups. */
static int add_cgroup(MountPlan *m)
{
        const MountOptions *o = &m->options;
        ProgramBuilder *b = &m->plan->program;
        bool is_own_namespace =
                (m->plan->namespaces_new | m->plan->namespaces_joined) & CLONE_NEWCGROUP;
        bool is_writable = (o->attr_clear & MOUNT_ATTR_RDONLY) != 0 ||
                           (m->plan->ctx->mode != PLAN_SERVICE && is_own_namespace &&
                                   (o->attr_set & MOUNT_ATTR_RDONLY) == 0);

        if (o->n_data > 0)
                return refuse(m, "options", "a cgroup mount has no options of its own");
        plan_add_placed(m->plan);
        program_add(b, STAGE_ROOTFS,
                (ProgramOp){ .opcode = PROGRAM_OP_MOUNT_CGROUP,
                        .number = { o->attr_set | (is_writable ? 0 : MOUNT_ATTR_RDONLY),
                                is_own_namespace ? 0 : MOUNT_CGROUP_BIND },
                        .string = { program_add_string(b, m->target) } });
        add_tree_and_propagation(
                m, o->tree_set, o->tree_clear, o->propagation, o->is_propagation_recursive);
        return 0;
}

/* Read-only in the superblock too, as mount(8) has it; kernel file systems share theirs or have no
 * such thing, and a tmpfs is filled first. */
static bool wants_readonly_superblock(const MountPlan *m)
{
        static const char *const kernel_types[] = { "proc", "sysfs", "tmpfs", "devpts", "mqueue",
                "ramfs", "hugetlbfs", "devtmpfs", "debugfs", "tracefs", "bpf", "securityfs" };

        for (size_t i = 0; i < ELEMENTSOF(kernel_types); i++)
                if (is_type(m, kernel_types[i]))
                        return false;
        return (m->options.attr_set & MOUNT_ATTR_RDONLY) != 0;
}

/* linux.mountLabel is for what the container may fill; the kernel's own views have their labels. */
static bool has_label(const MountPlan *m)
{
        const char *label = m->plan->spec->linux_.mount_label;

        return label && *label && !is_type(m, "proc") && !is_type(m, "sysfs") &&
               !is_type(m, "mqueue");
}

/* A tmpfs without a mode= of its own changes what can be written where no more than a bind mount.
 */
static bool takes_covered_mode(const MountPlan *m)
{
        if (!is_type(m, "tmpfs") || m->options.is_copy_up)
                return false;
        for (size_t i = 0; i < m->options.n_data; i++)
                if (strncmp(m->options.data[i], "mode=", strlen("mode=")) == 0)
                        return false;
        return true;
}

static int add_file_system(MountPlan *m)
{
        const MountOptions *o = &m->options;
        ProgramBuilder *b = &m->plan->program;
        const char *type = m->mount->type, *source = m->mount->source;
        _cleanup_free_ char **data = NULL;
        _cleanup_free_ char *context = NULL;
        uint64_t attr = o->attr_set, late = 0;
        size_t n_data = o->n_data;

        if (strspn(type, "abcdefghijklmnopqrstuvwxyz0123456789_.-") != strlen(type))
                return refuse(m, "type", "is not the name of a file system");
        if (o->is_copy_up && !is_type(m, "tmpfs"))
                return refuse(m, "options", "tmpcopyup is for tmpfs only");

        data = calloc(o->n_data + 3, sizeof(*data));
        if (!data)
                return plan_no_memory(m->plan->err);
        memcpy(data, o->data, o->n_data * sizeof(*data));
        if (wants_readonly_superblock(m))
                data[n_data++] = (char *) "ro";
        if (has_label(m)) {
                if (asprintf(&context, "%s=%s", plan_label_option(m->plan->spec),
                            m->plan->spec->linux_.mount_label) < 0)
                        return plan_no_memory(m->plan->err);
                data[n_data++] = context;
        }
        /* Later mounts, nodes and links are made inside: read-only comes when they are. */
        if (is_type(m, "tmpfs") || strcmp(m->target, "/dev") == 0) {
                late = attr & MOUNT_ATTR_RDONLY;
                attr &= ~(uint64_t) MOUNT_ATTR_RDONLY;
        }

        program_add(b, STAGE_ROOTFS,
                (ProgramOp){ .opcode = o->is_copy_up ? PROGRAM_OP_MOUNT_COPY_UP : PROGRAM_OP_MOUNT,
                        .number = { attr, takes_covered_mode(m) ? MOUNT_COVERED_MODE : 0,
                                TARGET_MODE },
                        .string = { program_add_string(b, type),
                                program_add_string(b, source && *source ? source : type),
                                program_add_string(b, m->target) },
                        .data = { program_add_list(b, data) } });
        add_tree_and_propagation(
                m, o->tree_set, o->tree_clear, o->propagation, o->is_propagation_recursive);
        if (late != 0)
                program_defer(b, PROGRAM_DEFER_MOUNTED,
                        (ProgramOp){ .opcode = PROGRAM_OP_SET_ATTR,
                                .number = { late },
                                .string = { program_add_string(b, m->target) } });
        return 0;
}

static int add_remount(MountPlan *m)
{
        const MountOptions *o = &m->options;

        for (size_t i = 0; i < o->n_data; i++)
                if (!mount_option_is_flag(o->data[i]))
                        return refuse(m, "options",
                                "a remount can change flags only, no options of the file system");
        add_set_attr(m, STAGE_ROOTFS, o->attr_set, o->attr_clear, 0, false);
        add_tree_and_propagation(
                m, o->tree_set, o->tree_clear, o->propagation, o->is_propagation_recursive);
        return 0;
}

/* What a payload's view of processes and kernel settings rests on must be a procfs: a mount over
 * parts of it could redirect writes of labels and settings (CVE-2019-19921, CVE-2025-52881). The
 * files below are what lxcfs provides. */
static int check_proc_target(MountPlan *m)
{
        static const char *const emulated[] = { "/proc/cpuinfo", "/proc/diskstats", "/proc/meminfo",
                "/proc/stat", "/proc/swaps", "/proc/uptime", "/proc/loadavg", "/proc/slabinfo",
                "/proc/sys/kernel/ns_last_pid", "/proc/sys/crypto/fips_enabled" };

        if (!plan_path_is_below(m->target, "/proc"))
                return 0;
        if (strcmp(m->target, "/proc") == 0) {
                bool is_host_proc = m->options.is_bind && m->mount->source &&
                                    strcmp(m->mount->source, "/proc") == 0;

                if (is_type(m, "proc") || is_host_proc || m->options.is_remount)
                        return 0;
                return refuse(m, "destination", "only a proc file system can be mounted on /proc");
        }
        for (size_t i = 0; i < ELEMENTSOF(emulated); i++)
                if (strcmp(m->target, emulated[i]) == 0 && m->options.is_bind)
                        return 0;
        return refuse(m, "destination", "is inside of /proc, which must stay the kernel's");
}

static int add_mount(MountPlan *m)
{
        int r;

        r = mount_options_parse(&m->mount->options, &m->options, m->plan->err);
        if (r < 0)
                return r;
        m->options.is_bind = mount_is_bind(m->mount);
        m->target = plan_path_clean("/", m->mount->destination);
        if (!m->target)
                return plan_no_memory(m->plan->err);
        if (strcmp(m->target, "/") == 0)
                return refuse(m, "destination", "is the root itself, which is root.path");
        r = check_proc_target(m);
        if (r < 0)
                return r;

        if (m->options.is_remount)
                return add_remount(m);
        if (m->options.is_bind)
                return add_bind(m);
        if (m->options.is_id_mapped || m->mount->uid_mappings.n > 0)
                return plan_unsupported(m->plan->err, m->field,
                        "only bind mounts can be id-mapped: a new file system has no owners yet");
        if (!m->mount->type || *m->mount->type == '\0')
                return refuse(m, "type", "is required unless the options say bind or rbind");
        if (is_type(m, "cgroup") || is_type(m, "cgroup2"))
                return add_cgroup(m);
        return is_of_foreign_namespace(m) ? add_foreign(m) : add_file_system(m);
}

int plan_add_mounts(Plan *p)
{
        for (size_t i = 0; i < p->spec->n_mounts; i++) {
                _cleanup_(mount_plan_done)
                        MountPlan m = { .plan = p, .mount = &p->spec->mounts[i] };
                int r;

                (void) plan_field(m.field, "mounts[%zu]", i);
                r = add_mount(&m);
                if (r < 0)
                        return r;
        }
        return 0;
}
