/* The Container Network Interface: lists of plugins in configuration files, each a program that
 * gets its configuration on standard input and a command in its environment. See the specification
 * of CNI 1.0, sections 1 to 4. */
#pragma once

#include "base/error.h"

#include <stdio.h>

#define CNI_CONF_DIR    "/etc/cni/net.d"
#define CNI_PLUGIN_PATH "/opt/cni/bin:/usr/local/lib/cni:/usr/lib/cni:/usr/libexec/cni"

/* One interface of one network namespace. */
typedef struct CniAttachment {
        const char *container_id;
        const char *netns_path;
        const char *interface;   /* its name in the namespace: "eth0" */
        const char *plugin_path; /* directories, ":" between them */
} CniAttachment;

/* The network of a directory: the first file by name of *.conf, *.conflist and *.json, as the text
 * of a list {"cniVersion","name","plugins"}. Reading it once means that what ADD made is what DEL
 * removes. CTR_ERROR_CONFIG_INVALID when there is none or it is broken. */
int cni_load(const char *directory, char **ret, CtrError *err);

/* ADD of every plugin of a list in order, each with the result of the one before. On failure what
 * was made is removed. *ret: the last result, JSON text. */
int cni_add(const char *list, const CniAttachment *attachment, char **ret, CtrError *err);

/* DEL in the opposite order; result: of ADD, NULL when that did not come to its end. Goes on after
 * a failure; returns the first. */
int cni_del(const char *list, const CniAttachment *attachment, const char *result, CtrError *err);

/* The name servers of a result as resolv.conf(5). Returns 1, or 0 when it has none. */
int cni_print_resolv_conf(const char *result, FILE *f, CtrError *err);
