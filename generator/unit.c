/* One container's files into one unit: see unit.h. The properties come from plan, exactly as for a
 * transient unit; what the .container file adds follows them, so that it wins. */
#include "generator/unit.h"

#include "base/digest.h"
#include "generator/extra.h"
#include "generator/health.h"
#include "generator/ports.h"
#include "generator/running.h"
#include "plan/plan.h"
#include "unitfile/recipe.h"

#include <string.h>

#define CONFIG_SIZE_MAX (1024U * 1024)
#define BUNDLE_PATH_MAX 1024

/* Where the configuration is from, and what is made of it. */
typedef struct Bundle {
        char dir[BUNDLE_PATH_MAX];
        char config[SEARCH_PATH_MAX];
        char digest[CTR_DIGEST_LENGTH + 1];
        const char *id;
        char state_dir[sizeof(CTR_STATE_DIR) + sizeof("/containers/") + CTR_ID_MAX];
        const Recipe *recipe; /* NULL: a bundle's config.json */
} Bundle;

static void problem_at(Problem *problem, const char *file)
{
        (void) snprintf(problem->file, sizeof(problem->file), "%s", file);
}

/* A bundle that does not stand in a search directory: nothing in its path may need quoting in a
 * unit. Returns the fault, or NULL. */
static const char *path_fault(const char *path)
{
        size_t size = strlen(path);

        if (path[0] != '/' || size < 2 || path[size - 1] == '/' || strstr(path, "//") ||
                strstr(path, "/../") || strstr(path, "/./") ||
                strcmp(path + size - MIN_OF(size, 3U), "/..") == 0)
                return "expected the absolute path of a bundle's directory, without \"..\"";
        if (size >= BUNDLE_PATH_MAX)
                return "the path is too long";
        if (strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                         "/_.+:@,=-") != size)
                return "only letters, digits and / _ . + : @ , = - may stand in the path";
        return NULL;
}

/* Which directory is the bundle: NAME/ (or where it leads), or what [Container] Config= says. */
static int find_bundle(const Search *search, const SearchContainer *container,
        const Settings *settings, Bundle *bundle, Problem *problem)
{
        const IniEntry *named = settings_find(settings, KEY_CONTAINER, "Config");
        const char *fault = named ? path_fault(named->value) : NULL;
        int dir =
                named ? container->bundle_dir : MAX_OF(container->bundle_dir, container->file_dir);
        int r;

        if (named)
                problem_at(problem, named->file);
        else
                (void) snprintf(problem->file, sizeof(problem->file), "%s/%s%s", search_dirs[dir],
                        container->bundle_dir == SEARCH_NOWHERE ? container->stem : container->name,
                        container->bundle_dir == SEARCH_NOWHERE ? ".container" : "");
        if (fault)
                return ini_entry_error(named, &problem->error, "%s", fault);
        if (named && dir != SEARCH_NOWHERE)
                return ini_entry_error(named, &problem->error,
                        "%s/%s exists too: which of them is meant?", search_dirs[dir],
                        container->name);
        if (named) {
                (void) snprintf(bundle->dir, sizeof(bundle->dir), "%s", named->value);
                return 0;
        }
        if (container->bundle_dir == SEARCH_NOWHERE)
                return ctr_error_set(&problem->error, CTR_ERROR_CONFIG_INVALID, 0,
                        "no container: neither %s/%s/config.json nor [Container] Config= says "
                        "what to run",
                        search_dirs[dir], container->name);
        r = search_bundle_path(
                search, container, bundle->dir, sizeof(bundle->dir), &problem->error);
        fault = r < 0 ? NULL : path_fault(bundle->dir);
        if (fault)
                return ctr_error_set(&problem->error, CTR_ERROR_CONFIG_INVALID, 0,
                        "a link to \"%.200s\": %s", bundle->dir, fault);
        return r;
}

