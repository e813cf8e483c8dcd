/* A Recipe as the text of a config.json: what the keys say over the defaults of `ctrctl spec`. What
 * is not known before the start is left out: names of users, devices, files. The outline, which the
 * generator reads at each boot, has neither line breaks nor the defaults that no unit tells of. */
#include "unitfile/recipe.h"

#include "base/digest.h"
#include "base/json.h"
#include "spec/default-config.h"
#include "unitfile/resolv.h"

#include <inttypes.h>
#include <string.h>

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define DEVPTS_GROUP 5

enum { HOST_NAME_SIZE_MAX = 64, CAPABILITIES_MAX = 64 };

/* Where in the text: objects and arrays are open, and whether the innermost has items. */
typedef struct Writer {
        FILE *f;
        unsigned depth;
        bool has_items;
        bool is_outline;
} Writer;

static void put_line_break(Writer *w)
{
        if (w->is_outline)
                return;
        (void) putc_unlocked('\n', w->f);
        for (unsigned i = 0; i < w->depth; i++)
                (void) fwrite_unlocked("  ", 1, 2, w->f);
}

static void next(Writer *w, const char *name)
{
        if (w->has_items)
                (void) putc_unlocked(',', w->f);
        put_line_break(w);
        w->has_items = true;
        if (!name)
                return;
        json_write_string(w->f, name);
        (void) fwrite_unlocked(": ", 1, 2, w->f);
}

static void open_group(Writer *w, const char *name, char bracket)
{
        if (w->depth > 0)
                next(w, name);
        (void) putc_unlocked(bracket, w->f);
        w->depth++;
        w->has_items = false;
}

static void close_group(Writer *w, char bracket)
{
        w->depth--;
        if (w->has_items)
                put_line_break(w);
        (void) putc_unlocked(bracket, w->f);
        w->has_items = true;
}

static void put_string(Writer *w, const char *name, const char *value)
{
        next(w, name);
        json_write_string(w->f, value);
}

static void put_number(Writer *w, const char *name, int64_t value)
{
        next(w, name);
        (void) fprintf(w->f, "%" PRId64, value);
}

static void put_boolean(Writer *w, const char *name, bool value)
{
        next(w, name);
        (void) fputs(value ? "true" : "false", w->f);
}

/* An array on one line. */
static void put_strings(Writer *w, const char *name, char *const *items, size_t n)
{
        next(w, name);
        (void) fputs("[", w->f);
        for (size_t i = 0; i < n; i++) {
                if (i > 0)
                        (void) putc_unlocked(',', w->f);
                (void) putc_unlocked(' ', w->f);
                json_write_string(w->f, items[i]);
        }
        (void) fputs(n > 0 ? " ]" : "]", w->f);
}

static void put_pairs(Writer *w, const char *name, const SpecKeyValues *pairs)
{
        open_group(w, name, '{');
        for (size_t i = 0; i < pairs->n; i++)
                put_string(w, pairs->items[i].key, pairs->items[i].value);
        close_group(w, '}');
}

/* ---- process ---- */

static void put_mask(Writer *w, const char *name, uint64_t mask)
{
        char *names[CAPABILITIES_MAX];
        size_t n = 0;

        for (size_t i = 0; spec_capability_name(i) && n < ELEMENTSOF(names); i++)
                if (mask & UINT64_C(1) << i)
                        names[n++] = (char *) (uintptr_t) spec_capability_name(i);
        put_strings(w, name, names, n);
}

static bool is_root(const Recipe *recipe)
{
        const RecipeId *user = &recipe->user;

        return !user->entry || (user->number.is_set && user->number.value == 0);
}

/* A user who is not root keeps over execve(2) only what is ambient: what was added by name, as
 * podman has it. */
static void put_capabilities(Writer *w, const Recipe *recipe)
{
        uint64_t held = is_root(recipe) ? recipe->capabilities : recipe->added_capabilities;

        open_group(w, "capabilities", '{');
        put_mask(w, "bounding", recipe->capabilities);
        put_mask(w, "effective", held);
        put_mask(w, "permitted", held);
        if (!is_root(recipe)) {
                put_mask(w, "inheritable", held);
                put_mask(w, "ambient", held);
        }
        close_group(w, '}');
}

