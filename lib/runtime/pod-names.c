/* Where pods are kept, and whether one is there: for those who have nothing else to do with pods.
 */
#include "runtime/pod-internal.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

int runtime_pod_roots(const Runtime *rt, char **ret_states, char **ret_configs)
{
        bool is_standard = strcmp(rt->root, CTR_STATE_DIR) == 0;

        *ret_configs = NULL;
        if (asprintf(ret_states, "%s/pods", rt->root) < 0) {
                *ret_states = NULL;
                return -ENOMEM;
        }
        *ret_configs = is_standard ? strdup(POD_CONFIG_ROOT) : NULL;
        if (!is_standard && asprintf(ret_configs, "%s/var/pods", rt->root) < 0)
                *ret_configs = NULL;
        return *ret_configs ? 0 : -ENOMEM;
}

static bool is_file_there(const char *directory, const char *id, const char *rest)
{
        _cleanup_free_ char *path = NULL;

        if (asprintf(&path, "%s/%s%s", directory, id, rest) < 0) {
                path = NULL;
                return false;
        }
        return access(path, F_OK) >= 0;
}

bool runtime_pod_exists(const Runtime *rt, const char *id)
{
        _cleanup_free_ char *states = NULL, *configs = NULL;

        return ctr_pod_id_check(id, NULL) >= 0 && runtime_pod_roots(rt, &states, &configs) >= 0 &&
               (is_file_there(states, id, "") || is_file_there(configs, id, "/" POD_FILE_CONFIG));
}
