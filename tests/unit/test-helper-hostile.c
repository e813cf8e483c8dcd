/* Hostile root file systems and odd programs against ctr-exec: nothing of the host is reached or
 * changed, and what cannot be made safe is refused. */
#include "unit/container-host.h"
#include "unit/test.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#define RACE_ROUNDS 150

static Outcome outcome;

static void expect_status(int status, int code)
{
        outcome_check_exited(&outcome, status, code);
}

static unsigned count_entries(const Host *h, const char *path)
{
        char command[256];
        unsigned n = 0;
        FILE *f;

        (void) snprintf(command, sizeof(command), "ls -A %s | wc -l", host_path(h, path));
        f = popen(command, "re");
        CHECK(f && fscanf(f, "%u", &n) == 1);
        (void) pclose(f);
        return n;
}

static void link_in_rootfs(const Host *h, const char *target, const char *path)
{
        (void) rmdir(host_path(h, path));
        CHECK(symlink(target, host_path(h, path)) >= 0);
}

static void begin(Host *h, Builder *b)
{
        container_prepare(h, b);
        build_op(b, STAGE_PREPARE,
                (ProgramOp){ .opcode = PROGRAM_OP_OPEN_SOURCE,
                        .number = { 1 },
                        .string = { build_string(b, host_path(h, "source")) } });
        container_clone(b, CONTAINER_FLAGS);
        build_op(b, STAGE_ATTEND, (ProgramOp){ .opcode = PROGRAM_OP_AWAIT_EXEC });
}

static void bind_op(Builder *b, const char *target)
{
        build_op(b, STAGE_ROOTFS,
                (ProgramOp){ .opcode = PROGRAM_OP_BIND,
                        .number = { 1 },
                        .string = { build_string(b, target) } });
}

static void run(Host *h, Builder *b)
{
        host_start(h, b, PROGRAM_SERVICE, "run");
        host_wait(h, &outcome);
}

/* A host with a source to bind, and a directory that must stay as it is. */
static void init(Host *h)
{
        host_init(h);
        CHECK(mkdir(host_path(h, "source"), 0755) >= 0);
        CHECK(mkdir(host_path(h, "precious"), 0755) >= 0);
        host_write(h, "source/mark", "of the source\n", 0644);
}

/* /dev of the image leads to a directory of the host. */
static void dev_is_a_link_to(bool is_absolute)
{
        static Builder b;
        Host h;

        init(&h);
        link_in_rootfs(&h,
                is_absolute ? host_path(&h, "precious") : "../../../../../../../precious",
                "rootfs/dev");
        begin(&h, &b);
        container_attach(&b);
        build_op(&b, STAGE_ROOTFS,
                (ProgramOp){ .opcode = PROGRAM_OP_NODE,
                        .number = { S_IFCHR | 0666, makedev(1, 3), 0, PROGRAM_NO_SLOT },
                        .string = { build_string(&b, "/dev/null") } });
        build_op(&b, STAGE_ROOTFS,
                (ProgramOp){ .opcode = PROGRAM_OP_SYMLINK,
                        .string = { build_string(&b, "/dev/fd"), build_string(&b, "x") } });
        bind_op(&b, "/dev/bound");
        container_pivot(&b);
        container_exec(&b, ARGV("/bin/ctr-probe", "stat", "/dev/null"), ARGV(NULL));
        run(&h, &b);
        expect_status(outcome.helper_status, 0);
        CHECK(outcome_line(&outcome, "stat", "/dev/null 0020666 0:0"));
        CHECK_INT(count_entries(&h, "precious"), 0);
        host_done(&h);
}

static void dev_is_an_absolute_link(void)
{
        dev_is_a_link_to(true);
}

static void dev_is_a_relative_link(void)
{
        dev_is_a_link_to(false);
}

