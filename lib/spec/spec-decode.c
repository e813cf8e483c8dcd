/* The generic walker over the tables, and the decoder's path: where in the document we are, for
 * every error and warning. */
#include "spec/spec-decode.h"

#include <stdarg.h>
#include <string.h>

enum { WARNINGS_MAX = 64 };

void decoder_enter(Decoder *d, const char *key)
{
        d->steps[d->n_steps++] = (JsonStep){ .key = key };
}

void decoder_enter_item(Decoder *d, size_t index)
{
        d->steps[d->n_steps++] = (JsonStep){ .index = index };
}

void decoder_leave(Decoder *d)
{
        d->n_steps--;
}

static int fail_va(Decoder *d, const char *fmt, va_list ap)
{
        char path[sizeof(d->err->field)], message[sizeof(d->err->message)];

        if (!d->err)
                return -EINVAL;
        (void) vsnprintf(message, sizeof(message), fmt, ap);
        (void) json_path_format(d->steps, d->n_steps, path, sizeof(path));
        (void) ctr_error_field(d->err, path, "%s", message);
        json_document_locate(d->doc, d->steps, d->n_steps, &d->err->line, &d->err->column);
        return -EINVAL;
}

int decoder_fail(Decoder *d, const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        (void) fail_va(d, fmt, ap);
        va_end(ap);
        return -EINVAL;
}

int decoder_fail_at(Decoder *d, const char *key, const char *fmt, ...)
{
        va_list ap;

        decoder_enter(d, key);
        va_start(ap, fmt);
        (void) fail_va(d, fmt, ap);
        va_end(ap);
        decoder_leave(d);
        return -EINVAL;
}

int decoder_fail_item(Decoder *d, size_t index, const char *fmt, ...)
{
        va_list ap;

        decoder_enter_item(d, index);
        va_start(ap, fmt);
        (void) fail_va(d, fmt, ap);
        va_end(ap);
        decoder_leave(d);
        return -EINVAL;
}

int decoder_unsupported(Decoder *d, const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        (void) fail_va(d, fmt, ap);
        va_end(ap);
        if (d->err)
                d->err->code = CTR_ERROR_UNSUPPORTED;
        return -EINVAL;
}

int decoder_fail_type(Decoder *d, const char *expected, const JsonValue *found)
{
        return decoder_fail(d, "expected %s, found %s", expected, json_value_type_name(found));
}

int decoder_oom(Decoder *d)
{
        return ctr_error_set(d->err, CTR_ERROR_SYSTEM, ENOMEM, "cannot read the configuration");
}

/* A document can hold any number of unknown names; the reader of the warnings has one screen. */
int decoder_warn(Decoder *d, const char *fmt, ...)
{
        char path[256], message[512], line[sizeof(path) + sizeof(message)];
        va_list ap;

        if (!d->warnings->items) {
                d->warnings->items = spec_arena_alloc(d->arena, WARNINGS_MAX + 1, sizeof(char *));
                if (!d->warnings->items)
                        return decoder_oom(d);
        }
        if (d->warnings->n == WARNINGS_MAX) {
                d->n_warnings_dropped++;
                return 0;
        }
        va_start(ap, fmt);
        (void) vsnprintf(message, sizeof(message), fmt, ap);
        va_end(ap);
        (void) snprintf(line, sizeof(line), "%s: %s",
                json_path_format(d->steps, d->n_steps, path, sizeof(path)), message);
        for (char *p = line; *p; p++)
                if ((unsigned char) *p < 0x20)
                        *p = ' ';
        d->warnings->items[d->warnings->n] = spec_arena_strdup(d->arena, line);
        if (!d->warnings->items[d->warnings->n])
                return decoder_oom(d);
        d->warnings->n++;
        return 0;
}

