/* Reading the numbers of a cgroup: see stats.h. Each file is read by one read(2), so that what it
 * says belongs together. */
#include "runtime/stats.h"

#include "base/io.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>

#define FILE_SIZE_MAX (64U * 1024)

enum { NSEC_PER_USEC = 1000 };

/* The file as text, NULL when there is no such file (or cgroup) or it cannot be read. */
static char *read_text(int cgroup_fd, const char *name)
{
        _cleanup_close_ int fd = openat(cgroup_fd, name, O_RDONLY | O_CLOEXEC);
        char *text = fd < 0 ? NULL : malloc(FILE_SIZE_MAX + 1);
        ssize_t n;

        if (!text)
                return NULL;
        n = read(fd, text, FILE_SIZE_MAX);
        if (n < 0) {
                free(text);
                return NULL;
        }
        text[n] = '\0';
        return text;
}

/* A file that holds one number or "max". */
static uint64_t read_number(int cgroup_fd, const char *name)
{
        _cleanup_free_ char *text = read_text(cgroup_fd, name);
        uint64_t value = 0;

        if (!text)
                return 0;
        text[strcspn(text, "\n")] = '\0';
        if (strcmp(text, "max") == 0)
                return STATS_UNLIMITED;
        return ctr_parse_u64(text, UINT64_MAX, &value) < 0 ? 0 : value;
}

/* "NAME NUMBER", NUL-terminated. */
static int parse_pair(char *line, const char **ret_name, uint64_t *ret)
{
        char *space = strchr(line, ' ');

        if (!space)
                return -EINVAL;
        *space = '\0';
        *ret_name = line;
        return ctr_parse_u64(space + 1, UINT64_MAX, ret);
}

