/* Reading a small JSON text from its beginning to its end, without a tree and without allocation:
 * for the files that we write ourselves and read often. Only libc.
 *
 * JsonCursor c = json_cursor(text);
 * json_cursor_enter(&c);
 * while (json_cursor_next(&c, &key)) ... exactly one of string, u64, enter or skip ...
 *
 * Whatever is no JSON, or of another type than it is read as, makes the cursor damaged: nothing
 * more is read, and json_cursor_is_whole() says so in the end. Texts of others go through
 * base/json.h. */
#pragma once

#include "base/macro.h"

typedef struct JsonCursor {
        char *at;
        bool is_first; /* member of the object that was just entered */
        bool is_damaged;
} JsonCursor;

/* text ends in NUL. Strings are decoded where they stand, and live as long as it does. */
JsonCursor json_cursor(char *text);

/* The value is an object: what follows are its members. */
void json_cursor_enter(JsonCursor *c);

/* The next member; false after the last, with the cursor behind the object, and on damage. */
bool json_cursor_next(JsonCursor *c, char **ret_key);

/* The value of a member. NULL and 0 on damage. */
char *json_cursor_string(JsonCursor *c);
uint64_t json_cursor_u64(JsonCursor *c);

/* Any value, without looking what is in it. */
void json_cursor_skip(JsonCursor *c);

/* Everything was read, and nothing but white space is left. */
bool json_cursor_is_whole(JsonCursor *c);
