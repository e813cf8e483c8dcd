/* Kills a program, or a child of it, at the entry of one chosen system call: the tool behind
 * killpoints.py and killmanager.py. Three ways to say of whom:
 *
 *   - "killat PLAN COMMAND [ARGUMENT]..." runs the command below a tracer;
 *   - "killat PLAN --attach PID" attaches to a process that runs, which counts from there on;
 *   - under the name ctr-exec or ctr-worker, in the place of that program, it does the first for
 *     what systemd starts, with the plan /var/lib/ctrunit/killat/unit. A sandboxed worker may not
 *     trace: "killat PLAN --await", begun before, attaches to it.
 *
 * A plan is a file with one line of words:
 *
 *   - "trace OUT" writes "PROCESS NAME K PID" for every call, in their order;
 *   - "kill OUT PROCESS NAME K": SIGKILL when process number PROCESS (1, 2, ... in the order they
 *     came to be) enters call NAME for the K-th time;
 *   - "stop OUT PROCESS NAME K": the same with SIGSTOP.
 *
 * OUT appears, by rename, when the tracer is done. The file "unit" begins with one word more, the
 * helper's verb that is meant (of the worker "worker", or "sandbox" when it has few capabilities),
 * and holds for its first run only. It is where a sandboxed worker may write.
 *
 * The tracer is no parent of what it traces: it detaches itself first, and leaves the unit's
 * cgroup. So CLONE_PARENT means what it means without it. It follows the programs named in
 * the file "programs" (one path a line) and their children, and lets go of whatever executes
 * another one: the payload is never traced. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define DIRECTORY    "/var/lib/ctrunit/killat"
#define STANDING     DIRECTORY "/standing" /* the pid of a sandboxed worker that waits for a tracer */
#define CGROUP_PROCS "/sys/fs/cgroup/killat/cgroup.procs"
#define LOOKS_MAX    5000 /* of a millisecond each */
#define CALLS_MAX    1024
#define TASKS_MAX    512
#define PROGRAMS_MAX 16
#define OPTIONS                                                                                    \
        (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |  \
                PTRACE_O_TRACEEXEC)

typedef struct Plan {
        char action[8], out[PATH_MAX], name[64];
        unsigned process, k;
} Plan;

typedef struct Process {
        pid_t pid;
        bool is_counted;
        unsigned number;
        unsigned calls[CALLS_MAX];
} Process;

typedef struct Task {
        pid_t tid;
        Process *process;
        bool is_held; /* stopped before its parent told of it */
} Task;

static Plan plan;
static Task tasks[TASKS_MAX];
static size_t n_tasks;
static unsigned n_processes;
static struct stat programs[PROGRAMS_MAX];
static size_t n_programs;
static pid_t seizing_tid, seized_tid; /* who is about to trace whom, and stands still meanwhile */
static FILE *out;
static char out_temporary[PATH_MAX + 8];

static void die(const char *what)
{
        (void) fprintf(stderr, "killat: %s: %s\n", what, strerror(errno));
        _exit(99);
}

static bool read_plan(const char *path, const char *verb)
{
        char first[32];
        FILE *f = fopen(path, "re");
        int n;

        if (!f)
                return false;
        if (verb && (fscanf(f, "%31s", first) != 1 || strcmp(first, verb) != 0)) {
                (void) fclose(f);
                return false;
        }
        n = fscanf(f, "%7s %4095s %u %63s %u", plan.action, plan.out, &plan.process, plan.name,
                &plan.k);
        (void) fclose(f);
        return n == 5 || (n == 2 && strcmp(plan.action, "trace") == 0);
}

static void read_programs(void)
{
        char line[PATH_MAX];
        FILE *f = fopen(DIRECTORY "/programs", "re");

        while (f && n_programs < PROGRAMS_MAX && fgets(line, sizeof(line), f)) {
                line[strcspn(line, "\n")] = '\0';
                if (stat(line, &programs[n_programs]) >= 0)
                        n_programs++;
        }
        if (f)
                (void) fclose(f);
}

