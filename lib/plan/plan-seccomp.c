/* linux.seccomp to the bytes of a filter, by libseccomp. The result depends on the section, the
 * machine's architecture and the version of libseccomp, never on the running kernel: that the
 * kernel knows an action or a flag shows when the filter is loaded.
 *
 * A filter that answers what it does not name with an error answers calls newer than everything it
 * names with ENOSYS, so that a C library falls back to the older call (the profile's author could
 * not know them; an EPERM would be taken as an answer). */
#include "plan/plan-internal.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum {
        API_LEVEL = 6,     /* everything Debian 12's libseccomp knows, whatever the kernel is */
        OPTIMIZE_TREE = 2, /* a binary tree instead of a list */
        ARCHITECTURE_MAX = 32,
        PROLOGUE_OPS_PER_ARCHITECTURE = 5,
        X32_FIRST_CALL = 0x40000000,
        SECCOMP_ARG_MAX = 6,
        PLAIN_CALL_MAX = 1024,
};

typedef struct Architecture {
        uint32_t token; /* SCMP_ARCH_*, which is AUDIT_ARCH_* but for x32 */
        int last_call;  /* the largest number that the section names; -1 = none */
} Architecture;

typedef struct Compiler {
        const SpecSeccomp *s;
        scmp_filter_ctx filter;
        Architecture architectures[ARCHITECTURE_MAX];
        size_t n_architectures;
        CtrError *err;
        /* Calls that have a rule without conditions, and its action: libseccomp takes 0.1 ms to
         * find out that another one says the same, and profiles that are put together from parts
         * say everything many times. */
        uint32_t plain_action[PLAIN_CALL_MAX];
        bool has_plain_rule[PLAIN_CALL_MAX];
} Compiler;

static void compiler_done(Compiler *c)
{
        if (c->filter)
                seccomp_release(c->filter);
}

static uint32_t action_value(SpecSeccompAction action, OptU32 errno_ret)
{
        uint32_t value = errno_ret.is_set ? errno_ret.value : EPERM;

        switch (action) {
        case SPEC_SECCOMP_KILL_PROCESS:
                return SCMP_ACT_KILL_PROCESS;
        case SPEC_SECCOMP_TRAP:
                return SCMP_ACT_TRAP;
        case SPEC_SECCOMP_ERRNO:
                return SCMP_ACT_ERRNO(value);
        case SPEC_SECCOMP_TRACE:
                return SCMP_ACT_TRACE(value);
        case SPEC_SECCOMP_ALLOW:
                return SCMP_ACT_ALLOW;
        case SPEC_SECCOMP_LOG:
                return SCMP_ACT_LOG;
        case SPEC_SECCOMP_NOTIFY:
                return SCMP_ACT_NOTIFY;
        default:
                return SCMP_ACT_KILL_THREAD;
        }
}

static int fail(Compiler *c, const char *field, int r)
{
        (void) ctr_error_field(c->err, field, "libseccomp cannot compile this: %s", strerror(-r));
        return r == -ENOMEM ? plan_no_memory(c->err) : r;
}

/* The native architecture is always part of the filter. */
static int add_architectures(Compiler *c)
{
        c->architectures[c->n_architectures++].token = seccomp_arch_native();
        for (size_t i = 0; i < c->s->architectures.n; i++) {
                static const char prefix[] = "SCMP_ARCH_";
                const char *text = c->s->architectures.items[i];
                char name[32] = "", field[PLAN_FIELD_MAX];
                uint32_t token;
                int r;

                (void) plan_field(field, "linux.seccomp.architectures[%zu]", i);
                if (strncmp(text, prefix, strlen(prefix)) == 0)
                        text += strlen(prefix);
                for (size_t k = 0; text[k] && k < sizeof(name) - 1; k++)
                        name[k] = (char) (text[k] >= 'A' && text[k] <= 'Z' ? text[k] | 0x20
                                                                           : text[k]);
                token = seccomp_arch_resolve_name(name);
                if (token == 0)
                        return plan_unsupported(c->err, field,
                                "this libseccomp does not know \"%s\"",
                                c->s->architectures.items[i]);
                r = seccomp_arch_add(c->filter, token);
                if (r == -EEXIST)
                        continue;
                if (r == -EDOM)
                        return plan_unsupported(c->err, field,
                                "\"%s\" has another byte order than this machine, which has "
                                "none of its calls: remove it",
                                c->s->architectures.items[i]);
                if (r < 0)
                        return fail(c, field, r);
                if (c->n_architectures < ARCHITECTURE_MAX)
                        c->architectures[c->n_architectures++].token = token;
        }
        return 0;
}

