/* The program that restores a checkpoint: criu gets its sources from the configuration, mounts get
 * their attributes from there, and nothing runs before PID 1 and the limits are in order. */
#include "unit/plan-case.h"

#include <string.h>

static char *const criu[] = { (char *) "/usr/sbin/criu", (char *) "restore", NULL };
static const PlanRestore restore = { .criu = criu,
        .environment = "CTRUNIT_STATE=/s",
        .log = "/work/restore.log",
        .cgroup = "/sys/fs/cgroup/x.scope",
        .descriptors = { "file[1:2]", NULL, "pipe:[7]" } };

static char *text_of(const PlanCase *c, PlanMode mode)
{
        _cleanup_(spec_freep) Spec *spec = plan_case_spec(c);
        PlanContext ctx = plan_case_context(c);
        _cleanup_free_ void *bytes = NULL;
        char *text = NULL;
        Program program;
        CtrError err = { 0 };
        size_t size;
        FILE *f;

        ctx.mode = mode;
        CHECK_OK(plan_restore_program(spec, &ctx, &restore, &bytes, &size, &err), err);
        CHECK_OK(program_open(bytes, size, &program, &err), err);
        f = open_memstream(&text, &size);
        CHECK(f);
        CHECK_INT(program_to_text(&program, f), 0);
        CHECK_INT(fclose(f), 0);
        return text;
}

/* Where a text begins; the test ends when it is not there. */
static const char *place(const char *text, const char *part)
{
        const char *p = strstr(text, part);

        if (!p)
                test_fail(__FILE__, __LINE__, "no \"%s\" in:\n%s", part, text);
        return p;
}

static const PlanCase mounts = {
        .mounts = "{'destination':'/proc','type':'proc'},"
                  "{'destination':'/a','type':'bind','source':'/src','options':['rbind','ro']},"
                  "{'destination':'/sys/fs/cgroup','type':'cgroup','options':['ro']}",
        .linux_ = ",'maskedPaths':['/proc/kcore'],'readonlyPaths':['/proc/sys'],"
                  "'resources':{'devices':[{'allow':false,'access':'rwm'}]}",
};

static void sources_are_the_configuration_s(void)
{
        _cleanup_free_ char *text = text_of(&mounts, PLAN_SCOPE);

        (void) place(text, "open-source slot=");
        (void) place(text, "\"mnt[/a]:");
        CHECK(place(text, "stage-target slot=none path=/proc") < place(text, "final exec"));
        CHECK(place(text, " path=/a") < place(text, "bind slot=1"));
        CHECK(!strstr(text, "path=/sys/fs/cgroup/"));
        (void) place(text, "/stage/1\"");
        (void) place(text, "\"mnt[/sys/fs/cgroup]:/sys/fs/cgroup/x.scope\"");
        (void) place(text, "\"mnt[ctrunit-file]:");
        (void) place(text, "\"fd[3]:file[1:2]\"");
        (void) place(text, "\"fd[5]:pipe:[7]\"");
        CHECK(!strstr(text, "fd[4]"));
        CHECK(!strstr(text, "fd[6]"));
        CHECK(!strstr(text, "mnt[/proc]"));
}

static void attributes_come_before_the_processes_run(void)
{
        _cleanup_free_ char *text = text_of(&mounts, PLAN_SERVICE);
        const char *made = place(text, "await-restored"), *run = place(text, "resume-restored");

        CHECK(made < place(text, "restored-attr target=/a "));
        CHECK(made < place(text, "restored-attr target=/proc/kcore "));
        CHECK(place(text, "restored-attr target=/proc/sys ") < run);
        CHECK(place(text, "restored-attr target=/sys/fs/cgroup ") < run);
        CHECK(strstr(made, "record-pid") && strstr(made, "record-pid") < run);
        (void) place(text, "resume-restored flags=1");
}

static void engines_are_placed_first(void)
{
        _cleanup_free_ char *text = text_of(&mounts, PLAN_SCOPE);

        CHECK(place(text, "HOST  attend request-cgroup") <
                place(text, "HOST  attend await-cgroup"));
        CHECK(place(text, "HOST  attend check-device-rules") <
                place(text, "HOST  attend send message=placed"));
        CHECK(place(text, "CHILD rootfs await message=placed") < place(text, "CHILD final exec"));
        CHECK(place(text, "unshare-cgroup") < place(text, "CHILD final exec"));
        (void) place(text, "resume-restored flags=0");
}

static void no_new_privileges_is_inherited(void)
{
        static const PlanCase c = { .process = ",'noNewPrivileges':true" };
        _cleanup_free_ char *text = text_of(&c, PLAN_SCOPE), *other = text_of(&mounts, PLAN_SCOPE);

        CHECK(place(text, "CHILD final no-new-privileges") < place(text, "CHILD final exec"));
        CHECK(!strstr(other, "no-new-privileges"));
}

static void a_network_by_path_is_inherited(void)
{
        static const PlanCase c = { .namespaces = "{'type':'pid'},{'type':'mount'},"
                                                  "{'type':'network','path':'/run/netns/x'}" };
        _cleanup_free_ char *text = text_of(&c, PLAN_SCOPE);

        (void) place(text, "\"fd[6]:ctrunit-network\"");
        (void) place(text, "open-namespace slot=");
}

static void what_cannot_be_saved_is_refused(void)
{
        static const struct {
                PlanCase c;
                const char *field;
        } cases[] = {
                { { .process = ",'terminal':true" }, "process.terminal" },
                { { .namespaces = "{'type':'mount'}" }, "linux.namespaces" },
                { { .namespaces = "{'type':'pid'},{'type':'mount'},{'type':'ipc','path':'/x'}" },
                        "linux.namespaces[\"ipc\"].path" },
                { { .top = ",'hooks':{'poststart':[{'path':'/x'}]}" }, "hooks.poststart" },
                { { .top = ",'annotations':{'org.ctrunit.rootfs':'overlay'}" },
                        "annotations[\"org.ctrunit.rootfs\"]" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(spec_freep) Spec *spec = plan_case_spec(&cases[i].c);
                CtrError err = { 0 };

                CHECK_INT(plan_check_checkpoint(spec, &err), -EOPNOTSUPP);
                CHECK_STR(err.field, cases[i].field);
                CHECK_INT(err.code, CTR_ERROR_UNSUPPORTED);
        }
}

static const Test tests[] = {
        TEST(sources_are_the_configuration_s),
        TEST(attributes_come_before_the_processes_run),
        TEST(engines_are_placed_first),
        TEST(no_new_privileges_is_inherited),
        TEST(a_network_by_path_is_inherited),
        TEST(what_cannot_be_saved_is_refused),
};
TEST_MAIN(tests)
