/* exec: another process in a running container. ctr-exec runs a program that plan made from the
 * same policy as the container's own; it clones with CLONE_PARENT, so the new process is our child
 * and its exit status ours to wait for. PID 1 and the bus have no part in it. */
#include "runtime/caller-fds.h"
#include "runtime/container.h"
#include "runtime/creation.h"
#include "runtime/exec-process.h"
#include "runtime/filter-cache.h"
#include "runtime/helper-spawn.h"
#include "runtime/signal-forward.h"
#include "runtime/terminal.h"

#include "base/io.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>

#define CONFIG_SIZE_MAX (16U * 1024 * 1024)

/* Namespaces as /proc/PID/ns names them. */
static const struct {
        const char *name;
        uint64_t flag;
} namespaces[] = {
        { "cgroup", CLONE_NEWCGROUP },
        { "ipc", CLONE_NEWIPC },
        { "mnt", CLONE_NEWNS },
        { "net", CLONE_NEWNET },
        { "pid", CLONE_NEWPID },
        { "time", CLONE_NEWTIME },
        { "user", CLONE_NEWUSER },
        { "uts", CLONE_NEWUTS },
};

/* The kinds in which a process differs from us. */
static int differing_namespaces(pid_t pid, uint64_t *ret, CtrError *err)
{
        uint64_t flags = 0;

        for (size_t i = 0; i < ELEMENTSOF(namespaces); i++) {
                char theirs[64], ours[64];
                struct stat a, b;

                (void) snprintf(
                        theirs, sizeof(theirs), "/proc/%d/ns/%s", (int) pid, namespaces[i].name);
                (void) snprintf(ours, sizeof(ours), "/proc/self/ns/%s", namespaces[i].name);
                if (stat(ours, &b) < 0 && errno == ENOENT)
                        continue; /* this kernel has no such kind */
                if (stat(theirs, &a) < 0)
                        return ctr_error_set(
                                err, CTR_ERROR_CONTAINER_NOT_RUNNING, 0, "container not running");
                if (a.st_ino != b.st_ino || a.st_dev != b.st_dev)
                        flags |= namespaces[i].flag;
        }
        *ret = flags;
        return 0;
}

static int check_runnable(
        const ContainerProcess *process, const RuntimeExec *options, CtrError *err)
{
        switch (process->status) {
        case CONTAINER_CREATED:
        case CONTAINER_RUNNING:
                return 0;
        case CONTAINER_PAUSED:
                if (options->ignores_paused)
                        return 0;
                return ctr_error_set(err, CTR_ERROR_CONTAINER_PAUSED, 0,
                        "cannot exec in a paused container (resume it first, or use --ignore-paused)");
        default:
                return ctr_error_set(err, CTR_ERROR_CONTAINER_NOT_RUNNING, 0,
                        "cannot exec in a container that is not running");
        }
}

/* --cgroup: a part of the unit's cgroup, by its path in it. */
static int choose_cgroup(const Container *c, const char *cgroup, PlanExec *exec,
        char path[static CGROUP_PATH_MAX], CtrError *err)
{
        size_t n;

        if (!cgroup)
                return 0;
        if (!ctr_cgroup_path_is_valid(cgroup))
                return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "--cgroup wants a path in the container's cgroup, not \"%.64s\"", cgroup);
        (void) snprintf(path, CGROUP_PATH_MAX, "%s", exec->cgroup_dir);
        (void) cgroup_cut_to_unit(path, c->unit);
        n = strlen(path);
        cgroup += strspn(cgroup, "/");
        if (*cgroup && snprintf(path + n, CGROUP_PATH_MAX - n, "/%s", cgroup) >=
                               (int) (CGROUP_PATH_MAX - n))
                return ctr_error_set(err, CTR_ERROR_USAGE, ENAMETOOLONG, "--cgroup");
        if (access(path, F_OK) < 0)
                return ctr_error_set(err, CTR_ERROR_USAGE, errno, "cgroup %s", path);
        exec->cgroup_dir = path;
        exec->is_cgroup_exact = true;
        return 0;
}

typedef struct Compiled {
        void *program;
        size_t size;
        bool has_terminal;
} Compiled;

static int compile_program(const Runtime *rt, const Container *c, const ContainerProcess *init,
        const RuntimeExec *options, Compiled *ret, CtrError *err)
{
        _cleanup_(spec_freep) Spec *spec = NULL;
        _cleanup_free_ char *text = NULL;
        ExecProcess process;
        FilterCache filters;
        PlanExec exec = { .id = c->id,
                .init_pid = init->pid,
                .init_starttime = init->starttime,
                .bundle = c->state.bundle,
                .cgroup_dir = init->cgroup,
                .has_console = true,
                .filter_cache = &filters.plan };
        char cgroup[CGROUP_PATH_MAX];
        size_t size;
        int r;

        filter_cache_init(&filters, rt);
        r = choose_cgroup(c, options->cgroup, &exec, cgroup, err);
        if (r < 0)
                return r;
        r = differing_namespaces(init->pid, &exec.namespaces, err);
        if (r >= 0)
                r = ctr_read_file(c->dir_fd, STATE_FILE_CONFIG, CONFIG_SIZE_MAX, &text, &size, err);
        if (r >= 0)
                r = spec_parse(text, size, &spec, err);
        if (r < 0)
                return bundle_error(STATE_FILE_CONFIG, r, err);
        r = exec_process_make(spec, options, &process, err);
        if (r < 0)
                return r;
        ret->has_terminal = process.process.has_terminal;
        r = terminal_check(ret->has_terminal, options->is_detached, options->console_socket, err);
        if (r >= 0)
                r = plan_exec_program(
                        spec, &process.process, &exec, &ret->program, &ret->size, err);
        exec_process_done(&process);
        return bundle_error(options->process_file, r, err);
}

