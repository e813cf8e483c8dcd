/* Links of [Install]: see links.h. */
#include "generator/links.h"

#include <string.h>

static int add_link(Links *links, char *path, char *target)
{
        Link *larger =
                path && target ? reallocarray(links->items, links->n + 1, sizeof(*larger)) : NULL;

        if (!larger) {
                free(path);
                free(target);
                return -ENOMEM;
        }
        links->items = larger;
        links->items[links->n++] = (Link){ .path = path, .target = target };
        return 0;
}

static char *join(const char *a, const char *b, const char *c)
{
        char *text;

        return asprintf(&text, "%s%s%s", a, b, c) < 0 ? NULL : text;
}

/* One link for each name in value; directory: ".wants/", ".requires/", or NULL for an alias. */
static int add_names(Links *links, const Search *search, const char *value, const char *directory,
        const char *unit)
{
        char word[CTR_UNIT_NAME_MAX], other[CTR_UNIT_NAME_MAX];
        int r = 0;

        for (const char *p = value; *p && r >= 0; p += strspn(p, " \t")) {
                size_t n = strcspn(p, " \t");
                const char *name = word;

                (void) snprintf(word, sizeof(word), "%.*s", (int) n, p);
                if (settings_find_unit(search, word, other))
                        name = other;
                if (directory)
                        r = add_link(links, join(name, directory, unit), join("../", unit, ""));
                else
                        r = add_link(links, join(name, "", ""), join(unit, "", ""));
                p += n;
        }
        return r;
}

/* systemd takes a link as another name of an instance only when that is an instance of the same
 * name: "www@web.service" for "ctr@web.service". */
static int check_alias(const IniEntry *entry, const char *unit, CtrError *err)
{
        const char *instance = strchr(unit, '@') ? strchr(unit, '@') : ".service";
        size_t size = strlen(instance);

        for (const char *p = entry->value; *p; p += strspn(p, " \t")) {
                size_t n = strcspn(p, " \t");

                if (n <= size || strncmp(p + n - size, instance, size) != 0 ||
                        memchr(p, '@', n - size) || strncmp(p, unit, n) == 0)
                        return ini_entry_error(entry, err,
                                "\"%.*s\" is not valid: systemd takes only names like www%s",
                                (int) MIN_OF(n, 100U), p, instance);
                p += n;
        }
        return 0;
}

int links_add_settings(Links *links, const Settings *settings, const Search *search,
        const char *unit, Problem *problem)
{
        static const struct {
                const char *key;
                const char *directory;
        } kinds[] = {
                { "WantedBy", ".wants/" },
                { "RequiredBy", ".requires/" },
                { "Alias", NULL },
        };

        for (size_t i = 0; i < settings->ini.n; i++) {
                const IniEntry *entry = &settings->ini.items[i];
                int r = 0;

                if (settings->keys[i]->use != KEY_INSTALL || !settings_is_current(settings, i))
                        continue;
                (void) snprintf(problem->file, sizeof(problem->file), "%s", entry->file);
                for (size_t j = 0; j < ELEMENTSOF(kinds) && r >= 0; j++) {
                        if (strcmp(kinds[j].key, settings->keys[i]->name) != 0)
                                continue;
                        if (!kinds[j].directory)
                                r = check_alias(entry, unit, &problem->error);
                        if (r >= 0 && add_names(links, search, entry->value, kinds[j].directory,
                                              unit) < 0)
                                r = ctr_error_set(
                                        &problem->error, CTR_ERROR_SYSTEM, ENOMEM, "making links");
                }
                if (r < 0)
                        return r;
        }
        return 0;
}

int links_add_alias(Links *links, const char *alias, const char *unit)
{
        return add_link(links, join(alias, "", ""), join(unit, "", ""));
}

int links_add_wants(Links *links, const char *other, const char *unit)
{
        return add_link(links, join(other, ".wants/", unit), join("../", unit, ""));
}

int links_add_annotation(
        Links *links, const Search *search, const char *value, const char *unit, CtrError *err)
{
        if (!value_is_valid(VALUE_UNITS, NULL, value))
                return ctr_error_field(err, "annotations[\"" LINKS_ANNOTATION "\"]",
                        "\"%.100s\" is not valid, expected %s", value,
                        value_kind_help(VALUE_UNITS, NULL));
        if (add_names(links, search, value, ".wants/", unit) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "making links");
        return 0;
}

void links_done(Links *links)
{
        for (size_t i = 0; i < links->n; i++) {
                free(links->items[i].path);
                free(links->items[i].target);
        }
        free(links->items);
        *links = (Links){ 0 };
}
