/* Place and limits of a converted configuration: libcontainer's flat list of numbers, by table. */
#include "convert/convert-internal.h"

#include "base/name.h"

#include <string.h>

static const char *const cgroup_members[] = { "name", "parent", "path", "scope_prefix", "slice",
        "Paths", "allow_all_devices", "allowed_devices", "denied_devices", "devices", "memory",
        "memory_reservation", "memory_swap", "kernel_memory", "kernel_memory_tcp", "cpu_shares",
        "cpu_quota", "cpu_period", "cpu_rt_runtime", "cpu_rt_quota", "cpu_rt_period", "cpuset_cpus",
        "cpuset_mems", "pids_limit", "blkio_weight", "blkio_leaf_weight", "blkio_weight_device",
        "blkio_throttle_read_bps_device", "blkio_throttle_write_bps_device",
        "blkio_throttle_read_iops_device", "blkio_throttle_write_iops_device", "freezer",
        "hugetlb_limit", "oom_kill_disable", "memory_swappiness", "net_prio_ifpriomap",
        "net_cls_classid", "net_cls_classid_u", NULL };

/* What cgroup2 or systemd has no word for. */
static const struct {
        const char *name, *why;
} ignored[] = {
        { "kernel_memory", "kernel memory counts as memory on cgroup2" },
        { "kernel_memory_tcp", "kernel memory counts as memory on cgroup2" },
        { "blkio_leaf_weight", "cgroup2 has no weight for leaves" },
        { "net_prio_ifpriomap", "cgroup2 has no priorities of networks" },
        { "net_cls_classid", "cgroup2 has no classes of networks" },
        { "net_cls_classid_u", "cgroup2 has no classes of networks" },
        { "memory_swappiness", "cgroup2 has no swappiness" },
        { "path", "the cgroup is the unit's: use parent for its slice" },
};

/* ---- place ---- */

/* A slice of ours is taken. Other parents and names had the meaning that the unit's own have now:
 * ctr@ID.service in ctr.slice. */
static void write_place(Convert *c, const JsonValue *cgroups)
{
        static const char *const members[] = { "slice", "parent" };

        for (size_t i = 0; i < ELEMENTSOF(members); i++) {
                const char *slice = json_value_string(convert_member(cgroups, members[i]));
                char path[CTR_UNIT_NAME_MAX + 32];

                if (!slice || !ctr_slice_is_valid(slice) ||
                        (strcmp(slice, "ctr.slice") != 0 && strncmp(slice, "ctr-", 4) != 0))
                        continue;
                (void) snprintf(path, sizeof(path), "%s:ctr:container", slice);
                convert_string(c, "cgroupsPath", path);
                return;
        }
}

/* ---- devices ---- */

static int write_rules(Convert *c, const JsonValue *list, const char *path, bool is_allowed)
{
        int r = 0;

        for (size_t i = 0; i < json_value_length(list) && r >= 0; i++) {
                const JsonValue *device = json_value_item(list, i);
                const char *access =
                        json_value_string(convert_member(device, "cgroup_permissions"));
                char type[2] = "";
                ConvertDevice d;

                r = convert_device(c, device, path, &d);
                if (r < 0)
                        break;
                if (!access)
                        access = json_value_string(convert_member(device, "permissions"));
                type[0] = d.type;
                convert_open(c, NULL, '{');
                convert_key(c, "allow");
                (void) fputs(is_allowed ? "true" : "false", c->f);
                convert_string(c, "type", type);
                if (d.major >= 0)
                        convert_number(c, "major", d.major);
                if (d.minor >= 0)
                        convert_number(c, "minor", d.minor);
                convert_string(c, "access", access ? access : "rwm");
                convert_close(c, '}');
        }
        return r;
}

