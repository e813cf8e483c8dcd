/* ctr-runtime: containers for engines, which start them as their own children and wait for them. */
#include "ctl/program.h"

static const char *const cgroup_managers[] = { "systemd", "cgroupfs", "disabled", NULL };

const ProgramInfo program = {
        .name = "ctr-runtime",
        .summary = "OCI containers for container engines: runc's command line.",
        /* containerd and docker read a version only from a line that begins like this. */
        .version = "runc version " CTR_VERSION " (ctrunit ctr-runtime)",
        .mode = PLAN_CGROUPFS,
        .cgroup_managers = cgroup_managers,
        .cgroup_manager_words = "systemd|cgroupfs|disabled",
        .cgroup_manager_help = "who makes the cgroup (default cgroupfs)",
        .systemd_cgroup_help = "the same as --cgroup-manager systemd: a scope unit",
};
