/* The links of a network namespace, as the kernel lists them. */
#pragma once

#include "base/error.h"

#include <net/if.h>
#include <stdio.h>

#define POD_LINK_ADDRESSES_MAX 16

typedef struct PodLink {
        char name[IF_NAMESIZE];
        char kind[32]; /* "veth", "macvlan", ...; "" = a device */
        char mac[18];
        uint32_t mtu;
        bool is_up;
        char addresses[POD_LINK_ADDRESSES_MAX][64]; /* "10.0.0.2/24" */
        size_t n_addresses;
} PodLink;

typedef struct PodLinks {
        PodLink *items;
        size_t n;
} PodLinks;

/* All links but the loopback of the namespace. rtnetlink(7), RTM_GETLINK and RTM_GETADDR. */
int pod_links_scan(int netns_fd, PodLinks *ret, CtrError *err);
void pod_links_done(PodLinks *links);

/* As a JSON array of {"Name","Kind","HardAddr","MTU","Up","Addresses"}. */
void pod_links_print(const PodLinks *links, FILE *f);