/* Whether two conditions look at the same argument: libseccomp takes one per argument. */
static bool has_repeated_argument(const SpecSeccompRule *rule)
{
        unsigned seen = 0;

        for (size_t i = 0; i < rule->n_args; i++) {
                unsigned bit = 1U << rule->args[i].index;

                if (seen & bit)
                        return true;
                seen |= bit;
        }
        return false;
}

static struct scmp_arg_cmp make_condition(const SpecSeccompArg *a)
{
        return (struct scmp_arg_cmp){
                .arg = a->index,
                .op = (enum scmp_compare) a->op,
                .datum_a = a->value,
                .datum_b = a->value_two,
        };
}

/* Conditions on different arguments must all hold. With several on one argument each is a rule of
 * its own, any of which is enough: what other runtimes make of such profiles. */
static int add_call(Compiler *c, const SpecSeccompRule *rule, uint32_t action, int call)
{
        struct scmp_arg_cmp conditions[SECCOMP_ARG_MAX];
        bool is_plain = rule->n_args == 0 && call >= 0 && call < PLAIN_CALL_MAX;
        int r = 0;

        if (is_plain && c->has_plain_rule[call] && c->plain_action[call] == action)
                return 0;
        if (is_plain && !c->has_plain_rule[call]) {
                c->has_plain_rule[call] = true;
                c->plain_action[call] = action;
        }
        if (has_repeated_argument(rule)) {
                for (size_t i = 0; i < rule->n_args && r >= 0; i++) {
                        conditions[0] = make_condition(&rule->args[i]);
                        r = seccomp_rule_add_array(c->filter, action, call, 1, conditions);
                        if (r == -EEXIST)
                                r = 0;
                }
                return r;
        }
        for (size_t i = 0; i < rule->n_args; i++)
                conditions[i] = make_condition(&rule->args[i]);
        r = seccomp_rule_add_array(c->filter, action, call, (unsigned) rule->n_args, conditions);
        return r == -EEXIST ? 0 : r;
}

static int add_rule(Compiler *c, size_t index, uint32_t default_action)
{
        const SpecSeccompRule *rule = &c->s->rules[index];
        uint32_t action = action_value(rule->action, rule->errno_ret);
        char field[PLAN_FIELD_MAX];

        if (action == default_action)
                return 0; /* says nothing new, and libseccomp would refuse it */
        for (size_t i = 0; i < rule->names.n; i++) {
                int call = seccomp_syscall_resolve_name(rule->names.items[i]), r;

                if (call == __NR_SCMP_ERROR && c->s->refuses_unknown_calls)
                        return plan_unsupported(c->err,
                                plan_field(
                                        field, "linux.seccomp.syscalls[%zu].names[%zu]", index, i),
                                "this libseccomp does not know the system call \"%s\"",
                                rule->names.items[i]);
                if (call == __NR_SCMP_ERROR)
                        continue; /* of another kernel: profiles name more than one machine has */
                r = add_call(c, rule, action, call);
                if (r < 0)
                        return fail(c,
                                plan_field(
                                        field, "linux.seccomp.syscalls[%zu].names[%zu]", index, i),
                                r);
        }
        return 0;
}

static void find_last_calls(Compiler *c)
{
        for (size_t i = 0; i < c->n_architectures; i++) {
                Architecture *a = &c->architectures[i];

                a->last_call = -1;
                for (size_t k = 0; k < c->s->n_rules; k++)
                        for (size_t n = 0; n < c->s->rules[k].names.n; n++)
                                a->last_call = MAX_OF(
                                        a->last_call, seccomp_syscall_resolve_name_arch(a->token,
                                                              c->s->rules[k].names.items[n]));
        }
}

/* "call number above the last one named: ENOSYS" for each architecture; everything else goes on to
 * the filter, which loads what it needs itself. x32 shares its token with x86_64 and is told by a
 * bit of the number. Returns the number of instructions. */
