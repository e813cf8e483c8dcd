/* In place of published ports, where meson was told -Dnetwork=false: who asks for them gets an
 * error.
 */
#include "plan/plan-internal.h"

#include <string.h>

int plan_ports_read(const SpecKeyValues *annotations, PlanPorts *ret, CtrError *err)
{
        *ret = (PlanPorts){ 0 };
        for (size_t i = 0; i < annotations->n; i++)
                if (strcmp(annotations->items[i].key, PLAN_PUBLISH_ANNOTATION) == 0 &&
                        annotations->items[i].value[0] != '\0')
                        return plan_unsupported(err, "annotations[\"" PLAN_PUBLISH_ANNOTATION "\"]",
                                "this ctrunit was built without networking (meson option "
                                "\"network\")");
        return 0;
}

int plan_ports(const Spec *spec, const PlanContext *ctx, PlanPorts *ret, CtrError *err)
{
        return plan_ports_read(&spec->annotations, ret, err);
}

void plan_ports_done(PlanPorts *ports)
{
        *ports = (PlanPorts){ 0 };
}

bool plan_has_ports(const Spec *spec)
{
        return false;
}

int plan_fill_ports(const Spec *spec, const PlanContext *ctx, PropertyList *list, CtrError *err)
{
        PlanPorts none;

        return plan_ports(spec, ctx, &none, err);
}

int plan_add_ports(Plan *p)
{
        PlanPorts none;

        return plan_ports(p->spec, p->ctx, &none, p->err);
}
