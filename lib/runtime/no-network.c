/* In place of networks of pods, veth devices and published ports, where meson was told
 * -Dnetwork=false: what asks for one is an error, and there is nothing to take away. */
#include "runtime/pod-internal.h"
#include "runtime/ports.h"
#include "runtime/veth.h"

static int refuse(const char *what, CtrError *err)
{
        return ctr_error_set(err, CTR_ERROR_UNSUPPORTED, 0,
                "%s: this ctrunit was built without networking (meson option \"network\")", what);
}

int pod_network_add(Pod *pod, CtrError *err)
{
        if (pod->config->network_model == POD_NETWORK_NOOP)
                return 0;
        (void) refuse("a network of the pod's own", err);
        return ctr_error_prefix(err, -EOPNOTSUPP, "network model %s, use \"noop\"",
                pod_network_name(pod->config->network_model));
}

void pod_network_remove(Pod *pod)
{
}

int ports_request(Bundle *bundle, char *const *publish, size_t n, CtrError *err)
{
        return n == 0 ? 0 : refuse("published ports", err);
}

void ports_explain(SdConnection *bus, const char *id, const PlanPorts *ports, CtrError *err)
{
}

void ports_remove(SdConnection *bus, const char *id, const PlanPorts *ports)
{
}

int veth_read(const JsonValue *network, const JsonValue *routes, Veth *ret, CtrError *err)
{
        return refuse("networks of type veth", err);
}

void veth_error_in(CtrError *err, const char *list, size_t index)
{
}

int veth_attach(const Veth *veth, pid_t pid, CtrError *err)
{
        return refuse("networks of type veth", err);
}
