/* What a container uses: the files of its cgroup, and the counters of its network interfaces as
 * /proc/PID/net/dev of its init shows them (proc(5)). */
#include "api/api-internal.h"

#include "runtime/container.h"
#include "runtime/stats.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define N_KEYS           (CTR_STAT_BLKIO_WRITES + 1)
#define N_INTERFACE_KEYS (CTR_INTERFACE_TX_DROPPED + 1)

typedef struct Interface {
        char name[32];
        uint64_t values[N_INTERFACE_KEYS];
} Interface;

struct CtrStats {
        uint64_t values[N_KEYS];
        Interface *interfaces;
        size_t n_interfaces;
        char *json;
};

static uint64_t sum(const StatsIo *items, size_t n, const char *op)
{
        uint64_t total = 0;

        for (size_t i = 0; i < n; i++)
                if (strcmp(items[i].op, op) == 0)
                        total += items[i].value;
        return total;
}

static void fill_values(CtrStats *s, const Stats *from)
{
        const uint64_t values[N_KEYS] = {
                [CTR_STAT_CPU_TOTAL_NSEC] = from->cpu.total_nsec,
                [CTR_STAT_CPU_KERNEL_NSEC] = from->cpu.kernel_nsec,
                [CTR_STAT_CPU_USER_NSEC] = from->cpu.user_nsec,
                [CTR_STAT_CPU_PERIODS] = from->cpu.periods,
                [CTR_STAT_CPU_THROTTLED_PERIODS] = from->cpu.throttled_periods,
                [CTR_STAT_CPU_THROTTLED_NSEC] = from->cpu.throttled_nsec,
                [CTR_STAT_MEMORY_USAGE] = from->memory.usage.usage,
                [CTR_STAT_MEMORY_MAX_USAGE] = from->memory.usage.max,
                [CTR_STAT_MEMORY_LIMIT] = from->memory.usage.limit,
                [CTR_STAT_MEMORY_FAILCNT] = from->memory.usage.failcnt,
                [CTR_STAT_MEMORY_CACHE] = from->memory.cache,
                [CTR_STAT_SWAP_USAGE] = from->memory.swap.usage,
                [CTR_STAT_SWAP_LIMIT] = from->memory.swap.limit,
                [CTR_STAT_PIDS_CURRENT] = from->pids_current,
                [CTR_STAT_PIDS_LIMIT] = from->pids_limit,
                [CTR_STAT_BLKIO_READ_BYTES] = sum(from->io.bytes, from->io.n_bytes, "Read"),
                [CTR_STAT_BLKIO_WRITE_BYTES] = sum(from->io.bytes, from->io.n_bytes, "Write"),
                [CTR_STAT_BLKIO_READS] = sum(from->io.operations, from->io.n_operations, "Read"),
                [CTR_STAT_BLKIO_WRITES] = sum(from->io.operations, from->io.n_operations, "Write"),
        };

        memcpy(s->values, values, sizeof(values));
}

/* "  eth0: 1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0": received bytes, packets, errors, dropped, four that
 * are not asked for, then the same of what was sent. */
static bool parse_interface(const char *line, Interface *ret)
{
        const char *colon = strchr(line, ':');
        uint64_t *v = ret->values;

        *ret = (Interface){ 0 };
        if (!colon || sscanf(line, " %31[^:]", ret->name) != 1)
                return false;
        return sscanf(colon + 1,
                       "%" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
                       " %*s %*s %*s %*s %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64,
                       &v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7]) == 8;
}

static int read_interfaces(CtrStats *s, pid_t pid)
{
        char path[64], line[512];
        Interface interface, *grown;
        FILE *f;

        (void) snprintf(path, sizeof(path), "/proc/%d/net/dev", (int) pid);
        f = fopen(path, "re");
        if (!f)
                return 0; /* it has just ended */
        while (fgets(line, sizeof(line), f)) {
                if (!parse_interface(line, &interface))
                        continue;
                grown = reallocarray(s->interfaces, s->n_interfaces + 1, sizeof(*grown));
                if (!grown) {
                        (void) fclose(f);
                        return -ENOMEM;
                }
                s->interfaces = grown;
                s->interfaces[s->n_interfaces++] = interface;
        }
        (void) fclose(f);
        return 0;
}

static int fill(CtrStats *s, const Stats *from, pid_t pid, CtrError *err)
{
        size_t size;
        FILE *f;
        int r;

        fill_values(s, from);
        f = open_memstream(&s->json, &size);
        if (f)
                stats_print_json(from, f);
        r = !f || fclose(f) != 0 ? -ENOMEM : read_interfaces(s, pid);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "reading statistics") : 0;
}

static int read_stats(const Container *c, CtrStats *s, CtrError *err)
{
        _cleanup_close_ int cgroup_fd = -EBADF;
        ContainerProcess process;
        char path[CGROUP_PATH_MAX];
        Stats stats;
        int r;

        r = container_get_process(c, &process, err);
        if (r < 0)
                return r;
        if (process.pid == 0)
                return ctr_error_set(
                        err, CTR_ERROR_CONTAINER_NOT_RUNNING, 0, "container not running");
        r = container_get_cgroup(c, &process, path);
        if (r >= 0) {
                cgroup_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                r = cgroup_fd < 0 ? -errno : 0;
        }
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cgroup of %s", c->id);
        r = stats_read(cgroup_fd, &stats, err);
        if (r < 0)
                return r;
        r = fill(s, &stats, process.pid, err);
        stats_done(&stats);
        return r;
}

int ctr_container_get_stats(CtrContainer *container, CtrStats **ret, CtrError **error)
{
        CtrStats *s = calloc(1, sizeof(*s));
        CtrError e = { 0 };
        Container c;
        int r;

        if (!s)
                return api_result(
                        ctr_error_set(&e, CTR_ERROR_SYSTEM, ENOMEM, "statistics"), &e, error);
        r = container_open(&container->runtime, container->id, &c, &e);
        if (r >= 0) {
                r = read_stats(&c, s, &e);
                container_done(&c);
        }
        if (r < 0)
                (void) ctr_stats_free(s);
        else
                *ret = s;
        return api_result(r, &e, error);
}

uint64_t ctr_stats_get(const CtrStats *stats, CtrStat key)
{
        return (size_t) key < N_KEYS ? stats->values[key] : 0;
}

size_t ctr_stats_get_n_interfaces(const CtrStats *stats)
{
        return stats->n_interfaces;
}

const char *ctr_stats_get_interface_name(const CtrStats *stats, size_t i)
{
        return i < stats->n_interfaces ? stats->interfaces[i].name : NULL;
}

uint64_t ctr_stats_get_interface(const CtrStats *stats, size_t i, CtrInterfaceStat key)
{
        return i < stats->n_interfaces && (size_t) key < N_INTERFACE_KEYS
                       ? stats->interfaces[i].values[key]
                       : 0;
}

const char *ctr_stats_get_json(const CtrStats *stats)
{
        return stats->json;
}

CtrStats *ctr_stats_free(CtrStats *stats)
{
        if (stats) {
                free(stats->interfaces);
                free(stats->json);
        }
        free(stats);
        return NULL;
}
