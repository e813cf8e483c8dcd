/* Where the command says what went wrong: stderr, and the file of --log. */
#pragma once

#include "base/error.h"

typedef struct Report {
        const char *log_path; /* NULL = none */
        bool is_json;
} Report;

/* "ctrctl: MESSAGE" on stderr, and one line in the log: JSON with level, msg and time (RFC 3339),
 * or the same as key=value text. Engines read the JSON file whole as one object, so there is never
 * more than one line of a failure. */
void report_error(const Report *report, const CtrError *err);

/* "ctrctl: warning: TEXT" on stderr only. */
void report_warning(const char *text);
