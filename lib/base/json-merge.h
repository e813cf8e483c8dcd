/* Putting one JSON document over another, as in RFC 7396: members of objects are merged, everything
 * else is replaced, null removes. */
#pragma once

#include "base/json.h"

/* Writes `base` changed by `patch`. */
void json_write_merged(FILE *f, const JsonValue *base, const JsonValue *patch);

/* Writes a value as compact text. False when out of memory. */
bool json_write_value(FILE *f, const JsonValue *value);
