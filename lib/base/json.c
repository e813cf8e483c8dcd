/* The JSON tree: json-c behind our own names. Nothing else includes json-c. The text has passed
 * json_scan(), so json-c gets to see valid documents within the limits only. */
#include "base/json.h"

#include "base/json-scan.h"

#include <json-c/json.h>
#include <string.h>

struct JsonDocument {
        const char *text;
        size_t size;
        struct json_object *root;
};

static struct json_object *to_object(const JsonValue *value)
{
        return (struct json_object *) value;
}

static const JsonValue *from_object(const struct json_object *object)
{
        return (const JsonValue *) object;
}

static void tally_tree(struct json_object *value, JsonTally *tally)
{
        tally->n_values++;
        switch (json_object_get_type(value)) {
        case json_type_null:
                tally->n_nulls++;
                break;
        case json_type_string:
                tally->n_bytes += (size_t) json_object_get_string_len(value);
                break;
        case json_type_array:
                for (size_t i = 0; i < json_object_array_length(value); i++)
                        tally_tree(json_object_array_get_idx(value, i), tally);
                break;
        case json_type_object: {
                json_object_object_foreach(value, key, member)
                {
                        tally->n_bytes += strlen(key);
                        tally_tree(member, tally);
                }
                break;
        }
        default:
                break;
        }
}

/* When memory runs out json-c 0.16 may report success and leave a property out, and the property
 * may be the seccomp filter. So the tree is compared with what the scanner saw. */
static bool is_complete(struct json_object *root, const JsonTally *expected)
{
        JsonTally tally = { 0 };

        tally_tree(root, &tally);
        return tally.n_values == expected->n_values && tally.n_nulls == expected->n_nulls &&
               tally.n_bytes == expected->n_bytes;
}

/* json-c's reader; root may rightly become NULL (null), so the error code decides. */
static int parse_tree(JsonDocument *doc, const JsonTally *tally, CtrError *err)
{
        struct json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH_MAX + 2);
        enum json_tokener_error e;

        if (!tokener)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, ENOMEM, "cannot read the JSON document");
        doc->root = json_tokener_parse_ex(tokener, doc->text, (int) doc->size);
        e = json_tokener_get_error(tokener);
        if (e == json_tokener_continue) { /* a bare number ends only where something else begins */
                doc->root = json_tokener_parse_ex(tokener, "\n", 1);
                e = json_tokener_get_error(tokener);
        }
        json_tokener_free(tokener);
        if (e != json_tokener_success)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM,
                        "cannot read the JSON document (%s)", json_tokener_error_desc(e));
        if (!is_complete(doc->root, tally))
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, ENOMEM, "cannot read the JSON document");
        return 0;
}

int json_document_parse(const char *text, size_t size, JsonDocument **ret, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        JsonTally tally;
        int r;

        r = json_scan(text, size, &tally, err);
        if (r < 0)
                return r;
        doc = calloc(1, sizeof(*doc));
        if (!doc)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, ENOMEM, "cannot read the JSON document");
        doc->text = text;
        doc->size = size;
        r = parse_tree(doc, &tally, err);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(doc);
        return 0;
}

JsonDocument *json_document_free(JsonDocument *doc)
{
        if (doc) {
                (void) json_object_put(doc->root);
                free(doc);
        }
        return NULL;
}

const JsonValue *json_document_root(const JsonDocument *doc)
{
        return from_object(doc->root);
}

void json_document_locate(const JsonDocument *doc, const JsonStep *steps, size_t n,
        unsigned *ret_line, unsigned *ret_column)
{
        json_scan_locate(doc->text, doc->size, steps, n, ret_line, ret_column);
}

JsonType json_value_type(const JsonValue *value)
{
        static const JsonType types[] = {
                [json_type_null] = JSON_TYPE_NULL,
                [json_type_boolean] = JSON_TYPE_BOOLEAN,
                [json_type_double] = JSON_TYPE_REAL,
                [json_type_int] = JSON_TYPE_INTEGER,
                [json_type_object] = JSON_TYPE_OBJECT,
                [json_type_array] = JSON_TYPE_ARRAY,
                [json_type_string] = JSON_TYPE_STRING,
        };

        return types[json_object_get_type(to_object(value))];
}

