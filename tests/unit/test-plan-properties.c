/* The unit: what is always there, names, annotations, and what a unit cannot carry. */
#include "unit/plan-case.h"

static void always_there(void)
{
        static const char *const lines[] = { "Description=Container web", "Slice=ctr.slice",
                "Type=notify", "NotifyAccess=all", "KillMode=mixed", "KillSignal=SIGTERM",
                "SuccessExitStatus=143", "TimeoutStopSec=10s", "OOMPolicy=continue",
                "CPUAccounting=yes", "IOAccounting=yes", "MemoryAccounting=yes",
                "TasksAccounting=yes", "SyslogIdentifier=web", "LogExtraFields=CONTAINER_NAME=web",
                "LogExtraFields=CONTAINER_ID=web", "LogExtraFields=CONTAINER_ID_FULL=web",
                "LogExtraFields=CONTAINER_BUNDLE=/b",
                "ExecStart=" CTR_EXEC_PATH " run /run/ctrunit/containers/web",
                "ExecStopPost=" CTR_EXEC_PATH " record-exit /run/ctrunit/containers/web" };
        static const PlanOrigin origins[] = { PLAN_TRANSIENT_RUN, PLAN_TRANSIENT_CREATE,
                PLAN_GENERATED };

        for (size_t i = 0; i < ELEMENTSOF(origins); i++) {
                PlanCase c = { .origin = origins[i] };
                _cleanup_free_ char *text = plan_case_unit(&c);
                bool is_generated = origins[i] == PLAN_GENERATED;

                for (size_t k = 0; k < ELEMENTSOF(lines); k++)
                        CHECK_LINE(text, lines[k]);
                CHECK(has_line(text, "ExecStartPre=" CTR_EXEC_PATH
                                     " prepare /run/ctrunit/containers/web web " PLAN_CASE_DIGEST
                                     " /etc/ctrunit/containers/web/config.json") == is_generated);
                CHECK(has_line(text, "SourcePath=/etc/ctrunit/containers/web/config.json") ==
                        is_generated);
                CHECK(!strstr(text, "Delegate"));
        }
}

/* Less for PID 1 to do, where a caller stays: what hangs on hooks remains. */
static void waiting_caller(void)
{
        static const char record[] =
                "ExecStopPost=" CTR_EXEC_PATH " record-exit /run/ctrunit/containers/web";
        PlanCase plain = { .has_waiting_caller = true };
        PlanCase poststop = { .has_waiting_caller = true,
                .top = ",'hooks':{'poststop':[{'path':'/bin/x'}]}" };
        PlanCase poststart = { .has_waiting_caller = true,
                .top = ",'hooks':{'poststart':[{'path':'/bin/x'}]}" };
        _cleanup_free_ char *unit = plan_case_unit(&plain), *program = plan_case_program(&plain);
        _cleanup_free_ char *stop_unit = plan_case_unit(&poststop);
        _cleanup_free_ char *start_unit = plan_case_unit(&poststart);
        _cleanup_free_ char *start_program = plan_case_program(&poststart);

        CHECK_NO_LINE(unit, record);
        CHECK(!strstr(unit, "RequiresMountsFor="));
        CHECK_LINE(unit, "After=remote-fs.target");
        CHECK_LINE(unit, "DefaultDependencies=no");
        CHECK(!strstr(unit, "LogExtraFields="));
        CHECK_LINE(unit, "StandardOutput=null");
        CHECK_LINE(unit, "StandardError=null");
        CHECK(strstr(program, "notify-ready") < strstr(program, "await-exec"));

        CHECK_LINE(stop_unit, record);
        CHECK_NO_LINE(stop_unit, "StandardOutput=null");
        CHECK_NO_LINE(start_unit, record);
        CHECK_NO_LINE(start_unit, "StandardOutput=null");
        CHECK(strstr(start_program, "notify-ready") > strstr(start_program, "await-exec"));
}

