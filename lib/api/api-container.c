/* Containers: their life, and what is known of them. */
#include "api/api-internal.h"

#include "base/io.h"
#include "base/json.h"
#include "convert/convert.h"
#include "plan/state-files.h"
#include "runtime/container.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* One that has no process yet does not run; to the runtime it does not even exist. */
int api_judge(CtrContainer *c, int r, CtrError *e, CtrError **error)
{
        _cleanup_free_ char *config = NULL;

        if (r < 0 && e->code == CTR_ERROR_CONTAINER_NOT_EXISTS &&
                reserve_read(&c->runtime, c->id, &config, NULL) > 0)
                r = ctr_error_set(e, CTR_ERROR_CONTAINER_NOT_RUNNING, 0, "container not running");
        return api_result(r, e, error);
}

const char *ctr_container_get_id(const CtrContainer *container)
{
        return container->id;
}

/* ---- state ---- */

const char *ctr_status_get_name(CtrStatus status)
{
        static const char *const names[] = {
                [CTR_STATUS_RUNNING] = "running",
                [CTR_STATUS_PAUSING] = "pausing",
                [CTR_STATUS_PAUSED] = "paused",
                [CTR_STATUS_CHECKPOINTED] = "checkpointed",
                [CTR_STATUS_DESTROYED] = "destroyed",
                [CTR_STATUS_CREATED] = "created",
                [CTR_STATUS_CREATING] = "creating",
        };

        return (size_t) status < ELEMENTSOF(names) && names[status] ? names[status] : "unknown";
}

/* Asked to stop, and not every process has. */
static bool is_pausing(const Container *c, const ContainerProcess *process)
{
        char path[CGROUP_PATH_MAX], value[2] = "";
        _cleanup_close_ int dir_fd = -EBADF, fd = -EBADF;

        if (container_get_cgroup(c, process, path) < 0)
                return false;
        dir_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        fd = dir_fd < 0 ? -EBADF : openat(dir_fd, "cgroup.freeze", O_RDONLY | O_CLOEXEC);
        return fd >= 0 && read(fd, value, 1) == 1 && value[0] == '1';
}

static CtrStatus status_of(const Container *c, const ContainerProcess *process)
{
        switch (process->status) {
        case CONTAINER_CREATING:
                return CTR_STATUS_CREATING;
        case CONTAINER_CREATED:
                return CTR_STATUS_CREATED;
        case CONTAINER_RUNNING:
                return is_pausing(c, process) ? CTR_STATUS_PAUSING : CTR_STATUS_RUNNING;
        case CONTAINER_PAUSED:
                return CTR_STATUS_PAUSED;
        default:
                return faccessat(c->dir_fd, STATE_FILE_CHECKPOINTED, F_OK, AT_SYMLINK_NOFOLLOW) >= 0
                               ? CTR_STATUS_CHECKPOINTED
                               : CTR_STATUS_DESTROYED;
        }
}

int ctr_container_get_status(CtrContainer *container, CtrStatus *ret, CtrError **error)
{
        CtrError e = { 0 };
        ContainerProcess process;
        Container c;
        int r;

        r = container_open(&container->runtime, container->id, &c, &e);
        if (r < 0 && e.code == CTR_ERROR_CONTAINER_NOT_EXISTS) {
                *ret = CTR_STATUS_DESTROYED;
                return 0;
        }
        if (r >= 0) {
                r = container_get_process(&c, &process, &e);
                if (r >= 0)
                        *ret = status_of(&c, &process);
                container_done(&c);
        }
        return api_result(r, &e, error);
}

static int read_config(CtrContainer *c, char **ret, CtrError *err)
{
        int r = reserve_read(&c->runtime, c->id, ret, err);

        return r != 0 ? r : runtime_read_config(&c->runtime, c->id, ret, err);
}

int ctr_container_get_config(CtrContainer *container, char **ret, CtrError **error)
{
        CtrError e = { 0 };

        return api_result(read_config(container, ret, &e), &e, error);
}