/* Finds the bundle and reads its config.json. */
static int load_config(const Search *search, const SearchContainer *container,
        const Settings *settings, Bundle *bundle, char **ret, size_t *ret_size, Problem *problem)
{
        int r = find_bundle(search, container, settings, bundle, problem);

        if (r < 0)
                return r;
        (void) snprintf(bundle->config, sizeof(bundle->config), "%s/config.json", bundle->dir);
        problem_at(problem, bundle->config);
        r = search_read(search, SEARCH_NOWHERE, bundle->config, CONFIG_SIZE_MAX, ret, ret_size,
                &problem->error);
        if (r >= 0)
                ctr_digest_hex(*ret, *ret_size, bundle->digest);
        return r;
}

/* What plan makes of the configuration: the unit's properties, and the units beside it. */
static int make_plan(
        const Bundle *bundle, const Spec *spec, PropertyList *ret, Unit *unit, CtrError *err)
{
        PlanContext context = {
                .id = bundle->id,
                .bundle = bundle->dir,
                .state_dir = bundle->state_dir,
                .config_path = bundle->config,
                .digest = bundle->digest,
                .mode = PLAN_SERVICE,
                .origin = PLAN_GENERATED,
        };
        int r;

        r = plan_properties(spec, &context, ret, err);
        if (r >= 0)
                r = ports_add_units(spec, &context, unit, err);
        return r < 0 ? r : health_add_units(spec, &context, unit, err);
}

static int add_other_links(
        const Search *search, const Bundle *bundle, const Spec *spec, Unit *unit, CtrError *err)
{
        const char *value = spec_find_annotation(spec, LINKS_ANNOTATION);
        const char *service = bundle->recipe ? bundle->recipe->service_name : NULL;

        if (service && links_add_alias(&unit->links, service, unit->name) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "making links");
        return value ? links_add_annotation(&unit->links, search, value, unit->name, err) : 0;
}

static int write_unit(const PropertyList *properties, const Bundle *bundle,
        const Settings *settings, const Search *search, Unit *unit)
{
        FILE *f = open_memstream(&unit->text, &unit->size);
        int r;

        if (!f)
                return -ENOMEM;
        (void) fprintf(f,
                "# Made by ctr-generator from %s\n"
                "# Changes here are lost: change that file, then run \"systemctl daemon-reload\".\n",
                bundle->config);
        r = property_list_to_unit_text(properties, UNIT_SERVICE, f);
        if (r >= 0 && bundle->recipe)
                r = recipe_write_unit(bundle->recipe, bundle->state_dir, f);
        if (r >= 0)
                settings_write(settings, search, f);
        if (fclose(f) != 0 && r >= 0)
                r = -ENOMEM;
        return r;
}

/* From a config.json, whether it was read or made of keys, to the unit. */
static int make_from_text(const Search *search, const Settings *settings, const Bundle *bundle,
        const char *text, size_t size, Unit *unit, CtrError *err)
{
        _cleanup_(property_list_done) PropertyList properties = { 0 };
        _cleanup_(spec_freep) Spec *spec = NULL;
        int r = spec_parse_strict(text, size, &spec, err);

        if (r >= 0)
                r = add_other_links(search, bundle, spec, unit, err);
        if (r >= 0)
                r = make_plan(bundle, spec, &properties, unit, err);
        if (r < 0)
                return r;
        r = write_unit(&properties, bundle, settings, search, unit);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "writing the unit") : 0;
}

/* Volumes are named by their files. */
static int check_volumes(const Search *search, const Recipe *recipe, Problem *problem)
{
        for (size_t i = 0; i < recipe->n_mounts; i++) {
                const RecipeMount *mount = &recipe->mounts[i];

                if (!mount->volume || search_has_entry(search, mount->volume))
                        continue;
                problem_at(problem, mount->entry->file);
                return ini_entry_error(mount->entry, &problem->error,
                        "there is no %s in the directories of .container files", mount->volume);
        }
        return 0;
}

