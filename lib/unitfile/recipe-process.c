/* Keys of [Container] about the process, its environment and its life. */
#include "unitfile/recipe-internal.h"

#include "base/io.h"
#include "base/json.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>

#define HOST_NAME_MAX_LENGTH 64 /* sethostname(2) */
#define USER_NAME_MAX        256

/* ---- what is run ---- */

static int read_exec(const RecipeKey *key)
{
        return recipe_split(key, &key->recipe->args);
}

/* Either one program, or a JSON array of the program and its first arguments. */
static int read_entrypoint(const RecipeKey *key)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        SpecStrv *list = &key->recipe->entrypoint;
        SpecArena *arena = &key->recipe->arena;
        const JsonValue *root;
        CtrError err = { 0 };
        int r;

        if (key->value[0] != '[') {
                r = words_add(list, key->value, arena);
                return r < 0 ? words_no_memory(key->entry, key->err) : 0;
        }
        r = json_document_parse(key->value, strlen(key->value), &doc, &err);
        if (r < 0)
                return recipe_fail(key, "not valid as a JSON array: %.300s", err.message);
        root = json_document_root(doc);
        for (size_t i = 0; i < json_value_length(root); i++) {
                const char *text = json_value_string(json_value_item(root, i));

                if (!text)
                        return recipe_fail(key, "item %zu of the JSON array is not a string", i);
                if (words_add(list, spec_arena_strdup(arena, text), arena) < 0)
                        return words_no_memory(key->entry, key->err);
        }
        return 0;
}

static int read_working_dir(const RecipeKey *key)
{
        key->recipe->working_dir = key->value;
        return recipe_container_path(key, key->value);
}

static int read_run_init(const RecipeKey *key)
{
        key->recipe->wants_init = recipe_is_true(key->value);
        return 0;
}

static int read_reload_command(const RecipeKey *key)
{
        return recipe_split(key, &key->recipe->reload_command);
}

static int read_reload_signal(const RecipeKey *key)
{
        key->recipe->reload_signal = key->value; /* its kind is checked */
        return 0;
}

/* ---- environment ---- */

static bool is_variable_name(const char *name)
{
        return name[0] && !strchr("0123456789", name[0]) &&
               strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
                       strlen(name);
}

static int read_environment(const RecipeKey *key)
{
        SpecKeyValues *list = &key->recipe->environment;
        int r = recipe_set_words(key, list);

        for (size_t i = 0; i < list->n && r >= 0; i++)
                if (!is_variable_name(list->items[i].key))
                        return recipe_fail(
                                key, "\"%.100s\" is not a variable's name", list->items[i].key);
        return r;
}

static int read_environment_file(const RecipeKey *key)
{
        Recipe *recipe = key->recipe;
        RecipeFile *files = words_grow(&recipe->arena, recipe->environment_files,
                recipe->n_environment_files, sizeof(*files));
        bool is_optional = key->value[0] == '-';

        if (!files)
                return words_no_memory(key->entry, key->err);
        recipe->environment_files = files;
        files += recipe->n_environment_files++;
        *files = (RecipeFile){ .is_optional = is_optional, .entry = key->entry };
        return recipe_host_path(key, key->value + is_optional, &files->path);
}

static int read_environment_host(const RecipeKey *key)
{
        key->recipe->wants_host_environment = recipe_is_true(key->value);
        return 0;
}

/* ---- identity ---- */

static int read_id(const RecipeKey *key, const char *text, RecipeId *ret)
{
        static const char allowed[] =
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
        uint64_t number;

        *ret = (RecipeId){ .entry = key->entry };
        if (ctr_parse_u64(text, UINT32_MAX - 1, &number) >= 0) {
                ret->number = (OptU32){ true, (uint32_t) number };
                return 0;
        }
        if (!*text || strspn(text, allowed) != strlen(text) || strlen(text) >= USER_NAME_MAX ||
                strchr("-0123456789", text[0]))
                return recipe_fail(
                        key, "\"%.100s\" is not valid, expected a number or a name", text);
        ret->name = spec_arena_strdup(&key->recipe->arena, text);
        return ret->name ? 0 : words_no_memory(key->entry, key->err);
}

/* "USER" or "USER:GROUP". */
static int read_user(const RecipeKey *key)
{
        char *colon = strchr(key->value, ':');
        int r;

        if (colon && key->recipe->group.entry)
                return recipe_fail(key, "Group= is given too: leave one of them out");
        if (colon)
                *colon = '\0';
        r = read_id(key, key->value, &key->recipe->user);
        return r < 0 || !colon ? r : read_id(key, colon + 1, &key->recipe->group);
}

