/* What the methods of a container do: thin calls of lib/runtime. */
#include "manager/verbs-container.h"

#include "manager/member.h"
#include "runtime/info-print.h"

#include "base/name.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define STATS_INTERVAL_MSEC 1000 /* not used: the numbers are printed once */

/* A verb that needs the container's id and no more. */
static int with_id(VerbCall *call, const MemberVerb *verb, CtrError *err)
{
        const char *id;
        int r = verb_string(call, "id", &id, err);

        return r < 0 ? r : member_call(call->runtime, id, verb, err);
}

int verb_start(VerbCall *call, CtrError *err)
{
        return with_id(call, &(MemberVerb){ runtime_pod_start_container, runtime_start }, err);
}

int verb_stop(VerbCall *call, CtrError *err)
{
        return with_id(call, &(MemberVerb){ runtime_pod_stop_container, runtime_stop }, err);
}

int verb_pause(VerbCall *call, CtrError *err)
{
        return with_id(call, &(MemberVerb){ runtime_pod_pause_container, runtime_pause }, err);
}

int verb_resume(VerbCall *call, CtrError *err)
{
        return with_id(call, &(MemberVerb){ runtime_pod_resume_container, runtime_resume }, err);
}

int verb_kill(VerbCall *call, CtrError *err)
{
        bool is_all = verb_bool(call, "all");
        char pod[CTR_POD_ID_MAX + 1];
        const char *id, *name;
        int r, number;

        r = verb_string(call, "id", &id, err);
        if (r >= 0)
                r = verb_signal(call, &number, err);
        if (r < 0)
                return r;
        name = member_name(call->runtime, id, pod);
        if (name) {
                r = runtime_pod_kill_container(call->runtime, pod, name, number, is_all, err);
                if (r >= 0 || !member_is_unknown(err))
                        return r;
                *err = (CtrError){ 0 };
        }
        return runtime_kill(call->runtime, id, number, is_all, err);
}

static int delete_plainly(const Runtime *rt, const char *id, CtrError *err)
{
        return runtime_delete(rt, id, false, err);
}

static int delete_forced(const Runtime *rt, const char *id, CtrError *err)
{
        return runtime_delete(rt, id, true, err);
}

/* However broken its pod may be. */
static int remove_forced(const Runtime *rt, const char *pod, const char *name, CtrError *err)
{
        char id[CTR_ID_MAX + 1];
        int r = runtime_pod_remove_container(rt, pod, name, err);

        if (r >= 0 || ctr_pod_member_id(pod, name, id, NULL) < 0)
                return r;
        *err = (CtrError){ 0 };
        return runtime_delete(rt, id, true, err);
}

int verb_delete(VerbCall *call, CtrError *err)
{
        static const MemberVerb plain = { runtime_pod_delete_container, delete_plainly };
        static const MemberVerb forced = { remove_forced, delete_forced };

        return with_id(call, verb_bool(call, "force") ? &forced : &plain, err);
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
                r = spec_parse_resources_strict(text, strlen(text), &spec, err);
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
        _cleanup_free_ char **arguments = NULL;
        VerbText text;
        const char *id;
        int r;

        r = verb_string(call, "id", &id, err);
        if (r >= 0)
                r = verb_strings(call, "arguments", &arguments, err);
        if (r >= 0)
                r = verb_text_begin(&text, err);
        if (r < 0)
                return r;
        r = runtime_ps_table(call->runtime, id, arguments, text.f, err);
        return verb_text_end(&text, call, "table", r, err);
}
