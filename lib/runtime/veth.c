/* Making a pair of virtual Ethernet devices: see veth.h. One message makes both ends, the far one
 * in the container's namespace already: whatever fails afterwards, the namespace ends with the
 * container, and the pair with that. rtnetlink(7), veth(4). */
#include "runtime/veth.h"

#include <assert.h>
#include <fcntl.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { MESSAGE_SIZE = 1024 };

/* A request that grows: header, fixed part, attributes. */
typedef struct Request {
        _Alignas(struct nlmsghdr) char bytes[MESSAGE_SIZE];
        size_t size;
} Request;

static struct nlmsghdr *header_of(Request *q)
{
        return (struct nlmsghdr *) (void *) q->bytes;
}

static void put_bytes(Request *q, const void *data, size_t size)
{
        assert(q->size + NLMSG_ALIGN(size) <= sizeof(q->bytes));
        if (size > 0)
                memcpy(q->bytes + q->size, data, size);
        q->size += NLMSG_ALIGN(size);
        header_of(q)->nlmsg_len = (uint32_t) q->size;
}

static void begin(Request *q, uint16_t type, unsigned flags, const void *fixed, size_t size)
{
        struct nlmsghdr h = { .nlmsg_type = type,
                .nlmsg_flags = (uint16_t) (NLM_F_REQUEST | NLM_F_ACK | flags) };

        *q = (Request){ 0 };
        put_bytes(q, &h, sizeof(h));
        put_bytes(q, fixed, size);
}

static void put(Request *q, unsigned type, const void *data, size_t size)
{
        struct rtattr a = { .rta_type = (uint16_t) type, .rta_len = (uint16_t) RTA_LENGTH(size) };

        put_bytes(q, &a, sizeof(a));
        put_bytes(q, data, size);
}

static void put_number(Request *q, unsigned type, uint32_t value)
{
        put(q, type, &value, sizeof(value));
}

static void put_text(Request *q, unsigned type, const char *text)
{
        put(q, type, text, strlen(text) + 1);
}

/* What is put between is inside of it. Returns where it begins. */
static size_t open_nest(Request *q, unsigned type)
{
        size_t at = q->size;

        put(q, type, NULL, 0);
        return at;
}

static void close_nest(Request *q, size_t at)
{
        struct rtattr *a = (struct rtattr *) (void *) (q->bytes + at);

        a->rta_len = (uint16_t) (q->size - at);
}

/* Sends and waits for the kernel's word: 0 or -errno. */
static int ask(int fd, Request *q)
{
        union {
                struct nlmsghdr header;
                char bytes[MESSAGE_SIZE + 512];
        } reply;
        ssize_t n;

        if (send(fd, q->bytes, q->size, 0) < 0)
                return -errno;
        n = recv(fd, &reply, sizeof(reply), 0);
        if (n < 0)
                return -errno;
        if (!NLMSG_OK(&reply.header, (size_t) n) || reply.header.nlmsg_type != NLMSG_ERROR)
                return -EBADMSG;
        return ((const struct nlmsgerr *) NLMSG_DATA(&reply.header))->error;
}

static int open_netlink(CtrError *err)
{
        int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

        return fd < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "netlink socket") : fd;
}

/* ---- the host's side ---- */

static void put_sizes(Request *q, const Veth *v)
{
        if (v->mtu)
                put_number(q, IFLA_MTU, v->mtu);
        if (v->queue_length)
                put_number(q, IFLA_TXQLEN, v->queue_length);
}

static int make_pair(int fd, const Veth *v, const char *host_name, int netns_fd, CtrError *err)
{
        struct ifinfomsg host = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP }, peer = { 0 };
        unsigned bridge = if_nametoindex(v->bridge);
        size_t info, data, far;
        Request q;
        int r;

        if (bridge == 0)
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                        "network %s: there is no bridge \"%s\" (ip link add %s type bridge)",
                        v->name, v->bridge, v->bridge);
        begin(&q, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &host, sizeof(host));
        put_text(&q, IFLA_IFNAME, host_name);
        put_sizes(&q, v);
        put_number(&q, IFLA_MASTER, bridge);
        info = open_nest(&q, IFLA_LINKINFO);
        put_text(&q, IFLA_INFO_KIND, "veth");
        data = open_nest(&q, IFLA_INFO_DATA);
        far = open_nest(&q, VETH_INFO_PEER);
        put_bytes(&q, &peer, sizeof(peer));
        put_text(&q, IFLA_IFNAME, v->name);
        put_sizes(&q, v);
        if (v->has_mac)
                put(&q, IFLA_ADDRESS, v->mac, sizeof(v->mac));
        put_number(&q, IFLA_NET_NS_FD, (uint32_t) netns_fd);
        close_nest(&q, far);
        close_nest(&q, data);
        close_nest(&q, info);
        r = ask(fd, &q);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r,
                               "network %s: cannot make %s in bridge %s", v->name, host_name,
                               v->bridge)
                     : 0;
}

static int set_hairpin(int fd, const Veth *v, const char *host_name, CtrError *err)
{
        struct ifinfomsg message = { .ifi_family = AF_BRIDGE,
                .ifi_index = (int) if_nametoindex(host_name) };
        const uint8_t on = 1;
        size_t port;
        Request q;
        int r;

        if (!v->is_hairpin)
                return 0;
        begin(&q, RTM_SETLINK, 0, &message, sizeof(message));
        port = open_nest(&q, IFLA_PROTINFO | NLA_F_NESTED);
        put(&q, IFLA_BRPORT_MODE, &on, sizeof(on));
        close_nest(&q, port);
        r = ask(fd, &q);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "network %s: hairpin_mode", v->name)
                     : 0;
}

