/* config.json of the OCI runtime specification (1.0 to 1.3) as plain structs.
 *
 * A Spec is made by spec_parse() and immutable afterwards: everybody else gets `const Spec *`.
 * Strings are owned by the Spec. Arrays are pointer plus count. "Absent" is NULL, count 0, or an
 * Opt type with is_set=false; nothing downstream ever sees -1 for "unlimited" unless the field's
 * comment says so. Where this file names a JSON path, the specification of that path is config.md
 * or config-linux.md. */
#pragma once

#include "base/error.h"

typedef enum SpecNamespaceType {
        SPEC_NS_PID,
        SPEC_NS_NETWORK,
        SPEC_NS_MOUNT,
        SPEC_NS_IPC,
        SPEC_NS_UTS,
        SPEC_NS_USER,
        SPEC_NS_CGROUP,
        SPEC_NS_TIME,
        _SPEC_NS_MAX,
        _SPEC_NS_INVALID = -EINVAL,
} SpecNamespaceType;

typedef enum SpecHookKind {
        SPEC_HOOK_PRESTART,
        SPEC_HOOK_CREATE_RUNTIME,
        SPEC_HOOK_CREATE_CONTAINER,
        SPEC_HOOK_START_CONTAINER,
        SPEC_HOOK_POSTSTART,
        SPEC_HOOK_POSTSTOP,
        _SPEC_HOOK_MAX,
        _SPEC_HOOK_INVALID = -EINVAL,
} SpecHookKind;

/* MS_SHARED and friends as words; UNSET = not in the document. The r forms set is_recursive. */
typedef enum SpecPropagation {
        SPEC_PROPAGATION_UNSET,
        SPEC_PROPAGATION_SHARED,
        SPEC_PROPAGATION_SLAVE,
        SPEC_PROPAGATION_PRIVATE,
        SPEC_PROPAGATION_UNBINDABLE,
        _SPEC_PROPAGATION_MAX,
        _SPEC_PROPAGATION_INVALID = -EINVAL,
} SpecPropagation;

typedef struct SpecStrv { /* NULL-terminated as well, for execve(2) */
        char **items;
        size_t n;
} SpecStrv;

typedef struct SpecKeyValue {
        char *key;
        char *value;
} SpecKeyValue;

typedef struct SpecKeyValues { /* in document order */
        SpecKeyValue *items;
        size_t n;
} SpecKeyValues;

typedef struct SpecRoot {
        char *path; /* as written: absolute, or relative to the bundle */
        bool is_readonly;
} SpecRoot;

typedef struct SpecIdMapping {
        uint32_t container_id;
        uint32_t host_id;
        uint32_t size;
} SpecIdMapping;

typedef struct SpecIdMappings {
        SpecIdMapping *items;
        size_t n;
} SpecIdMappings;

typedef struct SpecMount {
        char *destination;
        char *source; /* NULL = absent */
        char *type;   /* NULL = absent (a bind mount needs none) */
        SpecStrv options;
        SpecIdMappings uid_mappings;
        SpecIdMappings gid_mappings;
} SpecMount;

typedef struct SpecUser {
        uint32_t uid;
        uint32_t gid;
        OptU32 umask;
        uint32_t *additional_gids;
        size_t n_additional_gids;
        bool keeps_groups; /* those of the caller stay (run.oci.keep_original_groups) */
} SpecUser;

/* Capability sets as bit masks, bit N = capability number N (capabilities(7)). Names that libcap's
 * list of the build does not know become a warning, as the specification asks. */
typedef struct SpecCapabilities {
        bool is_set; /* false: "capabilities" absent: every set empty */
        uint64_t bounding;
        uint64_t effective;
        uint64_t inheritable;
        uint64_t permitted;
        uint64_t ambient;
} SpecCapabilities;

typedef struct SpecRlimit {
        int resource; /* RLIMIT_* */
        uint64_t soft;
        uint64_t hard;
} SpecRlimit;

typedef struct SpecScheduler {
        bool is_set;
        int policy; /* SCHED_* */
        int32_t nice;
        int32_t priority;
        uint64_t flags; /* SCHED_FLAG_* */
        uint64_t runtime_nsec, deadline_nsec, period_nsec;
} SpecScheduler;

typedef struct SpecIoPriority {
        bool is_set;
        int class; /* IOPRIO_CLASS_*: 1 realtime, 2 best effort, 3 idle */
        int priority;
} SpecIoPriority;

typedef struct SpecProcess {
        bool is_set; /* "process" present: start needs it, create does not */
        bool has_terminal;
        OptU32 console_height, console_width;
        SpecUser user;
        SpecStrv args;
        SpecStrv env;
        char *cwd;
        SpecCapabilities capabilities;
        SpecRlimit *rlimits;
        size_t n_rlimits;
        bool no_new_privileges;
        char *apparmor_profile;
        char *selinux_label;
        struct {
                bool is_set;
                int32_t value;
        } oom_score_adj;
        SpecScheduler scheduler;
        SpecIoPriority io_priority;
        char *exec_cpu_affinity_initial;
        char *exec_cpu_affinity_final;
} SpecProcess;