/* Keys can neither be added to a config.json nor stand beside one. */
static int check_alone(const Search *search, const SearchContainer *container, Problem *problem)
{
        char path[CTR_ID_MAX + sizeof("/config.json")];

        if (container->bundle_dir == SEARCH_NOWHERE)
                return 0;
        (void) snprintf(path, sizeof(path), "%s/config.json", container->name);
        if (faccessat(search->fds[container->bundle_dir], path, F_OK, 0) < 0)
                return 0;
        return ctr_error_set(&problem->error, CTR_ERROR_CONFIG_INVALID, 0,
                "keys of [Container] cannot stand beside %s/%s, which says what the container is: "
                "leave either out",
                search_dirs[container->bundle_dir], path);
}

static int make_from_keys(const Search *search, const SearchContainer *container,
        const Settings *settings, Bundle *bundle, Unit *unit, Problem *problem)
{
        static const Search no_pods = { 0 };
        const char *directory = search_dirs[MAX_OF(container->file_dir, 0)];
        _cleanup_(recipe_done) Recipe recipe = { 0 };
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        r = recipe_load(settings, container->name, directory,
                search->pods ? search->pods : &no_pods, &recipe, problem);
        if (r >= 0)
                r = check_alone(search, container, problem);
        if (r >= 0)
                r = check_volumes(search, &recipe, problem);
        if (r >= 0 && recipe.pod && !recipe.stays_with_pod_start &&
                links_add_wants(&unit->links, recipe.pod_unit, unit->name) < 0)
                r = ctr_error_set(&problem->error, CTR_ERROR_SYSTEM, ENOMEM, "joining a pod");
        if (r >= 0)
                r = recipe_digest(&recipe, &text, &size, bundle->digest);
        if (r < 0)
                return r;
        bundle->recipe = &recipe;
        (void) snprintf(bundle->dir, sizeof(bundle->dir), "%s", directory);
        (void) snprintf(bundle->config, sizeof(bundle->config), "%s/%s.container", directory,
                container->stem);
        problem_at(problem, bundle->config);
        r = make_from_text(search, settings, bundle, text, size, unit, &problem->error);
        bundle->recipe = NULL;
        if (r < 0)
                recipe_locate(settings, problem);
        return r;
}

/* The name of another container's files stays its own. */
static int check_id(
        const Search *search, const SearchContainer *container, const char *id, Problem *problem)
{
        const SearchContainer *other =
                strcmp(id, container->name) == 0 ? NULL : search_find(search, id);

        if (!other || other->is_masked)
                return 0;
        return ctr_error_set(&problem->error, CTR_ERROR_CONFIG_INVALID, 0,
                "ContainerName=%s is the name of another container", id);
}

/* Everything that can be wrong with a container's configuration. */
static int make_unit(const Search *search, const SearchContainer *container, Settings *settings,
        Unit *unit, Problem *problem)
{
        _cleanup_free_ char *text = NULL;
        Bundle bundle = { 0 };
        size_t size;
        int r;

        r = settings_load(search, container, settings, problem);
        if (r < 0)
                return r;
        bundle.id = settings_container_id(settings, container->name);
        (void) ctr_id_to_unit(bundle.id, unit->name);
        (void) snprintf(bundle.state_dir, sizeof(bundle.state_dir), "%s/containers/%s",
                CTR_STATE_DIR, bundle.id);
        r = check_id(search, container, bundle.id, problem);
        if (r >= 0)
                r = links_add_settings(&unit->links, settings, search, unit->name, problem);
        if (r < 0)
                return r;
        if (recipe_is_wanted(settings))
                return make_from_keys(search, container, settings, &bundle, unit, problem);
        r = load_config(search, container, settings, &bundle, &text, &size, problem);
        if (r < 0)
                return r;
        return make_from_text(search, settings, &bundle, text, size, unit, &problem->error);
}

