/* The configuration that `ctrctl spec` writes: a container of its own namespaces with few
 * capabilities, no new privileges and a list of allowed system calls. Everything but the fixed
 * frame is tables. */
#include "runtime/runtime.h"

#include "base/io.h"
#include "base/json.h"

#include <fcntl.h>
#include <string.h>

/* The machine's own architecture with its 32-bit forms; the filter kills calls of any other. */
#if defined(__x86_64__)
#define ARCHITECTURES "\"SCMP_ARCH_X86_64\", \"SCMP_ARCH_X86\", \"SCMP_ARCH_X32\""
#elif defined(__aarch64__)
#define ARCHITECTURES "\"SCMP_ARCH_AARCH64\", \"SCMP_ARCH_ARM\""
#else
#define ARCHITECTURES ""
#endif

/* What a program needs that starts as root and drops to a user of its own; neither raw sockets nor
 * mknod, chroot and audit. */
static const char *const capabilities[] = {
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
};

static const char *const namespaces[] = { "pid", "network", "ipc", "uts", "mount", "cgroup" };

/* Kernel interfaces that are not divided by namespaces. */
static const char *const masked_paths[] = {
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
};

static const char *const readonly_paths[] = {
        "/proc/bus",
        "/proc/fs",
        "/proc/irq",
        "/proc/sys",
        "/proc/sysrq-trigger",
};

static const struct {
        const char *destination, *type, *source;
        const char *options[8];
} mounts[] = {
        { "/proc", "proc", "proc", { "nosuid", "noexec", "nodev" } },
        { "/dev", "tmpfs", "tmpfs", { "nosuid", "strictatime", "mode=755", "size=65536k" } },
        { "/dev/pts", "devpts", "devpts",
                { "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5" } },
        { "/dev/shm", "tmpfs", "shm", { "nosuid", "noexec", "nodev", "mode=1777", "size=65536k" } },
        { "/dev/mqueue", "mqueue", "mqueue", { "nosuid", "noexec", "nodev" } },
        { "/sys", "sysfs", "sysfs", { "nosuid", "noexec", "nodev", "ro" } },
        { "/sys/fs/cgroup", "cgroup", "cgroup", { "nosuid", "noexec", "nodev", "relatime", "ro" } },
};