static void bind_through_a_link(void)
{
        static Builder b;
        Host h;

        init(&h);
        link_in_rootfs(&h, "../../../../precious", "rootfs/up");
        link_in_rootfs(&h, host_path(&h, "precious"), "rootfs/absolute");
        begin(&h, &b);
        container_attach(&b);
        bind_op(&b, "/up/new/deep");
        container_pivot(&b);
        container_exec(&b, ARGV("/bin/ctr-probe", "cat", "/precious/new/deep/mark"), ARGV(NULL));
        run(&h, &b);
        expect_status(outcome.helper_status, 0);
        CHECK_STR(outcome_fact(&outcome, "line", 0), "of the source");
        begin(&h, &b);
        container_attach(&b);
        bind_op(&b, "/absolute/new");
        container_pivot(&b);
        container_exec(&b, ARGV("/bin/ctr-probe", "exit", "0"), ARGV(NULL));
        run(&h, &b);
        expect_status(outcome.helper_status, 0);
        CHECK_INT(count_entries(&h, "precious"), 0);
        host_done(&h);
}

static void proc_is_a_link(void)
{
        static Builder b;
        Host h;

        init(&h);
        link_in_rootfs(&h, "/evil", "rootfs/proc");
        begin(&h, &b);
        container_attach(&b);
        container_pivot(&b);
        container_exec(&b, ARGV("/bin/ctr-probe", "exit", "0"), ARGV(NULL));
        run(&h, &b);
        expect_status(outcome.helper_status, LAUNCH_EXIT_NAMESPACE);
        CHECK_CONTAINS(outcome.error_file, "mount: target /proc");
        host_done(&h);
}

/* Binds whose target would show the container, or tools that look into it, a false /proc. */
static void false_proc_is_refused(void)
{
        static const char *const targets[] = { "/proc", "/proc/sys/net/ipv4", "/proc/self",
                "/proc/1/attr", "/alias/net", "/", "/bin/.." };
        static Builder b;
        Host h;

        init(&h);
        link_in_rootfs(&h, "/proc/sys", "rootfs/alias");
        for (size_t i = 0; i < ELEMENTSOF(targets); i++) {
                begin(&h, &b);
                container_attach(&b);
                bind_op(&b, targets[i]);
                container_pivot(&b);
                container_exec(&b, ARGV("/bin/ctr-probe", "exit", "0"), ARGV(NULL));
                run(&h, &b);
                if (!WIFEXITED(outcome.helper_status) ||
                        WEXITSTATUS(outcome.helper_status) != LAUNCH_EXIT_NAMESPACE)
                        test_fail(__FILE__, __LINE__, "bind on %s was not refused", targets[i]);
        }
        host_done(&h);
}

static void proc_files_of_lxcfs(void)
{
        static Builder b;
        Host h;

        init(&h);
        container_prepare(&h, &b);
        build_op(&b, STAGE_PREPARE,
                (ProgramOp){ .opcode = PROGRAM_OP_OPEN_SOURCE,
                        .number = { 1 },
                        .string = { build_string(&b, host_path(&h, "source/mark")) } });
        container_clone(&b, CONTAINER_FLAGS);
        build_op(&b, STAGE_ATTEND, (ProgramOp){ .opcode = PROGRAM_OP_AWAIT_EXEC });
        container_attach(&b);
        bind_op(&b, "/proc/meminfo");
        container_pivot(&b);
        container_exec(&b, ARGV("/bin/ctr-probe", "cat", "/proc/meminfo"), ARGV(NULL));
        run(&h, &b);
        expect_status(outcome.helper_status, 0);
        CHECK_STR(outcome_fact(&outcome, "line", 0), "of the source");
        host_done(&h);
}

