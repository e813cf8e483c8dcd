/* The verbs as functions. A Runtime is a root directory of container state; every verb takes the id
 * of a container and finds the rest there, in the cgroup tree and, where PID 1 must act, on the
 * bus.
 *
 * Errors: as everywhere `>= 0` or -errno with *err; the messages are those that runc's callers look
 * for
 * ("container does not exist", "container not running", ...). None of these functions prints.
 * Strings in results belong to the caller and are released by the matching _done function. */
#pragma once

#include "plan/plan.h"

#include <stdio.h>

typedef struct Runtime {
        char *root;            /* absolute */
        char *containers;      /* root/containers */
        PlanMode mode;         /* of containers that are created: later verbs know each one's own */
        bool is_silent;        /* no warnings of hooks on the caller's standard error */
        SpecStrv *ret_remarks; /* NULL, or where pod verbs say what went wrong beside their work */
} Runtime;

/* root NULL = /run/ctrunit. A relative root is taken from the working directory; "/" is refused. */
int runtime_init(Runtime *rt, const char *root, CtrError *err);
void runtime_done(Runtime *rt);

typedef enum ContainerStatus {
        CONTAINER_CREATING,
        CONTAINER_CREATED,
        CONTAINER_RUNNING,
        CONTAINER_PAUSED,
        CONTAINER_STOPPED,
        _CONTAINER_STATUS_MAX,
} ContainerStatus;

/* "creating", "created", ... as the specification names them. */
const char *container_status_name(ContainerStatus status);

/* What `state` and `list` show. */
typedef struct ContainerInfo {
        char *memory; /* in which the strings are */
        char *oci_version;
        char *id;
        char *bundle;
        char *rootfs;
        char *unit;
        ContainerStatus status;
        pid_t pid; /* 0 = none */
        char invocation_id[33];
        const char *health; /* "starting", "healthy", "unhealthy"; NULL = it is not checked */
        unsigned health_n_failures; /* in a row */
        uint64_t created_usec;      /* CLOCK_REALTIME */
        uid_t owner;
        SpecKeyValues annotations;
} ContainerInfo;

void container_info_done(ContainerInfo *info);

/* No bus: state directory, /proc and the cgroup tree. */
int runtime_state(const Runtime *rt, const char *id, ContainerInfo *ret, CtrError *err);

/* Ids of all containers with state, sorted; NULL-terminated as well. A missing root is an empty
 * list. */
int runtime_list(const Runtime *rt, SpecStrv *ret, CtrError *err);

/* Both together, for all containers: an array of infos, sorted by id. A container that cannot be
 * read is left out and said in *ret_remarks ("ID: reason"). is_brief: only what a table shows is
 * filled for certain (id, pid, status, bundle, created_usec, owner), in less time. No bus. */
int runtime_survey(const Runtime *rt, bool is_brief, ContainerInfo **ret, size_t *ret_n,
        SpecStrv *ret_remarks, CtrError *err);
void runtime_survey_done(ContainerInfo *infos, size_t n);

/* Whether there is a pod of this id, or something left of one. */
bool runtime_pod_exists(const Runtime *rt, const char *id);

/* Creating. The options of create and run; what `run` alone uses is marked. */
/* Whether the payload has a terminal. */
typedef enum RuntimeTerminal {
        RUNTIME_TERMINAL_CONFIGURED, /* as process.terminal says */
        RUNTIME_TERMINAL_YES,
        RUNTIME_TERMINAL_NO,
} RuntimeTerminal;

typedef struct RuntimeCreate {
        const char *id;
        const char *bundle;          /* NULL = working directory */
        const char *config;          /* file name in the bundle or absolute; NULL = "config.json" */
        const char *config_text;     /* instead of the file, which then is only a name for errors */
        const char *pid_file;        /* NULL = none; holds the decimal pid, no newline */
        const struct LaunchFds *fds; /* the payload's; NULL = of the caller's own, as said below */
        const char *console_socket;
        const char *pidfd_socket; /* receives a pidfd of the payload */
        unsigned n_preserve_fds;  /* descriptors 3, 4, ... of the caller */
        char *const *properties;  /* "NAME=VALUE" for the unit */
        size_t n_properties;
        char *const *
                publish; /* "[ADDRESS:]HOSTPORT:PORT[/udp]": added to what the configuration says */
        size_t n_publish;
        const char *requires_unit; /* NULL, or a unit that it needs, and starts after */
        bool wants_no_pivot;
        bool wants_no_new_keyring;
        bool is_detached; /* run: return once the payload runs */
        bool is_kept;     /* run: leave state and unit after the end */
        RuntimeTerminal terminal;
        bool is_member; /* of the pod that its id names: else such an id is not free */
        bool has_stdio; /* the payload gets descriptors 0, 1 and 2 of the caller (run: always) */
        int (*announce)(
                pid_t pid, void *userdata, CtrError *err); /* NULL, or told the pid file's */
        void *userdata;
        const struct RuntimeCriu *restore; /* run: of the images that it is made from; else NULL */
        SpecStrv *
                ret_warnings; /* NULL, or where remarks about the configuration go, one line each */
} RuntimeCreate;

