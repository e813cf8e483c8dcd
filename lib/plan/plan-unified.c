/* linux.resources.unified: cgroup2 files by name. Names that systemd has a property for become that
 * property (a value written beside PID 1 would be undone at the next reload); other files of known
 * controllers are written as they are; everything else is refused, above all cgroup.*, which would
 * move or kill processes. */
#include "plan/plan-internal.h"

#include "base/io.h"

#include <stdio.h>
#include <string.h>

typedef struct UnifiedKey {
        const char *name;
        int (*apply)(const struct UnifiedKey *key, const char *field, const char *value,
                ResourceOutput *out);
        PropertyId id;
} UnifiedKey;

static int refuse_value(ResourceOutput *out, const char *field, const char *value)
{
        return ctr_error_field(out->err, field, "\"%s\" is not a value of this file", value);
}

/* A number with the kernel's K, M, G, T suffixes, or "max". */
static int parse_size(const char *text, uint64_t *ret)
{
        static const char suffixes[4] = { 'K', 'M', 'G', 'T' };
        char digits[24];
        size_t n = strspn(text, "0123456789");
        unsigned shift = 0;
        uint64_t value;

        if (strcmp(text, "max") == 0) {
                *ret = UINT64_MAX;
                return 0;
        }
        if (n == 0 || n >= sizeof(digits))
                return -EINVAL;
        memcpy(digits, text, n);
        digits[n] = '\0';
        if (text[n] != '\0') {
                const char *suffix = memchr(suffixes, text[n] & ~0x20, sizeof(suffixes));

                if (!suffix || text[n + 1] != '\0')
                        return -EINVAL;
                shift = 10 * (unsigned) (suffix - suffixes + 1);
        }
        if (ctr_parse_u64(digits, UINT64_MAX >> shift, &value) < 0)
                return -EINVAL;
        *ret = value << shift;
        return 0;
}

static int apply_size(
        const UnifiedKey *key, const char *field, const char *value, ResourceOutput *out)
{
        uint64_t number;

        if (parse_size(value, &number) < 0)
                return refuse_value(out, field, value);
        return resource_set_number(out, key->id, number);
}

static int apply_pids(
        const UnifiedKey *key, const char *field, const char *value, ResourceOutput *out)
{
        int r;

        if (strcmp(value, "0") != 0)
                return apply_size(key, field, value, out);
        r = resource_set_number(out, key->id, 1);
        return r < 0 ? r : resource_add_file(out, key->name, value);
}

static int apply_weight(
        const UnifiedKey *key, const char *field, const char *value, ResourceOutput *out)
{
        uint64_t number;

        if (ctr_parse_u64(value, 10000, &number) < 0 || number == 0)
                return refuse_value(out, field, value);
        return resource_set_number(out, key->id, number);
}

static int apply_idle(
        const UnifiedKey *key, const char *field, const char *value, ResourceOutput *out)
{
        if (strcmp(value, "0") == 0)
                return 0;
        if (strcmp(value, "1") != 0)
                return refuse_value(out, field, value);
        return resource_set_number(out, key->id, 0);
}

static int apply_mask(
        const UnifiedKey *key, const char *field, const char *value, ResourceOutput *out)
{
        return *value == '\0' ? 0 : resource_set_mask(out, key->id, field, value);
}

/* "QUOTA [PERIOD]", QUOTA may be "max". */
static int apply_cpu_max(
        const UnifiedKey *key, const char *field, const char *value, ResourceOutput *out)
{
        OptI64 quota = { .is_set = true, .value = -1 };
        OptU64 period = { 0 };
        char first[24] = "", second[24] = "", rest;
        uint64_t number;
        int n;

        n = sscanf(value, "%23s %23s %c", first, second, &rest);
        if (n < 1 || n > 2)
                return refuse_value(out, field, value);
        if (strcmp(first, "max") != 0) {
                if (ctr_parse_u64(first, INT64_MAX, &number) < 0 || number == 0)
                        return refuse_value(out, field, value);
                quota.value = (int64_t) number;
        }
        if (n == 2) {
                if (ctr_parse_u64(second, UINT32_MAX, &period.value) < 0)
                        return refuse_value(out, field, value);
                period.is_set = true;
        }
        return resource_set_quota(out, field, quota, period);
}

/* "MAJ:MIN" at the start of a line; rest is what follows the blank. */
static int parse_device(const char *line, int64_t *major, int64_t *minor, const char **rest)
{
        unsigned maj, min;
        int end = 0;

        if (sscanf(line, "%8u:%8u %n", &maj, &min, &end) < 2 || end == 0 || line[end] == '\0')
                return -EINVAL;
        *major = maj;
        *minor = min;
        *rest = line + end;
        return 0;
}

