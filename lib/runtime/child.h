/* Short-lived children of the caller, which must be root: programs of the host that a pod needs
 * (hooks, network plugins), and functions that need namespaces of their own. */
#pragma once

#include "base/error.h"

#include <sys/types.h>

typedef struct ChildRun {
        const char *what; /* for messages: "prestart hook /usr/bin/x" */
        const char *path;
        char *const *argv; /* NULL-terminated */
        char *const *env;  /* NULL-terminated; NULL = empty */
        const char *input; /* its standard input */
        size_t input_size;
        int netns_fd;          /* network namespace to run in; negative = the caller's */
        uint64_t timeout_usec; /* 0 = none; after it the process group gets SIGKILL */
} ChildRun;

typedef struct ChildResult {
        char *output; /* standard output, at most CHILD_OUTPUT_MAX bytes, with a NUL */
        size_t output_size;
        int status;       /* exit status, or 128 + signal */
        char errors[512]; /* the end of standard error, one line */
} ChildResult;

#define CHILD_OUTPUT_MAX (1U << 20)

/* Runs a program to its end, in a session of its own, with no descriptor of ours but 0, 1 and 2.
 * Returns 0 however it ended; -errno when it could not be executed, -ETIMEDOUT. */
int child_run(const ChildRun *run, ChildResult *ret, CtrError *err);
void child_result_done(ChildResult *result);

/* The same for a program that must exit with 0: else an error with the end of its messages. */
int child_run_checked(const ChildRun *run, CtrError *err);

/* Runs f(socket, argument) in a copy of this process, whose exit status is what f returns (0 to
 * 125). *ret_socket is the other end: the child ought to end when that is closed. f must not
 * allocate nor return to the caller's state. Returns the pid. */
pid_t child_call(
        int (*f)(int socket_fd, void *argument), void *argument, int *ret_socket, CtrError *err);

/* Waits for its end. Exit status, 128 + signal, or -errno. */
int child_wait(pid_t pid);
