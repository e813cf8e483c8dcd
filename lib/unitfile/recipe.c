/* From keys to values: which function reads which key, and the helpers they share. See recipe.h. */
#include "unitfile/recipe.h"

#include "unitfile/recipe-internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define CONFIG_KEY "Config"

static const RecipeRow *const subjects[] = {
        recipe_process_rows,
        recipe_mount_rows,
        recipe_security_rows,
        recipe_id_rows,
        recipe_health_rows,
        recipe_name_rows,
        recipe_pod_rows,
};

static const RecipeRow *find_row(const char *name)
{
        for (size_t i = 0; i < ELEMENTSOF(subjects); i++)
                for (const RecipeRow *row = subjects[i]; row->name; row++)
                        if (strcmp(row->name, name) == 0)
                                return row;
        return NULL;
}

/* ---- helpers of the readers ---- */

int recipe_error(const IniEntry *entry, CtrError *err, const char *fmt, ...)
{
        char message[768];
        va_list ap;

        va_start(ap, fmt);
        (void) vsnprintf(message, sizeof(message), fmt, ap);
        va_end(ap);
        return ini_entry_error(entry, err, "%s", message);
}

int recipe_split(const RecipeKey *key, SpecStrv *ret)
{
        return words_split(key->entry, key->value, &key->recipe->arena, ret, key->err);
}

int recipe_cut(const RecipeKey *key, const char *text, char separator, SpecStrv *ret)
{
        return words_cut(key->entry, text, separator, &key->recipe->arena, ret, key->err);
}

bool recipe_is_true(const char *value)
{
        return strchr("1yYtT", value[0]) || strcasecmp(value, "on") == 0;
}

int recipe_set(const RecipeKey *key, SpecKeyValues *list, char *name, char *value)
{
        SpecKeyValue *items;

        for (size_t i = 0; i < list->n; i++)
                if (strcmp(list->items[i].key, name) == 0) {
                        list->items[i].value = value;
                        return 0;
                }
        items = words_grow(&key->recipe->arena, list->items, list->n, sizeof(*items));
        if (!items)
                return words_no_memory(key->entry, key->err);
        list->items = items;
        items[list->n++] = (SpecKeyValue){ name, value };
        return 0;
}

int recipe_set_words(const RecipeKey *key, SpecKeyValues *list)
{
        SpecStrv words;
        int r = recipe_split(key, &words);

        for (size_t i = 0; i < words.n && r >= 0; i++) {
                char *equals = strchr(words.items[i], '=');

                if (!equals || equals == words.items[i])
                        return recipe_fail(key,
                                "\"%.100s\" is not valid, expected NAME=VALUE (a value with blanks "
                                "in quotes: \"NAME=a b\")",
                                words.items[i]);
                *equals = '\0';
                r = recipe_set(key, list, words.items[i], equals + 1);
        }
        return r;
}

static bool has_dots(const char *path)
{
        for (const char *p = path; *p; p += strspn(p, "/")) {
                size_t n = strcspn(p, "/");

                if (n == 2 && p[0] == '.' && p[1] == '.')
                        return true;
                p += n;
        }
        return false;
}

int recipe_host_path(const RecipeKey *key, const char *text, char **ret)
{
        size_t n;

        if (!*text || has_dots(text))
                return recipe_fail(key,
                        "\"%.200s\" is not valid, expected a path without \"..\": absolute, or "
                        "relative to the directory of this file",
                        text);
        if (strncmp(text, "./", 2) == 0)
                text += 2;
        *ret = text[0] == '/' ? spec_arena_strdup(&key->recipe->arena, text)
                              : words_format(&key->recipe->arena, "%s/%s", key->recipe->directory,
                                        strcmp(text, ".") == 0 ? "" : text);
        if (!*ret)
                return words_no_memory(key->entry, key->err);
        for (n = strlen(*ret); n > 1 && (*ret)[n - 1] == '/';)
                (*ret)[--n] = '\0';
        return 0;
}

int recipe_container_path(const RecipeKey *key, const char *text)
{
        if (text[0] == '/' && !has_dots(text))
                return 0;
        return recipe_fail(key,
                "\"%.200s\" is not valid, expected an absolute path in the container, without "
                "\"..\"",
                text);
}

