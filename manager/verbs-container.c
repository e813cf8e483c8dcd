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
        const char *id;
        int r, number;

        r = verb_string(call, "id", &id, err);
        if (r >= 0)
                r = verb_signal(call, &number, err);
        return r < 0 ? r : runtime_kill(call->runtime, id, number, verb_bool(call, "all"), err);
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

int verb_state(VerbCall *call, CtrError *err)
{
        ContainerInfo info;
        VerbText text;
        const char *id;
        int r;

        r = verb_string(call, "id", &id, err);
        if (r >= 0)
                r = runtime_state(call->runtime, id, &info, err);
        if (r < 0)
                return r;
        r = verb_text_begin(&text, err);
        if (r >= 0) {
                info_print_json(&info, false, text.f);
                r = verb_text_end(&text, call, "state", 0, err);
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
        VerbText text;
        int r = verb_text_begin(&text, err);

        if (r < 0)
                return r;
        runtime_print_features(text.f);
        return verb_text_end(&text, call, "features", 0, err);
}

int verb_stats(VerbCall *call, CtrError *err)
{
        VerbText text;
        const char *id;
        int r;

        r = verb_string(call, "id", &id, err);
        if (r >= 0)
                r = verb_text_begin(&text, err);
        if (r < 0)
                return r;
        r = runtime_events(call->runtime, id, true, STATS_INTERVAL_MSEC, text.f, err);
        return verb_text_end(&text, call, "stats", r, err);
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
        SpecKeyValues list = { 0 };
        const char *id;
        int r;

        r = verb_string(call, "id", &id, err);
        if (r >= 0)
                r = verb_key_values(call, &list, err);
        if (r < 0)
                return r;
        r = runtime_set_annotations(call->runtime, id, &list, err);
        free(list.items);
        return r;
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
        VerbText text;
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
        r = verb_text_begin(&text, err);
        if (r < 0)
                return r;
        r = runtime_ps_table(call->runtime, id, arguments, text.f, err);
        return verb_text_end(&text, call, "table", r, err);
}
