/* A JSON document and its values as callers see them: the nodes of json-tree.h, with null as NULL.
 */
#include "base/json.h"

#include "base/json-scan.h"

#include <inttypes.h>
#include <string.h>

struct JsonDocument {
        const char *text;
        size_t size;
        JsonTree tree; /* root: the only open value */
};

static const JsonNode *to_node(const JsonValue *value)
{
        return (const JsonNode *) value;
}

static const JsonValue *from_node(const JsonNode *node)
{
        return node->type == JSON_TYPE_NULL ? NULL : (const JsonValue *) node;
}

int json_document_parse(const char *text, size_t size, JsonDocument **ret, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *doc = calloc(1, sizeof(*doc));
        int r;

        if (!doc || json_tree_init(&doc->tree, MIN_OF(size, JSON_SIZE_MAX)) < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, ENOMEM, "cannot read the JSON document");
        doc->text = text;
        doc->size = size;
        r = json_scan(text, size, &doc->tree, err);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(doc);
        return 0;
}

JsonDocument *json_document_free(JsonDocument *doc)
{
        if (doc)
                json_tree_done(&doc->tree);
        free(doc);
        return NULL;
}

const JsonValue *json_document_root(const JsonDocument *doc)
{
        return from_node(&doc->tree.open[0]);
}

void json_document_locate(const JsonDocument *doc, const JsonStep *steps, size_t n,
        unsigned *ret_line, unsigned *ret_column)
{
        json_scan_locate(doc->text, doc->size, steps, n, ret_line, ret_column);
}

JsonType json_value_type(const JsonValue *value)
{
        return value ? (JsonType) to_node(value)->type : JSON_TYPE_NULL;
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
        JsonType type = json_value_type(value);

        return type == JSON_TYPE_ARRAY || type == JSON_TYPE_OBJECT ? to_node(value)->n : 0;
}

const JsonValue *json_value_item(const JsonValue *array, size_t index)
{
        if (json_value_type(array) != JSON_TYPE_ARRAY || index >= to_node(array)->n)
                return NULL;
        return from_node(&to_node(array)->items[index]);
}

bool json_value_member(const JsonValue *object, const char *key, const JsonValue **ret)
{
        const JsonNode *found = NULL;

        if (json_value_type(object) == JSON_TYPE_OBJECT)
                found = json_node_member(to_node(object), key);
        if (!found)
                return false;
        *ret = from_node(found);
        return true;
}

bool json_iterator_next(JsonIterator *it, const char **ret_key, const JsonValue **ret_value)
{
        const JsonNode *object = to_node(it->object), *here;

        if (json_value_type(it->object) != JSON_TYPE_OBJECT)
                return false;
        here = it->is_started ? it->position : object->items;
        if (here == object->items + object->n)
                return false;
        *ret_key = here->key;
        *ret_value = from_node(here);
        it->position = here + 1;
        it->is_started = true;
        return true;
}

const char *json_value_string(const JsonValue *value)
{
        return json_value_type(value) == JSON_TYPE_STRING ? to_node(value)->text : NULL;
}

int json_value_i64(const JsonValue *value, int64_t *ret)
{
        const JsonNode *node = to_node(value);

        if (json_value_type(value) != JSON_TYPE_INTEGER)
                return -EINVAL;
        if (!node->is_negative && node->number > INT64_MAX)
                return -ERANGE;
        *ret = (int64_t) (node->is_negative ? -node->number : node->number);
        return 0;
}

int json_value_u64(const JsonValue *value, uint64_t *ret)
{
        if (json_value_type(value) != JSON_TYPE_INTEGER)
                return -EINVAL;
        if (to_node(value)->is_negative)
                return -ERANGE;
        *ret = to_node(value)->number;
        return 0;
}

int json_value_bool(const JsonValue *value, bool *ret)
{
        if (json_value_type(value) != JSON_TYPE_BOOLEAN)
                return -EINVAL;
        *ret = to_node(value)->number != 0;
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

static void write_value(FILE *f, const JsonNode *node);

static void write_items(FILE *f, const JsonNode *node)
{
        for (size_t i = 0; i < node->n; i++) {
                if (i > 0)
                        (void) fputc(',', f);
                if (node->items[i].key) {
                        json_write_string(f, node->items[i].key);
                        (void) fputc(':', f);
                }
                write_value(f, &node->items[i]);
        }
}

static void write_value(FILE *f, const JsonNode *node)
{
        switch ((JsonType) node->type) {
        case JSON_TYPE_BOOLEAN:
                (void) fputs(node->number ? "true" : "false", f);
                break;
        case JSON_TYPE_INTEGER:
                (void) fprintf(f, "%s%" PRIu64, node->is_negative ? "-" : "", node->number);
                break;
        case JSON_TYPE_REAL:
                (void) fputs(node->text, f);
                break;
        case JSON_TYPE_STRING:
                json_write_string(f, node->text);
                break;
        case JSON_TYPE_ARRAY:
        case JSON_TYPE_OBJECT:
                (void) fputc(node->type == JSON_TYPE_ARRAY ? '[' : '{', f);
                write_items(f, node);
                (void) fputc(node->type == JSON_TYPE_ARRAY ? ']' : '}', f);
                break;
        default:
                (void) fputs("null", f);
        }
}

char *json_value_text(const JsonValue *value)
{
        static const JsonNode null = { .type = JSON_TYPE_NULL };
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        if (!f)
                return NULL;
        write_value(f, value ? to_node(value) : &null);
        if (fclose(f) == 0)
                return text;
        free(text);
        return NULL;
}
