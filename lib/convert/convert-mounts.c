/* Mounts and device nodes of a converted configuration. */
#include "convert/convert-internal.h"

#include "spec/default-config.h"

#include <string.h>
#include <sys/mount.h>

/* ---- mounts ---- */

static const struct {
        uint64_t flag;
        const char *option;
} mount_flags[] = {
        { MS_RDONLY, "ro" },
        { MS_NOSUID, "nosuid" },
        { MS_NODEV, "nodev" },
        { MS_NOEXEC, "noexec" },
        { MS_SYNCHRONOUS, "sync" },
        { MS_MANDLOCK, "mand" },
        { MS_DIRSYNC, "dirsync" },
        { MS_NOATIME, "noatime" },
        { MS_NODIRATIME, "nodiratime" },
        { MS_RELATIME, "relatime" },
        { MS_STRICTATIME, "strictatime" },
        { MS_REC | MS_PRIVATE, "rprivate" },
        { MS_REC | MS_SLAVE, "rslave" },
        { MS_REC | MS_SHARED, "rshared" },
        { MS_REC | MS_BIND, "rbind" },
        { MS_BIND, "bind" },
        { MS_PRIVATE, "private" },
        { MS_SLAVE, "slave" },
        { MS_SHARED, "shared" },
        { MS_UNBINDABLE, "unbindable" },
};

static void write_option(Convert *c, const char *option)
{
        convert_separate(c);
        json_write_string(c->f, option);
}

/* The recursive forms come before the plain ones. */
static int write_flags(Convert *c, uint64_t flags)
{
        uint64_t left = flags & ~(uint64_t) MS_REC;

        for (size_t i = 0; i < ELEMENTSOF(mount_flags); i++) {
                uint64_t flag = mount_flags[i].flag;

                if (!(left & flag) || ((flag & MS_REC) && !(flags & MS_REC)))
                        continue;
                left &= ~flag;
                write_option(c, mount_flags[i].option);
        }
        return left == 0 ? 0
                         : convert_error(c, "mounts", "unknown flags %#llx of mount(2)",
                                   (unsigned long long) left);
}

static void write_data(Convert *c, const char *data)
{
        while (data && *data) {
                size_t n = strcspn(data, ",");
                char option[512];

                (void) snprintf(option, sizeof(option), "%.*s", (int) n, data);
                if (n > 0)
                        write_option(c, option);
                data += n + (data[n] == ',');
        }
}

/* libcontainer's: type in "device", options as flags of mount(2) and data. */
static int write_mount(Convert *c, const JsonValue *mount)
{
        static const char *const members[] = { "source", "destination", "device", "flags",
                "propagation_flags", "data", NULL };
        const JsonValue *propagation;
        uint64_t flags = 0, more;
        int r;

        r = convert_check_members(c, mount, "mounts", members);
        if (r < 0)
                return r;
        propagation = convert_member(mount, "propagation_flags");
        if (convert_member(mount, "flags") && json_member_u64(mount, "flags", &flags) < 0)
                return convert_error(c, "mounts", "flags must be an integer");
        convert_open(c, NULL, '{');
        r = convert_copy_string(c, mount, "mounts", "destination", "destination");
        if (r >= 0)
                r = convert_copy_string(c, mount, "mounts", "source", "source");
        if (r >= 0)
                r = convert_copy_string(c, mount, "mounts", "device", "type");
        convert_open(c, "options", '[');
        if (r >= 0)
                r = write_flags(c, flags);
        for (size_t i = 0; i < json_value_length(propagation) && r >= 0; i++) {
                r = json_value_u64(json_value_item(propagation, i), &more);
                r = r < 0 ? convert_error(c, "mounts", "propagation_flags must be integers")
                          : write_flags(c, more);
        }
        write_data(c, json_value_string(convert_member(mount, "data")));
        convert_close(c, ']');
        convert_close(c, '}');
        return r;
}

/* nsinit's: binds and tmpfs, over what every container had. */
static int write_old_mount(Convert *c, const JsonValue *mount)
{
        static const char *const members[] = { "type", "source", "destination", "writable",
                "private", NULL };
        const char *type;
        int r;

        r = convert_check_members(c, mount, "mount_config.mounts", members);
        if (r < 0)
                return r;
        type = json_value_string(convert_member(mount, "type"));
        if (!type || (strcmp(type, "bind") != 0 && strcmp(type, "tmpfs") != 0))
                return convert_error(
                        c, "mount_config.mounts", "type must be \"bind\" or \"tmpfs\"");
        convert_open(c, NULL, '{');
        r = convert_copy_string(c, mount, "mount_config.mounts", "destination", "destination");
        convert_string(c, "type", type);
        if (strcmp(type, "tmpfs") == 0)
                convert_string(c, "source", "tmpfs");
        else if (r >= 0)
                r = convert_copy_string(c, mount, "mount_config.mounts", "source", "source");
        convert_open(c, "options", '[');
        if (strcmp(type, "bind") == 0) {
                write_option(c, "rbind");
                write_option(c, convert_member(mount, "writable") ? "rw" : "ro");
                write_option(c, convert_member(mount, "private") ? "rprivate" : "rslave");
        } else {
                write_option(c, "nosuid");
                write_option(c, "nodev");
        }
        convert_close(c, ']');
        convert_close(c, '}');
        return r;
}

