/* libctrunit: OCI containers and pods as systemd units, for C. Manual: libctrunit(3).
 *
 * Four kinds of objects: a factory (a root directory of state), its containers, their processes,
 * and pods. What an object tells is asked of the kernel, of systemd and of the state directory each
 * time: several programs may work on one container, and a program that ends leaves its containers
 * running. Nothing here is the parent of a container.
 *
 * Results: 0 or more is success, a negative number is -errno. Then *error (unless error is NULL) is
 * a new object that says more, to be released by ctr_error_free(); on success it is left as it was.
 * Results that are returned through pointers belong to the caller, and are set on success alone.
 * Every _free function takes NULL, returns NULL, and every *p function is for
 * __attribute__((cleanup)).
 *
 * Threads: the library has no state of its own. One object may be used by one thread at a time,
 * different objects by different threads at once, also when they stand for the same container.
 *
 * The caller's process: nothing is printed, no signal is handled or blocked, no process but the
 * library's own is waited for, and every descriptor is close-on-exec. Calls block until they are
 * done. They need root, and systemd as PID 1. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- errors ---- */

/* libcontainer's codes first, with virtcontainers' after them. Numbers never change. */
typedef enum CtrCode {
        CTR_OK = 0,
        CTR_ID_IN_USE = 1,
        CTR_INVALID_ID_FORMAT = 2,
        CTR_CONTAINER_NOT_EXISTS = 3,
        CTR_CONTAINER_PAUSED = 4,
        CTR_CONTAINER_NOT_STOPPED = 5,
        CTR_CONTAINER_NOT_RUNNING = 6,
        CTR_PROCESS_NOT_EXECUTED = 7,
        CTR_CONFIG_INVALID = 8,
        CTR_SYSTEM_ERROR = 9,
        CTR_CONTAINER_NOT_PAUSED = 10,
        CTR_BAD_STATE = 11,
        CTR_NEED_POD = 12,
        CTR_NEED_POD_ID = 13,
        CTR_NEED_CONTAINER_ID = 14,
        CTR_NEED_FILE = 15,
        CTR_NEED_STATE = 16,
        CTR_INVALID_RESOURCE = 17,
        CTR_POD_NOT_EXISTS = 18,
        CTR_UNSUPPORTED = 19,
        CTR_USAGE = 20
} CtrCode;

typedef struct CtrError CtrError;

/* What kind of error it is; CTR_OK of NULL. */
CtrCode ctr_error_get_code(const CtrError *error);

/* One line that says where in a configuration, what failed, on what, why, and what to do. Belongs
 * to the error; "" of NULL. */
const char *ctr_error_get_message(const CtrError *error);

/* Where in a configuration, as a JSON path ("process.args[2]"); "" when it was not there. */
const char *ctr_error_get_field(const CtrError *error);

/* The errno(3) of the call that failed, positive; 0 when none did. */
int ctr_error_get_errno(const CtrError *error);

/* "IdInUse", "InvalidIdFormat", ...: the names of libcontainer and of the D-Bus errors. */
const char *ctr_code_get_name(CtrCode code);

CtrError *ctr_error_free(CtrError *error);

/* ---- lists of strings, as some functions return them ---- */

/* Releases a NULL-terminated array and its strings. */
char **ctr_strv_free(char **strv);

/* ---- factory ---- */

typedef struct CtrFactory CtrFactory;
typedef struct CtrContainer CtrContainer;
typedef struct CtrProcess CtrProcess;
typedef struct CtrStats CtrStats;
typedef struct CtrNotifier CtrNotifier;
typedef struct CtrPod CtrPod;

enum {
        CTR_FACTORY_TMPFS_ROOT = 1 /* root is made a tmpfs first, unless it is one */
};

/* root: the directory of state, absolute or from the working directory; NULL = /run/ctrunit, where
 * ctrctl(1) and the D-Bus service look. flags: 0, or CTR_FACTORY_*. Containers are always units of
 * systemd, and ctr-exec(8) sets them up: there is nothing to choose as in libcontainer.New().
 * Errors: USAGE for a root of "/", SYSTEM_ERROR. */
