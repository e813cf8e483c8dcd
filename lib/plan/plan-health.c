/* Health checks: see health.h. The timer belongs to the container's unit, which wants it; it ends
 * when the container does, and a restart by Restart= keeps it. */
#include "plan/health.h"

#include "plan/plan-internal.h"

#include "base/duration.h"
#include "base/io.h"
#include "base/json.h"
#include "base/name.h"

#include <inttypes.h>
#include <string.h>

#define ARGS_MAX     256
#define RETRIES_MAX  1000
#define DEFAULT_MSEC 30000
#define STARTUP      PLAN_HEALTH_ANNOTATION ".startup"

static const char *const action_names[_HEALTH_ACTION_MAX] = {
        [HEALTH_NONE] = "none",
        [HEALTH_KILL] = "kill",
        [HEALTH_RESTART] = "restart",
        [HEALTH_STOP] = "stop",
};

static int refuse(const char *key, const char *value, const char *expected, CtrError *err)
{
        char field[128];

        (void) snprintf(field, sizeof(field), "annotations[\"%.64s\"]", key);
        return ctr_error_field(err, field, "\"%.200s\" is not valid, expected %s", value, expected);
}

/* ---- values ---- */

static const char *read_words(SpecStrv *args, const char *value)
{
        static const char expected[] = "an array of strings, the program's path first";
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        const JsonValue *root;
        size_t n;

        if (json_document_parse(value, strlen(value), &doc, NULL) < 0)
                return expected;
        root = json_document_root(doc);
        n = json_value_length(root);
        if (json_value_type(root) != JSON_TYPE_ARRAY || n == 0 || n > ARGS_MAX)
                return expected;
        args->items = calloc(n + 1, sizeof(*args->items));
        for (size_t i = 0; i < n; i++) {
                const char *text = json_value_string(json_value_item(root, i));

                if (!text || !args->items)
                        return expected;
                args->items[i] = strdup(text);
                if (!args->items[i])
                        return expected;
                args->n++;
        }
        return NULL;
}

static const char *read_command(Health *health, const char *value)
{
        return read_words(&health->args, value);
}

static const char *read_startup_command(Health *health, const char *value)
{
        return read_words(&health->startup.args, value);
}

static const char *read_interval(Health *health, const char *value)
{
        if (strcmp(value, "disable") == 0) {
                health->interval_msec = 0;
                return NULL;
        }
        return duration_parse(value, &health->interval_msec) < 0 || health->interval_msec == 0
                       ? "a time such as \"30s\", or \"disable\""
                       : NULL;
}

static const char *read_time(uint64_t *msec, const char *value)
{
        return duration_parse(value, msec) < 0 || *msec == 0 ? "a time such as \"30s\"" : NULL;
}

static const char *read_timeout(Health *health, const char *value)
{
        return read_time(&health->timeout_msec, value);
}

static const char *read_startup_interval(Health *health, const char *value)
{
        return read_time(&health->startup.interval_msec, value);
}

static const char *read_startup_timeout(Health *health, const char *value)
{
        return read_time(&health->startup.timeout_msec, value);
}

static const char *read_start_period(Health *health, const char *value)
{
        return duration_parse(value, &health->start_period_msec) < 0 ? "a time such as \"1m\""
                                                                     : NULL;
}

static const char *read_retries(Health *health, const char *value)
{
        uint64_t number;

        if (ctr_parse_u64(value, RETRIES_MAX, &number) < 0 || number == 0)
                return "a number from 1 to 1000";
        health->retries = (unsigned) number;
        return NULL;
}

static const char *read_count(unsigned *ret, const char *value)
{
        uint64_t number;

        if (ctr_parse_u64(value, RETRIES_MAX, &number) < 0)
                return "a number from 0 to 1000";
        *ret = (unsigned) number;
        return NULL;
}

static const char *read_startup_retries(Health *health, const char *value)
{
        return read_count(&health->startup.retries, value);
}

static const char *read_startup_success(Health *health, const char *value)
{
        const char *expected = read_count(&health->startup.successes, value);

        health->startup.successes = MAX_OF(health->startup.successes, 1U);
        return expected;
}

