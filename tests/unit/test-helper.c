/* ctr-exec as a whole: containers from programs made by hand. What the payload finds, what PID 1
 * and the callers are told, and that nothing is left behind (host_done() compares the mounts). */
#include "unit/container-host.h"
#include "unit/test.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>

static Outcome outcome;

static void check_exited(int status, int code)
{
        outcome_check_exited(&outcome, status, code);
}

static void await_and_notify(Builder *b)
{
        build_op(b, STAGE_ATTEND, (ProgramOp){ .opcode = PROGRAM_OP_AWAIT_EXEC });
        build_op(b, STAGE_ATTEND,
                (ProgramOp){ .opcode = PROGRAM_OP_NOTIFY_READY,
                        .string = { build_string(b, "running") } });
}

/* The whole of the smallest container. */
static void build_small(Host *h, Builder *b, const char *const *argv, const char *const *env)
{
        container_prepare(h, b);
        container_clone(b, CONTAINER_FLAGS);
        await_and_notify(b);
        container_attach(b);
        container_pivot(b);
        container_exec(b, argv, env);
}

static void smallest(void)
{
        static Builder b;
        char expected[128];
        Host h;

        host_init(&h);
        build_small(&h, &b, ARGV("/bin/ctr-probe", "facts", "exit", "42"), ARGV("A=1", "B=x y"));
        host_start(&h, &b, PROGRAM_SERVICE, "run");
        host_wait(&h, &outcome);
        check_exited(outcome.helper_status, 0);
        check_exited(outcome.payload_status, 42);
        (void) snprintf(expected, sizeof(expected), "MAINPID=%d\nREADY=1\nSTATUS=running\n",
                (int) outcome.payload_pid);
        CHECK_STR(outcome.notified, expected);
        CHECK_STR(outcome.err, "");
        CHECK_STR(outcome_fact(&outcome, "pid", 0), "1");
        CHECK_STR(outcome_fact(&outcome, "cwd", 0), "/");
        CHECK_STR(outcome_fact(&outcome, "env", 0), "A=1");
        CHECK_STR(outcome_fact(&outcome, "env", 1), "B=x y");
        CHECK_STR(outcome_fact(&outcome, "env", 2), "HOME=/root");
        CHECK(!outcome_fact(&outcome, "env", 3));
        CHECK_STR(outcome_fact(&outcome, "umask", 0), "0022");
        CHECK_STR(outcome_fact(&outcome, "SigBlk", 0), "0000000000000000");
        CHECK_STR(outcome_fact(&outcome, "SigIgn", 0), "0000000000000000");
        if (outcome_fact(&outcome, "LEAKED_FD", 0))
                test_fail(__FILE__, __LINE__, "leaked %s", outcome_fact(&outcome, "LEAKED_FD", 0));
        CHECK(outcome_line(&outcome, "mount", "/ tmpfs rw"));
        CHECK(outcome_line(&outcome, "mount", "/proc proc rw,nosuid,nodev,noexec"));
        CHECK(!outcome_fact(&outcome, "mount", 2)); /* the old root is gone */
        host_done(&h);
}

static void mount_op(
        Builder *b, const char *type, const char *target, uint64_t attr, const char *const *options)
{
        build_op(b, STAGE_ROOTFS,
                (ProgramOp){ .opcode = PROGRAM_OP_MOUNT,
                        .number = { attr, 0, 0755 },
                        .string = { build_string(b, type), build_string(b, type),
                                build_string(b, target) },
                        .data = { build_list(b, options) } });
}

static void node_op(Builder *b, const char *path, mode_t mode, dev_t device, uint64_t slot)
{
        build_op(b, STAGE_ROOTFS,
                (ProgramOp){ .opcode = PROGRAM_OP_NODE,
                        .number = { mode, device, 0, slot },
                        .string = { build_string(b, path) } });
}

static void full_sources(Host *h, Builder *b)
{
        container_prepare(h, b);
        build_op(b, STAGE_PREPARE,
                (ProgramOp){ .opcode = PROGRAM_OP_OPEN_SOURCE,
                        .number = { 1, 1 },
                        .string = { build_string(b, host_path(h, "volume")) } });
        build_op(b, STAGE_PREPARE,
                (ProgramOp){ .opcode = PROGRAM_OP_OPEN_SOURCE,
                        .number = { 2 },
                        .string = { build_string(b, host_path(h, "file")) } });
        build_op(b, STAGE_PREPARE,
                (ProgramOp){ .opcode = PROGRAM_OP_OPEN_DEVICE,
                        .number = { 3, 'c', 1, 3 },
                        .string = { build_string(b, "/dev/null") } });
        build_op(b, STAGE_PREPARE, /* not that device: stays empty */
                (ProgramOp){ .opcode = PROGRAM_OP_OPEN_DEVICE,
                        .number = { 4, 'c', 1, 5 },
                        .string = { build_string(b, "/dev/null") } });
}

