/* Job waiting: see sd-job.h. */
#include "sd/sd-job.h"

#include "sd/sd-unit.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define JOB_PATH_MAX 128

typedef struct JobWait {
        SdConnection *c;
        const char *unit;
        bool is_answered;
        int result; /* of the call */
        CtrError error;
        char path[JOB_PATH_MAX]; /* of our job, once answered */
        /* The last removed jobs of this unit: ours may be among them before we know its path. */
        struct {
                char path[JOB_PATH_MAX], result[SD_JOB_RESULT_MAX];
        } removed[4];
        size_t n_removed;
} JobWait;

static int job_removed(sd_bus_message *m, void *userdata, sd_bus_error *unused _unused_)
{
        JobWait *w = userdata;
        const SdApi *api = w->c->api;
        const char *path, *unit, *result;
        uint32_t id;
        size_t slot;

        if (api->sd_bus_message_read_basic(m, 'u', &id) < 0 ||
                api->sd_bus_message_read_basic(m, 'o', &path) < 0 ||
                api->sd_bus_message_read_basic(m, 's', &unit) < 0 ||
                api->sd_bus_message_read_basic(m, 's', &result) < 0)
                return 0;
        if (strcmp(unit, w->unit) != 0)
                return 0;
        slot = w->n_removed++ % ELEMENTSOF(w->removed);
        (void) snprintf(w->removed[slot].path, JOB_PATH_MAX, "%s", path);
        (void) snprintf(w->removed[slot].result, SD_JOB_RESULT_MAX, "%s", result);
        return 0;
}

static int call_answered(sd_bus_message *m, void *userdata, sd_bus_error *unused _unused_)
{
        JobWait *w = userdata;
        const sd_bus_error *e = w->c->api->sd_bus_message_get_error(m);
        const char *path = "";

        w->is_answered = true;
        if (e)
                w->result = sd_error(e, -EIO, "cannot queue the job", &w->error);
        else if (w->c->api->sd_bus_message_read_basic(m, 'o', &path) < 0)
                w->result =
                        ctr_error_set(&w->error, CTR_ERROR_SYSTEM, EBADMSG, "answer without a job");
        (void) snprintf(w->path, sizeof(w->path), "%s", path);
        return 0;
}

static const char *find_result(const JobWait *w)
{
        for (size_t i = 0; w->is_answered && i < MIN_OF(w->n_removed, ELEMENTSOF(w->removed)); i++)
                if (strcmp(w->removed[i].path, w->path) == 0)
                        return w->removed[i].result;
        return NULL;
}

static uint64_t now_usec(void)
{
        struct timespec ts;

        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (uint64_t) ts.tv_sec * 1000000U + (uint64_t) ts.tv_nsec / 1000U;
}

/* Processes the bus until the job's end. The errors of a broken connection are returned as such. */
static int job_wait(JobWait *w, uint64_t timeout_usec, const char **ret)
{
        uint64_t start = now_usec();
        const SdApi *api = w->c->api;
        int r;

        for (;;) {
                uint64_t elapsed, left = UINT64_MAX;

                r = api->sd_bus_process(w->c->bus, NULL);
                if (r < 0)
                        return r;
                if (w->is_answered && w->result < 0)
                        return 0;
                *ret = find_result(w);
                if (*ret)
                        return 0;
                if (r > 0)
                        continue;
                elapsed = now_usec() - start;
                if (timeout_usec != UINT64_MAX) {
                        if (elapsed >= timeout_usec)
                                return -ETIMEDOUT;
                        left = timeout_usec - elapsed;
                }
                r = api->sd_bus_wait(w->c->bus, left);
                if (r < 0 && r != -EINTR)
                        return r;
        }
}

/* Nobody waits for the answer: a unit without processes makes it an error that does not matter. */
static int send_kill(SdConnection *c, const char *unit, CtrError *err)
{
        SdWriter w = { .api = c->api };
        int32_t number = SIGKILL;
        int r;

        r = sd_manager_call(c, "KillUnit", unit, &w.m, err);
        if (r < 0)
                return r;
        sd_write_string(&w, "all");
        sd_write_basic(&w, 'i', &number);
        r = w.r < 0 ? w.r : c->api->sd_bus_send(c->bus, w.m, NULL);
        c->api->sd_bus_message_unref(w.m);
        return r;
}

