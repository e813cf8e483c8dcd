/* What is left of a container without its state: see orphan.h. Three traces lead to it: the unit of
 * a service has its name and names the state directory in its command line, a scope of any name
 * names it in its documentation, and the pid record is enough for a process without either. */
#include "runtime/orphan.h"

#include "runtime/bundle-store.h"
#include "runtime/helper-spawn.h"
#include "runtime/service.h"
#include "runtime/state-dir.h"
#include "sd/sd-find.h"
#include "sd/sd-job.h"

#include "base/io.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>

#define KILL_TIMEOUT_MSEC 10000
#define STOP_TIMEOUT_USEC (20U * 1000 * 1000)
#define CONFIG_SIZE_MAX   (16U * 1024 * 1024)

/* The state is gone or damaged: its unit may still be there, and it is ours if its command line
 * names the state directory (another root may have a container of the same id). */
static int end_service(SdConnection *bus, const Container *name, CtrError *err)
{
        char directory[sizeof(name->directory)];
        int r;

        r = sd_unit_get_argument(bus, name->unit, 2, directory, sizeof(directory), err);
        if (r <= 0 || strcmp(directory, name->directory) != 0)
                return r;
        return service_teardown(bus, name->unit, SD_STOP_KILL_ALL, err);
}

/* Whether the process is in the scope that the configuration in the state directory names: any
 * other cgroup may be somebody else's. */
static int find_scope(int dir_fd, const char *id, char path[static CGROUP_PATH_MAX])
{
        char unit[CTR_UNIT_NAME_MAX], slice[CTR_UNIT_NAME_MAX];
        _cleanup_(spec_freep) Spec *spec = NULL;
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        r = ctr_read_file(dir_fd, STATE_FILE_CONFIG, CONFIG_SIZE_MAX, &text, &size, NULL);
        if (r >= 0)
                r = spec_parse(text, size, &spec, NULL);
        if (r >= 0)
                r = plan_scope_name(spec, id, unit, slice, NULL);
        return r < 0 ? r : cgroup_cut_to_unit(path, unit);
}

/* The process of a damaged state: by its record, which no other process can match. */
static void kill_recorded(const Container *name)
{
        _cleanup_close_ int pidfd = -EBADF,
                            dir_fd = open(name->directory,
                                    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        ContainerProcess process = { 0 };
        struct pollfd pollfd;
        PidRecord record;

        if (dir_fd < 0 || pid_record_read(dir_fd, &record, NULL) <= 0)
                return;
        process.pid = record.pid;
        process.starttime = record.starttime;
        pidfd = container_open_process(&process, NULL);
        if (pidfd < 0)
                return;
        if (cgroup_of_process(record.pid, process.cgroup) >= 0 &&
                find_scope(dir_fd, name->id, process.cgroup) >= 0)
                (void) cgroup_kill(process.cgroup);
        (void) pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
        pollfd = (struct pollfd){ .fd = pidfd, .events = POLLIN };
        (void) poll(&pollfd, 1, KILL_TIMEOUT_MSEC);
}

/* The scope of an engine's container, whatever the engine called it. */
static int end_scope(SdConnection *bus, const Container *name, CtrError *err)
{
        char url[PLAN_STATE_URL_MAX], unit[CTR_UNIT_NAME_MAX], result[SD_JOB_RESULT_MAX];
        int r;

        r = plan_state_url(name->directory, url);
        if (r >= 0)
                r = sd_find_documented(bus, "*.scope", url, unit, sizeof(unit), err);
        if (r > 0)
                r = sd_job_stop(bus, unit, SD_STOP_KILL_ALL, STOP_TIMEOUT_USEC, result, err);
        return r;
}

int orphan_delete(const Runtime *rt, const char *id, CtrError *err)
{
        SdConnection bus = { 0 };
        Container name;
        int r;

        r = container_name(rt, id, &name, err);
        if (r < 0)
                return r;
        kill_recorded(&name);
        helper_kill(name.directory);
        r = sd_connect(&bus, err);
        if (r >= 0)
                r = end_service(&bus, &name, err);
        if (r >= 0)
                r = end_scope(&bus, &name, err);
        sd_disconnect(&bus);
        if (r >= 0)
                r = state_dir_remove(rt, id, true, err);
        /* What was left of one that never came to have a state. Of another root it may be needed.
         */
        return r >= 0 && strcmp(rt->root, CTR_STATE_DIR) == 0 ? bundle_store_remove(id, err) : r;
}
