/* start. */
#include "ctl/program.h"
#include "ctl/verb.h"

#include "base/name.h"

#include <stdio.h>
#include <unistd.h>

bool verb_is_configured(const char *id)
{
        char unit[CTR_UNIT_NAME_MAX], path[CTR_UNIT_NAME_MAX + sizeof("/run/systemd/generator/")];

        (void) snprintf(path, sizeof(path), "/run/systemd/generator/%s", ctr_id_to_unit(id, unit));
        return access(path, F_OK) >= 0;
}

static int run_start(const Call *call, CtrError *err)
{
        const char *id = call->arguments[0];
        int r = runtime_start(call->runtime, id, err);

        if (r < 0 && err->code == CTR_ERROR_CONTAINER_NOT_EXISTS && program.mode == PLAN_SERVICE &&
                verb_is_configured(id))
                (void) ctr_error_set(err, CTR_ERROR_CONTAINER_NOT_EXISTS, 0,
                        "container %s is configured: systemctl start starts it", id);
        return r;
}

const Verb verb_start = {
        .name = "start",
        .arguments = "ID",
        .help = "let a created container run",
        .n_arguments_min = 1,
        .n_arguments_max = 1,
        .run = run_start,
};
