/* Profiles of system calls as podman and docker write them, into linux.seccomp of one host and one
 * container. */
#include "unitfile/profile.h"

#include "spec/spec.h"
#include "unit/test.h"

#include <linux/capability.h>
#include <string.h>

static const ProfileHost host = {
        .capabilities = UINT64_C(1) << CAP_SYS_CHROOT | UINT64_C(1) << CAP_BPF,
        .machine = "x86_64",
        .kernel = { 5, 15 },
};

static int translate(const char *text, char **ret, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        int r = json_document_parse(text, strlen(text), &doc, err);

        return r < 0 ? r : profile_translate(doc, &host, ret, err);
}

static void becomes(const char *text, const char *expected)
{
        _cleanup_free_ char *got = NULL;
        CtrError err = { 0 };

        CHECK_OK(translate(text, &got, &err), err);
        CHECK_STR(got, expected);
}

/* What is linux.seccomp already stays as it is. */
static void plain(void)
{
        becomes("{\"defaultAction\":\"SCMP_ACT_ALLOW\"}", "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}");
        becomes("{ \"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 38,\n"
                "\"architectures\": [\"SCMP_ARCH_X86\"], \"flags\": [\"SECCOMP_FILTER_FLAG_LOG\"],\n"
                "\"syscalls\": [{\"names\": [\"mkdir\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 28,\n"
                "\"args\": [{\"index\": 0, \"value\": 18446744073709551615, \"op\": \"SCMP_CMP_EQ\"}]}]}",
                "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"],"
                "\"defaultErrnoRet\":38,\"architectures\":[\"SCMP_ARCH_X86\"],"
                "\"syscalls\":[{\"names\":[\"mkdir\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":28,"
                "\"args\":[{\"index\":0,\"value\":18446744073709551615,\"op\":\"SCMP_CMP_EQ\"}]}]}");
}

#define RULE(conditions)                                                                           \
        "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"mkdir\"],"              \
        "\"action\":\"SCMP_ACT_ALLOW\",\"args\":[],\"comment\":\"why\"," conditions "}]}"
#define KEPT                                                                                       \
        "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"mkdir\"],"              \
        "\"action\":\"SCMP_ACT_ALLOW\",\"args\":[]}]}"
#define LEFT_OUT "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[]}"

static void conditions(void)
{
        static const struct {
                const char *text;
                bool is_kept;
        } cases[] = {
                { RULE("\"includes\":{},\"excludes\":{}"), true },
                { RULE("\"includes\":null"), true },
                { RULE("\"includes\":{\"arches\":[\"amd64\",\"x32\"]}"), true },
                { RULE("\"includes\":{\"arches\":[\"s390\",\"s390x\"]}"), false },
                { RULE("\"excludes\":{\"arches\":[\"s390\",\"s390x\"]}"), true },
                { RULE("\"excludes\":{\"arches\":[\"amd64\"]}"), false },
                { RULE("\"includes\":{\"caps\":[\"CAP_SYS_CHROOT\"]}"), true },
                { RULE("\"includes\":{\"caps\":[\"CAP_SYS_CHROOT\",\"CAP_BPF\"]}"), true },
                { RULE("\"includes\":{\"caps\":[\"CAP_SYS_CHROOT\",\"CAP_SYS_ADMIN\"]}"), false },
                { RULE("\"includes\":{\"caps\":[\"CAP_SYS_ADMIN\",\"CAP_SYS_CHROOT\"]}"), false },
                { RULE("\"excludes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}"), true },
                { RULE("\"excludes\":{\"caps\":[\"CAP_SYS_ADMIN\",\"CAP_BPF\"]}"), false },
                { RULE("\"includes\":{\"minKernel\":\"4.8\"}"), true },
                { RULE("\"includes\":{\"minKernel\":\"5.15\"}"), true },
                { RULE("\"includes\":{\"minKernel\":\"5.16\"}"), false },
                { RULE("\"includes\":{\"minKernel\":\"6.1\"}"), false },
                { RULE("\"excludes\":{\"minKernel\":\"4.8\"}"), false },
                { RULE("\"includes\":{\"arches\":[\"amd64\"]},\"excludes\":{\"caps\":[\"CAP_BPF\"]}"),
                        false },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                becomes(cases[i].text, cases[i].is_kept ? KEPT : LEFT_OUT);
}

static void maps_and_names(void)
{
        becomes("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrno\":\"ENOSYS\",\"archMap\":["
                "{\"architecture\":\"SCMP_ARCH_AARCH64\",\"subArchitectures\":[\"SCMP_ARCH_ARM\"]},"
                "{\"architecture\":\"SCMP_ARCH_X86_64\",\"subArchitectures\":[\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"]}],"
                "\"syscalls\":[{\"name\":\"mkdir\",\"action\":\"SCMP_ACT_ERRNO\",\"errno\":\"EPERM\",\"errnoRet\":1}]}",
                "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,\"architectures\":["
                "\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"],"
                "\"syscalls\":[{\"names\":[\"mkdir\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":1}]}");
        becomes("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"archMap\":[]}",
                "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}");
        becomes("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"archMap\":[{\"architecture\":\"SCMP_ARCH_S390X\"}]}",
                "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}");
}

