/* Writing a program: operations are collected by stage, in any order of stages, and laid out at the
 * end. Running out of memory is remembered and reported once, by program_builder_finish(). */
#pragma once

#include "plan/program.h"

/* Operations that come later than where they are known. */
typedef enum ProgramDeferral {
        PROGRAM_DEFER_MOUNTED, /* when everything is mounted */
        PROGRAM_DEFER_LOCKED,  /* when the mounts are locked */
        _PROGRAM_DEFERRAL_MAX,
} ProgramDeferral;

typedef struct ProgramBuilder {
        struct {
                ProgramOp *items;
                size_t n, allocated;
        } stages[_PROGRAM_STAGE_MAX + _PROGRAM_DEFERRAL_MAX];
        char *data;
        size_t data_size, data_allocated;
        uint32_t n_slots;
        int error; /* first failure, 0 = none */
} ProgramBuilder;

void program_builder_done(ProgramBuilder *b);

/* A fresh number for a file descriptor that one operation opens and others use. */
uint64_t program_add_slot(ProgramBuilder *b);

/* Data for operations. NULL gives the absent range. */
ProgramData program_add_string(ProgramBuilder *b, const char *s);
ProgramData program_add_list(ProgramBuilder *b, char *const *strv); /* NULL-terminated */
ProgramData program_add_blob(ProgramBuilder *b, const void *data, size_t size); /* 8-byte aligned */
_printf_(2, 3) ProgramData program_add_format(ProgramBuilder *b, const char *fmt, ...);

/* Appends an operation to a stage; its list and stage fields are filled here. */
void program_add(ProgramBuilder *b, ProgramStage stage, ProgramOp op);

/* Keeps an operation back until program_add_deferred() puts all of its sort into a stage. */
void program_defer(ProgramBuilder *b, ProgramDeferral deferral, ProgramOp op);
void program_add_deferred(ProgramBuilder *b, ProgramDeferral deferral, ProgramStage stage);

/* The bytes of the program file, allocated with malloc. digest is 64 hex digits. Returns 0,
 * -ENOMEM, or -E2BIG when a limit of program.h is exceeded. */
int program_builder_finish(ProgramBuilder *b, ProgramKind kind, const char *id, const char *digest,
        void **ret, size_t *ret_size);
