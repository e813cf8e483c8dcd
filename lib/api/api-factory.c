/* Factories: a root directory of state, and the ways to a container. */
#include "api/api-internal.h"

#include "base/io.h"
#include "convert/convert.h"
#include "runtime/launch-client.h"
#include "runtime/strv.h"

#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

int api_copy_runtime(const Runtime *from, Runtime *ret, CtrError *err)
{
        int r = runtime_init(ret, from->root, err);

        if (r >= 0)
                ret->is_silent = true;
        return r;
}

char **api_strv_copy(const char *const *strv)
{
        SpecStrv copy = { 0 };

        for (size_t i = 0; strv[i]; i++)
                if (strv_add(&copy, strv[i]) < 0) {
                        strv_done(&copy);
                        return NULL;
                }
        return copy.items ? copy.items : calloc(1, sizeof(char *));
}

int api_strv_take(SpecStrv *list, char ***ret, CtrError *err)
{
        char **items = list->items ? TAKE_PTR(list->items) : calloc(1, sizeof(*items));

        list->n = 0;
        if (!items)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "making a list");
        *ret = items;
        return 0;
}

char **ctr_strv_free(char **strv)
{
        for (size_t i = 0; strv && strv[i]; i++)
                free(strv[i]);
        free(strv);
        return NULL;
}

/* Whoever comes first mounts it; a second mount would hide the containers of the first. */
static int mount_root(const Runtime *rt, CtrError *err)
{
        _cleanup_free_ char *parent = NULL;
        struct stat inside, above;
        struct statfs fs;
        int r;

        r = ctr_mkdir_parents(rt->root, 0700, err);
        if (r < 0)
                return r;
        if (asprintf(&parent, "%s/..", rt->root) < 0) {
                parent = NULL;
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "making a factory");
        }
        if (statfs(rt->root, &fs) >= 0 && fs.f_type == TMPFS_MAGIC &&
                stat(rt->root, &inside) >= 0 && stat(parent, &above) >= 0 &&
                inside.st_dev != above.st_dev)
                return 0;
        if (mount("tmpfs", rt->root, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, errno, "cannot mount a tmpfs on %s", rt->root);
        return 0;
}

int ctr_factory_new(const char *root, unsigned flags, CtrFactory **ret, CtrError **error)
{
        CtrFactory *f = NULL;
        CtrError e = { 0 };
        int r = 0;

        if (flags & ~(unsigned) CTR_FACTORY_TMPFS_ROOT)
                r = ctr_error_set(&e, CTR_ERROR_USAGE, 0, "unknown flags of a factory: %#x", flags);
        else if (!(f = calloc(1, sizeof(*f))))
                r = ctr_error_set(&e, CTR_ERROR_SYSTEM, ENOMEM, "making a factory");
        if (r >= 0) {
                r = runtime_init(&f->runtime, root, &e);
                f->runtime.is_silent = true;
        }
        if (r >= 0 && (flags & CTR_FACTORY_TMPFS_ROOT))
                r = mount_root(&f->runtime, &e);
        if (r < 0)
                (void) ctr_factory_free(f);
        else
                *ret = f;
        return api_result(r, &e, error);
}

CtrFactory *ctr_factory_free(CtrFactory *factory)
{
        if (factory)
                runtime_done(&factory->runtime);
        free(factory);
        return NULL;
}

const char *ctr_factory_get_type(const CtrFactory *factory _unused_)
{
        return "ctrunit";
}

const char *ctr_factory_get_root(const CtrFactory *factory)
{
        return factory->runtime.root;
}

int api_container_new(const CtrFactory *factory, const char *id, CtrContainer **ret, CtrError *err)
{
        CtrContainer *c = calloc(1, sizeof(*c));
        int r;

        if (!c)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "container %s", id);
        r = api_copy_runtime(&factory->runtime, &c->runtime, err);
        if (r < 0) {
                free(c);
                return r;
        }
        (void) snprintf(c->id, sizeof(c->id), "%s", id);
        *ret = c;
        return 0;
}

CtrContainer *ctr_container_free(CtrContainer *container)
{
        if (container)
                runtime_done(&container->runtime);
        free(container);
        return NULL;
}

