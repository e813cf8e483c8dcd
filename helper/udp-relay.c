/* Datagrams of a published port. systemd-socket-proxyd(8) knows streams only, so this is its like
 * for udp: PID 1 holds the host's socket and starts us with the first datagram, in the container's
 * network. Each client has a socket of its own towards the container, so that answers find their
 * way; the longest silent one makes room when there are many. An answer leaves from the address
 * that the client wrote to. */
#include "helper/forward.h"

#include "base/io.h"
#include "base/listen-address.h"
#include "base/notify-socket.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum {
        HOST_FD = 3,
        FLOWS_MAX = 256,
        DATAGRAM_MAX = 65536,
        BURST = 64, /* datagrams of one socket before the others' turn */
        IDLE_SEC_MAX = 86400,
        PORT_MAX = 65535,
};

typedef union PacketInfo {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
} PacketInfo;

/* One client: whom it is, where it wrote to, its socket towards the container. */
typedef struct Flow {
        int fd;
        struct sockaddr_in6 peer; /* large enough for both families */
        socklen_t peer_size;
        PacketInfo info;
        socklen_t info_size;
        uint64_t used_msec;
} Flow;

typedef struct Relay {
        struct sockaddr_in target;
        uint64_t idle_msec, used_msec;
        Flow flows[FLOWS_MAX];
        size_t n_flows;
} Relay;

static char datagram[DATAGRAM_MAX];

static uint64_t now_msec(void)
{
        struct timespec ts;

        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (uint64_t) ts.tv_sec * 1000U + (uint64_t) ts.tv_nsec / 1000000U;
}

/* ---- clients ---- */

static void flow_close(Relay *relay, size_t i)
{
        (void) close(relay->flows[i].fd);
        relay->flows[i] = relay->flows[--relay->n_flows];
}

static Flow *flow_find(Relay *relay, const struct sockaddr_in6 *peer, socklen_t size)
{
        for (size_t i = 0; i < relay->n_flows; i++)
                if (relay->flows[i].peer_size == size &&
                        memcmp(&relay->flows[i].peer, peer, size) == 0)
                        return &relay->flows[i];
        return NULL;
}

/* NULL when there is no descriptor to be had: the datagram is lost, as datagrams are. */
static Flow *flow_open(Relay *relay, const struct sockaddr_in6 *peer, socklen_t size)
{
        size_t oldest = 0;
        Flow *flow;
        int fd;

        for (size_t i = 1; i < relay->n_flows; i++)
                if (relay->flows[i].used_msec < relay->flows[oldest].used_msec)
                        oldest = i;
        if (relay->n_flows == FLOWS_MAX)
                flow_close(relay, oldest);
        fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return NULL;
        if (connect(fd, (const struct sockaddr *) &relay->target, sizeof(relay->target)) < 0) {
                (void) close(fd);
                return NULL;
        }
        flow = &relay->flows[relay->n_flows++];
        *flow = (Flow){ .fd = fd, .peer = *peer, .peer_size = size };
        return flow;
}

/* ---- datagrams ---- */

/* Which address of ours it came to becomes the one that answers leave from. The interface stays
 * open, but for addresses that mean nothing without one. */
static void keep_info(Flow *flow, struct msghdr *m)
{
        flow->info_size = 0;
        for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
                bool is_ipv4 = c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO;
                bool is_ipv6 = c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO;

                if (is_ipv4) {
                        struct in_pktinfo info;

                        memcpy(&info, CMSG_DATA(c), sizeof(info));
                        info.ipi_ifindex = 0;
                        memcpy(CMSG_DATA(c), &info, sizeof(info));
                } else if (is_ipv6) {
                        struct in6_pktinfo info;

                        memcpy(&info, CMSG_DATA(c), sizeof(info));
                        if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr))
                                info.ipi6_ifindex = 0;
                        memcpy(CMSG_DATA(c), &info, sizeof(info));
                }
                if ((!is_ipv4 && !is_ipv6) || c->cmsg_len > sizeof(flow->info))
                        continue;
                memcpy(&flow->info, c, c->cmsg_len);
                flow->info_size = is_ipv4 ? CMSG_SPACE(sizeof(struct in_pktinfo))
                                          : CMSG_SPACE(sizeof(struct in6_pktinfo));
        }
}

