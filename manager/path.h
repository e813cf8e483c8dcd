/* Object paths: /org/ctrunit1/container/ESCAPED, as sd_bus_path_encode(3) escapes. */
#pragma once

#include "base/error.h"
#include "spec/spec.h"

#define PATH_ROOT      "/org/ctrunit1"
#define PATH_CONTAINER PATH_ROOT "/container"
#define PATH_POD       PATH_ROOT "/pod"
#define PATH_SIZE_MAX  1024

/* Returns buf; every byte of an id but letters and digits becomes _XX. */
const char *path_of_container(const char *id, char buf[static PATH_SIZE_MAX]);
const char *path_of_pod(const char *id, char buf[static PATH_SIZE_MAX]);

/* The path of each, for a node enumerator of sd-bus: 1 with a list that it frees, or -ENOMEM. */
int path_list(const SpecStrv *ids, const char *(*path_of)(const char *id, char *buf), char ***ret);

/* The id that a path below `prefix` means: false when it means none that is valid. */
bool path_to_id(const char *path, const char *prefix, char *buf, size_t size);
