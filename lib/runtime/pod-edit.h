/* Changing the kept configuration of a pod, as text: what is not named stays as the caller wrote
 * it. */
#pragma once

#include "spec/spec.h"

typedef struct PodEdit {
        const char *id;                   /* becomes "ID"; NULL = as it is */
        const char *added_container;      /* text of a container configuration to append, or NULL */
        const char *removed;              /* name of a container to take out, or NULL */
        const SpecKeyValues *annotations; /* take the place of "Annotations", or NULL */
} PodEdit;

/* text must be a valid pod configuration. */
int pod_config_edit(const char *text, size_t size, const PodEdit *edit, char **ret,
        size_t *ret_size, CtrError *err);
