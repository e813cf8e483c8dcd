/* Which calls each function of pods makes to network, hooks, hypervisor and agent, and in which
 * order: virtcontainers'. These are here and write down that they were called, instead of those of
 * lib/runtime; the functions themselves, locks, states and files are the real ones. */
#include "runtime/pod-internal.h"

#include "base/io.h"
#include "runtime/pod-namespaces.h"
#include "runtime/strv.h"
#include "unit/test.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>

/* ---- the record ---- */

static char calls[4096];
static const char *failing = ""; /* the call that fails */
static bool is_there, is_paused;
static struct {
        char name[8];
        PodState state;
        bool is_made;
} members[8];

static _printf_(2, 3) int note(CtrError *err, const char *fmt, ...)
{
        char call[64];
        va_list ap;
        size_t n = strlen(calls);

        va_start(ap, fmt);
        (void) vsnprintf(call, sizeof(call), fmt, ap);
        va_end(ap);
        (void) snprintf(calls + n, sizeof(calls) - n, "%s%s", n > 0 ? " " : "", call);
        return strcmp(call, failing) == 0
                       ? ctr_error_set(err, CTR_ERROR_SYSTEM, 0, "%s fails", call)
                       : 0;
}

static size_t member_of(const char *name)
{
        size_t i = 0;

        while (members[i].name[0] != '\0' && strcmp(members[i].name, name) != 0)
                i++;
        CHECK(i + 1 < ELEMENTSOF(members));
        (void) snprintf(members[i].name, sizeof(members[i].name), "%s", name);
        return i;
}

static void set_member(const char *name, PodState state)
{
        size_t i = member_of(name);

        members[i].state = state;
        members[i].is_made = true;
}

/* ---- network and hooks ---- */

int pod_namespaces_create(int dir_fd, const PodNamespaces *namespaces, CtrError *err)
{
        return note(err, "network.init");
}

void pod_namespaces_remove(int dir_fd)
{
}

bool pod_network_is_own(const PodConfig *config)
{
        return true;
}

int pod_network_path(const Pod *pod, char **ret, CtrError *err)
{
        *ret = NULL;
        return 0;
}

int pod_network_add(Pod *pod, CtrError *err)
{
        return note(err, "network.add");
}

void pod_network_remove(Pod *pod)
{
        (void) note(NULL, "network.remove");
}

int pod_hooks_run(Pod *pod, PodHookKind kind, CtrError *err)
{
        static const char *const names[] = {
                [POD_HOOK_PRESTART] = "hooks.preStart",
                [POD_HOOK_POSTSTART] = "hooks.postStart",
                [POD_HOOK_POSTSTOP] = "hooks.postStop",
        };

        return note(err, "%s", names[kind]);
}

/* ---- hypervisor ---- */

static int machine_create(Pod *pod, CtrError *err)
{
        int r = note(err, "hypervisor.startPod");

        is_there = r >= 0;
        return r;
}

static int machine_stop(Pod *pod, bool is_killed, CtrError *err)
{
        int r = note(err, "hypervisor.stopPod");

        is_there = is_paused = false;
        for (size_t i = 0; i < ELEMENTSOF(members); i++)
                members[i].state = POD_STOPPED;
        return r;
}

static int machine_pause(Pod *pod, CtrError *err)
{
        is_paused = true;
        return note(err, "hypervisor.pausePod");
}

static int machine_resume(Pod *pod, CtrError *err)
{
        is_paused = false;
        return note(err, "hypervisor.resumePod");
}

static bool machine_is_there(const Pod *pod)
{
        return is_there;
}

static bool machine_is_paused(const Pod *pod)
{
        return is_paused;
}

const PodKind pod_kind_mock = {
        .name = "record",
        .create = machine_create,
        .stop = machine_stop,
        .pause = machine_pause,
        .resume = machine_resume,
        .is_there = machine_is_there,
        .is_paused = machine_is_paused,
};

