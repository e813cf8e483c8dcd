/* Device rules that systemd has no words for, or has no part in: a program for the cgroup, made by
 * plan and loaded here. The kernel keeps it until the cgroup is gone, and asks every program of
 * the cgroup: none can allow what another one denies. */
#include "helper/ops.h"

#include "helper/cgroup.h"
#include "helper/kernel.h"

#include <linux/bpf.h>

static int call_bpf(int command, union bpf_attr *attr)
{
        long r = syscall(SYS_bpf, command, attr, sizeof(*attr));

        return r < 0 ? -errno : (int) r;
}

int op_device_filter(Context *ctx, const ProgramOp *op, CtrError *err)
{
        static const char license[] = "GPL";
        const char *program = program_string(&ctx->program, op->data[0]);
        _cleanup_close_ int cgroup_fd = cgroup_open_child(ctx), program_fd = -EBADF;
        union bpf_attr load = { .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
                .insns = (uint64_t) (uintptr_t) program,
                .insn_cnt = op->data[0].size / (uint32_t) sizeof(struct bpf_insn),
                .license = (uint64_t) (uintptr_t) license };
        union bpf_attr attach = { 0 };
        int r = cgroup_fd;

        if (r >= 0) {
                program_fd = call_bpf(BPF_PROG_LOAD, &load);
                r = program_fd;
        }
        if (r >= 0) {
                attach.target_fd = (uint32_t) cgroup_fd;
                attach.attach_bpf_fd = (uint32_t) program_fd;
                attach.attach_type = BPF_CGROUP_DEVICE;
                attach.attach_flags = BPF_F_ALLOW_MULTI;
                r = call_bpf(BPF_PROG_ATTACH, &attach);
        }
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r,
                               "linux.resources.devices cannot be enforced%s",
                               r == -EPERM ? " (it takes CAP_BPF)" : "")
                     : 0;
}
