/* The files of AddHost= and DNS= of a .container file: /etc/hosts and /etc/resolv.conf. */
#pragma once

#include "runtime/bundle.h"
#include "unitfile/recipe.h"

/* Their texts, for this host as it is now, into the bundle. */
int container_names_fill(const Recipe *recipe, Bundle *bundle, CtrError *err);

/* Writes them into the container's state directory, where its mounts take them from. */
int container_names_write(const Bundle *bundle, int dir_fd, CtrError *err);
