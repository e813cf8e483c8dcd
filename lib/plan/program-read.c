/* Reading a set-up program: the check that makes every later access safe, and the accessors. A
 * program comes from a file, so program_open() trusts nothing: after it no handler needs to look at
 * a size, an offset, a terminator or a slot number again. No allocation and no system call:
 * ctr-exec is built from this file too. */
#include "plan/program.h"

#include <string.h>

_Static_assert(
        sizeof(ProgramOp) == 88 && _Alignof(ProgramOp) == 8, "records are mapped from a file");
_Static_assert(sizeof(ProgramHeader) % 8 == 0, "operations follow the header without padding");

static const ProgramOpInfo op_infos[_PROGRAM_OPCODE_MAX] = {
#define X(id, op_name, op_fields) [PROGRAM_OP_##id] = { .name = op_name, .fields = op_fields },
        PROGRAM_OPS(X)
#undef X
};

static const char *const stage_names[_PROGRAM_STAGE_MAX] = {
        [STAGE_PREPARE] = "prepare",
        [STAGE_ATTEND] = "attend",
        [STAGE_NAMESPACE] = "namespace",
        [STAGE_ROOTFS] = "rootfs",
        [STAGE_INSIDE] = "inside",
        [STAGE_IDENTITY] = "identity",
        [STAGE_FINAL] = "final",
};

/* The strings that may be absent (program.h); blobs too, except a filter. */
static const struct {
        ProgramOpcode opcode;
        char place;
        unsigned index;
} optional_fields[] = {
        { PROGRAM_OP_ATTACH_ROOTFS, 's', 0 },
        { PROGRAM_OP_MOUNT, 's', 1 },
        { PROGRAM_OP_MOUNT_COPY_UP, 's', 1 },
        { PROGRAM_OP_SECCOMP, 's', 0 },
        { PROGRAM_OP_SCHEDULER, 's', 0 },
        { PROGRAM_OP_OPEN_NAMESPACE, 's', 1 },
        { PROGRAM_OP_ID_MAP, 's', 0 },
        { PROGRAM_OP_ID_MAP, 's', 1 },
        { PROGRAM_OP_CPU_AFFINITY, 's', 0 },
        { PROGRAM_OP_CPU_AFFINITY, 'b', 0 },
        { PROGRAM_OP_MEMORY_POLICY, 's', 0 },
        { PROGRAM_OP_RDT, 's', 2 },
        { PROGRAM_OP_NODE, 's', 1 },
        { PROGRAM_OP_RDT, 's', 3 },
        { PROGRAM_OP_HOOK_OUTPUT, 's', 0 },
        { PROGRAM_OP_HOOK_OUTPUT, 's', 1 },
        { PROGRAM_OP_MEMORY_POLICY, 'b', 0 },
        { PROGRAM_OP_SET_IDS, 'b', 0 },
        { PROGRAM_OP_HOOK, 'l', 1 },
        { PROGRAM_OP_HOOK, 's', 3 },
        { PROGRAM_OP_EXEC, 'l', 1 },
        { PROGRAM_OP_EXEC_UNDER_INIT, 'l', 1 },
        { PROGRAM_OP_FIND_PROGRAM, 'l', 1 },
        { PROGRAM_OP_MOUNT, 'l', 0 },
        { PROGRAM_OP_MOUNT_COPY_UP, 'l', 0 },
};

/* One "name=PLACE" of a fields text. */
typedef struct Field {
        const char *name;
        size_t name_size;
        char place; /* n x o s l b */
        unsigned index;
} Field;

const ProgramOpInfo *program_op_info(ProgramOpcode opcode)
{
        if ((unsigned) opcode >= _PROGRAM_OPCODE_MAX || !op_infos[opcode].name)
                return NULL;
        return &op_infos[opcode];
}

const char *program_stage_name(ProgramStage stage)
{
        return (unsigned) stage < _PROGRAM_STAGE_MAX ? stage_names[stage] : NULL;
}

const char *program_string(const Program *p, ProgramData d)
{
        return d.size > 0 ? p->data + d.offset : NULL;
}

