/* Annotations of other runtimes: those that mean something here, those that are refused by name,
 * and harmless values and names that nobody knows. */
#include "plan/plan-internal.h"
#include "unit/plan-case.h"

static void refused(void)
{
        static const struct {
                const char *key, *value, *text;
                CtrErrorCode code;
        } cases[] = {
                { "run.oci.systemd.force_cgroup_v1", "1", "only cgroup v2", CTR_ERROR_UNSUPPORTED },
                { "run.oci.seccomp.plugins", "/x.so", "not loaded", CTR_ERROR_UNSUPPORTED },
                { "run.oci.timens_offset", "1 2 3", "linux.timeOffsets", CTR_ERROR_UNSUPPORTED },
                { "run.oci.handler", "wasm", "no other handlers", CTR_ERROR_UNSUPPORTED },
                { "org.criu.config", "x", "absolute path", CTR_ERROR_CONFIG_INVALID },
                { "run.oci.systemd.subgroup", "..", "name of one cgroup",
                        CTR_ERROR_CONFIG_INVALID },
                { "run.oci.systemd.subgroup", "a/b", "name of one cgroup",
                        CTR_ERROR_CONFIG_INVALID },
                { "run.oci.systemd.subgroup", "cgroup.procs", "name of one cgroup",
                        CTR_ERROR_CONFIG_INVALID },
                { "run.oci.delegate-cgroup", "x", "of use without", CTR_ERROR_CONFIG_INVALID },
                { "run.oci.pidfd_receiver", "x", "absolute path", CTR_ERROR_CONFIG_INVALID },
                { "run.oci.hooks.stdout", "x", "absolute path", CTR_ERROR_CONFIG_INVALID },
                { "run.oci.hooks.stderr", "x", "absolute path", CTR_ERROR_CONFIG_INVALID },
                { "run.oci.mount_context_type", "x", "rootcontext", CTR_ERROR_CONFIG_INVALID },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char top[256], field[128];

                (void) snprintf(top, sizeof(top), ",'annotations':{'%s':'%s'}", cases[i].key,
                        cases[i].value);
                (void) snprintf(field, sizeof(field), "annotations[\"%s\"]", cases[i].key);
                CHECK_REFUSED((&(PlanCase){ .top = top }), cases[i].code, field, cases[i].text);
        }
}

static void accepted(void)
{
        static const char *const annotations[] = {
                "'run.oci.systemd.force_cgroup_v1':'0'",
                "'run.oci.systemd.subgroup':''",
                "'run.oci.keep_original_groups':'0'",
                "'run.oci.seccomp_fail_unknown_syscall':'0'",
                "'run.oci.something.new':'1'",
                "'bundle':'x','io.kubernetes.pod':'y'",
        };

        for (size_t i = 0; i < ELEMENTSOF(annotations); i++) {
                _cleanup_free_ char *text = NULL;
                char top[256];

                (void) snprintf(top, sizeof(top), ",'annotations':{%s}", annotations[i]);
                text = plan_case_unit(&(PlanCase){ .top = top });
                CHECK_CONTAINS(text, "[Service]");
                CHECK(!strstr(text, "Delegate"));
        }
}

/* The child waits until it is there before it makes its cgroup namespace. */
static void sub_cgroup(void)
{
        static const PlanCase c = { .top = ",'annotations':{'run.oci.systemd.subgroup':'inner',"
                                           "'run.oci.delegate-cgroup':'own'}" };
        _cleanup_free_ char *unit = plan_case_unit(&c), *program = plan_case_program(&c);
        const char *moved = strstr(program, "sub-cgroup name=inner flags=0 uid=0 gid=0");
        const char *placed = strstr(program, "send message=placed");
        const char *awaited = strstr(program, "await message=placed");
        const char *unshared = strstr(program, "unshare-cgroup");
        const char *ready = strstr(program, "await message=rootfs-ready");
        const char *delegated = strstr(program, "sub-cgroup name=own flags=1 uid=0 gid=0");

        CHECK_LINE(unit, "Delegate=yes");
        CHECK(moved && placed && awaited && unshared && ready && delegated);
        CHECK(moved < placed && awaited < unshared && placed < ready && ready < delegated);
}

static void sub_cgroup_needs_a_unit(void)
{
        static const char top[] = ",'annotations':{'run.oci.systemd.subgroup':'inner'}";
        static const PlanMode modes[] = { PLAN_CGROUPFS, PLAN_UNPLACED };
        _cleanup_(spec_freep) Spec *spec = plan_case_spec(&(PlanCase){ .top = top });

        for (size_t i = 0; i < ELEMENTSOF(modes); i++) {
                CtrError err = { 0 };

                CHECK_INT(plan_check_engine_annotations(spec, modes[i], &err), -EINVAL);
                CHECK_CONTAINS(err.message, "without systemd's cgroup manager");
        }
        CHECK_INT(plan_check_engine_annotations(spec, PLAN_SCOPE, NULL), 0);
}

static void hook_output(void)
{
        static const char top[] = ",'hooks':{'poststop':[{'path':'/bin/true'}]},'annotations':{"
                                  "'run.oci.hooks.stdout':'/out','run.oci.hooks.stderr':'/err'}";
        _cleanup_free_ char *with = plan_case_program(&(PlanCase){ .top = top });
        _cleanup_free_ char *without = plan_case_program(
                &(PlanCase){ .top = ",'annotations':{'run.oci.hooks.stdout':'/out'}" });

        CHECK_LINE(with, "HOST  prepare hook-output stdout=/out stderr=/err");
        CHECK(!strstr(without, "hook-output"));
}

