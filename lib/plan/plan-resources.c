/* linux.resources as properties of the unit. Everything that systemd knows becomes a property,
 * because PID 1 undoes what others write; the rest becomes files of the unit's own cgroup. 0 means
 * "not given" where the specification's own runtime treats it so. config-linux.md,
 * systemd.resource-control(5). */
#include "plan/plan-internal.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define R "linux.resources."

enum {
        USEC_PER_SEC = 1000000,
        QUOTA_STEP_USEC = 10000, /* one percent of a second */
        CPU_PERIOD_MIN_USEC = 1000,
        CPU_PERIOD_MAX_USEC = 1000000,
        CPU_PERIOD_DEFAULT_USEC = 100000,
        CPU_SHARES_MIN = 2,
        CPU_SHARES_MAX = 262144,
};

/* No machine has more; keeps the multiplication below inside 64 bits. */
static const int64_t cpu_quota_max_usec = INT64_C(1000000000000);

/* -1 is unlimited, 0 is not given. */
static int set_limit(ResourceOutput *out, PropertyId id, OptI64 v)
{
        if (!v.is_set || v.value == 0)
                return 0;
        return resource_set_number(out, id, v.value < 0 ? UINT64_MAX : (uint64_t) v.value);
}

/* The document counts memory plus swap, cgroup2 swap alone. */
static int add_swap(const SpecResources *r, ResourceOutput *out)
{
        OptI64 limit = r->memory.limit, swap = r->memory.swap;

        if (!swap.is_set || swap.value == 0) {
                if (limit.is_set && limit.value < 0)
                        return resource_set_number(out, PROPERTY_MEMORY_SWAP_MAX, UINT64_MAX);
                return 0;
        }
        if (swap.value < 0)
                return resource_set_number(out, PROPERTY_MEMORY_SWAP_MAX, UINT64_MAX);
        if (!limit.is_set || limit.value == 0)
                return ctr_error_field(out->err, R "memory.swap",
                        "is memory plus swap, so it needs memory.limit beside it");
        /* Of memory without a limit there is no sum: then it is swap alone. */
        if (limit.value < 0)
                return resource_set_number(out, PROPERTY_MEMORY_SWAP_MAX, (uint64_t) swap.value);
        if (swap.value < limit.value)
                return ctr_error_field(out->err, R "memory.swap",
                        "%" PRId64 " is below memory.limit %" PRId64
                        ", but counts memory plus swap",
                        swap.value, limit.value);
        return resource_set_number(
                out, PROPERTY_MEMORY_SWAP_MAX, (uint64_t) (swap.value - limit.value));
}

static int add_memory(const SpecResources *r, ResourceOutput *out)
{
        int rc;

        rc = set_limit(out, PROPERTY_MEMORY_MAX, r->memory.limit);
        if (rc >= 0)
                rc = set_limit(out, PROPERTY_MEMORY_LOW, r->memory.reservation);
        if (rc >= 0)
                rc = add_swap(r, out);
        if (rc >= 0 && r->memory.swappiness.is_set)
                rc = plan_unsupported(out->err, R "memory.swappiness",
                        "cgroup2 has no swappiness; leave it out or use \"unified\"");
        return rc;
}

/* Shares 2..262144 to weight 1..10000 on the curve that runtimes agreed on: the minimum, the
 * maximum and the default (1024 is 100) fall together. */
static uint64_t weight_from_shares(uint64_t shares)
{
        double l, exponent;

        if (shares <= CPU_SHARES_MIN)
                return 1;
        if (shares >= CPU_SHARES_MAX)
                return 10000;
        l = log2((double) shares);
        exponent = (l * l + 125 * l) / 612.0 - 7.0 / 34.0;
        return (uint64_t) ceil(pow(10, exponent));
}

/* systemd keeps whole percents over a reload, so quota per second is rounded up to one. Rounded up
 * to a microsecond it is still exact: the file's value is rounded down. */
