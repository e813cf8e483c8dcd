/* Device rules as a program of the kernel's (cgroup-v2.rst, "Device controller"): the last rule
 * that says something about a kind of access decides it, so they stand there in reverse order, and
 * what is always allowed comes first. r3 holds the kinds of access that nothing has been said about
 * yet.
 *
 * The program is bytes for bpf(2); no header of the kernel's newer than the instructions is needed.
 */
#include "plan/plan-internal.h"

#include <linux/bpf.h>

enum { RULE_INSTRUCTIONS_MAX = 8, RULES_MAX = 4096 };
enum { ANY = -1, TYPE_MASK = 0xffff };

/* struct bpf_insn without its bit fields. */
typedef struct Instruction {
        uint8_t code;
        uint8_t registers; /* destination, source << 4 on little-endian machines */
        int16_t offset;
        int32_t immediate;
} Instruction;

_Static_assert(sizeof(Instruction) == sizeof(struct bpf_insn), "see bpf(2)");

typedef struct Builder {
        Instruction *items;
        size_t n;
} Builder;

typedef struct Rule {
        bool is_allow;
        char type; /* 'a', 'b', 'c' */
        int64_t major, minor;
        unsigned access;
} Rule;

static void add(
        Builder *b, uint8_t code, uint8_t dst, uint8_t src, int16_t offset, int32_t immediate)
{
        bool is_little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;

        b->items[b->n++] = (Instruction){
                .code = code,
                .registers = (uint8_t) (is_little ? dst | src << 4 : dst << 4 | src),
                .offset = offset,
                .immediate = immediate,
        };
}

static void add_return(Builder *b, bool is_allowed)
{
        add(b, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, is_allowed);
        add(b, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* r2 type, r3 access, r4 major, r5 minor of struct bpf_cgroup_dev_ctx. */
static void add_prologue(Builder *b)
{
        const uint8_t load = BPF_LDX | BPF_W | BPF_MEM;

        add(b, load, BPF_REG_2, BPF_REG_1, offsetof(struct bpf_cgroup_dev_ctx, access_type), 0);
        add(b, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_3, BPF_REG_2, 0, 0);
        add(b, BPF_ALU64 | BPF_RSH | BPF_K, BPF_REG_3, 0, 0, 16);
        add(b, BPF_ALU64 | BPF_AND | BPF_K, BPF_REG_2, 0, 0, TYPE_MASK);
        add(b, load, BPF_REG_4, BPF_REG_1, offsetof(struct bpf_cgroup_dev_ctx, major), 0);
        add(b, load, BPF_REG_5, BPF_REG_1, offsetof(struct bpf_cgroup_dev_ctx, minor), 0);
}

/* Goes on behind the rule unless the register has this value. The distance is filled in later. */
static void add_condition(Builder *b, uint8_t reg, int32_t value)
{
        add(b, BPF_JMP | BPF_JNE | BPF_K, reg, 0, 0, value);
}

static void add_rule(Builder *b, const Rule *rule)
{
        size_t first = b->n, last;

        if (rule->access == 0)
                return;
        if (rule->type != 'a')
                add_condition(
                        b, BPF_REG_2, rule->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
        if (rule->major != ANY)
                add_condition(b, BPF_REG_4, (int32_t) rule->major);
        if (rule->minor != ANY)
                add_condition(b, BPF_REG_5, (int32_t) rule->minor);
        last = b->n;
        if (rule->is_allow) {
                /* Answered; allowed when that was all. */
                add(b, BPF_ALU64 | BPF_AND | BPF_K, BPF_REG_3, 0, 0, ~(int32_t) rule->access);
                add(b, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_3, 0, 2, 0);
        } else {
                add(b, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_0, BPF_REG_3, 0, 0);
                add(b, BPF_ALU64 | BPF_AND | BPF_K, BPF_REG_0, 0, 0, (int32_t) rule->access);
                add(b, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, 2, 0);
        }
        add_return(b, rule->is_allow);
        for (size_t i = first; i < last; i++)
                b->items[i].offset = (int16_t) (b->n - i - 1);
}

/* What every container has, and the making of its own nodes: plan-devices.c has the same list. */
static void add_always_allowed(Builder *b, const Spec *spec, PlanMode mode)
{
        add_rule(b, &(Rule){ true, 'c', PLAN_PTS_MAJOR, ANY, PLAN_DEVICE_ALL });
        for (size_t i = 0; i < plan_n_default_devices; i++)
                add_rule(b, &(Rule){ true, 'c', plan_default_devices[i].major,
                                    plan_default_devices[i].minor, PLAN_DEVICE_ALL });
        for (size_t i = 0; i < spec->linux_.n_devices; i++) {
                const SpecDevice *d = &spec->linux_.devices[i];

                if (d->type != 'p')
                        add_rule(
                                b, &(Rule){ true, d->type, d->major, d->minor, PLAN_DEVICE_MKNOD });
        }
        if (mode != PLAN_SERVICE) {
                add_rule(b, &(Rule){ true, 'c', ANY, ANY, PLAN_DEVICE_MKNOD });
                add_rule(b, &(Rule){ true, 'b', ANY, ANY, PLAN_DEVICE_MKNOD });
        }
}

int plan_add_device_program(Plan *p)
{
        const SpecResources *r = &p->spec->linux_.resources;
        _cleanup_free_ Instruction *items = NULL;
        size_t n_rules = r->n_devices + p->spec->linux_.n_devices + plan_n_default_devices + 5;
        ProgramBuilder *out = &p->program;
        Builder b = { 0 };

        if (n_rules > RULES_MAX)
                return plan_unsupported(p->err, "linux.resources.devices",
                        "%zu rules are too many for one program", r->n_devices);
        items = calloc(n_rules, (size_t) RULE_INSTRUCTIONS_MAX * sizeof(*items));
        if (!items)
                return plan_no_memory(p->err);
        b.items = items;
        add_prologue(&b);
        add_always_allowed(&b, p->spec, p->ctx->mode);
        for (size_t i = r->n_devices; i > 0; i--) {
                const SpecDeviceRule *rule = &r->devices[i - 1];

                add_rule(&b, &(Rule){ rule->is_allow, rule->type,
                                     rule->major.is_set ? rule->major.value : ANY,
                                     rule->minor.is_set ? rule->minor.value : ANY,
                                     plan_device_access(rule) });
        }
        add_return(&b, false);
        program_add(out, p->ctx->mode == PLAN_SERVICE ? STAGE_PREPARE : STAGE_ATTEND,
                (ProgramOp){ .opcode = PROGRAM_OP_DEVICE_FILTER,
                        .data = { program_add_blob(out, items, b.n * sizeof(*items)) } });
        return 0;
}
