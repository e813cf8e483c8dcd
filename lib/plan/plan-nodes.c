/* Device nodes and links in /dev: the specification's default ones and linux.devices. All of it is
 * left out when the config binds a /dev of its own. Without a user namespace the nodes are made
 * (mknod), because a bound node would be the host's own inode, whose mode the container's root
 * could change; inside a user namespace making one is impossible and changing one forbidden, so the
 * host's are bound. */
#include "plan/mount-options.h"
#include "plan/plan-internal.h"

#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum { DEFAULT_DEVICE_MODE = 0666, MODE_MASK = 07777 };

static const struct {
        const char *path, *target;
} default_links[] = {
        { "/dev/ptmx", "pts/ptmx" },
        { "/dev/fd", "/proc/self/fd" },
        { "/dev/stdin", "/proc/self/fd/0" },
        { "/dev/stdout", "/proc/self/fd/1" },
        { "/dev/stderr", "/proc/self/fd/2" },
};

typedef struct Node {
        const char *path;
        uint32_t mode; /* with S_IFMT */
        unsigned major, minor;
        uint32_t uid, gid;
        bool is_configured; /* what the image has there must be the same (config-linux.md) */
} Node;

static void add_node(Plan *p, const Node *node)
{
        ProgramBuilder *b = &p->program;
        uint64_t slot = PROGRAM_NO_SLOT;
        bool is_device = !S_ISFIFO(node->mode);

        if (is_device && p->has_user_namespace) {
                slot = program_add_slot(b);
                program_add(b, STAGE_PREPARE,
                        (ProgramOp){ .opcode = PROGRAM_OP_OPEN_DEVICE,
                                .number = { slot, S_ISBLK(node->mode) ? 'b' : 'c', node->major,
                                        node->minor },
                                .string = { program_add_string(b, node->path) } });
        }
        program_add(b, STAGE_ROOTFS,
                (ProgramOp){ .opcode = PROGRAM_OP_NODE,
                        .number = { node->mode, is_device ? makedev(node->major, node->minor) : 0,
                                (uint64_t) node->uid << 32 | node->gid, slot },
                        .string = { program_add_string(b, node->path),
                                program_add_string(b, node->is_configured ? "same" : NULL) } });
}

static int has_own_dev(Plan *p, bool *ret)
{
        *ret = false;
        for (size_t i = 0; i < p->spec->n_mounts && !*ret; i++) {
                const SpecMount *m = &p->spec->mounts[i];
                _cleanup_free_ char *target = plan_path_clean("/", m->destination);

                if (!target)
                        return plan_no_memory(p->err);
                *ret = strcmp(target, "/dev") == 0 && mount_is_bind(m);
        }
        return 0;
}

/* The nodes of the config, which win over default ones of the same path. */
static int add_configured(Plan *p, bool *is_default_taken)
{
        for (size_t i = 0; i < p->spec->linux_.n_devices; i++) {
                const SpecDevice *d = &p->spec->linux_.devices[i];
                _cleanup_free_ char *path = plan_path_clean("/", d->path);
                uint32_t type = d->type == 'b' ? S_IFBLK : d->type == 'p' ? S_IFIFO : S_IFCHR;
                Node node;

                if (!path)
                        return plan_no_memory(p->err);
                if (strcmp(path, "/dev/ptmx") == 0)
                        continue; /* always the link into the container's own devpts */
                for (size_t k = 0; k < plan_n_default_devices; k++)
                        if (strcmp(plan_default_devices[k].path, path) == 0)
                                is_default_taken[k] = true;
                node = (Node){ .path = path,
                        .mode = type | (d->file_mode.is_set ? d->file_mode.value & MODE_MASK
                                                            : DEFAULT_DEVICE_MODE),
                        .major = (unsigned) d->major,
                        .minor = (unsigned) d->minor,
                        .uid = d->uid.value,
                        .gid = d->gid.value,
                        .is_configured = true };
                add_node(p, &node);
        }
        return 0;
}

int plan_add_nodes(Plan *p)
{
        bool is_default_taken[PLAN_DEFAULT_DEVICE_MAX] = { false }, has_dev;
        ProgramBuilder *b = &p->program;
        int r;

        r = has_own_dev(p, &has_dev);
        if (r < 0 || has_dev)
                return r;
        r = add_configured(p, is_default_taken);
        if (r < 0)
                return r;
        for (size_t i = 0; i < plan_n_default_devices; i++) {
                const PlanDefaultDevice *d = &plan_default_devices[i];

                if (d->is_node && !is_default_taken[i])
                        add_node(p, &(Node){ .path = d->path,
                                            .mode = S_IFCHR | DEFAULT_DEVICE_MODE,
                                            .major = d->major,
                                            .minor = d->minor });
        }
        for (size_t i = 0; i < ELEMENTSOF(default_links); i++)
                program_add(b, STAGE_ROOTFS,
                        (ProgramOp){ .opcode = PROGRAM_OP_SYMLINK,
                                .string = { program_add_string(b, default_links[i].path),
                                        program_add_string(b, default_links[i].target) } });
        return 0;
}
