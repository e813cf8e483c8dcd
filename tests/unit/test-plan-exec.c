/* Programs of further processes: the way in, and the same identity as init's. */
#include "plan/program-exec.h"
#include "unit/plan-case.h"

#include <sched.h>

static const PlanExec exec_default = {
        .id = "web",
        .init_pid = 42,
        .init_starttime = 4711,
        .cgroup_dir = "/sys/fs/cgroup/ctr.slice/ctr@web.service",
        .namespaces = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET,
};

static char *exec_text(const PlanCase *c, const PlanExec *exec)
{
        _cleanup_(spec_freep) Spec *spec = plan_case_spec(c);
        _cleanup_free_ void *bytes = NULL;
        Program program;
        CtrError err = { 0 };
        char *text = NULL;
        size_t size;
        FILE *f;

        CHECK_OK(plan_exec_program(spec, &spec->process, exec, &bytes, &size, &err), err);
        CHECK_OK(program_open(bytes, size, &program, &err), err);
        CHECK_INT(program.header->kind, PROGRAM_EXEC);
        f = open_memstream(&text, &size);
        CHECK(f);
        CHECK_INT(program_to_text(&program, f), 0);
        CHECK_INT(fclose(f), 0);
        return text;
}

static void way_in(void)
{
        _cleanup_free_ char *text = exec_text(&(PlanCase){ 0 }, &exec_default);
        PlanExec other = exec_default;
        _cleanup_free_ char *plain = NULL, *user = NULL;

        CHECK_CONTAINS(text, "HOST  prepare open-process slot=0 pid=42 starttime=4711\n"
                             "HOST  prepare join-cgroup flags=1 "
                             "path=/sys/fs/cgroup/ctr.slice/ctr@web.service\n"
                             "HOST  prepare join-before-clone slot=0 type=pid\n"
                             "HOST  attend clone flags=0\n"
                             "HOST  attend await-exec\n"
                             "CHILD namespace join-namespace slot=0 type=network|mount\n"
                             "CHILD namespace new-session\n"
                             "CHILD namespace cpu-affinity mask=0 bytes\n"
                             "CHILD identity chdir path=/ flags=2\n");

        other.namespaces = 0;
        other.cgroup_dir = NULL;
        plain = exec_text(&(PlanCase){ 0 }, &other);
        CHECK(!strstr(plain, "join"));

        other.namespaces = CLONE_NEWUSER | CLONE_NEWNS;
        user = exec_text(&(PlanCase){ .process = ",'oomScoreAdj':7" }, &other);
        CHECK_LINE(user, "CHILD namespace join-namespace slot=0 type=user|mount");
        CHECK_LINE(user, "CHILD namespace become-root");
        CHECK_LINE(user, "HOST  prepare oom-score-adj value=7");
}

/* Who may look into any process sees the one that enters when it has nothing to look for any more:
 * neither the clone, which is outside of the pid namespace, nor the session that it must not lead.
 */
static void born_late(void)
{
        static const char born[] = "CHILD final birth slot=0\n";
        static const char process[] = ",'capabilities':{'bounding':['CAP_SYS_PTRACE']}";
        PlanExec other = exec_default;
        _cleanup_free_ char *text = exec_text(&(PlanCase){ .process = process }, &exec_default),
                            *plain = exec_text(&(PlanCase){ 0 }, &exec_default), *user = NULL,
                            *host = NULL, *deadline = NULL;

        CHECK_CONTAINS(text, born);
        CHECK_LINE(text, "CHILD namespace join-namespace slot=0 type=pid|network|mount");
        CHECK(!strstr(text, "join-before-clone"));
        CHECK(strstr(text, born) > strstr(text, "set-capabilities"));
        CHECK(!strstr(plain, born));

        /* A user namespace keeps it from that, and nobody is born among the host's. */
        other.namespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID;
        user = exec_text(&(PlanCase){ .process = process }, &other);
        CHECK(!strstr(user, born));
        other.namespaces = CLONE_NEWNS;
        host = exec_text(&(PlanCase){ .process = process }, &other);
        CHECK(!strstr(host, born));
        /* sched(7): fork(2) fails. */
        deadline = exec_text(
                &(PlanCase){ .process = ",'capabilities':{'bounding':['CAP_SYS_PTRACE']},"
                                        "'scheduler':{'policy':'SCHED_DEADLINE','runtime':100000,"
                                        "'deadline':1000000,'period':1000000}" },
                &exec_default);
        CHECK(!strstr(deadline, born));
}

