/* .container files at the start of a container: see container-file.h. */
#include "runtime/container-file.h"

#include "runtime/container-names.h"
#include "runtime/path.h"

#include "base/io.h"
#include "unitfile/stem.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define SUFFIX ".container"

bool container_file_is(const char *path)
{
        size_t n = path ? strlen(path) : 0, m = sizeof(SUFFIX) - 1;

        return n > m && strcmp(path + n - m, SUFFIX) == 0 && path[n - m - 1] != '/';
}

/* The generator has told of what it cannot use. */
static void ignore(const char *file _unused_, const CtrError *err _unused_)
{
}

/* File, position and key into the message: what is wrong is in no config.json. */
static int report(const Problem *problem, int r, CtrError *err)
{
        if (!err)
                return r;
        *err = problem->error;
        ctr_error_place(err, problem->file);
        return r;
}

static bool is_in_search_directory(const char *path)
{
        const char *slash = strrchr(path, '/');

        for (size_t i = 0; i < SEARCH_DIRS; i++)
                if (strlen(search_dirs[i]) == (size_t) (slash - path) &&
                        strncmp(search_dirs[i], path, (size_t) (slash - path)) == 0)
                        return true;
        return false;
}

/* As the generator reads it. */
static int load_configured(const char *path, const char *stem, Settings *ret, Problem *problem)
{
        const SearchContainer *container;
        Search search;
        int r;

        (void) snprintf(problem->file, sizeof(problem->file), "%s", path);
        if (stem_is_template(stem))
                return ctr_error_set(&problem->error, CTR_ERROR_CONFIG_INVALID, 0,
                        "a template is no container: make a link %sINSTANCE.container to it, and "
                        "name that",
                        stem);
        r = search_open("/", ignore, &search, &problem->error);
        if (r < 0)
                return r;
        container = search_find_stem(&search, stem);
        if (!container || container->is_masked || container->file_dir == SEARCH_NOWHERE)
                r = ctr_error_set(&problem->error, CTR_ERROR_CONFIG_INVALID, 0,
                        "no such container is configured: run systemctl daemon-reload");
        else
                r = settings_load(&search, container, ret, problem);
        search_done(&search);
        return r;
}

static int load_alone(const char *path, const char *stem, Settings *ret, Problem *problem)
{
        char *text = NULL;
        size_t size;
        int r;

        (void) snprintf(problem->file, sizeof(problem->file), "%s", path);
        r = ctr_read_file(AT_FDCWD, path, INI_SIZE_MAX, &text, &size, &problem->error);
        return r < 0 ? r : settings_load_text(path, stem, text, size, ret, problem);
}

static char *print(const Recipe *recipe, void (*printer)(const Recipe *recipe, FILE *f))
{
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        if (!f)
                return NULL;
        printer(recipe, f);
        if (fclose(f) == 0)
                return text;
        free(text);
        return NULL;
}

/* path, config_path are set. */
static int fill_bundle(Recipe *recipe, ContainerFileUse use, Bundle *b, CtrError *err)
{
        int r = recipe_digest(recipe, NULL, NULL, b->digest);

        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "reading %s", b->config_path);
        r = use == CONTAINER_FILE_CHECK ? 0 : container_file_resolve(recipe, err);
        if (r >= 0 && use == CONTAINER_FILE_START)
                r = container_file_check_secrets(recipe, err);
        if (r >= 0 && use == CONTAINER_FILE_START)
                r = container_file_make_directories(recipe, err);
        if (r >= 0 && use == CONTAINER_FILE_START)
                r = container_names_fill(recipe, b, err);
        if (r < 0)
                return bundle_error(b->config_path, r, err);
        b->text = print(recipe, recipe_print);
        b->rootfs = strdup(recipe->rootfs);
        b->id = strdup(recipe->id);
        if (recipe->reload_command.n > 0)
                b->reload = print(recipe, recipe_print_reload);
        if (!b->text || !b->rootfs || !b->id || (recipe->reload_command.n > 0 && !b->reload))
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading %s", b->config_path);
        b->size = strlen(b->text);
        return 0;
}

static int parse(const Settings *settings, Bundle *b, CtrError *err)
{
        Problem problem = { 0 };
        int r = spec_parse_strict(b->text, b->size, &b->spec, &problem.error);

        if (r >= 0)
                return 0;
        (void) snprintf(problem.file, sizeof(problem.file), "%s", b->config_path);
        recipe_locate(settings, &problem);
        return report(&problem, r, err);
}

/* With the pod as its own file describes it. A file that stands elsewhere is on its own. */
static int load(
        const Settings *settings, const char *name, const Bundle *b, Recipe *ret, Problem *problem)
{
        bool has_pods = is_in_search_directory(b->config_path) &&
                        settings_find(settings, KEY_CONTAINER, "Pod");
        Search pods;
        int r;

        if (!has_pods)
                return recipe_load(settings, name, b->path, NULL, ret, problem);
        r = search_open_kind("/", SEARCH_PODS, ignore, &pods, &problem->error);
        if (r < 0)
                return r;
        r = recipe_load(settings, name, b->path, &pods, ret, problem);
        search_done(&pods);
        return r;
}

static int make_bundle(
        const Settings *settings, const char *name, ContainerFileUse use, Bundle *b, CtrError *err)
{
        Problem problem = { 0 };
        Recipe recipe;
        int r;

        (void) snprintf(problem.file, sizeof(problem.file), "%s", b->config_path);
        if (!recipe_is_wanted(settings)) {
                (void) ctr_error_set(&problem.error, CTR_ERROR_CONFIG_INVALID, 0,
                        "[Container] does not say what the container is (Rootfs=, Exec=)");
                return report(&problem, -EINVAL, err);
        }
        r = load(settings, name, b, &recipe, &problem);
        if (r < 0)
                return report(&problem, r, err);
        r = fill_bundle(&recipe, use, b, err);
        recipe_done(&recipe);
        return r < 0 ? r : parse(settings, b, err);
}

int container_file_open(const char *path, ContainerFileUse use, Bundle *ret, CtrError *err)
{
        _cleanup_(settings_done) Settings settings = { 0 };
        char stem[CTR_ID_MAX + sizeof(SUFFIX)], name[CTR_ID_MAX + 1];
        Problem problem = { 0 };
        Bundle b = { 0 };
        char *slash;
        int r;

        b.config_path = path_make_absolute(path);
        b.path = b.config_path ? strdup(b.config_path) : NULL;
        if (!b.path) {
                bundle_done(&b);
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "opening %s", path);
        }
        slash = strrchr(b.path, '/');
        (void) snprintf(stem, sizeof(stem), "%.*s",
                (int) MIN_OF(strlen(slash + 1) - (sizeof(SUFFIX) - 1), sizeof(stem) - 1),
                slash + 1);
        slash[slash == b.path] = '\0';
        r = stem_check(stem, err);
        if (r >= 0) {
                stem_to_id(stem, name);
                r = is_in_search_directory(b.config_path)
                            ? load_configured(b.config_path, stem, &settings, &problem)
                            : load_alone(b.config_path, stem, &settings, &problem);
                r = r < 0 ? report(&problem, r, err) : make_bundle(&settings, name, use, &b, err);
        }
        if (r < 0) {
                bundle_done(&b);
                return r;
        }
        *ret = b;
        return 0;
}
