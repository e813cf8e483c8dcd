/* Device rules as a program of the kernel's: run here by an interpreter of the instructions that it
 * is made of, and compared with the rules themselves. */
#include "plan/plan-internal.h"
#include "unit/plan-case.h"

#include <linux/bpf.h>

enum { ANY = -1, MAJORS = 12, MINORS = 6, STEPS_MAX = 20000 };

typedef struct Program8 {
        const uint8_t *bytes;
        size_t n; /* instructions */
} Program8;

typedef struct Device {
        uint32_t type, access, major, minor;
} Device;

/* One instruction; returns false at the end of the program. Jumps only go on, as in the kernel. */
static bool step(const uint8_t *i, size_t *pc, uint64_t r[static 11], const Device *d)
{
        int16_t offset;
        int32_t imm;
        unsigned dst = i[1] & 0xf, src = i[1] >> 4;
        uint32_t context[3] = { d->access << 16 | d->type, d->major, d->minor };

        memcpy(&offset, i + 2, sizeof(offset));
        memcpy(&imm, i + 4, sizeof(imm));
        CHECK(dst <= 10 && src <= 10 && offset >= 0);
        *pc += 1;
        switch (i[0]) {
        case BPF_LDX | BPF_W | BPF_MEM:
                CHECK(src == 1 && offset % 4 == 0 && offset < 12);
                r[dst] = context[offset / 4];
                return true;
        case BPF_ALU64 | BPF_MOV | BPF_X:
                r[dst] = r[src];
                return true;
        case BPF_ALU64 | BPF_MOV | BPF_K:
                r[dst] = (uint64_t) (int64_t) imm;
                return true;
        case BPF_ALU64 | BPF_RSH | BPF_K:
                r[dst] >>= imm;
                return true;
        case BPF_ALU64 | BPF_AND | BPF_K:
                r[dst] &= (uint64_t) (int64_t) imm;
                return true;
        case BPF_JMP | BPF_JNE | BPF_K:
                *pc += r[dst] != (uint64_t) (int64_t) imm ? (size_t) offset : 0;
                return true;
        case BPF_JMP | BPF_JEQ | BPF_K:
                *pc += r[dst] == (uint64_t) (int64_t) imm ? (size_t) offset : 0;
                return true;
        case BPF_JMP | BPF_EXIT:
                return false;
        default:
                test_fail(__FILE__, __LINE__, "instruction %#x", i[0]);
                return false;
        }
}

static bool run(const Program8 *p, const Device *d)
{
        uint64_t r[11] = { 0 };
        size_t pc = 0;

        for (unsigned steps = 0;; steps++) {
                CHECK(pc < p->n && steps < STEPS_MAX);
                if (!step(p->bytes + pc * 8, &pc, r, d))
                        return r[0] != 0;
        }
}

/* The rules in the order of the configuration, one bit after the other. */
static bool expected(const Spec *spec, const Device *d)
{
        const SpecResources *r = &spec->linux_.resources;
        unsigned granted = 0;

        for (size_t i = 0; i < r->n_devices; i++) {
                const SpecDeviceRule *rule = &r->devices[i];
                char type = d->type == BPF_DEVCG_DEV_BLOCK ? 'b' : 'c';

                if ((rule->type != 'a' && rule->type != type) ||
                        (rule->major.is_set && rule->major.value != d->major) ||
                        (rule->minor.is_set && rule->minor.value != d->minor))
                        continue;
                if (rule->is_allow)
                        granted |= plan_device_access(rule);
                else
                        granted &= ~plan_device_access(rule);
        }
        for (size_t i = 0; i < plan_n_default_devices; i++)
                if (d->type == BPF_DEVCG_DEV_CHAR && plan_default_devices[i].major == d->major &&
                        plan_default_devices[i].minor == d->minor)
                        granted = PLAN_DEVICE_ALL;
        if (d->type == BPF_DEVCG_DEV_CHAR && d->major == PLAN_PTS_MAJOR)
                granted = PLAN_DEVICE_ALL;
        /* Engines' containers can make every node. */
        return ((granted | PLAN_DEVICE_MKNOD) & d->access) == d->access;
}

