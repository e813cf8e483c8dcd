/* The keys of all objects that are open at one moment of a JSON scan, to find duplicates. Private
 * to json-scan.c. */
#pragma once

#include "base/macro.h"

typedef struct JsonKey {
        uint32_t offset; /* of the NUL-terminated name in bytes */
        uint32_t size;
        uint32_t hash;
        uint32_t depth; /* of its object: only one object is open at each depth */
        uint32_t slot;
} JsonKey;

typedef struct JsonKeys {
        char *bytes;
        size_t bytes_used, bytes_size;
        JsonKey *items;
        size_t n, n_allocated;
        uint32_t *slots; /* index + 1 in items, 0 = free */
        size_t n_slots;  /* a power of two, at most half full */
        uint64_t seed[2];
} JsonKeys;

/* A table of keys of its own, with a random seed: names in a document cannot be chosen to collide.
 */
void json_keys_init(JsonKeys *keys);
void json_keys_done(JsonKeys *keys);

/* Appends to the name that is being built. -ENOMEM. */
int json_keys_append(JsonKeys *keys, const char *data, size_t size);

/* Takes the bytes since `offset` as a key of the object at this depth. -EEXIST: it has that key
 * already. */
int json_keys_commit(JsonKeys *keys, size_t offset, unsigned depth);

/* Forgets all keys but the first n. */
void json_keys_truncate(JsonKeys *keys, size_t n);
