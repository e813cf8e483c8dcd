/* What ctr-exec knows while it runs a program: descriptors by slot, the socket to its other half,
 * the container's identity. One value, made in main.c; the clone gets its own copy of it with the
 * rest of the memory. */
#pragma once

#include "plan/launch.h"
#include "plan/program.h"

#include <signal.h>
#include <sys/types.h>

/* Memory for argument vectors: one private mapping that is never given back, instead of a heap.
 * Pages cost nothing until they are used. */
typedef struct Arena {
        char *base;
        size_t used, size;
} Arena;

/* A page shared between ctr-exec and its clone: which operation the clone is in. It tells where a
 * clone died that could not say so itself (killed for memory, by a seccomp filter). */
typedef struct Progress {
        volatile uint32_t opcode;
        volatile int listener_fd; /* of the filter, in the clone's table */
        volatile int
                hook_errno; /* why the execve of the hook that runs now failed, 0 = it did not */
} Progress;

/* Limits of the own cgroup as PID 1 set them, "" = there is no such controller: see unit-limits.h.
 */
typedef struct SavedLimits {
        char pids_max[24];
        char memory_max[24];
} SavedLimits;

/* Kinds of namespaces that a process can enter and leave again. */
#define NAMESPACE_KIND_MAX 7

typedef struct Context {
        Program program;
        const char *id;
        ProgramKind kind;
        ProgramList list; /* the list that this process runs */
        Arena arena;
        Progress *progress;
        int *slots; /* descriptors by number, -EBADF = empty */

        int proc_fd;   /* root of a private procfs that nobody else can mount over: see procfs.h */
        int state_fd;  /* STATE, only in `run` */
        int rootfs_fd; /* root directory of the container */
        int sync_fd;   /* own end of the socket between ctr-exec and its clone */

        /* Outside: what PID 1 and the caller gave. */
        const char *notify_socket; /* NULL = none */
        const char *invocation_id; /* "-" = none */
        const char *watchdog_usec; /* WATCHDOG_USEC; NULL = none */
        const char *credentials;   /* directory of the unit's credentials; NULL = none */
        int launch_fd;             /* launch socket, see plan/launch.h */
        int stdio_fd[3];           /* the payload's, if others than 0, 1, 2 */
        int *kept_fds;             /* those that become the payload's 3, 4, ... */
        uint32_t n_kept_fds;
        uint32_t n_listen_fds;                  /* so many of them are listening sockets */
        const char *listen_names;               /* LISTEN_FDNAMES of those; NULL = none */
        uint32_t console_rows, console_columns; /* its size, if the program names none */
        int console_fd;                         /* connected socket that gets the terminal */
        bool has_terminal;                      /* standard input is one that PID 1 gave */
        bool is_answered; /* CREATED or STARTED was sent: a later failure is no caller's */

        /* The clone, as ctr-exec sees it. */
        pid_t child_pid;
        pid_t between_pid; /* whom it came from, which has ended: our parent's child too; 0 = us */
        int child_pidfd;
        int child_proc_fd;     /* its directory in the host's /proc */
        uint64_t clone_flags;  /* CLONE_NEW* of the clone */
        char own_cgroup[4096]; /* below the root, before ctr-exec moved; join-cgroup may set it */
        int user_namespace_fd; /* one that is there, for the clone to be born in; not ours */
        int own_namespace_fd[NAMESPACE_KIND_MAX]; /* to come back to: see namespace.h */
        int left_mounts_fd[2]; /* mount namespaces that the clone has left: see op-lock-mounts.c */
        bool is_pid_namespace_shared; /* the clone is born among processes of the container */
        bool is_executed;             /* its execve succeeded */
        bool is_stopped;              /* it was asked to stop at the gate and ended */
        bool has_notify;              /* the program tells PID 1: caller is answered after that */
        bool is_main_told;            /* PID 1 was told that the clone is the main process */
        bool is_ready_told;           /* PID 1 was told that the unit is up */
        bool is_ready_early;    /* and that before the set-up was done: a caller waits for more */
        bool has_gate;          /* the program waits at one */
        const ProgramOp *birth; /* the clone makes another one in its place; NULL = it does not */
        bool is_born;           /* and has */
        bool has_init;          /* the clone is the payload's parent, not the payload */
        bool is_payload_notifying; /* READY=1 is the payload's to say */
        int trace_fd;              /* signalfd for SIGCHLD while the clone is traced */
        int main_told_fd;          /* pipe that PID 1 closes when it has read that */
        bool is_started_deferred;  /* STARTED is sent after the poststart hooks */
        bool is_ready_deferred; /* READY=1 is sent when the payload runs, not at a gate that is gone
                                 */

        int restore_fd;      /* listening socket of criu's action script */
        int restore_peer_fd; /* the script that waits */
        int criu_pidfd;      /* the clone, once the child is what it restored */

        int gate_fd;          /* listening socket */
        int gate_dir_fd;      /* directory it is in */
        int gate_peer_fd;     /* connection of `start` */
        bool was_gate_opened; /* by an earlier invocation of this unit: there is none now */

        bool has_child_failure;
        LaunchReply child_failure; /* the record that the clone sent */

        const ProgramOp *hook_state;
        int hook_output_fd[2]; /* standard output and error of hooks, -EBADF = as ctr-exec's */
        SavedLimits limits;
        uint64_t soft_nofile; /* RLIMIT_NOFILE of whoever started ctr-exec, for what it executes; 0
                                 = as it is */

        /* The clone, as it sees itself. */
        bool has_mount_namespace; /* its mounts are not the host's */
        bool is_rootfs_in_place;  /* attached where it is on the host, not over "/" */
        bool is_tree_private;     /* nothing it mounts outside the rootfs propagates to the host */
        int mask_file_fd, mask_dir_fd; /* covers: see op-mask.c */
        bool is_mask_file_attached, is_mask_dir_attached;
        mode_t payload_umask;
        bool keeps_groups;
        bool has_cwd;
        bool has_console;             /* of its own making: its standard descriptors */
        const char *home;             /* of the payload's user, when its environment has none */
        bool wants_watchdog;          /* the payload answers for itself: it gets WATCHDOG_USEC */
        const char *credentials_path; /* where they are in the container; NULL = there are none */
} Context;

/* Memory from the arena, 8-byte aligned; NULL when it is used up. */
void *arena_alloc(Arena *arena, size_t size);

/* Maps an arena that is large enough for all lists of this program and gives slots their place. */
int context_init(Context *ctx, const Program *program, CtrError *err);

/* A value with every descriptor empty. */
Context context_empty(void);

/* Nobody may look into this process (ptrace(2), /proc/PID/fd). Again after each change of ids or of
 * the user namespace: that makes a process dumpable as fs.suid_dumpable says (proc(5)), and with 1
 * whoever has CAP_SYS_PTRACE in its user namespace may. 0 or -errno. */
int context_hide(void);

/* The strings of a list as a NULL-terminated vector in the arena; NULL when out of memory. */
char **context_list_to_strv(Context *ctx, ProgramData list);

/* Shorthand for strings of an operation of the running program. */
static inline const char *op_string(const Context *ctx, const ProgramOp *op, unsigned i)
{
        return program_string(&ctx->program, op->string[i]);
}

/* Descriptor in the slot that argument i names, or -EBADF. */
static inline int op_slot(const Context *ctx, const ProgramOp *op, unsigned i)
{
        uint64_t slot = op->number[i];

        return slot == PROGRAM_NO_SLOT ? -EBADF : ctx->slots[slot];
}
