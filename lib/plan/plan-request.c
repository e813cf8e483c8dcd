/* Properties that a caller asks for on the command line, "NAME=VALUE" as in a unit file (ctrctl run
 * --property): an allow-list with what each value has to look like. Commands, users, mounts and
 * privileges are config.json's, and what would end or change other units is nobody's here. */
#include "plan/plan-internal.h"
#include "plan/signal-name.h"

#include "base/io.h"

#include <string.h>

#define BLANKS " \t"

enum { NAME_SIZE_MAX = 64, CHOICES_MAX = 7 };

typedef int (*RequestReader)(const char *value, PropertyId id, PropertyList *list);

/* ---- values: each reader returns 0, -EINVAL or -ENOMEM ---- */

static int read_text(const char *value, PropertyId id, PropertyList *list)
{
        for (const char *p = value; *p; p++)
                if ((unsigned char) *p < 0x20 || *p == 0x7f)
                        return -EINVAL;
        return *value ? property_set_string(list, id, value) : -EINVAL;
}

static int read_boolean(const char *value, PropertyId id, PropertyList *list)
{
        bool is_true = strcmp(value, "yes") == 0 || strcmp(value, "true") == 0;

        if (!is_true && strcmp(value, "no") != 0 && strcmp(value, "false") != 0)
                return -EINVAL;
        return property_set_number(list, id, is_true);
}

static const struct {
        const char *name;
        uint64_t factor;
} time_units[] = { { "us", 1 }, { "ms", 1000 }, { "s", 1000000 }, { "sec", 1000000 },
        { "min", 60000000 }, { "m", 60000000 }, { "h", UINT64_C(3600000000) },
        { "d", UINT64_C(86400000000) }, { "", 1000000 } },
  byte_units[] = { { "K", UINT64_C(1) << 10 }, { "M", UINT64_C(1) << 20 },
          { "G", UINT64_C(1) << 30 }, { "T", UINT64_C(1) << 40 }, { "", 1 } };

/* Digits in front of a suffix: a copy of them in digits, and the suffix. */
static const char *cut_number(const char *value, char digits[static 24])
{
        size_t n = strspn(value, "0123456789");

        if (n >= 24)
                n = 0;
        memcpy(digits, value, n);
        digits[n] = '\0';
        return value + n;
}

static int set_product(uint64_t number, uint64_t factor, PropertyId id, PropertyList *list)
{
        if (number > (UINT64_MAX - 1) / factor)
                return -EINVAL;
        return property_set_number(list, id, number * factor);
}

static int read_time(const char *value, PropertyId id, PropertyList *list)
{
        char digits[24];
        const char *unit = cut_number(value, digits);
        uint64_t number;

        if (strcmp(value, "infinity") == 0)
                return property_set_number(list, id, UINT64_MAX);
        for (size_t i = 0; i < ELEMENTSOF(time_units); i++)
                if (strcmp(unit, time_units[i].name) == 0 &&
                        ctr_parse_u64(digits, UINT64_MAX, &number) >= 0)
                        return set_product(number, time_units[i].factor, id, list);
        return -EINVAL;
}

static int read_bytes(const char *value, PropertyId id, PropertyList *list)
{
        char digits[24];
        const char *unit = cut_number(value, digits);
        uint64_t number;

        if (strcmp(value, "infinity") == 0)
                return property_set_number(list, id, UINT64_MAX);
        for (size_t i = 0; i < ELEMENTSOF(byte_units); i++)
                if (strcmp(unit, byte_units[i].name) == 0 &&
                        ctr_parse_u64(digits, UINT64_MAX, &number) >= 0)
                        return set_product(number, byte_units[i].factor, id, list);
        return -EINVAL;
}

static int read_count(const char *value, PropertyId id, PropertyList *list)
{
        uint64_t number;

        if (strcmp(value, "infinity") == 0)
                return property_set_number(list, id, UINT64_MAX);
        if (ctr_parse_u64(value, UINT32_MAX, &number) < 0 || number == 0)
                return -EINVAL;
        return property_set_number(list, id, number);
}

static int read_weight(const char *value, PropertyId id, PropertyList *list)
{
        uint64_t number;

        if (ctr_parse_u64(value, 10000, &number) < 0 || number == 0)
                return -EINVAL;
        return property_set_number(list, id, number);
}

/* "150%" as microseconds of each second. */
static int read_quota(const char *value, PropertyId id, PropertyList *list)
{
        char digits[24];
        uint64_t number;

        if (strcmp(cut_number(value, digits), "%") != 0 ||
                ctr_parse_u64(digits, 1000000, &number) < 0 || number == 0)
                return -EINVAL;
        return property_set_number(list, id, number * 10000);
}

static int read_signal(const char *value, PropertyId id, PropertyList *list)
{
        int number = signal_from_name(value);

        return number < 0 ? -EINVAL : property_set_number(list, id, (uint64_t) number);
}

