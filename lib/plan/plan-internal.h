/* What the files of the compiler share: the plan in the making, error helpers, and one function a
 * subject. Everything here follows plan.h's rule: no look at the host. */
#pragma once

#include "plan/plan.h"
#include "plan/program-write.h"

#include <stdio.h>
#include <sys/types.h>

#define PLAN_FIELD_MAX 256

enum {
        FLAG_TSYNC = 1 << 0,
        FLAG_TSYNC_ESRCH = 1 << 4,
        FLAG_WAIT_KILLABLE_RECV = 1 << 5
}; /* seccomp(2), newer than some headers */

/* Compiles a seccomp section to the bytes of a filter, or takes them from the cache (NULL: none). A
 * pointer, so that whoever needs properties only (the generator) does not link libseccomp. */
typedef int (*PlanSeccompCompile)(const SpecSeccomp *s, const PlanFilterCache *cache,
        void **ret_filter, size_t *ret_size, CtrError *err);

/* Who hears the payload's notifications. */
typedef enum PlanNotify {
        PLAN_NOTIFY_NONE,   /* nobody: it is ready when it runs */
        PLAN_NOTIFY_DIRECT, /* PID 1 */
        PLAN_NOTIFY_RELAY,  /* ctr-notify@NAME.socket */
        PLAN_NOTIFY_HEALTH, /* PID 1, from `ctrctl health`: the payload has no part in it */
        PLAN_NOTIFY_ENGINE, /* ctr-runtime, while it starts the container */
} PlanNotify;

/* A program in the making. */
typedef struct Plan {
        const Spec *spec;
        const PlanContext *ctx; /* NULL for exec */
        const char *bundle;     /* for exec */
        ProgramBuilder program;
        PlanSeccompCompile seccomp_compile; /* NULL: check only */
        const PlanFilterCache *filter_cache;
        uint64_t namespaces_new;    /* CLONE_NEW* */
        uint64_t namespaces_joined; /* CLONE_NEW* of those with a path */
        bool has_user_namespace;    /* one of either sort */
        bool has_limits;            /* TasksMax or MemoryMax: raised during the set-up */
        PlanNotify notify;
        const PlanRestore *restore; /* plan-restore.c only */
        bool is_placed;             /* plan_add_placed() was here: the child is in its cgroup */
        CtrError *err;
} Plan;

/* -ENOMEM with *err. */
int plan_no_memory(CtrError *err);

/* A place in config.json that is understood and not supported: fills *err, returns -EOPNOTSUPP. */
int plan_unsupported(CtrError *err, const char *field, const char *fmt, ...) _printf_(3, 4);

/* Writes "mounts[3].options[1]" and the like into field and returns it. */
const char *plan_field(char field[static PLAN_FIELD_MAX], const char *fmt, ...) _printf_(2, 3);

/* Lexically: base + "/" + path when path is relative; no "//", "." nor ".." in the result, which is
 * allocated. NULL when out of memory. */
char *plan_path_clean(const char *base, const char *path);

/* plan-inside.c: whether the payload must not undo the mounts, whatever its capabilities are. */
bool plan_locks_mounts(const Plan *p);

/* Whether path (clean) is dir or below it. */
bool plan_path_is_below(const char *path, const char *dir);

/* plan-properties.c: the properties without the check that a program can be made, and whether the
 * finished list has a limit that would hit the set-up. */
int plan_fill_properties(
        const Spec *spec, const PlanContext *ctx, PropertyList *list, CtrError *err);
bool plan_has_limits(const PropertyList *list, const PlanContext *ctx);

/* plan-resources.c: linux.resources without devices. Members may be NULL: not wanted. */
typedef struct ResourceOutput {
        PropertyList *properties;
        SpecKeyValues *files;
        SpecStrv *warnings;
        bool is_update; /* a live unit: cgroup properties only */
        bool is_exact;  /* no unit will hold these values */
        CtrError *err;
} ResourceOutput;

/* All of it but devices. Returns 0, -EINVAL, -EOPNOTSUPP or -ENOMEM with out->err. */
int plan_resources(const SpecResources *r, ResourceOutput *out);

/* plan-resource-output.c */
int resource_set_number(ResourceOutput *out, PropertyId id, uint64_t value);
int resource_set_string(ResourceOutput *out, PropertyId id, const char *value);
int resource_set_mask(ResourceOutput *out, PropertyId id, const char *field, const char *cpu_list);
int resource_set_quota(ResourceOutput *out, const char *field, OptI64 quota, OptU64 period);
int resource_add_device_number(
        ResourceOutput *out, PropertyId id, int64_t major, int64_t minor, uint64_t value);
