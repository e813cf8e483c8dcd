/* linux.resources.blockIO as IO* properties: weights on cgroup2's scale, limits per device. */
#include "plan/plan-internal.h"

#include <inttypes.h>

#define R "linux.resources."

enum { BLOCK_WEIGHT_MIN = 10, BLOCK_WEIGHT_MAX = 1000 };

/* 10..1000 to 1..10000. */
static int convert_block_weight(
        ResourceOutput *out, const char *field, uint64_t weight, uint64_t *ret)
{
        if (weight < BLOCK_WEIGHT_MIN || weight > BLOCK_WEIGHT_MAX)
                return ctr_error_field(out->err, field, "%" PRIu64 " is not between %d and %d",
                        weight, BLOCK_WEIGHT_MIN, BLOCK_WEIGHT_MAX);
        *ret = 1 + (weight - BLOCK_WEIGHT_MIN) * 9999 / 990;
        return 0;
}

static int add_weights(const SpecResources *r, ResourceOutput *out)
{
        const SpecDeviceNumbers *devices = &r->block_io.weight_device;
        uint64_t weight = 0;
        int rc;

        if (r->block_io.weight.is_set && r->block_io.weight.value != 0) {
                rc = convert_block_weight(
                        out, R "blockIO.weight", r->block_io.weight.value, &weight);
                if (rc >= 0)
                        rc = resource_set_number(out, PROPERTY_IO_WEIGHT, weight);
                if (rc < 0)
                        return rc;
        }
        for (size_t i = 0; i < devices->n; i++) {
                char field[PLAN_FIELD_MAX];

                rc = convert_block_weight(out,
                        plan_field(field, R "blockIO.weightDevice[%zu].weight", i),
                        devices->items[i].value, &weight);
                if (rc >= 0)
                        rc = resource_add_device_number(out, PROPERTY_IO_DEVICE_WEIGHT,
                                devices->items[i].major, devices->items[i].minor, weight);
                if (rc < 0)
                        return rc;
        }
        return 0;
}

int plan_block_io(const SpecResources *r, ResourceOutput *out)
{
        const struct {
                PropertyId id;
                const SpecDeviceNumbers *list;
        } throttles[] = {
                { PROPERTY_IO_READ_BANDWIDTH_MAX, &r->block_io.throttle_read_bps },
                { PROPERTY_IO_WRITE_BANDWIDTH_MAX, &r->block_io.throttle_write_bps },
                { PROPERTY_IO_READ_IOPS_MAX, &r->block_io.throttle_read_iops },
                { PROPERTY_IO_WRITE_IOPS_MAX, &r->block_io.throttle_write_iops },
        };
        int rc = add_weights(r, out);

        for (size_t i = 0; i < ELEMENTSOF(throttles); i++) {
                for (size_t k = 0; k < throttles[i].list->n && rc >= 0; k++) {
                        const SpecDeviceNumber *d = &throttles[i].list->items[k];

                        rc = resource_add_device_number(out, throttles[i].id, d->major, d->minor,
                                d->value ? d->value : UINT64_MAX);
                }
        }
        return rc;
}