/* Nothing but what is allowed, unless everything is. */
static int write_devices(Convert *c, const JsonValue *cgroups)
{
        bool is_open = convert_member(cgroups, "allow_all_devices");
        int r;

        convert_open(c, "devices", '[');
        convert_separate(c);
        (void) fprintf(c->f, "{\"allow\":%s,\"access\":\"rwm\"}", is_open ? "true" : "false");
        r = write_rules(
                c, convert_member(cgroups, "allowed_devices"), "cgroups.allowed_devices", true);
        if (r >= 0)
                r = write_rules(c, convert_member(cgroups, "denied_devices"),
                        "cgroups.denied_devices", false);
        if (r >= 0 && convert_member(cgroups, "devices"))
                r = convert_error(c, "cgroups.devices",
                        "rules are read from allowed_devices and denied_devices");
        convert_close(c, ']');
        return r;
}

/* ---- limits ---- */

typedef struct Limit {
        const char *from, *object, *to;
        bool is_string;
} Limit;

static const Limit limits[] = {
        /* of one object one after the other */
        { "memory", "memory", "limit", false },
        { "memory_reservation", "memory", "reservation", false },
        { "memory_swap", "memory", "swap", false },
        { "cpu_shares", "cpu", "shares", false },
        { "cpu_quota", "cpu", "quota", false },
        { "cpu_period", "cpu", "period", false },
        { "cpu_rt_runtime", "cpu", "realtimeRuntime", false },
        { "cpu_rt_quota", "cpu", "realtimeRuntime", false },
        { "cpu_rt_period", "cpu", "realtimePeriod", false },
        { "cpuset_cpus", "cpu", "cpus", true },
        { "cpuset_mems", "cpu", "mems", true },
        { "pids_limit", "pids", "limit", false },
        { "blkio_weight", "blockIO", "weight", false },
};

/* Lists of {major, minor, and a number}. */
static const struct {
        const char *from, *to, *number;
} device_limits[] = {
        { "blkio_weight_device", "weightDevice", "weight" },
        { "blkio_throttle_read_bps_device", "throttleReadBpsDevice", "rate" },
        { "blkio_throttle_write_bps_device", "throttleWriteBpsDevice", "rate" },
        { "blkio_throttle_read_iops_device", "throttleReadIOPSDevice", "rate" },
        { "blkio_throttle_write_iops_device", "throttleWriteIOPSDevice", "rate" },
};

static int write_device_limits(
        Convert *c, const JsonValue *cgroups, const char *from, const char *to, const char *number)
{
        const char *const members[] = { "major", "minor", number, NULL };
        const JsonValue *list = convert_member(cgroups, from);
        char path[80];
        int r = 0;

        if (!list)
                return 0;
        (void) snprintf(path, sizeof(path), "cgroups.%s", from);
        if (json_value_type(list) != JSON_TYPE_ARRAY)
                return convert_error(c, path, "must be an array");
        convert_open(c, to, '[');
        for (size_t i = 0; i < json_value_length(list) && r >= 0; i++) {
                const JsonValue *item = json_value_item(list, i);
                int64_t value = 0;

                r = convert_check_members(c, item, path, members);
                convert_open(c, NULL, '{');
                for (size_t k = 0; k < 3 && r >= 0; k++) {
                        value = 0;
                        if (convert_member(item, members[k]) &&
                                json_member_i64(item, members[k], &value) < 0)
                                r = convert_error(c, path, "%s must be an integer", members[k]);
                        convert_number(c, members[k], value);
                }
                convert_close(c, '}');
        }
        convert_close(c, ']');
        return r;
}

