/* PodConfig whole: the top-level table, hooks, limits, hypervisor, agent, network and volumes. What
 * asks for a virtual machine is refused here, in one place each. */
#include "spec/spec-pod.h"

#include "base/pod-name.h"

#include <string.h>

enum {
        VCPUS_MAX = 8192,      /* CPUQuota= of systemd and cpu.max take more, no machine has them */
        INTERFACES_MAX = 64,   /* more would be a mistake */
        HOSTNAME_SIZE_MAX = 64 /* __NEW_UTS_LEN of uname(2) */
};

static const uint64_t memory_max_mib = UINT64_C(1) << 30; /* a PiB */

/* The PodConfig is the first member: users see it alone. */
typedef struct PodHolder {
        PodConfig config;
        SpecArena arena;
        SpecStrv warnings;
} PodHolder;

int decode_nullable(Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        const PodNullable *inner = field->arg;
        SpecField plain = { .name = field->name, .arg = inner->arg };

        if (json_value_type(value) == JSON_TYPE_NULL)
                return 0;
        return inner->decode(d, value, target, &plain);
}

/* ---- hooks ---- */

static int check_hook(Decoder *d, void *object)
{
        SpecHook *hook = object;

        if (hook->path)
                return spec_check_hook(d, hook);
        (void) decoder_fail_at(d, "Path", "File cannot be empty");
        if (d->err)
                d->err->code = CTR_ERROR_NEED_FILE;
        return -EINVAL;
}

static const SpecText text_env = { .is_nonempty = true, .check = spec_check_env };
static const SpecText text_path = { .is_absolute_path = true };
static const SpecNumber number_timeout = { NUMBER_U64, 0, UINT32_MAX, false };
static const PodNullable strings = { decode_strings, NULL };
static const PodNullable env_strings = { decode_strings, &text_env };

static const SpecField hook_fields[] = {
        { "Path", decode_string, offsetof(SpecHook, path), FIELD_REQUIRED, &text_path },
        { "Args", decode_nullable, offsetof(SpecHook, args), 0, &strings },
        { "Env", decode_nullable, offsetof(SpecHook, env), 0, &env_strings },
        { "Timeout", decode_number, offsetof(SpecHook, timeout_usec), 0, &number_timeout },
};
static const SpecType type_hook = {
        .fields = hook_fields,
        .n_fields = ELEMENTSOF(hook_fields),
        .size = sizeof(SpecHook),
        .check = check_hook,
};
static const PodNullable hook_list = { decode_objects, &type_hook };

static const SpecField hooks_fields[] = {
        { "PreStartHooks", decode_nullable, offsetof(PodConfig, hooks[POD_HOOK_PRESTART]), 0,
                &hook_list },
        { "PostStartHooks", decode_nullable, offsetof(PodConfig, hooks[POD_HOOK_POSTSTART]), 0,
                &hook_list },
        { "PostStopHooks", decode_nullable, offsetof(PodConfig, hooks[POD_HOOK_POSTSTOP]), 0,
                &hook_list },
};
/* Offsets from PodConfig. */
static const SpecType type_hooks = { .fields = hooks_fields, .n_fields = ELEMENTSOF(hooks_fields) };

/* ---- limits ---- */

static const SpecNumber number_u32 = { NUMBER_U32, 0, UINT32_MAX, false };
static const SpecNumber number_u64 = { NUMBER_U64, 0, UINT64_MAX, false };

static int check_resources(Decoder *d, void *object)
{
        const PodConfig *config = object;

        if (config->n_vcpus > VCPUS_MAX)
                (void) decoder_fail_at(
                        d, "VCPUs", "Invalid pod resource: more than %d processors", VCPUS_MAX);
        else if (config->memory_mib > memory_max_mib)
                (void) decoder_fail_at(d, "Memory",
                        "Invalid pod resource: more than %llu MiB (the unit is MiB)",
                        (unsigned long long) memory_max_mib);
        else
                return 0;
        if (d->err)
                d->err->code = CTR_ERROR_INVALID_RESOURCE;
        return -EINVAL;
}

