/* compile: the program and state of a unit that the generator made, from exactly the configuration
 * it was made from. plan and check: what a bundle would become, without starting it. */
#include "runtime/controllers.h"
#include "runtime/creation.h"

#include "runtime/container-file.h"
#include "runtime/container-names.h"
#include "runtime/filter-cache.h"
#include "runtime/strv.h"
#include "runtime/unit-keep.h"

#include "base/io.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

static int open_state_directory(const char *path, StateDir *ret, CtrError *err)
{
        _cleanup_free_ char *parent = strdup(path);
        char *slash = parent ? strrchr(parent, '/') : NULL;
        int r;

        *ret = STATE_DIR_NULL;
        if (!slash || slash == parent)
                return ctr_error_set(err, CTR_ERROR_USAGE, 0, "state directory %s", path);
        *slash = '\0';
        r = ctr_mkdir_parents(parent, 0700, err);
        if (r < 0)
                return r;
        if (mkdir(path, 0700) < 0 && errno != EEXIST)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot make %s", path);
        ret->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (ret->fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot open %s", path);
        return 0;
}

static int check_digest(const Bundle *bundle, const char *digest, CtrError *err)
{
        if (strcmp(bundle->digest, digest) == 0)
                return 0;
        (void) ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                "%s: configuration changed since the unit was made: run systemctl daemon-reload",
                bundle->config_path);
        if (err)
                err->exit_status = LAUNCH_EXIT_CONFIG;
        return -EINVAL;
}

static PlanContext context_of(
        const Bundle *bundle, const char *id, const char *state_dir, PlanOrigin origin)
{
        return (PlanContext){
                .id = id,
                .bundle = bundle->path,
                .state_dir = state_dir,
                .config_path = bundle->config_path,
                .digest = bundle->digest,
                .mode = PLAN_SERVICE,
                .origin = origin,
                .has_launch_socket = origin != PLAN_GENERATED,
                .has_console = origin != PLAN_GENERATED,
        };
}

/* Limits of the unit that PID 1 is about to start. At early boot nobody may answer: then those that
 * it has from elsewhere than the configuration are not known. */
typedef struct UnitLimits {
        SdConnection bus;
        const char *unit;
        enum { LIMITS_UNASKED, LIMITS_KNOWN, LIMITS_UNKNOWN } state;
} UnitLimits;

static bool ask_unit(PropertyId limit, void *userdata)
{
        UnitLimits *u = userdata;

        if (u->state == LIMITS_UNASKED)
                u->state = sd_connect(&u->bus, NULL) < 0 ? LIMITS_UNKNOWN : LIMITS_KNOWN;
        return u->state == LIMITS_KNOWN && sd_unit_has_limit(&u->bus, u->unit, limit, NULL) > 0;
}

static int find_missing(
        const PropertyList *properties, const char *id, SpecStrv *ret_warnings, CtrError *err)
{
        char unit[CTR_UNIT_NAME_MAX];
        UnitLimits limits = { .unit = ctr_id_to_unit(id, unit) };
        int r = controllers_find_missing(properties, ask_unit, &limits, NULL, ret_warnings);

        sd_disconnect(&limits.bus);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "looking for controllers") : 0;
}

int runtime_compile(const Runtime *rt, const char *state_dir, const char *config, const char *id,
        const char *digest, SpecStrv *ret_warnings, CtrError *err)
{
        char unit[CTR_UNIT_NAME_MAX];
        PropertyList properties = { 0 };
        StateDir dir = STATE_DIR_NULL;
        Bundle bundle = { 0 };
        FilterCache filters;
        PlanContext ctx;
        int r;

        r = ctr_id_check(id, err);
        if (r >= 0)
                r = container_file_is(config)
                            ? container_file_open(config, CONTAINER_FILE_START, &bundle, err)
                            : bundle_open_config(config, &bundle, err);
        if (r < 0)
                return r;
        r = check_digest(&bundle, digest, err);
        ctx = context_of(&bundle, id, state_dir, PLAN_GENERATED);
        filter_cache_init(&filters, rt);
        ctx.filter_cache = &filters.plan;
        if (r >= 0)
                r = plan_properties(bundle.spec, &ctx, &properties, err);
        if (r >= 0)
                r = find_missing(&properties, id, ret_warnings, err);
        if (r >= 0)
                r = open_state_directory(state_dir, &dir, err);
        if (r >= 0)
                r = creation_write_state(&dir, &bundle, &ctx,
                        &(CreationPlace){ .unit = ctr_id_to_unit(id, unit),
                                .slice = creation_slice(&properties),
                                .cgroup = "" },
                        creation_time(), err);
        if (r >= 0)
                r = unit_keep(&dir, unit, digest, err);
        if (r >= 0 && bundle.reload)
                r = state_dir_write(
                        &dir, RECIPE_RELOAD_FILE, bundle.reload, strlen(bundle.reload), err);
        if (r >= 0)
                r = container_names_write(&bundle, dir.fd, err);
        r = bundle_error(bundle.config_path, r, err);
        state_dir_done(&dir);
        property_list_done(&properties);
        bundle_done(&bundle);
        return r;
}

static int print_plan(const Bundle *bundle, const PlanContext *ctx, FILE *f, CtrError *err)
{
        _cleanup_free_ void *bytes = NULL;
        PropertyList properties = { 0 };
        Program program;
        size_t size;
        int r;

        r = plan_properties(bundle->spec, ctx, &properties, err);
        if (r >= 0)
                r = plan_program(bundle->spec, ctx, &bytes, &size, err);
        if (r >= 0)
                r = program_open(bytes, size, &program, err);
        if (r >= 0 && f) {
                r = plan_to_text(ctx, &properties, &program, f);
                if (r < 0)
                        (void) ctr_error_set(err, CTR_ERROR_SYSTEM, r, "printing the plan");
        }
        property_list_done(&properties);
        return bundle_error(bundle->config_path, r, err);
}

static int with_bundle(const Runtime *rt, const char *id, const char *path, const char *config,
        PlanOrigin origin, FILE *f, SpecStrv *ret_warnings, CtrError *err)
{
        Container name;
        Bundle bundle;
        PlanContext ctx;
        int r;

        if (container_file_is(config)) {
                r = container_file_open(
                        config, f ? CONTAINER_FILE_PLAN : CONTAINER_FILE_CHECK, &bundle, err);
                origin = PLAN_GENERATED;
        } else
                r = bundle_open(path, config, &bundle, err);
        if (r < 0)
                return r;
        r = container_name(rt, bundle.id ? bundle.id : id, &name, err);
        if (r >= 0) {
                ctx = context_of(&bundle, name.id, name.directory, origin);
                r = print_plan(&bundle, &ctx, f, err);
        }
        if (r >= 0 && ret_warnings) {
                r = strv_copy(&bundle.spec->warnings, ret_warnings);
                r = r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "reading the configuration")
                          : (int) ret_warnings->n;
        }
        bundle_done(&bundle);
        return r;
}

int runtime_plan(const Runtime *rt, const char *id, const char *bundle, const char *config,
        PlanOrigin origin, FILE *f, CtrError *err)
{
        return with_bundle(rt, id, bundle, config, origin, f, NULL, err);
}

int runtime_check(const Runtime *rt, const char *bundle, const char *config, SpecStrv *ret_warnings,
        CtrError *err)
{
        return with_bundle(
                rt, "check", bundle, config, PLAN_TRANSIENT_RUN, NULL, ret_warnings, err);
}
