/* The unit of a container: what plan always emits (DESIGN rule: everything the container relies on
 * stands in its own unit, so that a drop-in changes it only on purpose), then devices, resources
 * and annotations, the later winning. No argument of the user's ever stands in a command line,
 * because systemd expands those. */
#include "plan/mount-options.h"
#include "plan/plan-internal.h"

#include "base/name.h"

#include <stdio.h>
#include <string.h>

#define DOCUMENTATION "man:ctrctl(1)"
#define IMAGE_NAME    "org.opencontainers.image.ref.name"

enum { EXIT_STATUS_TERMINATED = 143, IMAGE_NAME_MAX = 255 };

static const uint64_t timeout_start_usec = 90 * UINT64_C(1000000);
static const uint64_t timeout_stop_usec = 10 * UINT64_C(1000000);

/* What a command line in a unit can carry unharmed, over D-Bus and in a file. */
static int check_argument(const char *what, const char *value, CtrError *err)
{
        for (const char *p = value; *p; p++)
                if ((unsigned char) *p <= 0x20 || *p == 0x7f || strchr("$%;\"'\\", *p))
                        return ctr_error_set(err, CTR_ERROR_UNSUPPORTED, 0,
                                "%s \"%s\" has a character that cannot stand in a unit", what,
                                value);
        return 0;
}

static int check_context(const PlanContext *ctx, CtrError *err)
{
        int r;

        r = ctr_id_check(ctx->id, err);
        if (r >= 0)
                r = check_argument("state directory", ctx->state_dir, err);
        if (r >= 0 && ctx->origin == PLAN_GENERATED)
                r = check_argument("configuration path", ctx->config_path, err);
        return r;
}

static int add_fixed(PropertyList *list)
{
        static const struct {
                PropertyId id;
                const char *text; /* NULL: number */
                uint64_t number;
        } fixed[] = {
                { PROPERTY_DOCUMENTATION, DOCUMENTATION, 0 },
                { PROPERTY_SLICE, "ctr.slice", 0 },
                { PROPERTY_TYPE, "notify", 0 },
                { PROPERTY_NOTIFY_ACCESS, "all", 0 },
                { PROPERTY_KILL_MODE, "mixed", 0 },
                /* One killed worker must not end the container. */
                { PROPERTY_OOM_POLICY, "continue", 0 },
                { PROPERTY_TIMEOUT_START, NULL, timeout_start_usec },
                { PROPERTY_TIMEOUT_STOP, NULL, timeout_stop_usec },
                { PROPERTY_CPU_ACCOUNTING, NULL, true },
                { PROPERTY_IO_ACCOUNTING, NULL, true },
                { PROPERTY_MEMORY_ACCOUNTING, NULL, true },
                { PROPERTY_TASKS_ACCOUNTING, NULL, true },
        };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(fixed) && r >= 0; i++)
                r = fixed[i].text ? property_set_string(list, fixed[i].id, fixed[i].text)
                                  : property_set_number(list, fixed[i].id, fixed[i].number);
        /* A payload that answers SIGTERM by exiting with 128 + 15 ended well. */
        if (r >= 0)
                r = property_add_number(list, PROPERTY_SUCCESS_EXIT_STATUS, EXIT_STATUS_TERMINATED);
        return r;
}

/* The state of a configured container lives as long as its unit: systemd removes it when the unit
 * has stopped or failed for good, and keeps it while Restart= is at work. */
static int add_state_directory(const PlanContext *ctx, PropertyList *list)
{
        static const char run[] = "/run/";
        int r;

        if (strncmp(ctx->state_dir, run, sizeof(run) - 1) != 0)
                return 0;
        r = property_add_string(list, PROPERTY_RUNTIME_DIRECTORY, ctx->state_dir + sizeof(run) - 1);
        if (r >= 0)
                r = property_set_number(list, PROPERTY_RUNTIME_DIRECTORY_MODE, 0700);
        if (r >= 0)
                r = property_set_string(list, PROPERTY_RUNTIME_DIRECTORY_PRESERVE, "restart");
        return r;
}