/* Calls that work on the caller's own files, memory, processes, sockets, times and signals. */
/* clang-format off */
static const char *const allowed_calls[] = {
        /* files */
        "access", "chdir", "chmod", "chown", "chown32", "close", "close_range", "copy_file_range",
        "creat", "dup", "dup2", "dup3", "faccessat", "faccessat2", "fadvise64", "fadvise64_64",
        "fallocate", "fchdir", "fchmod", "fchmodat", "fchown", "fchown32", "fchownat", "fcntl",
        "fcntl64", "fdatasync", "fgetxattr", "flistxattr", "flock", "fremovexattr", "fsetxattr",
        "fstat", "fstat64", "fstatat64", "fstatfs", "fstatfs64", "fsync", "ftruncate",
        "ftruncate64", "futimesat", "getcwd", "getdents", "getdents64", "getxattr",
        "inotify_add_watch", "inotify_init", "inotify_init1", "inotify_rm_watch", "ioctl", "lchown",
        "lchown32", "lgetxattr", "link", "linkat", "listxattr", "llistxattr", "lremovexattr",
        "lseek", "_llseek", "lsetxattr", "lstat", "lstat64", "mkdir", "mkdirat", "mknod", "mknodat",
        "newfstatat", "open", "openat", "openat2", "pipe", "pipe2", "pread64", "preadv", "preadv2",
        "pwrite64", "pwritev", "pwritev2", "read", "readahead", "readlink", "readlinkat", "readv",
        "removexattr", "rename", "renameat", "renameat2", "rmdir", "sendfile", "sendfile64",
        "setxattr", "splice", "stat", "stat64", "statfs", "statfs64", "statx", "symlink",
        "symlinkat", "sync", "sync_file_range", "syncfs", "tee", "truncate", "truncate64", "umask",
        "unlink", "unlinkat", "utime", "utimensat", "utimensat_time64", "utimes", "vmsplice",
        "write", "writev",
        /* waiting and events */
        "epoll_create", "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_pwait2", "epoll_wait",
        "eventfd", "eventfd2", "io_cancel", "io_destroy", "io_getevents", "io_pgetevents",
        "io_pgetevents_time64", "io_setup", "io_submit", "_newselect", "poll", "ppoll",
        "ppoll_time64", "pselect6", "pselect6_time64", "select", "signalfd", "signalfd4",
        /* memory */
        "brk", "madvise", "membarrier", "memfd_create", "memfd_secret", "mincore", "mlock",
        "mlock2", "mlockall", "mmap", "mmap2", "mprotect", "mremap", "msync", "munlock",
        "munlockall", "munmap", "pkey_alloc", "pkey_free", "pkey_mprotect", "process_mrelease",
        "remap_file_pages",
        /* processes, threads, identity */
        "arch_prctl", "capget", "capset", "execve", "execveat", "exit", "exit_group", "fork",
        "futex", "futex_time64", "futex_waitv", "getcpu", "getegid", "getegid32", "geteuid",
        "geteuid32", "getgid", "getgid32", "getgroups", "getgroups32", "getpgid", "getpgrp",
        "getpid", "getppid", "getpriority", "getresgid", "getresgid32", "getresuid", "getresuid32",
        "getrlimit", "get_robust_list", "getrusage", "getsid", "get_thread_area", "gettid",
        "getuid", "getuid32", "ioprio_get", "ioprio_set", "kill", "landlock_add_rule",
        "landlock_create_ruleset", "landlock_restrict_self", "modify_ldt", "nice", "pause",
        "pidfd_open", "pidfd_send_signal", "prctl", "prlimit64", "restart_syscall", "rseq",
        "sched_getaffinity", "sched_getattr", "sched_getparam", "sched_get_priority_max",
        "sched_get_priority_min", "sched_getscheduler", "sched_rr_get_interval",
        "sched_rr_get_interval_time64", "sched_setaffinity", "sched_setattr", "sched_setparam",
        "sched_setscheduler", "sched_yield", "seccomp", "setfsgid", "setfsgid32", "setfsuid",
        "setfsuid32", "setgid", "setgid32", "setgroups", "setgroups32", "setpgid", "setpriority",
        "setregid", "setregid32", "setresgid", "setresgid32", "setresuid", "setresuid32",
        "setreuid", "setreuid32", "setrlimit", "set_robust_list", "setsid", "set_thread_area",
        "set_tid_address", "setuid", "setuid32", "sysinfo", "tgkill", "times", "tkill",
        "ugetrlimit", "uname", "vfork", "wait4", "waitid", "waitpid",
        /* signals */
        "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigqueueinfo", "rt_sigreturn",
        "rt_sigsuspend", "rt_sigtimedwait", "rt_sigtimedwait_time64", "rt_tgsigqueueinfo",
        "sigaltstack", "signal", "sigprocmask", "sigreturn",
        /* sockets */
        "accept", "accept4", "bind", "connect", "getpeername", "getsockname", "getsockopt",
        "listen", "recv", "recvfrom", "recvmmsg", "recvmmsg_time64", "recvmsg", "send", "sendmmsg",
        "sendmsg", "sendto", "setsockopt", "shutdown", "socketcall", "socketpair",
        /* System V and POSIX IPC, inside the own namespace */
        "ipc", "mq_getsetattr", "mq_notify", "mq_open", "mq_timedreceive", "mq_timedreceive_time64",
        "mq_timedsend", "mq_timedsend_time64", "mq_unlink", "msgctl", "msgget", "msgrcv", "msgsnd",
        "semctl", "semget", "semop", "semtimedop", "semtimedop_time64", "shmat", "shmctl", "shmdt",
        "shmget",
        /* times */
        "alarm", "clock_getres", "clock_getres_time64", "clock_gettime", "clock_gettime64",
        "clock_nanosleep", "clock_nanosleep_time64", "getitimer", "gettimeofday", "nanosleep",
        "setitimer", "time", "timer_create", "timer_delete", "timer_getoverrun", "timer_gettime",
        "timer_gettime64", "timer_settime", "timer_settime64", "timerfd_create", "timerfd_gettime",
        "timerfd_gettime64", "timerfd_settime", "timerfd_settime64",
        /* chance */
        "getrandom",
};
/* clang-format on */

/* Known and refused: EPERM. What nobody here knows gets ENOSYS, so that a libc falls back to an
 * older call. */
/* clang-format off */
static const char *const refused_calls[] = {
        "acct", "add_key", "adjtimex", "bpf", "chroot", "clock_adjtime", "clock_settime",
        "create_module", "delete_module", "fanotify_init", "finit_module", "fsconfig", "fsmount",
        "fsopen", "fspick", "get_mempolicy", "init_module", "io_uring_enter", "io_uring_register",
        "io_uring_setup", "ioperm", "iopl", "kcmp", "kexec_file_load", "kexec_load", "keyctl",
        "lookup_dcookie", "mbind", "migrate_pages", "mount", "mount_setattr", "move_mount",
        "move_pages", "name_to_handle_at", "nfsservctl", "open_by_handle_at", "open_tree",
        "perf_event_open", "pidfd_getfd", "pivot_root", "process_madvise", "process_vm_readv",
        "process_vm_writev", "ptrace", "quotactl", "quotactl_fd", "reboot", "request_key",
        "setdomainname", "sethostname", "set_mempolicy", "setns", "settimeofday", "swapoff",
        "swapon", "sysfs", "syslog", "umount", "umount2", "unshare", "userfaultfd", "ustat",
        "uselib", "vhangup", "vm86", "vm86old",
};
/* clang-format on */

static void print_strings(FILE *f, const char *indent, const char *const *items, size_t n)
{
        (void) fputc('[', f);
        for (size_t i = 0; i < n && items[i]; i++) {
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
                print_strings(f, "      ", capabilities, ELEMENTSOF(capabilities));
        }
        (void) fputs("\n    },\n"
                     "    \"noNewPrivileges\": true\n  },\n",
                f);
}

