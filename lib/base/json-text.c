/* JSON as text for people and files: paths in messages, strings in output. Only libc. */
#include "base/json.h"

#include "base/utf8.h"

#include <ctype.h>
#include <string.h>

/* A key that reads well after a dot. */
static bool is_plain_key(const char *key)
{
        if (*key == '\0' || (*key >= '0' && *key <= '9'))
                return false;
        for (; *key; key++)
                if (!isalnum((unsigned char) *key) && *key != '_')
                        return false;
        return true;
}

const char *json_path_format(const JsonStep *steps, size_t n, char *buf, size_t size)
{
        size_t used = 0;

        buf[0] = '\0';
        for (size_t i = 0; i < n && used < size; i++) {
                const char *key = steps[i].key;
                int r;

                if (!key)
                        r = snprintf(buf + used, size - used, "[%zu]", steps[i].index);
                else if (is_plain_key(key))
                        r = snprintf(buf + used, size - used, "%s%s", i > 0 ? "." : "", key);
                else
                        r = snprintf(buf + used, size - used, "[\"%s\"]", key);
                used += r > 0 ? (size_t) r : 0;
        }
        return buf;
}

/* Bytes that stand for themselves. */
static size_t plain_length(const char *s)
{
        size_t n = 0;

        while (s[n] >= 0x20 && s[n] < 0x7f && s[n] != '"' && s[n] != '\\')
                n++;
        return n;
}

void json_write_string(FILE *f, const char *s)
{
        static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
        size_t left = strlen(s), n;

        (void) putc_unlocked('"', f);
        for (; left > 0; s += n, left -= n) {
                const char *p;

                n = plain_length(s);
                if (n > 0) {
                        (void) fwrite_unlocked(s, 1, n, f);
                        continue;
                }
                p = strchr(from, *s);
                n = utf8_length(s, left);
                if (n == 0) {
                        n = 1;
                        (void) fputs("\\ufffd", f);
                } else if (p)
                        (void) fprintf(f, "\\%c", to[p - from]);
                else if ((unsigned char) *s < 0x20)
                        (void) fprintf(f, "\\u%04x", (unsigned) *s);
                else
                        (void) fwrite_unlocked(s, 1, n, f);
        }
        (void) putc_unlocked('"', f);
}
