/* A program to run as a payload: prints facts about where it finds itself, one "key=value" a line,
 * or does one small thing and says how it went. Static, so that any root file system can hold it;
 * no library beyond libc, so that what it says is what the kernel says.
 *
 *   ctr-probe facts                everything below "Facts"
 *   ctr-probe ACTION [ARGUMENT]... see the table at the end; one after the other, the last one's
 *                                  status is the program's */
#include "base/macro.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>

extern char **environ;

/* ---- Facts ---- */

static void print_ids(void)
{
        gid_t groups[256];
        int n = getgroups(ELEMENTSOF(groups), groups);
        mode_t mask = umask(0);

        umask(mask);
        printf("pid=%d\nppid=%d\nsid=%d\nuid=%u\neuid=%u\ngid=%u\negid=%u\numask=%04o\ngroups=",
                (int) getpid(), (int) getppid(), (int) getsid(0), getuid(), geteuid(), getgid(),
                getegid(), mask);
        for (int i = 0; i < n; i++)
                printf("%s%u", i ? "," : "", groups[i]);
        printf("\n");
}

/* Lines of /proc/self/status that say what the process may do. */
static void print_status(void)
{
        static const char *const wanted[] = { "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb",
                "NoNewPrivs", "Seccomp", "SigIgn", "SigBlk" };
        FILE *f = fopen("/proc/self/status", "re");
        char line[512];

        while (f && fgets(line, sizeof(line), f))
                for (size_t i = 0; i < ELEMENTSOF(wanted); i++) {
                        size_t n = strlen(wanted[i]);

                        if (strncmp(line, wanted[i], n) == 0 && line[n] == ':')
                                printf("%s=%s", wanted[i],
                                        line + n + 1 + strspn(line + n + 1, " \t"));
                }
        if (f)
                (void) fclose(f);
}

static void print_process(char **argv)
{
        char cwd[4096];
        struct utsname uts;

        printf("cwd=%s\n", getcwd(cwd, sizeof(cwd)) ? cwd : "?");
        for (char **a = argv; *a; a++)
                printf("argv=%s\n", *a);
        for (char **e = environ; *e; e++)
                printf("env=%s\n", *e);
        if (uname(&uts) == 0)
                printf("hostname=%s\ndomainname=%s\nmachine=%s\n", uts.nodename, uts.domainname,
                        uts.machine);
}

static void print_namespaces(void)
{
        static const char *const names[] = { "cgroup", "ipc", "mnt", "net", "pid", "time", "user",
                "uts" };

        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                char path[64], target[128];
                ssize_t n;

                (void) snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
                n = readlink(path, target, sizeof(target) - 1);
                if (n < 0)
                        continue;
                target[n] = '\0';
                printf("ns_%s=%s\n", names[i], target);
        }
}

/* One line a file, with the prefix. */
static void print_file(const char *key, const char *path)
{
        FILE *f = fopen(path, "re");
        char line[4096];

        while (f && fgets(line, sizeof(line), f)) {
                line[strcspn(line, "\n")] = '\0';
                printf("%s=%s\n", key, line);
        }
        if (f)
                (void) fclose(f);
}

/* "mount=TARGET FSTYPE OPTIONS SUPER-OPTIONS PROPAGATION" */
static void print_mounts(void)
{
        FILE *f = fopen("/proc/self/mountinfo", "re");
        char line[4096], target[1024], options[512], optional[256] = "", fstype[64], super[1024];

        while (f && fgets(line, sizeof(line), f)) {
                char *dash = strstr(line, " - ");

                if (!dash || sscanf(line, "%*s %*s %*s %*s %1023s %511s", target, options) != 2 ||
                        sscanf(dash, " - %63s %*s %1023s", fstype, super) != 2)
                        continue;
                optional[0] = '\0';
                *dash = '\0';
                if (strstr(line, "shared:"))
                        (void) strcat(optional, " shared");
                if (strstr(line, "master:"))
                        (void) strcat(optional, " slave");
                if (strstr(line, "unbindable"))
                        (void) strcat(optional, " unbindable");
                printf("mount=%s %s %s %s%s\n", target, fstype, options, super, optional);
        }
        if (f)
                (void) fclose(f);
}