static int read_group(const RecipeKey *key)
{
        if (key->recipe->group.entry)
                return recipe_fail(key, "User= names a group too: leave one of them out");
        return read_id(key, key->value, &key->recipe->group);
}

static int read_group_add(const RecipeKey *key)
{
        Recipe *recipe = key->recipe;
        SpecStrv words;
        int r = recipe_split(key, &words);

        for (size_t i = 0; i < words.n && r >= 0; i++) {
                RecipeId *groups = words_grow(
                        &recipe->arena, recipe->groups, recipe->n_groups, sizeof(*groups));

                if (!groups)
                        return words_no_memory(key->entry, key->err);
                if (strcmp(words.items[i], "keep-groups") == 0)
                        return recipe_fail(
                                key, "keep-groups is for users' own containers: name the groups");
                recipe->groups = groups;
                r = read_id(key, words.items[i], &groups[recipe->n_groups++]);
        }
        return r;
}

static int read_host_name(const RecipeKey *key)
{
        key->recipe->host_name = key->value;
        if (strlen(key->value) <= HOST_NAME_MAX_LENGTH && !strpbrk(key->value, " \t/"))
                return 0;
        return recipe_fail(key, "\"%.100s\" is not valid, expected a name of at most %d bytes",
                key->value, HOST_NAME_MAX_LENGTH);
}

/* ContainerName= was read first: it names the state directory and the unit. */
static int read_container_name(const RecipeKey *key _unused_)
{
        return 0;
}

/* A unit of systemd can have other names only with the same instance. */
static int read_service_name(const RecipeKey *key)
{
        const char *at = strchr(key->value, '@');
        const char *unit = words_format(&key->recipe->arena, "%s.service", key->value);
        char own[CTR_UNIT_NAME_MAX];

        if (!unit)
                return words_no_memory(key->entry, key->err);
        (void) ctr_id_to_unit(key->recipe->id, own);
        if (strcmp(unit, own) == 0)
                return 0;
        if (!at || at == key->value || !unit_name_is_valid(unit) ||
                strcmp(strchr(unit, '@'), strchr(own, '@')) != 0)
                return recipe_fail(key,
                        "\"%.100s\" is not valid: the unit is %s, and systemd takes as another name "
                        "of it only one like www%.*s",
                        key->value, own, (int) (strlen(strchr(own, '@')) - strlen(".service")),
                        strchr(own, '@'));
        key->recipe->service_name = (char *) (uintptr_t) unit;
        return 0;
}

static int read_annotation(const RecipeKey *key)
{
        return recipe_set_words(key, &key->recipe->annotations);
}

/* ---- secrets ---- */

static bool is_credential_name(const char *name)
{
        return *name && *name != '.' && strlen(name) < 128 &&
               strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
                       strlen(name);
}

/* NAME[,type=mount][,target=NAME]. systemd gives them to the unit, and ctr-exec to the payload's
 * user alone. */
static int read_secret(const RecipeKey *key)
{
        Recipe *recipe = key->recipe;
        RecipeSecret secret = { .entry = key->entry }, *secrets;
        SpecStrv parts;
        int r = recipe_cut(key, key->value, ',', &parts);

        if (r < 0)
                return r;
        secret.name = secret.target = parts.items[0];
        for (size_t i = 1; i < parts.n; i++) {
                if (strncmp(parts.items[i], "target=", 7) == 0)
                        secret.target = parts.items[i] + 7;
                else if (strcmp(parts.items[i], "type=mount") != 0)
                        return recipe_fail(key,
                                "\"%.100s\" is not supported: a secret is a file of its user alone "
                                "(type=mount), and its name is target=NAME",
                                parts.items[i]);
        }
        if (!is_credential_name(secret.name) || !is_credential_name(secret.target))
                return recipe_fail(key,
                        "\"%.100s\" is not valid, expected a name of letters, digits and _ . -",
                        is_credential_name(secret.name) ? secret.target : secret.name);
        for (size_t i = 0; i < recipe->n_secrets; i++)
                if (strcmp(recipe->secrets[i].target, secret.target) == 0)
                        return recipe_fail(key, "\"%s\" is given twice", secret.target);
        secrets = words_grow(&recipe->arena, recipe->secrets, recipe->n_secrets, sizeof(*secrets));
        if (!secrets)
                return words_no_memory(key->entry, key->err);
        recipe->secrets = secrets;
        secrets[recipe->n_secrets++] = secret;
        return 0;
}