int recipe_bytes(const RecipeKey *key, const char *text, uint64_t *ret)
{
        static const struct {
                const char *suffix;
                unsigned shift;
        } suffixes[] = { { "", 0 }, { "b", 0 }, { "k", 10 }, { "kb", 10 }, { "m", 20 },
                { "mb", 20 }, { "g", 30 }, { "gb", 30 }, { "t", 40 }, { "tb", 40 } };
        size_t digits = strspn(text, "0123456789");
        uint64_t number = 0;

        for (size_t i = 0; i < digits && digits < 16; i++)
                number = number * 10 + (uint64_t) (text[i] - '0');
        for (size_t i = 0; i < ELEMENTSOF(suffixes) && digits > 0 && digits < 16; i++)
                if (strcasecmp(text + digits, suffixes[i].suffix) == 0 &&
                        number <= (UINT64_C(1) << 62) >> suffixes[i].shift) {
                        *ret = number << suffixes[i].shift;
                        return 0;
                }
        return recipe_fail(
                key, "\"%.100s\" is not valid, expected a size like 512m, 2g or 65536", text);
}

/* ---- errors of config.json ---- */

static const struct {
        const char *path, *key;
} origins[] = {
        { "annotations", "Annotation" },
        { "annotations", "Label" },
        { "hostname", "HostName" },
        { "linux.gidMappings", "GIDMap" },
        { "linux.gidMappings", "UIDMap" },
        { "linux.mountLabel", "SecurityLabelFileType" },
        { "linux.namespaces", "UserNS" },
        { "linux.namespaces", "Network" },
        { "linux.seccomp", "SeccompProfile" },
        { "linux.sysctl", "Sysctl" },
        { "linux.uidMappings", "UIDMap" },
        { "linux.uidMappings", "GIDMap" },
        { "mounts", "Volume" },
        { "mounts", "Mount" },
        { "mounts", "Tmpfs" },
        { "process.apparmorProfile", "AppArmor" },
        { "process.args", "Exec" },
        { "process.args", "Entrypoint" },
        { "process.cwd", "WorkingDir" },
        { "process.env", "Environment" },
        { "process.rlimits", "Ulimit" },
        { "process.selinuxLabel", "SecurityLabelType" },
        { "process.user", "User" },
        { "root", "Rootfs" },
};

/* The last entry of a key that counts. */
static const IniEntry *last_entry(const Settings *settings, const char *name)
{
        for (size_t i = settings->ini.n; i-- > 0;)
                if (settings->keys[i]->use == KEY_CONTAINER && settings->ini.items[i].value[0] &&
                        strcmp(settings->keys[i]->name, name) == 0)
                        return &settings->ini.items[i];
        return NULL;
}

void recipe_locate(const Settings *settings, Problem *problem)
{
        CtrError *err = &problem->error;
        char text[sizeof(err->message)];

        /* A position in a text that nobody sees says nothing. */
        err->line = err->column = 0;
        for (size_t i = 0; i < ELEMENTSOF(origins) && err->field[0]; i++) {
                size_t n = strlen(origins[i].path);
                const IniEntry *entry = last_entry(settings, origins[i].key);

                if (!entry || strncmp(err->field, origins[i].path, n) != 0 ||
                        (err->field[n] && !strchr(".[", err->field[n])))
                        continue;
                (void) snprintf(text, sizeof(text), "%s: %.700s", err->field, err->message);
                (void) snprintf(problem->file, sizeof(problem->file), "%s", entry->file);
                (void) ini_entry_error(entry, err, "%s", text);
                return;
        }
}

/* ---- loading ---- */

/* The place that key needs an entry of. */
static const IniEntry *current_entry(const Settings *settings, const char *name)
{
        return settings_find(settings, KEY_CONTAINER, name);
}

bool recipe_is_wanted(const Settings *settings)
{
        for (size_t i = 0; i < settings->ini.n; i++)
                if (settings->keys[i]->use == KEY_CONTAINER &&
                        strcmp(settings->keys[i]->name, CONFIG_KEY) != 0)
                        return true;
        return false;
}

