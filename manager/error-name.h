/* Errors as the bus knows them: org.ctrunit1.Error.NAME, where NAME is that of the code. */
#pragma once

#include "base/error.h"

#define ERROR_NAME_MAX 128

/* Returns buf. */
const char *error_name(CtrErrorCode code, char buf[static ERROR_NAME_MAX]);
