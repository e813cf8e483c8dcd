/* Seccomp filters, by running them: a small interpreter of the kernel's filter instructions says
 * what each call would get. */
#include "plan/plan-internal.h"
#include "unit/plan-case.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/syscall.h>

typedef struct Filter {
        struct sock_filter *ops;
        size_t n;
} Filter;

static void filter_done(Filter *f)
{
        free(f->ops);
}

/* Takes the section with ' for ". */
static Filter compile(const char *section)
{
        _cleanup_free_ char *linux_ = NULL;
        _cleanup_(spec_freep) Spec *spec = NULL;
        CtrError err = { 0 };
        void *bytes = NULL;
        size_t size;

        CHECK(asprintf(&linux_, ",'seccomp':%s", section) > 0);
        spec = plan_case_spec(&(PlanCase){ .linux_ = linux_ });
        CHECK_OK(plan_seccomp_compile(&spec->linux_.seccomp, &bytes, &size, &err), err);
        CHECK_INT(size % sizeof(struct sock_filter), 0);
        return (Filter){ bytes, size / sizeof(struct sock_filter) };
}

static bool jump_is_taken(const struct sock_filter *op, uint32_t a)
{
        switch (BPF_OP(op->code)) {
        case BPF_JEQ:
                return a == op->k;
        case BPF_JGT:
                return a > op->k;
        case BPF_JGE:
                return a >= op->k;
        case BPF_JSET:
                return (a & op->k) != 0;
        default:
                test_fail(__FILE__, __LINE__, "unknown jump 0x%x", op->code);
        }
}

static uint32_t run(const Filter *f, const struct seccomp_data *data)
{
        uint32_t a = 0, scratch[BPF_MEMWORDS] = { 0 };

        for (size_t pc = 0; pc < f->n; pc++) {
                const struct sock_filter *op = &f->ops[pc];

                switch (op->code) {
                case BPF_LD | BPF_W | BPF_ABS:
                        CHECK(op->k + 4 <= sizeof(*data));
                        memcpy(&a, (const char *) data + op->k, 4);
                        break;
                case BPF_LD | BPF_MEM:
                        a = scratch[op->k];
                        break;
                case BPF_ST:
                        scratch[op->k] = a;
                        break;
                case BPF_ALU | BPF_AND | BPF_K:
                        a &= op->k;
                        break;
                case BPF_JMP | BPF_JA:
                        pc += op->k;
                        break;
                case BPF_RET | BPF_K:
                        return op->k;
                default:
                        CHECK_INT(BPF_CLASS(op->code), BPF_JMP);
                        pc += jump_is_taken(op, a) ? op->jt : op->jf;
                }
        }
        test_fail(__FILE__, __LINE__, "the filter has no end");
}

static uint32_t call_of(const Filter *f, uint32_t arch, int nr, uint64_t arg0, uint64_t arg1)
{
        return run(f, &(struct seccomp_data){ .nr = nr, .arch = arch, .args = { arg0, arg1 } });
}

static uint32_t native(const Filter *f, int nr, uint64_t arg0, uint64_t arg1)
{
        return call_of(f, seccomp_arch_native(), nr, arg0, arg1);
}

static void deny_list(void)
{
        _cleanup_(filter_done) Filter f =
                compile("{'defaultAction':'SCMP_ACT_ALLOW','syscalls':["
                        "{'names':['mkdirat','no_such_call_ever'],'action':'SCMP_ACT_ERRNO'},"
                        "{'names':['unlinkat'],'action':'SCMP_ACT_ERRNO','errnoRet':38},"
                        "{'names':['renameat2'],'action':'SCMP_ACT_KILL'},"
                        "{'names':['swapon'],'action':'SCMP_ACT_KILL_PROCESS'},"
                        "{'names':['swapoff'],'action':'SCMP_ACT_TRAP'},"
                        "{'names':['reboot'],'action':'SCMP_ACT_TRACE','errnoRet':7},"
                        "{'names':['sync'],'action':'SCMP_ACT_LOG'},"
                        "{'names':['getpid'],'action':'SCMP_ACT_ALLOW'}]}");

        CHECK_INT(native(&f, SYS_mkdirat, 0, 0), SECCOMP_RET_ERRNO | EPERM);
        CHECK_INT(native(&f, SYS_unlinkat, 0, 0), SECCOMP_RET_ERRNO | ENOSYS);
        CHECK_INT(native(&f, SYS_renameat2, 0, 0), SECCOMP_RET_KILL_THREAD);
        CHECK_INT(native(&f, SYS_swapon, 0, 0), SECCOMP_RET_KILL_PROCESS);
        CHECK_INT(native(&f, SYS_swapoff, 0, 0), SECCOMP_RET_TRAP);
        CHECK_INT(native(&f, SYS_reboot, 0, 0), SECCOMP_RET_TRACE | 7);
        CHECK_INT(native(&f, SYS_sync, 0, 0), SECCOMP_RET_LOG);
        CHECK_INT(native(&f, SYS_getpid, 0, 0), SECCOMP_RET_ALLOW);
        CHECK_INT(native(&f, SYS_read, 0, 0), SECCOMP_RET_ALLOW);
        /* Calls that nobody knew are allowed like the rest. */
        CHECK_INT(native(&f, 5000, 0, 0), SECCOMP_RET_ALLOW);
        /* Another architecture is never let through. */
        CHECK_INT(call_of(&f, AUDIT_ARCH_S390X, SYS_read, 0, 0), SECCOMP_RET_KILL_THREAD);
}

