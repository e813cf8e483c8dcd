/* The program of a plain exec (a command and nothing else), from the compiled program of the
 * container's init: the same identity, operation by operation, behind another way in and before
 * another command. Needs no library, so that the quick programs can. plan_exec_program() compiles
 * the same from the configuration, and everything else; a test compares the two. */
#pragma once

#include "plan/program.h"

#include <sys/types.h>

/* flags of join-cgroup and of chdir */
enum { PROGRAM_JOIN_FIRST_LEAF = 1, PROGRAM_JOIN_RETURNS = 2, PROGRAM_CHDIR_TRY = 2 };

/* Whether the process is made outside of the container's pid namespace and born into it at the end
 * (birth): when somebody in there may look into any process, and no user namespace keeps it from
 * that. capabilities: what the container's processes may have, and this one. Not with a scheduling
 * policy that is not inherited. */
bool program_exec_is_born_late(
        uint64_t namespaces, uint64_t capabilities, uint64_t policy, uint64_t scheduler_flags);

typedef struct ProgramExec {
        pid_t init_pid;
        uint64_t init_starttime;
        const char *cgroup_dir; /* that init is in */
        uint64_t namespaces;    /* CLONE_NEW* bits in which init differs from the caller */
        char *const *args;      /* NULL-terminated, not empty */
} ProgramExec;

/* 1 with the bytes, allocated; 0 when this takes the configuration: user namespaces, a seccomp
 * agent, what is not known here. The caller knows that the configuration says nothing that only
 * exec looks at (plan_exec_is_plain()). */
int program_exec_derive(
        const Program *init, const ProgramExec *exec, void **ret, size_t *ret_size, CtrError *err);
