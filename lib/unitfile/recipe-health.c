/* Keys of health checks: HealthCmd= and its kin become annotations (plan/health.h), from which the
 * generator makes a timer. */
#include "unitfile/recipe-internal.h"

#include "base/duration.h"
#include "base/io.h"
#include "base/json.h"

#include <string.h>

#define ANNOTATION "org.ctrunit.health"
#define STARTUP    ANNOTATION ".startup"

static int set(const RecipeKey *key, const char *name, char *value)
{
        return recipe_set(key, &key->recipe->annotations, (char *) (uintptr_t) name, value);
}

/* The words of the array that say how the rest is meant, as images have them. */
static int set_array(const RecipeKey *key, const char *name, const JsonValue *array)
{
        const char *first = json_value_string(json_value_item(array, 0));
        size_t n = json_value_length(array), skip = 0;
        _cleanup_free_ char *text = NULL;
        char *copy;
        size_t size;
        FILE *f;

        if (first && strcmp(first, "NONE") == 0 && n == 1)
                return 0;
        if (first && (strcmp(first, "CMD") == 0 || strcmp(first, "CMD-SHELL") == 0))
                skip = 1;
        f = open_memstream(&text, &size);
        if (!f)
                return words_no_memory(key->entry, key->err);
        (void) fputc('[', f);
        if (first && strcmp(first, "CMD-SHELL") == 0)
                (void) fputs("\"/bin/sh\",\"-c\",", f);
        for (size_t i = skip; i < n; i++) {
                const char *word = json_value_string(json_value_item(array, i));

                if (!word) {
                        (void) fclose(f);
                        return recipe_fail(key, "expected strings in the array");
                }
                (void) fputs(i > skip ? "," : "", f);
                json_write_string(f, word);
        }
        (void) fputc(']', f);
        if (fclose(f) != 0)
                return words_no_memory(key->entry, key->err);
        if (n <= skip)
                return recipe_fail(key, "the array has no command");
        copy = words_format(&key->recipe->arena, "%s", text);
        return copy ? set(key, name, copy) : words_no_memory(key->entry, key->err);
}

/* Text for /bin/sh, or a JSON array: ["CMD", "/bin/check"]. */
static int read_words(const RecipeKey *key, const char *name)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        _cleanup_free_ char *text = NULL;
        char *copy;
        size_t size;
        FILE *f;

        if (strcmp(key->value, "none") == 0)
                return 0;
        if (key->value[0] == '[' &&
                json_document_parse(key->value, strlen(key->value), &doc, NULL) >= 0 &&
                json_value_type(json_document_root(doc)) == JSON_TYPE_ARRAY)
                return set_array(key, name, json_document_root(doc));
        f = open_memstream(&text, &size);
        if (!f)
                return words_no_memory(key->entry, key->err);
        (void) fputs("[\"/bin/sh\",\"-c\",", f);
        json_write_string(f, key->value);
        (void) fputc(']', f);
        copy = fclose(f) != 0 ? NULL : words_format(&key->recipe->arena, "%s", text);
        return copy ? set(key, name, copy) : words_no_memory(key->entry, key->err);
}

static int read_command(const RecipeKey *key)
{
        return read_words(key, ANNOTATION);
}

static int read_startup_command(const RecipeKey *key)
{
        return read_words(key, STARTUP);
}

static int read_time(const RecipeKey *key, const char *name, bool is_zero_valid)
{
        uint64_t msec;

        if (duration_parse(key->value, &msec) < 0 || (msec == 0 && !is_zero_valid))
                return recipe_fail(key,
                        "\"%.100s\" is not valid, expected a time such as 30s, 1m30s or 500ms",
                        key->value);
        return set(key, name, key->value);
}

static int read_interval(const RecipeKey *key)
{
        return strcmp(key->value, "disable") == 0 ? set(key, ANNOTATION ".interval", key->value)
                                                  : read_time(key, ANNOTATION ".interval", false);
}

static int read_timeout(const RecipeKey *key)
{
        return read_time(key, ANNOTATION ".timeout", false);
}

static int read_start_period(const RecipeKey *key)
{
        return read_time(key, ANNOTATION ".startPeriod", true);
}