static const SpecField resource_fields[] = {
        { "VCPUs", decode_number, offsetof(PodConfig, n_vcpus), 0, &number_u32 },
        { "Memory", decode_number, offsetof(PodConfig, memory_mib), 0, &number_u64 },
};
static const SpecType type_resources = {
        .fields = resource_fields, .n_fields = ELEMENTSOF(resource_fields), .check = check_resources
};

/* ---- hypervisor, agent, proxy, shim: words of which only some exist without a guest ---- */

static const SpecWord hypervisor_words[] = {
        { "mock", POD_HYPERVISOR_MOCK },
        { "qemu", POD_HYPERVISOR_QEMU },
};
static const SpecWords hypervisors = { hypervisor_words, ELEMENTSOF(hypervisor_words),
        "hypervisor" };

typedef struct PodChoice {
        const char *what;
        const char *accepted[2]; /* NULL-terminated when shorter */
        struct {
                const char *word, *reason;
        } refused[2];
} PodChoice;

static const PodChoice agent_choice = {
        "agent", { "noop" },
        { { "hyperstart", "it is not maintained any more, use \"noop\"" },
                { "kata", "it runs in a virtual machine, use \"noop\" with hypervisor \"mock\"" } }
};
static const PodChoice proxy_choice = { "proxy", { "noProxy", "noopProxy" },
        { { "ccProxy", "there is no agent to talk to, use \"noProxy\"" },
                { "kataProxy", "there is no agent to talk to, use \"noProxy\"" } } };
static const PodChoice shim_choice = { "shim", { "noopShim" },
        { { "ccShim", "containers are direct children of systemd, use \"noopShim\"" },
                { "kataShim", "containers are direct children of systemd, use \"noopShim\"" } } };

/* A word that must be one of the accepted; "" is absent. No target. arg: PodChoice. */
static int decode_choice(Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        const PodChoice *choice = field->arg;
        const char *word = json_value_string(value);

        if (!word)
                return decoder_fail_type(d, "a string", value);
        if (word[0] == '\0')
                return 0;
        for (size_t i = 0; i < ELEMENTSOF(choice->accepted) && choice->accepted[i]; i++)
                if (strcmp(choice->accepted[i], word) == 0)
                        return 0;
        for (size_t i = 0; i < ELEMENTSOF(choice->refused); i++)
                if (strcmp(choice->refused[i].word, word) == 0)
                        return decoder_unsupported(d, "%s \"%s\" is not supported: %s",
                                choice->what, word, choice->refused[i].reason);
        return decoder_fail(
                d, "unknown %s \"%.64s\": use \"%s\"", choice->what, word, choice->accepted[0]);
}

/* "" is absent. Target: int or enum. */
static int decode_opt_word(Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        const char *word = json_value_string(value);

        return word && word[0] == '\0' ? 0 : decode_word(d, value, target, field);
}

/* Settings of something that is not there: an object, whatever is in it. */
static int decode_unused(Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        if (json_value_type(value) == JSON_TYPE_OBJECT || json_value_type(value) == JSON_TYPE_NULL)
                return 0;
        return decoder_fail_type(d, "an object", value);
}

/* ---- network ---- */

static const SpecWord network_words[] = {
        { "noop", POD_NETWORK_NOOP },
        { "CNM", POD_NETWORK_CNM },
        { "CNI", POD_NETWORK_CNI },
};
static const SpecWords networks = { network_words, ELEMENTSOF(network_words), "network model" };

static const SpecNumber number_interfaces = { NUMBER_U32, 0, INTERFACES_MAX, false };
/* How a virtual machine is connected: default, bridged, macvtap, enlightened. Without one every
 * valid number means the same. */
static const SpecNumber number_interworking = { NUMBER_I32, 0, 3, false };

static int decode_interworking(
        Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        int32_t model;

        return decode_number(d, value, &model, field);
}

