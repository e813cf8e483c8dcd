/* What a configuration may not ask: things that are parsed and not implemented (they must never be
 * ignored in silence), and things that contradict each other. */
#include "plan/plan-internal.h"

static int check_unsupported(const Spec *spec, CtrError *err)
{
        const struct {
                bool is_given;
                const char *field;
        } unsupported[] = {
                { spec->linux_.intel_rdt_json != NULL, "linux.intelRdt" },
                { spec->linux_.has_memory_policy, "linux.memoryPolicy" },
                { spec->linux_.has_net_devices, "linux.netDevices" },
                { spec->linux_.mount_label && *spec->linux_.mount_label, "linux.mountLabel" },
        };

        for (size_t i = 0; i < ELEMENTSOF(unsupported); i++)
                if (unsupported[i].is_given)
                        return plan_unsupported(err, unsupported[i].field, "is not implemented");
        for (size_t i = 0; i < spec->n_mounts; i++) {
                char field[PLAN_FIELD_MAX];

                if (spec->mounts[i].uid_mappings.n > 0 || spec->mounts[i].gid_mappings.n > 0)
                        return plan_unsupported(err,
                                plan_field(field, "mounts[%zu].uidMappings", i),
                                "id-mapped mounts are not implemented");
        }
        return 0;
}

static int check_namespaces(const Spec *spec, CtrError *err)
{
        const SpecNamespace *mount = spec_find_namespace(spec, SPEC_NS_MOUNT);
        const SpecNamespace *user = spec_find_namespace(spec, SPEC_NS_USER);
        const SpecNamespace *time = spec_find_namespace(spec, SPEC_NS_TIME);
        const SpecLinux *l = &spec->linux_;

        if (!mount || mount->path)
                return plan_unsupported(err, "linux.namespaces",
                        "a container needs a new mount namespace: {\"type\": \"mount\"}");
        if (user && user->path)
                return plan_unsupported(err, "linux.namespaces",
                        "joining a user namespace is not implemented: leave out its path and "
                        "give mappings");
        if (user && (l->uid_mappings.n == 0 || l->gid_mappings.n == 0))
                return ctr_error_field(err,
                        l->uid_mappings.n == 0 ? "linux.uidMappings" : "linux.gidMappings",
                        "is required with a new user namespace");
        if (!user && (l->uid_mappings.n > 0 || l->gid_mappings.n > 0))
                return ctr_error_field(err,
                        l->uid_mappings.n > 0 ? "linux.uidMappings" : "linux.gidMappings",
                        "needs a user namespace in linux.namespaces");
        if ((!time || time->path) &&
                (l->time_offset_monotonic.is_set || l->time_offset_boottime.is_set))
                return ctr_error_field(
                        err, "linux.timeOffsets", "needs a new time namespace in linux.namespaces");
        if (!spec_find_namespace(spec, SPEC_NS_UTS) && spec->hostname && *spec->hostname)
                return ctr_error_field(
                        err, "hostname", "needs a uts namespace in linux.namespaces");
        if (!spec_find_namespace(spec, SPEC_NS_UTS) && spec->domainname && *spec->domainname)
                return ctr_error_field(
                        err, "domainname", "needs a uts namespace in linux.namespaces");
        return 0;
}

static bool is_mapped(const SpecIdMappings *map, uint32_t id)
{
        for (size_t i = 0; i < map->n; i++)
                if (id >= map->items[i].container_id &&
                        id - map->items[i].container_id < map->items[i].size)
                        return true;
        return false;
}

int plan_check_user(const Spec *spec, const SpecUser *user, CtrError *err)
{
        const SpecLinux *l = &spec->linux_;

        if (l->uid_mappings.n == 0)
                return 0;
        if (!is_mapped(&l->uid_mappings, 0) || !is_mapped(&l->gid_mappings, 0))
                return plan_unsupported(err,
                        is_mapped(&l->uid_mappings, 0) ? "linux.gidMappings" : "linux.uidMappings",
                        "must map id 0, which makes the set-up");
        if (!is_mapped(&l->uid_mappings, user->uid))
                return ctr_error_field(
                        err, "process.user.uid", "%u is not in linux.uidMappings", user->uid);
        if (!is_mapped(&l->gid_mappings, user->gid))
                return ctr_error_field(
                        err, "process.user.gid", "%u is not in linux.gidMappings", user->gid);
        for (size_t i = 0; i < user->n_additional_gids; i++) {
                char field[PLAN_FIELD_MAX];

                if (!is_mapped(&l->gid_mappings, user->additional_gids[i]))
                        return ctr_error_field(err,
                                plan_field(field, "process.user.additionalGids[%zu]", i),
                                "%u is not in linux.gidMappings", user->additional_gids[i]);
        }
        return 0;
}

int plan_check(const Spec *spec, CtrError *err)
{
        int r;

        r = check_unsupported(spec, err);
        if (r >= 0)
                r = check_namespaces(spec, err);
        if (r >= 0)
                r = plan_check_process(spec, &spec->process, err);
        if (r >= 0)
                r = plan_check_user(spec, &spec->process.user, err);
        if (r >= 0 && (!spec->root.path || *spec->root.path == '\0'))
                r = ctr_error_field(err, "root.path", "is required");
        return r;
}
