/* Creating containers for clients: see new-container.h. */
#include "manager/new-container.h"

#include "manager/path.h"

#include <stdlib.h>

int new_container_options(const VerbCall *call, NewContainerOptions *ret, CtrError *err)
{
        const JsonMember table[] = {
                { "config", JSON_TYPE_STRING, &ret->config },
                { "console_socket", JSON_TYPE_STRING, &ret->console_socket },
                { "no_pivot", JSON_TYPE_BOOLEAN, &ret->no_pivot },
                { "no_new_keyring", JSON_TYPE_BOOLEAN, &ret->no_new_keyring },
                { "publish", JSON_TYPE_ARRAY, &ret->publish },
                { "properties", JSON_TYPE_ARRAY, &ret->properties },
                CLIENT_FDS_OPTIONS(&ret->fds),
        };
        const JsonValue *object = NULL;

        *ret = (NewContainerOptions){ 0 };
        (void) json_value_member(call->arguments, "options", &object);
        return json_members_read(object, table, ELEMENTSOF(table), err);
}

void new_container_options_done(NewContainerOptions *options)
{
        free(options->words);
        options->words = NULL;
}

/* Appends the strings of a list to words, which has room for them. */
static int add_words(
        const JsonValue *list, const char *name, const char **words, size_t *n, CtrError *err)
{
        for (size_t i = 0; i < json_value_length(list); i++) {
                const char *word = json_value_string(json_value_item(list, i));

                if (!word)
                        return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                                "%s[%zu] is %s, not a string", name, i,
                                json_value_type_name(json_value_item(list, i)));
                words[(*n)++] = word;
        }
        return 0;
}

/* Ports and properties of the unit: what they say is judged where all others are, too. */
static int request_words(NewContainerOptions *options, RuntimeCreate *request, CtrError *err)
{
        size_t n = 0;
        int r;

        options->words = calloc(
                json_value_length(options->publish) + json_value_length(options->properties) + 1,
                sizeof(*options->words));
        if (!options->words)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "options");
        r = add_words(options->publish, "publish", options->words, &n, err);
        request->publish = (char *const *) options->words;
        request->n_publish = n;
        if (r >= 0)
                r = add_words(options->properties, "properties", options->words, &n, err);
        request->properties = request->publish + request->n_publish;
        request->n_properties = n - request->n_publish;
        return r;
}

void new_container_answer(VerbCall *call, const char *id)
{
        char path[PATH_SIZE_MAX];

        verb_answer_string(call, "id", id);
        verb_answer_string(call, "container", path_of_container(id, path));
}

int new_container_request(
        VerbCall *call, NewContainerOptions *options, RuntimeCreate *request, CtrError *err)
{
        int r = request_words(options, request, err);

        if (r < 0)
                return r;

        request->config = json_value_string(options->config);
        request->console_socket = json_value_string(options->console_socket);
        request->wants_no_pivot = verb_is_true(options->no_pivot);
        request->wants_no_new_keyring = verb_is_true(options->no_new_keyring);
        request->has_stdio = client_fds_has_stdio(&options->fds);
        r = client_fds_place(call, &options->fds, err);
        if (r < 0)
                return r;
        request->n_preserve_fds = (unsigned) r;
        return 0;
}
