/* What the [Container] section of a .container file asks for, as plain values: the step between
 * keys and config.json. recipe_load() reads every key once and needs nothing but the file itself,
 * and that of its pod.
 * What only the host can tell (files of variables, names of users, device numbers, a file with a
 * system call filter) stays a name here, and is filled in when the container starts, by
 * lib/runtime. recipe_print() writes the config.json, which goes through the same parser as any
 * other one.
 *
 * Everything belongs to the Recipe's arena; entries point into the Settings, which must live as
 * long. */
#pragma once

#include "unitfile/pod-file.h"
#include "unitfile/settings.h"
#include "unitfile/words.h"

typedef struct RecipeMount {
        char *destination, *source, *type; /* source NULL: the file system has none */
        char *volume;                      /* "data.volume"; NULL = none */
        SpecStrv options;
        bool is_own; /* the source is in a directory that systemd makes for the container or volume
                      */
        const IniEntry *entry;
} RecipeMount;

typedef struct RecipeDevice {
        char *host, *path, *access; /* on the host, in the container, "rwm" */
        bool is_optional;
        bool is_found; /* the rest is known: at the start only */
        char type;
        uint32_t major, minor;
        const IniEntry *entry;
} RecipeDevice;

typedef struct RecipeFile {
        char *path; /* absolute */
        bool is_optional;
        const IniEntry *entry;
} RecipeFile;

typedef struct RecipeSecret {
        char *name, *target; /* in the credential store of the host; below /run/secrets */
        const IniEntry *entry;
} RecipeSecret;

typedef struct RecipeLimit {
        const char *name; /* "RLIMIT_NOFILE" */
        uint64_t soft, hard;
} RecipeLimit;

/* A user or a group: a number, or a name for the root file system's own lists. */
typedef struct RecipeId {
        OptU32 number;
        char *name;
        const IniEntry *entry; /* NULL: not given */
} RecipeId;

typedef struct RecipeMap { /* UIDMap=, or SubUIDMap= */
        SpecIdMappings ids;
        char *sub_name; /* whose range in /etc/subuid; NULL = none */
        const IniEntry *entry;
} RecipeMap;

/* In the state directory. */
#define RECIPE_RELOAD_FILE "reload.json"
#define RECIPE_HOSTS_FILE  "hosts"
#define RECIPE_RESOLV_FILE "resolv.conf"

/* Directories that systemd makes: /var/lib, /var/cache, /var/log, /run. */
typedef enum RecipeDirectory {
        RECIPE_STATE,
        RECIPE_CACHE,
        RECIPE_LOGS,
        RECIPE_RUNTIME,
        _RECIPE_DIRECTORY_MAX,
} RecipeDirectory;

typedef enum RecipeNetwork {
        RECIPE_NETWORK_NONE, /* an own namespace with nothing but lo */
        RECIPE_NETWORK_HOST,
        RECIPE_NETWORK_JOINED,
} RecipeNetwork;