static void put_user(Writer *w, const Recipe *recipe)
{
        open_group(w, "user", '{');
        put_number(w, "uid", recipe->user.number.is_set ? recipe->user.number.value : 0);
        put_number(w, "gid", recipe->group.number.is_set ? recipe->group.number.value : 0);
        open_group(w, "additionalGids", '[');
        for (size_t i = 0; i < recipe->n_groups; i++)
                if (recipe->groups[i].number.is_set)
                        put_number(w, NULL, recipe->groups[i].number.value);
        close_group(w, ']');
        close_group(w, '}');
}

static void put_environment(Writer *w, const Recipe *recipe)
{
        bool has_path = false;

        open_group(w, "env", '[');
        for (size_t i = 0; i < recipe->environment.n; i++)
                has_path |= strcmp(recipe->environment.items[i].key, "PATH") == 0;
        if (!has_path)
                put_string(w, NULL, "PATH=" DEFAULT_PATH);
        for (size_t i = 0; i < recipe->environment.n; i++) {
                const SpecKeyValue *kv = &recipe->environment.items[i];
                char *text = NULL;

                next(w, NULL);
                if (asprintf(&text, "%s=%s", kv->key, kv->value) < 0)
                        return;
                json_write_string(w->f, text);
                free(text);
        }
        close_group(w, ']');
}

static void put_limits(Writer *w, const Recipe *recipe)
{
        open_group(w, "rlimits", '[');
        for (size_t i = 0; i < recipe->n_limits; i++) {
                const RecipeLimit *limit = &recipe->limits[i];

                next(w, NULL);
                (void) fprintf(w->f,
                        "{ \"type\": \"%s\", \"soft\": %" PRIu64 ", \"hard\": %" PRIu64 " }",
                        limit->name, limit->soft, limit->hard);
        }
        close_group(w, ']');
}

/* SELinux: user and role of every container, type and level of this one. */
static void put_label(
        Writer *w, const char *name, const char *role, const char *type, const char *level)
{
        char text[600];

        (void) snprintf(
                text, sizeof(text), "system_u:%s:%.200s:%.200s", role, type, level ? level : "s0");
        put_string(w, name, text);
}

static void put_process(Writer *w, const char *name, const Recipe *recipe, const SpecStrv *args)
{
        open_group(w, name, '{');
        put_boolean(w, "terminal", false);
        put_user(w, recipe);
        put_strings(w, "args", args->items, args->n);
        put_environment(w, recipe);
        put_string(w, "cwd", recipe->working_dir ? recipe->working_dir : "/");
        if (!w->is_outline)
                put_capabilities(w, recipe);
        put_boolean(w, "noNewPrivileges", recipe->has_no_new_privileges);
        if (recipe->n_limits > 0)
                put_limits(w, recipe);
        if (recipe->apparmor)
                put_string(w, "apparmorProfile", recipe->apparmor);
        if (recipe->label_type)
                put_label(w, "selinuxLabel", "system_r", recipe->label_type, recipe->label_level);
        close_group(w, '}');
}

static void put_main_process(Writer *w, const Recipe *recipe)
{
        const SpecStrv *lists[] = { &recipe->entrypoint, &recipe->args };
        SpecStrv args = { .items = calloc(
                                  recipe->entrypoint.n + recipe->args.n + 1, sizeof(*args.items)) };

        for (size_t i = 0; i < ELEMENTSOF(lists) && args.items; i++)
                for (size_t k = 0; k < lists[i]->n; k++)
                        args.items[args.n++] = lists[i]->items[k];
        put_process(w, "process", recipe, &args);
        free(args.items);
}

/* ---- mounts ---- */

static bool maps_id(const SpecIdMappings *map, uint32_t id)
{
        for (size_t i = 0; i < map->n; i++)
                if (id >= map->items[i].container_id &&
                        id - map->items[i].container_id < map->items[i].size)
                        return true;
        return map->n == 0;
}

