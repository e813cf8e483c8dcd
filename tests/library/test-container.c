/* The container object: its whole life, and what is known of it at each step. */
#include "library.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const sleeping[] = { "/bin/ctr-probe", "sleep", "1000", NULL };

static void life(void)
{
        CtrFactory *factory = library_factory();
        CtrContainer *container = library_container(factory, "lib-life"), *loaded = NULL;
        CtrProcess *init = library_process(sleeping);
        CtrExit end = { 0, 0 };
        CtrStatus status = 0;
        char *config = NULL;
        pid_t pid = 0;

        CHECK_STR(ctr_factory_get_type(factory), "ctrunit");
        CHECK_STR(ctr_factory_get_root(factory), "/run/ctrunit");
        CHECK_STR(ctr_container_get_id(container), "lib-life");
        MUST(ctr_container_get_status(container, &status, &error));
        CHECK_INT(status, CTR_STATUS_DESTROYED);
        MUST(ctr_factory_load(factory, "lib-life", &loaded, &error));
        MUST(ctr_container_get_config(loaded, &config, &error));
        CHECK_CONTAINS(config, "\"hostname\": \"library\"");

        MUST(ctr_container_start(container, init, &error));
        MUST(ctr_process_get_pid(init, &pid, &error));
        CHECK(pid > 1 && kill(pid, 0) == 0);
        MUST(ctr_container_get_status(loaded, &status, &error));
        CHECK_INT(status, CTR_STATUS_RUNNING);
        CHECK(library_unit_is("ctr@lib-life.service", "active"));

        MUST(ctr_container_pause(container, &error));
        MUST(ctr_container_get_status(loaded, &status, &error));
        CHECK_INT(status, CTR_STATUS_PAUSED);
        MUST_FAIL(ctr_container_pause(container, &error), CTR_CONTAINER_PAUSED);
        MUST(ctr_container_resume(loaded, &error));
        MUST(ctr_container_resume(loaded, &error));
        MUST_FAIL(ctr_container_delete(container, &error), CTR_CONTAINER_NOT_STOPPED);

        MUST(ctr_container_signal(container, SIGKILL, &error));
        MUST(ctr_process_wait(init, &end, &error));
        CHECK_INT(end.signal, SIGKILL);
        CHECK_INT(end.code, -1);
        MUST(ctr_container_wait(loaded, &end, &error));
        CHECK_INT(end.signal, SIGKILL);
        library_await_status(container, CTR_STATUS_DESTROYED);
        MUST_FAIL(ctr_container_signal(container, SIGTERM, &error), CTR_CONTAINER_NOT_RUNNING);

        MUST(ctr_container_destroy(container, &error));
        MUST(ctr_container_destroy(container, &error));
        MUST(ctr_container_destroy(loaded, &error));
        CHECK(library_unit_is("ctr@lib-life.service", "inactive"));
        MUST_FAIL(ctr_container_start(container, NULL, &error), CTR_CONTAINER_NOT_EXISTS);
        free(config);
        ctr_process_free(init);
        ctr_container_free(loaded);
        ctr_container_free(container);
        ctr_factory_free(factory);
}

/* The end of init is that of the container; the next process is a new init. */
static void starts_again(void)
{
        CtrFactory *factory = library_factory();
        CtrContainer *container = library_container(factory, "lib-again");
        CtrExit end = { 0, 0 };

        for (int code = 42; code < 44; code++) {
                char text[8];
                CtrProcess *process;

                (void) snprintf(text, sizeof(text), "%d", code);
                process = PROCESS("/bin/ctr-probe", "exit", text);
                MUST(ctr_container_run(container, process, &end, &error));
                CHECK_INT(end.code, code);
                CHECK_INT(end.signal, 0);
                MUST_FAIL(ctr_container_start(container, process, &error), CTR_BAD_STATE);
                ctr_process_free(process);
        }
        MUST(ctr_container_delete(container, &error));
        MUST_FAIL(ctr_container_delete(container, &error), CTR_CONTAINER_NOT_EXISTS);
        ctr_container_free(container);
        ctr_factory_free(factory);
}

/* The configuration's own process, without an object for it. */
static void own_process(void)
{
        CtrFactory *factory = library_factory();
        CtrContainer *container = library_container(factory, "lib-own");
        CtrExit end = { 0, 0 };

        MUST_FAIL(ctr_container_wait(container, &end, &error), CTR_PROCESS_NOT_EXECUTED);
        MUST(ctr_container_start(container, NULL, &error));
        MUST_FAIL(ctr_container_start(container, NULL, &error), CTR_BAD_STATE);
        MUST(ctr_container_signal_all(container, SIGCONT, &error));
        MUST(ctr_container_signal_all(container, SIGKILL, &error));
        MUST(ctr_container_wait(container, &end, &error));
        CHECK_INT(end.code, -1);
        MUST(ctr_container_destroy(container, &error));
        ctr_container_free(container);
        ctr_factory_free(factory);
}