/* A configured container waits for its mounts at boot; who starts another has read them. */
static void required_mounts(void)
{
        PlanCase c = { .origin = PLAN_GENERATED,
                .mounts = "{'destination':'/a','source':'/srv/x/../y','options':['bind']},"
                          "{'destination':'/b','source':'data','options':['rbind']},"
                          "{'destination':'/c','source':'/srv/y','type':'bind'},"
                          "{'destination':'/d','source':'/dev/shm','options':['bind']},"
                          "{'destination':'/e','source':'/tmp','type':'tmpfs'}" };
        _cleanup_free_ char *text = plan_case_unit(&c);

        CHECK_CONTAINS(text, "RequiresMountsFor=/b\nRequiresMountsFor=/b/rootfs\n"
                             "RequiresMountsFor=/srv/y\nRequiresMountsFor=/b/data\n\n");
        CHECK(!strstr(text, "DefaultDependencies="));

        free(text);
        c.origin = PLAN_TRANSIENT_CREATE;
        text = plan_case_unit(&c);
        CHECK(!strstr(text, "RequiresMountsFor="));
        CHECK_LINE(text, "After=remote-fs.target");
        CHECK_LINE(text, "DefaultDependencies=no");
}

static void annotations(void)
{
        static const struct {
                const char *annotation, *line;
        } cases[] = {
                { "'org.opencontainers.image.stopSignal':'SIGQUIT'", "KillSignal=SIGQUIT" },
                { "'org.opencontainers.image.stopSignal':'RTMIN+3'", "KillSignal=SIGRTMIN+3" },
                { "'org.opencontainers.image.stopSignal':'9'", "KillSignal=SIGKILL" },
                { "'org.systemd.property.Description':'\\'my % text\\''",
                        "Description=my %% text" },
                { "'org.systemd.property.TimeoutStopUSec':'uint64 7000000'", "TimeoutStopSec=7s" },
                { "'org.systemd.property.TimeoutStopSec':'7'", "TimeoutStopSec=7s" },
                { "'org.systemd.property.CollectMode':'\\'inactive-or-failed\\''",
                        "CollectMode=inactive-or-failed" },
                { "'org.systemd.property.OOMPolicy':'\\'kill\\''", "OOMPolicy=kill" },
                { "'org.systemd.property.MemoryHigh':'uint64 1048576'", "MemoryHigh=1048576" },
                { "'org.systemd.property.TasksMax':'18446744073709551615'", "TasksMax=infinity" },
                { "'org.systemd.property.CPUWeight':'200'", "CPUWeight=200" },
                { "'org.systemd.property.Slice':'\\'ctr-batch.slice\\''", "Slice=ctr-batch.slice" },
                { "'org.opencontainers.image.ref.name':'shop/web:1 %n'",
                        "Description=Container web (shop/web:1 %%n)" },
                { "'org.opencontainers.image.ref.name':'shop/web:1 %n'",
                        "LogExtraFields=\"IMAGE_NAME=shop/web:1 %%n\"" },
                { "'org.opencontainers.image.ref.name':'a\\nb'", "Description=Container web" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char top[256], *p = top;
                PlanCase c = { .top = top };
                _cleanup_free_ char *text = NULL;

                /* \' stands for a ' that stays one. */
                (void) snprintf(top, sizeof(top), ",'annotations':{%s}", cases[i].annotation);
                for (const char *s = top; *s; s++)
                        *p++ = s[0] == '\'' && s > top && s[-1] == '\\' ? '\'' : *s;
                *p = '\0';
                text = plan_case_unit(&c);
                CHECK_LINE(text, cases[i].line);
        }
}

static void refused_annotations(void)
{
        static const struct {
                const char *name, *value;
                CtrErrorCode code;
        } cases[] = {
                { "org.systemd.property.Conflicts", "['vict.service']", CTR_ERROR_UNSUPPORTED },
                { "org.systemd.property.PIDs", "[uint32 1]", CTR_ERROR_UNSUPPORTED },
                { "org.systemd.property.ExecStart", "x", CTR_ERROR_UNSUPPORTED },
                { "org.systemd.property.Delegate", "true", CTR_ERROR_UNSUPPORTED },
                { "org.systemd.property.KillMode", "x", CTR_ERROR_UNSUPPORTED },
                { "org.systemd.property.", "x", CTR_ERROR_UNSUPPORTED },
                { "org.systemd.property.MemorySec", "1", CTR_ERROR_UNSUPPORTED },
                { "org.systemd.property.TasksMax", "0", CTR_ERROR_CONFIG_INVALID },
                { "org.systemd.property.TasksMax", "many", CTR_ERROR_CONFIG_INVALID },
                { "org.systemd.property.TasksMax", "-1", CTR_ERROR_CONFIG_INVALID },
                { "org.systemd.property.CollectMode", "never", CTR_ERROR_CONFIG_INVALID },
                { "org.systemd.property.Description", "unquoted", CTR_ERROR_CONFIG_INVALID },
                { "org.opencontainers.image.stopSignal", "SIGNOPE", CTR_ERROR_CONFIG_INVALID },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char top[256], field[256];

                (void) snprintf(top, sizeof(top), ",'annotations':{'%s':'%s'}", cases[i].name,
                        strchr(cases[i].value, '\'') ? "x" : cases[i].value);
                (void) snprintf(field, sizeof(field), "annotations[\"%s\"]", cases[i].name);
                CHECK_REFUSED((&(PlanCase){ .top = top }), cases[i].code, field, "");
        }
}

static void cgroups_path(void)
{
        PlanCase c = { .linux_ = ",'cgroupsPath':'ctr-a.slice:x:y'" };
        _cleanup_free_ char *text = plan_case_unit(&c);
        static const char *const bad[] = { "/a/b", "a/b", "system.slice:x:y", "ctr-a.slice:x",
                "ctr-a.slice/..:x:y", "ctr--.slice:x:y" };

        CHECK_LINE(text, "Slice=ctr-a.slice");
        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                char linux_[128];

                (void) snprintf(linux_, sizeof(linux_), ",'cgroupsPath':'%s'", bad[i]);
                CHECK_REFUSED((&(PlanCase){ .linux_ = linux_ }), CTR_ERROR_UNSUPPORTED,
                        "linux.cgroupsPath", "");
        }
}

