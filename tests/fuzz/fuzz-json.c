/* The strict JSON reader: any bytes. What is accepted can be written and read again, and says the
 * same. */
#include "base/json.h"
#include "fuzz/fuzz.h"

static void walk(const JsonDocument *doc, const JsonValue *value, unsigned depth)
{
        JsonIterator it = { .object = value };
        const JsonValue *member;
        const char *key;
        int64_t i;
        uint64_t u;

        FUZZ_CHECK(depth <= JSON_DEPTH_MAX + 1);
        (void) json_value_i64(value, &i);
        (void) json_value_u64(value, &u);
        FUZZ_CHECK(
                (json_value_type(value) == JSON_TYPE_STRING) == (json_value_string(value) != NULL));
        if (json_value_type(value) == JSON_TYPE_OBJECT)
                while (json_iterator_next(&it, &key, &member)) {
                        const JsonValue *same;
                        JsonStep step = { .key = key };
                        unsigned line, column;
                        char path[64];

                        FUZZ_CHECK(json_value_member(value, key, &same) && same == member);
                        if (depth == 0) {
                                json_document_locate(doc, &step, 1, &line, &column);
                                FUZZ_CHECK(line > 0 && column > 0);
                                (void) json_path_format(&step, 1, path, sizeof(path));
                        }
                        walk(doc, member, depth + 1);
                }
        for (size_t k = 0;
                json_value_type(value) == JSON_TYPE_ARRAY && k < json_value_length(value); k++)
                walk(doc, json_value_item(value, k), depth + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL, *again = NULL;
        _cleanup_free_ char *text = NULL, *second = NULL;
        CtrError err = { 0 };
        int r = json_document_parse((const char *) data, size, &doc, &err);

        fuzz_check_error(r, &err);
        if (r < 0) {
                FUZZ_CHECK(err.line > 0 || r != -EINVAL);
                return 0;
        }
        walk(doc, json_document_root(doc), 0);
        text = json_value_text(json_document_root(doc));
        FUZZ_CHECK(text && json_document_parse(text, strlen(text), &again, NULL) >= 0);
        second = json_value_text(json_document_root(again));
        FUZZ_CHECK(second && strcmp(text, second) == 0);
        return 0;
}
