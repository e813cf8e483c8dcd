/* Lists of CPUs as bit masks. */
#include "plan/cpu-list.h"
#include "unit/test.h"

static void lists(void)
{
        CpuMask m;

        CHECK_INT(cpu_list_parse("0", &m), 0);
        CHECK_INT(m.n_bytes, 1);
        CHECK_INT(m.bytes[0], 1);
        CHECK_INT(cpu_list_parse("0-3,5,16", &m), 0);
        CHECK_INT(m.n_bytes, 3);
        CHECK_INT(m.bytes[0], 0x2f);
        CHECK_INT(m.bytes[1], 0);
        CHECK_INT(m.bytes[2], 1);
        CHECK_INT(cpu_list_parse("5,0-5", &m), 0);
        CHECK_INT(m.bytes[0], 0x3f);
        CHECK_INT(cpu_list_parse("8191", &m), 0);
        CHECK_INT(m.n_bytes, 1024);
}

static void refused(void)
{
        static const char *const bad[] = { "", ",", "1,", ",1", "1,,2", "3-1", "1-", "-1", "a",
                "1 2", " 1", "1\n", "8192", "99999999999999999999", "0x1", "1-2-3", "0-31:2/4" };

        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                CpuMask m;

                if (cpu_list_parse(bad[i], &m) != -EINVAL)
                        test_fail(__FILE__, __LINE__, "\"%s\" was accepted", bad[i]);
        }
}

static const Test tests[] = { TEST(lists), TEST(refused) };
TEST_MAIN(tests)
