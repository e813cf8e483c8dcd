/* The configuration that `ctrctl spec` writes, and what a .container file starts from: a container
 * of its own namespaces with few capabilities, no new privileges and a list of allowed system
 * calls. Everything but the fixed frame is tables. */
#include "spec/default-config.h"

#include "base/json.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

/* What a program needs that starts as root and drops to a user of its own; neither raw sockets nor
 * mknod, chroot and audit. */
const char *const spec_default_capabilities[] = {
        "CAP_CHOWN",
        "CAP_DAC_OVERRIDE",
        "CAP_FOWNER",
        "CAP_FSETID",
        "CAP_KILL",
        "CAP_NET_BIND_SERVICE",
        "CAP_SETFCAP",
        "CAP_SETGID",
        "CAP_SETPCAP",
        "CAP_SETUID",
        NULL,
};

const char *const spec_default_namespaces[] = { "pid", "network", "ipc", "uts", "mount", "cgroup",
        NULL };

/* Kernel interfaces that are not divided by namespaces. */
const char *const spec_default_masked_paths[] = {
        "/proc/acpi",
        "/proc/asound",
        "/proc/interrupts",
        "/proc/kcore",
        "/proc/keys",
        "/proc/latency_stats",
        "/proc/sched_debug",
        "/proc/scsi",
        "/proc/timer_list",
        "/proc/timer_stats",
        "/sys/dev/block",
        "/sys/devices/virtual/powercap",
        "/sys/firmware",
        "/sys/fs/selinux",
        NULL,
};

const char *const spec_default_readonly_paths[] = {
        "/proc/bus",
        "/proc/fs",
        "/proc/irq",
        "/proc/sys",
        "/proc/sysrq-trigger",
        NULL,
};

const SpecDefaultMount spec_default_mounts[] = {
        { "/proc", "proc", "proc", { "nosuid", "noexec", "nodev" } },
        { "/dev", "tmpfs", "tmpfs", { "nosuid", "strictatime", "mode=755", "size=65536k" } },
        { "/dev/pts", "devpts", "devpts",
                { "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5" } },
        { "/dev/shm", "tmpfs", "shm", { "nosuid", "noexec", "nodev", "mode=1777", "size=65536k" } },
        { "/dev/mqueue", "mqueue", "mqueue", { "nosuid", "noexec", "nodev" } },
        { "/sys", "sysfs", "sysfs", { "nosuid", "noexec", "nodev", "ro" } },
        { "/sys/fs/cgroup", "cgroup", "cgroup", { "nosuid", "noexec", "nodev", "relatime", "ro" } },
        { NULL, NULL, NULL, { NULL } },
};

void spec_print_strings(FILE *f, const char *indent, const char *const *items)
{
        (void) fputc('[', f);
        for (size_t i = 0; items[i]; i++) {
                (void) fprintf(f, "%s\n%s  ", i > 0 ? "," : "", indent);
                json_write_string(f, items[i]);
        }
        (void) fprintf(f, "\n%s]", indent);
}

static void print_process(FILE *f)
{
        static const char *const sets[] = { "bounding", "effective", "permitted" };

        (void) fputs(
                "  \"process\": {\n"
                "    \"terminal\": false,\n"
                "    \"user\": { \"uid\": 0, \"gid\": 0 },\n"
                "    \"args\": [ \"sh\" ],\n"
                "    \"env\": [ \"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\" ],\n"
                "    \"cwd\": \"/\",\n"
                "    \"capabilities\": {",
                f);
        for (size_t i = 0; i < ELEMENTSOF(sets); i++) {
                (void) fprintf(f, "%s\n      \"%s\": ", i > 0 ? "," : "", sets[i]);
                spec_print_strings(f, "      ", spec_default_capabilities);
        }
        (void) fputs("\n    },\n"
                     "    \"noNewPrivileges\": true\n  },\n",
                f);
}

/* In place of what is at /sys and below: nobody mounts sysfs who does not own the network. */
static const SpecDefaultMount user_sys = { "/sys", "bind", "/sys",
        { "rbind", "nosuid", "noexec", "nodev", "ro" } };

/* Copies the mount without options that name ids, of which a user has his own only. */
static SpecDefaultMount without_ids(const SpecDefaultMount *m)
{
        SpecDefaultMount copy = { m->destination, m->type, m->source, { NULL } };
        size_t n = 0;

        for (size_t i = 0; m->options[i]; i++)
                if (strncmp(m->options[i], "gid=", 4) != 0)
                        copy.options[n++] = m->options[i];
        return copy;
}

static void print_mount(const SpecDefaultMount *m, bool is_first, FILE *f)
{
        (void) fprintf(f,
                "%s\n    {\n      \"destination\": \"%s\",\n      \"type\": \"%s\",\n"
                "      \"source\": \"%s\",\n      \"options\": ",
                is_first ? "" : ",", m->destination, m->type, m->source);
        spec_print_strings(f, "      ", m->options);
        (void) fputs("\n    }", f);
}

static void print_mounts(FILE *f, const SpecDefaultUser *user)
{
        (void) fputs("  \"mounts\": [", f);
        for (size_t i = 0; spec_default_mounts[i].destination; i++) {
                SpecDefaultMount m = spec_default_mounts[i];

                if (user && strncmp(m.destination, "/sys", 4) == 0)
                        continue;
                if (user)
                        m = without_ids(&m);
                print_mount(&m, i == 0, f);
        }
        if (user)
                print_mount(&user_sys, false, f);
        (void) fputs("\n  ],\n", f);
}

static void print_mapping(const char *name, uint32_t id, FILE *f)
{
        (void) fprintf(f,
                "    \"%s\": [ { \"containerID\": 0, \"hostID\": %" PRIu32 ", \"size\": 1 } ],\n",
                name, id);
}

static void print_namespaces(FILE *f, const SpecDefaultUser *user)
{
        const char *separator = "";

        (void) fputs("    \"namespaces\": [", f);
        for (size_t i = 0; spec_default_namespaces[i]; i++) {
                if (user && strcmp(spec_default_namespaces[i], "network") == 0)
                        continue;
                (void) fprintf(
                        f, "%s\n      { \"type\": \"%s\" }", separator, spec_default_namespaces[i]);
                separator = ",";
        }
        (void) fputs(user ? ",\n      { \"type\": \"user\" }\n    ],\n" : "\n    ],\n", f);
        if (!user)
                return;
        print_mapping("uidMappings", user->uid, f);
        print_mapping("gidMappings", user->gid, f);
}

static void print_linux(FILE *f, const SpecDefaultUser *user)
{
        (void) fputs("  \"linux\": {\n", f);
        print_namespaces(f, user);
        (void) fputs("    \"maskedPaths\": ", f);
        spec_print_strings(f, "    ", spec_default_masked_paths);
        (void) fputs(",\n    \"readonlyPaths\": ", f);
        spec_print_strings(f, "    ", spec_default_readonly_paths);
        (void) fputs(",\n", f);
        (void) fputs("    \"seccomp\": ", f);
        spec_default_print_seccomp(f, NULL, 0);
        (void) fputs("  }\n", f);
}

void spec_default_print(FILE *f, const SpecDefaultUser *user)
{
        (void) fputs("{\n  \"ociVersion\": \"1.0.2\",\n  \"hostname\": \"container\",\n"
                     "  \"root\": { \"path\": \"rootfs\", \"readonly\": true },\n",
                f);
        print_process(f);
        print_mounts(f, user);
        print_linux(f, user);
        (void) fputs("}\n", f);
}