static void from_bundle(void)
{
        CtrFactory *factory = library_factory();
        CtrContainer *container = NULL, *second = NULL;
        CtrProcess *more = library_process(sleeping);
        const char *bundle = getenv("CTR_TEST_BUNDLE");
        CtrStatus status = 0;
        CtrExit end;

        MUST(ctr_factory_create_bundle(factory, "lib-bundle", bundle, &container, &error));
        MUST(ctr_container_get_status(container, &status, &error));
        CHECK_INT(status, CTR_STATUS_CREATED);
        MUST_FAIL(ctr_factory_create_bundle(factory, "lib-bundle", bundle, &second, &error),
                CTR_ID_IN_USE);
        MUST_FAIL(ctr_container_start(container, more, &error), CTR_BAD_STATE);
        MUST(ctr_container_start(container, NULL, &error));
        MUST(ctr_container_start(container, more, &error));
        MUST(ctr_container_signal(container, SIGKILL, &error));
        MUST(ctr_container_wait(container, &end, &error));
        CHECK_INT(end.signal, SIGKILL);
        MUST(ctr_container_destroy(container, &error));
        ctr_process_free(more);
        ctr_container_free(container);
        ctr_factory_free(factory);
}

static void knows_its_processes(void)
{
        CtrFactory *factory = library_factory();
        CtrContainer *container = library_container(factory, "lib-ps");
        CtrProcess *init = library_process(sleeping), *more = library_process(sleeping);
        char *state = NULL, expected[64];
        pid_t *pids = NULL, first = 0, second = 0;
        size_t n = 7;

        MUST(ctr_container_get_processes(container, &pids, &n, &error));
        CHECK_INT(n, 0);
        MUST(ctr_container_start(container, init, &error));
        MUST(ctr_container_start(container, more, &error));
        MUST(ctr_process_get_pid(init, &first, &error));
        MUST(ctr_process_get_pid(more, &second, &error));
        pids = library_await_processes(container, 2);
        CHECK(pids[0] == MIN_OF(first, second) && pids[1] == MAX_OF(first, second));
        MUST(ctr_container_get_state(container, &state, &error));
        (void) snprintf(expected, sizeof(expected), "\"init_process_pid\":%d,", (int) first);
        CHECK_CONTAINS(state, expected);
        (void) snprintf(expected, sizeof(expected), "\"NEWNET\":\"/proc/%d/ns/net\"", (int) first);
        CHECK_CONTAINS(state, expected);
        CHECK_CONTAINS(state, "ctr@lib-ps.service\"");
        CHECK_CONTAINS(state, "\"hostname\": \"library\"");
        free(pids);
        free(state);
        MUST(ctr_container_destroy(container, &error));
        ctr_process_free(more);
        ctr_process_free(init);
        ctr_container_free(container);
        ctr_factory_free(factory);
}

static void has_statistics(void)
{
        CtrFactory *factory = library_factory();
        CtrContainer *container = library_container(factory, "lib-stats");
        CtrProcess *init = library_process(sleeping);
        CtrStats *stats = NULL;

        MUST_FAIL(ctr_container_get_stats(container, &stats, &error), CTR_CONTAINER_NOT_RUNNING);
        MUST(ctr_container_start(container, init, &error));
        MUST(ctr_container_get_stats(container, &stats, &error));
        CHECK(ctr_stats_get(stats, CTR_STAT_CPU_TOTAL_NSEC) > 0);
        CHECK_INT(ctr_stats_get(stats, (CtrStat) 999), 0);
        CHECK_INT(ctr_stats_get_n_interfaces(stats), 1);
        CHECK_STR(ctr_stats_get_interface_name(stats, 0), "lo");
        CHECK_INT(ctr_stats_get_interface(stats, 0, CTR_INTERFACE_RX_BYTES), 0);
        CHECK(!ctr_stats_get_interface_name(stats, 1));
        CHECK_CONTAINS(ctr_stats_get_json(stats), "\"pids\":{");
        ctr_stats_free(stats);
        MUST(ctr_container_destroy(container, &error));
        ctr_process_free(init);
        ctr_container_free(container);
        ctr_factory_free(factory);
}

/* Numbers of the loopback device of the container's own network grow with what goes over it. */
static void counts_network_traffic(void)
{
        CtrFactory *factory = library_factory();
        CtrContainer *container = library_container(factory, "lib-net");
        CtrProcess *init = library_process(sleeping),
                   *ping = PROCESS("/bin/busybox", "nc", "127.0.0.1", "9");
        CtrStats *stats = NULL;
        CtrExit end;

        MUST(ctr_container_start(container, init, &error));
        MUST(ctr_container_run(container, ping, &end, &error));
        MUST(ctr_container_get_stats(container, &stats, &error));
        CHECK(ctr_stats_get_interface(stats, 0, CTR_INTERFACE_RX_BYTES) > 0);
        CHECK_INT(ctr_stats_get_interface(stats, 0, CTR_INTERFACE_RX_PACKETS),
                ctr_stats_get_interface(stats, 0, CTR_INTERFACE_TX_PACKETS));
        ctr_stats_free(stats);
        MUST(ctr_container_destroy(container, &error));
        ctr_process_free(ping);
        ctr_process_free(init);
        ctr_container_free(container);
        ctr_factory_free(factory);
}

