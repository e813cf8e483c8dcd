/* Capabilities: all five sets are set exactly, so nothing is left over from the helper
 * (CVE-2022-29162). Those that the helper itself does not have cannot be given; config.md wants a
 * warning for them, not a failure. */
#include "helper/ops.h"

#include "helper/kernel.h"
#include "helper/report.h"

#include <sys/prctl.h>

#define CAPABILITY_LAST 63

typedef struct CapabilitySets {
        uint64_t effective, permitted, inheritable;
} CapabilitySets;

static int get_sets(CapabilitySets *ret)
{
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

        if (sys_capget(&header, data) < 0)
                return -errno;
        ret->effective = (uint64_t) data[1].effective << 32 | data[0].effective;
        ret->permitted = (uint64_t) data[1].permitted << 32 | data[0].permitted;
        ret->inheritable = (uint64_t) data[1].inheritable << 32 | data[0].inheritable;
        return 0;
}

static int set_sets(const CapabilitySets *sets)
{
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

        for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
                data[i] = (struct __user_cap_data_struct){
                        .effective = (uint32_t) (sets->effective >> (32 * i)),
                        .permitted = (uint32_t) (sets->permitted >> (32 * i)),
                        .inheritable = (uint32_t) (sets->inheritable >> (32 * i)),
                };
        return sys_capset(&header, data) < 0 ? -errno : 0;
}

int op_bounding(Context *ctx, const ProgramOp *op, CtrError *err)
{
        for (unsigned i = 0; i <= CAPABILITY_LAST; i++) {
                if (op->number[0] & (UINT64_C(1) << i))
                        continue;
                if (prctl(PR_CAPBSET_DROP, i, 0, 0, 0) >= 0)
                        continue;
                if (errno == EINVAL)
                        break; /* the kernel knows no more */
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "capability %u", i);
        }
        return 0;
}

static uint64_t bounding_set(void)
{
        uint64_t set = 0;

        for (unsigned i = 0; i <= CAPABILITY_LAST; i++) {
                int r = prctl(PR_CAPBSET_READ, i, 0, 0, 0);

                if (r < 0)
                        break;
                set |= (uint64_t) r << i;
        }
        return set;
}

static int raise_ambient(uint64_t ambient)
{
        if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
                return -errno;
        for (unsigned i = 0; i <= CAPABILITY_LAST; i++)
                if (ambient & (UINT64_C(1) << i) &&
                        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0) < 0)
                        return -errno;
        return 0;
}

int op_set_capabilities(Context *ctx, const ProgramOp *op, CtrError *err)
{
        uint64_t wanted = op->number[0] | op->number[1] | op->number[2] | op->number[3];
        CapabilitySets now = { 0 }, sets;
        uint64_t available;
        int r = get_sets(&now);

        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "capget");
        available = now.permitted & bounding_set();
        if (wanted & ~now.permitted && ctx->kind == PROGRAM_SERVICE)
                report_warning(ctx, "capabilities that cannot be granted here: %#llx",
                        (unsigned long long) (wanted & ~now.permitted));
        sets.permitted = op->number[1] & now.permitted;
        sets.effective = op->number[0] & sets.permitted;
        sets.inheritable = op->number[2] & available;
        r = set_sets(&sets);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "capset");
        r = raise_ambient(op->number[3] & sets.permitted & sets.inheritable);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "ambient set");
        return 0;
}
