/* A pair of virtual Ethernet devices between a bridge of the host and a container: the networks of
 * type "veth" of nsinit and libcontainer. It is made when the container is created, by a hook, and
 * goes away with the container's network namespace. */
#pragma once

#include "base/json.h"

#include <net/if.h>
#include <sys/types.h>

typedef struct VethAddress {
        int family; /* AF_INET, AF_INET6; 0 = none */
        uint8_t bytes[16];
        uint8_t prefix; /* length in bits */
} VethAddress;

typedef struct VethRoute {
        VethAddress destination, source, gateway; /* destination of length 0: the default */
} VethRoute;

enum { VETH_ROUTES_MAX = 64 };

typedef struct Veth {
        char bridge[IF_NAMESIZE];
        char name[IF_NAMESIZE];      /* in the container */
        char host_name[IF_NAMESIZE]; /* "" = host_prefix and some digits */
        char host_prefix[IF_NAMESIZE - 7];
        uint8_t mac[6];
        bool has_mac, is_hairpin;
        uint32_t mtu, queue_length;            /* 0 = the kernel's */
        VethAddress addresses[2], gateways[2]; /* of IPv4 and IPv6 */
        VethRoute routes[VETH_ROUTES_MAX];
        size_t n_routes;
} Veth;

/* Reads an item of "networks" with the names of libcontainer: type ("veth"), name (default "eth0"),
 * bridge, host_interface_name, veth_prefix, mac_address, address, gateway, ipv6_address,
 * ipv6_gateway, mtu, txqueuelen, hairpin_mode; and of an array of routes (may be NULL) those whose
 * interface_name is this one's. Errors: CONFIG_INVALID, err->field names the member. */
int veth_read(const JsonValue *network, const JsonValue *routes, Veth *ret, CtrError *err);

/* The error of a member of an item: with its place in the list. err may be NULL. */
void veth_error_in(CtrError *err, const char *list, size_t index);

/* Makes the pair, for the network namespace of a process, which must not be ours. The calling
 * process is in that namespace afterwards: it is for processes that end then. rtnetlink(7). */
int veth_attach(const Veth *veth, pid_t pid, CtrError *err);
