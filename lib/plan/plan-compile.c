/* The program of an init as bytes: what plan_build() puts in order, with the system call filter
 * compiled. Apart from plan-program.c so that the generator, which only checks that there is a
 * program, links no libseccomp. */
#include "plan/plan-internal.h"

int plan_program(
        const Spec *spec, const PlanContext *ctx, void **ret, size_t *ret_size, CtrError *err)
{
        Plan p = { .spec = spec,
                .ctx = ctx,
                .seccomp_compile = plan_seccomp_compile_cached,
                .filter_cache = ctx->filter_cache,
                .err = err };
        PropertyList list = { 0 };
        int r;

        r = plan_fill_properties(spec, ctx, &list, err);
        p.has_limits = plan_has_limits(&list, ctx);
        property_list_done(&list);
        if (r >= 0)
                r = plan_build(&p);
        if (r >= 0) {
                r = program_builder_finish(&p.program,
                        ctx->mode == PLAN_SERVICE ? PROGRAM_SERVICE : PROGRAM_SCOPE, ctx->id,
                        ctx->digest, ret, ret_size);
                if (r < 0)
                        (void) ctr_error_set(err, CTR_ERROR_SYSTEM, r, "laying out the program");
        }
        program_builder_done(&p.program);
        return r;
}
