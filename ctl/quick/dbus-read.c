/* Reading messages: see dbus.h. Every length of the other side is checked against what was
 * received, every type against the signature that came with it. Positions count from the beginning
 * of the message, which is what alignment counts from. */
#include "ctl/quick/dbus.h"

#include <stdlib.h>
#include <string.h>

#define HEADER_FIELDS_AT  12 /* an array of structures behind the fixed part */
#define HEADER_SIGNATURE  "a(yv)"
#define NESTED_TYPES_MAX  32
#define SKIPPED_DEPTH_MAX 16

size_t dbus_type_alignment(char type)
{
        switch (type) {
        case 'y':
        case 'g':
        case 'v':
                return 1;
        case 'n':
        case 'q':
                return 2;
        case 't':
        case 'x':
        case 'd':
        case '(':
        case '{':
                return 8;
        default:
                return 4;
        }
}

size_t dbus_type_length(const char *signature, const char *end)
{
        unsigned depth = 0;

        for (const char *p = signature; p < end; p++) {
                if (*p == '(' || *p == '{')
                        depth++;
                else if ((*p == ')' || *p == '}') && depth-- == 0)
                        return 0;
                if (depth > NESTED_TYPES_MAX)
                        return 0;
                if (depth == 0 && *p != 'a')
                        return (size_t) (p - signature) + 1;
        }
        return 0;
}

static const DbusLevel *current(const sd_bus_message *m)
{
        return &m->levels[m->depth];
}

/* Moves over padding; -EBADMSG when n bytes are not there then. */
static int reach(sd_bus_message *m, size_t alignment, size_t n)
{
        size_t at = (m->pos + alignment - 1) / alignment * alignment;

        if (at > current(m)->end || n > current(m)->end - at)
                return -EBADMSG;
        m->pos = at;
        return 0;
}

static int get_u32(sd_bus_message *m, uint32_t *ret)
{
        int r = reach(m, sizeof(*ret), sizeof(*ret));

        if (r < 0)
                return r;
        memcpy(ret, m->buffer.bytes + m->pos, sizeof(*ret));
        m->pos += sizeof(*ret);
        return 0;
}

/* n bytes and the NUL behind them. */
static int get_text(sd_bus_message *m, size_t n, const char **ret)
{
        int r = reach(m, 1, n + 1);
        const char *text = (const char *) m->buffer.bytes + m->pos;

        if (r < 0 || text[n] != '\0' || memchr(text, '\0', n))
                return -EBADMSG;
        m->pos += n + 1;
        *ret = text;
        return 0;
}

static int get_string(sd_bus_message *m, const char **ret)
{
        uint32_t n;
        int r = get_u32(m, &n);

        return r < 0 ? r : get_text(m, n, ret);
}

static int get_signature(sd_bus_message *m, const char **ret)
{
        int r = reach(m, 1, 1);

        return r < 0 ? r : get_text(m, m->buffer.bytes[m->pos++], ret);
}

/* The type that is next: 0 at the end of an array or of everything. */
static char next_type(const sd_bus_message *m)
{
        const DbusLevel *level = current(m);

        if (level->signature == level->signature_end ||
                (level->type == 'a' && m->pos >= level->end))
                return '\0';
        return level->signature[0];
}

/* Past the type that was read; that of an array's items stays. */
static void advance(DbusLevel *level)
{
        if (level->type != 'a')
                level->signature += dbus_type_length(level->signature, level->signature_end);
}

static int get_number(sd_bus_message *m, char type, void *ret)
{
        size_t size = dbus_type_alignment(type);
        int r = reach(m, size, size);

        if (r < 0)
                return r;
        if (ret)
                memcpy(ret, m->buffer.bytes + m->pos, size);
        m->pos += size;
        return 0;
}

