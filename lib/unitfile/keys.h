/* What may stand in a .container, .volume or .pod file: one table of sections and keys with the
 * kind of their values. Keys of [Unit] and [Service] pass through into the generated unit, so the
 * table is an allow-list: nothing that runs a command, changes whose process it is or loosens what
 * the container is confined by. Keys of [Container] have the names that podman-systemd.unit(5)
 * gives them. */
#pragma once

#include "unitfile/ini.h"
#include "unitfile/value.h"

typedef enum KeyUse {
        KEY_UNIT,      /* stands in [Unit] of the generated unit */
        KEY_SERVICE,   /* stands in [Service] of the generated unit */
        KEY_INSTALL,   /* becomes links */
        KEY_CONTAINER, /* what the container is: recipe.h */
        KEY_QUADLET,   /* how the unit is made */
        KEY_VOLUME,    /* what a volume is: volume.h */
        KEY_POD,       /* what a pod is: pod-file.h */
        KEY_IGNORED,   /* X-Something, for other programs */
} KeyUse;

typedef struct KeyInfo {
        const char *name;
        KeyUse use;
        ValueKind kind;
        bool is_list;      /* repeating it appends; else the last one counts */
        const char *words; /* for VALUE_WORD */
} KeyInfo;

/* Whether a section belongs into a file of this type: "container", "volume", "pod". */
bool key_section_fits(KeyUse use, const char *type);

/* The key of this assignment in a file of this type, its value checked. Errors name the nearest
 * known key, or say why the key is not for a container. Returns 0 or -EINVAL with *err. */
int key_find(const IniEntry *entry, const char *type, const KeyInfo **ret, CtrError *err);

/* The table, for the manual's test: NULL after the last. */
const KeyInfo *key_at(size_t index);
const char *key_section(KeyUse use);
