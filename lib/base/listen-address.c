/* Addresses to listen on: see listen-address.h. */
#include "base/listen-address.h"

#include "base/io.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { PORT_MAX = 65535, TEXT_MAX = 64 };

typedef union Address {
        struct sockaddr any;
        struct sockaddr_in ipv4;
        struct sockaddr_in6 ipv6;
} Address;

static int parse(const char *listen, Address *ret, socklen_t *ret_size)
{
        const char *colon = strrchr(listen, ':');
        size_t size = colon ? (size_t) (colon - listen) : 0;
        char text[TEXT_MAX];
        uint64_t port;

        if (ctr_parse_u64(colon ? colon + 1 : listen, PORT_MAX, &port) < 0 || size >= sizeof(text))
                return -EINVAL;
        memcpy(text, listen, size);
        text[size] = '\0';
        if (!colon || text[0] == '[') {
                *ret = (Address){ .ipv6 = { .sin6_family = AF_INET6,
                                          .sin6_port = htons((uint16_t) port) } };
                *ret_size = sizeof(ret->ipv6);
                if (!colon)
                        return 0;
                if (text[size - 1] != ']')
                        return -EINVAL;
                text[size - 1] = '\0';
                return inet_pton(AF_INET6, text + 1, &ret->ipv6.sin6_addr) == 1 ? 0 : -EINVAL;
        }
        *ret = (Address){ .ipv4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t) port) } };
        *ret_size = sizeof(ret->ipv4);
        return inet_pton(AF_INET, text, &ret->ipv4.sin_addr) == 1 ? 0 : -EINVAL;
}

int listen_address_try(const char *listen, bool is_udp)
{
        _cleanup_close_ int fd = -EBADF;
        int r, one = 1;
        socklen_t size;
        Address address;

        r = parse(listen, &address, &size);
        if (r < 0)
                return r;
        fd = socket(address.any.sa_family, (is_udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;
        /* Connections of the past are nobody's. With udp the option would share the port. */
        if (!is_udp)
                (void) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
        return bind(fd, &address.any, size) < 0 ? -errno : 0;
}
