/* What all methods that create containers share: options, ids, and bundles of our own. */
#pragma once

#include "manager/client-fds.h"

typedef struct NewContainerOptions {
        const JsonValue *config, *console_socket, *no_pivot, *no_new_keyring;
        const JsonValue *publish, *properties;
        const char **words; /* those of both, as a request has them */
        ClientFds fds;
} NewContainerOptions;

/* Argument "options". It begins as { 0 }, and is released whatever came of it. */
int new_container_options(const VerbCall *call, NewContainerOptions *ret, CtrError *err);

void new_container_options_done(NewContainerOptions *options);

/* What of it a request has; the client's descriptors are put where the new process expects them. */
int new_container_request(
        VerbCall *call, NewContainerOptions *options, RuntimeCreate *request, CtrError *err);

/* Results id and container. */
void new_container_answer(VerbCall *call, const char *id);
