/* Containers of engines: names of scopes, the properties a scope gets, the place of the cgroup in
 * the program, limits as files, terminals. */
#include "plan/plan-internal.h"
#include "unit/plan-case.h"

#include <stdio.h>
#include <string.h>

static int name_of(const char *path, const char *id, char unit[static 256], char slice[static 256])
{
        SpecLinux l = { .cgroups_path = (char *) path };
        Spec spec = { .linux_ = l };
        CtrError err = { 0 };

        return plan_scope_name(&spec, id, unit, slice, &err);
}

static void names(void)
{
        static const struct {
                const char *path, *id, *unit, *slice;
        } cases[] = {
                { NULL, "web", "ctr-web.scope", "system.slice" },
                { "", "a+b", "ctr-a\\x2bb.scope", "system.slice" },
                { "system.slice:docker:abc", "x", "docker-abc.scope", "system.slice" },
                { "machine-libpod_pod_1.slice:libpod:c", "x", "libpod-c.scope",
                        "machine-libpod_pod_1.slice" },
                { ":p:n", "x", "p-n.scope", "system.slice" },
                { "-:p:n", "x", "p-n.scope", "-.slice" },
                { "a.slice::n", "x", "n.scope", "a.slice" },
        };
        static const char *const bad[] = { "n", "a.slice:n", "a.slice:p:", "a.slice:p:n:m", "a:p:n",
                "../a.slice:p:n", "a.slice:p:../n", "a.slice:p/q:n", "a.slice:p:n b",
                "a.slice:p:$n", "a.slice:p:n.slice", "a.slice:p:n%i", "a--b.slice:p:n",
                "a.slice::.n" };
        char unit[256], slice[256];

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                CHECK_INT(name_of(cases[i].path, cases[i].id, unit, slice), 0);
                CHECK_STR(unit, cases[i].unit);
                CHECK_STR(slice, cases[i].slice);
        }
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                if (name_of(bad[i], "x", unit, slice) >= 0)
                        test_fail(__FILE__, __LINE__, "\"%s\" was taken as %s", bad[i], unit);
}

static void longest_name(void)
{
        char path[600], unit[256], slice[256];

        (void) snprintf(path, sizeof(path), "a.slice:p:%0247d", 1);
        CHECK_INT(name_of(path, "x", unit, slice), 0);
        CHECK_INT(strlen(unit), 255);
        (void) snprintf(path, sizeof(path), "a.slice:p:%0248d", 1);
        CHECK(name_of(path, "x", unit, slice) < 0);
        (void) snprintf(path, sizeof(path), "%0300d.slice:p:n", 1);
        CHECK(name_of(path, "x", unit, slice) < 0);
}

static void properties(void)
{
        _cleanup_(spec_freep) Spec *spec = plan_case_spec(&(PlanCase){
                .linux_ =
                        ",'cgroupsPath':'machine.slice:libpod:c','resources':{'pids':{'limit':9}}",
                .top = ",'annotations':{'org.systemd.property.KillSignal':'37',"
                       "'org.systemd.property.TimeoutStopUSec':'@t 7000000'}" });
        PlanContext ctx = plan_case_context(&(PlanCase){ .origin = PLAN_TRANSIENT_CREATE });
        PropertyList list;
        CtrError err = { 0 };

        ctx.mode = PLAN_SCOPE;
        CHECK_OK(plan_properties(spec, &ctx, &list, &err), err);
        CHECK_STR(property_find(&list, PROPERTY_SLICE)->strings[0], "machine.slice");
        CHECK_STR(property_find(&list, PROPERTY_COLLECT_MODE)->strings[0], "inactive-or-failed");
        CHECK_INT(property_find(&list, PROPERTY_DOCUMENTATION)->n_strings, 2);
        CHECK_CONTAINS(property_find(&list, PROPERTY_DOCUMENTATION)->strings[1], "file:/");
        CHECK_INT(property_find(&list, PROPERTY_DELEGATE)->number, 1);
        CHECK_INT(property_find(&list, PROPERTY_TASKS_MAX)->number, 9);
        CHECK_INT(property_find(&list, PROPERTY_KILL_SIGNAL)->number, 37);
        CHECK_INT(property_find(&list, PROPERTY_TIMEOUT_STOP)->number, 7000000);
        /* Everything in it is something that a scope takes: nothing is left out in silence. */
        for (size_t i = 0; i < list.n; i++)
                if (!property_info(list.items[i].id)->takes[UNIT_SCOPE])
                        test_fail(__FILE__, __LINE__, "%s",
                                property_info(list.items[i].id)->bus_name);
        property_list_done(&list);
}

