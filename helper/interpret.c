/* The interpreter: one table from opcode to handler, and the loop over a list. Which operations run
 * and in which order is the program's business alone. */
#include "helper/interpret.h"

#include "helper/exec.h"
#include "helper/ops.h"
#include "helper/report.h"

#include <stdio.h>
#include <string.h>

typedef enum OpLists {
        IN_HOST = 1 << PROGRAM_HOST,
        IN_CHILD = 1 << PROGRAM_CHILD,
        IN_BOTH = IN_HOST | IN_CHILD,
} OpLists;

typedef struct OpEntry {
        OpHandler handler;
        OpLists lists;
        int exit_status; /* LAUNCH_EXIT_* when it fails */
} OpEntry;

static const OpEntry entries[_PROGRAM_OPCODE_MAX] = {
        [PROGRAM_OP_RAISE_LIMITS] = { op_raise_limits, IN_HOST, LAUNCH_EXIT_CGROUP },
        [PROGRAM_OP_OPEN_ROOTFS] = { op_open_rootfs, IN_HOST, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_OPEN_SOURCE] = { op_open_source, IN_HOST, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_ID_MAP] = { op_id_map, IN_HOST, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_COPY_CREDENTIALS] = { op_copy_credentials, IN_HOST, LAUNCH_EXIT_CREDENTIALS },
        [PROGRAM_OP_REQUIRE_LSM] = { op_require_lsm, IN_HOST, LAUNCH_EXIT_LSM_LABEL },
        [PROGRAM_OP_OPEN_DEVICE] = { op_open_device, IN_HOST, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_OPEN_NAMESPACE] = { op_open_namespace, IN_HOST, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_OPEN_PROCESS] = { op_open_process, IN_HOST, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_OPEN_GATE] = { op_open_gate, IN_HOST, LAUNCH_EXIT_PROTOCOL },
        [PROGRAM_OP_JOIN_BEFORE_CLONE] = { op_join_before_clone, IN_HOST, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_OPEN_FILE_SYSTEM] = { op_open_file_system, IN_HOST, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_UNSHARE_TIME] = { op_unshare_time, IN_HOST, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_JOIN_CGROUP] = { op_join_cgroup, IN_HOST, LAUNCH_EXIT_CGROUP },
        [PROGRAM_OP_LEAVE_CGROUP] = { op_leave_cgroup, IN_HOST, LAUNCH_EXIT_CGROUP },
        [PROGRAM_OP_CPU_AFFINITY] = { op_cpu_affinity, IN_BOTH, LAUNCH_EXIT_CPU_AFFINITY },
        [PROGRAM_OP_RDT] = { op_rdt, IN_HOST, LAUNCH_EXIT_CGROUP },
        [PROGRAM_OP_GIVE_STDIO] = { op_give_stdio, IN_HOST, LAUNCH_EXIT_USER },
        [PROGRAM_OP_HOOK_OUTPUT] = { op_hook_output, IN_HOST, LAUNCH_EXIT_HOOK },
        [PROGRAM_OP_CHECK_DEVICE_RULES] = { op_check_device_rules, IN_HOST, LAUNCH_EXIT_CGROUP },
        [PROGRAM_OP_DEVICE_FILTER] = { op_device_filter, IN_HOST, LAUNCH_EXIT_CGROUP },
        [PROGRAM_OP_SUB_CGROUP] = { op_sub_cgroup, IN_HOST, LAUNCH_EXIT_CGROUP },
        [PROGRAM_OP_GIVE_CGROUP] = { op_give_cgroup, IN_HOST, LAUNCH_EXIT_CGROUP },
        [PROGRAM_OP_CLONE] = { op_clone, IN_HOST, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_WRITE_UID_MAP] = { op_write_uid_map, IN_HOST, LAUNCH_EXIT_USER },
        [PROGRAM_OP_WRITE_GID_MAP] = { op_write_gid_map, IN_HOST, LAUNCH_EXIT_GROUP },
        [PROGRAM_OP_RECORD_PID] = { op_record_pid, IN_HOST, LAUNCH_EXIT_PROTOCOL },
        [PROGRAM_OP_PIN_NAMESPACE] = { op_pin_namespace, IN_HOST, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_NET_DEVICE] = { op_net_device, IN_HOST, LAUNCH_EXIT_NETWORK },
        [PROGRAM_OP_SEND_LISTENER] = { op_send_listener, IN_HOST, LAUNCH_EXIT_SECCOMP },
        [PROGRAM_OP_HOOK_STATE] = { op_hook_state, IN_HOST, LAUNCH_EXIT_HOOK },
        [PROGRAM_OP_HOOK] = { op_hook, IN_BOTH, LAUNCH_EXIT_HOOK },
        [PROGRAM_OP_REQUEST_CGROUP] = { op_request_cgroup, IN_HOST, LAUNCH_EXIT_PROTOCOL },
        [PROGRAM_OP_AWAIT_CGROUP] = { op_await_cgroup, IN_HOST, LAUNCH_EXIT_CGROUP },
        [PROGRAM_OP_RESTORE_LIMITS] = { op_restore_limits, IN_HOST, LAUNCH_EXIT_CGROUP },
        [PROGRAM_OP_WRITE_CGROUP] = { op_write_cgroup, IN_HOST, LAUNCH_EXIT_CGROUP },
        [PROGRAM_OP_NOTIFY_READY] = { op_notify_ready, IN_HOST, LAUNCH_EXIT_PROTOCOL },
        [PROGRAM_OP_NOTIFY_PAYLOAD] = { op_notify_payload, IN_HOST, LAUNCH_EXIT_PROTOCOL },
        [PROGRAM_OP_AWAIT_EXEC] = { op_await_exec, IN_HOST, LAUNCH_EXIT_PROTOCOL },
        [PROGRAM_OP_SEND] = { op_send, IN_BOTH, LAUNCH_EXIT_PROTOCOL },
        [PROGRAM_OP_AWAIT] = { op_await, IN_BOTH, LAUNCH_EXIT_PROTOCOL },
        [PROGRAM_OP_LOCK_MOUNTS] = { op_lock_mounts, IN_BOTH, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_JOIN_NAMESPACE] = { op_join_namespace, IN_CHILD, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_BECOME_ROOT] = { op_become_root, IN_CHILD, LAUNCH_EXIT_USER },
        [PROGRAM_OP_UNSHARE_CGROUP] = { op_unshare_cgroup, IN_CHILD, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_NEW_SESSION] = { op_new_session, IN_CHILD, LAUNCH_EXIT_PROTOCOL },
        [PROGRAM_OP_NEW_KEYRING] = { op_new_keyring, IN_CHILD, LAUNCH_EXIT_KEYRING },
        [PROGRAM_OP_SET_HOSTNAME] = { op_set_hostname, IN_CHILD, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_SET_DOMAINNAME] = { op_set_domainname, IN_CHILD, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_LOOPBACK_UP] = { op_loopback_up, IN_CHILD, LAUNCH_EXIT_NETWORK },
        [PROGRAM_OP_INHERITED_PROPAGATION] = { op_inherited_propagation, IN_CHILD,
                LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_ATTACH_ROOTFS] = { op_attach_rootfs, IN_CHILD, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_ATTACH_OVERLAY] = { op_attach_overlay, IN_CHILD, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_MOUNT] = { op_mount, IN_CHILD, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_MOUNT_COPY_UP] = { op_mount_copy_up, IN_CHILD, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_BIND] = { op_bind, IN_CHILD, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_BIND_CREDENTIALS] = { op_bind_credentials, IN_CHILD, LAUNCH_EXIT_CREDENTIALS },
        [PROGRAM_OP_SET_ATTR] = { op_set_attr, IN_CHILD, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_MOUNT_CGROUP] = { op_mount_cgroup, IN_CHILD, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_NODE] = { op_node, IN_CHILD, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_SYMLINK] = { op_symlink, IN_CHILD, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_CONSOLE] = { op_console, IN_CHILD, LAUNCH_EXIT_STDIN },
        [PROGRAM_OP_PIVOT] = { op_pivot, IN_CHILD, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_SYSCTL] = { op_sysctl, IN_CHILD, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_MASK] = { op_mask, IN_CHILD, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_READONLY] = { op_readonly, IN_CHILD, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_ROOT_READONLY] = { op_root_readonly, IN_CHILD, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_ROOT_PROPAGATION] = { op_root_propagation, IN_CHILD, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_OOM_SCORE_ADJ] = { op_oom_score_adj, IN_BOTH, LAUNCH_EXIT_OOM_ADJUST },
        [PROGRAM_OP_RLIMIT] = { op_rlimit, IN_BOTH, LAUNCH_EXIT_LIMITS },
        [PROGRAM_OP_SCHEDULER] = { op_scheduler, IN_BOTH, LAUNCH_EXIT_SCHEDULER },
        [PROGRAM_OP_IO_PRIORITY] = { op_io_priority, IN_BOTH, LAUNCH_EXIT_IO_PRIORITY },
        [PROGRAM_OP_MEMORY_POLICY] = { op_memory_policy, IN_CHILD, LAUNCH_EXIT_MEMORY_POLICY },
        [PROGRAM_OP_PERSONALITY] = { op_personality, IN_CHILD, LAUNCH_EXIT_PERSONALITY },
        [PROGRAM_OP_LSM_LABEL] = { op_lsm_label, IN_CHILD, LAUNCH_EXIT_LSM_LABEL },
        [PROGRAM_OP_UMASK] = { op_umask, IN_CHILD, LAUNCH_EXIT_PROTOCOL },
        [PROGRAM_OP_BOUNDING] = { op_bounding, IN_CHILD, LAUNCH_EXIT_CAPABILITIES },
        [PROGRAM_OP_KEEP_GROUPS] = { op_keep_groups, IN_CHILD, LAUNCH_EXIT_GROUP },
        [PROGRAM_OP_SET_IDS] = { op_set_ids, IN_CHILD, LAUNCH_EXIT_USER },
        [PROGRAM_OP_SET_CAPABILITIES] = { op_set_capabilities, IN_CHILD, LAUNCH_EXIT_CAPABILITIES },
        [PROGRAM_OP_NO_NEW_PRIVILEGES] = { op_no_new_privileges, IN_CHILD,
                LAUNCH_EXIT_NO_NEW_PRIVILEGES },
        [PROGRAM_OP_SECCOMP] = { op_seccomp, IN_CHILD, LAUNCH_EXIT_SECCOMP },
        [PROGRAM_OP_CHDIR] = { op_chdir, IN_CHILD, LAUNCH_EXIT_CHDIR },
        [PROGRAM_OP_PASS_WATCHDOG] = { op_pass_watchdog, IN_CHILD, LAUNCH_EXIT_PROTOCOL },
        [PROGRAM_OP_GATE] = { op_gate, IN_CHILD, LAUNCH_EXIT_PROTOCOL },
        [PROGRAM_OP_FIND_PROGRAM] = { op_find_program, IN_CHILD, LAUNCH_EXIT_EXEC },
        [PROGRAM_OP_EXEC] = { op_exec, IN_CHILD, LAUNCH_EXIT_EXEC },
        [PROGRAM_OP_EXEC_UNDER_INIT] = { op_exec_under_init, IN_CHILD, LAUNCH_EXIT_EXEC },
        [PROGRAM_OP_OPEN_RESTORE] = { op_open_restore, IN_HOST, LAUNCH_EXIT_PROTOCOL },
        [PROGRAM_OP_STAGE] = { op_stage, IN_CHILD, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_STAGE_TARGET] = { op_stage_target, IN_CHILD, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_INHERIT] = { op_inherit, IN_CHILD, LAUNCH_EXIT_STDIN },
        [PROGRAM_OP_AWAIT_RESTORED] = { op_await_restored, IN_HOST, LAUNCH_EXIT_PROTOCOL },
        [PROGRAM_OP_RESTORED_ATTR] = { op_restored_attr, IN_HOST, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_BIRTH] = { op_birth, IN_CHILD, LAUNCH_EXIT_NAMESPACE },
        [PROGRAM_OP_RESUME_RESTORED] = { op_resume_restored, IN_HOST, LAUNCH_EXIT_PROTOCOL },
};

