/* Volumes: directories, or mounted file systems, that belong to no container and outlive all of
 * them. NAME.volume becomes ctr-volume@NAME.service, which is active while the volume is there to
 * be used: systemd makes its directory (StateDirectory=), so that `systemctl clean` removes it.
 * What containers see is the directory "data" in it: systemd gives its own one back to root at each
 * start. With Device= that is where a mount unit mounts it. */
#pragma once

#include "unitfile/settings.h"
#include "unitfile/volume-name.h"

/* Keys that need each other. -EINVAL with the position in *problem. */
int volume_check(const Settings *settings, const char *name, Problem *problem);

/* Whether it is a file system to mount. */
bool volume_has_device(const Settings *settings);

/* The text of the units, without the first line that says who made it. source: path of the .volume
 * file. Errors stay in the stream (ferror(3)).
 */
void volume_write_service(const Settings *settings, const char *name, const char *source, FILE *f);
void volume_write_mount(const Settings *settings, const char *name, const char *source, FILE *f);
