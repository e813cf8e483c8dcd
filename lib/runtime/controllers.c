/* Limits without a controller: see controllers.h. systemd takes them and says nothing. */
#include "runtime/controllers.h"

#include "base/io.h"
#include "runtime/strv.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static const struct {
        PropertyId property;
        const char *controller;
} needs[] = {
        { PROPERTY_MEMORY_MAX, "memory" },
        { PROPERTY_MEMORY_HIGH, "memory" },
        { PROPERTY_MEMORY_LOW, "memory" },
        { PROPERTY_MEMORY_MIN, "memory" },
        { PROPERTY_MEMORY_SWAP_MAX, "memory" },
        { PROPERTY_TASKS_MAX, "pids" },
        { PROPERTY_CPU_QUOTA_PER_SEC, "cpu" },
        { PROPERTY_CPU_WEIGHT, "cpu" },
        { PROPERTY_ALLOWED_CPUS, "cpuset" },
        { PROPERTY_ALLOWED_MEMORY_NODES, "cpuset" },
        { PROPERTY_IO_WEIGHT, "io" },
        { PROPERTY_IO_DEVICE_WEIGHT, "io" },
        { PROPERTY_IO_READ_BANDWIDTH_MAX, "io" },
        { PROPERTY_IO_WRITE_BANDWIDTH_MAX, "io" },
        { PROPERTY_IO_READ_IOPS_MAX, "io" },
        { PROPERTY_IO_WRITE_IOPS_MAX, "io" },
};

static bool has_word(const char *text, const char *word)
{
        size_t size = strlen(word);

        for (const char *p = text; *p; p += strspn(p, " \n")) {
                size_t n = strcspn(p, " \n");

                if (n == size && memcmp(p, word, n) == 0)
                        return true;
                p += n;
        }
        return false;
}

/* Which rows have a limit that needs a controller which is not in this text. */
static void find_limits(const PropertyList *properties, ControllersAsk ask, void *userdata,
        const char *controllers, bool found[static ELEMENTSOF(needs)])
{
        for (size_t i = 0; i < ELEMENTSOF(needs); i++)
                found[i] = !has_word(controllers, needs[i].controller) &&
                           (property_find(properties, needs[i].property) ||
                                   (ask && ask(needs[i].property, userdata)));
}

/* The limits of the row's controller, as "MemoryMax= MemoryHigh="; only from the first of them. */
static bool list_limits(
        const bool found[static ELEMENTSOF(needs)], size_t first, char *buf, size_t size)
{
        size_t used = 0;

        for (size_t i = 0; i < ELEMENTSOF(needs); i++) {
                const char *key = property_info(needs[i].property)->key;

                if (strcmp(needs[i].controller, needs[first].controller) != 0 || !found[i])
                        continue;
                if (i < first)
                        return false;
                used += (size_t) snprintf(buf + used, size - used, "%s%s=", used ? ", " : "", key);
        }
        return used > 0;
}

int controllers_find_missing(const PropertyList *properties, ControllersAsk ask, void *userdata,
        const char *root, SpecStrv *ret)
{
        _cleanup_free_ char *text = NULL;
        char path[4096], limits[256], line[512];
        bool found[ELEMENTSOF(needs)];
        size_t size;

        (void) snprintf(
                path, sizeof(path), "%s/cgroup.controllers", root ? root : "/sys/fs/cgroup");
        if (ctr_read_file(AT_FDCWD, path, 4096, &text, &size, NULL) < 0)
                return 0;
        find_limits(properties, ask, userdata, text, found);
        for (size_t i = 0; i < ELEMENTSOF(needs); i++) {
                if (!found[i] || !list_limits(found, i, limits, sizeof(limits)))
                        continue;
                (void) snprintf(line, sizeof(line),
                        "%s: not enforced, the control groups of this host have no controller \"%s\"",
                        limits, needs[i].controller);
                if (strv_add(ret, line) < 0)
                        return -ENOMEM;
        }
        return 0;
}
