/* The handlers, one an operation: see plan/program.h for what each does and its arguments. All
 * follow the error rule of base/error.h; a handler may set err->exit_status when its table entry's
 * is too coarse. */
#pragma once

#include "helper/context.h"

typedef int (*OpHandler)(Context *ctx, const ProgramOp *op, CtrError *err);

int op_raise_limits(Context *ctx, const ProgramOp *op, CtrError *err);
int op_restore_limits(Context *ctx, const ProgramOp *op, CtrError *err);
int op_join_cgroup(Context *ctx, const ProgramOp *op, CtrError *err);
int op_leave_cgroup(Context *ctx, const ProgramOp *op, CtrError *err);
int op_write_cgroup(Context *ctx, const ProgramOp *op, CtrError *err);
int op_check_device_rules(Context *ctx, const ProgramOp *op, CtrError *err);
int op_device_filter(Context *ctx, const ProgramOp *op, CtrError *err);
int op_sub_cgroup(Context *ctx, const ProgramOp *op, CtrError *err);
int op_rdt(Context *ctx, const ProgramOp *op, CtrError *err);
int op_unshare_cgroup(Context *ctx, const ProgramOp *op, CtrError *err);
int op_mount_cgroup(Context *ctx, const ProgramOp *op, CtrError *err);

/* In the process of a hook: its working directory. */
void hook_set_directory(const Context *ctx, const ProgramOp *op);
/* Its standard streams. -1 with errno. */
int hook_set_streams(const Context *ctx, int stdin_fd);
/* The filter of a seccomp operation; without an agent what is for one fails with ENOSYS. -1 with
 * errno. */
int hook_load_filter(const Context *ctx, const ProgramOp *op);
int op_hook_output(Context *ctx, const ProgramOp *op, CtrError *err);
int op_keep_groups(Context *ctx, const ProgramOp *op, CtrError *err);

int op_request_cgroup(Context *ctx, const ProgramOp *op, CtrError *err);
int op_await_cgroup(Context *ctx, const ProgramOp *op, CtrError *err);
int op_console(Context *ctx, const ProgramOp *op, CtrError *err);

int op_birth(Context *ctx, const ProgramOp *op, CtrError *err);
int op_find_program(Context *ctx, const ProgramOp *op, CtrError *err);

int op_open_rootfs(Context *ctx, const ProgramOp *op, CtrError *err);
int op_inherited_propagation(Context *ctx, const ProgramOp *op, CtrError *err);
int op_attach_rootfs(Context *ctx, const ProgramOp *op, CtrError *err);
int op_attach_overlay(Context *ctx, const ProgramOp *op, CtrError *err);
int op_pivot(Context *ctx, const ProgramOp *op, CtrError *err);
int op_root_readonly(Context *ctx, const ProgramOp *op, CtrError *err);
int op_root_propagation(Context *ctx, const ProgramOp *op, CtrError *err);

int op_open_source(Context *ctx, const ProgramOp *op, CtrError *err);
int op_bind(Context *ctx, const ProgramOp *op, CtrError *err);
int op_set_attr(Context *ctx, const ProgramOp *op, CtrError *err);
int op_readonly(Context *ctx, const ProgramOp *op, CtrError *err);
int op_open_file_system(Context *ctx, const ProgramOp *op, CtrError *err);
int op_mount(Context *ctx, const ProgramOp *op, CtrError *err);
int op_mount_copy_up(Context *ctx, const ProgramOp *op, CtrError *err);
int op_id_map(Context *ctx, const ProgramOp *op, CtrError *err);
int op_require_lsm(Context *ctx, const ProgramOp *op, CtrError *err);
int op_cpu_affinity(Context *ctx, const ProgramOp *op, CtrError *err);
int op_memory_policy(Context *ctx, const ProgramOp *op, CtrError *err);
int op_net_device(Context *ctx, const ProgramOp *op, CtrError *err);
int op_send_listener(Context *ctx, const ProgramOp *op, CtrError *err);
int op_open_device(Context *ctx, const ProgramOp *op, CtrError *err);
int op_node(Context *ctx, const ProgramOp *op, CtrError *err);
int op_symlink(Context *ctx, const ProgramOp *op, CtrError *err);
int op_mask(Context *ctx, const ProgramOp *op, CtrError *err);
int op_sysctl(Context *ctx, const ProgramOp *op, CtrError *err);

