/* The two programs that are made of this folder: same verbs, same functions. */
#pragma once

#include "runtime/runtime.h"

typedef struct ProgramInfo {
        const char *name;
        const char *summary;
        const char *version; /* first line of --version */
        PlanMode mode;       /* of containers it creates, unless an option says otherwise */
        const char *const *cgroup_managers; /* values of --cgroup-manager */
        const char *cgroup_manager_words;   /* the same for the help */
        const char *cgroup_manager_help, *systemd_cgroup_help;
} ProgramInfo;

extern const ProgramInfo program;

/* Of main; set once, before anything else. */
extern char **program_argv;
