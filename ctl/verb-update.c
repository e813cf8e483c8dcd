/* update: limits by options, or a linux.resources object from a file. */
#include "ctl/report.h"
#include "ctl/resources.h"
#include "ctl/verb.h"

#include "base/io.h"
#include "runtime/bundle.h"

#include <fcntl.h>
#include <string.h>

#define RESOURCES_SIZE_MAX (1024U * 1024)

/* One line an option: identifier, name, group and key of linux.resources, kind, argument, help. */
#define RESOURCE_OPTIONS(X)                                                                        \
        X(BLKIO_WEIGHT, "blkio-weight", "blockIO", "weight", NUMBER, "N",                          \
                "share of disk time, 10 to 1000")                                                  \
        X(CPU_PERIOD, "cpu-period", "cpu", "period", NUMBER, "USEC", "period of the CPU quota")    \
        X(CPU_QUOTA, "cpu-quota", "cpu", "quota", NUMBER, "USEC",                                  \
                "CPU time in a period; -1: unlimited")                                             \
        X(CPU_BURST, "cpu-burst", "cpu", "burst", NUMBER, "USEC",                                  \
                "unused quota that may be saved up")                                               \
        X(CPU_SHARE, "cpu-share", "cpu", "shares", NUMBER, "N", "share of CPU time, 2 to 262144")  \
        X(CPU_RT_PERIOD, "cpu-rt-period", "cpu", "realtimePeriod", NUMBER, "USEC",                 \
                "period of real-time scheduling")                                                  \
        X(CPU_RT_RUNTIME, "cpu-rt-runtime", "cpu", "realtimeRuntime", NUMBER, "USEC",              \
                "real-time CPU time in a period")                                                  \
        X(CPUSET_CPUS, "cpuset-cpus", "cpu", "cpus", TEXT, "LIST", "CPUs to run on: 0-2,7")        \
        X(CPUSET_MEMS, "cpuset-mems", "cpu", "mems", TEXT, "LIST", "memory nodes to use: 0-1")     \
        X(CPU_IDLE, "cpu-idle", "cpu", "idle", NUMBER, "0|1", "run only when the CPU is idle")     \
        X(MEMORY, "memory", "memory", "limit", SIZE, "SIZE",                                       \
                "memory limit: 512k, 64m, 1g, -1: unlimited")                                      \
        X(MEMORY_RESERVATION, "memory-reservation", "memory", "reservation", SIZE, "SIZE",         \
                "memory that is not reclaimed")                                                    \
        X(MEMORY_SWAP, "memory-swap", "memory", "swap", SIZE, "SIZE",                              \
                "limit of memory and swap together")                                               \
        X(KERNEL_MEMORY, "kernel-memory", "memory", "kernel", SIZE, "SIZE",                        \
                "accepted and ignored")                                                            \
        X(KERNEL_MEMORY_TCP, "kernel-memory-tcp", "memory", "kernelTCP", SIZE, "SIZE",             \
                "accepted and ignored")                                                            \
        X(PIDS_LIMIT, "pids-limit", "pids", "limit", NUMBER, "N",                                  \
                "number of processes and threads; -1: unlimited")

enum {
#define X(id, ...) RESOURCE_##id,
        RESOURCE_OPTIONS(X)
#undef X
};

static const char *resources_file, *l3_cache_schema, *memory_bandwidth_schema;

static ResourceOption resources[] = {
#define X(id, option, group, key, kind, ...) { option, group, key, RESOURCE_KIND_##kind, NULL },
        RESOURCE_OPTIONS(X)
#undef X
};

static const Option update_options[] = {
        { "resources", 'r', "FILE", "linux.resources object instead of options; -: standard input",
                OPTION_STRING, &resources_file },
#define X(id, option, group, key, kind, argument, help)                                            \
        { option, 0, argument, help, OPTION_STRING, &resources[RESOURCE_##id].value },
        RESOURCE_OPTIONS(X)
#undef X
                { "l3-cache-schema", 0, "LINES", "cache of its class of service: L3:0=f;1=f",
                        OPTION_STRING, &l3_cache_schema },
        { "mem-bw-schema", 0, "LINE", "memory bandwidth of its class of service: MB:0=50",
                OPTION_STRING, &memory_bandwidth_schema },
};

static int parse_resources(const char *text, size_t size, Spec **ret, CtrError *err)
{
        int r = spec_parse_resources(text, size, ret, err);

        return r < 0 ? bundle_error(NULL, r, err) : r;
}

static int resources_from_file(Spec **ret, CtrError *err)
{
        bool is_stdin = strcmp(resources_file, "-") == 0;
        _cleanup_close_ int fd = -EBADF;
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        if (!is_stdin) {
                fd = open(resources_file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
                if (fd < 0)
                        return ctr_error_set(
                                err, CTR_ERROR_SYSTEM, errno, "cannot open %s", resources_file);
        }
        r = ctr_read_fd(is_stdin ? STDIN_FILENO : fd, resources_file, RESOURCES_SIZE_MAX, &text,
                &size, err);
        return r < 0 ? r : parse_resources(text, size, ret, err);
}

static int resources_from_options(Spec **ret, CtrError *err)
{
        _cleanup_free_ char *text = NULL;
        size_t size = 0;
        FILE *f = open_memstream(&text, &size);
        int r;

        if (!f)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading options");
        r = resources_print_json(resources, ELEMENTSOF(resources), f, err);
        if (fclose(f) != 0 && r >= 0)
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading options");
        if (r == 0 && !l3_cache_schema && !memory_bandwidth_schema)
                r = ctr_error_set(err, CTR_ERROR_USAGE, 0, "nothing to change was given");
        return r < 0 ? r : parse_resources(text, size, ret, err);
}

/* What cgroup2 does not have. */
static void print_plan_warnings(const SpecResources *r)
{
        SpecStrv warnings = { 0 };

        if (plan_warnings(r, &warnings) < 0)
                return;
        for (size_t i = 0; i < warnings.n; i++)
                report_warning(warnings.items[i]);
        plan_warnings_done(&warnings);
}

static int run_update(const Call *call, CtrError *err)
{
        _cleanup_(spec_freep) Spec *spec = NULL;
        int r;

        r = resources_file ? resources_from_file(&spec, err) : resources_from_options(&spec, err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < spec->warnings.n; i++)
                report_warning(spec->warnings.items[i]);
        print_plan_warnings(&spec->linux_.resources);
        r = runtime_update(call->runtime, call->arguments[0], &spec->linux_.resources, err);
        if (r >= 0 && (l3_cache_schema || memory_bandwidth_schema))
                r = runtime_update_rdt(call->runtime, call->arguments[0], l3_cache_schema,
                        memory_bandwidth_schema, err);
        return r;
}

const Verb verb_update = {
        .name = "update",
        .arguments = "ID",
        .help = "change limits of a running container",
        .n_arguments_min = 1,
        .n_arguments_max = 1,
        .options = update_options,
        .n_options = ELEMENTSOF(update_options),
        .run = run_update,
};
