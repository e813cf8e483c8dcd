/* The process, the hooks and the namespaces of a converted configuration. */
#include "convert/convert-internal.h"

#include "runtime/rootfs-user.h"
#include "runtime/strv.h"

#include <string.h>
#include <strings.h>

#define DEFAULT_PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* ---- capabilities ---- */

static int write_capability_list(Convert *c, const char *key, const JsonValue *list)
{
        convert_open(c, key, '[');
        for (size_t i = 0; i < json_value_length(list); i++) {
                const char *name = json_value_string(json_value_item(list, i));
                char full[64];

                if (!name)
                        return convert_error(c, "capabilities", "must be an array of names");
                (void) snprintf(full, sizeof(full), "%s%s",
                        strncasecmp(name, "CAP_", 4) == 0 ? "" : "CAP_", name);
                for (char *p = full; *p; p++)
                        if (*p >= 'a' && *p <= 'z')
                                *p = (char) (*p - 'a' + 'A');
                convert_separate(c);
                json_write_string(c->f, full);
        }
        convert_close(c, ']');
        return 0;
}

/* One list for all sets, or, later, one each. None at all means that all are dropped. The
 * inheritable set was the same list once; it only ever helped programs with file capabilities of
 * their own. */
static int write_capabilities(Convert *c)
{
        static const struct {
                const char *from, *to;
                bool is_of_list;
        } sets[] = {
                { "Bounding", "bounding", true },
                { "Effective", "effective", true },
                { "Permitted", "permitted", true },
                { "Inheritable", "inheritable", false },
                { "Ambient", "ambient", false },
        };
        const JsonValue *value = convert_member(c->root, "capabilities");
        bool is_list = json_value_type(value) != JSON_TYPE_OBJECT;
        int r = 0;

        convert_open(c, "capabilities", '{');
        for (size_t i = 0; i < ELEMENTSOF(sets) && r >= 0; i++)
                if (!is_list || sets[i].is_of_list)
                        r = write_capability_list(c, sets[i].to,
                                is_list ? value : convert_member(value, sets[i].from));
        convert_close(c, '}');
        return r;
}

/* ---- user ---- */

static int read_groups(Convert *c, SpecStrv *groups)
{
        const JsonValue *list = convert_member(c->root, "additional_groups");
        char number[24];
        int r = 0;

        for (size_t i = 0; i < json_value_length(list) && r >= 0; i++) {
                const JsonValue *item = json_value_item(list, i);
                const char *name = json_value_string(item);
                uint64_t gid;

                if (!name && json_value_u64(item, &gid) < 0)
                        return convert_error(c, "additional_groups", "must be an array of groups");
                if (!name)
                        (void) snprintf(number, sizeof(number), "%llu", (unsigned long long) gid);
                r = strv_add(groups, name ? name : number);
        }
        return r < 0 ? ctr_error_set(c->err, CTR_ERROR_SYSTEM, ENOMEM, "converting") : 0;
}

static int write_user(Convert *c)
{
        const JsonValue *value = convert_member(c->root, "user");
        SpecStrv groups = { 0 };
        RootfsUser user = { 0 };
        int r;

        if (value && !json_value_string(value))
                return convert_error(c, "user", "must be a string");
        r = read_groups(c, &groups);
        if (r >= 0 && (value || groups.n > 0))
                r = rootfs_user_find(
                        c->rootfs, json_value_string(value), NULL, &groups, &user, c->err);
        strv_done(&groups);
        if (r < 0)
                return r;
        convert_open(c, "user", '{');
        convert_number(c, "uid", user.uid);
        convert_number(c, "gid", user.gid);
        if (user.n_groups > 0) {
                convert_open(c, "additionalGids", '[');
                for (size_t i = 0; i < user.n_groups; i++) {
                        convert_separate(c);
                        (void) fprintf(c->f, "%u", user.groups[i]);
                }
                convert_close(c, ']');
        }
        r = convert_copy_number(c, c->root, "", "umask", "umask");
        convert_close(c, '}');
        rootfs_user_done(&user);
        return r;
}

