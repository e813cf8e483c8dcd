/* Names of pods: see pod-name.h. */
#include "base/pod-name.h"

#include <stdio.h>
#include <string.h>

/* "ctr-" + id + ".slice"; 0 when it does not fit. */
static size_t write_slice(const char *id, char buf[static CTR_UNIT_NAME_MAX])
{
        static const char prefix[] = "ctr-", suffix[] = ".slice";
        size_t used = sizeof(prefix) - 1;

        memcpy(buf, prefix, used);
        for (const char *p = id; *p; p++) {
                const char *text = *p == '-' ? "\\x2d" : *p == '+' ? "\\x2b" : NULL;
                size_t n = text ? 4 : 1;

                if (used + n + sizeof(suffix) > CTR_UNIT_NAME_MAX)
                        return 0;
                memcpy(buf + used, text ? text : p, n);
                used += n;
        }
        memcpy(buf + used, suffix, sizeof(suffix));
        return used;
}

bool ctr_pod_id_is_valid(const char *id)
{
        char slice[CTR_UNIT_NAME_MAX];

        return ctr_id_is_valid(id) && !strchr(id, '.') && strlen(id) <= CTR_POD_ID_MAX &&
               write_slice(id, slice) > 0;
}

int ctr_pod_id_check(const char *id, CtrError *err)
{
        if (!id || id[0] == '\0')
                return ctr_error_set(err, CTR_ERROR_NEED_POD_ID, 0, "Pod ID cannot be empty");
        if (ctr_pod_id_is_valid(id))
                return 0;
        return ctr_error_set(err, CTR_ERROR_INVALID_ID_FORMAT, 0,
                "invalid pod ID format: \"%.64s\" (use letters, digits, _ + -, not starting with "
                "-, at most %d bytes)",
                id, CTR_POD_ID_MAX);
}

const char *ctr_pod_to_slice(const char *id, char buf[static CTR_UNIT_NAME_MAX])
{
        if (!ctr_pod_id_is_valid(id) || write_slice(id, buf) == 0)
                buf[0] = '\0';
        return buf;
}

int ctr_pod_member_id(
        const char *pod, const char *name, char buf[static CTR_ID_MAX + 1], CtrError *err)
{
        int r, n;

        r = ctr_pod_id_check(pod, err);
        if (r < 0)
                return r;
        if (!name || name[0] == '\0')
                return ctr_error_set(
                        err, CTR_ERROR_NEED_CONTAINER_ID, 0, "Container ID cannot be empty");
        r = ctr_id_check(name, err);
        if (r < 0)
                return r;
        n = snprintf(buf, CTR_ID_MAX + 1, "%s.%s", pod, name);
        if (n > CTR_ID_MAX)
                return ctr_error_set(err, CTR_ERROR_INVALID_ID_FORMAT, 0,
                        "invalid container ID format: \"%.64s\" (with its pod it has %d bytes, more "
                        "than %d)",
                        name, n, CTR_ID_MAX);
        return ctr_id_check(buf, err);
}

bool ctr_pod_of_member(const char *id, char buf[static CTR_POD_ID_MAX + 1])
{
        size_t n = strcspn(id, ".");

        if (id[n] != '.' || n > CTR_POD_ID_MAX)
                return false;
        memcpy(buf, id, n);
        buf[n] = '\0';
        return ctr_pod_id_is_valid(buf);
}
