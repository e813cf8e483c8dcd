/* The links of a network namespace: see pod-links.h. A child enters the namespace, opens the socket
 * and hands it over: the caller's own namespace never changes. */
#include "runtime/pod-links.h"

#include "base/fd-message.h"
#include "base/json.h"
#include "runtime/child.h"

#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>

enum { REPLY_SIZE = 65536 };

typedef struct Scan {
        PodLinks links;
        unsigned *indices; /* of links.items */
} Scan;

/* In the child: a netlink socket of the namespace, by SCM_RIGHTS. */
static int open_inside(int socket_fd, void *argument)
{
        int fd = -1, r = 0;

        if (setns(*(const int *) argument, CLONE_NEWNET) < 0)
                r = -errno;
        if (r >= 0)
                fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
        if (r >= 0 && fd < 0)
                r = -errno;
        return ctr_message_send(socket_fd, &r, sizeof(r), &fd, r >= 0) < 0;
}

static int receive_socket(int socket_fd)
{
        int result = -EPIPE, fd;
        size_t n_fds;
        ssize_t n = ctr_message_receive(socket_fd, &result, sizeof(result), 0, &fd, 1, &n_fds);

        if (n < 0)
                return (int) n;
        if (n_fds > 0)
                return fd;
        return result < 0 ? result : -EPIPE;
}

static int open_netlink(int netns_fd, CtrError *err)
{
        _cleanup_close_ int socket_fd = -EBADF;
        pid_t pid = child_call(open_inside, &netns_fd, &socket_fd, err);
        int r;

        if (pid < 0)
                return pid;
        r = receive_socket(socket_fd);
        (void) child_wait(pid);
        return r < 0 ? ctr_error_set(
                               err, CTR_ERROR_SYSTEM, r, "cannot look into the network namespace")
                     : r;
}

static void read_kind(const struct rtattr *info, PodLink *link)
{
        int size = (int) RTA_PAYLOAD(info);

        for (const struct rtattr *a = RTA_DATA(info); RTA_OK(a, size); a = RTA_NEXT(a, size))
                if (a->rta_type == IFLA_INFO_KIND)
                        (void) snprintf(link->kind, sizeof(link->kind), "%.*s",
                                (int) RTA_PAYLOAD(a), (const char *) RTA_DATA(a));
}

static void read_mac(const struct rtattr *a, PodLink *link)
{
        const uint8_t *b = RTA_DATA(a);

        if (RTA_PAYLOAD(a) == 6)
                (void) snprintf(link->mac, sizeof(link->mac), "%02x:%02x:%02x:%02x:%02x:%02x", b[0],
                        b[1], b[2], b[3], b[4], b[5]);
}

static int add_link(Scan *scan, const struct nlmsghdr *h)
{
        const struct ifinfomsg *message = NLMSG_DATA(h);
        int size = (int) IFLA_PAYLOAD(h);
        unsigned *indices;
        PodLink *items, *link;

        if (message->ifi_flags & IFF_LOOPBACK)
                return 0;
        items = reallocarray(scan->links.items, scan->links.n + 1, sizeof(*items));
        if (!items)
                return -ENOMEM;
        scan->links.items = items;
        indices = reallocarray(scan->indices, scan->links.n + 1, sizeof(*indices));
        if (!indices)
                return -ENOMEM;
        scan->indices = indices;
        indices[scan->links.n] = (unsigned) message->ifi_index;
        link = &items[scan->links.n++];
        *link = (PodLink){ .is_up = message->ifi_flags & IFF_UP };
        for (const struct rtattr *a = IFLA_RTA(message); RTA_OK(a, size); a = RTA_NEXT(a, size))
                switch (a->rta_type) {
                case IFLA_IFNAME:
                        (void) snprintf(link->name, sizeof(link->name), "%.*s",
                                (int) RTA_PAYLOAD(a), (const char *) RTA_DATA(a));
                        break;
                case IFLA_MTU:
                        memcpy(&link->mtu, RTA_DATA(a), sizeof(link->mtu));
                        break;
                case IFLA_ADDRESS:
                        read_mac(a, link);
                        break;
                case IFLA_LINKINFO:
                        read_kind(a, link);
                        break;
                default:
                        break;
                }
        return 0;
}

