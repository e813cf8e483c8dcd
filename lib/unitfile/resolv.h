/* A resolv.conf(5) for a container: what the keys say, and for the rest what the host has. */
#pragma once

#include "unitfile/recipe.h"

/* Writes the file. host_text: the host's own resolv.conf, "" when there is none. Name servers at a
 * loopback address of the host are left out where the container has another network. Returns how
 * many name servers there are. */
unsigned resolv_print(const Recipe *recipe, const char *host_text, FILE *f);