static void full_mounts(Builder *b)
{
        container_clone(b, CONTAINER_FLAGS);
        await_and_notify(b);
        path_op(b, STAGE_NAMESPACE, PROGRAM_OP_SET_HOSTNAME, "box");
        path_op(b, STAGE_NAMESPACE, PROGRAM_OP_SET_DOMAINNAME, "example");
        build_op(b, STAGE_NAMESPACE, (ProgramOp){ .opcode = PROGRAM_OP_LOOPBACK_UP });
        build_op(b, STAGE_NAMESPACE, (ProgramOp){ .opcode = PROGRAM_OP_NEW_SESSION });
        path_op(b, STAGE_NAMESPACE, PROGRAM_OP_NEW_KEYRING, "_ses.test");
        container_attach(b);
        mount_op(b, "tmpfs", "/dev", MOUNT_ATTR_NOSUID, ARGV("mode=755", "size=65536k"));
        mount_op(b, "devpts", "/dev/pts", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
                ARGV("newinstance", "ptmxmode=0666", "mode=0620"));
        mount_op(b, "mqueue", "/dev/mqueue", MOUNT_ATTR_NOSUID, ARGV(NULL));
        mount_op(b, "sysfs", "/sys", MOUNT_ATTR_RDONLY, ARGV(NULL));
        build_op(b, STAGE_ROOTFS,
                (ProgramOp){ .opcode = PROGRAM_OP_BIND,
                        .number = { 1, MOUNT_ATTR_RDONLY, 0, 1 },
                        .string = { build_string(b, "/made/here/volume") } });
        build_op(b, STAGE_ROOTFS,
                (ProgramOp){ .opcode = PROGRAM_OP_BIND,
                        .number = { 2 },
                        .string = { build_string(b, "/etc/hosts") } });
        build_op(b, STAGE_ROOTFS,
                (ProgramOp){ .opcode = PROGRAM_OP_SET_ATTR,
                        .number = { MOUNT_ATTR_NOEXEC, 0, MS_SHARED },
                        .string = { build_string(b, "/etc/hosts") } });
        build_op(b, STAGE_ROOTFS,
                (ProgramOp){ .opcode = PROGRAM_OP_MOUNT_COPY_UP,
                        .string = { build_string(b, "tmpfs"), { 0 }, build_string(b, "/tmp") } });
        node_op(b, "/dev/null", S_IFCHR | 0666, makedev(1, 3), 3);
        node_op(b, "/dev/zero", S_IFCHR | 0666, makedev(1, 5), 4);
        node_op(b, "/dev/odd", S_IFCHR | 0640, makedev(1, 3), 3);
        node_op(b, "/dev/fifo", S_IFIFO | 0600, 0, PROGRAM_NO_SLOT);
        pair_op(b, STAGE_ROOTFS, PROGRAM_OP_SYMLINK, "/dev/fd", "/proc/self/fd");
}

static void full_inside(Builder *b)
{
        container_pivot(b);
        pair_op(b, STAGE_INSIDE, PROGRAM_OP_SYSCTL, "net.ipv4.ip_forward", "1");
        pair_op(b, STAGE_INSIDE, PROGRAM_OP_SYSCTL, "kernel/msgmax", "4096");
        path_op(b, STAGE_INSIDE, PROGRAM_OP_MASK, "/masked-file");
        path_op(b, STAGE_INSIDE, PROGRAM_OP_MASK, "/masked");
        path_op(b, STAGE_INSIDE, PROGRAM_OP_MASK, "/proc/version");
        path_op(b, STAGE_INSIDE, PROGRAM_OP_MASK, "/proc/acpi");
        path_op(b, STAGE_INSIDE, PROGRAM_OP_MASK, "/not/there");
        path_op(b, STAGE_INSIDE, PROGRAM_OP_READONLY, "/proc/sys");
        path_op(b, STAGE_INSIDE, PROGRAM_OP_READONLY, "/not/there");
        build_op(b, STAGE_INSIDE, (ProgramOp){ .opcode = PROGRAM_OP_ROOT_READONLY });
        build_op(b, STAGE_INSIDE,
                (ProgramOp){ .opcode = PROGRAM_OP_ROOT_PROPAGATION, .number = { MS_SLAVE, 1 } });
}

