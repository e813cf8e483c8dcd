/* A hash set that is used as a stack: keys leave in the reverse order in which they came, so a slot
 * can simply be freed without leaving a marker. That keeps a document of many small objects as
 * cheap as one large one. The hash is seeded (SipHash-1-3): no document can be made to collide on
 * purpose. */
#include "base/json-keys.h"

#include <string.h>
#include <sys/random.h>

enum { SLOTS_MIN = 64 };

void json_keys_init(JsonKeys *keys)
{
        *keys = (JsonKeys){ 0 };
        /* At early boot the pool may not be ready; any seed then has to do. */
        if (getrandom(keys->seed, sizeof(keys->seed), GRND_INSECURE) < 0)
                keys->seed[0] = (uintptr_t) keys;
}

void json_keys_done(JsonKeys *keys)
{
        free(keys->bytes);
        free(keys->items);
        free(keys->slots);
}

static uint64_t rotate(uint64_t x, unsigned bits)
{
        return (x << bits) | (x >> (64 - bits));
}

static void sip_round(uint64_t v[static 4])
{
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] = rotate(v[0], 32) + v[3];
        v[2] += v[1];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[2] = rotate(v[2], 32);
}

static uint32_t hash_bytes(const uint64_t seed[static 2], const char *data, size_t size)
{
        uint64_t v[4] = { seed[0] ^ 0x736f6d6570736575, seed[1] ^ 0x646f72616e646f6d,
                seed[0] ^ 0x6c7967656e657261, seed[1] ^ 0x7465646279746573 };
        uint64_t word;

        for (size_t at = 0; at <= size; at += sizeof(word)) {
                word = size - at < sizeof(word) ? (uint64_t) size << 56 : 0;
                memcpy(&word, data + at, MIN_OF(sizeof(word), size - at));
                v[3] ^= word;
                sip_round(v);
                v[0] ^= word;
        }
        v[2] ^= 0xff;
        for (unsigned i = 0; i < 3; i++)
                sip_round(v);
        return (uint32_t) (v[0] ^ v[1] ^ v[2] ^ v[3]);
}

int json_keys_append(JsonKeys *keys, const char *data, size_t size)
{
        size_t wanted = keys->bytes_used + size + 1;

        if (wanted > keys->bytes_size) {
                size_t new_size = MAX_OF(wanted, 2 * keys->bytes_size + 1024);
                char *p = realloc(keys->bytes, new_size);

                if (!p)
                        return -ENOMEM;
                keys->bytes = p;
                keys->bytes_size = new_size;
        }
        memcpy(keys->bytes + keys->bytes_used, data, size);
        keys->bytes_used += size;
        return 0;
}

static bool key_equals(const JsonKeys *keys, const JsonKey *a, const JsonKey *b)
{
        return a->hash == b->hash && a->depth == b->depth && a->size == b->size &&
               memcmp(keys->bytes + a->offset, keys->bytes + b->offset, a->size) == 0;
}

/* Finds the slot of an equal key or the free one where it belongs. */
static uint32_t find_slot(const JsonKeys *keys, const JsonKey *key)
{
        size_t mask = keys->n_slots - 1, slot = key->hash & mask;

        while (keys->slots[slot] != 0 &&
                !key_equals(keys, &keys->items[keys->slots[slot] - 1], key))
                slot = (slot + 1) & mask;
        return (uint32_t) slot;
}

static int grow_slots(JsonKeys *keys)
{
        size_t n_slots = MAX_OF(2 * keys->n_slots, (size_t) SLOTS_MIN);
        uint32_t *slots = calloc(n_slots, sizeof(*slots));

        if (!slots)
                return -ENOMEM;
        free(keys->slots);
        keys->slots = slots;
        keys->n_slots = n_slots;
        for (size_t i = 0; i < keys->n; i++) { /* in the order they came: truncation relies on it */
                keys->items[i].slot = find_slot(keys, &keys->items[i]);
                slots[keys->items[i].slot] = (uint32_t) i + 1;
        }
        return 0;
}

static int reserve_item(JsonKeys *keys)
{
        size_t n = 2 * keys->n_allocated + 32;
        JsonKey *items;

        if (keys->n < keys->n_allocated)
                return 0;
        items = reallocarray(keys->items, n, sizeof(*items));
        if (!items)
                return -ENOMEM;
        keys->items = items;
        keys->n_allocated = n;
        return 0;
}

int json_keys_commit(JsonKeys *keys, size_t offset, unsigned depth)
{
        JsonKey key = { .offset = (uint32_t) offset, .depth = depth };

        if (json_keys_append(keys, "", 1) < 0 || reserve_item(keys) < 0)
                return -ENOMEM;
        if (2 * (keys->n + 1) > keys->n_slots && grow_slots(keys) < 0)
                return -ENOMEM;
        key.size = (uint32_t) (keys->bytes_used - offset - 1);
        key.hash = hash_bytes(keys->seed, keys->bytes + offset, key.size);
        key.slot = find_slot(keys, &key);
        if (keys->slots[key.slot] != 0)
                return -EEXIST;
        keys->items[keys->n++] = key;
        keys->slots[key.slot] = (uint32_t) keys->n;
        return 0;
}

void json_keys_truncate(JsonKeys *keys, size_t n)
{
        while (keys->n > n) {
                const JsonKey *key = &keys->items[--keys->n];

                keys->slots[key->slot] = 0;
                keys->bytes_used = key->offset;
        }
}