/* ---- limits and the end ---- */

static int read_ulimit(const RecipeKey *key)
{
        static const struct {
                const char *name, *resource;
        } names[] = {
                { "core", "RLIMIT_CORE" },
                { "cpu", "RLIMIT_CPU" },
                { "data", "RLIMIT_DATA" },
                { "fsize", "RLIMIT_FSIZE" },
                { "locks", "RLIMIT_LOCKS" },
                { "memlock", "RLIMIT_MEMLOCK" },
                { "msgqueue", "RLIMIT_MSGQUEUE" },
                { "nice", "RLIMIT_NICE" },
                { "nofile", "RLIMIT_NOFILE" },
                { "nproc", "RLIMIT_NPROC" },
                { "rss", "RLIMIT_RSS" },
                { "rtprio", "RLIMIT_RTPRIO" },
                { "rttime", "RLIMIT_RTTIME" },
                { "sigpending", "RLIMIT_SIGPENDING" },
                { "stack", "RLIMIT_STACK" },
        };
        Recipe *recipe = key->recipe;
        char *equals = strchr(key->value, '='), *colon = equals ? strchr(equals, ':') : NULL;
        RecipeLimit limit = { 0 }, *limits;
        const char *texts[2];

        for (size_t i = 0; i < ELEMENTSOF(names) && equals; i++)
                if (strlen(names[i].name) == (size_t) (equals - key->value) &&
                        strncmp(names[i].name, key->value, strlen(names[i].name)) == 0)
                        limit.name = names[i].resource;
        if (!limit.name)
                return recipe_fail(key,
                        "\"%.100s\" is not valid, expected a limit like nofile=1024 or "
                        "nofile=1024:2048",
                        key->value);
        if (colon)
                *colon = '\0';
        texts[0] = equals + 1;
        texts[1] = colon ? colon + 1 : equals + 1;
        for (size_t i = 0; i < 2; i++) {
                uint64_t *value = i == 0 ? &limit.soft : &limit.hard;

                if (strcmp(texts[i], "-1") == 0 || strcmp(texts[i], "unlimited") == 0)
                        *value = RLIM_INFINITY;
                else if (ctr_parse_u64(texts[i], UINT64_MAX, value) < 0)
                        return recipe_fail(key,
                                "\"%.100s\" is not valid, expected a number or unlimited",
                                texts[i]);
        }
        if (limit.soft > limit.hard)
                return recipe_fail(key, "the first number must not be above the second");
        for (size_t i = 0; i < recipe->n_limits; i++)
                if (recipe->limits[i].name == limit.name) {
                        recipe->limits[i] = limit;
                        return 0;
                }
        limits = words_grow(&recipe->arena, recipe->limits, recipe->n_limits, sizeof(*limits));
        if (!limits)
                return words_no_memory(key->entry, key->err);
        recipe->limits = limits;
        limits[recipe->n_limits++] = limit;
        return 0;
}

static int read_memory(const RecipeKey *key)
{
        uint64_t bytes;
        int r = recipe_bytes(key, key->value, &bytes);

        if (r >= 0 && bytes == 0)
                return recipe_fail(key, "systemd does not take 0 here: leave it out for no limit");
        key->recipe->memory_bytes = (OptI64){ r >= 0, (int64_t) bytes };
        return r;
}

static int read_pids_limit(const RecipeKey *key)
{
        uint64_t limit;

        if (strcmp(key->value, "-1") == 0) {
                key->recipe->pids_limit = (OptI64){ true, -1 };
                return 0;
        }
        if (ctr_parse_u64(key->value, INT32_MAX, &limit) < 0 || limit == 0)
                return recipe_fail(key,
                        "\"%.100s\" is not valid, expected a number of processes, or -1 for any",
                        key->value);
        key->recipe->pids_limit = (OptI64){ true, (int64_t) limit };
        return 0;
}

static int set_annotation(const RecipeKey *key, const char *name, char *value)
{
        return recipe_set(key, &key->recipe->annotations, (char *) (uintptr_t) name, value);
}

