/* What doctor says of hosts that lack things: of a made-up tree of files, and of none at all. */
#include "runtime/doctor.h"
#include "unit/test.h"

#include "base/io.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static char root[] = "/tmp/ctrunit-doctor-XXXXXX";

typedef struct Seen {
        char lines[4096];
        size_t used;
        unsigned n;
} Seen;

static void keep(void *userdata, const DoctorFinding *f)
{
        Seen *seen = userdata;

        CHECK((f->verdict == DOCTOR_OK) == (f->why == NULL));
        CHECK((f->why == NULL) == (f->advice == NULL));
        CHECK(f->found[0] && !strchr(f->found, '\n'));
        seen->n++;
        seen->used += (size_t) snprintf(seen->lines + seen->used, sizeof(seen->lines) - seen->used,
                "%s %s: %s|", doctor_verdict_name(f->verdict), f->check, f->found);
        CHECK(seen->used < sizeof(seen->lines));
}

static void put(const char *path, const char *text)
{
        char full[256];
        int fd;

        (void) snprintf(full, sizeof(full), "%s%s", root, path);
        *strrchr(full, '/') = '\0';
        CHECK_INT(ctr_mkdir_parents(full, 0755, NULL), 0);
        full[strlen(full)] = '/';
        fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
        CHECK(fd >= 0);
        CHECK_INT(ctr_write_all(fd, text, strlen(text)), 0);
        (void) close(fd);
}

static bool has(const Seen *seen, const char *line)
{
        if (strstr(seen->lines, line))
                return true;
        printf("# not there: %s\n# %s\n", line, seen->lines);
        return false;
}

static void nothing(void)
{
        Seen seen = { 0 };

        CHECK(mkdtemp(root));
        CHECK_INT(doctor_examine(root, keep, &seen), DOCTOR_MISSING);
        CHECK(has(&seen, "missing kernel: unknown|"));
        CHECK(has(&seen, "missing cgroups: not unified|"));
        CHECK(has(&seen, "missing controllers: none (not here: cpu, io, memory, pids)|"));
        CHECK(has(&seen, "missing seccomp: none|"));
        CHECK(has(&seen, "missing user namespaces: none|"));
        CHECK(has(&seen, "missing helper: " CTR_EXEC_PATH "|"));
        CHECK(has(&seen, "missing generator: " CTR_GENERATOR_PATH "|"));
        CHECK(has(&seen, "note polkit: not found|"));
}

static void a_part(void)
{
        static const struct {
                const char *path, *text, *line;
        } cases[] = {
                { "/proc/sys/kernel/osrelease", "5.13.19\n", "missing kernel: 5.13.19|" },
                { "/proc/sys/kernel/osrelease", "4.20.1\n", "missing kernel: 4.20.1|" },
                { "/proc/sys/kernel/osrelease", "5.14.0-1-amd64\n", "ok kernel: 5.14.0-1-amd64|" },
                { "/proc/sys/kernel/osrelease", "6.0.0\n", "ok kernel: 6.0.0|" },
                { "/sys/fs/cgroup/cgroup.controllers", "cpuset io pids\n",
                        "missing controllers: cpuset io pids (not here: cpu, memory)|" },
                { "/sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory hugetlb pids\n",
                        "ok controllers: cpuset cpu io memory hugetlb pids|" },
                { "/proc/sys/kernel/seccomp/actions_avail", "kill_process errno\n",
                        "missing seccomp: kill_process errno|" },
                { "/proc/sys/kernel/seccomp/actions_avail", "kill_process errno user_notif log\n",
                        "ok seccomp: kill_process errno user_notif log|" },
                { "/proc/sys/user/max_user_namespaces", "0\n", "missing user namespaces: 0|" },
                { "/proc/sys/user/max_user_namespaces", "15000\n", "ok user namespaces: 15000|" },
                { "/run/systemd/journal/stdout", "", "ok journal: /run/systemd/journal/stdout|" },
                { CTR_EXEC_PATH, "", "ok helper: " CTR_EXEC_PATH "|" },
                { CTR_GENERATOR_PATH, "", "ok generator: " CTR_GENERATOR_PATH "|" },
                { "/sys/kernel/security/lsm", "capability,landlock,yama",
                        "note security modules: capability,landlock,yama|" },
                { "/sys/kernel/security/lsm", "capability,apparmor,bpf",
                        "ok security modules: capability,apparmor,bpf|" },
                { "/proc/self/mountinfo",
                        "1 1 0:1 / /sys/fs/cgroup/x rw - cgroup2 cgroup2 rw,favordynmods\n"
                        "2 1 0:2 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 "
                        "rw,nsdelegate\n",
                        "note quick moves: without favordynmods|" },
                { "/proc/self/mountinfo",
                        "1 1 0:1 / / rw - ext4 /dev/vda rw\n2 1 0:2 / /sys/fs/cgroup rw,nosuid "
                        "shared:9 - cgroup2 cgroup2 rw,nsdelegate,favordynmods\n",
                        "ok quick moves: favordynmods|" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Seen seen = { 0 };

                put(cases[i].path, cases[i].text);
                (void) doctor_examine(root, keep, &seen);
                CHECK(has(&seen, cases[i].line));
        }
}

/* All that is needed is there now; what is left are notes. */
static void enough(void)
{
        Seen seen = { 0 };

        CHECK_INT(doctor_examine(root, keep, &seen), DOCTOR_NOTE);
        CHECK(seen.n > 10);
        CHECK_INT(ctr_remove_tree(AT_FDCWD, root), 0);
}

static const Test tests[] = {
        TEST(nothing),
        TEST(a_part),
        TEST(enough),
};
TEST_MAIN(tests)
