/* delete: the unit down, poststop hooks done, the state gone. Forced, it needs nothing but the id.
 */
#include "runtime/bundle-store.h"
#include "runtime/container.h"
#include "runtime/helper-spawn.h"
#include "runtime/orphan.h"
#include "runtime/placement-remove.h"
#include "runtime/state-dir.h"
#include "runtime/unit-call.h"

#include "base/io.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>

#define KILL_TIMEOUT_MSEC    10000
#define CREATOR_TIMEOUT_MSEC 2000

static int check_deletable(const Container *c, const ContainerProcess *process, CtrError *err)
{
        if (process->status == CONTAINER_STOPPED || process->status == CONTAINER_CREATED)
                return 0;
        return ctr_error_set(err, CTR_ERROR_CONTAINER_NOT_STOPPED, 0,
                "cannot delete container %s that is not stopped: %s", c->id,
                container_status_name(process->status));
}

/* Its process is a child of somebody else's, which reaps it: gone is a zombie too. */
static int delete_engine(
        const Container *c, const ContainerProcess *process, bool is_killed, CtrError *err)
{
        _cleanup_close_ int pidfd = -EBADF;
        struct pollfd pollfd;

        if (is_killed && process->pid > 0)
                pidfd = container_open_process(process, NULL);
        if (pidfd >= 0) {
                (void) pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
                pollfd = (struct pollfd){ .fd = pidfd, .events = POLLIN };
                (void) poll(&pollfd, 1, KILL_TIMEOUT_MSEC);
        }
        if (is_killed && process->status != CONTAINER_RUNNING)
                helper_kill(c->directory);
        return placement_remove(c, process, err);
}

/* Before PID 1 is even asked: its processes end, and their memory goes, while the bus is connected
 * to, and PID 1 has one step less to wait for. What PID 1 may start again meanwhile (Restart=) it
 * is told to kill with the stop. The hooks of the unit's end, which may be about to run, are not
 * killed: they run once. */
static SdStopKill kill_early(const Container *c, const ContainerProcess *process)
{
        _cleanup_close_ int pidfd = -EBADF;
        char path[CGROUP_PATH_MAX];

        if (process->pid == 0)
                return SD_STOP_KILL_ALL;
        if (!container_has_pid_namespace(process)) {
                if (container_get_cgroup(c, process, path) >= 0)
                        (void) cgroup_kill(path);
                return SD_STOP_KILL_MAIN;
        }
        pidfd = container_open_process(process, NULL);
        if (pidfd >= 0)
                (void) pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
        return SD_STOP_KILL_MAIN;
}

static int delete_container(const Container *c, bool is_forced, CtrError *err)
{
        ContainerProcess process;
        SdStopKill killed = SD_STOP_KILL_NONE;
        bool is_killed;
        int r;

        r = container_get_process(c, &process, err);
        if (r < 0 && !is_forced)
                return r;
        is_killed = r < 0 || process.status != CONTAINER_STOPPED;
        if (!is_forced) {
                r = check_deletable(c, &process, err);
                if (r < 0)
                        return r;
        }
        if (c->state.mode != PLAN_SERVICE)
                return delete_engine(c, &process, is_killed, err);
        if (is_killed)
                killed = kill_early(c, &process);
        return unit_call_take_down(c, killed, err);
}

/* Does the program end with hooks? Then ctr-exec runs those that the unit's end did not, once. */
static bool has_poststop(const Container *c)
{
        _cleanup_free_ char *bytes = NULL;
        Program program;
        size_t size;

        if (ctr_read_file(c->dir_fd, STATE_FILE_PROGRAM, PROGRAM_SIZE_MAX, &bytes, &size, NULL) <
                        0 ||
                program_open(bytes, size, &program, NULL) < 0)
                return false;
        for (uint32_t i = 0; i < program.header->n_ops; i++) {
                const char *kind = program_string(&program, program.ops[i].string[1]);

                if (program.ops[i].opcode == PROGRAM_OP_HOOK && kind &&
                        strcmp(kind, "poststop") == 0)
                        return true;
        }
        return false;
}

/* A bundle that ctrunit made for this container alone, or by force: for one of the same id, whose
 * creator was killed before there was any state. */
static bool has_own_bundle(const Runtime *rt, const Container *c, bool is_forced)
{
        char path[512];

        return strcmp(c->state.bundle, bundle_store_path(c->id, path, sizeof(path))) == 0 ||
               (is_forced && strcmp(rt->root, CTR_STATE_DIR) == 0);
}

int runtime_delete(const Runtime *rt, const char *id, bool is_forced, CtrError *err)
{
        bool is_own_bundle;
        Container c;
        int r;

        r = container_open(rt, id, &c, err);
        /* One that is being created is waited for, unless its creator stands still: what it made
         * after we looked would stay. */
        if (r >= 0 && is_forced && state_dir_await_creator(c.dir_fd, CREATOR_TIMEOUT_MSEC) > 0) {
                container_done(&c);
                r = container_open(rt, id, &c, err);
        }
        if (r < 0) {
                /* An id that cannot exist is wrong even when forced. */
                if (!is_forced || !ctr_id_is_valid(id))
                        return r;
                return orphan_delete(rt, id, err);
        }
        r = delete_container(&c, is_forced, err);
        if (r >= 0 && has_poststop(&c))
                helper_run_poststop(c.directory, rt->is_silent);
        is_own_bundle = has_own_bundle(rt, &c, is_forced);
        container_done(&c);
        if (r >= 0)
                r = state_dir_remove(rt, id, is_forced, err);
        return r >= 0 && is_own_bundle ? bundle_store_remove(id, err) : r;
}
