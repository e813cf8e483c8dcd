/* Building messages: see dbus.h. The body is written at once, containers are a stack; of an array
 * the length is filled in when it is closed. That the types are those of the method is the caller's
 * business. */
#include "ctl/quick/dbus.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void dbus_buffer_done(DbusBuffer *b)
{
        free(b->bytes);
        *b = (DbusBuffer){ 0 };
}

void dbus_put(DbusBuffer *b, const void *data, size_t n)
{
        size_t room = b->room;
        uint8_t *bytes;

        while (room - b->size < n && room < 2 * DBUS_MESSAGE_MAX)
                room = room > 0 ? 2 * room : 4096;
        if (room - b->size < n)
                b->is_broken = true;
        if (room > b->room && !b->is_broken) {
                bytes = realloc(b->bytes, room);
                if (bytes) {
                        b->bytes = bytes;
                        b->room = room;
                } else
                        b->is_broken = true;
        }
        if (b->is_broken || n == 0)
                return;
        memcpy(b->bytes + b->size, data, n);
        b->size += n;
}

void dbus_drop(DbusBuffer *b, size_t n)
{
        memmove(b->bytes, b->bytes + n, b->size - n);
        b->size -= n;
}

static void align(DbusBuffer *b, size_t boundary)
{
        static const uint8_t zeros[8];

        dbus_put(b, zeros, (boundary - b->size % boundary) % boundary);
}

static void put_u32(DbusBuffer *b, size_t value)
{
        uint32_t number = (uint32_t) value;

        align(b, sizeof(number));
        dbus_put(b, &number, sizeof(number));
}

/* Sets a length that is known only now. */
static void patch_u32(DbusBuffer *b, size_t at, size_t value)
{
        uint32_t number = (uint32_t) value;

        if (!b->is_broken)
                memcpy(b->bytes + at, &number, sizeof(number));
}

static void put_string(DbusBuffer *b, const char *s)
{
        put_u32(b, strlen(s));
        dbus_put(b, s, strlen(s) + 1);
}

static void put_signature(DbusBuffer *b, const char *s)
{
        uint8_t n = (uint8_t) strlen(s);

        dbus_put(b, &n, 1);
        dbus_put(b, s, (size_t) n + 1);
}

sd_bus_message *dbus_message_unref(sd_bus_message *m)
{
        if (!m || --m->n_references > 0)
                return NULL;
        for (size_t i = 0; i < ELEMENTSOF(m->strings) && !m->is_received; i++)
                free(m->strings[i]);
        for (size_t i = 0; i < m->n_fds; i++)
                (void) close(m->fds[i]);
        dbus_buffer_done(&m->buffer);
        free(m);
        return NULL;
}

int dbus_message_new_call(sd_bus *bus, sd_bus_message **ret, const char *destination,
        const char *path, const char *interface, const char *member)
{
        const char *const values[] = { [DBUS_PATH] = path,
                [DBUS_INTERFACE] = interface,
                [DBUS_MEMBER] = member,
                [DBUS_DESTINATION] = destination };
        sd_bus_message *m = calloc(1, sizeof(*m));

        if (!m)
                return -ENOMEM;
        m->n_references = 1;
        m->bus = bus;
        m->type = DBUS_CALL;
        for (size_t i = 0; i < ELEMENTSOF(values); i++) {
                m->strings[i] = values[i] ? strdup(values[i]) : NULL;
                if (values[i] && !m->strings[i]) {
                        (void) dbus_message_unref(m);
                        return -ENOMEM;
                }
        }
        *ret = m;
        return 0;
}

/* Only what stands outside of all containers is in the message's signature. */
static int add_signature(sd_bus_message *m, char type, const char *contents)
{
        size_t used = strlen(m->signature), n = contents ? strlen(contents) : 0;

        if (m->depth > 0)
                return 0;
        if (used + n + 2 > DBUS_SIGNATURE_MAX)
                return -ENOBUFS;
        m->signature[used++] = type == 'r' ? '(' : type;
        if (contents && type != 'v') {
                memcpy(m->signature + used, contents, n);
                used += n;
        }
        if (type == 'r')
                m->signature[used++] = ')';
        m->signature[used] = '\0';
        return 0;
}

static int result(const sd_bus_message *m)
{
        return m->buffer.is_broken || m->buffer.size > DBUS_MESSAGE_MAX ? -ENOMEM : 0;
}

