/* The checks of `ctrctl doctor`: see doctor.h. */
#include "runtime/doctor.h"

#include "base/io.h"
#include "runtime/child.h"
#include "sd/sd-unit.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/bpf.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/syscall.h>

#define FOUND_MAX        512
#define FILE_MAX_BYTES   65536
#define MOUNTS_MAX_BYTES (4U * 1024 * 1024)
#define SYSTEMD_MIN      252U
#define CHECK_LIMIT_USEC (30U * 1000 * 1000)

typedef struct Examination {
        const char *root;
        char found[FOUND_MAX];
} Examination;

static const char *path_of(const Examination *e, const char *path, char buf[static PATH_MAX])
{
        (void) snprintf(buf, PATH_MAX, "%s%s", e->root, path);
        return buf;
}

/* The file's first line; NULL when there is none. */
static char *read_line(const Examination *e, const char *path)
{
        char full[PATH_MAX], *text = NULL;
        size_t size;

        if (ctr_read_file(AT_FDCWD, path_of(e, path, full), FILE_MAX_BYTES, &text, &size, NULL) < 0)
                return NULL;
        text[strcspn(text, "\n")] = '\0';
        return text;
}

static bool has_word(const char *text, const char *word)
{
        size_t size = strlen(word);

        for (const char *p = text; (p = strstr(p, word)); p += size)
                if ((p == text || p[-1] == ' ' || p[-1] == ',') && strchr(" ,", p[size]))
                        return true;
        return false;
}

static bool is_there(const Examination *e, const char *path, int mode)
{
        char full[PATH_MAX];

        return access(path_of(e, path, full), mode) >= 0;
}

static bool is_one_there(Examination *e, const char *const *paths)
{
        for (; *paths; paths++)
                if (is_there(e, *paths, F_OK)) {
                        (void) snprintf(e->found, sizeof(e->found), "%s", *paths);
                        return true;
                }
        (void) snprintf(e->found, sizeof(e->found), "not found");
        return false;
}

/* ---- the checks: true when all is well; found says what there is ---- */

static bool check_systemd(Examination *e)
{
        SdConnection bus = { 0 };
        CtrError err = { 0 };
        int r;

        if (*e->root) {
                (void) snprintf(e->found, sizeof(e->found), "not asked");
                return true;
        }
        r = sd_connect(&bus, &err);
        if (r >= 0)
                r = sd_get_version(&bus, e->found, sizeof(e->found), &err);
        sd_disconnect(&bus);
        if (r < 0)
                (void) snprintf(e->found, sizeof(e->found), "no answer: %.400s", err.message);
        return r >= 0 && strtoul(e->found, NULL, 10) >= SYSTEMD_MIN;
}

static bool check_kernel(Examination *e)
{
        _cleanup_free_ char *release = read_line(e, "/proc/sys/kernel/osrelease");
        unsigned long major, minor;
        char *end;

        (void) snprintf(e->found, sizeof(e->found), "%.200s", release ? release : "unknown");
        major = strtoul(e->found, &end, 10);
        minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
        return major > 5 || (major == 5 && minor >= 14);
}

static bool check_hierarchy(Examination *e)
{
        char full[PATH_MAX];
        struct statfs fs;
        bool is_unified;

        if (statfs(path_of(e, "/sys/fs/cgroup", full), &fs) < 0)
                is_unified = false;
        else
                is_unified = *e->root ? is_there(e, "/sys/fs/cgroup/cgroup.controllers", F_OK)
                                      : fs.f_type == CGROUP2_SUPER_MAGIC;
        (void) snprintf(e->found, sizeof(e->found), "%s", is_unified ? "unified" : "not unified");
        return is_unified;
}

static bool check_controllers(Examination *e)
{
        static const char *const needed[] = { "cpu", "io", "memory", "pids" };
        _cleanup_free_ char *have = read_line(e, "/sys/fs/cgroup/cgroup.controllers");
        char missing[64] = "";
        size_t used = 0;

        for (size_t i = 0; i < ELEMENTSOF(needed); i++)
                if (!have || !has_word(have, needed[i]))
                        used += (size_t) snprintf(missing + used, sizeof(missing) - used, "%s%s",
                                used ? ", " : "", needed[i]);
        (void) snprintf(e->found, sizeof(e->found), "%.200s%s%s%s", have && *have ? have : "none",
                used ? " (not here: " : "", missing, used ? ")" : "");
        return used == 0;
}