static void groups(void)
{
        _cleanup_free_ char *text = plan_case_program(
                &(PlanCase){ .top = ",'annotations':{'run.oci.keep_original_groups':'1'}" });

        CHECK_LINE(text, "CHILD identity keep-groups");
}

static void label_option(void)
{
        static const PlanCase c = { .top = ",'annotations':{'run.oci.mount_context_type':'"
                                           "rootcontext'}",
                .linux_ = ",'mountLabel':'l'",
                .mounts = "{'destination':'/t','type':'tmpfs'}" };
        _cleanup_free_ char *text = plan_case_program(&c);

        CHECK_CONTAINS(text, "options=[rootcontext=l]");
}

#define NOTIFY                                                                                     \
        ",'seccomp':{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{'names':['mkdir'],'action':'"   \
        "SCMP_ACT_NOTIFY'}]%s}"

static void seccomp_receiver(void)
{
        static const char top[] = ",'annotations':{'run.oci.seccomp.receiver':'/agent'}";
        char seccomp[256];
        _cleanup_free_ char *text = NULL;

        (void) snprintf(seccomp, sizeof(seccomp), NOTIFY, "");
        text = plan_case_program(&(PlanCase){ .top = top, .linux_ = seccomp });
        CHECK_CONTAINS(text, "listener=/agent");
        CHECK_CONTAINS(text, "send-listener path=/agent");
}

static void seccomp_filter(void)
{
        /* RET ALLOW: 06 00 00 00 00 00 ff 7f */
        static const PlanCase c = { .top = ",'annotations':{'run.oci.seccomp_bpf_data':'"
                                           "BgAAAAAA/38='}",
                .linux_ = ",'seccomp':{'defaultAction':'SCMP_ACT_KILL'}" };
        _cleanup_free_ char *text = plan_case_program(&c);
        _cleanup_(spec_freep) Spec *spec = plan_case_spec(&c);
        static const unsigned char filter[] = { 6, 0, 0, 0, 0, 0, 0xff, 0x7f };

        CHECK_CONTAINS(text, "seccomp flags=0x0 filter=8 bytes");
        CHECK_INT(spec->linux_.seccomp.raw_filter_size, sizeof(filter));
        CHECK(memcmp(spec->linux_.seccomp.raw_filter, filter, sizeof(filter)) == 0);
}

static void seccomp_unknown_calls(void)
{
        static const char seccomp[] =
                ",'seccomp':{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{'names':['mkdir',"
                "'no_such_call'],'action':'SCMP_ACT_ERRNO'}]}";
        static const char top[] = ",'annotations':{'run.oci.seccomp_fail_unknown_syscall':'1'}";
        _cleanup_free_ char *text = plan_case_program(&(PlanCase){ .linux_ = seccomp });
        PlanCase strict = { .top = top, .linux_ = seccomp };
        PlanContext ctx = plan_case_context(&strict);
        _cleanup_(spec_freep) Spec *spec = plan_case_spec(&strict);
        void *program = NULL;
        CtrError err = { 0 };
        size_t size;

        CHECK_CONTAINS(text, " seccomp flags");
        CHECK(plan_program(spec, &ctx, &program, &size, &err) < 0);
        CHECK_STR(err.field, "linux.seccomp.syscalls[0].names[1]");
        CHECK_CONTAINS(err.message, "no_such_call");
}

/* Values that the parser refuses. */
static void bad_values(void)
{
        static const struct {
                const char *annotation, *text;
        } cases[] = {
                { "\"run.oci.keep_original_groups\":\"yes\"", "\"0\" or \"1\"" },
                { "\"run.oci.seccomp_fail_unknown_syscall\":\"2\"", "\"0\" or \"1\"" },
                { "\"run.oci.seccomp.receiver\":\"agent\"", "absolute path" },
                { "\"run.oci.seccomp_bpf_data\":\"AAAA\"", "8 bytes" },
                { "\"run.oci.seccomp_bpf_data\":\"BgAAAAAA/38\"", "base64" },
                { "\"run.oci.seccomp_bpf_data\":\"BgAAAAAA/3!=\"", "base64" },
                { "\"run.oci.seccomp_bpf_data\":\"====\"", "base64" },
                { "\"run.oci.seccomp_bpf_data\":\"=\"", "base64" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(spec_freep) Spec *spec = NULL;
                CtrError err = { 0 };
                char text[512];

                (void) snprintf(text, sizeof(text),
                        "{\"ociVersion\":\"1.2.0\",\"root\":{\"path\":\"r\"},\"annotations\":{%s},"
                        "\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]}}",
                        cases[i].annotation);
                CHECK_INT(spec_parse(text, strlen(text), &spec, &err), -EINVAL);
                CHECK_CONTAINS(err.field, "annotations");
                CHECK_CONTAINS(err.message, cases[i].text);
                CHECK_INT(err.line, 1);
        }
}

static const Test tests[] = { TEST(refused), TEST(accepted), TEST(sub_cgroup),
        TEST(sub_cgroup_needs_a_unit), TEST(hook_output), TEST(groups), TEST(label_option),
        TEST(seccomp_receiver), TEST(seccomp_filter), TEST(seccomp_unknown_calls),
        TEST(bad_values) };
TEST_MAIN(tests)
