/* Limits without a controller on this host are named, each controller once. */
#include "runtime/controllers.h"
#include "runtime/strv.h"
#include "unit/test.h"

#include "base/io.h"

#include <fcntl.h>
#include <string.h>

static char root[] = "/tmp/ctrunit-controllers-XXXXXX";

static void missing(void)
{
        static const struct {
                const char *controllers;
                const char *lines; /* joined by '|' */
        } cases[] = {
                { "cpuset cpu io memory pids\n", "" },
                { "cpuset cpu io pids\n",
                        "MemoryMax=, MemoryHigh=: not enforced, the control groups "
                        "of this host have no controller \"memory\"|" },
                { "cpu memory\n",
                        "TasksMax=: not enforced, the control groups of this host have no "
                        "controller \"pids\"|" },
                { "memory pids", "CPUQuota=: not enforced, the control groups of this host have no "
                                 "controller \"cpu\"|" },
        };
        PropertyList list = { 0 };

        CHECK(mkdtemp(root));
        CHECK_INT(property_set_number(&list, PROPERTY_MEMORY_MAX, 1), 0);
        CHECK_INT(property_set_number(&list, PROPERTY_MEMORY_HIGH, 1), 0);
        CHECK_INT(property_set_number(&list, PROPERTY_TASKS_MAX, 1), 0);
        CHECK_INT(property_set_number(&list, PROPERTY_CPU_QUOTA_PER_SEC, 1), 0);
        CHECK_INT(property_set_number(&list, PROPERTY_MEMORY_ACCOUNTING, 1), 0);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_close_ int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                char lines[1024] = "";
                SpecStrv found = { 0 };

                CHECK_INT(ctr_write_file_atomic(fd, "cgroup.controllers", cases[i].controllers,
                                  strlen(cases[i].controllers), 0644),
                        0);
                CHECK_INT(controllers_find_missing(&list, NULL, NULL, root, &found), 0);
                for (size_t k = 0; k < found.n; k++)
                        (void) snprintf(lines + strlen(lines), sizeof(lines) - strlen(lines), "%s|",
                                found.items[k]);
                CHECK_STR(lines, cases[i].lines);
                strv_done(&found);
        }
        CHECK_INT(ctr_remove_tree(AT_FDCWD, root), 0);
        property_list_done(&list);
}

/* No such file: nothing is known to be missing. */
static void unknown_host(void)
{
        PropertyList list = { 0 };
        SpecStrv found = { 0 };

        CHECK_INT(property_set_number(&list, PROPERTY_MEMORY_MAX, 1), 0);
        CHECK_INT(controllers_find_missing(&list, NULL, NULL, "/nonexistent", &found), 0);
        CHECK_INT(found.n, 0);
        property_list_done(&list);
}

static bool has_memory_high(PropertyId limit, void *userdata)
{
        unsigned *asked = userdata;

        (*asked)++;
        return limit == PROPERTY_MEMORY_HIGH;
}

/* Limits that the unit has from elsewhere are named with its own, and only asked for where they
 * would mean nothing. */
static void of_the_unit(void)
{
        static char path[] = "/tmp/ctrunit-controllers-XXXXXX";
        _cleanup_close_ int fd = -EBADF;
        PropertyList list = { 0 };
        SpecStrv found = { 0 };
        unsigned asked = 0;

        CHECK(mkdtemp(path));
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        CHECK_INT(ctr_write_file_atomic(
                          fd, "cgroup.controllers", "cpuset cpu io memory pids", 25, 0644),
                0);
        CHECK_INT(property_set_number(&list, PROPERTY_MEMORY_MAX, 1), 0);
        CHECK_INT(controllers_find_missing(&list, has_memory_high, &asked, path, &found), 0);
        CHECK_INT(asked, 0);
        CHECK_INT(found.n, 0);
        CHECK_INT(
                ctr_write_file_atomic(fd, "cgroup.controllers", "cpuset cpu io pids", 18, 0644), 0);
        CHECK_INT(controllers_find_missing(&list, has_memory_high, &asked, path, &found), 0);
        CHECK_INT(asked, 4);
        CHECK_INT(found.n, 1);
        CHECK_STR(found.items[0],
                "MemoryMax=, MemoryHigh=: not enforced, the control groups of this "
                "host have no controller \"memory\"");
        strv_done(&found);
        property_list_done(&list);
        CHECK_INT(ctr_remove_tree(AT_FDCWD, path), 0);
}

static const Test tests[] = {
        TEST(missing),
        TEST(of_the_unit),
        TEST(unknown_host),
};
TEST_MAIN(tests)
