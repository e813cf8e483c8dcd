/* Shared by the recipe-*.c files: what a key's function gets, and helpers over its value. */
#pragma once

#include "unitfile/recipe.h"

typedef struct RecipeKey {
        Recipe *recipe;
        const IniEntry *entry;
        char *value; /* specifiers replaced */
        CtrError *err;
} RecipeKey;

typedef int (*RecipeReader)(const RecipeKey *key);

/* One row: a key of [Container] and what reads it. */
typedef struct RecipeRow {
        const char *name;
        RecipeReader read;
} RecipeRow;

/* By subject; each ends in a name of NULL. */
extern const RecipeRow recipe_process_rows[];
extern const RecipeRow recipe_mount_rows[];
extern const RecipeRow recipe_security_rows[];
extern const RecipeRow recipe_id_rows[];
extern const RecipeRow recipe_health_rows[];
extern const RecipeRow recipe_name_rows[];
extern const RecipeRow recipe_pod_rows[];

/* Fills the error with the entry's position. Returns -EINVAL. */
#define recipe_fail(key, ...) ini_entry_error((key)->entry, (key)->err, __VA_ARGS__)

/* Value as words or parts, with the key's position for errors. */
int recipe_split(const RecipeKey *key, SpecStrv *ret);
int recipe_cut(const RecipeKey *key, const char *text, char separator, SpecStrv *ret);

/* Sets a name in a list: a later one takes the place of an earlier one. */
int recipe_set(const RecipeKey *key, SpecKeyValues *list, char *name, char *value);

/* Words of the form NAME=VALUE into a list. */
int recipe_set_words(const RecipeKey *key, SpecKeyValues *list);

/* Of a value that was checked to be a boolean. */
bool recipe_is_true(const char *value);

/* "/a", "./a" or "a" (relative to the file's directory), without ".." parts; ret is absolute. */
int recipe_host_path(const RecipeKey *key, const char *text, char **ret);

/* A path in the container: absolute. */
int recipe_container_path(const RecipeKey *key, const char *text);

/* "512m", "1g", "64k", "100b", "100". */
int recipe_bytes(const RecipeKey *key, const char *text, uint64_t *ret);

/* A new mount at the end of the list; NULL: out of memory, with the error filled. */
RecipeMount *recipe_add_mount(
        const RecipeKey *key, const char *type, const char *source, const char *destination);

/* Appends a literal option. */
int recipe_add_option(const RecipeKey *key, RecipeMount *mount, const char *option);

/* Reads one key. */
int recipe_read_key(Recipe *recipe, const IniEntry *entry, CtrError *err);

/* After all keys: what depends on several. The entry is the place of an error. */
int recipe_finish_pod(Recipe *recipe, const Settings *settings, const Search *pods,
        const IniEntry **ret_entry, CtrError *err);
int recipe_finish_mounts(
        Recipe *recipe, const Settings *settings, const IniEntry **ret_entry, CtrError *err);
void recipe_finish_capabilities(Recipe *recipe);
int recipe_finish_health(
        Recipe *recipe, const Settings *settings, const IniEntry **ret_entry, CtrError *err);
int recipe_finish_names(Recipe *recipe, const IniEntry **ret_entry, CtrError *err);
int recipe_finish_ids(Recipe *recipe, const IniEntry **ret_entry, CtrError *err);

/* Bit of a capability by its name, with or without CAP_, in any case; -1 = none. */
int recipe_find_capability(const char *name);
