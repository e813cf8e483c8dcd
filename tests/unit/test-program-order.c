/* The order of a program over all combinations of what moves its steps. Each combination is
 * compiled, opened and checked against the rules; none needs root. */
#include "unit/plan-case.h"

typedef enum Feature {
        FEATURE_SECCOMP,
        FEATURE_NO_NEW_PRIVILEGES,
        FEATURE_USER_NAMESPACE,
        FEATURE_GATE,
        FEATURE_LIMITS,
        FEATURE_RUNTIME_HOOKS,
        FEATURE_CONTAINER_HOOKS,
        FEATURE_END_HOOKS,
        FEATURE_PID_PATH,
        FEATURE_READONLY,
        FEATURE_USER_ID,
        _FEATURE_MAX,
} Feature;

#define HAS(set, feature) (((set) & (1U << (feature))) != 0)

typedef struct Case {
        unsigned set;
        Program program;
        void *bytes;
} Case;

static void case_done(Case *c)
{
        free(c->bytes);
}

/* Text of one combination's config. */
static void compile(unsigned set, Case *ret)
{
        char process[256], linux_[512], top[1024], namespaces[256];
        PlanCase c = { .process = process, .linux_ = linux_, .top = top, .namespaces = namespaces };
        _cleanup_(spec_freep) Spec *spec = NULL;
        bool has_user = HAS(set, FEATURE_USER_NAMESPACE);
        PlanContext ctx;
        CtrError err = { 0 };
        size_t size;

        (void) snprintf(process, sizeof(process), ",'noNewPrivileges':%s,'oomScoreAdj':5",
                HAS(set, FEATURE_NO_NEW_PRIVILEGES) ? "true" : "false");
        (void) snprintf(linux_, sizeof(linux_),
                "%s%s%s,'maskedPaths':['/m'],'readonlyPaths':['/r']",
                HAS(set, FEATURE_SECCOMP) ? ",'seccomp':{'defaultAction':'SCMP_ACT_ALLOW'}" : "",
                has_user ? ",'uidMappings':[{'containerID':0,'hostID':9,'size':99}],"
                           "'gidMappings':[{'containerID':0,'hostID':9,'size':99}]"
                         : "",
                HAS(set, FEATURE_LIMITS) ? ",'resources':{'pids':{'limit':1}}" : "");
        (void) snprintf(top, sizeof(top), "%s%s%s%s%s",
                HAS(set, FEATURE_RUNTIME_HOOKS)
                        ? ",'hooks':{'prestart':[{'path':'/h'}],'createRuntime':[{'path':'/h'}]"
                        : ",'hooks':{'prestart':[]",
                HAS(set, FEATURE_CONTAINER_HOOKS)
                        ? ",'createContainer':[{'path':'/h'}],'startContainer':[{'path':'/h'}]"
                        : "",
                HAS(set, FEATURE_END_HOOKS)
                        ? ",'poststart':[{'path':'/h'}],'poststop':[{'path':'/h'}]"
                        : "",
                "}", ",'annotations':{'org.opencontainers.image.stopSignal':'QUIT'}");
        (void) snprintf(namespaces, sizeof(namespaces),
                "{'type':'mount'},{'type':'cgroup'},{'type':'pid'%s},{'type':'network','path':'/n'}%s",
                HAS(set, FEATURE_PID_PATH) ? ",'path':'/p'" : "",
                has_user ? ",{'type':'user'}" : "");
        c.origin = HAS(set, FEATURE_GATE) ? PLAN_TRANSIENT_CREATE : PLAN_TRANSIENT_RUN;

        spec = plan_case_spec(&c);
        spec->root.is_readonly = HAS(set, FEATURE_READONLY);
        spec->process.user.uid = HAS(set, FEATURE_USER_ID) ? 7 : 0;
        ctx = plan_case_context(&c);
        *ret = (Case){ .set = set };
        CHECK_OK(plan_program(spec, &ctx, &ret->bytes, &size, &err), err);
        CHECK_OK(program_open(ret->bytes, size, &ret->program, &err), err);
}

/* Position of the first operation of this kind; -1 = none. */
static int find(const Case *c, ProgramOpcode opcode)
{
        for (uint32_t i = 0; i < c->program.header->n_ops; i++)
                if (c->program.ops[i].opcode == opcode)
                        return (int) i;
        return -1;
}

static int find_next(const Case *c, ProgramOpcode opcode, int after)
{
        for (uint32_t i = (uint32_t) after + 1; i < c->program.header->n_ops; i++)
                if (c->program.ops[i].opcode == opcode)
                        return (int) i;
        return -1;
}

