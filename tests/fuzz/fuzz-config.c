/* config.json, and its parts as exec and update read them: any bytes. */
#include "fuzz/fuzz.h"
#include "spec/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_(spec_freep) Spec *spec = NULL, *strict = NULL, *process = NULL, *resources = NULL;
        CtrError err = { 0 }, strict_err = { 0 }, other = { 0 };
        int r, strict_r;

        r = spec_parse((const char *) data, size, &spec, &err);
        fuzz_check_error(r, &err);
        strict_r = spec_parse_strict((const char *) data, size, &strict, &strict_err);
        fuzz_check_error(strict_r, &strict_err);
        /* Strict is the same and unknown names; the place of an error is known. */
        FUZZ_CHECK(strict_r < 0 || r >= 0);
        FUZZ_CHECK(r != -EINVAL || err.line > 0);
        if (r >= 0) {
                FUZZ_CHECK(spec->process.args.n > 0 || !spec->process.cwd ||
                           spec->process.cwd[0] == '/');
                FUZZ_CHECK(spec->warnings.n == 0 || strict_r < 0 || strict->warnings.n > 0);
        }
        fuzz_check_error(spec_parse_process((const char *) data, size, &process, &other), &other);
        other = (CtrError){ 0 };
        fuzz_check_error(
                spec_parse_resources((const char *) data, size, &resources, &other), &other);
        return 0;
}
