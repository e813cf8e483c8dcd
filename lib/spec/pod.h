/* The configuration of a pod as plain structs: PodConfig and ContainerConfig of virtcontainers 1.0,
 * as JSON with Go's names for the members ("ID", "VMConfig", "Containers", ...; null is "absent",
 * as Go writes an empty list).
 *
 * A PodConfig is made by pod_config_parse() and immutable afterwards. Unknown names are errors, and
 * so is what only a virtual machine could give. */
#pragma once

#include "spec/spec.h"

typedef enum PodHypervisor {
        POD_HYPERVISOR_MOCK, /* namespaces and a slice, no virtual machine */
        POD_HYPERVISOR_QEMU,
        _POD_HYPERVISOR_MAX,
} PodHypervisor;

typedef enum PodNetworkModel {
        POD_NETWORK_NOOP, /* the host's network, or the namespace at a path, as they are */
        POD_NETWORK_CNM,  /* a namespace that hooks fill */
        POD_NETWORK_CNI,  /* a namespace that CNI plugins fill */
        _POD_NETWORK_MAX,
} PodNetworkModel;

typedef enum PodHookKind {
        POD_HOOK_PRESTART,
        POD_HOOK_POSTSTART,
        POD_HOOK_POSTSTOP,
        _POD_HOOK_MAX,
} PodHookKind;

typedef enum PodCapabilitySet { /* in the order of capability_sets[] */
        POD_CAPABILITIES_BOUNDING,
        POD_CAPABILITIES_EFFECTIVE,
        POD_CAPABILITIES_INHERITABLE,
        POD_CAPABILITIES_PERMITTED,
        POD_CAPABILITIES_AMBIENT,
        _POD_CAPABILITIES_MAX,
} PodCapabilitySet;

/* "bounding", ... as config.json names them. */
extern const char *const pod_capability_set_names[_POD_CAPABILITIES_MAX];

typedef struct PodEnv {
        char *name, *value; /* value NULL = empty */
} PodEnv;

typedef struct PodCommand {
        SpecStrv args;
        PodEnv *envs;
        size_t n_envs;
        char *work_dir; /* NULL = "/" */
        char *user;     /* name or number, both with or without ":GROUP"; NULL = root */
        char *primary_group;
        SpecStrv supplementary_groups;
        bool is_interactive;
        bool is_detached;
        char *console; /* path of the socket that receives the terminal */
        OptBool no_new_privileges;
        bool has_capabilities;
        SpecStrv capabilities[_POD_CAPABILITIES_MAX];
} PodCommand;

typedef struct PodMount {
        char *source, *destination, *type, *host_path;
        SpecStrv options;
        bool is_readonly;
} PodMount;

typedef struct PodDevice {
        char *host_path, *container_path, *id;
        char type; /* 'c', 'b', 'p'; 'u' is 'c' */
        int64_t major, minor;
        OptU32 file_mode;
        uint32_t uid, gid;
        bool is_hotplugged;
} PodDevice;

typedef struct PodContainer {
        char *id; /* within the pod */
        char *rootfs;
        bool is_rootfs_readonly;
        PodCommand command;
        SpecKeyValues annotations;
        PodMount *mounts;
        size_t n_mounts;
        PodDevice *devices;
        size_t n_devices;
        OptI64 cpu_quota;
        OptU64 cpu_period, cpu_shares;
} PodContainer;

typedef struct PodVolume {
        char *tag, *host_path;
} PodVolume;

typedef struct PodConfig {
        char *id; /* NULL = to be generated */
        char *hostname;
        SpecHooks hooks[_POD_HOOK_MAX];
        uint32_t n_vcpus;    /* 0 = no limit */
        uint64_t memory_mib; /* 0 = no limit */
        PodHypervisor hypervisor;
        PodNetworkModel network_model;
        char *netns_path;
        uint32_t n_interfaces; /* of CNI; 0 = one */
        PodVolume *volumes;
        size_t n_volumes;
        PodContainer *containers;
        size_t n_containers;
        SpecKeyValues annotations;
} PodConfig;

/* "mock", "qemu"; "noop", "CNM", "CNI". */
const char *pod_hypervisor_name(PodHypervisor hypervisor);
const char *pod_network_name(PodNetworkModel model);

/* Parses and validates. -EINVAL with JSON path, line and column; CTR_ERROR_NEED_POD "Pod must be
 * specified" for an empty text, CTR_ERROR_INVALID_RESOURCE for limits that no pod can have. */
int pod_config_parse(const char *text, size_t size, PodConfig **ret, CtrError *err) _warn_unused_;
PodConfig *pod_config_free(PodConfig *config);
DEFINE_CLEANUP(PodConfig *, pod_config_free)

/* A container configuration alone, as the result's only container. */
int pod_container_parse(
        const char *text, size_t size, PodConfig **ret, CtrError *err) _warn_unused_;

/* A command alone, as EnterContainer gets it: the only container's command. */
int pod_command_parse(const char *text, size_t size, PodConfig **ret, CtrError *err) _warn_unused_;

/* NULL when the pod has no such container. */
const PodContainer *pod_config_find(const PodConfig *config, const char *name);
