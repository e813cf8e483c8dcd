/* Filtering ps(1): see ps-filter.h. */
#include "runtime/ps-filter.h"

#include "base/io.h"

#include <string.h>

#define BLANKS " \t\n"

/* Word number `index` of a line, or NULL. */
static const char *word_at(const char *line, size_t index, size_t *ret_length)
{
        for (size_t i = 0;; i++) {
                line += strspn(line, BLANKS);
                *ret_length = strcspn(line, BLANKS);
                if (*ret_length == 0)
                        return NULL;
                if (i == index)
                        return line;
                line += *ret_length;
        }
}

static int find_column(const char *header, size_t *ret)
{
        const char *word;
        size_t length;

        for (size_t i = 0; (word = word_at(header, i, &length)); i++)
                if (length == 3 && memcmp(word, "PID", 3) == 0) {
                        *ret = i;
                        return 0;
                }
        return -EBADMSG;
}

static bool is_wanted(const char *line, size_t column, const pid_t *pids, size_t n)
{
        char text[16];
        uint64_t pid;
        size_t length;
        const char *word = word_at(line, column, &length);

        if (!word || length >= sizeof(text))
                return false;
        memcpy(text, word, length);
        text[length] = '\0';
        if (ctr_parse_u64(text, INT32_MAX, &pid) < 0)
                return false;
        for (size_t i = 0; i < n; i++)
                if ((uint64_t) pids[i] == pid)
                        return true;
        return false;
}

int ps_filter(FILE *in, const pid_t *pids, size_t n, FILE *out)
{
        _cleanup_free_ char *line = NULL;
        size_t allocated = 0, column;

        if (getline(&line, &allocated, in) < 0 || find_column(line, &column) < 0)
                return -EBADMSG;
        (void) fputs(line, out);
        while (getline(&line, &allocated, in) >= 0)
                if (is_wanted(line, column, pids, n))
                        (void) fputs(line, out);
        return 0;
}
