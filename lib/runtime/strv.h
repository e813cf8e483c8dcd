/* Growing and copying lists of strings (SpecStrv), always NULL-terminated once they have an item.
 */
#pragma once

#include "spec/spec.h"

/* Appends a copy. -ENOMEM. */
int strv_add(SpecStrv *v, const char *text);

/* -ENOMEM leaves *ret empty. */
int strv_copy(const SpecStrv *from, SpecStrv *ret);
void strv_done(SpecStrv *v);
