/* In place of the units of published ports, where meson was told -Dnetwork=false: plan refuses who
 * asks for them. */
#include "generator/ports.h"

#include <string.h>

int ports_add_units(const Spec *spec, const PlanContext *ctx, Unit *unit, CtrError *err)
{
        PlanPorts none;

        return plan_ports(spec, ctx, &none, err);
}

int ports_add_pod_units(const Settings *settings, bool has_own_network _unused_,
        const char *state_dir _unused_, const char *source _unused_, Unit *unit _unused_,
        char **ret_requires, Problem *problem)
{
        const IniEntry *entry = settings_find(settings, KEY_POD, "PublishPort");

        if (entry) {
                (void) snprintf(problem->file, sizeof(problem->file), "%s", entry->file);
                return ini_entry_error(
                        entry, &problem->error, "this build publishes no ports (-Dnetwork=false)");
        }
        *ret_requires = strdup("");
        return *ret_requires ? 0 : -ENOMEM;
}