int ctr_factory_new(const char *root, unsigned flags, CtrFactory **ret, CtrError **error);

/* "ctrunit". */
const char *ctr_factory_get_type(const CtrFactory *factory);

/* Absolute path of the directory of state. */
const char *ctr_factory_get_root(const CtrFactory *factory);

/* A container without a process: ctr_container_start() gives it its first.
 *
 * id: [A-Za-z0-9_+][A-Za-z0-9_+.-]*, at most 200 bytes; of several who create the same at a time
 * exactly one succeeds. config: JSON text, either a config.json of the OCI runtime specification,
 * or a configuration of libcontainer or nsinit (see ctr_config_convert()). Relative paths in it are
 * taken from "/". What is not said in process comes with the first process.
 * Errors: INVALID_ID_FORMAT, ID_IN_USE, CONFIG_INVALID with its field, SYSTEM_ERROR. */
int ctr_factory_create(CtrFactory *factory, const char *id, const char *config, CtrContainer **ret,
        CtrError **error);

/* A container from a bundle of the OCI runtime specification, with its process set up and waiting
 * for ctr_container_start(container, NULL). bundle: path of the directory. Errors as above. */
int ctr_factory_create_bundle(CtrFactory *factory, const char *id, const char *bundle,
        CtrContainer **ret, CtrError **error);

/* Containers of a few words, as the container module of 0-OS has them. words: an object as JSON
 * text, the members of CreateContainerSimple in org.ctrunit1(5): RootFS (needed), ID, Cmd, Env,
 * Volume, CreateVolumes, User, WorkingDir, Hostname, Publish, Profile, Meta. It is set up and waits
 * for ctr_container_start(container, NULL); run starts it, too. Its bundle is ctrunit's own and
 * goes with it. On failure nothing is left. Errors: CONFIG_INVALID, ID_IN_USE, INVALID_ID_FORMAT,
 * PROCESS_NOT_EXECUTED (run), SYSTEM_ERROR. */
int ctr_factory_create_simple(
        CtrFactory *factory, const char *words, CtrContainer **ret, CtrError **error);
int ctr_factory_run_simple(
        CtrFactory *factory, const char *words, CtrContainer **ret, CtrError **error);

enum {
        CTR_IMPORT_PLAIN = 1 /* the archive is the root file system, also without config */
};

/* A container of a tar archive, compressed or not, which is unpacked by a unit that can write
 * nothing but /var/lib/ctrunit. It waits as above. config: NULL, or text of a config.json for an
 * archive that is the root file system. Without one the archive has its root file system below
 * rootfs/ and beside it may have meta.json, what an image may say of itself; the rest is the node's
 * profile and the words: NULL, or as above without RootFS and Meta (with a config only ID counts).
 * flags: 0, or CTR_IMPORT_*. archive_fd stays the caller's. Errors: as above. */
int ctr_factory_import(CtrFactory *factory, int archive_fd, unsigned flags, const char *config,
        const char *words, CtrContainer **ret, CtrError **error);

/* One that is there, whoever created it. Errors: CONTAINER_NOT_EXISTS, INVALID_ID_FORMAT. */
int ctr_factory_load(CtrFactory *factory, const char *id, CtrContainer **ret, CtrError **error);

/* Ids of all containers, sorted, NULL-terminated. */
int ctr_factory_list(CtrFactory *factory, char ***ret, CtrError **error);

/* Becomes the program that sets a container up, ctr-exec(8), with these arguments (argv[0] is the
 * verb): what libcontainer's init does after a start of itself. Returns only on failure. */
int ctr_factory_start_initialization(CtrFactory *factory, char *const *argv, CtrError **error);

CtrFactory *ctr_factory_free(CtrFactory *factory);

/* Translates a configuration of libcontainer 0.0.4 (Config as JSON) or of nsinit (container.json)
 * into a config.json. rootfs: for one that names none; NULL = error then. One that is a config.json
 * already is returned as it is. *ret: allocated text. ret_warnings: NULL, or NULL-terminated lines
 * about what has no effect any more. Errors: CONFIG_INVALID with the field, for what cannot be
 * expressed too: nothing that protects is left out silently. */
