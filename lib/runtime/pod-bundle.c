/* The config.json of a pod's member: see pod-bundle.h. */
#include "runtime/pod-bundle.h"

#include "base/json.h"
#include "runtime/runtime.h"

#include <inttypes.h>
#include <string.h>

#define DEFAULT_ENV "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define VOLUMES_DIR "/mnt" /* in the container: a volume is at /mnt/TAG */
#define RESOLV_CONF "/etc/resolv.conf"

static void write_separator(FILE *f, bool *is_first)
{
        if (!*is_first)
                (void) fputc(',', f);
        *is_first = false;
}

static void write_member(FILE *f, bool *is_first, const char *key)
{
        write_separator(f, is_first);
        json_write_string(f, key);
        (void) fputc(':', f);
}

/* The value as the default has it. */
static int copy_value(FILE *f, const JsonValue *value)
{
        _cleanup_free_ char *text = json_value_text(value);

        if (!text)
                return -ENOMEM;
        (void) fputs(text, f);
        return 0;
}

static void write_strings(FILE *f, const SpecStrv *strv)
{
        bool is_first = true;

        (void) fputc('[', f);
        for (size_t i = 0; i < strv->n; i++) {
                write_separator(f, &is_first);
                json_write_string(f, strv->items[i]);
        }
        (void) fputc(']', f);
}

/* ---- process ---- */

static int write_env(FILE *f, const PodCommand *command)
{
        bool is_first = true;

        (void) fputs(",\"env\":[", f);
        for (size_t i = 0; i < command->n_envs; i++) {
                const PodEnv *env = &command->envs[i];
                _cleanup_free_ char *text = NULL;

                if (asprintf(&text, "%s=%s", env->name, env->value ? env->value : "") < 0) {
                        text = NULL;
                        return -ENOMEM;
                }
                write_separator(f, &is_first);
                json_write_string(f, text);
        }
        if (command->n_envs == 0)
                json_write_string(f, DEFAULT_ENV);
        (void) fputc(']', f);
        return 0;
}

static int write_capabilities(FILE *f, const PodCommand *command, const JsonValue *process)
{
        const JsonValue *defaults;
        bool is_first = true;

        (void) fputs(",\"capabilities\":", f);
        if (!command->has_capabilities)
                return json_value_member(process, "capabilities", &defaults)
                               ? copy_value(f, defaults)
                               : -EINVAL;
        (void) fputc('{', f);
        for (size_t i = 0; i < _POD_CAPABILITIES_MAX; i++) {
                write_member(f, &is_first, pod_capability_set_names[i]);
                write_strings(f, &command->capabilities[i]);
        }
        (void) fputc('}', f);
        return 0;
}

static void write_user(FILE *f, const RootfsUser *user)
{
        (void) fprintf(f, ",\"user\":{\"uid\":%" PRIu32 ",\"gid\":%" PRIu32, user->uid, user->gid);
        for (size_t i = 0; i < user->n_groups; i++)
                (void) fprintf(
                        f, "%s%" PRIu32, i > 0 ? "," : ",\"additionalGids\":[", user->groups[i]);
        (void) fputs(user->n_groups > 0 ? "]}" : "}", f);
}

static int write_process(FILE *f, const PodMember *m, const JsonValue *defaults)
{
        const PodCommand *command = &m->container->command;
        bool has_no_new_privileges =
                !command->no_new_privileges.is_set || command->no_new_privileges.value;
        int r;

        (void) fprintf(f, "{\"terminal\":%s", command->is_interactive ? "true" : "false");
        write_user(f, m->user);
        (void) fputs(",\"args\":", f);
        write_strings(f, &command->args);
        r = write_env(f, command);
        (void) fputs(",\"cwd\":", f);
        json_write_string(f, command->work_dir ? command->work_dir : "/");
        if (r >= 0)
                r = write_capabilities(f, command, defaults);
        (void) fprintf(f, ",\"noNewPrivileges\":%s}", has_no_new_privileges ? "true" : "false");
        return r;
}

/* ---- mounts ---- */

static bool has_option(const PodMount *mount, const char *option)
{
        for (size_t i = 0; i < mount->options.n; i++)
                if (strcmp(mount->options.items[i], option) == 0)
                        return true;
        return false;
}

/* A mount of the configuration takes the place of a default one. */
static bool is_replaced(const PodMember *m, const char *destination)
{
        for (size_t i = 0; destination && i < m->container->n_mounts; i++)
                if (strcmp(m->container->mounts[i].destination, destination) == 0)
                        return true;
        return false;
}

