/* The whole plan for people: what `ctrctl plan` prints and the golden files hold. */
#include "plan/plan.h"

#include "base/name.h"

int plan_to_text(
        const PlanContext *ctx, const PropertyList *properties, const Program *program, FILE *f)
{
        char unit[CTR_UNIT_NAME_MAX];
        int r;

        (void) fprintf(f, "# %s\n", ctr_id_to_unit(ctx->id, unit));
        r = property_list_to_unit_text(properties, UNIT_SERVICE, f);
        if (r < 0)
                return r;
        (void) fprintf(f, "\n# set-up program, config %s\n", ctx->digest);
        return program_to_text(program, f);
}