static void check_full_mounts(void)
{
        CHECK_STR(outcome_fact(&outcome, "hostname", 0), "box");
        CHECK_STR(outcome_fact(&outcome, "domainname", 0), "example");
        CHECK_STR(outcome_fact(&outcome, "sid", 0), "1");
        CHECK(outcome_line(
                &outcome, "mount", "/dev tmpfs rw,nosuid,relatime rw,size=65536k,mode=755"));
        CHECK(outcome_line(&outcome, "mount", "/dev/pts devpts rw,nosuid,noexec"));
        CHECK(outcome_line(&outcome, "mount", "/dev/mqueue mqueue "));
        CHECK(outcome_line(&outcome, "mount", "/sys sysfs ro,"));
        CHECK(outcome_line(&outcome, "mount", "/made/here/volume tmpfs ro,"));
        CHECK_CONTAINS(outcome_line(&outcome, "mount", "/etc/hosts tmpfs rw,noexec"), "slave");
        CHECK(outcome_line(&outcome, "mount", "/proc/sys proc ro,"));
        CHECK(outcome_line(&outcome, "mount", "/ tmpfs ro,"));
}

static void check_full_files(void)
{
        CHECK_STR(outcome_line(&outcome, "dev", "null "), "c 1:3 0666 0:0");
        CHECK_STR(outcome_line(&outcome, "dev", "zero "), "c 1:5 0666 0:0");
        CHECK_STR(outcome_line(&outcome, "dev", "odd "), "c 1:3 0640 0:0");
        CHECK_STR(outcome_line(&outcome, "dev", "fd "), "l /proc/self/fd");
        CHECK_STR(outcome_fact(&outcome, "line", 0), "1");
        CHECK_STR(outcome_fact(&outcome, "line", 1), "4096");
        CHECK_STR(outcome_line(&outcome, "stat", "/masked-file "), "0100444 0:0 0 ro");
        CHECK_STR(outcome_line(&outcome, "stat", "/masked "), "0040555 0:0 40 ro");
        CHECK(!outcome_line(&outcome, "list", "/masked "));
        CHECK_STR(outcome_line(&outcome, "stat", "/proc/version "), "0100444 0:0 0 ro");
        CHECK_STR(outcome_line(&outcome, "list", "/made/here/volume "), "inside");
        CHECK_STR(outcome_fact(&outcome, "line", 2), "hosts");
        CHECK_STR(outcome_fact(&outcome, "mkdir", 0), "Read-only file system");
        CHECK_STR(outcome_fact(&outcome, "write", 0), "Read-only file system");
        CHECK_STR(outcome_fact(&outcome, "line", 3), "copy me");
        CHECK_STR(outcome_line(&outcome, "stat", "/tmp/copied "), "0100640 0:0 7 rw");
        CHECK_STR(outcome_fact(&outcome, "write", 1), "ok");
        CHECK_STR(outcome_line(&outcome, "stat", "/dev/fifo "), "0010600 0:0 0 rw");
        CHECK_STR(outcome_fact(&outcome, "write", 2), "Read-only file system");
        CHECK_STR(outcome.err, "");
}

/* Everything that a usual container of an engine has. */
static void full_file_systems(void)
{
        static Builder b;
        Host h;

        host_init(&h);
        CHECK(mkdir(host_path(&h, "volume"), 0755) >= 0);
        host_write(&h, "volume/inside", "x", 0644);
        host_write(&h, "file", "hosts", 0644);
        host_write(&h, "rootfs/masked-file", "secret", 0644);
        host_write(&h, "rootfs/masked/below", "secret", 0644);
        host_write(&h, "rootfs/tmp/copied", "copy me", 0640);
        full_sources(&h, &b);
        full_mounts(&b);
        full_inside(&b);
        container_exec(&b,
                ARGV("/bin/ctr-probe", "facts", "cat", "/proc/sys/net/ipv4/ip_forward", "cat",
                        "/proc/sys/kernel/msgmax", "stat", "/masked-file", "stat", "/masked",
                        "list", "/masked", "stat", "/proc/version", "list", "/made/here/volume",
                        "cat", "/etc/hosts", "mkdir", "/new", "write", "/made/here/volume/new",
                        "cat", "/tmp/copied", "stat", "/tmp/copied", "write", "/tmp/new", "stat",
                        "/dev/fifo", "write", "/proc/sys/kernel/msgmax", "exit", "0"),
                ARGV("PATH=/bin"));
        host_start(&h, &b, PROGRAM_SERVICE, "run");
        host_wait(&h, &outcome);
        check_exited(outcome.helper_status, 0);
        check_full_mounts();
        check_full_files();
        host_done(&h);
}

static const uint64_t some_caps = UINT64_C(1) << CAP_CHOWN | UINT64_C(1) << CAP_NET_RAW;

