/* What the methods of a container do: thin calls of lib/runtime. */
#include "manager/verbs-container.h"

#include "runtime/info-print.h"

#include "base/name.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define STATS_INTERVAL_MSEC 1000 /* not used: the numbers are printed once */

/* A simple verb: the container's id and no more. */
static int with_id(
        VerbCall *call, int (*f)(const Runtime *rt, const char *id, CtrError *err), CtrError *err)
{
        const char *id;
        int r = verb_string(call, "id", &id, err);

        return r < 0 ? r : f(call->runtime, id, err);
}

int verb_start(VerbCall *call, CtrError *err)
{
        return with_id(call, runtime_start, err);
}

int verb_stop(VerbCall *call, CtrError *err)
{
        return with_id(call, runtime_stop, err);
}

int verb_pause(VerbCall *call, CtrError *err)
{
        return with_id(call, runtime_pause, err);
}

int verb_resume(VerbCall *call, CtrError *err)
{
        return with_id(call, runtime_resume, err);
}

int verb_kill(VerbCall *call, CtrError *err)
{
        int64_t number = 0;
        const char *id;
        int r;

        r = verb_string(call, "id", &id, err);
        if (r < 0)
                return r;
        if (json_member_i64(call->arguments, "signal", &number) < 0 || number < 1 || number > 64)
                return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "%" PRId64 " is not the number of a signal (1 to 64)", number);
        return runtime_kill(call->runtime, id, (int) number, verb_bool(call, "all"), err);
}

int verb_delete(VerbCall *call, CtrError *err)
{
        const char *id;
        int r = verb_string(call, "id", &id, err);

        return r < 0 ? r : runtime_delete(call->runtime, id, verb_bool(call, "force"), err);
}

int verb_update(VerbCall *call, CtrError *err)
{
        _cleanup_(spec_freep) Spec *spec = NULL;
        const char *id, *text;
        int r;

        r = verb_string(call, "id", &id, err);
        if (r >= 0)
                r = verb_string(call, "resources", &text, err);
        if (r >= 0)
                r = spec_parse_resources(text, strlen(text), &spec, err);
        return r < 0 ? r : runtime_update(call->runtime, id, &spec->linux_.resources, err);
}

/* Text that a function writes to a stream, as a member of the answer. */
typedef struct TextAnswer {
        char *text;
        size_t size;
        FILE *f;
} TextAnswer;

static int text_begin(TextAnswer *t, CtrError *err)
{
        *t = (TextAnswer){ 0 };
        t->f = open_memstream(&t->text, &t->size);
        return t->f ? 0 : ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "writing the answer");
}

static int text_end(TextAnswer *t, VerbCall *call, const char *name, int r, CtrError *err)
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

int verb_state(VerbCall *call, CtrError *err)
{
        ContainerInfo info;
        TextAnswer text;
        const char *id;
        int r;

        r = verb_string(call, "id", &id, err);
        if (r >= 0)
                r = runtime_state(call->runtime, id, &info, err);
        if (r < 0)
                return r;
        r = text_begin(&text, err);
        if (r >= 0) {
                info_print_json(&info, false, text.f);
                r = text_end(&text, call, "state", 0, err);
        }
        container_info_done(&info);
        return r;
}

int verb_config(VerbCall *call, CtrError *err)
{
        _cleanup_free_ char *text = NULL;
        const char *id;
        int r;

        r = verb_string(call, "id", &id, err);
        if (r >= 0)
                r = runtime_read_config(call->runtime, id, &text, err);
        if (r >= 0)
                verb_answer_string(call, "config", text);
        return r;
}

int verb_features(VerbCall *call, CtrError *err)
{
        TextAnswer text;
        int r = text_begin(&text, err);

        if (r < 0)
                return r;
        runtime_print_features(text.f);
        return text_end(&text, call, "features", 0, err);
}

int verb_stats(VerbCall *call, CtrError *err)
{
        TextAnswer text;
        const char *id;
        int r;

        r = verb_string(call, "id", &id, err);
        if (r >= 0)
                r = text_begin(&text, err);
        if (r < 0)
                return r;
        r = runtime_events(call->runtime, id, true, STATS_INTERVAL_MSEC, text.f, err);
        return text_end(&text, call, "stats", r, err);
}

