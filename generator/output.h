/* Writing a unit and its links into the directory that systemd gave: whole files only, by rename.
 */
#pragma once

#include "generator/unit.h"

/* Returns 0 or -errno with *err. */
int output_unit(int dir_fd, const Unit *unit, CtrError *err);

/* The same as text on f: for people and tests. */
void output_unit_text(const Unit *unit, FILE *f);
