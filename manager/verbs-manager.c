/* What the methods of the manager object do, but for those that create. */
#include "manager/verbs-container.h"

#include "manager/path.h"

#include "base/name.h"

#include <string.h>

static void answer_container(VerbCall *call, const ContainerInfo *info, const char *separator)
{
        char path[PATH_SIZE_MAX];

        (void) fprintf(call->answer, "%s[", separator);
        json_write_string(call->answer, info->id);
        (void) fputc(',', call->answer);
        json_write_string(call->answer, container_status_name(info->status));
        (void) fprintf(call->answer, ",%d,", (int) info->pid);
        json_write_string(call->answer, path_of_container(info->id, path));
        (void) fputc(']', call->answer);
}

int verb_list(VerbCall *call, CtrError *err)
{
        const char *separator = "";
        SpecStrv ids;
        int r;

        r = runtime_list(call->runtime, &ids, err);
        if (r < 0)
                return r;
        (void) fputs("\"containers\":[", call->answer);
        for (size_t i = 0; i < ids.n; i++) {
                ContainerInfo info;

                /* One that was deleted meanwhile, or whose state is damaged, is left out. */
                if (runtime_state(call->runtime, ids.items[i], &info, NULL) < 0)
                        continue;
                answer_container(call, &info, separator);
                container_info_done(&info);
                separator = ",";
        }
        (void) fputs("],", call->answer);
        runtime_strv_done(&ids);
        return 0;
}

int verb_get(VerbCall *call, CtrError *err)
{
        char path[PATH_SIZE_MAX];
        ContainerInfo info;
        const char *id;
        int r;

        r = verb_string(call, "id", &id, err);
        if (r >= 0)
                r = runtime_state(call->runtime, id, &info, err);
        if (r < 0)
                return r;
        verb_answer_string(call, "container", path_of_container(info.id, path));
        container_info_done(&info);
        return 0;
}
