/* Names of containers' files: see stem.h. */
#include "unitfile/stem.h"

#include <stdio.h>
#include <string.h>

bool stem_is_template(const char *stem)
{
        size_t n = strlen(stem);

        return n > 0 && stem[n - 1] == '@';
}

const char *stem_instance(const char *stem)
{
        const char *at = strchr(stem, '@');

        return at && at[1] ? at + 1 : NULL;
}

void stem_to_id(const char *stem, char ret[static CTR_ID_MAX + 1])
{
        char *at;

        (void) snprintf(ret, CTR_ID_MAX + 1, "%s", stem);
        at = strchr(ret, '@');
        if (at)
                *at = '-';
}

void stem_to_template(const char *stem, char ret[static CTR_ID_MAX + 1])
{
        (void) snprintf(ret, CTR_ID_MAX + 1, "%.*s@", (int) strcspn(stem, "@"), stem);
}

int stem_check(const char *stem, CtrError *err)
{
        char id[CTR_ID_MAX + 1];

        /* Too long, or a second '@': ctr_id_check() says so of the whole. */
        if (strlen(stem) > CTR_ID_MAX || !strchr(stem, '@'))
                return ctr_id_check(stem, err);
        stem_to_id(stem, id);
        return stem[0] == '@' ? ctr_id_check(stem, err) : ctr_id_check(id, err);
}

bool stem_widen(char *stem)
{
        char *at = strchr(stem, '@');
        size_t n;

        if (!*stem)
                return false;
        if (at && at[1]) {
                at[1] = '\0';
                return true;
        }
        if (at)
                *at = '\0';
        n = strlen(stem);
        n -= n > 0 && stem[n - 1] == '-';
        while (n > 0 && stem[n - 1] != '-')
                n--;
        stem[n] = '\0';
        return true;
}

void stem_to_directory(const char *stem, const char *type, char ret[static CTR_UNIT_NAME_MAX])
{
        (void) snprintf(ret, CTR_UNIT_NAME_MAX, "%s%s%s.d", stem, *stem ? "." : "", type);
}

char *stem_expand(const char *stem, const char *value)
{
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        if (!f)
                return NULL;
        for (const char *p = value; *p; p++) {
                if (*p == '%' && (p[1] == 'i' || p[1] == 'I'))
                        (void) fputs(stem_instance(stem), f);
                else if (*p == '%' && (p[1] == 'p' || p[1] == 'P'))
                        (void) fprintf(f, "%.*s", (int) strcspn(stem, "@"), stem);
                else {
                        (void) fputc(*p, f);
                        if (*p != '%' || !p[1])
                                continue;
                        (void) fputc(p[1], f);
                }
                p++;
        }
        if (fclose(f) == 0)
                return text;
        free(text);
        return NULL;
}
