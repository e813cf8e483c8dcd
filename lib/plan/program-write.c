/* Program builder: see program-write.h. The file is header, operations in stage order (which is
 * list order too: host stages come first), data area. */
#include "plan/program-write.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { DATA_ALIGNMENT = 8, FIRST_ALLOCATION = 16 };

void program_builder_done(ProgramBuilder *b)
{
        for (size_t i = 0; i < ELEMENTSOF(b->stages); i++)
                free(b->stages[i].items);
        free(b->data);
        *b = (ProgramBuilder){ 0 };
}

uint64_t program_add_slot(ProgramBuilder *b)
{
        return b->n_slots++;
}

/* Makes room for n more elements of the given size behind `used`. */
static int grow(void **items, size_t *allocated, size_t used, size_t n, size_t element_size)
{
        size_t wanted = MAX_OF(*allocated, FIRST_ALLOCATION);
        void *p;

        if (used + n <= *allocated)
                return 0;
        while (wanted < used + n)
                wanted *= 2;
        p = reallocarray(*items, wanted, element_size);
        if (!p)
                return -ENOMEM;
        *items = p;
        *allocated = wanted;
        return 0;
}

/* Room in the data area; NULL (and an absent range) after a failure. */
static char *add_data(ProgramBuilder *b, size_t size, size_t alignment, ProgramData *ret)
{
        size_t start = (b->data_size + alignment - 1) / alignment * alignment;
        void *data = b->data;

        *ret = (ProgramData){ 0 };
        if (b->error < 0)
                return NULL;
        if (size > PROGRAM_SIZE_MAX || start + size > PROGRAM_SIZE_MAX) {
                b->error = -E2BIG;
                return NULL;
        }
        b->error = grow(&data, &b->data_allocated, b->data_size, start + size - b->data_size, 1);
        if (b->error < 0)
                return NULL;
        b->data = data;
        memset(b->data + b->data_size, 0, start - b->data_size);
        b->data_size = start + size;
        *ret = (ProgramData){ .offset = (uint32_t) start, .size = (uint32_t) size };
        return b->data + start;
}

ProgramData program_add_string(ProgramBuilder *b, const char *s)
{
        ProgramData d = { 0 };
        char *p;

        if (s) {
                p = add_data(b, strlen(s) + 1, 1, &d);
                if (p)
                        memcpy(p, s, strlen(s) + 1);
        }
        return d;
}

ProgramData program_add_list(ProgramBuilder *b, char *const *strv)
{
        ProgramData d = { 0 };
        size_t size = 0;
        char *p;

        for (char *const *s = strv; s && *s; s++)
                size += strlen(*s) + 1;
        if (size == 0)
                return d;
        p = add_data(b, size, 1, &d);
        for (char *const *s = strv; p && *s; s++)
                p = stpcpy(p, *s) + 1;
        return d;
}

ProgramData program_add_blob(ProgramBuilder *b, const void *data, size_t size)
{
        ProgramData d = { 0 };
        char *p;

        if (size > 0) {
                p = add_data(b, size, DATA_ALIGNMENT, &d);
                if (p)
                        memcpy(p, data, size);
        }
        return d;
}

ProgramData program_add_format(ProgramBuilder *b, const char *fmt, ...)
{
        _cleanup_free_ char *text = NULL;
        va_list ap;
        int r;

        va_start(ap, fmt);
        r = vasprintf(&text, fmt, ap);
        va_end(ap);
        if (r < 0) {
                text = NULL;
                if (b->error == 0)
                        b->error = -ENOMEM;
                return (ProgramData){ 0 };
        }
        return program_add_string(b, text);
}

static void append_op(ProgramBuilder *b, size_t stage, const ProgramOp *op)
{
        void *items = b->stages[stage].items;

        if (b->error < 0)
                return;
        b->error = grow(&items, &b->stages[stage].allocated, b->stages[stage].n, 1, sizeof(*op));
        if (b->error < 0)
                return;
        b->stages[stage].items = items;
        b->stages[stage].items[b->stages[stage].n++] = *op;
}

void program_add(ProgramBuilder *b, ProgramStage stage, ProgramOp op)
{
        assert(stage >= 0 && stage < _PROGRAM_STAGE_MAX);
        op.stage = (uint8_t) stage;
        op.list = stage <= STAGE_ATTEND ? PROGRAM_HOST : PROGRAM_CHILD;
        append_op(b, stage, &op);
}

void program_defer(ProgramBuilder *b, ProgramDeferral deferral, ProgramOp op)
{
        append_op(b, _PROGRAM_STAGE_MAX + deferral, &op);
}

void program_add_deferred(ProgramBuilder *b, ProgramDeferral deferral, ProgramStage stage)
{
        size_t from = _PROGRAM_STAGE_MAX + deferral;

        for (size_t i = 0; i < b->stages[from].n; i++)
                program_add(b, stage, b->stages[from].items[i]);
        b->stages[from].n = 0;
}

int program_builder_finish(ProgramBuilder *b, ProgramKind kind, const char *id, const char *digest,
        void **ret, size_t *ret_size)
{
        ProgramHeader header = { .version = PROGRAM_VERSION, .kind = kind };
        size_t n_ops = 0, size;
        char *bytes, *p;

        header.id = program_add_string(b, id);
        for (size_t i = 0; i < _PROGRAM_STAGE_MAX; i++)
                n_ops += b->stages[i].n;
        if (b->error < 0)
                return b->error;
        if (n_ops > PROGRAM_OP_MAX || b->n_slots > PROGRAM_SLOT_MAX)
                return -E2BIG;

        size = sizeof(header) + n_ops * sizeof(ProgramOp);
        memcpy(header.magic, PROGRAM_MAGIC, sizeof(PROGRAM_MAGIC));
        memcpy(header.digest, digest, MIN_OF(strlen(digest), sizeof(header.digest)));
        header.n_ops = (uint32_t) n_ops;
        header.n_slots = b->n_slots;
        header.data_offset = (uint32_t) size;
        header.data_size = (uint32_t) b->data_size;
        if (size + b->data_size > PROGRAM_SIZE_MAX)
                return -E2BIG;

        bytes = malloc(size + b->data_size);
        if (!bytes)
                return -ENOMEM;
        p = mempcpy(bytes, &header, sizeof(header));
        for (size_t i = 0; i < _PROGRAM_STAGE_MAX; i++)
                if (b->stages[i].n > 0)
                        p = mempcpy(p, b->stages[i].items, b->stages[i].n * sizeof(ProgramOp));
        memcpy(p, b->data, b->data_size);
        *ret = bytes;
        *ret_size = size + b->data_size;
        return 0;
}