static int find_last(const Case *c, ProgramOpcode opcode)
{
        for (int i = (int) c->program.header->n_ops - 1; i >= 0; i--)
                if (c->program.ops[i].opcode == opcode)
                        return i;
        return -1;
}

static int find_message(const Case *c, ProgramOpcode opcode, SyncMessage message)
{
        for (uint32_t i = 0; i < c->program.header->n_ops; i++)
                if (c->program.ops[i].opcode == opcode &&
                        c->program.ops[i].number[0] == (uint64_t) message)
                        return (int) i;
        return -1;
}

static int find_hook(const Case *c, const char *kind)
{
        for (uint32_t i = 0; i < c->program.header->n_ops; i++)
                if (c->program.ops[i].opcode == PROGRAM_OP_HOOK &&
                        strcmp(program_string(&c->program, c->program.ops[i].string[1]), kind) == 0)
                        return (int) i;
        return -1;
}

/* first and second exist and stand in this order. */
#define CHECK_BEFORE(c, first, second)                                                             \
        do {                                                                                       \
                int _a = (first), _b = (second);                                                   \
                if (_a < 0 || _b < 0 || _a >= _b)                                                  \
                        test_fail(__FILE__, __LINE__, "case 0x%x: %s (%d) before %s (%d)",         \
                                (c)->set, #first, _a, #second, _b);                                \
        } while (0)
#define OP(name)           find(c, PROGRAM_OP_##name)
#define SENT(message)      find_message(c, PROGRAM_OP_SEND, SYNC_##message)
#define AWAITED(message)   find_message(c, PROGRAM_OP_AWAIT, SYNC_##message)
#define CHECK_HAS(c, x, y) CHECK_INT((x) >= 0, (y))

/* Each message is sent once and awaited once, by opposite lists, and the two lists have all of them
 * in the same order: neither side can wait for the other in a circle. */
static void check_messages(const Case *c)
{
        uint64_t order[_PROGRAM_LIST_MAX][2 * _SYNC_MAX];
        size_t n[_PROGRAM_LIST_MAX] = { 0 };

        for (uint32_t i = 0; i < c->program.header->n_ops; i++) {
                const ProgramOp *op = &c->program.ops[i];
                bool is_sent = op->opcode == PROGRAM_OP_SEND;

                if (!is_sent && op->opcode != PROGRAM_OP_AWAIT)
                        continue;
                CHECK(n[op->list] < ELEMENTSOF(order[0]));
                /* the sender's direction: host to child, or child to host */
                order[op->list][n[op->list]++] =
                        op->number[0] << 1 | (is_sent == (op->list == PROGRAM_HOST));
        }
        CHECK_INT(n[PROGRAM_HOST], n[PROGRAM_CHILD]);
        for (size_t i = 0; i < n[PROGRAM_HOST]; i++) {
                CHECK_INT(order[PROGRAM_HOST][i], order[PROGRAM_CHILD][i]);
                for (size_t k = 0; k < i; k++)
                        CHECK(order[PROGRAM_HOST][k] != order[PROGRAM_HOST][i]);
        }
}

static void check_identity(const Case *c)
{
        bool has_filter = HAS(c->set, FEATURE_SECCOMP);
        bool is_late = HAS(c->set, FEATURE_NO_NEW_PRIVILEGES);

        CHECK_HAS(c, OP(SECCOMP), has_filter);
        CHECK_HAS(c, OP(NO_NEW_PRIVILEGES), is_late);
        CHECK_BEFORE(c, OP(BOUNDING), OP(SET_IDS));
        CHECK_BEFORE(c, OP(SET_IDS), OP(SET_CAPABILITIES));
        CHECK_BEFORE(c, OP(SET_CAPABILITIES), find_last(c, PROGRAM_OP_CHDIR));
        CHECK_BEFORE(c, OP(UMASK), OP(SET_IDS));
        if (has_filter && is_late) {
                CHECK_BEFORE(c, OP(NO_NEW_PRIVILEGES), OP(SECCOMP));
                CHECK_INT(OP(SECCOMP) + 1, OP(EXEC));
        } else if (has_filter) {
                CHECK_BEFORE(c, OP(SECCOMP), OP(BOUNDING));
        }
        CHECK_INT(OP(EXEC), (int) c->program.header->n_ops - 1);
}

static void check_root(const Case *c)
{
        CHECK_BEFORE(c, OP(INHERITED_PROPAGATION), OP(ATTACH_ROOTFS));
        CHECK_BEFORE(c, OP(ATTACH_ROOTFS), OP(NODE));
        CHECK_BEFORE(c, find_last(c, PROGRAM_OP_NODE), OP(PIVOT));
        CHECK_BEFORE(c, find_last(c, PROGRAM_OP_SYMLINK), OP(PIVOT));
        /* The working directory can never be below a mask, and is made while that is possible. */
        CHECK_BEFORE(c, OP(PIVOT), OP(READONLY));
        CHECK_BEFORE(c, OP(READONLY), OP(MASK));
        CHECK_BEFORE(c, OP(MASK), OP(CHDIR));
        CHECK_HAS(c, OP(ROOT_READONLY), HAS(c->set, FEATURE_READONLY));
        if (HAS(c->set, FEATURE_READONLY))
                CHECK_BEFORE(c, OP(CHDIR), OP(ROOT_READONLY));
}

static void check_namespaces(const Case *c)
{
        bool has_user = HAS(c->set, FEATURE_USER_NAMESPACE);
        bool joins_before = has_user || HAS(c->set, FEATURE_PID_PATH);

        CHECK_HAS(c, OP(JOIN_BEFORE_CLONE), joins_before);
        CHECK_HAS(c, OP(JOIN_NAMESPACE), !has_user);
        CHECK_HAS(c, OP(BECOME_ROOT), has_user);
        CHECK_BEFORE(c, OP(OPEN_ROOTFS), OP(OPEN_NAMESPACE));
        CHECK_BEFORE(c, OP(OPEN_NAMESPACE), OP(CLONE));
        CHECK_BEFORE(c, OP(CLONE), OP(RECORD_PID));
        if (joins_before)
                CHECK_BEFORE(c, OP(JOIN_BEFORE_CLONE), OP(CLONE));
        if (has_user) {
                CHECK_BEFORE(c, OP(CLONE), OP(WRITE_UID_MAP));
                CHECK_BEFORE(c, OP(WRITE_GID_MAP), SENT(MAPS_WRITTEN));
                CHECK_BEFORE(c, AWAITED(MAPS_WRITTEN), OP(BECOME_ROOT));
                CHECK_BEFORE(c, OP(BECOME_ROOT), OP(NEW_SESSION));
        }
        CHECK_HAS(c, OP(LOCK_MOUNTS), has_user);
        if (has_user) {
                CHECK_INT(c->program.ops[OP(LOCK_MOUNTS)].list, PROGRAM_HOST);
                CHECK_BEFORE(c, OP(LOCK_MOUNTS), OP(AWAIT_EXEC));
                /* After the last mount and flag; the working directory is entered anew. */
                CHECK_BEFORE(c, OP(MASK), find_last(c, PROGRAM_OP_LOCK_MOUNTS));
                CHECK_INT(find_last(c, PROGRAM_OP_LOCK_MOUNTS) + 1,
                        find_next(c, PROGRAM_OP_CHDIR, find_last(c, PROGRAM_OP_LOCK_MOUNTS)));
                CHECK_BEFORE(c, find_last(c, PROGRAM_OP_LOCK_MOUNTS), OP(BOUNDING));
        }
        if (has_user && HAS(c->set, FEATURE_READONLY))
                CHECK_BEFORE(c, OP(ROOT_READONLY), find_last(c, PROGRAM_OP_LOCK_MOUNTS));
        if (has_user && HAS(c->set, FEATURE_RUNTIME_HOOKS))
                CHECK_BEFORE(c, SENT(HOOKS_DONE), OP(LOCK_MOUNTS));
        CHECK_INT(c->program.ops[find(c, PROGRAM_OP_OOM_SCORE_ADJ)].stage,
                has_user ? STAGE_PREPARE : STAGE_IDENTITY);
        CHECK_BEFORE(c, OP(UNSHARE_CGROUP), OP(ATTACH_ROOTFS));
}

static void check_limits_and_gate(const Case *c)
{
        bool has_limits = HAS(c->set, FEATURE_LIMITS), has_gate = HAS(c->set, FEATURE_GATE);

        CHECK_HAS(c, OP(RAISE_LIMITS), has_limits);
        CHECK_HAS(c, OP(RESTORE_LIMITS), has_limits);
        CHECK_HAS(c, OP(GATE), has_gate);
        CHECK_HAS(c, OP(OPEN_GATE), has_gate);
        if (has_limits) {
                CHECK_BEFORE(c, OP(RAISE_LIMITS), OP(OPEN_ROOTFS));
                CHECK_BEFORE(c, AWAITED(SETUP_DONE), OP(RESTORE_LIMITS));
                CHECK_BEFORE(c, OP(RESTORE_LIMITS), SENT(LIMITS_RESTORED));
                CHECK_BEFORE(c, OP(RESTORE_LIMITS), OP(AWAIT_EXEC));
                CHECK_BEFORE(c, SENT(SETUP_DONE), AWAITED(LIMITS_RESTORED));
                CHECK_BEFORE(c, AWAITED(LIMITS_RESTORED), OP(EXEC));
        }
        if (has_gate) {
                CHECK_INT(c->program.ops[find(c, PROGRAM_OP_GATE)].number[0], 3);
                CHECK_BEFORE(c, SENT(AT_GATE), OP(GATE));
                CHECK_BEFORE(c, AWAITED(AT_GATE), OP(NOTIFY_READY));
                CHECK_BEFORE(c, OP(NOTIFY_READY), OP(AWAIT_EXEC));
                CHECK_BEFORE(c, OP(SET_CAPABILITIES), OP(GATE));
        }
        if (has_gate && has_limits)
                CHECK_BEFORE(c, AWAITED(LIMITS_RESTORED), SENT(AT_GATE));
        CHECK_BEFORE(c, OP(AWAIT_EXEC), find_last(c, PROGRAM_OP_NOTIFY_READY));
}

static void check_hooks(const Case *c)
{
        bool has_runtime = HAS(c->set, FEATURE_RUNTIME_HOOKS);
        bool has_container = HAS(c->set, FEATURE_CONTAINER_HOOKS);
        bool has_end = HAS(c->set, FEATURE_END_HOOKS);

        CHECK_HAS(c, OP(HOOK_STATE), has_runtime || has_container || has_end);
        CHECK_HAS(c, find_hook(c, "prestart"), has_runtime);
        CHECK_HAS(c, find_hook(c, "createContainer"), has_container);
        CHECK_HAS(c, find_hook(c, "poststop"), has_end);
        if (has_runtime) {
                CHECK_BEFORE(c, AWAITED(ROOTFS_READY), find_hook(c, "prestart"));
                CHECK_BEFORE(c, find_hook(c, "prestart"), find_hook(c, "createRuntime"));
                CHECK_BEFORE(c, find_hook(c, "createRuntime"), SENT(HOOKS_DONE));
                CHECK_BEFORE(c, find_last(c, PROGRAM_OP_SYMLINK), SENT(ROOTFS_READY));
                CHECK_BEFORE(c, AWAITED(HOOKS_DONE), OP(PIVOT));
                if (HAS(c->set, FEATURE_LIMITS))
                        CHECK_BEFORE(c, find_hook(c, "createRuntime"), OP(RESTORE_LIMITS));
        }
        if (has_container) {
                CHECK_BEFORE(c, find_hook(c, "createContainer"), OP(PIVOT));
                CHECK_BEFORE(c, OP(SET_CAPABILITIES), find_hook(c, "startContainer"));
                CHECK_BEFORE(c, find_hook(c, "startContainer"), OP(EXEC));
        }
        if (has_container && has_runtime)
                CHECK_BEFORE(c, AWAITED(HOOKS_DONE), find_hook(c, "createContainer"));
        if (has_container && HAS(c->set, FEATURE_GATE))
                CHECK_BEFORE(c, OP(GATE), find_hook(c, "startContainer"));
        /* Without a gate a start hook is part of the set-up, which has no limits. */
        if (has_container && HAS(c->set, FEATURE_LIMITS) && !HAS(c->set, FEATURE_GATE))
                CHECK_BEFORE(c, find_hook(c, "startContainer"), SENT(SETUP_DONE));
        if (has_end) {
                CHECK_BEFORE(c, OP(AWAIT_EXEC), find_hook(c, "poststart"));
                CHECK_BEFORE(c, find_hook(c, "poststart"), find_last(c, PROGRAM_OP_NOTIFY_READY));
        }
}

static void all_combinations(void)
{
        for (unsigned set = 0; set < 1U << _FEATURE_MAX; set++) {
                _cleanup_(case_done) Case c;

                compile(set, &c);
                check_messages(&c);
                check_identity(&c);
                check_root(&c);
                check_namespaces(&c);
                check_limits_and_gate(&c);
                check_hooks(&c);
        }
}

static void flags_of_the_context(void)
{
        PlanCase c = { .wants_no_pivot = true, .wants_no_new_keyring = true };
        _cleanup_free_ char *text = plan_case_program(&c);
        _cleanup_free_ char *usual = plan_case_program(&(PlanCase){ 0 });

        CHECK_LINE(text, "CHILD rootfs pivot flags=1");
        CHECK(!strstr(text, "new-keyring"));
        CHECK_LINE(usual, "CHILD rootfs pivot flags=0");
        CHECK_LINE(usual, "CHILD namespace new-keyring name=_ses.web");
}

static const Test tests[] = {
        TEST(all_combinations),
        TEST(flags_of_the_context),
};
TEST_MAIN(tests)
