/* The program that restores a checkpoint: a clone with a mount namespace of its own executes
 * criu(8), which makes the container's processes, their namespaces and their mounts from images.
 * What the images do not have, and must never have, comes from config.json: the sources of binds,
 * the root file system, device rules, limits, and the attributes of every mount that criu takes
 * from outside. In the images such a mount has a name, its destination; here the name gets a
 * source. */
#include "plan/mount-options.h"
#include "plan/plan-internal.h"

#include <linux/mount.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#ifndef MS_SLAVE
#define MS_SLAVE (1 << 19)
#endif

enum {
        SOURCE_RECURSIVE = 1,
        SOURCE_IN_PEER_GROUP = 4,
        ATTR_OPTIONAL = 1,
        ATTR_TREE = 2,
        RESUME_NOTIFY = 1
};

#define MASK_ATTR (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

/* criu's command line in the making. */
typedef struct Command {
        char **items; /* NULL-terminated */
        size_t n;
        bool is_failed;
} Command;

static void command_done(Command *c)
{
        for (size_t i = 0; i < c->n; i++)
                free(c->items[i]);
        free(c->items);
}

_printf_(2, 3) static void command_add(Command *c, const char *fmt, ...)
{
        char **items = reallocarray(c->items, c->n + 2, sizeof(*items));
        va_list ap;

        if (!items) {
                c->is_failed = true;
                return;
        }
        c->items = items;
        va_start(ap, fmt);
        if (vasprintf(&items[c->n], fmt, ap) < 0)
                c->is_failed = true;
        else
                c->n++;
        va_end(ap);
        items[c->n] = NULL;
}

static void add_attr(Plan *p, const char *target, uint64_t set, uint64_t clear, uint64_t flags)
{
        ProgramBuilder *b = &p->program;

        if ((set | clear) == 0)
                return;
        program_add(b, STAGE_ATTEND,
                (ProgramOp){ .opcode = PROGRAM_OP_RESTORED_ATTR,
                        .number = { set, clear, flags },
                        .string = { program_add_string(b, target) } });
}

/* ---- what cannot be restored ---- */

int plan_check_checkpoint(const Spec *spec, CtrError *err)
{
        static const SpecHookKind hooks[] = { SPEC_HOOK_PRESTART, SPEC_HOOK_CREATE_RUNTIME,
                SPEC_HOOK_CREATE_CONTAINER, SPEC_HOOK_START_CONTAINER, SPEC_HOOK_POSTSTART };
        const SpecNamespace *user = spec_find_namespace(spec, SPEC_NS_USER);
        char field[PLAN_FIELD_MAX];

        for (SpecNamespaceType type = 0; type < _SPEC_NS_MAX; type++) {
                const SpecNamespace *ns = spec_find_namespace(spec, type);

                if (ns && ns->path && type != SPEC_NS_NETWORK)
                        return plan_unsupported(err,
                                plan_field(field, "linux.namespaces[\"%s\"].path",
                                        spec_namespace_name(type)),
                                "a checkpoint has all namespaces of the container but the network: "
                                "one that is shared cannot be saved");
        }
        if (user)
                return plan_unsupported(err, "linux.namespaces",
                        "a container with a user namespace cannot be saved");
        if (!spec_find_namespace(spec, SPEC_NS_MOUNT) || !spec_find_namespace(spec, SPEC_NS_PID))
                return plan_unsupported(err, "linux.namespaces",
                        "a container without a pid and a mount namespace of its own cannot be saved");
        if (spec->process.has_terminal)
                return plan_unsupported(err, "process.terminal",
                        "a container with a terminal cannot be saved: the other side of the terminal "
                        "is outside of it");
        if (plan_has_listener(&spec->linux_.seccomp))
                return plan_unsupported(err, "linux.seccomp",
                        "a filter with SCMP_ACT_NOTIFY has an agent outside of the container, and "
                        "cannot be saved");
        if (plan_sub_cgroup(spec) || plan_delegate_cgroup(spec))
                return plan_unsupported(err, "annotations",
                        "a container with a cgroup of its own below its unit's cannot be saved");
        if (spec_find_annotation(spec, "org.ctrunit.rootfs"))
                return plan_unsupported(err, "annotations[\"org.ctrunit.rootfs\"]",
                        "a root file system in memory cannot be saved");
        for (size_t i = 0; i < ELEMENTSOF(hooks); i++)
                if (plan_has_hooks(spec, hooks[i]))
                        return plan_unsupported(err,
                                plan_field(field, "hooks.%s", spec_hook_name(hooks[i])),
                                "hooks of a start would not be run by a restore: such a container "
                                "cannot be saved");
        return 0;
}

/* ---- mounts ---- */

