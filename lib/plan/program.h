/* The set-up program: the half of a plan that ctr-exec executes. A flat list of fixed-size
 * operation records in execution order, followed by one data area with their strings and blobs. No
 * pointers inside: the file is mapped and run as it is. plan writes it, ctr-exec runs it,
 * program-text.c prints it.
 *
 * Two ordered lists (HOST run by ctr-exec in the host's namespaces, CHILD run by its clone), stages
 * inside them, joined by named messages (SyncMessage) that are operations in both lists. Every
 * operation is one line of PROGRAM_OPS below: its record's fields in words. A new operation is that
 * line, one handler in helper/op-SUBJECT.c, and one line in plan. */
#pragma once

#include "base/error.h"

#define PROGRAM_MAGIC    "CTRPROG"
#define PROGRAM_VERSION  1
#define PROGRAM_SIZE_MAX (64U * 1024 * 1024)
#define PROGRAM_SLOT_MAX 4096U /* file descriptors kept by number */
#define PROGRAM_OP_MAX   65536U

typedef enum ProgramList {
        PROGRAM_HOST,
        PROGRAM_CHILD,
        _PROGRAM_LIST_MAX,
} ProgramList;

/* Stages in execution order; the records of a list never go back to an earlier stage. */
typedef enum ProgramStage {
        STAGE_PREPARE,   /* HOST: before the clone */
        STAGE_ATTEND,    /* HOST: the clone and everything after it */
        STAGE_NAMESPACE, /* CHILD: join and finish namespaces */
        STAGE_ROOTFS,    /* CHILD: mounts and nodes, until pivot_root */
        STAGE_INSIDE,    /* CHILD: what needs the new root: sysctl, masks, read-only */
        STAGE_IDENTITY,  /* CHILD: limits, groups, ids, capabilities, seccomp */
        STAGE_FINAL,     /* CHILD: gate, startContainer hooks, late seccomp, execve */
        _PROGRAM_STAGE_MAX,
} ProgramStage;

/* One byte each over the socket pair between ctr-exec and its clone. Each is sent in one place and
 * awaited in one place (ARCHITECTURE.md has the drawing). */
typedef enum SyncMessage {
        SYNC_MAPS_WRITTEN = 1, /* host -> child: id maps of the new user namespace are in place */
        SYNC_NAMESPACES_READY, /* child -> host: every namespace exists (net devices, pins may
                                  follow) */
        SYNC_ROOTFS_READY,     /* child -> host: mounts done, not pivoted: runtime hooks may run */
        SYNC_HOOKS_DONE,       /* host -> child: prestart and createRuntime hooks succeeded */
        SYNC_SETUP_DONE,       /* child -> host: only gate and execve are left */
        SYNC_LIMITS_RESTORED,  /* host -> child: limits and scheduling are the container's */
        SYNC_AT_GATE,          /* child -> host: waiting for `start` */
        SYNC_PLACED, /* host -> child: it is in its cgroup (engines, where PID 1 starts nothing) */
        /* The rest are part of the operations exec, gate and await-exec, never arguments of
           send and await. */
        SYNC_EXECUTING, /* child -> host: execve is next; end of file after it is success, before it
                           death */
        SYNC_STOPPED,   /* child -> host: asked to stop at the gate; end of file follows */
        SYNC_GATE_OPENED, /* child -> host, with the connection: only with poststart hooks */
        SYNC_LISTENER, /* child -> host: the filter's listener is open (seccomp, send-listener) */
        SYNC_LISTENER_SENT, /* host -> child: the agent has it */
        SYNC_MAIN_PROCESS,  /* host -> child: PID 1 knows the child as the unit's main process: it
                               may end now */
        SYNC_MOUNTS_READY,  /* child -> host: its mounts are as they stay (lock-mounts) */
        SYNC_MOUNTS_COPIED, /* host -> child, with the namespace in which they are locked */
        SYNC_ADOPTED,       /* host -> the one that the child made in its place (birth) */
        _SYNC_MAX,
} SyncMessage;

