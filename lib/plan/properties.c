/* The property table and the list of typed values: see properties.h. The list is sorted by id and
 * holds each id at most once, so that the same plan is the same text and the same message. */
#include "plan/properties.h"

#include <string.h>

static const PropertyInfo property_table[_PROPERTY_MAX] = {
#define X(id, bus, sig, sec, k, service, scope, slice)                                             \
        [PROPERTY_##id] = {                                                                        \
                .bus_name = bus,                                                                   \
                .signature = sig,                                                                  \
                .section = sec,                                                                    \
                .key = k,                                                                          \
                .takes = { [UNIT_SERVICE] = service, [UNIT_SCOPE] = scope, [UNIT_SLICE] = slice }, \
        },
        PROPERTY_TABLE(X)
#undef X
};

const PropertyInfo *property_info(PropertyId id)
{
        return id >= 0 && id < _PROPERTY_MAX ? &property_table[id] : NULL;
}

PropertyId property_from_bus_name(const char *name)
{
        for (int i = 0; i < _PROPERTY_MAX; i++)
                if (strcmp(property_table[i].bus_name, name) == 0)
                        return (PropertyId) i;
        return _PROPERTY_INVALID;
}

static void property_clear(Property *p)
{
        for (size_t i = 0; i < p->n_strings; i++)
                free(p->strings[i]);
        free(p->strings);
        free(p->numbers);
        free(p->bytes);
        *p = (Property){ .id = p->id };
}

void property_list_done(PropertyList *list)
{
        for (size_t i = 0; i < list->n; i++)
                property_clear(&list->items[i]);
        free(list->items);
        *list = (PropertyList){ 0 };
}

/* Index of the first item whose id is not below `id`. */
static size_t find_position(const PropertyList *list, PropertyId id)
{
        size_t i = 0;

        while (i < list->n && list->items[i].id < id)
                i++;
        return i;
}

const Property *property_find(const PropertyList *list, PropertyId id)
{
        size_t i = find_position(list, id);

        return i < list->n && list->items[i].id == id ? &list->items[i] : NULL;
}

/* The item of this id, made when it is missing; NULL when out of memory. */
static Property *property_obtain(PropertyList *list, PropertyId id)
{
        size_t i = find_position(list, id);
        Property *items;

        if (i < list->n && list->items[i].id == id)
                return &list->items[i];

        items = reallocarray(list->items, list->n + 1, sizeof(*items));
        if (!items)
                return NULL;
        list->items = items;
        memmove(&items[i + 1], &items[i], (list->n - i) * sizeof(*items));
        items[i] = (Property){ .id = id };
        list->n++;
        return &items[i];
}

static int append_string(Property *p, const char *value)
{
        char **strings;
        char *copy;

        strings = reallocarray(p->strings, p->n_strings + 2, sizeof(*strings));
        if (!strings)
                return -ENOMEM;
        p->strings = strings;
        strings[p->n_strings] = NULL;
        copy = strdup(value);
        if (!copy)
                return -ENOMEM;
        strings[p->n_strings++] = copy;
        strings[p->n_strings] = NULL;
        return 0;
}

static int append_number(Property *p, uint64_t value)
{
        uint64_t *numbers;

        numbers = reallocarray(p->numbers, p->n_numbers + 1, sizeof(*numbers));
        if (!numbers)
                return -ENOMEM;
        p->numbers = numbers;
        numbers[p->n_numbers++] = value;
        return 0;
}

int property_set_number(PropertyList *list, PropertyId id, uint64_t value)
{
        Property *p = property_obtain(list, id);

        if (!p)
                return -ENOMEM;
        property_clear(p);
        p->number = value;
        return 0;
}

int property_set_string(PropertyList *list, PropertyId id, const char *value)
{
        return property_set_strv(list, id, (const char *[]){ value, NULL });
}

int property_set_strv(PropertyList *list, PropertyId id, const char *const *strv)
{
        Property *p = property_obtain(list, id);
        int r;

        if (!p)
                return -ENOMEM;
        property_clear(p);
        for (; *strv; strv++) {
                r = append_string(p, *strv);
                if (r < 0)
                        return r;
        }
        return 0;
}

int property_set_bytes(PropertyList *list, PropertyId id, const uint8_t *bytes, size_t n)
{
        Property *p = property_obtain(list, id);

        if (!p)
                return -ENOMEM;
        property_clear(p);
        p->bytes = malloc(n ? n : 1);
        if (!p->bytes)
                return -ENOMEM;
        if (n > 0)
                memcpy(p->bytes, bytes, n);
        p->n_bytes = n;
        return 0;
}

int property_add_string(PropertyList *list, PropertyId id, const char *value)
{
        Property *p = property_obtain(list, id);

        return p ? append_string(p, value) : -ENOMEM;
}

int property_add_pair(PropertyList *list, PropertyId id, const char *first, const char *second)
{
        Property *p = property_obtain(list, id);
        int r;

        if (!p)
                return -ENOMEM;
        r = append_string(p, first);
        return r < 0 ? r : append_string(p, second);
}

int property_add_device_number(PropertyList *list, PropertyId id, const char *path, uint64_t value)
{
        Property *p = property_obtain(list, id);
        int r;

        if (!p)
                return -ENOMEM;
        r = append_string(p, path);
        return r < 0 ? r : append_number(p, value);
}

int property_add_number(PropertyList *list, PropertyId id, uint64_t value)
{
        Property *p = property_obtain(list, id);

        return p ? append_number(p, value) : -ENOMEM;
}