static int write_object(Convert *c, const JsonValue *cgroups, const char *object)
{
        int r = 0;

        convert_open(c, object, '{');
        for (size_t i = 0; i < ELEMENTSOF(limits) && r >= 0; i++)
                if (strcmp(limits[i].object, object) == 0)
                        r = limits[i].is_string ? convert_copy_string(c, cgroups, "cgroups",
                                                          limits[i].from, limits[i].to)
                                                : convert_copy_number(c, cgroups, "cgroups",
                                                          limits[i].from, limits[i].to);
        if (strcmp(object, "memory") == 0 && convert_member(cgroups, "oom_kill_disable")) {
                convert_key(c, "disableOOMKiller");
                (void) fputs("true", c->f);
        }
        for (size_t i = 0; strcmp(object, "blockIO") == 0 && i < ELEMENTSOF(device_limits); i++)
                if (r >= 0)
                        r = write_device_limits(c, cgroups, device_limits[i].from,
                                device_limits[i].to, device_limits[i].number);
        convert_close(c, '}');
        return r;
}

static int write_huge_pages(Convert *c, const JsonValue *cgroups)
{
        static const char *const members[] = { "page_size", "limit", NULL };
        const JsonValue *list = convert_member(cgroups, "hugetlb_limit");
        int r = 0;

        if (!list)
                return 0;
        convert_open(c, "hugepageLimits", '[');
        for (size_t i = 0; i < json_value_length(list) && r >= 0; i++) {
                const JsonValue *item = json_value_item(list, i);
                uint64_t limit = 0;

                r = convert_check_members(c, item, "cgroups.hugetlb_limit", members);
                (void) json_member_u64(item, "limit", &limit);
                convert_open(c, NULL, '{');
                if (r >= 0)
                        r = convert_copy_string(
                                c, item, "cgroups.hugetlb_limit", "page_size", "pageSize");
                convert_key(c, "limit");
                (void) fprintf(c->f, "%llu", (unsigned long long) limit);
                convert_close(c, '}');
        }
        convert_close(c, ']');
        return r;
}

/* Not more processes than -1 means no limit; 0 was that, too. */
int convert_limits(Convert *c, const JsonValue *cgroups)
{
        static const char *const objects[] = { "memory", "cpu", "pids", "blockIO" };
        int r = 0;

        if (!cgroups)
                return 0;
        r = convert_check_members(c, cgroups, "cgroups", cgroup_members);
        for (size_t k = 0; k < ELEMENTSOF(objects) && r >= 0; k++) {
                bool is_wanted = k == 0 && convert_member(cgroups, "oom_kill_disable");

                for (size_t i = 0; i < ELEMENTSOF(limits); i++)
                        is_wanted = is_wanted || (strcmp(limits[i].object, objects[k]) == 0 &&
                                                         convert_member(cgroups, limits[i].from));
                for (size_t i = 0; k == 3 && i < ELEMENTSOF(device_limits); i++)
                        is_wanted = is_wanted || convert_member(cgroups, device_limits[i].from);
                if (is_wanted)
                        r = write_object(c, cgroups, objects[k]);
        }
        return r < 0 ? r : write_huge_pages(c, cgroups);
}

int convert_cgroups(Convert *c)
{
        const JsonValue *cgroups = convert_member(c->root, "cgroups");
        const char *freezer = json_value_string(convert_member(cgroups, "freezer"));
        int64_t swappiness;
        int r = 0;

        if (freezer && strcmp(freezer, "THAWED") != 0 && strcmp(freezer, "UNDEFINED") != 0)
                return convert_error(c, "cgroups.freezer", "a container does not start frozen");
        for (size_t i = 0; i < ELEMENTSOF(ignored) && r >= 0; i++) {
                const JsonValue *value = convert_member(cgroups, ignored[i].name);

                if (value && !(json_value_i64(value, &swappiness) >= 0 && swappiness == -1))
                        r = convert_warn(
                                c, "cgroups.%s has no effect: %s", ignored[i].name, ignored[i].why);
        }
        if (r < 0)
                return r;
        if (cgroups)
                write_place(c, cgroups);
        convert_open(c, "resources", '{');
        r = write_devices(c, cgroups);
        if (r >= 0)
                r = convert_limits(c, cgroups);
        convert_close(c, '}');
        return r;
}
