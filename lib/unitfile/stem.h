/* Stems: what stands before ".container" and ".container.d" in the names of files.
 *
 *     web        a container
 *     web@       a template: no container by itself
 *     web@one    its instance "one", the container "web-one"
 *
 * Additions are looked for from the narrowest name to the widest, as systemd.unit(5) has it:
 * "my-web@one", "my-web@", "my-", and "" for the directory container.d itself. */
#pragma once

#include "base/name.h"

/* Checks a stem: ids around at most one '@'. -EINVAL with the error of ctr_id_check(). */
int stem_check(const char *stem, CtrError *err);

/* "web@" */
bool stem_is_template(const char *stem);

/* "one" of "web@one", else NULL. */
const char *stem_instance(const char *stem);

/* The container's id: the stem, or "web-one" for "web@one". The stem was checked. */
void stem_to_id(const char *stem, char ret[static CTR_ID_MAX + 1]);

/* "web@" of "web@one". */
void stem_to_template(const char *stem, char ret[static CTR_ID_MAX + 1]);

/* The next wider stem whose additions count, in place. false: there is none. */
bool stem_widen(char *stem);

/* Name of the directory of additions: "web.container.d", or "container.d" for "". type:
 * "container", or "volume". */
void stem_to_directory(const char *stem, const char *type, char ret[static CTR_UNIT_NAME_MAX]);

/* Replaces %i, %I (instance) and %p, %P (what is before the '@') of a template's value; %% and
 * other specifiers stay as they are. NULL = out of memory. The caller frees it. */
char *stem_expand(const char *stem, const char *value);