static void put_default_mount(Writer *w, const Recipe *recipe, const SpecDefaultMount *mount)
{
        char *options[ELEMENTSOF(mount->options)], size[40];
        size_t n = 0;

        (void) snprintf(size, sizeof(size), "size=%" PRIu64, recipe->shm_size);
        for (size_t i = 0; i < ELEMENTSOF(options) && mount->options[i]; i++) {
                const char *option = mount->options[i];

                if (recipe->shm_size > 0 && strcmp(mount->destination, "/dev/shm") == 0 &&
                        strncmp(option, "size=", 5) == 0)
                        option = size;
                /* A group that is not mapped cannot own a terminal. */
                if (strcmp(option, "gid=5") == 0 && !maps_id(&recipe->gid_map.ids, DEVPTS_GROUP))
                        continue;
                options[n++] = (char *) (uintptr_t) option;
        }
        open_group(w, NULL, '{');
        put_string(w, "destination", mount->destination);
        put_string(w, "type", mount->type);
        put_string(w, "source", mount->source);
        put_strings(w, "options", options, n);
        close_group(w, '}');
}

static void put_mount(Writer *w, const RecipeMount *mount)
{
        open_group(w, NULL, '{');
        put_string(w, "destination", mount->destination);
        put_string(w, "type", mount->type);
        if (mount->source)
                put_string(w, "source", mount->source);
        put_strings(w, "options", mount->options.items, mount->options.n);
        close_group(w, '}');
}

/* A key's mount takes the place of the usual one there. */
static void put_mounts(Writer *w, const Recipe *recipe)
{
        open_group(w, "mounts", '[');
        for (const SpecDefaultMount *usual = spec_default_mounts; usual->destination; usual++) {
                const RecipeMount *own = NULL;

                for (size_t i = 0; i < recipe->n_mounts; i++)
                        if (strcmp(recipe->mounts[i].destination, usual->destination) == 0)
                                own = &recipe->mounts[i];
                if (own)
                        put_mount(w, own);
                else if (!w->is_outline)
                        put_default_mount(w, recipe, usual);
        }
        for (size_t i = 0; i < recipe->n_mounts; i++) {
                bool is_printed = false;

                for (const SpecDefaultMount *usual = spec_default_mounts; usual->destination;
                        usual++)
                        is_printed |=
                                strcmp(recipe->mounts[i].destination, usual->destination) == 0;
                if (!is_printed)
                        put_mount(w, &recipe->mounts[i]);
        }
        close_group(w, ']');
}

/* ---- linux ---- */

static void put_namespace(Writer *w, const char *type, const char *path)
{
        next(w, NULL);
        (void) fprintf(w->f, "{ \"type\": \"%s\"", type);
        if (path) {
                (void) fputs(", \"path\": ", w->f);
                json_write_string(w->f, path);
        }
        (void) fputs(" }", w->f);
}

static bool has_user_namespace(const Recipe *recipe)
{
        return recipe->user_namespace || recipe->uid_map.entry;
}

/* Of those that containers of a pod share besides the network; NULL: it has its own. */
static const char *pod_path(
        const Recipe *recipe, const char *type, char buf[static SEARCH_PATH_MAX])
{
        if (!recipe->pod_id || (strcmp(type, "ipc") != 0 && strcmp(type, "uts") != 0))
                return NULL;
        pod_file_namespace(recipe->pod_id, type, buf);
        return buf;
}

static void put_namespaces(Writer *w, const Recipe *recipe)
{
        char path[SEARCH_PATH_MAX];

        open_group(w, "namespaces", '[');
        for (size_t i = 0; spec_default_namespaces[i]; i++) {
                bool is_network = strcmp(spec_default_namespaces[i], "network") == 0;

                if (!is_network || recipe->network != RECIPE_NETWORK_HOST)
                        put_namespace(w, spec_default_namespaces[i],
                                is_network ? recipe->network_path
                                           : pod_path(recipe, spec_default_namespaces[i], path));
        }
        if (has_user_namespace(recipe))
                put_namespace(w, "user", recipe->user_namespace);
        close_group(w, ']');
}

static void put_map(Writer *w, const char *name, const RecipeMap *map)
{
        open_group(w, name, '[');
        for (size_t i = 0; i < map->ids.n; i++) {
                const SpecIdMapping *id = &map->ids.items[i];

                next(w, NULL);
                (void) fprintf(w->f, "{ \"containerID\": %u, \"hostID\": %u, \"size\": %u }",
                        id->container_id, id->host_id, id->size);
        }
        /* The range of a name is known at the start only. */
        if (map->ids.n == 0) {
                next(w, NULL);
                (void) fputs("{ \"containerID\": 0, \"hostID\": 65536, \"size\": 65536 }", w->f);
        }
        close_group(w, ']');
}

