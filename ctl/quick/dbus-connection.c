/* The connection: authentication, sending, receiving, and who is told of what arrives. See dbus.h.
 *
 * What is sent is kept until somebody waits: calls that belong together reach the bus in one
 * write. Authentication and greeting go out with the connection itself, and their answers are read
 * when the first is needed. Signals are those of our match rules, which the bus checks, the
 * sender's name too; one that is addressed to us alone was asked for by nobody and is dropped. */
#include "ctl/quick/dbus-connection.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define BUS_SOCKET        "/run/dbus/system_bus_socket"
#define CALL_TIMEOUT_USEC (25U * 1000 * 1000)
#define LINE_MAX_BYTES    512
#define READ_BYTES        8192U

struct sd_bus_slot {
        sd_bus_slot *next;
        sd_bus *bus;
        sd_bus_message_handler_t handler;
        void *userdata;
        /* A call that waits for its answer: */
        uint32_t serial; /* 0 = none */
        uint64_t until_usec;
        /* A match: */
        char *rule, *path, *interface, *member;
};

struct sd_bus {
        int fd;
        int error; /* why it is over, < 0 */
        uint32_t serial;
        unsigned n_lines_missing; /* of the answer to the authentication */
        DbusBuffer in, out;
        bool is_out_urgent; /* more than what the end of the connection says as well */
        sd_bus_slot *slots;
};

static uint64_t now_usec(void)
{
        struct timespec ts;

        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (uint64_t) ts.tv_sec * 1000000U + (uint64_t) ts.tv_nsec / 1000U;
}

static int fail(sd_bus *bus, int error)
{
        if (bus->error == 0)
                bus->error = error;
        return bus->error;
}

/* ---- sending ---- */

/* Everything, with the descriptors at the first byte. */
static int send_all(sd_bus *bus, const DbusBuffer *data, const int *fds, size_t n_fds)
{
        union {
                struct cmsghdr header;
                char bytes[CMSG_SPACE(sizeof(int) * DBUS_FDS_MAX)];
        } control = { 0 };

        for (size_t sent = 0; sent < data->size;) {
                struct iovec iov = { data->bytes + sent, data->size - sent };
                struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
                ssize_t n;

                if (n_fds > 0 && sent == 0) {
                        m.msg_control = control.bytes;
                        m.msg_controllen = (socklen_t) CMSG_SPACE(sizeof(int) * n_fds);
                        control.header.cmsg_level = SOL_SOCKET;
                        control.header.cmsg_type = SCM_RIGHTS;
                        control.header.cmsg_len = (socklen_t) CMSG_LEN(sizeof(int) * n_fds);
                        memcpy(CMSG_DATA(&control.header), fds, sizeof(int) * n_fds);
                }
                n = sendmsg(bus->fd, &m, MSG_NOSIGNAL);
                if (n < 0 && errno != EINTR)
                        return fail(bus, errno == EPIPE ? -ECONNRESET : -errno);
                sent += n > 0 ? (size_t) n : 0;
        }
        return 0;
}

static int flush(sd_bus *bus)
{
        int r = bus->error;

        if (r == 0 && bus->out.is_broken)
                r = fail(bus, -ENOMEM);
        if (r == 0 && bus->out.size > 0)
                r = send_all(bus, &bus->out, NULL, 0);
        bus->out.size = 0;
        bus->is_out_urgent = false;
        return r;
}

static int receive_more(sd_bus *bus, bool is_waiting);
static int read_authentication(sd_bus *bus);

static int await_authentication(sd_bus *bus)
{
        int r = flush(bus);

        while (r >= 0 && bus->n_lines_missing > 0) {
                r = read_authentication(bus);
                if (r == 0)
                        r = receive_more(bus, true);
        }
        return r;
}