static int add_commands(const PlanContext *ctx, PropertyList *list)
{
        int r;

        r = property_set_strv(list, PROPERTY_EXEC_START,
                (const char *[]){ CTR_EXEC_PATH, "run", ctx->state_dir, NULL });
        if (r >= 0 && ctx->origin == PLAN_GENERATED)
                r = add_state_directory(ctx, list);
        if (r >= 0 && ctx->origin == PLAN_GENERATED)
                r = property_set_strv(list, PROPERTY_EXEC_START_PRE,
                        (const char *[]){ CTR_EXEC_PATH, "prepare", ctx->state_dir, ctx->id,
                                ctx->digest, ctx->config_path, NULL });
        return r;
}

/* The exit record costs a process. Who waits for the end needs none, unless something else hangs on
 * it: poststop hooks, an end that is not the last, or ports, whose units tell no exit status. */
static int add_exit_record(const Spec *spec, const PlanContext *ctx, PropertyList *list)
{
        if (ctx->mode != PLAN_SERVICE)
                return 0;
        if (ctx->has_waiting_caller && !plan_has_hooks(spec, SPEC_HOOK_POSTSTOP) &&
                !property_find(list, PROPERTY_RESTART) && !plan_has_ports(spec))
                return 0;
        return property_set_strv(list, PROPERTY_EXEC_STOP_POST,
                (const char *[]){ CTR_EXEC_PATH, "record-exit", ctx->state_dir, NULL });
}

/* The payload has its caller's descriptors. A stream to the journal would be for ctr-exec alone,
 * which opens one when it has something to say, and for hooks. */
static int add_streams(const Spec *spec, const PlanContext *ctx, PropertyList *list)
{
        int r;

        if (!ctx->has_waiting_caller || plan_has_any_hook(spec))
                return 0;
        r = property_set_string(list, PROPERTY_STANDARD_OUTPUT, "null");
        return r < 0 ? r : property_set_string(list, PROPERTY_STANDARD_ERROR, "null");
}

static int add_format(PropertyList *list, PropertyId id, const char *prefix, const char *value)
{
        _cleanup_free_ char *text = NULL;

        if (asprintf(&text, "%s%s", prefix, value) < 0) {
                text = NULL;
                return -ENOMEM;
        }
        return property_add_string(list, id, text);
}

/* The image that the bundle was made from, when it says so on one line. */
static const char *image_name(const Spec *spec)
{
        const char *name = spec_find_annotation(spec, IMAGE_NAME);

        for (const char *p = name ? name : ""; *p; p++)
                if ((unsigned char) *p < 0x20 || *p == 0x7f)
                        return NULL;
        return name && *name && strlen(name) <= IMAGE_NAME_MAX ? name : NULL;
}

static int add_description(const PlanContext *ctx, const char *image, PropertyList *list)
{
        char text[CTR_ID_MAX + IMAGE_NAME_MAX + sizeof(" ()")];

        if (!image)
                return add_format(list, PROPERTY_DESCRIPTION, "Container ", ctx->id);
        (void) snprintf(text, sizeof(text), "%s (%s)", ctx->id, image);
        return add_format(list, PROPERTY_DESCRIPTION, "Container ", text);
}

/* The names that docker's journald driver has, and our own. */
static int add_log_fields(const PlanContext *ctx, const char *image, PropertyList *list)
{
        const struct {
                const char *prefix, *value;
        } fields[] = {
                { "CONTAINER_NAME=", ctx->id },
                { "CONTAINER_ID=", ctx->id },
                { "CONTAINER_ID_FULL=", ctx->id },
                { "CONTAINER_BUNDLE=", ctx->bundle },
                { "IMAGE_NAME=", image },
        };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(fields) && r >= 0; i++)
                if (fields[i].value)
                        r = add_format(
                                list, PROPERTY_LOG_EXTRA_FIELDS, fields[i].prefix, fields[i].value);
        return r;
}

