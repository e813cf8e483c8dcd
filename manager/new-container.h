/* What all methods that create containers share: options, ids, and bundles of our own. */
#pragma once

#include "manager/client-fds.h"

#include "base/name.h"

typedef struct NewContainerOptions {
        const JsonValue *config, *console_socket, *no_pivot, *no_new_keyring;
        ClientFds fds;
} NewContainerOptions;

/* Argument "options". */
int new_container_options(const VerbCall *call, NewContainerOptions *ret, CtrError *err);

/* An empty id means that any will do. */
int new_container_id(const char *wanted, char id[static CTR_ID_MAX + 1], CtrError *err);

/* Refused before anything is done for it; what counts is the claim of the unit's name later. */
int new_container_check_free(const VerbCall *call, const char *id, CtrError *err);

/* The client's configuration with another root.path; all else stays, so that the parser judges it.
 */
int new_container_replace_root(
        const char *config, const char *rootfs, char **ret, size_t *ret_size, CtrError *err);

/* From a bundle; from this configuration in the bundle of ours that there is already. */
int new_container_create(VerbCall *call, const char *id, const char *bundle,
        const NewContainerOptions *options, CtrError *err);
int new_container_in_store(VerbCall *call, const char *id, const char *text, size_t size,
        const NewContainerOptions *options, CtrError *err);

/* Results id and container. */
void new_container_answer(VerbCall *call, const char *id);