int stats_read_key(int cgroup_fd, const char *file, const char *name, uint64_t *ret)
{
        _cleanup_free_ char *text = read_text(cgroup_fd, file);
        const char *found;
        char *save = NULL;

        if (!text)
                return -ENOENT;
        for (char *l = strtok_r(text, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
                if (parse_pair(l, &found, ret) >= 0 && strcmp(found, name) == 0)
                        return 0;
        return -ENOENT;
}

static void read_cpu(int cgroup_fd, Stats *s)
{
        const struct {
                const char *name;
                uint64_t *value;
                uint64_t unit;
        } keys[] = {
                { "usage_usec", &s->cpu.total_nsec, NSEC_PER_USEC },
                { "user_usec", &s->cpu.user_nsec, NSEC_PER_USEC },
                { "system_usec", &s->cpu.kernel_nsec, NSEC_PER_USEC },
                { "nr_periods", &s->cpu.periods, 1 },
                { "nr_throttled", &s->cpu.throttled_periods, 1 },
                { "throttled_usec", &s->cpu.throttled_nsec, NSEC_PER_USEC },
        };

        for (size_t i = 0; i < ELEMENTSOF(keys); i++) {
                uint64_t value;

                if (stats_read_key(cgroup_fd, "cpu.stat", keys[i].name, &value) >= 0)
                        *keys[i].value = value * keys[i].unit;
        }
}

static int read_raw(int cgroup_fd, Stats *s)
{
        _cleanup_free_ char *text = read_text(cgroup_fd, "memory.stat");
        char *save = NULL;
        size_t lines = 0;

        if (!text)
                return 0;
        for (const char *p = text; (p = strchr(p, '\n')); p++)
                lines++;
        s->memory.raw = calloc(lines + 1, sizeof(*s->memory.raw));
        if (!s->memory.raw)
                return -ENOMEM;
        for (char *l = strtok_r(text, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
                StatsRaw *raw = &s->memory.raw[s->memory.n_raw];
                const char *name;

                if (parse_pair(l, &name, &raw->value) < 0)
                        continue;
                raw->name = strdup(name);
                if (!raw->name)
                        return -ENOMEM;
                s->memory.n_raw++;
                if (strcmp(name, "file") == 0)
                        s->memory.cache = raw->value;
        }
        return 0;
}

static uint64_t add_limits(uint64_t a, uint64_t b)
{
        return a > STATS_UNLIMITED - b ? STATS_UNLIMITED : a + b;
}

static int read_memory(int cgroup_fd, Stats *s)
{
        StatsMemory *usage = &s->memory.usage, *swap = &s->memory.swap;

        usage->usage = read_number(cgroup_fd, "memory.current");
        usage->max = read_number(cgroup_fd, "memory.peak");
        usage->limit = read_number(cgroup_fd, "memory.max");
        (void) stats_read_key(cgroup_fd, "memory.events", "max", &usage->failcnt);
        swap->usage = add_limits(read_number(cgroup_fd, "memory.swap.current"), usage->usage);
        swap->limit = add_limits(read_number(cgroup_fd, "memory.swap.max"), usage->limit);
        (void) stats_read_key(cgroup_fd, "memory.swap.events", "max", &swap->failcnt);
        return read_raw(cgroup_fd, s);
}

static int add_io(StatsIo **items, size_t *n, StatsIo item)
{
        StatsIo *larger = reallocarray(*items, *n + 1, sizeof(**items));

        if (!larger)
                return -ENOMEM;
        *items = larger;
        larger[(*n)++] = item;
        return 0;
}

/* One word "rbytes=4096" of a device's line. */
static int add_io_word(Stats *s, unsigned major, unsigned minor, char *word)
{
        static const struct {
                const char *name, *op;
                bool is_bytes;
        } words[] = {
                { "rbytes", "Read", true },
                { "wbytes", "Write", true },
                { "dbytes", "Discard", true },
                { "rios", "Read", false },
                { "wios", "Write", false },
                { "dios", "Discard", false },
        };
        char *equals = strchr(word, '=');
        uint64_t value;

        if (!equals || ctr_parse_u64(equals + 1, UINT64_MAX, &value) < 0)
                return 0;
        *equals = '\0';
        for (size_t i = 0; i < ELEMENTSOF(words); i++) {
                StatsIo item = { major, minor, words[i].op, value };

                if (strcmp(words[i].name, word) != 0)
                        continue;
                return words[i].is_bytes ? add_io(&s->io.bytes, &s->io.n_bytes, item)
                                         : add_io(&s->io.operations, &s->io.n_operations, item);
        }
        return 0;
}

/* Lines "MAJ:MIN rbytes=N wbytes=N ...". */
static int read_io(int cgroup_fd, Stats *s)
{
        _cleanup_free_ char *text = read_text(cgroup_fd, "io.stat");
        char *save = NULL;
        int r = 0;

        if (!text)
                return 0;
        for (char *l = strtok_r(text, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
                unsigned major, minor;
                char *words = strchr(l, ' '), *inner = NULL;

                if (!words || sscanf(l, "%8u:%8u", &major, &minor) < 2)
                        continue;
                for (char *w = strtok_r(words, " ", &inner); w && r >= 0;
                        w = strtok_r(NULL, " ", &inner))
                        r = add_io_word(s, major, minor, w);
        }
        return r;
}

/* "some avg10=0.00 avg60=0.00 avg300=0.00 total=0" */
static void parse_pressure(char *line, StatsPressure *p)
{
        StatsPressureLine parsed = { .is_set = true };
        unsigned long long total;
        char kind[8];

        if (sscanf(line, "%7s avg10=%15[0-9.] avg60=%15[0-9.] avg300=%15[0-9.] total=%llu", kind,
                    parsed.avg10, parsed.avg60, parsed.avg300, &total) < 5)
                return;
        parsed.total_usec = total;
        if (strcmp(kind, "some") == 0)
                p->some = parsed;
        else if (strcmp(kind, "full") == 0)
                p->full = parsed;
}

static void read_pressure(int cgroup_fd, const char *file, StatsPressure *p)
{
        _cleanup_free_ char *text = read_text(cgroup_fd, file);
        char *save = NULL;

        if (!text)
                return;
        for (char *l = strtok_r(text, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
                parse_pressure(l, p);
}

/* One page size, of which "hugetlb.SIZE.current" is a file. */
static int add_hugetlb(int cgroup_fd, const char *file, size_t size_length, Stats *s)
{
        StatsHugetlb *items = reallocarray(s->hugetlb, s->n_hugetlb + 1, sizeof(*items)), *item;
        char name[64];

        if (!items)
                return -ENOMEM;
        s->hugetlb = items;
        item = &items[s->n_hugetlb++];
        *item = (StatsHugetlb){ 0 };
        (void) snprintf(item->size, sizeof(item->size), "%.*s", (int) size_length,
                file + strlen("hugetlb."));
        item->usage = read_number(cgroup_fd, file);
        (void) snprintf(name, sizeof(name), "hugetlb.%s.max", item->size);
        item->limit = read_number(cgroup_fd, name);
        (void) snprintf(name, sizeof(name), "hugetlb.%s.events", item->size);
        (void) stats_read_key(cgroup_fd, name, "max", &item->failcnt);
        return 0;
}

static int read_hugetlb(int cgroup_fd, Stats *s)
{
        int fd = openat(cgroup_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
        DIR *d = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *de;

        if (!d) {
                closep(&fd);
                return 0;
        }
        while (r >= 0 && (de = readdir(d))) {
                const char *size = de->d_name + strlen("hugetlb.");
                size_t n;

                if (strncmp(de->d_name, "hugetlb.", strlen("hugetlb.")) != 0)
                        continue;
                n = strcspn(size, ".");
                if (n > 0 && n < sizeof(s->hugetlb->size) && strcmp(size + n, ".current") == 0)
                        r = add_hugetlb(cgroup_fd, de->d_name, n, s);
        }
        (void) closedir(d);
        return r;
}

int stats_read(int cgroup_fd, Stats *ret, CtrError *err)
{
        Stats s = { 0 };
        int r;

        /* Of a removed cgroup the directory can still be open. */
        if (faccessat(cgroup_fd, "cgroup.procs", F_OK, 0) < 0) {
                r = -errno;
                (void) ctr_error_set(
                        err, CTR_ERROR_CONTAINER_NOT_RUNNING, 0, "container not running");
                return r;
        }
        read_cpu(cgroup_fd, &s);
        read_pressure(cgroup_fd, "cpu.pressure", &s.cpu.pressure);
        read_pressure(cgroup_fd, "memory.pressure", &s.memory.pressure);
        read_pressure(cgroup_fd, "io.pressure", &s.io.pressure);
        s.pids_current = read_number(cgroup_fd, "pids.current");
        s.pids_limit = read_number(cgroup_fd, "pids.max");
        r = read_memory(cgroup_fd, &s);
        if (r >= 0)
                r = read_io(cgroup_fd, &s);
        if (r >= 0)
                r = read_hugetlb(cgroup_fd, &s);
        if (r < 0) {
                stats_done(&s);
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "reading the cgroup");
        }
        *ret = s;
        return 0;
}

void stats_done(Stats *s)
{
        for (size_t i = 0; i < s->memory.n_raw; i++)
                free(s->memory.raw[i].name);
        free(s->memory.raw);
        free(s->io.bytes);
        free(s->io.operations);
        free(s->hugetlb);
        *s = (Stats){ 0 };
}
