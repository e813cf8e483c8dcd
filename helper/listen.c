/* Socket activation: what a .socket unit of the same name listens on belongs to the payload. PID 1
 * passes it to ctr-exec as descriptors 3, 4, ..., and so does ctr-exec. */
#include "helper/listen.h"

#include "base/io.h"
#include "plan/launch.h"

#include <stdio.h>
#include <string.h>

enum { LISTEN_FIRST = 3 };

unsigned listen_count(void)
{
        const char *pid_text = getenv("LISTEN_PID"), *n_text = getenv("LISTEN_FDS");
        uint64_t pid, n;

        if (!pid_text || !n_text || ctr_parse_u64(pid_text, INT32_MAX, &pid) < 0 ||
                ctr_parse_u64(n_text, LAUNCH_FDS_MAX, &n) < 0 || (pid_t) pid != getpid())
                return 0;
        return (unsigned) n;
}

/* As many names as sockets, or none: those of the unit come first. */
static const char *join_names(Context *ctx, const char *names)
{
        size_t size;
        char *all;

        if (ctx->n_listen_fds == 0)
                return names;
        if (!names || !ctx->listen_names)
                return NULL;
        size = strlen(names) + 1 + strlen(ctx->listen_names) + 1;
        all = arena_alloc(&ctx->arena, size);
        if (all)
                (void) snprintf(all, size, "%s:%s", names, ctx->listen_names);
        return all;
}

int listen_keep(Context *ctx, unsigned n, const char *names, CtrError *err)
{
        int *fds;

        if (n == 0)
                return 0;
        fds = arena_alloc(&ctx->arena, (n + ctx->n_kept_fds) * sizeof(int));
        if (!fds)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "sockets of the unit");
        for (unsigned i = 0; i < n; i++)
                fds[i] = LISTEN_FIRST + (int) i;
        if (ctx->n_kept_fds > 0)
                memcpy(fds + n, ctx->kept_fds, ctx->n_kept_fds * sizeof(int));
        ctx->listen_names = join_names(ctx, names);
        ctx->kept_fds = fds;
        ctx->n_kept_fds += n;
        ctx->n_listen_fds += n;
        return 0;
}
