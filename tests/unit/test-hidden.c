/* Nobody may look into ctr-exec while it changes who it is: setting ids makes a process what
 * fs.suid_dumpable says, and with 1 its descriptors are open to others of its user namespace. Here
 * every process begins as one that may be looked into, so that no setting of the host matters. */
#include "helper/ops.h"
#include "unit/test.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>

static void begin(void)
{
        CHECK_INT(prctl(PR_SET_DUMPABLE, 1), 0);
        CHECK_INT(prctl(PR_GET_DUMPABLE), 1);
}

static void set_ids(void)
{
        ProgramOp op = { .opcode = PROGRAM_OP_SET_IDS, .number = { getuid(), getgid() } };
        Context ctx = context_empty();
        CtrError err = { 0 };

        begin();
        /* Groups are root's to set. */
        ctx.keeps_groups = true;
        CHECK_INT(op_set_ids(&ctx, &op, &err), 0);
        CHECK_INT(prctl(PR_GET_DUMPABLE), 0);
}

static void become_root(void)
{
        ProgramOp op = { .opcode = PROGRAM_OP_BECOME_ROOT };
        Context ctx = context_empty();
        CtrError err = { 0 };

        if (getuid() != 0)
                test_skip("needs root");
        begin();
        CHECK_INT(op_become_root(&ctx, &op, &err), 0);
        CHECK_INT(prctl(PR_GET_DUMPABLE), 0);
}

static void join_namespace(void)
{
        static int slots[1];
        ProgramOp op = { .opcode = PROGRAM_OP_JOIN_NAMESPACE, .number = { 0, CLONE_NEWUTS } };
        Context ctx = context_empty();
        CtrError err = { 0 };

        if (getuid() != 0)
                test_skip("needs root");
        begin();
        slots[0] = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
        ctx.slots = slots;
        CHECK_INT(op_join_namespace(&ctx, &op, &err), 0);
        CHECK_INT(prctl(PR_GET_DUMPABLE), 0);
        (void) close(slots[0]);
}

static const Test tests[] = {
        TEST(set_ids),
        TEST(become_root),
        TEST(join_namespace),
};
TEST_MAIN(tests)
