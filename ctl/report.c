/* Errors for people and for engines: see report.h. */
#include "ctl/report.h"

#include "ctl/program.h"

#include "base/json.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static void write_log(const Report *report, const char *message)
{
        int fd = open(report->log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0644);
        FILE *f = fd >= 0 ? fdopen(fd, "a") : NULL;
        time_t now = time(NULL);
        struct tm tm;
        char when[32];

        if (!f) {
                (void) fprintf(stderr, "%s: cannot open log %s: %s\n", program.name,
                        report->log_path, strerror(errno));
                closep(&fd);
                return;
        }
        (void) strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
        if (report->is_json) {
                (void) fputs("{\"level\":\"error\",\"msg\":", f);
                json_write_string(f, message);
                (void) fprintf(f, ",\"time\":\"%s\"}\n", when);
        } else {
                (void) fprintf(f, "time=\"%s\" level=error msg=", when);
                json_write_string(f, message);
                (void) fputc('\n', f);
        }
        (void) fclose(f);
}

void report_error(const Report *report, const CtrError *err)
{
        (void) fprintf(stderr, "%s: %s\n", program.name, err->message);
        if (report->log_path)
                write_log(report, err->message);
}

void report_warning(const char *text)
{
        (void) fprintf(stderr, "%s: warning: %s\n", program.name, text);
}