static void write_mount(FILE *f, const PodMount *mount)
{
        const char *source = mount->source ? mount->source : mount->host_path;
        bool is_bind = mount->type ? strcmp(mount->type, "bind") == 0 : source && source[0] == '/';
        bool is_first = true;

        (void) fputs("{\"destination\":", f);
        json_write_string(f, mount->destination);
        if (source) {
                (void) fputs(",\"source\":", f);
                json_write_string(f, source);
        }
        if (mount->type || is_bind) {
                (void) fputs(",\"type\":", f);
                json_write_string(f, mount->type ? mount->type : "bind");
        }
        (void) fputs(",\"options\":[", f);
        for (size_t i = 0; i < mount->options.n; i++) {
                write_separator(f, &is_first);
                json_write_string(f, mount->options.items[i]);
        }
        if (is_bind && !has_option(mount, "bind") && !has_option(mount, "rbind")) {
                write_separator(f, &is_first);
                json_write_string(f, "rbind");
        }
        if (mount->is_readonly && !has_option(mount, "ro")) {
                write_separator(f, &is_first);
                json_write_string(f, "ro");
        }
        (void) fputs("]}", f);
}

static int write_volumes(FILE *f, const PodMember *m, bool *is_first)
{
        for (size_t i = 0; i < m->config->n_volumes; i++) {
                const PodVolume *volume = &m->config->volumes[i];
                PodMount mount = { .source = volume->host_path };

                if (asprintf(&mount.destination, VOLUMES_DIR "/%s", volume->tag) < 0)
                        return -ENOMEM;
                if (!is_replaced(m, mount.destination)) {
                        write_separator(f, is_first);
                        write_mount(f, &mount);
                }
                free(mount.destination);
        }
        return 0;
}

static int write_mounts(FILE *f, const PodMember *m, const JsonValue *defaults)
{
        bool is_first = true;
        int r = 0;

        (void) fputc('[', f);
        for (size_t i = 0; i < json_value_length(defaults) && r >= 0; i++) {
                const JsonValue *mount = json_value_item(defaults, i);

                if (is_replaced(m, json_member_string(mount, "destination")))
                        continue;
                write_separator(f, &is_first);
                r = copy_value(f, mount);
        }
        if (r >= 0)
                r = write_volumes(f, m, &is_first);
        if (m->resolv_conf && !is_replaced(m, RESOLV_CONF)) {
                write_separator(f, &is_first);
                write_mount(f, &(PodMount){ .source = (char *) m->resolv_conf,
                                       .destination = (char *) RESOLV_CONF,
                                       .is_readonly = true });
        }
        for (size_t i = 0; i < m->container->n_mounts; i++) {
                write_separator(f, &is_first);
                write_mount(f, &m->container->mounts[i]);
        }
        (void) fputc(']', f);
        return r;
}

/* ---- linux ---- */

static void write_namespace(FILE *f, const char *type, const char *path, bool *is_first)
{
        write_separator(f, is_first);
        (void) fprintf(f, "{\"type\":\"%s\"", type);
        if (path) {
                (void) fputs(",\"path\":", f);
                json_write_string(f, path);
        }
        (void) fputc('}', f);
}

static void write_namespaces(FILE *f, const PodMember *m)
{
        bool is_first = true;

        (void) fputc('[', f);
        write_namespace(f, "pid", NULL, &is_first);
        write_namespace(f, "mount", NULL, &is_first);
        write_namespace(f, "cgroup", NULL, &is_first);
        write_namespace(f, "ipc", m->ipc_path, &is_first);
        write_namespace(f, "uts", m->uts_path, &is_first);
        if (m->network_path)
                write_namespace(f, "network", m->network_path, &is_first);
        (void) fputc(']', f);
}

static void write_devices(FILE *f, const PodContainer *c)
{
        (void) fputs(",\"devices\":[", f);
        for (size_t i = 0; i < c->n_devices; i++) {
                const PodDevice *device = &c->devices[i];

                (void) fputs(i > 0 ? ",{\"path\":" : "{\"path\":", f);
                json_write_string(f, device->container_path);
                (void) fprintf(f, ",\"type\":\"%c\"", device->type);
                if (device->type != 'p')
                        (void) fprintf(f, ",\"major\":%" PRId64 ",\"minor\":%" PRId64,
                                device->major, device->minor);
                if (device->file_mode.is_set)
                        (void) fprintf(f, ",\"fileMode\":%" PRIu32, device->file_mode.value);
                (void) fprintf(
                        f, ",\"uid\":%" PRIu32 ",\"gid\":%" PRIu32 "}", device->uid, device->gid);
        }
        (void) fputc(']', f);
}