int ctr_config_convert(
        const char *config, const char *rootfs, char **ret, char ***ret_warnings, CtrError **error);

/* A config.json to start from. *ret: allocated text. */
int ctr_config_new(char **ret, CtrError **error);

/* Parses and plans the bundle (a directory) as creating it would, without starting anything.
 * *ret_warnings: NULL-terminated lines about names that are not understood. Errors: CONFIG_INVALID
 * with its field. */
int ctr_config_check(
        CtrFactory *factory, const char *bundle, char ***ret_warnings, CtrError **error);

/* The unit, its properties and the set-up program that a bundle becomes, as text (ctrctl plan). */
int ctr_config_plan(
        CtrFactory *factory, const char *id, const char *bundle, char **ret, CtrError **error);

/* What configurations may ask for: the document of features.md (OCI runtime specification). */
int ctr_get_features(char **ret, CtrError **error);

/* The unit of a container of this id, whether there is one or not: "ctr@ID.service". */
int ctr_id_get_unit(const char *id, char **ret, CtrError **error);

/* Configured containers (ctr-generator(8)): whether one starts at boot, and having systemd read all
 * their configurations again. */
int ctr_factory_set_enabled(CtrFactory *factory, const char *id, int is_enabled, CtrError **error);
int ctr_factory_reload(CtrFactory *factory, CtrError **error);

/* ---- containers ---- */

/* The first five are libcontainer's. */
typedef enum CtrStatus {
        CTR_STATUS_RUNNING = 1,
        CTR_STATUS_PAUSING = 2,
        CTR_STATUS_PAUSED = 3,
        CTR_STATUS_CHECKPOINTED = 4,
        CTR_STATUS_DESTROYED = 5, /* no process: not started, ended, or removed */
        CTR_STATUS_CREATED = 6,   /* of a bundle: set up, waiting to be started */
        CTR_STATUS_CREATING = 7
} CtrStatus;

/* How a process ended. */
typedef struct CtrExit {
        int code;   /* its exit status; -1 when a signal killed it */
        int signal; /* number of that signal; 0 when it exited */
} CtrExit;

/* Belongs to the container. */
const char *ctr_container_get_id(const CtrContainer *container);

/* "running", "pausing", "paused", "checkpointed", "destroyed", "created", "creating". */
const char *ctr_status_get_name(CtrStatus status);

/* One that was removed is CTR_STATUS_DESTROYED, no error. */
int ctr_container_get_status(CtrContainer *container, CtrStatus *ret, CtrError **error);

/* libcontainer's State as JSON text: id, init_process_pid, init_process_start (clock ticks since
 * boot), cgroup_paths, namespace_paths, config. Errors: CONTAINER_NOT_EXISTS. */
int ctr_container_get_state(CtrContainer *container, char **ret, CtrError **error);

/* The config.json that it is made from, as text. */
int ctr_container_get_config(CtrContainer *container, char **ret, CtrError **error);

/* Pids of all processes in it as the host numbers them, ascending. *ret is allocated, *ret_n their
 * number; none is no error. */
int ctr_container_get_processes(
        CtrContainer *container, pid_t **ret, size_t *ret_n, CtrError **error);

/* Starts a process. The first one is the container's init, with which it ends; each further one
 * joins it, in a unit of its own (ctr-exec-TOKEN.service). process NULL: the one that the
 * configuration has; of a bundle the one that waits. Returns when the process's execve(2) has
 * succeeded. Once init has ended the next process is a new init.
 * Errors: PROCESS_NOT_EXECUTED when the program cannot be executed, BAD_STATE when process was
 * started before or the one that is meant waits or runs already, CONTAINER_PAUSED,
 * CONTAINER_NOT_EXISTS, CONFIG_INVALID, ID_IN_USE when the name of the unit was taken meanwhile,
 * SYSTEM_ERROR. */
