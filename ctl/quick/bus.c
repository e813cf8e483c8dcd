/* Calls over the system bus: see bus.h. Message format and authentication are those of the D-Bus
 * specification, "Message Protocol" and "Authentication Protocol". Every length of the other side
 * is checked against what was received. */
#include "ctl/quick/bus.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define BUS_SOCKET   "/run/dbus/system_bus_socket"
#define TIMEOUT_MSEC 25000
#define MESSAGE_MAX  65536U

enum { CALL = 1, REPLY = 2, ERROR = 3 }; /* message types */
enum {
        PATH = 1,
        INTERFACE,
        MEMBER,
        ERROR_NAME,
        REPLY_SERIAL,
        DESTINATION,
        SENDER,
        SIGNATURE
};                              /* fields */
enum { NO_REPLY_EXPECTED = 1 }; /* flag */

/* ---- writing ---- */

typedef struct Writer {
        uint8_t bytes[4096];
        size_t start, size; /* of the message being written: alignment counts from it */
        bool is_full;
} Writer;

static void put(Writer *w, const void *data, size_t n)
{
        if (w->is_full || n > sizeof(w->bytes) - w->size) {
                w->is_full = true;
                return;
        }
        memcpy(w->bytes + w->size, data, n);
        w->size += n;
}

static void put_byte(Writer *w, uint8_t byte)
{
        put(w, &byte, 1);
}

static void align(Writer *w, size_t boundary)
{
        while (!w->is_full && (w->size - w->start) % boundary != 0)
                put_byte(w, 0);
}

static void put_u32(Writer *w, uint32_t value)
{
        align(w, sizeof(value));
        put(w, &value, sizeof(value));
}

static void put_string(Writer *w, const char *s)
{
        put_u32(w, (uint32_t) strlen(s));
        put(w, s, strlen(s) + 1);
}

static void put_signature(Writer *w, const char *s)
{
        put_byte(w, (uint8_t) strlen(s));
        put(w, s, strlen(s) + 1);
}

static void put_field(Writer *w, uint8_t code, const char *type, const char *value)
{
        align(w, 8);
        put_byte(w, code);
        put_signature(w, type);
        if (type[0] == 'g')
                put_signature(w, value);
        else
                put_string(w, value);
}

/* Sets a length that is known only now. */
static void patch_u32(Writer *w, size_t at, size_t value)
{
        uint32_t number = (uint32_t) value;

        if (!w->is_full)
                memcpy(w->bytes + at, &number, sizeof(number));
}

static void put_body(Writer *w, const BusCall *call)
{
        size_t i = 0;

        for (const char *type = call->signature; *type; type++)
                if (*type == 's')
                        put_string(w, call->strings[i++]);
                else
                        put_u32(w, call->number);
}

/* call NULL: the greeting, which every client says first. */
static void put_message(Writer *w, uint32_t serial, uint8_t flags, const BusCall *call)
{
        const uint8_t order = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 'l' : 'B';
        size_t length_at, fields_at;

        w->start = w->size;
        put_byte(w, order);
        put_byte(w, CALL);
        put_byte(w, flags);
        put_byte(w, 1);
        length_at = w->size;
        put_u32(w, 0);
        put_u32(w, serial);
        put_u32(w, 0);
        fields_at = w->size;
        put_field(w, PATH, "o", call ? "/org/freedesktop/systemd1" : "/org/freedesktop/DBus");
        put_field(w, INTERFACE, "s",
                call ? "org.freedesktop.systemd1.Manager" : "org.freedesktop.DBus");
        put_field(w, MEMBER, "s", call ? call->method : "Hello");
        put_field(w, DESTINATION, "s", call ? "org.freedesktop.systemd1" : "org.freedesktop.DBus");
        if (call)
                put_field(w, SIGNATURE, "g", call->signature);
        patch_u32(w, fields_at - sizeof(uint32_t), w->size - fields_at);
        align(w, 8);
        fields_at = w->size;
        if (call)
                put_body(w, call);
        patch_u32(w, length_at, w->size - fields_at);
}

