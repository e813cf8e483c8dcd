/* The configuration that `ctrctl spec` writes, and what a .container file starts from: a container
 * of its own namespaces with few capabilities, no new privileges and a list of allowed system
 * calls. Everything but the fixed frame is tables. */
#include "spec/default-config.h"

#include "base/json.h"

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

static void print_mounts(FILE *f)
{
        (void) fputs("  \"mounts\": [", f);
        for (size_t i = 0; spec_default_mounts[i].destination; i++) {
                const SpecDefaultMount *m = &spec_default_mounts[i];

                (void) fprintf(f,
                        "%s\n    {\n      \"destination\": \"%s\",\n      \"type\": \"%s\",\n"
                        "      \"source\": \"%s\",\n      \"options\": ",
                        i > 0 ? "," : "", m->destination, m->type, m->source);
                spec_print_strings(f, "      ", m->options);
                (void) fputs("\n    }", f);
        }
        (void) fputs("\n  ],\n", f);
}

static void print_linux(FILE *f)
{
        (void) fputs("  \"linux\": {\n    \"namespaces\": [", f);
        for (size_t i = 0; spec_default_namespaces[i]; i++)
                (void) fprintf(f, "%s\n      { \"type\": \"%s\" }", i > 0 ? "," : "",
                        spec_default_namespaces[i]);
        (void) fputs("\n    ],\n    \"maskedPaths\": ", f);
        spec_print_strings(f, "    ", spec_default_masked_paths);
        (void) fputs(",\n    \"readonlyPaths\": ", f);
        spec_print_strings(f, "    ", spec_default_readonly_paths);
        (void) fputs(",\n", f);
        (void) fputs("    \"seccomp\": ", f);
        spec_default_print_seccomp(f, NULL, 0);
        (void) fputs("  }\n", f);
}

void spec_default_print(FILE *f)
{
        (void) fputs("{\n  \"ociVersion\": \"1.0.2\",\n  \"hostname\": \"container\",\n"
                     "  \"root\": { \"path\": \"rootfs\", \"readonly\": true },\n",
                f);
        print_process(f);
        print_mounts(f);
        print_linux(f);
        (void) fputs("}\n", f);
}
