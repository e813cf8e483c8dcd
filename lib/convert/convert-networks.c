/* Networks and routes of a converted configuration. The loopback device of a new network namespace
 * is always set up; a pair of virtual Ethernet devices is made by a hook, `ctrctl veth`, which gets
 * what the configuration says about it. */
#include "convert/convert-internal.h"

#include "runtime/veth.h"

#include <string.h>

static const JsonValue *networks_of(const Convert *c)
{
        return convert_member(c->root, "networks");
}

static bool is_veth(const JsonValue *network)
{
        const char *type = json_value_string(convert_member(network, "type"));

        return type && strcmp(type, "veth") == 0;
}

bool convert_has_network_hooks(const Convert *c)
{
        for (size_t i = 0; i < json_value_length(networks_of(c)); i++)
                if (is_veth(json_value_item(networks_of(c), i)))
                        return true;
        return false;
}

/* {"network":...,"routes":[...]} in the hook's arguments. */
static int write_hook(Convert *c, const JsonValue *network)
{
        const JsonValue *routes = convert_member(c->root, "routes");
        _cleanup_free_ char *network_text = json_value_text(network),
                            *routes_text = json_value_text(routes), *argument = NULL;

        if (!network_text || !routes_text ||
                asprintf(&argument, "{\"network\":%s,\"routes\":%s}", network_text, routes_text) <
                        0)
                return ctr_error_set(c->err, CTR_ERROR_SYSTEM, ENOMEM, "networks");
        convert_open(c, NULL, '{');
        convert_string(c, "path", CTR_CTRCTL_PATH);
        convert_open(c, "args", '[');
        for (size_t i = 0; i < 3; i++) {
                const char *const args[] = { "ctrctl", "veth", argument };

                convert_separate(c);
                json_write_string(c->f, args[i]);
        }
        convert_close(c, ']');
        convert_close(c, '}');
        return 0;
}

int convert_network_hooks(Convert *c)
{
        const JsonValue *routes = convert_member(c->root, "routes");
        size_t n_routes = 0;
        int r = 0;

        for (size_t i = 0; i < json_value_length(networks_of(c)) && r >= 0; i++) {
                const JsonValue *network = json_value_item(networks_of(c), i);
                const char *type = json_value_string(convert_member(network, "type"));
                Veth veth;

                if (type && strcmp(type, "loopback") == 0)
                        continue;
                if (!is_veth(network))
                        return convert_error(c, "networks",
                                "a network of type \"%.32s\" is not made by a container: give it "
                                "the path of a namespace, or use a pod with NetworkModel CNI",
                                type ? type : "");
                r = veth_read(network, routes, &veth, c->err);
                if (r < 0) {
                        if (!c->err || strncmp(c->err->field, "routes", strlen("routes")) != 0)
                                veth_error_in(c->err, "networks", i);
                        return r;
                }
                n_routes += veth.n_routes;
                r = write_hook(c, network);
        }
        if (r >= 0 && n_routes != json_value_length(routes))
                return convert_error(c, "routes",
                        "belong to a network: each must have the interface_name of one of type "
                        "veth (%zu of %zu have)",
                        n_routes, json_value_length(routes));
        return r;
}