/* EXTERNAL: the kernel says who we are; the name is our number, in hexadecimal digits of its
 * digits. */
static void put_authentication(Writer *w)
{
        char uid[16], text[64] = "AUTH EXTERNAL ";
        size_t n = strlen(text);

        (void) snprintf(uid, sizeof(uid), "%u", (unsigned) geteuid());
        for (const char *p = uid; *p; p++)
                n += (size_t) snprintf(text + n, sizeof(text) - n, "%02x", (unsigned) *p);
        (void) snprintf(text + n, sizeof(text) - n, "\r\nBEGIN\r\n");
        put_byte(w, 0);
        put(w, text, strlen(text));
}

/* ---- reading ---- */

typedef struct Reader {
        int fd;
        int process_fd; /* -1: none */
        uint8_t bytes[MESSAGE_MAX];
        size_t size;
        bool is_lost, is_over;
} Reader;

/* Until there are at least n bytes. False at the end, that of the process too, or when it takes
 * too long. */
static bool fill(Reader *r, size_t n)
{
        while (r->size < n && n <= sizeof(r->bytes)) {
                struct pollfd fds[] = { { .fd = r->fd, .events = POLLIN },
                        { .fd = r->process_fd, .events = POLLIN } };
                ssize_t got;

                if (poll(fds, ELEMENTSOF(fds), TIMEOUT_MSEC) <= 0)
                        return false;
                r->is_over = !fds[0].revents;
                if (r->is_over)
                        return false;
                got = recv(r->fd, r->bytes + r->size, sizeof(r->bytes) - r->size, 0);
                if (got <= 0) {
                        r->is_lost = true;
                        return false;
                }
                r->size += (size_t) got;
        }
        return r->size >= n;
}

static void drop(Reader *r, size_t n)
{
        memmove(r->bytes, r->bytes + n, r->size - n);
        r->size -= n;
}

/* "OK GUID\r\n" */
static bool read_authentication(Reader *r)
{
        const uint8_t *end;

        for (size_t n = 1; fill(r, n); n = r->size + 1) {
                end = memchr(r->bytes, '\n', r->size);
                if (!end && r->size < 256)
                        continue;
                if (!end || memcmp(r->bytes, "OK ", 3) != 0)
                        return false;
                drop(r, (size_t) (end - r->bytes) + 1);
                return true;
        }
        return false;
}

static uint32_t get_u32(const uint8_t *at)
{
        uint32_t value;

        memcpy(&value, at, sizeof(value));
        return value;
}

typedef struct Header {
        uint8_t type;
        uint32_t reply_serial;
        char error[128];
} Header;

/* One field at *pos of the first n bytes; false when it is none that these messages have. */
static bool read_field(const uint8_t *m, size_t n, size_t *pos, Header *ret)
{
        size_t at = (*pos + 7) & ~(size_t) 7;
        uint8_t code, type;
        uint32_t value;

        /* A code, a signature of one letter with its length and NUL, and the value, aligned by
         * chance: "g" needs no alignment, the others stand at a multiple of four. */
        if (n < 8 || at > n - 8 || m[at + 1] != 1 || m[at + 3] != 0)
                return false;
        code = m[at];
        type = m[at + 2];
        at += 4;
        if (type == 'g') {
                *pos = at + 2 + m[at];
                return *pos <= n;
        }
        value = get_u32(m + at);
        at += 4;
        if (type == 'u') {
                if (code == REPLY_SERIAL)
                        ret->reply_serial = value;
                *pos = at;
                return true;
        }
        if ((type != 's' && type != 'o') || value >= n - at)
                return false;
        if (code == ERROR_NAME)
                (void) snprintf(
                        ret->error, sizeof(ret->error), "%.*s", (int) value, (const char *) m + at);
        *pos = at + value + 1;
        return true;
}