static const char *read_action(Health *health, const char *value)
{
        for (int i = 0; i < _HEALTH_ACTION_MAX; i++)
                if (strcmp(value, action_names[i]) == 0) {
                        health->action = (HealthAction) i;
                        return NULL;
                }
        return "none, kill, restart or stop";
}

/* What is expected instead, or NULL. */
static const struct {
        const char *key;
        const char *(*parse)(Health *health, const char *value);
} readers[] = {
        { PLAN_HEALTH_ANNOTATION, read_command },
        { PLAN_HEALTH_ANNOTATION ".interval", read_interval },
        { PLAN_HEALTH_ANNOTATION ".timeout", read_timeout },
        { PLAN_HEALTH_ANNOTATION ".startPeriod", read_start_period },
        { PLAN_HEALTH_ANNOTATION ".retries", read_retries },
        { PLAN_HEALTH_ANNOTATION ".onFailure", read_action },
        { PLAN_HEALTH_ANNOTATION ".startup", read_startup_command },
        { PLAN_HEALTH_ANNOTATION ".startup.interval", read_startup_interval },
        { PLAN_HEALTH_ANNOTATION ".startup.timeout", read_startup_timeout },
        { PLAN_HEALTH_ANNOTATION ".startup.retries", read_startup_retries },
        { PLAN_HEALTH_ANNOTATION ".startup.success", read_startup_success },
};

static void free_words(SpecStrv *words)
{
        for (size_t i = 0; i < words->n; i++)
                free(words->items[i]);
        free(words->items);
}

void health_done(Health *health)
{
        free_words(&health->args);
        free_words(&health->startup.args);
        *health = (Health){ 0 };
}

static int read_one(Health *health, const SpecKeyValue *entry, CtrError *err)
{
        const char *expected;

        for (size_t i = 0; i < ELEMENTSOF(readers); i++) {
                if (strcmp(entry->key, readers[i].key) != 0)
                        continue;
                expected = readers[i].parse(health, entry->value);
                return expected ? refuse(entry->key, entry->value, expected, err) : 1;
        }
        return refuse(entry->key, entry->value,
                "another name: org.ctrunit.health has .interval, .timeout, .startPeriod, "
                ".retries, .onFailure, and .startup with .interval, .timeout, .retries and "
                ".success",
                err);
}

int health_read(const SpecKeyValues *annotations, Health *ret, CtrError *err)
{
        Health health = {
                .interval_msec = DEFAULT_MSEC,
                .timeout_msec = DEFAULT_MSEC,
                .retries = 3,
                .startup = { .interval_msec = DEFAULT_MSEC,
                        .timeout_msec = DEFAULT_MSEC,
                        .successes = 1 },
        };
        const char *first = NULL, *startup = NULL;
        int r = 0;

        for (size_t i = 0; i < annotations->n && r >= 0; i++) {
                const SpecKeyValue *entry = &annotations->items[i];
                size_t n = strlen(PLAN_HEALTH_ANNOTATION);

                if (strcmp(entry->key, "org.ctrunit.notify") == 0)
                        health.holds_ready = strcmp(entry->value, "healthy") == 0;
                if (strncmp(entry->key, PLAN_HEALTH_ANNOTATION, n) != 0 ||
                        (entry->key[n] != '\0' && entry->key[n] != '.'))
                        continue;
                first = entry->key;
                if (strncmp(entry->key, STARTUP ".", sizeof(STARTUP)) == 0)
                        startup = entry->key;
                r = read_one(&health, entry, err);
        }
        if (r >= 0 && first && health.args.n == 0)
                r = refuse(first, "", "a command beside it: " PLAN_HEALTH_ANNOTATION, err);
        if (r >= 0 && startup && health.startup.args.n == 0)
                r = refuse(startup, "", "a command beside it: " STARTUP, err);
        if (r >= 0 && health.startup.args.n > 0 && health.interval_msec == 0)
                r = refuse(STARTUP, "", "an interval of the other check, which follows it", err);
        if (r >= 0 && health.holds_ready && (health.args.n == 0 || health.interval_msec == 0))
                r = refuse("org.ctrunit.notify", "healthy",
                        "health checks that say when it is: " PLAN_HEALTH_ANNOTATION
                        " and an interval",
                        err);
        if (r < 0 || !first) {
                health_done(&health);
                return r;
        }
        *ret = health;
        return 1;
}

