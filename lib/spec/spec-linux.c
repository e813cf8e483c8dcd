/* linux (config-linux.md) without resources, devices and seccomp, which have files of their own. */
#include "spec/spec-decode.h"

#include <assert.h>
#include <string.h>
#include <sys/personality.h>

static const SpecWord namespace_words[] = {
        { "pid", SPEC_NS_PID },
        { "network", SPEC_NS_NETWORK },
        { "mount", SPEC_NS_MOUNT },
        { "ipc", SPEC_NS_IPC },
        { "uts", SPEC_NS_UTS },
        { "user", SPEC_NS_USER },
        { "cgroup", SPEC_NS_CGROUP },
        { "time", SPEC_NS_TIME },
};
static const SpecWords namespace_types = { namespace_words, ELEMENTSOF(namespace_words),
        "namespace type" };

const char *spec_namespace_name(SpecNamespaceType type)
{
        for (size_t i = 0; i < ELEMENTSOF(namespace_words); i++)
                if (namespace_words[i].value == (int) type)
                        return namespace_words[i].name;
        return NULL;
}

static const SpecField namespace_fields[] = {
        { "type", decode_word, offsetof(SpecNamespace, type), FIELD_REQUIRED, &namespace_types },
        { "path", decode_string, offsetof(SpecNamespace, path), 0, &spec_text_path },
};
static const SpecType type_namespace = {
        .fields = namespace_fields,
        .n_fields = ELEMENTSOF(namespace_fields),
        .size = sizeof(SpecNamespace),
        .is_strict = true,
};

static int decode_namespaces(
        Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        struct {
                SpecNamespace *items;
                size_t n;
        } *namespaces = target;
        bool seen[_SPEC_NS_MAX] = { false };
        int r;

        r = decode_objects(d, value, target, field);
        if (r < 0)
                return r;
        for (size_t i = 0; i < namespaces->n; i++) {
                if (seen[namespaces->items[i].type])
                        return decoder_fail_item(d, i,
                                "a second %s namespace: a container has one of each type",
                                spec_namespace_name(namespaces->items[i].type));
                seen[namespaces->items[i].type] = true;
        }
        return 0;
}

/* The two unnamed structs of SpecLinux. */
typedef struct TimeOffset {
        bool is_set;
        int64_t secs;
        uint32_t nanosecs;
} TimeOffset;
static_assert(
        sizeof(TimeOffset) == sizeof(((SpecLinux *) NULL)->time_offset_monotonic), "same layout");

static int check_offset(Decoder *d, void *object)
{
        ((TimeOffset *) object)->is_set = true;
        return 0;
}

/* The kernel refuses offsets beyond KTIME_SEC_MAX; the clock itself decides about the rest. */
static const SpecNumber number_secs = { NUMBER_I64, -(INT64_MAX / 1000000000),
        INT64_MAX / 1000000000, false };
static const SpecNumber number_nanosecs = { NUMBER_U32, 0, 999999999, false };
static const SpecField offset_fields[] = {
        { "secs", decode_number, offsetof(TimeOffset, secs), 0, &number_secs },
        { "nanosecs", decode_number, offsetof(TimeOffset, nanosecs), 0, &number_nanosecs },
};
static const SpecType type_offset = {
        .fields = offset_fields,
        .n_fields = ELEMENTSOF(offset_fields),
        .check = check_offset,
};
static const SpecField offsets_fields[] = {
        { "monotonic", decode_object, offsetof(SpecLinux, time_offset_monotonic), 0, &type_offset },
        { "boottime", decode_object, offsetof(SpecLinux, time_offset_boottime), 0, &type_offset },
};
static const SpecType type_offsets = { .fields = offsets_fields,
        .n_fields = ELEMENTSOF(offsets_fields) };

/* A name below /proc/sys with dots or slashes between its parts; both kinds reach the same file. */
static int check_sysctl_key(Decoder *d, const char *key)
{
        static const char letters[] =
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./";
        size_t size = strlen(key);

        if (size == 0 || size > 255 || key[strspn(key, letters)] != '\0' || strchr("./", key[0]) ||
                strchr("./", key[size - 1]) || strstr(key, "..") || strstr(key, "//") ||
                strstr(key, "./") || strstr(key, "/."))
                return decoder_fail(
                        d, "not the name of a kernel parameter like \"net.core.somaxconn\"");
        return 0;
}

