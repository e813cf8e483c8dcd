/* What ctr-exec and its callers say to each other over sockets. Plain structs of fixed size, one a
 * message, over SOCK_SEQPACKET; same machine and same package, so no versions beyond the magic.
 *
 * launch socket (service mode, attached or detached start by ctrctl): the unit's standard input is
 * one end. The caller sends one LaunchRequest with SCM_RIGHTS (stdin, stdout, stderr; or none),
 * ctr-exec answers with LaunchReply: CREATED or STARTED (with a pidfd of the payload by SCM_RIGHTS)
 * or FAILED. End of file before an answer means ctr-exec died. Only a unit's first invocation has a
 * live peer: afterwards the socket is at its end, and ctr-exec uses /dev/null and the unit's own
 * stdout and stderr.
 *
 * gate (STATE/gate): `start` connects and reads until end of file: nothing means that execve
 * succeeded, one LaunchReply with FAILED says why not. */
#pragma once

#include "base/error.h"

#define LAUNCH_MAGIC 0x4c525443U /* "CTRL" */

/* Descriptors that ctr-exec is started with in the other two modes: `ctr-exec exec` reads its
 * program from the first (a memfd); the second is the launch socket, for `exec` always and for
 * `run` of a PROGRAM_SCOPE when it is a socket. 0, 1 and 2 are the caller's there; a LaunchRequest
 * with further descriptors is there before ctr-exec starts, or never comes.
 *
 * A PROGRAM_SCOPE has no unit yet when it starts: ctr-exec says CLONED with the clone's pidfd, its
 * caller puts the clone into a cgroup and answers with a LaunchRequest of kind PLACED. */
#define LAUNCH_PROGRAM_FD 3
#define LAUNCH_SOCKET_FD  4

/* First argument of a ctr-exec that its caller started from a detached read-only clone of its file,
 * by the descriptor below: it looks whether that is true and whether nobody has the descriptor any
 * more, and makes the clone itself when not. The other one is its own, and with it an untruth is an
 * error. */
#define LAUNCH_CLONED_MARK "--cloned"
#define LAUNCH_SEALED_MARK "--sealed"
#define LAUNCH_CLONED_FD   (LAUNCH_SOCKET_FD + 1)

#define LAUNCH_FDS_MAX    253 /* what one message can carry (SCM_MAX_FD of the kernel) */
#define LAUNCH_NAMES_SIZE 1024

/* systemd's exit codes, systemd.exec(5): what ctr-exec exits with for each kind of failure. */
enum {
        LAUNCH_EXIT_CHDIR = 200,
        LAUNCH_EXIT_EXEC = 203,
        LAUNCH_EXIT_LIMITS = 205,
        LAUNCH_EXIT_OOM_ADJUST = 206,
        LAUNCH_EXIT_STDIN = 208,
        LAUNCH_EXIT_IO_PRIORITY = 211,
        LAUNCH_EXIT_SCHEDULER = 214,
        LAUNCH_EXIT_CPU_AFFINITY = 215,
        LAUNCH_EXIT_GROUP = 216,
        LAUNCH_EXIT_USER = 217,
        LAUNCH_EXIT_CAPABILITIES = 218,
        LAUNCH_EXIT_CGROUP = 219,
        LAUNCH_EXIT_NETWORK = 225,
        LAUNCH_EXIT_NAMESPACE = 226,
        LAUNCH_EXIT_NO_NEW_PRIVILEGES = 227,
        LAUNCH_EXIT_SECCOMP = 228,
        LAUNCH_EXIT_LSM_LABEL = 229,
        LAUNCH_EXIT_PERSONALITY = 230,
        LAUNCH_EXIT_KEYRING = 237,
        LAUNCH_EXIT_MEMORY_POLICY = 242,
        LAUNCH_EXIT_CREDENTIALS = 243,
        LAUNCH_EXIT_HOOK = 239, /* no code of systemd's fits: RUNTIME_DIRECTORY's neighbours are
                                   free of meaning here */
        LAUNCH_EXIT_CONFIG = 78,
        LAUNCH_EXIT_PROTOCOL = 71,
};

typedef enum LaunchKind {
        LAUNCH_REQUEST = 1,
        LAUNCH_CREATED,
        LAUNCH_STARTED,
        LAUNCH_FAILED,
        LAUNCH_CLONED,
        LAUNCH_PLACED,
} LaunchKind;

/* The descriptors come in this order: standard ones, those to be kept, console socket. */
typedef struct LaunchRequest {
        uint32_t magic;
        uint32_t kind;      /* LAUNCH_REQUEST, LAUNCH_PLACED */
        uint32_t n_stdio;   /* 0: /dev/null and the unit's own stdout/stderr; 3: 0, 1 and 2 */
        uint32_t n_kept;    /* the payload's 3, 4, ... */
        uint32_t n_listen;  /* so many of those are listening sockets: sd_listen_fds(3) */
        uint32_t n_console; /* 1: a connected socket that receives the terminal */
        uint32_t console_rows,
                console_columns; /* its size, unless the program has one; 0 = as it is */
        char listen_names[LAUNCH_NAMES_SIZE]; /* LISTEN_FDNAMES; "" = none */
} LaunchRequest;

/* The record of a failed operation: also what the child sends to ctr-exec. */
typedef struct LaunchReply {
        uint32_t magic;
        uint32_t kind;
        int32_t pid;         /* the clone, in the caller's pid namespace */
        int32_t exit_status; /* FAILED: LAUNCH_EXIT_* */
        int32_t errno_value; /* FAILED: 0 = none */
        uint32_t opcode;     /* FAILED: ProgramOpcode, 0 = outside any */
        char message[764];   /* FAILED: one line: operation, object, reason, hint */
        int32_t between;     /* a child of the caller's parent like the clone that it came from, and
                                has ended; 0 = there was none */
} LaunchReply;
