/* Placing the process of an engine's container: see placement.h. */
#include "runtime/placement.h"

#include "base/io.h"
#include "runtime/cgroup-tree.h"
#include "sd/sd-job.h"
#include "sd/sd-unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define FATE_WAIT_USEC     5000000U
#define FATE_STEP_USEC     5000U
#define START_TIMEOUT_USEC (90U * 1000 * 1000)
#define NAME_WAIT_USEC     2000000U /* for a scope of the same name that is on its way out */

static void sleep_usec(unsigned usec)
{
        struct timespec ts = { .tv_nsec = (long) usec * 1000 };

        (void) nanosleep(&ts, NULL);
}

int placement_find_directory(
        const Spec *spec, const char *id, char ret[static CGROUP_PATH_MAX], CtrError *err)
{
        const char *path = spec->linux_.cgroups_path;
        char own[CGROUP_PATH_MAX] = CGROUP_ROOT;
        int n, r;

        if (path && strstr(path, ".slice:"))
                return ctr_error_field(err, "linux.cgroupsPath",
                        "\"%s\" is the name of a scope, which needs --systemd-cgroup", path);
        if (path && (strstr(path, "/../") || strncmp(path, "../", 3) == 0 ||
                            (strlen(path) >= 3 && strcmp(path + strlen(path) - 3, "/..") == 0) ||
                            strcmp(path, "..") == 0))
                return ctr_error_field(err, "linux.cgroupsPath", "\"%s\" leads upwards", path);
        if (!path || *path != '/') {
                r = cgroup_of_process(getpid(), own);
                if (r < 0)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "own cgroup");
                /* A cgroup that has processes, as ours, cannot have others below it with limits:
                 * beside it. */
                if (strlen(own) > strlen(CGROUP_ROOT))
                        *strrchr(own, '/') = '\0';
        }
        n = snprintf(ret, CGROUP_PATH_MAX, "%s%s%s%s", own, path && *path == '/' ? "" : "/",
                path && *path ? "" : "ctr-", path && *path ? path : id);
        if (n >= CGROUP_PATH_MAX)
                return ctr_error_field(err, "linux.cgroupsPath", "is too long");
        while (n > 0 && ret[n - 1] == '/')
                ret[--n] = '\0';
        if (strcmp(ret, CGROUP_ROOT) == 0)
                return ctr_error_field(err, "linux.cgroupsPath", "is the root of the tree");
        return 0;
}

/* ---- scope ---- */

/* Is this the name of a scope that has ended and that PID 1 has not forgotten yet? */
static bool is_on_its_way_out(Creation *c)
{
        CgroupEvents events;
        char path[CGROUP_PATH_MAX];

        if (cgroup_of_unit(c->slice, c->name.unit, path) < 0)
                return false;
        return cgroup_read_events(path, &events) < 0 || !events.is_populated;
}

/* A container of the same name may have been deleted a moment ago. */
static int start_scope(Creation *c, char result[static SD_JOB_RESULT_MAX], CtrError *err)
{
        for (unsigned waited = 0, step = 1000;; waited += step, step *= 2) {
                int r = sd_job_start_transient(
                        &c->bus, c->name.unit, &c->properties, START_TIMEOUT_USEC, result, err);

                if (r >= 0 || !err || err->code != CTR_ERROR_ID_IN_USE ||
                        waited >= NAME_WAIT_USEC || !is_on_its_way_out(c))
                        return r;
                (void) sd_unit_reset_failed(&c->bus, c->name.unit, NULL);
                (void) sd_job_stop_unattended(&c->bus, c->name.unit, NULL);
                sleep_usec(step);
        }
}

/* What became of a call whose answer was lost: 1 when the process is where it belongs, 0 when PID 1
 * knows nothing of the unit. In between it is on its way. */
