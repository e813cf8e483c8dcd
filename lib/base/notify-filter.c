/* The filter of notifications: see notify-filter.h. */
#include "base/notify-filter.h"

#include <string.h>

typedef enum ValueKind {
        VALUE_ONE,      /* "1" */
        VALUE_WATCHDOG, /* "1", "trigger" */
        VALUE_NUMBER,   /* decimal */
        VALUE_TEXT,
} ValueKind;

static const struct {
        const char *name;
        ValueKind kind;
} passed[] = {
        { "READY", VALUE_ONE },
        { "RELOADING", VALUE_ONE },
        { "STOPPING", VALUE_ONE },
        { "STATUS", VALUE_TEXT },
        { "ERRNO", VALUE_NUMBER },
        { "WATCHDOG", VALUE_WATCHDOG },
        { "EXTEND_TIMEOUT_USEC", VALUE_NUMBER },
};

static bool is_text(const char *value, size_t size, const char *text)
{
        return size == strlen(text) && memcmp(value, text, size) == 0;
}

static bool is_number(const char *value, size_t size)
{
        size_t n = 0;

        while (n < size && value[n] >= '0' && value[n] <= '9')
                n++;
        return size > 0 && size <= 20 && n == size;
}

static bool is_value(ValueKind kind, const char *value, size_t size)
{
        switch (kind) {
        case VALUE_ONE:
                return is_text(value, size, "1");
        case VALUE_WATCHDOG:
                return is_text(value, size, "1") || is_text(value, size, "trigger");
        case VALUE_NUMBER:
                return is_number(value, size);
        default:
                return true;
        }
}

static void append(NotifyMessage *m, const char *line, size_t size)
{
        for (size_t i = 0; i < size; i++) {
                unsigned char c = (unsigned char) line[i];

                m->text[m->size++] = c < 0x20 || c == 0x7f ? '?' : line[i];
        }
        m->text[m->size++] = '\n';
}

static void filter_line(NotifyMessage *m, const char *line, size_t size)
{
        const char *equals = memchr(line, '=', size);
        size_t n = equals ? (size_t) (equals - line) : 0;

        m->is_barrier = m->is_barrier || is_text(line, size, "BARRIER=1");
        for (size_t i = 0; equals && i < ELEMENTSOF(passed); i++) {
                if (!is_text(line, n, passed[i].name) ||
                        !is_value(passed[i].kind, equals + 1, size - n - 1))
                        continue;
                append(m, line, size);
                m->is_ready = m->is_ready || is_text(line, n, "READY");
                return;
        }
}

void notify_filter(const char *datagram, size_t size, NotifyMessage *ret)
{
        size_t i = 0;

        ret->size = 0;
        ret->is_ready = ret->is_barrier = false;
        /* One byte less than PID 1 takes: a last line without a newline gets one. */
        if (size < NOTIFY_SIZE_MAX && !memchr(datagram, '\0', size))
                while (i < size) {
                        const char *end = memchr(datagram + i, '\n', size - i);
                        size_t n = end ? (size_t) (end - datagram) - i : size - i;

                        filter_line(ret, datagram + i, n);
                        i += n + 1;
                }
        ret->text[ret->size] = '\0';
}
