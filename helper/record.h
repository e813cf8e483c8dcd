/* What stays of a container outside of it: the files of STATE. */
#pragma once

#include "helper/context.h"

/* `ctr-exec record-exit`: writes STATE/exit from what systemd.exec(5) gives ExecStopPost= in the
 * environment, runs the poststop hooks once per invocation and unpins the namespaces. May be run
 * again at any time. */
int record_exit(const char *state_dir, CtrError *err);

/* `ctr-exec poststop`: the poststop hooks alone, for `delete`; once per invocation too. */
int record_poststop(const char *state_dir, CtrError *err);
