/* Configurations from a few words: see simple-config.h. */
#include "runtime/simple-config.h"

#include "base/io.h"
#include "base/json-members.h"
#include "base/json-merge.h"
#include "runtime/rootfs-user.h"
#include "runtime/runtime.h"
#include "runtime/trust.h"

#include <fcntl.h>
#include <string.h>

#define PROFILE_SIZE_MAX (1024 * 1024)

static bool is_true(const JsonValue *value)
{
        bool b;

        return json_value_bool(value, &b) >= 0 && b;
}

/* An object or an array of strings and nothing else. */
static int check_strings(const char *name, const JsonValue *list, CtrError *err)
{
        JsonIterator it = { .object = list };
        const JsonValue *value;
        const char *key;

        for (size_t i = 0; json_value_type(list) == JSON_TYPE_ARRAY && i < json_value_length(list);
                i++)
                if (!json_value_string(json_value_item(list, i)))
                        return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                                "%s[%zu] is %s, not a string", name, i,
                                json_value_type_name(json_value_item(list, i)));
        while (json_value_type(list) == JSON_TYPE_OBJECT && json_iterator_next(&it, &key, &value))
                if (!json_value_string(value) || *key == '\0')
                        return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                                "%s has a member \"%.64s\" that is %s, not a name with a string",
                                name, key, json_value_type_name(value));
        return 0;
}

int simple_config_read(
        const JsonValue *object, const char *own_rootfs, SimpleConfig *ret, CtrError *err)
{
        const JsonValue *id = NULL, *rootfs = NULL, *profile = NULL, *meta = NULL, *user = NULL,
                        *cwd = NULL, *hostname = NULL, *creates_volumes = NULL;
        const JsonMember table[] = {
                { "ID", JSON_TYPE_STRING, &id },
                { "RootFS", JSON_TYPE_STRING, &rootfs },
                { "Volume", JSON_TYPE_OBJECT, &ret->volume },
                { "Env", JSON_TYPE_OBJECT, &ret->env },
                { "Cmd", JSON_TYPE_ARRAY, &ret->cmd },
                { "Profile", JSON_TYPE_STRING, &profile },
                { "Meta", JSON_TYPE_STRING, &meta },
                { "User", JSON_TYPE_STRING, &user },
                { "WorkingDir", JSON_TYPE_STRING, &cwd },
                { "Hostname", JSON_TYPE_STRING, &hostname },
                { "CreateVolumes", JSON_TYPE_BOOLEAN, &creates_volumes },
                { "Publish", JSON_TYPE_ARRAY, &ret->publish },
        };
        int r;

        *ret = (SimpleConfig){ 0 };
        r = json_members_read(object, table, ELEMENTSOF(table), err);
        if (r >= 0)
                r = check_strings("Volume", ret->volume, err);
        if (r >= 0)
                r = check_strings("Env", ret->env, err);
        if (r >= 0)
                r = check_strings("Cmd", ret->cmd, err);
        if (r >= 0)
                r = check_strings("Publish", ret->publish, err);
        if (r < 0)
                return r;
        if (rootfs && own_rootfs)
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                        "RootFS is the archive's: it cannot be given as well");
        ret->id = id ? json_value_string(id) : "";
        ret->creates_volumes = is_true(creates_volumes);
        ret->rootfs = own_rootfs ? own_rootfs : json_value_string(rootfs);
        ret->profile = json_value_string(profile);
        ret->meta = json_value_string(meta);
        ret->user = json_value_string(user);
        ret->cwd = json_value_string(cwd);
        ret->hostname = json_value_string(hostname);
        if (!ret->rootfs || ret->rootfs[0] != '/')
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                        "RootFS must be the absolute path of a directory");
        if (access(ret->rootfs, F_OK) < 0)
                return ctr_error_set(
                        err, CTR_ERROR_CONFIG_INVALID, errno, "RootFS %s", ret->rootfs);
        return 0;
}