static int find_fate(Creation *c, pid_t pid, CtrError *err)
{
        char path[CGROUP_PATH_MAX];
        int r;

        for (unsigned waited = 0; waited < FATE_WAIT_USEC; waited += FATE_STEP_USEC) {
                r = cgroup_of_process(pid, path);
                if (r < 0)
                        return ctr_error_set(
                                err, CTR_ERROR_SYSTEM, r, "the container's process ended");
                if (cgroup_cut_to_unit(path, c->name.unit) >= 0)
                        return 1;
                r = sd_unit_is_loaded(&c->bus, c->name.unit, err);
                if (r <= 0)
                        return r;
                sleep_usec(FATE_STEP_USEC);
        }
        return ctr_error_set(
                err, CTR_ERROR_SYSTEM, ETIMEDOUT, "unit %s is not starting", c->name.unit);
}

static int make_scope(Creation *c, pid_t pid, CtrError *err)
{
        char result[SD_JOB_RESULT_MAX];
        SdRecovery recovery = { 0 };
        int r;

        if (property_add_number(&c->properties, PROPERTY_PIDS, (uint64_t) pid) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "building the unit");
        for (;;) {
                r = start_scope(c, result, err);
                if (!sd_is_disconnect(r) || !sd_recover(&c->bus, &recovery))
                        break;
                r = find_fate(c, pid, err);
                if (r != 0)
                        return r < 0 ? r : 0;
        }
        if (r < 0)
                return r;
        if (strcmp(result, "done") != 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, 0,
                        "unit %s did not start (%s; see: journalctl -u %s)", c->name.unit, result,
                        c->name.unit);
        return 0;
}

/* ---- both ---- */

/* Files that PID 1 has no property for. */
static int write_extra_files(Creation *c, const char *path, CtrError *err)
{
        SpecKeyValues files;
        int r;

        r = plan_cgroup_files(&c->bundle.spec->linux_.resources, &files, err);
        if (r < 0)
                return r;
        r = cgroup_write_files(path, &files, err);
        plan_cgroup_files_done(&files);
        return r;
}

/* OOMPolicy=kill is memory.oom.group for a service; PID 1 does the same for a scope from 253 on
 * only, and nothing for what is no unit. As for a service it means nothing where nobody limits
 * memory. */
static int write_oom_group(Creation *c, const char *path, CtrError *err)
{
        const Property *policy = property_find(&c->properties, PROPERTY_OOM_POLICY);
        char file[CGROUP_PATH_MAX + 32];
        int r;

        if (!policy || policy->n_strings != 1 || strcmp(policy->strings[0], "kill") != 0)
                return 0;
        (void) snprintf(file, sizeof(file), "%s/memory.oom.group", path);
        r = ctr_write_value(AT_FDCWD, file, "1");
        return r < 0 && r != -ENOENT ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "%s", file) : 0;
}

static int write_property_files(Creation *c, const char *path, CtrError *err)
{
        SpecKeyValues files;
        int r;

        r = plan_property_files(&c->properties, false, &files, err);
        if (r < 0)
                return r;
        r = cgroup_write_files(path, &files, err);
        plan_cgroup_files_done(&files);
        return r;
}

static int make_directory(Creation *c, pid_t pid, CtrError *err)
{
        int r;

        r = cgroup_make(c->cgroup, err);
        if (r < 0)
                return r;
        r = write_property_files(c, c->cgroup, err);
        return r < 0 ? r : cgroup_attach(c->cgroup, pid, err);
}

int placement_make(Creation *c, pid_t pid, CtrError *err)
{
        char path[CGROUP_PATH_MAX];
        int r;

        if (c->mode == PLAN_UNPLACED)
                return 0;
        r = c->mode == PLAN_SCOPE ? make_scope(c, pid, err) : make_directory(c, pid, err);
        if (r < 0)
                return r;
        r = cgroup_of_process(pid, path);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "the container's process ended");
        r = write_extra_files(c, path, err);
        return r < 0 ? r : write_oom_group(c, path, err);
}

void placement_undo(Creation *c)
{
        char path[CGROUP_PATH_MAX];

        if (c->mode == PLAN_CGROUPFS && c->cgroup[0])
                (void) cgroup_remove(c->cgroup, true, NULL);
        if (c->mode != PLAN_SCOPE || !c->name.unit[0] ||
                cgroup_of_unit(c->slice, c->name.unit, path) < 0)
                return;
        (void) cgroup_kill(path);
        (void) sd_job_stop_unattended(&c->bus, c->name.unit, NULL);
}
