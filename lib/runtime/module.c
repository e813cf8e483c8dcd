/* Containers of less than a bundle: see module.h. */
#include "runtime/module.h"

#include "base/io.h"
#include "base/json-merge.h"
#include "base/random-id.h"
#include "runtime/bundle-store.h"
#include "runtime/image.h"
#include "runtime/launch-client.h"
#include "runtime/simple-config.h"
#include "runtime/strv.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int runtime_choose_id(const char *wanted, char id[static CTR_ID_MAX + 1], CtrError *err)
{
        int r;

        if (*wanted == '\0')
                return ctr_random_id(id, err);
        r = ctr_id_check(wanted, err);
        if (r >= 0)
                (void) snprintf(id, CTR_ID_MAX + 1, "%s", wanted);
        return r;
}

int runtime_check_free(const Runtime *rt, const char *id, CtrError *err)
{
        ContainerInfo info;

        if (runtime_state(rt, id, &info, NULL) < 0)
                return 0;
        container_info_done(&info);
        (void) ctr_error_set(err, CTR_ERROR_ID_IN_USE, 0, "container with given ID already exists");
        return -EEXIST;
}

static int write_config(const char *id, const char *text, const char *rootfs, CtrError *err)
{
        _cleanup_close_ int bundle_fd = bundle_store_open(id, err);
        _cleanup_free_ char *changed = NULL;
        size_t size = strlen(text);
        int r;

        if (bundle_fd < 0)
                return bundle_fd;
        if (rootfs) {
                r = simple_config_replace_root(text, rootfs, &changed, &size, err);
                if (r < 0)
                        return r;
        }
        r = ctr_write_file_atomic(bundle_fd, "config.json", changed ? changed : text, size, 0600);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot write config.json") : 0;
}

int runtime_create_stored(const Runtime *rt, const RuntimeCreate *options, const char *text,
        const char *rootfs, bool has_bundle, CtrError *err)
{
        RuntimeCreate request = *options;
        char path[512];
        int r;

        if (!has_bundle) {
                _cleanup_close_ int bundle_fd = -EBADF;

                r = runtime_check_free(rt, options->id, err);
                if (r >= 0)
                        r = bundle_fd = bundle_store_create(options->id, err);
                if (r < 0)
                        return r;
        }
        request.bundle = bundle_store_path(options->id, path, sizeof(path));
        r = write_config(options->id, text, rootfs, err);
        if (r >= 0)
                r = runtime_create(rt, &request, err);
        if (r < 0)
                (void) bundle_store_remove(options->id, NULL);
        return r;
}

/* ---- directories for volumes ---- */

static void remove_volumes(SpecStrv *made)
{
        for (size_t i = made->n; i > 0; i--)
                (void) rmdir(made->items[i - 1]);
}

/* Makes what is missing of a path, and remembers each part of it. */
static int make_volume(const char *path, SpecStrv *made, CtrError *err)
{
        _cleanup_free_ char *part = strdup(path);

        for (char *end = part ? part : NULL; end && *end;) {
                char saved;

                end += strspn(end, "/");
                end += strcspn(end, "/");
                saved = *end;
                *end = '\0';
                if (mkdir(part, 0755) >= 0) {
                        if (strv_add(made, part) < 0)
                                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "volumes");
                } else if (errno != EEXIST)
                        return ctr_error_set(
                                err, CTR_ERROR_SYSTEM, errno, "cannot make the volume %s", part);
                *end = saved;
        }
        return part ? 0 : ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "volumes");
}

static int make_volumes(const SimpleConfig *config, SpecStrv *made, CtrError *err)
{
        JsonIterator it = { .object = config->volume };
        const JsonValue *inside;
        const char *source;
        int r = 0;

        while (config->creates_volumes && r >= 0 && json_iterator_next(&it, &source, &inside))
                r = make_volume(source, made, err);
        return r;
}

/* The container of these words, in a bundle that is there or in a new one. *made: what there was
 * not before, to be removed when the container cannot be started either. */