/* A document that is one object. */
static int parse_object(
        const char *name, const char *text, size_t size, JsonDocument **ret, CtrError *err)
{
        int r = json_document_parse(text, size, ret, err);

        if (r >= 0 && json_value_type(json_document_root(*ret)) != JSON_TYPE_OBJECT)
                r = ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0, "not an object");
        return ctr_error_prefix(err, r, "%s", name);
}

/* ---- the node's profile ---- */

static bool is_profile_name(const char *name)
{
        return *name && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789_-") == strlen(name);
}

/* *ret stays NULL when there is no default profile. The text must live as long as the document. */
static int read_profile(
        const SimpleConfig *config, char **ret_text, JsonDocument **ret, CtrError *err)
{
        const char *name = config->profile ? config->profile : "default";
        _cleanup_close_ int dir_fd = -EBADF;
        char file[128];
        size_t size;
        int r;

        if (!is_profile_name(name) || strlen(name) > 64)
                return ctr_error_set(
                        err, CTR_ERROR_CONFIG_INVALID, 0, "\"%.64s\" is no profile's name", name);
        if (!config->profile && access(SIMPLE_PROFILES, F_OK) < 0)
                return 0;
        r = dir_fd = trust_open_directory(SIMPLE_PROFILES, err);
        if (r < 0)
                return r;
        (void) snprintf(file, sizeof(file), "%s.json", name);
        if (!config->profile && faccessat(dir_fd, file, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
                return 0;
        r = ctr_read_file(dir_fd, file, PROFILE_SIZE_MAX, ret_text, &size, err);
        if (r >= 0)
                r = parse_object(file, *ret_text, size, ret, err);
        return r < 0 && err->code == CTR_ERROR_SYSTEM
                       ? ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, r, "profile %s", name)
                       : r;
}

/* ---- what an image may decide ---- */

typedef struct Meta {
        const JsonValue *terminal, *user, *args, *env, *cwd, *hostname, *mounts, *ports;
} Meta;

/* A mount of the image's: what it asks for inside, and nothing of the host's. */
static int check_mount(const JsonValue *mount, CtrError *err)
{
        const JsonValue *destination = NULL, *type = NULL, *source = NULL, *options = NULL;
        const JsonMember table[] = {
                { "destination", JSON_TYPE_STRING, &destination },
                { "type", JSON_TYPE_STRING, &type },
                { "source", JSON_TYPE_STRING, &source },
                { "options", JSON_TYPE_ARRAY, &options },
        };
        int r;

        if (json_value_type(mount) != JSON_TYPE_OBJECT)
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0, "not an object");
        r = json_members_read(mount, table, ELEMENTSOF(table), err);
        if (r < 0)
                return r;
        if (!type || strcmp(json_value_string(type), "tmpfs") != 0)
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                        "an image may ask for a tmpfs alone: what is the host's is given by Volume or a profile");
        for (size_t i = 0; i < json_value_length(options); i++) {
                const char *option = json_value_string(json_value_item(options, i));

                if (option && (strcmp(option, "bind") == 0 || strcmp(option, "rbind") == 0))
                        return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                                "option \"%s\" of a tmpfs", option);
        }
        return 0;
}

/* "8080/tcp", as images name them. */
static int check_port(const char *text, CtrError *err)
{
        size_t n = text ? strspn(text, "0123456789") : 0;
        uint64_t port;
        char number[8];

        if (n > 0 && n < sizeof(number) &&
                (strcmp(text + n, "/tcp") == 0 || strcmp(text + n, "/udp") == 0 ||
                        strcmp(text + n, "/sctp") == 0)) {
                memcpy(number, text, n);
                number[n] = '\0';
                if (ctr_parse_u64(number, 65535, &port) >= 0 && port > 0)
                        return 0;
        }
        return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                "\"%.64s\" is no port: PORT/tcp, PORT/udp or PORT/sctp", text ? text : "");
}

