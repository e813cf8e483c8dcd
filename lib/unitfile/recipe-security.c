/* Keys of [Container] about privileges: capabilities, system calls, security modules, devices,
 * kernel settings, what is hidden. The defaults are those of `ctrctl spec`. */
#include "unitfile/recipe-internal.h"

#include "spec/default-config.h"

#include <fnmatch.h>
#include <linux/capability.h>
#include <string.h>

#define ALL "all"

/* ---- capabilities ---- */

int recipe_find_capability(const char *name)
{
        if (strncasecmp(name, "CAP_", 4) == 0)
                name += 4;
        for (size_t i = 0; spec_capability_name(i); i++)
                if (strcasecmp(spec_capability_name(i) + 4, name) == 0)
                        return (int) i;
        return -1;
}

static int add_capabilities(const RecipeKey *key, uint64_t *mask)
{
        SpecStrv words;
        int r = recipe_split(key, &words);

        for (size_t i = 0; i < words.n && r >= 0; i++) {
                int number = recipe_find_capability(words.items[i]);

                if (strcasecmp(words.items[i], ALL) == 0)
                        *mask = (UINT64_C(2) << CAP_LAST_CAP) - 1;
                else if (number < 0)
                        return recipe_fail(key, "\"%.100s\" is not a capability of capabilities(7)",
                                words.items[i]);
                else
                        *mask |= UINT64_C(1) << number;
        }
        return r;
}

static int read_add_capability(const RecipeKey *key)
{
        return add_capabilities(key, &key->recipe->added_capabilities);
}

static int read_drop_capability(const RecipeKey *key)
{
        return add_capabilities(key, &key->recipe->dropped_capabilities);
}

/* Dropped first: DropCapability=all with AddCapability=CAP_KILL leaves this one. A capability that
 * is named in both by itself stays dropped. */
void recipe_finish_capabilities(Recipe *recipe)
{
        const uint64_t all = (UINT64_C(2) << CAP_LAST_CAP) - 1;
        uint64_t mask = 0;

        for (size_t i = 0; spec_default_capabilities[i]; i++)
                mask |= UINT64_C(1) << recipe_find_capability(spec_default_capabilities[i]);
        if (recipe->dropped_capabilities != all)
                recipe->added_capabilities &= ~recipe->dropped_capabilities;
        recipe->capabilities = (mask & ~recipe->dropped_capabilities) | recipe->added_capabilities;
}

static int read_no_new_privileges(const RecipeKey *key)
{
        key->recipe->has_no_new_privileges = recipe_is_true(key->value);
        return 0;
}

/* ---- system calls, security modules ---- */

static int read_seccomp(const RecipeKey *key)
{
        key->recipe->is_unconfined = strcmp(key->value, "unconfined") == 0;
        if (key->recipe->is_unconfined)
                return 0;
        key->recipe->seccomp_file.entry = key->entry;
        return recipe_host_path(key, key->value, &key->recipe->seccomp_file.path);
}

static int read_apparmor(const RecipeKey *key)
{
        key->recipe->apparmor = strcmp(key->value, "unconfined") == 0 ? NULL : key->value;
        return 0;
}

static int check_label(const RecipeKey *key, const char *more)
{
        for (const char *p = key->value; *p; p++)
                if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_",
                            *p) &&
                        !strchr(more, *p))
                        return recipe_fail(
                                key, "\"%.100s\" is not valid as part of a label", key->value);
        return 0;
}

static int read_label_type(const RecipeKey *key)
{
        key->recipe->label_type = key->value;
        return check_label(key, "");
}

static int read_label_level(const RecipeKey *key)
{
        key->recipe->label_level = key->value;
        return check_label(key, ":,.-");
}

static int read_label_file_type(const RecipeKey *key)
{
        key->recipe->label_file_type = key->value;
        return check_label(key, "");
}

/* Without a label of its own the container has none to begin with. */
static int read_label_disable(const RecipeKey *key)
{
        if (recipe_is_true(key->value) && (key->recipe->label_type || key->recipe->label_file_type))
                return recipe_fail(
                        key, "another SecurityLabel key is given: leave one of them out");
        return 0;
}

/* ---- hidden paths ---- */

static int remove_matching(const char *pattern, SpecStrv *list)
{
        size_t kept = 0;

        for (size_t i = 0; i < list->n; i++)
                if (strcmp(pattern, "ALL") != 0 &&
                        fnmatch(pattern, list->items[i], FNM_PATHNAME) != 0)
                        list->items[kept++] = list->items[i];
        list->n = kept;
        return 0;
}

