/* Method calls: see call.h. */
#include "manager/call.h"

#include "manager/error-name.h"
#include "manager/message.h"
#include "manager/path.h"
#include "manager/sender.h"
#include "manager/watch-known.h"

#include "base/json-merge.h"
#include "base/name.h"

#include <stdio.h>
#include <string.h>

static void call_free(Call *call)
{
        Daemon *d = call->daemon;

        for (Call **p = &d->calls; *p; p = &(*p)->next)
                if (*p == call) {
                        *p = call->next;
                        d->n_calls--;
                        break;
                }
        if (call->sender)
                call->sender->n_calls--;
        sd_bus_slot_unref(call->slot);
        sd_event_source_disable_unref(call->socket_source);
        closep(&call->socket_fd);
        for (size_t i = 0; i < call->n_fds; i++)
                closep(&call->fds[i]);
        sd_bus_message_unref(call->message);
        free(call->id);
        free(call->text);
        free(call);
        daemon_touch(d);
}

void call_fail_name(Call *call, const char *name, const char *text)
{
        if (call->sender)
                (void) sd_bus_reply_method_errorf(call->message, name, "%s", text);
        call_free(call);
}

void call_fail(Call *call, const CtrError *error)
{
        char name[ERROR_NAME_MAX], text[sizeof(error->message) + sizeof(error->field)];

        call_fail_name(call, error_name(error->code, name),
                ctr_error_format(error, NULL, text, sizeof(text)));
}

/* Of a process that Exec added nobody else could tell. */
static void tell_watch(const Call *call, const JsonValue *answer)
{
        if (call->verb->place == VERB_IN_SESSION && call->daemon->watch && call->id)
                (void) watch_add_session(
                        call->daemon->watch, call->id, json_member_string(answer, "token"));
}

void call_answer(Call *call, const char *text, size_t size, int *fds, size_t n_fds)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        sd_bus_message *reply = NULL;
        CtrError error = { 0 };
        int r;

        r = json_document_parse(text, size, &doc, &error);
        if (r >= 0)
                r = sd_bus_message_new_method_return(call->message, &reply);
        if (r >= 0)
                r = message_append(reply, call->verb->results, call->verb->result_names,
                        json_document_root(doc), fds, n_fds);
        if (r >= 0 && call->sender)
                r = sd_bus_send(NULL, reply, NULL);
        sd_bus_message_unref(reply);
        if (r >= 0)
                tell_watch(call, json_document_root(doc));
        if (r < 0) {
                (void) ctr_error_set(&error, CTR_ERROR_SYSTEM, r, "cannot answer");
                call_fail(call, &error);
                return;
        }
        call_free(call);
}

/* ---- in the daemon ---- */

static void run_here(Call *call)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        VerbCall verb_call = { .runtime = &call->daemon->runtime, .socket_fd = -EBADF };
        _cleanup_free_ char *text = NULL;
        CtrError error = { 0 };
        size_t size = 0;
        int r;

        r = json_document_parse(call->text, call->text_size, &doc, &error);
        if (r >= 0) {
                verb_call.arguments = json_document_root(doc);
                verb_call.answer = open_memstream(&text, &size);
                if (!verb_call.answer)
                        r = ctr_error_set(&error, CTR_ERROR_SYSTEM, ENOMEM, "answering");
        }
        if (r >= 0) {
                (void) fputc('{', verb_call.answer);
                r = call->verb->run(&verb_call, &error);
                (void) fputs("\"\":0}", verb_call.answer);
                if (fclose(verb_call.answer) != 0 && r >= 0)
                        r = ctr_error_set(&error, CTR_ERROR_SYSTEM, ENOMEM, "answering");
        }
        if (r < 0)
                call_fail(call, &error);
        else
                call_answer(call, text, size, verb_call.ret_fds, verb_call.n_ret_fds);
}

/* What the name meant when the question was asked may be gone by now, or be another one: everything
 * is looked up again, and the verb itself does so once more. */
