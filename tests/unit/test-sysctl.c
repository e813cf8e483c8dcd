/* Which kernel settings belong to a namespace, and in which spellings. */
#include "plan/plan-sysctl.h"
#include "unit/plan-case.h"

#include <sched.h>

static void spellings(void)
{
        static const struct {
                const char *key, *path;
        } cases[] = {
                { "net.ipv4.ip_forward", "net/ipv4/ip_forward" },
                { "net/ipv4/ip_forward", "net/ipv4/ip_forward" },
                { "net.ipv4.conf.eth0/1.forwarding", "net/ipv4/conf/eth0.1/forwarding" },
                { "net/ipv4/conf/eth0.1/forwarding", "net/ipv4/conf/eth0.1/forwarding" },
                { "kernel", "kernel" },
        };
        char path[SYSCTL_PATH_MAX];

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                CHECK_INT(sysctl_to_path(cases[i].key, path), 0);
                CHECK_STR(path, cases[i].path);
        }
}

static void no_names(void)
{
        static const char *const bad[] = { "", ".", "..", "/", "net..x",
                "net/../kernel/core_pattern", "net//x", "/net/x", "net/x/", "net.x.", "net./../x",
                "net/ x", "net.x\n", "./x" };
        char path[SYSCTL_PATH_MAX], longest[SYSCTL_PATH_MAX + 1];

        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                if (sysctl_to_path(bad[i], path) != -EINVAL)
                        test_fail(__FILE__, __LINE__, "\"%s\" became \"%s\"", bad[i], path);
        memset(longest, 'a', sizeof(longest) - 1);
        longest[sizeof(longest) - 1] = '\0';
        CHECK_INT(sysctl_to_path(longest, path), -EINVAL);
}

static void namespaces(void)
{
        CHECK_INT(sysctl_namespace("net/core/somaxconn"), CLONE_NEWNET);
        CHECK_INT(sysctl_namespace("kernel/shm_rmid_forced"), CLONE_NEWIPC);
        CHECK_INT(sysctl_namespace("fs/mqueue/msg_max"), CLONE_NEWIPC);
        CHECK_INT(sysctl_namespace("kernel/domainname"), CLONE_NEWUTS);
        CHECK_INT(sysctl_namespace("user/max_user_namespaces"), CLONE_NEWUSER);
        CHECK_INT(sysctl_namespace("kernel/core_pattern"), 0);
        CHECK_INT(sysctl_namespace("kernel/sem2"), 0);
        CHECK_INT(sysctl_namespace("kernel/sem/x"), 0);
        CHECK_INT(sysctl_namespace("vm/overcommit_memory"), 0);
        CHECK_INT(sysctl_namespace("fs/file-max"), 0);
        CHECK_INT(sysctl_namespace("net"), 0);
}

static void in_a_plan(void)
{
        PlanCase own = { .linux_ = ",'sysctl':{'net.core.somaxconn':'256'}" };
        _cleanup_free_ char *text = plan_case_program(&own);

        CHECK_LINE(text, "CHILD inside sysctl key=net/core/somaxconn value=256");
        CHECK_REFUSED((&(PlanCase){ .linux_ = ",'sysctl':{'vm.swappiness':'1'}" }),
                CTR_ERROR_CONFIG_INVALID, "linux.sysctl[\"vm.swappiness\"]", "whole host");
        CHECK_REFUSED((&(PlanCase){ .linux_ = ",'sysctl':{'net.core.somaxconn':'1'}",
                              .namespaces = "{'type':'mount'}" }),
                CTR_ERROR_CONFIG_INVALID, "linux.sysctl[\"net.core.somaxconn\"]",
                "needs a namespace");
        CHECK_REFUSED((&(PlanCase){ .linux_ = ",'sysctl':{'kernel.hostname':'x'}",
                              .top = ",'hostname':'y'" }),
                CTR_ERROR_CONFIG_INVALID, "linux.sysctl[\"kernel.hostname\"]", "contradicts");
}

static const Test tests[] = { TEST(spellings), TEST(no_names), TEST(namespaces), TEST(in_a_plan) };
TEST_MAIN(tests)