int dbus_message_read_basic(sd_bus_message *m, char type, void *ret)
{
        const char *text;
        char next = next_type(m);
        int r;

        if (next == '\0')
                return 0;
        if (next != type || strchr("a({v", type))
                return -ENXIO;
        if (type == 's' || type == 'o' || type == 'g') {
                r = type == 'g' ? get_signature(m, &text) : get_string(m, &text);
                if (r >= 0 && ret)
                        *(const char **) ret = text;
        } else
                r = get_number(m, type, ret);
        if (r < 0)
                return r;
        advance(&m->levels[m->depth]);
        return 1;
}

static int push(sd_bus_message *m, DbusLevel level)
{
        if (m->depth + 1 == ELEMENTSOF(m->levels))
                return -EBADMSG;
        m->levels[++m->depth] = level;
        return 1;
}

/* Of an array its bytes, of the others what is left of what they are in. */
static int enter(sd_bus_message *m, char type, const char *signature, size_t n)
{
        DbusLevel level = { .type = type,
                .signature = signature,
                .signature_end = signature + n,
                .end = current(m)->end };
        uint32_t size;
        int r = 0;

        if (type == 'a') {
                r = get_u32(m, &size);
                if (r >= 0)
                        r = reach(m, dbus_type_alignment(signature[0]), size);
                if (r >= 0)
                        level.end = m->pos + size;
        } else if (type == 'r')
                r = reach(m, 8, 0);
        return r < 0 ? r : push(m, level);
}

int dbus_message_enter_container(sd_bus_message *m, char type, const char *contents)
{
        const DbusLevel *level = current(m);
        const char *signature = level->signature;
        char next = next_type(m);
        size_t n, skipped = type == 'r' ? 2 : 1; /* parentheses, or the letter */
        int r;

        if (next == '\0')
                return 0;
        if (next != (type == 'r' ? '(' : type))
                return -ENXIO;
        if (type == 'v') {
                r = get_signature(m, &signature);
                if (r < 0)
                        return r;
                n = strlen(signature);
                if (n == 0 || dbus_type_length(signature, signature + n) != n)
                        return -EBADMSG;
        } else {
                n = dbus_type_length(signature, level->signature_end);
                if (n <= skipped)
                        return -EBADMSG;
                signature++;
                n -= skipped;
        }
        if (contents && (strlen(contents) != n || memcmp(contents, signature, n) != 0))
                return -ENXIO;
        advance(&m->levels[m->depth]);
        return enter(m, type, signature, n);
}

static int skip_one(sd_bus_message *m, unsigned depth)
{
        char type = next_type(m), container = type == '(' || type == '{' ? 'r' : type;
        int r;

        if (type == '\0')
                return 0;
        if (!strchr("a({v", type))
                return dbus_message_read_basic(m, type, NULL);
        if (depth == SKIPPED_DEPTH_MAX)
                return -EBADMSG;
        r = dbus_message_enter_container(m, container, NULL);
        if (r > 0 && container == 'a')
                m->pos = current(m)->end;
        while (r > 0 && container != 'a' && next_type(m) != '\0')
                r = skip_one(m, depth + 1);
        if (r > 0)
                r = dbus_message_exit_container(m);
        return r < 0 ? r : 1;
}

/* What was not read of a structure is skipped. */
int dbus_message_exit_container(sd_bus_message *m)
{
        int r = 1;

        if (m->depth == 0)
                return -ENXIO;
        if (current(m)->type == 'a')
                m->pos = current(m)->end;
        while (r > 0 && next_type(m) != '\0')
                r = skip_one(m, 0);
        if (r < 0)
                return r;
        m->depth--;
        return 1;
}

int dbus_message_skip(sd_bus_message *m, const char *types)
{
        const char *end = types + strlen(types);
        int r = 1;

        for (size_t n; r > 0 && types < end; types += n) {
                n = dbus_type_length(types, end);
                if (n == 0 || next_type(m) != types[0])
                        return -ENXIO;
                r = skip_one(m, 0);
        }
        return r;
}