/* ---- agent ---- */

static int agent_create(Pod *pod, const PodContainer *container, CtrError *err)
{
        set_member(container->id, POD_READY);
        return note(err, "agent.createContainer(%s)", container->id);
}

static int agent_start(Pod *pod, const PodContainer *container, CtrError *err)
{
        set_member(container->id, POD_RUNNING);
        return note(err, "agent.startContainer(%s)", container->id);
}

static int agent_stop(Pod *pod, const char *name, CtrError *err)
{
        set_member(name, POD_STOPPED);
        return note(err, "agent.stopContainer(%s)", name);
}

static int agent_kill(
        const Pod *pod, const char *name, int signal_number, bool is_all, CtrError *err)
{
        return note(err, "agent.killContainer(%s,%d,%s)", name, signal_number,
                is_all ? "all" : "first");
}

static int agent_list(const Pod *pod, const char *name, pid_t **ret, size_t *ret_n, CtrError *err)
{
        *ret = NULL;
        *ret_n = 0;
        return note(err, "agent.processListContainer(%s)", name);
}

static int agent_exec(const Runtime *rt, const RuntimeExec *options, int *ret_status, CtrError *err)
{
        *ret_status = 0;
        return note(err, "agent.exec(%s)", options->id);
}

const PodAgent pod_agent_noop = {
        .name = "record",
        .create_container = agent_create,
        .start_container = agent_start,
        .stop_container = agent_stop,
        .kill_container = agent_kill,
        .list_processes = agent_list,
        .exec = agent_exec,
};

/* ---- what is kept of members, without a word in the record ---- */

int pod_member_clear(Pod *pod, const char *name, CtrError *err)
{
        members[member_of(name)].is_made = false;
        return 0;
}

int pod_member_remove(Pod *pod, const char *name, CtrError *err)
{
        members[member_of(name)].is_made = false;
        return 0;
}

int pod_member_check_free(const Pod *pod, CtrError *err)
{
        return 0;
}

int pod_member_list(const Pod *pod, SpecStrv *ret, CtrError *err)
{
        *ret = (SpecStrv){ 0 };
        for (size_t i = 0; i < ELEMENTSOF(members); i++)
                if (members[i].is_made)
                        CHECK(strv_add(ret, members[i].name) >= 0);
        return 0;
}

int pod_member_status_of(const Pod *pod _unused_, const char *id _unused_,
        PodContainerStatus *ret _unused_, CtrError *err _unused_)
{
        return 0;
}

int pod_member_status(
        const Pod *pod, const PodContainer *container, PodContainerStatus *ret, CtrError *err)
{
        PodState state = members[member_of(container->id)].state;

        *ret = (PodContainerStatus){ .id = strdup(container->id),
                .state = is_paused && state == POD_RUNNING ? POD_PAUSED : state };
        return ret->id ? 0 : -ENOMEM;
}

/* ---- the functions of virtcontainers ---- */

#define CONTAINER(name) "{\"ID\":\"" name "\",\"RootFs\":\"/srv\",\"Cmd\":{\"Args\":[\"x\"]}}"
#define POD             "{\"ID\":\"p\",\"Containers\":[" CONTAINER("a") "," CONTAINER("b") "]}"

static char root[] = "/tmp/test-pod-order.XXXXXX";
static Runtime rt;

static void begin(void)
{
        CtrError err = { 0 };

        CHECK(mkdtemp(root));
        CHECK_OK(runtime_init(&rt, root, &err), err);
}

static void end(void)
{
        CHECK(ctr_remove_tree(AT_FDCWD, root) >= 0);
        runtime_done(&rt);
}

static int create_pod(CtrError *err)
{
        return runtime_pod_create(&rt, POD, strlen(POD), NULL, err);
}

static int run_pod(CtrError *err)
{
        return runtime_pod_run(&rt, POD, strlen(POD), NULL, err);
}

