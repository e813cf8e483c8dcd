/* systemd's unit-file syntax, systemd.syntax(7), read into a flat list of assignments in file
 * order. Knows no key: what may stand where is keys.c's. Several files may be read into one list (a
 * file, then its drop-ins); the last assignment of a key is the one that counts. */
#pragma once

#include "base/error.h"

#define INI_SIZE_MAX (1024U * 1024)

typedef struct IniEntry {
        const char *section;
        const char *key;
        const char *value; /* blanks around it removed, continued lines joined by a blank */
        const char *file;  /* as given to ini_add_text() */
        unsigned line;
        unsigned column; /* of the key's first byte */
} IniEntry;

typedef struct Ini {
        IniEntry *items;
        size_t n;
        char **texts; /* what the strings above point into */
        size_t n_texts;
} Ini;

/* Reads one file's text (taken over, changed in place, freed by ini_done() also after an error).
 * text[size] must be NUL; `file` must outlive the Ini. -EINVAL with line and column, or -ENOMEM. */
int ini_add_text(Ini *ini, const char *file, char *text, size_t size, CtrError *err);

void ini_done(Ini *ini);

/* Fills *err for this entry: field is the key, the position its line. Returns -EINVAL. */
int ini_entry_error(const IniEntry *entry, CtrError *err, const char *fmt, ...) _printf_(3, 4);
