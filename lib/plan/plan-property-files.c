/* Limits as cgroup2 files, for a cgroup that is not systemd's: the same properties a unit would
 * get, in the words of the kernel's files (cgroup-v2.rst). Properties that are no limits have none.
 */
#include "plan/plan-internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define UNLIMITED "max"

enum { PERIOD_DEFAULT_USEC = 100000, USEC_PER_SEC = 1000000, WEIGHT_IDLE = 0 };

static const struct {
        PropertyId id;
        const char *file;
} numbers[] = {
        { PROPERTY_MEMORY_MIN, "memory.min" },
        { PROPERTY_MEMORY_LOW, "memory.low" },
        { PROPERTY_MEMORY_HIGH, "memory.high" },
        { PROPERTY_MEMORY_MAX, "memory.max" },
        { PROPERTY_MEMORY_SWAP_MAX, "memory.swap.max" },
        { PROPERTY_TASKS_MAX, "pids.max" },
};

static const struct {
        PropertyId id;
        const char *file, *key;
} devices[] = {
        { PROPERTY_IO_DEVICE_WEIGHT, "io.weight", "" },
        { PROPERTY_IO_READ_BANDWIDTH_MAX, "io.max", "rbps=" },
        { PROPERTY_IO_WRITE_BANDWIDTH_MAX, "io.max", "wbps=" },
        { PROPERTY_IO_READ_IOPS_MAX, "io.max", "riops=" },
        { PROPERTY_IO_WRITE_IOPS_MAX, "io.max", "wiops=" },
};

static int add_number(ResourceOutput *out, const char *file, uint64_t value)
{
        char text[32];

        (void) snprintf(text, sizeof(text), "%" PRIu64, value);
        return resource_add_file(out, file, value == UINT64_MAX ? UNLIMITED : text);
}

/* An idle cgroup has no weight, and none is set while it is idle. */
static int add_weight(const Property *weight, ResourceOutput *out)
{
        int r = 0;

        if (weight->number == WEIGHT_IDLE)
                return resource_add_file(out, "cpu.idle", "1");
        if (out->is_update)
                r = resource_add_file(out, "cpu.idle", "0");
        if (r >= 0 && weight->number != UINT64_MAX)
                r = add_number(out, "cpu.weight", weight->number);
        return r;
}

static int add_cpu(const PropertyList *list, ResourceOutput *out)
{
        const Property *weight = property_find(list, PROPERTY_CPU_WEIGHT);
        const Property *quota = property_find(list, PROPERTY_CPU_QUOTA_PER_SEC);
        const Property *period = property_find(list, PROPERTY_CPU_QUOTA_PERIOD);
        uint64_t period_usec = period ? period->number : PERIOD_DEFAULT_USEC;
        char text[64];
        int r = 0;

        if (weight)
                r = add_weight(weight, out);
        if (r < 0 || (!quota && !period))
                return r;
        if (!quota || quota->number == UINT64_MAX)
                (void) snprintf(text, sizeof(text), UNLIMITED " %" PRIu64, period_usec);
        else
                (void) snprintf(text, sizeof(text), "%" PRIu64 " %" PRIu64,
                        quota->number * period_usec / USEC_PER_SEC, period_usec);
        return resource_add_file(out, "cpu.max", text);
}

/* A bit mask as a list of single numbers, which the kernel takes like ranges. */
static int add_mask(const PropertyList *list, PropertyId id, const char *file, ResourceOutput *out)
{
        const Property *p = property_find(list, id);
        _cleanup_free_ char *text = NULL;
        size_t size;
        bool is_first = true;
        FILE *f;

        if (!p)
                return 0;
        f = open_memstream(&text, &size);
        if (!f)
                return plan_no_memory(out->err);
        for (size_t i = 0; i < p->n_bytes * 8; i++)
                if (p->bytes[i / 8] & (1U << (i % 8))) {
                        (void) fprintf(f, "%s%zu", is_first ? "" : ",", i);
                        is_first = false;
                }
        if (fclose(f) != 0)
                return plan_no_memory(out->err);
        return resource_add_file(out, file, text);
}

/* "/dev/block/8:0" of the unit's property is "8:0" of the file. */
static int add_device(
        const char *file, const char *key, const char *path, uint64_t value, ResourceOutput *out)
{
        const char *number = strrchr(path, '/');
        char text[96];

        number = number ? number + 1 : path;
        if (value == UINT64_MAX)
                (void) snprintf(text, sizeof(text), "%.40s %s" UNLIMITED, number, key);
        else
                (void) snprintf(text, sizeof(text), "%.40s %s%" PRIu64, number, key, value);
        return resource_add_file(out, file, text);
}

static int add_io(const PropertyList *list, ResourceOutput *out)
{
        const Property *weight = property_find(list, PROPERTY_IO_WEIGHT);
        int r = 0;

        if (weight && weight->number != UINT64_MAX)
                r = add_number(out, "io.weight", weight->number);
        for (size_t i = 0; i < ELEMENTSOF(devices); i++) {
                const Property *p = property_find(list, devices[i].id);

                for (size_t k = 0; p && k < p->n_strings && r >= 0; k++)
                        r = add_device(
                                devices[i].file, devices[i].key, p->strings[k], p->numbers[k], out);
        }
        return r;
}

int plan_property_files(
        const PropertyList *properties, bool is_update, SpecKeyValues *ret, CtrError *err)
{
        SpecKeyValues files = { 0 };
        ResourceOutput out = { .files = &files, .is_update = is_update, .err = err };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(numbers) && r >= 0; i++) {
                const Property *p = property_find(properties, numbers[i].id);

                if (p)
                        r = add_number(&out, numbers[i].file, p->number);
        }
        if (r >= 0)
                r = add_cpu(properties, &out);
        if (r >= 0)
                r = add_mask(properties, PROPERTY_ALLOWED_CPUS, "cpuset.cpus", &out);
        if (r >= 0)
                r = add_mask(properties, PROPERTY_ALLOWED_MEMORY_NODES, "cpuset.mems", &out);
        if (r >= 0)
                r = add_io(properties, &out);
        if (r < 0) {
                plan_cgroup_files_done(&files);
                return r;
        }
        *ret = files;
        return 0;
}