static int read_startup_interval(const RecipeKey *key)
{
        return read_time(key, STARTUP ".interval", false);
}

static int read_startup_timeout(const RecipeKey *key)
{
        return read_time(key, STARTUP ".timeout", false);
}

static int read_number(const RecipeKey *key, const char *name, uint64_t min)
{
        uint64_t number;

        if (ctr_parse_u64(key->value, 1000, &number) < 0 || number < min)
                return recipe_fail(key,
                        "\"%.100s\" is not valid, expected a number from %u to 1000", key->value,
                        (unsigned) min);
        return set(key, name, key->value);
}

static int read_retries(const RecipeKey *key)
{
        return read_number(key, ANNOTATION ".retries", 1);
}

static int read_startup_retries(const RecipeKey *key)
{
        return read_number(key, STARTUP ".retries", 0);
}

static int read_startup_success(const RecipeKey *key)
{
        return read_number(key, STARTUP ".success", 0);
}

static int read_action(const RecipeKey *key)
{
        return set(key, ANNOTATION ".onFailure", key->value);
}

/* ---- after all keys ---- */

static bool has_annotation(const Recipe *recipe, const char *name)
{
        for (size_t i = 0; i < recipe->annotations.n; i++)
                if (strcmp(recipe->annotations.items[i].key, name) == 0)
                        return true;
        return false;
}

/* Without a command ("none") what else is said of it means nothing. */
static void drop_annotations(Recipe *recipe, const char *prefix)
{
        SpecKeyValues *list = &recipe->annotations;
        size_t kept = 0;

        for (size_t i = 0; i < list->n; i++)
                if (strncmp(list->items[i].key, prefix, strlen(prefix)) != 0)
                        list->items[kept++] = list->items[i];
        list->n = kept;
}

/* The first key of a kind that its command lacks. */
static const IniEntry *find_alone(const Settings *settings, const char *command, const char *prefix)
{
        if (settings_find(settings, KEY_CONTAINER, command))
                return NULL;
        for (const RecipeRow *row = recipe_health_rows; row->name; row++) {
                const IniEntry *entry = strncmp(row->name, prefix, strlen(prefix)) == 0
                                                ? settings_find(settings, KEY_CONTAINER, row->name)
                                                : NULL;

                if (entry)
                        return entry;
        }
        return NULL;
}

int recipe_finish_health(
        Recipe *recipe, const Settings *settings, const IniEntry **ret_entry, CtrError *err)
{
        static const struct {
                const char *command, *prefix, *annotation;
        } kinds[] = {
                { "HealthCmd", "Health", ANNOTATION },
                { "HealthStartupCmd", "HealthStartup", STARTUP },
        };
        const IniEntry *interval = settings_find(settings, KEY_CONTAINER, "HealthInterval");

        for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
                *ret_entry = find_alone(settings, kinds[i].command, kinds[i].prefix);
                if (*ret_entry)
                        return ini_entry_error(
                                *ret_entry, err, "needs %s= beside it", kinds[i].command);
                if (settings_find(settings, KEY_CONTAINER, kinds[i].command) &&
                        !has_annotation(recipe, kinds[i].annotation))
                        drop_annotations(recipe, kinds[i].annotation);
        }
        *ret_entry = interval;
        if (interval && strcmp(interval->value, "disable") == 0 && has_annotation(recipe, STARTUP))
                return ini_entry_error(interval, err,
                        "not with HealthStartupCmd=, which the checks of this interval follow");
        return 0;
}

const RecipeRow recipe_health_rows[] = {
        { "HealthCmd", read_command },
        { "HealthInterval", read_interval },
        { "HealthTimeout", read_timeout },
        { "HealthStartPeriod", read_start_period },
        { "HealthRetries", read_retries },
        { "HealthOnFailure", read_action },
        { "HealthStartupCmd", read_startup_command },
        { "HealthStartupInterval", read_startup_interval },
        { "HealthStartupTimeout", read_startup_timeout },
        { "HealthStartupRetries", read_startup_retries },
        { "HealthStartupSuccess", read_startup_success },
        { NULL, NULL },
};
