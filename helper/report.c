/* What ctr-exec says about itself. In service mode standard error is the unit's journal stream,
 * where "<N>" sets a priority (sd-daemon(3)); for engines and `exec` it belongs to the user, so
 * only a caller that cannot be told otherwise gets a line there. */
#include "helper/report.h"

#include "base/io.h"
#include "helper/launch.h"
#include "plan/state-files.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void write_line(const Context *ctx, char priority, const char *message)
{
        char line[1200];
        int n;

        n = snprintf(line, sizeof(line), "%s%.1s%sctrunit: %s%s%s\n",
                ctx->kind == PROGRAM_SERVICE ? "<" : "",
                ctx->kind == PROGRAM_SERVICE ? &priority : "",
                ctx->kind == PROGRAM_SERVICE ? ">" : "", ctx->id ? ctx->id : "",
                ctx->id ? ": " : "", message);
        if (n > 0)
                (void) ctr_write_all(STDERR_FILENO, line, MIN_OF((size_t) n, sizeof(line) - 1));
}

void report_warning(const Context *ctx, const char *fmt, ...)
{
        char message[900];
        va_list ap;

        va_start(ap, fmt);
        (void) vsnprintf(message, sizeof(message), fmt, ap);
        va_end(ap);
        write_line(ctx, '4', message);
}

void report_failure(const Context *ctx, const LaunchReply *failure)
{
        bool is_told = launch_reply(ctx, failure, -EBADF) >= 0;
        char line[sizeof(failure->message) + 1];
        int n;

        /* Standard error is the container's own once an engine was told that it exists. */
        if (ctx->kind == PROGRAM_SERVICE || (!is_told && !ctx->is_answered))
                write_line(ctx, '3', failure->message);
        if (ctx->state_fd < 0)
                return;
        n = snprintf(line, sizeof(line), "%s\n", failure->message);
        (void) ctr_write_file_atomic(ctx->state_fd, STATE_FILE_ERROR, line, (size_t) n, 0600);
}