/* The filter of a program, NULL when it has none. Valid as long as the bytes. */
static const ProgramOp *find_filter(const Program *program)
{
        for (uint32_t i = 0; i < program->header->n_ops; i++)
                if (program->ops[i].opcode == PROGRAM_OP_DEVICE_FILTER)
                        return &program->ops[i];
        return NULL;
}

static bool has_filter(const Spec *spec, PlanMode mode, void **ret, Program8 *filter)
{
        PlanContext ctx = plan_case_context(&(PlanCase){ 0 });
        CtrError err = { 0 };
        const ProgramOp *op;
        Program program;
        size_t size;

        ctx.mode = mode;
        CHECK_INT(plan_program(spec, &ctx, ret, &size, &err), 0);
        CHECK_INT(program_open(*ret, size, &program, &err), 0);
        op = find_filter(&program);
        if (!op)
                return false;
        *filter = (Program8){ (const uint8_t *) program_string(&program, op->data[0]),
                op->data[0].size / 8 };
        return true;
}

static void compare(const Spec *spec, const Program8 *filter)
{
        static const uint32_t majors[MAJORS] = { 0, 1, 2, 5, 7, 8, 9, 10, 11, 135, 136, 4095 };
        static const uint32_t minors[MINORS] = { 0, 1, 2, 3, 4, 1048575 };

        for (uint32_t type = 1; type <= 2; type++)
                for (uint32_t access = 1; access <= 7; access++)
                        for (size_t i = 0; i < MAJORS; i++)
                                for (size_t k = 0; k < MINORS; k++) {
                                        Device d = { type, access, majors[i], minors[k] };

                                        if (run(filter, &d) != expected(spec, &d))
                                                test_fail(__FILE__, __LINE__,
                                                        "type %u access %u device %u:%u", type,
                                                        access, d.major, d.minor);
                                }
}

static void check_rules(const char *rules)
{
        char linux_[4096];
        _cleanup_(spec_freep) Spec *spec = NULL;
        _cleanup_free_ void *bytes = NULL;
        Program8 filter;

        (void) snprintf(linux_, sizeof(linux_), ",'resources':{'devices':[%s]}", rules);
        spec = plan_case_spec(&(PlanCase){ .linux_ = linux_ });
        if (has_filter(spec, PLAN_CGROUPFS, &bytes, &filter))
                compare(spec, &filter);
        else
                CHECK(expected(spec, &(Device){ 1, 7, 8, 0 }));
}

