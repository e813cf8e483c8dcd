/* Keys of [Container] about names of hosts: AddHost= becomes a file /etc/hosts, DNS= and its kin
 * one /etc/resolv.conf. They are written at each start into the state directory, whatever the root
 * has there, and are bound over it read-only: a payload may not answer for another one's names. */
#include "unitfile/recipe-internal.h"

#include "base/name.h"
#include "unitfile/resolv.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"

static bool is_name(const char *text, size_t size)
{
        return size > 0 && size < 254 && text[0] != '-' && text[0] != '.' &&
               strspn(text, NAME_LETTERS) >= size;
}

static bool is_address(const char *text)
{
        unsigned char buf[sizeof(struct in6_addr)];

        return inet_pton(AF_INET, text, buf) == 1 || inet_pton(AF_INET6, text, buf) == 1;
}

static int add(const RecipeKey *key, SpecStrv *list, char *text)
{
        return words_add(list, text, &key->recipe->arena) < 0
                       ? words_no_memory(key->entry, key->err)
                       : 0;
}

/* ---- AddHost= ---- */

/* "::1" or "[::1]"; cuts the brackets off. */
static char *without_brackets(char *address)
{
        size_t n = strlen(address);

        if (n < 2 || address[0] != '[' || address[n - 1] != ']')
                return address;
        address[n - 1] = '\0';
        return address + 1;
}

/* NAME[;NAME...]:ADDRESS, as podman has it. */
static int read_host(const RecipeKey *key)
{
        char *colon = strchr(key->value, ':'), *address, *line;

        key->recipe->hosts_entry = key->entry;
        if (!colon)
                return recipe_fail(
                        key, "\"%.100s\" is not valid, expected NAME:ADDRESS", key->value);
        *colon = '\0';
        address = without_brackets(colon + 1);
        if (strcmp(address, "host-gateway") == 0)
                return recipe_fail(key,
                        "host-gateway is not known here: write the address that the host has in "
                        "the container's network");
        if (!is_address(address))
                return recipe_fail(
                        key, "\"%.100s\" is not an address like 192.0.2.1 or 2001:db8::1", address);
        for (char *p = key->value;; p++) {
                size_t n = strcspn(p, ";");

                if (!is_name(p, n))
                        return recipe_fail(key,
                                "\"%.100s\" is not a host's name (several are separated by \";\")",
                                key->value);
                p += n;
                if (!*p)
                        break;
                *p = ' ';
        }
        line = words_format(&key->recipe->arena, "%s\t%s", address, key->value);
        return line ? add(key, &key->recipe->hosts, line) : words_no_memory(key->entry, key->err);
}

void recipe_print_hosts(const Recipe *recipe, FILE *f)
{
        (void) fputs("127.0.0.1\tlocalhost\n"
                     "::1\tlocalhost ip6-localhost ip6-loopback\n",
                f);
        for (size_t i = 0; i < recipe->hosts.n; i++)
                (void) fprintf(f, "%s\n", recipe->hosts.items[i]);
        /* As Debian has it: a name of its own needs no interface but lo. */
        (void) fprintf(f, "127.0.1.1\t%s\n", recipe_host_name(recipe));
}

/* ---- DNS= ---- */

static int read_server(const RecipeKey *key)
{
        Recipe *recipe = key->recipe;

        recipe->dns_entry = key->entry;
        if (strcmp(key->value, "none") == 0) {
                recipe->has_no_dns = true;
                return 0;
        }
        if (strcmp(key->value, "host") == 0) {
                recipe->wants_host_dns = true;
                return 0;
        }
        if (is_address(key->value))
                return add(key, &recipe->dns_servers, key->value);
        return recipe_fail(key,
                "\"%.100s\" is not valid, expected the address of a name server, host (those of "
                "the host) or none (the root's own file)",
                key->value);
}

static int read_search(const RecipeKey *key)
{
        Recipe *recipe = key->recipe;

        recipe->dns_entry = key->entry;
        if (strcmp(key->value, ".") == 0 || is_name(key->value, strlen(key->value)))
                return add(key, &recipe->dns_search, key->value);
        return recipe_fail(key, "\"%.100s\" is not valid, expected a domain, or . for none at all",
                key->value);
}

static int read_option(const RecipeKey *key)
{
        Recipe *recipe = key->recipe;

        recipe->dns_entry = key->entry;
        if (key->value[0] && strspn(key->value, NAME_LETTERS ":") == strlen(key->value))
                return add(key, &recipe->dns_options, key->value);
        return recipe_fail(key,
                "\"%.100s\" is not valid, expected an option of resolv.conf(5) like ndots:2",
                key->value);
}

/* What contradicts itself. */
static const char *dns_fault(const Recipe *recipe)
{
        size_t n = recipe->dns_servers.n + recipe->dns_search.n + recipe->dns_options.n;

        if (recipe->has_no_dns && (n > 0 || recipe->wants_host_dns))
                return "DNS=none stands alone: with it the root's own /etc/resolv.conf counts";
        if (recipe->wants_host_dns && recipe->dns_servers.n > 0)
                return "DNS=host and a server's address: leave one of them out";
        for (size_t i = 0; i < recipe->dns_search.n && recipe->dns_search.n > 1; i++)
                if (strcmp(recipe->dns_search.items[i], ".") == 0)
                        return "DNSSearch=. stands alone: it means no domain";
        return NULL;
}

/* ---- after all keys ---- */

bool recipe_has_resolv(const Recipe *recipe)
{
        return recipe->dns_entry && !recipe->has_no_dns;
}

static int add_file(Recipe *recipe, const IniEntry *entry, const char *name,
        const char *destination, CtrError *err)
{
        static const char *const options[] = { "bind", "ro", "nosuid", "nodev", "noexec",
                "rprivate" };
        RecipeKey key = { .recipe = recipe, .entry = entry, .err = err };
        char *source =
                words_format(&recipe->arena, CTR_STATE_DIR "/containers/%s/%s", recipe->id, name);
        RecipeMount *mount = source ? recipe_add_mount(&key, "bind", source, destination) : NULL;
        int r = 0;

        if (!mount)
                return words_no_memory(entry, err);
        for (size_t i = 0; i < ELEMENTSOF(options) && r >= 0; i++)
                r = recipe_add_option(&key, mount, options[i]);
        return r;
}

int recipe_finish_names(Recipe *recipe, const IniEntry **ret_entry, CtrError *err)
{
        const char *fault = dns_fault(recipe);
        int r = 0;

        *ret_entry = recipe->dns_entry;
        if (fault)
                return ini_entry_error(*ret_entry, err, "%s", fault);
        if (recipe_has_resolv(recipe))
                r = add_file(recipe, *ret_entry, RECIPE_RESOLV_FILE, "/etc/resolv.conf", err);
        if (r < 0 || recipe->hosts.n == 0)
                return r;
        *ret_entry = recipe->hosts_entry;
        return add_file(recipe, *ret_entry, RECIPE_HOSTS_FILE, "/etc/hosts", err);
}

const RecipeRow recipe_name_rows[] = {
        { "AddHost", read_host },
        { "DNS", read_server },
        { "DNSSearch", read_search },
        { "DNSOption", read_option },
        { NULL, NULL },
};