int ctr_container_start(CtrContainer *container, CtrProcess *process, CtrError **error);

/* ctr_container_start() and ctr_process_wait(). */
int ctr_container_run(CtrContainer *container, CtrProcess *process, CtrExit *ret, CtrError **error);

/* Waits for the end of init, whoever started it, and tells how it ended, also afterwards until the
 * container is destroyed. Errors: PROCESS_NOT_EXECUTED when it was never started. */
int ctr_container_wait(CtrContainer *container, CtrExit *ret, CtrError **error);

/* Sends a signal (signal(7)) to init, or to every process. Errors: CONTAINER_NOT_RUNNING. */
int ctr_container_signal(CtrContainer *container, int signal_number, CtrError **error);
int ctr_container_signal_all(CtrContainer *container, int signal_number, CtrError **error);

/* Asks the container to end as its unit says (stop signal, TimeoutStopSec=, then SIGKILL) and waits
 * until it has. One that does not run is no error. */
int ctr_container_stop(CtrContainer *container, CtrError **error);

/* Takes a process of the host into the container's cgroup: it is limited, listed, paused and ended
 * with it from then on, and keeps its namespaces and privileges. Errors: USAGE when there is no
 * such process, CONTAINER_NOT_RUNNING, CONTAINER_PAUSED. */
int ctr_container_adopt(CtrContainer *container, pid_t pid, CtrError **error);

/* Checkpoint(CriuOpts) and Factory.Restore, with criu(8). images: an absolute directory; options:
 * NULL or CriuOpts as JSON text ("LeaveRunning", "TcpEstablished", "WorkDirectory", ...), for
 * restore also "Bundle": without it, that of the container of this id which ended by a checkpoint.
 * Errors: CONTAINER_NOT_EXISTS, CONTAINER_NOT_RUNNING, CONTAINER_PAUSED, ID_IN_USE; UNSUPPORTED
 * for what cannot be saved and without criu; USAGE for options. */
int ctr_container_checkpoint(
        CtrContainer *container, const char *images, const char *options, CtrError **error);
int ctr_factory_restore(CtrFactory *factory, const char *id, const char *images,
        const char *options, CtrContainer **ret, CtrError **error);

/* Annotations of a container that was started: one that is missing is CONFIG_INVALID. Setting one
 * adds it, or replaces its value. */
int ctr_container_get_annotation(
        CtrContainer *container, const char *key, char **ret, CtrError **error);
int ctr_container_set_annotation(
        CtrContainer *container, const char *key, const char *value, CtrError **error);

/* What its health checks said so far (HealthCmd= of ctrunit.container(5); systemd has them made):
 * "starting", "healthy", "unhealthy", or "" when it does not run. ret_n_failures, ret_output: NULL,
 * or how many checks have failed in a row, and the end of what the last one wrote. Errors: USAGE
 * when its health is not checked. */
int ctr_container_get_health(CtrContainer *container, char **ret_status, unsigned *ret_n_failures,
        char **ret_output, CtrError **error);

/* The command line of journalctl(1) that shows the container's output: NULL-terminated. */
int ctr_container_get_log_command(
        CtrContainer *container, int is_following, char ***ret, CtrError **error);

/* Stops all processes, and lets them go on. Returns when that is so. Pausing a paused container is
 * CONTAINER_PAUSED, resuming a running one no error. Errors: CONTAINER_NOT_RUNNING. */
int ctr_container_pause(CtrContainer *container, CtrError **error);
int ctr_container_resume(CtrContainer *container, CtrError **error);

/* New limits for a running container: JSON text, either linux.resources of a config.json, or a
 * configuration of libcontainer, of which the limits in cgroups are taken. They are systemd's, so
 * that they last. Errors: CONFIG_INVALID, also for a name that is not known, and
 * CONTAINER_NOT_RUNNING. */
int ctr_container_set(CtrContainer *container, const char *config, CtrError **error);

/* Removes a container whose processes have all ended. Errors: CONTAINER_NOT_STOPPED. */
int ctr_container_delete(CtrContainer *container, CtrError **error);

