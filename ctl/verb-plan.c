/* spec, plan, check, unit-name and compile: configurations and what becomes of them. */
#include "ctl/report.h"
#include "ctl/verb.h"

#include "base/name.h"

#include <string.h>
#include <sys/stat.h>

static const char *bundle, *config, *state_dir;
static bool is_create, is_ignored, is_rootless;

static const Option spec_options[] = {
        { "bundle", 'b', "DIR", "write it there (default: here)", OPTION_STRING, &bundle },
        { "config", 'f', "FILE", "another name for config.json", OPTION_STRING, &config },
        { "rootless", 0, NULL, "for a container of the caller, who is root in it", OPTION_FLAG,
                &is_rootless },
};

static const Option plan_options[] = {
        { "bundle", 'b', "DIR", "directory with config.json (default: here)", OPTION_STRING,
                &bundle },
        { "config", 'f', "FILE", "another name for config.json", OPTION_STRING, &config },
        { "create", 0, NULL, "as for create: waits for start", OPTION_FLAG, &is_create },
};

static const Option check_options[] = {
        { "bundle", 'b', "DIR", "directory with config.json (default: here)", OPTION_STRING,
                &bundle },
        { "config", 'f', "FILE", "another name for config.json", OPTION_STRING, &config },
        { "quiet", 'q', NULL, "print nothing when all is well", OPTION_FLAG, &is_ignored },
};

static const Option compile_options[] = {
        { "state", 0, "DIR", "state directory", OPTION_STRING, &state_dir },
        { "config", 0, "FILE", "configuration", OPTION_STRING, &config },
};

static int run_spec(const Call *call _unused_, CtrError *err)
{
        _cleanup_free_ char *path = NULL;

        if (asprintf(&path, "%s/%s", bundle ? bundle : ".", config ? config : "config.json") < 0) {
                path = NULL;
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "writing a configuration");
        }
        return runtime_write_default_config(path, is_rootless, err);
}

/* Named by its file, a .container file has its own id. */
static int run_plan(const Call *call, CtrError *err)
{
        if (call->n_arguments > 0 && strchr(call->arguments[0], '/') && !config)
                return runtime_plan(call->runtime, "container", NULL, call->arguments[0],
                        PLAN_TRANSIENT_RUN, stdout, err);
        return runtime_plan(call->runtime, call->n_arguments > 0 ? call->arguments[0] : "container",
                bundle, config, is_create ? PLAN_TRANSIENT_CREATE : PLAN_TRANSIENT_RUN, stdout,
                err);
}

/* A configured container is checked by the program that makes its unit: settings beside its bundle
 * count too. Returns only when that cannot be run. */
static int check_configured(const char *name, CtrError *err)
{
        const char *argv[] = { CTR_GENERATOR_PATH, "--check", name, NULL };

        (void) execv(argv[0], (char *const *) (uintptr_t) argv);
        return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot run %s", argv[0]);
}

/* Absolute, the directory without links; a link that is an instance of a template stays one. */
static char *real_name(const char *path)
{
        const char *slash = strrchr(path, '/');
        _cleanup_free_ char *directory = NULL, *real = NULL;
        char *name;

        directory = slash ? strndup(path, (size_t) (slash - path) + 1) : strdup(".");
        real = directory ? realpath(directory, NULL) : NULL;
        if (!real || asprintf(&name, "%s/%s", strcmp(real, "/") == 0 ? "" : real,
                             slash ? slash + 1 : path) < 0)
                return NULL;
        return name;
}

/* A volume or pod is known by its name only; NULL: it is none. */
static const char *other_name(const char *path)
{
        static const char *const suffixes[] = { ".volume", ".pod" };
        const char *slash = strrchr(path, '/');
        size_t size = strlen(path);

        for (size_t i = 0; i < ELEMENTSOF(suffixes); i++) {
                size_t n = strlen(suffixes[i]);

                if (size > n && strcmp(path + size - n, suffixes[i]) == 0)
                        return slash ? slash + 1 : path;
        }
        return NULL;
}

/* What to check is named as a bundle, a file, or a configured container, volume or pod.
 */
static int run_check(const Call *call, CtrError *err)
{
        const char *target = call->n_arguments > 0 ? call->arguments[0] : NULL;
        _cleanup_free_ char *absolute = NULL;
        SpecStrv warnings;
        struct stat st;
        int r;

        if (target && stat(target, &st) < 0 && errno == ENOENT && ctr_id_is_valid(target) &&
                !other_name(target))
                return check_configured(target, err);
        if (target && other_name(target))
                return check_configured(other_name(target), err);
        if (target && stat(target, &st) >= 0 && !S_ISDIR(st.st_mode)) {
                absolute = real_name(target);
                config = absolute ? absolute : target;
        } else if (target)
                bundle = target;
        r = runtime_check(call->runtime, bundle, config, &warnings, err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < warnings.n; i++)
                report_warning(warnings.items[i]);
        if (warnings.n > 0)
                r = ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0, "%zu %s not understood",
                        warnings.n, warnings.n == 1 ? "name was" : "names were");
        else if (!is_ignored)
                (void) puts("ok");
        runtime_strv_done(&warnings);
        return r;
}

static int run_unit_name(const Call *call, CtrError *err)
{
        char unit[CTR_UNIT_NAME_MAX];
        int r = ctr_id_check(call->arguments[0], err);

        if (r >= 0)
                (void) puts(ctr_id_to_unit(call->arguments[0], unit));
        return r;
}

static int run_compile(const Call *call, CtrError *err)
{
        SpecStrv warnings = { 0 };
        int r;

        if (!state_dir || !config)
                return ctr_error_set(err, CTR_ERROR_USAGE, 0, "--state and --config are needed");
        r = runtime_compile(call->runtime, state_dir, config, call->arguments[0],
                call->arguments[1], &warnings, err);
        for (size_t i = 0; i < warnings.n && r >= 0; i++)
                report_warning(warnings.items[i]);
        runtime_strv_done(&warnings);
        return r;
}

const Verb verb_spec = {
        .name = "spec",
        .arguments = "",
        .help = "write a config.json to start from",
        .options = spec_options,
        .n_options = ELEMENTSOF(spec_options),
        .run = run_spec,
};

const Verb verb_plan = {
        .name = "plan",
        .arguments = "[ID|FILE.container]",
        .help = "show the unit and the program a bundle becomes",
        .n_arguments_max = 1,
        .options = plan_options,
        .n_options = ELEMENTSOF(plan_options),
        .run = run_plan,
};

const Verb verb_check = {
        .name = "check",
        .arguments = "[BUNDLE|FILE|NAME]",
        .help = "look for mistakes in a configuration",
        .n_arguments_max = 1,
        .options = check_options,
        .n_options = ELEMENTSOF(check_options),
        .run = run_check,
};

const Verb verb_unit_name = {
        .name = "unit-name",
        .arguments = "ID",
        .help = "show the name of a container's unit",
        .n_arguments_min = 1,
        .n_arguments_max = 1,
        .run = run_unit_name,
};

const Verb verb_compile = {
        .name = "compile",
        .arguments = "ID DIGEST",
        .n_arguments_min = 2,
        .n_arguments_max = 2,
        .options = compile_options,
        .n_options = ELEMENTSOF(compile_options),
        .run = run_compile,
};