/* Returns once the container waits for `start`. Of several calls with one id at a time exactly one
 * succeeds; the others leave nothing. */
int runtime_create(const Runtime *rt, const RuntimeCreate *options, CtrError *err);

/* Opens the gate and returns when the payload's execve(2) succeeded, else with its error. */
int runtime_start(const Runtime *rt, const char *id, CtrError *err);

/* create, start, and unless detached: forward signals, wait, delete. *ret_status is the payload's
 * exit status, or 128 + the number of the signal that ended it. */
int runtime_run(const Runtime *rt, const RuntimeCreate *options, int *ret_status, CtrError *err);

typedef struct RuntimeExec {
        const char *id;
        const char *process_file; /* process object; NULL = the container's, with args below */
        char *const *args;        /* NULL-terminated */
        const char *cwd;
        char *const *env; /* NULL-terminated "NAME=VALUE", may be NULL */
        const char *user; /* "UID[:GID]" */
        const uint32_t *additional_gids;
        size_t n_additional_gids;
        char *const *capabilities; /* NULL-terminated names, may be NULL */
        bool wants_no_new_privileges;
        const char *apparmor_profile;
        const char *selinux_label;
        const char *cgroup; /* below the container's own, "/" = that; NULL = where its init is */
        const char *pid_file;
        const char *console_socket;
        const char *pidfd_socket;
        unsigned n_preserve_fds;
        uint64_t timeout_msec; /* after it the process is killed: -ETIMEDOUT; 0 = none */
        bool has_terminal;
        bool has_detach_keys; /* ^] three times leaves the terminal, which hangs up the process */
        bool is_detached;
        bool ignores_paused;
        struct UnitProcess *session; /* NULL, or where the process of a unit of its own goes */
        const struct LaunchFds *fds; /* of a session; of others its stdio, NULL = ours */
} RuntimeExec;

/* Another process in a running container: our own child, outside of PID 1's business. *ret_status
 * as for run. With a session it is PID 1's child and has a unit of its own (session.h); then this
 * returns once it runs. */
int runtime_exec(const Runtime *rt, const RuntimeExec *options, int *ret_status, CtrError *err);

/* To init by pidfd, or to every process of the container. A stopped container is an error unless
 * is_all. */
int runtime_kill(const Runtime *rt, const char *id, int signal_number, bool is_all, CtrError *err);

/* Asks the container to end as its unit says (KillSignal=, TimeoutStopSec=) and waits for it. One
 * that is stopped already is no error. */
int runtime_stop(const Runtime *rt, const char *id, CtrError *err);

/* Takes a process of the host into the container's cgroup: it is limited, listed, frozen and ended
 * with it from then on, and keeps namespaces, root and privileges. Errors: USAGE when there is no
 * such process. */
int runtime_adopt(const Runtime *rt, const char *id, pid_t pid, CtrError *err);

/* Checkpoints: criu(8) writes a container's processes into a directory of images, and makes them
 * again from there. Paths may be relative; NULL and false = not asked for. */
typedef struct RuntimeCriu {
        const char *program;     /* NULL = "criu" */
        const char *image_path;  /* NULL = "checkpoint" */
        const char *work_path;   /* logs and statistics; NULL = with the images */
        const char *parent_path; /* images of a pre-dump, relative to image_path */
        const char *page_server; /* "ADDRESS:PORT" that takes the memory */
        const char *manage_cgroups_mode;
        const char *empty_namespaces; /* "network" */
        const char *lsm_profile;      /* "TYPE:NAME" */
        const char *lsm_mount_context;
        bool is_left_running, is_pre_dump;
        bool is_tcp_established, skips_in_flight, is_tcp_close;
        bool has_link_remap, has_external_unix_sockets, is_shell_job, has_file_locks;
        bool is_deduplicated, is_lazy, has_status_fd;
} RuntimeCriu;

/* Of a running container. Unless it is left running it ends: an engine's is removed, any other is
 * stopped and has its state. Errors: CONTAINER_NOT_RUNNING, CONTAINER_PAUSED, UNSUPPORTED for what
 * cannot be saved and when there is no criu. */