const char *program_list_next(const Program *p, ProgramData d, const char *previous)
{
        const char *end = p->data + d.offset + d.size, *next;

        if (d.size == 0)
                return NULL;
        next = previous ? previous + strlen(previous) + 1 : p->data + d.offset;
        return next < end ? next : NULL;
}

size_t program_list_count(const Program *p, ProgramData d)
{
        size_t n = 0;

        for (const char *s = NULL; (s = program_list_next(p, d, s));)
                n++;
        return n;
}

/* Takes the next field off a fields text; false at its end. */
static bool field_next(const char **text, Field *ret)
{
        const char *p = *text, *equals;

        while (*p == ' ')
                p++;
        if (!*p)
                return false;
        equals = strchr(p, '=');
        ret->name = p;
        ret->name_size = (size_t) (equals - p);
        ret->place = equals[1];
        ret->index = (unsigned) (equals[2] - '0');
        *text = equals + 3;
        return true;
}

static bool field_is(const Field *field, const char *name)
{
        return strlen(name) == field->name_size && memcmp(field->name, name, field->name_size) == 0;
}

static bool field_is_optional(ProgramOpcode opcode, const Field *field)
{
        for (size_t i = 0; i < ELEMENTSOF(optional_fields); i++)
                if (optional_fields[i].opcode == opcode &&
                        optional_fields[i].place == field->place &&
                        optional_fields[i].index == field->index)
                        return true;
        return false;
}

static bool range_is_inside(const ProgramHeader *header, ProgramData d)
{
        if (d.size == 0)
                return d.offset == 0;
        return d.offset <= header->data_size && d.size <= header->data_size - d.offset;
}

/* A range that ends in a NUL; a single string has no other one. */
static bool text_is_terminated(const Program *p, ProgramData d, bool is_list)
{
        const char *text = p->data + d.offset;

        if (text[d.size - 1] != '\0')
                return false;
        return is_list || !memchr(text, '\0', d.size - 1);
}

static int bad(CtrError *err, size_t i, const char *what, const char *name)
{
        return ctr_error_set(
                err, CTR_ERROR_SYSTEM, EBADMSG, "program: operation %zu: %s%s", i, what, name);
}

/* Slot numbers are arguments named "slot"; those of a few operations may go without one. */
static int check_number(
        const Program *p, size_t i, const ProgramOp *op, const Field *field, CtrError *err)
{
        if (!field_is(field, "slot"))
                return 0;
        if (op->number[field->index] == PROGRAM_NO_SLOT &&
                (op->opcode == PROGRAM_OP_NODE || op->opcode == PROGRAM_OP_INHERIT ||
                        op->opcode == PROGRAM_OP_STAGE_TARGET))
                return 0;
        if (op->number[field->index] >= p->header->n_slots)
                return bad(err, i, "slot out of range", "");
        return 0;
}

static int check_data(
        const Program *p, size_t i, const ProgramOp *op, const Field *field, CtrError *err)
{
        ProgramData d = field->place == 's' ? op->string[field->index] : op->data[field->index];

        if (!range_is_inside(p->header, d))
                return bad(err, i, "data outside of the program", "");
        if (d.size == 0)
                return field_is_optional(op->opcode, field)
                               ? 0
                               : bad(err, i, "argument missing of ", op_infos[op->opcode].name);
        if (field->place == 'b' && (d.offset % 8 != 0 || d.size % 4 != 0))
                return bad(err, i, "misaligned argument of ", op_infos[op->opcode].name);
        if (field->place != 'b' && !text_is_terminated(p, d, field->place == 'l'))
                return bad(err, i, "unterminated argument of ", op_infos[op->opcode].name);
        return 0;
}

