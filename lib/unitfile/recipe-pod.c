/* Keys of [Container] about its pod, and what the pod's own file says for all its containers: the
 * network and names that they share, and keys of [Pod] that are read as if they stood in each
 * container's file. */
#include "unitfile/recipe-internal.h"

#include "base/io.h"

#include <string.h>

static int read_pod(const RecipeKey *key)
{
        char name[CTR_UNIT_NAME_MAX];

        if (!pod_reference(key->value, name) || !ctr_id_is_valid(name))
                return recipe_fail(key,
                        "\"%.100s\" is not valid, expected NAME.pod, the name of a file",
                        key->value);
        key->recipe->pod = key->value;
        key->recipe->pod_entry = key->entry;
        return 0;
}

static int read_start_with_pod(const RecipeKey *key)
{
        key->recipe->stays_with_pod_start = !recipe_is_true(key->value);
        return 0;
}

static int join(Recipe *recipe, const PodFile *pod)
{
        recipe->pod_id = spec_arena_strdup(&recipe->arena, pod->id);
        recipe->pod_unit = spec_arena_strdup(&recipe->arena, pod->unit);
        recipe->pod_slice = spec_arena_strdup(&recipe->arena, pod->slice);
        recipe->network = pod->network[0] ? RECIPE_NETWORK_JOINED : RECIPE_NETWORK_HOST;
        recipe->network_path =
                pod->network[0] ? spec_arena_strdup(&recipe->arena, pod->network) : NULL;
        recipe->host_name = spec_arena_strdup(&recipe->arena, pod->host_name);
        return recipe->pod_id && recipe->pod_unit && recipe->pod_slice && recipe->host_name &&
                               (recipe->network_path || !pod->network[0])
                       ? 0
                       : -ENOMEM;
}

/* Keys of [Pod] that are each container's. */
static bool is_shared_key(const KeyInfo *key)
{
        static const char *const names[] = { "Volume", "AddHost", "DNS", "DNSSearch", "DNSOption" };

        for (size_t i = 0; i < ELEMENTSOF(names) && key->use == KEY_POD; i++)
                if (strcmp(names[i], key->name) == 0)
                        return true;
        return false;
}

/* Paths are relative to the pod's file. */
static int read_shared_key(Recipe *recipe, const IniEntry *entry, CtrError *err)
{
        char *directory = recipe->directory;
        const char *slash = strrchr(entry->file, '/');
        size_t n = recipe->n_mounts;
        int r;

        if (slash)
                recipe->directory = words_format(
                        &recipe->arena, "%.*s", (int) MAX_OF(slash - entry->file, 1), entry->file);
        if (!recipe->directory)
                return words_no_memory(entry, err);
        r = recipe_read_key(recipe, entry, err);
        recipe->directory = directory;
        if (r >= 0 && recipe->n_mounts > n && recipe->mounts[n].is_own && !recipe->mounts[n].volume)
                return ini_entry_error(entry, err,
                        "\"%.100s\" is a directory of each container's own: write NAME.volume, or a "
                        "path on the host",
                        entry->value);
        return r;
}

static int read_shared_keys(
        Recipe *recipe, const Settings *settings, const IniEntry **ret_entry, CtrError *err)
{
        int r = 0;

        for (size_t i = 0; i < settings->ini.n && r >= 0; i++) {
                const IniEntry *entry = &settings->ini.items[i];

                if (!is_shared_key(settings->keys[i]) || !entry->value[0] ||
                        !settings_is_current(settings, i))
                        continue;
                *ret_entry = entry;
                r = read_shared_key(recipe, entry, err);
        }
        return r;
}

/* What the containers of a pod share is said once, in its file. */
static int check_alone(
        const Recipe *recipe, const Settings *settings, const IniEntry **ret_entry, CtrError *err)
{
        static const struct {
                KeyUse use;
                const char *key, *reason;
        } shared[] = {
                { KEY_CONTAINER, "Network", "the network is that of its pod: Network= in %s" },
                { KEY_CONTAINER, "HostName", "the host name is that of its pod: HostName= in %s" },
                { KEY_SERVICE, "Slice", "a container of %s is in the pod's slice" },
        };

        for (size_t i = 0; i < ELEMENTSOF(shared); i++) {
                *ret_entry = settings_find(settings, shared[i].use, shared[i].key);
                if (*ret_entry)
                        return recipe_error(*ret_entry, err, shared[i].reason, recipe->pod);
        }
        return 0;
}

int recipe_finish_pod(Recipe *recipe, const Settings *settings, const Search *pods,
        const IniEntry **ret_entry, CtrError *err)
{
        Problem problem = { 0 };
        PodFile pod;
        int r;

        *ret_entry = settings_find(settings, KEY_CONTAINER, "StartWithPod");
        if (!recipe->pod)
                return *ret_entry ? ini_entry_error(*ret_entry, err, "needs Pod=NAME.pod beside it")
                                  : 0;
        r = check_alone(recipe, settings, ret_entry, err);
        if (r < 0)
                return r;
        *ret_entry = recipe->pod_entry;
        r = pod_file_open(pods, recipe->pod, &recipe->pod_settings, &pod, &problem);
        if (r == 0)
                return ini_entry_error(*ret_entry, err,
                        "there is no %s in the directories of .container files", recipe->pod);
        if (r < 0 && pods)
                return ini_entry_error(*ret_entry, err, "%s is broken, see there", recipe->pod);
        if (r < 0)
                return ini_entry_error(*ret_entry, err, "%s", problem.error.message);
        recipe->wants_online = false;
        if (join(recipe, &pod) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading settings");
        return read_shared_keys(recipe, &recipe->pod_settings, ret_entry, err);
}

int recipe_check_pod(const Settings *settings, const char *directory, Problem *problem)
{
        _cleanup_(recipe_done) Recipe recipe = { 0 };
        const IniEntry *entry = NULL;
        int r;

        recipe.id = spec_arena_strdup(&recipe.arena, "pod");
        recipe.directory = spec_arena_strdup(&recipe.arena, directory);
        if (!recipe.id || !recipe.directory)
                return ctr_error_set(&problem->error, CTR_ERROR_SYSTEM, ENOMEM, "reading settings");
        r = read_shared_keys(&recipe, settings, &entry, &problem->error);
        if (r >= 0)
                r = recipe_finish_names(&recipe, &entry, &problem->error);
        if (r < 0 && entry)
                (void) snprintf(problem->file, sizeof(problem->file), "%s", entry->file);
        return r;
}

const RecipeRow recipe_pod_rows[] = {
        { "Pod", read_pod },
        { "StartWithPod", read_start_with_pod },
        { NULL, NULL },
};
