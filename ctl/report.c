/* Errors for people and for engines: see report.h. */
#include "ctl/report.h"

#include "ctl/program.h"

#include "base/json.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

/* Set once by main, before anything is reported. */
static Report report = { .level = REPORT_WARNING };

static const struct {
        const char *prefix;
        ReportTarget target;
} targets[] = {
        { "file:", REPORT_FILE },
        { "journald:", REPORT_JOURNALD },
        { "syslog:", REPORT_SYSLOG },
};

static const char *const level_names[_REPORT_LEVEL_MAX] = {
        [REPORT_ERROR] = "error",
        [REPORT_WARNING] = "warning",
        [REPORT_INFO] = "info",
        [REPORT_DEBUG] = "debug",
};

/* An identifier stands in a line of the journal's protocol and in syslog's tag. */
static bool is_identifier(const char *text)
{
        size_t n = strlen(text);

        for (size_t i = 0; i < n; i++)
                if ((unsigned char) text[i] <= 0x20 || text[i] == 0x7f)
                        return false;
        return n > 0 && n <= 256;
}

static int set_log(const char *log, CtrError *err)
{
        report.target = REPORT_FILE;
        report.log = log;
        for (size_t i = 0; i < ELEMENTSOF(targets); i++)
                if (strncmp(log, targets[i].prefix, strlen(targets[i].prefix)) == 0) {
                        report.target = targets[i].target;
                        report.log = log + strlen(targets[i].prefix);
                        break;
                }
        if (report.target == REPORT_FILE ? *report.log == '\0' : !is_identifier(report.log)) {
                report.target = REPORT_NONE;
                return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "--log wants FILE, file:FILE, journald:ID or syslog:ID, not \"%.64s\"",
                        log);
        }
        return 0;
}

int report_init(
        const char *log, const char *format, const char *level, bool is_debug, CtrError *err)
{
        report.is_json = format && strcmp(format, "json") == 0;
        for (size_t i = 0; level && i < ELEMENTSOF(level_names); i++)
                if (strcmp(level, level_names[i]) == 0)
                        report.level = (ReportLevel) i;
        if (is_debug)
                report.level = REPORT_DEBUG;
        return log ? set_log(log, err) : 0;
}

static void write_line(FILE *f, const char *message)
{
        time_t now = time(NULL);
        struct tm tm;
        char when[32];

        (void) strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
        if (report.is_json) {
                (void) fputs("{\"level\":\"error\",\"msg\":", f);
                json_write_string(f, message);
                (void) fprintf(f, ",\"time\":\"%s\"}\n", when);
        } else {
                (void) fprintf(f, "time=\"%s\" level=error msg=", when);
                json_write_string(f, message);
                (void) fputc('\n', f);
        }
}

static int write_file(const char *message)
{
        int fd = open(report.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0644);
        FILE *f = fd >= 0 ? fdopen(fd, "a") : NULL;

        if (!f) {
                closep(&fd);
                return -errno;
        }
        write_line(f, message);
        return fclose(f) == 0 ? 0 : -errno;
}

/* The journal's own protocol (systemd.journal-fields(7)): one datagram of NAME=VALUE lines. The
 * message is one line already. */
static int write_journald(const char *message)
{
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = JOURNAL_SOCKET };
        char text[2048];
        int n;

        n = snprintf(text, sizeof(text),
                "MESSAGE=%s\nPRIORITY=%d\nSYSLOG_IDENTIFIER=%s\nCONTAINER_ID=%s\n", message,
                LOG_ERR, report.log, report.log);
        if (fd < 0 || sendto(fd, text, (size_t) n, MSG_NOSIGNAL, (struct sockaddr *) &address,
                              sizeof(address)) < 0)
                return -errno;
        return 0;
}

static int write_syslog(const char *message)
{
        openlog(report.log, 0, LOG_DAEMON);
        syslog(LOG_ERR, "%s", message);
        closelog();
        return 0;
}

static void write_log(const char *message)
{
        int r = 0;

        switch (report.target) {
        case REPORT_NONE:
                return;
        case REPORT_FILE:
                r = write_file(message);
                break;
        case REPORT_JOURNALD:
                r = write_journald(message);
                break;
        case REPORT_SYSLOG:
                r = write_syslog(message);
                break;
        }
        if (r < 0)
                (void) fprintf(stderr, "%s: cannot write to log %s: %s\n", program.name, report.log,
                        strerror(-r));
}

void report_error(const CtrError *err)
{
        (void) fprintf(stderr, "%s: %s\n", program.name, err->message);
        write_log(err->message);
        if (report.level < REPORT_DEBUG)
                return;
        (void) fprintf(stderr, "%s: debug: %s at %s:%u\n", program.name,
                ctr_error_code_name(err->code), err->source_file ? err->source_file : "?",
                err->source_line);
}

void report_warning(const char *text)
{
        if (report.level >= REPORT_WARNING)
                (void) fprintf(stderr, "%s: warning: %s\n", program.name, text);
}
