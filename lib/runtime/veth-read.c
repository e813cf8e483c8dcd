/* Networks of type "veth" as configurations of nsinit and libcontainer say them: see veth.h. */
#include "runtime/veth.h"

#include "base/io.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static int refuse(CtrError *err, const char *member, const char *what)
{
        int r = ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0, "%s: must be %s", member, what);

        if (err)
                (void) snprintf(err->field, sizeof(err->field), "%s", member);
        return r;
}

void veth_error_in(CtrError *err, const char *list, size_t index)
{
        char member[64];

        if (!err)
                return;
        (void) snprintf(member, sizeof(member), "%.63s", err->field);
        (void) snprintf(err->field, sizeof(err->field), "%s[%zu].%s", list, index, member);
        (void) ctr_error_prefix(err, 0, "%s[%zu]", list, index);
}

/* Null and "" are nothing: what Go writes. */
static const char *text_of(const JsonValue *object, const char *key)
{
        const char *text = json_member_string(object, key);

        return text && *text ? text : NULL;
}

/* An address, with /LENGTH when has_length, else of full length. */
static int read_address(const JsonValue *object, const char *key, int family, bool has_length,
        VethAddress *ret, CtrError *err)
{
        const char *text = text_of(object, key), *slash = text ? strchr(text, '/') : NULL;
        char buf[INET6_ADDRSTRLEN];
        uint64_t length;

        *ret = (VethAddress){ 0 };
        if (!text)
                return 0;
        if (family == AF_UNSPEC)
                family = strchr(text, ':') ? AF_INET6 : AF_INET;
        length = family == AF_INET ? 32 : 128;
        if (snprintf(buf, sizeof(buf), "%.*s", slash ? (int) (slash - text) : (int) strlen(text),
                    text) >= (int) sizeof(buf) ||
                inet_pton(family, buf, ret->bytes) != 1 || (slash != NULL) != has_length ||
                (slash && ctr_parse_u64(slash + 1, length, &length) < 0))
                return refuse(err, key,
                        has_length ? "an address with the length of its network: "
                                     "\"ADDRESS/LENGTH\""
                                   : "an address");
        ret->family = family;
        ret->prefix = (uint8_t) length;
        return 0;
}

/* The name of a device, as the kernel takes it. */
static int read_name(
        const JsonValue *object, const char *key, size_t size, char *ret, CtrError *err)
{
        const char *text = text_of(object, key);

        if (!text)
                return 0;
        if (strlen(text) >= size || strpbrk(text, "/: \t\n") || strcmp(text, ".") == 0 ||
                strcmp(text, "..") == 0)
                return refuse(err, key, "the name of a network device");
        (void) snprintf(ret, size, "%s", text);
        return 0;
}

static int read_number(const JsonValue *object, const char *key, uint32_t *ret, CtrError *err)
{
        const JsonValue *value;
        uint64_t number = 0;

        if (!json_value_member(object, key, &value) || !value)
                return 0;
        if (json_value_u64(value, &number) < 0 || number > UINT16_MAX)
                return refuse(err, key, "a number up to 65535");
        *ret = (uint32_t) number;
        return 0;
}

static int read_mac(const JsonValue *network, Veth *ret, CtrError *err)
{
        const char *text = text_of(network, "mac_address");
        uint8_t *m = ret->mac;
        char end;

        ret->has_mac = text != NULL;
        if (text && (sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%c", &m[0], &m[1], &m[2],
                             &m[3], &m[4], &m[5], &end) != 6 ||
                            (m[0] & 1)))
                return refuse(err, "mac_address", "an address of one device: \"02:42:...\"");
        return 0;
}

/* Every member is one that is known, and of its type. */
static int check_members(const JsonValue *object, const char *const *known, CtrError *err)
{
        JsonIterator it = { .object = object };
        const JsonValue *value;
        const char *key;

        if (json_value_type(object) != JSON_TYPE_OBJECT)
                return refuse(err, "networks", "an array of objects");
        while (json_iterator_next(&it, &key, &value)) {
                static const char *const others[] = { "mtu", "txqueuelen", "hairpin_mode" };
                bool is_known = false, is_text = true;

                for (size_t i = 0; known[i]; i++)
                        is_known = is_known || strcmp(known[i], key) == 0;
                for (size_t i = 0; i < ELEMENTSOF(others); i++)
                        is_text = is_text && strcmp(others[i], key) != 0;
                if (!is_known)
                        return refuse(err, key, "left out: there is no such member");
                if (is_text && value && !json_value_string(value))
                        return refuse(err, key, "a string");
        }
        return 0;
}