/* Sends the call that queues a job, and waits for the job. Takes m. */
static int call_and_wait(
        JobWait *w, sd_bus_message *m, bool is_killed, uint64_t timeout_usec, const char **ret)
{
        const SdApi *api = w->c->api;
        sd_bus_slot *match = NULL, *call = NULL;
        int r;

        r = api->sd_bus_match_signal_async(w->c->bus, &match, SD_DESTINATION, SD_MANAGER_PATH,
                SD_MANAGER_INTERFACE, "JobRemoved", job_removed, NULL, w);
        if (r >= 0)
                r = api->sd_bus_call_async(w->c->bus, &call, m, call_answered, w, 0);
        if (r >= 0 && is_killed)
                r = send_kill(w->c, w->unit, NULL);
        if (r >= 0)
                r = job_wait(w, timeout_usec, ret);
        if (call)
                api->sd_bus_slot_unref(call);
        if (match)
                api->sd_bus_slot_unref(match);
        api->sd_bus_message_unref(m);
        return r;
}

static int stop_try(JobWait *w, bool is_killed, uint64_t timeout_usec,
        char result[static SD_JOB_RESULT_MAX], CtrError *err)
{
        SdWriter writer = { .api = w->c->api };
        const char *word = NULL;
        int r;

        r = sd_manager_call(w->c, "StopUnit", w->unit, &writer.m, err);
        if (r < 0)
                return r;
        sd_write_string(&writer, "replace");
        r = call_and_wait(w, writer.m, is_killed, timeout_usec, &word);
        if (word)
                (void) snprintf(result, SD_JOB_RESULT_MAX, "%s", word);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "waiting for %s to stop", w->unit)
                     : 0;
}

int sd_job_stop(SdConnection *c, const char *unit, bool is_killed, uint64_t timeout_usec,
        char result[static SD_JOB_RESULT_MAX], CtrError *err)
{
        JobWait w = { .c = c, .unit = unit };
        int r;

        result[0] = '\0';
        r = stop_try(&w, is_killed, timeout_usec, result, err);
        if (sd_is_disconnect(r)) {
                w = (JobWait){ .c = c, .unit = unit };
                sd_disconnect(c);
                r = sd_connect(c, err);
                if (r >= 0)
                        r = stop_try(&w, is_killed, timeout_usec, result, err);
        }
        if (r < 0)
                return r;
        if (w.result >= 0)
                return 1;
        if (w.error.code == CTR_ERROR_CONTAINER_NOT_EXISTS)
                return 0;
        if (err)
                *err = w.error;
        return w.result;
}

int sd_job_start_transient(SdConnection *c, const char *unit, const PropertyList *properties,
        uint64_t timeout_usec, char result[static SD_JOB_RESULT_MAX], CtrError *err)
{
        JobWait w = { .c = c, .unit = unit };
        const char *word = NULL;
        sd_bus_message *m;
        int r;

        result[0] = '\0';
        r = sd_unit_build_start(c, unit, properties, &m, err);
        if (r < 0)
                return r;
        r = call_and_wait(&w, m, false, timeout_usec, &word);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "waiting for %s to start", unit);
        if (w.result < 0) {
                if (err)
                        *err = w.error;
                return w.result;
        }
        (void) snprintf(result, SD_JOB_RESULT_MAX, "%s", word ? word : "");
        return 0;
}

int sd_job_stop_unattended(SdConnection *c, const char *unit, CtrError *err)
{
        SdWriter w = { .api = c->api };
        int r;

        r = sd_manager_call(c, "StopUnit", unit, &w.m, err);
        if (r < 0)
                return r;
        sd_write_string(&w, "replace");
        r = w.r < 0 ? w.r : c->api->sd_bus_send(c->bus, w.m, NULL);
        c->api->sd_bus_message_unref(w.m);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot stop %s", unit) : 0;
}