int resource_set_quota(ResourceOutput *out, const char *field, OptI64 quota, OptU64 period)
{
        uint64_t period_usec = period.value, per_second;
        int rc;

        if (period.is_set && period.value != 0) {
                if (period.value < CPU_PERIOD_MIN_USEC || period.value > CPU_PERIOD_MAX_USEC)
                        return ctr_error_field(out->err, field,
                                "period %" PRIu64 " is not between %d and %d microseconds",
                                period.value, CPU_PERIOD_MIN_USEC, CPU_PERIOD_MAX_USEC);
                rc = resource_set_number(out, PROPERTY_CPU_QUOTA_PERIOD, period.value);
                if (rc < 0)
                        return rc;
        } else {
                period_usec = CPU_PERIOD_DEFAULT_USEC;
        }

        if (!quota.is_set || quota.value == 0)
                return 0;
        if (quota.value < 0)
                return resource_set_number(out, PROPERTY_CPU_QUOTA_PER_SEC, UINT64_MAX);
        if (quota.value > cpu_quota_max_usec)
                return ctr_error_field(
                        out->err, field, "quota %" PRId64 " is out of range", quota.value);
        per_second = (uint64_t) quota.value * USEC_PER_SEC / period_usec;
        if ((uint64_t) quota.value * USEC_PER_SEC % period_usec != 0)
                per_second++;
        if (!out->is_exact)
                per_second = (per_second + QUOTA_STEP_USEC - 1) / QUOTA_STEP_USEC * QUOTA_STEP_USEC;
        return resource_set_number(out, PROPERTY_CPU_QUOTA_PER_SEC, per_second);
}

static int add_cpu(const SpecResources *r, ResourceOutput *out)
{
        char value[32];
        int rc = 0;

        if (r->cpu.idle.is_set && r->cpu.idle.value == 1)
                rc = resource_set_number(out, PROPERTY_CPU_WEIGHT, 0);
        else if (r->cpu.shares.is_set && r->cpu.shares.value != 0)
                rc = resource_set_number(
                        out, PROPERTY_CPU_WEIGHT, weight_from_shares(r->cpu.shares.value));
        else if (r->cpu.idle.is_set && out->is_update)
                rc = resource_set_number(out, PROPERTY_CPU_WEIGHT, UINT64_MAX);
        if (rc >= 0)
                rc = resource_set_quota(out, R "cpu", r->cpu.quota, r->cpu.period);
        if (rc >= 0 && r->cpu.cpus && *r->cpu.cpus)
                rc = resource_set_mask(out, PROPERTY_ALLOWED_CPUS, R "cpu.cpus", r->cpu.cpus);
        if (rc >= 0 && r->cpu.mems && *r->cpu.mems)
                rc = resource_set_mask(
                        out, PROPERTY_ALLOWED_MEMORY_NODES, R "cpu.mems", r->cpu.mems);
        if (rc >= 0 && r->cpu.burst.is_set) {
                (void) snprintf(value, sizeof(value), "%" PRIu64, r->cpu.burst.value);
                rc = resource_add_file(out, "cpu.max.burst", value);
        }
        return rc;
}

/* PID 1 refuses TasksMax=0; 1 is the nearest, and the file itself takes the 0. */
static int add_pids(const SpecResources *r, ResourceOutput *out)
{
        int rc;

        if (!r->pids_limit.is_set)
                return 0;
        if (r->pids_limit.value != 0)
                return set_limit(out, PROPERTY_TASKS_MAX, r->pids_limit);
        rc = resource_set_number(out, PROPERTY_TASKS_MAX, 1);
        return rc < 0 ? rc : resource_add_file(out, "pids.max", "0");
}

/* The reservation file is the one that stops a page fault from killing; both are set. */
static int add_hugepages(const SpecResources *r, ResourceOutput *out)
{
        int rc = 0;

        for (size_t i = 0; i < r->n_hugepage_limits && rc >= 0; i++) {
                const SpecHugepageLimit *l = &r->hugepage_limits[i];
                char name[64], value[32], field[PLAN_FIELD_MAX];

                if (strlen(l->page_size) > 16 ||
                        strspn(l->page_size, "0123456789KMGTB") != strlen(l->page_size))
                        return ctr_error_field(out->err,
                                plan_field(field, R "hugepageLimits[%zu].pageSize", i),
                                "\"%s\" is not a size like \"2MB\"", l->page_size);
                (void) snprintf(value, sizeof(value), "%" PRIu64, l->limit_bytes);
                (void) snprintf(name, sizeof(name), "hugetlb.%s.max", l->page_size);
                rc = resource_add_file(out, name, value);
                (void) snprintf(name, sizeof(name), "hugetlb.%s.rsvd.max", l->page_size);
                if (rc >= 0)
                        rc = resource_add_file(out, name, value);
        }
        return rc;
}

