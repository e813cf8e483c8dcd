/* The default list of allowed system calls. What a capability is for is opened with it: a container
 * that was given CAP_SYS_PTRACE may call ptrace, any other may not. */
#include "spec/default-config.h"

#include "base/json.h"

#include <string.h>

#define INDENT "          "

/* The machine's own architecture with its 32-bit forms; the filter kills calls of any other. */
#if defined(__x86_64__)
#define ARCHITECTURES "\"SCMP_ARCH_X86_64\", \"SCMP_ARCH_X86\", \"SCMP_ARCH_X32\""
#elif defined(__aarch64__)
#define ARCHITECTURES "\"SCMP_ARCH_AARCH64\", \"SCMP_ARCH_ARM\""
#else
#define ARCHITECTURES ""
#endif

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

/* Calls of the list above that a capability opens. */
/* clang-format off */
static const struct {
        const char *capability;
        const char *calls[24];
} opened[] = {
        { "CAP_BPF", { "bpf" } },
        { "CAP_DAC_READ_SEARCH", { "name_to_handle_at", "open_by_handle_at" } },
        { "CAP_PERFMON", { "perf_event_open" } },
        { "CAP_SYSLOG", { "syslog" } },
        { "CAP_SYS_ADMIN", { "bpf", "fanotify_init", "fsconfig", "fsmount", "fsopen", "fspick",
                "lookup_dcookie", "mount", "mount_setattr", "move_mount", "open_tree",
                "perf_event_open", "quotactl", "quotactl_fd", "setdomainname", "sethostname",
                "setns", "syslog", "umount", "umount2", "unshare" } },
        { "CAP_SYS_BOOT", { "reboot" } },
        { "CAP_SYS_CHROOT", { "chroot" } },
        { "CAP_SYS_MODULE", { "delete_module", "finit_module", "init_module" } },
        { "CAP_SYS_NICE", { "get_mempolicy", "mbind", "migrate_pages", "move_pages",
                "set_mempolicy" } },
        { "CAP_SYS_PACCT", { "acct" } },
        { "CAP_SYS_PTRACE", { "kcmp", "pidfd_getfd", "process_madvise", "process_vm_readv",
                "process_vm_writev", "ptrace" } },
        { "CAP_SYS_RAWIO", { "ioperm", "iopl" } },
        { "CAP_SYS_TIME", { "adjtimex", "clock_adjtime", "clock_settime", "settimeofday" } },
        { "CAP_SYS_TTY_CONFIG", { "vhangup" } },
};
/* clang-format on */

typedef struct Capabilities {
        const char *const *items;
        size_t n;
} Capabilities;

static bool has_capability(const Capabilities *capabilities, const char *name)
{
        for (size_t i = 0; i < capabilities->n; i++)
                if (strcmp(capabilities->items[i], name) == 0)
                        return true;
        return false;
}

static bool is_opened(const Capabilities *capabilities, const char *call)
{
        for (size_t i = 0; i < ELEMENTSOF(opened); i++) {
                if (!has_capability(capabilities, opened[i].capability))
                        continue;
                for (size_t k = 0; opened[i].calls[k]; k++)
                        if (strcmp(opened[i].calls[k], call) == 0)
                                return true;
        }
        return false;
}

static void print_name(FILE *f, const char *name, bool *is_first)
{
        (void) fprintf(f, "%s\n" INDENT "  ", *is_first ? "" : ",");
        json_write_string(f, name);
        *is_first = false;
}

static void begin_rule(FILE *f)
{
        (void) fputs("        {\n" INDENT "\"names\": [", f);
}

static void end_rule(FILE *f, const char *rest)
{
        (void) fprintf(f, "\n" INDENT "],\n" INDENT "%s\n        }", rest);
}

static void print_rule(FILE *f, const char *name, const char *rest)
{
        bool is_first = true;

        (void) fputs(",\n", f);
        begin_rule(f);
        print_name(f, name, &is_first);
        end_rule(f, rest);
}

static void print_lists(FILE *f, const Capabilities *capabilities)
{
        bool is_first = true;

        begin_rule(f);
        for (size_t i = 0; i < ELEMENTSOF(allowed_calls); i++)
                print_name(f, allowed_calls[i], &is_first);
        for (size_t i = 0; i < ELEMENTSOF(refused_calls); i++)
                if (is_opened(capabilities, refused_calls[i]))
                        print_name(f, refused_calls[i], &is_first);
        end_rule(f, "\"action\": \"SCMP_ACT_ALLOW\"");
        (void) fputs(",\n", f);
        is_first = true;
        begin_rule(f);
        for (size_t i = 0; i < ELEMENTSOF(refused_calls); i++)
                if (!is_opened(capabilities, refused_calls[i]))
                        print_name(f, refused_calls[i], &is_first);
        end_rule(f, "\"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 1");
}

static void print_conditions(FILE *f, const Capabilities *capabilities)
{
        static const unsigned personalities[] = { 0x0, 0x8, 0x20000, 0x20008, 0xffffffff };
        char rest[160];

        for (size_t i = 0; i < ELEMENTSOF(personalities); i++) {
                (void) snprintf(rest, sizeof(rest),
                        "\"action\": \"SCMP_ACT_ALLOW\",\n" INDENT
                        "\"args\": [ { \"index\": 0, \"value\": %u, \"op\": \"SCMP_CMP_EQ\" } ]",
                        personalities[i]);
                print_rule(f, "personality", rest);
        }
        /* AF_VSOCK reaches the hypervisor, whatever the network namespace. */
        print_rule(f, "socket",
                "\"action\": \"SCMP_ACT_ALLOW\",\n" INDENT
                "\"args\": [ { \"index\": 0, \"value\": 40, \"op\": \"SCMP_CMP_NE\" } ]");
        if (has_capability(capabilities, "CAP_SYS_ADMIN")) {
                print_rule(f, "clone", "\"action\": \"SCMP_ACT_ALLOW\"");
                print_rule(f, "clone3", "\"action\": \"SCMP_ACT_ALLOW\"");
                return;
        }
        /* No CLONE_NEW* flag; clone3 keeps its flags in memory, where no filter sees them. */
        print_rule(f, "clone",
                "\"action\": \"SCMP_ACT_ALLOW\",\n" INDENT
                "\"args\": [ { \"index\": 0, \"value\": 2114060288, \"valueTwo\": 0, "
                "\"op\": \"SCMP_CMP_MASKED_EQ\" } ]");
        print_rule(f, "clone3", "\"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 38");
}

void spec_default_print_seccomp(FILE *f, const char *const *capabilities, size_t n)
{
        const Capabilities given = { capabilities, n };

        (void) fputs("{\n"
                     "      \"defaultAction\": \"SCMP_ACT_ERRNO\",\n"
                     "      \"defaultErrnoRet\": 38,\n"
                     "      \"architectures\": [ " ARCHITECTURES " ],\n"
                     "      \"syscalls\": [\n",
                f);
        print_lists(f, &given);
        print_conditions(f, &given);
        (void) fputs("\n      ]\n    }\n", f);
}
