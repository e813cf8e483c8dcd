/* Containers of less than a bundle: words and a directory, an archive. */
#include "api/api-internal.h"

#include "runtime/module.h"

#include <string.h>

/* An id that ctr_factory_create() reserved is taken. */
static int check_reserved(CtrFactory *factory, const JsonValue *words, CtrError *err)
{
        const char *id = json_member_string(words, "ID");
        _cleanup_free_ char *reserved = NULL;
        int r = id && ctr_id_is_valid(id) ? reserve_read(&factory->runtime, id, &reserved, err) : 0;

        if (r <= 0)
                return r;
        (void) ctr_error_set(err, CTR_ERROR_ID_IN_USE, 0, "container with given ID already exists");
        return -EEXIST;
}

static int parse_words(CtrFactory *factory, const char *words, JsonDocument **ret, CtrError *err)
{
        int r = json_document_parse(words, strlen(words), ret, err);

        if (r >= 0 && json_value_type(json_document_root(*ret)) != JSON_TYPE_OBJECT)
                r = ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0, "not an object");
        if (r < 0)
                return ctr_error_prefix(err, r, "the words");
        return check_reserved(factory, json_document_root(*ret), err);
}

/* The object of a container that there is now; without it that goes again. */
static int take_container(CtrFactory *factory, const char *id, CtrContainer **ret, CtrError *err)
{
        int r = api_container_new(factory, id, ret, err);

        if (r < 0)
                (void) runtime_delete(&factory->runtime, id, true, NULL);
        return r;
}

static int from_words(
        CtrFactory *factory, const char *words, bool is_run, CtrContainer **ret, CtrError **error)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        char id[CTR_ID_MAX + 1];
        CtrError e = { 0 };
        int r;

        r = words ? parse_words(factory, words, &doc, &e)
                  : ctr_error_set(&e, CTR_ERROR_CONFIG_INVALID, 0, "there are no words");
        if (r >= 0)
                r = is_run ? runtime_module_run(&factory->runtime, json_document_root(doc), id, &e)
                           : runtime_module_create(
                                     &factory->runtime, json_document_root(doc), id, &e);
        if (r >= 0)
                r = take_container(factory, id, ret, &e);
        return api_result(r, &e, error);
}

int ctr_factory_create_simple(
        CtrFactory *factory, const char *words, CtrContainer **ret, CtrError **error)
{
        return from_words(factory, words, false, ret, error);
}

int ctr_factory_run_simple(
        CtrFactory *factory, const char *words, CtrContainer **ret, CtrError **error)
{
        return from_words(factory, words, true, ret, error);
}

int ctr_factory_import(CtrFactory *factory, int archive_fd, unsigned flags, const char *config,
        const char *words, CtrContainer **ret, CtrError **error)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        RuntimeImport import = { .archive_fd = archive_fd,
                .abort_fd = -EBADF,
                .config = config,
                .is_plain = flags & CTR_IMPORT_PLAIN };
        char id[CTR_ID_MAX + 1];
        CtrError e = { 0 };
        int r = 0;

        if (flags & ~(unsigned) CTR_IMPORT_PLAIN)
                r = ctr_error_set(&e, CTR_ERROR_USAGE, 0, "unknown flags of an import: %#x", flags);
        if (r >= 0 && words)
                r = parse_words(factory, words, &doc, &e);
        if (r >= 0) {
                import.words = json_document_root(doc);
                r = runtime_import(&factory->runtime, &import, id, &e);
        }
        if (r >= 0)
                r = take_container(factory, id, ret, &e);
        return api_result(r, &e, error);
}
