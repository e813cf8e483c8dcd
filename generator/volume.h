/* The units of a volume: see unitfile/volume.h. */
#pragma once

#include "generator/unit.h"

/* Makes ctr-volume@NAME.service, and a mount unit beside it when there is something to mount. A
 * broken one is a stub, as a container is. Returns 0 or -ENOMEM. */
int volume_generate(const Search *search, const SearchContainer *volume, Unit *ret);
