/* linux.netDevices (config-linux.md, "Network devices"): devices of the host by name, and the name
 * each has in the container. */
#include "spec/spec-decode.h"

#include <string.h>

enum { NAME_MAX_BYTES = 15 }; /* IFNAMSIZ without its NUL */

/* What the kernel takes for the name of a device (dev_valid_name). */
static int check_name(Decoder *d, const char *text)
{
        size_t size = strlen(text);

        if (size == 0 || size > NAME_MAX_BYTES || strcmp(text, ".") == 0 ||
                strcmp(text, "..") == 0 || strpbrk(text, "/: \t\n\v\f\r"))
                return decoder_fail(d, "\"%.64s\" is not the name of a network device", text);
        return 0;
}

static int check_host_name(Decoder *d, const char *text)
{
        if (strchr(text, '%'))
                return decoder_fail(d, "\"%.64s\" is a pattern: name the device", text);
        return check_name(d, text);
}

/* As for the kernel, "eth%d" is the first such name that is free. */
static int check_new_name(Decoder *d, const char *text)
{
        const char *percent = strchr(text, '%');

        if (percent && (percent[1] != 'd' || strchr(percent + 1, '%')))
                return decoder_fail(d, "\"%.64s\" has more than one \"%%d\" for a number", text);
        return check_name(d, text);
}

static const SpecText text_name = { .check = check_new_name };

static const SpecField fields[] = {
        { "name", decode_string, offsetof(SpecNetDevice, name), 0, &text_name },
};
static const SpecType type_device = { .fields = fields, .n_fields = ELEMENTSOF(fields) };

static int check_names(Decoder *d, const SpecNetDevices *devices)
{
        for (size_t i = 0; i < devices->n; i++)
                for (size_t k = 0; k < i; k++)
                        if (!strchr(devices->items[i].name, '%') &&
                                strcmp(devices->items[i].name, devices->items[k].name) == 0)
                                return decoder_fail_at(d, devices->items[i].host_name,
                                        "a second device with the name \"%s\"",
                                        devices->items[i].name);
        return 0;
}

int decode_net_devices(Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        JsonIterator it = { .object = value };
        SpecNetDevices *devices = target;
        const JsonValue *member;
        const char *key;
        int r;

        if (json_value_type(value) != JSON_TYPE_OBJECT)
                return decoder_fail_type(d, "an object", value);
        devices->items =
                spec_arena_alloc(d->arena, json_value_length(value), sizeof(SpecNetDevice));
        if (!devices->items)
                return decoder_oom(d);
        while (json_iterator_next(&it, &key, &member)) {
                SpecNetDevice *device = &devices->items[devices->n++];

                decoder_enter(d, key);
                r = check_host_name(d, key);
                if (r >= 0)
                        r = decoder_read_object(d, member, device, &type_device);
                if (r < 0)
                        return r;
                decoder_leave(d);
                device->host_name = spec_arena_strdup(d->arena, key);
                if (!device->host_name)
                        return decoder_oom(d);
                if (!device->name)
                        device->name = device->host_name;
        }
        return check_names(d, devices);
}
