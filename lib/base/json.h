/* Reading and writing JSON. Reading is strict RFC 8259 with limits: what json-c would let pass
 * (comments, NaN, duplicate keys, trailing bytes, lone surrogates, overlong UTF-8 ...) is refused
 * by our own scanner, with line and column, before json-c builds the tree. json-c itself is seen by
 * json.c only.
 *
 * Integers are exact over the ranges of int64_t and uint64_t; a number with a fraction or an
 * exponent is never an integer, not even 1.0. Strings never contain a NUL byte. */
#pragma once

#include "base/error.h"

#include <stdio.h>

#define JSON_SIZE_MAX  (16U * 1024 * 1024) /* bytes of a document */
#define JSON_DEPTH_MAX 64                  /* arrays and objects inside each other */
/* A tree needs far more memory than its text (an empty object some 700 bytes), so count too. */
#define JSON_VALUES_MAX     500000
#define JSON_CONTAINERS_MAX 100000 /* arrays and objects */

typedef struct JsonDocument JsonDocument;
typedef struct JsonValue JsonValue; /* belongs to its document; NULL is the value null */

typedef enum JsonType {
        JSON_TYPE_NULL,
        JSON_TYPE_BOOLEAN,
        JSON_TYPE_INTEGER,
        JSON_TYPE_REAL, /* any number that is not written as an integer */
        JSON_TYPE_STRING,
        JSON_TYPE_ARRAY,
        JSON_TYPE_OBJECT,
        _JSON_TYPE_MAX,
        _JSON_TYPE_INVALID = -EINVAL,
} JsonType;

/* One step of the way from the root to a value. */
typedef struct JsonStep {
        const char *key; /* member of an object; NULL = item of an array */
        size_t index;
} JsonStep;

/* Reads a whole document. `text` need not end in NUL and must live as long as the document.
 * -EINVAL with err->line, err->column and err->field (JSON path), or -ENOMEM. */
int json_document_parse(const char *text, size_t size, JsonDocument **ret, CtrError *err);
JsonDocument *json_document_free(JsonDocument *doc);
DEFINE_CLEANUP(JsonDocument *, json_document_free)

/* The outermost value; belongs to the document. */
const JsonValue *json_document_root(const JsonDocument *doc);

/* 1-based line and column (in characters) of the value at this path. Reads the text again, so it is
 * for error messages only. Where the path leads nowhere: the last value on the way that exists. */
void json_document_locate(const JsonDocument *doc, const JsonStep *steps, size_t n,
        unsigned *ret_line, unsigned *ret_column);

/* "process.args[2]", 'annotations["a b"]'; cut at size. Returns buf. */
const char *json_path_format(const JsonStep *steps, size_t n, char *buf, size_t size);

/* What a value is. NULL is null. */
JsonType json_value_type(const JsonValue *value);
const char *json_value_type_name(
        const JsonValue *value); /* with article: "a string", "an integer" */

/* Number of items of an array or members of an object, else 0. */
size_t json_value_length(const JsonValue *value);
const JsonValue *json_value_item(const JsonValue *array, size_t index);

/* False when value is no object or has no such member. A member that is null gives true and NULL.
 */
bool json_value_member(const JsonValue *object, const char *key, const JsonValue **ret);

/* The members of an object in document order: JsonIterator it = { .object = v };
 * while (json_iterator_next(&it, &key, &value)) ... */
typedef struct JsonIterator {
        const JsonValue *object;
        const void *position;
        bool is_started;
} JsonIterator;

/* Next member of it->object in document order; false after the last. */
bool json_iterator_next(JsonIterator *it, const char **ret_key, const JsonValue **ret_value);

/* Typed reads. -EINVAL: another type; -ERANGE: an integer that does not fit. */
const char *json_value_string(const JsonValue *value); /* NULL: not a string */
int json_value_i64(const JsonValue *value, int64_t *ret);
int json_value_u64(const JsonValue *value, uint64_t *ret);
int json_value_bool(const JsonValue *value, bool *ret);

/* Typed reads of a member: as above, and -ENOENT when it is missing. */
const char *json_member_string(const JsonValue *object, const char *key);
int json_member_i64(const JsonValue *object, const char *key, int64_t *ret);
int json_member_u64(const JsonValue *object, const char *key, uint64_t *ret);
int json_member_bool(const JsonValue *object, const char *key, bool *ret);

/* The value as compact JSON text, allocated; NULL = out of memory. */
char *json_value_text(const JsonValue *value);

/* Writes a string with its quotes. Bytes that are no UTF-8 become U+FFFD, so the output is always
 * valid JSON. Errors stay in the stream (ferror(3)). */
void json_write_string(FILE *f, const char *s);