static int check_meta(const Meta *meta, CtrError *err)
{
        int r = check_strings("process.args", meta->args, err);

        if (r >= 0)
                r = check_strings("process.env", meta->env, err);
        for (size_t i = 0; i < json_value_length(meta->mounts) && r >= 0; i++)
                r = ctr_error_prefix(
                        err, check_mount(json_value_item(meta->mounts, i), err), "mounts[%zu]", i);
        for (size_t i = 0; i < json_value_length(meta->ports) && r >= 0; i++)
                r = ctr_error_prefix(err,
                        check_port(json_value_string(json_value_item(meta->ports, i)), err),
                        "exposedPorts[%zu]", i);
        return r;
}

static int read_meta(const JsonValue *object, Meta *meta, CtrError *err)
{
        const JsonValue *process = NULL;
        const JsonMember top[] = {
                { "process", JSON_TYPE_OBJECT, &process },
                { "hostname", JSON_TYPE_STRING, &meta->hostname },
                { "mounts", JSON_TYPE_ARRAY, &meta->mounts },
                { "exposedPorts", JSON_TYPE_ARRAY, &meta->ports },
        };
        const JsonMember in_process[] = {
                { "terminal", JSON_TYPE_BOOLEAN, &meta->terminal },
                { "user", JSON_TYPE_STRING, &meta->user },
                { "args", JSON_TYPE_ARRAY, &meta->args },
                { "env", JSON_TYPE_ARRAY, &meta->env },
                { "cwd", JSON_TYPE_STRING, &meta->cwd },
        };
        int r;

        *meta = (Meta){ 0 };
        r = json_members_read(object, top, ELEMENTSOF(top), err);
        if (r >= 0)
                r = json_members_read(process, in_process, ELEMENTSOF(in_process), err);
        if (r >= 0)
                r = check_meta(meta, err);
        return ctr_error_prefix(err, r, "Meta");
}

/* ---- the words ---- */

typedef struct Writer {
        FILE *f;
        const SimpleConfig *config;
        const Meta *meta;
        const JsonValue *base; /* defaults and profile */
        bool is_first;
} Writer;

static void write_separator(Writer *w)
{
        (void) fputs(w->is_first ? "" : ",", w->f);
        w->is_first = false;
}

static const JsonValue *member(const JsonValue *object, const char *key)
{
        const JsonValue *value;

        return object && json_value_member(object, key, &value) ? value : NULL;
}

/* Does an entry "NAME=value" set a variable of the words? */
static bool is_overridden(const JsonValue *env, const char *entry)
{
        JsonIterator it = { .object = env };
        const JsonValue *value;
        const char *key;

        while (env && json_iterator_next(&it, &key, &value)) {
                size_t n = strlen(key);

                if (strncmp(entry, key, n) == 0 && entry[n] == '=')
                        return true;
        }
        return false;
}

static void write_env(Writer *w)
{
        const JsonValue *old =
                w->meta->env ? w->meta->env : member(member(w->base, "process"), "env");
        JsonIterator it = { .object = w->config->env };
        const JsonValue *value;
        const char *key;

        (void) fputs(",\"env\":[", w->f);
        w->is_first = true;
        for (size_t i = 0; i < json_value_length(old); i++) {
                const char *entry = json_value_string(json_value_item(old, i));

                if (!entry || is_overridden(w->config->env, entry))
                        continue;
                write_separator(w);
                json_write_string(w->f, entry);
        }
        while (w->config->env && json_iterator_next(&it, &key, &value)) {
                _cleanup_free_ char *entry = NULL;

                if (asprintf(&entry, "%s=%s", key, json_value_string(value)) < 0) {
                        entry = NULL;
                        continue;
                }
                write_separator(w);
                json_write_string(w->f, entry);
        }
        (void) fputc(']', w->f);
}

