/* The table of verbs, and what their functions share: see verb.h. */
#include "manager/verb.h"

#include "manager/verbs-container.h"
#include "manager/verbs-pod.h"

#include <inttypes.h>
#include <string.h>

#define ROW(interface_name, member_name, signature_, names_, results_, result_names_, action_,     \
        place_, run_)                                                                              \
        { .interface = (interface_name),                                                           \
                .member = (member_name),                                                           \
                .names = (names_),                                                                 \
                .results = (results_),                                                             \
                .result_names = (result_names_),                                                   \
                .action = (action_),                                                               \
                .place = (place_),                                                                 \
                .run = (run_) },
#define MANAGER_ROW(...)   ROW("org.ctrunit1.Manager", __VA_ARGS__)
#define FIRST_ROW(...)     ROW(VERB_INTERFACE_FIRST, __VA_ARGS__)
#define CONTAINER_ROW(...) ROW("org.ctrunit1.Container", __VA_ARGS__)

/* A further interface is a further header with its lines, and a line here. */
#define POD_ROW(...) ROW("org.ctrunit1.Pod", __VA_ARGS__)
static const ManagerVerb verbs[] = { MANAGER_VERBS(MANAGER_ROW) POD_MANAGER_VERBS(MANAGER_ROW)
                CONTAINER_VERBS(CONTAINER_ROW) POD_VERBS(POD_ROW) FIRST_VERBS(FIRST_ROW) };

const ManagerVerb *verb_find(const char *interface, const char *member)
{
        for (size_t i = 0; i < ELEMENTSOF(verbs); i++)
                if (strcmp(verbs[i].interface, interface) == 0 &&
                        strcmp(verbs[i].member, member) == 0)
                        return &verbs[i];
        return NULL;
}

int verb_string(const VerbCall *call, const char *name, const char **ret, CtrError *err)
{
        *ret = json_member_string(call->arguments, name);
        return *ret ? 0
                    : ctr_error_set(err, CTR_ERROR_USAGE, 0, "argument %s is not a string", name);
}

bool verb_bool(const VerbCall *call, const char *name)
{
        bool value;

        return json_member_bool(call->arguments, name, &value) >= 0 && value;
}

int verb_fd(const VerbCall *call, const JsonValue *value)
{
        uint64_t index;

        if (json_value_u64(value, &index) < 0 || index >= call->n_fds)
                return -EBADF;
        return call->fds[index];
}

void verb_answer_string(VerbCall *call, const char *name, const char *value)
{
        json_write_string(call->answer, name);
        (void) fputc(':', call->answer);
        json_write_string(call->answer, value ? value : "");
        (void) fputc(',', call->answer);
}

void verb_answer_number(VerbCall *call, const char *name, int64_t value)
{
        json_write_string(call->answer, name);
        (void) fprintf(call->answer, ":%" PRId64 ",", value);
}

void verb_answer_fd(VerbCall *call, const char *name, int fd)
{
        if (call->n_ret_fds == VERB_FDS_MAX) {
                (void) close(fd);
                return;
        }
        verb_answer_number(call, name, (int64_t) call->n_ret_fds);
        call->ret_fds[call->n_ret_fds++] = fd;
}

bool verb_is_true(const JsonValue *value)
{
        bool b;

        return json_value_bool(value, &b) >= 0 && b;
}

int verb_signal(const VerbCall *call, int *ret, CtrError *err)
{
        int64_t number = 0;

        if (json_member_i64(call->arguments, "signal", &number) < 0 || number < 1 || number > 64)
                return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "%" PRId64 " is not the number of a signal (1 to 64)", number);
        *ret = (int) number;
        return 0;
}

int verb_key_values(const VerbCall *call, SpecKeyValues *ret, CtrError *err)
{
        const JsonValue *object = NULL, *value;
        JsonIterator it = { 0 };
        const char *key;

        (void) json_value_member(call->arguments, "annotations", &object);
        *ret = (SpecKeyValues){ .items = calloc(
                                        json_value_length(object) + 1, sizeof(SpecKeyValue)) };
        if (!ret->items)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "annotations");
        it.object = object;
        while (json_iterator_next(&it, &key, &value)) {
                if (*key == '\0') {
                        free(ret->items);
                        return ctr_error_set(
                                err, CTR_ERROR_USAGE, 0, "the name of an annotation is empty");
                }
                ret->items[ret->n++] = (SpecKeyValue){ .key = (char *) key,
                        .value = (char *) json_value_string(value) };
        }
        return 0;
}

int verb_strings(const VerbCall *call, const char *name, char ***ret, CtrError *err)
{
        const JsonValue *list = NULL;
        size_t n;

        (void) json_value_member(call->arguments, name, &list);
        n = json_value_length(list);
        *ret = calloc(n + 1, sizeof(**ret));
        if (!*ret)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "%s", name);
        for (size_t i = 0; i < n; i++)
                (*ret)[i] = (char *) json_value_string(json_value_item(list, i));
        return 0;
}

int verb_text_begin(VerbText *t, CtrError *err)
{
        *t = (VerbText){ 0 };
        t->f = open_memstream(&t->text, &t->size);
        return t->f ? 0 : ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "writing the answer");
}

int verb_text_end(VerbText *t, VerbCall *call, const char *name, int r, CtrError *err)
{
        bool is_failed = ferror(t->f) != 0;

        if ((fclose(t->f) != 0 || is_failed) && r >= 0)
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "writing the answer");
        if (r >= 0) {
                while (t->size > 0 && t->text[t->size - 1] == '\n')
                        t->text[--t->size] = '\0';
                verb_answer_string(call, name, t->text);
        }
        free(t->text);
        return r;
}
