/* Tries what a container could escape or attack its kernel with, one line each:
 *
 *     ATTEMPT ALLOWED|EPERM|ENOSYS|...
 *
 * Run as payload of the default configuration; tests/attack/escape-probe.expected has what must
 * come out. Each attempt is a process of its own; arguments are such that even where a call is
 * allowed nothing is changed. */
#include "base/macro.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>

/* Calls that older headers have no number for; the same on all architectures but alpha. */
enum {
        NUMBER_IO_URING_SETUP = 425,
        NUMBER_OPEN_TREE = 428,
        NUMBER_MOVE_MOUNT = 429,
        NUMBER_FSOPEN = 430,
        NUMBER_CLONE3 = 435,
        NUMBER_PIDFD_GETFD = 438,
        NUMBER_MOUNT_SETATTR = 442,
};

/* ---- attempts that are more than one call ---- */

static long try_clone_user(void)
{
        long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);

        if (pid == 0)
                _exit(0);
        return pid;
}

static long try_clone3_user(void)
{
        uint64_t args[11] = { CLONE_NEWUSER };
        long pid;

        args[4] = SIGCHLD;
        pid = syscall(NUMBER_CLONE3, args, 64);
        if (pid == 0)
                _exit(0);
        return pid;
}

static long try_setns(void)
{
        int fd = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);

        return fd < 0 ? fd : setns(fd, CLONE_NEWUTS);
}

static long try_bpf(void)
{
        union bpf_attr attr = {
                .map_type = BPF_MAP_TYPE_ARRAY,
                .key_size = 4,
                .value_size = 4,
                .max_entries = 1,
        };

        return syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
}

