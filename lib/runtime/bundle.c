/* Bundles: see bundle.h. */
#include "runtime/bundle.h"

#include "runtime/path.h"

#include "base/io.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define CONFIG_SIZE_MAX (16U * 1024 * 1024)

static int join(const char *directory, const char *name, char **ret, CtrError *err)
{
        char *path = NULL;

        if (name[0] == '/')
                path = strdup(name);
        else if (asprintf(&path, "%s/%s", strcmp(directory, "/") == 0 ? "" : directory, name) < 0)
                path = NULL;
        if (!path)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "opening the bundle");
        *ret = path;
        return 0;
}

int bundle_error(const char *config_path, int r, CtrError *err)
{
        if (err && (err->field[0] || err->line > 0))
                ctr_error_place(err, config_path);
        return r;
}

void bundle_done(Bundle *bundle)
{
        free(bundle->path);
        free(bundle->config_path);
        free(bundle->rootfs);
        free(bundle->text);
        free(bundle->id);
        free(bundle->reload);
        free(bundle->hosts);
        free(bundle->resolv_conf);
        spec_free(bundle->spec);
        *bundle = (Bundle){ 0 };
}

/* path and config_path are set, and text or not. */
static int bundle_load(Bundle *b, CtrError *err)
{
        int r = 0;

        if (b->text)
                b->size = strlen(b->text);
        else
                r = ctr_read_file(
                        AT_FDCWD, b->config_path, CONFIG_SIZE_MAX, &b->text, &b->size, err);
        if (r == -ENOENT)
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, r,
                        "cannot open %s (a bundle is a directory with this file: `ctrctl spec` "
                        "writes one)",
                        b->config_path);
        if (r < 0)
                return r;
        ctr_digest_hex(b->text, b->size, b->digest);
        r = spec_parse(b->text, b->size, &b->spec, err);
        if (r < 0)
                return bundle_error(b->config_path, r, err);
        return join(b->path, b->spec->root.path ? b->spec->root.path : "", &b->rootfs, err);
}

static int strip_slashes(char *path)
{
        size_t n = strlen(path);

        while (n > 1 && path[n - 1] == '/')
                path[--n] = '\0';
        return 0;
}

int bundle_open(const char *path, const char *config, Bundle *ret, CtrError *err)
{
        return bundle_open_text(path, config, NULL, ret, err);
}

int bundle_open_text(
        const char *path, const char *config, const char *text, Bundle *ret, CtrError *err)
{
        Bundle b = { .text = text ? strdup(text) : NULL };
        struct stat st;
        int r;

        if (text && !b.text)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "opening the bundle");
        b.path = path_make_absolute(path ? path : ".");
        if (!b.path) {
                bundle_done(&b);
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, errno, "cannot find the bundle's directory");
        }
        strip_slashes(b.path);
        if (stat(b.path, &st) < 0)
                r = ctr_error_set(
                        err, CTR_ERROR_CONFIG_INVALID, errno, "cannot open bundle %s", b.path);
        else if (!S_ISDIR(st.st_mode))
                r = ctr_error_set(
                        err, CTR_ERROR_CONFIG_INVALID, ENOTDIR, "cannot open bundle %s", b.path);
        else
                r = join(b.path, config ? config : "config.json", &b.config_path, err);
        if (r >= 0)
                r = bundle_load(&b, err);
        if (r < 0) {
                bundle_done(&b);
                return r;
        }
        *ret = b;
        return 0;
}

int bundle_open_config(const char *config_path, Bundle *ret, CtrError *err)
{
        Bundle b = { 0 };
        char *slash;
        int r;

        b.config_path = path_make_absolute(config_path);
        b.path = b.config_path ? strdup(b.config_path) : NULL;
        if (!b.path)
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "opening %s", config_path);
        else {
                slash = strrchr(b.path, '/');
                slash[slash == b.path] = '\0';
                r = bundle_load(&b, err);
        }
        if (r < 0) {
                bundle_done(&b);
                return r;
        }
        *ret = b;
        return 0;
}