/* ---- limits of the process: numbers of setrlimit(2) ---- */

static int write_rlimits(Convert *c)
{
        static const char *const names[] = { "CPU", "FSIZE", "DATA", "STACK", "CORE", "RSS",
                "NPROC", "NOFILE", "MEMLOCK", "AS", "LOCKS", "SIGPENDING", "MSGQUEUE", "NICE",
                "RTPRIO", "RTTIME" };
        static const char *const members[] = { "type", "hard", "soft", NULL };
        const JsonValue *list = convert_member(c->root, "rlimits");
        int r = 0;

        if (!list)
                return 0;
        convert_open(c, "rlimits", '[');
        for (size_t i = 0; i < json_value_length(list) && r >= 0; i++) {
                const JsonValue *limit = json_value_item(list, i);
                uint64_t type = 0, hard = 0, soft = 0;
                char name[32];

                r = convert_check_members(c, limit, "rlimits", members);
                if (r < 0)
                        break;
                (void) json_member_u64(limit, "type", &type);
                if (type >= ELEMENTSOF(names) || json_member_u64(limit, "hard", &hard) < 0 ||
                        json_member_u64(limit, "soft", &soft) < 0)
                        return convert_error(c, "rlimits",
                                "must have a type below %zu, and integers hard and soft",
                                ELEMENTSOF(names));
                (void) snprintf(name, sizeof(name), "RLIMIT_%s", names[type]);
                convert_open(c, NULL, '{');
                convert_string(c, "type", name);
                convert_key(c, "hard");
                (void) fprintf(c->f, "%llu", (unsigned long long) hard);
                convert_key(c, "soft");
                (void) fprintf(c->f, "%llu", (unsigned long long) soft);
                convert_close(c, '}');
        }
        convert_close(c, ']');
        return r;
}

/* ---- the process ---- */

static int write_env(Convert *c)
{
        if (convert_member(c->root, "environment"))
                return convert_copy_strings(c, c->root, "", "environment", "env");
        if (convert_member(c->root, "env"))
                return convert_copy_strings(c, c->root, "", "env", "env");
        convert_open(c, "env", '[');
        convert_separate(c);
        json_write_string(c->f, DEFAULT_PATH);
        convert_close(c, ']');
        return 0;
}

static void write_flag(Convert *c, const char *key, const char *from)
{
        convert_key(c, key);
        (void) fputs(convert_member(c->root, from) ? "true" : "false", c->f);
}

int convert_process(Convert *c)
{
        int r;

        convert_open(c, "process", '{');
        write_flag(c, "terminal", "tty");
        write_flag(c, "noNewPrivileges", "no_new_privileges");
        convert_key(c, "args");
        (void) fputs("[\"sh\"]", c->f);
        r = convert_copy_string(c, c->root, "", "working_dir", "cwd");
        if (!convert_member(c->root, "working_dir"))
                convert_string(c, "cwd", "/");
        if (r >= 0)
                r = write_user(c);
        if (r >= 0)
                r = write_env(c);
        if (r >= 0)
                r = write_capabilities(c);
        if (r >= 0)
                r = write_rlimits(c);
        if (r >= 0)
                r = convert_copy_number(c, c->root, "", "oom_score_adj", "oomScoreAdj");
        if (r >= 0)
                r = convert_copy_string(c, c->root, "", "apparmor_profile", "apparmorProfile");
        if (r >= 0)
                r = convert_copy_string(c, c->root, "", "process_label", "selinuxLabel");
        convert_close(c, '}');
        return r;
}

/* ---- hooks ---- */