static void identity_ops(Builder *b, bool is_filtered_late)
{
        static const struct sock_filter allow[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
        const uint32_t groups[] = { 7, 8 };
        ProgramOp filter = { .opcode = PROGRAM_OP_SECCOMP,
                .data = { build_blob(b, allow, sizeof(allow)) } };

        path_op(b, STAGE_IDENTITY, PROGRAM_OP_OOM_SCORE_ADJ, "321");
        build_op(b, STAGE_IDENTITY,
                (ProgramOp){ .opcode = PROGRAM_OP_RLIMIT, .number = { RLIMIT_NOFILE, 100, 200 } });
        build_op(b, STAGE_IDENTITY,
                (ProgramOp){ .opcode = PROGRAM_OP_SCHEDULER,
                        .number = { SCHED_BATCH, 0, UINT64_C(5) << 32 } });
        build_op(b, STAGE_IDENTITY,
                (ProgramOp){ .opcode = PROGRAM_OP_IO_PRIORITY, .number = { 2 << 13 | 6 } });
        build_op(b, STAGE_IDENTITY,
                (ProgramOp){ .opcode = PROGRAM_OP_PERSONALITY, .number = { 8 } });
        build_op(b, STAGE_IDENTITY, (ProgramOp){ .opcode = PROGRAM_OP_UMASK, .number = { 027 } });
        if (!is_filtered_late)
                build_op(b, STAGE_IDENTITY, filter);
        build_op(b, STAGE_IDENTITY,
                (ProgramOp){ .opcode = PROGRAM_OP_CHDIR,
                        .number = { 3 },
                        .string = { build_string(b, "/var/work") } });
        build_op(b, STAGE_IDENTITY,
                (ProgramOp){ .opcode = PROGRAM_OP_BOUNDING, .number = { some_caps } });
        build_op(b, STAGE_IDENTITY,
                (ProgramOp){ .opcode = PROGRAM_OP_SET_IDS,
                        .number = { 33, 34 },
                        .data = { build_blob(b, groups, sizeof(groups)) } });
        build_op(b, STAGE_IDENTITY,
                (ProgramOp){ .opcode = PROGRAM_OP_SET_CAPABILITIES,
                        .number = { some_caps, some_caps, 1, 1 } });
        path_op(b, STAGE_IDENTITY, PROGRAM_OP_CHDIR, "/var/work");
        if (!is_filtered_late)
                return;
        build_op(b, STAGE_IDENTITY, (ProgramOp){ .opcode = PROGRAM_OP_NO_NEW_PRIVILEGES });
        build_op(b, STAGE_IDENTITY, filter);
}

static void identity_of(bool is_filtered_late)
{
        static Builder b;
        Host h;

        host_init(&h);
        container_prepare(&h, &b);
        container_clone(&b, CONTAINER_FLAGS);
        await_and_notify(&b);
        container_attach(&b);
        container_pivot(&b);
        identity_ops(&b, is_filtered_late);
        container_exec(&b, ARGV("ctr-probe", "facts"), ARGV("PATH=/nope:/bin"));
        host_start(&h, &b, PROGRAM_SERVICE, "run");
        host_wait(&h, &outcome);
        check_exited(outcome.helper_status, 0);
        CHECK_STR(outcome_fact(&outcome, "uid", 0), "33");
        CHECK_STR(outcome_fact(&outcome, "euid", 0), "33");
        CHECK_STR(outcome_fact(&outcome, "gid", 0), "34");
        CHECK_STR(outcome_fact(&outcome, "groups", 0), "7,8");
        CHECK_STR(outcome_fact(&outcome, "umask", 0), "0027");
        CHECK_STR(outcome_fact(&outcome, "cwd", 0), "/var/work");
        CHECK_STR(outcome_fact(&outcome, "env", 1), "HOME=/var/www");
        CHECK_STR(outcome_fact(&outcome, "oom_score_adj", 0), "321");
        CHECK_STR(outcome_fact(&outcome, "rlimit_NOFILE", 0), "100 200");
        CHECK_STR(outcome_fact(&outcome, "machine", 0), "i686");
        CHECK_STR(outcome_fact(&outcome, "CapBnd", 0), "0000000000002001");
        CHECK_STR(outcome_fact(&outcome, "CapInh", 0), "0000000000000001");
        CHECK_STR(outcome_fact(&outcome, "CapAmb", 0), "0000000000000001");
        /* A user other than root keeps over execve what is ambient. */
        CHECK_STR(outcome_fact(&outcome, "CapPrm", 0), "0000000000000001");
        CHECK_STR(outcome_fact(&outcome, "CapEff", 0), "0000000000000001");
        CHECK_STR(outcome_fact(&outcome, "Seccomp", 0), "2");
        CHECK_STR(outcome_fact(&outcome, "NoNewPrivs", 0), is_filtered_late ? "1" : "0");
        host_done(&h);
}

static void identity_early_filter(void)
{
        identity_of(false);
}

static void identity_late_filter(void)
{
        identity_of(true);
}

/* An empty set of capabilities leaves a root without any. */
static void no_capabilities(void)
{
        static Builder b;
        Host h;

        host_init(&h);
        container_prepare(&h, &b);
        container_clone(&b, CONTAINER_FLAGS);
        await_and_notify(&b);
        container_attach(&b);
        container_pivot(&b);
        build_op(&b, STAGE_IDENTITY, (ProgramOp){ .opcode = PROGRAM_OP_BOUNDING });
        build_op(&b, STAGE_IDENTITY, (ProgramOp){ .opcode = PROGRAM_OP_SET_IDS });
        build_op(&b, STAGE_IDENTITY, (ProgramOp){ .opcode = PROGRAM_OP_SET_CAPABILITIES });
        container_exec(&b, ARGV("/bin/ctr-probe", "facts"), ARGV(NULL));
        host_start(&h, &b, PROGRAM_SERVICE, "run");
        host_wait(&h, &outcome);
        check_exited(outcome.helper_status, 0);
        CHECK_STR(outcome_fact(&outcome, "CapBnd", 0), "0000000000000000");
        CHECK_STR(outcome_fact(&outcome, "CapEff", 0), "0000000000000000");
        CHECK_STR(outcome_fact(&outcome, "CapPrm", 0), "0000000000000000");
        CHECK_STR(outcome_fact(&outcome, "groups", 0), "");
        CHECK_STR(outcome_fact(&outcome, "env", 0), "HOME=/root");
        host_done(&h);
}

static void user_namespace(void)
{
        static Builder b;
        Host h;

        host_init(&h);
        CHECK(chown(h.rootfs, 100000, 100000) >= 0);
        container_prepare(&h, &b);
        build_op(&b, STAGE_PREPARE,
                (ProgramOp){ .opcode = PROGRAM_OP_OPEN_DEVICE,
                        .number = { 1, 'c', 1, 3 },
                        .string = { build_string(&b, "/dev/null") } });
        build_op(&b, STAGE_PREPARE,
                (ProgramOp){ .opcode = PROGRAM_OP_OPEN_SOURCE,
                        .number = { 2, 1 },
                        .string = { build_string(&b, "/sys") } });
        path_op(&b, STAGE_PREPARE, PROGRAM_OP_OOM_SCORE_ADJ, "5");
        container_clone(&b, CONTAINER_FLAGS | CLONE_NEWUSER);
        path_op(&b, STAGE_ATTEND, PROGRAM_OP_WRITE_UID_MAP, "0 100000 1000\n");
        path_op(&b, STAGE_ATTEND, PROGRAM_OP_WRITE_GID_MAP, "0 100000 1000\n");
        build_op(&b, STAGE_ATTEND,
                (ProgramOp){ .opcode = PROGRAM_OP_SEND, .number = { SYNC_MAPS_WRITTEN } });
        await_and_notify(&b);
        build_op(&b, STAGE_NAMESPACE,
                (ProgramOp){ .opcode = PROGRAM_OP_AWAIT, .number = { SYNC_MAPS_WRITTEN } });
        build_op(&b, STAGE_NAMESPACE, (ProgramOp){ .opcode = PROGRAM_OP_BECOME_ROOT });
        path_op(&b, STAGE_NAMESPACE, PROGRAM_OP_SET_HOSTNAME, "inner");
        plain_op(&b, STAGE_NAMESPACE, PROGRAM_OP_UNSHARE_CGROUP);
        container_attach(&b);
        mount_op(&b, "tmpfs", "/dev", MOUNT_ATTR_NOSUID, ARGV("mode=755"));
        build_op(&b, STAGE_ROOTFS, /* as plan does where the network is not the container's */
                (ProgramOp){ .opcode = PROGRAM_OP_BIND,
                        .number = { 2, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID, 0, 1 },
                        .string = { build_string(&b, "/sys") } });
        build_op(&b, STAGE_ROOTFS,
                (ProgramOp){ .opcode = PROGRAM_OP_MOUNT_CGROUP,
                        .number = { MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC },
                        .string = { build_string(&b, "/cgroup") } });
        mount_op(&b, "sysfs", "/own-sys", MOUNT_ATTR_RDONLY, ARGV(NULL));
        node_op(&b, "/dev/null", S_IFCHR | 0666, makedev(1, 3), 1);
        container_pivot(&b);
        pair_op(&b, STAGE_INSIDE, PROGRAM_OP_SYSCTL, "net.ipv4.ip_forward", "1");
        path_op(&b, STAGE_INSIDE, PROGRAM_OP_MASK, "/proc/version");
        path_op(&b, STAGE_INSIDE, PROGRAM_OP_READONLY, "/proc/sys");
        build_op(&b, STAGE_IDENTITY,
                (ProgramOp){ .opcode = PROGRAM_OP_SET_IDS, .number = { 33, 33 } });
        container_exec(&b,
                ARGV("/bin/ctr-probe", "facts", "cat", "/proc/sys/net/ipv4/ip_forward", "write",
                        "/dev/null"),
                ARGV(NULL));
        host_start(&h, &b, PROGRAM_SERVICE, "run");
        host_wait(&h, &outcome);
        check_exited(outcome.helper_status, 0);
        CHECK_STR(outcome_fact(&outcome, "uid", 0), "33");
        CHECK_CONTAINS(outcome_fact(&outcome, "uid_map", 0), "100000       1000");
        CHECK_STR(outcome_fact(&outcome, "hostname", 0), "inner");
        CHECK_STR(outcome_fact(&outcome, "oom_score_adj", 0), "5");
        CHECK(outcome_line(&outcome, "mount", "/sys sysfs ro,nosuid"));
        CHECK(outcome_line(&outcome, "mount", "/own-sys sysfs ro,"));
        CHECK(outcome_line(&outcome, "mount", "/cgroup cgroup2 ro,noexec"));
        CHECK_STR(outcome_line(&outcome, "cgroup", "0::"), "/");
        CHECK_STR(outcome_line(&outcome, "dev", "null "), "c 1:3 0666 65534:65534");
        CHECK_STR(outcome_fact(&outcome, "line", 0), "1");
        CHECK_STR(outcome_fact(&outcome, "write", 0), "ok");
        host_done(&h);
}

static void time_namespace_and_chroot(void)
{
        static Builder b;
        Host h;

        host_init(&h);
        container_prepare(&h, &b);
        path_op(&b, STAGE_PREPARE, PROGRAM_OP_UNSHARE_TIME, "monotonic 1000 0\nboottime 2000 0\n");
        container_clone(&b, CONTAINER_FLAGS);
        await_and_notify(&b);
        container_attach(&b);
        build_op(&b, STAGE_ROOTFS, (ProgramOp){ .opcode = PROGRAM_OP_PIVOT, .number = { 1 } });
        container_exec(&b, ARGV("/bin/ctr-probe", "facts", "list", "/"), ARGV(NULL));
        host_start(&h, &b, PROGRAM_SERVICE, "run");
        host_wait(&h, &outcome);
        check_exited(outcome.helper_status, 0);
        CHECK_CONTAINS(outcome_fact(&outcome, "timens_offsets", 0), "1000");
        CHECK(outcome_line(&outcome, "list", "/ masked"));
        host_done(&h);
}

/* ---- failures ---- */

static void exec_failures(void)
{
        static const struct {
                const char *argv0;
                const char *message;
                int errno_value;
        } cases[] = {
                { "nope", "exec: \"nope\": executable file not found in $PATH", ENOENT },
                { "/nope", "exec: \"/nope\": stat /nope: no such file or directory", ENOENT },
                { "/etc/passwd", "exec: \"/etc/passwd\": permission denied", EACCES },
                { "passwd", "exec: \"passwd\": permission denied", EACCES },
                { "/etc", "exec: \"/etc\": is a directory: permission denied", EACCES },
                { "/etc/junk",
                        "exec: \"/etc/junk\": a program for another processor, or a script "
                        "without #!: exec format error",
                        ENOEXEC },
                { "/etc/script",
                        "exec: \"/etc/script\": exec /etc/script (its interpreter or loader, or a "
                        "line end of DOS after its #!): no such file or directory",
                        ENOENT },
        };
        static Builder b;
        char expected[300];
        Host h;

        host_init(&h);
        host_write(&h, "rootfs/etc/junk", "junk\n", 0755);
        host_write(&h, "rootfs/etc/script", "#!/bin/nope\n", 0755);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                build_small(&h, &b, ARGV(cases[i].argv0), ARGV("PATH=/bin:/etc"));
                host_start(&h, &b, PROGRAM_SERVICE, "run");
                host_wait(&h, &outcome);
                check_exited(outcome.helper_status, LAUNCH_EXIT_EXEC);
                check_exited(outcome.payload_status, LAUNCH_EXIT_EXEC);
                CHECK(!strstr(outcome.notified, "READY"));
                (void) snprintf(expected, sizeof(expected), "%s\n", cases[i].message);
                CHECK_STR(outcome.error_file, expected);
                (void) snprintf(
                        expected, sizeof(expected), "<3>ctrunit: test: %s\n", cases[i].message);
                CHECK_STR(outcome.err, expected);
        }
        host_done(&h);
}

