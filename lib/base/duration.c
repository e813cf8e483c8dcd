/* Lengths of time: see duration.h. */
#include "base/duration.h"

#include "base/macro.h"

#include <string.h>

enum { FRACTION_DIGITS_MAX = 6 };

#define YEAR_MSEC (UINT64_C(365) * 24 * 3600 * 1000)

static const struct {
        const char *name;
        uint64_t usec;
} units[] = {
        { "h", UINT64_C(3600000000) },
        { "ms", 1000 }, /* before "m" */
        { "m", 60000000 },
        { "us", 1 },
        { "s", 1000000 },
};

/* The unit at the start of the text, seconds at its end; 0 = no unit. */
static uint64_t take_unit(const char **text)
{
        if (**text == '\0')
                return 1000000;
        for (size_t i = 0; i < ELEMENTSOF(units); i++)
                if (strncmp(*text, units[i].name, strlen(units[i].name)) == 0) {
                        *text += strlen(units[i].name);
                        return units[i].usec;
                }
        return 0;
}

/* "12" or "1.5" as millionths. -EINVAL without a digit. */
static int take_number(const char **text, uint64_t *ret)
{
        uint64_t value = 0, scale = 1000000;
        size_t whole = strspn(*text, "0123456789"), fraction = 0;

        for (size_t i = 0; i < whole; i++) {
                value = value * 10 + (uint64_t) ((*text)[i] - '0');
                if (value > YEAR_MSEC)
                        return -ERANGE;
        }
        *text += whole;
        value *= 1000000;
        if (**text == '.') {
                ++*text;
                fraction = strspn(*text, "0123456789");
                for (size_t i = 0; i < MIN_OF(fraction, (size_t) FRACTION_DIGITS_MAX); i++) {
                        scale /= 10;
                        value += (uint64_t) ((*text)[i] - '0') * scale;
                }
                *text += fraction;
        }
        *ret = value;
        return whole + fraction > 0 ? 0 : -EINVAL;
}

int duration_parse(const char *text, uint64_t *ret_msec)
{
        uint64_t total = 0, number, unit;
        int r;

        do {
                r = take_number(&text, &number);
                if (r < 0)
                        return r;
                unit = take_unit(&text);
                if (unit == 0)
                        return -EINVAL;
                /* Millionths of microseconds: divided first where the number is large. */
                total += unit >= 1000 ? number / 1000 * (unit / 1000) : number * unit / 1000000;
                if (total / 1000 > YEAR_MSEC)
                        return -ERANGE;
        } while (*text);
        *ret_msec = total / 1000;
        return 0;
}
