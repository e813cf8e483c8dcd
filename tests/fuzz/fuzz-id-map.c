/* Id mappings: a configuration made of numbers. A map that reaches the kernel's file maps each id
 * once, on both sides, within 32 bits. */
#include "fuzz/fuzz.h"
#include "plan/plan.h"

enum { NUMBERS_MAX = 3 * 400, MAPPING_MAX = 340 };

typedef struct Range {
        unsigned long long inside, outside, size;
} Range;

static void print_mappings(FILE *f, const char *name, const uint32_t *numbers, size_t n)
{
        fprintf(f, ",\"%s\":[", name);
        for (size_t i = 0; i + 2 < n; i += 3)
                fprintf(f, "%s{\"containerID\":%u,\"hostID\":%u,\"size\":%u}", i > 0 ? "," : "",
                        numbers[i], numbers[i + 1], numbers[i + 2]);
        fputs("]", f);
}

static char *make_config(const uint32_t *numbers, size_t n)
{
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        FUZZ_CHECK(f);
        fputs("{\"ociVersion\":\"1.2.0\",\"root\":{\"path\":\"r\"},\"process\":{\"args\":[\"x\"],\"cwd\":\"/\"},"
              "\"linux\":{\"namespaces\":[{\"type\":\"user\"},{\"type\":\"mount\"}]",
                f);
        print_mappings(f, "uidMappings", numbers, n);
        print_mappings(f, "gidMappings", numbers, n > 3 ? 3 : n);
        fputs("}}", f);
        FUZZ_CHECK(fclose(f) == 0);
        return text;
}

static bool overlap(
        unsigned long long a, unsigned long long na, unsigned long long b, unsigned long long nb)
{
        return a < b + nb && b < a + na;
}

static void check_map(const char *map)
{
        Range ranges[MAPPING_MAX + 1];
        size_t n = 0;

        for (const char *line = map; *line;) {
                Range *r = &ranges[n];
                int used = 0;

                FUZZ_CHECK(n < MAPPING_MAX);
                FUZZ_CHECK(sscanf(line, "%llu %llu %llu%n", &r->inside, &r->outside, &r->size,
                                   &used) == 3);
                FUZZ_CHECK(line[used] == '\n' || line[used] == '\0');
                FUZZ_CHECK(r->size > 0 && r->inside + r->size <= UINT32_MAX &&
                           r->outside + r->size <= UINT32_MAX);
                for (size_t i = 0; i < n; i++)
                        FUZZ_CHECK(
                                !overlap(ranges[i].inside, ranges[i].size, r->inside, r->size) &&
                                !overlap(ranges[i].outside, ranges[i].size, r->outside, r->size));
                n++;
                line += used + (line[used] == '\n');
        }
        FUZZ_CHECK(n > 0);
}

static void check_program(const void *bytes, size_t size)
{
        Program p;
        size_t n_maps = 0;

        FUZZ_CHECK(program_open(bytes, size, &p, NULL) >= 0);
        for (uint32_t i = 0; i < p.header->n_ops; i++)
                if (p.ops[i].opcode == PROGRAM_OP_WRITE_UID_MAP ||
                        p.ops[i].opcode == PROGRAM_OP_WRITE_GID_MAP) {
                        check_map(program_string(&p, p.ops[i].string[0]));
                        n_maps++;
                }
        FUZZ_CHECK(n_maps == 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static uint32_t numbers[NUMBERS_MAX];
        size_t n = size / sizeof(uint32_t) > NUMBERS_MAX ? NUMBERS_MAX : size / sizeof(uint32_t);
        PlanContext ctx = {
                .id = "web",
                .bundle = "/b",
                .state_dir = "/run/ctrunit/containers/web",
                .config_path = "/b/config.json",
                .digest = "0000000000000000000000000000000000000000000000000000000000000000",
        };
        _cleanup_free_ char *text = NULL;
        _cleanup_(spec_freep) Spec *spec = NULL;
        _cleanup_free_ void *bytes = NULL;
        size_t program_size;
        CtrError err = { 0 };
        int r;

        memcpy(numbers, data, n * sizeof(uint32_t));
        text = make_config(numbers, n);
        r = spec_parse(text, strlen(text), &spec, &err);
        fuzz_check_error(r, &err);
        if (r < 0)
                return 0;
        r = plan_program(spec, &ctx, &bytes, &program_size, &err);
        fuzz_check_error(r, &err);
        if (r >= 0)
                check_program(bytes, program_size);
        return 0;
}