static size_t write_prologue(const Compiler *c, struct sock_filter *ret)
{
        const uint32_t arch_offset = offsetof(struct seccomp_data, arch);
        const uint32_t nr_offset = offsetof(struct seccomp_data, nr);
        size_t n = 0, n_blocks = 0, end;

        for (size_t i = 0; i < c->n_architectures; i++)
                if (c->architectures[i].last_call >= 0 &&
                        c->architectures[i].token != SCMP_ARCH_X32)
                        n_blocks++;
        end = 1 + n_blocks * PROLOGUE_OPS_PER_ARCHITECTURE;
        if (n_blocks == 0)
                return 0;

        ret[n++] = (struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, arch_offset);
        for (size_t i = 0; i < c->n_architectures; i++) {
                const Architecture *a = &c->architectures[i];
                uint32_t limit = a->token == SCMP_ARCH_X86_64 ? X32_FIRST_CALL : UINT32_MAX;

                if (a->last_call < 0 || a->token == SCMP_ARCH_X32)
                        continue;
                ret[n++] = (struct sock_filter) BPF_JUMP(
                        BPF_JMP | BPF_JEQ | BPF_K, a->token, 0, PROLOGUE_OPS_PER_ARCHITECTURE - 1);
                ret[n++] = (struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, nr_offset);
                ret[n] = (struct sock_filter) BPF_JUMP(
                        BPF_JMP | BPF_JGE | BPF_K, limit, (uint8_t) (end - n - 1), 0);
                n++;
                ret[n] = (struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K,
                        (uint32_t) a->last_call, 0, (uint8_t) (end - n - 1));
                n++;
                ret[n++] =
                        (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
        }
        return n;
}

/* libseccomp writes to a descriptor only. */
static int export_filter(Compiler *c, const struct sock_filter *prologue, size_t n_prologue,
        void **ret, size_t *ret_size)
{
        _cleanup_close_ int fd = memfd_create("seccomp", MFD_CLOEXEC);
        size_t prologue_size = n_prologue * sizeof(*prologue), size;
        _cleanup_free_ char *bytes = NULL;
        struct stat st;
        int r;

        if (fd < 0)
                return ctr_error_set(c->err, CTR_ERROR_SYSTEM, errno, "memfd_create");
        r = seccomp_export_bpf(c->filter, fd);
        if (r < 0)
                return fail(c, "linux.seccomp", r);
        if (fstat(fd, &st) < 0)
                return ctr_error_set(c->err, CTR_ERROR_SYSTEM, errno, "exported filter");

        size = prologue_size + (size_t) st.st_size;
        if (size / sizeof(struct sock_filter) > BPF_MAXINSNS)
                return plan_unsupported(c->err, "linux.seccomp",
                        "the filter has %zu instructions, the kernel takes %d: name fewer "
                        "architectures or calls",
                        size / sizeof(struct sock_filter), BPF_MAXINSNS);
        bytes = malloc(size);
        if (!bytes)
                return plan_no_memory(c->err);
        if (prologue_size > 0)
                memcpy(bytes, prologue, prologue_size);
        if (pread(fd, bytes + prologue_size, size - prologue_size, 0) !=
                (ssize_t) (size - prologue_size))
                return ctr_error_set(c->err, CTR_ERROR_SYSTEM, EIO, "exported filter");
        *ret = TAKE_PTR(bytes);
        *ret_size = size;
        return 0;
}

int plan_seccomp_compile(const SpecSeccomp *s, void **ret_filter, size_t *ret_size, CtrError *err)
{
        struct sock_filter prologue[1 + ARCHITECTURE_MAX * PROLOGUE_OPS_PER_ARCHITECTURE];
        _cleanup_(compiler_done) Compiler c = { .s = s, .err = err };
        uint32_t default_action = action_value(s->default_action, s->default_errno_ret);
        size_t n_prologue = 0;
        int r;

        /* Without it libseccomp asks the running kernel what it can do. */
        (void) seccomp_api_set(API_LEVEL);
        c.filter = seccomp_init(default_action);
        if (!c.filter)
                return plan_no_memory(err);
        r = add_architectures(&c);
        for (size_t i = 0; i < s->n_rules && r >= 0; i++)
                r = add_rule(&c, i, default_action);
        if (r < 0)
                return r;
        (void) seccomp_attr_set(c.filter, SCMP_FLTATR_CTL_OPTIMIZE, OPTIMIZE_TREE);
        if (s->default_action == SPEC_SECCOMP_ERRNO) {
                find_last_calls(&c);
                n_prologue = write_prologue(&c, prologue);
        }
        return export_filter(&c, prologue, n_prologue, ret_filter, ret_size);
}
