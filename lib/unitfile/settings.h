/* The .container file of one container, or .volume file of a volume, with its additions, read and
 * checked: what passes through into the unit, which links it asks for, which bundle it names. */
#pragma once

#include "unitfile/ini.h"
#include "unitfile/keys.h"
#include "unitfile/search.h"

#include <stdio.h>

/* Where something is wrong: "FILE:LINE:COLUMN: FIELD: MESSAGE" by ctr_error_format(). */
typedef struct Problem {
        char file[SEARCH_PATH_MAX];
        CtrError error;
} Problem;

typedef struct Settings {
        Ini ini;
        const KeyInfo **keys; /* of ini.items, same index */
        char **files;         /* paths that ini.items point to */
        size_t n_files;
} Settings;

/* Reads NAME.container, then its additions in the order of their names; nothing to read is fine.
 * Returns 0, or -errno with *problem. */
int settings_load(
        const Search *search, const SearchContainer *container, Settings *ret, Problem *problem);
void settings_done(Settings *settings);

/* The same of one text alone, which is taken over: a file that stands nowhere in particular. path:
 * for messages; stem: of its name, see stem.h. */
int settings_load_text(const char *path, const char *stem, char *text, size_t size, Settings *ret,
        Problem *problem);

/* The entry that counts for a key that is no list; NULL when it is not set or reset. */
const IniEntry *settings_find(const Settings *settings, KeyUse use, const char *key);

/* Whether the entry counts: not overridden by a later one, nor before a later empty assignment. */
bool settings_is_current(const Settings *settings, size_t index);

/* The container's id: ContainerName=, or the name of the file. */
const char *settings_container_id(const Settings *settings, const char *name);

/* The unit of another container that is named as NAME.container: by its own ContainerName=, when
 * search (may be NULL) finds it; or of a volume, NAME.volume, or a pod, NAME.pod. false when the
 * name is none of these forms. */
bool settings_find_unit(
        const Search *search, const char *name, char unit[static CTR_UNIT_NAME_MAX]);

/* Writes "[Unit]" and "[Service]" with the keys that pass through, nothing when there are none.
 * Each NAME.container becomes its unit. */
void settings_write(const Settings *settings, const Search *search, FILE *f);