static bool is_inside(const char *path, const char *directory)
{
        size_t n = strlen(directory);

        return n > 1 && strncmp(path, directory, n) == 0 && path[n] == '/';
}

/* Where the root file system itself is mounted upon: what is inside of another mount comes with
 * that. */
static int add_target(Plan *p, size_t i, uint64_t slot)
{
        ProgramBuilder *b = &p->program;
        _cleanup_free_ char *target = plan_path_clean("/", p->spec->mounts[i].destination);

        for (size_t other = 0; target && other < p->spec->n_mounts; other++) {
                _cleanup_free_ char *outer =
                        plan_path_clean("/", p->spec->mounts[other].destination);

                if (!outer)
                        return plan_no_memory(p->err);
                if (is_inside(target, outer))
                        return 0;
        }
        if (!target)
                return plan_no_memory(p->err);
        program_add(b, STAGE_ROOTFS,
                (ProgramOp){ .opcode = PROGRAM_OP_STAGE_TARGET,
                        .number = { slot },
                        .string = { program_add_string(b, target) } });
        return 0;
}

static int add_bind(Plan *p, Command *c, size_t i, const SpecMount *m, const MountOptions *o)
{
        ProgramBuilder *b = &p->program;
        uint64_t slot = program_add_slot(b);
        _cleanup_free_ char *source = plan_path_clean(p->ctx->bundle, m->source);
        _cleanup_free_ char *target = plan_path_clean("/", m->destination);

        if (!source || !target)
                return plan_no_memory(p->err);
        if (o->is_id_mapped || m->uid_mappings.n > 0)
                return plan_unsupported(
                        p->err, "mounts", "%s: an id-mapped mount cannot be restored", target);
        program_add(b, STAGE_PREPARE,
                (ProgramOp){ .opcode = PROGRAM_OP_OPEN_SOURCE,
                        .number = { slot, SOURCE_IN_PEER_GROUP |
                                                  (o->is_recursive_bind ? SOURCE_RECURSIVE : 0U) },
                        .string = { program_add_string(b, source) } });
        if (add_target(p, i, slot) < 0)
                return -ENOMEM;
        program_add(b, STAGE_ROOTFS,
                (ProgramOp){ .opcode = PROGRAM_OP_BIND,
                        .number = { slot },
                        .string = { program_add_format(b, "/%zu", i) } });
        command_add(c, "--external");
        command_add(c, "mnt[%s]:%s/" STATE_FILE_STAGE "/%zu", target, p->ctx->state_dir, i);
        /* Of a link that is made again, or covered itself, there is no mount to find by its name.
         */
        if (o->is_link_copied || o->target_nofollow)
                return 0;
        add_attr(p, target, o->attr_set, o->attr_clear, 0);
        add_attr(p, target, o->tree_set, o->tree_clear, ATTR_TREE);
        return 0;
}

static int add_cgroup(Plan *p, Command *c, const SpecMount *m, const MountOptions *o)
{
        _cleanup_free_ char *target = plan_path_clean("/", m->destination);
        uint64_t attr = o->attr_set;

        if (!target)
                return plan_no_memory(p->err);
        command_add(c, "--external");
        command_add(c, "mnt[%s]:%s", target, p->restore->cgroup);
        /* As plan-mounts.c makes it. */
        if ((o->attr_clear & MOUNT_ATTR_RDONLY) == 0 &&
                (p->ctx->mode == PLAN_SERVICE || !(p->namespaces_new & CLONE_NEWCGROUP)))
                attr |= MOUNT_ATTR_RDONLY;
        add_attr(p, target, attr, 0, 0);
        return 0;
}

static int add_mount(Plan *p, Command *c, size_t i)
{
        const SpecMount *m = &p->spec->mounts[i];
        MountOptions o;
        int r;

        r = mount_options_parse(&m->options, &o, p->err);
        if (r < 0)
                return r;
        if (mount_is_bind(m)) {
                r = add_bind(p, c, i, m, &o);
        } else {
                r = add_target(p, i, PROGRAM_NO_SLOT);
                if (r >= 0 && m->type && strncmp(m->type, "cgroup", 6) == 0)
                        r = add_cgroup(p, c, m, &o);
        }
        mount_options_done(&o);
        return r;
}