static const SpecField *find_field(const SpecType *type, const char *name)
{
        for (size_t i = 0; i < type->n_fields; i++)
                if (type->fields[i].name[0] == name[0] && strcmp(type->fields[i].name, name) == 0)
                        return &type->fields[i];
        return NULL;
}

/* The specification wants unknown names ignored, which must not mean that a mistyped restriction
 * is. */
static int read_unknown(Decoder *d, const char *name, const SpecType *type)
{
        const char *security = spec_name_find_security(name, type), *nearest;

        if (security)
                return decoder_fail(d,
                        "unknown property looks like the security setting %s: correct its name or place",
                        security);
        if (d->warnings->n == WARNINGS_MAX && !d->refuses_unknown) {
                d->n_warnings_dropped++;
                return 0;
        }
        nearest = spec_name_find_nearest(name, type);
        if (d->refuses_unknown)
                return decoder_fail(d, "unknown property%s%s%s", nearest ? ", did you mean \"" : "",
                        nearest ? nearest : "", nearest ? "\"?" : "");
        return decoder_warn(d, "unknown property \"%.64s\" is ignored%s%s%s", name,
                nearest ? " (the nearest known name is \"" : "", nearest ? nearest : "",
                nearest ? "\")" : "");
}

int decoder_read_object(Decoder *d, const JsonValue *value, void *object, const SpecType *type)
{
        JsonIterator it = { .object = value };
        const JsonValue *member;
        const SpecField *field;
        const char *name;
        uint64_t seen = 0;
        int r;

        if (json_value_type(value) != JSON_TYPE_OBJECT)
                return decoder_fail_type(d, "an object", value);
        while (json_iterator_next(&it, &name, &member)) {
                field = find_field(type, name);
                decoder_enter(d, name);
                if (field) {
                        seen |= UINT64_C(1) << (field - type->fields);
                        r = field->decode(d, member, (char *) object + field->offset, field);
                } else
                        r = read_unknown(d, name, type);
                if (r < 0)
                        return r;
                decoder_leave(d);
        }
        for (size_t i = 0; i < type->n_fields; i++)
                if ((type->fields[i].flags & FIELD_REQUIRED) && !(seen & UINT64_C(1) << i))
                        return decoder_fail_at(
                                d, type->fields[i].name, "required property is missing");
        return type->check ? type->check(d, object) : 0;
}

int decoder_read_items(Decoder *d, const JsonValue *value, SpecDecode f, void *items,
        size_t item_size, const SpecField *field)
{
        size_t n = json_value_length(value);
        int r;

        for (size_t i = 0; i < n; i++) {
                decoder_enter_item(d, i);
                r = f(d, json_value_item(value, i), (char *) items + i * item_size, field);
                if (r < 0)
                        return r;
                decoder_leave(d);
        }
        return 0;
}

int decode_object(Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        return decoder_read_object(d, value, target, field->arg);
}

int decode_objects(Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        struct Array {
                void *items;
                size_t n;
        } *array = target;
        const SpecType *type = field->arg;

        if (json_value_type(value) != JSON_TYPE_ARRAY)
                return decoder_fail_type(d, "an array of objects", value);
        array->n = json_value_length(value);
        array->items = spec_arena_alloc(d->arena, array->n, type->size);
        if (!array->items)
                return decoder_oom(d);
        return decoder_read_items(d, value, decode_object, array->items, type->size, field);
}

int decode_ignored(Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        const SpecIgnored *ignored = field->arg;
        union {
                OptU64 number;
                char *text;
        } unused = { 0 };
        int r = 0;

        if (ignored->decode)
                r = ignored->decode(
                        d, value, &unused, &(const SpecField){ .arg = ignored->decode_arg });
        else if (json_value_type(value) != JSON_TYPE_OBJECT)
                r = decoder_fail_type(d, "an object", value);
        return r < 0 ? r : decoder_warn(d, "ignored: %s", ignored->why);
}

int decode_unsupported(Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        return decoder_unsupported(d, "not supported: %s", (const char *) field->arg);
}
