/* delete: the unit down, poststop hooks done, the state gone. Forced, it needs nothing but the id.
 */
#include "runtime/container.h"
#include "runtime/service.h"
#include "runtime/state-dir.h"

#include "base/io.h"

#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

static int check_deletable(const Container *c, const ContainerProcess *process, CtrError *err)
{
        if (process->status == CONTAINER_STOPPED || process->status == CONTAINER_CREATED)
                return 0;
        return ctr_error_set(err, CTR_ERROR_CONTAINER_NOT_STOPPED, 0,
                "cannot delete container %s that is not stopped: %s", c->id,
                container_status_name(process->status));
}

/* The state is gone or damaged: its unit may still be there, and it is ours if its command line
 * names the state directory (another root may have a container of the same id). */
static int teardown_orphan(SdConnection *bus, const Container *name, CtrError *err)
{
        char directory[sizeof(name->directory)];
        int r;

        r = sd_unit_get_argument(bus, name->unit, 2, directory, sizeof(directory), err);
        if (r <= 0 || strcmp(directory, name->directory) != 0)
                return r;
        return service_teardown(bus, name->unit, true, err);
}

static int delete_orphan(const Runtime *rt, const char *id, CtrError *err)
{
        SdConnection bus = { 0 };
        Container name;
        int r;

        r = container_name(rt, id, &name, err);
        if (r < 0)
                return r;
        r = sd_connect(&bus, err);
        if (r >= 0)
                r = teardown_orphan(&bus, &name, err);
        sd_disconnect(&bus);
        return r < 0 ? r : state_dir_remove(rt, id, true, err);
}

static int delete_container(const Container *c, bool is_forced, CtrError *err)
{
        ContainerProcess process;
        SdConnection bus = { 0 };
        bool is_killed;
        int r;

        r = container_get_process(c, &process, err);
        if (r < 0 && !is_forced)
                return r;
        is_killed = r < 0 || process.status != CONTAINER_STOPPED;
        if (!is_forced) {
                r = check_deletable(c, &process, err);
                if (r < 0)
                        return r;
        }
        r = sd_connect(&bus, err);
        if (r < 0)
                return r;
        r = service_teardown(&bus, c->unit, is_killed, err);
        sd_disconnect(&bus);
        return r;
}

/* Does the program end with hooks? Then ctr-exec runs those that the unit's end did not, once. */
static bool has_poststop(const Container *c)
{
        _cleanup_free_ char *bytes = NULL;
        Program program;
        size_t size;

        if (ctr_read_file(c->dir_fd, STATE_FILE_PROGRAM, PROGRAM_SIZE_MAX, &bytes, &size, NULL) <
                        0 ||
                program_open(bytes, size, &program, NULL) < 0)
                return false;
        for (uint32_t i = 0; i < program.header->n_ops; i++) {
                const char *kind = program_string(&program, program.ops[i].string[1]);

                if (program.ops[i].opcode == PROGRAM_OP_HOOK && kind &&
                        strcmp(kind, "poststop") == 0)
                        return true;
        }
        return false;
}

/* A hook that fails is a warning on its own standard error, never a reason to keep the container.
 */
static void run_poststop(const Container *c)
{
        char *argv[] = { (char *) CTR_EXEC_PATH, (char *) "poststop", (char *) c->directory, NULL },
             *env[] = { NULL };
        pid_t pid;

        if (!has_poststop(c) || posix_spawn(&pid, CTR_EXEC_PATH, NULL, NULL, argv, env) != 0)
                return;
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                ;
}

int runtime_delete(const Runtime *rt, const char *id, bool is_forced, CtrError *err)
{
        Container c;
        int r;

        r = container_open(rt, id, &c, err);
        if (r < 0) {
                /* An id that cannot exist is wrong even when forced. */
                if (!is_forced || !ctr_id_is_valid(id))
                        return r;
                return delete_orphan(rt, id, err);
        }
        r = delete_container(&c, is_forced, err);
        if (r >= 0)
                run_poststop(&c);
        container_done(&c);
        return r < 0 ? r : state_dir_remove(rt, id, is_forced, err);
}