static int start_pod(CtrError *err)
{
        return runtime_pod_start(&rt, "p", err);
}

static int stop_pod(CtrError *err)
{
        return runtime_pod_stop(&rt, "p", err);
}

static int pause_pod(CtrError *err)
{
        return runtime_pod_pause(&rt, "p", err);
}

static int resume_pod(CtrError *err)
{
        return runtime_pod_resume(&rt, "p", err);
}

static int delete_pod(CtrError *err)
{
        return runtime_pod_delete(&rt, "p", false, err);
}

static int delete_forced(CtrError *err)
{
        return runtime_pod_delete(&rt, "p", true, err);
}

static int create_container(CtrError *err)
{
        return runtime_pod_create_container(
                &rt, "p", CONTAINER("c"), strlen(CONTAINER("c")), NULL, err);
}

static int start_container(CtrError *err)
{
        return runtime_pod_start_container(&rt, "p", "c", err);
}

static int stop_container(CtrError *err)
{
        return runtime_pod_stop_container(&rt, "p", "c", err);
}

static int delete_container(CtrError *err)
{
        return runtime_pod_delete_container(&rt, "p", "c", err);
}

static int kill_container(CtrError *err)
{
        return runtime_pod_kill_container(&rt, "p", "c", 15, true, err);
}

static int list_processes(CtrError *err)
{
        _cleanup_free_ pid_t *pids = NULL;
        size_t n;

        return runtime_pod_list_processes(&rt, "p", "c", &pids, &n, err);
}

static int enter_container(CtrError *err)
{
        char *args[] = { (char *) "true", NULL };
        int status;

        return runtime_pod_enter(
                &rt, "p", "c", &(PodCommand){ .args = { args, 1 } }, false, NULL, &status, err);
}

static int status_pod(CtrError *err)
{
        PodStatus status;
        int r = runtime_pod_status(&rt, "p", &status, err);

        if (r < 0)
                return r;
        CHECK_STR(status.hypervisor, "record");
        CHECK_STR(status.agent, "record");
        pod_status_done(&status);
        return r;
}

#define PREPARE                                                                                    \
        "network.init hooks.preStart network.add hypervisor.startPod agent.createContainer(a) "    \
        "agent.createContainer(b)"
#define START "agent.startContainer(a) agent.startContainer(b) hooks.postStart"
#define STOP  "hypervisor.stopPod network.remove hooks.postStop"

/* One after the other; NULL = the state forbids it, and nothing is called. */
static const struct {
        const char *name;
        int (*f)(CtrError *err);
        const char *calls;
} life[] = {
        { "CreatePod", create_pod, PREPARE },
        { "StatusPod", status_pod, "" },
        { "PausePod, ready", pause_pod, NULL },
        { "CreateContainer, ready", create_container, "agent.createContainer(c)" },
        { "StartContainer, ready", start_container, NULL },
        { "EnterContainer, ready", enter_container, NULL },
        { "ProcessListContainer, ready", list_processes, NULL },
        { "KillContainer, ready", kill_container, "agent.killContainer(c,15,all)" },
        { "DeleteContainer, ready", delete_container, "" },
        { "StartPod", start_pod, START },
        { "StartPod, running", start_pod, NULL },
        { "DeletePod, running", delete_pod, NULL },
        { "CreateContainer", create_container, "agent.createContainer(c)" },
        { "EnterContainer, not started", enter_container, NULL },
        { "StartContainer", start_container, "agent.startContainer(c)" },
        { "StartContainer, running", start_container, NULL },
        { "EnterContainer", enter_container, "agent.exec(p.c)" },
        { "ProcessListContainer", list_processes, "agent.processListContainer(c)" },
        { "KillContainer", kill_container, "agent.killContainer(c,15,all)" },
        { "DeleteContainer, running", delete_container, NULL },
        { "PausePod", pause_pod, "hypervisor.pausePod" },
        { "PausePod, paused", pause_pod, NULL },
        { "StartPod, paused", start_pod, NULL },
        { "StopContainer, paused", stop_container, NULL },
        { "KillContainer, paused", kill_container, NULL },
        { "EnterContainer, paused", enter_container, NULL },
        { "CreateContainer, paused", create_container, NULL },
        { "ResumePod", resume_pod, "hypervisor.resumePod" },
        { "ResumePod, running", resume_pod, NULL },
        { "StopContainer", stop_container, "agent.stopContainer(c)" },
        { "StopContainer, stopped", stop_container, "agent.stopContainer(c)" },
        { "KillContainer, stopped", kill_container, NULL },
        { "StartContainer, stopped", start_container, "agent.startContainer(c)" },
        { "StopContainer", stop_container, "agent.stopContainer(c)" },
        { "DeleteContainer", delete_container, "" },
        { "StopPod", stop_pod, STOP },
        { "StopPod, stopped", stop_pod, NULL },
        { "PausePod, stopped", pause_pod, NULL },
        { "CreateContainer, stopped", create_container, NULL },
        { "StartPod, stopped", start_pod, PREPARE " " START },
        { "PausePod", pause_pod, "hypervisor.pausePod" },
        { "DeletePod, paused", delete_pod, STOP },
        { "RunPod", run_pod, PREPARE " " START },
        { "StopPod", stop_pod, STOP },
        { "DeletePod, stopped", delete_pod, "hypervisor.stopPod network.remove" },
        { "RunPod", run_pod, PREPARE " " START },
        { "DeletePod by force, running", delete_forced, STOP },
};

