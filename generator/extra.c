/* Units beside a container's own: see extra.h. */
#include "generator/extra.h"

#include <stdlib.h>
#include <string.h>

FILE *extra_begin(const PlanContext *ctx, const char *name, Unit *unit)
{
        UnitExtra *extras = reallocarray(unit->extras, unit->n_extras + 1, sizeof(*extras)), *extra;
        FILE *f;

        if (!extras)
                return NULL;
        unit->extras = extras;
        extra = &extras[unit->n_extras];
        *extra = (UnitExtra){ 0 };
        (void) snprintf(extra->name, sizeof(extra->name), "%s", name);
        f = open_memstream(&extra->text, &extra->size);
        if (!f)
                return NULL;
        unit->n_extras++;
        (void) fprintf(f, "# Made by ctr-generator from %s\n", ctx->config_path);
        return f;
}

void extras_done(Unit *unit)
{
        for (size_t i = 0; i < unit->n_extras; i++)
                free(unit->extras[i].text);
        free(unit->extras);
        unit->extras = NULL;
        unit->n_extras = 0;
}
