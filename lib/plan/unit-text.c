/* Properties as unit-file text. systemd parses each key its own way, so each has a formatter here:
 * plain strings are taken raw to the end of the line (specifiers only), word lists and command
 * lines know quotes, and only some of them C escapes (systemd.syntax(7), systemd.service(5)). A
 * value that its key cannot express is left out when it is only a hint (RequiresMountsFor=) and
 * made harmless otherwise: text never breaks out of its line. */
#include "plan/properties.h"
#include "plan/signal-name.h"

#include <inttypes.h>
#include <string.h>

enum { USEC_PER_SEC = 1000000, USEC_PER_MSEC = 1000 };

static const char *const section_names[_UNIT_TYPE_MAX] = {
        [UNIT_SERVICE] = "Service",
        [UNIT_SCOPE] = "Scope",
        [UNIT_SLICE] = "Slice",
};

typedef void (*PropertyWriter)(FILE *f, const char *key, const Property *p);

static bool is_control(char c)
{
        return (unsigned char) c < 0x20 || c == 0x7f;
}

static bool has_control(const char *s)
{
        for (; *s; s++)
                if (is_control(*s))
                        return true;
        return false;
}

/* For keys that take the rest of the line: no quoting exists. A backslash at the end would continue
 * the line, a control character end it. */
static void write_raw(FILE *f, const char *s)
{
        size_t n = strlen(s);

        while (n > 0 && s[n - 1] == '\\')
                n--;
        for (size_t i = 0; i < n; i++) {
                if (s[i] == '%')
                        (void) fputs("%%", f);
                else
                        (void) putc_unlocked(is_control(s[i]) ? ' ' : s[i], f);
        }
}

static bool is_plain_word(const char *s)
{
        static const char safe[] = "/.:_-+=,@~*()";

        if (*s == '\0')
                return false;
        for (; *s; s++) {
                bool is_alnum = (*s >= '0' && *s <= '9') || (*s >= 'a' && *s <= 'z') ||
                                (*s >= 'A' && *s <= 'Z');

                if (!is_alnum && !strchr(safe, *s))
                        return false;
        }
        return true;
}

/* One word of a list: quoted when it needs to be. has_dollar: `$` would be expanded. */
static void write_word(FILE *f, const char *s, bool has_dollar)
{
        if (is_plain_word(s)) {
                (void) fputs(s, f);
                return;
        }
        (void) fputc('"', f);
        for (; *s; s++) {
                if (*s == '"' || *s == '\\')
                        (void) fprintf(f, "\\%c", *s);
                else if (*s == '%' || (*s == '$' && has_dollar))
                        (void) fprintf(f, "%c%c", *s, *s);
                else if (is_control(*s))
                        (void) fprintf(f, "\\x%02x", (unsigned) (unsigned char) *s);
                else
                        (void) fputc(*s, f);
        }
        (void) fputc('"', f);
}

static void write_string(FILE *f, const char *key, const Property *p)
{
        (void) fprintf(f, "%s=", key);
        if (p->n_strings > 0)
                write_raw(f, p->strings[0]);
        (void) fputc('\n', f);
}

static void write_boolean(FILE *f, const char *key, const Property *p)
{
        (void) fprintf(f, "%s=%s\n", key, p->number ? "yes" : "no");
}

static void write_number(FILE *f, const char *key, const Property *p)
{
        if (p->number == UINT64_MAX)
                (void) fprintf(f, "%s=infinity\n", key);
        else
                (void) fprintf(f, "%s=%" PRIu64 "\n", key, p->number);
}

static void write_signal(FILE *f, const char *key, const Property *p)
{
        char name[SIGNAL_NAME_MAX];

        (void) fprintf(f, "%s=%s\n", key, signal_to_name((int) p->number, name));
}

static void write_time(FILE *f, const char *key, const Property *p)
{
        uint64_t usec = p->number;

        if (usec == UINT64_MAX)
                (void) fprintf(f, "%s=infinity\n", key);
        else if (usec % USEC_PER_SEC == 0)
                (void) fprintf(f, "%s=%" PRIu64 "s\n", key, usec / USEC_PER_SEC);
        else if (usec % USEC_PER_MSEC == 0)
                (void) fprintf(f, "%s=%" PRIu64 "ms\n", key, usec / USEC_PER_MSEC);
        else
                (void) fprintf(f, "%s=%" PRIu64 "us\n", key, usec);
}