/* A record of each side names operation, object and reason, and the exit status is that of the
 * kind. */
static void operation_failures(void)
{
        static Builder b;
        Host h;

        host_init(&h);
        container_prepare(&h, &b);
        path_op(&b, STAGE_PREPARE, PROGRAM_OP_OPEN_SOURCE, "/not/there");
        host_start(&h, &b, PROGRAM_SERVICE, "run");
        host_wait(&h, &outcome);
        check_exited(outcome.helper_status, LAUNCH_EXIT_NAMESPACE);
        CHECK_STR(outcome.error_file,
                "open-source: cannot open source /not/there: No such file or directory\n");
        CHECK_INT(outcome.payload_pid, 0);

        container_prepare(&h, &b);
        container_clone(&b, CONTAINER_FLAGS);
        await_and_notify(&b);
        container_attach(&b);
        mount_op(&b, "tmpfs", "/tmp", 0, ARGV("size=lots"));
        host_start(&h, &b, PROGRAM_SERVICE, "run");
        host_wait(&h, &outcome);
        check_exited(outcome.helper_status, LAUNCH_EXIT_NAMESPACE);
        check_exited(outcome.payload_status, LAUNCH_EXIT_NAMESPACE);
        CHECK_CONTAINS(outcome.error_file, "mount: /tmp: option size=lots (");

        container_prepare(&h, &b);
        container_clone(&b, CONTAINER_FLAGS);
        await_and_notify(&b);
        host_start(&h, &b, PROGRAM_SERVICE, "run");
        host_wait(&h, &outcome);
        check_exited(outcome.helper_status, LAUNCH_EXIT_PROTOCOL);
        CHECK_STR(outcome.error_file, "program without exec\n");
        host_done(&h);
}