/* The lines of one stage. */
static char *stage_of(const char *text, const char *stage)
{
        _cleanup_free_ char *copy = strdup(text);
        char *out = NULL, *save = NULL;
        size_t size;
        FILE *f = open_memstream(&out, &size);

        CHECK(copy && f);
        for (char *l = strtok_r(copy, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
                if (strncmp(l, stage, strlen(stage)) == 0)
                        (void) fprintf(f, "%s\n", l);
        CHECK_INT(fclose(f), 0);
        return out;
}

/* A process added later gets exactly what init got. */
static void same_identity_as_init(void)
{
        static const char *const privileges[] = { "true", "false" };

        for (size_t i = 0; i < ELEMENTSOF(privileges); i++) {
                char process[512];
                PlanCase c = { .process = process,
                        .linux_ = ",'seccomp':{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{"
                                  "'names':['mkdir'],'action':'SCMP_ACT_ERRNO'}]},"
                                  "'personality':{'domain':'LINUX32'}" };
                _cleanup_free_ char *init = NULL, *later = NULL, *init_stage = NULL,
                                    *later_stage = NULL, *init_final = NULL, *later_final = NULL;
                static const char first[] = "CHILD identity chdir path=/ flags=2\n";

                (void) snprintf(process, sizeof(process),
                        ",'noNewPrivileges':%s,'rlimits':[{'type':'RLIMIT_CORE','soft':0,'hard':1}]"
                        ",'capabilities':{'bounding':['CAP_KILL'],'effective':['CAP_KILL'],"
                        "'permitted':['CAP_KILL']},'apparmorProfile':'ctr-default','ioPriority':"
                        "{'class':'IOPRIO_CLASS_IDLE'}",
                        privileges[i]);
                init = plan_case_program(&c);
                later = exec_text(&c, &exec_default);
                init_stage = stage_of(init, "CHILD identity");
                later_stage = stage_of(later, "CHILD identity");
                CHECK(strncmp(later_stage, first, strlen(first)) == 0);
                CHECK_STR(later_stage + strlen(first), init_stage);
                init_final = stage_of(init, "CHILD final");
                later_final = stage_of(later, "CHILD final");
                CHECK_STR(later_final, init_final);
                CHECK_LINE(init_stage,
                        "CHILD identity lsm-label attribute=apparmor/exec value=\"exec ctr-default\"");
                CHECK_LINE(init_stage, "CHILD identity personality domain=0x8");
                CHECK_CONTAINS(init, "seccomp flags=0x0 filter=");
        }
}

static void refused(void)
{
        _cleanup_(spec_freep) Spec *spec = plan_case_spec(&(PlanCase){ 0 });
        SpecProcess process = spec->process;
        void *bytes = NULL;
        CtrError err = { 0 };
        size_t size;

        process.has_terminal = true;
        CHECK(plan_exec_program(spec, &process, &exec_default, &bytes, &size, &err) < 0);
        CHECK_STR(err.field, "process.terminal");
        process = spec->process;
        process.args = (SpecStrv){ 0 };
        CHECK(plan_exec_program(spec, &process, &exec_default, &bytes, &size, &err) < 0);
        CHECK_STR(err.field, "process.args");
        process = spec->process;
        process.cwd = (char *) "relative";
        CHECK(plan_exec_program(spec, &process, &exec_default, &bytes, &size, &err) < 0);
        CHECK_STR(err.field, "process.cwd");
        CHECK(!bytes);
}

/* What the quick programs make of init's program is what the configuration compiles to. */
static char *derived_text(const PlanCase *c, const PlanExec *exec)
{
        _cleanup_(spec_freep) Spec *spec = plan_case_spec(c);
        PlanContext ctx = plan_case_context(c);
        _cleanup_free_ void *bytes = NULL, *derived = NULL;
        ProgramExec request = { .init_pid = exec->init_pid,
                .init_starttime = exec->init_starttime,
                .cgroup_dir = exec->cgroup_dir,
                .namespaces = exec->namespaces,
                .args = spec->process.args.items };
        Program init, program;
        CtrError err = { 0 };
        char *text = NULL;
        size_t size;
        FILE *f;
        int r;

        CHECK_OK(plan_program(spec, &ctx, &bytes, &size, &err), err);
        CHECK_OK(program_open(bytes, size, &init, &err), err);
        r = program_exec_derive(&init, &request, &derived, &size, &err);
        CHECK_OK(r, err);
        if (r == 0)
                return NULL;
        CHECK_OK(program_open(derived, size, &program, &err), err);
        CHECK_INT(program.header->kind, PROGRAM_EXEC);
        f = open_memstream(&text, &size);
        CHECK(f);
        CHECK_INT(program_to_text(&program, f), 0);
        CHECK_INT(fclose(f), 0);
        return text;
}

#define FILTER                                                                                     \
        ",'seccomp':{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{'names':['mkdir'],"             \
        "'action':'SCMP_ACT_ERRNO'}]}"

#define PTRACE ",'capabilities':{'bounding':['CAP_SYS_PTRACE']}"

static void derived_is_compiled(void)
{
        static const PlanCase cases[] = {
                { 0 },
                { .origin = PLAN_TRANSIENT_CREATE },
                { .origin = PLAN_GENERATED, .has_waiting_caller = true },
                { .process = ",'noNewPrivileges':true", .linux_ = FILTER },
                { .process = ",'noNewPrivileges':false", .linux_ = FILTER },
                { .process = ",'noNewPrivileges':true",
                        .linux_ = FILTER,
                        .origin = PLAN_TRANSIENT_CREATE },
                { .process = ",'rlimits':[{'type':'RLIMIT_CORE','soft':0,'hard':1},"
                             "{'type':'RLIMIT_NOFILE','soft':5,'hard':6}],'oomScoreAdj':7" },
                { .process = ",'capabilities':{'bounding':['CAP_KILL'],'effective':['CAP_KILL'],"
                             "'permitted':['CAP_KILL'],'inheritable':['CAP_KILL'],'ambient':['CAP_KILL']}" },
                { .process = PTRACE ",'noNewPrivileges':true", .linux_ = FILTER },
                { .process = PTRACE ",'noNewPrivileges':false", .linux_ = FILTER },
                { .process = PTRACE ",'scheduler':{'policy':'SCHED_DEADLINE','runtime':100000,"
                                    "'deadline':1000000,'period':1000000}" },
                { .process = PTRACE ",'scheduler':{'policy':'SCHED_FIFO','priority':1,"
                                    "'flags':['SCHED_FLAG_RESET_ON_FORK']}" },
                { .process = ",'env':['A=b','PATH=/bin:/usr/bin','C= d']" },
                { .process = ",'apparmorProfile':'ctr-default','selinuxLabel':'a:b:c:d'",
                        .linux_ = ",'mountLabel':'e:f:g:h'" },
                { .process = ",'ioPriority':{'class':'IOPRIO_CLASS_IDLE'},'scheduler':{"
                             "'policy':'SCHED_BATCH','nice':3}",
                        .linux_ = ",'personality':{'domain':'LINUX32'}" },
                { .linux_ = ",'resources':{'pids':{'limit':7},'memory':{'limit':99999744}}" },
                { .linux_ = ",'maskedPaths':['/proc/kcore'],'readonlyPaths':['/proc/sys']" },
                { .linux_ = ",'memoryPolicy':{'mode':'MPOL_BIND','nodes':'0'}" },
                { .top = ",'hooks':{'startContainer':[{'path':'/h'}],'poststart':[{'path':'/h'}],"
                         "'poststop':[{'path':'/h'}],'prestart':[{'path':'/h'}]}" },
                { .top = ",'annotations':{'org.ctrunit.init':'true'}" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(spec_freep) Spec *spec = plan_case_spec(&cases[i]);
                PlanContext ctx = plan_case_context(&cases[i]);
                _cleanup_free_ char *compiled = exec_text(&cases[i], &exec_default),
                                    *derived = derived_text(&cases[i], &exec_default);

                CHECK(plan_exec_is_plain(spec, &ctx));
                CHECK(derived);
                CHECK_STR(derived, compiled);
        }
}

/* And where it would be another one, nothing is derived. */
static void not_plain(void)
{
        static const PlanCase cases[] = {
                { .process = ",'execCPUAffinity':{'initial':'0'}" },
                { .process = ",'execCPUAffinity':{'final':'0'}" },
                { .linux_ = ",'intelRdt':{'closID':'a','l3CacheSchema':'L3:0=f'}" },
                { .linux_ = ",'seccomp':{'defaultAction':'SCMP_ACT_ALLOW','listenerPath':'/run/a',"
                            "'syscalls':[{'names':['mkdir'],'action':'SCMP_ACT_NOTIFY'}]}" },
                { .top = ",'annotations':{'org.ctrunit.notify':'true'}" },
                { .namespaces = "{'type':'user'},{'type':'mount'},{'type':'pid'}",
                        .linux_ = ",'uidMappings':[{'containerID':0,'hostID':1000,'size':9}],"
                                  "'gidMappings':[{'containerID':0,'hostID':1000,'size':9}]" },
        };
        PlanExec user = exec_default;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(spec_freep) Spec *spec = plan_case_spec(&cases[i]);
                PlanContext ctx = plan_case_context(&cases[i]);

                CHECK(!plan_exec_is_plain(spec, &ctx));
        }
        /* These are seen in the program too. */
        CHECK(!derived_text(&cases[2], &exec_default));
        CHECK(!derived_text(&cases[3], &exec_default));
        user.namespaces |= CLONE_NEWUSER;
        CHECK(!derived_text(&(PlanCase){ 0 }, &user));
}

static const Test tests[] = {
        TEST(way_in),
        TEST(born_late),
        TEST(same_identity_as_init),
        TEST(refused),
        TEST(derived_is_compiled),
        TEST(not_plain),
};
TEST_MAIN(tests)
