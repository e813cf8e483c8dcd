/* run: create and start in one, and for an attached caller everything until the container is gone.
 *
 * The exit status is exact, also of a payload that ends at once. The pidfd that comes with STARTED
 * tells it, on kernels that can. On others PID 1 does: the unit holds a reference of ours (AddRef),
 * so that ExecMainCode and ExecMainStatus stay until we have read them; the pidfd says when to ask.
 */
#include "runtime/run.h"

#include "runtime/caller-fds.h"
#include "runtime/creation.h"
#include "runtime/engine.h"
#include "runtime/notify-forward.h"
#include "runtime/process-exit.h"
#include "runtime/signal-forward.h"
#include "runtime/terminal.h"
#include "runtime/unit-files.h"
#include "sd/sd-watch.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>

/* The caller's part of an attached run: what it adds to the unit, beside what plan leaves out of
 * it. */
static int attach_properties(Creation *c, CtrError *err)
{
        PropertyList *p = &c->properties;
        int r = 0;

        /* Kept containers are looked at by `state`, from the exit record, and by systemctl. */
        /* With ports it is from the exit record: their failure ends the start without a word, and a
         * reference would hold the unit, and us, for ever. */
        if (c->ports.n == 0 && (c->options->is_kept || !process_exit_is_known_here()))
                r = property_set_number(p, PROPERTY_ADD_REF, 1);
        /* A failed unit is kept for those who come to look; here the one who looks is waiting. */
        if (r >= 0 && !c->options->is_kept)
                r = property_set_string(p, PROPERTY_COLLECT_MODE, "inactive-or-failed");
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "building the unit") : 0;
}

/* With them in our hands a reader of the payload's output would not see its end, nor a writer that
 * nobody reads. */
static void let_go_of_stdio(void)
{
        _cleanup_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);

        if (null < 0)
                return;
        (void) dup2(null, STDIN_FILENO);
        (void) dup2(null, STDOUT_FILENO);
}

/* From the unit, once its main process has ended. */
static int unit_exit_wait(Creation *c, int *ret, CtrError *err)
{
        ExitRecord record;
        SdUnitExit e;
        int r;

        r = sd_watch_main_exit(&c->bus, c->name.unit, &e, err);
        if (r < 0)
                return r;
        if (e.is_known) {
                *ret = e.code == CLD_EXITED ? e.status : 128 + e.status;
                return 0;
        }
        /* The reference was lost (the bus was restarted): the record is the second witness. */
        if (exit_record_read(c->dir.fd, &record, err) > 0) {
                *ret = record.status;
                return 0;
        }
        return ctr_error_set(
                err, CTR_ERROR_SYSTEM, 0, "the exit status of the container is not known");
}

/* Returns when the name is free. A unit goes by itself with its main process, or with our
 * reference, unless poststop hooks still run, ctr-exec has a moment to live or an administrator
 * keeps it. */
static void forget_unit(Creation *c, bool has_reference)
{
        bool has_last_command = property_find(&c->properties, PROPERTY_EXEC_STOP_POST);
        int r;

        if (!has_reference && !has_last_command && unit_files_await_forgotten(c->name.unit))
                return;
        r = has_reference ? sd_unit_release(&c->bus, c->name.unit, NULL)
                          : sd_unit_is_loaded(&c->bus, c->name.unit, NULL);
        if (r != 0)
                (void) service_teardown(&c->bus, c->name.unit, SD_STOP_KILL_NONE, NULL);
}

/* The unit's part of the end of its payload. */
static int end_service(Creation *c, int pidfd, int *ret, CtrError *err)
{
        bool has_reference = property_find(&c->properties, PROPERTY_ADD_REF);
        int r;

        r = has_reference || !process_exit_is_known_here() ? unit_exit_wait(c, ret, err)
                                                           : process_exit_wait(pidfd, ret, err);
        if (c->options->is_kept)
                return r;
        forget_unit(c, has_reference);
        ports_remove(&c->bus, c->name.id, &c->ports);
        (void) state_dir_remove(c->runtime, c->name.id, false, NULL);
        return r;
}

static int end_engine(Creation *c, int *ret, CtrError *err)
{
        int r = engine_reap(c, ret, err);

        if (!c->options->is_kept)
                engine_remove(c);
        return r;
}

