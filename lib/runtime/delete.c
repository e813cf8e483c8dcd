/* delete: the unit down, poststop hooks done, the state gone. Forced, it needs nothing but the id.
 */
#include "runtime/container.h"
#include "runtime/helper-spawn.h"
#include "runtime/placement.h"
#include "runtime/service.h"
#include "runtime/state-dir.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>

#define KILL_TIMEOUT_MSEC 10000

static int check_deletable(const Container *c, const ContainerProcess *process, CtrError *err)
{
        if (process->status == CONTAINER_STOPPED || process->status == CONTAINER_CREATED)
                return 0;
        return ctr_error_set(err, CTR_ERROR_CONTAINER_NOT_STOPPED, 0,
                "cannot delete container %s that is not stopped: %s", c->id,
                container_status_name(process->status));
}

/* The state is gone or damaged: its unit may still be there, and it is ours if its command line
 * names the state directory (another root may have a container of the same id). */
static int teardown_orphan(SdConnection *bus, const Container *name, CtrError *err)
{
        char directory[sizeof(name->directory)];
        int r;

        r = sd_unit_get_argument(bus, name->unit, 2, directory, sizeof(directory), err);
        if (r <= 0 || strcmp(directory, name->directory) != 0)
                return r;
        return service_teardown(bus, name->unit, true, err);
}

static int delete_orphan(const Runtime *rt, const char *id, CtrError *err)
{
        SdConnection bus = { 0 };
        Container name;
        int r;

        r = container_name(rt, id, &name, err);
        if (r < 0)
                return r;
        r = sd_connect(&bus, err);
        if (r >= 0)
                r = teardown_orphan(&bus, &name, err);
        sd_disconnect(&bus);
        return r < 0 ? r : state_dir_remove(rt, id, true, err);
}

/* Its process is a child of somebody else's, which reaps it: gone is a zombie too. */
static int delete_engine(
        const Container *c, const ContainerProcess *process, bool is_killed, CtrError *err)
{
        _cleanup_close_ int pidfd = -EBADF;
        struct pollfd pollfd;
        int r;

        if (is_killed && process->pid > 0)
                pidfd = container_open_process(process, NULL);
        if (pidfd >= 0) {
                (void) pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
                pollfd = (struct pollfd){ .fd = pidfd, .events = POLLIN };
                (void) poll(&pollfd, 1, KILL_TIMEOUT_MSEC);
        }
        r = placement_remove(c, process, is_killed, err);
        if (r >= 0)
                helper_run_poststop(c->directory);
        return r;
}

static int delete_container(const Container *c, bool is_forced, CtrError *err)
{
        ContainerProcess process;
        SdConnection bus = { 0 };
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
        r = sd_connect(&bus, err);
        if (r < 0)
                return r;
        r = service_teardown(&bus, c->unit, is_killed, err);
        sd_disconnect(&bus);
        return r;
}

int runtime_delete(const Runtime *rt, const char *id, bool is_forced, CtrError *err)
{
        Container c;
        int r;

        r = container_open(rt, id, &c, err);
        if (r < 0) {
                /* An id that cannot exist is wrong even when forced. */
                if (!is_forced || !ctr_id_is_valid(id))
                        return r;
                return delete_orphan(rt, id, err);
        }
        r = delete_container(&c, is_forced, err);
        container_done(&c);
        return r < 0 ? r : state_dir_remove(rt, id, is_forced, err);
}
