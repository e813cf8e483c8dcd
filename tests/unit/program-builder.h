/* Programs made by hand, for tests of what reads and runs them: independent of plan, so that they
 * can be wrong on purpose. Everything has a fixed size; a test that needs more fails. */
#pragma once

#include "plan/program.h"

typedef struct ProgramText { /* one file, aligned for program_open() */
        _Alignas(8) char bytes[256 * 1024];
        size_t size;
} ProgramText;

typedef struct Builder {
        ProgramOp ops[256];
        uint32_t n_ops;
        _Alignas(8) char data[128 * 1024];
        uint32_t data_size;
        uint32_t n_slots;
} Builder;

ProgramData build_string(Builder *b, const char *s);
ProgramData build_list(Builder *b, const char *const *strv); /* NULL-terminated */
ProgramData build_blob(Builder *b, const void *data, size_t size);

/* Appends an operation; its list follows from the stage. Order is the caller's business. */
void build_op(Builder *b, ProgramStage stage, ProgramOp op);

void build_finish(const Builder *b, ProgramKind kind, const char *id, ProgramText *ret);