static int copy_defaults(Recipe *recipe)
{
        int r = 0;

        if (recipe->masked_paths.items)
                return 0;
        for (size_t i = 0; spec_default_masked_paths[i] && r >= 0; i++)
                r = words_add(&recipe->masked_paths,
                        (char *) (uintptr_t) spec_default_masked_paths[i], &recipe->arena);
        for (size_t i = 0; spec_default_readonly_paths[i] && r >= 0; i++)
                r = words_add(&recipe->readonly_paths,
                        (char *) (uintptr_t) spec_default_readonly_paths[i], &recipe->arena);
        return r;
}

static int for_each_path(const RecipeKey *key, bool is_mask)
{
        Recipe *recipe = key->recipe;
        SpecStrv paths;
        int r = recipe_cut(key, key->value, ':', &paths);

        if (r >= 0 && copy_defaults(recipe) < 0)
                r = words_no_memory(key->entry, key->err);
        for (size_t i = 0; i < paths.n && r >= 0; i++) {
                char *path = paths.items[i];

                if (is_mask || strcmp(path, "ALL") != 0)
                        r = recipe_container_path(key, path);
                if (r < 0)
                        break;
                if (is_mask) {
                        if (words_add(&recipe->masked_paths, path, &recipe->arena) < 0)
                                return words_no_memory(key->entry, key->err);
                } else {
                        (void) remove_matching(path, &recipe->masked_paths);
                        (void) remove_matching(path, &recipe->readonly_paths);
                }
        }
        return r;
}

static int read_mask(const RecipeKey *key)
{
        return for_each_path(key, true);
}

static int read_unmask(const RecipeKey *key)
{
        return for_each_path(key, false);
}

/* A container that has labels of its own inside sees the files for them. */
static int read_label_nested(const RecipeKey *key)
{
        if (!recipe_is_true(key->value))
                return 0;
        if (copy_defaults(key->recipe) < 0)
                return words_no_memory(key->entry, key->err);
        return remove_matching("/sys/fs/selinux", &key->recipe->masked_paths);
}

/* ---- devices, kernel settings ---- */

/* [-]HOST[:CONTAINER][:ACCESS] */
static int read_device(const RecipeKey *key)
{
        Recipe *recipe = key->recipe;
        bool is_optional = key->value[0] == '-';
        RecipeDevice device = { .access = (char *) (uintptr_t) "rwm",
                .is_optional = is_optional,
                .entry = key->entry };
        RecipeDevice *devices;
        SpecStrv parts;
        int r = recipe_cut(key, key->value + is_optional, ':', &parts);

        if (r < 0)
                return r;
        device.host = device.path = parts.items[0];
        if (parts.n >= 2 && parts.items[1][0] == '/')
                device.path = parts.items[1];
        if (parts.n == 3 || (parts.n == 2 && parts.items[1][0] != '/'))
                device.access = parts.items[parts.n - 1];
        if (parts.n > 3 || strncmp(device.host, "/dev/", 5) != 0 || !*device.access ||
                strspn(device.access, "rwm") != strlen(device.access) ||
                (parts.n == 3 && parts.items[1][0] != '/'))
                return recipe_fail(key,
                        "\"%.200s\" is not valid, expected /dev/NAME[:PATH-INSIDE][:rwm]",
                        key->value);
        if (strpbrk(device.host, " \t\"'\\%"))
                return recipe_fail(key, "the path of a device has no blanks or quotes");
        r = recipe_host_path(key, device.host, &device.host);
        if (r >= 0)
                r = recipe_container_path(key, device.path);
        if (r < 0)
                return r;
        devices = words_grow(&recipe->arena, recipe->devices, recipe->n_devices, sizeof(*devices));
        if (!devices)
                return words_no_memory(key->entry, key->err);
        recipe->devices = devices;
        devices[recipe->n_devices++] = device;
        return 0;
}

static int read_sysctl(const RecipeKey *key)
{
        return recipe_set_words(key, &key->recipe->sysctls);
}

const RecipeRow recipe_security_rows[] = {
        { "AddCapability", read_add_capability },
        { "DropCapability", read_drop_capability },
        { "NoNewPrivileges", read_no_new_privileges },
        { "SeccompProfile", read_seccomp },
        { "AppArmor", read_apparmor },
        { "SecurityLabelType", read_label_type },
        { "SecurityLabelLevel", read_label_level },
        { "SecurityLabelFileType", read_label_file_type },
        { "SecurityLabelDisable", read_label_disable },
        { "SecurityLabelNested", read_label_nested },
        { "Mask", read_mask },
        { "Unmask", read_unmask },
        { "AddDevice", read_device },
        { "Sysctl", read_sysctl },
        { NULL, NULL },
};