/* Kills what is in it and removes it. One that is gone already is no error. */
int ctr_container_destroy(CtrContainer *container, CtrError **error);

/* The object only: the container stays. */
CtrContainer *ctr_container_free(CtrContainer *container);

/* ---- what a container uses ---- */

/* Keys of numbers. Bytes, nanoseconds, or how many; a limit that does not exist is UINT64_MAX. */
typedef enum CtrStat {
        CTR_STAT_CPU_TOTAL_NSEC = 0,
        CTR_STAT_CPU_KERNEL_NSEC = 1,
        CTR_STAT_CPU_USER_NSEC = 2,
        CTR_STAT_CPU_PERIODS = 3,
        CTR_STAT_CPU_THROTTLED_PERIODS = 4,
        CTR_STAT_CPU_THROTTLED_NSEC = 5,
        CTR_STAT_MEMORY_USAGE = 6,
        CTR_STAT_MEMORY_MAX_USAGE = 7,
        CTR_STAT_MEMORY_LIMIT = 8,
        CTR_STAT_MEMORY_FAILCNT = 9,
        CTR_STAT_MEMORY_CACHE = 10,
        CTR_STAT_SWAP_USAGE = 11, /* memory and swap together, as in configurations */
        CTR_STAT_SWAP_LIMIT = 12,
        CTR_STAT_PIDS_CURRENT = 13,
        CTR_STAT_PIDS_LIMIT = 14,
        CTR_STAT_BLKIO_READ_BYTES = 15, /* of all devices */
        CTR_STAT_BLKIO_WRITE_BYTES = 16,
        CTR_STAT_BLKIO_READS = 17,
        CTR_STAT_BLKIO_WRITES = 18
} CtrStat;

typedef enum CtrInterfaceStat {
        CTR_INTERFACE_RX_BYTES = 0,
        CTR_INTERFACE_RX_PACKETS = 1,
        CTR_INTERFACE_RX_ERRORS = 2,
        CTR_INTERFACE_RX_DROPPED = 3,
        CTR_INTERFACE_TX_BYTES = 4,
        CTR_INTERFACE_TX_PACKETS = 5,
        CTR_INTERFACE_TX_ERRORS = 6,
        CTR_INTERFACE_TX_DROPPED = 7
} CtrInterfaceStat;

/* The numbers of now. Errors: CONTAINER_NOT_RUNNING. */
int ctr_container_get_stats(CtrContainer *container, CtrStats **ret, CtrError **error);

/* 0 for what the kernel does not count, and for keys that this version does not know. */
uint64_t ctr_stats_get(const CtrStats *stats, CtrStat key);

/* Network interfaces of the container, as it sees them. name is NULL from n on. */
size_t ctr_stats_get_n_interfaces(const CtrStats *stats);
const char *ctr_stats_get_interface_name(const CtrStats *stats, size_t i);
uint64_t ctr_stats_get_interface(const CtrStats *stats, size_t i, CtrInterfaceStat key);

/* Everything as JSON text, with block devices, huge pages and pressure one by one: the object that
 * `ctrctl events --stats` prints as "data". Belongs to stats. */
const char *ctr_stats_get_json(const CtrStats *stats);

CtrStats *ctr_stats_free(CtrStats *stats);

/* ---- out of memory ---- */

typedef enum CtrPressure {
        CTR_PRESSURE_LOW = 0,     /* some process waited for memory 5 % of two seconds */
        CTR_PRESSURE_MEDIUM = 1,  /* 15 % */
        CTR_PRESSURE_CRITICAL = 2 /* 30 % */
} CtrPressure;

enum {
        CTR_NOTIFIER_TIMEOUT = 0,
        CTR_NOTIFIER_EVENT = 1,
        CTR_NOTIFIER_END = 2 /* the container ended: there will be no other event */
};

/* Tells when the kernel kills a process of the container for want of memory, or when its processes
 * wait for memory. Errors: CONTAINER_NOT_RUNNING, UNSUPPORTED without the memory controller or
 * without pressure information (psi=1 on the kernel's command line). */