/* One line "MAJ:MIN key=value...". */
static int apply_io_max_line(char *line, ResourceOutput *out)
{
        static const struct {
                const char *name;
                PropertyId id;
        } limits[] = {
                { "rbps=", PROPERTY_IO_READ_BANDWIDTH_MAX },
                { "wbps=", PROPERTY_IO_WRITE_BANDWIDTH_MAX },
                { "riops=", PROPERTY_IO_READ_IOPS_MAX },
                { "wiops=", PROPERTY_IO_WRITE_IOPS_MAX },
        };
        int64_t major, minor;
        const char *rest;
        char *words, *save = NULL;

        if (parse_device(line, &major, &minor, &rest) < 0)
                return -EINVAL;
        words = line + (rest - line);
        for (char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
                uint64_t number;
                size_t i = 0;
                int r;

                while (i < ELEMENTSOF(limits) &&
                        strncmp(w, limits[i].name, strlen(limits[i].name)) != 0)
                        i++;
                if (i == ELEMENTSOF(limits) || parse_size(w + strlen(limits[i].name), &number) < 0)
                        return -EINVAL;
                r = resource_add_device_number(out, limits[i].id, major, minor, number);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* One line "[default] WEIGHT" or "MAJ:MIN WEIGHT". */
static int apply_io_weight_line(char *line, ResourceOutput *out)
{
        const char *text = strncmp(line, "default ", 8) == 0 ? line + 8 : line;
        int64_t major, minor;
        uint64_t weight;

        if (ctr_parse_u64(text, 10000, &weight) >= 0 && weight > 0)
                return resource_set_number(out, PROPERTY_IO_WEIGHT, weight);
        if (parse_device(line, &major, &minor, &text) < 0 ||
                ctr_parse_u64(text, 10000, &weight) < 0 || weight == 0)
                return -EINVAL;
        return resource_add_device_number(out, PROPERTY_IO_DEVICE_WEIGHT, major, minor, weight);
}

static int apply_io(
        const UnifiedKey *key, const char *field, const char *value, ResourceOutput *out)
{
        _cleanup_free_ char *copy = strdup(value);
        char *save = NULL;

        if (!copy)
                return plan_no_memory(out->err);
        for (char *l = strtok_r(copy, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
                int r = key->id == PROPERTY_IO_WEIGHT ? apply_io_weight_line(l, out)
                                                      : apply_io_max_line(l, out);

                if (r == -EINVAL)
                        return refuse_value(out, field, value);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* systemd sets this file from OOMPolicy=, which a live unit does not take any more. */
static int apply_oom_group(
        const UnifiedKey *key, const char *field, const char *value, ResourceOutput *out)
{
        bool is_group = strcmp(value, "1") == 0;

        if (!is_group && strcmp(value, "0") != 0)
                return refuse_value(out, field, value);
        if (out->is_update)
                return plan_unsupported(
                        out->err, field, "cannot be changed while the container exists");
        return resource_set_string(out, key->id, is_group ? "kill" : "continue");
}

static int refuse_nice(
        const UnifiedKey *key, const char *field, const char *value, ResourceOutput *out)
{
        return plan_unsupported(
                out->err, field, "%s is cpu.weight in other words: use that", key->name);
}

static const UnifiedKey unified_keys[] = {
        { "memory.max", apply_size, PROPERTY_MEMORY_MAX },
        { "memory.high", apply_size, PROPERTY_MEMORY_HIGH },
        { "memory.low", apply_size, PROPERTY_MEMORY_LOW },
        { "memory.min", apply_size, PROPERTY_MEMORY_MIN },
        { "memory.swap.max", apply_size, PROPERTY_MEMORY_SWAP_MAX },
        { "memory.oom.group", apply_oom_group, PROPERTY_OOM_POLICY },
        { "pids.max", apply_pids, PROPERTY_TASKS_MAX },
        { "cpu.max", apply_cpu_max, PROPERTY_CPU_QUOTA_PER_SEC },
        { "cpu.weight", apply_weight, PROPERTY_CPU_WEIGHT },
        { "cpu.weight.nice", refuse_nice, PROPERTY_CPU_WEIGHT },
        { "cpu.idle", apply_idle, PROPERTY_CPU_WEIGHT },
        { "cpuset.cpus", apply_mask, PROPERTY_ALLOWED_CPUS },
        { "cpuset.mems", apply_mask, PROPERTY_ALLOWED_MEMORY_NODES },
        { "io.max", apply_io, PROPERTY_IO_READ_BANDWIDTH_MAX },
        { "io.weight", apply_io, PROPERTY_IO_WEIGHT },
};

static bool is_controller_file(const char *name)
{
        static const char *const controllers[] = { "cpu", "cpuset", "hugetlb", "io", "memory",
                "misc", "pids", "rdma" };
        size_t n = strcspn(name, ".");

        if (name[n] != '.' || name[n + 1] == '\0' || strchr(name, '/') || strlen(name) > 64)
                return false;
        for (size_t i = 0; i < ELEMENTSOF(controllers); i++)
                if (strlen(controllers[i]) == n && memcmp(controllers[i], name, n) == 0)
                        return true;
        return false;
}

static int apply_key(const SpecKeyValue *kv, ResourceOutput *out)
{
        char field[PLAN_FIELD_MAX];

        (void) plan_field(field, "linux.resources.unified[\"%s\"]", kv->key);
        for (size_t i = 0; i < ELEMENTSOF(unified_keys); i++)
                if (strcmp(unified_keys[i].name, kv->key) == 0)
                        return unified_keys[i].apply(&unified_keys[i], field, kv->value, out);
        if (!is_controller_file(kv->key))
                return ctr_error_field(out->err, field, "is not a file of a cgroup2 controller");
        return resource_add_file(out, kv->key, kv->value);
}

int plan_unified(const SpecKeyValues *unified, ResourceOutput *out)
{
        int r = 0;

        for (size_t i = 0; i < unified->n && r >= 0; i++)
                r = apply_key(&unified->items[i], out);
        return r;
}