/* By inode, and runc's copies of itself by name. */
static bool is_followed(pid_t pid)
{
        char path[64], target[PATH_MAX];
        struct stat st;
        ssize_t n;

        (void) snprintf(path, sizeof(path), "/proc/%d/exe", (int) pid);
        n = readlink(path, target, sizeof(target) - 1);
        target[n > 0 ? n : 0] = '\0';
        if (strstr(target, "runc_cloned") || strstr(target, "libcrun"))
                return true;
        if (stat(path, &st) < 0)
                return false;
        for (size_t i = 0; i < n_programs; i++)
                if (st.st_ino == programs[i].st_ino && st.st_size == programs[i].st_size)
                        return true;
        return false;
}

static pid_t group_of(pid_t tid)
{
        char path[64], line[256];
        int group = tid;
        FILE *f;

        (void) snprintf(path, sizeof(path), "/proc/%d/status", (int) tid);
        f = fopen(path, "re");
        while (f && fgets(line, sizeof(line), f))
                if (sscanf(line, "Tgid: %d", &group) == 1)
                        break;
        if (f)
                (void) fclose(f);
        return group;
}

static Task *find_task(pid_t tid)
{
        for (size_t i = 0; i < n_tasks; i++)
                if (tasks[i].tid == tid)
                        return &tasks[i];
        return NULL;
}

/* A new thread shares the counters of its process. */
static Task *add_task(pid_t tid)
{
        pid_t group = group_of(tid);
        Process *process = NULL;

        if (n_tasks == TASKS_MAX)
                die("too many tasks");
        for (size_t i = 0; i < n_tasks && !process; i++)
                if (tasks[i].process->pid == group)
                        process = tasks[i].process;
        if (!process) {
                process = calloc(1, sizeof(*process));
                if (!process)
                        die("memory");
                process->pid = group;
        }
        tasks[n_tasks] = (Task){ .tid = tid, .process = process };
        return &tasks[n_tasks++];
}

static void drop_task(Task *t)
{
        *t = tasks[--n_tasks];
}

static void finish(void)
{
        (void) fclose(out);
        (void) rename(out_temporary, plan.out);
        _exit(0);
}

static void count(Process *process)
{
        process->is_counted = true;
        if (process->number == 0)
                process->number = ++n_processes;
}

static void enter_call(const Task *t, uint64_t nr)
{
        Process *p = t->process;
        char *name;

        if (!p->is_counted || nr >= CALLS_MAX)
                return;
        p->calls[nr]++;
        name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, (int) nr);
        if (!name)
                return;
        if (strcmp(plan.action, "trace") == 0)
                (void) fprintf(out, "%u %s %u %d\n", p->number, name, p->calls[nr], (int) p->pid);
        else if (p->number == plan.process && p->calls[nr] == plan.k &&
                 strcmp(name, plan.name) == 0) {
                (void) kill(p->pid, strcmp(plan.action, "stop") == 0 ? SIGSTOP : SIGKILL);
                (void) fprintf(out, "%d\n", (int) p->pid);
                /* Everybody is let go of with the end of the tracer. */
                finish();
        }
        free(name);
}

/* ctr-exec holds its clone at the execve by tracing it: it gets it. */
static void yield_task(pid_t tid)
{
        Task *t = find_task(tid);
        int status, signal_number = 0;

        if (!t || ptrace(PTRACE_INTERRUPT, tid, 0, 0) < 0 || waitpid(tid, &status, __WALL) != tid)
                return;
        if (WIFSTOPPED(status) && status >> 16 == 0 && WSTOPSIG(status) != (SIGTRAP | 0x80))
                signal_number = WSTOPSIG(status);
        (void) ptrace(PTRACE_DETACH, tid, 0, signal_number);
        drop_task(t);
}

/* ctr-exec may hold its clone early, while that is still busy: it has to wait until the clone was
 * quiet for this long, because nobody else sees what it calls afterwards. */
#define QUIET_USEC 30000

static void await_quiet(void)
{
        /* Again and again: one that comes outside of waitpid() wakes nobody. */
        const struct itimerval timer = { { .tv_usec = QUIET_USEC }, { .tv_usec = QUIET_USEC } };

        (void) setitimer(ITIMER_REAL, &timer, NULL);
}

static void wake(int signal_number)
{
        (void) signal_number;
}

/* True when the task stands still. */
static bool begin_to_yield(const Task *t, pid_t tid)
{
        const Task *target = find_task(tid);

        if (!target || seizing_tid > 0 ||
                (strcmp(plan.action, "trace") != 0 && target->process->number != plan.process)) {
                yield_task(tid);
                return false;
        }
        seizing_tid = t->tid;
        seized_tid = tid;
        await_quiet();
        return true;
}