int verb_annotations(VerbCall *call, CtrError *err)
{
        ContainerInfo info;
        const char *id;
        int r;

        r = verb_string(call, "id", &id, err);
        if (r >= 0)
                r = runtime_state(call->runtime, id, &info, err);
        if (r < 0)
                return r;
        (void) fputs("\"annotations\":{", call->answer);
        for (size_t i = 0; i < info.annotations.n; i++) {
                (void) fputs(i > 0 ? "," : "", call->answer);
                json_write_string(call->answer, info.annotations.items[i].key);
                (void) fputc(':', call->answer);
                json_write_string(call->answer, info.annotations.items[i].value);
        }
        (void) fputs("},", call->answer);
        container_info_done(&info);
        return 0;
}

int verb_set_annotations(VerbCall *call, CtrError *err)
{
        const JsonValue *object = NULL, *value;
        _cleanup_free_ SpecKeyValue *items = NULL;
        JsonIterator it = { 0 };
        SpecKeyValues list = { 0 };
        const char *id, *key;
        int r;

        r = verb_string(call, "id", &id, err);
        if (r < 0)
                return r;
        (void) json_value_member(call->arguments, "annotations", &object);
        items = calloc(json_value_length(object) + 1, sizeof(*items));
        if (!items)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "annotations");
        it.object = object;
        while (json_iterator_next(&it, &key, &value)) {
                if (*key == '\0')
                        return ctr_error_set(
                                err, CTR_ERROR_USAGE, 0, "the name of an annotation is empty");
                items[list.n++] = (SpecKeyValue){ .key = (char *) key,
                        .value = (char *) json_value_string(value) };
        }
        list.items = items;
        return runtime_set_annotations(call->runtime, id, &list, err);
}

/* One entry of a(us). A process that ended meanwhile has no command line. */
static void answer_process(VerbCall *call, pid_t pid, const char *separator)
{
        char path[64], line[4096];
        ssize_t n = 0;
        FILE *f;

        (void) snprintf(path, sizeof(path), "/proc/%d/cmdline", (int) pid);
        f = fopen(path, "re");
        if (f) {
                n = (ssize_t) fread(line, 1, sizeof(line) - 1, f);
                (void) fclose(f);
        }
        while (n > 0 && line[n - 1] == '\0')
                n--;
        for (ssize_t i = 0; i < n; i++)
                if (line[i] == '\0')
                        line[i] = ' ';
        line[n] = '\0';
        (void) fprintf(call->answer, "%s[%d,", separator, (int) pid);
        json_write_string(call->answer, line);
        (void) fputc(']', call->answer);
}

int verb_ps(VerbCall *call, CtrError *err)
{
        _cleanup_free_ pid_t *pids = NULL;
        const char *id;
        size_t n;
        int r;

        r = verb_string(call, "id", &id, err);
        if (r >= 0)
                r = runtime_ps(call->runtime, id, &pids, &n, err);
        if (r < 0)
                return r;
        (void) fputs("\"processes\":[", call->answer);
        for (size_t i = 0; i < n; i++)
                answer_process(call, pids[i], i > 0 ? "," : "");
        (void) fputs("],", call->answer);
        return 0;
}

int verb_ps_table(VerbCall *call, CtrError *err)
{
        const JsonValue *list = NULL;
        _cleanup_free_ char **arguments = NULL;
        TextAnswer text;
        const char *id;
        size_t n;
        int r;

        r = verb_string(call, "id", &id, err);
        if (r < 0)
                return r;
        (void) json_value_member(call->arguments, "arguments", &list);
        n = json_value_length(list);
        arguments = calloc(n + 1, sizeof(*arguments));
        if (!arguments)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "arguments of ps");
        for (size_t i = 0; i < n; i++)
                arguments[i] = (char *) json_value_string(json_value_item(list, i));
        r = text_begin(&text, err);
        if (r < 0)
                return r;
        r = runtime_ps_table(call->runtime, id, arguments, text.f, err);
        return text_end(&text, call, "table", r, err);
}
