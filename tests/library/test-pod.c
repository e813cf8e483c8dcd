/* The pod object: virtcontainers' functions, one after the other. */
#include "library.h"

#include <signal.h>
#include <stdlib.h>

static const char *pod_config(const char *id)
{
        static char text[2048];

        (void) snprintf(text, sizeof(text),
                "{ \"ID\": \"%s\", \"Hostname\": \"pod\", \"HypervisorType\": \"mock\","
                "  \"Annotations\": { \"org.test.one\": \"1\" }, \"Containers\": [ { \"ID\": \"a\","
                "    \"RootFs\": \"%s\","
                "    \"Cmd\": { \"Args\": [ \"/bin/ctr-probe\", \"sleep\", \"1000\" ] } } ] }",
                id, library_rootfs());
        return text;
}

static const char *container_config(const char *name)
{
        static char text[1024];

        (void) snprintf(text, sizeof(text),
                "{ \"ID\": \"%s\", \"RootFs\": \"%s\","
                "  \"Cmd\": { \"Args\": [ \"/bin/ctr-probe\", \"sleep\", \"1000\" ] } }",
                name, library_rootfs());
        return text;
}

static CtrPodState state_of(CtrPod *pod)
{
        CtrPodState state = 0;

        MUST(ctr_pod_get_state(pod, &state, &error));
        return state;
}

static void life(void)
{
        CtrFactory *factory = library_factory();
        CtrPod *pod = NULL, *loaded = NULL;
        char *status = NULL;

        MUST(ctr_pod_create(factory, pod_config("libpod"), &pod, &error));
        CHECK_STR(ctr_pod_get_id(pod), "libpod");
        CHECK_INT(state_of(pod), CTR_POD_READY);
        MUST_FAIL(ctr_pod_create(factory, pod_config("libpod"), &loaded, &error), CTR_ID_IN_USE);
        MUST(ctr_pod_load(factory, "libpod", &loaded, &error));
        MUST_FAIL(ctr_pod_pause(loaded, &error), CTR_BAD_STATE);
        MUST(ctr_pod_start(loaded, &error));
        CHECK_INT(state_of(pod), CTR_POD_RUNNING);
        MUST(ctr_pod_pause(pod, &error));
        CHECK_INT(state_of(loaded), CTR_POD_PAUSED);
        MUST(ctr_pod_resume(pod, &error));
        MUST(ctr_pod_get_status(pod, &status, &error));
        CHECK_CONTAINS(status, "\"running\"");
        CHECK_CONTAINS(status, "\"libpod\"");
        MUST_FAIL(ctr_pod_delete(pod, 0, &error), CTR_BAD_STATE);
        MUST(ctr_pod_stop(pod, &error));
        CHECK_INT(state_of(pod), CTR_POD_STOPPED);
        MUST(ctr_pod_delete(pod, 0, &error));
        MUST_FAIL(ctr_pod_start(pod, &error), CTR_POD_NOT_EXISTS);
        MUST(ctr_pod_delete(pod, 1, &error));
        CHECK(!ctr_pod_get_remarks(pod)[0]);
        free(status);
        ctr_pod_free(loaded);
        ctr_pod_free(pod);
        ctr_factory_free(factory);
}

static void run_and_list(void)
{
        CtrFactory *factory = library_factory();
        CtrPod *pod = NULL;
        char **ids = NULL;

        MUST(ctr_pod_run(factory, pod_config("libpodrun"), &pod, &error));
        CHECK_INT(state_of(pod), CTR_POD_RUNNING);
        MUST(ctr_pod_list(factory, &ids, &error));
        CHECK(ids[0] && !ids[1]);
        CHECK_STR(ids[0], "libpodrun");
        ctr_strv_free(ids);
        MUST(ctr_pod_delete(pod, 1, &error));
        MUST(ctr_pod_list(factory, &ids, &error));
        CHECK(!ids[0]);
        ctr_strv_free(ids);
        ctr_pod_free(pod);
        ctr_factory_free(factory);
}