/* From the start to STARTED; the caller's signals end it. */
static int start_attached(Creation *c, LaunchFds *fds, Terminal *terminal,
        const SignalForward *signals, int *ret_pidfd, CtrError *err)
{
        LaunchReply reply;
        int r, number;

        r = terminal_begin(terminal, c->bundle.spec->process.has_terminal, NULL, fds, err);
        if (r >= 0)
                r = notify_forward_begin(c->dir.fd, &terminal->notify_fd, err);
        if (r >= 0)
                r = creation_start(c, fds, signals->stop_fd, &reply, ret_pidfd, err);
        if (r == -ECANCELED) {
                number = signal_forward_take_stop(signals);
                if (number > 0)
                        err->exit_status = 128 + number;
        }
        if (r >= 0)
                r = creation_announce(c, &reply, *ret_pidfd, err);
        if (r >= 0)
                r = terminal_take(terminal, err);
        if (r < 0)
                creation_abort(c, err);
        return r;
}

static int run_attached(Creation *c, LaunchFds *fds, int *ret_status, CtrError *err)
{
        _cleanup_close_ int pidfd = -EBADF;
        Terminal terminal = TERMINAL_NULL;
        SignalForward signals;
        int r;

        r = c->mode == PLAN_SERVICE ? attach_properties(c, err) : 0;
        if (r >= 0)
                r = signal_forward_begin(&signals, err);
        if (r < 0)
                return r;
        fds->has_stdio = true;
        r = start_attached(c, fds, &terminal, &signals, &pidfd, err);
        if (r >= 0) {
                caller_fds_done(fds);
                if (terminal.ptmx_fd < 0)
                        let_go_of_stdio();
                r = terminal_until_exit(&terminal, &signals, pidfd, err);
                terminal_done(&terminal);
                if (r >= 0)
                        r = c->mode == PLAN_SERVICE ? end_service(c, pidfd, ret_status, err)
                                                    : end_engine(c, ret_status, err);
        }
        terminal_done(&terminal);
        signal_forward_done(&signals);
        return r;
}

static int run_detached(Creation *c, LaunchFds *fds, CtrError *err)
{
        _cleanup_close_ int pidfd = -EBADF, notify_fd = -EBADF;
        Terminal terminal;
        LaunchReply reply;
        int r;

        r = terminal_begin(&terminal, c->bundle.spec->process.has_terminal,
                c->options->console_socket, fds, err);
        if (r >= 0)
                r = notify_forward_begin(c->dir.fd, &notify_fd, err);
        if (r >= 0)
                r = creation_start(c, fds, -EBADF, &reply, &pidfd, err);
        if (r >= 0)
                r = creation_announce(c, &reply, pidfd, err);
        if (r >= 0)
                r = notify_forward_until_ready(notify_fd, pidfd, reply.pid, err);
        if (r < 0)
                creation_abort(c, err);
        terminal_done(&terminal);
        return r;
}

int runtime_run(const Runtime *rt, const RuntimeCreate *options, int *ret_status, CtrError *err)
{
        return run_prepared(rt, options, NULL, ret_status, err);
}

int run_prepared(const Runtime *rt, const RuntimeCreate *options,
        int (*prepare)(Creation *c, CtrError *err), int *ret_status, CtrError *err)
{
        CtrError unused;
        LaunchFds fds;
        Creation c;
        int r;

        if (!err)
                err = &unused;
        r = caller_fds_collect(options->n_preserve_fds, true, &fds, err);
        if (r < 0)
                return r;
        r = creation_begin(&c, rt, options, PLAN_TRANSIENT_RUN, err);
        if (r < 0)
                return r;
        *ret_status = 0;
        r = prepare ? prepare(&c, err) : 0;
        /* There is no unit yet: one of this name is somebody else's. */
        if (r < 0 && state_dir_is_current(&c.dir))
                (void) state_dir_remove(rt, c.name.id, false, NULL);
        if (r >= 0)
                r = options->is_detached ? run_detached(&c, &fds, err)
                                         : run_attached(&c, &fds, ret_status, err);
        caller_fds_done(&fds);
        creation_done(&c);
        return r;
}