static int add_covers(Plan *p, Command *c)
{
        const SpecLinux *l = &p->spec->linux_;

        command_add(c, "--external");
        command_add(c, "mnt[" PLAN_COVER_FILE "]:%s/" STATE_FILE_STAGE "/file", p->ctx->state_dir);
        command_add(c, "--external");
        command_add(c, "mnt[" PLAN_COVER_DIRECTORY "]:%s/" STATE_FILE_STAGE "/empty",
                p->ctx->state_dir);
        for (size_t i = 0; i < l->masked_paths.n; i++)
                add_attr(p, l->masked_paths.items[i], MASK_ATTR, 0, ATTR_OPTIONAL);
        for (size_t i = 0; i < l->readonly_paths.n; i++)
                add_attr(p, l->readonly_paths.items[i], MOUNT_ATTR_RDONLY, 0,
                        ATTR_OPTIONAL | ATTR_TREE);
        return c->is_failed ? plan_no_memory(p->err) : 0;
}

static int add_root(Plan *p)
{
        ProgramBuilder *b = &p->program;
        _cleanup_free_ char *path = plan_path_clean(p->ctx->bundle, p->spec->root.path);
        uint64_t slot = program_add_slot(b);

        if (!path)
                return plan_no_memory(p->err);
        program_add(b, STAGE_PREPARE,
                (ProgramOp){ .opcode = PROGRAM_OP_OPEN_ROOTFS,
                        .number = { slot },
                        .string = { program_add_string(b, path) } });
        program_add(b, STAGE_ROOTFS,
                (ProgramOp){ .opcode = PROGRAM_OP_INHERITED_PROPAGATION, .number = { MS_SLAVE } });
        program_add(b, STAGE_ROOTFS,
                (ProgramOp){ .opcode = PROGRAM_OP_STAGE,
                        .string = { program_add_format(
                                b, "%s/" STATE_FILE_STAGE, p->ctx->state_dir) } });
        program_add(b, STAGE_ROOTFS,
                (ProgramOp){ .opcode = PROGRAM_OP_BIND,
                        .number = { slot },
                        .string = { program_add_string(b, "/root") } });
        return 0;
}

/* ---- what the processes inherit ---- */

static uint64_t add_network(Plan *p, Command *c)
{
        const SpecNamespace *ns = spec_find_namespace(p->spec, SPEC_NS_NETWORK);
        ProgramBuilder *b = &p->program;
        uint64_t slot;

        if (!ns || !ns->path)
                return PROGRAM_NO_SLOT;
        slot = program_add_slot(b);
        program_add(b, STAGE_PREPARE,
                (ProgramOp){ .opcode = PROGRAM_OP_OPEN_NAMESPACE,
                        .number = { slot, CLONE_NEWNET },
                        .string = { program_add_string(b, ns->path) } });
        command_add(c, "--inherit-fd");
        command_add(c, "fd[6]:" PLAN_CHECKPOINT_NETWORK);
        return slot;
}

/* 0, 1 and 2 become 3, 4 and 5. */
static void add_descriptors(Plan *p, Command *c)
{
        for (unsigned i = 0; i < ELEMENTSOF(p->restore->descriptors); i++) {
                if (!p->restore->descriptors[i])
                        continue;
                command_add(c, "--inherit-fd");
                command_add(c, "fd[%u]:%s", i + 3, p->restore->descriptors[i]);
        }
}

/* ---- the whole ---- */

static void add_clone(Plan *p)
{
        ProgramBuilder *b = &p->program;

        program_add(b, STAGE_ATTEND,
                (ProgramOp){ .opcode = PROGRAM_OP_CLONE, .number = { CLONE_NEWNS } });
        if (p->ctx->mode != PLAN_SERVICE)
                plan_add_placement_request(p);
        program_add(b, STAGE_ATTEND,
                (ProgramOp){ .opcode = PROGRAM_OP_RECORD_PID,
                        .string = {
                                program_add_format(b, "%s/" STATE_FILE_PID, p->ctx->state_dir) } });
        /* The keyring of whoever restores is not the container's. */
        if (!p->ctx->wants_no_new_keyring)
                program_add(b, STAGE_NAMESPACE,
                        (ProgramOp){ .opcode = PROGRAM_OP_NEW_KEYRING,
                                .string = { program_add_format(b, "_ses.%s", p->ctx->id) } });
}

/* criu takes part in the cgroup's limits as little as any set-up does. */
static int add_resume(Plan *p)
{
        ProgramBuilder *b = &p->program;
        ProgramData log = program_add_string(b, p->restore->log);
        int r;

        r = plan_add_ports(p);
        if (r >= 0 && p->has_limits) {
                program_add(b, STAGE_ATTEND, (ProgramOp){ .opcode = PROGRAM_OP_RESTORE_LIMITS });
                r = plan_add_cgroup_files(p, STAGE_ATTEND, true);
        }
        if (r < 0)
                return r;
        program_add(b, STAGE_ATTEND,
                (ProgramOp){ .opcode = PROGRAM_OP_RESUME_RESTORED,
                        .number = { p->ctx->mode == PLAN_SERVICE ? RESUME_NOTIFY : 0 },
                        .string = { log } });
        return 0;
}

