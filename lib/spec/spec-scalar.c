/* Strings, numbers, booleans, words of a table, and arrays and maps of strings. */
#include "spec/spec-decode.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

const SpecNumber spec_number_id = { NUMBER_U32, 0, UINT32_MAX - 1, false };
const SpecNumber spec_number_opt_id = { NUMBER_OPT_U32, 0, UINT32_MAX - 1, false };
const SpecNumber spec_number_u32 = { NUMBER_U32, 0, UINT32_MAX, false };
const SpecNumber spec_number_u64 = { NUMBER_U64, 0, UINT64_MAX, false };
const SpecNumber spec_number_opt_u32 = { NUMBER_OPT_U32, 0, UINT32_MAX, false };
const SpecNumber spec_number_opt_u64 = { NUMBER_OPT_U64, 0, UINT64_MAX, false };
const SpecText spec_text_nonempty = { .is_nonempty = true };
const SpecText spec_text_path = { .is_nonempty = true, .is_absolute_path = true };

static int check_text(Decoder *d, const char *s, const SpecText *text)
{
        size_t size = strlen(s);

        if (size == 0)
                return text->is_nonempty ? decoder_fail(d, "must not be empty") : 0;
        if (text->is_absolute_path && s[0] != '/')
                return decoder_fail(
                        d, "\"%.64s\" is not an absolute path: it must start with /", s);
        if (text->is_absolute_path && size >= PATH_MAX)
                return decoder_fail(
                        d, "path of %zu bytes, longer than the limit of %d", size, PATH_MAX - 1);
        if (text->size_max > 0 && size > text->size_max)
                return decoder_fail(d, "\"%.64s\" has %zu bytes, more than the limit of %zu", s,
                        size, text->size_max);
        return text->check ? text->check(d, s) : 0;
}

static int read_string(Decoder *d, const JsonValue *value, char **ret, const SpecText *text)
{
        const char *s = json_value_string(value);
        int r;

        if (!s)
                return decoder_fail_type(d, "a string", value);
        r = text ? check_text(d, s, text) : 0;
        if (r < 0)
                return r;
        *ret = spec_arena_strdup(d->arena, s);
        return *ret ? 0 : decoder_oom(d);
}

int decode_string(Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        char *s = NULL;
        int r;

        r = read_string(d, value, &s, field->arg);
        if (r < 0)
                return r;
        *(char **) target = *s ? s : NULL;
        return 0;
}

static int decode_kept_string(
        Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        return read_string(d, value, target, field->arg);
}

int decode_strings(Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        SpecStrv *strv = target;

        if (json_value_type(value) != JSON_TYPE_ARRAY)
                return decoder_fail_type(d, "an array of strings", value);
        strv->n = json_value_length(value);
        strv->items = spec_arena_alloc(d->arena, strv->n, sizeof(char *));
        if (!strv->items)
                return decoder_oom(d);
        return decoder_read_items(d, value, decode_kept_string, strv->items, sizeof(char *), field);
}

static int read_map_member(
        Decoder *d, const char *key, const JsonValue *value, SpecKeyValue *item, const SpecMap *map)
{
        int r;

        r = map && map->check_key ? map->check_key(d, key) : 0;
        if (r < 0)
                return r;
        r = read_string(d, value, &item->value, NULL);
        if (r < 0)
                return r;
        item->key = spec_arena_strdup(d->arena, key);
        if (!item->key)
                return decoder_oom(d);
        return map && map->check_value ? map->check_value(d, item->value) : 0;
}

int decode_map(Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        JsonIterator it = { .object = value };
        SpecKeyValues *map = target;
        const JsonValue *member;
        const char *key;
        int r;

        if (json_value_type(value) != JSON_TYPE_OBJECT)
                return decoder_fail_type(d, "an object of strings", value);
        map->items = spec_arena_alloc(d->arena, json_value_length(value), sizeof(SpecKeyValue));
        if (!map->items)
                return decoder_oom(d);
        while (json_iterator_next(&it, &key, &member)) {
                decoder_enter(d, key);
                r = read_map_member(d, key, member, &map->items[map->n++], field->arg);
                if (r < 0)
                        return r;
                decoder_leave(d);
        }
        return 0;
}

int decode_bool(Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        return json_value_bool(value, target) < 0 ? decoder_fail_type(d, "true or false", value)
                                                  : 0;
}

int decode_opt_bool(Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        OptBool *opt = target;

        opt->is_set = true;
        return decode_bool(d, value, &opt->value, field);
}

/* Writes a value that is known to be in range; a negative one as its two's complement. */
static void store_number(void *target, SpecNumberKind kind, uint64_t value)
{
        typedef struct OptI32 {
                bool is_set;
                int32_t value;
        } OptI32;

        switch (kind) {
        case NUMBER_I32:
        case NUMBER_U32:
                *(uint32_t *) target = (uint32_t) value;
                break;
        case NUMBER_I64:
        case NUMBER_U64:
                *(uint64_t *) target = value;
                break;
        case NUMBER_OPT_I32:
                *(OptI32 *) target = (OptI32){ true, (int32_t) value };
                break;
        case NUMBER_OPT_U32:
                *(OptU32 *) target = (OptU32){ true, (uint32_t) value };
                break;
        case NUMBER_OPT_I64:
                *(OptI64 *) target = (OptI64){ true, (int64_t) value };
                break;
        case NUMBER_OPT_U64:
                *(OptU64 *) target = (OptU64){ true, value };
                break;
        }
}