/* X(ID, text name, fields). Fields: "name=PLACE" separated by blanks, where PLACE is n0..n3
 * (decimal), x0..x3 (the same number in hex), o0..o3 (octal), t0..t3 (a character), c0..c3
 * (CLONE_NEW* by name), a0..a3 (MOUNT_ATTR_* by name), p0..p3 (propagation by name), m0
 * (SyncMessage by name), s0..s3 (string), l0/l1 (string list), b0/b1 (binary, only its size is
 * printed). */
/* clang-format off */
#define PROGRAM_OPS(X)                                                                             \
        /* ---- HOST, PREPARE ---- */                                                              \
        /* Raise pids.max and memory.max of the own cgroup for the set-up, remembering the         \
         * values. */                                                                              \
        X(RAISE_LIMITS, "raise-limits", "")                                                        \
        /* open_tree(2) of the root file system: a detached recursive private clone. */            \
        X(OPEN_ROOTFS, "open-rootfs", "slot=n0 path=s0 flags=n1")                                  \
        /* open_tree(2) of a bind source. flags: 1 = recursive, 2 = do not follow a final link, 4  \
         * = stay in the source's peer group, else the clone is its slave. */ \
        X(OPEN_SOURCE, "open-source", "slot=n0 flags=n1 path=s0")                                  \
        /* Maps the owners of a bind source's files (flags: 1 = and of what is mounted below) by a   \
         * user namespace with these maps; without maps, by the one that is joined. */              \
        X(ID_MAP, "id-map", "slot=n0 flags=n1 uid-map=s0 gid-map=s1 path=s2")                      \
        /* A file system in memory with copies of the unit's credentials, read-only, files 0400 of     \
         * this host user (uid UINT64_MAX: not known, for everybody); without any the slot stays     \
         * empty. */                                                                               \
        X(COPY_CREDENTIALS, "copy-credentials", "slot=n0 uid=n1 gid=n2")                           \
        /* A security module that the member of config.json needs: "apparmor", "selinux". */        \
        X(REQUIRE_LSM, "require-lsm", "name=s0 field=s1")                                          \
        /* Host device node to bind: must be the type ('c','b') and number given, else slot        \
         * stays empty. */                                                                         \
        X(OPEN_DEVICE, "open-device", "slot=n0 type=t1 major=n2 minor=n3 path=s0")                 \
        /* A namespace file, checked by NS_GET_NSTYPE against the CLONE_NEW* flag. changed-by: the     \
         * member of config.json that changes it, so it must not be the host's own. */             \
        X(OPEN_NAMESPACE, "open-namespace", "slot=n0 type=c1 path=s0 changed-by=s1")               \
        /* pidfd of a running process, checked by its start time (field 22 of /proc/PID/stat). */  \
        X(OPEN_PROCESS, "open-process", "slot=n0 pid=n1 starttime=n2")                             \
        /* Binds and listens on the gate socket at this path (mode 0600), close-on-exec. */        \
        X(OPEN_GATE, "open-gate", "path=s0")                                                       \
        /* setns(2) of ctr-exec itself before the clone: a joined pid namespace, every joined      \
         * one when the clone will be in a user namespace (whose processes could not join what     \
         * the host owns), or all of a process (slot of a pidfd). After the clone ctr-exec is in   \
         * its own namespaces again. A joined user namespace is the clone's alone. */                                          \
        X(JOIN_BEFORE_CLONE, "join-before-clone", "slot=n0 type=c1")                               \
        /* A new file system (proc, sysfs, mqueue) of a namespace that the clone will be in but     \
         * does not own, made with the host's privileges: a detached mount to bind. */             \
        X(OPEN_FILE_SYSTEM, "open-file-system", "slot=n0 type=s0")                                 \
        /* unshare(CLONE_NEWTIME) and offsets into /proc/self/timens_offsets. */                   \
        X(UNSHARE_TIME, "unshare-time", "offsets=s0")                                              \
        /* Writes the pid of ctr-exec into cgroup.procs of this cgroup directory; flags: 1 =       \
         * first leaf on EBUSY, 2 = the one before is remembered for LEAVE_CGROUP. */                                                                 \
        X(JOIN_CGROUP, "join-cgroup", "flags=n0 path=s0")                                          \
        /* sched_setaffinity(2); mask: cpu_set_t, none: every processor of the cpuset. Before the   \
         * control group is joined, and in the child once it is there. */                          \
        X(CPU_AFFINITY, "cpu-affinity", "cpus=s0 mask=b0")                                         \
        /* Joins a class of resctrl, made and recorded when missing (flags: see base/rdt.h), and a     \
         * monitoring group in it. */                                                              \
        X(RDT, "rdt", "flags=n0 root=s0 class=s1 schemata=s2 monitor=s3")                          \
        /* The pipes and sockets among the standard descriptors are this user's from now on. */    \
        X(GIVE_STDIO, "give-stdio", "uid=n0")                                                      \
        /* Files that the output of hooks is appended to. */                                       \
        X(HOOK_OUTPUT, "hook-output", "stdout=s0 stderr=s1")                                       \
        /* ---- HOST, ATTEND ---- */                                                               \
        /* clone3(2) with CLONE_PARENT and these CLONE_NEW* flags; the child runs the CHILD        \
         * list. */                                                                                \
        X(CLONE, "clone", "flags=c0")                                                              \
        /* Back from JOIN_CGROUP, without the child: PID 1 knows who notifies it by the cgroup. */  \
        X(LEAVE_CGROUP, "leave-cgroup", "")                                                        \
        X(WRITE_UID_MAP, "write-uid-map", "map=s0")                                                \
        X(WRITE_GID_MAP, "write-gid-map", "map=s0")                                                \
        /* Writes "PID STARTTIME INVOCATION_ID\n" to this file (temporary file and rename). */     \
        X(RECORD_PID, "record-pid", "path=s0")                                                     \
        /* For engines: tells the caller on the launch socket that the child exists, and waits     \
         * there until the caller has put it into its cgroup. */                                   \
        X(REQUEST_CGROUP, "request-cgroup", "")                                                    \
        X(AWAIT_CGROUP, "await-cgroup", "")                                                        \
        /* The child's cgroup (in PREPARE: the own) has systemd's program for DeviceAllow=, or can    \
         * have one. */                                                                            \
        X(CHECK_DEVICE_RULES, "check-device-rules", "")                                            \
        /* A program of type BPF_PROG_TYPE_CGROUP_DEVICE for it, beside those that are there. */   \
        X(DEVICE_FILTER, "device-filter", "program=b0")                                            \
        /* Makes a cgroup of this name in the child's and moves the child there; flags: 1 = its      \
         * files are this owner's. */                                                              \
        X(SUB_CGROUP, "sub-cgroup", "name=s0 flags=n0 uid=n1 gid=n2")                              \
        /* Makes this user the owner of the child's cgroup: cgroups(7), delegation. */             \
        X(GIVE_CGROUP, "give-cgroup", "uid=n0")                                                    \
        /* Bind-mounts the child's namespace file (proc name in s1: "net") to this path. */        \
        X(PIN_NAMESPACE, "pin-namespace", "path=s0 name=s1")                                       \
        /* Moves a network device of the host, with its addresses, into the child's namespace. */   \
        X(NET_DEVICE, "net-device", "host=s0 name=s1")                                             \
        /* Awaits the listener of the child's filter and sends it to the agent's socket, with a     \
         * state: head, `,"status":"S","pid":N`, tail, `,"pid":M}`; N is state-pid, 0 = the child. */ \
        X(SEND_LISTENER, "send-listener", "path=s0 status=s1 head=s2 tail=s3 state-pid=n0")        \
        /* Head and tail of the state JSON for hooks of both lists; `,"status":"S","pid":N` is     \
         * put between them. Once in a program, in the HOST list. */                               \
        X(HOOK_STATE, "hook-state", "head=s0 tail=s1")                                             \
        /* Runs one hook to its end; kind is a SpecHookKind name; env and argv complete; HOST      \
         * or CHILD list. */                                                                       \
        /* flags: 1 = under the filter of the seccomp operation, which comes later; 2 = its        \
         * working directory is the rootfs. cwd: another one, if it is there. */                   \
        X(HOOK, "hook", "kind=s1 status=s2 timeout-usec=n0 flags=n1 path=s0 argv=l0 env=l1 cwd=s3") \
        /* Writes back what RAISE_LIMITS found, unless PID 1 wrote meanwhile. */                   \
        X(RESTORE_LIMITS, "restore-limits", "")                                                    \
        /* Writes a value to a file of the unit's own cgroup that systemd has no property for. */  \
        X(WRITE_CGROUP, "write-cgroup", "file=s0 value=s1")                                        \
        /* sd_notify(3): MAINPID=<child> READY=1 and this STATUS. Before await-exec: the child     \
         * waits at a gate, or a caller waits for the launch reply and not for PID 1. */           \
        X(NOTIFY_READY, "notify-ready", "status=s0")                                               \
        /* The same without READY=1, which the payload says itself: main process and caller are      \
         * settled. */                                                                             \
        X(NOTIFY_PAYLOAD, "notify-payload", "")                                                    \
        /* Waits until the child's execve succeeded (its end of the socket closes) or failed (a    \
         * record). */                                                                             \
        X(AWAIT_EXEC, "await-exec", "")                                                            \
        /* ---- both lists ---- */                                                                 \
        X(SEND, "send", "message=m0")                                                              \
        X(AWAIT, "await", "message=m0")                                                            \
        /* With a user namespace: the child moves to a copy of its mount namespace in which the      \
         * kernel keeps every mount in its place and its flags as strict as they are. */            \
        X(LOCK_MOUNTS, "lock-mounts", "")                                                          \
        /* ---- CHILD, NAMESPACE ---- */                                                           \
        X(JOIN_NAMESPACE, "join-namespace", "slot=n0 type=c1")                                     \
        /* setresgid/setresuid(0) inside a user namespace that has its maps. */                    \
        X(BECOME_ROOT, "become-root", "")                                                          \
        X(UNSHARE_CGROUP, "unshare-cgroup", "")                                                    \
        X(NEW_SESSION, "new-session", "")                                                          \
        X(NEW_KEYRING, "new-keyring", "name=s0")                                                   \
        X(SET_HOSTNAME, "set-hostname", "name=s0")                                                 \
        X(SET_DOMAINNAME, "set-domainname", "name=s0")                                             \
        X(LOOPBACK_UP, "loopback-up", "")                                                          \
        /* ---- CHILD, ROOTFS: every path is resolved with openat2(RESOLVE_IN_ROOT) below the      \
         * rootfs ---- */                                                                          \
        /* Propagation (MS_SLAVE, MS_PRIVATE...) of the whole tree the child inherited; attr of    \
         * mount_setattr(2). */                                                                    \
        X(INHERITED_PROPAGATION, "inherited-propagation", "propagation=p0")                        \
        /* At path, its place on the host, for hooks that look for it there; else over "/". */     \
        X(ATTACH_ROOTFS, "attach-rootfs", "slot=n0 path=s0")                                       \
        /* An overlay over that, which becomes the rootfs: changes go to a tmpfs of its own. flags: 1 \
         * = in a user namespace. */                                                               \
        X(ATTACH_OVERLAY, "attach-overlay", "flags=n0")                                            \
        /* fsopen/fsconfig/fsmount and move_mount onto target, which is made (mode n2) when        \
         * missing. options: "key" flags and "key=value". attr: MOUNT_ATTR_* to set; flags: 1 = a    \
         * tmpfs gets the mode of the directory that it covers. */                                 \
        X(MOUNT, "mount", "type=s0 source=s1 target=s2 attr=a0 flags=n1 mode=o2 options=l0")       \
        /* A tmpfs that starts with a copy of what the target held. */                             \
        X(MOUNT_COPY_UP, "mount-copy-up", "type=s0 source=s1 target=s2 attr=a0 mode=o2 options=l0") \
        /* Attaches a detached bind source; the target is made as directory or file like the       \
         * source. The attributes are set before it is attached; flags: 1 = on the whole tree,     \
         * else on its top mount; 2 = onto a link itself; 4 = a source that is a link is made again.  \
         */                                                               \
        X(BIND, "bind", "slot=n0 target=s0 attr-set=a1 attr-clear=a2 flags=n3")                    \
        /* Attaches the credentials, if there are any, and tells the payload by its environment. */ \
        X(BIND_CREDENTIALS, "bind-credentials", "slot=n0 target=s0")                               \
        /* mount_setattr(2) on a mount in the rootfs; flags: 1 = AT_RECURSIVE. */                  \
        X(SET_ATTR, "set-attr", "target=s0 attr-set=a0 attr-clear=a1 propagation=p2 flags=n3")     \
        /* cgroup2 of the own cgroup namespace, or (flags 1) a bind of the own cgroup. */          \
        X(MOUNT_CGROUP, "mount-cgroup", "target=s0 attr=a0 flags=n1")                              \
        /* A device node: bind of the slot (n3; PROGRAM_NO_SLOT = none or empty: mknodat).         \
         * mode|S_IFMT in n0, dev_t in n1, owner uid << 32 | gid in n2. existing "same": something   \
         * else of this name in the image is an error; else it is replaced. */                         \
        X(NODE, "node", "path=s0 mode=o0 dev=x1 owner=x2 slot=n3 existing=s1")                                 \
        X(SYMLINK, "symlink", "path=s0 target=s1")                                                 \
        /* A terminal of the container's own devpts becomes the process's; its other side goes     \
         * over the console socket. Size 0x0 = as it is; flags: 1 = also on /dev/console. */       \
        X(CONSOLE, "console", "height=n0 width=n1 uid=n2 flags=n3")                                \
        /* pivot_root(2) onto the attached rootfs and detach the old root; flags: 1 = MS_MOVE      \
         * and chroot, 2 = cover procfs and sysfs of the old root before. */                       \
        X(PIVOT, "pivot", "flags=n0")                                                              \
        /* ---- CHILD, INSIDE ---- */                                                              \
        /* On a private procfs that never was in the container. key with dots or slashes,          \
         * checked by plan. */                                                                     \
        X(SYSCTL, "sysctl", "key=s0 value=s1")                                                     \
        /* Hides a file (read-only empty file) or directory (read-only empty tmpfs); missing is    \
         * fine. */                                                                                \
        X(MASK, "mask", "path=s0")                                                                 \
        /* Recursive read-only bind over itself; missing is fine. */                               \
        X(READONLY, "readonly", "path=s0")                                                         \
        X(ROOT_READONLY, "root-readonly", "")                                                      \
        X(ROOT_PROPAGATION, "root-propagation", "propagation=p0 flags=n1")                         \
        /* ---- CHILD, IDENTITY ---- */                                                            \
        /* Also in PREPARE, to be inherited: with a user namespace the child may not lower it. */  \
        X(OOM_SCORE_ADJ, "oom-score-adj", "value=s0")                                              \
        /* Also in PREPARE, where it only raises the hard limit to be inherited. */                \
        X(RLIMIT, "rlimit", "resource=n0 soft=n1 hard=n2")                                         \
        /* sched_setattr(2): nice << 32 | priority in n2; times "RUNTIME DEADLINE PERIOD" in       \
         * ns, absent = 0. */                                                                      \
        X(SCHEDULER, "scheduler", "policy=n0 flags=n1 nice-priority=x2 times=s0")                  \
        X(IO_PRIORITY, "io-priority", "value=x0")                                                  \
        /* set_mempolicy(2): mode with its flags; mask of nodes, in unsigned longs. */              \
        X(MEMORY_POLICY, "memory-policy", "mode=x0 nodes=s0 mask=b0")                              \
        X(PERSONALITY, "personality", "domain=x0")                                                 \
        /* Writes value to /proc/self/attr/ATTRIBUTE of the private procfs ("apparmor/exec",       \
         * "exec"). */                                                                             \
        X(LSM_LABEL, "lsm-label", "attribute=s0 value=s1")                                         \
        X(UMASK, "umask", "mask=o0")                                                               \
        X(BOUNDING, "bounding", "capabilities=x0")                                                 \
        /* Supplementary groups stay what they are: set-ids leaves them. */                         \
        X(KEEP_GROUPS, "keep-groups", "")                                                          \
        /* setgroups, setresgid, setresuid with keepcaps; groups: packed uint32_t. */              \
        X(SET_IDS, "set-ids", "uid=n0 gid=n1 groups=b0")                                           \
        /* capset(2) and ambient. */                                                               \
        X(SET_CAPABILITIES, "set-capabilities", "effective=x0 permitted=x1 inheritable=x2 ambient=x3") \
        X(NO_NEW_PRIVILEGES, "no-new-privileges", "")                                              \
        /* A compiled filter: array of struct sock_filter. flags of seccomp(2). listener: the       \
         * agent's socket, which send-listener serves. */                                          \
        X(SECCOMP, "seccomp", "flags=x0 filter=b0 listener=s0")                                    \
        /* chdir and check that the result is inside the root. flags: 1 = made when missing        \
         * (mode 0755), 2 = a refusal (EACCES, EPERM) is left to the next chdir. After one         \
         * success further ones do nothing: plan says it once before and once after set-ids,       \
         * because either may be the one that is allowed. */                                       \
        X(CHDIR, "chdir", "path=s0 flags=n0")                                                      \
        /* ---- CHILD, FINAL ---- */                                                               \
        /* Fails as execve would for a program that is not there or cannot be executed: engines look \
         * for that in the answer of `create`. */                                                  \
        X(FIND_PROGRAM, "find-program", "argv=l0 env=l1")                                          \
        /* Waits for `start` on the gate; ends with 0 on the stop signal (n0). */                  \
        X(GATE, "gate", "stop-signal=n0")                                                          \
        /* PID 1's WATCHDOG_USEC, if there is one, is for the payload. */                          \
        X(PASS_WATCHDOG, "pass-watchdog", "")                                                      \
        /* execve(2); a name without slash is searched in PATH of env; HOME is added from          \
         * passwd if absent. */                                                                    \
        X(EXEC, "exec", "argv=l0 env=l1")                                                          \
        /* The same in a child, while this process stays as the first one of the container: hands   \
         * signals on, reaps orphans, ends as the child does. */                                    \
        X(EXEC_UNDER_INIT, "exec-under-init", "argv=l0 env=l1")                                    \
        /* ---- restoring a checkpoint: the clone executes criu(8), which makes the processes ---- */ \
        /* HOST, PREPARE: binds and listens on the socket on which criu's action script reports. */ \
        X(OPEN_RESTORE, "open-restore", "path=s0")                                                 \
        /* CHILD, ROOTFS: a tmpfs at this host path, seen by the child alone, in which the binds that \
         * follow are: where criu finds its sources. "empty" and "file" in it are covers. */          \
        X(STAGE, "stage", "path=s0")                                                               \
        /* CHILD, ROOTFS: what a mount of the images goes onto, made below "/root" of that when it is \
         * missing: a directory, or a file where the slot has one. */                              \
        X(STAGE_TARGET, "stage-target", "slot=n0 path=s0")                                         \
        /* CHILD, FINAL: the payload's standard descriptors become 3, 4, 5, this slot 6; 0, 1, 2 are \
         * the null device. */                                                                     \
        X(INHERIT, "inherit", "slot=n0")                                                           \
        /* HOST, ATTEND: waits until criu has made the processes, which wait; the child is the first  \
         * of them from here on. log: where criu says what went wrong. */                          \
        X(AWAIT_RESTORED, "await-restored", "log=s0")                                              \
        /* mount_setattr(2) in the child's mount namespace; flags: 1 = missing is fine, 2 = with all  \
         * that is mounted below. */                                                               \
        X(RESTORED_ATTR, "restored-attr", "target=s0 attr-set=a0 attr-clear=a1 flags=n2")          \
        /* Lets the processes run: PID 1 knows the first (flags 1), and the caller once criu ended.   \
         */                                                                                        \
        X(RESUME_RESTORED, "resume-restored", "flags=n0 log=s0")                                   \
        /* CHILD, FINAL: a sibling is born into the pid namespace of the slot's process, which the     \
         * child joined for it, and does the rest in the child's place: nobody in there ever sees a    \
         * process that has more than the identity. The session and its terminal are its own. */       \
        X(BIRTH, "birth", "slot=n0")
