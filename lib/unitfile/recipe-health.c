/* Keys of health checks: HealthCmd= and its kin become annotations (plan/health.h), from which the
 * generator makes a timer. */
#include "unitfile/recipe-internal.h"

#include "base/duration.h"
#include "base/io.h"
#include "base/json.h"

#include <string.h>

#define ANNOTATION "org.ctrunit.health"

static int set(const RecipeKey *key, const char *name, char *value)
{
        return recipe_set(key, &key->recipe->annotations, (char *) (uintptr_t) name, value);
}

/* The words of the array that say how the rest is meant, as images have them. */
static int set_array(const RecipeKey *key, const JsonValue *array)
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
        return copy ? set(key, ANNOTATION, copy) : words_no_memory(key->entry, key->err);
}

/* Text for /bin/sh, or a JSON array: ["CMD", "/bin/check"]. */
static int read_command(const RecipeKey *key)
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
                return set_array(key, json_document_root(doc));
        f = open_memstream(&text, &size);
        if (!f)
                return words_no_memory(key->entry, key->err);
        (void) fputs("[\"/bin/sh\",\"-c\",", f);
        json_write_string(f, key->value);
        (void) fputc(']', f);
        copy = fclose(f) != 0 ? NULL : words_format(&key->recipe->arena, "%s", text);
        return copy ? set(key, ANNOTATION, copy) : words_no_memory(key->entry, key->err);
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

static int read_retries(const RecipeKey *key)
{
        uint64_t number;

        if (ctr_parse_u64(key->value, 1000, &number) < 0 || number == 0)
                return recipe_fail(key, "\"%.100s\" is not valid, expected a number from 1 to 1000",
                        key->value);
        return set(key, ANNOTATION ".retries", key->value);
}

static int read_action(const RecipeKey *key)
{
        return set(key, ANNOTATION ".onFailure", key->value);
}

const RecipeRow recipe_health_rows[] = {
        { "HealthCmd", read_command },
        { "HealthInterval", read_interval },
        { "HealthTimeout", read_timeout },
        { "HealthStartPeriod", read_start_period },
        { "HealthRetries", read_retries },
        { "HealthOnFailure", read_action },
        { NULL, NULL },
};
