/* Unknown names: ignored with a warning for containers, errors for files a person can correct. */
#include "spec/spec.h"
#include "unit/test.h"

static const char text[] = "{\n"
                           "  \"ociVersion\": \"1.0.2\",\n"
                           "  \"root\": { \"path\": \"rootfs\" },\n"
                           "  \"hostnam\": \"web\",\n"
                           "  \"linux\": { \"namespaces\": [ { \"type\": \"mount\" } ] }\n"
                           "}\n";

static void unknown_name(void)
{
        _cleanup_(spec_freep) Spec *spec = NULL;
        CtrError err = { 0 };

        CHECK_OK(spec_parse(text, sizeof(text) - 1, &spec, &err), err);
        CHECK_INT(spec->warnings.n, 1);
        spec = spec_free(spec);
        CHECK(spec_parse_strict(text, sizeof(text) - 1, &spec, &err) < 0);
        CHECK_INT(err.code, CTR_ERROR_CONFIG_INVALID);
        CHECK_STR(err.field, "hostnam");
        CHECK_STR(err.message, "unknown property, did you mean \"hostname\"?");
        CHECK_INT(err.line, 4);
        CHECK(err.column > 0);
}

static void known_names(void)
{
        _cleanup_(spec_freep) Spec *spec = NULL;
        static const char good[] = "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"rootfs\"},"
                                   "\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]}}";
        CtrError err = { 0 };

        CHECK_OK(spec_parse_strict(good, sizeof(good) - 1, &spec, &err), err);
}

static const Test tests[] = { TEST(unknown_name), TEST(known_names) };
TEST_MAIN(tests)
