/* Verbs on another machine: --host and --machine. What is local work for a verb is there a call of
 * org.ctrunit1, the D-Bus API of that machine's ctr-managerd; its polkit decides. */
#pragma once

#include "ctl/verb.h"

typedef struct RemoteTarget {
        const char *host;    /* "[USER@]HOST", by ssh(1) */
        const char *machine; /* of systemd-machined, or ".host" */
} RemoteTarget;

/* Runs the verb there. An exit status, or -errno with *err; verbs that cannot be done there say so.
 */
int remote_run(const RemoteTarget *target, const Verb *verb, const Call *call, CtrError *err);
