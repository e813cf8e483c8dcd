/* update: new limits for a live container. What systemd has a property for goes through PID 1, so
 * that a reload keeps it; the rest is written to the unit's own cgroup. */
#include "runtime/bundle.h"
#include "runtime/cgroup-tree.h"
#include "runtime/container.h"
#include "runtime/service.h"

#include "base/io.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct Update {
        SpecResources resources; /* the caller's, completed */
        PropertyList properties;
        SpecKeyValues files;
} Update;

/* The first two words of a small cgroup file. */
static int read_words(
        int cgroup_fd, const char *file, char first[static 24], char second[static 24])
{
        _cleanup_close_ int fd = openat(cgroup_fd, file, O_RDONLY | O_CLOEXEC);
        char buf[64];
        ssize_t n;

        first[0] = second[0] = '\0';
        n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);
        if (n < 0)
                return -errno;
        buf[n] = '\0';
        (void) sscanf(buf, "%23s %23s", first, second);
        return 0;
}

/* Values that belong together are given together: the one that the caller did not name stays what
 * it is now. A missing file (no such controller) leaves it out, and PID 1 says what it thinks of
 * that. */
static void complete(SpecResources *r, int cgroup_fd)
{
        char first[24], second[24];
        uint64_t number;

        if (r->cpu.quota.is_set != r->cpu.period.is_set &&
                read_words(cgroup_fd, "cpu.max", first, second) >= 0) {
                if (!r->cpu.period.is_set && ctr_parse_u64(second, UINT64_MAX, &number) >= 0)
                        r->cpu.period = (OptU64){ .is_set = true, .value = number };
                if (!r->cpu.quota.is_set && strcmp(first, "max") == 0)
                        r->cpu.quota = (OptI64){ .is_set = true, .value = -1 };
                else if (!r->cpu.quota.is_set && ctr_parse_u64(first, INT64_MAX, &number) >= 0)
                        r->cpu.quota = (OptI64){ .is_set = true, .value = (int64_t) number };
        }
        if (r->memory.swap.is_set && !r->memory.limit.is_set &&
                read_words(cgroup_fd, "memory.max", first, second) >= 0) {
                if (strcmp(first, "max") == 0)
                        r->memory.limit = (OptI64){ .is_set = true, .value = -1 };
                else if (ctr_parse_u64(first, INT64_MAX, &number) >= 0)
                        r->memory.limit = (OptI64){ .is_set = true, .value = (int64_t) number };
        }
}

/* memory.checkBeforeUpdate: a limit below what is used would start killing. */
static int check_memory(const SpecResources *r, int cgroup_fd, CtrError *err)
{
        char first[24], second[24];
        uint64_t usage;

        if (!r->memory.check_before_update.is_set || !r->memory.check_before_update.value ||
                !r->memory.limit.is_set || r->memory.limit.value <= 0)
                return 0;
        if (read_words(cgroup_fd, "memory.current", first, second) < 0 ||
                ctr_parse_u64(first, UINT64_MAX, &usage) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, 0,
                        "memory.checkBeforeUpdate: cannot read what is used");
        if (usage > (uint64_t) r->memory.limit.value)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, 0,
                        "the new memory limit %" PRId64 " is below the %" PRIu64 " bytes in use",
                        r->memory.limit.value, usage);
        return 0;
}

static int set_properties(const Container *c, const PropertyList *properties, CtrError *err)
{
        SdConnection bus = { 0 };
        int r;

        if (properties->n == 0)
                return 0;
        r = sd_connect(&bus, err);
        if (r >= 0)
                r = sd_unit_set_properties(&bus, c->unit, properties, err);
        sd_disconnect(&bus);
        return r;
}

/* Without a unit the same properties are files. */
static int apply(
        const Container *c, const char *cgroup, const PropertyList *properties, CtrError *err)
{
        SpecKeyValues files;
        int r;

        if (c->unit[0])
                return set_properties(c, properties, err);
        r = plan_property_files(properties, true, &files, err);
        if (r < 0)
                return r;
        r = cgroup_write_files(cgroup, &files, err);
        plan_cgroup_files_done(&files);
        return r;
}

static int update_container(const Container *c, Update *u, CtrError *err)
{
        _cleanup_close_ int cgroup_fd = -EBADF;
        ContainerProcess process;
        char path[CGROUP_PATH_MAX];
        int r;

        r = container_get_live_process(c, &process, err);
        if (r < 0)
                return r;
        if (container_get_cgroup(c, &process, path) < 0)
                return ctr_error_set(err, CTR_ERROR_UNSUPPORTED, 0,
                        "a container without a cgroup of its own has no limits");
        cgroup_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (cgroup_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot open %s", path);
        complete(&u->resources, cgroup_fd);
        r = check_memory(&u->resources, cgroup_fd, err);
        if (r >= 0)
                r = plan_update(&u->resources, c->unit[0] != '\0', &u->properties, err);
        if (r >= 0)
                r = plan_cgroup_files(&u->resources, &u->files, err);
        if (r < 0)
                return bundle_error(NULL, r, err);
        r = apply(c, path, &u->properties, err);
        return r < 0 ? r : cgroup_write_files(path, &u->files, err);
}

int runtime_update(const Runtime *rt, const char *id, const SpecResources *resources, CtrError *err)
{
        Update u = { .resources = *resources };
        Container c;
        int r;

        r = container_open(rt, id, &c, err);
        if (r < 0)
                return r;
        r = update_container(&c, &u, err);
        property_list_done(&u.properties);
        plan_cgroup_files_done(&u.files);
        container_done(&c);
        return r;
}