int ctr_container_notify_oom(CtrContainer *container, CtrNotifier **ret, CtrError **error);
int ctr_container_notify_memory_pressure(
        CtrContainer *container, CtrPressure level, CtrNotifier **ret, CtrError **error);

/* A descriptor to poll(2) for POLLIN. Belongs to the notifier. */
int ctr_notifier_get_fd(const CtrNotifier *notifier);

/* Waits for the next event, timeout_msec as in poll(2): negative = for ever. Returns CTR_NOTIFIER_*
 * or -errno. */
int ctr_notifier_next(CtrNotifier *notifier, int timeout_msec, CtrError **error);

CtrNotifier *ctr_notifier_free(CtrNotifier *notifier);

/* ---- processes ---- */

/* args: NULL-terminated; args[0] is looked for in PATH of the process's own environment. All that
 * is not said by the functions below is the container's. Everything is copied. */
int ctr_process_new(const char *const *args, CtrProcess **ret, CtrError **error);

/* NULL-terminated "NAME=VALUE". Of init the whole environment, of others beside the container's. */
int ctr_process_set_env(CtrProcess *process, const char *const *env, CtrError **error);

/* "USER[:GROUP]", each a name of the container's own files or a number. */
int ctr_process_set_user(CtrProcess *process, const char *user, CtrError **error);
int ctr_process_set_cwd(CtrProcess *process, const char *cwd, CtrError **error);

/* NULL-terminated, with or without "CAP_". Of init all that it has, of others what is added. */
int ctr_process_set_capabilities(
        CtrProcess *process, const char *const *capabilities, CtrError **error);

/* Its standard descriptors; -1 = /dev/null. Without this call input is /dev/null, and output goes
 * to the journal of the unit. The descriptors stay the caller's, and must be open when the process
 * is started. */
void ctr_process_set_stdio(CtrProcess *process, int in, int out, int err);

/* Descriptors that become its 3, 4, ...; at most 249. */
int ctr_process_set_extra_fds(CtrProcess *process, const int *fds, size_t n, CtrError **error);

/* NewConsole(): a terminal of its own as standard descriptors, this large (0, 0: as it is). */
void ctr_process_set_console(CtrProcess *process, unsigned rows, unsigned columns);

/* Once it runs: the other side of that terminal. The descriptor is the caller's then; -EBADF when
 * there is none (any more). */
int ctr_process_take_console(CtrProcess *process);

/* As the host numbers it. Errors: PROCESS_NOT_EXECUTED before ctr_container_start(). */
int ctr_process_get_pid(const CtrProcess *process, pid_t *ret, CtrError **error);

/* A pidfd (pidfd_open(2)): readable for poll(2) when the process has ended. Belongs to process;
 * -EBADF before the start. */
int ctr_process_get_fd(const CtrProcess *process);

/* Waits for the end. It may be called again. Errors: PROCESS_NOT_EXECUTED. */
int ctr_process_wait(CtrProcess *process, CtrExit *ret, CtrError **error);

/* Errors: PROCESS_NOT_EXECUTED when it was not started or has ended. */
int ctr_process_signal(CtrProcess *process, int signal_number, CtrError **error);

/* The object only: the process goes on. */
CtrProcess *ctr_process_free(CtrProcess *process);

/* ---- pods ---- */

typedef enum CtrPodState {
        CTR_POD_READY = 1,
        CTR_POD_RUNNING = 2,
        CTR_POD_PAUSED = 3,
        CTR_POD_STOPPED = 4
} CtrPodState;

/* config: PodConfig of virtcontainers 1.0 as JSON text (ctrctl-pod(1)). create leaves the pod
 * ready, run starts it, too. On failure nothing of it is left. Errors: NEED_POD, CONFIG_INVALID,
 * ID_IN_USE, INVALID_RESOURCE, SYSTEM_ERROR. */
int ctr_pod_create(CtrFactory *factory, const char *config, CtrPod **ret, CtrError **error);
int ctr_pod_run(CtrFactory *factory, const char *config, CtrPod **ret, CtrError **error);