static int program_memfd(const void *bytes, size_t size, CtrError *err)
{
        _cleanup_close_ int fd = memfd_create("ctr-program", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        int r = fd < 0 ? -errno : ctr_write_all(fd, bytes, size);

        if (r >= 0 && fcntl(fd, F_ADD_SEALS,
                              F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
                r = -errno;
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot write the program")
                     : TAKE_FD(fd);
}

/* Starts the program and returns the new process, our child. */
static int launch(const void *program, size_t size, const LaunchFds *fds, pid_t *ret_pid,
        int *ret_pidfd, CtrError *err)
{
        _cleanup_close_ int program_fd = -EBADF, ours = -EBADF, theirs = -EBADF;
        LaunchReply reply;
        pid_t helper;
        int r;

        program_fd = program_memfd(program, size, err);
        if (program_fd < 0)
                return program_fd;
        r = launch_socket_pair(&ours, &theirs, err);
        if (r >= 0)
                r = launch_send_request(ours, fds, err);
        if (r >= 0)
                r = helper_spawn("exec", NULL, program_fd, theirs, false, &helper, err);
        if (r < 0)
                return r;
        closep(&theirs);
        r = launch_receive(ours, &reply, ret_pidfd, err);
        (void) helper_wait(helper);
        if (r < 0)
                return r;
        if (r == 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, EPIPE, "ctr-exec ended without an answer");
        if (reply.kind == LAUNCH_FAILED) {
                r = launch_reply_error(&reply, err);
                /* 126 and 127 could be the program's own: an error of exec is told by its one
                 * status. */
                if (err)
                        err->exit_status = 0;
                return r;
        }
        *ret_pid = reply.pid;
        return 0;
}

static int reap(pid_t pid, int *ret_status, CtrError *err)
{
        int r = helper_wait(pid);

        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "waiting for process %d", (int) pid);
        *ret_status = r;
        return 0;
}

/* Until the process runs, and everybody who asked knows it. */
static int start(const RuntimeExec *options, const Compiled *compiled, LaunchFds *fds,
        Terminal *terminal, pid_t *ret_pid, int *ret_pidfd, CtrError *err)
{
        int r;

        r = terminal_begin(terminal, compiled->has_terminal, options->console_socket, fds, err);
        if (r >= 0)
                r = launch(compiled->program, compiled->size, fds, ret_pid, ret_pidfd, err);
        if (r >= 0)
                r = pid_file_write(options->pid_file, *ret_pid, err);
        if (r >= 0)
                r = caller_send_fd(options->pidfd_socket, *ret_pidfd, err);
        caller_fds_done(fds);
        return r >= 0 ? terminal_take(terminal, err) : r;
}

/* Its session goes with it: what the process started would stay in the container. */
static int await_timeout(const RuntimeExec *options, pid_t pid, int pidfd, CtrError *err)
{
        struct pollfd pollfd = { .fd = pidfd, .events = POLLIN };
        int unused, r;

        do
                r = poll(&pollfd, 1, (int) MIN_OF(options->timeout_msec, (uint64_t) INT32_MAX));
        while (r < 0 && errno == EINTR);
        if (r > 0)
                return 0;
        if (getsid(pid) == pid)
                (void) kill(-pid, SIGKILL);
        (void) pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
        (void) reap(pid, &unused, NULL);
        return ctr_error_set(err, CTR_ERROR_SYSTEM, ETIMEDOUT, "the process was killed");
}

static int exec_program(const RuntimeExec *options, const Compiled *compiled, LaunchFds *fds,
        int *ret_status, CtrError *err)
{
        _cleanup_close_ int pidfd = -EBADF;
        SignalForward signals = SIGNAL_FORWARD_NULL;
        Terminal terminal = TERMINAL_NULL;
        pid_t pid;
        int r;

        if (!options->is_detached) {
                r = signal_forward_begin(&signals, err);
                if (r < 0)
                        return r;
        }
        r = start(options, compiled, fds, &terminal, &pid, &pidfd, err);
        terminal.wants_detach = options->has_detach_keys;
        if (r >= 0 && options->timeout_msec > 0)
                r = await_timeout(options, pid, pidfd, err);
        else if (r >= 0 && !options->is_detached)
                r = terminal_until_exit(&terminal, &signals, pidfd, err);
        terminal_done(&terminal);
        /* Somebody left: the terminal is hung up, and what becomes of the process is its affair. */
        if (r == 0 && !options->is_detached)
                r = reap(pid, ret_status, err);
        signal_forward_done(&signals);
        return r;
}

int runtime_exec(const Runtime *rt, const RuntimeExec *options, int *ret_status, CtrError *err)
{
        Compiled compiled = { 0 };
        ContainerProcess init;
        LaunchFds fds;
        Container c;
        int r;

        *ret_status = 0;
        r = caller_fds_collect(options->n_preserve_fds, false, &fds, err);
        if (r >= 0)
                r = container_open(rt, options->id, &c, err);
        if (r < 0)
                return r;
        r = container_get_process(&c, &init, err);
        if (r >= 0)
                r = check_runnable(&init, options, err);
        if (r >= 0)
                r = compile_program(rt, &c, &init, options, &compiled, err);
        container_done(&c);
        if (r >= 0)
                r = exec_program(options, &compiled, &fds, ret_status, err);
        caller_fds_done(&fds);
        free(compiled.program);
        return r;
}
