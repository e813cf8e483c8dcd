/* The configuration that `ctrctl spec` writes is one that ctrunit itself has nothing to say
 * against. */
#include "plan/plan.h"
#include "runtime/runtime.h"
#include "unit/test.h"

#include <sys/stat.h>

static Spec *parse_default(void)
{
        CtrError err = { 0 };
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);
        Spec *spec;

        CHECK(f);
        runtime_print_default_config(f);
        (void) fclose(f);
        CHECK_OK(spec_parse(text, size, &spec, &err), err);
        free(text);
        return spec;
}

static void is_valid(void)
{
        PlanContext ctx = { .id = "a",
                .bundle = "/b",
                .state_dir = "/run/ctrunit/containers/a",
                .config_path = "/b/config.json",
                .digest = "0000000000000000000000000000000000000000000000000000000000000000",
                .has_launch_socket = true };
        Spec *spec = parse_default();
        PropertyList properties;
        CtrError err = { 0 };
        void *program;
        size_t size;

        CHECK_INT(spec->warnings.n, 0);
        CHECK_OK(plan_properties(spec, &ctx, &properties, &err), err);
        CHECK_OK(plan_program(spec, &ctx, &program, &size, &err), err);
        free(program);
        property_list_done(&properties);
        spec_free(spec);
}

static void is_strict(void)
{
        static const char *const never[] = { "mount", "ptrace", "bpf", "unshare", "setns", "keyctl",
                "add_key", "kexec_load", "init_module", "open_by_handle_at", "userfaultfd",
                "perf_event_open", "reboot", "io_uring_setup", "process_vm_writev", "pivot_root",
                "move_mount", "fsopen" };
        Spec *spec = parse_default();
        const SpecCapabilities *caps = &spec->process.capabilities;

        CHECK(spec->process.no_new_privileges);
        CHECK(!spec->process.has_terminal);
        CHECK(spec->root.is_readonly);
        CHECK_INT(caps->inheritable, 0);
        CHECK_INT(caps->ambient, 0);
        CHECK_INT(caps->bounding & (UINT64_C(1) << 21), 0); /* SYS_ADMIN */
        CHECK_INT(caps->bounding & (UINT64_C(1) << 13), 0); /* NET_RAW */
        CHECK_INT(caps->bounding & (UINT64_C(1) << 27), 0); /* MKNOD */
        CHECK_INT(spec->linux_.seccomp.default_action, SPEC_SECCOMP_ERRNO);
        for (size_t i = 0; i < spec->linux_.seccomp.n_rules; i++) {
                const SpecSeccompRule *rule = &spec->linux_.seccomp.rules[i];

                for (size_t k = 0; rule->action == SPEC_SECCOMP_ALLOW && k < rule->names.n; k++)
                        for (size_t n = 0; n < ELEMENTSOF(never); n++)
                                CHECK(strcmp(rule->names.items[k], never[n]) != 0);
        }
        spec_free(spec);
}

static void never_overwrites(void)
{
        char path[] = "/tmp/test-default-config.XXXXXX";
        int fd = mkstemp(path);
        CtrError err = { 0 };
        struct stat st;

        CHECK(fd >= 0);
        CHECK_INT(runtime_write_default_config(path, false, &err), -EEXIST);
        CHECK_CONTAINS(err.message, "exists");
        CHECK(fstat(fd, &st) >= 0 && st.st_size == 0);
        CHECK(unlink(path) >= 0);
        CHECK_OK(runtime_write_default_config(path, false, &err), err);
        CHECK(stat(path, &st) >= 0 && st.st_size > 1000);
        CHECK(unlink(path) >= 0);
        (void) close(fd);
}

/* Nothing of it needs more than a user has: his own ids, no network, no file system of the kernel
 * that only its owner mounts. */
static void is_rootless(void)
{
        char path[] = "/tmp/test-default-config.XXXXXX", text[65536] = "";
        int fd = mkstemp(path);
        Spec *spec;
        CtrError err = { 0 };
        FILE *f;

        CHECK(fd >= 0);
        (void) close(fd);
        CHECK(unlink(path) >= 0);
        CHECK_OK(runtime_write_default_config(path, true, &err), err);
        f = fopen(path, "r");
        CHECK(f && fread(text, 1, sizeof(text) - 1, f) > 1000);
        (void) fclose(f);
        CHECK(unlink(path) >= 0);
        CHECK_OK(spec_parse(text, strlen(text), &spec, &err), err);
        CHECK_INT(spec->warnings.n, 0);
        CHECK_INT(spec->linux_.uid_mappings.n, 1);
        CHECK_INT(spec->linux_.uid_mappings.items[0].host_id, geteuid());
        CHECK_INT(spec->linux_.gid_mappings.items[0].host_id, getegid());
        CHECK_INT(spec->linux_.gid_mappings.items[0].size, 1);
        CHECK(strstr(text, "\"type\": \"user\""));
        CHECK(!strstr(text, "\"type\": \"network\""));
        CHECK(!strstr(text, "gid=5"));
        CHECK(!strstr(text, "\"type\": \"sysfs\""));
        CHECK(!strstr(text, "/sys/fs/cgroup\""));
        spec_free(spec);
}

static const Test tests[] = { TEST(is_valid), TEST(is_strict), TEST(never_overwrites),
        TEST(is_rootless) };
TEST_MAIN(tests)
