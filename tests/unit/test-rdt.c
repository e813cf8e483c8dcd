/* linux.intelRdt: what plan makes of it, and what ctr-exec does with a made-up resctrl tree. */
#include "base/rdt.h"
#include "unit/container-host.h"
#include "unit/plan-case.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static Outcome outcome;

/* ---- plan ---- */

static void check_op(const char *rdt, const char *expected)
{
        char section[512];
        _cleanup_free_ char *text = NULL;

        (void) snprintf(section, sizeof(section), ",'intelRdt':{%s}", rdt);
        text = plan_case_program(&(PlanCase){ .linux_ = section });
        CHECK_LINE(text, expected);
}

static void planned(void)
{
        check_op("'closID':'gold'", "HOST  prepare rdt flags=1 root=/sys/fs/resctrl class=gold");
        check_op("'closID':'gold','l3CacheSchema':'L3:0=f','memBwSchema':'MB:0=50'",
                "HOST  prepare rdt flags=0 root=/sys/fs/resctrl class=gold "
                "schemata=\"L3:0=f\\nMB:0=50\\n\"");
        check_op("'l3CacheSchema':'L3:0=f\\nMB:0=20','memBwSchema':'MB:0=50','schemata':['L2:0=3']",
                "HOST  prepare rdt flags=2 root=/sys/fs/resctrl class=web "
                "schemata=\"L3:0=f\\nMB:0=50\\nL2:0=3\\n\"");
        check_op("'enableMonitoring':true",
                "HOST  prepare rdt flags=2 root=/sys/fs/resctrl class=web monitor=web");
        check_op("'closID':'/','enableCMT':true",
                "HOST  prepare rdt flags=1 root=/sys/fs/resctrl class=/ monitor=web");
}