static long try_perf(void)
{
        struct perf_event_attr attr = {
                .type = PERF_TYPE_SOFTWARE,
                .size = sizeof(attr),
                .config = PERF_COUNT_SW_CPU_CLOCK,
                .exclude_kernel = 1,
                .exclude_hv = 1,
        };

        return syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

static long try_io_uring(void)
{
        uint64_t params[15] = { 0 };

        return syscall(NUMBER_IO_URING_SETUP, 1, params);
}

static long try_pidfd_getfd(void)
{
        int fd = (int) syscall(SYS_pidfd_open, getpid(), 0);

        return fd < 0 ? fd : syscall(NUMBER_PIDFD_GETFD, fd, 0, 0);
}

static long try_process_vm_readv(void)
{
        char from = 1, to;
        struct iovec local = { &to, 1 }, remote = { &from, 1 };

        return process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
}

static long try_handle(void)
{
        struct {
                unsigned size;
                int type;
                unsigned char bytes[128];
        } handle = { .size = sizeof(handle.bytes) };
        int mount_id;

        return syscall(SYS_name_to_handle_at, AT_FDCWD, "/", &handle, &mount_id, 0);
}

static long try_open_by_handle(void)
{
        unsigned handle[16] = { 8, 1, 2 };

        return syscall(SYS_open_by_handle_at, AT_FDCWD, handle, O_RDONLY);
}

static long try_block_device(void)
{
        if (mknod("/dev/shm/disk", S_IFBLK | 0600, makedev(7, 0)) < 0)
                return -1;
        return unlink("/dev/shm/disk");
}

static long try_terminal_input(void)
{
        char c = 'x';

        return ioctl(STDIN_FILENO, TIOCSTI, &c);
}

/* Addresses of kernel functions that are not zero. */
static long try_kernel_addresses(void)
{
        FILE *f = fopen("/proc/kallsyms", "re");
        char line[256];

        while (f && fgets(line, sizeof(line), f))
                if (strtoull(line, NULL, 16) != 0)
                        return 0;
        if (f)
                errno = ENODATA;
        return -1;
}

static long try_read(const char *path)
{
        int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        char c;
        ssize_t n = fd < 0 ? -1 : read(fd, &c, 1);

        if (n == 0)
                errno = ENODATA;
        return n <= 0 ? -1 : 0;
}

static long try_write(const char *path)
{
        return open(path, O_WRONLY | O_CLOEXEC);
}

static long try_list(const char *path)
{
        DIR *d = opendir(path);
        struct dirent *de;

        while (d && (de = readdir(d)))
                if (de->d_name[0] != '.')
                        return 0;
        if (d)
                errno = ENODATA;
        return -1;
}

#if defined(__x86_64__)
/* The 32-bit entry to the same kernel; the mount(2) of number 21, unshare(2) of 310. */
static long call_32(long number, long first)
{
        long r;

        __asm__ volatile("int $0x80"
                         : "=a"(r)
                         : "a"(number), "b"(first), "c"(0L), "d"(0L), "S"(0L), "D"(0L)
                         : "memory", "r8", "r9", "r10", "r11");
        if (r >= 0)
                return r;
        errno = (int) -r;
        return -1;
}
#else
static long call_32(long number, long first)
{
        (void) number;
        (void) first;
        errno = ENOSYS;
        return -1;
}
#endif

/* ---- the table ---- */

#define CALL(name, expression)                                                                     \
        static long attempt_##name(void)                                                           \
        {                                                                                          \
                return expression;                                                                 \
        }
#define ATTEMPTS(X)                                                                                \
        X(unshare_user, unshare(CLONE_NEWUSER))                                                    \
        X(unshare_mount, unshare(CLONE_NEWNS))                                                     \
        X(unshare_net, unshare(CLONE_NEWNET))                                                      \
        X(clone_user, try_clone_user())                                                            \
        X(clone3_user, try_clone3_user())                                                          \
        X(setns, try_setns())                                                                      \
        X(mount, mount("tmpfs", "/tmp", "tmpfs", 0, NULL))                                         \
        X(remount, mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL))                             \
        X(umount2, umount2("/proc/keys", 0))                                                       \
        X(fsopen, syscall(NUMBER_FSOPEN, "tmpfs", 0))                                              \
        X(open_tree, syscall(NUMBER_OPEN_TREE, AT_FDCWD, "/", 1))                                  \
        X(move_mount, syscall(NUMBER_MOVE_MOUNT, AT_FDCWD, "/x", AT_FDCWD, "/y", 0))               \
        X(mount_setattr, syscall(NUMBER_MOUNT_SETATTR, AT_FDCWD, "/", 0, NULL, 0))                 \
        X(pivot_root, syscall(SYS_pivot_root, "/", "/"))                                           \
        X(chroot, chroot("/"))                                                                     \
        X(keyctl, syscall(SYS_keyctl, 0, -3, 0))                                                   \
        X(add_key, syscall(SYS_add_key, "user", "probe", "x", 1, -3))                              \
        X(request_key, syscall(SYS_request_key, "user", "probe", NULL, 0))                         \
        X(io_uring_setup, try_io_uring())                                                          \
        X(bpf, try_bpf())                                                                          \
        X(perf_event_open, try_perf())                                                             \
        X(userfaultfd, syscall(SYS_userfaultfd, O_CLOEXEC))                                        \
        X(userfaultfd_user, syscall(SYS_userfaultfd, O_CLOEXEC | 1))                               \
        X(ptrace, ptrace(PTRACE_TRACEME, 0, 0, 0))                                                 \
        X(pidfd_getfd, try_pidfd_getfd())                                                          \
        X(process_vm_readv, try_process_vm_readv())                                                \
        X(kcmp, syscall(SYS_kcmp, getpid(), getpid(), 1, 0, 0))                                    \
        X(name_to_handle_at, try_handle())                                                         \
        X(open_by_handle_at, try_open_by_handle())                                                 \
        X(socket_vsock, socket(AF_VSOCK, SOCK_STREAM, 0))                                          \
        X(socket_packet, socket(AF_PACKET, SOCK_RAW, 0))                                           \
        X(socket_raw, socket(AF_INET, SOCK_RAW, 1))                                                \
        X(personality_query, personality(0xffffffff))                                              \
        X(personality_norandomize, personality(ADDR_NO_RANDOMIZE))                                 \
        X(personality_read_exec, personality(READ_IMPLIES_EXEC))                                   \
        X(mknod_block, try_block_device())                                                         \
        X(init_module, syscall(SYS_init_module, NULL, 0, ""))                                      \
        X(finit_module, syscall(SYS_finit_module, -1, "", 0))                                      \
        X(delete_module, syscall(SYS_delete_module, "no-such-module", O_NONBLOCK))                 \
        X(kexec_load, syscall(SYS_kexec_load, 0, 0, NULL, ~0UL))                                   \
        X(kexec_file_load, syscall(SYS_kexec_file_load, -1, -1, 0, "", 0))                         \
        X(reboot, syscall(SYS_reboot, 0, 0, 0, NULL))                                              \
        X(swapon, syscall(SYS_swapon, "/dev/null", 0))                                             \
        X(clock_settime, syscall(SYS_clock_settime, 0, NULL))                                      \
        X(settimeofday, syscall(SYS_settimeofday, 1, NULL))                                        \
        X(acct, syscall(SYS_acct, "/no/such/file"))                                                \
        X(quotactl, syscall(SYS_quotactl, 0x80000100, "/dev/null", 0, NULL))                       \
        X(syslog, syscall(SYS_syslog, 10, NULL, 0))                                                \
        X(sethostname, sethostname("probe", 5))                                                    \
        X(setdomainname, setdomainname("probe", 5))                                                \
        X(fanotify_init, syscall(SYS_fanotify_init, 0, 0))                                         \
        X(set_mempolicy, syscall(SYS_set_mempolicy, 0, NULL, 0))                                   \
        X(move_pages, syscall(SYS_move_pages, 0, 0, NULL, NULL, NULL, 0))                          \
        X(process_madvise, syscall(440, -1, NULL, 0, 0, 0))                                        \
        X(vhangup, syscall(SYS_vhangup))                                                           \
        X(mount_32bit, call_32(21, 0))                                                             \
        X(unshare_32bit, call_32(310, CLONE_NEWUSER))                                              \
        X(no_such_call, syscall(2000))                                                             \
        X(terminal_input, try_terminal_input())                                                    \
        X(read_kallsyms, try_kernel_addresses())                                                   \
        X(read_kcore, try_read("/proc/kcore"))                                                     \
        X(read_keys, try_read("/proc/keys"))                                                       \
        X(read_timer_list, try_read("/proc/timer_list"))                                           \
        X(read_kmsg, try_read("/dev/kmsg"))                                                        \
        X(read_mem, try_read("/dev/mem"))                                                          \
        X(read_firmware, try_list("/sys/firmware"))                                                \
        X(write_core_pattern, try_write("/proc/sys/kernel/core_pattern"))                          \
        X(write_sysrq, try_write("/proc/sysrq-trigger"))                                           \
        X(write_uevent_helper, try_write("/sys/kernel/uevent_helper"))                             \
        X(write_root, open("/pwned", O_WRONLY | O_CREAT | O_CLOEXEC, 0600))                        \
        X(make_cgroup, mkdir("/sys/fs/cgroup/pwned", 0755))                                        \
        X(move_cgroup, try_write("/sys/fs/cgroup/cgroup.procs"))                                   \
        X(tun_device, try_write("/dev/net/tun"))                                                   \
        X(fuse_device, try_write("/dev/fuse"))