static void write_default_mounts(Convert *c)
{
        for (size_t i = 0; spec_default_mounts[i].destination; i++) {
                const SpecDefaultMount *m = &spec_default_mounts[i];

                convert_open(c, NULL, '{');
                convert_string(c, "destination", m->destination);
                convert_string(c, "type", m->type);
                convert_string(c, "source", m->source);
                convert_open(c, "options", '[');
                for (size_t k = 0; m->options[k]; k++)
                        write_option(c, m->options[k]);
                convert_close(c, ']');
                convert_close(c, '}');
        }
}

int convert_mounts(Convert *c)
{
        const JsonValue *mounts = convert_member(c->root, "mounts"),
                        *old = convert_member(c->mount_config, "mounts");
        int r = 0;

        convert_open(c, "mounts", '[');
        if (!mounts)
                write_default_mounts(c);
        for (size_t i = 0; i < json_value_length(mounts) && r >= 0; i++)
                r = write_mount(c, json_value_item(mounts, i));
        for (size_t i = 0; i < json_value_length(old) && r >= 0; i++)
                r = write_old_mount(c, json_value_item(old, i));
        convert_close(c, ']');
        return r;
}

/* ---- devices ---- */

static int read_number(const JsonValue *device, const char *name, const char *old, int64_t *ret)
{
        *ret = 0;
        if (json_member_i64(device, name, ret) == -ENOENT &&
                json_member_i64(device, old, ret) == -ENOENT)
                return 0; /* Go leaves zeros out */
        return json_member_i64(device, name, ret) < 0 && json_member_i64(device, old, ret) < 0
                       ? -EINVAL
                       : 0;
}

int convert_device(Convert *c, const JsonValue *device, const char *path, ConvertDevice *ret)
{
        static const char *const members[] = { "type", "path", "major", "minor", "major_number",
                "minor_number", "permissions", "cgroup_permissions", "file_mode", "uid", "gid",
                "allow", NULL };
        int64_t type = 0;
        int r;

        r = convert_check_members(c, device, path, members);
        if (r < 0)
                return r;
        if (json_member_i64(device, "type", &type) < 0 || type <= 0 || type > 127 ||
                !strchr("abcup", (int) type))
                return convert_error(c, path,
                        "type must be the number of a letter: 99 (c), 98 (b), 97 (a), ...");
        if (read_number(device, "major", "major_number", &ret->major) < 0 ||
                read_number(device, "minor", "minor_number", &ret->minor) < 0)
                return convert_error(c, path, "major and minor must be integers");
        ret->type = (char) type;
        return 0;
}

static int write_device(Convert *c, const JsonValue *device, const char *path)
{
        ConvertDevice d;
        char type[2] = "";
        int64_t mode = 0;
        int r;

        r = convert_device(c, device, path, &d);
        if (r < 0)
                return r;
        type[0] = d.type;
        convert_open(c, NULL, '{');
        r = convert_copy_string(c, device, path, "path", "path");
        convert_string(c, "type", type);
        if (d.type != 'p') {
                convert_number(c, "major", d.major);
                convert_number(c, "minor", d.minor);
        }
        /* Go's bits for the kind of file stand above these. */
        if (json_member_i64(device, "file_mode", &mode) >= 0 && (mode & 0777) != 0)
                convert_number(c, "fileMode", mode & 0777);
        if (r >= 0)
                r = convert_copy_number(c, device, path, "uid", "uid");
        if (r >= 0)
                r = convert_copy_number(c, device, path, "gid", "gid");
        convert_close(c, '}');
        return r;
}

int convert_devices(Convert *c)
{
        const struct {
                const JsonValue *list;
                const char *path;
        } lists[] = {
                { convert_member(c->root, "devices"), "devices" },
                { convert_member(c->mount_config, "device_nodes"), "mount_config.device_nodes" },
        };
        int r = 0;

        convert_open(c, "devices", '[');
        for (size_t k = 0; k < ELEMENTSOF(lists); k++)
                for (size_t i = 0; i < json_value_length(lists[k].list) && r >= 0; i++)
                        r = write_device(c, json_value_item(lists[k].list, i), lists[k].path);
        convert_close(c, ']');
        return r;
}
