/* One .volume file into units: see volume.h. */
#include "generator/volume.h"

#include "generator/extra.h"
#include "unitfile/volume.h"

#include <string.h>

static int write_units(const Settings *settings, const char *name, const char *source, Unit *unit)
{
        PlanContext context = { .config_path = source };
        char mount[CTR_UNIT_NAME_MAX];
        FILE *f = open_memstream(&unit->text, &unit->size);

        if (!f)
                return -ENOMEM;
        (void) fprintf(f, "# Made by ctr-generator from %s\n", source);
        volume_write_service(settings, name, source, f);
        if (fclose(f) != 0)
                return -ENOMEM;
        if (!volume_has_device(settings))
                return 0;
        volume_mount_unit(name, mount);
        f = extra_begin(&context, mount, unit);
        if (!f)
                return -ENOMEM;
        volume_write_mount(settings, name, source, f);
        return fclose(f) != 0 ? -ENOMEM : 0;
}

static int make_units(
        const Search *search, const SearchContainer *volume, Settings *settings, Unit *unit)
{
        Problem *problem = &unit->problem;
        char source[SEARCH_PATH_MAX];
        int r;

        (void) snprintf(source, sizeof(source), "%s/%s.volume", search_dirs[volume->file_dir],
                volume->stem);
        (void) snprintf(problem->file, sizeof(problem->file), "%s", source);
        r = settings_load(search, volume, settings, problem);
        if (r >= 0)
                r = volume_check(settings, volume->name, problem);
        if (r >= 0)
                r = links_add_settings(&unit->links, settings, NULL, unit->name, problem);
        return r < 0 ? r : write_units(settings, volume->name, source, unit);
}

int volume_generate(const Search *search, const SearchContainer *volume, Unit *ret)
{
        _cleanup_(settings_done) Settings settings = { 0 };
        char name[CTR_UNIT_NAME_MAX];
        Unit unit = { 0 };
        int r;

        volume_unit(volume->name, unit.name);
        r = make_units(search, volume, &settings, &unit);
        if (r < 0 && r != -ENOMEM) {
                unit.is_broken = true;
                extras_done(&unit);
                (void) snprintf(name, sizeof(name), "%s.volume", volume->name);
                r = unit_write_stub(volume, "Volume", name, &unit);
        }
        *ret = unit;
        if (r < 0)
                unit_done(ret);
        return r;
}