/* Arguments that an operation does not have are zero, so that they can get a meaning later. */
static bool unused_are_zero(const ProgramOp *op, unsigned numbers, unsigned strings, unsigned data)
{
        for (unsigned i = 0; i < ELEMENTSOF(op->number); i++)
                if (!(numbers & (1U << i)) && op->number[i] != 0)
                        return false;
        for (unsigned i = 0; i < ELEMENTSOF(op->string); i++)
                if (!(strings & (1U << i)) && (op->string[i].size | op->string[i].offset) != 0)
                        return false;
        for (unsigned i = 0; i < ELEMENTSOF(op->data); i++)
                if (!(data & (1U << i)) && (op->data[i].size | op->data[i].offset) != 0)
                        return false;
        return op->reserved == 0;
}

static int check_op(const Program *p, size_t i, CtrError *err)
{
        const ProgramOp *op = &p->ops[i];
        const ProgramOpInfo *info = program_op_info(op->opcode);
        unsigned numbers = 0, strings = 0, data = 0;
        const char *fields;
        Field field;
        int r = 0;

        if (!info)
                return bad(err, i, "unknown opcode", "");
        fields = info->fields;
        while (r >= 0 && field_next(&fields, &field)) {
                if (field.place == 's') {
                        strings |= 1U << field.index;
                        r = check_data(p, i, op, &field, err);
                } else if (field.place == 'l' || field.place == 'b') {
                        data |= 1U << field.index;
                        r = check_data(p, i, op, &field, err);
                } else {
                        numbers |= 1U << field.index;
                        r = check_number(p, i, op, &field, err);
                }
        }
        if (r < 0)
                return r;
        if (!unused_are_zero(op, numbers, strings, data))
                return bad(err, i, "arguments that it does not take: ", info->name);
        return 0;
}

/* HOST operations first, then CHILD, and no stage twice. */
static int check_order(const Program *p, size_t i, CtrError *err)
{
        const ProgramOp *op = &p->ops[i], *previous = i > 0 ? op - 1 : NULL;

        if (op->list >= _PROGRAM_LIST_MAX || op->stage >= _PROGRAM_STAGE_MAX)
                return bad(err, i, "unknown list or stage", "");
        if ((op->list == PROGRAM_HOST) != (op->stage <= STAGE_ATTEND))
                return bad(err, i, "stage of the other list", "");
        if (previous && (op->list < previous->list || op->stage < previous->stage))
                return bad(err, i, "out of order", "");
        return 0;
}

static int check_header(const ProgramHeader *header, size_t size, CtrError *err)
{
        size_t ops_size;

        if (memcmp(header->magic, PROGRAM_MAGIC, sizeof(PROGRAM_MAGIC)) != 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG, "not a program file");
        if (header->version != PROGRAM_VERSION)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG,
                        "program of format %u, expected %u", header->version, PROGRAM_VERSION);
        if (header->kind >= _PROGRAM_KIND_MAX || header->n_ops > PROGRAM_OP_MAX ||
                header->n_slots > PROGRAM_SLOT_MAX)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG, "program header out of range");
        ops_size = sizeof(*header) + (size_t) header->n_ops * sizeof(ProgramOp);
        if (header->data_offset != ops_size || header->data_offset > size ||
                header->data_size != size - header->data_offset)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, EBADMSG, "program of %zu bytes is cut off", size);
        return 0;
}

int program_open(const void *bytes, size_t size, Program *ret, CtrError *err)
{
        Program p;
        int r;

        if (size < sizeof(ProgramHeader) || size > PROGRAM_SIZE_MAX || (uintptr_t) bytes % 8 != 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG, "program of %zu bytes", size);
        p.header = bytes;
        r = check_header(p.header, size, err);
        if (r < 0)
                return r;
        p.ops = (const ProgramOp *) (p.header + 1);
        p.data = (const char *) bytes + p.header->data_offset;
        if (p.header->id.size == 0 || !range_is_inside(p.header, p.header->id) ||
                !text_is_terminated(&p, p.header->id, false))
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, EBADMSG, "program without container id");
        for (size_t i = 0; i < p.header->n_ops; i++) {
                r = check_order(&p, i, err);
                if (r >= 0)
                        r = check_op(&p, i, err);
                if (r < 0)
                        return r;
        }
        *ret = p;
        return 0;
}
