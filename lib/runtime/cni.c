/* Network plugins: see cni.h. */
#include "runtime/cni.h"

#include "base/io.h"
#include "base/json.h"
#include "runtime/child.h"
#include "runtime/strv.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>

enum { CONF_SIZE_MAX = 1 << 20, PLUGIN_TIMEOUT_SEC = 60 };

#define CNI_VERSION_DEFAULT "0.2.0" /* of a configuration that names none */

/* ---- configuration files ---- */

static bool has_suffix(const char *name, const char *suffix)
{
        size_t n = strlen(name), k = strlen(suffix);

        return n > k && strcmp(name + n - k, suffix) == 0;
}

static bool is_conf_name(const char *name)
{
        return name[0] != '.' && (has_suffix(name, ".conf") || has_suffix(name, ".conflist") ||
                                         has_suffix(name, ".json"));
}

/* The first name in the order of bytes. */
static int find_file(const char *directory, char **ret, CtrError *err)
{
        _cleanup_free_ char *first = NULL;
        struct dirent *de;
        DIR *d = opendir(directory);
        bool is_oom = false;

        if (!d && errno != ENOENT)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot list %s", directory);
        while (d && (de = readdir(d)))
                if (is_conf_name(de->d_name) && (!first || strcmp(de->d_name, first) < 0)) {
                        free(first);
                        first = strdup(de->d_name);
                        is_oom |= !first;
                }
        if (d)
                (void) closedir(d);
        if (is_oom || (first && asprintf(ret, "%s/%s", directory, first) < 0))
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "listing %s", directory);
        if (!first)
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                        "no CNI network: %s has no file *.conf, *.conflist or *.json", directory);
        return 0;
}

/* {"cniVersion","name","plugins":[...]}: a list as it is, a single plugin as a list of one. */
static int write_list(FILE *f, const JsonValue *root)
{
        _cleanup_free_ char *text = json_value_text(root);
        const char *version = json_member_string(root, "cniVersion"),
                   *name = json_member_string(root, "name");

        if (!text)
                return -ENOMEM;
        if (json_value_member(root, "plugins", &(const JsonValue *){ NULL })) {
                (void) fputs(text, f);
                return 0;
        }
        (void) fputs("{\"cniVersion\":", f);
        json_write_string(f, version ? version : CNI_VERSION_DEFAULT);
        (void) fputs(",\"name\":", f);
        json_write_string(f, name);
        (void) fprintf(f, ",\"plugins\":[%s]}", text);
        return 0;
}

static int check_plugin(const JsonValue *plugin, const char *path, CtrError *err)
{
        const char *type = json_member_string(plugin, "type");

        if (type && type[0] && !strchr(type, '/') && type[0] != '.')
                return 0;
        return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                "%s: every plugin needs a \"type\", the name of its program", path);
}

static int check_list(const JsonValue *root, const char *path, CtrError *err)
{
        const char *name = json_member_string(root, "name");
        const JsonValue *plugins;
        int r = 0;

        if (!name || name[0] == '\0')
                return ctr_error_set(
                        err, CTR_ERROR_CONFIG_INVALID, 0, "%s: \"name\" is missing", path);
        if (!json_value_member(root, "plugins", &plugins))
                return check_plugin(root, path, err);
        if (json_value_length(plugins) == 0)
                return ctr_error_set(
                        err, CTR_ERROR_CONFIG_INVALID, 0, "%s: \"plugins\" is empty", path);
        for (size_t i = 0; i < json_value_length(plugins) && r >= 0; i++)
                r = check_plugin(json_value_item(plugins, i), path, err);
        return r;
}

static int close_text(FILE *f, int r, CtrError *err)
{
        bool is_failed = ferror(f) != 0;

        if (fclose(f) != 0 || is_failed)
                r = -ENOMEM;
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "network configuration") : 0;
}

int cni_load(const char *directory, char **ret, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        _cleanup_free_ char *path = NULL, *text = NULL, *list = NULL;
        size_t size, list_size;
        FILE *f;
        int r;

        r = find_file(directory, &path, err);
        if (r >= 0)
                r = ctr_read_file(AT_FDCWD, path, CONF_SIZE_MAX, &text, &size, err);
        if (r < 0)
                return r;
        r = json_document_parse(text, size, &doc, err);
        if (r < 0)
                return ctr_error_prefix(err, r, "%s", path);
        r = check_list(json_document_root(doc), path, err);
        if (r < 0)
                return r;
        f = open_memstream(&list, &list_size);
        if (!f)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading %s", path);
        r = close_text(f, write_list(f, json_document_root(doc)), err);
        if (r >= 0)
                *ret = TAKE_PTR(list);
        return r;
}

