/* The unit of a .container file, planned twice: see outline.h. */
#include "container/outline.h"

#include <string.h>

PlanContext outline_context(const Recipe *recipe)
{
        return (PlanContext){
                .id = recipe->id,
                .bundle = recipe->directory,
                .state_dir = "/run/ctrunit/containers/test",
                .config_path = "/etc/ctrunit/containers/test.container",
                .digest = "0000000000000000000000000000000000000000000000000000000000000000",
                .mode = PLAN_SERVICE,
                .origin = PLAN_GENERATED,
        };
}

static int make_unit_text(const Recipe *recipe, void (*print)(const Recipe *recipe, FILE *f),
        Spec **ret_spec, char **ret, CtrError *err)
{
        _cleanup_(property_list_done) PropertyList properties = { 0 };
        PlanContext ctx = outline_context(recipe);
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);
        int r;

        if (!f)
                return -ENOMEM;
        print(recipe, f);
        if (fclose(f) != 0)
                return -ENOMEM;
        r = spec_parse_strict(text, size, ret_spec, err);
        if (r >= 0)
                r = plan_properties(*ret_spec, &ctx, &properties, err);
        if (r < 0)
                return r;
        f = open_memstream(ret, &size);
        if (!f)
                return -ENOMEM;
        r = property_list_to_unit_text(&properties, UNIT_SERVICE, f);
        return fclose(f) != 0 ? -ENOMEM : r;
}

int outline_compare(const Recipe *recipe, Spec **ret, CtrError *err)
{
        _cleanup_(spec_freep) Spec *spec = NULL, *outline = NULL;
        _cleanup_free_ char *unit = NULL, *outline_unit = NULL;
        CtrError outline_err = { 0 };
        int r = make_unit_text(recipe, recipe_print, &spec, &unit, err);
        int outline_r =
                make_unit_text(recipe, recipe_print_outline, &outline, &outline_unit, &outline_err);

        if (r != outline_r || strcmp(unit ? unit : "", outline_unit ? outline_unit : "") != 0)
                return -EXDEV;
        *ret = TAKE_PTR(spec);
        return r;
}
