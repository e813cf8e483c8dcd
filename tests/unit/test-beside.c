/* What stands beside a container's own processes and limits: PID 1's and our processes in its
 * cgroup, and its class of service in resctrl. */
#include "runtime/host-process.h"
#include "runtime/update-rdt.h"
#include "unit/test.h"

#include "base/io.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char root[] = "/tmp/test-beside.XXXXXX";

static const char *path_of(const char *name)
{
        static char path[4][256];
        static unsigned i;
        char *p = path[i++ % 4];

        (void) snprintf(p, sizeof(path[0]), "%s/%s", root, name);
        return p;
}

static void write_text(const char *name, const char *text)
{
        _cleanup_close_ int fd =
                open(path_of(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        CHECK(fd >= 0);
        CHECK(ctr_write_all(fd, text, strlen(text)) >= 0);
}

static void check_text(const char *name, const char *expected)
{
        _cleanup_close_ int fd = open(path_of(name), O_RDONLY | O_CLOEXEC);
        char text[256] = "";

        CHECK(fd >= 0 && read(fd, text, sizeof(text) - 1) >= 0);
        CHECK_STR(text, expected);
}

static void schemata(void)
{
        CtrError err = { 0 };

        CHECK(mkdtemp(root));
        CHECK(mkdir(path_of("gold"), 0700) >= 0);
        write_text("gold/schemata", "");
        CHECK_OK(rdt_write_schemata(root, "gold", "L3:0=3;1=f\nMB:0=10", "MB:0=70", &err), err);
        check_text("gold/schemata", "L3:0=3;1=f\nMB:0=70\n");
        write_text("schemata", "");
        CHECK_OK(rdt_write_schemata(root, "/", NULL, "MB:0=20", &err), err);
        check_text("schemata", "MB:0=20\n");
        CHECK_INT(rdt_write_schemata(root, "silver", "L3:0=f", NULL, &err), -ENOENT);
        CHECK_CONTAINS(err.message, "silver/schemata");
        CHECK(symlink("gold", path_of("link")) >= 0);
        CHECK(rdt_write_schemata(root, "link", "L3:0=f", NULL, &err) < 0);
        CHECK_INT(rdt_write_schemata(path_of("none"), "gold", "L3:0=f", NULL, &err), -ENOENT);
        CHECK(ctr_remove_tree(AT_FDCWD, root) >= 0);
}

/* A child that stays, in a mount namespace of its own or in ours. */
static pid_t make_child(bool has_mounts)
{
        int ready[2];
        char byte;
        pid_t pid;

        CHECK(pipe(ready) >= 0);
        pid = fork();
        CHECK(pid >= 0);
        if (pid == 0) {
                (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
                if (has_mounts && unshare(CLONE_NEWNS) < 0)
                        _exit(1);
                (void) !write(ready[1], "x", 1);
                for (;;)
                        (void) pause();
        }
        (void) close(ready[1]);
        CHECK_INT(read(ready[0], &byte, 1), 1);
        (void) close(ready[0]);
        return pid;
}

/* Of a container's processes those of the host are left out, unless init itself is one. */
static void processes(void)
{
        pid_t ours = make_child(false), theirs = make_child(true), pids[2] = { ours, theirs };
        struct stat host, own;
        siginfo_t info;
        bool is_host;

        /* Where PID 1 does not let itself be looked at, nobody is taken for the host's. */
        CHECK(stat("/proc/self/ns/mnt", &own) >= 0);
        is_host = stat("/proc/1/ns/mnt", &host) >= 0 && host.st_ino == own.st_ino;
        CHECK_INT(host_process_has_mounts(ours), is_host);
        CHECK(!host_process_has_mounts(theirs));
        CHECK(!host_process_is_ours(theirs));
        CHECK_INT(host_process_is_ours(1), stat("/proc/1/exe", &host) >= 0);
        CHECK_INT(host_process_leave_out(pids, 2, theirs), is_host ? 1 : 2);
        CHECK_INT(pids[0], is_host ? theirs : ours);
        pids[0] = ours;
        pids[1] = theirs;
        CHECK_INT(host_process_leave_out(pids, 2, is_host ? ours : theirs), 2);
        CHECK_INT(pids[0], ours);
        CHECK(kill(theirs, SIGKILL) >= 0);
        CHECK(waitid(P_PID, (id_t) theirs, &info, WEXITED | WNOWAIT) >= 0);
        pids[0] = theirs; /* has ended, and is waited for */
        CHECK_INT(host_process_leave_out(pids, 1, 0), 0);
        pids[0] = ours;
        for (size_t i = 0; i < ELEMENTSOF(pids); i++) {
                CHECK(kill(pids[i], SIGKILL) >= 0);
                CHECK(waitpid(pids[i], NULL, 0) == pids[i]);
        }
}

static const Test tests[] = { TEST(schemata), TEST(processes) };
TEST_MAIN(tests)
