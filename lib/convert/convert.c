/* What kind of configuration a text is, and its translation as a whole. */
#include "convert/convert.h"

#include "convert/convert-internal.h"
#include "runtime/strv.h"
#include "spec/default-config.h"

#include <stdarg.h>
#include <string.h>

/* ---- reading ---- */

bool convert_is_empty(const JsonValue *value)
{
        bool flag;
        int64_t number;

        switch (json_value_type(value)) {
        case JSON_TYPE_NULL:
                return true;
        case JSON_TYPE_BOOLEAN:
                return json_value_bool(value, &flag) < 0 || !flag;
        case JSON_TYPE_INTEGER:
                return json_value_i64(value, &number) >= 0 && number == 0;
        case JSON_TYPE_STRING:
                return json_value_string(value)[0] == '\0';
        case JSON_TYPE_ARRAY:
        case JSON_TYPE_OBJECT:
                return json_value_length(value) == 0;
        default:
                return false;
        }
}

const JsonValue *convert_member(const JsonValue *object, const char *key)
{
        const JsonValue *value = NULL;

        if (!object || !json_value_member(object, key, &value))
                return NULL;
        return convert_is_empty(value) ? NULL : value;
}

int convert_error(Convert *c, const char *path, const char *fmt, ...)
{
        char text[512];
        va_list ap;

        va_start(ap, fmt);
        (void) vsnprintf(text, sizeof(text), fmt, ap);
        va_end(ap);
        return ctr_error_field(c->err, path, "%s", text);
}

int convert_warn(Convert *c, const char *fmt, ...)
{
        char text[512];
        va_list ap;

        if (!c->warnings)
                return 0;
        va_start(ap, fmt);
        (void) vsnprintf(text, sizeof(text), fmt, ap);
        va_end(ap);
        return strv_add(c->warnings, text) < 0
                       ? ctr_error_set(c->err, CTR_ERROR_SYSTEM, ENOMEM, "converting")
                       : 0;
}

int convert_check_members(
        Convert *c, const JsonValue *object, const char *path, const char *const *known)
{
        JsonIterator it = { .object = object };
        const JsonValue *value;
        char field[256];
        const char *key;

        if (json_value_type(object) != JSON_TYPE_OBJECT)
                return convert_error(c, path, "must be an object");
        while (json_iterator_next(&it, &key, &value)) {
                size_t i = 0;

                while (known[i] && strcmp(known[i], key) != 0)
                        i++;
                if (known[i] || convert_is_empty(value))
                        continue;
                (void) snprintf(field, sizeof(field), "%s%s%s", path, *path ? "." : "", key);
                return convert_error(c, field, "is not known, and may mean something");
        }
        return 0;
}

/* ---- writing ---- */

void convert_separate(Convert *c)
{
        if (!c->is_first)
                (void) fputc(',', c->f);
        c->is_first = false;
}

void convert_key(Convert *c, const char *key)
{
        convert_separate(c);
        json_write_string(c->f, key);
        (void) fputc(':', c->f);
}

void convert_string(Convert *c, const char *key, const char *value)
{
        convert_key(c, key);
        json_write_string(c->f, value);
}

void convert_number(Convert *c, const char *key, int64_t value)
{
        convert_key(c, key);
        (void) fprintf(c->f, "%lld", (long long) value);
}

void convert_open(Convert *c, const char *key, char bracket)
{
        if (key)
                convert_key(c, key);
        else
                convert_separate(c);
        (void) fputc(bracket, c->f);
        c->is_first = true;
}

void convert_close(Convert *c, char bracket)
{
        (void) fputc(bracket, c->f);
        c->is_first = false;
}

static int wrong_type(Convert *c, const char *path, const char *from, const char *what)
{
        char field[256];

        (void) snprintf(field, sizeof(field), "%s%s%s", path, *path ? "." : "", from);
        return convert_error(c, field, "must be %s", what);
}