int resource_add_file(ResourceOutput *out, const char *name, const char *value);

/* One line for the user; and all lines about what cgroup2 has no meaning for. */
int resource_add_warning(ResourceOutput *out, const char *text);
int plan_resource_warnings(const SpecResources *r, ResourceOutput *out);

/* plan-blockio.c */
int plan_block_io(const SpecResources *r, ResourceOutput *out);

/* plan-unified.c */
int plan_unified(const SpecKeyValues *unified, ResourceOutput *out);

/* plan-devices.c: the device access list, and the nodes every container gets. */
typedef struct PlanDefaultDevice {
        const char *path;
        unsigned major, minor;
        bool is_node; /* made in /dev; the others are only allowed */
} PlanDefaultDevice;

#define PLAN_DEFAULT_DEVICE_MAX 16
extern const PlanDefaultDevice plan_default_devices[];
extern const size_t plan_n_default_devices;

/* Access to a device, in the kernel's bits (BPF_DEVCG_ACC_*). */
enum {
        PLAN_DEVICE_MKNOD = 1,
        PLAN_DEVICE_READ = 2,
        PLAN_DEVICE_WRITE = 4,
        PLAN_DEVICE_ALL = 7,
        PLAN_PTS_MAJOR = 136, /* of terminals */
};
unsigned plan_device_access(const SpecDeviceRule *rule);

/* The rules as a program of the kernel's, where systemd's list cannot say them or nobody has one:
 * when the child is in its cgroup, or, in a unit of its own, before. plan-device-program.c makes
 * it.
 */
int plan_add_device_filter(Plan *p);
int plan_add_device_program(Plan *p);

/* DevicePolicy= and DeviceAllow= from linux.resources.devices and linux.devices. */
int plan_devices(const Spec *spec, const PlanContext *ctx, PropertyList *list, CtrError *err);

/* plan-engine-annotations.c: annotations of other runtimes. The check refuses those that cannot be
 * honoured, in this mode. */
int plan_check_engine_annotations(const Spec *spec, PlanMode mode, CtrError *err);
/* Names of cgroups of the payload's own below the container's, and in that; NULL = none. */
const char *plan_sub_cgroup(const Spec *spec);
const char *plan_delegate_cgroup(const Spec *spec);
/* The mount option that carries linux.mountLabel: "context", ... */
const char *plan_label_option(const Spec *spec);
void plan_add_hook_output(Plan *p);
/* In ATTEND: the child is moved. */
void plan_add_sub_cgroup(Plan *p);
void plan_add_delegate_cgroup(Plan *p);

/* plan-rdt.c: in PREPARE, before the clone. */
int plan_add_rdt(Plan *p, const char *id);

/* plan-annotations.c: org.systemd.property.* by an allow-list. */
int plan_annotations(const Spec *spec, PlanMode mode, PropertyList *list, CtrError *err);

/* The stop signal (annotation org.opencontainers.image.stopSignal, else SIGTERM): a number, or
 * -EINVAL with *err. */
int plan_stop_signal(const Spec *spec, CtrError *err);

/* plan-check.c: what is parsed and not implemented, and what contradicts itself. */
int plan_check(const Spec *spec, CtrError *err);
int plan_check_user(const Spec *spec, const SpecUser *user, CtrError *err);

/* plan-program.c: everything but the layout of the file; p->spec, ctx, err and seccomp_compile set.
 */
int plan_build(Plan *p);

/* plan-program.c: plan_cgroup_files() as operations: pids.max 0, or the others. */
int plan_add_cgroup_files(Plan *p, ProgramStage stage, bool is_pids);

/* plan-namespaces.c: fills namespaces_new, namespaces_joined and has_user_namespace. */
void plan_find_namespaces(Plan *p);

/* The subjects of a program, each adding operations to the stages it concerns. */
int plan_add_joins(Plan *p);
/* The mappings as the text of uid_map and gid_map (user_namespaces(7)). */
int plan_add_id_map_text(Plan *p, const SpecIdMappings *map, const char *field, ProgramData *ret);
int plan_add_namespaces(Plan *p);
int plan_add_mounts(Plan *p);
int plan_add_nodes(Plan *p);
int plan_add_inside(Plan *p);

/* plan-mount-id-map.c: the value of the mount option "idmap". */
typedef struct MountIdMap {
        SpecIdMappings uids, gids; /* items by malloc */
} MountIdMap;

/* linux_ has the mappings that "@" is about. 0, -EINVAL or -ENOMEM. */
int plan_parse_mount_id_map(const char *text, const SpecLinux *linux_, MountIdMap *ret);
void mount_id_map_done(MountIdMap *map);