static int read_codes(const char *value, PropertyId id, PropertyList *list)
{
        uint64_t number;

        if (ctr_parse_u64(value, 255, &number) < 0)
                return -EINVAL;
        return property_add_number(list, id, number);
}

/* Names of units, separated by blanks. */
static int read_units(const char *value, PropertyId id, PropertyList *list)
{
        int r = *value ? 0 : -EINVAL;

        for (const char *p = value; *p && r >= 0; p += strspn(p, BLANKS)) {
                size_t n = strcspn(p, BLANKS);
                _cleanup_free_ char *name = strndup(p, n);

                if (!name)
                        return -ENOMEM;
                if (n == 0 || n > 255 || !strchr(name, '.') ||
                        strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789:_.\\-@") != n)
                        return -EINVAL;
                r = property_add_string(list, id, name);
                p += n;
        }
        return r;
}

/* FIELD=value for the journal. */
static int read_field(const char *value, PropertyId id, PropertyList *list)
{
        size_t n = strcspn(value, "=");

        if (n == 0 || n > 64 || value[n] != '=' ||
                strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != n || value[0] == '_' ||
                (value[0] >= '0' && value[0] <= '9'))
                return -EINVAL;
        return property_add_string(list, id, value);
}

/* Below /var/lib and the like, and not ctrunit's own state. */
static int read_directory(const char *value, PropertyId id, PropertyList *list)
{
        _cleanup_free_ char *clean = plan_path_clean("/", value);

        if (!clean)
                return -ENOMEM;
        if (strcmp(clean + 1, value) != 0 || strpbrk(value, BLANKS ":") ||
                strcmp(value, "ctrunit") == 0 || plan_path_is_below(value, "ctrunit/containers"))
                return -EINVAL;
        return property_add_string(list, id, value);
}

/* "ID:REST" */
static int read_credential(const char *value, PropertyId id, PropertyList *list)
{
        size_t n = strcspn(value, ":");
        _cleanup_free_ char *name = strndup(value, n);

        if (!name)
                return -ENOMEM;
        if (n == 0 || n > 255 || value[n] != ':' || strchr(name, '/') || name[0] == '.')
                return -EINVAL;
        return property_add_pair(list, id, name, value + n + 1);
}

static int read_stream(const char *value, PropertyId id, PropertyList *list)
{
        static const struct {
                const char *prefix;
                PropertyId out, error;
        } files[] = {
                { "file:", PROPERTY_STANDARD_OUTPUT_FILE, PROPERTY_STANDARD_ERROR_FILE },
                { "append:", PROPERTY_STANDARD_OUTPUT_APPEND, PROPERTY_STANDARD_ERROR_APPEND },
        };

        for (size_t i = 0; i < ELEMENTSOF(files); i++) {
                const char *path = value + strlen(files[i].prefix);

                if (strncmp(value, files[i].prefix, strlen(files[i].prefix)) == 0)
                        return *path != '/'
                                       ? -EINVAL
                                       : read_text(path,
                                                 id == PROPERTY_STANDARD_OUTPUT ? files[i].out
                                                                                : files[i].error,
                                                 list);
        }
        if (strcmp(value, "journal") != 0 && strcmp(value, "null") != 0)
                return -EINVAL;
        return property_set_string(list, id, value);
}

/* ---- the list ---- */

static const struct {
        PropertyId id;
        RequestReader parse;
        const char *choices[CHOICES_MAX + 1]; /* none: any text */
        const char *help;
} allowed[] = {
        { PROPERTY_DESCRIPTION, read_text, { NULL }, "a text" },
        { PROPERTY_REQUIRES, read_units, { NULL }, "names of units" },
        { PROPERTY_WANTS, read_units, { NULL }, "names of units" },
        { PROPERTY_BINDS_TO, read_units, { NULL }, "names of units" },
        { PROPERTY_PART_OF, read_units, { NULL }, "names of units" },
        { PROPERTY_BEFORE, read_units, { NULL }, "names of units" },
        { PROPERTY_AFTER, read_units, { NULL }, "names of units" },
        { PROPERTY_ON_FAILURE, read_units, { NULL }, "names of units" },
        { PROPERTY_ON_SUCCESS, read_units, { NULL }, "names of units" },
        { PROPERTY_START_LIMIT_INTERVAL, read_time, { NULL }, "a time like 90, 5s, 200ms" },
        { PROPERTY_START_LIMIT_BURST, read_count, { NULL }, "a number" },
        { PROPERTY_EXIT_TYPE, read_text, { "main", "cgroup" }, "main or cgroup" },
        { PROPERTY_RESTART, read_text,
                { "no", "on-success", "on-failure", "on-abnormal", "on-watchdog", "on-abort",
                        "always" },
                "no, on-failure, always, on-watchdog, ..." },
        { PROPERTY_RESTART_DELAY, read_time, { NULL }, "a time like 90, 5s, 200ms" },
        { PROPERTY_KILL_SIGNAL, read_signal, { NULL }, "a signal's name" },
        { PROPERTY_WATCHDOG_SIGNAL, read_signal, { NULL }, "a signal's name" },
        { PROPERTY_SUCCESS_EXIT_STATUS, read_codes, { NULL }, "an exit status" },
        { PROPERTY_RESTART_PREVENT, read_codes, { NULL }, "an exit status" },
        { PROPERTY_TIMEOUT_START, read_time, { NULL }, "a time like 90, 5s, 200ms" },
        { PROPERTY_TIMEOUT_STOP, read_time, { NULL }, "a time like 90, 5s, 200ms" },
        { PROPERTY_RUNTIME_MAX, read_time, { NULL }, "a time like 90, 5s, 200ms" },
        { PROPERTY_WATCHDOG, read_time, { NULL }, "a time like 90, 5s, 200ms" },
        { PROPERTY_OOM_POLICY, read_text, { "continue", "stop", "kill" },
                "continue, stop or kill" },
        { PROPERTY_STATE_DIRECTORY, read_directory, { NULL }, "the relative name of a directory" },
        { PROPERTY_CACHE_DIRECTORY, read_directory, { NULL }, "the relative name of a directory" },
        { PROPERTY_LOGS_DIRECTORY, read_directory, { NULL }, "the relative name of a directory" },
        { PROPERTY_SET_CREDENTIAL, read_credential, { NULL }, "NAME:VALUE" },
        { PROPERTY_LOAD_CREDENTIAL, read_credential, { NULL }, "NAME:PATH" },
        { PROPERTY_LOAD_CREDENTIAL_ENCRYPTED, read_credential, { NULL }, "NAME:PATH" },
        { PROPERTY_SYSLOG_IDENTIFIER, read_text, { NULL }, "a text" },
        { PROPERTY_LOG_EXTRA_FIELDS, read_field, { NULL }, "FIELD=VALUE" },
        { PROPERTY_LOG_NAMESPACE, read_text, { NULL }, "a name" },
        { PROPERTY_STANDARD_OUTPUT, read_stream, { NULL },
                "journal, null, file:/PATH or append:/PATH" },
        { PROPERTY_STANDARD_ERROR, read_stream, { NULL },
                "journal, null, file:/PATH or append:/PATH" },
        { PROPERTY_CPU_WEIGHT, read_weight, { NULL }, "a number from 1 to 10000" },
        { PROPERTY_CPU_QUOTA_PER_SEC, read_quota, { NULL }, "a percentage like 150%" },
        { PROPERTY_IO_WEIGHT, read_weight, { NULL }, "a number from 1 to 10000" },
        { PROPERTY_MEMORY_MIN, read_bytes, { NULL }, "a size like 512M" },
        { PROPERTY_MEMORY_LOW, read_bytes, { NULL }, "a size like 512M" },
        { PROPERTY_MEMORY_HIGH, read_bytes, { NULL }, "a size like 512M or infinity" },
        { PROPERTY_MEMORY_MAX, read_bytes, { NULL }, "a size like 512M or infinity" },
        { PROPERTY_MEMORY_SWAP_MAX, read_bytes, { NULL }, "a size like 512M or infinity" },
        { PROPERTY_TASKS_MAX, read_count, { NULL }, "a number or infinity" },
        { PROPERTY_IP_ACCOUNTING, read_boolean, { NULL }, "yes or no" },
};

static bool is_choice(const char *const *choices, const char *value)
{
        for (size_t i = 0; choices[i]; i++)
                if (strcmp(choices[i], value) == 0)
                        return true;
        return !choices[0];
}

static int request(const char *assignment, PropertyList *list, CtrError *err)
{
        size_t n = strcspn(assignment, "=");

        if (n == 0 || assignment[n] != '=')
                return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "--property wants NAME=VALUE, not \"%.64s\"", assignment);
        for (size_t i = 0; i < ELEMENTSOF(allowed); i++) {
                const char *key = property_info(allowed[i].id)->key, *value = assignment + n + 1;
                int r;

                if (strlen(key) != n || memcmp(key, assignment, n) != 0)
                        continue;
                r = is_choice(allowed[i].choices, value)
                            ? allowed[i].parse(value, allowed[i].id, list)
                            : -EINVAL;
                if (r == -ENOMEM)
                        return plan_no_memory(err);
                /* The value may be a secret: it is not repeated. */
                if (r < 0)
                        return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                                "--property %s=: not valid, expected %s", key, allowed[i].help);
                return 0;
        }
        return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                "--property %.*s=: this property cannot be set here (see ctrctl(1), run)",
                (int) MIN_OF(n, (size_t) NAME_SIZE_MAX), assignment);
}

int plan_requests(const PlanContext *ctx, PropertyList *list, CtrError *err)
{
        int r = 0;

        if (ctx->n_requests > 0 && ctx->mode != PLAN_SERVICE)
                return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "--property is for services: an engine's container has none");
        for (size_t i = 0; i < ctx->n_requests && r >= 0; i++)
                r = request(ctx->requests[i], list, err);
        return r;
}