void interpret_fill_failure(
        LaunchReply *failure, ProgramOpcode opcode, int exit_status, const CtrError *err)
{
        const ProgramOpInfo *info = opcode != PROGRAM_OP_NONE ? program_op_info(opcode) : NULL;
        /* The text of a failing exec is one that container engines look for at the beginning. */
        bool has_prefix = info && opcode != PROGRAM_OP_EXEC &&
                          opcode != PROGRAM_OP_EXEC_UNDER_INIT && opcode != PROGRAM_OP_FIND_PROGRAM;

        *failure = (LaunchReply){
                .magic = LAUNCH_MAGIC,
                .kind = LAUNCH_FAILED,
                .exit_status = err->exit_status ? err->exit_status : exit_status,
                .errno_value = err->errno_value,
                .opcode = opcode,
        };
        (void) snprintf(failure->message, sizeof(failure->message), "%s%s%.*s",
                has_prefix ? info->name : "", has_prefix ? ": " : "",
                (int) sizeof(failure->message) - 64, err->message);
}

static int run_op(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const OpEntry *entry = &entries[op->opcode];

        ctx->progress->opcode = ctx->list == PROGRAM_CHILD ? op->opcode : ctx->progress->opcode;
        if (!entry->handler)
                return ctr_error_set(
                        err, CTR_ERROR_UNSUPPORTED, 0, "operation not supported by this build");
        if (!(entry->lists & (OpLists) (1 << ctx->list)))
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG, "operation of the other list");
        return entry->handler(ctx, op, err);
}