static void chosen_rules(void)
{
        static const char *const cases[] = {
                "",
                "{'allow':false,'access':'rwm'}",
                "{'allow':true,'access':'rwm'},{'allow':false,'type':'b','major':8,'access':'w'}",
                "{'allow':true,'type':'c','major':10,'access':'rwm'},"
                "{'allow':false,'type':'c','major':10,'minor':1,'access':'w'}",
                "{'allow':true,'type':'c','minor':1,'access':'rw'}",
                "{'allow':true,'type':'a','access':'r'},{'allow':false,'type':'a','major':8,"
                "'access':'r'}",
                "{'allow':true,'type':'b','major':8,'minor':1,'access':'r'},"
                "{'allow':true,'type':'b','major':8,'minor':1,'access':'w'}",
                "{'allow':true,'type':'c','major':4095,'minor':1048575,'access':'m'}",
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                check_rules(cases[i]);
}

/* A small generator of its own: the same rules everywhere. */
static uint32_t seed = 12345;
static uint32_t next(uint32_t n)
{
        seed = seed * 1664525 + 1013904223;
        return (seed >> 16) % n;
}

static void random_rules(void)
{
        static const char *const types[] = { "a", "b", "c" };
        static const char *const access[] = { "r", "w", "m", "rw", "rm", "wm", "rwm" };
        static const int majors[] = { ANY, 1, 5, 7, 8, 10 }, minors[] = { ANY, 0, 1, 3 };

        for (int round = 0; round < 300; round++) {
                char rules[2048] = "";
                size_t used = 0;

                for (uint32_t n = next(12); n > 0; n--)
                        used += (size_t) snprintf(rules + used, sizeof(rules) - used,
                                "%s{'allow':%s,'type':'%s','major':%d,'minor':%d,'access':'%s'}",
                                used ? "," : "", next(2) ? "true" : "false", types[next(3)],
                                majors[next(ELEMENTSOF(majors))], minors[next(ELEMENTSOF(minors))],
                                access[next(ELEMENTSOF(access))]);
                check_rules(rules);
        }
}

/* With a unit, systemd has what it can say; without a cgroup there is nobody to ask. */
static void modes(void)
{
        static const struct {
                const char *rules;
                PlanMode mode;
                bool has_filter;
        } cases[] = {
                { "{'allow':false,'access':'rwm'}", PLAN_SERVICE, false },
                { "{'allow':false,'access':'rwm'}", PLAN_SCOPE, false },
                { "{'allow':false,'access':'rwm'}", PLAN_CGROUPFS, true },
                { "{'allow':false,'access':'rwm'}", PLAN_UNPLACED, false },
                { "{'allow':true,'access':'rwm'}", PLAN_CGROUPFS, false },
                { "", PLAN_CGROUPFS, true },
                { "{'allow':true,'access':'rwm'},{'allow':false,'type':'b','access':'w'}",
                        PLAN_SERVICE, true },
                { "{'allow':true,'access':'rwm'},{'allow':false,'type':'b','access':'w'}",
                        PLAN_SCOPE, true },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char linux_[512];
                _cleanup_(spec_freep) Spec *spec = NULL;
                _cleanup_free_ void *bytes = NULL;
                Program8 filter;

                (void) snprintf(
                        linux_, sizeof(linux_), ",'resources':{'devices':[%s]}", cases[i].rules);
                spec = plan_case_spec(&(PlanCase){ .linux_ = linux_ });
                if (has_filter(spec, cases[i].mode, &bytes, &filter) != cases[i].has_filter)
                        test_fail(__FILE__, __LINE__, "case %zu", i);
        }
}

/* Without an engine their own nodes can be made, and used only as the rules say. */
static void configured_nodes(void)
{
        _cleanup_(spec_freep) Spec *spec = plan_case_spec(&(PlanCase){
                .linux_ = ",'devices':[{'path':'/dev/x','type':'b','major':7,'minor':2},"
                          "{'path':'/dev/p','type':'p'}],'resources':{'devices':["
                          "{'allow':true,'type':'c','major':10,'access':'rwm'},"
                          "{'allow':false,'type':'c','major':10,'minor':1,'access':'m'}]}" });
        _cleanup_free_ void *bytes = NULL;
        Program8 filter;

        CHECK(has_filter(spec, PLAN_SERVICE, &bytes, &filter));
        CHECK(run(&filter, &(Device){ BPF_DEVCG_DEV_BLOCK, PLAN_DEVICE_MKNOD, 7, 2 }));
        CHECK(!run(&filter, &(Device){ BPF_DEVCG_DEV_BLOCK, PLAN_DEVICE_READ, 7, 2 }));
        CHECK(!run(&filter, &(Device){ BPF_DEVCG_DEV_BLOCK, PLAN_DEVICE_MKNOD, 7, 3 }));
        CHECK(run(&filter, &(Device){ BPF_DEVCG_DEV_CHAR, PLAN_DEVICE_MKNOD, 10, 2 }));
        CHECK(!run(&filter, &(Device){ BPF_DEVCG_DEV_CHAR, PLAN_DEVICE_MKNOD, 10, 1 }));
}

static const Test tests[] = { TEST(chosen_rules), TEST(random_rules), TEST(modes),
        TEST(configured_nodes) };
TEST_MAIN(tests)