/* What covers a masked file is never the image's /dev/null. */
static void forged_null(void)
{
        static Builder b;
        Host h;

        init(&h);
        host_write(&h, "rootfs/forged", "forged\n", 0666);
        CHECK(symlink("/forged", host_path(&h, "rootfs/dev/null")) >= 0);
        begin(&h, &b);
        container_attach(&b);
        container_pivot(&b);
        build_op(&b, STAGE_INSIDE,
                (ProgramOp){ .opcode = PROGRAM_OP_MASK,
                        .string = { build_string(&b, "/proc/version") } });
        container_exec(&b,
                ARGV("/bin/ctr-probe", "stat", "/proc/version", "write", "/proc/version", "cat",
                        "/proc/version", "exit", "0"),
                ARGV(NULL));
        run(&h, &b);
        expect_status(outcome.helper_status, 0);
        CHECK_STR(outcome_line(&outcome, "stat", "/proc/version "), "0100444 0:0 0 ro");
        CHECK_STR(outcome_fact(&outcome, "write", 0), "Read-only file system");
        CHECK(!outcome_fact(&outcome, "line", 0));
        host_done(&h);
}

/* Descriptors of the set-up or of the caller as a working directory. */
static void cwd_by_descriptor(void)
{
        static Builder b;
        char path[64];
        Host h;

        init(&h);
        for (int fd = 0; fd < 15; fd++) {
                (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
                begin(&h, &b);
                container_attach(&b);
                container_pivot(&b);
                build_op(&b, STAGE_IDENTITY,
                        (ProgramOp){
                                .opcode = PROGRAM_OP_CHDIR, .string = { build_string(&b, path) } });
                container_exec(&b, ARGV("/bin/ctr-probe", "exit", "0"), ARGV(NULL));
                run(&h, &b);
                expect_status(outcome.helper_status, LAUNCH_EXIT_CHDIR);
        }
        host_done(&h);
}

/* Who opens this file from now on; it is no link. inotify(7) */
static int watch_open(const Host *h, const char *path)
{
        int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

        CHECK(fd >= 0 && inotify_add_watch(fd, host_path(h, path), IN_OPEN) >= 0);
        return fd;
}

/* Files that stand where a passwd file is looked for. */
static void odd_passwd(void)
{
        static const struct {
                const char *shell; /* makes rootfs/etc/passwd, in the rootfs */
                bool is_special;   /* to open it does something to it */
        } cases[] = {
                { "mkfifo etc/passwd", true },
                { "mkdir etc/passwd", false },
                { "ln -s /../../../../etc/passwd etc/passwd", false },
                { "ln -s passwd etc/passwd", false },
                { "truncate -s 2M etc/passwd", false },
                { "mknod etc/passwd c 1 5", true },
                { "true", false },
        };
        struct inotify_event event;
        static Builder b;
        char command[256];
        int watch_fd;
        Host h;

        init(&h);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                (void) snprintf(command, sizeof(command), "cd %s && rm -rf etc/passwd && %s",
                        h.rootfs, cases[i].shell);
                CHECK_INT(system(command), 0);
                watch_fd = cases[i].is_special ? watch_open(&h, "rootfs/etc/passwd") : -1;
                begin(&h, &b);
                container_attach(&b);
                container_pivot(&b);
                build_op(&b, STAGE_IDENTITY, (ProgramOp){ .opcode = PROGRAM_OP_SET_IDS });
                container_exec(&b, ARGV("/bin/ctr-probe", "facts"), ARGV(NULL));
                run(&h, &b);
                expect_status(outcome.helper_status, 0);
                CHECK_STR(outcome_fact(&outcome, "env", 0), "HOME=/");
                if (watch_fd >= 0 && read(watch_fd, &event, sizeof(event)) > 0)
                        test_fail(__FILE__, __LINE__, "%s: it was opened", cases[i].shell);
                closep(&watch_fd);
        }
        host_done(&h);
}

