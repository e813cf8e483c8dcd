/* Job waiting: see sd-job.h. */
#include "sd/sd-job.h"

#include "sd/sd-unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define JOB_PATH_MAX 128
#define JOB_GONE     "gone" /* its end was not seen */

/* So long nothing is heard of a job before PID 1 is asked for it: one that ended while PID 1 was
 * off the bus is never announced. */
#define JOB_SILENCE_USEC 500000U

typedef struct JobWait {
        SdConnection *c;
        const char *unit;
        bool is_answered;
        bool is_stop;
        int result; /* of the call */
        CtrError error;
        char path[JOB_PATH_MAX]; /* of our job, once answered */
        /* The last removed jobs of this unit: ours may be among them before we know its path. */
        struct {
                char path[JOB_PATH_MAX], result[SD_JOB_RESULT_MAX];
        } removed[4];
        size_t n_removed;
} JobWait;

/* PID 1 tells everybody. The bus compares a rule's sender only for what goes to everybody; what is
 * addressed to us alone may come from any user, whatever it says. */
static int job_removed(sd_bus_message *m, void *userdata, sd_bus_error *unused _unused_)
{
        JobWait *w = userdata;
        const SdApi *api = w->c->api;
        const char *path, *unit, *result;
        uint32_t id;
        size_t slot;

        if (api->sd_bus_message_get_destination(m) ||
                api->sd_bus_message_read_basic(m, 'u', &id) < 0 ||
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

/* Does PID 1 still have our job? */
static bool is_job_there(const JobWait *w)
{
        SdWriter writer = { .api = w->c->api };
        const char *slash = strrchr(w->path, '/');
        uint32_t id = slash ? (uint32_t) strtoul(slash + 1, NULL, 10) : 0;
        int r;

        if (sd_manager_call(w->c, "GetJob", NULL, &writer.m, NULL) < 0)
                return true;
        sd_write_basic(&writer, 'u', &id);
        r = writer.r < 0 ? 0 : sd_call(w->c, writer.m, "cannot look up the job", NULL, NULL);
        w->c->api->sd_bus_message_unref(writer.m);
        return r != -ENOENT;
}

/* Everything that has arrived. */
static int drain(JobWait *w)
{
        int r;

        do
                r = w->c->api->sd_bus_process(w->c->bus, NULL);
        while (r > 0);
        return r;
}

/* Nobody waits for the answer: a unit without processes makes it an error that does not matter. */
static int send_kill(SdConnection *c, const char *unit, const char *who, int32_t number)
{
        SdWriter w = { .api = c->api };
        int r;

        r = sd_manager_call(c, "KillUnit", unit, &w.m, NULL);
        if (r < 0)
                return r;
        sd_write_string(&w, who);
        sd_write_basic(&w, 'i', &number);
        r = w.r < 0 ? w.r : c->api->sd_bus_send(c->bus, w.m, NULL);
        c->api->sd_bus_message_unref(w.m);
        return r;
}

/* Processes the bus until the job's end. The errors of a broken connection are returned as such. */
static int job_wait(JobWait *w, uint64_t timeout_usec, const char **ret)
{
        uint64_t start = now_usec();
        unsigned silences = 0;

        for (;;) {
                uint64_t elapsed, left = JOB_SILENCE_USEC;
                int r = drain(w);

                if (r < 0)
                        return r;
                if (w->is_answered && w->result < 0)
                        return 0;
                *ret = find_result(w);
                if (*ret)
                        return 0;
                elapsed = now_usec() - start;
                if (elapsed >= timeout_usec)
                        return -ETIMEDOUT;
                left = MIN_OF(left, timeout_usec - elapsed);
                r = w->c->api->sd_bus_wait(w->c->bus, left);
                if (r < 0 && r != -EINTR)
                        return r;
                /* ctr-exec at a unit's end, stopped by somebody, is continued: PID 1 gives it as
                 * long as its hooks may take. Less and less often: each is a line of the journal.
                 */
                if (r == 0 && w->is_stop && (silences & (silences + 1)) == 0)
                        (void) send_kill(w->c, w->unit, "control", SIGCONT);
                silences += r == 0;
                if (r != 0 || !w->is_answered || is_job_there(w))
                        continue;
                r = drain(w);
                *ret = find_result(w);
                if (!*ret)
                        *ret = JOB_GONE;
                return r;
        }
}

/* Sends the call that queues a job, and waits for the job. Takes m. */
static int call_and_wait(
        JobWait *w, sd_bus_message *m, SdStopKill killed, uint64_t timeout_usec, const char **ret)
{
        const SdApi *api = w->c->api;
        sd_bus_slot *match = NULL, *call = NULL;
        int r;

        r = api->sd_bus_match_signal_async(w->c->bus, &match, SD_DESTINATION, SD_MANAGER_PATH,
                SD_MANAGER_INTERFACE, "JobRemoved", job_removed, NULL, w);
        if (r >= 0)
                r = api->sd_bus_call_async(w->c->bus, &call, m, call_answered, w, 0);
        if (r >= 0 && killed != SD_STOP_KILL_NONE)
                r = send_kill(w->c, w->unit, killed == SD_STOP_KILL_MAIN ? "main" : "all", SIGKILL);
        if (r >= 0)
                r = job_wait(w, timeout_usec, ret);
        if (call)
                api->sd_bus_slot_unref(call);
        if (match)
                api->sd_bus_slot_unref(match);
        api->sd_bus_message_unref(m);
        return r;
}

static int stop_try(JobWait *w, SdStopKill killed, uint64_t timeout_usec,
        char result[static SD_JOB_RESULT_MAX], CtrError *err)
{
        SdWriter writer = { .api = w->c->api };
        const char *word = NULL;
        int r;

        r = sd_manager_call(w->c, "StopUnit", w->unit, &writer.m, err);
        if (r < 0)
                return r;
        sd_write_string(&writer, "replace");
        r = call_and_wait(w, writer.m, killed, timeout_usec, &word);
        if (word)
                (void) snprintf(result, SD_JOB_RESULT_MAX, "%s", word);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "waiting for %s to stop", w->unit)
                     : 0;
}

int sd_job_stop(SdConnection *c, const char *unit, SdStopKill killed, uint64_t timeout_usec,
        char result[static SD_JOB_RESULT_MAX], CtrError *err)
{
        SdRecovery recovery = { 0 };
        JobWait w;
        int r;

        result[0] = '\0';
        do {
                w = (JobWait){ .c = c, .unit = unit, .is_stop = true };
                r = stop_try(&w, killed, timeout_usec, result, err);
        } while (sd_is_disconnect(r < 0 ? r : w.result) && sd_recover(c, &recovery));
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

/* The result of a job whose end was not seen. */
static int judge_by_unit(
        SdConnection *c, const char *unit, char result[static SD_JOB_RESULT_MAX], CtrError *err)
{
        SdUnitStatus status;
        int r = sd_unit_get_status(c, unit, &status, err);

        if (r >= 0)
                (void) snprintf(result, SD_JOB_RESULT_MAX, "%s",
                        strcmp(status.active_state, "active") == 0 ? "done" : "failed");
        return r;
}

int sd_job_start_built(SdConnection *c, const char *unit, sd_bus_message *m, uint64_t timeout_usec,
        char result[static SD_JOB_RESULT_MAX], CtrError *err)
{
        JobWait w = { .c = c, .unit = unit };
        const char *word = NULL;
        int r;

        result[0] = '\0';
        r = call_and_wait(&w, m, SD_STOP_KILL_NONE, timeout_usec, &word);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "waiting for %s to start", unit);
        if (w.result < 0) {
                if (err)
                        *err = w.error;
                return w.result;
        }
        (void) snprintf(result, SD_JOB_RESULT_MAX, "%s", word ? word : "");
        return word && strcmp(word, JOB_GONE) == 0 ? judge_by_unit(c, unit, result, err) : 0;
}

int sd_job_start_transient(SdConnection *c, const char *unit, const PropertyList *properties,
        uint64_t timeout_usec, char result[static SD_JOB_RESULT_MAX], CtrError *err)
{
        sd_bus_message *m;
        int r = sd_unit_build_start(c, unit, properties, NULL, &m, err);

        result[0] = '\0';
        return r < 0 ? r : sd_job_start_built(c, unit, m, timeout_usec, result, err);
}

static int queue(
        SdConnection *c, const char *method, const char *unit, const char *what, CtrError *err)
{
        SdWriter w = { .api = c->api };
        int r;

        r = sd_manager_call(c, method, unit, &w.m, err);
        if (r < 0)
                return r;
        sd_write_string(&w, "replace");
        r = w.r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, w.r, "%s", what)
                    : sd_call(c, w.m, what, NULL, err);
        c->api->sd_bus_message_unref(w.m);
        return r;
}

int sd_job_stop_unattended(SdConnection *c, const char *unit, CtrError *err)
{
        return queue(c, "StopUnit", unit, "cannot stop the unit", err);
}

int sd_job_restart_unattended(SdConnection *c, const char *unit, CtrError *err)
{
        return queue(c, "RestartUnit", unit, "cannot restart the unit", err);
}