static void write_namespaces(FILE *f, pid_t pid)
{
        static const struct {
                const char *type, *file;
        } namespaces[] = {
                { "NEWNET", "net" },
                { "NEWPID", "pid" },
                { "NEWNS", "mnt" },
                { "NEWUTS", "uts" },
                { "NEWIPC", "ipc" },
                { "NEWUSER", "user" },
                { "NEWCGROUP", "cgroup" },
        };

        (void) fputs(",\"namespace_paths\":{", f);
        for (size_t i = 0; pid > 0 && i < ELEMENTSOF(namespaces); i++)
                (void) fprintf(f, "%s\"%s\":\"/proc/%d/ns/%s\"", i > 0 ? "," : "",
                        namespaces[i].type, (int) pid, namespaces[i].file);
        (void) fputc('}', f);
}

static void write_state(FILE *f, const char *id, const ContainerProcess *process,
        const char *cgroup, const char *config)
{
        (void) fputs("{\"id\":", f);
        json_write_string(f, id);
        (void) fprintf(f,
                ",\"init_process_pid\":%d,\"init_process_start\":\"%" PRIu64
                "\",\"cgroup_paths\":{",
                (int) process->pid, process->starttime);
        if (*cgroup) {
                (void) fputs("\"\":", f);
                json_write_string(f, cgroup);
        }
        (void) fputc('}', f);
        write_namespaces(f, process->pid);
        (void) fprintf(f, ",\"config\":%s}", config);
}

int ctr_container_get_state(CtrContainer *container, char **ret, CtrError **error)
{
        _cleanup_free_ char *config = NULL, *text = NULL;
        char cgroup[CGROUP_PATH_MAX] = "";
        ContainerProcess process = { 0 };
        CtrError e = { 0 };
        Container c;
        size_t size;
        FILE *f;
        int r;

        r = read_config(container, &config, &e);
        if (r >= 0 && container_open(&container->runtime, container->id, &c, NULL) >= 0) {
                r = container_get_process(&c, &process, &e);
                if (r >= 0 && (process.pid == 0 || container_get_cgroup(&c, &process, cgroup) < 0))
                        cgroup[0] = '\0';
                container_done(&c);
        }
        if (r < 0)
                return api_result(r, &e, error);
        f = open_memstream(&text, &size);
        if (f)
                write_state(f, container->id, &process, cgroup, config);
        if (!f || fclose(f) != 0)
                return api_result(ctr_error_set(&e, CTR_ERROR_SYSTEM, ENOMEM, "state"), &e, error);
        *ret = TAKE_PTR(text);
        return 0;
}

int ctr_container_get_processes(
        CtrContainer *container, pid_t **ret, size_t *ret_n, CtrError **error)
{
        CtrError e = { 0 };
        int r = runtime_ps(&container->runtime, container->id, ret, ret_n, &e);

        if (r < 0 && e.code == CTR_ERROR_CONTAINER_NOT_EXISTS) {
                _cleanup_free_ char *config = NULL;

                if (reserve_read(&container->runtime, container->id, &config, NULL) > 0) {
                        *ret = NULL;
                        *ret_n = 0;
                        return 0;
                }
        }
        return api_result(r, &e, error);
}

/* ---- processes ---- */

/* What a process means depends on what there is: nothing (a first one), a container at its gate,
 * one that runs (one more), one that ended (another first one). */
static int start(CtrContainer *c, CtrProcess *process, CtrError *err)
{
        _cleanup_free_ char *config = NULL;
        const Runtime *rt = &c->runtime;
        ContainerStatus status;
        ContainerInfo info;
        CtrError e = { 0 };
        int r, reserved;

        reserved = reserve_read(rt, c->id, &config, err);
        if (reserved < 0)
                return reserved;
        r = runtime_state(rt, c->id, &info, &e);
        if (r < 0) {
                if (reserved > 0 && e.code == CTR_ERROR_CONTAINER_NOT_EXISTS)
                        return process_start_init(rt, c->id, config, process, err);
                *err = e;
                return r;
        }
        status = info.status;
        container_info_done(&info);
        if (status == CONTAINER_STOPPED && reserved > 0) {
                r = runtime_delete(rt, c->id, false, err);
                return r < 0 ? r : process_start_init(rt, c->id, config, process, err);
        }
        if (!process)
                return runtime_start(rt, c->id, err);
        if (status == CONTAINER_CREATED)
                return ctr_error_set(err, CTR_ERROR_BAD_STATE, 0,
                        "the container has a first process that waits: start that");
        return process_start_joined(rt, c->id, process, err);
}

int ctr_container_start(CtrContainer *container, CtrProcess *process, CtrError **error)
{
        CtrError e = { 0 };

        return api_result(start(container, process, &e), &e, error);
}

