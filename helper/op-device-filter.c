/* Device rules that systemd has no words for, or has no part in: a program for the cgroup, made by
 * plan and loaded here. The kernel keeps it until the cgroup is gone, and asks every program of
 * the cgroup: none can allow what another one denies.
 *
 * And whether those that systemd has words for are looked at: it says nothing and starts the unit
 * where the kernel has no such programs or it may not load them. */
#include "helper/device-filter.h"

#include "helper/cgroup.h"
#include "helper/kernel.h"
#include "helper/ops.h"

#include <linux/bpf.h>

static int call_bpf(int command, union bpf_attr *attr)
{
        long r = syscall(SYS_bpf, command, attr, sizeof(*attr));

        return r < 0 ? -errno : (int) r;
}

/* A descriptor of the program, or -errno. */
static int load(const void *instructions, size_t size)
{
        static const char license[] = "GPL";
        union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
                .insns = (uint64_t) (uintptr_t) instructions,
                .insn_cnt = (uint32_t) (size / sizeof(struct bpf_insn)),
                .license = (uint64_t) (uintptr_t) license };

        return call_bpf(BPF_PROG_LOAD, &attr);
}

static int attach_or_detach(int command, int cgroup_fd, int program_fd)
{
        union bpf_attr attr = { 0 };

        attr.target_fd = (uint32_t) cgroup_fd;
        attr.attach_bpf_fd = (uint32_t) program_fd;
        attr.attach_type = BPF_CGROUP_DEVICE;
        attr.attach_flags = command == BPF_PROG_ATTACH ? BPF_F_ALLOW_MULTI : 0;
        return call_bpf(command, &attr);
}

static int not_enforced(int r, CtrError *err)
{
        return ctr_error_set(err, CTR_ERROR_SYSTEM, r,
                "linux.resources.devices cannot be enforced%s",
                r == -EPERM ? " (it takes CAP_BPF)" : "");
}

int op_device_filter(Context *ctx, const ProgramOp *op, CtrError *err)
{
        _cleanup_close_ int cgroup_fd = cgroup_open_child(ctx), program_fd = -EBADF;
        int r = cgroup_fd;

        if (r >= 0) {
                program_fd = load(program_string(&ctx->program, op->data[0]), op->data[0].size);
                r = program_fd;
        }
        if (r >= 0)
                r = attach_or_detach(BPF_PROG_ATTACH, cgroup_fd, program_fd);
        return r < 0 ? not_enforced(r, err) : 0;
}

/* ---- systemd's ---- */

/* How many programs stand at this cgroup itself, or -errno. */
static int count_programs(int cgroup_fd)
{
        union bpf_attr attr = { 0 };
        int r;

        attr.query.target_fd = (uint32_t) cgroup_fd;
        attr.query.attach_type = BPF_CGROUP_DEVICE;
        r = call_bpf(BPF_PROG_QUERY, &attr);
        return r < 0 ? r : (int) attr.query.prog_cnt;
}

/* One that allows everything: the same way that PID 1 finds out. */
static int try_program(int cgroup_fd)
{
        static const struct bpf_insn allow[] = {
                { .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1 },
                { .code = BPF_JMP | BPF_EXIT },
        };
        _cleanup_close_ int fd = load(allow, sizeof(allow));
        int r = fd < 0 ? fd : attach_or_detach(BPF_PROG_ATTACH, cgroup_fd, fd);

        return r < 0 ? r : attach_or_detach(BPF_PROG_DETACH, cgroup_fd, fd);
}

int device_filter_check(int cgroup_fd, CtrError *err)
{
        int r = count_programs(cgroup_fd);

        /* None, where one could be: a drop-in of the administrator's took the rules away. */
        if (r == 0)
                r = try_program(cgroup_fd);
        if (r >= 0)
                return 0;
        return ctr_error_set(err, CTR_ERROR_SYSTEM, r,
                "linux.resources.devices: systemd cannot enforce device rules here (the kernel has "
                "no BPF programs for cgroups, or bpf(2) is forbidden); to run without any, allow "
                "all: [{\"allow\": true, \"access\": \"rwm\"}]");
}

/* Version 1 has a controller for it, and systemd's errors of that are errors. */
int op_check_device_rules(Context *ctx, const ProgramOp *op, CtrError *err)
{
        _cleanup_close_ int root_fd = cgroup_open_root(), cgroup_fd = -EBADF;

        if (root_fd < 0)
                return 0;
        cgroup_fd = cgroup_open_child(ctx);
        return cgroup_fd < 0 ? not_enforced(cgroup_fd, err) : device_filter_check(cgroup_fd, err);
}