/* clang-format on */

typedef enum ProgramOpcode {
        PROGRAM_OP_NONE,
#define X(id, ...) PROGRAM_OP_##id,
        PROGRAM_OPS(X)
#undef X
                _PROGRAM_OPCODE_MAX,
} ProgramOpcode;

#define PROGRAM_NO_SLOT UINT64_MAX

/* Strings of an operation are never absent, except mount and mount-copy-up source, seccomp
 * listener, scheduler times, id-map maps, memory-policy nodes, existing of a node, rdt schemata and
 * monitor, hook-output files, what changes an opened namespace. Lists may be empty, except argv.
 * program_open() checks it. */

/* A range of the data area. Strings are NUL-terminated inside it and size counts the NUL; lists are
 * strings one after the other. offset and size 0 = absent. */
typedef struct ProgramData {
        uint32_t offset;
        uint32_t size;
} ProgramData;

typedef struct ProgramOp {
        uint16_t opcode;
        uint8_t list;
        uint8_t stage;
        uint32_t reserved; /* 0 */
        uint64_t number[4];
        ProgramData string[4];
        ProgramData data[2]; /* l0/l1 or b0/b1; b0 is 8-byte aligned in the file */
} ProgramOp;

/* Why this program exists: ctr-exec behaves the same in all, plan chooses the operations. */
typedef enum ProgramKind {
        PROGRAM_SERVICE, /* init of a container, child of PID 1 */
        PROGRAM_SCOPE,   /* init of a container, child of ctr-runtime's caller */
        PROGRAM_EXEC,    /* another process in a running container */
        _PROGRAM_KIND_MAX,
} ProgramKind;