int runtime_checkpoint(
        const Runtime *rt, const char *id, const RuntimeCriu *options, CtrError *err);

/* A container as runtime_run() makes one, whose processes come from images instead of execve(2):
 * its configuration is the bundle's, never the images'. One of the same id that ended by a
 * checkpoint makes room for it. */
int runtime_restore(const Runtime *rt, const RuntimeCreate *create, const RuntimeCriu *options,
        int *ret_status, CtrError *err);

/* Removes a stopped or only created container; is_forced: one in any state, and whatever is left of
 * one. Returns 0 with is_forced when there was nothing. */
int runtime_delete(const Runtime *rt, const char *id, bool is_forced, CtrError *err);

/* Freeze and thaw the unit. -EINVAL with "container not running", "container not paused". */
int runtime_pause(const Runtime *rt, const char *id, CtrError *err);
int runtime_resume(const Runtime *rt, const char *id, CtrError *err);

/* Pids of all processes, as the caller sees them, ascending. */
int runtime_ps(const Runtime *rt, const char *id, pid_t **ret, size_t *ret_n, CtrError *err);

/* The lines of ps(1) about these processes: arguments (NULL-terminated) follow "-ef". */
int runtime_ps_write(const pid_t *pids, size_t n, char *const *arguments, FILE *f, CtrError *err);

/* The same about a container's. */
int runtime_ps_table(
        const Runtime *rt, const char *id, char *const *arguments, FILE *f, CtrError *err);

/* Changes limits of a live container through PID 1. */
int runtime_update(
        const Runtime *rt, const char *id, const SpecResources *resources, CtrError *err);

/* New lines for the class of service of a live container (linux.intelRdt), each as in its
 * configuration, or NULL. CTR_ERROR_UNSUPPORTED when it was made without one. */
int runtime_update_rdt(const Runtime *rt, const char *id, const char *l3_cache_schema,
        const char *memory_bandwidth_schema, CtrError *err);

/* One JSON object a line: the numbers of the container's cgroup every interval and {"type":"oom"}
 * for out-of-memory kills, until the container ends; wants_once: the numbers once. */
int runtime_events(const Runtime *rt, const char *id, bool wants_once, uint64_t interval_msec,
        FILE *f, CtrError *err);

/* The document of features.md (OCI runtime specification). */
void runtime_print_features(FILE *f);

/* The configuration that the container was made from, as it was then: text, NUL-terminated. */
int runtime_read_config(const Runtime *rt, const char *id, char **ret, CtrError *err);

/* Adds annotations to those that a container was created with, and replaces those of the same
 * name. */
int runtime_set_annotations(
        const Runtime *rt, const char *id, const SpecKeyValues *annotations, CtrError *err);

/* Whether a configured container (ctr-generator(8)) starts at boot. Disabling one that is not
 * enabled is no error. */
int runtime_set_enabled(const char *id, bool is_enabled, CtrError *err);

/* systemd reads its units, and with them all configured containers, again. */
int runtime_reload(CtrError *err);

typedef struct RuntimeLogs {
        const char *id;
        bool is_following;
        bool is_reverse;
        const char *lines;    /* -n */
        const char *priority; /* -p */
        const char *since, *until;
        const char *output; /* -o */
} RuntimeLogs;

/* The journalctl(1) command line that shows a container's output: argv, NULL-terminated. */
int runtime_logs_command(
        const Runtime *rt, const RuntimeLogs *options, SpecStrv *ret, CtrError *err);

/* Unit, properties and program of a bundle as text. */
int runtime_plan(const Runtime *rt, const char *id, const char *bundle, const char *config,
        PlanOrigin origin, FILE *f, CtrError *err);

/* Parses and plans without starting anything. Every warning of the parser is an error here: returns
 * how many there are, in *ret_warnings (one line each). */
int runtime_check(const Runtime *rt, const char *bundle, const char *config, SpecStrv *ret_warnings,
        CtrError *err);

/* For units made by the generator: writes program and state of exactly the configuration with this
 * digest. err->exit_status is 78 when it changed meanwhile. *ret_warnings: one line for what will
 * have no effect here; the caller frees them (runtime_strv_done()). */
int runtime_compile(const Runtime *rt, const char *state_dir, const char *config, const char *id,
        const char *digest, SpecStrv *ret_warnings, CtrError *err);

/* A configuration to start from, as text; and written to a file that does not exist yet.
 * is_rootless: with a user namespace in which the caller is root, and without what only root gives.
 */
void runtime_print_default_config(FILE *f);
int runtime_write_default_config(const char *path, bool is_rootless, CtrError *err);

void runtime_strv_done(SpecStrv *v);