int convert_copy_string(
        Convert *c, const JsonValue *object, const char *path, const char *from, const char *to)
{
        const JsonValue *value = convert_member(object, from);

        if (!value)
                return 0;
        if (!json_value_string(value))
                return wrong_type(c, path, from, "a string");
        convert_string(c, to, json_value_string(value));
        return 0;
}

int convert_copy_number(
        Convert *c, const JsonValue *object, const char *path, const char *from, const char *to)
{
        const JsonValue *value = convert_member(object, from);
        uint64_t number;
        int64_t negative;

        if (!value)
                return 0;
        if (json_value_i64(value, &negative) >= 0)
                convert_number(c, to, negative);
        else if (json_value_u64(value, &number) >= 0) {
                convert_key(c, to);
                (void) fprintf(c->f, "%llu", (unsigned long long) number);
        } else
                return wrong_type(c, path, from, "an integer");
        return 0;
}

int convert_copy_strings(
        Convert *c, const JsonValue *object, const char *path, const char *from, const char *to)
{
        const JsonValue *value = convert_member(object, from);

        if (!value)
                return 0;
        convert_open(c, to, '[');
        for (size_t i = 0; i < json_value_length(value); i++) {
                const char *item = json_value_string(json_value_item(value, i));

                if (!item)
                        return wrong_type(c, path, from, "an array of strings");
                convert_separate(c);
                json_write_string(c->f, item);
        }
        convert_close(c, ']');
        return json_value_type(value) == JSON_TYPE_ARRAY
                       ? 0
                       : wrong_type(c, path, from, "an array of strings");
}

/* ---- the whole ---- */

static const char *const root_members[] = { "no_pivot_root", "parent_death_signal", "pivot_dir",
        "rootfs", "root_fs", "readonlyfs", "readonly_fs", "read_only", "privatefs",
        "rootPropagation", "mounts", "devices", "mount_label", "hostname", "namespaces",
        "capabilities", "networks", "routes", "cgroups", "apparmor_profile", "process_label",
        "rlimits", "oom_score_adj", "additional_groups", "uid_mappings", "gid_mappings",
        "mask_paths", "readonly_paths", "sysctl", "system_properties", "seccomp", "hooks", "Hooks",
        "no_new_privileges", "no_new_keyring", "version", "labels", "mount_config", "restrict_sys",
        "tty", "user", "working_dir", "environment", "env", "umask", NULL };
static const char *const mount_config_members[] = { "no_pivot_root", "pivot_dir", "readonly_fs",
        "read_only", "mounts", "device_nodes", "mount_label", NULL };

/* Only of the old program, or done otherwise without a difference that could be seen. */
static const struct {
        const char *name, *why;
} ignored[] = {
        { "no_pivot_root",
                "the root is changed by pivot_root(2); --no-pivot is an option of create" },
        { "pivot_dir", "no directory is needed to pivot" },
        { "parent_death_signal", "PID 1 is the parent, and the unit says when it ends" },
        { "no_new_keyring", "--no-new-keyring is an option of create" },
        { "labels", "use annotations" },
};

static int warn_ignored(Convert *c)
{
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(ignored) && r >= 0; i++)
                if (convert_member(c->root, ignored[i].name) ||
                        convert_member(c->mount_config, ignored[i].name))
                        r = convert_warn(
                                c, "%s has no effect: %s", ignored[i].name, ignored[i].why);
        return r;
}

static bool is_true_anywhere(const Convert *c, const char *const *names)
{
        for (size_t i = 0; names[i]; i++)
                if (convert_member(c->root, names[i]) || convert_member(c->mount_config, names[i]))
                        return true;
        return false;
}

static int write_root(Convert *c)
{
        static const char *const readonly[] = { "readonlyfs", "readonly_fs", "read_only", NULL };

        convert_open(c, "root", '{');
        convert_string(c, "path", c->rootfs);
        if (is_true_anywhere(c, readonly)) {
                convert_key(c, "readonly");
                (void) fputs("true", c->f);
        }
        convert_close(c, '}');
        return 0;
}