ssize_t dbus_message_size(const uint8_t *bytes, size_t n)
{
        uint32_t body, fields;
        size_t size;

        if (n < HEADER_FIELDS_AT + sizeof(fields))
                return 0;
        memcpy(&body, bytes + 4, sizeof(body));
        memcpy(&fields, bytes + HEADER_FIELDS_AT, sizeof(fields));
        if (bytes[0] != (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 'l' : 'B') ||
                body > DBUS_MESSAGE_MAX || fields > DBUS_MESSAGE_MAX)
                return -EBADMSG;
        size = HEADER_FIELDS_AT + sizeof(fields) + fields;
        return (ssize_t) ((size + 7) / 8 * 8 + body);
}

/* One field; of a code that nobody knows it says nothing. */
static int parse_field(sd_bus_message *m, const char **ret_signature)
{
        uint8_t code = 0;
        const char *text = NULL;
        char type;
        int r;

        r = dbus_message_read_basic(m, 'y', &code);
        if (r > 0)
                r = dbus_message_enter_container(m, 'v', NULL);
        if (r <= 0)
                return -EBADMSG;
        type = next_type(m);
        if (code == DBUS_REPLY_SERIAL && type == 'u')
                r = dbus_message_read_basic(m, 'u', &m->reply_serial);
        else if (code < _DBUS_FIELD_MAX && strchr("sog", type))
                r = dbus_message_read_basic(m, type, &text);
        if (r > 0)
                r = dbus_message_exit_container(m);
        if (code == DBUS_SIGNATURE)
                *ret_signature = type == 'g' ? text : NULL;
        else if (text)
                m->strings[code] = (char *) text;
        return r;
}

static int parse(sd_bus_message *m)
{
        static const char header[] = HEADER_SIGNATURE;
        const char *signature = "", *text = NULL;
        int r;

        m->type = m->buffer.bytes[1];
        m->pos = HEADER_FIELDS_AT;
        m->levels[0] = (DbusLevel){
                .signature = header,
                .signature_end = header + sizeof(header) - 1,
                .end = m->buffer.size,
        };
        r = dbus_message_enter_container(m, 'a', "(yv)");
        while (r > 0 && (r = dbus_message_enter_container(m, 'r', "yv")) > 0) {
                r = parse_field(m, &signature);
                if (r > 0)
                        r = dbus_message_exit_container(m);
        }
        if (r >= 0)
                r = dbus_message_exit_container(m);
        if (r < 0 || !signature)
                return -EBADMSG;
        m->levels[0].signature = signature;
        m->levels[0].signature_end = signature + strlen(signature);
        r = reach(m, 8, 0);
        if (r < 0 || m->type != DBUS_ERROR)
                return r;
        m->error.name = m->strings[DBUS_ERROR_NAME] ? m->strings[DBUS_ERROR_NAME] : "";
        if (signature[0] == 's' && dbus_message_read_basic(m, 's', &text) < 0)
                return -EBADMSG;
        m->error.message = text;
        return 0;
}

int dbus_message_parse(DbusBuffer *bytes, sd_bus_message **ret)
{
        sd_bus_message *m = calloc(1, sizeof(*m));
        int r;

        if (!m) {
                dbus_buffer_done(bytes);
                return -ENOMEM;
        }
        m->n_references = 1;
        m->is_received = true;
        m->buffer = *bytes;
        *bytes = (DbusBuffer){ 0 };
        r = parse(m);
        if (r < 0) {
                (void) dbus_message_unref(m);
                return r;
        }
        *ret = m;
        return 0;
}

sd_bus_message *dbus_message_new_error(const char *name, const char *text)
{
        sd_bus_message *m = calloc(1, sizeof(*m));

        if (!m)
                return NULL;
        m->n_references = 1;
        m->is_received = true;
        m->type = DBUS_ERROR;
        m->error.name = name;
        m->error.message = text;
        return m;
}
