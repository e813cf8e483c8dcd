/* /org/ctrunit1/container/ID: one object a container. Its properties are what everybody may know
 * who may list containers; the rest is behind methods. Read anew for each message: nothing is kept.
 */
#include "manager/call.h"

#include "manager/member.h"
#include "manager/path.h"
#include "manager/verbs-container.h"
#include "manager/wait.h"
#include "manager/watch.h"

#include "runtime/container.h"
#include "runtime/strv.h"

#include "base/name.h"

#include <string.h>

static void read_exit(const Daemon *d, const char *id, ExitRecord *ret)
{
        Container c;

        *ret = (ExitRecord){ 0 };
        if (container_open(&d->runtime, id, &c, NULL) < 0)
                return;
        (void) exit_record_read(c.dir_fd, ret, NULL);
        container_done(&c);
}

static int find(sd_bus *bus _unused_, const char *path, const char *interface _unused_,
        void *userdata, void **ret, sd_bus_error *error _unused_)
{
        char id[CTR_ID_MAX + 1];
        Daemon *d = userdata;
        ContainerObject *found = &d->found;
        CtrError err = { 0 };

        if (!path_to_id(path, PATH_CONTAINER, id, sizeof(id)))
                return 0;
        container_info_done(&found->info);
        found->daemon = d;
        if (d->is_introspected) {
                *ret = found;
                return 1;
        }
        if (runtime_state(&d->runtime, id, &found->info, &err) < 0) {
                /* Damaged state can still be deleted. */
                if (err.code == CTR_ERROR_CONTAINER_NOT_EXISTS)
                        return 0;
                found->info.id = found->info.memory = strdup(id);
                found->info.status = CONTAINER_STOPPED;
                if (!found->info.id)
                        return -ENOMEM;
        }
        found->exit = (ExitRecord){ 0 };
        if (found->info.status == CONTAINER_STOPPED) {
                read_exit(d, id, &found->exit);
                /* While it is removed the record is gone first: who listens was told all the same.
                 */
                if (!found->exit.result[0])
                        (void) watch_told_end(d, id, &found->exit);
        }
        *ret = found;
        return 1;
}

static int enumerate(sd_bus *bus _unused_, const char *prefix _unused_, void *userdata, char ***ret,
        sd_bus_error *error _unused_)
{
        Daemon *d = userdata;
        SpecStrv ids;
        int r;

        if (d->is_introspected)
                return 0;
        r = runtime_list(&d->runtime, &ids, NULL);
        if (r < 0)
                return r;
        r = path_list(&ids, path_of_container, ret);
        runtime_strv_done(&ids);
        return r;
}

/* ---- properties, by table ---- */

static const char *text_of(const ContainerObject *f, const char *property)
{
        const struct {
                const char *name, *value;
        } texts[] = {
                { "Id", f->info.id },
                { "State", container_status_name(f->info.status) },
                { "Unit", f->info.unit },
                { "Bundle", f->info.bundle },
                { "RootFS", f->info.rootfs },
                { "OCIVersion", f->info.oci_version },
                { "InvocationID", f->info.invocation_id },
                { "ExitResult", f->exit.result },
                { "ExitCode", f->exit.code },
                { "Health", f->info.health },
        };

        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                if (strcmp(texts[i].name, property) == 0)
                        return texts[i].value ? texts[i].value : "";
        return "";
}

static int get_text(sd_bus *bus _unused_, const char *path _unused_, const char *interface _unused_,
        const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *error _unused_)
{
        return sd_bus_message_append(reply, "s", text_of(userdata, property));
}

static int get_pid(sd_bus *bus _unused_, const char *path _unused_, const char *interface _unused_,
        const char *property _unused_, sd_bus_message *reply, void *userdata,
        sd_bus_error *error _unused_)
{
        const ContainerObject *f = userdata;

        return sd_bus_message_append(reply, "u", (uint32_t) f->info.pid);
}

static int get_owner(sd_bus *bus _unused_, const char *path _unused_,
        const char *interface _unused_, const char *property _unused_, sd_bus_message *reply,
        void *userdata, sd_bus_error *error _unused_)
{
        const ContainerObject *f = userdata;

        return sd_bus_message_append(reply, "u", (uint32_t) f->info.owner);
}

