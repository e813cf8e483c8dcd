/* Where the command says what went wrong: stderr, and what --log names. */
#pragma once

#include "base/error.h"

typedef enum ReportTarget {
        REPORT_NONE,
        REPORT_FILE,
        REPORT_JOURNALD,
        REPORT_SYSLOG,
} ReportTarget;

typedef enum ReportLevel {
        REPORT_ERROR,
        REPORT_WARNING,
        REPORT_INFO,
        REPORT_DEBUG,
        _REPORT_LEVEL_MAX,
} ReportLevel;

typedef struct Report {
        ReportTarget target;
        const char *log; /* file, or the identifier for journald and syslog */
        bool is_json;
        ReportLevel level; /* of what stderr shows; the log gets errors only */
} Report;

/* log: "FILE", "file:FILE", "journald:ID", "syslog:ID" or NULL; format: "json" or anything; level:
 * a name, NULL = warnings. Called once, before the others. -EINVAL with *err for a log that is
 * none. */
int report_init(
        const char *log, const char *format, const char *level, bool is_debug, CtrError *err);

/* "ctrctl: MESSAGE" on stderr, and one line in the log: JSON with level, msg and time (RFC 3339),
 * or the same as key=value text. Engines read the JSON file whole as one object, so there is never
 * more than one line of a failure. With debug, the code of the error and where in the source it was
 * found follow on stderr. */
void report_error(const CtrError *err);

/* "ctrctl: warning: TEXT" on stderr only. */
void report_warning(const char *text);
