/* The pod without a machine: a slice, which systemd stops, freezes and limits as a whole. The name
 * is the one that virtcontainers has for it. */
#include "runtime/pod-internal.h"

#include "runtime/cgroup.h"
#include "runtime/service.h"
#include "sd/sd-job.h"

#include <stdio.h>
#include <string.h>

enum { START_TIMEOUT_SEC = 90 };

static int with_slice(const Pod *pod,
        int (*f)(SdConnection *c, const char *unit, int process_fd, CtrError *err), CtrError *err)
{
        SdConnection bus = { 0 };
        int r;

        r = sd_connect(&bus, err);
        if (r >= 0)
                r = f(&bus, pod->slice, -EBADF, err);
        sd_disconnect(&bus);
        return r;
}

static int read_events(const Pod *pod, CgroupEvents *ret)
{
        char path[CGROUP_PATH_MAX];
        size_t used = sizeof(CGROUP_ROOT);

        memcpy(path, CGROUP_ROOT "/", used);
        if (ctr_slice_to_cgroup(pod->slice, path + used, sizeof(path) - used) < 0)
                return -EINVAL;
        return cgroup_read_events(path, ret);
}

static bool mock_is_there(const Pod *pod)
{
        CgroupEvents events;

        return read_events(pod, &events) >= 0;
}

static bool mock_is_paused(const Pod *pod)
{
        CgroupEvents events;

        return read_events(pod, &events) >= 0 && events.is_frozen;
}

static int add_properties(const Pod *pod, PropertyList *list)
{
        static const PropertyId accounting[] = { PROPERTY_CPU_ACCOUNTING, PROPERTY_IO_ACCOUNTING,
                PROPERTY_MEMORY_ACCOUNTING, PROPERTY_TASKS_ACCOUNTING };
        char description[sizeof("Pod ") + CTR_POD_ID_MAX];
        int r;

        (void) snprintf(description, sizeof(description), "Pod %s", pod->id);
        r = property_set_string(list, PROPERTY_DESCRIPTION, description);
        if (r >= 0)
                r = property_add_string(list, PROPERTY_DOCUMENTATION, "man:ctrctl(1)");
        for (size_t i = 0; i < ELEMENTSOF(accounting) && r >= 0; i++)
                r = property_set_number(list, accounting[i], true);
        if (r >= 0 && pod->config->n_vcpus > 0)
                r = property_set_number(list, PROPERTY_CPU_QUOTA_PER_SEC,
                        (uint64_t) pod->config->n_vcpus * 1000000);
        if (r >= 0 && pod->config->memory_mib > 0)
                r = property_set_number(list, PROPERTY_MEMORY_MAX, pod->config->memory_mib << 20);
        return r;
}

static int start_slice(const Pod *pod, const PropertyList *properties, CtrError *err)
{
        char result[SD_JOB_RESULT_MAX];
        SdConnection bus = { 0 };
        int r;

        r = sd_connect(&bus, err);
        if (r >= 0)
                r = sd_job_start_transient(&bus, pod->slice, properties,
                        START_TIMEOUT_SEC * UINT64_C(1000000), result, err);
        sd_disconnect(&bus);
        if (r == -EEXIST)
                (void) ctr_error_set(err, CTR_ERROR_ID_IN_USE, 0,
                        "pod with given ID already exists: there is a unit %s", pod->slice);
        else if (r >= 0 && strcmp(result, "done") != 0)
                r = ctr_error_set(
                        err, CTR_ERROR_SYSTEM, 0, "cannot start %s: %s", pod->slice, result);
        return r;
}

static int mock_create(Pod *pod, CtrError *err)
{
        PropertyList properties = { 0 };
        int r = add_properties(pod, &properties);

        r = r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "making %s", pod->slice)
                  : start_slice(pod, &properties, err);
        property_list_done(&properties);
        return r;
}

static int mock_stop(Pod *pod, bool is_killed, CtrError *err)
{
        SdConnection bus = { 0 };
        int r;

        if (!mock_is_there(pod))
                is_killed = false; /* it is only to be forgotten */
        /* A frozen process does not see the signal that asks it to end. */
        if (!is_killed && mock_is_paused(pod))
                (void) with_slice(pod, sd_unit_thaw, NULL);
        r = sd_connect(&bus, err);
        if (r >= 0)
                r = service_teardown(
                        &bus, pod->slice, is_killed ? SD_STOP_KILL_ALL : SD_STOP_KILL_NONE, err);
        sd_disconnect(&bus);
        return r;
}

static int mock_pause(Pod *pod, CtrError *err)
{
        return with_slice(pod, sd_unit_freeze, err);
}

static int mock_resume(Pod *pod, CtrError *err)
{
        return with_slice(pod, sd_unit_thaw, err);
}

const PodKind pod_kind_mock = {
        .name = "mock",
        .create = mock_create,
        .stop = mock_stop,
        .pause = mock_pause,
        .resume = mock_resume,
        .is_there = mock_is_there,
        .is_paused = mock_is_paused,
};
