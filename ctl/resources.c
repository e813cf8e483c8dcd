/* Resource options: see resources.h. */
#include "ctl/resources.h"

#include "base/io.h"
#include "base/json.h"

#include <string.h>

int size_parse(const char *text, int64_t *ret)
{
        static const char suffixes[] = "kmgt";
        char digits[24];
        const char *suffix;
        uint64_t value;
        size_t n = strlen(text);
        unsigned shift = 0;
        int r;

        if (strcmp(text, "-1") == 0) {
                *ret = -1;
                return 0;
        }
        /* "64m", "64M", "64mb": as people write it. */
        if (n > 2 && (text[n - 1] == 'b' || text[n - 1] == 'B'))
                n--;
        suffix = n > 0 && text[n - 1] ? strchr(suffixes, text[n - 1] | 0x20) : NULL;
        if (suffix) {
                shift = 10 * (unsigned) (suffix - suffixes + 1);
                n--;
        } else if (n != strlen(text))
                return -EINVAL;
        if (n == 0 || n >= sizeof(digits))
                return -EINVAL;
        memcpy(digits, text, n);
        digits[n] = '\0';
        r = ctr_parse_u64(digits, INT64_MAX >> shift, &value);
        if (r < 0)
                return r;
        *ret = (int64_t) (value << shift);
        return 0;
}

static int print_value(const ResourceOption *o, FILE *f, CtrError *err)
{
        uint64_t number;
        int64_t size;

        switch (o->kind) {
        case RESOURCE_KIND_SIZE:
                if (size_parse(o->value, &size) < 0)
                        return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                                "--%s wants a size like 512k, 64m or -1, not \"%.64s\"", o->option,
                                o->value);
                (void) fprintf(f, "%lld", (long long) size);
                return 0;
        case RESOURCE_KIND_NUMBER:
                if (ctr_parse_u64(o->value + (o->value[0] == '-'), INT64_MAX, &number) < 0)
                        return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                                "--%s wants a number, not \"%.64s\"", o->option, o->value);
                (void) fputs(o->value, f);
                return 0;
        case RESOURCE_KIND_TEXT:
                json_write_string(f, o->value);
                return 0;
        }
        return 0;
}

int resources_print_json(const ResourceOption *options, size_t n, FILE *f, CtrError *err)
{
        const char *group = NULL;
        int n_given = 0, r;

        (void) fputc('{', f);
        for (size_t i = 0; i < n; i++) {
                if (!options[i].value)
                        continue;
                if (!group || strcmp(group, options[i].group) != 0)
                        (void) fprintf(f, "%s\"%s\":{", group ? "}," : "", options[i].group);
                else
                        (void) fputc(',', f);
                group = options[i].group;
                (void) fprintf(f, "\"%s\":", options[i].key);
                r = print_value(&options[i], f, err);
                if (r < 0)
                        return r;
                n_given++;
        }
        (void) fputs(group ? "}}" : "}", f);
        return n_given;
}
