/* The one error value of ctrunit: what went wrong, on which object, why and what to do, as a plain
 * struct without allocation, owned by the outermost caller. The same text reaches stderr, --log,
 * the journal, a D-Bus reply and the socket from ctr-exec.
 *
 * Rule: `int f(..., CtrError *err)` returns >= 0 on success, or -errno with *err filled once, at
 * the place where the meaning is known. Callers may add context with ctr_error_prefix(). err may be
 * NULL. */
#pragma once

#include "base/macro.h"

/* libcontainer's error codes, the pods' (virtcontainers'), plus Usage and Unsupported. Names are
 * part of the D-Bus API. */
typedef enum CtrErrorCode {
        CTR_ERROR_NONE,
        CTR_ERROR_ID_IN_USE,
        CTR_ERROR_INVALID_ID_FORMAT,
        CTR_ERROR_CONTAINER_NOT_EXISTS,
        CTR_ERROR_CONTAINER_PAUSED,
        CTR_ERROR_CONTAINER_NOT_PAUSED,
        CTR_ERROR_CONTAINER_NOT_STOPPED,
        CTR_ERROR_CONTAINER_NOT_RUNNING,
        CTR_ERROR_PROCESS_NOT_EXECUTED,
        CTR_ERROR_CONFIG_INVALID,
        CTR_ERROR_BAD_STATE,
        CTR_ERROR_NEED_POD,
        CTR_ERROR_NEED_POD_ID,
        CTR_ERROR_NEED_CONTAINER_ID,
        CTR_ERROR_NEED_FILE,
        CTR_ERROR_NEED_STATE,
        CTR_ERROR_INVALID_RESOURCE,
        CTR_ERROR_POD_NOT_EXISTS,
        CTR_ERROR_UNSUPPORTED,
        CTR_ERROR_USAGE,
        CTR_ERROR_SYSTEM,
        _CTR_ERROR_MAX,
        _CTR_ERROR_INVALID = -EINVAL,
} CtrErrorCode;

typedef struct CtrError {
        CtrErrorCode code;
        int errno_value; /* positive, 0 when no system call failed */
        int exit_status; /* what a program should exit with for it; 0 = the program's default */
        unsigned line;   /* 1-based position in the source text, 0 = unknown */
        unsigned column;
        const char *source_file; /* where in our source it was found, for debugging */
        unsigned source_line;
        bool is_placed;     /* message says file, position and field already */
        char field[256];    /* JSON path or file key, "" = none: "process.args[2]" */
        char message[1024]; /* one line without final newline, already containing strerror and hint
                             */
} CtrError;

/* Fills *err and returns -errno_value (or -EINVAL when errno_value is 0). errno_value may be
 * negative. When errno_value is set, ": <strerror>" is appended. Newlines in the text are replaced
 * by spaces. */
#define ctr_error_set(...) ctr_error_set_from(__FILE__, __LINE__, __VA_ARGS__)
int ctr_error_set_from(const char *source_file, unsigned source_line, CtrError *err,
        CtrErrorCode code, int errno_value, const char *fmt, ...) _printf_(6, 7);

/* The same for a place in a JSON document: field is its path. */
#define ctr_error_field(...) ctr_error_field_from(__FILE__, __LINE__, __VA_ARGS__)
int ctr_error_field_from(const char *source_file, unsigned source_line, CtrError *err,
        const char *field, const char *fmt, ...) _printf_(5, 6);

/* Puts "prefix: " before the message. Returns r unchanged so that it can end a function. */
int ctr_error_prefix(CtrError *err, int r, const char *fmt, ...) _printf_(3, 4);

/* "FILE:LINE:COLUMN: FIELD: MESSAGE" with the parts that are known; file may be NULL. Returns buf.
 */
const char *ctr_error_format(const CtrError *err, const char *file, char *buf, size_t size);

/* Makes that the message, once. */
void ctr_error_place(CtrError *err, const char *file);

/* "IdInUse", "ConfigInvalid", ... */
const char *ctr_error_code_name(CtrErrorCode code);
