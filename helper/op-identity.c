/* Who the payload is: groups, group, user. Nobody may look into a process that changes them. */
#include "helper/ops.h"

#include <grp.h>
#include <sys/prctl.h>
#include <sys/stat.h>

/* The payload may open its own /dev/stdout again if the pipe or socket behind it is its own. A
 * refusal is fine (in a user namespace the caller's pipe is changed before). Files and terminals of
 * the caller are left alone. */
static void give_stdio(const Context *ctx, uid_t uid)
{
        for (int i = 0; i <= STDERR_FILENO; i++) {
                int fd = ctx->stdio_fd[i] >= 0 ? ctx->stdio_fd[i] : i;
                struct stat st;

                if (fstat(fd, &st) >= 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)) &&
                        st.st_uid != uid && fchown(fd, uid, (gid_t) -1) < 0)
                        continue;
        }
}

int op_give_stdio(Context *ctx, const ProgramOp *op, CtrError *err)
{
        give_stdio(ctx, (uid_t) op->number[0]);
        return 0;
}

static int set_group(gid_t gid)
{
        return setresgid(gid, gid, gid) < 0 ? -errno : context_hide();
}

static int set_user(uid_t uid)
{
        return setresuid(uid, uid, uid) < 0 ? -errno : context_hide();
}

int op_become_root(Context *ctx, const ProgramOp *op, CtrError *err)
{
        int r = set_group(0);

        if (r >= 0)
                r = set_user(0);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r,
                        "cannot become root of the user namespace (is 0 mapped?)");
        /* Groups of the host that are not mapped stay otherwise; a namespace may forbid it. */
        if (setgroups(0, NULL) < 0 && errno != EPERM)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot drop groups");
        return 0;
}

int op_keep_groups(Context *ctx, const ProgramOp *op, CtrError *err)
{
        ctx->keeps_groups = true;
        return 0;
}

int op_set_ids(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const gid_t *groups =
                (const gid_t *) (const void *) program_string(&ctx->program, op->data[0]);
        size_t n_groups = op->data[0].size / sizeof(gid_t);
        uid_t uid = (uid_t) op->number[0];
        gid_t gid = (gid_t) op->number[1];
        int r;

        /* For setresuid(2) all ones mean "as it is", which is root here. */
        if (op->number[0] >= UINT32_MAX || op->number[1] >= UINT32_MAX)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EINVAL, "uid %llu gid %llu",
                        (unsigned long long) op->number[0], (unsigned long long) op->number[1]);
        give_stdio(ctx, uid);
        /* A user namespace may forbid it: then there is nothing to add, and nothing can be dropped.
         */
        if (!ctx->keeps_groups && setgroups(n_groups, groups) < 0 &&
                (errno != EPERM || n_groups > 0)) {
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot set %zu groups", n_groups);
                err->exit_status = LAUNCH_EXIT_GROUP;
                return r;
        }
        /* The capabilities go in an operation of their own, after this one. */
        if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "PR_SET_KEEPCAPS");
        r = set_group(gid);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "gid %u%s", gid,
                        r == -EINVAL ? " (not mapped in the user namespace?)" : "");
        r = set_user(uid);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "uid %u%s", uid,
                        r == -EINVAL ? " (not mapped in the user namespace?)" : "");
        return 0;
}
