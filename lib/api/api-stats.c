/* What a container uses: the files of its cgroup, and the counters of its network interfaces as its
 * init sees them. */
#include "api/api-internal.h"

#include "runtime/container.h"
#include "runtime/net-dev.h"
#include "runtime/stats.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define N_KEYS (CTR_STAT_BLKIO_WRITES + 1)

_Static_assert(CTR_INTERFACE_TX_DROPPED + 1 == (int) _NET_DEV_MAX &&
                       CTR_INTERFACE_TX_BYTES == (int) NET_DEV_TX_BYTES,
        "public numbers are ours");

struct CtrStats {
        uint64_t values[N_KEYS];
        NetDev *interfaces;
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

static int fill(CtrStats *s, const Stats *from, pid_t pid, CtrError *err)
{
        size_t size;
        FILE *f;
        int r;

        fill_values(s, from);
        f = open_memstream(&s->json, &size);
        if (f)
                stats_print_json(from, f);
        r = !f || fclose(f) != 0 ? -ENOMEM : net_dev_read(pid, &s->interfaces, &s->n_interfaces);
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
        return api_judge(container, r, &e, error);
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
        return i < stats->n_interfaces && (size_t) key < _NET_DEV_MAX
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
