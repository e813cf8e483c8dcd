/* A client's descriptors, in the places where a new process of a container expects them. */
#pragma once

#include "manager/verb.h"

typedef struct ClientFds {
        const JsonValue *in, *out, *error; /* "h"; NULL = not given */
        const JsonValue *kept;             /* "ah": 3, 4, ... */
} ClientFds;

#define CLIENT_FDS_OPTIONS(c)                                                                      \
        { "stdin", JSON_TYPE_INTEGER, &(c)->in }, { "stdout", JSON_TYPE_INTEGER, &(c)->out },      \
                { "stderr", JSON_TYPE_INTEGER, &(c)->error },                                      \
        {                                                                                          \
                "fds", JSON_TYPE_ARRAY, &(c)->kept                                                 \
        }

/* Puts them at 0, 1, 2 and from 3 on; takes them from the call. Returns how many there are from 3
 * on. Only in a process that is there for this call alone. */
int client_fds_place(VerbCall *call, const ClientFds *fds, CtrError *err);

/* At least one of the standard three. */
bool client_fds_has_stdio(const ClientFds *fds);
