/* What the methods do that create containers. Whatever fails, nothing is left: no unit, no state,
 * no bundle of ours. */
#include "manager/verbs-container.h"

#include "manager/path.h"
#include "manager/simple-config.h"
#include "manager/client-fds.h"

#include "base/io.h"
#include "base/json-merge.h"
#include "base/name.h"
#include "runtime/bundle-store.h"
#include "runtime/trust.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

/* Options of all of them. */
typedef struct CreateOptions {
        const JsonValue *config, *console_socket, *no_pivot, *no_new_keyring;
        ClientFds fds;
} CreateOptions;

static int read_options(const VerbCall *call, CreateOptions *ret, CtrError *err)
{
        const VerbOption table[] = {
                { "config", JSON_TYPE_STRING, &ret->config },
                { "console_socket", JSON_TYPE_STRING, &ret->console_socket },
                { "no_pivot", JSON_TYPE_BOOLEAN, &ret->no_pivot },
                { "no_new_keyring", JSON_TYPE_BOOLEAN, &ret->no_new_keyring },
                CLIENT_FDS_OPTIONS(&ret->fds),
        };
        const JsonValue *object = NULL;

        *ret = (CreateOptions){ 0 };
        (void) json_value_member(call->arguments, "options", &object);
        return verb_options(object, table, ELEMENTSOF(table), err);
}

static bool is_true(const JsonValue *value)
{
        bool b;

        return json_value_bool(value, &b) >= 0 && b;
}

/* An empty id means that any will do. */
static int choose_id(const char *wanted, char id[static CTR_ID_MAX + 1], CtrError *err)
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

/* Refused before anything is done for it; what counts is the claim of the unit's name later. */
static int check_free(const VerbCall *call, const char *id, CtrError *err)
{
        ContainerInfo info;

        if (runtime_state(call->runtime, id, &info, NULL) < 0)
                return 0;
        container_info_done(&info);
        (void) ctr_error_set(err, CTR_ERROR_ID_IN_USE, 0, "container with given ID already exists");
        return -EEXIST;
}

static void answer_created(VerbCall *call, const char *id)
{
        char path[PATH_SIZE_MAX];

        verb_answer_string(call, "id", id);
        verb_answer_string(call, "container", path_of_container(id, path));
}

static int create(VerbCall *call, const char *id, const char *bundle, const CreateOptions *options,
        CtrError *err)
{
        RuntimeCreate request = {
                .id = id,
                .bundle = bundle,
                .config = json_value_string(options->config),
                .console_socket = json_value_string(options->console_socket),
                .wants_no_pivot = is_true(options->no_pivot),
                .wants_no_new_keyring = is_true(options->no_new_keyring),
                .has_stdio = client_fds_has_stdio(&options->fds),
        };
        int r;

        r = client_fds_place(call, &options->fds, err);
        if (r < 0)
                return r;
        request.n_preserve_fds = (unsigned) r;
        return runtime_create(call->runtime, &request, err);
}

int verb_create(VerbCall *call, CtrError *err)
{
        _cleanup_close_ int bundle_fd = -EBADF;
        char id[CTR_ID_MAX + 1];
        CreateOptions options;
        const char *wanted, *bundle;
        int r;

        r = verb_string(call, "id", &wanted, err);
        if (r >= 0)
                r = verb_string(call, "bundle", &bundle, err);
        if (r >= 0)
                r = read_options(call, &options, err);
        if (r >= 0)
                r = choose_id(wanted, id, err);
        if (r >= 0)
                r = bundle_fd = trust_open_directory(bundle, err);
        if (r >= 0)
                r = create(call, id, bundle, &options, err);
        if (r >= 0)
                answer_created(call, id);
        return r;
}

/* ---- bundles of our own ---- */

static int write_config(int bundle_fd, const char *text, size_t size, CtrError *err)
{
        int r = ctr_write_file_atomic(bundle_fd, "config.json", text, size, 0600);

        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot write config.json") : 0;
}

/* The bundle, the container; on failure neither. */
static int create_with_config(VerbCall *call, const char *id, const char *text, size_t size,
        const CreateOptions *options, CtrError *err)
{
        _cleanup_close_ int bundle_fd = -EBADF;
        char path[512];
        int r;

        r = check_free(call, id, err);
        if (r >= 0)
                r = bundle_fd = bundle_store_create(id, err);
        if (r < 0)
                return r;
        r = write_config(bundle_fd, text, size, err);
        if (r >= 0)
                r = create(call, id, bundle_store_path(id, path, sizeof(path)), options, err);
        if (r < 0)
                (void) bundle_store_remove(id, NULL);
        return r;
}

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

/* The client's configuration with another root.path; all else stays, so that the parser judges it.
 */
static int replace_root(
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

int verb_create_from_config(VerbCall *call, CtrError *err)
{
        _cleanup_free_ char *rootfs = NULL, *text = NULL;
        const JsonValue *handle = NULL;
        char id[CTR_ID_MAX + 1];
        const char *wanted, *config;
        CreateOptions options;
        size_t size = 0;
        int r;

        r = verb_string(call, "id", &wanted, err);
        if (r >= 0)
                r = verb_string(call, "config", &config, err);
        if (r >= 0)
                r = read_options(call, &options, err);
        if (r >= 0)
                r = choose_id(wanted, id, err);
        (void) json_value_member(call->arguments, "rootfs", &handle);
        if (r >= 0)
                r = directory_path(verb_fd(call, handle), &rootfs, err);
        if (r >= 0)
                r = replace_root(config, rootfs, &text, &size, err);
        if (r >= 0)
                r = create_with_config(call, id, text, size, &options, err);
        if (r >= 0)
                answer_created(call, id);
        return r;
}

static int create_simple(VerbCall *call, char id[static CTR_ID_MAX + 1], CtrError *err)
{
        const JsonValue *object = NULL;
        _cleanup_free_ char *text = NULL;
        CreateOptions options = { 0 };
        SimpleConfig config;
        size_t size;
        int r;

        (void) json_value_member(call->arguments, "config", &object);
        r = simple_config_read(object, &config, err);
        if (r >= 0)
                r = choose_id(config.id, id, err);
        if (r >= 0)
                r = simple_config_make(&config, id, &text, &size, err);
        return r < 0 ? r : create_with_config(call, id, text, size, &options, err);
}

int verb_create_simple(VerbCall *call, CtrError *err)
{
        char id[CTR_ID_MAX + 1];
        int r = create_simple(call, id, err);

        if (r >= 0)
                answer_created(call, id);
        return r;
}

int verb_run_simple(VerbCall *call, CtrError *err)
{
        char id[CTR_ID_MAX + 1];
        int r = create_simple(call, id, err);

        if (r < 0)
                return r;
        r = runtime_start(call->runtime, id, err);
        if (r < 0)
                (void) runtime_delete(call->runtime, id, true, NULL);
        else
                answer_created(call, id);
        return r;
}
