/* One .pod file into units: see pod.h. */
#include "generator/pod.h"

#include "generator/extra.h"
#include "generator/ports.h"
#include "unitfile/pod-file.h"
#include "unitfile/recipe.h"

#include <string.h>

static int write_units(const PodFile *pod, const Settings *settings, const Search *containers,
        const char *source, const char *requires, Unit *unit)
{
        PlanContext context = { .config_path = source };
        FILE *f = open_memstream(&unit->text, &unit->size);

        if (!f)
                return -ENOMEM;
        (void) fprintf(f, "# Made by ctr-generator from %s\n", source);
        pod_file_write_service(pod, settings, containers, source, requires, f);
        if (fclose(f) != 0)
                return -ENOMEM;
        f = extra_begin(&context, pod->slice, unit);
        if (!f)
                return -ENOMEM;
        pod_file_write_slice(pod, source, f);
        return fclose(f) != 0 ? -ENOMEM : 0;
}

static int make_units(const Search *pods, const Search *containers, const SearchContainer *file,
        Settings *settings, Unit *unit)
{
        Problem *problem = &unit->problem;
        char source[SEARCH_PATH_MAX], state_dir[SEARCH_PATH_MAX];
        _cleanup_free_ char *requires = NULL;
        PodFile pod;
        int r;

        (void) snprintf(
                source, sizeof(source), "%s/%s.pod", search_dirs[file->file_dir], file->stem);
        (void) snprintf(problem->file, sizeof(problem->file), "%s", source);
        r = settings_load(pods, file, settings, problem);
        if (r >= 0)
                r = pod_file_read(settings, file->name, &pod, problem);
        if (r >= 0)
                r = recipe_check_pod(settings, search_dirs[file->file_dir], problem);
        if (r < 0)
                return r;
        memcpy(unit->name, pod.unit, sizeof(unit->name));
        r = links_add_settings(&unit->links, settings, containers, unit->name, problem);
        (void) snprintf(state_dir, sizeof(state_dir), CTR_STATE_DIR "/pods/%s", pod.id);
        if (r >= 0)
                r = ports_add_pod_units(
                        settings, pod.has_own_network, state_dir, source, unit, &requires, problem);
        return r < 0 ? r : write_units(&pod, settings, containers, source, requires, unit);
}

/* Named by its file: that much is known of a broken one. */
static void stub_name(const char *name, char ret[static CTR_UNIT_NAME_MAX])
{
        (void) snprintf(ret, CTR_UNIT_NAME_MAX, "%.*s-pod.service", CTR_ID_MAX, name);
        for (char *p = ret; *p; p++)
                if (*p == '+')
                        *p = '_';
}

int pod_generate(
        const Search *pods, const Search *containers, const SearchContainer *file, Unit *ret)
{
        _cleanup_(settings_done) Settings settings = { 0 };
        char name[CTR_UNIT_NAME_MAX];
        Unit unit = { 0 };
        int r;

        stub_name(file->name, unit.name);
        r = make_units(pods, containers, file, &settings, &unit);
        if (r < 0 && r != -ENOMEM) {
                unit.is_broken = true;
                extras_done(&unit);
                links_done(&unit.links);
                stub_name(file->name, unit.name);
                (void) snprintf(name, sizeof(name), "%s.pod", file->name);
                r = unit_write_stub(file, "Pod", name, &unit);
        }
        *ret = unit;
        if (r < 0)
                unit_done(ret);
        return r;
}
