/* What an exec goes into, and how its program gets there: the parts of exec-program.h that are the
 * same however the program was made. */
#include "runtime/exec-program.h"

#include "base/io.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

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

int exec_target_namespaces(pid_t pid, uint64_t *ret, CtrError *err)
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

int exec_target_open(const Runtime *rt, const RuntimeExec *options, Container *ret,
        ContainerProcess *ret_init, CtrError *err)
{
        int r = container_look(rt, options->id, ret, ret_init, err);

        if (r < 0)
                return r;
        r = check_runnable(ret_init, options, err);
        if (r < 0)
                container_done(ret);
        return r;
}

void exec_program_done(ExecProgram *program)
{
        free(program->bytes);
        *program = (ExecProgram){ 0 };
}

void exec_program_set_birthplace(ExecProgram *program, const char *cgroup, uint64_t kinds)
{
        if (kinds & CLONE_NEWPID)
                (void) snprintf(program->birthplace, sizeof(program->birthplace), "%s", cgroup);
}

int exec_program_memfd(const ExecProgram *program, CtrError *err)
{
        _cleanup_close_ int fd = memfd_create("ctr-program", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        int r = fd < 0 ? -errno : ctr_write_all(fd, program->bytes, program->size);

        if (r >= 0 && fcntl(fd, F_ADD_SEALS,
                              F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
                r = -errno;
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot write the program")
                     : TAKE_FD(fd);
}
