/* Lists of strings: see strv.h. */
#include "runtime/strv.h"

#include <string.h>

int strv_add(SpecStrv *v, const char *text)
{
        char **items = reallocarray(v->items, v->n + 2, sizeof(*items));

        if (!items)
                return -ENOMEM;
        v->items = items;
        items[v->n] = strdup(text);
        if (!items[v->n])
                return -ENOMEM;
        items[++v->n] = NULL;
        return 0;
}

int strv_copy(const SpecStrv *from, SpecStrv *ret)
{
        *ret = (SpecStrv){ 0 };
        for (size_t i = 0; i < from->n; i++)
                if (strv_add(ret, from->items[i]) < 0) {
                        strv_done(ret);
                        return -ENOMEM;
                }
        return 0;
}

void strv_done(SpecStrv *v)
{
        for (size_t i = 0; i < v->n; i++)
                free(v->items[i]);
        free(v->items);
        *v = (SpecStrv){ 0 };
}