/* The next message, without what it says. */
static bool read_message(Reader *r, Header *ret)
{
        size_t fields, body, pos = 16;

        *ret = (Header){ 0 };
        if (!fill(r, 16) || r->bytes[0] != (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 'l' : 'B'))
                return false;
        body = get_u32(r->bytes + 4);
        fields = get_u32(r->bytes + 12);
        if (body > MESSAGE_MAX || fields > MESSAGE_MAX)
                return false;
        if (!fill(r, ((16 + fields + 7) & ~(size_t) 7) + body))
                return false;
        ret->type = r->bytes[1];
        while (pos < 16 + fields)
                if (!read_field(r->bytes, 16 + fields, &pos, ret))
                        return false;
        drop(r, ((16 + fields + 7) & ~(size_t) 7) + body);
        return true;
}

/* PID 1 left the bus with the call, as it does for each daemon-reexec, or is not on it for a
 * moment. */
static bool is_lost(const char *error)
{
        static const char *const names[] = { "org.freedesktop.DBus.Error.NoReply",
                "org.freedesktop.DBus.Error.ServiceUnknown",
                "org.freedesktop.DBus.Error.NameHasNoOwner",
                "org.freedesktop.DBus.Error.Spawn.ChildExited" };

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (strcmp(error, names[i]) == 0)
                        return true;
        return false;
}

struct Bus {
        Writer writer;
        Reader reader;
        uint32_t serial; /* of the last message */
        bool is_greeted;
};

static BusResult result_of(const Header *header)
{
        if (header->type == REPLY)
                return BUS_DONE;
        if (is_lost(header->error))
                return BUS_LOST;
        return strcmp(header->error, "org.freedesktop.systemd1.NoSuchUnit") == 0 ? BUS_UNKNOWN_UNIT
                                                                                 : BUS_REFUSED;
}

static BusResult await_reply(Bus *bus)
{
        Reader *r = &bus->reader;
        Header header;

        if (!bus->is_greeted)
                bus->is_greeted = read_authentication(r);
        while (bus->is_greeted && read_message(r, &header))
                if (header.reply_serial == bus->serial &&
                        (header.type == REPLY || header.type == ERROR))
                        return result_of(&header);
        return r->is_lost ? BUS_LOST : r->is_over ? BUS_ENDED : BUS_REFUSED;
}

Bus *bus_open(void)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = BUS_SOCKET };
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        Bus *bus;

        /* Another bus than the usual one is the library's to find. */
        if (fd < 0 || getenv("DBUS_SYSTEM_BUS_ADDRESS") ||
                connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return NULL;
        bus = calloc(1, sizeof(*bus));
        if (!bus)
                return NULL;
        bus->reader.fd = TAKE_FD(fd);
        put_authentication(&bus->writer);
        put_message(&bus->writer, ++bus->serial, 0, NULL);
        return bus;
}

void bus_closep(Bus **bus)
{
        if (*bus)
                closep(&(*bus)->reader.fd);
        free(*bus);
        *bus = NULL;
}

void bus_add(Bus *bus, const BusCall *call)
{
        put_message(&bus->writer, ++bus->serial, NO_REPLY_EXPECTED, call);
}

BusResult bus_await(Bus *bus, const BusCall *call)
{
        Writer *w = &bus->writer;
        ssize_t sent;

        if (call)
                put_message(w, ++bus->serial, 0, call);
        if (w->is_full)
                return BUS_UNREACHABLE;
        sent = send(bus->reader.fd, w->bytes, w->size, MSG_NOSIGNAL);
        if (sent != (ssize_t) w->size)
                return BUS_LOST;
        w->size = 0;
        bus->reader.process_fd = call && call->process_fd > 0 ? call->process_fd : -1;
        return call ? await_reply(bus) : BUS_DONE;
}

BusResult bus_call(const BusCall *call)
{
        _cleanup_(bus_closep) Bus *bus = bus_open();

        return bus ? bus_await(bus, call) : BUS_UNREACHABLE;
}