typedef struct Recipe {
        SpecArena arena;
        char *id;           /* of the container: ContainerName=, or the file's name */
        char *directory;    /* of the file: what relative paths are relative to */
        char *service_name; /* one more name of the unit, NULL = none */

        char *rootfs;
        bool is_overlay, is_readonly, has_readonly_tmpfs;
        const IniEntry *rootfs_entry;

        SpecStrv args, entrypoint;
        SpecKeyValues environment;
        RecipeFile *environment_files;
        size_t n_environment_files;
        bool wants_host_environment, wants_init, has_no_new_privileges;
        char *working_dir, *host_name;
        SpecStrv hosts; /* of AddHost=: "ADDRESS\tNAME NAME" */
        const IniEntry *hosts_entry;
        SpecStrv dns_servers, dns_search, dns_options;
        bool wants_host_dns, has_no_dns; /* DNS=host, DNS=none */
        const IniEntry *dns_entry;       /* the last key of DNS; NULL = none */
        RecipeId user, group, *groups;
        size_t n_groups;
        SpecKeyValues annotations;
        RecipeLimit *limits;
        size_t n_limits;
        RecipeSecret *secrets;
        size_t n_secrets;

        RecipeMount *mounts; /* besides the usual ones, outer ones first */
        size_t n_mounts;
        uint64_t shm_size;                        /* bytes; 0 = the usual size */
        char *directories[_RECIPE_DIRECTORY_MAX]; /* "ctrunit/web"; NULL = not asked for */
        SpecStrv volumes;                         /* names of those that it uses */
        SpecStrv masked_paths, readonly_paths;

        uint64_t capabilities, added_capabilities, dropped_capabilities; /* bit N = capability N */
        bool is_unconfined;      /* SeccompProfile=unconfined */
        RecipeFile seccomp_file; /* path NULL = the default profile */
        char *seccomp_text;      /* its text: at the start only */
        char *apparmor;
        char *label_type, *label_level, *label_file_type;
        RecipeDevice *devices;
        size_t n_devices;
        SpecKeyValues sysctls;
        RecipeMap uid_map, gid_map;
        char *user_namespace; /* path of one to join */
        RecipeNetwork network;
        char *network_path;
        char *pod; /* "shop.pod"; NULL = none */
        char *pod_id, *pod_unit, *pod_slice;
        const IniEntry *pod_entry;
        Settings pod_settings;     /* of its file: what it says for all its containers */
        bool stays_with_pod_start; /* StartWithPod=no: starting the pod does not start it */

        OptI64 memory_bytes, pids_limit;
        SpecStrv reload_command;
        char *reload_signal;
        bool has_log; /* output goes to the journal */
        char *log_tag;
        bool wants_online; /* [Quadlet] DefaultDependencies= */
} Recipe;

/* Whether the files ask for a container made from keys: Rootfs= or any other key that says what one
 * is. false: only Config=, or nothing. */
bool recipe_is_wanted(const Settings *settings);

/* Reads the keys. name: of the file without its ending; directory: of the file. pods: the search of
 * .pod files for Pod=; NULL: what the pod's name alone says. -EINVAL with the position in *problem,
 * or -ENOMEM. */
int recipe_load(const Settings *settings, const char *name, const char *directory,
        const Search *pods, Recipe *ret, Problem *problem);
void recipe_done(Recipe *recipe);

/* What a .pod file says for all its containers, without one of them. The same errors. */
int recipe_check_pod(const Settings *settings, const char *directory, Problem *problem);

/* The config.json; and the same in short: without what changes no property of a unit, as the
 * default filter of system calls, usual mounts, masks and capabilities. Errors stay in the stream
 * (ferror(3)). */
void recipe_print(const Recipe *recipe, FILE *f);
void recipe_print_outline(const Recipe *recipe, FILE *f);

/* The host name that the container has. */
const char *recipe_host_name(const Recipe *recipe);

/* Its /etc/hosts, when AddHost= is given; whether it has a resolv.conf of its own: resolv.h. */
void recipe_print_hosts(const Recipe *recipe, FILE *f);
bool recipe_has_resolv(const Recipe *recipe);

/* The process object of ReloadCmd=, as `ctrctl exec --process` takes it. */
void recipe_print_reload(const Recipe *recipe, FILE *f);

/* What the configuration is made from, as a digest: its outline, before anything of the host is
 * filled in, and the names of what will be. ret_text may be NULL; else it gets the outline, of
 * *ret_size bytes. -ENOMEM. */
int recipe_digest(const Recipe *recipe, char **ret_text, size_t *ret_size, char ret[static 65]);

/* Lines of the unit besides what plan makes of the config.json: [Unit] and [Service]. state_dir: of
 * this container. -ENOMEM. */
int recipe_write_unit(const Recipe *recipe, const char *state_dir, FILE *f);

/* What the parser or plan refuse of the config.json that keys became: file, position and name of
 * the key that says it, where one does. */
void recipe_locate(const Settings *settings, Problem *problem);

/* Position and key of a mistake that is found at the start. Returns -EINVAL. */
int recipe_error(const IniEntry *entry, CtrError *err, const char *fmt, ...) _printf_(3, 4);
