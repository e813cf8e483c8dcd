/* The error value: filling, prefixing and printing. No allocation, usable in the static helper. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void make_single_line(char *s)
{
        for (; *s; s++)
                if ((unsigned char) *s < 0x20)
                        *s = ' ';
}

static void error_fill(
        CtrError *err, CtrErrorCode code, int errno_value, const char *fmt, va_list ap)
{
        size_t used;

        memset(err, 0, sizeof(*err));
        err->code = code;
        err->errno_value = errno_value;
        (void) vsnprintf(err->message, sizeof(err->message), fmt, ap);
        used = strlen(err->message);
        if (errno_value != 0)
                (void) snprintf(err->message + used, sizeof(err->message) - used, ": %s",
                        strerror(errno_value));
        make_single_line(err->message);
}

/* The build's way up to the source ("../lib/x.c") is nobody's business. */
static void set_source(CtrError *err, const char *file, unsigned line)
{
        while (strncmp(file, "../", 3) == 0)
                file += 3;
        err->source_file = file;
        err->source_line = line;
}

int ctr_error_set_from(const char *source_file, unsigned source_line, CtrError *err,
        CtrErrorCode code, int errno_value, const char *fmt, ...)
{
        va_list ap;

        errno_value = abs(errno_value);
        if (err) {
                va_start(ap, fmt);
                error_fill(err, code, errno_value, fmt, ap);
                va_end(ap);
                set_source(err, source_file, source_line);
        }
        return errno_value ? -errno_value : -EINVAL;
}

int ctr_error_field_from(const char *source_file, unsigned source_line, CtrError *err,
        const char *field, const char *fmt, ...)
{
        va_list ap;

        if (err) {
                va_start(ap, fmt);
                error_fill(err, CTR_ERROR_CONFIG_INVALID, 0, fmt, ap);
                va_end(ap);
                set_source(err, source_file, source_line);
                (void) snprintf(err->field, sizeof(err->field), "%s", field);
                make_single_line(err->field);
        }
        return -EINVAL;
}

int ctr_error_prefix(CtrError *err, int r, const char *fmt, ...)
{
        char prefix[256], old[sizeof(err->message)];
        va_list ap;

        if (!err)
                return r;

        va_start(ap, fmt);
        (void) vsnprintf(prefix, sizeof(prefix), fmt, ap);
        va_end(ap);
        memcpy(old, err->message, sizeof(old));
        (void) snprintf(err->message, sizeof(err->message), "%s: %.*s", prefix,
                (int) (sizeof(err->message) - sizeof(prefix) - 3), old);
        make_single_line(err->message);
        return r;
}

const char *ctr_error_format(const CtrError *err, const char *file, char *buf, size_t size)
{
        char position[48] = "";

        if (err->is_placed) {
                (void) snprintf(buf, size, "%s", err->message);
                return buf;
        }
        if (err->line > 0)
                (void) snprintf(position, sizeof(position), ":%u:%u", err->line, err->column);
        (void) snprintf(buf, size, "%s%s%s%s%s%s", file ? file : "", file ? position : "",
                file ? ": " : "", err->field, err->field[0] ? ": " : "", err->message);
        return buf;
}

void ctr_error_place(CtrError *err, const char *file)
{
        char text[sizeof(err->message)];

        memcpy(err->message, ctr_error_format(err, file, text, sizeof(text)), sizeof(text));
        err->is_placed = true;
}

static const char *const code_names[_CTR_ERROR_MAX] = {
        [CTR_ERROR_NONE] = "None",
        [CTR_ERROR_ID_IN_USE] = "IdInUse",
        [CTR_ERROR_INVALID_ID_FORMAT] = "InvalidIdFormat",
        [CTR_ERROR_CONTAINER_NOT_EXISTS] = "ContainerNotExists",
        [CTR_ERROR_CONTAINER_PAUSED] = "ContainerPaused",
        [CTR_ERROR_CONTAINER_NOT_PAUSED] = "ContainerNotPaused",
        [CTR_ERROR_CONTAINER_NOT_STOPPED] = "ContainerNotStopped",
        [CTR_ERROR_CONTAINER_NOT_RUNNING] = "ContainerNotRunning",
        [CTR_ERROR_PROCESS_NOT_EXECUTED] = "ProcessNotExecuted",
        [CTR_ERROR_CONFIG_INVALID] = "ConfigInvalid",
        [CTR_ERROR_BAD_STATE] = "BadState",
        [CTR_ERROR_NEED_POD] = "NeedPod",
        [CTR_ERROR_NEED_POD_ID] = "NeedPodID",
        [CTR_ERROR_NEED_CONTAINER_ID] = "NeedContainerID",
        [CTR_ERROR_NEED_FILE] = "NeedFile",
        [CTR_ERROR_NEED_STATE] = "NeedState",
        [CTR_ERROR_INVALID_RESOURCE] = "InvalidResource",
        [CTR_ERROR_POD_NOT_EXISTS] = "PodNotExists",
        [CTR_ERROR_UNSUPPORTED] = "Unsupported",
        [CTR_ERROR_USAGE] = "Usage",
        [CTR_ERROR_SYSTEM] = "SystemError",
};

const char *ctr_error_code_name(CtrErrorCode code)
{
        if (code < 0 || code >= _CTR_ERROR_MAX)
                return "SystemError";
        return code_names[code];
}
