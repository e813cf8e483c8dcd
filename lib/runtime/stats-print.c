/* The numbers of a cgroup as the JSON that engines decode: the member names are theirs, times are
 * nanoseconds, what has no limit says 18446744073709551615. */
#include "runtime/stats.h"

#include "base/json.h"

#include <inttypes.h>

typedef struct Member {
        const char *name;
        uint64_t value;
} Member;

/* "name":N,... without braces. */
static void print_members(const Member *members, size_t n, FILE *f)
{
        for (size_t i = 0; i < n; i++)
                (void) fprintf(f, "%s\"%s\":%" PRIu64, i > 0 ? "," : "", members[i].name,
                        members[i].value);
}

static void print_pressure_line(
        const char *name, const StatsPressureLine *l, const char *separator, FILE *f)
{
        (void) fprintf(f,
                "%s\"%s\":{\"avg10\":%s,\"avg60\":%s,\"avg300\":%s,\"total\":%" PRIu64 "}",
                separator, name, l->avg10, l->avg60, l->avg300, l->total_usec);
}

/* A member of its own, after others; nothing without pressure files. */
static void print_pressure(const StatsPressure *p, const char *separator, FILE *f)
{
        if (!p->some.is_set && !p->full.is_set)
                return;
        (void) fprintf(f, "%s\"psi\":{", separator);
        if (p->some.is_set)
                print_pressure_line("some", &p->some, "", f);
        if (p->full.is_set)
                print_pressure_line("full", &p->full, p->some.is_set ? "," : "", f);
        (void) fputc('}', f);
}

static void print_cpu(const Stats *s, FILE *f)
{
        const Member usage[] = { { "total", s->cpu.total_nsec }, { "kernel", s->cpu.kernel_nsec },
                { "user", s->cpu.user_nsec } };
        const Member throttling[] = { { "periods", s->cpu.periods },
                { "throttledPeriods", s->cpu.throttled_periods },
                { "throttledTime", s->cpu.throttled_nsec } };

        (void) fputs("\"cpu\":{\"usage\":{", f);
        print_members(usage, ELEMENTSOF(usage), f);
        (void) fputs("},\"throttling\":{", f);
        print_members(throttling, ELEMENTSOF(throttling), f);
        (void) fputc('}', f);
        print_pressure(&s->cpu.pressure, ",", f);
        (void) fputc('}', f);
}

/* cgroup2 has none of these; decoders want the members. */
static void print_cpuset(FILE *f)
{
        static const char *const names[] = { "cpu_exclusive", "mem_hardwall", "mem_exclusive",
                "memory_migrate", "memory_spread_page", "memory_spread_slab", "memory_pressure",
                "sched_load_balance", "sched_relax_domain_level" };

        (void) fputs("\"cpuset\":{", f);
        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                (void) fprintf(f, "%s\"%s\":0", i > 0 ? "," : "", names[i]);
        (void) fputc('}', f);
}

static void print_memory_entry(const char *name, const StatsMemory *m, FILE *f)
{
        const Member members[] = { { "limit", m->limit }, { "usage", m->usage }, { "max", m->max },
                { "failcnt", m->failcnt } };

        (void) fprintf(f, ",\"%s\":{", name);
        print_members(members, ELEMENTSOF(members), f);
        (void) fputc('}', f);
}

static void print_memory(const Stats *s, FILE *f)
{
        static const StatsMemory none = { 0 }; /* counted in usage on cgroup2 */

        (void) fprintf(f, "\"memory\":{\"cache\":%" PRIu64, s->memory.cache);
        print_memory_entry("usage", &s->memory.usage, f);
        print_memory_entry("swap", &s->memory.swap, f);
        print_memory_entry("kernel", &none, f);
        print_memory_entry("kernelTCP", &none, f);
        (void) fputs(",\"raw\":{", f);
        for (size_t i = 0; i < s->memory.n_raw; i++) {
                (void) fputs(i > 0 ? "," : "", f);
                json_write_string(f, s->memory.raw[i].name);
                (void) fprintf(f, ":%" PRIu64, s->memory.raw[i].value);
        }
        (void) fputc('}', f);
        print_pressure(&s->memory.pressure, ",", f);
        (void) fputc('}', f);
}

static void print_io_list(const char *name, const StatsIo *items, size_t n, FILE *f)
{
        (void) fprintf(f, "\"%s\":[", name);
        for (size_t i = 0; i < n; i++)
                (void) fprintf(f,
                        "%s{\"major\":%" PRIu64 ",\"minor\":%" PRIu64
                        ",\"op\":\"%s\",\"value\":%" PRIu64 "}",
                        i > 0 ? "," : "", items[i].major, items[i].minor, items[i].op,
                        items[i].value);
        (void) fputc(']', f);
}

static void print_io(const Stats *s, FILE *f)
{
        (void) fputs("\"blkio\":{", f);
        print_io_list("ioServiceBytesRecursive", s->io.bytes, s->io.n_bytes, f);
        (void) fputc(',', f);
        print_io_list("ioServicedRecursive", s->io.operations, s->io.n_operations, f);
        print_pressure(&s->io.pressure, ",", f);
        (void) fputc('}', f);
}

static void print_hugetlb(const Stats *s, FILE *f)
{
        (void) fputs("\"hugetlb\":{", f);
        for (size_t i = 0; i < s->n_hugetlb; i++) {
                const StatsHugetlb *h = &s->hugetlb[i];
                const Member members[] = { { "usage", h->usage }, { "max", h->limit },
                        { "failcnt", h->failcnt } };

                (void) fputs(i > 0 ? "," : "", f);
                json_write_string(f, h->size);
                (void) fputs(":{", f);
                print_members(members, ELEMENTSOF(members), f);
                (void) fputc('}', f);
        }
        (void) fputc('}', f);
}

void stats_print_json(const Stats *s, FILE *f)
{
        (void) fputc('{', f);
        print_cpu(s, f);
        (void) fputc(',', f);
        print_cpuset(f);
        (void) fputc(',', f);
        print_memory(s, f);
        (void) fprintf(f, ",\"pids\":{\"current\":%" PRIu64 ",\"limit\":%" PRIu64 "},",
                s->pids_current, s->pids_limit);
        print_io(s, f);
        (void) fputc(',', f);
        print_hugetlb(s, f);
        (void) fputs(",\"intel_rdt\":{},\"network_interfaces\":null}", f);
}
