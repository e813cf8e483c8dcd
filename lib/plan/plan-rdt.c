/* The resource director's group of a container (config-linux.md, "IntelRdt"): which directory of
 * resctrl, which lines of schemata, and a monitoring group of its own. init and exec join it before
 * they clone, so that their processes are born in it. */
#include "plan/plan-internal.h"

#include "base/rdt.h"

#include <stdio.h>
#include <string.h>

/* l3CacheSchema without lines that memBwSchema replaces, then that, then schemata. */
static char *make_schemata(const SpecIntelRdt *rdt, CtrError *err)
{
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        if (!f) {
                (void) plan_no_memory(err);
                return NULL;
        }
        for (const char *line = rdt->l3_cache_schema; line && *line;) {
                size_t n = strcspn(line, "\n");

                if (n > 0 && (!rdt->memory_bandwidth_schema || strncmp(line, "MB:", 3) != 0))
                        (void) fprintf(f, "%.*s\n", (int) n, line);
                line += n + (line[n] == '\n');
        }
        if (rdt->memory_bandwidth_schema)
                (void) fprintf(f, "%s\n", rdt->memory_bandwidth_schema);
        for (size_t i = 0; i < rdt->schemata.n; i++)
                (void) fprintf(f, "%s\n", rdt->schemata.items[i]);
        if (fclose(f) != 0) {
                free(text);
                (void) plan_no_memory(err);
                return NULL;
        }
        return text;
}

int plan_add_rdt(Plan *p, const char *id)
{
        const SpecIntelRdt *rdt = &p->spec->linux_.intel_rdt;
        _cleanup_free_ char *schemata = NULL;
        ProgramBuilder *b = &p->program;
        uint64_t flags = 0;
        bool is_exec = !p->ctx;

        if (!rdt->is_set)
                return 0;
        schemata = make_schemata(rdt, p->err);
        if (!schemata)
                return -ENOMEM;
        /* A class without lines is one that an administrator made. */
        if (is_exec || (rdt->class && !*schemata))
                flags |= RDT_MUST_EXIST;
        if (!rdt->class)
                flags |= RDT_OWN;
        program_add(b, STAGE_PREPARE,
                (ProgramOp){ .opcode = PROGRAM_OP_RDT,
                        .number = { flags },
                        .string = { program_add_string(b, RDT_ROOT),
                                program_add_string(b, rdt->class ? rdt->class : id),
                                program_add_string(b, is_exec || !*schemata ? NULL : schemata),
                                program_add_string(b, rdt->has_monitoring ? id : NULL) } });
        return 0;
}