/* One operation each that cannot succeed: the exit status of its kind, and a text that names it and
 * its object. */
static void kinds_of_failure(void)
{
        static const struct sock_filter allow[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
        static Builder b;
        const struct {
                ProgramOp op;
                int exit_status;
                const char *message;
        } cases[] = {
                { { .opcode = PROGRAM_OP_RLIMIT, .number = { RLIMIT_NOFILE, 2, 1 } },
                        LAUNCH_EXIT_LIMITS, "rlimit: resource 7 to 2:1: Invalid argument\n" },
                { { .opcode = PROGRAM_OP_SCHEDULER, .number = { 99 } }, LAUNCH_EXIT_SCHEDULER,
                        "scheduler: policy 99: Invalid argument\n" },
                { { .opcode = PROGRAM_OP_IO_PRIORITY, .number = { 7 << 13 } },
                        LAUNCH_EXIT_IO_PRIORITY, "io-priority: 0xe000: Invalid argument\n" },
                { { .opcode = PROGRAM_OP_OOM_SCORE_ADJ, .string = { { 0, 5 } } },
                        LAUNCH_EXIT_OOM_ADJUST, "oom-score-adj: nope: Invalid argument\n" },
                { { .opcode = PROGRAM_OP_LSM_LABEL, .string = { { 5, 10 }, { 0, 5 } } },
                        LAUNCH_EXIT_LSM_LABEL, "lsm-label: nope to `/proc/self/attr/odd/label`: " },
                { { .opcode = PROGRAM_OP_MEMORY_POLICY, .number = { 77 } },
                        LAUNCH_EXIT_MEMORY_POLICY, "memory-policy: mode 0x4d, nodes none" },
                { { .opcode = PROGRAM_OP_SECCOMP, .data = { { 16, 4 } } }, LAUNCH_EXIT_SECCOMP,
                        "seccomp: filter of 4 bytes: Invalid argument\n" },
                { { .opcode = PROGRAM_OP_SET_IDS, .number = { UINT32_MAX, 0 } }, LAUNCH_EXIT_USER,
                        "set-ids: uid 4294967295 gid 0: Invalid argument\n" },
                { { .opcode = PROGRAM_OP_SET_IDS, .number = { 0, UINT64_C(1) << 32 } },
                        LAUNCH_EXIT_USER, "set-ids: uid 0 gid 4294967296: Invalid argument\n" },
                { { .opcode = PROGRAM_OP_CHDIR, .string = { { 0, 5 } } }, LAUNCH_EXIT_CHDIR,
                        "chdir: nope: No such file or directory\n" },
                { { .opcode = PROGRAM_OP_OPEN_ROOTFS, .string = { { 0, 5 } } },
                        LAUNCH_EXIT_NAMESPACE, "open-rootfs: operation of the other list" },
        };
        Host h;

        host_init(&h);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                b = (Builder){ .n_slots = 1 };
                CHECK_INT(build_string(&b, "nope").offset, 0);
                CHECK_INT(build_string(&b, "odd/label").offset, 5);
                CHECK_INT(build_blob(&b, allow, sizeof(allow)).offset, 16);
                build_op(&b, STAGE_PREPARE,
                        (ProgramOp){ .opcode = PROGRAM_OP_OPEN_ROOTFS,
                                .string = { build_string(&b, h.rootfs) } });
                container_clone(&b, CONTAINER_FLAGS);
                build_op(&b, STAGE_ATTEND, (ProgramOp){ .opcode = PROGRAM_OP_AWAIT_EXEC });
                container_attach(&b);
                container_pivot(&b);
                build_op(&b, STAGE_IDENTITY, cases[i].op);
                host_start(&h, &b, PROGRAM_SERVICE, "run");
                host_wait(&h, &outcome);
                check_exited(outcome.helper_status, cases[i].exit_status);
                CHECK_CONTAINS(outcome.error_file, cases[i].message);
        }
        host_done(&h);
}

