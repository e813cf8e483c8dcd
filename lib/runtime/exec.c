/* exec: another process in a running container. ctr-exec runs a program that plan made from the
 * same policy as the container's own; it clones with CLONE_PARENT, so the new process is our child
 * and its exit status ours to wait for. PID 1 and the bus have no part in it. */
#include "runtime/container.h"
#include "runtime/creation.h"
#include "runtime/exec-process.h"
#include "runtime/filter-cache.h"
#include "runtime/launch-client.h"
#include "runtime/signal-forward.h"

#include "base/io.h"

#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

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

static int compile_program(const Runtime *rt, const Container *c, const ContainerProcess *init,
        const RuntimeExec *options, void **ret, size_t *ret_size, CtrError *err)
{
        _cleanup_(spec_freep) Spec *spec = NULL;
        _cleanup_free_ char *text = NULL;
        ExecProcess process;
        FilterCache filters;
        PlanExec exec = { .id = c->id,
                .init_pid = init->pid,
                .init_starttime = init->starttime,
                .cgroup_dir = init->cgroup,
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
        r = plan_exec_program(spec, &process.process, &exec, ret, ret_size, err);
        exec_process_done(&process);
        return bundle_error(options->process_file, r, err);
}

/* A memfd above the numbers that ctr-exec expects its descriptors at, so that placing them cannot
 * clash. */
static int program_memfd(const void *bytes, size_t size, CtrError *err)
{
        _cleanup_close_ int fd = memfd_create("ctr-program", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        int r = fd < 0 ? -errno : ctr_write_all(fd, bytes, size), high;

        if (r >= 0 && fcntl(fd, F_ADD_SEALS,
                              F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
                r = -errno;
        high = r < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 10);
        if (r >= 0 && high < 0)
                r = -errno;
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot write the program") : high;
}

/* ctr-exec with the two descriptors, nothing else of ours, no signal blocked, and an empty
 * environment. */
static int spawn_helper(int program_fd, int socket_fd, pid_t *ret, CtrError *err)
{
        char *argv[] = { (char *) CTR_EXEC_PATH, (char *) "exec", NULL }, *env[] = { NULL };
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        sigset_t none, all;
        int r;

        (void) sigemptyset(&none);
        (void) sigfillset(&all);
        r = posix_spawn_file_actions_init(&actions);
        if (r == 0)
                r = posix_spawnattr_init(&attributes);
        if (r != 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "starting ctr-exec");
        r = posix_spawn_file_actions_adddup2(&actions, program_fd, LAUNCH_PROGRAM_FD);
        if (r == 0)
                r = posix_spawn_file_actions_adddup2(&actions, socket_fd, LAUNCH_SOCKET_FD);
        if (r == 0)
                r = posix_spawn_file_actions_addclosefrom_np(&actions, LAUNCH_SOCKET_FD + 1);
        (void) posix_spawnattr_setsigmask(&attributes, &none);
        (void) posix_spawnattr_setsigdefault(&attributes, &all);
        (void) posix_spawnattr_setflags(
                &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        if (r == 0)
                r = posix_spawn(ret, CTR_EXEC_PATH, &actions, &attributes, argv, env);
        (void) posix_spawn_file_actions_destroy(&actions);
        (void) posix_spawnattr_destroy(&attributes);
        return r != 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot start %s", CTR_EXEC_PATH)
                      : 0;
}

/* Starts the program and returns the new process, our child. */
static int launch(const void *program, size_t size, unsigned n_preserved, pid_t *ret_pid,
        int *ret_pidfd, CtrError *err)
{
        _cleanup_close_ int program_fd = -EBADF, ours = -EBADF, theirs = -EBADF, high = -EBADF;
        LaunchReply reply;
        pid_t helper;
        int r;

        program_fd = program_memfd(program, size, err);
        if (program_fd < 0)
                return program_fd;
        r = launch_socket_pair(&ours, &theirs, err);
        if (r < 0)
                return r;
        /* Sent before there is a reader: the request is there, or there is none. */
        r = n_preserved > 0 ? launch_send_request(ours, true, n_preserved, err) : 0;
        if (r < 0)
                return r;
        high = fcntl(theirs, F_DUPFD_CLOEXEC, 10);
        closep(&theirs);
        if (high < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "starting ctr-exec");
        r = spawn_helper(program_fd, high, &helper, err);
        if (r < 0)
                return r;
        closep(&high);
        r = launch_receive(ours, &reply, ret_pidfd, err);
        while (waitpid(helper, NULL, 0) < 0 && errno == EINTR)
                ;
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
        siginfo_t info = { 0 };

        while (waitid(P_PID, (id_t) pid, &info, WEXITED) < 0)
                if (errno != EINTR)
                        return ctr_error_set(
                                err, CTR_ERROR_SYSTEM, errno, "waiting for process %d", (int) pid);
        *ret_status = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
        return 0;
}

static int exec_program(const RuntimeExec *options, const void *program, size_t size,
        int *ret_status, CtrError *err)
{
        _cleanup_close_ int pidfd = -EBADF;
        SignalForward signals = SIGNAL_FORWARD_NULL;
        pid_t pid;
        int r;

        if (!options->is_detached) {
                r = signal_forward_begin(&signals, err);
                if (r < 0)
                        return r;
        }
        r = launch(program, size, options->n_preserve_fds, &pid, &pidfd, err);
        if (r >= 0)
                r = pid_file_write(options->pid_file, pid, err);
        if (r >= 0 && !options->is_detached)
                r = signal_forward_until_exit(&signals, pidfd, err);
        if (r >= 0 && !options->is_detached)
                r = reap(pid, ret_status, err);
        signal_forward_done(&signals);
        return r;
}

static int refuse_unsupported(const RuntimeExec *options, CtrError *err)
{
        if (options->console_socket)
                return ctr_error_set(err, CTR_ERROR_UNSUPPORTED, 0,
                        "a console socket for exec is not supported here yet");
        return 0;
}

int runtime_exec(const Runtime *rt, const RuntimeExec *options, int *ret_status, CtrError *err)
{
        _cleanup_free_ void *program = NULL;
        ContainerProcess init;
        Container c;
        size_t size;
        int r;

        *ret_status = 0;
        r = launch_check_preserved(options->n_preserve_fds, err);
        if (r >= 0)
                r = refuse_unsupported(options, err);
        if (r >= 0)
                r = container_open(rt, options->id, &c, err);
        if (r < 0)
                return r;
        r = container_get_process(&c, &init, err);
        if (r >= 0)
                r = check_runnable(&init, options, err);
        if (r >= 0)
                r = compile_program(rt, &c, &init, options, &program, &size, err);
        container_done(&c);
        return r < 0 ? r : exec_program(options, program, size, ret_status, err);
}
