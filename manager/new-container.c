/* Creating containers for clients: see new-container.h. */
#include "manager/new-container.h"

#include "manager/path.h"

int new_container_options(const VerbCall *call, NewContainerOptions *ret, CtrError *err)
{
        const JsonMember table[] = {
                { "config", JSON_TYPE_STRING, &ret->config },
                { "console_socket", JSON_TYPE_STRING, &ret->console_socket },
                { "no_pivot", JSON_TYPE_BOOLEAN, &ret->no_pivot },
                { "no_new_keyring", JSON_TYPE_BOOLEAN, &ret->no_new_keyring },
                CLIENT_FDS_OPTIONS(&ret->fds),
        };
        const JsonValue *object = NULL;

        *ret = (NewContainerOptions){ 0 };
        (void) json_value_member(call->arguments, "options", &object);
        return json_members_read(object, table, ELEMENTSOF(table), err);
}

void new_container_answer(VerbCall *call, const char *id)
{
        char path[PATH_SIZE_MAX];

        verb_answer_string(call, "id", id);
        verb_answer_string(call, "container", path_of_container(id, path));
}

int new_container_request(
        VerbCall *call, const NewContainerOptions *options, RuntimeCreate *request, CtrError *err)
{
        int r;

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
