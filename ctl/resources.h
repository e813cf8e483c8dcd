/* Resource options of `update` as the linux.resources object they mean, so that there is one reader
 * and one set of checks for both. */
#pragma once

#include "base/error.h"

#include <stdio.h>

typedef enum ResourceKind {
        RESOURCE_KIND_SIZE,   /* bytes, with k, m, g or t; -1 = unlimited */
        RESOURCE_KIND_NUMBER, /* an integer, -1 where the specification says so */
        RESOURCE_KIND_TEXT,
} ResourceKind;

typedef struct ResourceOption {
        const char *option;
        const char *group, *key; /* linux.resources.GROUP.KEY */
        ResourceKind kind;
        const char *value; /* NULL = not given */
} ResourceOption;

/* "512", "64M", "1g", "-1": bytes. -EINVAL, or -ERANGE beyond int64_t. */
int size_parse(const char *text, int64_t *ret);

/* Options of one group must stand together. Returns the number of options given. */
int resources_print_json(const ResourceOption *options, size_t n, FILE *f, CtrError *err);
