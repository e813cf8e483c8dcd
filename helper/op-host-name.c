/* Names of the UTS namespace. */
#include "helper/ops.h"

#include <string.h>

int op_set_hostname(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *name = op_string(ctx, op, 0);

        if (sethostname(name, strlen(name)) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "%s", name);
        return 0;
}

int op_set_domainname(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *name = op_string(ctx, op, 0);

        if (setdomainname(name, strlen(name)) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "%s", name);
        return 0;
}