/* plan-hooks.c: the hooks of one kind, into a stage; the state that all of them get. */
void plan_add_hooks(Plan *p, SpecHookKind kind, ProgramStage stage);
bool plan_has_hooks(const Spec *spec, SpecHookKind kind);
bool plan_has_any_hook(const Spec *spec);
int plan_add_hook_state(Plan *p);

/* plan-scope.c: the properties, and where the child's placement is asked for, answered, and needed:
 * the last of the three in its first call only. */
int plan_fill_scope(const Spec *spec, const PlanContext *ctx, PropertyList *list, CtrError *err);
bool plan_waits_for_place(const Plan *p);
void plan_add_placement_request(Plan *p);
int plan_add_placement_reply(Plan *p);
void plan_add_placed(Plan *p);

/* plan-request.c: what the caller asks for, by an allow-list. */
int plan_requests(const PlanContext *ctx, PropertyList *list, CtrError *err);

/* plan-ports.c: the unit's dependency on its sockets, and the network namespace's pin. */
int plan_fill_health(const Spec *spec, const PlanContext *ctx, PropertyList *list, CtrError *err);
int plan_fill_ports(const Spec *spec, const PlanContext *ctx, PropertyList *list, CtrError *err);
bool plan_has_ports(const Spec *spec);
int plan_add_ports(Plan *p);

/* plan-notify.c: what the annotation asks for; the unit's dependency on the relay's socket; the
 * socket in the container; the payload's environment with its name. */
int plan_find_notify(const Spec *spec, const PlanContext *ctx, PlanNotify *ret, CtrError *err);
int plan_fill_notify(const Spec *spec, const PlanContext *ctx, PropertyList *list, CtrError *err);
void plan_add_notify(Plan *p);
ProgramData plan_add_environment(Plan *p);

/* An annotation of ctrunit's own, which has one value: 1 when it is given, 0 when it is not, or an
 * error for any other. */
int plan_own_annotation(Plan *p, const char *key, const char *value);

/* plan-credentials.c */
int plan_add_credentials(Plan *p);

/* plan-joined-root.c: linux.namespaces has a mount namespace with a path. */
bool plan_has_joined_root(const Spec *spec);
int plan_check_joined_root(const Spec *spec, CtrError *err);
int plan_add_joined_root(Plan *p);

/* plan-console.c */
int plan_check_terminal(const SpecProcess *process, bool has_console, CtrError *err);
void plan_add_console(Plan *p, const SpecProcess *process, ProgramStage stage, bool is_init);

/* The state of runtime.md up to and from the place where status and pid are put in; the latter as
 * text for free(3). */
void plan_write_state_head(const Plan *p, const char *id, FILE *f);
int plan_state_tail(const Plan *p, char **ret);

/* plan-listener.c: filters with SCMP_ACT_NOTIFY. */
bool plan_has_listener(const SpecSeccomp *s);
int plan_check_listener(const SpecSeccomp *s, CtrError *err);
/* ctr-exec's part, in ATTEND at the place where the filter is loaded; init_pid 0: of the process
 * that is made. */
int plan_add_listener(Plan *p, const char *id, const char *status, pid_t init_pid);

/* plan-placement.c: nothing when cpus is NULL. */
int plan_add_cpu_affinity(Plan *p, ProgramStage stage, const char *cpus, const char *field);
void plan_add_every_cpu(Plan *p, ProgramStage stage);
int plan_add_memory_policy(Plan *p);

/* plan-identity.c: the host's number of an id of the container; unknown in a user namespace that is
 * joined without its map. */
#define PLAN_ID_UNKNOWN UINT64_MAX
uint64_t plan_host_id(const Plan *p, const SpecIdMappings *map, uint32_t id);

/* plan-identity.c: the IDENTITY stage, one function for init and exec, and the operation that
 * noNewPrivileges puts directly before execve instead. */
int plan_add_identity(Plan *p, const SpecProcess *process);
int plan_add_late_seccomp(Plan *p, const SpecProcess *process);
int plan_check_process(const SpecProcess *process, CtrError *err);

/* process.scheduler and process.ioPriority. In ATTEND they are the clone's, which waits. */
bool plan_has_scheduling(const SpecProcess *process);
void plan_add_scheduling(Plan *p, const SpecProcess *process, ProgramStage stage);

/* plan-seccomp.c */
int plan_seccomp_compile(const SpecSeccomp *s, void **ret_filter, size_t *ret_size, CtrError *err);

/* plan-seccomp-cache.c */
int plan_seccomp_compile_cached(const SpecSeccomp *s, const PlanFilterCache *cache,
        void **ret_filter, size_t *ret_size, CtrError *err);
