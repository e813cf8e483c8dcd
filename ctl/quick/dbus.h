/* A client of the system bus with the functions of sd-bus(3) that lib/sd calls, for programs that
 * do without libsystemd: loading it takes longer than all that is done with it. It knows one way to
 * the bus, reads and writes little-endian and big-endian machines' own order only, and has no
 * objects. Message format: D-Bus specification, "Message Protocol"; what each function promises:
 * the manual page of the sd-bus function whose type it has. */
#pragma once

#include "base/error.h"

#include <systemd/sd-bus.h>

#define DBUS_MESSAGE_MAX   (4U * 1024 * 1024)
#define DBUS_FDS_MAX       4
#define DBUS_DEPTH_MAX     16
#define DBUS_SIGNATURE_MAX 255

typedef enum DbusType { DBUS_CALL = 1, DBUS_REPLY, DBUS_ERROR, DBUS_SIGNAL } DbusType;

enum { DBUS_NO_REPLY_EXPECTED = 1 }; /* flag of a message */

/* Header fields that are strings, by their code; the other two are numbers. */
typedef enum DbusField {
        DBUS_PATH = 1,
        DBUS_INTERFACE,
        DBUS_MEMBER,
        DBUS_ERROR_NAME,
        DBUS_REPLY_SERIAL,
        DBUS_DESTINATION,
        DBUS_SENDER,
        DBUS_SIGNATURE,
        DBUS_UNIX_FDS,
        _DBUS_FIELD_MAX,
} DbusField;

/* Bytes that grow. After a failed allocation nothing more is put. */
typedef struct DbusBuffer {
        uint8_t *bytes;
        size_t size, room;
        bool is_broken;
} DbusBuffer;

void dbus_buffer_done(DbusBuffer *b);
void dbus_put(DbusBuffer *b, const void *data, size_t n);
void dbus_drop(DbusBuffer *b, size_t n); /* from the beginning */

/* An open container: what it holds, and where it ends. */
typedef struct DbusLevel {
        char type;                             /* 'a', 'r', 'v' */
        const char *signature, *signature_end; /* read: of what comes next; of an array, an item */
        size_t end;   /* read: of its bytes; written array: of its length */
        size_t begin; /* written array: of its items */
} DbusLevel;

struct sd_bus_message {
        unsigned n_references;
        sd_bus *bus;
        uint8_t type, flags;
        uint32_t reply_serial;
        char *strings[_DBUS_FIELD_MAX]; /* written: own copies; read: within bytes */
        bool is_received;
        /* A written one's body; all of a received one, read from pos on. */
        DbusBuffer buffer;
        size_t pos;
        char signature[DBUS_SIGNATURE_MAX + 1]; /* of a written body */
        DbusLevel levels[DBUS_DEPTH_MAX];
        unsigned depth;
        int fds[DBUS_FDS_MAX];
        size_t n_fds;
        sd_bus_error error; /* of a received DBUS_ERROR */
};

/* Either order of arguments and results is sd-bus's: see the head of this file. */
int dbus_message_new_call(sd_bus *bus, sd_bus_message **ret, const char *destination,
        const char *path, const char *interface, const char *member);
int dbus_message_append_basic(sd_bus_message *m, char type, const void *value);
int dbus_message_append_array(sd_bus_message *m, char type, const void *data, size_t size);
int dbus_message_open_container(sd_bus_message *m, char type, const char *contents);
int dbus_message_close_container(sd_bus_message *m);
int dbus_message_copy(sd_bus_message *to, sd_bus_message *from, int all);
sd_bus_message *dbus_message_unref(sd_bus_message *m);

int dbus_message_read_basic(sd_bus_message *m, char type, void *ret);
int dbus_message_enter_container(sd_bus_message *m, char type, const char *contents);
int dbus_message_exit_container(sd_bus_message *m);
int dbus_message_skip(sd_bus_message *m, const char *types);

/* The whole message as it goes over the wire, its serial number given. */
void dbus_message_seal(const sd_bus_message *m, uint32_t serial, DbusBuffer *ret);

/* Size of the message that begins here, as far as 16 bytes tell: 0 when there are fewer, -EBADMSG
 * when this is no message of ours. */
ssize_t dbus_message_size(const uint8_t *bytes, size_t n);

/* Takes the bytes of one message. -EBADMSG: they are none. */
int dbus_message_parse(DbusBuffer *bytes, sd_bus_message **ret);

/* An error as if the other side had sent it. NULL: out of memory. */
sd_bus_message *dbus_message_new_error(const char *name, const char *text);

/* Number of characters of the first complete type of a signature; 0: there is none. */
size_t dbus_type_length(const char *signature, const char *end);
size_t dbus_type_alignment(char type);
