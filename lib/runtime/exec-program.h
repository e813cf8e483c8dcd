/* The set-up program of another process in a running container: checked, planned, as bytes. What
 * starts it is exec.c (a child of ours) or session.c (a unit of its own). */
#pragma once

#include "runtime/container.h"

typedef struct ExecProgram {
        void *bytes;
        size_t size;
        bool has_terminal;
        char unit[CTR_UNIT_NAME_MAX]; /* of the container; "" = none */
        /* The cgroup that ctr-exec is to be born in, as a move waits for a grace period of RCU; "":
         * it moves there itself. Its birth needs a descriptor of the host's directory: where the
         * container has a pid namespace, nobody in it sees who holds that. */
        char birthplace[CGROUP_PATH_MAX];
} ExecProgram;

/* Fails for a container that is not running, or is paused: CTR_ERROR_CONTAINER_NOT_RUNNING,
 * CTR_ERROR_CONTAINER_PAUSED. */
int exec_program_make(
        const Runtime *rt, const RuntimeExec *options, ExecProgram *ret, CtrError *err);
void exec_program_done(ExecProgram *program);
/* kinds: those of exec_target_namespaces(). */
void exec_program_set_birthplace(ExecProgram *program, const char *cgroup, uint64_t kinds);

/* The program in a sealed memfd, as ctr-exec reads it. */
int exec_program_memfd(const ExecProgram *program, CtrError *err);

/* The container to enter and its init. Errors as above; then nothing is open. */
int exec_target_open(const Runtime *rt, const RuntimeExec *options, Container *ret,
        ContainerProcess *ret_init, CtrError *err);

/* The kinds of namespaces, as CLONE_NEW* bits, in which a process differs from us. */
int exec_target_namespaces(pid_t pid, uint64_t *ret, CtrError *err);
