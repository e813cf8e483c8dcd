/* The manual and the shipped drop-in agree with the tables of the program. */
#include "unitfile/keys.h"
#include "plan/properties.h"
#include "unit/test.h"

#include "base/io.h"

#include <fcntl.h>

static char *read_source(const char *path)
{
        const char *root = getenv("CTRUNIT_SOURCE");
        char full[4096], *text = NULL;
        CtrError err = { 0 };
        size_t size;

        if (!root)
                test_fail(__FILE__, __LINE__, "CTRUNIT_SOURCE is not set");
        (void) snprintf(full, sizeof(full), "%s/%s", root, path);
        CHECK_OK(ctr_read_file(AT_FDCWD, full, 1024 * 1024, &text, &size, &err), err);
        return text;
}

static void every_key_is_in_the_manual(void)
{
        char *page = read_source("man/ctrunit.container.5.scd");
        const KeyInfo *key;

        for (size_t i = 0; (key = key_at(i)); i++) {
                char word[128];

                (void) snprintf(word, sizeof(word), "*%s=*", key->name);
                CHECK_CONTAINS(page, word);
        }
        free(page);
}

static void every_key_of_the_manual_is_known(void)
{
        char *page = read_source("man/ctrunit.container.5.scd");

        for (char *p = page; (p = strstr(p, "=*")); p += 2) {
                char name[128] = "";
                char *start = p;
                const KeyInfo *key;
                size_t i = 0;

                while (start > page && start[-1] != '*')
                        start--;
                (void) snprintf(name, sizeof(name), "%.*s", (int) (p - start), start);
                while ((key = key_at(i)) && strcmp(key->name, name) != 0)
                        i++;
                CHECK_STR(key ? key->name : "(unknown)", name);
        }
        free(page);
}

/* systemd reads a drop-in after the unit: a key in both would overrule the container's own value.
 */
static void drop_in_overrides_nothing(void)
{
        char *text = read_source("units/ctr@.service.d/10-ctrunit.conf");
        CtrError err = { 0 };
        Ini ini = { 0 };

        CHECK_OK(ini_add_text(&ini, "10-ctrunit.conf", text, strlen(text), &err), err);
        CHECK(ini.n > 0);
        for (size_t i = 0; i < ini.n; i++) {
                const char *name = ini.items[i].key;
                const KeyInfo *key;

                for (PropertyId id = 0; id < _PROPERTY_MAX; id++)
                        CHECK_STR(strcmp(property_info(id)->key, name) == 0 ? name : "", "");
                for (size_t j = 0; (key = key_at(j)); j++)
                        CHECK_STR(strcmp(key->name, name) == 0 ? name : "", "");
        }
        ini_done(&ini);
}

static const Test tests[] = {
        TEST(every_key_is_in_the_manual),
        TEST(every_key_of_the_manual_is_known),
        TEST(drop_in_overrides_nothing),
};
TEST_MAIN(tests)