/* FetchPod. Errors: NEED_POD_ID, POD_NOT_EXISTS. */
int ctr_pod_load(CtrFactory *factory, const char *id, CtrPod **ret, CtrError **error);

/* Ids of all pods, sorted, NULL-terminated. */
int ctr_pod_list(CtrFactory *factory, char ***ret, CtrError **error);

/* Belongs to the pod. */
const char *ctr_pod_get_id(const CtrPod *pod);

/* What a state does not allow is BAD_STATE "Can not move from X to Y". */
int ctr_pod_start(CtrPod *pod, CtrError **error);
int ctr_pod_stop(CtrPod *pod, CtrError **error);
int ctr_pod_pause(CtrPod *pod, CtrError **error);
int ctr_pod_resume(CtrPod *pod, CtrError **error);

/* is_forced: in any state, and whatever is left of one. */
int ctr_pod_delete(CtrPod *pod, int is_forced, CtrError **error);

/* What it is in now. Errors: POD_NOT_EXISTS. */
int ctr_pod_get_state(CtrPod *pod, CtrPodState *ret, CtrError **error);

/* "ready", "running", "paused", "stopped". */
const char *ctr_pod_state_get_name(CtrPodState state);

/* PodStatus as JSON text: ID, State, Hypervisor, Agent, ContainersStatus, Annotations, network. */
int ctr_pod_get_status(CtrPod *pod, char **ret, CtrError **error);

/* What went wrong beside the last call's work (poststart and poststop hooks, the removal of a
 * network): NULL-terminated lines that belong to the pod. */
const char *const *ctr_pod_get_remarks(const CtrPod *pod);

/* Annotations: one that is missing is CONFIG_INVALID "Annotations key X does not exist". */
int ctr_pod_get_annotation(CtrPod *pod, const char *key, char **ret, CtrError **error);
int ctr_pod_set_annotation(CtrPod *pod, const char *key, const char *value, CtrError **error);

/* Containers of a pod: name is the id within it. config: ContainerConfig as JSON text; *ret_name
 * (may be NULL) is its name. */
int ctr_pod_create_container(CtrPod *pod, const char *config, char **ret_name, CtrError **error);
int ctr_pod_start_container(CtrPod *pod, const char *name, CtrError **error);
int ctr_pod_stop_container(CtrPod *pod, const char *name, CtrError **error);
int ctr_pod_delete_container(CtrPod *pod, const char *name, CtrError **error);
int ctr_pod_kill_container(
        CtrPod *pod, const char *name, int signal_number, int is_all, CtrError **error);

/* ContainerStatus as JSON text. */
int ctr_pod_get_container_status(CtrPod *pod, const char *name, char **ret, CtrError **error);
int ctr_pod_get_container_processes(
        CtrPod *pod, const char *name, pid_t **ret, size_t *ret_n, CtrError **error);

/* Another process in a running container, as ctr_container_start(). */
int ctr_pod_enter_container(CtrPod *pod, const char *name, CtrProcess *process, CtrError **error);

/* The object only: the pod stays. */
CtrPod *ctr_pod_free(CtrPod *pod);

/* ---- for __attribute__((cleanup)) ---- */

#define CTR_DEFINE_CLEANUP(type, name)                                                             \
        static inline void ctr_##name##_freep(type **p)                                            \
        {                                                                                          \
                if (*p)                                                                            \
                        ctr_##name##_free(*p);                                                     \
        }
CTR_DEFINE_CLEANUP(CtrError, error)
CTR_DEFINE_CLEANUP(CtrFactory, factory)
CTR_DEFINE_CLEANUP(CtrContainer, container)
CTR_DEFINE_CLEANUP(CtrProcess, process)
CTR_DEFINE_CLEANUP(CtrStats, stats)
CTR_DEFINE_CLEANUP(CtrNotifier, notifier)
CTR_DEFINE_CLEANUP(CtrPod, pod)
CTR_DEFINE_CLEANUP(char *, strv)
#undef CTR_DEFINE_CLEANUP

#ifdef __cplusplus
}
#endif