/* Descriptors that come while the bus still reads lines would be lost. */
static int send_message(sd_bus *bus, const sd_bus_message *m, uint32_t *ret_serial)
{
        DbusBuffer bytes = { 0 };
        int r = 0;

        *ret_serial = ++bus->serial;
        dbus_message_seal(m, *ret_serial, &bytes);
        if (bytes.is_broken)
                r = -ENOMEM;
        else if (bus->error < 0)
                r = bus->error;
        else if (m->n_fds > 0) {
                r = await_authentication(bus);
                if (r >= 0)
                        r = send_all(bus, &bytes, m->fds, m->n_fds);
        } else {
                dbus_put(&bus->out, bytes.bytes, bytes.size);
                bus->is_out_urgent = true;
        }
        dbus_buffer_done(&bytes);
        return r;
}

/* A call to the bus itself, with no argument or one string. */
static int call_bus(
        sd_bus *bus, const char *method, const char *argument, uint8_t flags, uint32_t *ret_serial)
{
        sd_bus_message *m;
        int r;

        r = dbus_message_new_call(bus, &m, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                "org.freedesktop.DBus", method);
        if (r < 0)
                return r;
        m->flags = flags;
        if (argument)
                r = dbus_message_append_basic(m, 's', argument);
        if (r >= 0)
                r = send_message(bus, m, ret_serial);
        (void) dbus_message_unref(m);
        return r;
}

/* ---- receiving ---- */

