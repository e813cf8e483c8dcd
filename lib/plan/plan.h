/* The compiler: Spec and context in, unit properties and set-up program out. Pure: no system call
 * that depends on the host, no environment, no clock; the same input gives the same bytes on every
 * machine with the same libseccomp. (So it never looks whether a path exists: the program's
 * operations find out.) */
#pragma once

#include "plan/program.h"
#include "plan/properties.h"
#include "plan/state-files.h"
#include "spec/spec.h"

typedef enum PlanMode {
        PLAN_SERVICE,  /* ctr@ID.service */
        PLAN_SCOPE,    /* PREFIX-ID.scope for engines: the caller is the payload's parent */
        PLAN_CGROUPFS, /* the same with a cgroup that is not systemd's */
        PLAN_UNPLACED, /* the same in the caller's own cgroup */
        _PLAN_MODE_MAX,
} PlanMode;

/* Who makes the unit: decides the few properties that differ. */
typedef enum PlanOrigin {
        PLAN_TRANSIENT_RUN,    /* ctrctl run: starts at once */
        PLAN_TRANSIENT_CREATE, /* ctrctl create: waits at the gate for `start` */
        PLAN_GENERATED, /* unit file by the generator: starts at once, compiles in ExecStartPre */
} PlanOrigin;

/* Keeps compiled system call filters for the caller: the compiler itself has no place for them. The
 * key is everything that a filter depends on, the value its bytes. */
typedef struct PlanFilterCache {
        void *userdata;
        /* 1 and a copy made with malloc, or 0 when there is none that is whole. */
        int (*load)(void *userdata, const void *key, size_t key_size, void **ret, size_t *ret_size);
        /* Best effort. */
        void (*store)(void *userdata, const void *key, size_t key_size, const void *filter,
                size_t filter_size);
} PlanFilterCache;

typedef struct PlanContext {
        const char *id;     /* valid container id */
        const char *bundle; /* absolute path */
        const char *
                state_dir; /* absolute path of this container's state: /run/ctrunit/containers/ID */
        const char *config_path; /* absolute path of the config.json that was read (SourcePath=) */
        const char *digest;      /* 64 hex digits: SHA-256 of that text */
        PlanMode mode;
        PlanOrigin origin;
        bool wants_no_pivot;
        bool wants_no_new_keyring;
        bool has_launch_socket;  /* the caller passes a launch socket as standard input */
        bool has_console;        /* and, with process.terminal, somebody who takes the terminal */
        bool has_waiting_caller; /* the caller also gives its own standard descriptors, waits for
                                    the end, knows the exit status and removes the state */
        bool has_notify_socket;  /* an engine's container whose caller waits for notifications */
        char *const *requests;   /* "NAME=VALUE": unit properties that the caller asks for */
        size_t n_requests;
        const char
                *pod_unit; /* ports are those of a pod: its unit; id is its name without ".service"
                            */
        char cpu_arch[16]; /* reserved: "" = native */
        const PlanFilterCache *filter_cache; /* NULL = none */
} PlanContext;

/* Unit of a container: properties only. Needs no seccomp: the generator calls just this. */
int plan_properties(const Spec *spec, const PlanContext *ctx, PropertyList *ret, CtrError *err);

#define PLAN_STATE_URL_MAX 8192

/* What a scope's Documentation= says about where its container's state is: "file:DIRECTORY", with
 * every byte but letters, digits and /_.+- as %XX. -ENAMETOOLONG when it does not fit. */
int plan_state_url(const char *directory, char url[static PLAN_STATE_URL_MAX]);

/* Ports of the host that lead to a container's: the annotation, which `run --publish` adds to. */
#define PLAN_PUBLISH_ANNOTATION "org.ctrunit.publish"
#define PLAN_PORT_LISTEN_MAX    128
#define PLAN_PORT_UNIT_MAX      320
#define PLAN_PORT_IDLE_SEC      "30" /* without connections, until the forwarder ends */

#define PLAN_PORT_SOCKET_DOCUMENTATION  "man:ctrunit.unit(7)"
#define PLAN_PORT_SERVICE_DOCUMENTATION "man:ctrunit.unit(7) man:systemd-socket-proxyd(8)"

typedef struct PlanPort {
        char name[16]; /* its part of the units' names: "8080", "53-udp", "unix-80" */
        char listen[PLAN_PORT_LISTEN_MAX]; /* ListenStream= or ListenDatagram= */
        unsigned port;                     /* on the container's loopback device */
        bool is_udp;
} PlanPort;

typedef struct PlanPorts {
        PlanPort *items;
        size_t n;
} PlanPorts;

/* What is wrong with a word of the list, or NULL. */
const char *plan_publish_fault(const char *word);

/* The annotation org.ctrunit.publish among these; nothing without one. 0, or -errno with *err. */
int plan_ports_read(const SpecKeyValues *annotations, PlanPorts *ret, CtrError *err);

/* The same of a container, which must be able to have ports. */
int plan_ports(const Spec *spec, const PlanContext *ctx, PlanPorts *ret, CtrError *err);
void plan_ports_done(PlanPorts *ports);

/* "ctr-fwd@web-8080.TYPE", and the text of these units: type is "socket" or "service".
 * -ENAMETOOLONG or -EINVAL for an id that cannot have one. */
int plan_port_unit(const char *id, const PlanPort *port, const char *type,
        char ret[static PLAN_PORT_UNIT_MAX]);
