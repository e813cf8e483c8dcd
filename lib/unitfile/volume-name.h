/* Names of volumes, their paths and units: see volume.h. */
#pragma once

#include "base/name.h"

#include <stdbool.h>

#define VOLUME_DIRECTORY "/var/lib/ctrunit/volumes"
#define VOLUME_NAME_MAX  100
#define VOLUME_PATH_MAX  (sizeof(VOLUME_DIRECTORY "//data") + VOLUME_NAME_MAX)

/* "data.volume" is named: its name, "data" ("data-x" of "data@x.volume"), which may not be valid.
 * false: this is no name of that form. */
bool volume_reference(const char *text, char name[static CTR_UNIT_NAME_MAX]);

/* An id of at most VOLUME_NAME_MAX bytes. */
bool volume_name_is_valid(const char *name);

/* Where its data is. */
void volume_path(const char *name, char ret[static VOLUME_PATH_MAX]);

/* "ctr-volume@data.service"; and the unit that mounts Device=. The name is valid. */
void volume_unit(const char *name, char ret[static CTR_UNIT_NAME_MAX]);
void volume_mount_unit(const char *name, char ret[static CTR_UNIT_NAME_MAX]);