static int look_up_again(const Call *call, CtrError *err)
{
        ContainerInfo info;
        int r;

        if (!call->id || strcmp(call->verb->interface, INTERFACE_CONTAINER) != 0 ||
                strcmp(call->verb->member, "Delete") == 0)
                return 0;
        r = runtime_state(&call->daemon->runtime, call->id, &info, err);
        if (r >= 0)
                container_info_done(&info);
        return r < 0 ? r : 0;
}

void call_authorised(Call *call)
{
        CtrError error = { 0 };

        if (look_up_again(call, &error) < 0) {
                call_fail(call, &error);
                return;
        }
        call->job = verb_find(VERB_INTERFACE_FIRST, call->verb->member);
        if (!call->job)
                call->job = call->verb;
        if (call->job->place == VERB_IN_DAEMON)
                run_here(call);
        else if (job_begin(call, &error) < 0)
                call_fail(call, &error);
}

/* What a first job may say: under which id it worked, unless the client said it, and what it read.
 * It has seen what strangers made, and the next job is root: of its answer nothing else counts. */
static int write_found(FILE *f, const JsonValue *arguments, const JsonValue *found)
{
        const char *wanted = json_member_string(arguments, "id");
        const char *id = json_member_string(found, "id"), *meta = json_member_string(found, "meta");

        if (!wanted || !id || !meta || (*wanted && strcmp(wanted, id) != 0))
                return -EPROTO;
        (void) fputs("{\"id\":", f);
        json_write_string(f, id);
        (void) fputs(",\"meta\":", f);
        json_write_string(f, meta);
        (void) fputc('}', f);
        return 0;
}

static int filter_found(
        const JsonValue *arguments, const JsonValue *found, JsonDocument **ret, CtrError *err)
{
        _cleanup_free_ char *text = NULL;
        size_t size = 0;
        FILE *f = open_memstream(&text, &size);
        int r = f ? write_found(f, arguments, found) : -ENOMEM;

        if (f && fclose(f) != 0 && r >= 0)
                r = -ENOMEM;
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "what the first job found out");
        return json_document_parse(text, size, ret, err);
}

/* The arguments with what the first job found out. */
static int take_over(Call *call, const char *text, size_t size, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *arguments = NULL, *answer = NULL,
                                                    *found = NULL;
        _cleanup_free_ char *merged = NULL;
        size_t merged_size = 0;
        FILE *f;
        int r;

        r = json_document_parse(call->text, call->text_size, &arguments, err);
        if (r >= 0)
                r = json_document_parse(text, size, &answer, err);
        if (r >= 0)
                r = filter_found(
                        json_document_root(arguments), json_document_root(answer), &found, err);
        if (r < 0)
                return r;
        f = open_memstream(&merged, &merged_size);
        if (f)
                json_write_merged(f, json_document_root(arguments), json_document_root(found));
        if (!f || fclose(f) != 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "answering");
        json_document_free(arguments);
        arguments = NULL;
        free(call->text);
        call->text = TAKE_PTR(merged);
        call->text_size = merged_size;
        return 0;
}

void call_job_answered(Call *call, const char *text, size_t size, int *fds, size_t n_fds)
{
        CtrError error = { 0 };
        int r;

        if (call->job == call->verb) {
                call_answer(call, text, size, fds, n_fds);
                return;
        }
        r = take_over(call, text, size, &error);
        call->job = call->verb;
        if (r >= 0)
                r = job_begin(call, &error);
        if (r < 0)
                call_fail(call, &error);
}

/* ---- arrival ---- */

/* The arguments and the object's id as JSON. */
static int read_arguments(Call *call)
{
        MessageFds fds = { .fds = call->fds, .n_max = VERB_FDS_MAX };
        FILE *f = open_memstream(&call->text, &call->text_size);
        int r;

        if (!f)
                return -ENOMEM;
        (void) fputc('{', f);
        r = message_read(call->message, call->verb->names, CALL_BYTES_MAX, &fds, f);
        call->n_fds = fds.n;
        if (call->id) {
                (void) fputs("\"id\":", f);
                json_write_string(f, call->id);
                (void) fputc(',', f);
        }
        (void) fputs("\"\":0}", f);
        return fclose(f) != 0 && r >= 0 ? -ENOMEM : r;
}

