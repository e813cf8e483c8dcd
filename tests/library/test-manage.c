/* What services do with containers beside their life, and configurations before there is one. */
#include "library.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The header says of each what it needs: one that was never started is there, and does not run. */
static void knows_what_was_not_started(void)
{
        CtrFactory *factory = library_factory();
        CtrContainer *container = library_container(factory, "lib-manage");
        CtrNotifier *notifier = NULL;
        CtrStats *stats = NULL;
        char *text = NULL;
        CtrExit end;

        MUST(ctr_container_stop(container, &error));
        MUST_FAIL(ctr_container_adopt(container, getpid(), &error), CTR_CONTAINER_NOT_RUNNING);
        MUST_FAIL(ctr_container_get_stats(container, &stats, &error), CTR_CONTAINER_NOT_RUNNING);
        MUST_FAIL(
                ctr_container_notify_oom(container, &notifier, &error), CTR_CONTAINER_NOT_RUNNING);
        MUST_FAIL(ctr_container_notify_memory_pressure(
                          container, CTR_PRESSURE_LOW, &notifier, &error),
                CTR_CONTAINER_NOT_RUNNING);
        MUST_FAIL(ctr_container_checkpoint(container, "/srv/images", NULL, &error),
                CTR_CONTAINER_NOT_RUNNING);
        MUST_FAIL(ctr_container_set_annotation(container, "a", "b", &error),
                CTR_CONTAINER_NOT_RUNNING);
        MUST_FAIL(ctr_container_get_annotation(container, "a", &text, &error),
                CTR_CONTAINER_NOT_RUNNING);
        MUST_FAIL(ctr_container_get_health(container, &text, NULL, NULL, &error),
                CTR_CONTAINER_NOT_RUNNING);
        MUST_FAIL(ctr_container_set(container, "{}", &error), CTR_CONTAINER_NOT_RUNNING);
        MUST_FAIL(ctr_container_wait(container, &end, &error), CTR_PROCESS_NOT_EXECUTED);
        MUST(ctr_container_destroy(container, &error));
        MUST_FAIL(ctr_container_stop(container, &error), CTR_CONTAINER_NOT_EXISTS);
        MUST_FAIL(ctr_container_get_stats(container, &stats, &error), CTR_CONTAINER_NOT_EXISTS);
        ctr_container_free(container);
        ctr_factory_free(factory);
}

static void stops_and_adopts(void)
{
        CtrFactory *factory = library_factory();
        CtrContainer *container = library_container(factory, "lib-manage");
        CtrProcess *init = PROCESS("/bin/ctr-probe", "sleep", "1000");
        CtrExit end = { 0, 0 };
        char *value = NULL;
        int status;
        pid_t pid;

        MUST(ctr_container_start(container, init, &error));
        MUST_FAIL(ctr_container_adopt(container, 1, &error), CTR_USAGE);
        pid = fork();
        if (pid == 0) {
                (void) pause();
                _exit(EXIT_FAILURE);
        }
        MUST(ctr_container_adopt(container, pid, &error));
        free(library_await_processes(container, 2));

        MUST_FAIL(ctr_container_get_annotation(container, "a", &value, &error), CTR_CONFIG_INVALID);
        MUST(ctr_container_set_annotation(container, "a", "one", &error));
        MUST(ctr_container_set_annotation(container, "a", "two", &error));
        MUST(ctr_container_get_annotation(container, "a", &value, &error));
        CHECK_STR(value, "two");
        free(value);

        MUST(ctr_container_pause(container, &error));
        MUST_FAIL(ctr_container_checkpoint(container, "/srv/images", NULL, &error),
                CTR_CONTAINER_PAUSED);
        MUST(ctr_container_resume(container, &error));
        MUST_FAIL(
                ctr_factory_restore(factory, "lib-manage", "/srv/images", NULL, &container, &error),
                CTR_ID_IN_USE);
        MUST_FAIL(ctr_factory_restore(
                          factory, "lib-restored", "/srv/images", NULL, &container, &error),
                CTR_USAGE);
        MUST_FAIL(ctr_factory_restore(factory, "lib-restored", "images", NULL, &container, &error),
                CTR_USAGE);
        MUST_FAIL(
                ctr_container_checkpoint(container, "/srv/images", "{\"LeaveRunning\":1}", &error),
                CTR_USAGE);
        MUST_FAIL(ctr_container_checkpoint(container, "/srv/images", "{\"Nothing\":1}", &error),
                CTR_USAGE);
        MUST_FAIL(ctr_factory_restore(factory, "../x", "/srv/images", NULL, &container, &error),
                CTR_INVALID_ID_FORMAT);

        MUST(ctr_container_stop(container, &error));
        MUST(ctr_container_wait(container, &end, &error));
        CHECK_INT(end.signal == 0 ? end.code : 128 + end.signal, 143);
        CHECK_INT(waitpid(pid, &status, 0), pid);
        CHECK(WIFSIGNALED(status));
        MUST(ctr_container_stop(container, &error));
        MUST(ctr_container_destroy(container, &error));
        ctr_process_free(init);
        ctr_container_free(container);
        ctr_factory_free(factory);
}