static int add_names(const Spec *spec, const PlanContext *ctx, PropertyList *list)
{
        const char *image = image_name(spec);
        /* An attached payload's lines go to its caller. systemd 252 also keeps the fields' file for
         * ever, one for each name that was ever used. */
        bool is_logged = !ctx->has_waiting_caller;
        int r;

        r = add_description(ctx, image, list);
        if (r >= 0)
                r = property_set_string(list, PROPERTY_SYSLOG_IDENTIFIER, ctx->id);
        if (r >= 0 && is_logged)
                r = add_log_fields(ctx, image, list);
        if (r >= 0 && ctx->origin == PLAN_GENERATED)
                r = property_set_string(list, PROPERTY_SOURCE_PATH, ctx->config_path);
        return r;
}

/* Adds a path once, and not those of the kernel's own file systems, which no mount unit provides.
 */
static int add_required_path(PropertyList *list, const char *base, const char *path)
{
        static const char *const api_dirs[] = { "/dev", "/proc", "/sys" };
        _cleanup_free_ char *clean = plan_path_clean(base, path);
        const Property *p;

        if (!clean)
                return -ENOMEM;
        for (size_t i = 0; i < ELEMENTSOF(api_dirs); i++)
                if (plan_path_is_below(clean, api_dirs[i]))
                        return 0;
        p = property_find(list, PROPERTY_REQUIRES_MOUNTS_FOR);
        for (size_t i = 0; p && i < p->n_strings; i++)
                if (strcmp(p->strings[i], clean) == 0)
                        return 0;
        return property_add_string(list, PROPERTY_REQUIRES_MOUNTS_FOR, clean);
}

static int add_required_mounts(const Spec *spec, const PlanContext *ctx, PropertyList *list)
{
        int r;

        /* What a caller has just read is mounted. There remains the order at shutdown: systemd
         * stops a slice's units before the slice, and ctr.slice before local file systems and the
         * rest of the shutdown, so nothing but the slice need be named. Eleven units less to look
         * up and to announce for PID 1, three of them on disk. */
        if (ctx->origin != PLAN_GENERATED) {
                r = property_set_number(list, PROPERTY_DEFAULT_DEPENDENCIES, false);
                return r < 0 ? r : property_add_string(list, PROPERTY_AFTER, "remote-fs.target");
        }
        r = add_required_path(list, ctx->bundle, ctx->bundle);
        if (r >= 0 && spec->root.path)
                r = add_required_path(list, ctx->bundle, spec->root.path);
        for (size_t i = 0; i < spec->n_mounts && r >= 0; i++)
                if (spec->mounts[i].source && mount_is_bind(&spec->mounts[i]))
                        r = add_required_path(list, ctx->bundle, spec->mounts[i].source);
        return r;
}

/* A writable cgroup mount makes sub-cgroups possible, so the unit must be the container's. */
static bool wants_delegate(const Spec *spec)
{
        if (plan_sub_cgroup(spec))
                return true;
        for (size_t i = 0; i < spec->n_mounts; i++) {
                const SpecMount *m = &spec->mounts[i];
                bool is_writable = false;

                if (!m->type || strncmp(m->type, "cgroup", 6) != 0)
                        continue;
                for (size_t k = 0; k < m->options.n; k++) {
                        if (strcmp(m->options.items[k], "rw") == 0)
                                is_writable = true;
                        else if (strcmp(m->options.items[k], "ro") == 0)
                                is_writable = false;
                }
                if (is_writable)
                        return true;
        }
        return false;
}

/* "SLICE:PREFIX:NAME" chooses the slice; the cgroup in it is the unit's. */
static int add_slice(const Spec *spec, PropertyList *list, CtrError *err)
{
        const char *path = spec->linux_.cgroups_path, *colon;
        _cleanup_free_ char *slice = NULL;

        if (!path || *path == '\0')
                return 0;
        colon = strchr(path, ':');
        if (!colon || !strchr(colon + 1, ':') || strchr(path, '/'))
                return plan_unsupported(err, "linux.cgroupsPath",
                        "the cgroup of a service is its unit's: leave this out, or write "
                        "\"ctr-NAME.slice:PREFIX:ID\" to choose a slice");
        if (colon == path)
                return 0;
        slice = strndup(path, (size_t) (colon - path));
        if (!slice)
                return plan_no_memory(err);
        if (!ctr_slice_is_valid(slice) ||
                (strcmp(slice, "ctr.slice") != 0 && strncmp(slice, "ctr-", 4) != 0))
                return plan_unsupported(err, "linux.cgroupsPath",
                        "\"%s\" is neither ctr.slice nor a slice below it", slice);
        return property_set_string(list, PROPERTY_SLICE, slice) < 0 ? plan_no_memory(err) : 0;
}