void plan_port_socket_text(const PlanContext *ctx, const PlanPort *port, FILE *f);
void plan_port_service_text(const PlanContext *ctx, const PlanPort *port, FILE *f);

/* NULL-terminated: ExecStartPre= of the socket (empty: none), ExecStartPre= and ExecStart= of the
 * service. */
typedef struct PlanPortCommands {
        char number[8], target[24];
        const char *check[4], *await[6], *forward[5];
} PlanPortCommands;

/* The command lines of a port's units, systemd.exec(5); they point into *ret, ctx and port. */
void plan_port_commands(const PlanContext *ctx, const PlanPort *port, PlanPortCommands *ret);

/* Name of the scope and its slice, from linux.cgroupsPath "SLICE:PREFIX:NAME"; without one
 * "ctr-ID.scope" in system.slice. An empty SLICE is system.slice, "-" the root slice. */
int plan_scope_name(const Spec *spec, const char *id, char unit[static 256], char slice[static 256],
        CtrError *err);

/* The socket that annotation run.oci.pidfd_receiver names, NULL when there is none. */
const char *plan_pidfd_receiver(const Spec *spec);

/* Values of a property list as cgroup2 files, for a cgroup that is not systemd's: what
 * plan_cgroup_files() has comes on top. An update also takes back what a new cgroup does not have.
 * Released with plan_cgroup_files_done(). */
int plan_property_files(
        const PropertyList *properties, bool is_update, SpecKeyValues *ret, CtrError *err);

/* The set-up program as the bytes of a program file, allocated with malloc. */
int plan_program(
        const Spec *spec, const PlanContext *ctx, void **ret, size_t *ret_size, CtrError *err);

/* Properties to change for `update`: only what is set in r. Values that belong together (quota and
 * period, swap and limit) must both be in r: the caller fills in what the container has. Without a
 * unit the values are as the kernel takes them, not as systemd keeps them. */
int plan_update(const SpecResources *r, bool has_unit, PropertyList *ret, CtrError *err);

/* Files of the unit's own cgroup that systemd has no property for, as name and value in the order
 * of writing: cpu.max.burst, hugetlb, rdma, unknown `unified` keys, and pids.max 0. plan_program()
 * has them as operations; `update` writes them itself. */
int plan_cgroup_files(const SpecResources *r, SpecKeyValues *ret, CtrError *err);
void plan_cgroup_files_done(SpecKeyValues *files);

/* Remarks that are no errors: values that mean nothing on cgroup2. One line each. Returns 0 or
 * -ENOMEM. */
int plan_warnings(const SpecResources *r, SpecStrv *ret);
void plan_warnings_done(SpecStrv *warnings);

/* Names in the images of a checkpoint, of which config.json has none: the covers of masked files
 * and directories, and a network namespace that is not the container's own. A mount's name is its
 * destination. */
#define PLAN_COVER_FILE         "ctrunit-file"
#define PLAN_COVER_DIRECTORY    "ctrunit-directory"
#define PLAN_CHECKPOINT_NETWORK "ctrunit-network"

/* What the caller knows of a checkpoint that is to be restored. */
typedef struct PlanRestore {
        char *const *criu;          /* program and options, NULL-terminated */
        const char *environment;    /* "NAME=VALUE" for it */
        const char *log;            /* absolute path of its log */
        const char *cgroup;         /* absolute directory that a cgroup mount shows */
        const char *descriptors[3]; /* what 0, 1 and 2 are called in the images; NULL = not there */
} PlanRestore;

/* Whether such a container can be saved and restored: -EOPNOTSUPP with *err when not. */
int plan_check_checkpoint(const Spec *spec, CtrError *err);

/* The program that restores it, as plan_program(). */
int plan_restore_program(const Spec *spec, const PlanContext *ctx, const PlanRestore *restore,
        void **ret, size_t *ret_size, CtrError *err);

/* Process to add to a running container: `process` is the process object to run (with the
 * container's own policy already merged by the caller), `spec` the container's. */
typedef struct PlanExec {
        const char *id;
        pid_t init_pid;
        uint64_t init_starttime;
        const char *bundle;     /* of the container, for the state that a seccomp agent gets */
        const char *cgroup_dir; /* absolute directory below /sys/fs/cgroup that init is in */
        bool is_cgroup_exact; /* that one or none; else, when it takes no processes, its first leaf
                               */
        uint64_t namespaces;  /* CLONE_NEW* bits in which init differs from the caller */
        bool has_console;     /* somebody takes the terminal that process.terminal asks for */
        bool is_session;      /* in a unit of its own, whose main process it becomes */
        const PlanFilterCache *filter_cache; /* NULL = none */
} PlanExec;

/* The program of such a process, as plan_program(). *err names the field that is refused. */
int plan_exec_program(const Spec *spec, const SpecProcess *process, const PlanExec *exec,
        void **ret, size_t *ret_size, CtrError *err);

/* Whether a process that is added with a command and no option gets what the container's own
 * program says of its init, and nothing else: then program-exec.h makes its program too. */
bool plan_exec_is_plain(const Spec *spec, const PlanContext *ctx);

/* Text of a program: one line an operation, "LIST STAGE NAME field=value ...". The golden form. */
int program_to_text(const Program *program, FILE *f);

/* Everything at once for `ctrctl plan`: unit name, unit-file text, program text. */
int plan_to_text(
        const PlanContext *ctx, const PropertyList *properties, const Program *program, FILE *f);