bool interpret_is_poststop(const Context *ctx, const ProgramOp *op)
{
        return op->opcode == PROGRAM_OP_HOOK && strcmp(op_string(ctx, op, 1), "poststop") == 0;
}

int interpret_list(Context *ctx, LaunchReply *failure)
{
        for (uint32_t i = 0; i < ctx->program.header->n_ops; i++) {
                const ProgramOp *op = &ctx->program.ops[i];
                CtrError err = { 0 };
                int r;

                if (op->list != ctx->list || interpret_is_poststop(ctx, op))
                        continue;
                if (op->stage >= STAGE_IDENTITY && !ctx->home)
                        exec_find_home(ctx);
                /* Before limits of the payload's own, and before a filter that may forbid it. */
                if (op->stage >= STAGE_IDENTITY)
                        process_restore_nofile(ctx);
                r = run_op(ctx, op, &err);
                if (r < 0 && ctx->has_child_failure) {
                        *failure = ctx->child_failure;
                        return r;
                }
                if (r < 0) {
                        interpret_fill_failure(failure, (ProgramOpcode) op->opcode,
                                entries[op->opcode].exit_status, &err);
                        return r;
                }
                /* The clone ended at the gate on request: nothing is left to attend to. */
                if (ctx->is_stopped)
                        break;
        }
        return 0;
}

void interpret_poststop(Context *ctx)
{
        for (uint32_t i = 0; i < ctx->program.header->n_ops; i++) {
                const ProgramOp *op = &ctx->program.ops[i];
                CtrError err = { 0 };

                /* What the hooks are given comes first in the program. */
                if (!interpret_is_poststop(ctx, op) && op->opcode != PROGRAM_OP_HOOK_OUTPUT)
                        continue;
                if (run_op(ctx, op, &err) < 0)
                        report_warning(ctx, "%s", err.message);
        }
}
