/* Unit properties into a D-Bus message, by the signature that the property table gives them. */
#pragma once

#include "plan/properties.h"
#include "sd/sd-connection.h"

/* Appends "a(sv)": all properties that `type` takes, in the list's order. */
void sd_write_properties(SdWriter *w, const PropertyList *properties, UnitType type);