static int get_created(sd_bus *bus _unused_, const char *path _unused_,
        const char *interface _unused_, const char *property _unused_, sd_bus_message *reply,
        void *userdata, sd_bus_error *error _unused_)
{
        const ContainerObject *f = userdata;

        return sd_bus_message_append(reply, "t", f->info.created_usec);
}

/* virtcontainers' ContainerStatus.StartTime. */
static int get_started(sd_bus *bus _unused_, const char *path _unused_,
        const char *interface _unused_, const char *property _unused_, sd_bus_message *reply,
        void *userdata, sd_bus_error *error _unused_)
{
        const ContainerObject *f = userdata;
        uint64_t started = 0;
        Container c;

        if (!f->daemon->is_introspected &&
                container_open(&f->daemon->runtime, f->info.id, &c, NULL) >= 0) {
                started = container_get_started_usec(&c);
                container_done(&c);
        }
        return sd_bus_message_append(reply, "t", started);
}

/* The pod that it is a container of; "/" = it is a container of its own. */
static int get_pod(sd_bus *bus _unused_, const char *path _unused_, const char *interface _unused_,
        const char *property _unused_, sd_bus_message *reply, void *userdata,
        sd_bus_error *error _unused_)
{
        char pod[CTR_POD_ID_MAX + 1], buf[PATH_SIZE_MAX];
        const ContainerObject *f = userdata;
        bool is_member = !f->daemon->is_introspected &&
                         member_name(&f->daemon->runtime, f->info.id, pod) != NULL;

        return sd_bus_message_append(reply, "o", is_member ? path_of_pod(pod, buf) : "/");
}

static int get_health_failures(sd_bus *bus _unused_, const char *path _unused_,
        const char *interface _unused_, const char *property _unused_, sd_bus_message *reply,
        void *userdata, sd_bus_error *error _unused_)
{
        const ContainerObject *f = userdata;

        return sd_bus_message_append(reply, "u", (uint32_t) f->info.health_n_failures);
}

static int get_exit_status(sd_bus *bus _unused_, const char *path _unused_,
        const char *interface _unused_, const char *property _unused_, sd_bus_message *reply,
        void *userdata, sd_bus_error *error _unused_)
{
        const ContainerObject *f = userdata;

        return sd_bus_message_append(
                reply, "i", f->exit.result[0] ? exit_record_number(&f->exit) : -1);
}

/* A method's userdata is what was found; its daemon is wanted. */
static int call_container(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        const ContainerObject *f = userdata;

        return call_method(m, f->daemon, error);
}

static int call_wait(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        const ContainerObject *f = userdata;

        return wait_method(m, f->daemon, error);
}

#define ROW(member, signature, names, results, result_names, ...)                                  \
        SD_BUS_METHOD_WITH_NAMES(member, signature, names, results, result_names, call_container,  \
                SD_BUS_VTABLE_UNPRIVILEGED),

static const sd_bus_vtable container_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Id", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("State", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Pid", "u", get_pid, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Unit", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Bundle", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("RootFS", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("OCIVersion", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Owner", "u", get_owner, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Created", "t", get_created, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Started", "t", get_started, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Pod", "o", get_pod, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("InvocationID", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("ExitResult", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("ExitCode", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("ExitStatus", "i", get_exit_status, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Health", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY(
                "HealthFailures", "u", get_health_failures, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        CONTAINER_VERBS(ROW) SD_BUS_METHOD_WITH_NAMES("Wait", "", "", "ssi",
                N(result) N(code) N(status), call_wait, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_NAMES("WaitProcess", "s", N(token), "ssi", N(result) N(code) N(status),
                call_wait, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

int container_object_add(Daemon *d)
{
        int r;

        r = sd_bus_add_fallback_vtable(
                d->bus, NULL, PATH_CONTAINER, INTERFACE_CONTAINER, container_vtable, find, d);
        return r < 0 ? r : sd_bus_add_node_enumerator(d->bus, NULL, PATH_CONTAINER, enumerate, d);
}
