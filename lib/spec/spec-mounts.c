/* mounts (config.md, "Mounts") and id mappings. What the option words mean is plan's. */
#include "spec/spec-decode.h"

#include <string.h>

enum { ID_MAPPINGS_MAX = 340 }; /* user_namespaces(7) */

static int check_mapping(Decoder *d, void *object)
{
        const SpecIdMapping *m = object;

        if ((uint64_t) m->container_id + m->size > UINT32_MAX ||
                (uint64_t) m->host_id + m->size > UINT32_MAX)
                return decoder_fail(d, "the range goes beyond the last id 4294967294");
        return 0;
}

static const SpecNumber number_size = { NUMBER_U32, 1, UINT32_MAX, false };

static const SpecField mapping_fields[] = {
        { "containerID", decode_number, offsetof(SpecIdMapping, container_id), FIELD_REQUIRED,
                &spec_number_id },
        { "hostID", decode_number, offsetof(SpecIdMapping, host_id), FIELD_REQUIRED,
                &spec_number_id },
        { "size", decode_number, offsetof(SpecIdMapping, size), FIELD_REQUIRED, &number_size },
};
static const SpecType type_mapping = {
        .fields = mapping_fields,
        .n_fields = ELEMENTSOF(mapping_fields),
        .size = sizeof(SpecIdMapping),
        .check = check_mapping,
        .is_strict = true,
};

static bool ranges_overlap(uint32_t a, uint32_t size_a, uint32_t b, uint32_t size_b)
{
        return a < (uint64_t) b + size_b && b < (uint64_t) a + size_a;
}

static int check_overlap(Decoder *d, const SpecIdMappings *mappings, size_t index)
{
        const SpecIdMapping *b = &mappings->items[index];

        for (size_t i = 0; i < index; i++) {
                const SpecIdMapping *a = &mappings->items[i];

                if (ranges_overlap(a->container_id, a->size, b->container_id, b->size) ||
                        ranges_overlap(a->host_id, a->size, b->host_id, b->size))
                        return decoder_fail_item(d, index,
                                "overlaps with item %zu: each id can be mapped once only", i);
        }
        return 0;
}

int decode_id_mappings(Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        SpecIdMappings *mappings = target;
        int r;

        if (json_value_length(value) > ID_MAPPINGS_MAX)
                return decoder_fail(d, "%zu mappings, the kernel allows %d",
                        json_value_length(value), ID_MAPPINGS_MAX);
        r = decode_objects(d, value, target, &(const SpecField){ .arg = &type_mapping });
        for (size_t i = 0; i < mappings->n && r >= 0; i++)
                r = check_overlap(d, mappings, i);
        return r;
}

static bool has_option(const SpecMount *mount, const char *option)
{
        for (size_t i = 0; i < mount->options.n; i++)
                if (strcmp(mount->options.items[i], option) == 0)
                        return true;
        return false;
}

/* The specification takes a relative destination as one below "/". */
static int make_destination_absolute(Decoder *d, SpecMount *mount)
{
        size_t size = strlen(mount->destination);
        char *path;
        int r;

        decoder_enter(d, "destination");
        r = decoder_warn(d, "\"%.64s\" is not absolute, \"/%.64s\" is used", mount->destination,
                mount->destination);
        decoder_leave(d);
        if (r < 0)
                return r;
        path = spec_arena_alloc(d->arena, size + 1, 1);
        if (!path)
                return decoder_oom(d);
        path[0] = '/';
        memcpy(path + 1, mount->destination, size);
        mount->destination = path;
        return 0;
}

static int check_mount(Decoder *d, void *object)
{
        SpecMount *mount = object;
        bool is_bind = has_option(mount, "bind") || has_option(mount, "rbind") ||
                       (mount->type && strcmp(mount->type, "bind") == 0);

        if (is_bind && !mount->source)
                return decoder_fail_at(d, "source", "a bind mount needs a source");
        if ((mount->uid_mappings.n == 0) != (mount->gid_mappings.n == 0))
                return decoder_fail(
                        d, "uidMappings and gidMappings of a mount must be given together");
        return mount->destination[0] == '/' ? 0 : make_destination_absolute(d, mount);
}

static const SpecText text_short_path = { .is_nonempty = true, .size_max = 4094 };
static const SpecText text_source = { .size_max = 4095 };

static const SpecField mount_fields[] = {
        { "destination", decode_string, offsetof(SpecMount, destination), FIELD_REQUIRED,
                &text_short_path },
        { "source", decode_string, offsetof(SpecMount, source), 0, &text_source },
        { "type", decode_string, offsetof(SpecMount, type), 0, NULL },
        { "options", decode_strings, offsetof(SpecMount, options), 0, &spec_text_nonempty },
        { "uidMappings", decode_id_mappings, offsetof(SpecMount, uid_mappings), 0, NULL },
        { "gidMappings", decode_id_mappings, offsetof(SpecMount, gid_mappings), 0, NULL },
};

const SpecType spec_type_mount = {
        .fields = mount_fields,
        .n_fields = ELEMENTSOF(mount_fields),
        .size = sizeof(SpecMount),
        .check = check_mount,
};