static int write_propagation(Convert *c)
{
        static const struct {
                int64_t flag;
                const char *word, *recursive;
        } words[] = {
                { 1 << 17, "unbindable", "runbindable" },
                { 1 << 18, "private", "rprivate" },
                { 1 << 19, "slave", "rslave" },
                { 1 << 20, "shared", "rshared" },
        };
        const JsonValue *value = convert_member(c->root, "rootPropagation");
        int64_t flags;

        if (convert_member(c->root, "privatefs"))
                convert_string(c, "rootfsPropagation", "rprivate");
        if (!value)
                return 0;
        if (json_value_i64(value, &flags) >= 0)
                for (size_t i = 0; i < ELEMENTSOF(words); i++)
                        if ((flags & ~INT64_C(0x4000)) == words[i].flag) {
                                convert_string(c, "rootfsPropagation",
                                        flags & 0x4000 ? words[i].recursive : words[i].word);
                                return 0;
                        }
        return convert_error(c, "rootPropagation", "is none of the flags of mount(2) for it");
}

static void write_list(Convert *c, const char *key, const char *const *items)
{
        convert_open(c, key, '[');
        for (size_t i = 0; items[i]; i++) {
                convert_separate(c);
                json_write_string(c->f, items[i]);
        }
        convert_close(c, ']');
}

/* restrict_sys was the switch for what later became two lists. */
static int write_paths(Convert *c)
{
        int r;

        if (convert_member(c->root, "restrict_sys")) {
                write_list(c, "maskedPaths", spec_default_masked_paths);
                write_list(c, "readonlyPaths", spec_default_readonly_paths);
                return 0;
        }
        r = convert_copy_strings(c, c->root, "", "mask_paths", "maskedPaths");
        return r < 0 ? r : convert_copy_strings(c, c->root, "", "readonly_paths", "readonlyPaths");
}

static int write_sysctl(Convert *c)
{
        const JsonValue *object = convert_member(c->root, "sysctl"), *value;
        JsonIterator it;
        const char *key;

        if (!object)
                object = convert_member(c->root, "system_properties");
        if (!object)
                return 0;
        it = (JsonIterator){ .object = object };
        convert_open(c, "sysctl", '{');
        while (json_iterator_next(&it, &key, &value)) {
                if (!json_value_string(value))
                        return convert_error(c, "sysctl", "must be an object of strings");
                convert_string(c, key, json_value_string(value));
        }
        convert_close(c, '}');
        return 0;
}

static int write_id_maps(Convert *c, const char *from, const char *to)
{
        static const char *const members[] = { "container_id", "host_id", "size", NULL };
        const JsonValue *list = convert_member(c->root, from);
        int64_t numbers[3];
        int r = 0;

        if (!list)
                return 0;
        convert_open(c, to, '[');
        for (size_t i = 0; i < json_value_length(list) && r >= 0; i++) {
                const JsonValue *map = json_value_item(list, i);

                r = convert_check_members(c, map, from, members);
                for (size_t k = 0; k < 3 && r >= 0; k++)
                        if (json_member_i64(map, members[k], &numbers[k]) < 0)
                                r = convert_error(c, from, "%s must be an integer", members[k]);
                if (r < 0)
                        break;
                convert_open(c, NULL, '{');
                convert_number(c, "containerID", numbers[0]);
                convert_number(c, "hostID", numbers[1]);
                convert_number(c, "size", numbers[2]);
                convert_close(c, '}');
        }
        convert_close(c, ']');
        return r;
}

static int write_linux(Convert *c)
{
        int r;

        convert_open(c, "linux", '{');
        r = convert_namespaces(c);
        if (r >= 0)
                r = write_id_maps(c, "uid_mappings", "uidMappings");
        if (r >= 0)
                r = write_id_maps(c, "gid_mappings", "gidMappings");
        if (r >= 0)
                r = write_propagation(c);
        if (r >= 0)
                r = write_paths(c);
        if (r >= 0)
                r = write_sysctl(c);
        if (r >= 0)
                r = convert_copy_string(c,
                        convert_member(c->root, "mount_label") ? c->root : c->mount_config, "",
                        "mount_label", "mountLabel");
        if (r >= 0)
                r = convert_devices(c);
        if (r >= 0)
                r = convert_cgroups(c);
        if (r >= 0)
                r = convert_seccomp(c);
        convert_close(c, '}');
        return r;
}

