/* Opening a container and finding its status: see container.h. */
#include "runtime/container.h"

#include "base/io.h"
#include "plan/state-files.h"
#include "runtime/cgroup-tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/pidfd.h>
#include <sys/stat.h>

int container_name(const Runtime *rt, const char *id, Container *ret, CtrError *err)
{
        int r;

        *ret = CONTAINER_NULL;
        r = ctr_id_check(id, err);
        if (r < 0)
                return r;
        ret->runtime = rt;
        (void) snprintf(ret->id, sizeof(ret->id), "%s", id);
        (void) ctr_id_to_unit(id, ret->unit);
        if (snprintf(ret->directory, sizeof(ret->directory), "%s/%s", rt->containers, id) >=
                (int) sizeof(ret->directory))
                return ctr_error_set(
                        err, CTR_ERROR_USAGE, ENAMETOOLONG, "root directory %s", rt->root);
        return 0;
}

int container_open(const Runtime *rt, const char *id, Container *ret, CtrError *err)
{
        int r;

        r = container_name(rt, id, ret, err);
        if (r < 0)
                return r;
        ret->dir_fd = open(ret->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (ret->dir_fd < 0 && errno == ENOENT) {
                (void) ctr_error_set(
                        err, CTR_ERROR_CONTAINER_NOT_EXISTS, 0, "container does not exist");
                return -ENOENT;
        }
        if (ret->dir_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot open state directory %s",
                        ret->directory);
        r = state_read(ret->dir_fd, &ret->state, err);
        if (r < 0) {
                container_done(ret);
                return r;
        }
        (void) snprintf(ret->unit, sizeof(ret->unit), "%s", ret->state.unit);
        return 0;
}

void container_done(Container *c)
{
        closep(&c->dir_fd);
        state_done(&c->state);
}

static const char *const status_names[_CONTAINER_STATUS_MAX] = {
        [CONTAINER_CREATING] = "creating",
        [CONTAINER_CREATED] = "created",
        [CONTAINER_RUNNING] = "running",
        [CONTAINER_PAUSED] = "paused",
        [CONTAINER_STOPPED] = "stopped",
};

const char *container_status_name(ContainerStatus status)
{
        return status_names[status];
}

static bool exists(const Container *c, const char *name)
{
        return faccessat(c->dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) >= 0;
}

/* Whoever creates a container holds a lock on its state directory until the container waits at its
 * gate or runs. The kernel drops the lock with the process, so it never outlives a killed one. */
static bool is_being_created(const Container *c)
{
        _cleanup_close_ int fd = openat(c->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

/* Order matters: a dead container may still be shown as frozen by PID 1, and a created one may be
 * paused. */
static ContainerStatus live_status(const Container *c, const ContainerProcess *p)
{
        CgroupEvents events;

        if (is_being_created(c))
                return CONTAINER_CREATING;
        if (cgroup_read_events(p->cgroup, &events) >= 0 && events.is_frozen)
                return CONTAINER_PAUSED;
        return exists(c, STATE_FILE_GATE) ? CONTAINER_CREATED : CONTAINER_RUNNING;
}

static ContainerStatus dead_status(const Container *c, const ContainerProcess *p, bool has_record)
{
        CgroupEvents events;

        if (is_being_created(c))
                return CONTAINER_CREATING;
        /* No process yet, but its unit is there and did not end: on its way. */
        if (!has_record && !exists(c, STATE_FILE_EXIT) && !exists(c, STATE_FILE_ERROR) &&
                cgroup_read_events(p->cgroup, &events) >= 0 && events.is_populated)
                return CONTAINER_CREATING;
        return CONTAINER_STOPPED;
}

/* Where it would be, or was. */
static int dead_cgroup(const Container *c, char ret[static CGROUP_PATH_MAX])
{
        if (c->unit[0])
                return cgroup_of_unit(c->state.slice, c->unit, ret);
        (void) snprintf(ret, CGROUP_PATH_MAX, "%s", c->state.cgroup);
        return 0;
}

int container_get_cgroup(
        const Container *c, const ContainerProcess *process, char ret[static CGROUP_PATH_MAX])
{
        /* Of a process that is not known, for want of a readable record, the unit's own. */
        if (c->unit[0] && !process->cgroup[0])
                return cgroup_of_unit(c->state.slice, c->unit, ret);
        (void) snprintf(ret, CGROUP_PATH_MAX, "%s", process->cgroup);
        if (c->unit[0])
                return cgroup_cut_to_unit(ret, c->unit);
        (void) snprintf(ret, CGROUP_PATH_MAX, "%s", c->state.cgroup);
        return ret[0] ? 0 : -ENOENT;
}

int container_get_process(const Container *c, ContainerProcess *ret, CtrError *err)
{
        PidRecord record = { 0 };
        uint64_t starttime;
        int r, has_record;

        *ret = (ContainerProcess){ 0 };
        has_record = pid_record_read(c->dir_fd, &record, err);
        if (has_record < 0)
                return has_record;
        memcpy(ret->invocation_id, record.invocation_id, sizeof(ret->invocation_id));

        if (has_record && ctr_process_starttime(record.pid, &starttime) >= 0 &&
                starttime == record.starttime && cgroup_of_process(record.pid, ret->cgroup) >= 0) {
                ret->pid = record.pid;
                ret->starttime = record.starttime;
                ret->status = live_status(c, ret);
                return 0;
        }
        r = dead_cgroup(c, ret->cgroup);
        if (r < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, r, "cannot find the cgroup of %s", c->unit);
        ret->status = dead_status(c, ret, has_record > 0);
        return 0;
}

int container_look(const Runtime *rt, const char *id, Container *ret, ContainerProcess *ret_process,
        CtrError *err)
{
        int r;

        r = container_open(rt, id, ret, err);
        if (r < 0)
                return r;
        r = container_get_process(ret, ret_process, err);
        if (r < 0)
                container_done(ret);
        return r;
}

int container_get_live_process(const Container *c, ContainerProcess *ret, CtrError *err)
{
        int r;

        r = container_get_process(c, ret, err);
        if (r >= 0 && ret->pid == 0)
                return ctr_error_set(
                        err, CTR_ERROR_CONTAINER_NOT_RUNNING, 0, "container not running");
        return r;
}

uint64_t container_get_started_usec(const Container *c)
{
        struct stat st;

        if (fstatat(c->dir_fd, STATE_FILE_STARTED, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return c->state.origin == PLAN_TRANSIENT_CREATE ? 0 : c->state.created_usec;
        return (uint64_t) st.st_mtim.tv_sec * 1000000 + (uint64_t) st.st_mtim.tv_nsec / 1000;
}

int container_open_process(const ContainerProcess *process, CtrError *err)
{
        _cleanup_close_ int fd = -EBADF;
        uint64_t starttime;

        if (process->pid > 0)
                fd = pidfd_open(process->pid, 0);
        /* Checked after opening: the number can no longer change its meaning unseen. */
        if (fd < 0 || ctr_process_starttime(process->pid, &starttime) < 0 ||
                starttime != process->starttime)
                return ctr_error_set(
                        err, CTR_ERROR_CONTAINER_NOT_RUNNING, 0, "container not running");
        return TAKE_FD(fd);
}

void container_thaw_dead(const Container *c, const ContainerProcess *process)
{
        char path[CGROUP_PATH_MAX];

        if (container_get_cgroup(c, process, path) >= 0)
                (void) cgroup_freeze(path, false, NULL);
}

bool container_has_pid_namespace(const ContainerProcess *process)
{
        char path[64], line[512];
        bool is_init = false;
        FILE *f;

        (void) snprintf(path, sizeof(path), "/proc/%d/status", (int) process->pid);
        f = fopen(path, "re");
        if (!f)
                return true;
        while (fgets(line, sizeof(line), f))
                if (strncmp(line, "NSpid:", 6) == 0) {
                        const char *last = strrchr(line, '\t');

                        is_init = last && strcmp(last, "\t1\n") == 0;
                }
        (void) fclose(f);
        return is_init;
}
