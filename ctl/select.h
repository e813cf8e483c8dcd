/* Containers by pattern: --regex of kill and delete. */
#pragma once

#include "ctl/verb.h"

/* Does something to one container. */
typedef int (*ContainerAction)(const Call *call, const char *id, CtrError *err);

/* Calls action for every container whose id has a match of the extended regular expression
 * (regex(7)), in the order of ids. Goes on after a failure, which is a warning; all in all it is an
 * error then. No match is none. */
int select_each(const Call *call, const char *pattern, ContainerAction action, CtrError *err);
