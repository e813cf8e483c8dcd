/* linux.resources (config-linux.md, "Control groups"). Which values make sense together is plan's,
 * since it depends on cgroup v2. Engines send 0 for "not set" where their structs cannot say it
 * otherwise: those rows read 0 as absent. */
#include "spec/spec-decode.h"

#include <string.h>

#define MEMORY(member) offsetof(SpecResources, memory.member)
#define CPU(member)    offsetof(SpecResources, cpu.member)

static const SpecNumber number_bytes = { NUMBER_OPT_I64, -1, INT64_MAX, true };
static const SpecNumber number_limit = { NUMBER_OPT_I64, -1, INT64_MAX, false };
static const SpecNumber number_positive = { NUMBER_OPT_U64, 0, UINT64_MAX, true };
static const SpecNumber number_swappiness = { NUMBER_OPT_U64, 0, 100, false };
static const SpecNumber number_idle = { NUMBER_OPT_I64, 0, 1, false };
static const SpecText text_cpu_list = { .check = spec_check_cpu_list };

static const SpecField memory_fields[] = {
        { "limit", decode_number, MEMORY(limit), 0, &number_bytes },
        { "reservation", decode_number, MEMORY(reservation), 0, &number_bytes },
        { "swap", decode_number, MEMORY(swap), 0, &number_bytes },
        { "kernel", decode_number, MEMORY(kernel), 0, &number_bytes },
        { "kernelTCP", decode_number, MEMORY(kernel_tcp), 0, &number_bytes },
        { "swappiness", decode_number, MEMORY(swappiness), 0, &number_swappiness },
        { "disableOOMKiller", decode_opt_bool, MEMORY(disable_oom_killer), 0, NULL },
        { "useHierarchy", decode_opt_bool, MEMORY(use_hierarchy), 0, NULL },
        { "checkBeforeUpdate", decode_opt_bool, MEMORY(check_before_update), 0, NULL },
};
static const SpecType type_memory = { .fields = memory_fields,
        .n_fields = ELEMENTSOF(memory_fields) };

static const SpecField cpu_fields[] = {
        { "shares", decode_number, CPU(shares), 0, &number_positive },
        { "quota", decode_number, CPU(quota), 0, &number_bytes },
        { "burst", decode_number, CPU(burst), 0, &spec_number_opt_u64 },
        { "period", decode_number, CPU(period), 0, &number_positive },
        { "realtimeRuntime", decode_number, CPU(realtime_runtime), 0, &number_bytes },
        { "realtimePeriod", decode_number, CPU(realtime_period), 0, &number_positive },
        { "cpus", decode_string, CPU(cpus), 0, &text_cpu_list },
        { "mems", decode_string, CPU(mems), 0, &text_cpu_list },
        { "idle", decode_number, CPU(idle), 0, &number_idle },
};
static const SpecType type_cpu = { .fields = cpu_fields, .n_fields = ELEMENTSOF(cpu_fields) };

static const SpecField pids_fields[] = {
        { "limit", decode_number, offsetof(SpecResources, pids_limit), 0, &number_limit },
};
static const SpecType type_pids = { .fields = pids_fields, .n_fields = ELEMENTSOF(pids_fields) };

/* "64KB", "2MB", "1GB": the names in the files hugetlb.SIZE.max. */
static int check_page_size(Decoder *d, const char *text)
{
        size_t n = strspn(text, "0123456789");

        if (n == 0 || text[0] == '0' ||
                (strcmp(text + n, "KB") && strcmp(text + n, "MB") && strcmp(text + n, "GB")))
                return decoder_fail(d, "\"%.64s\" is not a page size like 64KB, 2MB or 1GB", text);
        return 0;
}

static const SpecText text_page_size = { .is_nonempty = true, .check = check_page_size };
static const SpecField hugepage_fields[] = {
        { "pageSize", decode_string, offsetof(SpecHugepageLimit, page_size), FIELD_REQUIRED,
                &text_page_size },
        { "limit", decode_number, offsetof(SpecHugepageLimit, limit_bytes), FIELD_REQUIRED,
                &spec_number_u64 },
};
static const SpecType type_hugepage = {
        .fields = hugepage_fields,
        .n_fields = ELEMENTSOF(hugepage_fields),
        .size = sizeof(SpecHugepageLimit),
};

