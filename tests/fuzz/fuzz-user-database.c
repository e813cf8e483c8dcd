/* Lines of passwd(5), group(5) and subuid(5) that a container may have written: any bytes. */
#include "fuzz/fuzz.h"

#include "runtime/user-database.h"

static int count(void *userdata, uint32_t gid)
{
        FUZZ_CHECK(gid < UINT32_MAX);
        (*(size_t *) userdata)++;
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char *text = malloc(size + 1);
        size_t at = 0, n = 0, last = 0;
        SpecIdMapping range;
        UserEntry entry;
        uint32_t gid;

        FUZZ_CHECK(text);
        memcpy(text, data, size);
        if (user_database_find_user(text, size, "web", 0, &entry) >= 0)
                FUZZ_CHECK(strcmp(entry.name, "web") == 0 && entry.uid < UINT32_MAX);
        if (user_database_find_user(text, size, NULL, 100, &entry) >= 0)
                FUZZ_CHECK(entry.uid == 100 && entry.name[0] && !strchr(entry.name, ':'));
        if (user_database_find_group(text, size, "web", &gid) >= 0)
                FUZZ_CHECK(gid < UINT32_MAX);
        FUZZ_CHECK(user_database_for_each_group(text, size, "web", 5, count, &n) >= 0);
        while (user_database_next_range(text, size, "web", &at, &range) > 0) {
                FUZZ_CHECK(at > last && at <= size && range.size > 0);
                last = at;
        }
        free(text);
        return 0;
}
