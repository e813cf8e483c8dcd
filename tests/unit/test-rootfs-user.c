/* Users and groups by name or number: what is meant, and that nothing odd means root. */
#include "runtime/rootfs-user.h"
#include "unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>

static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\n"
                             "daemon:x:1:1::/:/bin/false\n"
                             "web:x:33:34:Web:/srv:/bin/sh\n"
                             "0day:x:44:45::/:/bin/sh\n"
                             "short:x:0:0\n"
                             "many:x:0:0::/:/bin/sh:more\n"
                             ":x:0:0::/:/bin/sh\n"
                             "blank:x::::/:/bin/sh\n"
                             "hex:x:0x0:0::/:/bin/sh\n"
                             "minus:x:-0:-0::/:/bin/sh\n"
                             "huge:x:4294967296:4294967296::/:/bin/sh\n"
                             "none:x:4294967295:0::/:/bin/sh\n"
                             "spaces:x: 0:0::/:/bin/sh\n"
                             "web:x:0:0::/:/bin/sh\n"
                             "4294967296:x:0:0::/:/bin/sh\n"
                             "last:x:50:51::/:/bin/sh";
static const char groups[] = "root:x:0:\n"
                             "daemon:x:1:web\n"
                             "www:x:34:web,other\n"
                             "extra:x:60:other,web\n"
                             "webmaster:x:61:webby,aweb\n"
                             "bad:x:0x3e:web\n"
                             "broken:x:63\n"
                             "empty:x:64:,,\n"
                             "twice:x:60:web\n";

static void chosen(void)
{
        static const struct {
                const char *user, *group;
                uint32_t uid, gid;
                size_t n_groups;
                uint32_t groups[3];
        } cases[] = {
                { "root", NULL, 0, 0, 0, { 0 } },
                { "0", NULL, 0, 0, 0, { 0 } },
                { "0:0", NULL, 0, 0, 0, { 0 } },
                { "web", NULL, 33, 34, 2, { 1, 60 } },
                { "33", NULL, 33, 34, 2, { 1, 60 } },
                { "web:daemon", NULL, 33, 1, 0, { 0 } },
                { "web:60", NULL, 33, 60, 0, { 0 } },
                { "web:999", NULL, 33, 999, 0, { 0 } },
                { "web:daemon", "extra", 33, 60, 0, { 0 } },
                { "web", "extra", 33, 60, 0, { 0 } },
                { "1000", NULL, 1000, 0, 0, { 0 } },
                { "1000:1000", NULL, 1000, 1000, 0, { 0 } },
                { "4294967294", NULL, 4294967294U, 0, 0, { 0 } },
                { "0day", NULL, 44, 45, 0, { 0 } },
                { "last", NULL, 50, 51, 0, { 0 } },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                CtrError err = { 0 };
                RootfsUser user;

                CHECK_OK(rootfs_user_find_in(
                                 passwd, groups, cases[i].user, cases[i].group, NULL, &user, &err),
                        err);
                if (user.uid != cases[i].uid || user.gid != cases[i].gid ||
                        user.n_groups != cases[i].n_groups)
                        test_fail(__FILE__, __LINE__, "%s: %u:%u, %zu groups", cases[i].user,
                                user.uid, user.gid, user.n_groups);
                for (size_t k = 0; k < user.n_groups && k < ELEMENTSOF(cases[i].groups); k++)
                        CHECK_INT(user.groups[k], cases[i].groups[k]);
                rootfs_user_done(&user);
        }
}

static void refused(void)
{
        static const char *const cases[] = { ":", ":0", "root:", ":root", "nobody", "4294967295",
                "4294967296", "99999999999999999999", "-1", "+0", "0x0", "00", " 0", "0 ", "0\n",
                "root ", "Root", "root:nogroup", "root:0x0", "root:-1", "root:4294967295",
                "root:0:0", "root:root:root", "short", "many", "blank", "hex", "minus", "huge",
                "none", "spaces", "x", "web:bad", "web:broken",
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                CtrError err = { 0 };
                RootfsUser user;

                if (rootfs_user_find_in(passwd, groups, cases[i], NULL, NULL, &user, &err) >= 0)
                        test_fail(__FILE__, __LINE__, "\"%s\" became %u:%u", cases[i], user.uid,
                                user.gid);
                CHECK_INT(err.code, CTR_ERROR_CONFIG_INVALID);
                CHECK(user.n_groups == 0);
        }
}

static void supplementary(void)
{
        static const char *const names[] = { "daemon", "60", "www" }, *unknown[] = { "nogroup" };
        SpecStrv extra = { .items = (char **) names, .n = ELEMENTSOF(names) };
        CtrError err = { 0 };
        RootfsUser user;

        CHECK_OK(rootfs_user_find_in(passwd, groups, "web", NULL, &extra, &user, &err), err);
        CHECK_INT(user.n_groups, 3);
        CHECK_INT(user.groups[2], 34);
        rootfs_user_done(&user);
        extra = (SpecStrv){ .items = (char **) unknown, .n = 1 };
        CHECK(rootfs_user_find_in(passwd, groups, "web", NULL, &extra, &user, &err) < 0);
}

/* Of what a container made in the place of the file: to open it would do something to it. */
static void special(void)
{
        static const char *const made[] = { "mkfifo etc/passwd",
                "mkfifo pipe; ln -s /pipe etc/passwd",
                "mkfifo etc/group; echo web:x:33:34::/:/ >etc/passwd", "mkdir etc/passwd" };
        static const char *const watched[] = { "etc/passwd", "pipe", "etc/group", NULL };
        char directory[] = "/tmp/ctrunit-rootfs-XXXXXX", command[256], path[64];
        struct inotify_event event;

        CHECK(mkdtemp(directory));
        for (size_t i = 0; i < ELEMENTSOF(made); i++) {
                int watch_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
                CtrError err = { 0 };
                RootfsUser user;

                (void) snprintf(command, sizeof(command),
                        "cd %s && rm -rf * && mkdir etc && { %s; }", directory, made[i]);
                CHECK_INT(system(command), 0);
                (void) snprintf(
                        path, sizeof(path), "%s/%s", directory, watched[i] ? watched[i] : "");
                CHECK(!watched[i] || inotify_add_watch(watch_fd, path, IN_OPEN) >= 0);
                CHECK(rootfs_user_find(directory, "web", NULL, NULL, &user, &err) < 0);
                CHECK_INT(err.code, CTR_ERROR_CONFIG_INVALID);
                CHECK_CONTAINS(err.message, "is not a regular file");
                if (read(watch_fd, &event, sizeof(event)) > 0)
                        test_fail(__FILE__, __LINE__, "%s: it was opened", made[i]);
                closep(&watch_fd);
        }
        (void) snprintf(command, sizeof(command), "rm -rf %s", directory);
        CHECK_INT(system(command), 0);
}

static const Test tests[] = { TEST(chosen), TEST(refused), TEST(supplementary), TEST(special) };
TEST_MAIN(tests)
