/* Merging JSON documents: see json-merge.h. */
#include "base/json-merge.h"

bool json_write_value(FILE *f, const JsonValue *value)
{
        _cleanup_free_ char *text = json_value_text(value);

        if (!text)
                return false;
        return fputs(text, f) >= 0;
}

static bool is_object(const JsonValue *value)
{
        return json_value_type(value) == JSON_TYPE_OBJECT;
}

static void write_key(FILE *f, const char *key, bool *is_first)
{
        (void) fputs(*is_first ? "" : ",", f);
        *is_first = false;
        json_write_string(f, key);
        (void) fputc(':', f);
}

/* What the patch adds to an object; null adds nothing. */
static void write_added(FILE *f, const JsonValue *base, const JsonValue *patch, bool *is_first)
{
        JsonIterator it = { .object = patch };
        const JsonValue *value, *old;
        const char *key;

        while (json_iterator_next(&it, &key, &value)) {
                if (json_value_type(value) == JSON_TYPE_NULL ||
                        (is_object(base) && json_value_member(base, key, &old)))
                        continue;
                write_key(f, key, is_first);
                json_write_merged(f, NULL, value);
        }
}

void json_write_merged(FILE *f, const JsonValue *base, const JsonValue *patch)
{
        JsonIterator it = { .object = base };
        const JsonValue *value, *change;
        bool is_first = true;
        const char *key;

        if (!is_object(patch)) {
                (void) json_write_value(f, patch);
                return;
        }
        (void) fputc('{', f);
        while (is_object(base) && json_iterator_next(&it, &key, &value)) {
                if (!json_value_member(patch, key, &change)) {
                        write_key(f, key, &is_first);
                        (void) json_write_value(f, value);
                } else if (json_value_type(change) != JSON_TYPE_NULL) {
                        write_key(f, key, &is_first);
                        json_write_merged(f, value, change);
                }
        }
        write_added(f, base, patch, &is_first);
        (void) fputc('}', f);
}
