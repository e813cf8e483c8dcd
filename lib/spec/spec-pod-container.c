/* ContainerConfig of a pod: command, mounts, devices and processor share. */
#include "spec/spec-pod.h"

#include "base/name.h"

#include <string.h>

/* ---- command ---- */

const char *const pod_capability_set_names[_POD_CAPABILITIES_MAX] = {
        [POD_CAPABILITIES_BOUNDING] = "bounding",
        [POD_CAPABILITIES_EFFECTIVE] = "effective",
        [POD_CAPABILITIES_INHERITABLE] = "inheritable",
        [POD_CAPABILITIES_PERMITTED] = "permitted",
        [POD_CAPABILITIES_AMBIENT] = "ambient",
};

static int check_env_name(Decoder *d, const char *text)
{
        if (!strchr(text, '='))
                return 0;
        return decoder_fail(d, "\"%.64s\" must not have a \"=\"", text);
}

static const SpecText text_env_name = { .is_nonempty = true, .check = check_env_name };
static const SpecText text_path = { .is_absolute_path = true };
static const SpecText text_needed_path = { .is_nonempty = true, .is_absolute_path = true };

static const SpecField env_fields[] = {
        { "Var", decode_string, offsetof(PodEnv, name), FIELD_REQUIRED, &text_env_name },
        { "Value", decode_string, offsetof(PodEnv, value), 0, NULL },
};
static const SpecType type_env = {
        .fields = env_fields, .n_fields = ELEMENTSOF(env_fields), .size = sizeof(PodEnv)
};

static const PodNullable strings = { decode_strings, &spec_text_nonempty };
static const PodNullable args = { decode_strings, NULL };
static const PodNullable envs = { decode_objects, &type_env };

#define CAPABILITIES(name, set)                                                                    \
        {                                                                                          \
                name, decode_nullable, offsetof(PodCommand, capabilities[set]), 0, &strings        \
        }

static int check_capabilities(Decoder *d, void *object)
{
        ((PodCommand *) object)->has_capabilities = true;
        return 0;
}

static const SpecField capability_fields[] = {
        CAPABILITIES("Bounding", POD_CAPABILITIES_BOUNDING),
        CAPABILITIES("Effective", POD_CAPABILITIES_EFFECTIVE),
        CAPABILITIES("Inheritable", POD_CAPABILITIES_INHERITABLE),
        CAPABILITIES("Permitted", POD_CAPABILITIES_PERMITTED),
        CAPABILITIES("Ambient", POD_CAPABILITIES_AMBIENT),
};
/* Offsets from PodCommand. The names of capabilities are checked with those of config.json. */
static const SpecType type_capabilities = {
        .fields = capability_fields,
        .n_fields = ELEMENTSOF(capability_fields),
        .check = check_capabilities,
        .is_strict = true,
};
static const PodNullable capabilities = { decode_object, &type_capabilities };

static int check_command(Decoder *d, void *object)
{
        const PodCommand *c = object;

        if (c->args.n == 0)
                return decoder_fail_at(
                        d, "Args", "must not be empty: its first item is the program to run");
        if (c->args.items[0][0] == '\0') {
                decoder_enter(d, "Args");
                return decoder_fail_item(d, 0, "must not be empty: it is the program to run");
        }
        if (c->is_interactive && !c->console)
                return decoder_fail_at(d, "Interactive",
                        "a terminal needs \"Console\": the path of a socket that receives it");
        return 0;
}

static const SpecField command_fields[] = {
        { "Args", decode_nullable, offsetof(PodCommand, args), FIELD_REQUIRED, &args },
        { "Envs", decode_nullable, offsetof(PodCommand, envs), 0, &envs },
        { "WorkDir", decode_string, offsetof(PodCommand, work_dir), 0, &text_path },
        { "User", decode_string, offsetof(PodCommand, user), 0, NULL },
        { "PrimaryGroup", decode_string, offsetof(PodCommand, primary_group), 0, NULL },
        { "SupplementaryGroups", decode_nullable, offsetof(PodCommand, supplementary_groups), 0,
                &strings },
        { "Interactive", decode_bool, offsetof(PodCommand, is_interactive), 0, NULL },
        { "Console", decode_string, offsetof(PodCommand, console), 0, &text_path },
        { "Detach", decode_bool, offsetof(PodCommand, is_detached), 0, NULL },
        { "NoNewPrivileges", decode_opt_bool, offsetof(PodCommand, no_new_privileges), 0, NULL },
        { "Capabilities", decode_nullable, 0, 0, &capabilities },
};
const SpecType pod_type_command = {
        .fields = command_fields,
        .n_fields = ELEMENTSOF(command_fields),
        .check = check_command,
};

/* ---- mounts ---- */

static const SpecText text_destination = {
        .is_nonempty = true, .is_absolute_path = true, .check = pod_check_path
};