static void write_mounts(Writer *w)
{
        const JsonValue *lists[] = { member(w->base, "mounts"), w->meta->mounts };
        JsonIterator it = { .object = w->config->volume };
        const JsonValue *value;
        const char *source;

        (void) fputs(",\"mounts\":[", w->f);
        w->is_first = true;
        for (size_t k = 0; k < ELEMENTSOF(lists); k++)
                for (size_t i = 0; i < json_value_length(lists[k]); i++) {
                        write_separator(w);
                        (void) json_write_value(w->f, json_value_item(lists[k], i));
                }
        while (w->config->volume && json_iterator_next(&it, &source, &value)) {
                write_separator(w);
                (void) fputs("{\"type\":\"bind\",\"options\":[\"rbind\",\"rw\"],\"source\":", w->f);
                json_write_string(w->f, source);
                (void) fputs(",\"destination\":", w->f);
                json_write_string(w->f, json_value_string(value));
                (void) fputc('}', w->f);
        }
        (void) fputc(']', w->f);
}

static int write_user(Writer *w, CtrError *err)
{
        const char *text = w->config->user ? w->config->user : json_value_string(w->meta->user);
        _cleanup_close_ int rootfs_fd = -EBADF;
        RootfsUser user;
        int r;

        if (!text)
                return 0;
        rootfs_fd = open(w->config->rootfs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (rootfs_fd < 0)
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, errno, "cannot open RootFS %s",
                        w->config->rootfs);
        r = rootfs_user_find_at(rootfs_fd, text, NULL, NULL, &user, err);
        if (r < 0)
                return r;
        (void) fprintf(
                w->f, ",\"user\":{\"uid\":%u,\"gid\":%u,\"additionalGids\":[", user.uid, user.gid);
        for (size_t i = 0; i < user.n_groups; i++)
                (void) fprintf(w->f, "%s%u", i > 0 ? "," : "", user.groups[i]);
        (void) fputs("]}", w->f);
        rootfs_user_done(&user);
        return 0;
}

/* The patch that is put over defaults and profile. */
static int write_words(Writer *w, const char *id, CtrError *err)
{
        const SimpleConfig *c = w->config;
        const char *hostname = c->hostname ? c->hostname : json_value_string(w->meta->hostname);
        const char *cwd = c->cwd ? c->cwd : json_value_string(w->meta->cwd);
        const JsonValue *args = c->cmd ? c->cmd : w->meta->args;
        int r;

        (void) fputs("{\"root\":{\"path\":", w->f);
        json_write_string(w->f, c->rootfs);
        (void) fputs(c->is_read_only ? ",\"readonly\":true" : "", w->f);
        (void) fputs("},\"hostname\":", w->f);
        json_write_string(w->f, hostname ? hostname : id);
        (void) fputs(",\"process\":{\"terminal\":", w->f);
        (void) fputs(is_true(w->meta->terminal) ? "true" : "false", w->f);
        if (args) {
                (void) fputs(",\"args\":", w->f);
                (void) json_write_value(w->f, args);
        }
        if (cwd) {
                (void) fputs(",\"cwd\":", w->f);
                json_write_string(w->f, cwd);
        }
        write_env(w);
        r = write_user(w, err);
        (void) fputc('}', w->f);
        write_mounts(w);
        if (w->meta->ports) {
                _cleanup_free_ char *ports = json_value_text(w->meta->ports);

                (void) fputs(",\"annotations\":{\"org.ctrunit1.exposedPorts\":", w->f);
                json_write_string(w->f, ports ? ports : "[]");
                (void) fputc('}', w->f);
        }
        (void) fputc('}', w->f);
        return r;
}

/* ---- putting it together ---- */

/* Two documents into one; the text is the document's. */
static int merge(
        const JsonValue *base, const JsonValue *patch, char **ret, size_t *ret_size, CtrError *err)
{
        FILE *f = open_memstream(ret, ret_size);

        if (f)
                json_write_merged(f, base, patch);
        if (!f || fclose(f) != 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "making the configuration");
        return 0;
}