typedef struct SpecHook {
        char *path;
        SpecStrv args; /* argv including argv[0]; empty = {path} */
        SpecStrv env;
        uint64_t timeout_usec; /* 0 = none */
} SpecHook;

typedef struct SpecHooks {
        SpecHook *items;
        size_t n;
} SpecHooks;

typedef struct SpecNamespace {
        SpecNamespaceType type;
        char *path; /* NULL = a new one */
} SpecNamespace;

typedef struct SpecDevice {
        char *path;
        char type; /* 'c', 'b', 'p' ("u" reads as 'c') */
        int64_t major, minor;
        OptU32 file_mode, uid, gid;
} SpecDevice;

typedef struct SpecDeviceRule {
        bool is_allow;
        char type;           /* 'a', 'c', 'b' */
        OptI64 major, minor; /* absent or -1 in the document = any */
        bool can_read, can_write, can_mknod;
} SpecDeviceRule;

typedef struct SpecDeviceNumber {
        int64_t major, minor;
        uint64_t value; /* bytes or operations per second, or a weight */
} SpecDeviceNumber;

typedef struct SpecDeviceNumbers {
        SpecDeviceNumber *items;
        size_t n;
} SpecDeviceNumbers;

typedef struct SpecHugepageLimit {
        char *page_size; /* "2MB" */
        uint64_t limit_bytes;
} SpecHugepageLimit;

typedef struct SpecRdma {
        char *device;
        OptU32 hca_handles, hca_objects;
} SpecRdma;

/* linux.resources. Signed values: -1 = unlimited, as in the document; smaller ones never get here.
 */
typedef struct SpecResources {
        SpecDeviceRule *devices;
        size_t n_devices;
        struct {
                OptI64 limit, reservation, swap, kernel, kernel_tcp;
                OptU64 swappiness;
                OptBool disable_oom_killer, use_hierarchy, check_before_update;
        } memory;
        struct {
                OptU64 shares;
                OptI64 quota;
                OptU64 period, burst;
                OptI64 realtime_runtime;
                OptU64 realtime_period;
                char *cpus, *mems; /* list syntax of cpuset(7), checked */
                OptI64 idle;
        } cpu;
        OptI64 pids_limit;
        struct {
                OptU32 weight, leaf_weight;
                SpecDeviceNumbers weight_device;
                SpecDeviceNumbers throttle_read_bps, throttle_write_bps;
                SpecDeviceNumbers throttle_read_iops, throttle_write_iops;
        } block_io;
        SpecHugepageLimit *hugepage_limits;
        size_t n_hugepage_limits;
        SpecRdma *rdma;
        size_t n_rdma;
        OptU32 network_class_id;
        size_t n_network_priorities;
        SpecKeyValues unified;
} SpecResources;

typedef struct SpecSeccompArg {
        uint32_t index;
        uint64_t value, value_two;
        int op; /* enum scmp_compare of seccomp_rule_add(3): 1 NE, 2 LT, 3 LE, 4 EQ, 5 GE, 6 GT, 7
                   MASKED_EQ */
} SpecSeccompArg;

typedef enum SpecSeccompAction {
        SPEC_SECCOMP_KILL_THREAD, /* SCMP_ACT_KILL is this one */
        SPEC_SECCOMP_KILL_PROCESS,
        SPEC_SECCOMP_TRAP,
        SPEC_SECCOMP_ERRNO,
        SPEC_SECCOMP_TRACE,
        SPEC_SECCOMP_ALLOW,
        SPEC_SECCOMP_LOG,
        SPEC_SECCOMP_NOTIFY,
        _SPEC_SECCOMP_ACTION_MAX,
        _SPEC_SECCOMP_ACTION_INVALID = -EINVAL,
} SpecSeccompAction;

typedef struct SpecSeccompRule {
        SpecStrv names;
        SpecSeccompAction action;
        OptU32 errno_ret;
        SpecSeccompArg *args;
        size_t n_args;
} SpecSeccompRule;

typedef struct SpecSeccomp {
        bool is_set;
        SpecSeccompAction default_action;
        OptU32 default_errno_ret;
        SpecStrv architectures; /* "SCMP_ARCH_X86_64", names checked */
        uint32_t flags;         /* SECCOMP_FILTER_FLAG_* of seccomp(2) */
        char *listener_path, *listener_metadata;
        SpecSeccompRule *rules;
        size_t n_rules;
        bool refuses_unknown_calls; /* run.oci.seccomp_fail_unknown_syscall */
        const void *raw_filter;     /* a filter to load as it is, instead of all the above; NULL =
                                       none (run.oci.seccomp_bpf_data) */
        size_t raw_filter_size;     /* bytes */
} SpecSeccomp;

typedef struct SpecMemoryPolicy {
        bool is_set;
        int mode;       /* MPOL_* of set_mempolicy(2) */
        char *nodes;    /* list syntax of cpuset(7), checked; NULL = absent */
        uint32_t flags; /* MPOL_F_* */
} SpecMemoryPolicy;

