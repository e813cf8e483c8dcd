/* The defaults of a container that says nothing else: for `ctrctl spec` and for .container files.
 */
#pragma once

#include "base/macro.h"

#include <stdint.h>
#include <stdio.h>

typedef struct SpecDefaultMount {
        const char *destination, *type, *source;
        const char *options[8]; /* NULL after the last */
} SpecDefaultMount;

extern const char *const spec_default_capabilities[]; /* each of these ends in NULL */
extern const char *const spec_default_namespaces[];
extern const char *const spec_default_masked_paths[];
extern const char *const spec_default_readonly_paths[];
extern const SpecDefaultMount spec_default_mounts[]; /* ends in a destination of NULL */

/* Whose configuration it is, when it is not root's. */
typedef struct SpecDefaultUser {
        uint32_t uid, gid;
} SpecDefaultUser;

/* All of it as the text of a config.json. user: NULL, or who is root in the container's user
 * namespace, which then has no other ids, no network of its own and no limits: what somebody
 * without rights can have. Errors stay in the stream (ferror(3)). */
void spec_default_print(FILE *f, const SpecDefaultUser *user);

/* The object linux.seccomp for a container with these capabilities ("CAP_SYS_ADMIN"): a capability
 * opens the calls that nothing but it is for, as the profile of other engines does. */
void spec_default_print_seccomp(FILE *f, const char *const *capabilities, size_t n);

/* An array of strings, NULL after the last, one a line with this indentation. */
void spec_print_strings(FILE *f, const char *indent, const char *const *items);
