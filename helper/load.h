/* Programs from files. */
#pragma once

#include "plan/program.h"

/* Maps and checks the program that fd is open on: a regular file or a memfd. The mapping stays. 0,
 * or -errno with *err. */
int load_program(int fd, Program *ret, CtrError *err);
