/* Placing a client's descriptors: see client-fds.h. */
#include "manager/client-fds.h"

#include <fcntl.h>

#define FIRST_FD 3
#define HIGH_FD  128 /* above everything that is placed */

bool client_fds_has_stdio(const ClientFds *fds)
{
        return fds->in || fds->out || fds->error;
}

static int bad_fd(CtrError *err, const char *name)
{
        return ctr_error_set(
                err, CTR_ERROR_USAGE, EBADF, "\"%s\" is no file descriptor of this call", name);
}

/* First all of them out of the way, so that no place is still taken. */
static int lift(VerbCall *call, CtrError *err)
{
        for (size_t i = 0; i < call->n_fds; i++) {
                int high = fcntl(call->fds[i], F_DUPFD_CLOEXEC, HIGH_FD);

                if (high < 0)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "file descriptors");
                closep(&call->fds[i]);
                call->fds[i] = high;
        }
        return 0;
}

static int place(
        const VerbCall *call, const JsonValue *value, int number, const char *name, CtrError *err)
{
        int fd = verb_fd(call, value);

        if (fd < 0)
                return bad_fd(err, name);
        if (dup2(fd, number) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "file descriptor %d", number);
        return 0;
}

int client_fds_place(VerbCall *call, const ClientFds *fds, CtrError *err)
{
        const struct {
                const JsonValue *value;
                const char *name;
        } standard[] = { { fds->in, "stdin" }, { fds->out, "stdout" }, { fds->error, "stderr" } };
        size_t n = json_value_length(fds->kept);
        int r;

        if (n > VERB_FDS_MAX)
                return ctr_error_set(err, CTR_ERROR_USAGE, E2BIG, "fds");
        r = lift(call, err);
        for (size_t i = 0; i < ELEMENTSOF(standard) && r >= 0; i++)
                if (standard[i].value)
                        r = place(call, standard[i].value, (int) i, standard[i].name, err);
        for (size_t i = 0; i < n && r >= 0; i++)
                r = place(call, json_value_item(fds->kept, i), FIRST_FD + (int) i, "fds", err);
        return r < 0 ? r : (int) n;
}