/* ---- the container's side ---- */

static size_t address_size(const VethAddress *a)
{
        return a->family == AF_INET ? 4 : 16;
}

static int add_address(int fd, const VethAddress *a, unsigned index)
{
        struct ifaddrmsg message = { .ifa_family = (uint8_t) a->family,
                .ifa_prefixlen = a->prefix,
                .ifa_index = index,
                /* It is ours alone: nobody is asked before it is used. */
                .ifa_flags = a->family == AF_INET6 ? IFA_F_NODAD : 0 };
        Request q;

        begin(&q, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &message, sizeof(message));
        put(&q, IFA_LOCAL, a->bytes, address_size(a));
        put(&q, IFA_ADDRESS, a->bytes, address_size(a));
        if (a->family == AF_INET && a->prefix < 31) {
                uint8_t broadcast[4];

                for (unsigned i = 0; i < 32; i++) {
                        if (i % 8 == 0)
                                broadcast[i / 8] = a->bytes[i / 8];
                        if (i >= a->prefix)
                                broadcast[i / 8] |= (uint8_t) (0x80U >> i % 8);
                }
                put(&q, IFA_BROADCAST, broadcast, sizeof(broadcast));
        }
        return ask(fd, &q);
}

static int set_up(int fd, unsigned index)
{
        struct ifinfomsg message = {
                .ifi_index = (int) index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP
        };
        Request q;

        begin(&q, RTM_NEWLINK, 0, &message, sizeof(message));
        return ask(fd, &q);
}

static int add_route(int fd, const VethRoute *route, unsigned index)
{
        const VethAddress *any = route->gateway.family ? &route->gateway : &route->destination;
        struct rtmsg message = { .rtm_family = (uint8_t) any->family,
                .rtm_dst_len = route->destination.prefix,
                .rtm_table = RT_TABLE_MAIN,
                .rtm_protocol = RTPROT_BOOT,
                .rtm_scope = route->gateway.family ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
                .rtm_type = RTN_UNICAST };
        Request q;

        begin(&q, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &message, sizeof(message));
        if (route->destination.prefix > 0)
                put(&q, RTA_DST, route->destination.bytes, address_size(any));
        if (route->source.family)
                put(&q, RTA_PREFSRC, route->source.bytes, address_size(any));
        if (route->gateway.family)
                put(&q, RTA_GATEWAY, route->gateway.bytes, address_size(any));
        put_number(&q, RTA_OIF, index);
        return ask(fd, &q);
}

/* A gateway and a route to everywhere say the same twice: once is enough. */
static int add_routes(int fd, const Veth *v, unsigned index)
{
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(v->gateways) && r >= 0; i++) {
                const VethRoute route = { .gateway = v->gateways[i] };

                if (route.gateway.family)
                        r = add_route(fd, &route, index);
        }
        for (size_t i = 0; i < v->n_routes && r >= 0; i++) {
                r = add_route(fd, &v->routes[i], index);
                if (r == -EEXIST)
                        r = 0;
        }
        return r;
}

static int set_up_inside(const Veth *v, CtrError *err)
{
        _cleanup_close_ int fd = open_netlink(err);
        unsigned index = if_nametoindex(v->name);
        const char *what = "cannot give it its address";
        int r = 0;

        if (fd < 0)
                return fd;
        for (size_t i = 0; i < ELEMENTSOF(v->addresses) && r >= 0; i++)
                if (v->addresses[i].family)
                        r = add_address(fd, &v->addresses[i], index);
        if (r >= 0) {
                what = "cannot set it up";
                r = set_up(fd, index);
        }
        if (r >= 0) {
                what = "cannot add its routes";
                r = add_routes(fd, v, index);
        }
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "network %s: %s", v->name, what) : 0;
}

/* ---- both ---- */

static int make_name(const Veth *v, char ret[static IF_NAMESIZE], CtrError *err)
{
        uint32_t random;

        if (v->host_name[0]) {
                memcpy(ret, v->host_name, IF_NAMESIZE);
                return 0;
        }
        if (getrandom(&random, sizeof(random), 0) != sizeof(random))
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "random number");
        (void) snprintf(ret, IF_NAMESIZE, "%s%06x", v->host_prefix, random & 0xffffffU);
        return 0;
}

static int open_namespace(pid_t pid, CtrError *err)
{
        _cleanup_close_ int fd = -EBADF;
        struct stat ours, theirs;
        char path[64];

        (void) snprintf(path, sizeof(path), "/proc/%d/ns/net", (int) pid);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &theirs) < 0 || stat("/proc/self/ns/net", &ours) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "%s", path);
        if (ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev)
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                        "a network of type veth needs a network namespace of the container's own");
        return TAKE_FD(fd);
}

int veth_attach(const Veth *veth, pid_t pid, CtrError *err)
{
        _cleanup_close_ int netns_fd = open_namespace(pid, err), fd = -EBADF;
        char host_name[IF_NAMESIZE];
        int r;

        if (netns_fd < 0)
                return netns_fd;
        fd = open_netlink(err);
        if (fd < 0)
                return fd;
        r = make_name(veth, host_name, err);
        if (r >= 0)
                r = make_pair(fd, veth, host_name, netns_fd, err);
        if (r >= 0)
                r = set_hairpin(fd, veth, host_name, err);
        if (r >= 0 && setns(netns_fd, CLONE_NEWNET) < 0)
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot enter a network namespace");
        return r < 0 ? r : set_up_inside(veth, err);
}