/* A filter is one policy: the profile's is not mixed with that of the defaults. */
static int drop_default_filter(
        const JsonDocument *profile, char **text, JsonDocument **defaults, CtrError *err)
{
        static const char none[] = "{\"linux\":{\"seccomp\":null}}";
        _cleanup_(json_document_freep) JsonDocument *patch = NULL, *changed = NULL;
        const JsonValue *linux_ = NULL, *filter = NULL;
        _cleanup_free_ char *changed_text = NULL;
        size_t size;
        int r;

        (void) json_value_member(json_document_root(profile), "linux", &linux_);
        if (!json_value_member(linux_, "seccomp", &filter))
                return 0;
        r = json_document_parse(none, strlen(none), &patch, err);
        if (r >= 0)
                r = merge(json_document_root(*defaults), json_document_root(patch), &changed_text,
                        &size, err);
        if (r >= 0)
                r = json_document_parse(changed_text, size, &changed, err);
        if (r < 0)
                return r;
        /* The old text goes after the document that points into it. */
        json_document_free(*defaults);
        *defaults = TAKE_PTR(changed);
        free(*text);
        *text = TAKE_PTR(changed_text);
        return 0;
}

/* Defaults of ctrunit with the profile over them. */
static int make_base(const SimpleConfig *config, char **ret_text, JsonDocument **ret, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *defaults = NULL, *profile = NULL;
        _cleanup_free_ char *text = NULL, *profile_text = NULL;
        size_t size = 0;
        FILE *f = open_memstream(&text, &size);
        int r;

        if (!f)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "making the configuration");
        runtime_print_default_config(f);
        (void) fclose(f);
        r = json_document_parse(text, size, &defaults, err);
        if (r >= 0)
                r = read_profile(config, &profile_text, &profile, err);
        if (r < 0)
                return r;
        if (!profile) {
                *ret_text = TAKE_PTR(text);
                *ret = TAKE_PTR(defaults);
                return 0;
        }
        r = drop_default_filter(profile, &text, &defaults, err);
        if (r >= 0)
                r = merge(json_document_root(defaults), json_document_root(profile), ret_text,
                        &size, err);
        return r < 0 ? r : json_document_parse(*ret_text, size, ret, err);
}

/* The words as a document. */
static int make_words(Writer *w, const char *id, char **ret_text, JsonDocument **ret, CtrError *err)
{
        size_t size = 0;
        int r;

        w->f = open_memstream(ret_text, &size);
        if (!w->f)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "making the configuration");
        r = write_words(w, id, err);
        if (fclose(w->f) != 0 && r >= 0)
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "making the configuration");
        return r < 0 ? r : json_document_parse(*ret_text, size, ret, err);
}

int simple_config_make(
        const SimpleConfig *config, const char *id, char **ret, size_t *ret_size, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *base = NULL, *meta_doc = NULL, *words = NULL;
        _cleanup_free_ char *base_text = NULL, *words_text = NULL;
        Meta meta = { 0 };
        Writer w = { .config = config, .meta = &meta };
        int r = 0;

        if (config->meta) {
                r = parse_object("Meta", config->meta, strlen(config->meta), &meta_doc, err);
                if (r >= 0)
                        r = read_meta(json_document_root(meta_doc), &meta, err);
        }
        if (r >= 0)
                r = make_base(config, &base_text, &base, err);
        if (r < 0)
                return r;
        w.base = json_document_root(base);
        r = make_words(&w, id, &words_text, &words, err);
        if (r < 0)
                return r;
        return merge(w.base, json_document_root(words), ret, ret_size, err);
}

int simple_config_replace_root(
        const char *config, const char *rootfs, char **ret, size_t *ret_size, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL, *patch = NULL;
        _cleanup_free_ char *patch_text = NULL;
        size_t patch_size = 0;
        FILE *f;
        int r;

        r = json_document_parse(config, strlen(config), &doc, err);
        if (r < 0)
                return r;
        f = open_memstream(&patch_text, &patch_size);
        if (!f)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "config");
        (void) fputs("{\"root\":{\"path\":", f);
        json_write_string(f, rootfs);
        (void) fputs("}}", f);
        if (fclose(f) != 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "config");
        r = json_document_parse(patch_text, patch_size, &patch, err);
        if (r < 0)
                return r;
        f = open_memstream(ret, ret_size);
        if (!f)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "config");
        json_write_merged(f, json_document_root(doc), json_document_root(patch));
        return fclose(f) != 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "config") : 0;
}
