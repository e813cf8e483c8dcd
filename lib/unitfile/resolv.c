/* The name servers, domains and options of a container: see resolv.h. Each of the three comes from
 * the keys or, when they do not speak of it, from the host, as podman has it. */
#include "unitfile/resolv.h"

#include <stdio.h>
#include <string.h>

#define BLANKS " \t\r"

/* Whether a line is KEYWORD and values: then where they begin. */
static const char *values_of(const char *line, const char *keyword)
{
        size_t n = strlen(keyword);

        line += strspn(line, BLANKS);
        if (strncmp(line, keyword, n) != 0 || !line[n] || !strchr(BLANKS, line[n]))
                return NULL;
        line += n;
        return line + strspn(line, BLANKS);
}

static bool is_loopback(const char *address, size_t size)
{
        return strncmp(address, "127.", 4) == 0 || (size == 3 && strncmp(address, "::1", 3) == 0);
}

/* Calls for each line of text, without its end. */
static const char *next_line(const char **text, size_t *ret_size)
{
        const char *line = *text;

        if (!*line)
                return NULL;
        *ret_size = strcspn(line, "\n");
        *text += *ret_size + (line[*ret_size] == '\n');
        return line;
}

static void print_values(const char *keyword, const SpecStrv *values, FILE *f)
{
        (void) fputs(keyword, f);
        for (size_t i = 0; i < values->n; i++)
                (void) fprintf(f, " %s", values->items[i]);
        (void) fputc('\n', f);
}

static unsigned print_host_servers(const char *text, bool is_host_network, FILE *f)
{
        const char *line;
        unsigned count = 0;
        size_t size;

        while ((line = next_line(&text, &size))) {
                const char *value = values_of(line, "nameserver");
                size_t n = value ? strcspn(value, BLANKS "\n") : 0;

                if (n == 0 || (!is_host_network && is_loopback(value, n)))
                        continue;
                (void) fprintf(f, "nameserver %.*s\n", (int) n, value);
                count++;
        }
        return count;
}

/* The last of several counts: "search" and "domain" are two words for it. */
static void print_host_search(const char *text, FILE *f)
{
        const char *found = NULL, *line;
        size_t size, found_size = 0;

        while ((line = next_line(&text, &size))) {
                const char *value = values_of(line, "search");

                if (!value)
                        value = values_of(line, "domain");
                if (!value)
                        continue;
                found = value;
                found_size = size - (size_t) (value - line);
        }
        if (found)
                (void) fprintf(f, "search %.*s\n", (int) found_size, found);
}

static void print_host_options(const char *text, FILE *f)
{
        const char *line;
        size_t size;

        while ((line = next_line(&text, &size))) {
                const char *value = values_of(line, "options");

                if (value)
                        (void) fprintf(
                                f, "options %.*s\n", (int) (size - (size_t) (value - line)), value);
        }
}

unsigned resolv_print(const Recipe *recipe, const char *host_text, FILE *f)
{
        const SpecStrv *search = &recipe->dns_search;
        unsigned count = (unsigned) recipe->dns_servers.n;

        for (size_t i = 0; i < recipe->dns_servers.n; i++)
                (void) fprintf(f, "nameserver %s\n", recipe->dns_servers.items[i]);
        if (count == 0)
                count = print_host_servers(host_text, recipe->network == RECIPE_NETWORK_HOST, f);
        if (search->n == 0)
                print_host_search(host_text, f);
        else if (strcmp(search->items[0], ".") != 0)
                print_values("search", search, f);
        if (recipe->dns_options.n == 0)
                print_host_options(host_text, f);
        else
                print_values("options", &recipe->dns_options, f);
        return count;
}