static const SpecField network_fields[] = {
        { "NetNSPath", decode_string, offsetof(PodConfig, netns_path), 0, &text_path },
        { "NumInterfaces", decode_number, offsetof(PodConfig, n_interfaces), 0,
                &number_interfaces },
        { "InterworkingModel", decode_interworking, 0, 0, &number_interworking },
};
static const SpecType type_network = { .fields = network_fields,
        .n_fields = ELEMENTSOF(network_fields) };

/* ---- volumes ---- */

int pod_check_path(Decoder *d, const char *text)
{
        for (const char *part = text; *part;) {
                size_t n;

                part += strspn(part, "/");
                n = strcspn(part, "/");
                if ((n == 1 && part[0] == '.') || (n == 2 && part[0] == '.' && part[1] == '.'))
                        return decoder_fail(d, "\"%.64s\" must not have \".\" nor \"..\"", text);
                part += n;
        }
        return 0;
}

static int check_tag(Decoder *d, const char *text)
{
        if (ctr_id_is_valid(text))
                return 0;
        return decoder_fail(d, "\"%.64s\" is no mount tag (use letters, digits, _ + . -)", text);
}

static const SpecText text_tag = { .is_nonempty = true, .check = check_tag };
static const SpecText text_host_path = { .is_nonempty = true, .is_absolute_path = true };

static const SpecField volume_fields[] = {
        { "MountTag", decode_string, offsetof(PodVolume, tag), FIELD_REQUIRED, &text_tag },
        { "HostPath", decode_string, offsetof(PodVolume, host_path), FIELD_REQUIRED,
                &text_host_path },
};
static const SpecType type_volume = {
        .fields = volume_fields, .n_fields = ELEMENTSOF(volume_fields), .size = sizeof(PodVolume)
};

/* ---- the whole ---- */

static int check_id(Decoder *d, const char *text)
{
        CtrError e = { 0 };

        if (ctr_pod_id_check(text, &e) >= 0)
                return 0;
        (void) decoder_fail(d, "%s", e.message);
        if (d->err)
                d->err->code = e.code;
        return -EINVAL;
}

static int check_annotation_key(Decoder *d, const char *key)
{
        return *key ? 0 : decoder_fail(d, "an annotation needs a name");
}

static int fail_duplicate(
        Decoder *d, const char *list, size_t index, const char *what, const char *name)
{
        int r;

        decoder_enter(d, list);
        r = decoder_fail_item(d, index, "%s \"%s\" is there twice", what, name);
        decoder_leave(d);
        return r;
}

static int check_pod(Decoder *d, void *object)
{
        const PodConfig *c = object;

        if (c->hypervisor == POD_HYPERVISOR_QEMU) {
                decoder_enter(d, "HypervisorType");
                (void) decoder_unsupported(d,
                        "hypervisor \"qemu\" is not supported: use \"mock\" for a pod of "
                        "namespaces, without a virtual machine");
                decoder_leave(d);
                return -EINVAL;
        }
        for (size_t i = 0; i < c->n_containers; i++)
                for (size_t k = 0; k < i; k++)
                        if (strcmp(c->containers[i].id, c->containers[k].id) == 0)
                                return fail_duplicate(
                                        d, "Containers", i, "container", c->containers[i].id);
        for (size_t i = 0; i < c->n_volumes; i++)
                for (size_t k = 0; k < i; k++)
                        if (strcmp(c->volumes[i].tag, c->volumes[k].tag) == 0)
                                return fail_duplicate(
                                        d, "Volumes", i, "mount tag", c->volumes[i].tag);
        return 0;
}

static const SpecMap map_annotations = { .check_key = check_annotation_key };
static const SpecText text_id = { .check = check_id };
static const SpecText text_hostname = { .size_max = HOSTNAME_SIZE_MAX };
static const PodNullable annotations = { decode_map, &map_annotations };
static const PodNullable hooks = { decode_object, &type_hooks };
static const PodNullable volumes = { decode_objects, &type_volume };
static const PodNullable containers = { decode_objects, &pod_type_container };