static void put_devices(Writer *w, const Recipe *recipe)
{
        open_group(w, "devices", '[');
        for (size_t i = 0; i < recipe->n_devices; i++) {
                const RecipeDevice *device = &recipe->devices[i];

                if (!device->is_found)
                        continue;
                open_group(w, NULL, '{');
                put_string(w, "path", device->path);
                put_string(w, "type", device->type == 'b' ? "b" : "c");
                put_number(w, "major", device->major);
                put_number(w, "minor", device->minor);
                close_group(w, '}');
        }
        close_group(w, ']');
}

static void put_device_rules(Writer *w, const Recipe *recipe)
{
        open_group(w, "devices", '[');
        for (size_t i = 0; i < recipe->n_devices; i++) {
                const RecipeDevice *device = &recipe->devices[i];

                if (!device->is_found)
                        continue;
                next(w, NULL);
                (void) fprintf(w->f,
                        "{ \"allow\": true, \"type\": \"%c\", \"major\": %u, \"minor\": %u, "
                        "\"access\": \"%s\" }",
                        device->type, device->major, device->minor, device->access);
        }
        close_group(w, ']');
}

static void put_resources(Writer *w, const Recipe *recipe)
{
        open_group(w, "resources", '{');
        if (recipe->memory_bytes.is_set) {
                open_group(w, "memory", '{');
                put_number(w, "limit", recipe->memory_bytes.value);
                close_group(w, '}');
        }
        if (recipe->pids_limit.is_set) {
                open_group(w, "pids", '{');
                put_number(w, "limit", recipe->pids_limit.value);
                close_group(w, '}');
        }
        if (recipe->n_devices > 0)
                put_device_rules(w, recipe);
        close_group(w, '}');
}

static void put_paths(
        Writer *w, const char *name, const SpecStrv *paths, const char *const *defaults)
{
        size_t n = 0;

        while (defaults[n])
                n++;
        /* Mask= and Unmask= start from a copy. */
        if (paths->items)
                put_strings(w, name, paths->items, paths->n);
        else if (!w->is_outline)
                put_strings(w, name, (char *const *) (uintptr_t) defaults, n);
}

static void put_seccomp(Writer *w, const Recipe *recipe)
{
        const char *names[CAPABILITIES_MAX];
        size_t n = 0;

        if (recipe->is_unconfined || (w->is_outline && !recipe->seccomp_text))
                return;
        next(w, "seccomp");
        if (recipe->seccomp_text) {
                (void) fputs(recipe->seccomp_text, w->f);
                return;
        }
        for (size_t i = 0; spec_capability_name(i) && n < ELEMENTSOF(names); i++)
                if (recipe->capabilities & UINT64_C(1) << i)
                        names[n++] = spec_capability_name(i);
        spec_default_print_seccomp(w->f, names, n);
}

static void put_linux(Writer *w, const Recipe *recipe)
{
        open_group(w, "linux", '{');
        put_namespaces(w, recipe);
        if (recipe->uid_map.entry) {
                put_map(w, "uidMappings", &recipe->uid_map);
                put_map(w, "gidMappings", &recipe->gid_map);
        }
        if (recipe->n_devices > 0)
                put_devices(w, recipe);
        if (recipe->memory_bytes.is_set || recipe->pids_limit.is_set || recipe->n_devices > 0)
                put_resources(w, recipe);
        if (recipe->sysctls.n > 0)
                put_pairs(w, "sysctl", &recipe->sysctls);
        put_paths(w, "maskedPaths", &recipe->masked_paths, spec_default_masked_paths);
        put_paths(w, "readonlyPaths", &recipe->readonly_paths, spec_default_readonly_paths);
        if (recipe->label_file_type)
                put_label(
                        w, "mountLabel", "object_r", recipe->label_file_type, recipe->label_level);
        put_seccomp(w, recipe);
        close_group(w, '}');
}

/* ---- the whole ---- */

static void put_annotations(Writer *w, const Recipe *recipe)
{
        if (recipe->annotations.n == 0 && !recipe->wants_init && !recipe->is_overlay &&
                recipe->n_secrets == 0)
                return;
        open_group(w, "annotations", '{');
        for (size_t i = 0; i < recipe->annotations.n; i++)
                put_string(w, recipe->annotations.items[i].key, recipe->annotations.items[i].value);
        if (recipe->wants_init)
                put_string(w, "org.ctrunit.init", "true");
        if (recipe->is_overlay)
                put_string(w, "org.ctrunit.rootfs", "overlay");
        if (recipe->n_secrets > 0)
                put_string(w, "org.ctrunit.credentials", "/run/secrets");
        close_group(w, '}');
}

