/* The members of an object by table: each of them known, and of the type that it must have. */
#pragma once

#include "base/json.h"

typedef struct JsonMember {
        const char *key;
        JsonType type;
        const JsonValue **ret; /* left as it is when there is no such member */
} JsonMember;

/* CTR_ERROR_CONFIG_INVALID for a key that is not in the table and for another type. */
int json_members_read(const JsonValue *object, const JsonMember *members, size_t n, CtrError *err);