bool plan_has_limits(const PropertyList *list, const PlanContext *ctx)
{
        const Property *tasks = property_find(list, PROPERTY_TASKS_MAX);
        const Property *memory = property_find(list, PROPERTY_MEMORY_MAX);

        /* ctr-exec is in the caller's cgroup, and its clone makes no processes. */
        if (ctx->mode != PLAN_SERVICE)
                return false;
        /* ExecStartPre= has raised whatever there was, an administrator's limits too. */
        if (ctx->origin == PLAN_GENERATED)
                return true;
        return (tasks && tasks->number != UINT64_MAX) || (memory && memory->number != UINT64_MAX);
}

static int fill_service(const Spec *spec, const PlanContext *ctx, PropertyList *list, CtrError *err)
{
        int r;

        r = add_fixed(list);
        if (r >= 0)
                r = add_commands(ctx, list);
        if (r >= 0)
                r = add_names(spec, ctx, list);
        if (r >= 0)
                r = add_required_mounts(spec, ctx, list);
        if (r >= 0 && wants_delegate(spec))
                r = property_set_number(list, PROPERTY_DELEGATE, true);
        if (r < 0)
                return plan_no_memory(err);
        r = plan_fill_notify(spec, ctx, list, err);
        if (r >= 0)
                r = plan_fill_ports(spec, ctx, list, err);
        if (r >= 0)
                r = plan_fill_health(spec, ctx, list, err);
        return r < 0 ? r : add_slice(spec, list, err);
}

int plan_fill_properties(
        const Spec *spec, const PlanContext *ctx, PropertyList *list, CtrError *err)
{
        ResourceOutput resources = { .properties = list, .err = err };
        int r, stop_signal;

        r = check_context(ctx, err);
        if (r >= 0)
                r = ctx->mode == PLAN_SERVICE ? fill_service(spec, ctx, list, err)
                                              : plan_fill_scope(spec, ctx, list, err);
        if (r < 0)
                return r;

        stop_signal = plan_stop_signal(spec, err);
        if (stop_signal < 0)
                return stop_signal;
        if (property_set_number(list, PROPERTY_KILL_SIGNAL, (uint64_t) stop_signal) < 0)
                return plan_no_memory(err);

        resources.is_exact = ctx->mode == PLAN_CGROUPFS;
        r = plan_devices(spec, ctx, list, err);
        if (r >= 0)
                r = plan_resources(&spec->linux_.resources, &resources);
        if (r >= 0)
                r = plan_annotations(spec, ctx->mode, list, err);
        if (r >= 0)
                r = plan_requests(ctx, list, err);
        if (r < 0)
                return r;
        r = add_exit_record(spec, ctx, list);
        if (r >= 0)
                r = add_streams(spec, ctx, list);
        return r < 0 ? plan_no_memory(err) : 0;
}

int plan_properties(const Spec *spec, const PlanContext *ctx, PropertyList *ret, CtrError *err)
{
        PropertyList list = { 0 };
        Plan plan = { .spec = spec, .ctx = ctx, .err = err };
        int r;

        r = plan_fill_properties(spec, ctx, &list, err);
        if (r >= 0) {
                /* A configuration whose program cannot be made must not become a unit. */
                plan.has_limits = plan_has_limits(&list, ctx);
                r = plan_build(&plan);
                program_builder_done(&plan.program);
        }
        if (r < 0) {
                property_list_done(&list);
                return r;
        }
        *ret = list;
        return 0;
}