static const SpecField top_fields[] = {
        { "ID", decode_string, offsetof(PodConfig, id), 0, &text_id },
        { "Hostname", decode_string, offsetof(PodConfig, hostname), 0, &text_hostname },
        { "Hooks", decode_nullable, 0, 0, &hooks },
        { "VMConfig", decode_object, 0, 0, &type_resources },
        { "HypervisorType", decode_opt_word, offsetof(PodConfig, hypervisor), 0, &hypervisors },
        { "HypervisorConfig", decode_unused, 0, 0, NULL },
        { "AgentType", decode_choice, 0, 0, &agent_choice },
        { "AgentConfig", decode_unused, 0, 0, NULL },
        { "ProxyType", decode_choice, 0, 0, &proxy_choice },
        { "ProxyConfig", decode_unused, 0, 0, NULL },
        { "ShimType", decode_choice, 0, 0, &shim_choice },
        { "ShimConfig", decode_unused, 0, 0, NULL },
        { "NetworkModel", decode_opt_word, offsetof(PodConfig, network_model), 0, &networks },
        { "NetworkConfig", decode_object, 0, 0, &type_network },
        { "Volumes", decode_nullable, offsetof(PodConfig, volumes), 0, &volumes },
        { "Containers", decode_nullable, offsetof(PodConfig, containers), 0, &containers },
        { "Annotations", decode_nullable, offsetof(PodConfig, annotations), 0, &annotations },
};
static const SpecType type_top = {
        .fields = top_fields, .n_fields = ELEMENTSOF(top_fields), .check = check_pod
};

/* Reads a document of this type; `single`: into the only container, at this offset of it. */
static int parse(const char *text, size_t size, const SpecType *type, bool is_single, size_t offset,
        PodConfig **ret, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        _cleanup_(pod_config_freep) PodConfig *config = NULL;
        PodHolder *holder;
        char *target;
        Decoder d;
        int r;

        r = json_document_parse(text, size, &doc, err);
        if (r < 0)
                return r;
        holder = calloc(1, sizeof(*holder));
        if (!holder)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, ENOMEM, "cannot read the configuration");
        config = &holder->config;
        target = (char *) config;
        d = (Decoder){
                .doc = doc,
                .arena = &holder->arena,
                .warnings = &holder->warnings,
                .refuses_unknown = true,
                .err = err,
        };
        if (is_single) {
                config->containers = spec_arena_alloc(&holder->arena, 1, sizeof(PodContainer));
                if (!config->containers)
                        return decoder_oom(&d);
                config->n_containers = 1;
                target = (char *) config->containers + offset;
        }
        r = decoder_read_object(&d, json_document_root(doc), target, type);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(config);
        return 0;
}

int pod_config_parse(const char *text, size_t size, PodConfig **ret, CtrError *err)
{
        if (size == 0)
                return ctr_error_set(err, CTR_ERROR_NEED_POD, 0, "Pod must be specified");
        return parse(text, size, &type_top, false, 0, ret, err);
}

int pod_container_parse(const char *text, size_t size, PodConfig **ret, CtrError *err)
{
        return parse(text, size, &pod_type_container, true, 0, ret, err);
}

int pod_command_parse(const char *text, size_t size, PodConfig **ret, CtrError *err)
{
        return parse(
                text, size, &pod_type_command, true, offsetof(PodContainer, command), ret, err);
}

PodConfig *pod_config_free(PodConfig *config)
{
        PodHolder *holder = (PodHolder *) config;

        if (holder) {
                spec_arena_done(&holder->arena);
                free(holder);
        }
        return NULL;
}

const PodContainer *pod_config_find(const PodConfig *config, const char *name)
{
        for (size_t i = 0; i < config->n_containers; i++)
                if (strcmp(config->containers[i].id, name) == 0)
                        return &config->containers[i];
        return NULL;
}

const char *pod_hypervisor_name(PodHypervisor hypervisor)
{
        return hypervisor_words[hypervisor].name;
}

const char *pod_network_name(PodNetworkModel model)
{
        return network_words[model].name;
}