/* cgroup-v2.rst, favordynmods: without it whoever moves a process waits for the kernel. */
static bool check_moves(Examination *e)
{
        _cleanup_free_ char *text = NULL;
        char full[PATH_MAX], *line = NULL, *rest;
        bool is_quick;
        size_t size;

        if (ctr_read_file(AT_FDCWD, path_of(e, "/proc/self/mountinfo", full), MOUNTS_MAX_BYTES,
                    &text, &size, NULL) >= 0)
                for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
                        if (strstr(line, " / /sys/fs/cgroup ") && strstr(line, " - cgroup2 "))
                                break;
        is_quick = line && has_word(strrchr(line, ' '), "favordynmods");
        (void) snprintf(e->found, sizeof(e->found), "%s",
                is_quick ? "favordynmods" : "without favordynmods");
        return is_quick;
}

static bool check_seccomp(Examination *e)
{
        _cleanup_free_ char *actions = read_line(e, "/proc/sys/kernel/seccomp/actions_avail");

        (void) snprintf(e->found, sizeof(e->found), "%.400s", actions ? actions : "none");
        return actions && has_word(actions, "user_notif") && has_word(actions, "kill_process");
}

static bool check_user_namespaces(Examination *e)
{
        _cleanup_free_ char *max = read_line(e, "/proc/sys/user/max_user_namespaces");

        (void) snprintf(e->found, sizeof(e->found), "%.200s", max ? max : "none");
        return max && strtoul(max, NULL, 10) > 0;
}

/* As far as loading one: to attach it would need somebody's cgroup. */
static bool check_device_rules(Examination *e)
{
        static const struct bpf_insn allow[] = {
                { .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1 },
                { .code = BPF_JMP | BPF_EXIT },
        };
        union bpf_attr attr = {
                .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
                .insns = (uintptr_t) allow,
                .insn_cnt = ELEMENTSOF(allow),
                .license = (uintptr_t) "",
        };
        _cleanup_close_ int fd =
                *e->root ? -EBADF : (int) syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));

        (void) snprintf(e->found, sizeof(e->found), "%s",
                *e->root  ? "not tried"
                : fd >= 0 ? "by BPF programs"
                          : strerror(errno));
        return *e->root || fd >= 0;
}

static bool check_journal(Examination *e)
{
        return is_one_there(e, (const char *const[]){ "/run/systemd/journal/stdout", NULL });
}

static bool check_helper(Examination *e)
{
        (void) snprintf(e->found, sizeof(e->found), "%s", CTR_EXEC_PATH);
        return is_there(e, CTR_EXEC_PATH, X_OK);
}

static bool check_generator(Examination *e)
{
        (void) snprintf(e->found, sizeof(e->found), "%s", CTR_GENERATOR_PATH);
        return is_there(e, CTR_GENERATOR_PATH, X_OK);
}

static bool check_bus_service(Examination *e)
{
        return is_one_there(
                e, (const char *const[]){ "/usr/share/dbus-1/system-services/org.ctrunit1.service",
                           "/usr/local/share/dbus-1/system-services/org.ctrunit1.service", NULL });
}

static bool check_polkit(Examination *e)
{
        return is_one_there(
                e, (const char *const[]){
                           "/usr/share/dbus-1/system-services/org.freedesktop.PolicyKit1.service",
                           NULL });
}

static bool check_cni(Examination *e)
{
        return is_one_there(
                e, (const char *const[]){ "/opt/cni/bin/bridge", "/usr/lib/cni/bridge", NULL });
}

/* The kernel's word for the modules that are active. */
static bool check_modules(Examination *e)
{
        _cleanup_free_ char *lsm = read_line(e, "/sys/kernel/security/lsm");

        (void) snprintf(e->found, sizeof(e->found), "%.200s", lsm ? lsm : "none");
        return lsm && (has_word(lsm, "apparmor") || has_word(lsm, "selinux"));
}

/* The program that makes the units says it; its lines go to whoever calls it by hand. */
static bool check_configured(Examination *e)
{
        char *argv[] = { (char *) (uintptr_t) CTR_GENERATOR_PATH, (char *) (uintptr_t) "--check",
                NULL };
        const ChildRun run = { .what = CTR_GENERATOR_PATH,
                .path = argv[0],
                .argv = argv,
                .netns_fd = -EBADF,
                .timeout_usec = CHECK_LIMIT_USEC };
        ChildResult result = { 0 };
        CtrError err = { 0 };
        int r;

        if (*e->root) {
                (void) snprintf(e->found, sizeof(e->found), "not read");
                return true;
        }
        r = child_run(&run, &result, &err);
        (void) snprintf(e->found, sizeof(e->found), "%.400s",
                r < 0                                       ? err.message
                : result.status == 0                        ? "without mistakes"
                : result.errors[0]                          ? result.errors
                : result.output && result.output[0] != '\0' ? result.output
                                                            : "with mistakes");
        r = r < 0 ? r : result.status;
        child_result_done(&result);
        e->found[strcspn(e->found, "\n")] = '\0';
        return r == 0;
}