static int add_prepare(Plan *p)
{
        ProgramBuilder *b = &p->program;
        int r;

        if (p->has_limits)
                program_add(b, STAGE_PREPARE, (ProgramOp){ .opcode = PROGRAM_OP_RAISE_LIMITS });
        program_add(b, STAGE_PREPARE,
                (ProgramOp){ .opcode = PROGRAM_OP_OPEN_RESTORE,
                        .string = { program_add_format(
                                b, "%s/" STATE_FILE_RESTORE_SOCKET, p->ctx->state_dir) } });
        r = plan_add_rdt(p, p->ctx->id);
        if (r < 0 || p->ctx->mode != PLAN_SERVICE)
                return r;
        r = plan_add_cgroup_files(p, STAGE_PREPARE, false);
        return r < 0 ? r : plan_add_device_filter(p);
}

static int add_await(Plan *p, Command *c)
{
        ProgramBuilder *b = &p->program;

        program_add(b, STAGE_ATTEND,
                (ProgramOp){ .opcode = PROGRAM_OP_AWAIT_RESTORED,
                        .string = { program_add_string(b, p->restore->log) } });
        program_add(b, STAGE_ATTEND,
                (ProgramOp){ .opcode = PROGRAM_OP_RECORD_PID,
                        .string = {
                                program_add_format(b, "%s/" STATE_FILE_PID, p->ctx->state_dir) } });
        if (p->spec->root.is_readonly)
                add_attr(p, "/", MOUNT_ATTR_RDONLY, 0, 0);
        for (size_t i = 0; i < p->spec->n_mounts; i++) {
                int r = add_mount(p, c, i);

                if (r < 0)
                        return r;
        }
        return 0;
}

static int build(Plan *p, Command *c)
{
        ProgramBuilder *b = &p->program;
        char *const env[] = {
                (char *) "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                (char *) p->restore->environment, NULL
        };
        uint64_t network;
        int r;

        r = add_prepare(p);
        if (r < 0)
                return r;
        add_clone(p);
        r = plan_add_placement_reply(p);
        if (r < 0)
                return r;
        plan_add_placed(p);
        if (!p->is_placed && p->namespaces_new & CLONE_NEWCGROUP)
                program_add(b, STAGE_NAMESPACE, (ProgramOp){ .opcode = PROGRAM_OP_UNSHARE_CGROUP });
        for (char *const *s = p->restore->criu; *s; s++)
                command_add(c, "%s", *s);
        command_add(c, "--root");
        command_add(c, "%s/" STATE_FILE_STAGE "/root", p->ctx->state_dir);
        add_descriptors(p, c);
        network = add_network(p, c);
        r = add_await(p, c);
        if (r >= 0)
                r = add_covers(p, c);
        if (r < 0)
                return r;
        /* criu 3.17 does not restore it, and needs nothing that it takes away: by inheritance. */
        if (p->spec->process.no_new_privileges)
                program_add(b, STAGE_FINAL, (ProgramOp){ .opcode = PROGRAM_OP_NO_NEW_PRIVILEGES });
        program_add(
                b, STAGE_FINAL, (ProgramOp){ .opcode = PROGRAM_OP_INHERIT, .number = { network } });
        program_add(b, STAGE_FINAL,
                (ProgramOp){ .opcode = PROGRAM_OP_EXEC,
                        .data = { program_add_list(b, c->items), program_add_list(b, env) } });
        return add_resume(p);
}

int plan_restore_program(const Spec *spec, const PlanContext *ctx, const PlanRestore *restore,
        void **ret, size_t *ret_size, CtrError *err)
{
        _cleanup_(command_done) Command command = { 0 };
        PropertyList list = { 0 };
        Plan p = { .spec = spec, .ctx = ctx, .restore = restore, .err = err };
        int r;

        r = plan_check_checkpoint(spec, err);
        if (r >= 0)
                r = plan_fill_properties(spec, ctx, &list, err);
        p.has_limits = plan_has_limits(&list, ctx);
        property_list_done(&list);
        if (r < 0)
                return r;
        plan_find_namespaces(&p);
        r = add_root(&p);
        if (r >= 0)
                r = build(&p, &command);
        if (r >= 0 && (r = program_builder_finish(&p.program,
                               ctx->mode == PLAN_SERVICE ? PROGRAM_SERVICE : PROGRAM_SCOPE, ctx->id,
                               ctx->digest, ret, ret_size)) < 0)
                (void) ctr_error_set(err, CTR_ERROR_SYSTEM, r, "laying out the program");
        program_builder_done(&p.program);
        return r;
}