/* Nodes may be made of any device, as with other runtimes: opening them is a matter of the rules.
 */
static void nodes_can_be_made(void)
{
        static const struct {
                PlanMode mode;
                bool is_expected;
        } cases[] = { { PLAN_SCOPE, true }, { PLAN_CGROUPFS, true }, { PLAN_SERVICE, false } };
        _cleanup_(spec_freep) Spec *spec = plan_case_spec(&(PlanCase){ 0 });
        PlanContext ctx = plan_case_context(&(PlanCase){ .origin = PLAN_TRANSIENT_CREATE });

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                PropertyList list;
                CtrError err = { 0 };
                const Property *p;
                unsigned n = 0;

                ctx.mode = cases[i].mode;
                CHECK_OK(plan_properties(spec, &ctx, &list, &err), err);
                p = property_find(&list, PROPERTY_DEVICE_ALLOW);
                for (size_t k = 0; k + 1 < p->n_strings; k += 2)
                        n += strcmp(p->strings[k + 1], "m") == 0;
                CHECK_INT(n, cases[i].is_expected ? 2 : 0);
                property_list_done(&list);
        }
}

/* Position of the first line that begins like this; fails when there is none. */
static long line_of(const char *text, const char *start)
{
        long n = 0;

        for (const char *p = text; *p; n++) {
                if (strncmp(p, start, strlen(start)) == 0)
                        return n;
                p += strcspn(p, "\n");
                p += *p == '\n';
        }
        test_fail(__FILE__, __LINE__, "no line \"%s\" in:\n%s", start, text);
}

static char *program_text(const PlanCase *c, PlanMode mode)
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
        ctx.has_console = true;
        CHECK_OK(plan_program(spec, &ctx, &bytes, &size, &err), err);
        CHECK_OK(program_open(bytes, size, &program, &err), err);
        CHECK_INT(program.header->kind, PROGRAM_SCOPE);
        f = open_memstream(&text, &size);
        CHECK(f);
        CHECK_INT(program_to_text(&program, f), 0);
        CHECK_INT(fclose(f), 0);
        return text;
}

