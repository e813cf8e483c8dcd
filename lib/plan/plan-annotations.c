/* Annotations that become properties: org.systemd.property.NAME by an allow-list (a property such
 * as Conflicts= or PIDs= would reach other units), and the stop signal of the image. Values are
 * GVariant text as other runtimes take them ("uint64 7000000", "'text'"), scalars only. */
#include "plan/plan-internal.h"
#include "plan/signal-name.h"

#include "base/io.h"
#include "base/name.h"

#include <stdio.h>
#include <string.h>

#define PREFIX      "org.systemd.property."
#define STOP_SIGNAL "org.opencontainers.image.stopSignal"

enum { USEC_PER_SEC = 1000000, SIGRTMAX_KERNEL = 64 };

typedef enum ValueKind {
        VALUE_NUMBER,
        VALUE_SIGNAL, /* a number that is one */
        VALUE_TEXT,
        VALUE_CHOICE, /* text, one of choices */
        VALUE_SLICE,  /* text, ctr.slice or below */
} ValueKind;

static const struct {
        PropertyId id;
        ValueKind kind;
        const char *choices[4];
} allowed[] = {
        { PROPERTY_DESCRIPTION, VALUE_TEXT, { NULL } },
        { PROPERTY_COLLECT_MODE, VALUE_CHOICE, { "inactive", "inactive-or-failed" } },
        { PROPERTY_SLICE, VALUE_SLICE, { NULL } },
        { PROPERTY_TIMEOUT_STOP, VALUE_NUMBER, { NULL } },
        { PROPERTY_RUNTIME_MAX, VALUE_NUMBER, { NULL } },
        { PROPERTY_KILL_SIGNAL, VALUE_SIGNAL, { NULL } },
        { PROPERTY_OOM_POLICY, VALUE_CHOICE, { "continue", "stop", "kill" } },
        { PROPERTY_CPU_WEIGHT, VALUE_NUMBER, { NULL } },
        { PROPERTY_CPU_QUOTA_PER_SEC, VALUE_NUMBER, { NULL } },
        { PROPERTY_CPU_QUOTA_PERIOD, VALUE_NUMBER, { NULL } },
        { PROPERTY_IO_WEIGHT, VALUE_NUMBER, { NULL } },
        { PROPERTY_MEMORY_MIN, VALUE_NUMBER, { NULL } },
        { PROPERTY_MEMORY_LOW, VALUE_NUMBER, { NULL } },
        { PROPERTY_MEMORY_HIGH, VALUE_NUMBER, { NULL } },
        { PROPERTY_MEMORY_MAX, VALUE_NUMBER, { NULL } },
        { PROPERTY_MEMORY_SWAP_MAX, VALUE_NUMBER, { NULL } },
        { PROPERTY_TASKS_MAX, VALUE_NUMBER, { NULL } },
};

/* The text after an optional type keyword such as "uint64". */
static const char *skip_type(const char *value)
{
        static const char *const types[] = { "byte", "int16", "uint16", "int32", "uint32", "int64",
                "uint64", "string" };

        /* "@t 5", the short form of the same. */
        if (value[0] == '@' && value[1] && value[2] == ' ')
                return value + 3 + strspn(value + 3, " ");
        for (size_t i = 0; i < ELEMENTSOF(types); i++) {
                size_t n = strlen(types[i]);

                if (strncmp(value, types[i], n) == 0 && value[n] == ' ')
                        return value + n + strspn(value + n, " ");
        }
        return value;
}

static int parse_number(const char *value, bool is_seconds, uint64_t *ret)
{
        uint64_t number;

        value = skip_type(value);
        if (ctr_parse_u64(value, is_seconds ? UINT64_MAX / USEC_PER_SEC : UINT64_MAX, &number) < 0)
                return -EINVAL;
        *ret = is_seconds ? number * USEC_PER_SEC : number;
        return 0;
}

/* A quoted text without escapes to a copy without quotes. */
static int parse_text(const char *value, char **ret)
{
        size_t n;
        char quote;

        value = skip_type(value);
        quote = *value;
        n = strlen(value);
        if (n < 2 || (quote != '\'' && quote != '"') || value[n - 1] != quote)
                return -EINVAL;
        for (size_t i = 1; i + 1 < n; i++)
                if (value[i] == quote || value[i] == '\\' || (unsigned char) value[i] < 0x20)
                        return -EINVAL;
        *ret = strndup(value + 1, n - 2);
        return *ret ? 0 : -ENOMEM;
}

static bool is_choice(const char *const *choices, const char *text)
{
        for (size_t i = 0; i < 4 && choices[i]; i++)
                if (strcmp(choices[i], text) == 0)
                        return true;
        return false;
}

