/* Checkpoint and RestoreContainer: arguments in, runtime_checkpoint() and runtime_restore() out. */
#include "manager/new-container.h"
#include "manager/verbs-container.h"

#include "base/name.h"
#include "runtime/criu-options.h"
#include "runtime/trust.h"

static int read_options(const VerbCall *call, CriuOptions *ret, CtrError *err)
{
        const JsonValue *object = NULL;
        const char *images;
        int r = verb_string(call, "images", &images, err);

        if (r < 0)
                return r;
        (void) json_value_member(call->arguments, "options", &object);
        return criu_options_parse(object, images, ret, err);
}

int verb_checkpoint(VerbCall *call, CtrError *err)
{
        CriuOptions options;
        const char *id;
        int r = verb_string(call, "id", &id, err);

        if (r >= 0)
                r = read_options(call, &options, err);
        if (r < 0)
                return r;
        r = runtime_checkpoint(call->runtime, id, &options.criu, err);
        criu_options_done(&options);
        return r;
}

/* Like any bundle that a client names, and nobody else may have written the images. */
static int check_trust(const CriuOptions *options, CtrError *err)
{
        _cleanup_close_ int images_fd = trust_open_directory(options->criu.image_path, err);
        _cleanup_close_ int bundle_fd = images_fd < 0 || !options->bundle
                                                ? -EBADF
                                                : trust_open_directory(options->bundle, err);

        return images_fd < 0 ? images_fd : options->bundle && bundle_fd < 0 ? bundle_fd : 0;
}

int verb_restore(VerbCall *call, CtrError *err)
{
        CriuOptions options;
        const char *id;
        int r = verb_string(call, "id", &id, err);

        if (r >= 0)
                r = ctr_id_check(id, err);
        if (r >= 0)
                r = read_options(call, &options, err);
        if (r < 0)
                return r;
        r = check_trust(&options, err);
        if (r >= 0)
                r = criu_options_restore(call->runtime, id, &options, err);
        criu_options_done(&options);
        if (r >= 0)
                new_container_answer(call, id);
        return r;
}