static const SpecMap map_sysctl = { .check_key = check_sysctl_key };

static const struct {
        const char *name;
        SpecPropagation propagation;
        bool is_recursive;
} propagations[] = {
        { "", SPEC_PROPAGATION_UNSET, false },
        { "shared", SPEC_PROPAGATION_SHARED, false },
        { "slave", SPEC_PROPAGATION_SLAVE, false },
        { "private", SPEC_PROPAGATION_PRIVATE, false },
        { "unbindable", SPEC_PROPAGATION_UNBINDABLE, false },
        { "rshared", SPEC_PROPAGATION_SHARED, true },
        { "rslave", SPEC_PROPAGATION_SLAVE, true },
        { "rprivate", SPEC_PROPAGATION_PRIVATE, true },
        { "runbindable", SPEC_PROPAGATION_UNBINDABLE, true },
};

static int decode_propagation(
        Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        const char *text = json_value_string(value);
        SpecLinux *l = target;

        if (!text)
                return decoder_fail_type(d, "a string", value);
        for (size_t i = 0; i < ELEMENTSOF(propagations); i++)
                if (strcmp(propagations[i].name, text) == 0) {
                        l->rootfs_propagation = propagations[i].propagation;
                        l->is_rootfs_propagation_recursive = propagations[i].is_recursive;
                        return 0;
                }
        return decoder_fail(d,
                "unknown propagation \"%.64s\": must be one of shared, slave, private, unbindable",
                text);
}

static const SpecWord domain_words[] = { { "LINUX", PER_LINUX }, { "LINUX32", PER_LINUX32 } };
static const SpecWords domains = { domain_words, ELEMENTSOF(domain_words), "personality" };

static int decode_no_flags(Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        if (json_value_type(value) != JSON_TYPE_ARRAY)
                return decoder_fail_type(d, "an array of strings", value);
        if (json_value_length(value) > 0)
                return decoder_fail(
                        d, "must be empty: the specification knows no personality flags");
        return 0;
}

#define AT(member) offsetof(SpecLinux, member)

static int decode_personality(
        Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        SpecLinux *l = target;

        l->personality.is_set = true;
        return decode_object(d, value, target, field);
}

static const SpecField personality_fields[] = {
        { "domain", decode_word, AT(personality.domain), FIELD_REQUIRED, &domains },
        { "flags", decode_no_flags, 0, 0, NULL },
};
static const SpecType type_personality = {
        .fields = personality_fields,
        .n_fields = ELEMENTSOF(personality_fields),
};

static const SpecField fields[] = {
        { "namespaces", decode_namespaces, AT(namespaces), 0, &type_namespace },
        { "uidMappings", decode_id_mappings, AT(uid_mappings), 0, NULL },
        { "gidMappings", decode_id_mappings, AT(gid_mappings), 0, NULL },
        { "timeOffsets", decode_object, 0, 0, &type_offsets },
        { "devices", decode_devices, AT(devices), 0, NULL },
        { "netDevices", decode_net_devices, AT(net_devices), 0, NULL },
        { "cgroupsPath", decode_string, AT(cgroups_path), 0, NULL },
        { "resources", decode_object, AT(resources), 0, &spec_type_resources },
        { "intelRdt", decode_object, AT(intel_rdt), 0, &spec_type_intel_rdt },
        { "memoryPolicy", decode_object, AT(memory_policy), 0, &spec_type_memory_policy },
        { "sysctl", decode_map, AT(sysctl), 0, &map_sysctl },
        { "seccomp", decode_object, AT(seccomp), 0, &spec_type_seccomp },
        { "rootfsPropagation", decode_propagation, 0, 0, NULL },
        { "maskedPaths", decode_strings, AT(masked_paths), 0, &spec_text_path },
        { "readonlyPaths", decode_strings, AT(readonly_paths), 0, &spec_text_path },
        { "mountLabel", decode_string, AT(mount_label), 0, NULL },
        { "personality", decode_personality, 0, 0, &type_personality },
};

const SpecType spec_type_linux = { .fields = fields, .n_fields = ELEMENTSOF(fields) };