static int write_config(Convert *c)
{
        int r;

        convert_open(c, NULL, '{');
        convert_string(c, "ociVersion", "1.0.2");
        r = convert_copy_string(c, c->root, "", "hostname", "hostname");
        if (r >= 0)
                r = write_root(c);
        if (r >= 0)
                r = convert_process(c);
        if (r >= 0)
                r = convert_mounts(c);
        if (r >= 0)
                r = convert_hooks(c);
        if (r >= 0)
                r = write_linux(c);
        convert_close(c, '}');
        (void) fputc('\n', c->f);
        return r;
}

static int find_rootfs(Convert *c, const char *fallback)
{
        c->rootfs = json_value_string(convert_member(c->root, "rootfs"));
        if (!c->rootfs)
                c->rootfs = json_value_string(convert_member(c->root, "root_fs"));
        if (!c->rootfs)
                c->rootfs = fallback;
        return c->rootfs ? 0
                         : convert_error(c, "rootfs",
                                   "is missing: which directory is the root file system?");
}

static int convert(Convert *c, const char *fallback)
{
        int r;

        c->mount_config = convert_member(c->root, "mount_config");
        r = convert_check_members(c, c->root, "", root_members);
        if (r >= 0 && c->mount_config)
                r = convert_check_members(c, c->mount_config, "mount_config", mount_config_members);
        if (r >= 0)
                r = find_rootfs(c, fallback);
        if (r >= 0)
                r = warn_ignored(c);
        return r < 0 ? r : write_config(c);
}

/* Writes by `write` into an allocated text. */
static int to_text(Convert *c, int (*write)(Convert *c, const char *argument), const char *argument,
        char **ret)
{
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        c->f = open_memstream(&text, &size);
        if (!c->f)
                return ctr_error_set(c->err, CTR_ERROR_SYSTEM, ENOMEM, "converting");
        c->is_first = true;
        r = write(c, argument);
        if (fclose(c->f) != 0 && r >= 0)
                r = ctr_error_set(c->err, CTR_ERROR_SYSTEM, ENOMEM, "converting");
        if (r >= 0)
                *ret = TAKE_PTR(text);
        return r;
}

static int copy_text(const char *text, char **ret, CtrError *err)
{
        *ret = strdup(text);
        return *ret ? 0 : ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "converting");
}

/* It may be one that lacks its ociVersion: who reads it then says so. */
static bool is_config_json(const Convert *c)
{
        static const char *const members[] = { "ociVersion", "root", "process", "linux" };

        for (size_t i = 0; i < ELEMENTSOF(members); i++)
                if (convert_member(c->root, members[i]))
                        return true;
        return false;
}

int convert_config(const ConvertInput *input, char **ret, SpecStrv *warnings, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        Convert c = { .warnings = warnings, .err = err };
        int r;

        r = json_document_parse(input->text, strlen(input->text), &doc, err);
        if (r < 0)
                return r;
        c.root = json_document_root(doc);
        if (is_config_json(&c))
                return copy_text(input->text, ret, err);
        return to_text(&c, convert, input->rootfs, ret);
}

static int write_limits(Convert *c, const char *argument _unused_)
{
        int r;

        convert_open(c, NULL, '{');
        r = convert_limits(c, convert_member(c->root, "cgroups"));
        convert_close(c, '}');
        return r;
}

int convert_resources(const char *text, char **ret, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        Convert c = { .err = err };
        int r;

        r = json_document_parse(text, strlen(text), &doc, err);
        if (r < 0)
                return r;
        c.root = json_document_root(doc);
        if (!convert_member(c.root, "cgroups"))
                return copy_text(text, ret, err);
        return to_text(&c, write_limits, NULL, ret);
}