static void sets_limits(void)
{
        CtrFactory *factory = library_factory();
        CtrContainer *container = library_container(factory, "lib-set");
        CtrProcess *init = library_process(sleeping);

        MUST_FAIL(ctr_container_set(container, "{ \"pids\": { \"limit\": 7 } }", &error),
                CTR_CONTAINER_NOT_RUNNING);
        MUST(ctr_container_start(container, init, &error));
        MUST(ctr_container_set(container, "{ \"pids\": { \"limit\": 7 } }", &error));
        CHECK_INT(system("test $(systemctl show -P TasksMax ctr@lib-set.service) = 7"), 0);
        MUST(ctr_container_set(
                container, "{ \"cgroups\": { \"memory\": 67108864, \"pids_limit\": 9 } }", &error));
        CHECK_INT(system("test $(systemctl show -P MemoryMax ctr@lib-set.service) = 67108864"), 0);
        CHECK_INT(system("test $(systemctl show -P TasksMax ctr@lib-set.service) = 9"), 0);
        MUST_FAIL(ctr_container_set(container, "{ \"cgroups\": { \"freezr\": 1 } }", &error),
                CTR_CONFIG_INVALID);
        MUST_FAIL(ctr_container_set(container, "{ \"pids\": { \"limit\": \"7\" } }", &error),
                CTR_CONFIG_INVALID);
        MUST(ctr_container_destroy(container, &error));
        ctr_process_free(init);
        ctr_container_free(container);
        ctr_factory_free(factory);
}

static void lists(void)
{
        CtrFactory *factory = library_factory();
        CtrContainer *a = library_container(factory, "lib-list-a"),
                     *b = library_container(factory, "lib-list-b");
        char **ids = NULL;
        size_t found = 0;

        MUST(ctr_container_start(b, NULL, &error));
        MUST(ctr_factory_list(factory, &ids, &error));
        for (size_t i = 0; ids[i]; i++) {
                CHECK(i == 0 || strcmp(ids[i - 1], ids[i]) < 0);
                found += strncmp(ids[i], "lib-list-", 9) == 0;
        }
        CHECK_INT(found, 2);
        ctr_strv_free(ids);
        MUST(ctr_container_destroy(a, &error));
        MUST(ctr_container_destroy(b, &error));
        ctr_container_free(a);
        ctr_container_free(b);
        ctr_factory_free(factory);
}

static void other_root(void)
{
        CtrFactory *factory = NULL, *here = library_factory();
        CtrContainer *container, *none = NULL;

        MUST(ctr_factory_new("/run/lib-other", CTR_FACTORY_TMPFS_ROOT, &factory, &error));
        CHECK_INT(system("findmnt -n -o FSTYPE /run/lib-other | grep -qx tmpfs"), 0);
        container = library_container(factory, "lib-other");
        MUST_FAIL(ctr_factory_load(here, "lib-other", &none, &error), CTR_CONTAINER_NOT_EXISTS);
        MUST(ctr_container_start(container, NULL, &error));
        MUST(ctr_container_destroy(container, &error));
        CHECK_INT(system("umount /run/lib-other"), 0);
        MUST_FAIL(ctr_factory_new("/", 0, &factory, &error), CTR_USAGE);
        MUST_FAIL(ctr_factory_new(NULL, 8, &factory, &error), CTR_USAGE);
        ctr_container_free(container);
        ctr_factory_free(factory);
        ctr_factory_free(here);
}

static void becomes_ctr_exec(void)
{
        CtrFactory *factory = library_factory();
        char *const argv[] = { (char *) "no-verb", NULL };
        pid_t pid = fork();
        int status;

        if (pid == 0) {
                CtrError *error = NULL;

                (void) close(STDERR_FILENO);
                (void) ctr_factory_start_initialization(factory, argv, &error);
                _exit(EXIT_FAILURE);
        }
        CHECK_INT(waitpid(pid, &status, 0), pid);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 78); /* its usage */
        ctr_factory_free(factory);
}

static const Test tests[] = {
        TEST(life),
        TEST(starts_again),
        TEST(own_process),
        TEST(from_bundle),
        TEST(knows_its_processes),
        TEST(has_statistics),
        TEST(counts_network_traffic),
        TEST(sets_limits),
        TEST(lists),
        TEST(other_root),
        TEST(becomes_ctr_exec),
};
TEST_MAIN(tests)
