/* Errors: each of libcontainer's nine codes from a real call, races for one id, and callers with
 * threads. */
#include "library.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const sleeping[] = { "/bin/ctr-probe", "sleep", "1000", NULL };

static void all_nine(void)
{
        CtrFactory *factory = library_factory();
        CtrContainer *container = library_container(factory, "lib-nine"), *c = NULL;
        CtrProcess *init = library_process(sleeping), *p = library_process(sleeping);
        CtrError *e = NULL;
        pid_t pid;

        MUST_FAIL(ctr_factory_create(factory, "lib-nine", library_config(""), &c, &error),
                CTR_ID_IN_USE);
        MUST_FAIL(ctr_factory_create(factory, "no/id", library_config(""), &c, &error),
                CTR_INVALID_ID_FORMAT);
        MUST_FAIL(ctr_factory_load(factory, "lib-nowhere", &c, &error), CTR_CONTAINER_NOT_EXISTS);
        MUST_FAIL(ctr_factory_create(factory, "lib-new",
                          "{ \"ociVersion\": \"1.0.2\", \"root\": 5 }", &c, &error),
                CTR_CONFIG_INVALID);
        MUST_FAIL(ctr_container_pause(container, &error), CTR_CONTAINER_NOT_RUNNING);
        MUST_FAIL(ctr_process_get_pid(init, &pid, &error), CTR_PROCESS_NOT_EXECUTED);
        MUST(ctr_container_start(container, init, &error));
        MUST_FAIL(ctr_container_delete(container, &error), CTR_CONTAINER_NOT_STOPPED);
        MUST(ctr_container_pause(container, &error));
        MUST_FAIL(ctr_container_start(container, p, &error), CTR_CONTAINER_PAUSED);
        MUST(ctr_container_destroy(container, &error));
        MUST_FAIL(ctr_factory_create_bundle(factory, "lib-new", "/nowhere", &c, &error),
                CTR_CONFIG_INVALID);
        MUST_FAIL(ctr_container_signal(container, SIGTERM, &error), CTR_CONTAINER_NOT_EXISTS);

        CHECK_INT(setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere", 1), 0);
        container = (ctr_container_free(container), library_container(factory, "lib-nine"));
        CHECK(ctr_container_start(container, NULL, &e) < 0);
        CHECK_INT(ctr_error_get_code(e), CTR_SYSTEM_ERROR);
        CHECK(ctr_error_get_errno(e) > 0);
        e = ctr_error_free(e);
        CHECK_INT(unsetenv("DBUS_SYSTEM_BUS_ADDRESS"), 0);
        MUST(ctr_container_destroy(container, &error));
        ctr_process_free(init);
        ctr_process_free(p);
        ctr_container_free(container);
        ctr_factory_free(factory);
}

/* A directory whose config.json has one mistake. */
static const char *make_bad_bundle(void)
{
        static char directory[] = "/tmp/lib-bad-XXXXXX";
        char path[sizeof(directory) + sizeof("/config.json")];
        FILE *f;

        CHECK(mkdtemp(directory) != NULL);
        (void) snprintf(path, sizeof(path), "%s/config.json", directory);
        f = fopen(path, "we");
        CHECK(f != NULL);
        (void) fputs("{ \"ociVersion\": \"1.0.2\", \"process\": { \"args\": [ 5 ] } }", f);
        CHECK_INT(fclose(f), 0);
        return directory;
}

static void errors_say_where(void)
{
        CtrFactory *factory = library_factory();
        CtrContainer *c = NULL;
        CtrError *e = NULL;

        CHECK(ctr_factory_create(factory, "lib-where",
                      "{ \"rootfs\": \"/\", \"capabilities\": [ 5 ] }", &c, &e) < 0);
        CHECK_STR(ctr_error_get_field(e), "capabilities");
        CHECK(strncmp(ctr_error_get_message(e), "capabilities: ", 14) == 0);
        e = ctr_error_free(e);
        /* What lacks its version is not taken for something else. */
        CHECK(ctr_factory_create(
                      factory, "lib-where", "{ \"root\": { \"path\": \"/\" } }", &c, &e) < 0);
        CHECK_STR(ctr_error_get_field(e), "ociVersion");
        e = ctr_error_free(e);
        CHECK(ctr_factory_create_bundle(factory, "lib-where", make_bad_bundle(), &c, &e) < 0);
        CHECK_INT(ctr_error_get_code(e), CTR_CONFIG_INVALID);
        CHECK_STR(ctr_error_get_field(e), "process.args[0]");
        CHECK(strstr(ctr_error_get_message(e), "/config.json:1:") != NULL);
        CHECK(strstr(ctr_error_get_message(e), ": process.args[0]: ") != NULL);
        e = ctr_error_free(e);
        CHECK(ctr_factory_create(factory, "lib-where",
                      "{ \"ociVersion\": \"1.0.2\", \"root\": { \"path\": \"rootfs\" },"
                      "  \"linux\": { \"namespaces\": [ { \"type\": \"mount\" } ] } }",
                      &c, &e) < 0);
        CHECK_STR(ctr_error_get_field(e), "root.path");
        CHECK(!ctr_error_free(e));
        /* Nobody has to want one. */
        CHECK(ctr_factory_create(factory, "", "{}", &c, NULL) < 0);
        CHECK(ctr_factory_create(factory, NULL, NULL, &c, NULL) < 0);
        CHECK_INT(ctr_error_get_code(NULL), CTR_OK);
        CHECK_STR(ctr_error_get_message(NULL), "");
        ctr_factory_free(factory);
}

static void codes_have_names(void)
{
        static const char *const names[] = { "None", "IdInUse", "InvalidIdFormat",
                "ContainerNotExists", "ContainerPaused", "ContainerNotStopped",
                "ContainerNotRunning", "ProcessNotExecuted", "ConfigInvalid", "SystemError" };

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                CHECK_STR(ctr_code_get_name((CtrCode) i), names[i]);
        for (int i = 10; i <= CTR_USAGE; i++)
                CHECK(strcmp(ctr_code_get_name((CtrCode) i), "SystemError") != 0);
}

static void everything_takes_null(void)
{
        CHECK(!ctr_error_free(NULL) && !ctr_factory_free(NULL) && !ctr_container_free(NULL));
        CHECK(!ctr_process_free(NULL) && !ctr_stats_free(NULL) && !ctr_notifier_free(NULL));
        CHECK(!ctr_pod_free(NULL) && !ctr_strv_free(NULL));
}

/* ---- races and threads ---- */

enum { N_THREADS = 8 };

static pthread_barrier_t barrier;

static void *claim(void *argument)
{
        CtrContainer *container = NULL;
        CtrFactory *factory = NULL;
        CtrError *e = NULL;
        intptr_t is_mine;

        MUST(ctr_factory_new(NULL, 0, &factory, &error));
        (void) pthread_barrier_wait(&barrier);
        is_mine = ctr_factory_create(factory, argument, library_config(""), &container, &e) >= 0;
        if (!is_mine)
                CHECK_INT(ctr_error_get_code(e), CTR_ID_IN_USE);
        ctr_error_free(e);
        ctr_container_free(container);
        ctr_factory_free(factory);
        return (void *) is_mine;
}

static void one_wins(void)
{
        CtrFactory *factory = library_factory();
        pthread_t threads[N_THREADS];
        CtrContainer *container = NULL;

        (void) library_config("");
        for (unsigned round = 0; round < 20; round++) {
                intptr_t n = 0;

                CHECK_INT(pthread_barrier_init(&barrier, NULL, N_THREADS), 0);
                for (size_t i = 0; i < N_THREADS; i++)
                        CHECK_INT(pthread_create(&threads[i], NULL, claim,
                                          (void *) (uintptr_t) "lib-race"),
                                0);
                for (size_t i = 0; i < N_THREADS; i++) {
                        void *result;

                        CHECK_INT(pthread_join(threads[i], &result), 0);
                        n += (intptr_t) result;
                }
                CHECK_INT(n, 1);
                (void) pthread_barrier_destroy(&barrier);
                MUST(ctr_factory_load(factory, "lib-race", &container, &error));
                MUST(ctr_container_destroy(container, &error));
                ctr_container_free(container);
        }
        ctr_factory_free(factory);
}

static void *live(void *argument)
{
        CtrFactory *factory = NULL;
        CtrContainer *container = NULL;
        char id[32];
        CtrExit end;

        (void) snprintf(id, sizeof(id), "lib-thread-%d", (int) (intptr_t) argument);
        MUST(ctr_factory_new(NULL, 0, &factory, &error));
        (void) pthread_barrier_wait(&barrier);
        container = library_container(factory, id);
        for (int i = 0; i < 3; i++) {
                CtrProcess *init = library_process(sleeping),
                           *p = PROCESS("/bin/ctr-probe", "exit", "3");

                MUST(ctr_container_start(container, init, &error));
                MUST(ctr_container_run(container, p, &end, &error));
                CHECK_INT(end.code, 3);
                MUST(ctr_process_signal(init, SIGKILL, &error));
                MUST(ctr_process_wait(init, &end, &error));
                CHECK_INT(end.signal, SIGKILL);
                library_await_status(container, CTR_STATUS_DESTROYED);
                ctr_process_free(p);
                ctr_process_free(init);
        }
        MUST(ctr_container_destroy(container, &error));
        ctr_container_free(container);
        ctr_factory_free(factory);
        return NULL;
}

static void threads_do_not_meet(void)
{
        pthread_t threads[4];

        (void) library_config("");
        CHECK_INT(pthread_barrier_init(&barrier, NULL, ELEMENTSOF(threads)), 0);
        for (size_t i = 0; i < ELEMENTSOF(threads); i++)
                CHECK_INT(pthread_create(&threads[i], NULL, live, (void *) (intptr_t) i), 0);
        for (size_t i = 0; i < ELEMENTSOF(threads); i++)
                CHECK_INT(pthread_join(threads[i], NULL), 0);
        (void) pthread_barrier_destroy(&barrier);
}

static const Test tests[] = {
        TEST(all_nine),
        TEST(errors_say_where),
        TEST(codes_have_names),
        TEST(everything_takes_null),
        TEST(one_wins),
        TEST(threads_do_not_meet),
};
TEST_MAIN(tests)
