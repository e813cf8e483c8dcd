/* create: a container that waits at its gate. */
#include "runtime/caller-fds.h"
#include "runtime/creation.h"
#include "runtime/terminal.h"

static int create(Creation *c, LaunchFds *fds, CtrError *err)
{
        _cleanup_close_ int pidfd = -EBADF;
        Terminal terminal;
        LaunchReply reply;
        int r;

        fds->has_stdio = c->options->has_stdio;
        r = terminal_begin(&terminal, c->bundle.spec->process.has_terminal,
                c->options->console_socket, fds, err);
        if (r >= 0)
                r = creation_start(c, fds, -EBADF, &reply, &pidfd, err);
        if (r >= 0)
                r = creation_announce(c, &reply, pidfd, err);
        if (r < 0)
                creation_abort(c, err);
        terminal_done(&terminal);
        return r;
}

int runtime_create(const Runtime *rt, const RuntimeCreate *options, CtrError *err)
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
        r = creation_begin(&c, rt, options, PLAN_TRANSIENT_CREATE, err);
        if (r < 0)
                return r;
        r = create(&c, &fds, err);
        caller_fds_done(&fds);
        creation_done(&c);
        return r;
}
