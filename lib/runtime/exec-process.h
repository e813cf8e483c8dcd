/* The process object of an exec: the container's own, or one from a file, with the caller's changes
 * on top. */
#pragma once

#include "runtime/runtime.h"

/* `container` is the container's configuration. The result is a shallow copy: what the options
 * changed is owned by *ret, everything else by container or by the file's Spec, which *ret keeps.
 */
typedef struct ExecProcess {
        SpecProcess process;
        Spec *file; /* from --process; else NULL */
        char **env; /* the array only */
} ExecProcess;

/* The process of the options over the container's own: policy is the container's unless an option
 * adds to it. */
int exec_process_make(
        const Spec *container, const RuntimeExec *options, ExecProcess *ret, CtrError *err);
void exec_process_done(ExecProcess *p);
