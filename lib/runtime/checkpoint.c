/* checkpoint: criu writes the processes of a running container into images, and the container ends
 * unless it is to go on. criu leaves them stopped; it is for PID 1 to end a unit, in one step with
 * its processes, so that Restart= does not come into it. */
#include "runtime/checkpoint-mounts.h"
#include "runtime/container.h"
#include "runtime/placement-remove.h"
#include "runtime/state-dir.h"
#include "runtime/unit-call.h"

#include "base/io.h"
#include "plan/state-files.h"
#include "runtime/bundle.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>

#define CONFIG_SIZE_MAX (16U * 1024 * 1024)
#define END_WAIT_MSEC   30000

static int check_status(const Container *c, ContainerProcess *ret, CtrError *err)
{
        int r = container_get_live_process(c, ret, err);

        if (r < 0 || ret->status == CONTAINER_RUNNING)
                return r;
        if (ret->status == CONTAINER_PAUSED)
                return ctr_error_set(err, CTR_ERROR_CONTAINER_PAUSED, 0,
                        "cannot checkpoint %s: it is paused, resume it first", c->id);
        return ctr_error_set(err, CTR_ERROR_BAD_STATE, 0,
                "cannot checkpoint %s: a container in the %s state has nothing to save", c->id,
                container_status_name(ret->status));
}

/* The configuration that it was made from. */
static int read_spec(const Container *c, Spec **ret, CtrError *err)
{
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        r = ctr_read_file(c->dir_fd, STATE_FILE_CONFIG, CONFIG_SIZE_MAX, &text, &size, err);
        return r < 0 ? r : spec_parse(text, size, ret, err);
}

/* ---- criu's command line ---- */

static int add_page_server(CriuCall *call, const char *server, CtrError *err)
{
        const char *port = strrchr(server, ':');

        if (!port || port == server || port[1] == '\0')
                return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "--page-server wants ADDRESS:PORT, not \"%s\"", server);
        if (criu_call_add(call, "--page-server") < 0 || criu_call_add(call, "--address") < 0 ||
                criu_call_add(call, "%.*s", (int) (port - server), server) < 0 ||
                criu_call_add(call, "--port") < 0 || criu_call_add(call, "%s", port + 1) < 0)
                return -ENOMEM;
        return 0;
}

static int add_options(CriuCall *call, const Container *c, pid_t pid, CtrError *err)
{
        const RuntimeCriu *o = call->options;
        int r;

        r = criu_call_add(call, "--tree");
        if (r >= 0)
                r = criu_call_add(call, "%d", (int) pid);
        if (r >= 0)
                r = criu_call_add(call, "--root");
        if (r >= 0)
                r = criu_call_add(call, "%s", c->state.rootfs);
        if (r >= 0 && (o->is_pre_dump || o->parent_path))
                r = criu_call_add(call, "--track-mem");
        if (r >= 0 && o->parent_path) {
                r = criu_call_add(call, "--prev-images-dir");
                if (r >= 0)
                        r = criu_call_add(call, "%s", o->parent_path);
        }
        if (r >= 0 && o->is_left_running && !o->is_pre_dump)
                r = criu_call_add(call, "--leave-running");
        else if (r >= 0 && !o->is_pre_dump)
                r = criu_call_add(call, "--leave-stopped");
        if (r >= 0 && o->page_server)
                r = add_page_server(call, o->page_server, err);
        if (r == -ENOMEM)
                (void) ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "criu's options");
        return r;
}

static int dump(const Container *c, const ContainerProcess *process, const RuntimeCriu *options,
        CtrError *err)
{
        Spec *spec = NULL;
        CriuCall call;
        int r;

        r = read_spec(c, &spec, err);
        if (r < 0)
                return r;
        r = plan_check_checkpoint(spec, err);
        if (r >= 0)
                r = criu_call_begin(options, spec, false, &call, err);
        if (r >= 0) {
                r = add_options(&call, c, process->pid, err);
                if (r >= 0)
                        r = checkpoint_add_mounts(&call, spec, process->pid, err);
                if (r >= 0)
                        r = checkpoint_add_descriptors(&call, process->pid, err);
                if (r >= 0)
                        r = checkpoint_add_network(&call, spec, process->pid, err);
                if (r >= 0)
                        r = criu_call_run(&call, err);
                criu_call_done(&call);
        }
        spec_free(spec);
        return r < 0 ? ctr_error_prefix(err, r, "cannot checkpoint %s", c->id) : 0;
}

/* ---- the end of the container ---- */

/* Its parent, who is not us, reaps it. */
static void kill_and_wait(const ContainerProcess *process)
{
        _cleanup_close_ int pidfd = container_open_process(process, NULL);
        struct pollfd pollfd = { .fd = pidfd, .events = POLLIN };

        if (pidfd < 0 || pidfd_send_signal(pidfd, SIGKILL, NULL, 0) < 0)
                return;
        (void) poll(&pollfd, 1, END_WAIT_MSEC);
}

static int end(
        const Runtime *rt, const Container *c, const ContainerProcess *process, CtrError *err)
{
        if (c->state.mode != PLAN_SERVICE) {
                kill_and_wait(process);
                return placement_remove(c, process, err) < 0
                               ? -EIO
                               : state_dir_remove(rt, c->id, false, err);
        }
        (void) ctr_write_file_atomic(c->dir_fd, STATE_FILE_CHECKPOINTED, "", 0, 0600);
        kill_and_wait(process);
        return unit_call_take_down(c, SD_STOP_KILL_ALL, err);
}

int runtime_checkpoint(const Runtime *rt, const char *id, const RuntimeCriu *options, CtrError *err)
{
        ContainerProcess process;
        CtrError unused;
        Container c;
        int r;

        if (!err)
                err = &unused;
        r = container_open(rt, id, &c, err);
        if (r < 0)
                return r;
        r = check_status(&c, &process, err);
        if (r >= 0)
                r = dump(&c, &process, options, err);
        if (r >= 0 && !options->is_left_running && !options->is_pre_dump)
                r = end(rt, &c, &process, err);
        container_done(&c);
        return r;
}
