/* A message from the bus, any bytes: what the quick programs make of it stays within what was
 * received, every container that was entered can be left, and what is read is what its type says.
 * Messages that are written from the same bytes are read back. */
#include "ctl/quick/dbus.h"
#include "fuzz/fuzz.h"

#define DEPTH_MAX 8
#define TEXTS_MAX 16

static void check_text(const sd_bus_message *m, const char *text)
{
        const char *bytes = (const char *) m->buffer.bytes;

        FUZZ_CHECK(text >= bytes && text < bytes + m->buffer.size);
        FUZZ_CHECK(memchr(text, '\0', (size_t) (bytes + m->buffer.size - text)));
}

/* Tries every type in turn, as a reader that knows nothing; 1: one was read. */
static int walk_one(sd_bus_message *m, unsigned depth)
{
        union {
                const char *text;
                uint64_t number;
        } value;
        int r = -ENXIO;

        for (const char *type = "ybnqiuxtdhsog"; *type && r == -ENXIO; type++) {
                r = dbus_message_read_basic(m, *type, &value);
                if (r > 0 && strchr("sog", *type))
                        check_text(m, value.text);
        }
        if (r != -ENXIO)
                return r;
        if (depth == DEPTH_MAX)
                return -EBADMSG;
        for (const char *type = "avr"; *type && r == -ENXIO; type++)
                r = dbus_message_enter_container(m, *type, NULL);
        if (r <= 0)
                return r;
        FUZZ_CHECK(m->pos <= m->buffer.size);
        /* Some are left early. */
        for (unsigned i = 0; r > 0 && (m->pos % 3 != 0 || i < 2); i++)
                r = walk_one(m, depth + 1);
        return r < 0 ? r : dbus_message_exit_container(m);
}

static void read_any(const uint8_t *data, size_t size)
{
        ssize_t n = dbus_message_size(data, size);
        DbusBuffer bytes = { 0 };
        sd_bus_message *m;
        int r;

        if (n <= 0 || (size_t) n > size)
                return;
        FUZZ_CHECK(n >= 16);
        dbus_put(&bytes, data, (size_t) n);
        if (dbus_message_parse(&bytes, &m) < 0)
                return;
        for (unsigned i = 0; i < _DBUS_FIELD_MAX; i++)
                if (m->strings[i])
                        check_text(m, m->strings[i]);
        do
                r = walk_one(m, 0);
        while (r > 0);
        FUZZ_CHECK(m->pos <= m->buffer.size);
        (void) dbus_message_unref(m);
}

static void read_back(sd_bus_message *m, char *const texts[], size_t n_texts, uint64_t number)
{
        DbusBuffer bytes = { 0 };
        sd_bus_message *again;
        const char *text;
        uint64_t read = 0;

        dbus_message_seal(m, 1, &bytes);
        FUZZ_CHECK(!bytes.is_broken);
        FUZZ_CHECK(dbus_message_size(bytes.bytes, bytes.size) == (ssize_t) bytes.size);
        FUZZ_CHECK(dbus_message_parse(&bytes, &again) == 0);
        FUZZ_CHECK(dbus_message_enter_container(again, 'a', "(sv)") > 0);
        for (size_t i = 0; i < n_texts; i++) {
                FUZZ_CHECK(dbus_message_enter_container(again, 'r', "sv") > 0);
                FUZZ_CHECK(dbus_message_read_basic(again, 's', &text) > 0);
                FUZZ_CHECK(strcmp(text, texts[i]) == 0);
                if (i % 2 == 0) {
                        FUZZ_CHECK(dbus_message_enter_container(again, 'v', "t") > 0);
                        FUZZ_CHECK(dbus_message_read_basic(again, 't', &read) > 0);
                        FUZZ_CHECK(read == number);
                        FUZZ_CHECK(dbus_message_exit_container(again) > 0);
                }
                FUZZ_CHECK(dbus_message_exit_container(again) > 0);
        }
        FUZZ_CHECK(dbus_message_enter_container(again, 'r', "sv") == 0);
        FUZZ_CHECK(dbus_message_exit_container(again) > 0);
        FUZZ_CHECK(dbus_message_skip(again, "s") > 0);
        (void) dbus_message_unref(again);
}

/* The bytes, cut at each NUL, as the names of properties. */
static void write_any(const uint8_t *data, size_t size)
{
        char *texts[TEXTS_MAX];
        size_t n_texts = 0;
        uint64_t number = size * 0x0123456789abcdefU;
        sd_bus_message *m;

        FUZZ_CHECK(dbus_message_new_call(NULL, &m, "a.b", "/a", "a.b", "C") >= 0);
        FUZZ_CHECK(dbus_message_open_container(m, 'a', "(sv)") >= 0);
        for (size_t at = 0; at < size && n_texts < TEXTS_MAX; n_texts++) {
                const uint8_t *end = memchr(data + at, '\0', size - at);
                size_t n = end ? (size_t) (end - data) - at : size - at;

                texts[n_texts] = strndup((const char *) data + at, n);
                FUZZ_CHECK(texts[n_texts]);
                FUZZ_CHECK(dbus_message_open_container(m, 'r', "sv") >= 0);
                FUZZ_CHECK(dbus_message_append_basic(m, 's', texts[n_texts]) >= 0);
                FUZZ_CHECK(dbus_message_open_container(m, 'v', "t") >= 0);
                FUZZ_CHECK(dbus_message_append_basic(m, 't', &number) >= 0);
                FUZZ_CHECK(dbus_message_close_container(m) >= 0);
                FUZZ_CHECK(dbus_message_close_container(m) >= 0);
                at += n + 1;
        }
        FUZZ_CHECK(dbus_message_close_container(m) >= 0);
        FUZZ_CHECK(dbus_message_append_basic(m, 's', "end") >= 0);
        read_back(m, texts, n_texts, number);
        (void) dbus_message_unref(m);
        for (size_t i = 0; i < n_texts; i++)
                free(texts[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        read_any(data, size);
        write_any(data, size);
        return 0;
}