static void allow_list(void)
{
        _cleanup_(filter_done) Filter f =
                compile("{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':13,'syscalls':["
                        "{'names':['read','write','openat2'],'action':'SCMP_ACT_ALLOW'}]}");

        CHECK_INT(native(&f, SYS_read, 0, 0), SECCOMP_RET_ALLOW);
        CHECK_INT(native(&f, SYS_openat2, 0, 0), SECCOMP_RET_ALLOW);
        CHECK_INT(native(&f, SYS_mkdirat, 0, 0), SECCOMP_RET_ERRNO | 13);
        /* Newer than everything named. */
        CHECK_INT(native(&f, SYS_openat2 + 1, 0, 0), SECCOMP_RET_ERRNO | ENOSYS);
        CHECK_INT(native(&f, 0x3fffffff, 0, 0), SECCOMP_RET_ERRNO | ENOSYS);
}

static void killing_default(void)
{
        _cleanup_(filter_done) Filter f = compile("{'defaultAction':'SCMP_ACT_KILL_PROCESS',"
                                                  "'syscalls':[{'names':['read'],'action':"
                                                  "'SCMP_ACT_ALLOW'}]}");

        CHECK_INT(native(&f, SYS_write, 0, 0), SECCOMP_RET_KILL_PROCESS);
        CHECK_INT(native(&f, 5000, 0, 0), SECCOMP_RET_KILL_PROCESS);
}

#define COMPARE(op, value, two)                                                                    \
        "{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{'names':['kill'],'action':"                \
        "'SCMP_ACT_ERRNO','args':[{'index':0,'op':'SCMP_CMP_" op "','value':" value                \
        ",'valueTwo':" two "}]}]}"

static void comparisons(void)
{
        static const struct {
                const char *section;
                uint64_t arg;
                bool is_hit;
        } cases[] = {
                { COMPARE("NE", "5", "0"), 4, true },
                { COMPARE("NE", "5", "0"), 5, false },
                { COMPARE("LT", "5", "0"), 4, true },
                { COMPARE("LT", "5", "0"), 5, false },
                { COMPARE("LE", "5", "0"), 5, true },
                { COMPARE("LE", "5", "0"), 6, false },
                { COMPARE("EQ", "5", "0"), 5, true },
                { COMPARE("EQ", "5", "0"), UINT64_C(0x100000005), false },
                { COMPARE("GE", "5", "0"), 5, true },
                { COMPARE("GE", "5", "0"), 4, false },
                { COMPARE("GT", "5", "0"), 6, true },
                { COMPARE("GT", "5", "0"), 5, false },
                { COMPARE("MASKED_EQ", "12", "8"), 8 + 3, true },
                { COMPARE("MASKED_EQ", "12", "8"), 12, false },
                { COMPARE("EQ", "18446744073709551615", "0"), UINT64_MAX, true },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(filter_done) Filter f = compile(cases[i].section);

                CHECK_INT(native(&f, SYS_kill, cases[i].arg, 0),
                        cases[i].is_hit ? SECCOMP_RET_ERRNO | EPERM : SECCOMP_RET_ALLOW);
        }
}

static void several_arguments(void)
{
        _cleanup_(filter_done) Filter both =
                compile("{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{'names':['kill'],'action':"
                        "'SCMP_ACT_ERRNO','args':[{'index':0,'op':'SCMP_CMP_EQ','value':1},"
                        "{'index':1,'op':'SCMP_CMP_EQ','value':9}]}]}");
        _cleanup_(filter_done) Filter either = compile(
                "{'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'names':['personality'],"
                "'action':'SCMP_ACT_ALLOW','args':[{'index':0,'op':'SCMP_CMP_EQ','value':0},"
                "{'index':0,'op':'SCMP_CMP_EQ','value':8}]}]}");

        CHECK_INT(native(&both, SYS_kill, 1, 9), SECCOMP_RET_ERRNO | EPERM);
        CHECK_INT(native(&both, SYS_kill, 1, 8), SECCOMP_RET_ALLOW);
        CHECK_INT(native(&both, SYS_kill, 2, 9), SECCOMP_RET_ALLOW);
        CHECK_INT(native(&either, SYS_personality, 0, 0), SECCOMP_RET_ALLOW);
        CHECK_INT(native(&either, SYS_personality, 8, 0), SECCOMP_RET_ALLOW);
        CHECK_INT(native(&either, SYS_personality, 4, 0), SECCOMP_RET_ERRNO | EPERM);
}

