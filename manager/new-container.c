/* Creating containers for clients: see new-container.h. */
#include "manager/new-container.h"

#include "manager/path.h"

#include "base/io.h"
#include "base/json-merge.h"
#include "runtime/bundle-store.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

int new_container_options(const VerbCall *call, NewContainerOptions *ret, CtrError *err)
{
        const VerbOption table[] = {
                { "config", JSON_TYPE_STRING, &ret->config },
                { "console_socket", JSON_TYPE_STRING, &ret->console_socket },
                { "no_pivot", JSON_TYPE_BOOLEAN, &ret->no_pivot },
                { "no_new_keyring", JSON_TYPE_BOOLEAN, &ret->no_new_keyring },
                CLIENT_FDS_OPTIONS(&ret->fds),
        };
        const JsonValue *object = NULL;

        *ret = (NewContainerOptions){ 0 };
        (void) json_value_member(call->arguments, "options", &object);
        return verb_options(object, table, ELEMENTSOF(table), err);
}

int new_container_id(const char *wanted, char id[static CTR_ID_MAX + 1], CtrError *err)
{
        unsigned char random[16];

        if (*wanted) {
                int r = ctr_id_check(wanted, err);

                if (r >= 0)
                        (void) snprintf(id, CTR_ID_MAX + 1, "%s", wanted);
                return r;
        }
        if (getrandom(random, sizeof(random), 0) != sizeof(random))
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "getrandom");
        for (size_t i = 0; i < sizeof(random); i++)
                (void) snprintf(id + 2 * i, 3, "%02x", random[i]);
        return 0;
}

int new_container_check_free(const VerbCall *call, const char *id, CtrError *err)
{
        ContainerInfo info;

        if (runtime_state(call->runtime, id, &info, NULL) < 0)
                return 0;
        container_info_done(&info);
        (void) ctr_error_set(err, CTR_ERROR_ID_IN_USE, 0, "container with given ID already exists");
        return -EEXIST;
}

void new_container_answer(VerbCall *call, const char *id)
{
        char path[PATH_SIZE_MAX];

        verb_answer_string(call, "id", id);
        verb_answer_string(call, "container", path_of_container(id, path));
}

int new_container_create(VerbCall *call, const char *id, const char *bundle,
        const NewContainerOptions *options, CtrError *err)
{
        RuntimeCreate request = {
                .id = id,
                .bundle = bundle,
                .config = json_value_string(options->config),
                .console_socket = json_value_string(options->console_socket),
                .wants_no_pivot = verb_is_true(options->no_pivot),
                .wants_no_new_keyring = verb_is_true(options->no_new_keyring),
                .has_stdio = client_fds_has_stdio(&options->fds),
        };
        int r;

        r = client_fds_place(call, &options->fds, err);
        if (r < 0)
                return r;
        request.n_preserve_fds = (unsigned) r;
        return runtime_create(call->runtime, &request, err);
}

int new_container_replace_root(
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

static int write_config(int bundle_fd, const char *text, size_t size, CtrError *err)
{
        int r = ctr_write_file_atomic(bundle_fd, "config.json", text, size, 0600);

        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot write config.json") : 0;
}

int new_container_in_store(VerbCall *call, const char *id, const char *text, size_t size,
        const NewContainerOptions *options, CtrError *err)
{
        _cleanup_close_ int bundle_fd = bundle_store_open(id, err);
        char path[512];
        int r;

        if (bundle_fd < 0)
                return bundle_fd;
        r = write_config(bundle_fd, text, size, err);
        return r < 0 ? r
                     : new_container_create(
                               call, id, bundle_store_path(id, path, sizeof(path)), options, err);
}