/* Ready when the program says so. */
static int read_notify(const RecipeKey *key)
{
        static const char *const words[] = { "1", "yes", "true", "on" };
        static const char *const opposites[] = { "0", "no", "false", "off" };

        for (size_t i = 0; i < ELEMENTSOF(words); i++) {
                if (strcasecmp(key->value, words[i]) == 0)
                        return set_annotation(
                                key, "org.ctrunit.notify", (char *) (uintptr_t) "true");
                if (strcasecmp(key->value, opposites[i]) == 0)
                        return set_annotation(
                                key, "org.ctrunit.notify", (char *) (uintptr_t) "false");
        }
        if (strcmp(key->value, "healthy") == 0)
                return set_annotation(key, "org.ctrunit.notify", key->value);
        return recipe_fail(
                key, "\"%.100s\" is not valid, expected a boolean, or healthy", key->value);
}

/* [ADDRESS:]HOSTPORT:PORT[/tcp]; plan looks at the parts. */
static int read_publish_port(const RecipeKey *key)
{
        static const char name[] = "org.ctrunit.publish";
        const SpecKeyValues *annotations = &key->recipe->annotations;
        char *text = key->value;

        if (!strchr(key->value, ':') || key->value[strcspn(key->value, " \t")])
                return recipe_fail(key,
                        "\"%.100s\" is not valid, expected [ADDRESS:]HOSTPORT:PORT: the port of the "
                        "host is not chosen by itself",
                        key->value);
        for (size_t i = 0; i < annotations->n; i++)
                if (strcmp(annotations->items[i].key, name) == 0)
                        text = words_format(&key->recipe->arena, "%s %s",
                                annotations->items[i].value, key->value);
        return text ? set_annotation(key, name, text) : words_no_memory(key->entry, key->err);
}

static int read_stop_signal(const RecipeKey *key)
{
        return recipe_set(key, &key->recipe->annotations,
                (char *) (uintptr_t) "org.opencontainers.image.stopSignal", key->value);
}

static int read_stop_timeout(const RecipeKey *key)
{
        uint64_t seconds;
        char *text;

        if (ctr_parse_u64(key->value, 1000000000, &seconds) < 0 || seconds == 0)
                return recipe_fail(key,
                        "\"%.100s\" is not valid, expected a number of seconds from 1", key->value);
        text = words_format(&key->recipe->arena, "uint64 %s000000", key->value);
        if (!text)
                return words_no_memory(key->entry, key->err);
        return recipe_set(key, &key->recipe->annotations,
                (char *) (uintptr_t) "org.systemd.property.TimeoutStopUSec", text);
}

/* ---- output ---- */

static int read_log_driver(const RecipeKey *key)
{
        key->recipe->has_log = strcmp(key->value, "none") != 0;
        if (!key->recipe->has_log || strcmp(key->value, "journald") == 0 ||
                strcmp(key->value, "passthrough") == 0)
                return 0;
        return recipe_fail(key,
                "\"%.100s\" is not valid: output goes to the journal (journald), or nowhere (none)",
                key->value);
}

static int read_log_option(const RecipeKey *key)
{
        if (strncmp(key->value, "tag=", 4) != 0 || !key->value[4])
                return recipe_fail(key,
                        "\"%.100s\" is not known: the journal has tag=TEXT only (for its size see "
                        "journald.conf(5), and LogNamespace= of [Service])",
                        key->value);
        key->recipe->log_tag = key->value + 4;
        return 0;
}

const RecipeRow recipe_process_rows[] = {
        { "Exec", read_exec },
        { "Entrypoint", read_entrypoint },
        { "WorkingDir", read_working_dir },
        { "RunInit", read_run_init },
        { "Notify", read_notify },
        { "PublishPort", read_publish_port },
        { "ReloadCmd", read_reload_command },
        { "ReloadSignal", read_reload_signal },
        { "Environment", read_environment },
        { "EnvironmentFile", read_environment_file },
        { "EnvironmentHost", read_environment_host },
        { "User", read_user },
        { "Group", read_group },
        { "GroupAdd", read_group_add },
        { "HostName", read_host_name },
        { "ContainerName", read_container_name },
        { "ServiceName", read_service_name },
        { "Annotation", read_annotation },
        { "Label", read_annotation },
        { "Secret", read_secret },
        { "Ulimit", read_ulimit },
        { "Memory", read_memory },
        { "PidsLimit", read_pids_limit },
        { "StopSignal", read_stop_signal },
        { "StopTimeout", read_stop_timeout },
        { "LogDriver", read_log_driver },
        { "LogOpt", read_log_option },
        { NULL, NULL },
};