static bool handle_syscall(const Task *t)
{
        struct __ptrace_syscall_info info;

        if (t->tid == seized_tid)
                await_quiet();
        if (ptrace(PTRACE_GET_SYSCALL_INFO, t->tid, sizeof(info), &info) <= 0 ||
                info.op != PTRACE_SYSCALL_INFO_ENTRY)
                return false;
        enter_call(t, info.entry.nr);
        return info.entry.nr == SYS_ptrace && info.entry.args[0] == PTRACE_SEIZE &&
               begin_to_yield(t, (pid_t) info.entry.args[1]);
}

/* Continues a stopped task: as is, or without us. */
static void resume(Task *t, int request, int signal_number)
{
        if (ptrace((enum __ptrace_request) request, t->tid, 0, signal_number) < 0 && errno == ESRCH)
                return;
        if (request == PTRACE_DETACH)
                drop_task(t);
}

static void end_of_quiet(void)
{
        Task *t = find_task(seizing_tid);

        (void) setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
        yield_task(seized_tid);
        seizing_tid = seized_tid = 0;
        if (t)
                resume(t, PTRACE_SYSCALL, 0);
}

static void handle_event(Task *t, int event, int signal_number)
{
        unsigned long message = 0;
        Task *child;

        switch (event) {
        case PTRACE_EVENT_FORK:
        case PTRACE_EVENT_VFORK:
        case PTRACE_EVENT_CLONE:
                (void) ptrace(PTRACE_GETEVENTMSG, t->tid, 0, &message);
                child = find_task((pid_t) message);
                if (!child)
                        child = add_task((pid_t) message);
                if (t->process->is_counted)
                        count(child->process);
                if (child->is_held) {
                        child->is_held = false;
                        resume(child, PTRACE_SYSCALL, 0);
                }
                break;
        case PTRACE_EVENT_EXEC:
                if (!is_followed(t->process->pid)) {
                        resume(t, PTRACE_DETACH, 0);
                        return;
                }
                count(t->process);
                break;
        case PTRACE_EVENT_STOP:
                if (signal_number == SIGSTOP || signal_number == SIGTSTP ||
                        signal_number == SIGTTIN || signal_number == SIGTTOU) {
                        resume(t, PTRACE_LISTEN, 0);
                        return;
                }
                break;
        default:
                break;
        }
        resume(t, PTRACE_SYSCALL, 0);
}

static void trace_loop(void)
{
        while (n_tasks > 0) {
                int status;
                pid_t tid = waitpid(-1, &status, __WALL);
                Task *t;

                if (tid < 0 && errno == EINTR) {
                        end_of_quiet();
                        continue;
                }
                if (tid < 0)
                        return;
                t = find_task(tid);
                if (WIFEXITED(status) || WIFSIGNALED(status)) {
                        if (t)
                                drop_task(t);
                        continue;
                }
                if (!t) {
                        add_task(tid)->is_held = true;
                        continue;
                }
                if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
                        if (!handle_syscall(t))
                                resume(find_task(tid), PTRACE_SYSCALL, 0);
                } else if (status >> 16)
                        handle_event(t, status >> 16, WSTOPSIG(status));
                else
                        resume(t, PTRACE_SYSCALL, WSTOPSIG(status));
        }
}

/* The tracer, detached: never returns. */
static void trace(pid_t pid, bool is_counted, int ready_fd)
{
        int fd = open(CGROUP_PROCS, O_WRONLY | O_CLOEXEC), status;

        if (fd < 0 || dprintf(fd, "%d", (int) getpid()) < 0)
                die(CGROUP_PROCS);
        (void) close(fd);
        (void) setsid();
        read_programs();
        (void) snprintf(out_temporary, sizeof(out_temporary), "%s.tmp", plan.out);
        out = fopen(out_temporary, "we");
        if (!out)
                die(plan.out);
        (void) setvbuf(out, NULL, _IOLBF, 0);
        if (ptrace(PTRACE_SEIZE, pid, 0, OPTIONS) < 0 || ptrace(PTRACE_INTERRUPT, pid, 0, 0) < 0 ||
                waitpid(pid, &status, __WALL) < 0)
                die("attach");
        if (is_counted)
                count(add_task(pid)->process);
        else
                (void) add_task(pid);
        (void) ptrace(PTRACE_SYSCALL, pid, 0, 0);
        (void) close(ready_fd);
        /* Nobody's pipe is to stay open because of us. */
        (void) dup2(open("/dev/null", O_RDWR | O_CLOEXEC), 0);
        (void) dup2(0, 1);
        (void) dup2(0, 2);
        for (int i = 3; i < 64; i++)
                if (i != fileno(out))
                        (void) close(i);
        (void) sigaction(SIGALRM, &(struct sigaction){ .sa_handler = wake }, NULL);
        trace_loop();
        finish();
}

