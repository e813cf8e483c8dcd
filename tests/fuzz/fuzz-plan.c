/* From config.json to unit and program, the whole compiler: any bytes. A program that plan wrote is
 * one that ctr-exec accepts, and the unit's text has no line but sections and known keys. */
#include "fuzz/fuzz.h"
#include "plan/plan.h"

static bool is_known_line(const char *line, size_t size)
{
        const char *equals = memchr(line, '=', size);
        size_t n = equals ? (size_t) (equals - line) : 0;

        if (size == 0 || line[0] == '[')
                return true;
        for (int id = 0; id < _PROPERTY_MAX; id++) {
                const PropertyInfo *info = property_info((PropertyId) id);

                if (n > 0 && strlen(info->key) == n && memcmp(info->key, line, n) == 0)
                        return true;
        }
        return false;
}

static void check_unit(const PropertyList *list)
{
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        FUZZ_CHECK(f && property_list_to_unit_text(list, UNIT_SERVICE, f) >= 0 && fclose(f) == 0);
        for (const char *line = text; *line;) {
                size_t n = strcspn(line, "\n");

                FUZZ_CHECK(is_known_line(line, n));
                FUZZ_CHECK(n == 0 || line[n - 1] != '\\');
                line += n + (line[n] == '\n');
        }
}

static void check_program(const void *bytes, size_t size)
{
        _cleanup_free_ char *text = NULL;
        Program program;
        CtrError err = { 0 };
        size_t text_size;
        FILE *f = open_memstream(&text, &text_size);

        FUZZ_CHECK(program_open(bytes, size, &program, &err) >= 0);
        FUZZ_CHECK(f && program_to_text(&program, f) >= 0 && fclose(f) == 0);
        FUZZ_CHECK(text_size > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        PlanContext ctx = {
                .id = "web",
                .bundle = "/b",
                .state_dir = "/run/ctrunit/containers/web",
                .config_path = "/etc/ctrunit/containers/web/config.json",
                .digest = "0000000000000000000000000000000000000000000000000000000000000000",
                .origin = (PlanOrigin) (size % 3),
                .wants_no_pivot = size % 5 == 0,
        };
        _cleanup_(spec_freep) Spec *spec = NULL;
        _cleanup_free_ void *bytes = NULL;
        PropertyList list = { 0 };
        CtrError err = { 0 };
        size_t program_size;
        int r;

        if (spec_parse((const char *) data, size, &spec, &err) < 0)
                return 0;
        r = plan_properties(spec, &ctx, &list, &err);
        fuzz_check_error(r, &err);
        if (r >= 0)
                check_unit(&list);
        property_list_done(&list);
        err = (CtrError){ 0 };
        r = plan_program(spec, &ctx, &bytes, &program_size, &err);
        fuzz_check_error(r, &err);
        if (r >= 0)
                check_program(bytes, program_size);
        return 0;
}
