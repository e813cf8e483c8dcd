/* Annotations of other runtimes: refused by name, harmless values and names nobody knows are not.
 */
#include "unit/plan-case.h"

static void refused(void)
{
        static const struct {
                const char *key, *value, *text;
        } cases[] = {
                { "run.oci.systemd.force_cgroup_v1", "1", "only cgroup v2" },
                { "run.oci.systemd.subgroup", "x", "the cgroup of its unit" },
                { "run.oci.delegate-cgroup", "x", "the cgroup of its unit" },
                { "run.oci.seccomp.receiver", "/x", "linux.seccomp.listenerPath" },
                { "run.oci.seccomp.plugins", "/x.so", "not loaded" },
                { "run.oci.seccomp_bpf_data", "AAAA", "linux.seccomp" },
                { "run.oci.seccomp_fail_unknown_syscall", "1", "left out" },
                { "run.oci.keep_original_groups", "1", "additionalGids" },
                { "run.oci.pidfd_receiver", "/x", "not implemented" },
                { "run.oci.hooks.stdout", "/x", "journal" },
                { "run.oci.hooks.stderr", "/x", "journal" },
                { "run.oci.mount_context_type", "rootcontext", "not implemented" },
                { "run.oci.handler", "wasm", "no other handlers" },
                { "org.criu.config", "/x", "checkpoints" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char top[256], field[128];

                (void) snprintf(top, sizeof(top), ",'annotations':{'%s':'%s'}", cases[i].key,
                        cases[i].value);
                (void) snprintf(field, sizeof(field), "annotations[\"%s\"]", cases[i].key);
                CHECK_REFUSED(
                        (&(PlanCase){ .top = top }), CTR_ERROR_UNSUPPORTED, field, cases[i].text);
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
        }
}

static const Test tests[] = { TEST(refused), TEST(accepted) };
TEST_MAIN(tests)
