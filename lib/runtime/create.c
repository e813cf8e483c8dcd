/* create: a container that waits at its gate. */
#include "runtime/caller-fds.h"
#include "runtime/creation.h"
#include "runtime/terminal.h"

/* With descriptors that are given one by one the terminal's receiver is among them. */
static int begin_terminal(const Creation *c, Terminal *terminal, LaunchFds *fds, CtrError *err)
{
        *terminal = TERMINAL_NULL;
        if (c->options->fds)
                return 0;
        fds->has_stdio = c->options->has_stdio;
        return terminal_begin(terminal, c->bundle.spec->process.has_terminal,
                c->options->console_socket, fds, err);
}

static int create(Creation *c, LaunchFds *fds, CtrError *err)
{
        _cleanup_close_ int pidfd = -EBADF;
        Terminal terminal;
        LaunchReply reply;
        int r;

        r = begin_terminal(c, &terminal, fds, err);
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
        int r = 0;

        if (!err)
                err = &unused;
        if (options->fds)
                fds = *options->fds;
        else
                r = caller_fds_collect(options->n_preserve_fds, true, &fds, err);
        if (r < 0)
                return r;
        r = creation_begin(&c, rt, options, PLAN_TRANSIENT_CREATE, err);
        if (r < 0)
                return r;
        r = create(&c, &fds, err);
        if (!options->fds)
                caller_fds_done(&fds);
        creation_done(&c);
        return r;
}
