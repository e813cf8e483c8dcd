/* From a quick program to the whole one. */
#pragma once

#include "base/macro.h"

/* Executes the program that has all verbs with the same arguments. */
_noreturn_ void hand_over(char **argv);