/* In the order in which one would repair them. */
static const struct {
        const char *check;
        bool (*run)(Examination *e);
        DoctorVerdict otherwise;
        const char *why, *advice;
} checks[] = {
        { "systemd", check_systemd, DOCTOR_MISSING, "containers are its units",
                "use systemd 252 or later with the system bus (dbus.socket)" },
        { "kernel", check_kernel, DOCTOR_MISSING,
                "the file system of a container is mounted by calls of Linux 5.14",
                "boot Linux 5.14 or later" },
        { "cgroups", check_hierarchy, DOCTOR_MISSING, "containers need the unified hierarchy",
                "boot with systemd.unified_cgroup_hierarchy=1 and without cgroup_no_v1=" },
        { "controllers", check_controllers, DOCTOR_MISSING,
                "limits of these are configured but hold nothing back",
                "look for cgroup_disable= in /proc/cmdline; inside a container or machine its "
                "manager must delegate them (Delegate=yes)" },
        { "seccomp", check_seccomp, DOCTOR_MISSING, "filters of system calls cannot be loaded",
                "boot a kernel with CONFIG_SECCOMP_FILTER" },
        { "user namespaces", check_user_namespaces, DOCTOR_MISSING,
                "containers with uidMappings do not start",
                "sysctl user.max_user_namespaces=15000" },
        { "device rules", check_device_rules, DOCTOR_MISSING,
                "containers that deny devices do not start",
                "call it as root, on a kernel with CONFIG_CGROUP_BPF; inside a machine its "
                "manager must allow bpf(2)" },
        { "journal", check_journal, DOCTOR_MISSING, "what containers print is lost",
                "systemctl start systemd-journald.socket" },
        { "helper", check_helper, DOCTOR_MISSING, "it sets containers up",
                "install ctrunit again: this file is not there or not executable" },
        { "generator", check_generator, DOCTOR_MISSING,
                "it makes the units of configured containers",
                "install ctrunit again: this file is not there or not executable" },
        { "configured", check_configured, DOCTOR_MISSING,
                "a container with a mistake in its configuration does not start",
                "ctr-generator --check shows all of them; systemctl status ctr@NAME each" },
        { "D-Bus service", check_bus_service, DOCTOR_NOTE,
                "org.ctrunit1 is not activated for orchestrators",
                "install ctrunit with its D-Bus service" },
        { "polkit", check_polkit, DOCTOR_NOTE, "only root may do more than list over D-Bus",
                "apt-get install polkitd" },
        { "CNI plugins", check_cni, DOCTOR_NOTE, "pods of the network model CNI cannot be made",
                "apt-get install containernetworking-plugins" },
        { "security modules", check_modules, DOCTOR_NOTE,
                "configurations with apparmorProfile or selinuxLabel do not start",
                "boot with security=apparmor or security=selinux" },
        { "quick moves", check_moves, DOCTOR_NOTE,
                "each start waits 5 to 15 ms for the kernel, when a process is put into a cgroup",
                "mount -o remount,favordynmods /sys/fs/cgroup (Linux 6.0; forks get a little dearer)" },
};

const char *doctor_verdict_name(DoctorVerdict verdict)
{
        static const char *const names[_DOCTOR_VERDICT_MAX] = { "ok", "note", "missing" };

        return names[verdict];
}

DoctorVerdict doctor_examine(
        const char *root, void (*report)(void *userdata, const DoctorFinding *f), void *userdata)
{
        DoctorVerdict worst = DOCTOR_OK;

        for (size_t i = 0; i < ELEMENTSOF(checks); i++) {
                Examination e = { .root = root };
                bool is_well = checks[i].run(&e);
                const DoctorFinding finding = {
                        .check = checks[i].check,
                        .verdict = is_well ? DOCTOR_OK : checks[i].otherwise,
                        .found = e.found,
                        .why = is_well ? NULL : checks[i].why,
                        .advice = is_well ? NULL : checks[i].advice,
                };

                worst = MAX_OF(worst, finding.verdict);
                report(userdata, &finding);
        }
        return worst;
}