static void print_rlimits(void)
{
        static const char *const names[] = { [RLIMIT_CPU] = "CPU",
                [RLIMIT_FSIZE] = "FSIZE",
                [RLIMIT_DATA] = "DATA",
                [RLIMIT_STACK] = "STACK",
                [RLIMIT_CORE] = "CORE",
                [RLIMIT_RSS] = "RSS",
                [RLIMIT_NPROC] = "NPROC",
                [RLIMIT_NOFILE] = "NOFILE",
                [RLIMIT_MEMLOCK] = "MEMLOCK",
                [RLIMIT_AS] = "AS",
                [RLIMIT_LOCKS] = "LOCKS",
                [RLIMIT_SIGPENDING] = "SIGPENDING",
                [RLIMIT_MSGQUEUE] = "MSGQUEUE",
                [RLIMIT_NICE] = "NICE",
                [RLIMIT_RTPRIO] = "RTPRIO",
                [RLIMIT_RTTIME] = "RTTIME" };

        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                struct rlimit limit;

                if (names[i] && getrlimit((__rlimit_resource_t) i, &limit) == 0)
                        printf("rlimit_%s=%lld %lld\n", names[i], (long long) limit.rlim_cur,
                                (long long) limit.rlim_max);
        }
}

/* "scheduler=POLICY nice N priority N flags 0x...", "deadline=RUNTIME DEADLINE PERIOD" and
 * "io_priority=CLASS LEVEL". */
static void print_scheduling(void)
{
        struct {
                uint32_t size, policy;
                uint64_t flags;
                int32_t nice;
                uint32_t priority;
                uint64_t runtime, deadline, period;
        } attributes = { .size = sizeof(attributes) };
        long io;

        if (syscall(SYS_sched_getattr, 0, &attributes, sizeof(attributes), 0) == 0)
                printf("scheduler=%u nice %d priority %u flags %#llx\n", attributes.policy,
                        attributes.nice, attributes.priority,
                        (unsigned long long) attributes.flags);
        if (attributes.policy == 6) /* SCHED_DEADLINE; to others newer kernels give a slice */
                printf("deadline=%llu %llu %llu\n", (unsigned long long) attributes.runtime,
                        (unsigned long long) attributes.deadline,
                        (unsigned long long) attributes.period);
        io = syscall(SYS_ioprio_get, 1, 0);
        if (io >= 0)
                printf("io_priority=%ld %ld\n", io >> 13, io & 7);
}

/* "memory_policy=MODE nodes MASK" of get_mempolicy(2), MODE with its flags. */
static void print_memory_policy(void)
{
        unsigned long nodes[16] = { 0 };
        int mode = 0;

        if (syscall(SYS_get_mempolicy, &mode, nodes, sizeof(nodes) * 8, NULL, 0) == 0)
                printf("memory_policy=%#x nodes %#lx\n", (unsigned) mode, nodes[0]);
}

/* "cgroup_FILE=..." of the limits in the cgroup that is mounted, its own with a cgroup namespace.
 */
static void print_limits(void)
{
        static const char *const files[] = { "cpu.idle", "cpu.max", "cpu.max.burst", "cpu.weight",
                "cpuset.cpus", "cpuset.mems", "hugetlb.2MB.max", "io.bfq.weight", "io.max",
                "io.weight", "memory.high", "memory.low", "memory.max", "memory.oom.group",
                "memory.swap.max", "pids.max", "rdma.max" };

        for (size_t i = 0; i < ELEMENTSOF(files); i++) {
                char path[64], key[64];

                (void) snprintf(path, sizeof(path), "/sys/fs/cgroup/%s", files[i]);
                (void) snprintf(key, sizeof(key), "cgroup_%s", files[i]);
                print_file(key, path);
        }
}

/* "terminal=ROWS COLUMNS" of standard input, when it is one. */
static void print_terminal(void)
{
        struct winsize size;

        if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
                printf("terminal=%u %u\n", size.ws_row, size.ws_col);
}

static void print_fds(void)
{
        DIR *d = opendir("/proc/self/fd");
        struct dirent *de;

        while (d && (de = readdir(d))) {
                int fd = atoi(de->d_name);
                char path[300], target[512];
                ssize_t n;

                if (de->d_name[0] == '.' || fd <= 2 || fd == dirfd(d))
                        continue;
                (void) snprintf(path, sizeof(path), "/proc/self/fd/%s", de->d_name);
                n = readlink(path, target, sizeof(target) - 1);
                printf("LEAKED_FD=%d %.*s\n", fd, n > 0 ? (int) n : 0, target);
        }
        if (d)
                (void) closedir(d);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
        return strcmp((*a)->d_name, (*b)->d_name);
}