static bool is_our_slice(const char *name)
{
        return ctr_slice_is_valid(name) &&
               (strcmp(name, "ctr.slice") == 0 || strncmp(name, "ctr-", 4) == 0);
}

static int set_property(size_t index, bool is_seconds, const SpecKeyValue *kv, const char *field,
        PropertyList *list, CtrError *err)
{
        PropertyId id = allowed[index].id;
        _cleanup_free_ char *text = NULL;
        uint64_t number;
        int r;

        if (allowed[index].kind == VALUE_NUMBER || allowed[index].kind == VALUE_SIGNAL) {
                if (parse_number(kv->value, is_seconds, &number) < 0)
                        return ctr_error_field(
                                err, field, "\"%s\" is not a number like \"uint64 5\"", kv->value);
                if (allowed[index].kind == VALUE_SIGNAL &&
                        (number == 0 || number > SIGRTMAX_KERNEL))
                        return ctr_error_field(
                                err, field, "\"%s\" is not the number of a signal", kv->value);
                /* PID 1 would refuse the whole unit with a text that names nothing. */
                if (number == 0 && (id == PROPERTY_TASKS_MAX || id == PROPERTY_MEMORY_MAX))
                        return ctr_error_field(err, field, "systemd does not take 0 here");
                return property_set_number(list, id, number) < 0 ? plan_no_memory(err) : 0;
        }

        r = parse_text(kv->value, &text);
        if (r == -ENOMEM)
                return plan_no_memory(err);
        if (r < 0)
                return ctr_error_field(
                        err, field, "%s is not a quoted text like \"'text'\"", kv->value);
        if ((allowed[index].kind == VALUE_CHOICE && !is_choice(allowed[index].choices, text)) ||
                (allowed[index].kind == VALUE_SLICE && !is_our_slice(text)))
                return ctr_error_field(err, field, "\"%s\" is not allowed here", text);
        return property_set_string(list, id, text) < 0 ? plan_no_memory(err) : 0;
}

/* "TimeoutStopSec" means TimeoutStopUSec in seconds. */
static bool name_matches(const char *bus_name, const char *name, bool *ret_is_seconds)
{
        size_t n = strlen(bus_name);

        *ret_is_seconds = false;
        if (strcmp(bus_name, name) == 0)
                return true;
        if (n <= 4 || strcmp(bus_name + n - 4, "USec") != 0 || strlen(name) != n - 1)
                return false;
        *ret_is_seconds = true;
        return strncmp(bus_name, name, n - 4) == 0 && strcmp(name + n - 4, "Sec") == 0;
}

int plan_annotations(const Spec *spec, PlanMode mode, PropertyList *list, CtrError *err)
{
        int refused = plan_check_engine_annotations(spec, mode, err);

        if (refused < 0)
                return refused;
        for (size_t i = 0; i < spec->annotations.n; i++) {
                const SpecKeyValue *kv = &spec->annotations.items[i];
                const char *name = kv->key + strlen(PREFIX);
                char field[PLAN_FIELD_MAX];
                bool is_seconds = false;
                size_t k = 0;
                int r;

                if (strncmp(kv->key, PREFIX, strlen(PREFIX)) != 0)
                        continue;
                (void) plan_field(field, "annotations[\"%s\"]", kv->key);
                while (k < ELEMENTSOF(allowed) &&
                        !name_matches(property_info(allowed[k].id)->bus_name, name, &is_seconds))
                        k++;
                if (k == ELEMENTSOF(allowed))
                        return plan_unsupported(err, field,
                                "this property cannot be set by an annotation: it is not one of "
                                "the container's own limits");
                r = set_property(k, is_seconds, kv, field, list, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

int plan_stop_signal(const Spec *spec, CtrError *err)
{
        const char *name = NULL;
        int signo;

        for (size_t i = 0; i < spec->annotations.n; i++)
                if (strcmp(spec->annotations.items[i].key, STOP_SIGNAL) == 0)
                        name = spec->annotations.items[i].value;
        if (!name || *name == '\0')
                return signal_from_name("TERM");
        signo = signal_from_name(name);
        if (signo < 0)
                return ctr_error_field(
                        err, "annotations[\"" STOP_SIGNAL "\"]", "\"%s\" is not a signal", name);
        return signo;
}

int plan_own_annotation(Plan *p, const char *key, const char *value)
{
        const char *given = spec_find_annotation(p->spec, key);
        char field[PLAN_FIELD_MAX];

        if (!given)
                return 0;
        if (strcmp(given, value) == 0)
                return 1;
        return ctr_error_field(p->err, plan_field(field, "annotations[\"%s\"]", key),
                "\"%.100s\" is not valid, expected \"%s\"", given, value);
}
