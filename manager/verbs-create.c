/* What the methods do that create containers. Whatever fails, nothing is left: no unit, no state,
 * no bundle of ours. */
#include "manager/verbs-container.h"

#include "manager/new-container.h"

#include "runtime/module.h"
#include "runtime/trust.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int verb_create(VerbCall *call, CtrError *err)
{
        _cleanup_close_ int bundle_fd = -EBADF;
        char id[CTR_ID_MAX + 1];
        _cleanup_(new_container_options_done) NewContainerOptions options = { 0 };
        const char *wanted, *bundle;
        RuntimeCreate request = { .id = id };
        int r;

        r = verb_string(call, "id", &wanted, err);
        if (r >= 0)
                r = verb_string(call, "bundle", &bundle, err);
        if (r >= 0)
                r = new_container_options(call, &options, err);
        if (r >= 0)
                request.bundle = bundle;
        if (r >= 0)
                r = runtime_choose_id(wanted, id, err);
        if (r >= 0)
                r = bundle_fd = trust_open_directory(bundle, err);
        if (r >= 0)
                r = new_container_request(call, &options, &request, err);
        if (r >= 0)
                r = runtime_create(call->runtime, &request, err);
        if (r >= 0)
                new_container_answer(call, id);
        return r;
}

/* ---- bundles of our own ---- */

/* The name of the directory that a client passed: it must still be found under it. */
static int directory_path(int fd, char **ret, CtrError *err)
{
        struct stat by_fd, by_path;
        char link[64];
        char path[4096];
        ssize_t n;

        (void) snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        n = readlink(link, path, sizeof(path) - 1);
        if (n < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "descriptor of the rootfs");
        path[n] = '\0';
        if (fstat(fd, &by_fd) < 0 || !S_ISDIR(by_fd.st_mode))
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, ENOTDIR, "rootfs");
        if (path[0] != '/' || lstat(path, &by_path) < 0 || by_fd.st_ino != by_path.st_ino ||
                by_fd.st_dev != by_path.st_dev)
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                        "the rootfs has no name in the host's file system (%s)", path);
        *ret = strdup(path);
        return *ret ? 0 : ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "rootfs");
}

int verb_create_from_config(VerbCall *call, CtrError *err)
{
        _cleanup_free_ char *rootfs = NULL;
        const JsonValue *handle = NULL;
        char id[CTR_ID_MAX + 1];
        const char *wanted, *config;
        _cleanup_(new_container_options_done) NewContainerOptions options = { 0 };
        RuntimeCreate request = { .id = id };
        int r;

        r = verb_string(call, "id", &wanted, err);
        if (r >= 0)
                r = verb_string(call, "config", &config, err);
        if (r >= 0)
                r = new_container_options(call, &options, err);
        if (r >= 0)
                r = runtime_choose_id(wanted, id, err);
        (void) json_value_member(call->arguments, "rootfs", &handle);
        if (r >= 0)
                r = directory_path(verb_fd(call, handle), &rootfs, err);
        if (r >= 0)
                r = new_container_request(call, &options, &request, err);
        if (r >= 0)
                r = runtime_create_stored(call->runtime, &request, config, rootfs, false, err);
        if (r >= 0)
                new_container_answer(call, id);
        return r;
}

static const JsonValue *words_of(const VerbCall *call)
{
        const JsonValue *words = NULL;

        (void) json_value_member(call->arguments, "config", &words);
        return words;
}

int verb_create_simple(VerbCall *call, CtrError *err)
{
        char id[CTR_ID_MAX + 1];
        int r = runtime_module_create(call->runtime, words_of(call), id, err);

        if (r >= 0)
                new_container_answer(call, id);
        return r;
}

int verb_run_simple(VerbCall *call, CtrError *err)
{
        char id[CTR_ID_MAX + 1];
        int r = runtime_module_run(call->runtime, words_of(call), id, err);

        if (r >= 0)
                new_container_answer(call, id);
        return r;
}
