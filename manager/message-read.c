/* Arguments of a method call as JSON: see message.h. */
#include "manager/message.h"

#include "base/macro.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

typedef struct Reader {
        sd_bus_message *m;
        FILE *f;
        MessageFds *fds;
        size_t bytes, bytes_max;
} Reader;

static int read_value(Reader *r);

/* What was read so far, with something for each value: empty ones cost memory too. */
static int count(Reader *r, size_t bytes)
{
        r->bytes += bytes + 8;
        return r->bytes > r->bytes_max ? -E2BIG : 0;
}

static int read_string(Reader *r, char type)
{
        const char *text;
        int k = sd_bus_message_read_basic(r->m, type, &text);

        if (k >= 0)
                k = count(r, strlen(text));
        if (k >= 0)
                json_write_string(r->f, text);
        return k;
}

static int read_fd(Reader *r)
{
        int fd, copy, k;

        k = sd_bus_message_read_basic(r->m, SD_BUS_TYPE_UNIX_FD, &fd);
        if (k < 0)
                return k;
        if (r->fds->n == r->fds->n_max)
                return -EMFILE;
        copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (copy < 0)
                return -errno;
        (void) fprintf(r->f, "%zu", r->fds->n);
        r->fds->fds[r->fds->n++] = copy;
        return count(r, 0);
}

static int read_boolean(Reader *r)
{
        int value, k = sd_bus_message_read_basic(r->m, SD_BUS_TYPE_BOOLEAN, &value);

        if (k >= 0)
                (void) fputs(value ? "true" : "false", r->f);
        return k < 0 ? k : count(r, 0);
}

static int read_number(Reader *r, char type)
{
        union {
                uint8_t y;
                int16_t n;
                uint16_t q;
                int32_t i;
                uint32_t u;
                int64_t x;
                uint64_t t;
        } v;
        int k = sd_bus_message_read_basic(r->m, type, &v);

        if (k < 0)
                return k;
        switch (type) {
        case SD_BUS_TYPE_BYTE:
                (void) fprintf(r->f, "%u", v.y);
                break;
        case SD_BUS_TYPE_INT16:
                (void) fprintf(r->f, "%d", v.n);
                break;
        case SD_BUS_TYPE_UINT16:
                (void) fprintf(r->f, "%u", v.q);
                break;
        case SD_BUS_TYPE_INT32:
                (void) fprintf(r->f, "%" PRId32, v.i);
                break;
        case SD_BUS_TYPE_UINT32:
                (void) fprintf(r->f, "%" PRIu32, v.u);
                break;
        case SD_BUS_TYPE_INT64:
                (void) fprintf(r->f, "%" PRId64, v.x);
                break;
        default:
                (void) fprintf(r->f, "%" PRIu64, v.t);
        }
        return count(r, 0);
}

/* Members of a container that is entered, up to its end. */
static int read_items(Reader *r, bool is_dictionary)
{
        bool is_first = true;
        const char *contents;
        char type;
        int k;

        (void) fputc(is_dictionary ? '{' : '[', r->f);
        while ((k = sd_bus_message_peek_type(r->m, &type, &contents)) > 0) {
                (void) fputs(is_first ? "" : ",", r->f);
                is_first = false;
                if (is_dictionary) {
                        k = sd_bus_message_enter_container(r->m, type, contents);
                        if (k >= 0)
                                k = read_string(r, SD_BUS_TYPE_STRING);
                        (void) fputc(':', r->f);
                        if (k >= 0)
                                k = read_value(r);
                        if (k >= 0)
                                k = sd_bus_message_exit_container(r->m);
                } else
                        k = read_value(r);
                if (k < 0)
                        return k;
        }
        (void) fputc(is_dictionary ? '}' : ']', r->f);
        return k;
}

static int read_container(Reader *r, char type, const char *contents)
{
        bool is_dictionary = type == SD_BUS_TYPE_ARRAY && strncmp(contents, "{s", 2) == 0;
        int k;

        k = sd_bus_message_enter_container(r->m, type, contents);
        if (k < 0)
                return k;
        k = type == SD_BUS_TYPE_VARIANT ? read_value(r) : read_items(r, is_dictionary);
        if (k >= 0)
                k = count(r, 0);
        return k < 0 ? k : sd_bus_message_exit_container(r->m);
}

static int read_value(Reader *r)
{
        const char *contents;
        char type;
        int k = sd_bus_message_peek_type(r->m, &type, &contents);

        if (k <= 0)
                return k < 0 ? k : -ENXIO;
        switch (type) {
        case SD_BUS_TYPE_STRING:
        case SD_BUS_TYPE_OBJECT_PATH:
        case SD_BUS_TYPE_SIGNATURE:
                return read_string(r, type);
        case SD_BUS_TYPE_UNIX_FD:
                return read_fd(r);
        case SD_BUS_TYPE_BOOLEAN:
                return read_boolean(r);
        case SD_BUS_TYPE_ARRAY:
        case SD_BUS_TYPE_VARIANT:
        case SD_BUS_TYPE_STRUCT:
                return read_container(r, type, contents);
        case SD_BUS_TYPE_DOUBLE:
                return -EOPNOTSUPP;
        default:
                return read_number(r, type);
        }
}

int message_read(sd_bus_message *m, const char *names, size_t bytes_max, MessageFds *fds, FILE *f)
{
        Reader r = { .m = m, .f = f, .fds = fds, .bytes_max = bytes_max };

        for (const char *name = names; *name; name += strlen(name) + 1) {
                int k;

                json_write_string(f, name);
                (void) fputc(':', f);
                k = read_value(&r);
                if (k < 0)
                        return k;
                (void) fputc(',', f);
        }
        return ferror(f) ? -ENOMEM : 0;
}