static void wrong_namespaces(void)
{
        static const struct {
                uint64_t type;
                const char *path;
                const char *message;
        } cases[] = {
                { CLONE_NEWPID, "/proc/self/ns/net", "a namespace of another type" },
                { CLONE_NEWIPC, "/etc/passwd", "is not a namespace" },
                { CLONE_NEWNET, "/dev/null", "is not a namespace" },
                { CLONE_NEWNET, "/proc", "is not a namespace" },
                { CLONE_NEWNET, "/not/there", "No such file or directory" },
        };
        static Builder b;
        Host h;

        init(&h);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                container_prepare(&h, &b);
                build_op(&b, STAGE_PREPARE,
                        (ProgramOp){ .opcode = PROGRAM_OP_OPEN_NAMESPACE,
                                .number = { 1, cases[i].type },
                                .string = { build_string(&b, cases[i].path) } });
                run(&h, &b);
                expect_status(outcome.helper_status, LAUNCH_EXIT_NAMESPACE);
                CHECK_CONTAINS(outcome.error_file, cases[i].message);
        }
        host_done(&h);
}

/* What would be changed for all that are in them is never the host's own. */
static void host_namespaces(void)
{
        static const struct {
                uint64_t type;
                const char *path, *change;
        } cases[] = {
                { CLONE_NEWUTS, "/proc/self/ns/uts", "hostname" },
                { CLONE_NEWNET, "/proc/self/ns/net", "linux.sysctl[\"net.core.somaxconn\"]" },
                { CLONE_NEWIPC, "/proc/self/ns/ipc", "linux.sysctl[\"kernel.msgmax\"]" },
        };
        static Builder b;
        Host h;

        init(&h);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                container_prepare(&h, &b);
                build_op(&b, STAGE_PREPARE,
                        (ProgramOp){ .opcode = PROGRAM_OP_OPEN_NAMESPACE,
                                .number = { 1, cases[i].type },
                                .string = { build_string(&b, cases[i].path),
                                        build_string(&b, cases[i].change) } });
                run(&h, &b);
                expect_status(outcome.helper_status, LAUNCH_EXIT_NAMESPACE);
                CHECK_CONTAINS(outcome.error_file, cases[i].change);
                CHECK_CONTAINS(outcome.error_file, "is the host's own namespace");
        }
        host_done(&h);
}

static void join_by_path(void)
{
        char path[64], ns[64] = "";
        static Builder b;
        Host h;

        init(&h);
        (void) snprintf(path, sizeof(path), "/proc/%d/ns/uts", (int) getpid());
        container_prepare(&h, &b);
        build_op(&b, STAGE_PREPARE,
                (ProgramOp){ .opcode = PROGRAM_OP_OPEN_NAMESPACE,
                        .number = { 1, CLONE_NEWUTS },
                        .string = { build_string(&b, path) } });
        container_clone(&b, CONTAINER_FLAGS);
        build_op(&b, STAGE_ATTEND, (ProgramOp){ .opcode = PROGRAM_OP_AWAIT_EXEC });
        build_op(&b, STAGE_NAMESPACE,
                (ProgramOp){ .opcode = PROGRAM_OP_JOIN_NAMESPACE, .number = { 1, CLONE_NEWUTS } });
        container_attach(&b);
        container_pivot(&b);
        container_exec(&b, ARGV("/bin/ctr-probe", "facts"), ARGV(NULL));
        run(&h, &b);
        expect_status(outcome.helper_status, 0);
        CHECK(readlink(path, ns, sizeof(ns) - 1) > 0);
        CHECK_STR(outcome_fact(&outcome, "ns_uts", 0), ns);
        host_done(&h);
}

static void sysctl_keys(void)
{
        static const char *const keys[] = { "../../etc/x", "net/../net/ipv4/ip_forward",
                "net/./ipv4/ip_forward", "net//ipv4/ip_forward", "/net/ipv4/ip_forward", "net..x",
                ".net.ipv4", "", "net/ipv4", "nope.nope" };
        static Builder b;
        Host h;

        init(&h);
        for (size_t i = 0; i < ELEMENTSOF(keys); i++) {
                begin(&h, &b);
                build_op(&b, STAGE_INSIDE,
                        (ProgramOp){ .opcode = PROGRAM_OP_SYSCTL,
                                .string = { build_string(&b, keys[i]), build_string(&b, "1") } });
                run(&h, &b);
                expect_status(outcome.helper_status, LAUNCH_EXIT_NAMESPACE);
                CHECK_CONTAINS(outcome.error_file, "sysctl: ");
        }
        host_done(&h);
}

