/* Mount units: an image as a file system of the host, mounted by PID 1 (systemd.mount(5)). */
#pragma once

#include "sd/sd-connection.h"

typedef struct SdMount {
        const char *what, *where; /* absolute */
        const char *type, *options;
        const char *description;
} SdMount;

/* Name of the unit of a place, as systemd-escape --path --suffix=mount makes it. Returns 0, or
 * -ENAMETOOLONG. */
int sd_mount_unit(const char *where, char *buf, size_t size);

/* A transient unit, and waits until it is mounted. Errors: CTR_ERROR_ID_IN_USE, CTR_ERROR_SYSTEM
 * when mount(8) fails. */
int sd_mount_start(SdConnection *c, const SdMount *mount, CtrError *err);
