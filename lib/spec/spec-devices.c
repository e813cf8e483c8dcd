/* linux.devices: nodes to make; linux.resources.devices: which nodes may be used (config-linux.md).
 */
#include "spec/spec-decode.h"

#include <string.h>
#include <sys/stat.h>

/* MAJOR and MINOR of the kernel's dev_t have 12 and 20 bits; in rules -1 stands for any. */
static const SpecNumber number_major = { NUMBER_I64, 0, (1 << 12) - 1, false };
static const SpecNumber number_minor = { NUMBER_I64, 0, (1 << 20) - 1, false };
static const SpecNumber number_rule_major = { NUMBER_OPT_I64, -1, (1 << 12) - 1, false };
static const SpecNumber number_rule_minor = { NUMBER_OPT_I64, -1, (1 << 20) - 1, false };

/* Some engines write st_mode whole: the file type in it is fine when it is the right one. */
static int check_file_mode(Decoder *d, SpecDevice *device)
{
        mode_t type = device->type == 'c' ? S_IFCHR : device->type == 'b' ? S_IFBLK : S_IFIFO;
        uint32_t *mode = &device->file_mode.value;

        if ((*mode & S_IFMT) == type)
                *mode &= (uint32_t) ~S_IFMT;
        if (*mode > 07777)
                return decoder_fail_at(d, "fileMode",
                        "%u (octal %o) is not a file mode: it is a decimal number of at most 4095",
                        *mode, *mode);
        return 0;
}

static int check_device(Decoder *d, void *object)
{
        SpecDevice *device = object;
        bool is_pipe = device->type == 'p';

        if (device->type == 'u') /* "unbuffered", an old name for the same */
                device->type = 'c';
        if (!is_pipe && device->major < 0)
                return decoder_fail_at(d, "major", "a device node needs its major number");
        if (!is_pipe && device->minor < 0)
                return decoder_fail_at(d, "minor", "a device node needs its minor number");
        if (is_pipe)
                device->major = device->minor = 0;
        return check_file_mode(d, device);
}

/* Absent numbers must be told from 0: the fields start as -1. */
static int decode_device(Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        SpecDevice *device = target;

        device->major = device->minor = -1;
        return decode_object(d, value, target, field);
}

static const SpecField device_fields[] = {
        { "path", decode_string, offsetof(SpecDevice, path), FIELD_REQUIRED, &spec_text_path },
        { "type", decode_letter, offsetof(SpecDevice, type), FIELD_REQUIRED, "cbup" },
        { "major", decode_number, offsetof(SpecDevice, major), 0, &number_major },
        { "minor", decode_number, offsetof(SpecDevice, minor), 0, &number_minor },
        { "fileMode", decode_number, offsetof(SpecDevice, file_mode), 0, &spec_number_opt_u32 },
        { "uid", decode_number, offsetof(SpecDevice, uid), 0, &spec_number_opt_id },
        { "gid", decode_number, offsetof(SpecDevice, gid), 0, &spec_number_opt_id },
};
static const SpecType type_device = {
        .fields = device_fields,
        .n_fields = ELEMENTSOF(device_fields),
        .size = sizeof(SpecDevice),
        .check = check_device,
        .is_strict = true,
};

int decode_devices(Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        struct {
                SpecDevice *items;
                size_t n;
        } *devices = target;

        if (json_value_type(value) != JSON_TYPE_ARRAY)
                return decoder_fail_type(d, "an array of objects", value);
        devices->n = json_value_length(value);
        devices->items = spec_arena_alloc(d->arena, devices->n, sizeof(SpecDevice));
        if (!devices->items)
                return decoder_oom(d);
        return decoder_read_items(d, value, decode_device, devices->items, sizeof(SpecDevice),
                &(const SpecField){ .arg = &type_device });
}

static int decode_access(Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        const char *text = json_value_string(value);
        SpecDeviceRule *rule = target;

        if (!text)
                return decoder_fail_type(d, "a string", value);
        if (text[strspn(text, "rwm")] != '\0')
                return decoder_fail(d,
                        "unknown access \"%.64s\": must be made of the letters r, w and m", text);
        rule->can_read = strchr(text, 'r');
        rule->can_write = strchr(text, 'w');
        rule->can_mknod = strchr(text, 'm');
        return 0;
}

static int check_rule(Decoder *d, void *object)
{
        SpecDeviceRule *rule = object;

        if (rule->type == '\0')
                rule->type = 'a';
        if (rule->major.is_set && rule->major.value < 0)
                rule->major = (OptI64){ 0 };
        if (rule->minor.is_set && rule->minor.value < 0)
                rule->minor = (OptI64){ 0 };
        if (rule->can_read || rule->can_write || rule->can_mknod)
                return 0;
        /* The specification gives no default: to deny everything is safe to guess, to allow it is
         * not. */
        if (rule->is_allow)
                return decoder_fail_at(
                        d, "access", "must say what is allowed: letters of r, w and m");
        rule->can_read = rule->can_write = rule->can_mknod = true;
        return 0;
}

static const SpecField rule_fields[] = {
        { "allow", decode_bool, offsetof(SpecDeviceRule, is_allow), FIELD_REQUIRED, NULL },
        { "type", decode_letter, offsetof(SpecDeviceRule, type), 0, "acb" },
        { "major", decode_number, offsetof(SpecDeviceRule, major), 0, &number_rule_major },
        { "minor", decode_number, offsetof(SpecDeviceRule, minor), 0, &number_rule_minor },
        { "access", decode_access, 0, 0, NULL },
};

const SpecType spec_type_device_rule = {
        .fields = rule_fields,
        .n_fields = ELEMENTSOF(rule_fields),
        .size = sizeof(SpecDeviceRule),
        .check = check_rule,
        .is_strict = true,
};