static const SpecField mount_fields[] = {
        { "Source", decode_string, offsetof(PodMount, source), 0, NULL },
        { "Destination", decode_string, offsetof(PodMount, destination), FIELD_REQUIRED,
                &text_destination },
        { "Type", decode_string, offsetof(PodMount, type), 0, NULL },
        { "Options", decode_nullable, offsetof(PodMount, options), 0, &strings },
        { "HostPath", decode_string, offsetof(PodMount, host_path), 0, &text_path },
        { "ReadOnly", decode_bool, offsetof(PodMount, is_readonly), 0, NULL },
};
static const SpecType type_mount = {
        .fields = mount_fields, .n_fields = ELEMENTSOF(mount_fields), .size = sizeof(PodMount)
};
static const PodNullable mounts = { decode_objects, &type_mount };

/* ---- devices ---- */

static const SpecNumber number_device = { NUMBER_I64, 0, INT32_MAX, false };
static const SpecNumber number_mode = { NUMBER_OPT_U32, 0, UINT32_MAX, false };

static int check_device(Decoder *d, void *object)
{
        PodDevice *device = object;

        if (device->type == 'u')
                device->type = 'c';
        /* Go keeps what kind of file it is in the upper bits. */
        device->file_mode.value &= 0777;
        return 0;
}

static const SpecField device_fields[] = {
        { "HostPath", decode_string, offsetof(PodDevice, host_path), 0, &text_path },
        { "ContainerPath", decode_string, offsetof(PodDevice, container_path), FIELD_REQUIRED,
                &text_destination },
        { "DevType", decode_letter, offsetof(PodDevice, type), FIELD_REQUIRED, "cbup" },
        { "Major", decode_number, offsetof(PodDevice, major), 0, &number_device },
        { "Minor", decode_number, offsetof(PodDevice, minor), 0, &number_device },
        { "FileMode", decode_number, offsetof(PodDevice, file_mode), 0, &number_mode },
        { "UID", decode_number, offsetof(PodDevice, uid), 0, &spec_number_id },
        { "GID", decode_number, offsetof(PodDevice, gid), 0, &spec_number_id },
        { "Hotplugged", decode_bool, offsetof(PodDevice, is_hotplugged), 0, NULL },
        { "ID", decode_string, offsetof(PodDevice, id), 0, NULL },
};
static const SpecType type_device = {
        .fields = device_fields,
        .n_fields = ELEMENTSOF(device_fields),
        .size = sizeof(PodDevice),
        .check = check_device,
};
static const PodNullable devices = { decode_objects, &type_device };

/* ---- resources ---- */

static const SpecNumber number_quota = { NUMBER_OPT_I64, -1, INT64_MAX, true };
static const SpecNumber number_cpu = { NUMBER_OPT_U64, 0, UINT64_MAX, true };

static const SpecField resource_fields[] = {
        { "CPUQuota", decode_number, offsetof(PodContainer, cpu_quota), 0, &number_quota },
        { "CPUPeriod", decode_number, offsetof(PodContainer, cpu_period), 0, &number_cpu },
        { "CPUShares", decode_number, offsetof(PodContainer, cpu_shares), 0, &number_cpu },
};
/* Offsets from PodContainer. */
static const SpecType type_resources = { .fields = resource_fields,
        .n_fields = ELEMENTSOF(resource_fields) };

/* ---- the container ---- */

static int check_name(Decoder *d, const char *text)
{
        CtrError e = { 0 };

        if (ctr_id_check(text, &e) >= 0)
                return 0;
        (void) decoder_fail(d, "%s", e.message);
        if (d->err)
                d->err->code = e.code;
        return -EINVAL;
}

static int check_container(Decoder *d, void *object)
{
        const PodContainer *c = object;

        if (c->id)
                return 0;
        (void) decoder_fail_at(d, "ID", "Container ID cannot be empty");
        if (d->err)
                d->err->code = CTR_ERROR_NEED_CONTAINER_ID;
        return -EINVAL;
}

static int check_annotation_key(Decoder *d, const char *key)
{
        return *key ? 0 : decoder_fail(d, "an annotation needs a name");
}

static const SpecText text_name = { .check = check_name };
static const SpecMap map_annotations = { .check_key = check_annotation_key };
static const PodNullable annotations = { decode_map, &map_annotations };

static const SpecField container_fields[] = {
        { "ID", decode_string, offsetof(PodContainer, id), 0, &text_name },
        { "RootFs", decode_string, offsetof(PodContainer, rootfs), FIELD_REQUIRED,
                &text_needed_path },
        { "ReadonlyRootfs", decode_bool, offsetof(PodContainer, is_rootfs_readonly), 0, NULL },
        { "Cmd", decode_object, offsetof(PodContainer, command), FIELD_REQUIRED,
                &pod_type_command },
        { "Annotations", decode_nullable, offsetof(PodContainer, annotations), 0, &annotations },
        { "Mounts", decode_nullable, offsetof(PodContainer, mounts), 0, &mounts },
        { "DeviceInfos", decode_nullable, offsetof(PodContainer, devices), 0, &devices },
        { "Resources", decode_object, 0, 0, &type_resources },
};
const SpecType pod_type_container = {
        .fields = container_fields,
        .n_fields = ELEMENTSOF(container_fields),
        .size = sizeof(PodContainer),
        .check = check_container,
};