/* A user has as many connections as it likes, and whoever is asked for a password, or has its own
 * agent for that, may take long: what it leaves unanswered must not be in others' way, in root's
 * least of all. */
static bool is_crowded(const Daemon *d, const Sender *sender)
{
        size_t n_of_users = 0, n_of_user = 0;

        if (sender->n_calls >= CALLS_PER_SENDER_MAX || d->n_calls >= CALLS_MAX)
                return true;
        for (const Call *c = d->calls; c; c = c->next) {
                n_of_users += c->uid != 0;
                n_of_user += c->uid == sender->uid;
        }
        return sender->uid != 0 &&
               (n_of_user >= CALLS_PER_USER_MAX || n_of_users >= CALLS_OF_USERS_MAX);
}

static int call_new(Daemon *d, Sender *sender, sd_bus_message *m, Call **ret)
{
        char id[CTR_ID_MAX + 1];
        Call *call = calloc(1, sizeof(*call));

        if (!call)
                return -ENOMEM;
        call->daemon = d;
        call->socket_fd = -EBADF;
        call->message = sd_bus_message_ref(m);
        call->sender = sender;
        call->uid = sender->uid;
        sender->n_calls++;
        call->next = d->calls;
        d->calls = call;
        d->n_calls++;
        call->verb = verb_find(sd_bus_message_get_interface(m), sd_bus_message_get_member(m));
        if (path_to_id(sd_bus_message_get_path(m), PATH_CONTAINER, id, sizeof(id)) ||
                path_to_id(sd_bus_message_get_path(m), PATH_POD, id, sizeof(id))) {
                call->id = strdup(id);
                if (!call->id) {
                        call_free(call);
                        return -ENOMEM;
                }
        }
        *ret = call;
        return 0;
}

static void fail_arguments(Call *call, int r)
{
        switch (r) {
        case -E2BIG:
                call_fail_name(call, SD_BUS_ERROR_LIMITS_EXCEEDED,
                        "the arguments of a call have at most 1 MiB");
                break;
        case -EMFILE:
                call_fail_name(call, SD_BUS_ERROR_LIMITS_EXCEEDED,
                        "a call has at most 32 file descriptors");
                break;
        case -ENOMEM:
                call_fail_name(call, SD_BUS_ERROR_NO_MEMORY, "out of memory");
                break;
        default:
                call_fail_name(call, SD_BUS_ERROR_INVALID_ARGS,
                        "an argument has a type that no option has");
        }
}

/* Root needs nobody's permission, and polkit need not run for it. */
static void authorise(Call *call)
{
        CtrError error = { 0 };

        if (!call->verb->action || call->sender->uid == 0)
                call_authorised(call);
        else if (authorise_begin(call, &error) < 0)
                call_fail_name(call, SD_BUS_ERROR_ACCESS_DENIED, error.message);
}

int call_method(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Daemon *d = userdata;
        Sender *sender;
        Call *call;
        int r;

        daemon_touch(d);
        r = sender_get(d, m, &sender);
        if (r < 0)
                return r;
        if (is_crowded(d, sender))
                return sd_bus_error_setf(error, SD_BUS_ERROR_LIMITS_EXCEEDED,
                        "too many calls at a time (%d of one client, %d of one user, %d of all "
                        "users, %d with root's)",
                        CALLS_PER_SENDER_MAX, CALLS_PER_USER_MAX, CALLS_OF_USERS_MAX, CALLS_MAX);
        r = call_new(d, sender, m, &call);
        if (r < 0)
                return r;
        if (!call->verb) {
                call_fail_name(call, SD_BUS_ERROR_UNKNOWN_METHOD, "there is no such method");
                return 1;
        }
        r = read_arguments(call);
        if (r < 0)
                fail_arguments(call, r);
        else
                authorise(call);
        return 1;
}
