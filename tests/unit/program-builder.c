/* Programs made by hand: see program-builder.h. */
#include "unit/program-builder.h"

#include "unit/test.h"

static ProgramData append(Builder *b, const void *data, size_t size)
{
        ProgramData d = { b->data_size, (uint32_t) size };

        CHECK(size <= sizeof(b->data) - b->data_size);
        memcpy(b->data + b->data_size, data, size);
        b->data_size += (uint32_t) size;
        return d;
}

ProgramData build_string(Builder *b, const char *s)
{
        return append(b, s, strlen(s) + 1);
}

ProgramData build_list(Builder *b, const char *const *strv)
{
        ProgramData d = { b->data_size, 0 };

        for (; *strv; strv++)
                d.size += append(b, *strv, strlen(*strv) + 1).size;
        return d.size > 0 ? d : (ProgramData){ 0 };
}

ProgramData build_blob(Builder *b, const void *data, size_t size)
{
        static const char zeros[8];

        (void) append(b, zeros, -b->data_size & 7U);
        return append(b, data, size);
}

void build_op(Builder *b, ProgramStage stage, ProgramOp op)
{
        CHECK(b->n_ops < ELEMENTSOF(b->ops));
        op.stage = (uint8_t) stage;
        op.list = stage <= STAGE_ATTEND ? PROGRAM_HOST : PROGRAM_CHILD;
        b->ops[b->n_ops++] = op;
}

void build_finish(const Builder *b, ProgramKind kind, const char *id, ProgramText *ret)
{
        size_t ops_size = b->n_ops * sizeof(ProgramOp), id_size = strlen(id) + 1;
        ProgramHeader header = {
                .magic = PROGRAM_MAGIC,
                .version = PROGRAM_VERSION,
                .kind = kind,
                .n_ops = b->n_ops,
                .n_slots = b->n_slots,
                .data_offset = (uint32_t) (sizeof(header) + ops_size),
                .data_size = b->data_size + (uint32_t) id_size,
                .id = { b->data_size, (uint32_t) id_size },
        };

        ret->size = sizeof(header) + ops_size + b->data_size + id_size;
        CHECK(ret->size <= sizeof(ret->bytes));
        memset(header.digest, 'd', sizeof(header.digest));
        memcpy(ret->bytes, &header, sizeof(header));
        memcpy(ret->bytes + sizeof(header), b->ops, ops_size);
        memcpy(ret->bytes + sizeof(header) + ops_size, b->data, b->data_size);
        memcpy(ret->bytes + sizeof(header) + ops_size + b->data_size, id, id_size);
}
