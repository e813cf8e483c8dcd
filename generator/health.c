/* The units of health checks: their text is plan's, the files are the generator's. */
#include "generator/health.h"

#include "generator/extra.h"
#include "plan/health.h"

typedef void (*HealthWriter)(const PlanContext *ctx, const Health *health, FILE *f);

static int add_unit(const PlanContext *ctx, const Health *health, const char *type,
        HealthWriter writer, Unit *unit)
{
        char name[PLAN_PORT_UNIT_MAX];
        FILE *f;
        int r = health_unit(ctx->id, type, name);

        if (r < 0)
                return r;
        f = extra_begin(ctx, name, unit);
        if (!f)
                return -ENOMEM;
        writer(ctx, health, f);
        return fclose(f) != 0 ? -ENOMEM : 0;
}

int health_add_units(const Spec *spec, const PlanContext *ctx, Unit *unit, CtrError *err)
{
        Health health;
        int r = health_read(&spec->annotations, &health, err);

        if (r <= 0)
                return r;
        r = add_unit(ctx, &health, "service", health_service_text, unit);
        if (r >= 0 && health.interval_msec > 0)
                r = add_unit(ctx, &health, "timer", health_timer_text, unit);
        health_done(&health);
        return r < 0 ? ctr_error_set(
                               err, CTR_ERROR_SYSTEM, r, "making the units of its health checks")
                     : 0;
}