typedef struct SpecIntelRdt {
        bool is_set;
        char *class; /* closID: NULL = the container's own, "/" = the default one */
        SpecStrv schemata;
        char *l3_cache_schema;         /* may have several lines */
        char *memory_bandwidth_schema; /* one line */
        bool has_monitoring;           /* enableMonitoring, or one of the older names */
        bool has_cmt, has_mbm;
} SpecIntelRdt;

typedef struct SpecNetDevice {
        char *host_name;
        char *name; /* in the container, never NULL; one "%d" in it is the first free number */
} SpecNetDevice;

typedef struct SpecNetDevices { /* in document order */
        SpecNetDevice *items;
        size_t n;
} SpecNetDevices;

typedef struct SpecLinux {
        SpecNamespace *namespaces; /* at most one of each type */
        size_t n_namespaces;
        SpecIdMappings uid_mappings, gid_mappings;
        struct {
                bool is_set;
                int64_t secs;
                uint32_t nanosecs;
        } time_offset_monotonic, time_offset_boottime;
        SpecDevice *devices;
        size_t n_devices;
        char *cgroups_path;
        SpecResources resources;
        SpecIntelRdt intel_rdt;
        SpecKeyValues sysctl;
        SpecSeccomp seccomp;
        SpecPropagation rootfs_propagation;
        bool is_rootfs_propagation_recursive;
        SpecStrv masked_paths, readonly_paths;
        char *mount_label;
        struct {
                bool is_set;
                uint32_t domain; /* personality(2): 0 LINUX, 8 LINUX32 */
        } personality;
        SpecMemoryPolicy memory_policy;
        SpecNetDevices net_devices;
} SpecLinux;

typedef struct Spec {
        char *oci_version;
        SpecRoot root;
        SpecMount *mounts;
        size_t n_mounts;
        SpecProcess process;
        char *hostname, *domainname;
        SpecHooks hooks[_SPEC_HOOK_MAX];
        SpecLinux linux_;
        SpecKeyValues annotations; /* keys unique */
        SpecStrv warnings; /* one line each: unknown names with the nearest known one, v1-only
                              fields */
} Spec;

/* Parses and validates the text of a config.json (not NUL-terminated; at most 16 MiB). `name` is
 * only for messages. On error: -EINVAL (or -ENOMEM), err->field is the JSON path, err->line and
 * err->column the place. Strict JSON (RFC 8259): duplicate keys, NaN, comments, trailing bytes,
 * nesting over 64 are errors. */
int spec_parse(const char *text, size_t size, Spec **ret, CtrError *err) _warn_unused_;
/* The same, but unknown names are errors too: for files that a person can still correct (`check`,
 * the generator). */
int spec_parse_strict(const char *text, size_t size, Spec **ret, CtrError *err) _warn_unused_;
Spec *spec_free(Spec *spec);
DEFINE_CLEANUP(Spec *, spec_free)

/* A process object alone, as `exec --process FILE` gets it. Result is a Spec with only .process
 * set. */
int spec_parse_process(const char *text, size_t size, Spec **ret, CtrError *err) _warn_unused_;

/* linux.resources alone, as `update --resources FILE` gets it. Result has only .linux_.resources
 * set. */
int spec_parse_resources(const char *text, size_t size, Spec **ret, CtrError *err) _warn_unused_;
/* The same, but unknown names are errors: for callers that would not see a warning. */
int spec_parse_resources_strict(
        const char *text, size_t size, Spec **ret, CtrError *err) _warn_unused_;

/* Lookups used by plan. */
const SpecNamespace *spec_find_namespace(
        const Spec *spec, SpecNamespaceType type); /* NULL = shared with the host */
const char *spec_find_annotation(const Spec *spec, const char *key); /* NULL = absent */

/* Adds an annotation, or gives it another value. Both are copied. -ENOMEM. */
int spec_set_annotation(Spec *spec, const char *key, const char *value);
const char *spec_namespace_name(SpecNamespaceType type); /* "pid", "network", ... */
const char *spec_hook_name(SpecHookKind kind);           /* "createRuntime", ... */

const char *spec_capability_name(size_t number); /* "CAP_CHOWN" is 0; NULL past the last */

/* The words that linux.seccomp may have, for lists of them: NULL past the end. */
typedef enum SpecSeccompWords {
        SPEC_SECCOMP_WORDS_ACTIONS,
        SPEC_SECCOMP_WORDS_OPERATORS,
        SPEC_SECCOMP_WORDS_FLAGS,
        SPEC_SECCOMP_WORDS_ARCHITECTURES,
} SpecSeccompWords;
const char *spec_seccomp_word(SpecSeccompWords which, size_t index);
uint32_t spec_seccomp_flag_value(size_t index); /* SECCOMP_FILTER_FLAG_* of a flag's word */

/* "UID[:GID]" of exec --user: base-10 numbers only. One function for every caller. */
int spec_parse_user(const char *text, uint32_t *ret_uid, OptU32 *ret_gid, CtrError *err);