ATTEMPTS(CALL)

static const struct {
        const char *name;
        long (*run)(void);
} attempts[] = {
#define X(name, expression) { #name, attempt_##name },
        ATTEMPTS(X)
#undef X
};

static const char *run_attempt(long (*run)(void))
{
        int status;
        pid_t pid;

        (void) fflush(stdout);
        pid = fork();
        if (pid == 0) {
                (void) alarm(5);
                errno = 0;
                _exit(run() >= 0 ? 0 : errno == 0 ? 255 : errno);
        }
        if (pid < 0 || waitpid(pid, &status, 0) != pid)
                return "unknown";
        if (WIFSIGNALED(status))
                return "killed";
        if (WEXITSTATUS(status) == 0)
                return "ALLOWED";
        return WEXITSTATUS(status) == 255 ? "unknown" : strerrorname_np(WEXITSTATUS(status));
}

/* Facts beside the attempts: what the process has and should not have. */
static void print_facts(void)
{
        static const char *const wanted[] = { "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb",
                "NoNewPrivs", "Seccomp" };
        FILE *f = fopen("/proc/self/status", "re");
        char line[256], value[64];

        while (f && fgets(line, sizeof(line), f))
                for (size_t i = 0; i < ELEMENTSOF(wanted); i++) {
                        size_t n = strlen(wanted[i]);

                        if (strncmp(line, wanted[i], n) == 0 && line[n] == ':' &&
                                sscanf(line + n + 1, "%63s", value) == 1)
                                printf("%s %s\n", wanted[i], value);
                }
        if (f)
                (void) fclose(f);
}

static void print_descriptors(void)
{
        for (int fd = 3; fd < 1024; fd++)
                if (fcntl(fd, F_GETFD) >= 0)
                        printf("leaked_fd_%d ALLOWED\n", fd);
}

int main(void)
{
        print_descriptors();
        print_facts();
        for (size_t i = 0; i < ELEMENTSOF(attempts); i++)
                printf("%s %s\n", attempts[i].name, run_attempt(attempts[i].run));
        return 0;
}