const char *recipe_host_name(const Recipe *recipe)
{
        if (recipe->host_name)
                return recipe->host_name;
        return strlen(recipe->id) <= HOST_NAME_SIZE_MAX ? recipe->id : "container";
}

static void print(const Recipe *recipe, bool is_outline, FILE *f)
{
        Writer w = { .f = f, .is_outline = is_outline };

        open_group(&w, NULL, '{');
        put_string(&w, "ociVersion", "1.0.2");
        if (!recipe->pod) /* else the pod's */
                put_string(&w, "hostname", recipe_host_name(recipe));
        open_group(&w, "root", '{');
        put_string(&w, "path", recipe->rootfs);
        put_boolean(&w, "readonly", recipe->is_readonly);
        close_group(&w, '}');
        put_main_process(&w, recipe);
        put_mounts(&w, recipe);
        put_annotations(&w, recipe);
        put_linux(&w, recipe);
        close_group(&w, '}');
        (void) fputc('\n', f);
}

void recipe_print(const Recipe *recipe, FILE *f)
{
        print(recipe, false, f);
}

void recipe_print_outline(const Recipe *recipe, FILE *f)
{
        print(recipe, true, f);
}

void recipe_print_reload(const Recipe *recipe, FILE *f)
{
        Writer w = { .f = f };

        put_process(&w, NULL, recipe, &recipe->reload_command);
        (void) fputc('\n', f);
}

static void print_names(const Recipe *recipe, FILE *f)
{
        for (size_t i = 0; i < recipe->n_environment_files; i++)
                (void) fprintf(f, "environment %s\n", recipe->environment_files[i].path);
        for (size_t i = 0; i < recipe->n_devices; i++)
                (void) fprintf(f, "device %s %s %s\n", recipe->devices[i].host,
                        recipe->devices[i].path, recipe->devices[i].access);
        for (size_t i = 0; i < recipe->n_secrets; i++)
                (void) fprintf(
                        f, "secret %s %s\n", recipe->secrets[i].name, recipe->secrets[i].target);
        for (size_t i = 0; i < recipe->n_groups; i++)
                (void) fprintf(
                        f, "group %s\n", recipe->groups[i].name ? recipe->groups[i].name : "");
        (void) fprintf(f,
                "user %s\ngroup %s\nseccomp %s %s\nuids %s\ngids %s\nhost %d\n"
                "capabilities %" PRIx64 " %" PRIx64 "\nshm %" PRIu64 "\n",
                recipe->user.name ? recipe->user.name : "",
                recipe->group.name ? recipe->group.name : "",
                recipe->is_unconfined ? "unconfined" : "",
                recipe->seccomp_file.path ? recipe->seccomp_file.path : "",
                recipe->uid_map.sub_name ? recipe->uid_map.sub_name : "",
                recipe->gid_map.sub_name ? recipe->gid_map.sub_name : "",
                recipe->wants_host_environment, recipe->capabilities, recipe->added_capabilities,
                recipe->shm_size);
        if (recipe->hosts.n > 0)
                recipe_print_hosts(recipe, f);
        if (recipe_has_resolv(recipe))
                (void) resolv_print(recipe, "", f);
        if (recipe->reload_command.n > 0)
                recipe_print_reload(recipe, f);
}

int recipe_digest(const Recipe *recipe, char **ret_text, size_t *ret_size, char ret[static 65])
{
        _cleanup_free_ char *text = NULL;
        size_t size, outline_size;
        FILE *f = open_memstream(&text, &size);

        if (!f)
                return -ENOMEM;
        recipe_print_outline(recipe, f);
        if (fflush(f) != 0) {
                (void) fclose(f);
                return -ENOMEM;
        }
        outline_size = size;
        print_names(recipe, f);
        if (fclose(f) != 0)
                return -ENOMEM;
        ctr_digest_hex(text, size, ret);
        if (ret_text) {
                *ret_size = outline_size;
                *ret_text = TAKE_PTR(text);
        }
        return 0;
}
