/* Reading programs: a sound one is read as it was written, and no damaged one gets through or
 * crashes. */
#include "unit/program-builder.h"
#include "unit/test.h"

/* One of each sort of argument. */
static void build_sample(Builder *b)
{
        const char *argv[] = { "/bin/true", "", "x", NULL }, *env[] = { NULL };
        const uint32_t groups[] = { 5, 6, 7 };

        *b = (Builder){ .n_slots = 2 };
        build_op(b, STAGE_PREPARE,
                (ProgramOp){ .opcode = PROGRAM_OP_OPEN_ROOTFS,
                        .number = { 1 },
                        .string = { build_string(b, "/rootfs") } });
        build_op(b, STAGE_ATTEND, (ProgramOp){ .opcode = PROGRAM_OP_CLONE, .number = { 0x20000 } });
        build_op(b, STAGE_ROOTFS,
                (ProgramOp){ .opcode = PROGRAM_OP_MOUNT,
                        .number = { 0, 0, 0755 },
                        .string = { build_string(b, "proc"), { 0 }, build_string(b, "/proc") } });
        build_op(b, STAGE_ROOTFS,
                (ProgramOp){ .opcode = PROGRAM_OP_NODE,
                        .number = { 020666, 0x103, 0, PROGRAM_NO_SLOT },
                        .string = { build_string(b, "/dev/null") } });
        build_op(b, STAGE_IDENTITY,
                (ProgramOp){ .opcode = PROGRAM_OP_SET_IDS,
                        .number = { 1, 2 },
                        .data = { build_blob(b, groups, sizeof(groups)) } });
        build_op(b, STAGE_FINAL,
                (ProgramOp){ .opcode = PROGRAM_OP_EXEC,
                        .data = { build_list(b, argv), build_list(b, env) } });
}

static int open_text(const ProgramText *text, Program *p)
{
        CtrError err = { 0 };
        int r = program_open(text->bytes, text->size, p, &err);

        if (r < 0) {
                CHECK_INT(r, -EBADMSG);
                CHECK(err.message[0]);
        }
        return r;
}

static void sound(void)
{
        static ProgramText text;
        static Builder b;
        const char *s = NULL;
        Program p;

        build_sample(&b);
        build_finish(&b, PROGRAM_SCOPE, "web", &text);
        CHECK_INT(open_text(&text, &p), 0);
        CHECK_STR(program_string(&p, p.header->id), "web");
        CHECK_INT(p.header->n_ops, 6);
        CHECK_STR(program_string(&p, p.ops[0].string[0]), "/rootfs");
        CHECK(!program_string(&p, p.ops[2].string[1]));
        CHECK_INT(((const uint32_t *) (const void *) program_string(&p, p.ops[4].data[0]))[2], 7);
        CHECK_INT(program_list_count(&p, p.ops[5].data[0]), 3);
        CHECK_STR(s = program_list_next(&p, p.ops[5].data[0], s), "/bin/true");
        CHECK_STR(s = program_list_next(&p, p.ops[5].data[0], s), "");
        CHECK_STR(s = program_list_next(&p, p.ops[5].data[0], s), "x");
        CHECK(!program_list_next(&p, p.ops[5].data[0], s));
        CHECK_INT(program_list_count(&p, p.ops[5].data[1]), 0);
}

static void every_opcode_has_a_name(void)
{
        CHECK(!program_op_info(PROGRAM_OP_NONE));
        CHECK(!program_op_info(_PROGRAM_OPCODE_MAX));
        for (int i = 1; i < _PROGRAM_OPCODE_MAX; i++) {
                CHECK(program_op_info((ProgramOpcode) i));
                for (int j = 1; j < i; j++)
                        CHECK(strcmp(program_op_info((ProgramOpcode) i)->name,
                                      program_op_info((ProgramOpcode) j)->name) != 0);
        }
        CHECK_STR(program_stage_name(STAGE_PREPARE), "prepare");
        CHECK_STR(program_stage_name(STAGE_FINAL), "final");
        CHECK(!program_stage_name(_PROGRAM_STAGE_MAX));
}

/* What damage relies on: walks everything that a handler may look at. */
static size_t walk(const Program *p)
{
        size_t sum = strlen(program_string(p, p->header->id));

        for (uint32_t i = 0; i < p->header->n_ops; i++) {
                const ProgramOp *op = &p->ops[i];
                const char *fields = program_op_info((ProgramOpcode) op->opcode)->fields, *field;

                for (field = fields; (field = strchr(field, '=')); field++) {
                        unsigned n = (unsigned) (field[2] - '0');

                        if (field[1] == 's' && program_string(p, op->string[n]))
                                sum += strlen(program_string(p, op->string[n]));
                        else if (field[1] == 'l')
                                for (const char *s = NULL;
                                        (s = program_list_next(p, op->data[n], s));)
                                        sum += strlen(s);
                        else if (field[1] == 'b')
                                for (uint32_t k = 0; k < op->data[n].size; k++)
                                        sum += (unsigned char) program_string(p, op->data[n])[k];
                }
        }
        return sum;
}

/* On the heap with exactly this size, so that AddressSanitizer sees every byte beyond. */
static int open_copy(const ProgramText *text, size_t size)
{
        char *copy = malloc(size > 0 ? size : 1);
        Program p;
        int r;

        CHECK(copy);
        memcpy(copy, text->bytes, size);
        r = program_open(copy, size, &p, NULL);
        if (r >= 0)
                CHECK(walk(&p) > 0);
        free(copy);
        return r;
}

static void truncated(void)
{
        static ProgramText text;
        static Builder b;

        build_sample(&b);
        build_finish(&b, PROGRAM_SERVICE, "web", &text);
        CHECK_INT(open_copy(&text, text.size), 0);
        for (size_t size = 0; size < text.size; size++)
                CHECK_INT(open_copy(&text, size), -EBADMSG);
}