static int run_helper(Host *h, const char *const *argv)
{
        h->helper_pid = fork();
        if (h->helper_pid == 0) {
                (void) dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
                (void) execv(getenv("CTR_EXEC"), (char *const *) (uintptr_t) argv);
                _exit(99);
        }
        return host_wait_helper(h);
}

/* Is the program of a run that ended so used again, or handed to the compiler (which fails here)?
 */
static void check_prepared(const char *exit_record, const char *id, char digit, bool is_reused)
{
        static Builder b;
        char digest[65];
        int status;
        Host h;

        host_init(&h);
        memset(digest, digit, 64);
        digest[64] = '\0';
        build_small(&h, &b, ARGV("/bin/ctr-probe", "exit", "0"), ARGV(NULL));
        host_start(&h, &b, PROGRAM_SERVICE, "run");
        host_wait(&h, &outcome);
        check_exited(outcome.helper_status, 0);
        if (exit_record)
                host_write(&h, "state/exit", exit_record, 0600);
        status = run_helper(&h, ARGV("ctr-exec", "prepare", h.state, id, digest, "/none"));
        CHECK_INT(status == 0, is_reused);
        /* What the compiler refuses must not be there for Restart=. */
        status = run_helper(&h, ARGV("ctr-exec", "prepare", h.state, "test", digest, "/none"));
        CHECK_INT(status == 0, is_reused);
        host_done(&h);
}