/* Nothing but the container's devices and the standard ones. */
static void write_device_rules(FILE *f, const PodContainer *c)
{
        (void) fputs("\"devices\":[{\"allow\":false,\"access\":\"rwm\"}", f);
        for (size_t i = 0; i < c->n_devices; i++)
                if (c->devices[i].type != 'p')
                        (void) fprintf(f,
                                ",{\"allow\":true,\"type\":\"%c\",\"major\":%" PRId64
                                ",\"minor\":%" PRId64 ",\"access\":\"rw\"}",
                                c->devices[i].type, c->devices[i].major, c->devices[i].minor);
        (void) fputc(']', f);
}

static void write_resources(FILE *f, const PodContainer *c)
{
        bool is_first = true;

        (void) fputs(",\"resources\":{", f);
        write_device_rules(f, c);
        (void) fputs(",\"cpu\":{", f);
        if (c->cpu_shares.is_set) {
                write_member(f, &is_first, "shares");
                (void) fprintf(f, "%" PRIu64, c->cpu_shares.value);
        }
        if (c->cpu_quota.is_set) {
                write_member(f, &is_first, "quota");
                (void) fprintf(f, "%" PRId64, c->cpu_quota.value);
        }
        if (c->cpu_period.is_set) {
                write_member(f, &is_first, "period");
                (void) fprintf(f, "%" PRIu64, c->cpu_period.value);
        }
        (void) fputs("}}", f);
}

static int write_linux(FILE *f, const PodMember *m, const JsonValue *defaults)
{
        JsonIterator it = { .object = defaults };
        const JsonValue *value;
        bool is_first = true;
        const char *key;
        int r = 0;

        (void) fputc('{', f);
        while (r >= 0 && json_iterator_next(&it, &key, &value)) {
                write_member(f, &is_first, key);
                if (strcmp(key, "namespaces") == 0)
                        write_namespaces(f, m);
                else
                        r = copy_value(f, value);
        }
        (void) fputs(",\"cgroupsPath\":\"", f);
        /* Names of slices need no more than their backslashes doubled. */
        for (const char *p = m->slice; *p; p++)
                (void) fprintf(f, *p == '\\' ? "\\%c" : "%c", *p);
        (void) fputs(":ctr:member\"", f);
        write_devices(f, m->container);
        write_resources(f, m->container);
        (void) fputc('}', f);
        return r;
}

/* ---- the whole ---- */

static void write_annotations(FILE *f, const SpecKeyValues *annotations)
{
        bool is_first = true;

        (void) fputs(",\"annotations\":{", f);
        for (size_t i = 0; i < annotations->n; i++) {
                write_member(f, &is_first, annotations->items[i].key);
                json_write_string(f, annotations->items[i].value);
        }
        (void) fputs("}", f);
}

static int write_config(FILE *f, const PodMember *m, const JsonValue *defaults)
{
        JsonIterator it = { .object = defaults };
        const JsonValue *value;
        bool is_first = true;
        const char *key;
        int r = 0;

        (void) fputc('{', f);
        while (r >= 0 && json_iterator_next(&it, &key, &value)) {
                if (strcmp(key, "hostname") == 0) /* the pod's */
                        continue;
                write_member(f, &is_first, key);
                if (strcmp(key, "process") == 0)
                        r = write_process(f, m, value);
                else if (strcmp(key, "mounts") == 0)
                        r = write_mounts(f, m, value);
                else if (strcmp(key, "linux") == 0)
                        r = write_linux(f, m, value);
                else if (strcmp(key, "root") == 0) {
                        (void) fputs("{\"path\":", f);
                        json_write_string(f, m->container->rootfs);
                        (void) fprintf(f, ",\"readonly\":%s}",
                                m->container->is_rootfs_readonly ? "true" : "false");
                } else
                        r = copy_value(f, value);
        }
        write_annotations(f, &m->container->annotations);
        (void) fputs("}\n", f);
        return r;
}

static int read_defaults(JsonDocument **ret, char **ret_text, CtrError *err)
{
        size_t size;
        FILE *f = open_memstream(ret_text, &size);

        if (!f)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "making a configuration");
        runtime_print_default_config(f);
        if (fclose(f) != 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "making a configuration");
        return json_document_parse(*ret_text, size, ret, err);
}

int pod_bundle_text(const PodMember *member, char **ret, size_t *ret_size, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *defaults = NULL;
        _cleanup_free_ char *default_text = NULL, *text = NULL;
        bool is_failed;
        size_t size;
        FILE *f;
        int r;

        r = read_defaults(&defaults, &default_text, err);
        if (r < 0)
                return r;
        f = open_memstream(&text, &size);
        if (!f)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "making a configuration");
        r = write_config(f, member, json_document_root(defaults));
        is_failed = ferror(f) != 0;
        if (fclose(f) != 0 || is_failed)
                r = -ENOMEM;
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "making a configuration");
        *ret = TAKE_PTR(text);
        *ret_size = size;
        return 0;
}
