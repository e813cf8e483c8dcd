/* Kinds of values: one small recogniser each and a table of them. See value.h. */
#include "unitfile/value.h"

#include "unitfile/stem.h"
#include "unitfile/pod-file.h"
#include "unitfile/volume-name.h"

#include "base/io.h"
#include "base/name.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define BLANKS " \t"

/* Length of "12" or "12.5" at p, 0 when there is none. */
static size_t number_size(const char *p, bool can_have_fraction)
{
        size_t n = strspn(p, "0123456789"), fraction;

        if (n == 0 || n > 20 || !can_have_fraction || p[n] != '.')
                return n > 20 ? 0 : n;
        fraction = strspn(p + n + 1, "0123456789");
        return fraction > 0 && fraction < 10 ? n + 1 + fraction : 0;
}

static bool is_one_of(const char *word, size_t size, const char *words)
{
        for (const char *p = words + strspn(words, " "); *p; p += strspn(p, " ")) {
                size_t n = strcspn(p, " ");

                if (n == size && strncmp(p, word, n) == 0)
                        return true;
                p += n;
        }
        return false;
}

static bool is_boolean(const char *value, const char *words _unused_)
{
        static const char *const accepted[] = { "1", "yes", "y", "true", "t", "on", "0", "no", "n",
                "false", "f", "off" };

        for (size_t i = 0; i < ELEMENTSOF(accepted); i++)
                if (strcasecmp(value, accepted[i]) == 0)
                        return true;
        return false;
}

static bool is_time(const char *value, const char *words _unused_)
{
        static const char units[] = "us usec µs ms msec s sec second seconds m min minute minutes "
                                    "h hr hour hours d day days w week weeks M month months "
                                    "y year years";

        if (strcmp(value, "infinity") == 0)
                return true;
        for (const char *p = value; *p; p += strspn(p, BLANKS)) {
                size_t n = number_size(p, true);

                if (n == 0)
                        return false;
                p += n;
                p += strspn(p, BLANKS);
                n = strcspn(p, "0123456789 \t");
                if (n > 0 && !is_one_of(p, n, units))
                        return false;
                p += n;
        }
        return true;
}

static bool is_percent(const char *value, const char *words _unused_)
{
        size_t n = number_size(value, true);

        return n > 0 && strcmp(value + n, "%") == 0;
}

static bool is_count(const char *value, const char *words _unused_)
{
        size_t n = number_size(value, false);

        return strcmp(value, "infinity") == 0 || (n > 0 && value[n] == '\0') ||
               is_percent(value, NULL);
}

static bool is_number(const char *value, const char *words _unused_)
{
        size_t n = number_size(value, false);

        return n > 0 && n <= 10 && value[n] == '\0';
}

static bool is_bytes(const char *value, const char *words _unused_)
{
        size_t n = number_size(value, true);

        if (strcmp(value, "infinity") == 0 || is_percent(value, NULL))
                return true;
        if (n == 0)
                return false;
        value += n;
        if (*value && strchr("KMGTPEB", *value))
                value++;
        return *value == '\0';
}

static bool is_weight(const char *value, const char *words _unused_)
{
        uint64_t n;

        return strcmp(value, "idle") == 0 || (ctr_parse_u64(value, 10000, &n) >= 0 && n >= 1);
}

bool unit_name_is_valid(const char *name)
{
        static const char types[] =
                "service socket target device mount automount swap path timer slice scope";
        const char *dot = strrchr(name, '.');
        size_t size = strlen(name);

        return dot && dot > name && size < CTR_UNIT_NAME_MAX && name[0] != '@' &&
               strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                            ":_.\\-@") == size &&
               is_one_of(dot + 1, strlen(dot + 1), types);
}

bool container_reference(const char *name, char id[static CTR_UNIT_NAME_MAX])
{
        static const char suffix[] = ".container";
        size_t size = strlen(name);

        if (size < sizeof(suffix) || strcmp(name + size - sizeof(suffix) + 1, suffix) != 0)
                return false;
        (void) snprintf(id, CTR_UNIT_NAME_MAX, "%.*s", (int) (size - sizeof(suffix) + 1), name);
        /* Of an instance of a template; one that is no valid stem is no valid id either. */
        if (stem_instance(id) && stem_check(id, NULL) >= 0)
                *strchr(id, '@') = '-';
        return true;
}

static bool is_units(const char *value, const char *words _unused_)
{
        char name[CTR_UNIT_NAME_MAX], id[CTR_UNIT_NAME_MAX];

        for (const char *p = value; *p; p += strspn(p, BLANKS)) {
                size_t n = strcspn(p, BLANKS);

                if (n >= sizeof(name))
                        return false;
                (void) snprintf(name, sizeof(name), "%.*s", (int) n, p);
                p += n;
                if (container_reference(name, id)    ? !ctr_id_is_valid(id)
                        : volume_reference(name, id) ? !volume_name_is_valid(id)
                        : pod_reference(name, id)    ? !ctr_id_is_valid(id)
                                                     : !unit_name_is_valid(name))
                        return false;
        }
        return true;
}

static bool is_slice(const char *value, const char *words _unused_)
{
        return ctr_slice_is_valid(value);
}

static bool is_signal(const char *value, const char *words _unused_)
{
        uint64_t number;

        if (ctr_parse_u64(value, (uint64_t) SIGRTMAX, &number) >= 0)
                return number > 0;
        if (strncmp(value, "SIG", 3) == 0)
                value += 3;
        for (int i = 1; i < SIGRTMIN; i++) {
                const char *name = sigabbrev_np(i);

                if (name && strcmp(name, value) == 0)
                        return true;
        }
        if (strcmp(value, "RTMIN") == 0 || strcmp(value, "RTMAX") == 0)
                return true;
        if (strncmp(value, "RTMIN+", 6) == 0 || strncmp(value, "RTMAX-", 6) == 0)
                return ctr_parse_u64(value + 6, (uint64_t) (SIGRTMAX - SIGRTMIN), &number) >= 0;
        return false;
}

