/* Network devices of the host that move into the container: rtnetlink(7) by hand. The device goes
 * down, changes its namespace and name, gets back the permanent global addresses that it loses on
 * the way, and goes up. When the namespace ends the kernel gives physical devices back to the host.
 */
#include "helper/ops.h"

#include "helper/namespace.h"

#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define REPLY_SIZE   32768
#define ADDRESS_MAX  64
#define REQUEST_SIZE 512
#define PATTERN_MAX  1024 /* numbers tried for "%d" in a name */

typedef struct Request {
        struct nlmsghdr header;
        char payload[REQUEST_SIZE];
} Request;

/* What is kept of an address. */
typedef struct Address {
        struct ifaddrmsg message;
        struct {
                uint16_t size;
                char bytes[16];
        } attributes[IFA_FLAGS + 1]; /* by IFA_* */
} Address;

typedef struct Addresses {
        Address items[ADDRESS_MAX];
        size_t n;
} Addresses;

static const uint16_t kept_attributes[] = { IFA_ADDRESS, IFA_LOCAL, IFA_BROADCAST, IFA_FLAGS };

static Request request_new(uint16_t type, uint16_t flags, const void *message, size_t size)
{
        Request r = { .header = { .nlmsg_len = (uint32_t) NLMSG_LENGTH(size),
                              .nlmsg_type = type,
                              .nlmsg_flags = (uint16_t) (NLM_F_REQUEST | flags) } };

        memcpy(r.payload, message, size);
        return r;
}

static void request_add(Request *r, uint16_t type, const void *data, size_t size)
{
        struct rtattr *attribute =
                (struct rtattr *) (void *) ((char *) r + NLMSG_ALIGN(r->header.nlmsg_len));

        attribute->rta_type = type;
        attribute->rta_len = (uint16_t) RTA_LENGTH(size);
        memcpy(RTA_DATA(attribute), data, size);
        r->header.nlmsg_len = (uint32_t) (NLMSG_ALIGN(r->header.nlmsg_len) + RTA_SPACE(size));
}

static int open_netlink(void)
{
        int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

        return fd < 0 ? -errno : fd;
}

/* Sends a request and waits for its acknowledgement. 0 or -errno. */
static int netlink_call(int fd, Request *request)
{
        _Alignas(struct nlmsghdr) char reply[4096];
        const struct nlmsghdr *header = (const struct nlmsghdr *) (const void *) reply;
        ssize_t n;

        request->header.nlmsg_flags |= NLM_F_ACK;
        if (send(fd, request, request->header.nlmsg_len, 0) < 0)
                return -errno;
        n = recv(fd, reply, sizeof(reply), 0);
        if (n < 0)
                return -errno;
        if (!NLMSG_OK(header, (size_t) n) || header->nlmsg_type != NLMSG_ERROR)
                return -EBADMSG;
        return ((const struct nlmsgerr *) NLMSG_DATA(header))->error;
}

static int find_index(int fd, const char *name, unsigned *ret)
{
        struct ifreq request = { 0 };

        (void) snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
        if (ioctl(fd, SIOCGIFINDEX, &request) < 0)
                return -errno;
        *ret = (unsigned) request.ifr_ifindex;
        return 0;
}

static void keep_address(const struct nlmsghdr *header, unsigned index, Addresses *ret)
{
        const struct ifaddrmsg *message = NLMSG_DATA(header);
        size_t left = IFA_PAYLOAD(header);
        Address *a = &ret->items[ret->n];
        uint32_t flags = message->ifa_flags;

        if (message->ifa_index != index || message->ifa_scope != RT_SCOPE_UNIVERSE ||
                ret->n == ADDRESS_MAX)
                return;
        *a = (Address){ .message = *message };
        for (const struct rtattr *r = IFA_RTA(message); RTA_OK(r, left); r = RTA_NEXT(r, left)) {
                if (r->rta_type == IFA_FLAGS && RTA_PAYLOAD(r) == sizeof(flags))
                        memcpy(&flags, RTA_DATA(r), sizeof(flags));
                for (size_t i = 0; i < ELEMENTSOF(kept_attributes); i++)
                        if (r->rta_type == kept_attributes[i] &&
                                RTA_PAYLOAD(r) <= sizeof(a->attributes[0].bytes)) {
                                a->attributes[r->rta_type].size = (uint16_t) RTA_PAYLOAD(r);
                                memcpy(a->attributes[r->rta_type].bytes, RTA_DATA(r),
                                        RTA_PAYLOAD(r));
                        }
        }
        if (flags & IFA_F_PERMANENT)
                ret->n++;
}

