/* What a container has from outside of itself, as options for criu: mounts, standard descriptors
 * and a network namespace that is not its own. */
#pragma once

#include "runtime/criu.h"

/* The mounts, from the container's own table and its configuration. One that is not of either is
 * refused: nobody could give it back. */
int checkpoint_add_mounts(CriuCall *call, const Spec *spec, pid_t pid, CtrError *err);

/* Descriptors 0, 1 and 2, whose names are also written beside the images. */
int checkpoint_add_descriptors(CriuCall *call, pid_t pid, CtrError *err);

/* The network namespace, when the configuration names it by a path. */
int checkpoint_add_network(CriuCall *call, const Spec *spec, pid_t pid, CtrError *err);
