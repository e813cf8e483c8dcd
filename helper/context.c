/* Making the context: the arena, the slots, and what has to be known about a program before it
 * runs. */
#include "helper/context.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#define ARENA_BASE_SIZE (1024U * 1024)

void *arena_alloc(Arena *arena, size_t size)
{
        void *p;

        size = (size + 7) & ~(size_t) 7;
        if (size > arena->size - arena->used)
                return NULL;
        p = arena->base + arena->used;
        arena->used += size;
        return p;
}

Context context_empty(void)
{
        Context ctx = {
                .invocation_id = "-",
                .proc_fd = -EBADF,
                .state_fd = -EBADF,
                .hook_output_fd = { -EBADF, -EBADF },
                .rootfs_fd = -EBADF,
                .sync_fd = -EBADF,
                .launch_fd = -EBADF,
                .stdio_fd = { -EBADF, -EBADF, -EBADF },
                .console_fd = -EBADF,
                .trace_fd = -EBADF,
                .main_told_fd = -EBADF,
                .child_pidfd = -EBADF,
                .child_proc_fd = -EBADF,
                .restore_fd = -EBADF,
                .restore_peer_fd = -EBADF,
                .criu_pidfd = -EBADF,
                .gate_fd = -EBADF,
                .gate_dir_fd = -EBADF,
                .gate_peer_fd = -EBADF,
                .mask_file_fd = -EBADF,
                .mask_dir_fd = -EBADF,
                .left_mounts_fd = { -EBADF, -EBADF },
                .user_namespace_fd = -EBADF,
        };

        for (size_t i = 0; i < ELEMENTSOF(ctx.own_namespace_fd); i++)
                ctx.own_namespace_fd[i] = -EBADF;
        return ctx;
}

static void *map_pages(size_t size, int flags)
{
        void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);

        return p == MAP_FAILED ? NULL : p;
}

/* Every string of the data area may be an element of one vector: a pointer for each byte is an
 * upper bound. */
static size_t arena_size_for(const Program *program)
{
        return ARENA_BASE_SIZE + (size_t) program->header->n_slots * sizeof(int) +
               (size_t) program->header->data_size * sizeof(char *) +
               (size_t) program->header->n_ops * 2 * sizeof(char *);
}

int context_init(Context *ctx, const Program *program, CtrError *err)
{
        uint32_t n_slots = program->header->n_slots;

        ctx->program = *program;
        ctx->id = program_string(program, program->header->id);
        ctx->kind = (ProgramKind) program->header->kind;
        ctx->arena.size = arena_size_for(program);
        ctx->arena.base = map_pages(ctx->arena.size, MAP_PRIVATE | MAP_NORESERVE);
        ctx->progress = map_pages(sizeof(*ctx->progress), MAP_SHARED);
        if (!ctx->arena.base || !ctx->progress)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot map memory");
        ctx->slots = arena_alloc(&ctx->arena, n_slots * sizeof(int));
        for (uint32_t i = 0; i < n_slots; i++)
                ctx->slots[i] = -EBADF;
        for (uint32_t i = 0; i < program->header->n_ops; i++) {
                const ProgramOp *op = &program->ops[i];

                if (op->opcode == PROGRAM_OP_HOOK_STATE && !ctx->hook_state)
                        ctx->hook_state = op;
                if (op->opcode == PROGRAM_OP_BIRTH)
                        ctx->birth = op;
                if (op->opcode == PROGRAM_OP_GATE)
                        ctx->has_gate = true;
                if (op->opcode == PROGRAM_OP_EXEC_UNDER_INIT)
                        ctx->has_init = true;
                if (op->opcode == PROGRAM_OP_NOTIFY_PAYLOAD)
                        ctx->is_payload_notifying = true;
                if (op->opcode == PROGRAM_OP_NOTIFY_READY ||
                        op->opcode == PROGRAM_OP_NOTIFY_PAYLOAD)
                        ctx->has_notify = true;
        }
        return 0;
}

char **context_list_to_strv(Context *ctx, ProgramData list)
{
        size_t n = program_list_count(&ctx->program, list), i = 0;
        char **strv = arena_alloc(&ctx->arena, (n + 1) * sizeof(char *));

        if (!strv)
                return NULL;
        /* execve(2) takes char *const[] and does not write to the strings. */
        for (const char *s = NULL; (s = program_list_next(&ctx->program, list, s));)
                strv[i++] = (char *) (uintptr_t) s;
        strv[i] = NULL;
        return strv;
}

int context_hide(void)
{
        return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ? -errno : 0;
}