/* The permanent global addresses of a device. */
static int list_addresses(int fd, unsigned index, Addresses *ret)
{
        static _Alignas(struct nlmsghdr) char reply[REPLY_SIZE];
        struct ifaddrmsg message = { .ifa_family = AF_UNSPEC };
        Request request = request_new(RTM_GETADDR, NLM_F_DUMP, &message, sizeof(message));

        if (send(fd, &request, request.header.nlmsg_len, 0) < 0)
                return -errno;
        for (;;) {
                ssize_t n = recv(fd, reply, sizeof(reply), 0);
                size_t left = n < 0 ? 0 : (size_t) n;

                if (n <= 0)
                        return n < 0 ? -errno : -EBADMSG;
                for (const struct nlmsghdr *h = (const struct nlmsghdr *) (const void *) reply;
                        NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
                        if (h->nlmsg_type == NLMSG_DONE)
                                return 0;
                        if (h->nlmsg_type == NLMSG_ERROR)
                                return ((const struct nlmsgerr *) NLMSG_DATA(h))->error;
                        if (h->nlmsg_type == RTM_NEWADDR)
                                keep_address(h, index, ret);
                }
        }
}

static int change_link(int fd, unsigned index, unsigned flags, int namespace_fd, const char *name)
{
        struct ifinfomsg message = {
                .ifi_family = AF_UNSPEC,
                .ifi_index = (int) index,
                .ifi_flags = flags,
                .ifi_change = IFF_UP,
        };
        Request request = request_new(RTM_NEWLINK, 0, &message, sizeof(message));

        if (namespace_fd >= 0)
                request_add(&request, IFLA_NET_NS_FD, &namespace_fd, sizeof(namespace_fd));
        if (name)
                request_add(&request, IFLA_IFNAME, name, strlen(name) + 1);
        return netlink_call(fd, &request);
}

static int add_addresses(int fd, unsigned index, Addresses *addresses)
{
        for (size_t i = 0; i < addresses->n; i++) {
                Address *a = &addresses->items[i];
                Request request;
                int r;

                a->message.ifa_index = index;
                request = request_new(
                        RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &a->message, sizeof(a->message));
                for (size_t k = 0; k < ELEMENTSOF(kept_attributes); k++) {
                        uint16_t type = kept_attributes[k];

                        if (a->attributes[type].size > 0)
                                request_add(&request, type, a->attributes[type].bytes,
                                        a->attributes[type].size);
                }
                r = netlink_call(fd, &request);
                if (r < 0 && r != -EEXIST)
                        return r;
        }
        return 0;
}

/* A socket of the child's network namespace. */
static int open_inside(Context *ctx, int namespace_fd, CtrError *err)
{
        int r = namespace_keep_own(ctx, CLONE_NEWNET, err), fd;

        if (r < 0)
                return r;
        if (setns(namespace_fd, CLONE_NEWNET) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "network namespace");
        fd = open_netlink();
        r = namespace_return(ctx, err);
        if (r < 0 && fd >= 0)
                (void) close(fd);
        if (r >= 0 && fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, fd, "netlink");
        return r < 0 ? r : fd;
}

/* The name of the device in the container: of "eth%d" the first that is free there. */
static int choose_name(int fd, const char *pattern, char name[static IFNAMSIZ])
{
        const char *percent = strstr(pattern, "%d");
        unsigned index;

        (void) snprintf(name, IFNAMSIZ, "%s", pattern);
        for (int i = 0; percent && i < PATTERN_MAX; i++) {
                int n = snprintf(name, IFNAMSIZ, "%.*s%d%s", (int) (percent - pattern), pattern, i,
                        percent + 2);

                if (n >= IFNAMSIZ)
                        return -ENAMETOOLONG;
                if (find_index(fd, name, &index) == -ENODEV)
                        return 0;
        }
        return percent ? -EEXIST : 0;
}

int op_net_device(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *host = op_string(ctx, op, 0);
        char name[IFNAMSIZ];
        _cleanup_close_ int host_fd = open_netlink(), namespace_fd = -EBADF, inside_fd = -EBADF;
        static Addresses addresses;
        unsigned index = 0;
        int r;

        namespace_fd = openat(ctx->child_proc_fd, "ns/net", O_RDONLY | O_CLOEXEC);
        if (host_fd < 0 || namespace_fd < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, host_fd < 0 ? host_fd : errno, "%s", host);
        inside_fd = open_inside(ctx, namespace_fd, err);
        if (inside_fd < 0)
                return inside_fd;
        addresses.n = 0;
        r = choose_name(inside_fd, op_string(ctx, op, 1), name);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "%s", op_string(ctx, op, 1));
        r = find_index(host_fd, host, &index);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "%s", host);
        r = list_addresses(host_fd, index, &addresses);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "addresses of %s", host);
        r = change_link(host_fd, index, 0, -EBADF, NULL);
        if (r >= 0)
                r = change_link(host_fd, index, 0, namespace_fd, name);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r,
                        "cannot move %s into the container as %s%s", host, name,
                        r == -EEXIST ? " (there is one of this name)" : "");
        r = find_index(inside_fd, name, &index);
        if (r >= 0)
                r = add_addresses(inside_fd, index, &addresses);
        if (r >= 0)
                r = change_link(inside_fd, index, IFF_UP, -EBADF, NULL);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "%s in the container", name);
        return 0;
}