int decode_number(Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        const SpecNumber *number = field->arg;
        uint64_t positive = 0;
        int64_t negative = 0;
        bool is_in_range;

        if (json_value_type(value) != JSON_TYPE_INTEGER)
                return decoder_fail_type(d, "an integer", value);
        if (json_value_u64(value, &positive) >= 0) {
                if (positive == 0 && number->is_zero_unset)
                        return 0;
                is_in_range = positive <= number->max &&
                              (number->min <= 0 || positive >= (uint64_t) number->min);
        } else {
                (void) json_value_i64(value, &negative); /* an integer fits one of the two */
                is_in_range = negative >= number->min;
                positive = (uint64_t) negative;
        }
        if (!is_in_range)
                return decoder_fail(d, "integer out of range: must be from %lld to %llu",
                        (long long) number->min, (unsigned long long) number->max);
        store_number(target, number->kind, positive);
        return 0;
}

/* Short tables are told in full, long ones by the nearest word. */
static int fail_word(Decoder *d, const char *text, const SpecWords *words)
{
        unsigned best = UINT_MAX, distance;
        const char *nearest = "";
        char list[256] = "";
        size_t used = 0;

        for (size_t i = 0; i < words->n; i++) {
                if (words->n <= 10)
                        used += (size_t) snprintf(list + used, sizeof(list) - used, "%s%s",
                                i > 0 ? ", " : "", words->words[i].name);
                distance = spec_name_distance(text, words->words[i].name, UINT_MAX);
                if (distance < best) {
                        best = distance;
                        nearest = words->words[i].name;
                }
        }
        if (words->n <= 10)
                return decoder_fail(
                        d, "unknown %s \"%.64s\": must be one of %s", words->what, text, list);
        return decoder_fail(d, "unknown %s \"%.64s\": the nearest known one is \"%s\"", words->what,
                text, nearest);
}

int decoder_read_word(Decoder *d, const char *text, const SpecWords *words, int *ret)
{
        for (size_t i = 0; i < words->n; i++)
                if (strcmp(words->words[i].name, text) == 0) {
                        *ret = words->words[i].value;
                        return 0;
                }
        return fail_word(d, text, words);
}

int decode_word(Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        const char *text = json_value_string(value);

        if (!text)
                return decoder_fail_type(d, "a string", value);
        return decoder_read_word(d, text, field->arg, target);
}

static int add_flag(Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        int flag = 0, r;

        r = decode_word(d, value, &flag, field);
        *(uint64_t *) target |= (unsigned) flag;
        return r;
}

int decode_flags64(Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        if (json_value_type(value) != JSON_TYPE_ARRAY)
                return decoder_fail_type(d, "an array of strings", value);
        return decoder_read_items(d, value, add_flag, target, 0, field);
}

int decode_flags32(Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        uint64_t flags = 0;
        int r;

        r = decode_flags64(d, value, &flags, field);
        *(uint32_t *) target = (uint32_t) flags;
        return r;
}

int decode_letter(Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        const char *text = json_value_string(value), *letters = field->arg;

        if (!text)
                return decoder_fail_type(d, "a string", value);
        if (strlen(text) != 1 || !strchr(letters, text[0]))
                return decoder_fail(
                        d, "unknown type \"%.64s\": must be one letter of \"%s\"", text, letters);
        *(char *) target = text[0];
        return 0;
}

/* Reads up to five digits: no machine has more cpus or memory nodes. */
static bool read_cpu(const char **p, unsigned *ret)
{
        const char *start = *p;

        for (*ret = 0; isdigit((unsigned char) **p) && *p - start < 5; (*p)++)
                *ret = *ret * 10 + (unsigned) (**p - '0');
        return *p > start;
}

int spec_check_cpu_list(Decoder *d, const char *text)
{
        const char *p = text;
        unsigned first, last;

        for (;; p++) {
                bool is_good = read_cpu(&p, &first);

                last = first;
                if (is_good && *p == '-') {
                        p++;
                        is_good = read_cpu(&p, &last);
                }
                if (!is_good || last < first || (*p != ',' && *p != '\0'))
                        return decoder_fail(
                                d, "\"%.64s\" is not a list of numbers like \"0-3,7\"", text);
                if (*p == '\0')
                        return 0;
        }
}

int spec_check_env(Decoder *d, const char *text)
{
        if (text[0] == '=')
                return decoder_fail(d, "\"%.64s\" has no name before the '='", text);
        if (!strchr(text, '='))
                return decoder_fail(d, "\"%.64s\" is not of the form NAME=VALUE", text);
        return 0;
}