/* The set-up goes on while the cgroup is made; what shows the cgroup waits. */
static void placement(void)
{
        static const PlanCase cases[] = {
                { .origin = PLAN_TRANSIENT_CREATE },
                { .origin = PLAN_TRANSIENT_RUN },
                { .origin = PLAN_TRANSIENT_CREATE,
                        .mounts = "{'destination':'/proc','type':'proc'},"
                                  "{'destination':'/sys/fs/cgroup','type':'cgroup'},"
                                  "{'destination':'/x','type':'tmpfs'}" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *text = program_text(&cases[i], PLAN_SCOPE);
                long placed = line_of(text, "CHILD rootfs await message=placed");

                CHECK(line_of(text, "HOST  attend clone") <
                        line_of(text, "HOST  attend request-cgroup"));
                CHECK(line_of(text, "HOST  attend request-cgroup") <
                        line_of(text, "HOST  attend await-cgroup"));
                CHECK(line_of(text, "HOST  attend await-cgroup") <
                        line_of(text, "HOST  attend send message=placed"));
                CHECK(line_of(text, "CHILD rootfs attach-rootfs") < placed);
                CHECK_INT(line_of(text, "CHILD rootfs unshare-cgroup"), placed + 1);
                CHECK(placed < line_of(text, "CHILD rootfs pivot"));
                CHECK(!strstr(text, "notify-ready"));
                CHECK(!strstr(text, "raise-limits"));
        }
}

static void gate_and_program(void)
{
        _cleanup_free_ char *created =
                program_text(&(PlanCase){ .origin = PLAN_TRANSIENT_CREATE }, PLAN_CGROUPFS);
        _cleanup_free_ char *run =
                program_text(&(PlanCase){ .origin = PLAN_TRANSIENT_RUN }, PLAN_CGROUPFS);

        CHECK(line_of(created, "CHILD final find-program") < line_of(created, "CHILD final gate"));
        CHECK(!strstr(run, "find-program"));
        CHECK(!strstr(run, "gate"));
}

static void terminal(void)
{
        static const PlanCase c = { .origin = PLAN_TRANSIENT_RUN,
                .process = ",'terminal':true,'consoleSize':{'height':3,'width':4}" };
        _cleanup_free_ char *text = program_text(&c, PLAN_SCOPE);

        CHECK(has_line(text, "CHILD rootfs console height=3 width=4 uid=0 flags=1"));
        CHECK(line_of(text, "CHILD namespace new-session") < line_of(text, "CHILD rootfs console"));
        CHECK(line_of(text, "CHILD rootfs console") < line_of(text, "CHILD rootfs pivot"));
}

static void files(void)
{
        static const struct {
                const char *resources, *expected;
                bool is_update;
        } cases[] = {
                { "'memory':{'limit':1048576,'swap':3145728}",
                        "memory.max=1048576\nmemory.swap.max=2097152\n" },
                { "'pids':{'limit':-1}", "pids.max=max\n" },
                { "'cpu':{'shares':1024,'quota':50000,'period':200000}",
                        "cpu.weight=100\ncpu.max=50000 200000\n" },
                { "'cpu':{'cpus':'0-2,5','mems':'0'}", "cpuset.cpus=0,1,2,5\ncpuset.mems=0\n" },
                { "'cpu':{'idle':1}", "cpu.idle=1\n" },
                /* No percents: there is no unit that would keep them. */
                { "'cpu':{'quota':33333,'period':100000}", "cpu.max=33333 100000\n" },
                { "'cpu':{'quota':10001,'period':30000}", "cpu.max=10001 30000\n" },
                { "'cpu':{'quota':-1,'period':30000}", "cpu.max=max 30000\n" },
                { "'cpu':{'idle':1}", "cpu.idle=1\n", true },
                { "'cpu':{'idle':0}", "cpu.idle=0\n", true },
                { "'cpu':{'shares':1024}", "cpu.idle=0\ncpu.weight=100\n", true },
                { "'cpu':{'quota':33333,'period':100000}", "cpu.max=33333 100000\n", true },
                { "'blockIO':{'throttleReadBpsDevice':[{'major':8,'minor':1,'rate':77}]}",
                        "io.max=8:1 rbps=77\n" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *json = NULL, *text = NULL;
                PlanContext ctx = plan_case_context(&(PlanCase){ 0 });
                _cleanup_(spec_freep) Spec *spec = NULL;
                SpecKeyValues values;
                PropertyList list;
                CtrError err = { 0 };
                size_t size;
                FILE *f;

                CHECK(asprintf(&json, ",'resources':{%s}", cases[i].resources) > 0);
                spec = plan_case_spec(&(PlanCase){ .linux_ = json });
                ctx.mode = PLAN_CGROUPFS;
                if (cases[i].is_update)
                        CHECK_OK(plan_update(&spec->linux_.resources, false, &list, &err), err);
                else
                        CHECK_OK(plan_properties(spec, &ctx, &list, &err), err);
                CHECK_OK(plan_property_files(&list, cases[i].is_update, &values, &err), err);
                f = open_memstream(&text, &size);
                CHECK(f);
                for (size_t k = 0; k < values.n; k++)
                        (void) fprintf(f, "%s=%s\n", values.items[k].key, values.items[k].value);
                CHECK_INT(fclose(f), 0);
                CHECK_STR(text, cases[i].expected);
                plan_cgroup_files_done(&values);
                property_list_done(&list);
        }
}

/* By which `delete -f` finds a scope without its state: unlike for every directory. */
static void state_urls(void)
{
        static const char *const cases[][2] = {
                { "/run/ctrunit/containers/web", "file:/run/ctrunit/containers/web" },
                { "/run/a b%/c_1.2+3-4", "file:/run/a%20b%25/c_1.2+3-4" },
                { "/\xc3\xbc", "file:/%c3%bc" },
        };
        char url[PLAN_STATE_URL_MAX], *deep = NULL;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                CHECK_INT(plan_state_url(cases[i][0], url), 0);
                CHECK_STR(url, cases[i][1]);
        }
        deep = malloc(PLAN_STATE_URL_MAX);
        CHECK(deep);
        memset(deep, ' ', PLAN_STATE_URL_MAX);
        deep[PLAN_STATE_URL_MAX / 2] = '\0';
        CHECK_INT(plan_state_url(deep, url), -ENAMETOOLONG);
        free(deep);
}

static const Test tests[] = {
        TEST(names),
        TEST(longest_name),
        TEST(properties),
        TEST(state_urls),
        TEST(nodes_can_be_made),
        TEST(placement),
        TEST(gate_and_program),
        TEST(terminal),
        TEST(files),
};
TEST_MAIN(tests)