static void write_mode(FILE *f, const char *key, const Property *p)
{
        (void) fprintf(f, "%s=%04" PRIo64 "\n", key, p->number);
}

/* Hundredths of a percent are the finest a file can say; the empty value is "no quota". */
static void write_quota(FILE *f, const char *key, const Property *p)
{
        uint64_t permyriad = p->number / 100;

        if (p->number == UINT64_MAX)
                (void) fprintf(f, "%s=\n", key);
        else if (permyriad % 100 == 0)
                (void) fprintf(f, "%s=%" PRIu64 "%%\n", key, permyriad / 100);
        else
                (void) fprintf(f, "%s=%" PRIu64 ".%02" PRIu64 "%%\n", key, permyriad / 100,
                        permyriad % 100);
}

/* 0 on D-Bus is "idle" in a file; UINT64_MAX is "not set". */
static void write_weight(FILE *f, const char *key, const Property *p)
{
        if (p->number == UINT64_MAX)
                (void) fprintf(f, "%s=\n", key);
        else if (p->number == 0)
                (void) fprintf(f, "%s=idle\n", key);
        else
                (void) fprintf(f, "%s=%" PRIu64 "\n", key, p->number);
}

static bool is_bit_set(const Property *p, size_t bit)
{
        return bit / 8 < p->n_bytes && p->bytes[bit / 8] & (1U << (bit % 8));
}

/* Bit mask to "0-3,5". */
static void write_mask(FILE *f, const char *key, const Property *p)
{
        const char *comma = "";

        (void) fprintf(f, "%s=", key);
        for (size_t first = 0; first < p->n_bytes * 8; first++) {
                size_t last = first;

                if (!is_bit_set(p, first))
                        continue;
                while (is_bit_set(p, last + 1))
                        last++;
                (void) fprintf(f, last > first ? "%s%zu-%zu" : "%s%zu", comma, first, last);
                comma = ",";
                first = last;
        }
        (void) fputc('\n', f);
}

static void write_words(FILE *f, const char *key, const Property *p)
{
        for (size_t i = 0; i < p->n_strings; i++) {
                (void) fprintf(f, "%s=", key);
                write_word(f, p->strings[i], false);
                (void) fputc('\n', f);
        }
}

/* This key knows quotes, but no C escapes: a control character cannot be said. */
static void write_paths(FILE *f, const char *key, const Property *p)
{
        for (size_t i = 0; i < p->n_strings; i++) {
                if (has_control(p->strings[i]))
                        continue;
                (void) fprintf(f, "%s=", key);
                write_word(f, p->strings[i], false);
                (void) fputc('\n', f);
        }
}

/* Names of units have escapes of their own ("\x2b"), which this key leaves alone. */
static void write_units(FILE *f, const char *key, const Property *p)
{
        for (size_t i = 0; i < p->n_strings; i++) {
                (void) fprintf(f, "%s=", key);
                write_raw(f, p->strings[i]);
                (void) fputc('\n', f);
        }
}

static void write_command(FILE *f, const char *key, const Property *p)
{
        (void) fprintf(f, "%s=%s", key, p->number ? "-" : "");
        for (size_t i = 0; i < p->n_strings; i++) {
                if (i > 0)
                        (void) fputc(' ', f);
                write_word(f, p->strings[i], true);
        }
        (void) fputc('\n', f);
}

static void write_device_numbers(FILE *f, const char *key, const Property *p)
{
        for (size_t i = 0; i < p->n_strings && i < p->n_numbers; i++) {
                (void) fprintf(f, "%s=", key);
                write_word(f, p->strings[i], false);
                if (p->numbers[i] == UINT64_MAX)
                        (void) fputs(" infinity\n", f);
                else
                        (void) fprintf(f, " %" PRIu64 "\n", p->numbers[i]);
        }
}