/* ---- units ---- */

int health_unit(const char *id, const char *type, char ret[static PLAN_PORT_UNIT_MAX])
{
        char unit[CTR_UNIT_NAME_MAX];
        size_t n;

        if (!*ctr_id_to_unit(id, unit))
                return -EINVAL;
        n = strlen(unit) - strlen("ctr@") - strlen(".service");
        return snprintf(ret, PLAN_PORT_UNIT_MAX, "ctr-health@%.*s.%s", (int) n,
                       unit + strlen("ctr@"), type) >= CTR_UNIT_NAME_MAX
                       ? -ENAMETOOLONG
                       : 0;
}

int plan_fill_health(const Spec *spec, const PlanContext *ctx, PropertyList *list, CtrError *err)
{
        char unit[PLAN_PORT_UNIT_MAX];
        uint64_t interval_msec;
        Health health;
        int r = health_read(&spec->annotations, &health, err);

        if (r <= 0)
                return r;
        interval_msec = health.interval_msec;
        health_done(&health);
        if (ctx->mode != PLAN_SERVICE || ctx->origin != PLAN_GENERATED)
                return plan_unsupported(err, "annotations[\"" PLAN_HEALTH_ANNOTATION "\"]",
                        "health is checked for configured containers: see ctr-generator(8)");
        if (health_unit(ctx->id, "service", unit) < 0)
                return plan_unsupported(err, "annotations[\"" PLAN_HEALTH_ANNOTATION "\"]",
                        "the container's id is too long for this");
        if (interval_msec == 0)
                return 0;
        (void) health_unit(ctx->id, "timer", unit);
        return property_add_string(list, PROPERTY_WANTS, unit) < 0 ? plan_no_memory(err) : 0;
}

static void write_head(const PlanContext *ctx, const char *what, FILE *f)
{
        (void) fprintf(f,
                "[Unit]\n"
                "Description=%s container %s\n"
                "Documentation=man:ctrunit.unit(7)\n"
                "SourcePath=",
                what, ctx->id);
        for (const char *p = ctx->config_path; *p; p++)
                (void) fprintf(f, *p == '%' ? "%%%%" : "%c", *p);
        (void) fputc('\n', f);
}

void health_timer_text(const PlanContext *ctx, const Health *health, FILE *f)
{
        write_head(ctx, "When to check the health of", f);
        /* The container wants it, and nobody else does. */
        (void) fprintf(f,
                "StopWhenUnneeded=yes\n"
                "\n[Timer]\n"
                "AccuracySec=50ms\n"
                "OnActiveSec=0\n"
                "OnUnitInactiveSec=%" PRIu64 "ms\n",
                health->interval_msec);
}

void health_service_text(const PlanContext *ctx, const Health *health, FILE *f)
{
        write_head(ctx, "Health check of", f);
        (void) fprintf(f,
                "StartLimitIntervalSec=0\n"
                "CollectMode=inactive-or-failed\n"
                "\n[Service]\n"
                "ExecStart=" CTR_CTRCTL_PATH " health --unit %s\n"
                "LogExtraFields=CONTAINER_NAME=%s\n",
                ctx->id, ctx->id);
        /* ctrctl ends the check itself in time; this is for the rest. It says that the container is
         * unhealthy: the check has done what it should. Checks of a program that is not up yet
         * follow each other until it is or has ended: no job lasts as long. */
        if (health->startup.args.n > 0)
                (void) fputs("Type=exec\n", f);
        else
                (void) fprintf(f, "Type=oneshot\nTimeoutStartSec=%" PRIu64 "s\n",
                        health->timeout_msec / 1000 + 60);
}