static int decode_hugepage_limits(
        Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        SpecResources *resources = target;
        enum { PAGE_SIZES_MAX = 64 };
        int r;

        if (json_value_length(value) > PAGE_SIZES_MAX)
                return decoder_fail(
                        d, "more than %d items: no machine has so many page sizes", PAGE_SIZES_MAX);
        r = decode_objects(d, value, &resources->hugepage_limits, field);
        if (r < 0)
                return r;
        for (size_t i = 1; i < resources->n_hugepage_limits; i++)
                for (size_t j = 0; j < i; j++)
                        if (!strcmp(resources->hugepage_limits[i].page_size,
                                    resources->hugepage_limits[j].page_size))
                                return decoder_fail_item(
                                        d, i, "this page size is given twice: remove one of them");
        return 0;
}

static const SpecField rdma_fields[] = {
        { "hcaHandles", decode_number, offsetof(SpecRdma, hca_handles), 0, &spec_number_opt_u32 },
        { "hcaObjects", decode_number, offsetof(SpecRdma, hca_objects), 0, &spec_number_opt_u32 },
};
static const SpecType type_rdma = { .fields = rdma_fields, .n_fields = ELEMENTSOF(rdma_fields) };

/* An object whose keys are device names. */
static int decode_rdma(Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        JsonIterator it = { .object = value };
        SpecResources *resources = target;
        const JsonValue *member;
        const char *name;
        int r;

        if (json_value_type(value) != JSON_TYPE_OBJECT)
                return decoder_fail_type(d, "an object", value);
        resources->rdma = spec_arena_alloc(d->arena, json_value_length(value), sizeof(SpecRdma));
        if (!resources->rdma)
                return decoder_oom(d);
        while (json_iterator_next(&it, &name, &member)) {
                SpecRdma *rdma = &resources->rdma[resources->n_rdma++];

                decoder_enter(d, name);
                rdma->device = spec_arena_strdup(d->arena, name);
                if (!rdma->device)
                        return decoder_oom(d);
                r = decoder_read_object(d, member, rdma, &type_rdma);
                if (r < 0)
                        return r;
                decoder_leave(d);
        }
        return 0;
}

typedef struct NetworkPriority {
        char *name;
        uint32_t priority;
} NetworkPriority;

static const SpecField priority_fields[] = {
        { "name", decode_string, offsetof(NetworkPriority, name), FIELD_REQUIRED,
                &spec_text_nonempty },
        { "priority", decode_number, offsetof(NetworkPriority, priority), FIELD_REQUIRED,
                &spec_number_u32 },
};
static const SpecType type_priority = {
        .fields = priority_fields,
        .n_fields = ELEMENTSOF(priority_fields),
        .size = sizeof(NetworkPriority),
};

/* Checked like everything else, but only their number is kept: cgroup v2 has no such thing. */
static int decode_priorities(
        Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        struct {
                NetworkPriority *items;
                size_t n;
        } priorities = { 0 };
        int r;

        r = decode_objects(d, value, &priorities, field);
        *(size_t *) target = priorities.n;
        return r;
}

static const SpecField network_fields[] = {
        { "classID", decode_number, offsetof(SpecResources, network_class_id), 0,
                &spec_number_opt_u32 },
        { "priorities", decode_priorities, offsetof(SpecResources, n_network_priorities), 0,
                &type_priority },
};
static const SpecType type_network = { .fields = network_fields,
        .n_fields = ELEMENTSOF(network_fields) };

/* The name of a file in a cgroup directory: a path would leave it. */
static int check_unified_key(Decoder *d, const char *key)
{
        const char *dot = strchr(key, '.');

        if (!dot || dot == key || dot[1] == '\0' || strstr(key, "..") || strlen(key) > 64 ||
                key[strspn(key,
                        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")] !=
                        '\0')
                return decoder_fail(d, "not the name of a cgroup file like \"memory.high\"");
        return 0;
}

static const SpecMap map_unified = { .check_key = check_unified_key };

static const SpecField fields[] = {
        { "devices", decode_objects, offsetof(SpecResources, devices), 0, &spec_type_device_rule },
        { "memory", decode_object, 0, 0, &type_memory },
        { "cpu", decode_object, 0, 0, &type_cpu },
        { "pids", decode_object, 0, 0, &type_pids },
        { "blockIO", decode_object, 0, 0, &spec_type_block_io },
        { "hugepageLimits", decode_hugepage_limits, 0, 0, &type_hugepage },
        { "network", decode_object, 0, 0, &type_network },
        { "rdma", decode_rdma, 0, 0, NULL },
        { "unified", decode_map, offsetof(SpecResources, unified), 0, &map_unified },
};

const SpecType spec_type_resources = { .fields = fields, .n_fields = ELEMENTSOF(fields) };
