/* The strict reader of JSON: RFC 8259 grammar, limits and duplicate keys. */
#pragma once

#include "base/json-tree.h"

/* Accepts a document and builds its tree, or refuses it. -EINVAL with *err filled (line, column,
 * path), -ENOMEM. */
int json_scan(const char *text, size_t size, JsonTree *tree, CtrError *err);

/* Position of the value at a path in a document that json_scan() accepts; see
 * json_document_locate(). */
void json_scan_locate(const char *text, size_t size, const JsonStep *steps, size_t n,
        unsigned *ret_line, unsigned *ret_column);