/* One datagram of a client's. Returns false when there is none (any more). */
static bool take_from_host(Relay *relay)
{
        struct sockaddr_in6 peer = { 0 };
        struct iovec data = { .iov_base = datagram, .iov_len = sizeof(datagram) };
        union {
                struct cmsghdr header;
                char bytes[256];
        } control;
        struct msghdr m = { .msg_name = &peer,
                .msg_namelen = sizeof(peer),
                .msg_iov = &data,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof(control) };
        ssize_t n = recvmsg(HOST_FD, &m, MSG_DONTWAIT);
        Flow *flow;

        if (n < 0)
                return errno == EINTR;
        flow = flow_find(relay, &peer, m.msg_namelen);
        if (!flow)
                flow = flow_open(relay, &peer, m.msg_namelen);
        if (!flow)
                return true;
        keep_info(flow, &m);
        flow->used_msec = relay->used_msec = now_msec();
        (void) send(flow->fd, datagram, (size_t) n, MSG_NOSIGNAL | MSG_DONTWAIT);
        return true;
}

/* One answer of the container's. */
static bool take_from_container(Relay *relay, Flow *flow)
{
        ssize_t n = recv(flow->fd, datagram, sizeof(datagram), MSG_DONTWAIT);
        struct iovec data = { .iov_base = datagram, .iov_len = n > 0 ? (size_t) n : 0 };
        struct msghdr m = { .msg_name = &flow->peer,
                .msg_namelen = flow->peer_size,
                .msg_iov = &data,
                .msg_iovlen = 1,
                .msg_control = flow->info_size > 0 ? &flow->info : NULL,
                .msg_controllen = flow->info_size };

        /* Nobody listens there (any more): the kernel says so once for each datagram. */
        if (n < 0)
                return errno == EINTR || errno == ECONNREFUSED;
        flow->used_msec = relay->used_msec = now_msec();
        if (sendmsg(HOST_FD, &m, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && m.msg_controllen > 0) {
                /* It came to an address that nothing can leave from: a broadcast. */
                m.msg_control = NULL;
                m.msg_controllen = 0;
                (void) sendmsg(HOST_FD, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
        }
        return true;
}

/* Waits for datagrams; false when there is nothing more to wait for. */
static bool wait_and_carry(Relay *relay)
{
        struct pollfd fds[1 + FLOWS_MAX] = { { .fd = HOST_FD, .events = POLLIN } };
        size_t n = relay->n_flows;
        uint64_t silent = now_msec() - relay->used_msec;

        if (silent >= relay->idle_msec)
                return false;
        for (size_t i = 0; i < n; i++)
                fds[1 + i] = (struct pollfd){ .fd = relay->flows[i].fd, .events = POLLIN };
        if (poll(fds, 1 + n, (int) (relay->idle_msec - silent)) < 0)
                return errno == EINTR;
        /* The answers first: what comes from the host may move the flows. */
        for (size_t i = 0; i < n; i++)
                for (int k = 0; fds[1 + i].revents && k < BURST; k++)
                        if (!take_from_container(relay, &relay->flows[i]))
                                break;
        for (int k = 0; fds[0].revents && k < BURST; k++)
                if (!take_from_host(relay))
                        break;
        return true;
}

int udp_check(const char *listen, CtrError *err)
{
        int r = listen_address_try(listen, true);

        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "port %s/udp", listen) : 0;
}

int udp_relay(const char *port, const char *idle_sec, CtrError *err)
{
        static Relay relay; /* too large for the stack of a small process */
        const char *notify_socket = getenv("NOTIFY_SOCKET");
        int one = 1, type = 0;
        socklen_t size = sizeof(type);
        uint64_t number, idle;

        if (ctr_parse_u64(port, PORT_MAX, &number) < 0 ||
                ctr_parse_u64(idle_sec, IDLE_SEC_MAX, &idle) < 0)
                return ctr_error_set(
                        err, CTR_ERROR_USAGE, EINVAL, "port %.32s, %.32s seconds", port, idle_sec);
        if (getsockopt(HOST_FD, SOL_SOCKET, SO_TYPE, &type, &size) < 0 || type != SOCK_DGRAM)
                return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "descriptor 3 is no socket of udp: this is started by ctr-fwd@.socket");
        relay = (Relay){ .target = { .sin_family = AF_INET,
                                 .sin_port = htons((uint16_t) number),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) },
                .idle_msec = idle * 1000,
                .used_msec = now_msec() };
        /* Of the two families one is the socket's. */
        (void) setsockopt(HOST_FD, IPPROTO_IP, IP_PKTINFO, &one, sizeof(one));
        (void) setsockopt(HOST_FD, IPPROTO_IPV6, IPV6_RECVPKTINFO, &one, sizeof(one));
        if (notify_socket)
                (void) notify_socket_send(notify_socket, "READY=1", -EBADF, 0);
        while (wait_and_carry(&relay))
                ;
        return 0;
}