/* One line of foreign text for a unit: specifiers doubled, nothing that ends or continues a line.
 */
static void write_plain(const char *text, size_t max, FILE *f)
{
        for (size_t i = 0; text[i]; i++) {
                unsigned char c = (unsigned char) text[i];

                /* Cut between characters, not inside one. */
                if (i >= max && (c & 0xc0) != 0x80) {
                        (void) fputs("...", f);
                        return;
                }
                if (c == '%')
                        (void) fputs("%%", f);
                else
                        (void) fputc(c < 0x20 || c == 0x7f || c == '\\' ? '?' : c, f);
        }
}

/* SourcePath= must name a file that exists, else systemd warns at each call: the faulty place when
 * it was read, else what there is of the container. */
static void write_source(
        const SearchContainer *container, const char *ending, const Problem *problem, FILE *f)
{
        bool has_file = container->file_dir != SEARCH_NOWHERE;

        if (problem->error.line > 0 && !path_fault(problem->file))
                (void) fprintf(f, "SourcePath=%s\n", problem->file);
        else
                (void) fprintf(f, "SourcePath=%s/%s%s\n",
                        search_dirs[has_file ? container->file_dir : container->bundle_dir],
                        has_file ? container->stem : container->name, has_file ? ending : "");
}

int unit_write_stub(
        const SearchContainer *container, const char *what, const char *name, Unit *unit)
{
        static const struct {
                const char *what, *noun, *ending;
        } kinds[] = {
                { "Container", "container", ".container" },
                { "Volume", "volume", ".volume" },
                { "Pod", "pod", ".pod" },
        };
        size_t kind = 0;
        char message[SEARCH_PATH_MAX + sizeof(CtrError)];
        FILE *f;

        while (kind + 1 < ELEMENTSOF(kinds) && strcmp(kinds[kind].what, what) != 0)
                kind++;
        free(unit->text);
        unit->text = NULL;
        f = open_memstream(&unit->text, &unit->size);
        if (!f)
                return -ENOMEM;
        (void) fprintf(f,
                "# Made by ctr-generator: the configuration of this %s is broken.\n"
                "# Correct it, see \"%s --check %s\", then run \"systemctl daemon-reload\".\n"
                "[Unit]\n"
                "Description=%s %s (broken: ",
                kinds[kind].noun, CTR_GENERATOR_PATH, name, what, container->name);
        ctr_error_format(&unit->problem.error, unit->problem.file, message, sizeof(message));
        write_plain(message, 240, f);
        (void) fputs(")\nDocumentation=man:ctr-generator(8)\n", f);
        write_source(container, kinds[kind].ending, &unit->problem, f);
        (void) fprintf(f,
                "\n[Service]\n"
                "Type=oneshot\n"
                "SyslogIdentifier=%s\n"
                "ExecStart=%s --explain %s\n",
                name, CTR_GENERATOR_PATH, name);
        return fclose(f) != 0 ? -ENOMEM : 0;
}

int unit_generate(const Search *search, const SearchContainer *container, Unit *ret)
{
        _cleanup_(settings_done) Settings settings = { 0 };
        Unit unit = { 0 };
        int r;

        (void) ctr_id_to_unit(container->name, unit.name);
        r = make_unit(search, container, &settings, &unit, &unit.problem);
        if (r < 0 && r != -ENOMEM) {
                unit.is_broken = true;
                extras_done(&unit);
                (void) ctr_id_to_unit(container->name, unit.name);
                r = unit_write_stub(container, "Container", container->name, &unit);
                if (r >= 0)
                        r = running_keep(search, container->name, &unit);
        }
        *ret = unit;
        if (r < 0)
                unit_done(ret);
        return r;
}

void unit_done(Unit *unit)
{
        free(unit->text);
        links_done(&unit->links);
        extras_done(unit);
        unit->text = NULL;
}