static void print_mounts(FILE *f)
{
        (void) fputs("  \"mounts\": [", f);
        for (size_t i = 0; i < ELEMENTSOF(mounts); i++) {
                (void) fprintf(f,
                        "%s\n    {\n      \"destination\": \"%s\",\n      \"type\": \"%s\",\n"
                        "      \"source\": \"%s\",\n      \"options\": ",
                        i > 0 ? "," : "", mounts[i].destination, mounts[i].type, mounts[i].source);
                print_strings(f, "      ", mounts[i].options, ELEMENTSOF(mounts[i].options));
                (void) fputs("\n    }", f);
        }
        (void) fputs("\n  ],\n", f);
}

static void print_rule(FILE *f, const char *const *names, size_t n, const char *rest)
{
        (void) fputs("        {\n          \"names\": ", f);
        print_strings(f, "          ", names, n);
        (void) fprintf(f, ",\n          %s\n        }", rest);
}

static void print_seccomp(FILE *f)
{
        static const char *const one[] = { "personality", "socket", "clone", "clone3" };
        static const unsigned personalities[] = { 0x0, 0x8, 0x20000, 0x20008, 0xffffffff };
        char rest[160];

        (void) fputs("    \"seccomp\": {\n"
                     "      \"defaultAction\": \"SCMP_ACT_ERRNO\",\n"
                     "      \"defaultErrnoRet\": 38,\n"
                     "      \"architectures\": [ " ARCHITECTURES " ],\n"
                     "      \"syscalls\": [\n",
                f);
        print_rule(f, allowed_calls, ELEMENTSOF(allowed_calls), "\"action\": \"SCMP_ACT_ALLOW\"");
        (void) fputs(",\n", f);
        print_rule(f, refused_calls, ELEMENTSOF(refused_calls),
                "\"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 1");
        for (size_t i = 0; i < ELEMENTSOF(personalities); i++) {
                (void) snprintf(rest, sizeof(rest),
                        "\"action\": \"SCMP_ACT_ALLOW\",\n          \"args\": [ { \"index\": 0, \"value\": %u, "
                        "\"op\": \"SCMP_CMP_EQ\" } ]",
                        personalities[i]);
                (void) fputs(",\n", f);
                print_rule(f, &one[0], 1, rest);
        }
        (void) fputs(",\n", f);
        /* AF_VSOCK reaches the hypervisor, whatever the network namespace. */
        print_rule(f, &one[1], 1,
                "\"action\": \"SCMP_ACT_ALLOW\",\n          \"args\": [ { \"index\": 0, \"value\": 40, "
                "\"op\": \"SCMP_CMP_NE\" } ]");
        (void) fputs(",\n", f);
        /* No CLONE_NEW* flag; clone3 keeps its flags in memory, where no filter sees them. */
        print_rule(f, &one[2], 1,
                "\"action\": \"SCMP_ACT_ALLOW\",\n          \"args\": [ { \"index\": 0, \"value\": 2114060288, "
                "\"valueTwo\": 0, \"op\": \"SCMP_CMP_MASKED_EQ\" } ]");
        (void) fputs(",\n", f);
        print_rule(f, &one[3], 1, "\"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 38");
        (void) fputs("\n      ]\n    }\n", f);
}

static void print_linux(FILE *f)
{
        (void) fputs("  \"linux\": {\n    \"namespaces\": [", f);
        for (size_t i = 0; i < ELEMENTSOF(namespaces); i++)
                (void) fprintf(
                        f, "%s\n      { \"type\": \"%s\" }", i > 0 ? "," : "", namespaces[i]);
        (void) fputs("\n    ],\n    \"maskedPaths\": ", f);
        print_strings(f, "    ", masked_paths, ELEMENTSOF(masked_paths));
        (void) fputs(",\n    \"readonlyPaths\": ", f);
        print_strings(f, "    ", readonly_paths, ELEMENTSOF(readonly_paths));
        (void) fputs(",\n", f);
        print_seccomp(f);
        (void) fputs("  }\n", f);
}

void runtime_print_default_config(FILE *f)
{
        (void) fputs("{\n  \"ociVersion\": \"1.0.2\",\n  \"hostname\": \"container\",\n"
                     "  \"root\": { \"path\": \"rootfs\", \"readonly\": true },\n",
                f);
        print_process(f);
        print_mounts(f);
        print_linux(f);
        (void) fputs("}\n", f);
}

int runtime_write_default_config(const char *path, CtrError *err)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
        FILE *f;

        if (fd < 0 && errno == EEXIST) {
                (void) ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "file %s exists: remove it first, or choose another bundle", path);
                return -EEXIST;
        }
        f = fd < 0 ? NULL : fdopen(fd, "w");
        if (!f) {
                closep(&fd);
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot make %s", path);
        }
        runtime_print_default_config(f);
        if (fclose(f) != 0) {
                int saved = errno;

                (void) unlink(path);
                return ctr_error_set(err, CTR_ERROR_SYSTEM, saved, "cannot write %s", path);
        }
        return 0;
}