/* 1: there is more now; 0: nothing came. */
static int receive_more(sd_bus *bus, bool is_waiting)
{
        uint8_t bytes[READ_BYTES];
        ssize_t n;

        if (is_waiting) {
                struct pollfd pollfd = { .fd = bus->fd, .events = POLLIN };
                int r = poll(&pollfd, 1, CALL_TIMEOUT_USEC / 1000);

                if (r == 0)
                        return fail(bus, -ETIMEDOUT);
        }
        n = recv(bus->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return 0;
        if (n <= 0)
                return fail(bus, -ECONNRESET);
        dbus_put(&bus->in, bytes, (size_t) n);
        return bus->in.is_broken ? fail(bus, -ENOMEM) : 1;
}

/* "OK GUID", then "AGREE_UNIX_FD". 1 when a line was read. */
static int read_authentication(sd_bus *bus)
{
        const char *expected = bus->n_lines_missing == 2 ? "OK " : "AGREE_UNIX_FD\r";
        const uint8_t *end = bus->in.size > 0 ? memchr(bus->in.bytes, '\n', bus->in.size) : NULL;

        if (!end)
                return bus->in.size < LINE_MAX_BYTES ? 0 : fail(bus, -EBADMSG);
        if (strncmp((const char *) bus->in.bytes, expected, strlen(expected)) != 0)
                return fail(bus, -EACCES);
        dbus_drop(&bus->in, (size_t) (end - bus->in.bytes) + 1);
        bus->n_lines_missing--;
        return 1;
}

/* Size of the message that is there whole; 0: none is. */
static ssize_t whole_message(const sd_bus *bus)
{
        ssize_t size =
                bus->n_lines_missing > 0 ? 0 : dbus_message_size(bus->in.bytes, bus->in.size);

        return size > 0 && (size_t) size > bus->in.size ? 0 : size;
}

static int take_message(sd_bus *bus, size_t size, sd_bus_message **ret)
{
        DbusBuffer bytes = { 0 };
        int r;

        dbus_put(&bytes, bus->in.bytes, size);
        dbus_drop(&bus->in, size);
        r = bytes.is_broken ? -ENOMEM : dbus_message_parse(&bytes, ret);
        return r < 0 ? fail(bus, r) : r;
}

static bool is_equal(const char *a, const char *b)
{
        return a && b && strcmp(a, b) == 0;
}

static void unlink_slot(sd_bus_slot *slot)
{
        for (sd_bus_slot **p = &slot->bus->slots; *p; p = &(*p)->next)
                if (*p == slot) {
                        *p = slot->next;
                        return;
                }
}

static void free_slot(sd_bus_slot *slot)
{
        free(slot->rule);
        free(slot->path);
        free(slot->interface);
        free(slot->member);
        free(slot);
}

/* A call is answered once. */
static int answer(sd_bus_slot *slot, sd_bus_message *m)
{
        slot->serial = 0;
        return slot->handler ? slot->handler(m, slot->userdata, NULL) : 0;
}

/* A match that the bus refuses would be missed for ever. */
static int refused(sd_bus_message *m, void *userdata, sd_bus_error *unused _unused_)
{
        return m->type == DBUS_ERROR ? fail(userdata, -EIO) : 0;
}

static int dispatch(sd_bus *bus, sd_bus_message *m)
{
        for (sd_bus_slot *slot = bus->slots, *next; slot; slot = next) {
                next = slot->next;
                if (m->type == DBUS_SIGNAL && slot->rule && !m->strings[DBUS_DESTINATION] &&
                        is_equal(slot->path, m->strings[DBUS_PATH]) &&
                        is_equal(slot->interface, m->strings[DBUS_INTERFACE]) &&
                        is_equal(slot->member, m->strings[DBUS_MEMBER]))
                        return slot->handler(m, slot->userdata, NULL);
                if ((m->type == DBUS_REPLY || m->type == DBUS_ERROR) && slot->serial != 0 &&
                        slot->serial == m->reply_serial)
                        return answer(slot, m);
        }
        return 0;
}

/* Tells one caller that no answer will come. 0: nobody waits that long. */
static int give_up(sd_bus *bus, uint64_t now, const char *name, const char *text)
{
        sd_bus_slot *slot = bus->slots;
        sd_bus_message *m;
        int r;

        while (slot && (slot->serial == 0 || slot->until_usec > now))
                slot = slot->next;
        if (!slot)
                return 0;
        m = dbus_message_new_error(name, text);
        if (!m)
                return -ENOMEM;
        r = answer(slot, m);
        (void) dbus_message_unref(m);
        return r < 0 ? r : 1;
}

static int end_of_connection(sd_bus *bus)
{
        int r = give_up(
                bus, UINT64_MAX, "org.freedesktop.DBus.Error.NoReply", "Connection terminated");

        return r != 0 ? r : bus->error;
}

int dbus_process(sd_bus *bus, sd_bus_message **unused _unused_)
{
        sd_bus_message *m;
        ssize_t size;
        int r;

        if (flush(bus) < 0)
                return end_of_connection(bus);
        while (bus->n_lines_missing > 0 && (r = read_authentication(bus)) > 0)
                ;
        size = whole_message(bus);
        if (size == 0 && bus->error == 0) {
                r = receive_more(bus, false);
                if (r > 0)
                        return 1;
                if (r == 0)
                        return give_up(bus, now_usec(), "org.freedesktop.DBus.Error.NoReply",
                                "Method call timed out");
        }
        if (size < 0)
                (void) fail(bus, -EBADMSG);
        if (bus->error < 0 || take_message(bus, (size_t) size, &m) < 0)
                return end_of_connection(bus);
        r = dispatch(bus, m);
        (void) dbus_message_unref(m);
        return r < 0 ? r : 1;
}

/* ---- what waits ---- */

/* UINT64_MAX: nothing does. */
static uint64_t first_timeout(const sd_bus *bus)
{
        uint64_t until = UINT64_MAX;

        for (const sd_bus_slot *slot = bus->slots; slot; slot = slot->next)
                if (slot->serial != 0)
                        until = MIN_OF(until, slot->until_usec);
        return until;
}

int dbus_get_fd(sd_bus *bus)
{
        return bus->fd;
}

int dbus_get_events(sd_bus *bus)
{
        return flush(bus) < 0 ? -ENOTCONN : POLLIN;
}

int dbus_get_timeout(sd_bus *bus, uint64_t *ret)
{
        *ret = whole_message(bus) != 0 ? 0 : first_timeout(bus);
        return *ret != UINT64_MAX;
}

int dbus_wait(sd_bus *bus, uint64_t usec)
{
        struct pollfd pollfd = { .fd = bus->fd, .events = POLLIN };
        uint64_t until = first_timeout(bus), now = now_usec();
        int r;

        if (flush(bus) < 0 || whole_message(bus) != 0)
                return 1;
        usec = MIN_OF(usec, until > now ? until - now : 0);
        r = poll(&pollfd, 1, usec > INT32_MAX ? INT32_MAX : (int) ((usec + 999) / 1000));
        return r < 0 ? -errno : r;
}

int dbus_is_open(sd_bus *bus)
{
        return bus->error == 0;
}

int dbus_flush(sd_bus *bus)
{
        return flush(bus);
}

/* ---- calls and matches ---- */

static int add_slot(
        sd_bus *bus, sd_bus_message_handler_t handler, void *userdata, sd_bus_slot **ret)
{
        sd_bus_slot *slot = calloc(1, sizeof(*slot));

        if (!slot)
                return -ENOMEM;
        *slot = (sd_bus_slot){
                .next = bus->slots, .bus = bus, .handler = handler, .userdata = userdata
        };
        bus->slots = slot;
        *ret = slot;
        return 0;
}

/* The bus forgets rules with the connection: nothing is sent for that alone. */
sd_bus_slot *dbus_slot_unref(sd_bus_slot *slot)
{
        sd_bus *bus;
        bool was_urgent;
        uint32_t serial;

        if (!slot)
                return NULL;
        bus = slot->bus;
        was_urgent = bus->is_out_urgent;
        if (slot->rule && bus->error == 0) {
                (void) call_bus(bus, "RemoveMatch", slot->rule, DBUS_NO_REPLY_EXPECTED, &serial);
                bus->is_out_urgent = was_urgent;
        }
        unlink_slot(slot);
        free_slot(slot);
        return NULL;
}

int dbus_send(sd_bus *bus, sd_bus_message *m, uint64_t *unused _unused_)
{
        uint32_t serial;

        m->flags |= DBUS_NO_REPLY_EXPECTED;
        return send_message(bus, m, &serial);
}

int dbus_call_async(sd_bus *bus, sd_bus_slot **ret, sd_bus_message *m,
        sd_bus_message_handler_t handler, void *userdata, uint64_t usec)
{
        sd_bus_slot *slot;
        int r = add_slot(bus, handler, userdata, &slot);

        if (r < 0)
                return r;
        r = send_message(bus, m, &slot->serial);
        if (r < 0) {
                unlink_slot(slot);
                free_slot(slot);
                return r;
        }
        slot->until_usec = now_usec() + (usec > 0 ? usec : CALL_TIMEOUT_USEC);
        *ret = slot;
        return 0;
}

static int keep(sd_bus_message *m, void *userdata, sd_bus_error *unused _unused_)
{
        sd_bus_message **kept = userdata;

        m->n_references++;
        *kept = m;
        return 0;
}

static int copy_error(const sd_bus_error *from, sd_bus_error *to)
{
        if (!to)
                return 0;
        to->name = strdup(from->name);
        to->message = from->message ? strdup(from->message) : NULL;
        to->_need_free = 1;
        return to->name && (to->message || !from->message) ? 0 : -ENOMEM;
}

void dbus_error_free(sd_bus_error *e)
{
        if (e->_need_free > 0) {
                free((char *) e->name);
                free((char *) e->message);
        }
        *e = SD_BUS_ERROR_NULL;
}

/* What else arrives meanwhile is dispatched. */
int dbus_call(sd_bus *bus, sd_bus_message *m, uint64_t usec, sd_bus_error *e, sd_bus_message **ret)
{
        sd_bus_message *reply = NULL;
        sd_bus_slot *slot;
        int r;

        r = dbus_call_async(bus, &slot, m, keep, &reply, usec);
        if (r < 0)
                return r;
        while (!reply && r >= 0) {
                r = dbus_process(bus, NULL);
                if (r == 0)
                        r = dbus_wait(bus, UINT64_MAX);
                if (r == -EINTR)
                        r = 0;
        }
        (void) dbus_slot_unref(slot);
        if (!reply)
                return r;
        if (bus->error < 0 && reply->type == DBUS_ERROR)
                r = bus->error;
        else if (reply->type == DBUS_ERROR)
                r = copy_error(&reply->error, e) < 0 ? -ENOMEM : -EIO;
        else
                r = 1;
        if (r > 0 && ret)
                *ret = reply;
        else
                (void) dbus_message_unref(reply);
        return r;
}

static int make_rule(sd_bus_slot *slot, const char *sender)
{
        return asprintf(&slot->rule,
                       "type='signal',sender='%s',path='%s',interface='%s',member='%s'", sender,
                       slot->path, slot->interface, slot->member) < 0
                       ? -ENOMEM
                       : 0;
}

int dbus_match_signal_async(sd_bus *bus, sd_bus_slot **ret, const char *sender, const char *path,
        const char *interface, const char *member, sd_bus_message_handler_t handler,
        sd_bus_message_handler_t unused _unused_, void *userdata)
{
        sd_bus_slot *slot, *call;
        int r = add_slot(bus, handler, userdata, &slot);

        if (r < 0)
                return r;
        slot->path = strdup(path);
        slot->interface = strdup(interface);
        slot->member = strdup(member);
        r = slot->path && slot->interface && slot->member ? make_rule(slot, sender) : -ENOMEM;
        if (r >= 0)
                r = add_slot(bus, refused, bus, &call);
        if (r >= 0) {
                r = call_bus(bus, "AddMatch", slot->rule, 0, &call->serial);
                call->until_usec = now_usec() + CALL_TIMEOUT_USEC;
        }
        if (r < 0) {
                unlink_slot(slot);
                free_slot(slot);
                return r;
        }
        *ret = slot;
        return 0;
}

/* ---- beginning and end ---- */

/* EXTERNAL: the kernel says who we are; the name is our number, in hexadecimal digits of its
 * digits. */
static void put_authentication(DbusBuffer *b)
{
        char uid[16], digits[8 + 1];

        (void) snprintf(uid, sizeof(uid), "%u", (unsigned) geteuid());
        dbus_put(b, "\0AUTH EXTERNAL ", 15);
        for (const char *p = uid; *p; p++) {
                (void) snprintf(digits, sizeof(digits), "%02x", (unsigned) *p);
                dbus_put(b, digits, 2);
        }
        dbus_put(b, "\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n", 28);
}

static void free_bus(sd_bus *bus)
{
        while (bus->slots) {
                sd_bus_slot *slot = bus->slots;

                bus->slots = slot->next;
                free_slot(slot);
        }
        dbus_buffer_done(&bus->in);
        dbus_buffer_done(&bus->out);
        closep(&bus->fd);
        free(bus);
}

int dbus_open_system(sd_bus **ret)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = BUS_SOCKET };
        sd_bus *bus = calloc(1, sizeof(*bus));
        uint32_t serial;
        int r = 0;

        if (!bus)
                return -ENOMEM;
        bus->n_lines_missing = 2;
        bus->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (bus->fd < 0 ||
                connect(bus->fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                r = -errno;
        if (r >= 0) {
                put_authentication(&bus->out);
                r = call_bus(bus, "Hello", NULL, 0, &serial);
        }
        if (r >= 0)
                r = flush(bus);
        if (r < 0) {
                free_bus(bus);
                return r;
        }
        *ret = bus;
        return 0;
}

sd_bus *dbus_flush_close_unref(sd_bus *bus)
{
        if (!bus)
                return NULL;
        if (bus->is_out_urgent)
                (void) flush(bus);
        free_bus(bus);
        return NULL;
}
