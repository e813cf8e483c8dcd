/* CreateContainerFromTar: an archive is unpacked in a unit that can do nothing else, and then
 * another unit, which has not seen it, makes the container. */
#include "manager/verbs-container.h"

#include "manager/new-container.h"

#include "runtime/bundle-store.h"
#include "runtime/module.h"
#include "runtime/unpack.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int tell_progress(void *userdata, uint64_t done, uint64_t total)
{
        const VerbCall *call = userdata;

        if (call->progress)
                call->progress(call, done, total);
        return 0;
}

static int unpack(VerbCall *call, int bundle_fd, bool wants_meta, CtrError *err)
{
        _cleanup_close_ int rootfs_fd = -EBADF;
        _cleanup_free_ char *meta = NULL;
        const JsonValue *handle = NULL;
        UnpackOptions options = {
                .wants_meta = wants_meta, .progress = tell_progress, .userdata = call
        };
        int r;

        (void) json_value_member(call->arguments, "tar", &handle);
        options.archive_fd = verb_fd(call, handle);
        if (options.archive_fd < 0)
                return ctr_error_set(err, CTR_ERROR_USAGE, EBADF, "tar");
        if (mkdirat(bundle_fd, "rootfs", 0755) >= 0)
                rootfs_fd = openat(bundle_fd, "rootfs", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (rootfs_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot make the rootfs");
        options.target_fd = rootfs_fd;
        r = runtime_unpack(&options, &meta, err);
        if (r >= 0)
                verb_answer_string(call, "meta", meta ? meta : "");
        return r;
}

int verb_unpack(VerbCall *call, CtrError *err)
{
        _cleanup_close_ int bundle_fd = -EBADF;
        char id[CTR_ID_MAX + 1];
        const char *wanted, *config;
        int r;

        r = verb_string(call, "id", &wanted, err);
        if (r >= 0)
                r = verb_string(call, "config", &config, err);
        if (r >= 0)
                r = runtime_choose_id(wanted, id, err);
        if (r >= 0)
                r = runtime_check_free(call->runtime, id, err);
        if (r >= 0)
                r = bundle_fd = bundle_store_create(id, err);
        if (r < 0)
                return r;
        r = unpack(call, bundle_fd, *config == '\0', err);
        if (r < 0)
                (void) bundle_store_remove(id, NULL);
        else
                verb_answer_string(call, "id", id);
        return r;
}

/* With a configuration that one, else what the archive says about itself. */
int verb_create_from_tar(VerbCall *call, CtrError *err)
{
        RuntimeImport import = { .archive_fd = -EBADF };
        const char *id, *config, *meta;
        _cleanup_(new_container_options_done) NewContainerOptions options = { 0 };
        RuntimeCreate request = { 0 };
        int r;

        r = verb_string(call, "id", &id, err);
        if (r >= 0)
                r = ctr_id_check(id, err);
        if (r < 0)
                return r;
        request.id = id;
        r = verb_string(call, "config", &config, err);
        if (r >= 0)
                r = verb_string(call, "meta", &meta, err);
        if (r >= 0)
                r = new_container_options(call, &options, err);
        if (r >= 0)
                r = new_container_request(call, &options, &request, err);
        if (r >= 0) {
                import.config = *config ? config : NULL;
                r = runtime_import_create(
                        call->runtime, &import, &request, *meta ? meta : NULL, err);
        }
        if (r < 0)
                (void) bundle_store_remove(id, NULL);
        else
                new_container_answer(call, id);
        return r;
}