static int create(CtrFactory *factory, const char *id, const char *config, CtrError *err)
{
        _cleanup_free_ char *text = NULL;
        int r;

        r = ctr_id_check(id ? id : "", err);
        if (r >= 0 && !config)
                r = ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0, "there is no configuration");
        if (r >= 0)
                r = convert_config(&(ConvertInput){ .text = config }, &text, NULL, err);
        if (r >= 0)
                r = process_check_config(text, err);
        return r < 0 ? r : reserve_create(&factory->runtime, id, text, err);
}

int ctr_factory_create(CtrFactory *factory, const char *id, const char *config, CtrContainer **ret,
        CtrError **error)
{
        CtrError e = { 0 };
        int r;

        r = create(factory, id, config, &e);
        if (r >= 0) {
                r = api_container_new(factory, id, ret, &e);
                if (r < 0)
                        (void) reserve_remove(&factory->runtime, id, NULL);
        }
        return api_result(r, &e, error);
}

int ctr_factory_create_bundle(CtrFactory *factory, const char *id, const char *bundle,
        CtrContainer **ret, CtrError **error)
{
        LaunchFds fds = LAUNCH_FDS_NONE;
        RuntimeCreate options = { .id = id ? id : "", .bundle = bundle, .fds = &fds };
        _cleanup_free_ char *reserved = NULL;
        CtrError e = { 0 };
        int r;

        r = ctr_id_check(options.id, &e);
        if (r >= 0)
                r = reserve_read(&factory->runtime, id, &reserved, &e);
        if (r > 0) {
                (void) ctr_error_set(
                        &e, CTR_ERROR_ID_IN_USE, 0, "container with given ID already exists");
                r = -EEXIST;
        }
        if (r >= 0)
                r = runtime_create(&factory->runtime, &options, &e);
        if (r >= 0) {
                r = api_container_new(factory, id, ret, &e);
                if (r < 0)
                        (void) runtime_delete(&factory->runtime, id, true, NULL);
        }
        return api_result(r, &e, error);
}

int ctr_factory_load(CtrFactory *factory, const char *id, CtrContainer **ret, CtrError **error)
{
        _cleanup_free_ char *reserved = NULL;
        CtrError e = { 0 };
        ContainerInfo info;
        int r;

        r = ctr_id_check(id ? id : "", &e);
        if (r >= 0)
                r = reserve_read(&factory->runtime, id, &reserved, &e);
        if (r == 0) {
                r = runtime_state(&factory->runtime, id, &info, &e);
                if (r >= 0)
                        container_info_done(&info);
        }
        if (r >= 0)
                r = api_container_new(factory, id, ret, &e);
        return api_result(r, &e, error);
}

static int compare(const void *a, const void *b)
{
        return strcmp(*(char *const *) a, *(char *const *) b);
}

int ctr_factory_list(CtrFactory *factory, char ***ret, CtrError **error)
{
        SpecStrv list = { 0 };
        CtrError e = { 0 };
        int r;

        r = runtime_list(&factory->runtime, &list, &e);
        if (r >= 0)
                r = reserve_list(&factory->runtime, &list, &e);
        if (r >= 0 && list.n > 1)
                qsort(list.items, list.n, sizeof(*list.items), compare);
        if (r >= 0)
                r = api_strv_take(&list, ret, &e);
        strv_done(&list);
        return api_result(r, &e, error);
}

int ctr_factory_start_initialization(
        CtrFactory *factory _unused_, char *const *argv, CtrError **error)
{
        char *full[16] = { (char *) CTR_EXEC_PATH };
        CtrError e = { 0 };
        size_t n = 1;

        for (size_t i = 0; argv && argv[i] && n < ELEMENTSOF(full) - 1; i++)
                full[n++] = argv[i];
        (void) execv(CTR_EXEC_PATH, full);
        return api_result(
                ctr_error_set(&e, CTR_ERROR_SYSTEM, errno, "cannot become %s", CTR_EXEC_PATH), &e,
                error);
}

int ctr_config_convert(
        const char *config, const char *rootfs, char **ret, char ***ret_warnings, CtrError **error)
{
        _cleanup_free_ char *text = NULL;
        SpecStrv warnings = { 0 };
        CtrError e = { 0 };
        int r;

        r = convert_config(
                &(ConvertInput){ .text = config, .rootfs = rootfs }, &text, &warnings, &e);
        if (r >= 0 && ret_warnings)
                r = api_strv_take(&warnings, ret_warnings, &e);
        strv_done(&warnings);
        if (r >= 0)
                *ret = TAKE_PTR(text);
        return api_result(r, &e, error);
}
