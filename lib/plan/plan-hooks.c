/* Hooks as operations, with everything they need complete: argv, environment, and the state JSON of
 * which only status and pid are put in at run time. runtime.md, "State". */
#include "plan/plan-internal.h"

#include "base/json.h"

#include <stdio.h>
#include <string.h>

/* The state a hook of each kind sees, and the order they are given in. */
static const char *const hook_status[_SPEC_HOOK_MAX] = {
        [SPEC_HOOK_PRESTART] = "creating",
        [SPEC_HOOK_CREATE_RUNTIME] = "creating",
        [SPEC_HOOK_CREATE_CONTAINER] = "creating",
        [SPEC_HOOK_START_CONTAINER] = "created",
        [SPEC_HOOK_POSTSTART] = "running",
        [SPEC_HOOK_POSTSTOP] = "stopped",
};

enum {
        HOOK_FILTERED = 1,
        HOOK_IN_ROOTFS = 2,
};

bool plan_has_hooks(const Spec *spec, SpecHookKind kind)
{
        return spec->hooks[kind].n > 0;
}

/* Programs of the container have its filter. With no_new_privs that is loaded last, after them. */
static bool is_filtered(const Plan *p, SpecHookKind kind)
{
        return kind == SPEC_HOOK_START_CONTAINER && p->spec->process.no_new_privileges &&
               p->spec->linux_.seccomp.is_set && p->seccomp_compile;
}

void plan_add_hooks(Plan *p, SpecHookKind kind, ProgramStage stage)
{
        bool is_in_container = kind == SPEC_HOOK_START_CONTAINER;
        bool is_in_rootfs = kind == SPEC_HOOK_CREATE_CONTAINER;
        const char *bundle = p->ctx ? p->ctx->bundle : p->bundle;
        ProgramBuilder *b = &p->program;

        for (size_t i = 0; i < p->spec->hooks[kind].n; i++) {
                const SpecHook *h = &p->spec->hooks[kind].items[i];
                char *const path_only[] = { h->path, NULL };

                program_add(b, stage,
                        (ProgramOp){ .opcode = PROGRAM_OP_HOOK,
                                .number = { h->timeout_usec,
                                        (is_filtered(p, kind) ? HOOK_FILTERED : 0) |
                                                (is_in_rootfs ? HOOK_IN_ROOTFS : 0) },
                                .string = { program_add_string(b, h->path),
                                        program_add_string(b, spec_hook_name(kind)),
                                        program_add_string(b, hook_status[kind]),
                                        program_add_string(b,
                                                is_in_container || is_in_rootfs ? NULL : bundle) },
                                .data = { program_add_list(
                                                  b, h->args.n > 0 ? h->args.items : path_only),
                                        program_add_list(b, h->env.items) } });
        }
}

bool plan_has_any_hook(const Spec *spec)
{
        for (int i = 0; i < _SPEC_HOOK_MAX; i++)
                if (plan_has_hooks(spec, (SpecHookKind) i))
                        return true;
        return false;
}

void plan_write_state_head(const Plan *p, const char *id, FILE *f)
{
        (void) fputs("{\"ociVersion\":", f);
        json_write_string(f, p->spec->oci_version);
        (void) fputs(",\"id\":", f);
        json_write_string(f, id);
}

static void write_state_tail(const Plan *p, FILE *f)
{
        const SpecKeyValues *annotations = &p->spec->annotations;

        (void) fputs(",\"bundle\":", f);
        json_write_string(f, p->ctx ? p->ctx->bundle : p->bundle);
        for (size_t i = 0; i < annotations->n; i++) {
                (void) fputs(i == 0 ? ",\"annotations\":{" : ",", f);
                json_write_string(f, annotations->items[i].key);
                (void) fputc(':', f);
                json_write_string(f, annotations->items[i].value);
        }
        (void) fputs(annotations->n > 0 ? "}}" : "}", f);
}

int plan_state_tail(const Plan *p, char **ret)
{
        size_t size;
        FILE *f = open_memstream(ret, &size);

        if (!f)
                return plan_no_memory(p->err);
        write_state_tail(p, f);
        return fclose(f) != 0 ? plan_no_memory(p->err) : 0;
}

int plan_add_hook_state(Plan *p)
{
        _cleanup_free_ char *head = NULL, *tail = NULL;
        ProgramBuilder *b = &p->program;
        size_t size;
        FILE *f;
        int r;

        if (!plan_has_any_hook(p->spec))
                return 0;
        f = open_memstream(&head, &size);
        if (!f)
                return plan_no_memory(p->err);
        plan_write_state_head(p, p->ctx->id, f);
        if (fclose(f) != 0)
                return plan_no_memory(p->err);

        r = plan_state_tail(p, &tail);
        if (r < 0)
                return r;
        program_add(b, STAGE_PREPARE,
                (ProgramOp){ .opcode = PROGRAM_OP_HOOK_STATE,
                        .string = { program_add_string(b, head), program_add_string(b, tail) } });
        return 0;
}