int op_open_namespace(Context *ctx, const ProgramOp *op, CtrError *err);
int op_open_process(Context *ctx, const ProgramOp *op, CtrError *err);
int op_join_before_clone(Context *ctx, const ProgramOp *op, CtrError *err);
int op_join_namespace(Context *ctx, const ProgramOp *op, CtrError *err);
int op_lock_mounts(Context *ctx, const ProgramOp *op, CtrError *err);
int op_unshare_time(Context *ctx, const ProgramOp *op, CtrError *err);
int op_become_root(Context *ctx, const ProgramOp *op, CtrError *err);
int op_set_hostname(Context *ctx, const ProgramOp *op, CtrError *err);
int op_set_domainname(Context *ctx, const ProgramOp *op, CtrError *err);
int op_loopback_up(Context *ctx, const ProgramOp *op, CtrError *err);
/* Before the clone: gives up the terminal of this session, if standard input is that, for
 * op_new_session() to take. 0, or -errno with *err. */
int session_leave_terminal(Context *ctx, CtrError *err);
int op_new_session(Context *ctx, const ProgramOp *op, CtrError *err);
int op_new_keyring(Context *ctx, const ProgramOp *op, CtrError *err);

int op_clone(Context *ctx, const ProgramOp *op, CtrError *err);
int op_write_uid_map(Context *ctx, const ProgramOp *op, CtrError *err);
int op_write_gid_map(Context *ctx, const ProgramOp *op, CtrError *err);
int op_send(Context *ctx, const ProgramOp *op, CtrError *err);
int op_await(Context *ctx, const ProgramOp *op, CtrError *err);
int op_await_exec(Context *ctx, const ProgramOp *op, CtrError *err);
int op_open_gate(Context *ctx, const ProgramOp *op, CtrError *err);
int op_gate(Context *ctx, const ProgramOp *op, CtrError *err);

/* Restoring a checkpoint: op-stage.c, op-restore.c. */
int op_stage(Context *ctx, const ProgramOp *op, CtrError *err);
int op_stage_target(Context *ctx, const ProgramOp *op, CtrError *err);
int op_inherit(Context *ctx, const ProgramOp *op, CtrError *err);
int op_open_restore(Context *ctx, const ProgramOp *op, CtrError *err);
int op_await_restored(Context *ctx, const ProgramOp *op, CtrError *err);
int op_restored_attr(Context *ctx, const ProgramOp *op, CtrError *err);
int op_resume_restored(Context *ctx, const ProgramOp *op, CtrError *err);

int op_record_pid(Context *ctx, const ProgramOp *op, CtrError *err);
int op_pin_namespace(Context *ctx, const ProgramOp *op, CtrError *err);
int op_notify_ready(Context *ctx, const ProgramOp *op, CtrError *err);
int op_notify_payload(Context *ctx, const ProgramOp *op, CtrError *err);
int op_pass_watchdog(Context *ctx, const ProgramOp *op, CtrError *err);
int op_copy_credentials(Context *ctx, const ProgramOp *op, CtrError *err);
int op_bind_credentials(Context *ctx, const ProgramOp *op, CtrError *err);
int op_hook_state(Context *ctx, const ProgramOp *op, CtrError *err);
int op_hook(Context *ctx, const ProgramOp *op, CtrError *err);

int op_oom_score_adj(Context *ctx, const ProgramOp *op, CtrError *err);
int op_rlimit(Context *ctx, const ProgramOp *op, CtrError *err);

/* Opens as many files as the hard limit allows (getrlimit(2), RLIMIT_NOFILE), until restore: hooks
 * and payload get what ctr-exec was started with. */
void process_raise_nofile(Context *ctx);
void process_restore_nofile(Context *ctx);
int op_scheduler(Context *ctx, const ProgramOp *op, CtrError *err);
int op_io_priority(Context *ctx, const ProgramOp *op, CtrError *err);
int op_personality(Context *ctx, const ProgramOp *op, CtrError *err);
int op_lsm_label(Context *ctx, const ProgramOp *op, CtrError *err);
int op_umask(Context *ctx, const ProgramOp *op, CtrError *err);
int op_give_cgroup(Context *ctx, const ProgramOp *op, CtrError *err);
int op_give_stdio(Context *ctx, const ProgramOp *op, CtrError *err);
int op_set_ids(Context *ctx, const ProgramOp *op, CtrError *err);
int op_bounding(Context *ctx, const ProgramOp *op, CtrError *err);
int op_set_capabilities(Context *ctx, const ProgramOp *op, CtrError *err);
int op_no_new_privileges(Context *ctx, const ProgramOp *op, CtrError *err);
int op_seccomp(Context *ctx, const ProgramOp *op, CtrError *err);
int op_chdir(Context *ctx, const ProgramOp *op, CtrError *err);
int op_exec(Context *ctx, const ProgramOp *op, CtrError *err);
int op_exec_under_init(Context *ctx, const ProgramOp *op, CtrError *err);