static void in_the_order_of_virtcontainers(void)
{
        begin();
        for (size_t i = 0; i < ELEMENTSOF(life); i++) {
                CtrError err = { 0 };
                int r;

                calls[0] = '\0';
                r = life[i].f(&err);
                if (life[i].calls ? r < 0 : r >= 0 || err.code != CTR_ERROR_BAD_STATE)
                        test_fail(__FILE__, __LINE__, "%s: %d %s", life[i].name, r, err.message);
                if (strcmp(calls, life[i].calls ? life[i].calls : "") != 0)
                        test_fail(__FILE__, __LINE__, "%s: called \"%s\", expected \"%s\"",
                                life[i].name, calls, life[i].calls ? life[i].calls : "");
        }
        CHECK(!runtime_pod_exists(&rt, "p"));
        end();
}

/* Whatever of RunPod fails: what is called after it, and that there is no pod then. */
static void undoes_what_fails(void)
{
        static const struct {
                const char *call, *after;
        } steps[] = {
                { "network.init", "hypervisor.stopPod network.remove" },
                { "hooks.preStart", "hypervisor.stopPod network.remove" },
                { "network.add", "hypervisor.stopPod network.remove" },
                { "hypervisor.startPod", "hypervisor.stopPod network.remove" },
                { "agent.createContainer(a)", "hypervisor.stopPod network.remove" },
                { "agent.createContainer(b)", "hypervisor.stopPod network.remove" },
                { "agent.startContainer(a)", STOP },
                { "agent.startContainer(b)", STOP },
        };

        begin();
        for (size_t i = 0; i < ELEMENTSOF(steps); i++) {
                CtrError err = { 0 };
                const char *after;

                calls[0] = '\0';
                failing = steps[i].call;
                CHECK(run_pod(&err) < 0);
                CHECK_CONTAINS(err.message, steps[i].call);
                after = strstr(calls, failing);
                CHECK(after);
                CHECK_STR(after + strlen(failing) + 1, steps[i].after);
                CHECK(!runtime_pod_exists(&rt, "p"));
                for (size_t k = 0; k < ELEMENTSOF(members); k++)
                        CHECK(!members[k].is_made);
        }
        failing = "";
        end();
}

static const Test tests[] = {
        TEST(in_the_order_of_virtcontainers),
        TEST(undoes_what_fails),
};
TEST_MAIN(tests)