/* "dev=NAME TYPE MAJOR:MINOR MODE UID:GID", links as "dev=NAME l TARGET". */
static void print_devices(void)
{
        struct dirent **names = NULL;
        int n = scandir("/dev", &names, NULL, by_name);

        for (int i = 0; i < n; i++) {
                char path[300], target[256];
                struct stat st;
                ssize_t len;

                (void) snprintf(path, sizeof(path), "/dev/%s", names[i]->d_name);
                if (names[i]->d_name[0] == '.' || lstat(path, &st) < 0)
                        continue;
                if (S_ISLNK(st.st_mode)) {
                        len = readlink(path, target, sizeof(target));
                        printf("dev=%s l %.*s\n", names[i]->d_name, len > 0 ? (int) len : 0,
                                target);
                } else if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
                        printf("dev=%s %c %u:%u %04o %u:%u\n", names[i]->d_name,
                                S_ISCHR(st.st_mode) ? 'c' : 'b', major(st.st_rdev),
                                minor(st.st_rdev), st.st_mode & 07777, st.st_uid, st.st_gid);
                free(names[i]);
        }
        free(names);
}

static int do_facts(char **argv)
{
        print_ids();
        print_status();
        print_process(argv);
        print_namespaces();
        print_file("cgroup", "/proc/self/cgroup");
        print_file("uid_map", "/proc/self/uid_map");
        print_file("gid_map", "/proc/self/gid_map");
        print_file("label", "/proc/self/attr/current");
        print_file("oom_score_adj", "/proc/self/oom_score_adj");
        print_file("timens_offsets", "/proc/self/timens_offsets");
        print_mounts();
        print_rlimits();
        print_scheduling();
        print_memory_policy();
        print_limits();
        print_terminal();
        print_fds();
        print_devices();
        return 0;
}

/* ---- Actions: argv[2] is the argument ---- */

static int say(const char *what, int r)
{
        if (r < 0)
                printf("%s=%s\n", what, strerror(errno));
        else
                printf("%s=ok\n", what);
        return r < 0 ? 1 : 0;
}

static int do_exit(char **argv)
{
        return atoi(argv[2]);
}

static int do_signal(char **argv)
{
        (void) signal(atoi(argv[2]), SIG_DFL);
        return raise(atoi(argv[2]));
}

static volatile sig_atomic_t n_handled;

static void count_handled(int signal_number _unused_)
{
        n_handled++;
}

static int do_handle(char **argv)
{
        struct sigaction action = { .sa_handler = count_handled, .sa_flags = SA_RESTART };

        return sigaction(atoi(argv[2]), &action, NULL);
}

static int do_handled(char **argv _unused_)
{
        printf("handled=%d\n", (int) n_handled);
        return 0;
}

/* Sleeps, and ends with 143 on SIGTERM, as PID 1 of a namespace must do itself. */
static void on_term(int signal_number)
{
        _exit(128 + signal_number);
}

static int do_sleep(char **argv)
{
        (void) signal(SIGTERM, on_term);
        for (int left = atoi(argv[2]); left > 0;)
                left = (int) sleep((unsigned) left);
        return 0;
}

