/* ctrctl: containers as services. */
#include "ctl/program.h"

static const char *const cgroup_managers[] = { "systemd", NULL };

const ProgramInfo program = {
        .name = "ctrctl",
        .summary = "OCI containers as systemd units.",
        .version = "ctrctl version " CTR_VERSION,
        .mode = PLAN_SERVICE,
        .cgroup_managers = cgroup_managers,
        .cgroup_manager_words = "systemd",
        .cgroup_manager_help = "accepted: containers are units always",
        .systemd_cgroup_help = "accepted: containers are units always",
};