static void containers(void)
{
        CtrFactory *factory = library_factory();
        CtrProcess *p = PROCESS("/bin/ctr-probe", "exit", "9"),
                   *q = PROCESS("/bin/ctr-probe", "sleep", "1000");
        char *name = NULL, *status = NULL;
        CtrPod *pod = NULL;
        pid_t *pids = NULL;
        CtrExit end;
        size_t n;

        MUST(ctr_pod_run(factory, pod_config("libpodc"), &pod, &error));
        MUST(ctr_pod_create_container(pod, container_config("b"), &name, &error));
        CHECK_STR(name, "b");
        MUST_FAIL(
                ctr_pod_create_container(pod, container_config("b"), NULL, &error), CTR_ID_IN_USE);
        MUST_FAIL(ctr_pod_enter_container(pod, "b", p, &error), CTR_BAD_STATE);
        MUST(ctr_pod_start_container(pod, "b", &error));
        MUST(ctr_pod_get_container_processes(pod, "b", &pids, &n, &error));
        CHECK(n >= 1);
        MUST(ctr_pod_get_container_status(pod, "b", &status, &error));
        CHECK_CONTAINS(status, "\"running\"");
        MUST(ctr_pod_enter_container(pod, "b", p, &error));
        MUST(ctr_process_wait(p, &end, &error));
        CHECK_INT(end.code, 9);
        MUST(ctr_pod_enter_container(pod, "b", q, &error));
        MUST(ctr_pod_kill_container(pod, "b", SIGKILL, 1, &error));
        MUST(ctr_process_wait(q, &end, &error));
        CHECK_INT(end.signal, SIGKILL);
        MUST(ctr_pod_stop_container(pod, "b", &error));
        MUST(ctr_pod_delete_container(pod, "b", &error));
        MUST_FAIL(ctr_pod_start_container(pod, "b", &error), CTR_CONTAINER_NOT_EXISTS);
        MUST_FAIL(ctr_pod_start_container(pod, "", &error), CTR_NEED_CONTAINER_ID);
        MUST(ctr_pod_delete(pod, 1, &error));
        free(pids);
        free(name);
        free(status);
        ctr_process_free(p);
        ctr_process_free(q);
        ctr_pod_free(pod);
        ctr_factory_free(factory);
}

static void annotations(void)
{
        CtrFactory *factory = library_factory();
        CtrPod *pod = NULL;
        char *value = NULL;

        MUST(ctr_pod_create(factory, pod_config("libpoda"), &pod, &error));
        MUST(ctr_pod_get_annotation(pod, "org.test.one", &value, &error));
        CHECK_STR(value, "1");
        free(value);
        MUST(ctr_pod_set_annotation(pod, "org.test.two", "2", &error));
        MUST(ctr_pod_get_annotation(pod, "org.test.two", &value, &error));
        CHECK_STR(value, "2");
        free(value);
        MUST_FAIL(
                ctr_pod_get_annotation(pod, "org.test.three", &value, &error), CTR_CONFIG_INVALID);
        MUST(ctr_pod_delete(pod, 1, &error));
        ctr_pod_free(pod);
        ctr_factory_free(factory);
}

static void errors(void)
{
        CtrFactory *factory = library_factory();
        CtrPod *pod = NULL;

        MUST_FAIL(ctr_pod_create(factory, NULL, &pod, &error), CTR_NEED_POD);
        MUST_FAIL(ctr_pod_create(factory, "{ \"Nme\": 1 }", &pod, &error), CTR_CONFIG_INVALID);
        MUST_FAIL(ctr_pod_load(factory, NULL, &pod, &error), CTR_NEED_POD_ID);
        MUST_FAIL(ctr_pod_load(factory, "nowhere", &pod, &error), CTR_POD_NOT_EXISTS);
        CHECK_STR(ctr_pod_state_get_name(CTR_POD_READY), "ready");
        CHECK_STR(ctr_pod_state_get_name((CtrPodState) 9), "unknown");
        ctr_factory_free(factory);
}

static const Test tests[] = {
        TEST(life),
        TEST(run_and_list),
        TEST(containers),
        TEST(annotations),
        TEST(errors),
};
TEST_MAIN(tests)