static void knows_health_and_journal(void)
{
        CtrFactory *factory = library_factory();
        CtrContainer *container = library_container(factory, "lib-manage");
        CtrProcess *init = PROCESS("/bin/ctr-probe", "sleep", "1000");
        char *status = NULL, **argv = NULL;

        MUST(ctr_container_start(container, init, &error));
        MUST_FAIL(ctr_container_get_health(container, &status, NULL, NULL, &error), CTR_USAGE);
        MUST(ctr_container_get_log_command(container, 0, &argv, &error));
        CHECK_STR(argv[0], "journalctl");
        ctr_strv_free(argv);
        MUST(ctr_container_destroy(container, &error));
        ctr_process_free(init);
        ctr_container_free(container);
        ctr_factory_free(factory);
}

static void configurations(void)
{
        CtrFactory *factory = library_factory();
        char *text = NULL, **warnings = NULL;

        MUST(ctr_config_new(&text, &error));
        CHECK_CONTAINS(text, "\"ociVersion\"");
        free(text);
        MUST(ctr_get_features(&text, &error));
        CHECK_CONTAINS(text, "\"ociVersionMax\"");
        free(text);
        MUST(ctr_config_check(factory, getenv("CTR_TEST_BUNDLE"), &warnings, &error));
        CHECK(warnings && !warnings[0]);
        ctr_strv_free(warnings);
        MUST_FAIL(ctr_config_check(factory, "/nowhere", &warnings, &error), CTR_CONFIG_INVALID);
        MUST(ctr_config_plan(factory, "web", getenv("CTR_TEST_BUNDLE"), &text, &error));
        CHECK_CONTAINS(text, "ctr@web.service");
        free(text);
        MUST(ctr_id_get_unit("a+b", &text, &error));
        CHECK_STR(text, "ctr@a\\x2bb.service");
        free(text);
        MUST_FAIL(ctr_id_get_unit("a/b", &text, &error), CTR_INVALID_ID_FORMAT);
        ctr_factory_free(factory);
}

/* One that is not configured cannot be enabled; to disable it is no error. */
static void configured(void)
{
        CtrFactory *factory = library_factory();

        CHECK(ctr_factory_set_enabled(factory, "lib-nothing", 1, NULL) < 0);
        MUST(ctr_factory_set_enabled(factory, "lib-nothing", 0, &error));
        MUST(ctr_factory_reload(factory, &error));
        ctr_factory_free(factory);
}

