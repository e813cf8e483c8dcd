/* What ctr-exec says about itself. In service mode standard error is the unit's journal stream,
 * where "<N>" sets a priority (sd-daemon(3)); for engines and `exec` it belongs to the user, so
 * only a caller that cannot be told otherwise gets a line there. */
#include "helper/report.h"

#include "base/io.h"
#include "helper/journal.h"
#include "helper/launch.h"
#include "plan/state-files.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* Whether the unit has no journal stream, because a caller waits for it with descriptors of its
 * own.
 */
static bool is_stderr_null(void)
{
        struct stat st;

        return fstat(STDERR_FILENO, &st) >= 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3);
}

static void write_line(const Context *ctx, char priority, const char *message)
{
        _cleanup_close_ int stream = -EBADF;
        bool is_journal = ctx->kind == PROGRAM_SERVICE;
        int n, fd = STDERR_FILENO;
        char line[1200];

        if (is_journal && is_stderr_null()) {
                /* Failures are the journal's too, the caller is told those by the launch socket.
                 * The rest is for it alone; the journal cannot be reached from inside. */
                is_journal = priority < '4';
                fd = is_journal ? stream = journal_open_stream(ctx->id)
                                : ctx->stdio_fd[STDERR_FILENO];
        }
        n = snprintf(line, sizeof(line), "%s%.1s%sctrunit: %s%s%s\n", is_journal ? "<" : "",
                is_journal ? &priority : "", is_journal ? ">" : "", ctx->id ? ctx->id : "",
                ctx->id ? ": " : "", message);
        if (n > 0 && fd >= 0)
                (void) ctr_write_all(fd, line, MIN_OF((size_t) n, sizeof(line) - 1));
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
        bool is_service = ctx->kind == PROGRAM_SERVICE, is_told;
        LaunchReply reply = *failure;
        char line[sizeof(failure->message) + 1];
        int n;

        /* Before the caller knows of it, who takes the unit down, and us with it. */
        if (is_service)
                write_line(ctx, '3', failure->message);
        reply.pid = ctx->child_pid;
        reply.between = ctx->between_pid;
        is_told = launch_reply(ctx, &reply, -EBADF) >= 0;
        /* A poststart hook's; what fails before is told by the clone. */
        if (ctx->list == PROGRAM_HOST && ctx->gate_peer_fd >= 0 && !ctx->has_child_failure)
                (void) send(ctx->gate_peer_fd, failure, sizeof(*failure), MSG_NOSIGNAL);
        /* Standard error is the container's own once an engine was told that it exists. */
        if (!is_service && !is_told && !ctx->is_answered)
                write_line(ctx, '3', failure->message);
        if (ctx->state_fd < 0)
                return;
        n = snprintf(line, sizeof(line), "%s\n", failure->message);
        (void) ctr_write_file_atomic(ctx->state_fd, STATE_FILE_ERROR, line, (size_t) n, 0600);
}