static bool is_word(const char *value, const char *words)
{
        return is_one_of(value, strlen(value), words);
}

static bool is_mode(const char *value, const char *words _unused_)
{
        size_t n = strlen(value);

        return n >= 3 && n <= 4 && strspn(value, "01234567") == n;
}

/* systemd opens these for each command of a unit, and ctrunit's own come before and after the
 * payload: what is truncated loses the payload's output, and named descriptors are not given to
 * the others at all. */
static bool is_stream(const char *value, const char *words _unused_)
{
        static const char *const files[] = { "file:/", "append:/" };

        for (size_t i = 0; i < ELEMENTSOF(files); i++)
                if (strncmp(value, files[i], strlen(files[i])) == 0)
                        return value[strlen(files[i])] != '\0';
        return is_one_of(
                value, strlen(value), "inherit null journal kmsg journal+console kmsg+console tty");
}

/* Relative, without "." and "..", not ctrunit's own; "NAME:LINK" makes a link too. */
static bool is_directory(const char *path, size_t size)
{
        static const char own[] = "ctrunit/containers";
        size_t start = 0;

        if (size == 0 || (size == 7 && memcmp(path, own, 7) == 0) ||
                (size >= sizeof(own) - 1 && memcmp(path, own, sizeof(own) - 1) == 0))
                return false;
        for (size_t i = 0; i <= size; i++) {
                if (i < size && path[i] != '/' && path[i] != ':')
                        continue;
                if (i == start || path[start] == '.')
                        return false;
                start = i + 1;
        }
        return true;
}

static bool is_directories(const char *value, const char *words _unused_)
{
        size_t n;

        if (*value == '\0')
                return false;
        for (const char *p = value; *p; p += n, p += strspn(p, BLANKS)) {
                n = strcspn(p, BLANKS);
                if (!is_directory(p, n))
                        return false;
        }
        return true;
}

static bool is_device(const char *value, const char *words _unused_)
{
        static const char allowed[] =
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_.:-";

        return strncmp(value, "/dev/", 5) == 0 && value[5] && value[5] != '/' &&
               !strstr(value, "/.") && strspn(value, allowed) == strlen(value);
}

static bool is_account(const char *value, const char *words _unused_)
{
        static const char allowed[] =
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
        uint64_t number;

        if (value[0] >= '0' && value[0] <= '9')
                return ctr_parse_u64(value, UINT32_MAX - 1, &number) >= 0;
        return value[0] && value[0] != '-' && strlen(value) < 32 &&
               strspn(value, allowed) == strlen(value);
}

static bool is_plain(const char *value, const char *words _unused_)
{
        for (const char *p = value; *p; p++)
                if ((unsigned char) *p <= ' ' || *p == 0x7f || strchr("\"'\\$;", *p))
                        return false;
        return value[0] != '\0' && strlen(value) < 1024;
}

static bool is_text(const char *value _unused_, const char *words _unused_)
{
        return true;
}

static const struct {
        bool (*is_valid)(const char *value, const char *words);
        const char *help;
} kinds[_VALUE_KIND_MAX] = {
        [VALUE_TEXT] = { is_text, "any text" },
        [VALUE_BOOLEAN] = { is_boolean, "yes or no" },
        [VALUE_TIME] = { is_time, "a time span like 90, 1min 30s or infinity" },
        [VALUE_BYTES] = { is_bytes, "a size like 512M, 1.5G, 20% or infinity" },
        [VALUE_COUNT] = { is_count, "a number, a percentage or infinity" },
        [VALUE_NUMBER] = { is_number, "a number" },
        [VALUE_WEIGHT] = { is_weight, "a weight from 1 to 10000, or idle" },
        [VALUE_PERCENT] = { is_percent, "a percentage like 150%" },
        [VALUE_UNITS] = { is_units,
                "names of units (or NAME.container, NAME.volume, NAME.pod), separated by blanks" },
        [VALUE_SLICE] = { is_slice, "the name of a slice like ctr-web.slice" },
        [VALUE_SIGNAL] = { is_signal, "a signal like SIGTERM, 15 or SIGRTMIN+3" },
        [VALUE_WORD] = { is_word, NULL },
        [VALUE_MODE] = { is_mode, "an access mode like 0750" },
        [VALUE_STREAM] = { is_stream,
                "journal, null, kmsg, tty, inherit, or file: or append: with a path (truncate: would empty it again at the end, fd: is not there before the start)" },
        [VALUE_DEVICE] = { is_device, "the path of a terminal like /dev/tty5" },
        [VALUE_ACCOUNT] = { is_account, "a name or number of the host" },
        [VALUE_PLAIN] = { is_plain, "text without blanks, quotes, $ and ;" },
        [VALUE_DIRECTORIES] = { is_directories,
                "names of directories, relative and not ctrunit's own, separated by blanks" },
};

bool value_is_valid(ValueKind kind, const char *words, const char *value)
{
        return kinds[kind].is_valid(value, words);
}

bool value_is_never_empty(ValueKind kind)
{
        return kind == VALUE_DIRECTORIES;
}

const char *value_kind_help(ValueKind kind, const char *words)
{
        return kinds[kind].help ? kinds[kind].help : words;
}
