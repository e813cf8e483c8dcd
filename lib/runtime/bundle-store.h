/* Bundles that ctrunit makes itself, for containers that come as a configuration and a root file
 * system: /var/lib/ctrunit/bundles/ID. Such a bundle belongs to its container and goes with it. */
#pragma once

#include "base/error.h"

#define BUNDLE_STORE  "/var/lib/ctrunit/bundles"
#define BUNDLE_ROOTFS "rootfs" /* in one: what an archive or an image is */

/* Makes the directory of a new one. CTR_ERROR_ID_IN_USE when there is one of this id. Returns a
 * descriptor. */
int bundle_store_create(const char *id, CtrError *err);

/* Opens the directory of one. */
int bundle_store_open(const char *id, CtrError *err);

/* Its path: "" when id is not valid. */
const char *bundle_store_path(const char *id, char *buf, size_t size);

/* Removes it; an image that is mounted in it is left by the kernel when nobody uses it any more.
 * Missing is success. */
int bundle_store_remove(const char *id, CtrError *err);