typedef struct ProgramHeader {
        char magic[8];
        uint32_t version;
        uint32_t kind;
        uint32_t n_ops;
        uint32_t n_slots;
        uint32_t data_offset; /* from the start of the file; ops follow the header */
        uint32_t data_size;
        ProgramData id;  /* container id */
        char digest[64]; /* lower-case hex SHA-256 of the config it was compiled from */
} ProgramHeader;

/* A checked view of a program in memory. */
typedef struct Program {
        const ProgramHeader *header;
        const ProgramOp *ops;
        const char *data;
} Program;

/* Checks everything once (sizes, offsets, terminators, opcodes, list and stage order, slots,
 * alignment) so that no handler needs to. No allocation: used by ctr-exec. bytes must be 8-byte
 * aligned. -EBADMSG with *err. */
int program_open(const void *bytes, size_t size, Program *ret, CtrError *err);

const char *program_string(const Program *p, ProgramData d); /* NULL when absent */
/* Next string of a list: pass NULL first; returns NULL at the end. */
const char *program_list_next(const Program *p, ProgramData d, const char *previous);
size_t program_list_count(const Program *p, ProgramData d);

typedef struct ProgramOpInfo {
        const char *name;
        const char *fields;
} ProgramOpInfo;

const ProgramOpInfo *program_op_info(ProgramOpcode opcode); /* NULL when unknown */
const char *program_stage_name(ProgramStage stage);
