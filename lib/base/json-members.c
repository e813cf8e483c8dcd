/* Members by table: see json-members.h. */
#include "base/json-members.h"

#include <string.h>

static int unknown(const char *key, const JsonMember *members, size_t n, CtrError *err)
{
        char known[512] = "";
        size_t used = 0;

        for (size_t i = 0; i < n && used < sizeof(known); i++)
                used += (size_t) snprintf(known + used, sizeof(known) - used, "%s%s",
                        i > 0 ? ", " : "", members[i].key);
        return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                "unknown option \"%.64s\" (there are: %s)", key, n > 0 ? known : "none");
}

int json_members_read(const JsonValue *object, const JsonMember *members, size_t n, CtrError *err)
{
        JsonIterator it = { .object = object };
        const JsonValue *value;
        const char *key;
        size_t i;

        while (json_iterator_next(&it, &key, &value)) {
                for (i = 0; i < n && strcmp(members[i].key, key) != 0; i++)
                        ;
                if (i == n)
                        return unknown(key, members, n, err);
                if (json_value_type(value) != members[i].type)
                        return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                                "option \"%s\" is %s", key, json_value_type_name(value));
                *members[i].ret = value;
        }
        return 0;
}
