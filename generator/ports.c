/* The units of published ports: their text is plan's, the files are the generator's. */
#include "generator/ports.h"

#include "generator/extra.h"

typedef void (*PortWriter)(const PlanContext *ctx, const PlanPort *port, FILE *f);

static int add_extra(const PlanContext *ctx, const PlanPort *port, const char *type,
        PortWriter writer, Unit *unit)
{
        char name[PLAN_PORT_UNIT_MAX];
        FILE *f;
        int r = plan_port_unit(ctx->id, port, type, name);

        if (r < 0)
                return r;
        f = extra_begin(ctx, name, unit);
        if (!f)
                return -ENOMEM;
        writer(ctx, port, f);
        return fclose(f) != 0 ? -ENOMEM : 0;
}

int ports_add_units(const Spec *spec, const PlanContext *ctx, Unit *unit, CtrError *err)
{
        PlanPorts ports;
        int r = plan_ports(spec, ctx, &ports, err);

        if (r < 0)
                return r;
        for (size_t i = 0; i < ports.n && r >= 0; i++) {
                r = add_extra(ctx, &ports.items[i], "socket", plan_port_socket_text, unit);
                if (r >= 0)
                        r = add_extra(
                                ctx, &ports.items[i], "service", plan_port_service_text, unit);
        }
        plan_ports_done(&ports);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "making the units of its ports") : 0;
}
