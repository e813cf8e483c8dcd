/* Ids, unit names and slices. */
#include "base/name.h"
#include "unit/test.h"

static void ids(void)
{
        static const char *const good[] = { "web", "my-web_1.b", "+x", "_", "0", "a..b", "A+B" };
        static const char *const bad[] = { "", "-rf", ".", "..", ".a", "a/b", "a b", "a\n", "a@b",
                "a\\x2", "\xc3\xa9", "a%", "$(id)", "~", "a;" };
        char longest[CTR_ID_MAX + 2];

        for (size_t i = 0; i < ELEMENTSOF(good); i++)
                CHECK(ctr_id_is_valid(good[i]));
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                CHECK(!ctr_id_is_valid(bad[i]));
        CHECK(!ctr_id_is_valid(NULL));
        memset(longest, 'a', sizeof(longest));
        longest[CTR_ID_MAX] = '\0';
        CHECK(ctr_id_is_valid(longest));
        longest[CTR_ID_MAX] = 'a';
        longest[CTR_ID_MAX + 1] = '\0';
        CHECK(!ctr_id_is_valid(longest));
        memset(longest, '+', 61);
        longest[61] = '\0';
        CHECK(!ctr_id_is_valid(longest)); /* the unit name would not fit */
}

static void units(void)
{
        char unit[CTR_UNIT_NAME_MAX], id[CTR_ID_MAX + 1];

        CHECK_STR(ctr_id_to_unit("my-web", unit), "ctr@my-web.service");
        CHECK_STR(ctr_id_to_unit("a+b.c", unit), "ctr@a\\x2bb.c.service");
        CHECK_STR(ctr_id_to_unit("a/b", unit), "");
        CHECK_OK(ctr_unit_to_id("ctr@a\\x2bb.c.service", id), (CtrError){ 0 });
        CHECK_STR(id, "a+b.c");
        CHECK(ctr_unit_to_id("ctr@.service", id) < 0);
        CHECK(ctr_unit_to_id("ctr@a+b.service", id) < 0);
        CHECK(ctr_unit_to_id("nginx.service", id) < 0);
}

static void slices(void)
{
        char path[256];

        CHECK(ctr_slice_is_valid("ctr.slice"));
        CHECK(ctr_slice_is_valid("-.slice"));
        CHECK(!ctr_slice_is_valid("ctr"));
        CHECK(!ctr_slice_is_valid(".slice"));
        CHECK(!ctr_slice_is_valid("-a.slice"));
        CHECK(!ctr_slice_is_valid("a-.slice"));
        CHECK(!ctr_slice_is_valid("a--b.slice"));
        CHECK(!ctr_slice_is_valid("a/b.slice"));
        CHECK(!ctr_slice_is_valid("a...slice"));
        CHECK(!ctr_slice_is_valid("a..slice"));
        CHECK(!ctr_slice_is_valid("a.-b.slice"));
        CHECK_INT(ctr_slice_to_cgroup("ctr-a-b.slice", path, sizeof(path)), 0);
        CHECK_STR(path, "ctr.slice/ctr-a.slice/ctr-a-b.slice");
        CHECK_INT(ctr_slice_to_cgroup("-.slice", path, sizeof(path)), 0);
        CHECK_STR(path, "");
        CHECK_INT(ctr_slice_to_cgroup("ctr-a.slice", path, 10), -ENOBUFS);
}

static void cgroup_paths(void)
{
        static const char *const good[] = { "/", "a", "/a", "a/b.c", "/x-1/..y" };
        static const char *const bad[] = { "", "//", "a/", "/a/", "a//b", ".", "..", "a/../b",
                "/..", "a/..", "a\nb", "../a" };

        for (size_t i = 0; i < ELEMENTSOF(good); i++)
                if (!ctr_cgroup_path_is_valid(good[i]))
                        test_fail(__FILE__, __LINE__, "\"%s\" is refused", good[i]);
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                if (ctr_cgroup_path_is_valid(bad[i]))
                        test_fail(__FILE__, __LINE__, "\"%s\" is taken", bad[i]);
}

static const Test tests[] = { TEST(ids), TEST(units), TEST(slices), TEST(cgroup_paths) };
TEST_MAIN(tests)
