/* linux.resources.blockIO (config-linux.md, "Block IO"). */
#include "spec/spec-decode.h"

static const SpecNumber number_major = { NUMBER_I64, 0, (1 << 12) - 1, false };
static const SpecNumber number_minor = { NUMBER_I64, 0, (1 << 20) - 1, false };
static const SpecNumber number_weight = { NUMBER_OPT_U32, 10, 1000, true };
static const SpecNumber number_device_weight = { NUMBER_U64, 10, 1000, true };

static const SpecIgnored leaf_weight = { "leaf weights are a thing of cgroup v1", decode_number,
        &number_weight };

static const SpecField weight_fields[] = {
        { "major", decode_number, offsetof(SpecDeviceNumber, major), FIELD_REQUIRED,
                &number_major },
        { "minor", decode_number, offsetof(SpecDeviceNumber, minor), FIELD_REQUIRED,
                &number_minor },
        { "weight", decode_number, offsetof(SpecDeviceNumber, value), 0, &number_device_weight },
        { "leafWeight", decode_ignored, 0, 0, &leaf_weight },
};
static const SpecType type_weight = {
        .fields = weight_fields,
        .n_fields = ELEMENTSOF(weight_fields),
        .size = sizeof(SpecDeviceNumber),
};

static const SpecField rate_fields[] = {
        { "major", decode_number, offsetof(SpecDeviceNumber, major), FIELD_REQUIRED,
                &number_major },
        { "minor", decode_number, offsetof(SpecDeviceNumber, minor), FIELD_REQUIRED,
                &number_minor },
        { "rate", decode_number, offsetof(SpecDeviceNumber, value), FIELD_REQUIRED,
                &spec_number_u64 },
};
static const SpecType type_rate = {
        .fields = rate_fields,
        .n_fields = ELEMENTSOF(rate_fields),
        .size = sizeof(SpecDeviceNumber),
};

#define AT(member) offsetof(SpecResources, block_io.member)

/* Offsets from SpecResources. */
static const SpecField fields[] = {
        { "weight", decode_number, AT(weight), 0, &number_weight },
        { "leafWeight", decode_ignored, 0, 0, &leaf_weight },
        { "weightDevice", decode_objects, AT(weight_device), 0, &type_weight },
        { "throttleReadBpsDevice", decode_objects, AT(throttle_read_bps), 0, &type_rate },
        { "throttleWriteBpsDevice", decode_objects, AT(throttle_write_bps), 0, &type_rate },
        { "throttleReadIOPSDevice", decode_objects, AT(throttle_read_iops), 0, &type_rate },
        { "throttleWriteIOPSDevice", decode_objects, AT(throttle_write_iops), 0, &type_rate },
};

const SpecType spec_type_block_io = { .fields = fields, .n_fields = ELEMENTSOF(fields) };
