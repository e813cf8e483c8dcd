/* Text of users: "UID[:GID]" as exec takes it, against a reading of the same rule that is written
 * the slow way, and the image's passwd file. Any bytes. */
#include "fuzz/fuzz.h"
#include "helper/passwd.h"
#include "spec/spec.h"

/* Digits only, no leading zero, below 2^32 - 1. */
static bool is_number(const char *text, size_t size, uint32_t *ret)
{
        uint64_t value = 0;

        if (size == 0 || size > 10 || (size > 1 && text[0] == '0'))
                return false;
        for (size_t i = 0; i < size; i++) {
                if (text[i] < '0' || text[i] > '9')
                        return false;
                value = value * 10 + (uint64_t) (text[i] - '0');
        }
        *ret = (uint32_t) value;
        return value < UINT32_MAX;
}

static void check_user(const char *text)
{
        size_t n = strcspn(text, ":");
        bool has_gid = text[n] == ':';
        uint32_t uid = 1, gid = 1, expected_uid, expected_gid = 0;
        bool is_valid = is_number(text, n, &expected_uid) &&
                        (!has_gid || is_number(text + n + 1, strlen(text + n + 1), &expected_gid));
        OptU32 got = { 0 };
        CtrError err = { 0 };
        int r = spec_parse_user(text, &uid, &got, &err);

        fuzz_check_error(r, &err);
        FUZZ_CHECK((r >= 0) == is_valid);
        if (r < 0)
                return;
        gid = got.value;
        FUZZ_CHECK(
                uid == expected_uid && got.is_set == has_gid && (!has_gid || gid == expected_gid));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_free_ char *text = fuzz_string(data, size);
        char home[256];

        if (text)
                check_user(text);
        if (passwd_find_home((const char *) data, size, 1000, home, sizeof(home)) >= 0)
                FUZZ_CHECK(
                        home[0] == '/' && memchr(home, '\0', sizeof(home)) && !strchr(home, '\n'));
        return 0;
}