#if defined(__x86_64__)
/* Numbers of the other architectures of an x86-64 kernel. */
enum { X86_READ = 3, X86_MKDIR = 39, X32_READ = 0x40000000, X32_MKDIR = 0x40000000 + SYS_mkdir };

static void architectures(void)
{
        _cleanup_(filter_done) Filter f =
                compile("{'defaultAction':'SCMP_ACT_ERRNO','architectures':['SCMP_ARCH_X86_64',"
                        "'SCMP_ARCH_X86','SCMP_ARCH_X32'],'syscalls':[{'names':['read','openat2'],"
                        "'action':'SCMP_ACT_ALLOW'}]}");
        _cleanup_(filter_done) Filter one =
                compile("{'defaultAction':'SCMP_ACT_ERRNO','syscalls':["
                        "{'names':['read'],'action':'SCMP_ACT_ALLOW'}]}");

        CHECK_INT(call_of(&f, AUDIT_ARCH_X86_64, SYS_read, 0, 0), SECCOMP_RET_ALLOW);
        CHECK_INT(call_of(&f, AUDIT_ARCH_I386, X86_READ, 0, 0), SECCOMP_RET_ALLOW);
        CHECK_INT(call_of(&f, AUDIT_ARCH_I386, X86_MKDIR, 0, 0), SECCOMP_RET_ERRNO | EPERM);
        CHECK_INT(call_of(&f, AUDIT_ARCH_I386, 5000, 0, 0), SECCOMP_RET_ERRNO | ENOSYS);
        CHECK_INT(call_of(&f, AUDIT_ARCH_X86_64, X32_READ, 0, 0), SECCOMP_RET_ALLOW);
        CHECK_INT(call_of(&f, AUDIT_ARCH_X86_64, X32_MKDIR, 0, 0), SECCOMP_RET_ERRNO | EPERM);
        /* x32 was not asked for */
        CHECK_INT(call_of(&one, AUDIT_ARCH_X86_64, X32_READ, 0, 0), SECCOMP_RET_KILL_THREAD);
        CHECK_INT(call_of(&one, AUDIT_ARCH_I386, X86_READ, 0, 0), SECCOMP_RET_KILL_THREAD);
}
#else
static void architectures(void)
{
        test_skip("numbers of x86-64 only");
}
#endif

static void unknown_architecture(void)
{
        _cleanup_(spec_freep) Spec *spec = plan_case_spec(
                &(PlanCase){ .linux_ = ",'seccomp':{'defaultAction':'SCMP_ACT_ALLOW',"
                                       "'architectures':['SCMP_ARCH_M68K']}" });
        void *bytes = NULL;
        CtrError err = { 0 };
        size_t size;
        int r = plan_seccomp_compile(&spec->linux_.seccomp, &bytes, &size, &err);

        if (seccomp_arch_resolve_name("m68k") != 0)
                test_skip("this libseccomp knows every architecture of the specification");
        CHECK(r < 0);
        CHECK_INT(err.code, CTR_ERROR_UNSUPPORTED);
        CHECK_STR(err.field, "linux.seccomp.architectures[0]");
}

static void other_byte_order(void)
{
        _cleanup_(spec_freep) Spec *spec = plan_case_spec(&(PlanCase){
                .linux_ = ",'seccomp':{'defaultAction':'SCMP_ACT_ALLOW',"
                          "'architectures':['SCMP_ARCH_S390X','SCMP_ARCH_PPC64LE']}" });
        void *bytes = NULL;
        CtrError err = { 0 };
        size_t size;
        bool is_big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;

        CHECK(plan_seccomp_compile(&spec->linux_.seccomp, &bytes, &size, &err) < 0);
        CHECK_INT(err.code, CTR_ERROR_UNSUPPORTED);
        CHECK_STR(err.field,
                is_big ? "linux.seccomp.architectures[1]" : "linux.seccomp.architectures[0]");
        CHECK_CONTAINS(err.message, "another byte order");
}

/* The same section gives the same bytes. */
static void is_reproducible(void)
{
        static const char section[] =
                "{'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'names':['read','write','mkdir',"
                "'kill','openat'],'action':'SCMP_ACT_ALLOW'}]}";
        _cleanup_(filter_done) Filter first = compile(section), second = compile(section);

        CHECK_INT(first.n, second.n);
        CHECK(memcmp(first.ops, second.ops, first.n * sizeof(*first.ops)) == 0);
}

static const Test tests[] = {
        TEST(deny_list),
        TEST(allow_list),
        TEST(killing_default),
        TEST(comparisons),
        TEST(several_arguments),
        TEST(architectures),
        TEST(unknown_architecture),
        TEST(other_byte_order),
        TEST(is_reproducible),
};
TEST_MAIN(tests)