/* is_counted: from now on, else from its next program on. */
static void start_tracer(pid_t pid, bool is_counted)
{
        pid_t child;
        int fds[2];
        char byte;

        /* Without a capability for it one may trace who allows it. */
        if (pid == getpid())
                (void) prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
        if (pipe2(fds, O_CLOEXEC) < 0)
                die("pipe");
        child = fork();
        if (child < 0)
                die("fork");
        if (child == 0) {
                if (fork() != 0)
                        _exit(0);
                (void) close(fds[0]);
                trace(pid, is_counted, fds[1]);
        }
        (void) close(fds[1]);
        (void) waitpid(child, NULL, 0);
        (void) !read(fds[0], &byte, 1);
        (void) close(fds[0]);
}

static bool is_traced(void)
{
        char line[256];
        FILE *f = fopen("/proc/self/status", "re");
        int tracer = 0;

        while (f && fgets(line, sizeof(line), f))
                if (sscanf(line, "TracerPid: %d", &tracer) == 1)
                        break;
        if (f)
                (void) fclose(f);
        return tracer != 0;
}

static bool look_again(unsigned looks)
{
        (void) usleep(1000);
        return looks < LOOKS_MAX;
}

/* Stands still until somebody outside traces us. */
static void await_tracer(void)
{
        FILE *f = fopen(STANDING ".tmp", "we");

        if (!f || fprintf(f, "%d", (int) getpid()) < 0 || fclose(f) != 0 ||
                rename(STANDING ".tmp", STANDING) < 0)
                die(STANDING);
        for (unsigned looks = 0; !is_traced(); looks++)
                if (!look_again(looks))
                        die("nobody traces us");
}

static pid_t await_standing(void)
{
        FILE *f;
        int pid;

        for (unsigned looks = 0; !(f = fopen(STANDING, "re")); looks++)
                if (!look_again(looks))
                        die(STANDING);
        if (fscanf(f, "%d", &pid) != 1)
                die(STANDING);
        (void) fclose(f);
        (void) unlink(STANDING);
        return pid;
}

/* In the place of a program that PID 1 starts: the plan in the directory is for one of them. */
static void stand_in(const char *name, char **argv)
{
        const char *verb = argv[1];
        char real[64];

        if (strcmp(name, "ctr-worker") == 0)
                verb = prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN, 0, 0, 0) > 0 ? "worker" : "sandbox";
        if (verb && !is_traced() && read_plan(DIRECTORY "/unit", verb) &&
                rename(DIRECTORY "/unit", DIRECTORY "/unit.used") >= 0) {
                if (strcmp(verb, "sandbox") == 0)
                        await_tracer();
                else
                        start_tracer(getpid(), false);
        }
        (void) snprintf(real, sizeof(real), DIRECTORY "/%s", name);
        (void) execv(real, argv);
        die(real);
}

int main(int argc, char **argv)
{
        const char *slash = strrchr(argv[0], '/'), *name = slash ? slash + 1 : argv[0];

        if (strcmp(name, "ctr-exec") == 0 || strcmp(name, "ctr-worker") == 0)
                stand_in(name, argv);
        if (argc < 3 || !read_plan(argv[1], NULL)) {
                (void) fprintf(stderr,
                        "usage: killat PLAN COMMAND [ARGUMENT]... | killat PLAN --attach PID | "
                        "killat PLAN --await\n");
                return 2;
        }
        if (strcmp(argv[2], "--await") == 0 && argc == 3) {
                start_tracer(await_standing(), false);
                return 0;
        }
        if (strcmp(argv[2], "--attach") == 0 && argc == 4) {
                start_tracer((pid_t) strtol(argv[3], NULL, 10), true);
                return 0;
        }
        start_tracer(getpid(), false);
        (void) execvp(argv[2], argv + 2);
        die(argv[2]);
}
