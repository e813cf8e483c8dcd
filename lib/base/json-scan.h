/* The strict reader in front of json-c: RFC 8259 grammar, limits and duplicate keys. Builds
 * nothing; only libc. */
#pragma once

#include "base/json.h"

/* What a document consists of; the same for the text and for a tree of it that is complete. */
typedef struct JsonTally {
        size_t n_values;
        size_t n_nulls;
        size_t n_bytes; /* of all strings and keys, decoded */
} JsonTally;

/* Accepts or refuses a document. -EINVAL with *err filled (line, column, path), -ENOMEM. */
int json_scan(const char *text, size_t size, JsonTally *ret, CtrError *err);

/* Position of the value at a path in a document that json_scan() accepts; see
 * json_document_locate(). */
void json_scan_locate(const char *text, size_t size, const JsonStep *steps, size_t n,
        unsigned *ret_line, unsigned *ret_column);