int ctr_container_run(CtrContainer *container, CtrProcess *process, CtrExit *ret, CtrError **error)
{
        int r = ctr_container_start(container, process, error);

        if (r < 0)
                return r;
        return process ? ctr_process_wait(process, ret, error)
                       : ctr_container_wait(container, ret, error);
}

int ctr_container_wait(CtrContainer *container, CtrExit *ret, CtrError **error)
{
        _cleanup_free_ char *config = NULL;
        CtrError e = { 0 };
        ProcessEnd end;
        int r;

        r = runtime_wait(&container->runtime, container->id, &end, &e);
        if (r >= 0)
                *ret = process_exit_of(&end);
        else if (e.code == CTR_ERROR_CONTAINER_NOT_EXISTS &&
                 reserve_read(&container->runtime, container->id, &config, NULL) > 0)
                r = ctr_error_set(&e, CTR_ERROR_PROCESS_NOT_EXECUTED, 0, "no process was started");
        return api_result(r, &e, error);
}

int ctr_container_signal(CtrContainer *container, int signal_number, CtrError **error)
{
        CtrError e = { 0 };
        int r = runtime_kill(&container->runtime, container->id, signal_number, false, &e);

        return api_judge(container, r, &e, error);
}

int ctr_container_signal_all(CtrContainer *container, int signal_number, CtrError **error)
{
        CtrError e = { 0 };
        int r = runtime_kill(&container->runtime, container->id, signal_number, true, &e);

        return api_judge(container, r, &e, error);
}

int ctr_container_pause(CtrContainer *container, CtrError **error)
{
        CtrError e = { 0 };
        int r = runtime_pause(&container->runtime, container->id, &e);

        return api_judge(container, r, &e, error);
}

/* One that runs already is no error, one that has ended is. */
static int check_running(const CtrContainer *c, CtrError *err)
{
        ContainerInfo info;
        int r = runtime_state(&c->runtime, c->id, &info, err);

        if (r < 0)
                return r;
        if (info.pid == 0)
                r = ctr_error_set(err, CTR_ERROR_CONTAINER_NOT_RUNNING, 0, "container not running");
        container_info_done(&info);
        return r;
}

int ctr_container_resume(CtrContainer *container, CtrError **error)
{
        CtrError e = { 0 };
        int r = runtime_resume(&container->runtime, container->id, &e);

        if (r < 0 && e.code == CTR_ERROR_CONTAINER_NOT_PAUSED)
                r = check_running(container, &e);
        return api_judge(container, r, &e, error);
}

/* ---- limits ---- */

static int set(CtrContainer *c, const char *config, CtrError *err)
{
        _cleanup_(spec_freep) Spec *spec = NULL;
        _cleanup_free_ char *text = NULL;
        int r;

        if (!config)
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0, "there are no limits");
        r = convert_resources(config, &text, err);
        if (r >= 0)
                r = spec_parse_resources_strict(text, strlen(text), &spec, err);
        return r < 0 ? r : runtime_update(&c->runtime, c->id, &spec->linux_.resources, err);
}

int ctr_container_set(CtrContainer *container, const char *config, CtrError **error)
{
        CtrError e = { 0 };
        int r = set(container, config, &e);

        return api_judge(container, r, &e, error);
}

/* ---- the end ---- */

static int remove_container(CtrContainer *c, bool is_forced, CtrError *err)
{
        CtrError e = { 0 };
        int r, reserved;
        char *config = NULL;

        reserved = reserve_read(&c->runtime, c->id, &config, err);
        free(config);
        if (reserved < 0 && !is_forced)
                return reserved;
        r = runtime_delete(&c->runtime, c->id, is_forced, &e);
        if (r < 0 && (reserved <= 0 || e.code != CTR_ERROR_CONTAINER_NOT_EXISTS)) {
                *err = e;
                return r;
        }
        return reserve_remove(&c->runtime, c->id, err);
}

int ctr_container_delete(CtrContainer *container, CtrError **error)
{
        CtrError e = { 0 };

        return api_result(remove_container(container, false, &e), &e, error);
}

int ctr_container_destroy(CtrContainer *container, CtrError **error)
{
        CtrError e = { 0 };

        return api_result(remove_container(container, true, &e), &e, error);
}