/* A container of words: run gives it its process, a program that is not there leaves nothing. */
static void is_made_of_words(void)
{
        CtrFactory *factory = library_factory();
        CtrContainer *container = NULL, *other = NULL;
        CtrExit end = { 0, 0 };
        char words[1024];

        (void) snprintf(words, sizeof(words),
                "{\"ID\":\"lib-words\",\"RootFS\":\"%s\",\"Env\":{\"CODE\":\"7\"},"
                "\"Cmd\":[\"/bin/sh\",\"-c\",\"exit $CODE\"]}",
                library_rootfs());
        MUST(ctr_factory_create_simple(factory, words, &container, &error));
        CHECK_STR(ctr_container_get_id(container), "lib-words");
        library_await_status(container, CTR_STATUS_CREATED);
        MUST_FAIL(ctr_factory_create_simple(factory, words, &other, &error), CTR_ID_IN_USE);
        MUST(ctr_container_start(container, NULL, &error));
        MUST(ctr_container_wait(container, &end, &error));
        CHECK_INT(end.code, 7);
        MUST(ctr_container_delete(container, &error));
        ctr_container_free(container);
        (void) snprintf(words, sizeof(words),
                "{\"ID\":\"lib-words\",\"RootFS\":\"%s\",\"Cmd\":[\"/bin/ctr-probe\",\"sleep\",\"1000\"]}",
                library_rootfs());
        MUST(ctr_factory_run_simple(factory, words, &container, &error));
        library_await_status(container, CTR_STATUS_RUNNING);
        MUST(ctr_container_destroy(container, &error));
        ctr_container_free(container);
        (void) snprintf(words, sizeof(words),
                "{\"ID\":\"lib-words\",\"RootFS\":\"%s\",\"Cmd\":[\"/nope\"]}", library_rootfs());
        MUST_FAIL(ctr_factory_run_simple(factory, words, &other, &error), CTR_PROCESS_NOT_EXECUTED);
        MUST_FAIL(ctr_factory_load(factory, "lib-words", &other, &error), CTR_CONTAINER_NOT_EXISTS);
        MUST_FAIL(ctr_factory_run_simple(factory, "[]", &other, &error), CTR_CONFIG_INVALID);
        MUST_FAIL(ctr_factory_run_simple(factory, NULL, &other, &error), CTR_CONFIG_INVALID);
        MUST_FAIL(ctr_factory_create_simple(
                          factory, "{\"RootFS\":\"/\",\"Privileged\":true}", &other, &error),
                CTR_CONFIG_INVALID);
        ctr_factory_free(factory);
}

static void is_imported(void)
{
        static const char words[] =
                "{\"ID\":\"lib-archive\",\"Cmd\":[\"/bin/sh\",\"-c\",\"exit 9\"]}";
        CtrFactory *factory = library_factory();
        CtrContainer *container = NULL, *other = NULL;
        CtrExit end = { 0, 0 };
        FILE *archive = popen("tar -C \"$CTR_TEST_ROOTFS\" -cf - .", "re");

        CHECK(archive != NULL);
        MUST(ctr_factory_import(
                factory, fileno(archive), CTR_IMPORT_PLAIN, NULL, words, &container, &error));
        CHECK_INT(pclose(archive), 0);
        MUST(ctr_container_start(container, NULL, &error));
        MUST(ctr_container_wait(container, &end, &error));
        CHECK_INT(end.code, 9);
        MUST(ctr_container_delete(container, &error));
        ctr_container_free(container);
        archive = fopen("/etc/hostname", "re");
        CHECK(archive != NULL);
        MUST_FAIL(ctr_factory_import(factory, fileno(archive), 0, NULL, words, &other, &error),
                CTR_CONFIG_INVALID);
        MUST_FAIL(ctr_factory_import(factory, fileno(archive), 64, NULL, words, &other, &error),
                CTR_USAGE);
        (void) fclose(archive);
        MUST_FAIL(
                ctr_factory_load(factory, "lib-archive", &other, &error), CTR_CONTAINER_NOT_EXISTS);
        ctr_factory_free(factory);
}

static const Test tests[] = {
        TEST(is_made_of_words),
        TEST(is_imported),
        TEST(knows_what_was_not_started),
        TEST(stops_and_adopts),
        TEST(knows_health_and_journal),
        TEST(configurations),
        TEST(configured),
};
TEST_MAIN(tests)