static int do_write(char **argv)
{
        _cleanup_close_ int fd = open(argv[2], O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

        if (fd < 0)
                return say("write", -1);
        return say("write", (int) write(fd, "probe\n", 6));
}

static int do_mkdir(char **argv)
{
        return say("mkdir", mkdir(argv[2], 0755));
}

static int do_open(char **argv)
{
        _cleanup_close_ int fd = open(argv[2], O_RDWR | O_CLOEXEC);

        return say("open", fd);
}

static int do_personality(char **argv)
{
        return say("personality", personality(strtoul(argv[2], NULL, 0)));
}

static int do_cat(char **argv)
{
        print_file("line", argv[2]);
        return 0;
}

static int do_fork(char **argv)
{
        int wanted = atoi(argv[2]), n = 0;

        while (n < wanted) {
                pid_t pid = fork();

                if (pid < 0)
                        break;
                if (pid == 0) {
                        (void) pause();
                        _exit(0);
                }
                n++;
        }
        printf("forked=%d\n", n);
        return 0; /* the end of PID 1 ends the others */
}

static int do_alloc(char **argv)
{
        size_t mib = (size_t) atoi(argv[2]);

        for (size_t i = 0; i < mib; i++) {
                char *p = malloc(1024 * 1024);

                if (!p)
                        return say("alloc", -1);
                memset(p, (int) i + 1, 1024 * 1024);
                __asm__ volatile("" : : "r"(p) : "memory");
        }
        return say("alloc", 0);
}

/* "stat=PATH MODE UID:GID SIZE ro|rw", links not followed. */
static int do_stat(char **argv)
{
        struct stat st;
        struct statvfs vfs;

        if (lstat(argv[2], &st) < 0 || statvfs(argv[2], &vfs) < 0)
                return say("stat", -1);
        printf("stat=%s %07o %u:%u %lld %s\n", argv[2], st.st_mode, st.st_uid, st.st_gid,
                (long long) st.st_size, vfs.f_flag & ST_RDONLY ? "ro" : "rw");
        return 0;
}

/* "list=DIRECTORY NAME" for each entry. */
static int do_list(char **argv)
{
        DIR *d = opendir(argv[2]);
        struct dirent *de;

        if (!d)
                return say("list", -1);
        while ((de = readdir(d)))
                if (strcmp(de->d_name, ".") != 0 && strcmp(de->d_name, "..") != 0)
                        printf("list=%s %s\n", argv[2], de->d_name);
        (void) closedir(d);
        return 0;
}

static int do_print(char **argv)
{
        printf("%s\n", argv[2]);
        return 0;
}

/* Lines on both streams in turn, with priorities: "out 1", "err 1", ... */
static int do_log(char **argv)
{
        int n = atoi(argv[2]);

        (void) setvbuf(stdout, NULL, _IOLBF, 0);
        for (int i = 1; i <= n; i++) {
                printf("<6>out %d\n", i);
                fprintf(stderr, "<3>err %d\n", i);
        }
        return 0;
}

/* Answers so many connections to the first socket of sd_listen_fds(3), one line each. */
static int do_serve(char **argv)
{
        (void) signal(SIGTERM, on_term);
        for (int left = atoi(argv[2]); left > 0; left--) {
                _cleanup_close_ int fd = accept4(3, NULL, NULL, SOCK_CLOEXEC);

                if (fd < 0)
                        return say("serve", -1);
                (void) dprintf(fd, "served by pid %d, %s left\n", (int) getpid(), argv[2]);
        }
        return 0;
}

/* "connect=..." and "bind=...": TCP on this port of 127.0.0.1. */
static int with_port(const char *what, const char *port,
        int (*function)(int fd, const struct sockaddr *address, socklen_t size))
{
        _cleanup_close_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        struct sockaddr_in address = { .sin_family = AF_INET,
                .sin_port = htons((uint16_t) atoi(port)),
                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

        return say(what, function(fd, (const struct sockaddr *) &address, sizeof(address)));
}

static int do_connect(char **argv)
{
        return with_port("connect", argv[2], connect);
}

static int do_bind(char **argv)
{
        return with_port("bind", argv[2], bind);
}

/* Answers every connection to this port of 127.0.0.1 with one line, without end. */
static int do_listen(char **argv)
{
        _cleanup_close_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        struct sockaddr_in address = { .sin_family = AF_INET,
                .sin_port = htons((uint16_t) atoi(argv[2])),
                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

        (void) signal(SIGTERM, on_term);
        if (bind(fd, (const struct sockaddr *) &address, sizeof(address)) < 0 || listen(fd, 8) < 0)
                return say("listen", -1);
        for (;;) {
                _cleanup_close_ int peer_fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

                if (peer_fd < 0)
                        return say("accept", -1);
                (void) dprintf(peer_fd, "hello from inside\n");
        }
}

/* Answers every datagram to this port of 127.0.0.1 with one line and what came, without end. */
static int do_listen_udp(char **argv)
{
        _cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        struct sockaddr_in address = { .sin_family = AF_INET,
                .sin_port = htons((uint16_t) atoi(argv[2])),
                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) },
                           peer;
        char text[1024], answer[sizeof(text) + 32];

        (void) signal(SIGTERM, on_term);
        if (bind(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return say("listen-udp", -1);
        for (;;) {
                socklen_t size = sizeof(peer);
                ssize_t n = recvfrom(fd, text, sizeof(text), 0, (struct sockaddr *) &peer, &size);

                if (n < 0)
                        return say("recvfrom", -1);
                (void) snprintf(answer, sizeof(answer), "hello from inside, %.*s", (int) n, text);
                (void) sendto(fd, answer, strlen(answer), 0, (struct sockaddr *) &peer, size);
        }
}

/* Connects to the stream socket at this path and prints the first line that comes. */
static int do_ask(char **argv)
{
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        char text[256];
        ssize_t n;

        (void) snprintf(address.sun_path, sizeof(address.sun_path), "%s", argv[2]);
        if (connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return say("ask", -1);
        n = read(fd, text, sizeof(text));
        printf("%.*s", n > 0 ? (int) n : 0, text);
        return n > 0 ? 0 : 1;
}

/* Sends this text, "\n" for a new line, to $NOTIFY_SOCKET as sd_notify(3) does. */
static int do_notify(char **argv)
{
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        const char *path = getenv("NOTIFY_SOCKET");
        char text[1024];
        size_t n = 0;

        if (!path || strlen(path) >= sizeof(address.sun_path)) {
                errno = ENOENT;
                return say("notify", -1);
        }
        (void) strcpy(address.sun_path, path);
        for (const char *p = argv[2]; *p && n < sizeof(text); p++) {
                bool is_newline = p[0] == '\\' && p[1] == 'n';

                text[n++] = is_newline ? '\n' : *p;
                p += is_newline;
        }
        return say("notify",
                (int) sendto(fd, text, n, 0, (struct sockaddr *) &address, sizeof(address)));
}

/* WATCHDOG=1 so many times, each after half of WATCHDOG_USEC. */
static int do_watchdog(char **argv)
{
        const char *usec = getenv("WATCHDOG_USEC");
        int r = usec ? 0 : 1;

        for (int left = atoi(argv[2]); left > 0 && r == 0; left--) {
                (void) usleep((useconds_t) (atoi(usec) / 2));
                r = do_notify((char *[]){ argv[0], argv[1], (char *) "WATCHDOG=1", NULL });
        }
        return r;
}

static const struct {
        const char *name;
        int (*run)(char **argv);
        bool takes_argument;
} actions[] = {
        { "facts", do_facts, false }, { "exit", do_exit, true }, /* ends with this code */
        { "signal", do_signal, true },                           /* sends itself this signal */
        { "handle", do_handle, true },    /* this signal from now on, its calls restarted */
        { "handled", do_handled, false }, /* how many came */
        { "sleep", do_sleep, true },      /* seconds */
        { "write", do_write, true },      /* to this path */
        { "mkdir", do_mkdir, true }, { "open", do_open, true }, /* for reading and writing */
        { "personality", do_personality, true },                /* changed to this number */
        { "cat", do_cat, true },                                /* "line=..." for each line */
        { "fork", do_fork, true },   /* as many processes as this, or as can be: "forked=N" */
        { "alloc", do_alloc, true }, /* MiB, touched */
        { "log", do_log, true },     /* lines on stdout and stderr in turn */
        { "stat", do_stat, true },   /* of this path */
        { "list", do_list, true },   /* names in this directory */
        { "print", do_print, true }, /* this text */
        { "serve", do_serve, true }, /* connections, on the socket that systemd passed */
        { "connect", do_connect, true }, { "bind", do_bind, true }, /* to a port of TCP */
        { "ask", do_ask, true },                                    /* the socket at this path */
        { "listen", do_listen, true },                              /* on this port, for ever */
        { "listen-udp", do_listen_udp, true },
        { "notify", do_notify, true },     /* this text to $NOTIFY_SOCKET */
        { "watchdog", do_watchdog, true }, /* so many times, in time */
};

static int run_action(char **argv, bool has_argument, int *ret_n)
{
        for (size_t i = 0; i < ELEMENTSOF(actions); i++)
                if (strcmp(argv[1], actions[i].name) == 0 &&
                        (has_argument || !actions[i].takes_argument)) {
                        *ret_n = actions[i].takes_argument ? 2 : 1;
                        return actions[i].run(argv);
                }
        fprintf(stderr, "usage: ctr-probe ACTION [ARGUMENT]...\n");
        exit(2);
}

int main(int argc, char **argv)
{
        int r = 2, i = 0, n;

        if (argc < 2) {
                fprintf(stderr, "usage: ctr-probe ACTION [ARGUMENT]...\n");
                return r;
        }

        do {
                r = run_action(argv + i, i + 2 < argc, &n);
                (void) fflush(stdout);
                i += n;
        } while (i + 1 < argc);
        return r;
}