/* Only Restart= after a failure brings a container back without looking at its config. */
static void prepared_program(void)
{
        check_prepared("exit-code exited 1 -\n", "test", 'd', true);
        check_prepared("signal killed KILL -\n", "test", 'd', true);
        check_prepared("success exited 0 -\n", "test", 'd', false);
        check_prepared(NULL, "test", 'd', false);
        check_prepared("exit-code exited 1 -\n", "other", 'd', false);
        check_prepared("exit-code exited 1 -\n", "test", 'e', false);
}

/* Wrong command lines and states end with a message, never with a container. */
static void command_line(void)
{
        Host h;

        host_init(&h);
        check_exited(run_helper(&h, ARGV("ctr-exec")), LAUNCH_EXIT_CONFIG);
        check_exited(run_helper(&h, ARGV("ctr-exec", "nope", h.state)), LAUNCH_EXIT_CONFIG);
        check_exited(run_helper(&h, ARGV("ctr-exec", "run")), LAUNCH_EXIT_CONFIG);
        check_exited(run_helper(&h, ARGV("ctr-exec", "run", "/not/there")), LAUNCH_EXIT_CONFIG);
        check_exited(run_helper(&h, ARGV("ctr-exec", "run", h.state)), LAUNCH_EXIT_CONFIG);
        host_write(&h, "state/program", "CTRPROG", 0600);
        check_exited(run_helper(&h, ARGV("ctr-exec", "run", h.state)), LAUNCH_EXIT_CONFIG);
        /* The mark of the second run is not believed without its mount. */
        check_exited(
                run_helper(&h, ARGV("ctr-exec", "--sealed", "run", h.state)), LAUNCH_EXIT_EXEC);
        host_done(&h);
}

/* A set-up process that is killed cannot say why: ctr-exec says where. */
static void clone_is_killed(void)
{
        static const struct sock_filter deadly[] = { BPF_STMT(
                BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS) };
        static Builder b;
        Host h;

        host_init(&h);
        container_prepare(&h, &b);
        container_clone(&b, CONTAINER_FLAGS);
        await_and_notify(&b);
        build_op(&b, STAGE_IDENTITY,
                (ProgramOp){ .opcode = PROGRAM_OP_SECCOMP,
                        .data = { build_blob(&b, deadly, sizeof(deadly)) } });
        build_op(&b, STAGE_IDENTITY, (ProgramOp){ .opcode = PROGRAM_OP_NO_NEW_PRIVILEGES });
        host_start(&h, &b, PROGRAM_SERVICE, "run");
        host_wait(&h, &outcome);
        check_exited(outcome.helper_status, LAUNCH_EXIT_PROTOCOL);
        CHECK(WIFSIGNALED(outcome.payload_status));
        CHECK_CONTAINS(outcome.error_file, "during \"no-new-privileges\"");
        host_done(&h);
}

static const Test tests[] = {
        TEST(smallest),
        TEST(full_file_systems),
        TEST(identity_early_filter),
        TEST(identity_late_filter),
        TEST(no_capabilities),
        TEST(user_namespace),
        TEST(time_namespace_and_chroot),
        TEST(exec_failures),
        TEST(operation_failures),
        TEST(kinds_of_failure),
        TEST(prepared_program),
        TEST(command_line),
        TEST(clone_is_killed),
};
TEST_MAIN(tests)