static void refused(void)
{
        static const struct {
                const char *rdt, *field, *text;
        } cases[] = {
                { "\"closID\":\"a/b\"", "linux.intelRdt.closID", "name of a class" },
                { "\"closID\":\"..\"", "linux.intelRdt.closID", "kernel's" },
                { "\"closID\":\"info\"", "linux.intelRdt.closID", "kernel's" },
                { "\"schemata\":[\"L3:0=f\\nMB:0=5\"]", "linux.intelRdt.schemata[0]", "one line" },
                { "\"schemata\":[\"L3\"]", "linux.intelRdt.schemata[0]", "not a line" },
                { "\"memBwSchema\":\"L3:0=f\"", "linux.intelRdt.memBwSchema", "MB:" },
                { "\"memBwSchema\":\"MB:0=5\\nMB:1=5\"", "linux.intelRdt.memBwSchema", "one line" },
                { "\"l3CacheSchema\":\"L2:0=f\"", "linux.intelRdt.l3CacheSchema", "not a line" },
                { "\"enableMonitoring\":1", "linux.intelRdt.enableMonitoring", "true or false" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(spec_freep) Spec *spec = NULL;
                CtrError err = { 0 };
                char text[512];

                (void) snprintf(text, sizeof(text),
                        "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},\"linux\":{"
                        "\"namespaces\":[{\"type\":\"mount\"}],\"intelRdt\":{%s}}}",
                        cases[i].rdt);
                CHECK_INT(spec_parse(text, strlen(text), &spec, &err), -EINVAL);
                CHECK_STR(err.field, cases[i].field);
                CHECK_CONTAINS(err.message, cases[i].text);
        }
}

/* ---- ctr-exec ---- */

static void make_dir(const Host *h, const char *path)
{
        CHECK(mkdir(host_path(h, path), 0755) >= 0);
}

static void make_tree(Host *h)
{
        host_init(h);
        make_dir(h, "rdt");
        make_dir(h, "rdt/info");
        make_dir(h, "rdt/mon_groups");
        make_dir(h, "rdt/gold");
        make_dir(h, "rdt/gold/mon_groups");
        host_write(h, "rdt/gold/schemata", "    L3:0=00f;1=0ff\n    MB:0= 50;1=100\n", 0600);
}

typedef struct RdtCase {
        uint64_t flags;
        const char *class, *schemata, *monitor;
} RdtCase;

static void run_in(Host *h, const char *root, const RdtCase *c)
{
        static Builder b;

        b = (Builder){ 0 };
        container_prepare(h, &b);
        build_op(&b, STAGE_PREPARE,
                (ProgramOp){ .opcode = PROGRAM_OP_RDT,
                        .number = { c->flags | RDT_FILES },
                        .string = { build_string(&b, host_path(h, root)),
                                build_string(&b, c->class),
                                c->schemata ? build_string(&b, c->schemata) : (ProgramData){ 0 },
                                c->monitor ? build_string(&b, c->monitor) : (ProgramData){ 0 } } });
        container_clone(&b, CONTAINER_FLAGS);
        plain_op(&b, STAGE_ATTEND, PROGRAM_OP_AWAIT_EXEC);
        notify_op(&b, "running");
        container_attach(&b);
        container_pivot(&b);
        container_exec(&b, ARGV("/bin/ctr-probe", "exit", "0"), ARGV(NULL));
        host_start(h, &b, PROGRAM_SERVICE, "run");
        host_wait(h, &outcome);
}

static const char *file_of(const Host *h, const char *path)
{
        static char text[512];
        _cleanup_close_ int fd = open(host_path(h, path), O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

        text[n > 0 ? n : 0] = '\0';
        return text;
}

static bool exists(const Host *h, const char *path)
{
        return access(host_path(h, path), F_OK) >= 0;
}

static void fails_with(const char *text)
{
        CHECK(outcome.helper_status != 0);
        CHECK_CONTAINS(outcome.error_file, text);
}

static void joins_a_class(void)
{
        Host h;

        make_tree(&h);
        run_in(&h, "rdt", &(RdtCase){ RDT_MUST_EXIST, "gold", NULL, NULL });
        outcome_check_exited(&outcome, outcome.helper_status, 0);
        CHECK_STR(file_of(&h, "rdt/gold/tasks"), "0");
        CHECK(!exists(&h, "state/rdt"));
        run_in(&h, "rdt", &(RdtCase){ RDT_MUST_EXIST, "silver", NULL, NULL });
        fails_with("no class of service");
        host_done(&h);
}

static void compares_schemata(void)
{
        Host h;

        make_tree(&h);
        run_in(&h, "rdt", &(RdtCase){ 0, "gold", "L3:0=f;1=FF\n", NULL });
        fails_with("other schemata");
        run_in(&h, "rdt", &(RdtCase){ 0, "gold", "L3:0=f;1=ff\nMB:1=100\n", NULL });
        outcome_check_exited(&outcome, outcome.helper_status, 0);
        run_in(&h, "rdt", &(RdtCase){ 0, "gold", "L3:0=e\n", NULL });
        fails_with("other schemata");
        run_in(&h, "rdt", &(RdtCase){ 0, "gold", "L3:2=f\n", NULL });
        fails_with("other schemata");
        run_in(&h, "rdt", &(RdtCase){ 0, "gold", "L2:0=f\n", NULL });
        fails_with("other schemata");
        CHECK_STR(file_of(&h, "rdt/gold/schemata"), "    L3:0=00f;1=0ff\n    MB:0= 50;1=100\n");
        host_done(&h);
}

/* What was made goes with the state, and nothing else does. */
static void makes_and_removes(void)
{
        _cleanup_close_ int state_fd = -EBADF;
        Host h;

        make_tree(&h);
        run_in(&h, "rdt", &(RdtCase){ RDT_OWN, "test", "L3:0=3\n", NULL });
        outcome_check_exited(&outcome, outcome.helper_status, 0);
        CHECK_STR(file_of(&h, "rdt/test/schemata"), "L3:0=3\n");
        CHECK_STR(file_of(&h, "rdt/test/tasks"), "0");
        CHECK_CONTAINS(file_of(&h, "state/rdt"), "/rdt/test\n");
        run_in(&h, "rdt", &(RdtCase){ RDT_MUST_EXIST, "gold", NULL, "test" });
        outcome_check_exited(&outcome, outcome.helper_status, 0);
        CHECK_STR(file_of(&h, "rdt/gold/mon_groups/test/tasks"), "0");
        CHECK_CONTAINS(file_of(&h, "state/rdt"), "/rdt/gold/mon_groups/test\n");

        /* The kernel's files go with their directory; these do not. */
        CHECK(unlink(host_path(&h, "rdt/test/schemata")) >= 0);
        CHECK(unlink(host_path(&h, "rdt/test/tasks")) >= 0);
        CHECK(unlink(host_path(&h, "rdt/gold/mon_groups/test/tasks")) >= 0);
        state_fd = open(host_path(&h, "state"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        rdt_release(state_fd);
        CHECK(!exists(&h, "rdt/test") && !exists(&h, "rdt/gold/mon_groups/test"));
        CHECK(exists(&h, "rdt/gold") && !exists(&h, "state/rdt"));
        rdt_release(state_fd);
        closep(&state_fd);
        host_done(&h);
}

static void without_resctrl(void)
{
        Host h;

        make_tree(&h);
        run_in(&h, "rdt/gold", &(RdtCase){ 0, "x", NULL, NULL });
        fails_with("no resctrl file system");
        run_in(&h, "nowhere", &(RdtCase){ 0, "x", NULL, NULL });
        fails_with("no resctrl file system");
        host_done(&h);
}

static const Test tests[] = { TEST(planned), TEST(refused), TEST(joins_a_class),
        TEST(compares_schemata), TEST(makes_and_removes), TEST(without_resctrl) };
TEST_MAIN(tests)