static int append_fd(sd_bus_message *m, int fd)
{
        int copy;

        if (m->n_fds == ELEMENTSOF(m->fds))
                return -ENOBUFS;
        copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (copy < 0)
                return -errno;
        m->fds[m->n_fds] = copy;
        put_u32(&m->buffer, m->n_fds++);
        return result(m);
}

int dbus_message_append_basic(sd_bus_message *m, char type, const void *value)
{
        size_t size = dbus_type_alignment(type);
        int r = add_signature(m, type, NULL);

        if (r < 0)
                return r;
        switch (type) {
        case 's':
        case 'o':
                put_string(&m->buffer, value);
                break;
        case 'g':
                put_signature(&m->buffer, value);
                break;
        case 'h':
                return append_fd(m, *(const int *) value);
        default: /* numbers are as large as their alignment */
                align(&m->buffer, size);
                dbus_put(&m->buffer, value, size);
        }
        return result(m);
}

int dbus_message_open_container(sd_bus_message *m, char type, const char *contents)
{
        int r = add_signature(m, type, contents);
        DbusLevel *level;

        if (r < 0)
                return r;
        if (m->depth == ELEMENTSOF(m->levels))
                return -ENOBUFS;
        level = &m->levels[m->depth++];
        *level = (DbusLevel){ .type = type };
        if (type == 'v')
                put_signature(&m->buffer, contents);
        else if (type == 'r')
                align(&m->buffer, 8);
        else {
                put_u32(&m->buffer, 0);
                level->end = m->buffer.size;
                /* The padding before the first item does not count. */
                align(&m->buffer, dbus_type_alignment(contents[0]));
                level->begin = m->buffer.size;
        }
        return result(m);
}

int dbus_message_close_container(sd_bus_message *m)
{
        const DbusLevel *level;

        if (m->depth == 0)
                return -EINVAL;
        level = &m->levels[--m->depth];
        if (level->type == 'a')
                patch_u32(&m->buffer, level->end - sizeof(uint32_t), m->buffer.size - level->begin);
        return result(m);
}

int dbus_message_append_array(sd_bus_message *m, char type, const void *data, size_t size)
{
        const char contents[2] = { type, '\0' };
        int r = dbus_message_open_container(m, 'a', contents);

        if (r < 0)
                return r;
        dbus_put(&m->buffer, data, size);
        return dbus_message_close_container(m);
}

/* All of it: for a call that is made once more. */
int dbus_message_copy(sd_bus_message *to, sd_bus_message *from, int all _unused_)
{
        if (to->buffer.size > 0 || from->is_received)
                return -EINVAL;
        dbus_put(&to->buffer, from->buffer.bytes, from->buffer.size);
        memcpy(to->signature, from->signature, sizeof(to->signature));
        for (size_t i = 0; i < from->n_fds; i++) {
                int copy = fcntl(from->fds[i], F_DUPFD_CLOEXEC, 3);

                if (copy < 0)
                        return -errno;
                to->fds[to->n_fds++] = copy;
        }
        return result(to);
}

static void put_field(DbusBuffer *b, uint8_t code, char type, const char *text, size_t number)
{
        const char signature[2] = { type, '\0' };

        align(b, 8);
        dbus_put(b, &code, 1);
        put_signature(b, signature);
        if (type == 'u')
                put_u32(b, number);
        else if (type == 'g')
                put_signature(b, text);
        else
                put_string(b, text);
}

void dbus_message_seal(const sd_bus_message *m, uint32_t serial, DbusBuffer *ret)
{
        const uint8_t head[4] = { __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 'l' : 'B', m->type,
                m->flags, 1 };
        const size_t fields_at = 3 * sizeof(uint32_t), fields = fields_at + sizeof(uint32_t);

        dbus_put(ret, head, sizeof(head));
        put_u32(ret, m->buffer.size);
        put_u32(ret, serial);
        put_u32(ret, 0);
        for (uint8_t code = DBUS_PATH; code <= DBUS_DESTINATION; code++)
                if (m->strings[code])
                        put_field(ret, code, code == DBUS_PATH ? 'o' : 's', m->strings[code], 0);
        if (m->signature[0])
                put_field(ret, DBUS_SIGNATURE, 'g', m->signature, 0);
        if (m->n_fds > 0)
                put_field(ret, DBUS_UNIX_FDS, 'u', NULL, m->n_fds);
        patch_u32(ret, fields_at, ret->size - fields);
        align(ret, 8);
        dbus_put(ret, m->buffer.bytes, m->buffer.size);
}
