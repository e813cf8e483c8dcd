/* What a configuration may ask by the specification, and cannot have: things that are parsed and
 * not implemented, which must never be ignored in silence. Contradictions are the parser's matter.
 */
#include "plan/plan-internal.h"

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

        r = plan_check_joined_root(spec, err);
        if (r >= 0)
                r = plan_check_listener(&spec->linux_.seccomp, err);
        if (r >= 0)
                r = plan_check_process(&spec->process, err);
        if (r >= 0)
                r = plan_check_user(spec, &spec->process.user, err);
        return r;
}