static int write_hook(Convert *c, const JsonValue *hook, const char *path)
{
        static const char *const members[] = { "path", "args", "env", "timeout", NULL };
        const JsonValue *timeout;
        int64_t nsec;
        int r;

        r = convert_check_members(c, hook, path, members);
        if (r < 0)
                return r;
        timeout = convert_member(hook, "timeout");
        convert_open(c, NULL, '{');
        r = convert_copy_string(c, hook, path, "path", "path");
        if (r >= 0)
                r = convert_copy_strings(c, hook, path, "args", "args");
        if (r >= 0)
                r = convert_copy_strings(c, hook, path, "env", "env");
        if (r >= 0 && timeout) {
                if (json_value_i64(timeout, &nsec) < 0 || nsec < 0)
                        return convert_error(c, path, "timeout must be a number of nanoseconds");
                convert_number(c, "timeout", (nsec + 999999999) / 1000000000);
        }
        convert_close(c, '}');
        return r;
}

int convert_hooks(Convert *c)
{
        static const char *const kinds[] = { "prestart", "createRuntime", "createContainer",
                "startContainer", "poststart", "poststop", NULL };
        const JsonValue *hooks = convert_member(c->root, "hooks");
        int r = 0;

        if (!hooks)
                hooks = convert_member(c->root, "Hooks");
        if (hooks)
                r = convert_check_members(c, hooks, "hooks", kinds);
        if (r < 0 || (!hooks && !convert_has_network_hooks(c)))
                return r < 0 ? r : convert_network_hooks(c);
        convert_open(c, "hooks", '{');
        for (size_t k = 0; kinds[k] && r >= 0; k++) {
                const JsonValue *list = convert_member(hooks, kinds[k]);
                bool is_for_networks =
                        strcmp(kinds[k], "createRuntime") == 0 && convert_has_network_hooks(c);
                char path[64];

                if (!list && !is_for_networks)
                        continue;
                (void) snprintf(path, sizeof(path), "hooks.%s", kinds[k]);
                convert_open(c, kinds[k], '[');
                if (is_for_networks)
                        r = convert_network_hooks(c);
                for (size_t i = 0; i < json_value_length(list) && r >= 0; i++)
                        r = write_hook(c, json_value_item(list, i), path);
                convert_close(c, ']');
        }
        convert_close(c, '}');
        return r;
}

/* ---- namespaces: an object of switches, or a list ---- */

static const struct {
        const char *from, *to;
} namespace_types[] = {
        { "NEWNS", "mount" },
        { "NEWNET", "network" },
        { "NEWPID", "pid" },
        { "NEWIPC", "ipc" },
        { "NEWUTS", "uts" },
        { "NEWUSER", "user" },
        { "NEWCGROUP", "cgroup" },
};

static int write_namespace(Convert *c, const char *type, const char *path)
{
        for (size_t i = 0; type && i < ELEMENTSOF(namespace_types); i++)
                if (strcmp(namespace_types[i].from, type) == 0) {
                        convert_open(c, NULL, '{');
                        convert_string(c, "type", namespace_types[i].to);
                        if (path)
                                convert_string(c, "path", path);
                        convert_close(c, '}');
                        return 0;
                }
        return convert_error(c, "namespaces", "\"%.32s\" is no namespace", type ? type : "");
}

int convert_namespaces(Convert *c)
{
        static const char *const members[] = { "type", "name", "path", NULL };
        const JsonValue *all = convert_member(c->root, "namespaces"), *value;
        JsonIterator it = { .object = all };
        const char *key;
        int r = 0;

        convert_open(c, "namespaces", '[');
        if (json_value_type(all) == JSON_TYPE_OBJECT) {
                while (r >= 0 && json_iterator_next(&it, &key, &value))
                        if (!convert_is_empty(value))
                                r = write_namespace(c, key, NULL);
        } else
                for (size_t i = 0; i < json_value_length(all) && r >= 0; i++) {
                        const JsonValue *item = json_value_item(all, i);

                        r = convert_check_members(c, item, "namespaces", members);
                        value = convert_member(item, "type");
                        if (r >= 0)
                                r = write_namespace(c,
                                        json_value_string(
                                                value ? value : convert_member(item, "name")),
                                        json_value_string(convert_member(item, "path")));
                }
        convert_close(c, ']');
        return r;
}