/* Operations that change the mounts of "the host" do so in a namespace of their own only. */
static void never_in_the_host(void)
{
        static Builder b;
        Host h;

        init(&h);
        container_prepare(&h, &b);
        container_clone(&b, CONTAINER_FLAGS & ~(uint64_t) CLONE_NEWNS);
        build_op(&b, STAGE_ATTEND, (ProgramOp){ .opcode = PROGRAM_OP_AWAIT_EXEC });
        container_attach(&b);
        run(&h, &b);
        expect_status(outcome.helper_status, LAUNCH_EXIT_NAMESPACE);
        CHECK_CONTAINS(outcome.error_file, "needs a mount namespace of its own");

        /* Forgotten propagation: "/" is shared in this test, host_done() would see what got out. */
        container_prepare(&h, &b);
        container_clone(&b, CONTAINER_FLAGS);
        build_op(&b, STAGE_ATTEND, (ProgramOp){ .opcode = PROGRAM_OP_AWAIT_EXEC });
        build_op(&b, STAGE_ROOTFS, (ProgramOp){ .opcode = PROGRAM_OP_ATTACH_ROOTFS });
        container_pivot(&b);
        container_exec(&b, ARGV("/bin/ctr-probe", "list", "/", "exit", "0"), ARGV(NULL));
        run(&h, &b);
        expect_status(outcome.helper_status, 0);
        CHECK(outcome_line(&outcome, "list", "/ masked"));
        host_done(&h);
}

/* Somebody exchanges a directory and a link to a directory of the host as fast as possible. */
_noreturn_ static void exchange_for_ever(const Host *h)
{
        _cleanup_close_ int fd =
                open(host_path(h, "rootfs/volume"), O_PATH | O_DIRECTORY | O_CLOEXEC);

        (void) alarm(60);
        for (;;)
                if (renameat2(fd, "a", fd, "b", RENAME_EXCHANGE) < 0)
                        _exit(1);
}

static void race_on_a_target(void)
{
        static Builder b;
        unsigned inside = 0;
        pid_t racer;
        Host h;

        init(&h);
        CHECK(mkdir(host_path(&h, "rootfs/volume"), 0755) >= 0);
        CHECK(mkdir(host_path(&h, "rootfs/volume/a"), 0755) >= 0);
        CHECK(symlink(host_path(&h, "precious"), host_path(&h, "rootfs/volume/b")) >= 0);
        racer = fork();
        if (racer == 0)
                exchange_for_ever(&h);
        for (unsigned i = 0; i < RACE_ROUNDS; i++) {
                int status;

                begin(&h, &b);
                container_attach(&b);
                bind_op(&b, "/volume/a/x/y");
                container_pivot(&b);
                container_exec(&b, ARGV("/bin/ctr-probe", "exit", "0"), ARGV(NULL));
                host_start(&h, &b, PROGRAM_SERVICE, "run");
                status = host_wait_helper(&h);
                inside += WIFEXITED(status) && WEXITSTATUS(status) == 0;
        }
        CHECK(kill(racer, SIGKILL) >= 0);
        host_wait(&h, &outcome);
        CHECK(inside > 0);
        CHECK_INT(count_entries(&h, "precious"), 0);
        host_done(&h);
}

static const Test tests[] = {
        TEST(dev_is_an_absolute_link),
        TEST(dev_is_a_relative_link),
        TEST(bind_through_a_link),
        TEST(proc_is_a_link),
        TEST(false_proc_is_refused),
        TEST(proc_files_of_lxcfs),
        TEST(forged_null),
        TEST(cwd_by_descriptor),
        TEST(odd_passwd),
        TEST(wrong_namespaces),
        TEST(host_namespaces),
        TEST(join_by_path),
        TEST(sysctl_keys),
        TEST(never_in_the_host),
        TEST(race_on_a_target),
};
TEST_MAIN(tests)