/* Nothing that is not understood is passed over: it might have been what confines. */
static void mistakes(void)
{
        static const struct {
                const char *text, *field, *message;
        } cases[] = {
                { "[]", "", "is an array, expected an object" },
                { "{\"defaultActions\":1}", "defaultActions", "not known" },
                { RULE("\"exclude\":{}"), "syscalls[0].exclude", "not known" },
                { RULE("\"excludes\":[]"), "syscalls[0].excludes", "is an array" },
                { RULE("\"excludes\":{\"cap\":[]}"), "syscalls[0].excludes.cap", "not known" },
                { RULE("\"excludes\":{\"caps\":\"CAP_BPF\"}"), "syscalls[0].excludes.caps",
                        "is a string" },
                { RULE("\"excludes\":{\"caps\":[\"CAP_SYS_ADMIM\"]}"),
                        "syscalls[0].excludes.caps[0]", "is not a capability" },
                { RULE("\"excludes\":{\"caps\":[null]}"), "syscalls[0].excludes.caps[0]",
                        "is null" },
                { RULE("\"includes\":{\"arches\":[\"x86_64\"]}"), "syscalls[0].includes.arches[0]",
                        "no architecture" },
                { RULE("\"includes\":{\"minKernel\":4.8}"), "syscalls[0].includes.minKernel",
                        "version of the kernel" },
                { RULE("\"includes\":{\"minKernel\":\"four\"}"), "syscalls[0].includes.minKernel",
                        "version of the kernel" },
                { RULE("\"name\":\"chmod\""), "syscalls[0].name", "stands beside names" },
                { RULE("\"errno\":\"EWHAT\""), "syscalls[0].errno", "name of an error" },
                { RULE("\"errno\":\"EPERM\",\"errnoRet\":2"), "syscalls[0].errno",
                        "says another error" },
                { "{\"syscalls\":{}}", "syscalls", "is an object" },
                { "{\"syscalls\":[null]}", "syscalls[0]", "is null" },
                { "{\"archMap\":[],\"architectures\":[]}", "archMap", "stands beside" },
                { "{\"archMap\":[{}]}", "archMap[0]", "has no architecture" },
                { "{\"archMap\":[{\"architecture\":\"a\",\"sub\":1}]}", "archMap[0].sub",
                        "not known" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char *text = NULL;
                CtrError err = { 0 };

                CHECK_INT(translate(cases[i].text, &text, &err), -EINVAL);
                CHECK_STR(err.field, cases[i].field);
                CHECK_CONTAINS(err.message, cases[i].message);
                CHECK_INT(err.line, 1);
                CHECK(err.column > 0 && !text);
        }
}

static void kernel_versions(void)
{
        static const char *const wrong[] = { "", "6", "6.", ".1", "x.1", "123456789.1" };
        unsigned version[2];

        CHECK_INT(profile_parse_kernel("6.1.0-18-amd64", version), 0);
        CHECK_INT(version[0] * 100 + version[1], 601);
        CHECK_INT(profile_parse_kernel("4.8", version), 0);
        CHECK_INT(version[0] * 100 + version[1], 408);
        for (size_t i = 0; i < ELEMENTSOF(wrong); i++)
                CHECK_INT(profile_parse_kernel(wrong[i], version), -EINVAL);
}

static const Test tests[] = {
        TEST(plain),
        TEST(conditions),
        TEST(maps_and_names),
        TEST(mistakes),
        TEST(kernel_versions),
};
TEST_MAIN(tests)