static int create_simple(const Runtime *rt, const SimpleConfig *config,
        const RuntimeCreate *options, bool has_bundle, SpecStrv *made, CtrError *err)
{
        size_t n = json_value_length(config->publish), size;
        _cleanup_free_ char *text = NULL;
        _cleanup_free_ const char **publish = calloc(n + 1, sizeof(*publish));
        RuntimeCreate request = *options;
        int r;

        if (!publish)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "publishing ports");
        for (size_t i = 0; i < n; i++)
                publish[i] = json_value_string(json_value_item(config->publish, i));
        if (n > 0) {
                request.publish = (char *const *) publish;
                request.n_publish = n;
        }
        r = simple_config_make(config, options->id, &text, &size, err);
        if (r >= 0)
                r = make_volumes(config, made, err);
        if (r >= 0)
                r = runtime_create_stored(rt, &request, text, NULL, has_bundle, err);
        if (r < 0)
                remove_volumes(made);
        return r;
}

/* The bundle comes first: what the image has is looked at when it is mounted there. */
static int create_of_image(const Runtime *rt, SimpleConfig *config, RuntimeCreate *options,
        SpecStrv *made, CtrError *err)
{
        _cleanup_close_ int bundle_fd = -EBADF;
        char rootfs[1024], unit[CTR_UNIT_NAME_MAX];
        int r;

        r = runtime_check_free(rt, options->id, err);
        if (r >= 0)
                r = bundle_fd = bundle_store_create(options->id, err);
        if (r < 0)
                return r;
        r = image_mount(config->rootfs, options->id, rootfs, sizeof(rootfs), unit, err);
        config->rootfs = rootfs;
        config->is_read_only = true;
        options->requires_unit = unit;
        if (r >= 0)
                r = create_simple(rt, config, options, true, made, err);
        closep(&bundle_fd);
        if (r < 0)
                (void) bundle_store_remove(options->id, NULL);
        return r;
}

static int create_of_words(const Runtime *rt, const JsonValue *words,
        char id[static CTR_ID_MAX + 1], SpecStrv *made, CtrError *err)
{
        LaunchFds none = LAUNCH_FDS_NONE;
        RuntimeCreate options = { .id = id, .fds = &none };
        SimpleConfig config;
        int r;

        r = simple_config_read(words, NULL, &config, err);
        if (r >= 0)
                r = runtime_choose_id(config.id, id, err);
        if (r < 0)
                return r;
        if (image_is_file(config.rootfs))
                return create_of_image(rt, &config, &options, made, err);
        return create_simple(rt, &config, &options, false, made, err);
}

int runtime_module_create(
        const Runtime *rt, const JsonValue *words, char id[static CTR_ID_MAX + 1], CtrError *err)
{
        SpecStrv made = { 0 };
        int r = create_of_words(rt, words, id, &made, err);

        strv_done(&made);
        return r;
}

int runtime_module_run(
        const Runtime *rt, const JsonValue *words, char id[static CTR_ID_MAX + 1], CtrError *err)
{
        SpecStrv made = { 0 };
        int r = create_of_words(rt, words, id, &made, err);

        if (r >= 0) {
                r = runtime_start(rt, id, err);
                if (r < 0) {
                        (void) runtime_delete(rt, id, true, NULL);
                        remove_volumes(&made);
                }
        }
        strv_done(&made);
        return r;
}

/* ---- archives, unpacked ---- */

int runtime_import_create(const Runtime *rt, const RuntimeImport *import,
        const RuntimeCreate *options, const char *meta, CtrError *err)
{
        char bundle[512], rootfs[1024];
        SpecStrv made = { 0 };
        SimpleConfig config;
        int r;

        (void) snprintf(rootfs, sizeof(rootfs), "%s/rootfs",
                bundle_store_path(options->id, bundle, sizeof(bundle)));
        if (import->config)
                r = runtime_create_stored(rt, options, import->config, rootfs, true, err);
        else {
                r = simple_config_read(import->words, rootfs, &config, err);
                if (r >= 0 && config.meta)
                        r = ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                                "Meta is the archive's: it cannot be given as well");
                config.meta = meta;
                if (r >= 0)
                        r = create_simple(rt, &config, options, true, &made, err);
                strv_done(&made);
        }
        if (r < 0)
                (void) bundle_store_remove(options->id, NULL);
        return r;
}