static int read_route(const JsonValue *route, Veth *ret, CtrError *err)
{
        static const char *const members[] = { "destination", "source", "gateway", "interface_name",
                NULL };
        const char *name, *destination;
        VethRoute *to = &ret->routes[ret->n_routes];
        int r;

        r = check_members(route, members, err);
        if (r < 0)
                return r;
        name = text_of(route, "interface_name");
        if (strcmp(name ? name : "eth0", ret->name) != 0)
                return 0;
        if (ret->n_routes == VETH_ROUTES_MAX)
                return refuse(err, "routes", "64 at most");
        destination = text_of(route, "destination");
        r = read_address(route, "destination", AF_UNSPEC, destination && strchr(destination, '/'),
                &to->destination, err);
        if (r >= 0)
                r = read_address(route, "source", AF_UNSPEC, false, &to->source, err);
        if (r >= 0)
                r = read_address(route, "gateway", AF_UNSPEC, false, &to->gateway, err);
        if (r >= 0 && !to->gateway.family && !to->destination.family)
                r = refuse(err, "routes", "objects with a destination or a gateway");
        if (r >= 0)
                ret->n_routes++;
        return r;
}

static int read_ends(const JsonValue *network, Veth *ret, CtrError *err)
{
        static const struct {
                const char *address, *gateway;
                int family;
        } families[] = { { "address", "gateway", AF_INET },
                { "ipv6_address", "ipv6_gateway", AF_INET6 } };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(families) && r >= 0; i++) {
                r = read_address(network, families[i].address, families[i].family, true,
                        &ret->addresses[i], err);
                if (r >= 0)
                        r = read_address(network, families[i].gateway, families[i].family, false,
                                &ret->gateways[i], err);
        }
        return r;
}

int veth_read(const JsonValue *network, const JsonValue *routes, Veth *ret, CtrError *err)
{
        static const char *const members[] = { "type", "name", "bridge", "host_interface_name",
                "veth_prefix", "mac_address", "address", "gateway", "ipv6_address", "ipv6_gateway",
                "mtu", "txqueuelen", "hairpin_mode", NULL };
        const JsonValue *hairpin = NULL;
        int r;

        *ret = (Veth){ .name = "eth0", .host_prefix = "veth" };
        r = check_members(network, members, err);
        if (r >= 0)
                r = read_name(network, "name", sizeof(ret->name), ret->name, err);
        if (r >= 0)
                r = read_name(network, "bridge", sizeof(ret->bridge), ret->bridge, err);
        if (r >= 0 && !ret->bridge[0])
                r = refuse(err, "bridge", "the name of a bridge of the host");
        if (r >= 0)
                r = read_name(network, "host_interface_name", sizeof(ret->host_name),
                        ret->host_name, err);
        if (r >= 0)
                r = read_name(
                        network, "veth_prefix", sizeof(ret->host_prefix), ret->host_prefix, err);
        if (r >= 0)
                r = read_mac(network, ret, err);
        if (r >= 0)
                r = read_number(network, "mtu", &ret->mtu, err);
        if (r >= 0)
                r = read_number(network, "txqueuelen", &ret->queue_length, err);
        if (r >= 0 && json_value_member(network, "hairpin_mode", &hairpin) && hairpin &&
                json_value_bool(hairpin, &ret->is_hairpin) < 0)
                r = refuse(err, "hairpin_mode", "true or false");
        if (r >= 0)
                r = read_ends(network, ret, err);
        for (size_t i = 0; i < json_value_length(routes) && r >= 0; i++) {
                r = read_route(json_value_item(routes, i), ret, err);
                if (r < 0)
                        veth_error_in(err, "routes", i);
        }
        return r;
}