/* Delegation only for a container that can write to its cgroup. */
static void delegate(void)
{
        static const struct {
                const char *options;
                bool is_delegated;
        } cases[] = {
                { "'ro'", false },
                { "'nosuid'", false },
                { "'rw'", true },
                { "'ro','rw'", true },
                { "'rw','ro'", false },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char mounts[128];
                PlanCase c = { .mounts = mounts };
                _cleanup_free_ char *unit = NULL, *program = NULL;

                (void) snprintf(mounts, sizeof(mounts),
                        "{'destination':'/sys/fs/cgroup','type':'cgroup','options':[%s]}",
                        cases[i].options);
                unit = plan_case_unit(&c);
                program = plan_case_program(&c);
                CHECK(has_line(unit, "Delegate=yes") == cases[i].is_delegated);
                CHECK(!!strstr(program, "attr=ro") == !cases[i].is_delegated);
        }
}

static void context(void)
{
        static const char *const bad[] = { "/run/a b", "/run/$HOME", "/run/%i", "/run/a;b",
                "/run/\"x", "/run/'x", "/run/a\\x", "/run/a\n" };
        _cleanup_(spec_freep) Spec *spec = plan_case_spec(&(PlanCase){ 0 });
        PlanContext ctx;
        PropertyList list = { 0 };
        CtrError err = { 0 };

        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                ctx = plan_case_context(&(PlanCase){ 0 });
                ctx.state_dir = bad[i];
                CHECK(plan_properties(spec, &ctx, &list, &err) < 0);
                CHECK_CONTAINS(err.message, "cannot stand in a unit");
        }
        ctx = plan_case_context(&(PlanCase){ .origin = PLAN_GENERATED });
        ctx.config_path = "/etc/$x";
        CHECK(plan_properties(spec, &ctx, &list, &err) < 0);
        ctx = plan_case_context(&(PlanCase){ 0 });
        ctx.id = "../x";
        CHECK(plan_properties(spec, &ctx, &list, &err) < 0);
        CHECK_INT(err.code, CTR_ERROR_INVALID_ID_FORMAT);
}

static const Test tests[] = {
        TEST(always_there),
        TEST(waiting_caller),
        TEST(required_mounts),
        TEST(annotations),
        TEST(refused_annotations),
        TEST(cgroups_path),
        TEST(delegate),
        TEST(context),
};
TEST_MAIN(tests)