static int add_address(Scan *scan, const struct nlmsghdr *h)
{
        const struct ifaddrmsg *message = NLMSG_DATA(h);
        const struct rtattr *best = NULL;
        int size = (int) IFA_PAYLOAD(h);
        char text[INET6_ADDRSTRLEN];
        PodLink *link = NULL;

        for (size_t i = 0; i < scan->links.n; i++)
                if (scan->indices[i] == message->ifa_index)
                        link = &scan->links.items[i];
        /* IFA_LOCAL where there are both: IFA_ADDRESS is the other end then. */
        for (const struct rtattr *a = IFA_RTA(message); RTA_OK(a, size); a = RTA_NEXT(a, size))
                if (a->rta_type == IFA_LOCAL || (a->rta_type == IFA_ADDRESS && !best))
                        best = a;
        if (!link || !best || link->n_addresses >= POD_LINK_ADDRESSES_MAX ||
                !inet_ntop(message->ifa_family, RTA_DATA(best), text, sizeof(text)))
                return 0;
        (void) snprintf(link->addresses[link->n_addresses++], sizeof(link->addresses[0]), "%s/%u",
                text, message->ifa_prefixlen);
        return 0;
}

/* A request for all of a kind; every answer goes to `add`. */
static int dump(int fd, uint16_t type, int (*add)(Scan *, const struct nlmsghdr *), Scan *scan)
{
        struct {
                struct nlmsghdr header;
                struct ifinfomsg message;
        } request = { .header = { .nlmsg_len = sizeof(request),
                              .nlmsg_type = type,
                              .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP } };
        _cleanup_free_ char *buffer = malloc(REPLY_SIZE);
        int r;

        if (!buffer)
                return -ENOMEM;
        if (send(fd, &request, sizeof(request), 0) < 0)
                return -errno;
        for (;;) {
                ssize_t n = recv(fd, buffer, REPLY_SIZE, 0);
                size_t left = (size_t) n;

                if (n < 0)
                        return -errno;
                for (const struct nlmsghdr *h = (const void *) buffer; NLMSG_OK(h, left);
                        h = NLMSG_NEXT(h, left)) {
                        if (h->nlmsg_type == NLMSG_DONE)
                                return 0;
                        if (h->nlmsg_type == NLMSG_ERROR)
                                return ((const struct nlmsgerr *) NLMSG_DATA(h))->error;
                        r = add(scan, h);
                        if (r < 0)
                                return r;
                }
        }
}

int pod_links_scan(int netns_fd, PodLinks *ret, CtrError *err)
{
        _cleanup_close_ int fd = open_netlink(netns_fd, err);
        Scan scan = { 0 };
        int r;

        if (fd < 0)
                return fd;
        r = dump(fd, RTM_GETLINK, add_link, &scan);
        if (r >= 0)
                r = dump(fd, RTM_GETADDR, add_address, &scan);
        free(scan.indices);
        if (r < 0) {
                pod_links_done(&scan.links);
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, r, "cannot list the links of the network namespace");
        }
        *ret = scan.links;
        return 0;
}

void pod_links_done(PodLinks *links)
{
        free(links->items);
        *links = (PodLinks){ 0 };
}

void pod_links_print(const PodLinks *links, FILE *f)
{
        (void) fputc('[', f);
        for (size_t i = 0; i < links->n; i++) {
                const PodLink *link = &links->items[i];

                (void) fprintf(f, "%s{\"Name\":", i > 0 ? "," : "");
                json_write_string(f, link->name);
                (void) fputs(",\"Kind\":", f);
                json_write_string(f, link->kind);
                (void) fprintf(f, ",\"HardAddr\":\"%s\",\"MTU\":%u,\"Up\":%s,\"Addresses\":[",
                        link->mac, link->mtu, link->is_up ? "true" : "false");
                for (size_t k = 0; k < link->n_addresses; k++)
                        (void) fprintf(f, "%s\"%s\"", k > 0 ? "," : "", link->addresses[k]);
                (void) fputs("]}", f);
        }
        (void) fputc(']', f);
}