/* ---- one plugin ---- */

typedef struct Plugin {
        const JsonValue *list, *plugin;
        const CniAttachment *attachment;
        const char *previous; /* result, JSON text or NULL */
} Plugin;

/* The plugin's own members, with version and name of the list and the result before it. */
static int write_input(FILE *f, const Plugin *p)
{
        const char *version = json_member_string(p->list, "cniVersion");
        JsonIterator it = { .object = p->plugin };
        const JsonValue *value;
        const char *key;

        (void) fputs("{\"cniVersion\":", f);
        json_write_string(f, version ? version : CNI_VERSION_DEFAULT);
        (void) fputs(",\"name\":", f);
        json_write_string(f, json_member_string(p->list, "name"));
        while (json_iterator_next(&it, &key, &value)) {
                _cleanup_free_ char *text = NULL;

                if (strcmp(key, "cniVersion") == 0 || strcmp(key, "name") == 0 ||
                        strcmp(key, "prevResult") == 0)
                        continue;
                text = json_value_text(value);
                if (!text)
                        return -ENOMEM;
                (void) fputc(',', f);
                json_write_string(f, key);
                (void) fprintf(f, ":%s", text);
        }
        if (p->previous)
                (void) fprintf(f, ",\"prevResult\":%s", p->previous);
        (void) fputs("}", f);
        return 0;
}

static int find_program(const char *type, const char *path, char **ret, CtrError *err)
{
        for (const char *p = path; *p;) {
                size_t n = strcspn(p, ":");
                char *candidate;

                if (asprintf(&candidate, "%.*s/%s", (int) n, p, type) < 0)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "CNI plugin %s", type);
                if (access(candidate, X_OK) >= 0) {
                        *ret = candidate;
                        return 0;
                }
                free(candidate);
                p += n + (p[n] == ':');
        }
        return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                "CNI plugin %s is not in %s (Debian: containernetworking-plugins)", type, path);
}

static int add_variable(SpecStrv *env, const char *name, const char *value)
{
        _cleanup_free_ char *text = NULL;

        if (asprintf(&text, "%s=%s", name, value) < 0) {
                text = NULL;
                return -ENOMEM;
        }
        return strv_add(env, text);
}

static int make_env(const char *command, const CniAttachment *a, SpecStrv *ret)
{
        const struct {
                const char *name, *value;
        } variables[] = {
                { "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
                { "CNI_COMMAND", command },
                { "CNI_CONTAINERID", a->container_id },
                { "CNI_NETNS", a->netns_path },
                { "CNI_IFNAME", a->interface },
                { "CNI_PATH", a->plugin_path },
                { "CNI_ARGS", "IgnoreUnknown=1" },
        };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(variables) && r >= 0; i++)
                r = add_variable(ret, variables[i].name, variables[i].value);
        return r;
}

/* A plugin says what went wrong as {"code","msg","details"} on standard output. */
static int plugin_error(const char *what, const ChildResult *result, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        const char *message = NULL, *details = NULL;

        if (json_document_parse(result->output, result->output_size, &doc, NULL) >= 0) {
                message = json_member_string(json_document_root(doc), "msg");
                details = json_member_string(json_document_root(doc), "details");
        }
        if (!message)
                message = result->errors[0] ? result->errors : "no message";
        return ctr_error_set(err, CTR_ERROR_SYSTEM, 0, "%s failed: %s%s%s", what, message,
                details && details[0] ? ": " : "", details ? details : "");
}

static int run_program(const char *program, const char *command, const char *what,
        const char *input, size_t input_size, const CniAttachment *attachment, char **ret_output,
        CtrError *err)
{
        char *argv[] = { (char *) program, NULL };
        ChildResult result;
        SpecStrv env = { 0 };
        int r;

        r = make_env(command, attachment, &env);
        if (r < 0)
                (void) ctr_error_set(err, CTR_ERROR_SYSTEM, r, "%s", what);
        else {
                r = child_run(&(ChildRun){ .what = what,
                                      .path = program,
                                      .argv = argv,
                                      .env = env.items,
                                      .input = input,
                                      .input_size = input_size,
                                      .netns_fd = -EBADF,
                                      .timeout_usec = PLUGIN_TIMEOUT_SEC * UINT64_C(1000000) },
                        &result, err);
                if (r >= 0 && result.status != 0)
                        r = plugin_error(what, &result, err);
                if (r >= 0 && ret_output)
                        *ret_output = TAKE_PTR(result.output);
                child_result_done(&result);
        }
        strv_done(&env);
        return r;
}

