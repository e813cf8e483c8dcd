/* Results of a method from JSON: see message.h. */
#include "manager/message.h"

#include "base/macro.h"

#include <string.h>

typedef struct Appender {
        sd_bus_message *m;
        const int *fds;
        size_t n_fds;
} Appender;

static int append_value(Appender *a, const char *signature, size_t size, const JsonValue *value);

/* Length of the first complete type of a signature that is one of ours. */
static size_t type_length(const char *signature)
{
        size_t depth = 0, n = 0;

        while (signature[n] == 'a')
                n++;
        do {
                if (signature[n] == '(' || signature[n] == '{')
                        depth++;
                else if (signature[n] == ')' || signature[n] == '}')
                        depth--;
                n++;
        } while (depth > 0 && signature[n]);
        return n;
}

static int append_number(Appender *a, char type, const JsonValue *value)
{
        int64_t x;
        uint64_t t;
        uint32_t u;
        int32_t i;

        switch (type) {
        case SD_BUS_TYPE_UINT64:
                return json_value_u64(value, &t) < 0 ? -EBADMSG
                                                     : sd_bus_message_append_basic(a->m, type, &t);
        case SD_BUS_TYPE_INT64:
                return json_value_i64(value, &x) < 0 ? -EBADMSG
                                                     : sd_bus_message_append_basic(a->m, type, &x);
        case SD_BUS_TYPE_UINT32:
                if (json_value_u64(value, &t) < 0 || t > UINT32_MAX)
                        return -EBADMSG;
                u = (uint32_t) t;
                return sd_bus_message_append_basic(a->m, type, &u);
        case SD_BUS_TYPE_INT32:
                if (json_value_i64(value, &x) < 0 || x < INT32_MIN || x > INT32_MAX)
                        return -EBADMSG;
                i = (int32_t) x;
                return sd_bus_message_append_basic(a->m, type, &i);
        default:
                return -EBADMSG;
        }
}

static int append_basic(Appender *a, char type, const JsonValue *value)
{
        const char *text;
        uint64_t index;
        bool flag;
        int number;

        switch (type) {
        case SD_BUS_TYPE_STRING:
        case SD_BUS_TYPE_OBJECT_PATH:
                text = json_value_string(value);
                return text ? sd_bus_message_append_basic(a->m, type, text) : -EBADMSG;
        case SD_BUS_TYPE_BOOLEAN:
                if (json_value_bool(value, &flag) < 0)
                        return -EBADMSG;
                number = flag;
                return sd_bus_message_append_basic(a->m, type, &number);
        case SD_BUS_TYPE_UNIX_FD:
                if (json_value_u64(value, &index) < 0 || index >= a->n_fds)
                        return -EBADMSG;
                return sd_bus_message_append_basic(a->m, type, &a->fds[index]);
        default:
                return append_number(a, type, value);
        }
}

/* a{sX} from an object; contents is "{sX}". */
static int append_dictionary(Appender *a, const char *contents, const JsonValue *value)
{
        JsonIterator it = { .object = value };
        const JsonValue *item;
        char entry[64];
        const char *key;
        int k = 0;

        (void) snprintf(entry, sizeof(entry), "%.*s", (int) strlen(contents) - 2, contents + 1);
        while (k >= 0 && json_iterator_next(&it, &key, &item)) {
                k = sd_bus_message_open_container(a->m, SD_BUS_TYPE_DICT_ENTRY, entry);
                if (k >= 0)
                        k = sd_bus_message_append_basic(a->m, SD_BUS_TYPE_STRING, key);
                if (k >= 0)
                        k = append_value(a, entry + 1, strlen(entry) - 1, item);
                if (k >= 0)
                        k = sd_bus_message_close_container(a->m);
        }
        return k;
}

static int append_array(Appender *a, const char *contents, const JsonValue *value)
{
        bool is_dictionary = contents[0] == '{';
        int k;

        if (json_value_type(value) != (is_dictionary ? JSON_TYPE_OBJECT : JSON_TYPE_ARRAY))
                return -EBADMSG;
        k = sd_bus_message_open_container(a->m, SD_BUS_TYPE_ARRAY, contents);
        if (k >= 0 && is_dictionary)
                k = append_dictionary(a, contents, value);
        for (size_t i = 0; k >= 0 && !is_dictionary && i < json_value_length(value); i++)
                k = append_value(a, contents, strlen(contents), json_value_item(value, i));
        return k < 0 ? k : sd_bus_message_close_container(a->m);
}

static int append_struct(Appender *a, const char *contents, const JsonValue *value)
{
        const char *p = contents;
        int k;

        k = sd_bus_message_open_container(a->m, SD_BUS_TYPE_STRUCT, contents);
        for (size_t i = 0; k >= 0 && *p; i++) {
                size_t n = type_length(p);

                k = append_value(a, p, n, json_value_item(value, i));
                p += n;
        }
        return k < 0 ? k : sd_bus_message_close_container(a->m);
}

/* size: of the one complete type at signature. */
static int append_value(Appender *a, const char *signature, size_t size, const JsonValue *value)
{
        char contents[64];

        if (size >= sizeof(contents) || size == 0)
                return -EBADMSG;
        if (size == 1)
                return append_basic(a, signature[0], value);
        if (signature[0] == 'a') {
                (void) snprintf(contents, sizeof(contents), "%.*s", (int) size - 1, signature + 1);
                return append_array(a, contents, value);
        }
        (void) snprintf(contents, sizeof(contents), "%.*s", (int) size - 2, signature + 1);
        return append_struct(a, contents, value);
}

int message_append(sd_bus_message *m, const char *signature, const char *names,
        const JsonValue *object, const int *fds, size_t n_fds)
{
        Appender a = { .m = m, .fds = fds, .n_fds = n_fds };

        for (const char *name = names; *name; name += strlen(name) + 1) {
                size_t n = type_length(signature);
                const JsonValue *value;
                int k;

                if (!json_value_member(object, name, &value))
                        return -EBADMSG;
                k = append_value(&a, signature, n, value);
                if (k < 0)
                        return k;
                signature += n;
        }
        return 0;
}
