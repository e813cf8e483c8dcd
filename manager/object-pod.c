/* /org/ctrunit1/pod/ID: one object a pod. Properties are read anew for each message, without
 * waiting for whoever changes the pod at that moment; Status waits. */
#include "manager/call.h"

#include "base/pod-name.h"
#include "manager/path.h"
#include "manager/sender.h"
#include "manager/verbs-pod.h"

#include <string.h>

static int find(sd_bus *bus _unused_, const char *path, const char *interface _unused_,
        void *userdata, void **ret, sd_bus_error *error _unused_)
{
        char id[CTR_ID_MAX + 1];
        Daemon *d = userdata;
        PodObject *found = &d->found_pod;
        CtrError err = { 0 };

        if (!path_to_id(path, PATH_POD, id, sizeof(id)) || !ctr_pod_id_is_valid(id))
                return 0;
        pod_status_done(&found->status);
        found->daemon = d;
        *ret = found;
        if (d->is_introspected || runtime_pod_peek(&d->runtime, id, &found->status, &err) >= 0)
                return 1;
        if (err.code == CTR_ERROR_POD_NOT_EXISTS)
                return runtime_pod_exists(&d->runtime, id); /* leftovers can be deleted */
        /* Damaged ones too. */
        found->status.id = strdup(id);
        found->status.state = POD_STOPPED;
        return found->status.id ? 1 : -ENOMEM;
}

static int enumerate(sd_bus *bus _unused_, const char *prefix _unused_, void *userdata, char ***ret,
        sd_bus_error *error _unused_)
{
        Daemon *d = userdata;
        SpecStrv ids;
        int r;

        if (d->is_introspected)
                return 0;
        r = runtime_pod_list(&d->runtime, &ids, NULL);
        if (r < 0)
                return r;
        r = path_list(&ids, path_of_pod, ret);
        runtime_strv_done(&ids);
        return r;
}

static const char *text_of(const PodStatus *status, const char *property)
{
        const struct {
                const char *name, *value;
        } texts[] = {
                { "Id", status->id },
                { "State", pod_state_name(status->state) },
                { "Slice", status->slice },
                { "Hypervisor", status->hypervisor },
                { "Agent", status->agent },
                { "NetworkModel", status->network_model },
                { "NetNSPath", status->netns },
        };

        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                if (strcmp(texts[i].name, property) == 0)
                        return texts[i].value ? texts[i].value : "";
        return "";
}

static int get_text(sd_bus *bus _unused_, const char *path _unused_, const char *interface _unused_,
        const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *error _unused_)
{
        const PodObject *f = userdata;

        return sd_bus_message_append(reply, "s", text_of(&f->status, property));
}

static int get_containers(sd_bus *bus _unused_, const char *path _unused_,
        const char *interface _unused_, const char *property _unused_, sd_bus_message *reply,
        void *userdata, sd_bus_error *error _unused_)
{
        const PodStatus *status = &((const PodObject *) userdata)->status;
        int r;

        r = sd_bus_message_open_container(reply, 'a', "(ssuo)");
        for (size_t i = 0; i < status->n_containers && r >= 0; i++) {
                const PodContainerStatus *c = &status->containers[i];
                char buf[PATH_SIZE_MAX];

                r = sd_bus_message_append(reply, "(ssuo)", c->id, pod_state_name(c->state),
                        (uint32_t) c->pid, path_of_container(c->container_id, buf));
        }
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

/* What Status says to those who may inspect is in no list of all properties and in no signal. */
#define ROOT_ONLY (SD_BUS_VTABLE_PROPERTY_EXPLICIT | SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION)

static int check_root(sd_bus *bus, Daemon *d, const char *property, sd_bus_error *error)
{
        sd_bus_message *m = sd_bus_get_current_message(bus);
        Sender *sender;
        int r = m ? sender_get(d, m, &sender) : -EACCES;

        if (r >= 0 && sender->uid == 0)
                return 0;
        return sd_bus_error_setf(
                error, SD_BUS_ERROR_ACCESS_DENIED, "%s is for root; others call Status", property);
}

static int get_network(sd_bus *bus, const char *path _unused_, const char *interface _unused_,
        const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const PodObject *f = userdata;
        int r = check_root(bus, f->daemon, property, error);

        return r < 0 ? r
                     : sd_bus_message_append(
                               reply, "s", f->status.network ? f->status.network : "");
}

static int get_annotations(sd_bus *bus, const char *path _unused_, const char *interface _unused_,
        const char *property, sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const PodObject *f = userdata;
        const SpecKeyValues *annotations = &f->status.annotations;
        int r = check_root(bus, f->daemon, property, error);

        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "{ss}");
        for (size_t i = 0; i < annotations->n && r >= 0; i++)
                r = sd_bus_message_append(
                        reply, "{ss}", annotations->items[i].key, annotations->items[i].value);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

/* A method's userdata is what was found; its daemon is wanted. */
static int call_pod(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        const PodObject *f = userdata;

        return call_method(m, f->daemon, error);
}

#define ROW(member, signature, names, results, result_names, ...)                                  \
        SD_BUS_METHOD_WITH_NAMES(member, signature, names, results, result_names, call_pod,        \
                SD_BUS_VTABLE_UNPRIVILEGED),

static const sd_bus_vtable pod_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Id", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("State", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Slice", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Hypervisor", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Agent", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("NetworkModel", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("NetNSPath", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Network", "s", get_network, 0, ROOT_ONLY),
        SD_BUS_PROPERTY(
                "Containers", "a(ssuo)", get_containers, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Annotations", "a{ss}", get_annotations, 0, ROOT_ONLY),
        POD_VERBS(ROW) SD_BUS_VTABLE_END,
};

int pod_object_add(Daemon *d)
{
        int r;

        r = sd_bus_add_fallback_vtable(d->bus, NULL, PATH_POD, INTERFACE_POD, pod_vtable, find, d);
        return r < 0 ? r : sd_bus_add_node_enumerator(d->bus, NULL, PATH_POD, enumerate, d);
}