static int run_plugin(const char *command, const Plugin *p, char **ret_output, CtrError *err)
{
        _cleanup_free_ char *input = NULL, *program = NULL;
        const char *type = json_member_string(p->plugin, "type");
        char what[160];
        size_t size;
        FILE *f;
        int r;

        (void) snprintf(what, sizeof(what), "CNI plugin %.64s %s of %.32s", type, command,
                p->attachment->interface);
        r = find_program(type, p->attachment->plugin_path, &program, err);
        if (r < 0)
                return r;
        f = open_memstream(&input, &size);
        if (!f)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "%s", what);
        r = close_text(f, write_input(f, p), err);
        if (r < 0)
                return r;
        return run_program(program, command, what, input, size, p->attachment, ret_output, err);
}

/* ---- all plugins ---- */

static int open_list(
        const char *list, JsonDocument **ret, const JsonValue **ret_plugins, CtrError *err)
{
        int r = json_document_parse(list, strlen(list), ret, err);

        if (r < 0)
                return r;
        if (!json_value_member(json_document_root(*ret), "plugins", ret_plugins))
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, EBADMSG, "the kept network configuration");
        return 0;
}

static int check_result(const char *text, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        int r = json_document_parse(text, strlen(text), &doc, err);

        if (r >= 0 && json_value_type(json_document_root(doc)) != JSON_TYPE_OBJECT)
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG, "is no object");
        return r < 0 ? ctr_error_prefix(err, r, "the result of a CNI plugin") : 0;
}

int cni_add(const char *list, const CniAttachment *attachment, char **ret, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        _cleanup_free_ char *result = NULL;
        const JsonValue *plugins;
        int r;

        r = open_list(list, &doc, &plugins, err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < json_value_length(plugins) && r >= 0; i++) {
                Plugin plugin = { .list = json_document_root(doc),
                        .plugin = json_value_item(plugins, i),
                        .attachment = attachment,
                        .previous = result };
                char *output = NULL;

                r = run_plugin("ADD", &plugin, &output, err);
                if (r < 0)
                        break;
                free(result);
                result = output;
                r = check_result(result, err);
        }
        if (r < 0) {
                (void) cni_del(list, attachment, NULL, NULL);
                return r;
        }
        *ret = TAKE_PTR(result);
        return 0;
}

int cni_del(const char *list, const CniAttachment *attachment, const char *result, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        const JsonValue *plugins;
        int r, first = 0;

        r = open_list(list, &doc, &plugins, err);
        if (r < 0)
                return r;
        for (size_t i = json_value_length(plugins); i-- > 0;) {
                Plugin plugin = { .list = json_document_root(doc),
                        .plugin = json_value_item(plugins, i),
                        .attachment = attachment,
                        .previous = result };

                r = run_plugin("DEL", &plugin, NULL, first < 0 ? NULL : err);
                if (r < 0 && first >= 0)
                        first = r;
        }
        return first;
}

/* ---- name servers ---- */

static size_t print_words(
        FILE *f, const JsonValue *dns, const char *key, const char *keyword, bool is_one_a_line)
{
        const JsonValue *words = NULL;
        size_t n = 0;

        (void) json_value_member(dns, key, &words);
        for (size_t i = 0; i < json_value_length(words); i++) {
                const char *word = json_value_string(json_value_item(words, i));

                /* A line break in it would be another line of ours. */
                if (!word || word[strcspn(word, " \t\n\r")] != '\0')
                        continue;
                (void) fprintf(f, "%s%s%s", n > 0 && is_one_a_line ? "\n" : "",
                        n == 0 || is_one_a_line ? keyword : " ", word);
                n++;
        }
        if (n > 0)
                (void) fputc('\n', f);
        return n;
}

int cni_print_resolv_conf(const char *result, FILE *f, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        const JsonValue *dns;
        size_t n;
        int r = json_document_parse(result, strlen(result), &doc, err);

        if (r < 0)
                return r;
        if (!json_value_member(json_document_root(doc), "dns", &dns))
                return 0;
        n = print_words(f, dns, "nameservers", "nameserver ", true);
        (void) print_words(f, dns, "search", "search ", false);
        (void) print_words(f, dns, "options", "options ", false);
        return n > 0;
}
