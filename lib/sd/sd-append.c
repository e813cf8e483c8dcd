/* Properties by signature: one small writer each in a table. See sd-append.h. */
#include "sd/sd-append.h"

#include <string.h>

static void write_boolean(SdWriter *w, const Property *p)
{
        int value = p->number != 0;

        sd_write_basic(w, 'b', &value);
}

static void write_int32(SdWriter *w, const Property *p)
{
        int32_t value = (int32_t) p->number;

        sd_write_basic(w, 'i', &value);
}

static void write_uint32(SdWriter *w, const Property *p)
{
        uint32_t value = (uint32_t) p->number;

        sd_write_basic(w, 'u', &value);
}

static void write_uint64(SdWriter *w, const Property *p)
{
        sd_write_basic(w, 't', &p->number);
}

static void write_fd(SdWriter *w, const Property *p)
{
        int value = (int) p->number;

        sd_write_basic(w, 'h', &value);
}

static void write_string(SdWriter *w, const Property *p)
{
        sd_write_string(w, p->n_strings > 0 ? p->strings[0] : "");
}

static void write_strings(SdWriter *w, const Property *p)
{
        sd_write_open(w, 'a', "s");
        for (size_t i = 0; i < p->n_strings; i++)
                sd_write_string(w, p->strings[i]);
        sd_write_close(w);
}

static void write_uint32s(SdWriter *w, const Property *p)
{
        sd_write_open(w, 'a', "u");
        for (size_t i = 0; i < p->n_numbers; i++) {
                uint32_t value = (uint32_t) p->numbers[i];

                sd_write_basic(w, 'u', &value);
        }
        sd_write_close(w);
}

static void write_allowed(SdWriter *w, const Property *p)
{
        sd_write_open(w, 'r', "bas");
        write_boolean(w, p);
        write_strings(w, p);
        sd_write_close(w);
}

static void write_byte_array(SdWriter *w, const void *bytes, size_t n)
{
        if (w->r >= 0)
                w->r = w->api->sd_bus_message_append_array(w->m, 'y', bytes, n);
}

static void write_bytes(SdWriter *w, const Property *p)
{
        write_byte_array(w, p->bytes, p->n_bytes);
}

static void write_byte_strings(SdWriter *w, const Property *p)
{
        sd_write_open(w, 'a', "ay");
        for (size_t i = 0; i < p->n_strings; i++)
                write_byte_array(w, p->strings[i], strlen(p->strings[i]));
        sd_write_close(w);
}

/* One command line: path, argv, ignore failure. */
static void write_command(SdWriter *w, const Property *p)
{
        int ignores_failure = p->number != 0;

        sd_write_open(w, 'a', "(sasb)");
        if (p->n_strings > 0) {
                sd_write_open(w, 'r', "sasb");
                sd_write_string(w, p->strings[0]);
                write_strings(w, p);
                sd_write_basic(w, 'b', &ignores_failure);
                sd_write_close(w);
        }
        sd_write_close(w);
}

static void write_string_numbers(SdWriter *w, const Property *p)
{
        sd_write_open(w, 'a', "(st)");
        for (size_t i = 0; i < MIN_OF(p->n_strings, p->n_numbers); i++) {
                sd_write_open(w, 'r', "st");
                sd_write_string(w, p->strings[i]);
                sd_write_basic(w, 't', &p->numbers[i]);
                sd_write_close(w);
        }
        sd_write_close(w);
}

static void write_string_pairs(SdWriter *w, const Property *p)
{
        sd_write_open(w, 'a', "(ss)");
        for (size_t i = 0; i + 1 < p->n_strings; i += 2) {
                sd_write_open(w, 'r', "ss");
                sd_write_string(w, p->strings[i]);
                sd_write_string(w, p->strings[i + 1]);
                sd_write_close(w);
        }
        sd_write_close(w);
}

static void write_named_bytes(SdWriter *w, const Property *p)
{
        sd_write_open(w, 'a', "(say)");
        for (size_t i = 0; i + 1 < p->n_strings; i += 2) {
                sd_write_open(w, 'r', "say");
                sd_write_string(w, p->strings[i]);
                write_byte_array(w, p->strings[i + 1], strlen(p->strings[i + 1]));
                sd_write_close(w);
        }
        sd_write_close(w);
}

/* Exit codes, then signals: plan only ever names codes. */
static void write_exit_statuses(SdWriter *w, const Property *p)
{
        sd_write_open(w, 'r', "aiai");
        sd_write_open(w, 'a', "i");
        for (size_t i = 0; i < p->n_numbers; i++) {
                int32_t value = (int32_t) p->numbers[i];

                sd_write_basic(w, 'i', &value);
        }
        sd_write_close(w);
        sd_write_open(w, 'a', "i");
        sd_write_close(w);
        sd_write_close(w);
}

static const struct {
        const char *signature;
        void (*write)(SdWriter *w, const Property *p);
} writers[] = {
        { "s", write_string },
        { "b", write_boolean },
        { "u", write_uint32 },
        { "t", write_uint64 },
        { "i", write_int32 },
        { "h", write_fd },
        { "as", write_strings },
        { "au", write_uint32s },
        { "ay", write_bytes },
        { "aay", write_byte_strings },
        { "a(sasb)", write_command },
        { "a(st)", write_string_numbers },
        { "a(ss)", write_string_pairs },
        { "(bas)", write_allowed },
        { "a(say)", write_named_bytes },
        { "(aiai)", write_exit_statuses },
};

static void write_value(SdWriter *w, const PropertyInfo *info, const Property *p)
{
        for (size_t i = 0; i < ELEMENTSOF(writers); i++)
                if (strcmp(writers[i].signature, info->signature) == 0) {
                        writers[i].write(w, p);
                        return;
                }
        w->r = -ENOTSUP;
}

void sd_write_properties(SdWriter *w, const PropertyList *properties, UnitType type)
{
        sd_write_open(w, 'a', "(sv)");
        for (size_t i = 0; i < properties->n; i++) {
                const PropertyInfo *info = property_info(properties->items[i].id);

                if (!info->takes[type])
                        continue;
                sd_write_open(w, 'r', "sv");
                sd_write_string(w, info->bus_name);
                sd_write_open(w, 'v', info->signature);
                write_value(w, info, &properties->items[i]);
                sd_write_close(w);
                sd_write_close(w);
        }
        sd_write_close(w);
}