const char *json_value_type_name(const JsonValue *value)
{
        static const char *const names[_JSON_TYPE_MAX] = {
                [JSON_TYPE_NULL] = "null",
                [JSON_TYPE_BOOLEAN] = "a boolean",
                [JSON_TYPE_INTEGER] = "an integer",
                [JSON_TYPE_REAL] = "a number with a fraction or exponent",
                [JSON_TYPE_STRING] = "a string",
                [JSON_TYPE_ARRAY] = "an array",
                [JSON_TYPE_OBJECT] = "an object",
        };

        return names[json_value_type(value)];
}

size_t json_value_length(const JsonValue *value)
{
        switch (json_value_type(value)) {
        case JSON_TYPE_ARRAY:
                return json_object_array_length(to_object(value));
        case JSON_TYPE_OBJECT:
                return (size_t) json_object_object_length(to_object(value));
        default:
                return 0;
        }
}

const JsonValue *json_value_item(const JsonValue *array, size_t index)
{
        if (json_value_type(array) != JSON_TYPE_ARRAY)
                return NULL;
        return from_object(json_object_array_get_idx(to_object(array), index));
}

bool json_value_member(const JsonValue *object, const char *key, const JsonValue **ret)
{
        struct json_object *found = NULL;

        if (json_value_type(object) != JSON_TYPE_OBJECT ||
                !json_object_object_get_ex(to_object(object), key, &found))
                return false;
        *ret = from_object(found);
        return true;
}

bool json_iterator_next(JsonIterator *it, const char **ret_key, const JsonValue **ret_value)
{
        struct json_object_iterator here, end;

        if (json_value_type(it->object) != JSON_TYPE_OBJECT)
                return false;
        end = json_object_iter_end(to_object(it->object));
        here = it->is_started ? (struct json_object_iterator){ .opaque_ = it->position }
                              : json_object_iter_begin(to_object(it->object));
        if (json_object_iter_equal(&here, &end))
                return false;
        *ret_key = json_object_iter_peek_name(&here);
        *ret_value = from_object(json_object_iter_peek_value(&here));
        json_object_iter_next(&here);
        it->position = here.opaque_;
        it->is_started = true;
        return true;
}

const char *json_value_string(const JsonValue *value)
{
        if (json_value_type(value) != JSON_TYPE_STRING)
                return NULL;
        return json_object_get_string(to_object(value));
}

int json_value_i64(const JsonValue *value, int64_t *ret)
{
        if (json_value_type(value) != JSON_TYPE_INTEGER)
                return -EINVAL;
        if (json_object_get_uint64(to_object(value)) > INT64_MAX)
                return -ERANGE;
        *ret = json_object_get_int64(to_object(value));
        return 0;
}

int json_value_u64(const JsonValue *value, uint64_t *ret)
{
        if (json_value_type(value) != JSON_TYPE_INTEGER)
                return -EINVAL;
        if (json_object_get_int64(to_object(value)) < 0)
                return -ERANGE;
        *ret = json_object_get_uint64(to_object(value));
        return 0;
}

int json_value_bool(const JsonValue *value, bool *ret)
{
        if (json_value_type(value) != JSON_TYPE_BOOLEAN)
                return -EINVAL;
        *ret = json_object_get_boolean(to_object(value));
        return 0;
}

const char *json_member_string(const JsonValue *object, const char *key)
{
        const JsonValue *value;

        return json_value_member(object, key, &value) ? json_value_string(value) : NULL;
}

int json_member_i64(const JsonValue *object, const char *key, int64_t *ret)
{
        const JsonValue *value;

        return json_value_member(object, key, &value) ? json_value_i64(value, ret) : -ENOENT;
}

int json_member_u64(const JsonValue *object, const char *key, uint64_t *ret)
{
        const JsonValue *value;

        return json_value_member(object, key, &value) ? json_value_u64(value, ret) : -ENOENT;
}

int json_member_bool(const JsonValue *object, const char *key, bool *ret)
{
        const JsonValue *value;

        return json_value_member(object, key, &value) ? json_value_bool(value, ret) : -ENOENT;
}

char *json_value_text(const JsonValue *value)
{
        const char *text = json_object_to_json_string_ext(
                to_object(value), JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);

        return text ? strdup(text) : NULL;
}