/* Every bit turned over: the file is refused, or what it says now is as safe as before. */
static void damage(void)
{
        static ProgramText text;
        static Builder b;
        size_t refused = 0;

        build_sample(&b);
        build_finish(&b, PROGRAM_SERVICE, "web", &text);
        for (size_t i = 0; i < text.size * 8; i++) {
                text.bytes[i / 8] = (char) (text.bytes[i / 8] ^ (1 << i % 8));
                refused += open_copy(&text, text.size) < 0;
                text.bytes[i / 8] = (char) (text.bytes[i / 8] ^ (1 << i % 8));
        }
        CHECK(refused > 1000);
        CHECK_INT(open_copy(&text, text.size), 0);
}

/* One damage each to operation i of the sample; all must be refused. */
static void refused(void)
{
        static const struct {
                size_t i;
                size_t offset;
                uint64_t value;
                size_t size;
        } damages[] = {
                { 0, offsetof(ProgramOp, opcode), _PROGRAM_OPCODE_MAX, 2 },
                { 0, offsetof(ProgramOp, opcode), 0, 2 },
                { 0, offsetof(ProgramOp, list), PROGRAM_CHILD, 1 },
                { 0, offsetof(ProgramOp, list), _PROGRAM_LIST_MAX, 1 },
                { 0, offsetof(ProgramOp, stage), STAGE_ATTEND + 1, 1 },
                { 0, offsetof(ProgramOp, stage), _PROGRAM_STAGE_MAX, 1 },
                { 1, offsetof(ProgramOp, stage), STAGE_PREPARE - 1, 1 },
                { 0, offsetof(ProgramOp, reserved), 1, 4 },
                { 0, offsetof(ProgramOp, number[0]), 2, 8 },          /* slot = n_slots */
                { 0, offsetof(ProgramOp, number[0]), UINT64_MAX, 8 }, /* no slot, but not a node */
                { 0, offsetof(ProgramOp, number[2]), 1, 8 },          /* not an argument of it */
                { 0, offsetof(ProgramOp, string[0]), 0, 8 },          /* missing */
                { 0, offsetof(ProgramOp, string[0].size), 3, 4 },     /* cut before its NUL */
                { 0, offsetof(ProgramOp, string[0].size), 13, 4 },    /* runs into the next */
                { 0, offsetof(ProgramOp, string[0].offset), UINT32_MAX, 4 },
                { 0, offsetof(ProgramOp, string[0].size), UINT32_MAX, 4 },
                { 0, offsetof(ProgramOp, string[1].offset), 1, 4 }, /* not an argument of it */
                { 0, offsetof(ProgramOp, data[1].size), 1, 4 },
                { 2, offsetof(ProgramOp, stage), STAGE_FINAL, 1 }, /* later than the next */
                { 4, offsetof(ProgramOp, data[0].offset), 4, 4 },  /* misaligned */
                { 4, offsetof(ProgramOp, data[0].size), 3, 4 },
                { 5, offsetof(ProgramOp, data[0]), 0, 8 },       /* no argv */
                { 5, offsetof(ProgramOp, data[0].size), 11, 4 }, /* last string not terminated */
        };
        static ProgramText text;
        static Builder b;
        Program p;

        for (size_t i = 0; i < ELEMENTSOF(damages); i++) {
                build_sample(&b);
                if (damages[i].i == 5 && damages[i].size == 4) /* the list, cut inside "x" */
                        b.ops[5].data[0].size--;
                else
                        memcpy((char *) &b.ops[damages[i].i] + damages[i].offset, &damages[i].value,
                                damages[i].size);
                build_finish(&b, PROGRAM_SERVICE, "web", &text);
                if (open_text(&text, &p) >= 0)
                        test_fail(__FILE__, __LINE__, "damage %zu was not refused", i);
        }
}

static void header(void)
{
        static const struct {
                size_t offset;
                uint32_t value;
        } damages[] = {
                { offsetof(ProgramHeader, magic), 0 },
                { offsetof(ProgramHeader, version), PROGRAM_VERSION + 1 },
                { offsetof(ProgramHeader, kind), _PROGRAM_KIND_MAX },
                { offsetof(ProgramHeader, n_ops), PROGRAM_OP_MAX + 1 },
                { offsetof(ProgramHeader, n_ops), 5 },
                { offsetof(ProgramHeader, n_slots), PROGRAM_SLOT_MAX + 1 },
                { offsetof(ProgramHeader, n_slots), 0 },
                { offsetof(ProgramHeader, data_offset), 0 },
                { offsetof(ProgramHeader, data_size), UINT32_MAX },
                { offsetof(ProgramHeader, id.size), 0 },
                { offsetof(ProgramHeader, id.offset), UINT32_MAX },
        };
        static ProgramText text;
        static Builder b;
        Program p;

        for (size_t i = 0; i < ELEMENTSOF(damages); i++) {
                build_sample(&b);
                build_finish(&b, PROGRAM_SERVICE, "web", &text);
                memcpy(text.bytes + damages[i].offset, &damages[i].value, sizeof(uint32_t));
                if (open_text(&text, &p) >= 0)
                        test_fail(__FILE__, __LINE__, "damage %zu was not refused", i);
        }
        CHECK_INT(program_open(text.bytes + 4, text.size - 4, &p, NULL), -EBADMSG);
}

static const Test tests[] = {
        TEST(sound),
        TEST(every_opcode_has_a_name),
        TEST(truncated),
        TEST(damage),
        TEST(refused),
        TEST(header),
};
TEST_MAIN(tests)
