/* Keys of [Container] about namespaces: whose ids the container's are, and whose network it has. */
#include "unitfile/recipe-internal.h"

#include "base/io.h"

#include <string.h>

/* CONTAINER:HOST[:SIZE] */
static int read_map(const RecipeKey *key, RecipeMap *map)
{
        SpecIdMappings *ids = &map->ids;
        SpecIdMapping *items;
        uint64_t numbers[3] = { 0, 0, 1 };
        SpecStrv parts;
        int r = recipe_cut(key, key->value, ':', &parts);

        if (r < 0)
                return r;
        for (size_t i = 0; i < parts.n; i++)
                if (parts.n < 2 || parts.n > 3 ||
                        ctr_parse_u64(parts.items[i], UINT32_MAX - 1, &numbers[i]) < 0)
                        return recipe_fail(key,
                                "\"%.100s\" is not valid, expected CONTAINER-ID:HOST-ID:COUNT like "
                                "0:100000:65536",
                                key->value);
        if (parts.n < 2 || numbers[2] == 0)
                return recipe_fail(key,
                        "\"%.100s\" is not valid, expected CONTAINER-ID:HOST-ID:COUNT like "
                        "0:100000:65536",
                        key->value);
        items = words_grow(&key->recipe->arena, ids->items, ids->n, sizeof(*items));
        if (!items)
                return words_no_memory(key->entry, key->err);
        ids->items = items;
        items[ids->n++] = (SpecIdMapping){
                .container_id = (uint32_t) numbers[0],
                .host_id = (uint32_t) numbers[1],
                .size = (uint32_t) numbers[2],
        };
        map->entry = key->entry;
        return 0;
}

static int read_uid_map(const RecipeKey *key)
{
        return read_map(key, &key->recipe->uid_map);
}

static int read_gid_map(const RecipeKey *key)
{
        return read_map(key, &key->recipe->gid_map);
}

static int read_sub_name(const RecipeKey *key, RecipeMap *map)
{
        map->sub_name = key->value;
        map->entry = key->entry;
        if (strpbrk(key->value, ": \t/"))
                return recipe_fail(key, "\"%.100s\" is not a user's name", key->value);
        return 0;
}

static int read_sub_uid_map(const RecipeKey *key)
{
        return read_sub_name(key, &key->recipe->uid_map);
}

static int read_sub_gid_map(const RecipeKey *key)
{
        return read_sub_name(key, &key->recipe->gid_map);
}

/* What podman has besides, and what does the same here. A range is never chosen by us: it would
 * be another one after each restart, and the files of volumes would belong to nobody. */
static const struct {
        const char *mode, *reason;
} other_user_namespaces[] = {
        { "auto", "no range of ids is chosen here, as files would change hands with it: name one "
                  "with SubUIDMap= and SubGIDMap=, or UIDMap= and GIDMap=" },
        { "keep-id", "it is for users who run podman themselves, and root runs this container: use "
                     "UIDMap= and GIDMap=, where a line 1000:1000:1 keeps an id" },
        { "nomap", "it is for users who run podman themselves, and root runs this container: use "
                   "UIDMap= and GIDMap= without that user's id" },
        { "private", "say which ids with UIDMap= and GIDMap=, or SubUIDMap= and SubGIDMap=" },
        { "remap", "use UIDMap= and GIDMap=" },
        { "container", "name its namespace: ns:/proc/PID/ns/user" },
};

static int read_user_namespace(const RecipeKey *key)
{
        if (strcmp(key->value, "host") == 0 || strcmp(key->value, "") == 0)
                return 0;
        if (strncmp(key->value, "ns:/", 4) == 0) {
                key->recipe->user_namespace = key->value + 3;
                return 0;
        }
        for (size_t i = 0; i < ELEMENTSOF(other_user_namespaces); i++) {
                size_t n = strlen(other_user_namespaces[i].mode);

                if (strncmp(key->value, other_user_namespaces[i].mode, n) == 0 &&
                        (!key->value[n] || key->value[n] == ':'))
                        return recipe_fail(key, "\"%.100s\" is not possible: %s", key->value,
                                other_user_namespaces[i].reason);
        }
        return recipe_fail(key,
                "\"%.100s\" is not supported: host, ns:PATH, or say which ids with UIDMap= and "
                "GIDMap= (0:100000:65536) or SubUIDMap= and SubGIDMap=",
                key->value);
}

static int read_network(const RecipeKey *key)
{
        Recipe *recipe = key->recipe;

        if (strcmp(key->value, "none") == 0 || strcmp(key->value, "private") == 0)
                recipe->network = RECIPE_NETWORK_NONE;
        else if (strcmp(key->value, "host") == 0)
                recipe->network = RECIPE_NETWORK_HOST;
        else if (strncmp(key->value, "ns:/", 4) == 0) {
                recipe->network = RECIPE_NETWORK_JOINED;
                recipe->network_path = key->value + 3;
        } else
                return recipe_fail(key,
                        "\"%.100s\" is not supported: none, host or ns:PATH (a namespace that "
                        "something else has set up, like /run/netns/NAME)",
                        key->value);
        return 0;
}

/* One kind of ids alone is the other kind too, as podman has it. */
static void complete_maps(RecipeMap *map, const RecipeMap *other)
{
        if (!map->entry)
                *map = *other;
}

int recipe_finish_ids(Recipe *recipe, const IniEntry **ret_entry, CtrError *err)
{
        RecipeMap *maps[] = { &recipe->uid_map, &recipe->gid_map };

        complete_maps(&recipe->uid_map, &recipe->gid_map);
        complete_maps(&recipe->gid_map, &recipe->uid_map);
        for (size_t i = 0; i < ELEMENTSOF(maps); i++) {
                *ret_entry = maps[i]->entry;
                if (maps[i]->ids.n > 0 && maps[i]->sub_name)
                        return ini_entry_error(*ret_entry, err,
                                "a map is given both by numbers and by a name of /etc/sub%cid: "
                                "leave one of them out",
                                i == 0 ? 'u' : 'g');
                if (*ret_entry && recipe->user_namespace)
                        return ini_entry_error(*ret_entry, err,
                                "the user namespace that UserNS= joins has its maps already");
        }
        return 0;
}

const RecipeRow recipe_id_rows[] = {
        { "UIDMap", read_uid_map },
        { "GIDMap", read_gid_map },
        { "SubUIDMap", read_sub_uid_map },
        { "SubGIDMap", read_sub_gid_map },
        { "UserNS", read_user_namespace },
        { "Network", read_network },
        { NULL, NULL },
};
