/* The program's reader, which ctr-exec trusts from then on: any bytes as a program file. Whatever
 * it accepts can be walked whole. */
#include "fuzz/fuzz.h"
#include "plan/plan.h"

static size_t touch(const Program *p, ProgramData d)
{
        const char *bytes = program_string(p, d);
        size_t sum = 0;

        for (uint32_t i = 0; bytes && i < d.size; i++)
                sum += (unsigned char) bytes[i];
        return sum;
}

static void walk(const Program *p)
{
        size_t sum = touch(p, p->header->id);
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        for (uint32_t i = 0; i < p->header->n_ops; i++) {
                FUZZ_CHECK(program_op_info((ProgramOpcode) p->ops[i].opcode));
                for (size_t k = 0; k < ELEMENTSOF(p->ops[i].string); k++)
                        sum += touch(p, p->ops[i].string[k]);
                for (size_t k = 0; k < ELEMENTSOF(p->ops[i].data); k++)
                        sum += touch(p, p->ops[i].data[k]);
        }
        FUZZ_CHECK(f && program_to_text(p, f) >= 0 && fclose(f) == 0);
        FUZZ_CHECK(size > 0 || sum == 0 || p->header->n_ops == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        void *copy = malloc(size > 0 ? size : 1); /* aligned, and of exactly this size */
        CtrError err = { 0 };
        Program p;
        int r;

        FUZZ_CHECK(copy);
        memcpy(copy, data, size);
        r = program_open(copy, size, &p, &err);
        fuzz_check_error(r, &err);
        if (r >= 0)
                walk(&p);
        free(copy);
        return 0;
}
