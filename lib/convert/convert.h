/* Configurations of libcontainer (Config as JSON, 0.0.4 and later) and of nsinit (container.json,
 * 2014) as config.json. Both are read by one set of tables: the second is the first with a few
 * other names.
 *
 * What has a meaning and cannot be expressed is an error that names it; what was never more than
 * a help to the old program (pivot_dir, kernel_memory, ...) is a warning. Members that are zero,
 * empty or null are absent, as Go writes them. Neither has a command: the result runs "sh" unless
 * something else is put into process.args. */
#pragma once

#include "spec/spec.h"

typedef struct ConvertInput {
        const char *text;
        const char *rootfs; /* for a configuration without one; NULL = that is an error */
} ConvertInput;

/* *ret: the text of a config.json, allocated. A text that is one already is copied. warnings: NULL,
 * or where lines are appended. Users and groups by name are looked for in the root file system. */
int convert_config(const ConvertInput *input, char **ret, SpecStrv *warnings, CtrError *err);

/* Limits alone: of an object linux.resources a copy, of one of the others what its cgroups say. */
int convert_resources(const char *text, char **ret, CtrError *err);