int recipe_read_key(Recipe *recipe, const IniEntry *entry, CtrError *err)
{
        const RecipeRow *row = find_row(entry->key);
        RecipeKey key = { .recipe = recipe, .entry = entry, .err = err };
        int r;

        if (!row)
                return ini_entry_error(entry, err,
                        "cannot stand beside keys that say what the container is: leave either out");
        r = words_expand(entry, recipe->id, &recipe->arena, &key.value, err);
        return r < 0 ? r : row->read(&key);
}

static int read_keys(Recipe *recipe, const Settings *settings, const IniEntry **ret, CtrError *err)
{
        int r = 0;

        for (size_t i = 0; i < settings->ini.n && r >= 0; i++) {
                const IniEntry *entry = &settings->ini.items[i];

                if (settings->keys[i]->use != KEY_CONTAINER || !entry->value[0] ||
                        !settings_is_current(settings, i))
                        continue;
                *ret = entry;
                r = recipe_read_key(recipe, entry, err);
        }
        return r;
}

static int finish(Recipe *recipe, const Settings *settings, const Search *pods,
        const IniEntry **ret, CtrError *err)
{
        const IniEntry *online = settings_find(settings, KEY_QUADLET, "DefaultDependencies");
        int r;

        *ret = NULL;
        recipe->wants_online = recipe->network != RECIPE_NETWORK_NONE &&
                               !(online && !recipe_is_true(online->value));
        if (!recipe->rootfs)
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                        "[Container] needs Rootfs=, the directory with the container's files");
        if (recipe->args.n + recipe->entrypoint.n == 0)
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                        "[Container] needs Exec= or Entrypoint=, the program to run");
        *ret = current_entry(settings, "ReloadCmd");
        if (*ret && recipe->reload_signal)
                return ini_entry_error(
                        *ret, err, "ReloadSignal= is given too: leave one of them out");
        recipe_finish_capabilities(recipe);
        r = recipe_finish_pod(recipe, settings, pods, ret, err);
        if (r >= 0)
                r = recipe_finish_ids(recipe, ret, err);
        if (r >= 0)
                r = recipe_finish_names(recipe, ret, err);
        if (r >= 0)
                r = recipe_finish_health(recipe, settings, ret, err);
        return r < 0 ? r : recipe_finish_mounts(recipe, settings, ret, err);
}

static int set_names(Recipe *recipe, const Settings *settings, const char *name,
        const char *directory, const IniEntry **ret, CtrError *err)
{
        *ret = current_entry(settings, "ContainerName");
        if (*ret && ctr_id_check((*ret)->value, NULL) < 0)
                return ini_entry_error(*ret, err,
                        "\"%.100s\" is not valid, expected letters, digits and _ + . -",
                        (*ret)->value);
        recipe->id = spec_arena_strdup(&recipe->arena, settings_container_id(settings, name));
        recipe->directory = spec_arena_strdup(&recipe->arena, directory);
        if (!recipe->id || !recipe->directory)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading settings");
        return 0;
}

int recipe_load(const Settings *settings, const char *name, const char *directory,
        const Search *pods, Recipe *ret, Problem *problem)
{
        Recipe recipe = {
                .is_readonly = true,
                .has_readonly_tmpfs = true,
                .has_no_new_privileges = true,
                .has_log = true,
        };
        const IniEntry *entry = NULL;
        int r;

        if (settings->n_files > 0)
                (void) snprintf(problem->file, sizeof(problem->file), "%s", settings->files[0]);
        r = set_names(&recipe, settings, name, directory, &entry, &problem->error);
        if (r >= 0)
                r = read_keys(&recipe, settings, &entry, &problem->error);
        if (r >= 0)
                r = finish(&recipe, settings, pods, &entry, &problem->error);
        if (r < 0 && entry)
                (void) snprintf(problem->file, sizeof(problem->file), "%s", entry->file);
        *ret = recipe;
        if (r < 0)
                recipe_done(ret);
        return r;
}

void recipe_done(Recipe *recipe)
{
        settings_done(&recipe->pod_settings);
        spec_arena_done(&recipe->arena);
        *recipe = (Recipe){ 0 };
}
