/* CPU and memory node lists: see cpu-list.h. */
#include "plan/cpu-list.h"

#include <string.h>

/* Digits at *p, at most CPU_LIST_MAX - 1; moves *p behind them. */
static int parse_number(const char **p, size_t *ret)
{
        size_t value = 0;

        if (**p < '0' || **p > '9')
                return -EINVAL;
        for (; **p >= '0' && **p <= '9'; (*p)++) {
                value = value * 10 + (size_t) (**p - '0');
                if (value >= CPU_LIST_MAX)
                        return -EINVAL;
        }
        *ret = value;
        return 0;
}

int cpu_list_parse(const char *text, CpuMask *ret)
{
        const char *p = text;

        memset(ret, 0, sizeof(*ret));
        for (;;) {
                size_t first, last;

                if (parse_number(&p, &first) < 0)
                        return -EINVAL;
                last = first;
                if (*p == '-') {
                        p++;
                        if (parse_number(&p, &last) < 0 || last < first)
                                return -EINVAL;
                }
                for (size_t i = first; i <= last; i++)
                        ret->bytes[i / 8] |= (uint8_t) (1U << (i % 8));
                ret->n_bytes = MAX_OF(ret->n_bytes, last / 8 + 1);
                if (*p == '\0')
                        return 0;
                if (*p++ != ',')
                        return -EINVAL;
        }
}
