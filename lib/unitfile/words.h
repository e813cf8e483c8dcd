/* What stands in a value: specifiers, words with systemd's quotes and escapes, and parts between
 * separators. All strings are the arena's. Errors are positions of the entry. */
#pragma once

#include "spec/spec-arena.h"
#include "spec/spec.h"
#include "unitfile/ini.h"

/* Out of memory for one entry: fills *err, returns -ENOMEM. */
int words_no_memory(const IniEntry *entry, CtrError *err);

/* Replaces the specifiers of systemd.unit(5) that stand for the same on every host: %i, %I, %n, %N,
 * %p (of the container's unit), %t, %S, %C, %L, %E, %T, %V, %h, %u, %U, %g, %G, %%. Any other is an
 * error. */
int words_expand(
        const IniEntry *entry, const char *id, SpecArena *arena, char **ret, CtrError *err);

/* Splits at blanks; quotes and C escapes as systemd.syntax(7) has them. */
int words_split(
        const IniEntry *entry, const char *value, SpecArena *arena, SpecStrv *ret, CtrError *err);

/* Splits at every separator; parts may be empty. */
int words_cut(const IniEntry *entry, const char *value, char separator, SpecArena *arena,
        SpecStrv *ret, CtrError *err);

/* Appends a string (not copied). -ENOMEM. */
int words_add(SpecStrv *v, char *text, SpecArena *arena);

/* Room for one more item after n: the array itself or a larger copy; NULL = out of memory. */
void *words_grow(SpecArena *arena, void *items, size_t n, size_t item_size);

/* Formatted text. NULL = out of memory. */
char *words_format(SpecArena *arena, const char *fmt, ...) _printf_(2, 3);