static void write_pairs(FILE *f, const char *key, const Property *p)
{
        for (size_t i = 0; i + 1 < p->n_strings; i += 2) {
                (void) fprintf(f, "%s=", key);
                write_word(f, p->strings[i], false);
                (void) fprintf(f, " %s\n", p->strings[i + 1]);
        }
}

static void write_exit_codes(FILE *f, const char *key, const Property *p)
{
        (void) fprintf(f, "%s=", key);
        for (size_t i = 0; i < p->n_numbers; i++)
                (void) fprintf(f, "%s%" PRIu64, i > 0 ? " " : "", p->numbers[i]);
        (void) fputc('\n', f);
}

/* Keys whose text differs from what their D-Bus type suggests. */
static const PropertyWriter writer_by_id[_PROPERTY_MAX] = {
        [PROPERTY_REQUIRES] = write_units,
        [PROPERTY_WANTS] = write_units,
        [PROPERTY_BINDS_TO] = write_units,
        [PROPERTY_PART_OF] = write_units,
        [PROPERTY_BEFORE] = write_units,
        [PROPERTY_AFTER] = write_units,
        [PROPERTY_ON_FAILURE] = write_units,
        [PROPERTY_ON_SUCCESS] = write_units,
        [PROPERTY_START_LIMIT_INTERVAL] = write_time,
        [PROPERTY_RESTART_DELAY] = write_time,
        [PROPERTY_WATCHDOG] = write_time,
        [PROPERTY_REQUIRES_MOUNTS_FOR] = write_paths,
        [PROPERTY_KILL_SIGNAL] = write_signal,
        [PROPERTY_WATCHDOG_SIGNAL] = write_signal,
        [PROPERTY_TIMEOUT_START] = write_time,
        [PROPERTY_TIMEOUT_STOP] = write_time,
        [PROPERTY_RUNTIME_MAX] = write_time,
        [PROPERTY_RUNTIME_DIRECTORY_MODE] = write_mode,
        [PROPERTY_CPU_QUOTA_PERIOD] = write_time,
        [PROPERTY_CPU_QUOTA_PER_SEC] = write_quota,
        [PROPERTY_CPU_WEIGHT] = write_weight,
        [PROPERTY_IO_WEIGHT] = write_weight,
};

static const struct {
        const char *signature;
        PropertyWriter writer;
} writer_by_signature[] = {
        { "s", write_string },
        { "b", write_boolean },
        { "i", write_number },
        { "u", write_number },
        { "t", write_number },
        { "as", write_words },
        { "aay", write_words },
        { "ay", write_mask },
        { "a(sasb)", write_command },
        { "a(st)", write_device_numbers },
        { "a(ss)", write_pairs },
        { "(aiai)", write_exit_codes },
};

static PropertyWriter find_writer(const Property *p, const PropertyInfo *info)
{
        if (writer_by_id[p->id])
                return writer_by_id[p->id];
        for (size_t i = 0; i < ELEMENTSOF(writer_by_signature); i++)
                if (strcmp(writer_by_signature[i].signature, info->signature) == 0)
                        return writer_by_signature[i].writer;
        return NULL;
}

static bool write_section(const PropertyList *list, UnitType type, bool is_unit_section,
        const char *separator, FILE *f)
{
        bool has_header = false;

        for (size_t i = 0; i < list->n; i++) {
                const PropertyInfo *info = property_info(list->items[i].id);
                PropertyWriter writer = find_writer(&list->items[i], info);

                if (!info->takes[type] || info->key[0] == '\0' || !writer)
                        continue;
                if ((strcmp(info->section, "Unit") == 0) != is_unit_section)
                        continue;
                if (!has_header)
                        (void) fprintf(f, "%s[%s]\n", separator,
                                is_unit_section ? "Unit" : section_names[type]);
                has_header = true;
                writer(f, info->key, &list->items[i]);
        }
        return has_header;
}

int property_list_to_unit_text(const PropertyList *list, UnitType type, FILE *f)
{
        bool has_unit_section = write_section(list, type, true, "", f);

        (void) write_section(list, type, false, has_unit_section ? "\n" : "", f);
        return ferror(f) ? -EIO : 0;
}
