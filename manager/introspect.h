/* Printing the interfaces of the daemon as XML. */
#pragma once

#include "manager/daemon.h"

#include <stdio.h>

/* interface: "org.ctrunit1.Manager", ... */
int introspect_print(const char *interface, FILE *f, CtrError *err);
