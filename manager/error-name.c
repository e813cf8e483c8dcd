/* Names of errors: see error-name.h. */
#include "manager/error-name.h"

#include <stdio.h>

const char *error_name(CtrErrorCode code, char buf[static ERROR_NAME_MAX])
{
        (void) snprintf(buf, ERROR_NAME_MAX, "org.ctrunit1.Error.%s", ctr_error_code_name(code));
        return buf;
}