static int add_rdma(const SpecResources *r, ResourceOutput *out)
{
        int rc = 0;

        for (size_t i = 0; i < r->n_rdma && rc >= 0; i++) {
                const SpecRdma *d = &r->rdma[i];
                char handles[32] = "max", objects[32] = "max", field[PLAN_FIELD_MAX];
                _cleanup_free_ char *value = NULL;

                if (*d->device == '\0' || strpbrk(d->device, " \t\n"))
                        return ctr_error_field(out->err, plan_field(field, R "rdma[%zu]", i),
                                "\"%s\" is not the name of a device", d->device);
                if (d->hca_handles.is_set)
                        (void) snprintf(handles, sizeof(handles), "%" PRIu32, d->hca_handles.value);
                if (d->hca_objects.is_set)
                        (void) snprintf(objects, sizeof(objects), "%" PRIu32, d->hca_objects.value);
                if (asprintf(&value, "%s hca_handle=%s hca_object=%s", d->device, handles,
                            objects) < 0) {
                        value = NULL;
                        return plan_no_memory(out->err);
                }
                rc = resource_add_file(out, "rdma.max", value);
        }
        return rc;
}

static int refuse_v1(const SpecResources *r, ResourceOutput *out)
{
        if ((r->cpu.realtime_runtime.is_set && r->cpu.realtime_runtime.value != 0) ||
                (r->cpu.realtime_period.is_set && r->cpu.realtime_period.value != 0))
                return plan_unsupported(
                        out->err, R "cpu.realtimeRuntime", "cgroup2 has no realtime budget");
        if (r->network_class_id.is_set && r->network_class_id.value != 0)
                return plan_unsupported(out->err, R "network.classID",
                        "cgroup2 has no network classes; match the cgroup in nftables");
        if (r->n_network_priorities > 0)
                return plan_unsupported(out->err, R "network.priorities",
                        "cgroup2 has no network priorities; match the cgroup in nftables");
        return 0;
}

int plan_resource_warnings(const SpecResources *r, ResourceOutput *out)
{
        const struct {
                bool is_given;
                const char *text;
        } ignored[] = {
                { r->memory.kernel.is_set,
                        R "memory.kernel: ignored: cgroup2 counts kernel memory in memory.limit" },
                { r->memory.kernel_tcp.is_set,
                        R "memory.kernelTCP: ignored: cgroup2 counts it in memory.limit" },
                { r->memory.disable_oom_killer.is_set && r->memory.disable_oom_killer.value,
                        R "memory.disableOOMKiller: ignored: not possible on cgroup2" },
                { r->memory.use_hierarchy.is_set && !r->memory.use_hierarchy.value,
                        R "memory.useHierarchy: ignored: cgroup2 is always hierarchical" },
        };
        int rc = 0;

        for (size_t i = 0; i < ELEMENTSOF(ignored) && rc >= 0; i++)
                if (ignored[i].is_given)
                        rc = resource_add_warning(out, ignored[i].text);
        return rc;
}

int plan_resources(const SpecResources *r, ResourceOutput *out)
{
        int (*const parts[])(const SpecResources *, ResourceOutput *) = {
                refuse_v1,
                plan_resource_warnings,
                add_memory,
                add_cpu,
                add_pids,
                plan_block_io,
                add_hugepages,
                add_rdma,
        };
        int rc = 0;

        for (size_t i = 0; i < ELEMENTSOF(parts) && rc >= 0; i++)
                rc = parts[i](r, out);
        /* Last: what it says wins over the older fields. */
        return rc < 0 ? rc : plan_unified(&r->unified, out);
}
