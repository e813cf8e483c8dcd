/* The notifier object: out-of-memory kills, memory pressure, the container's end. The first two
 * need the memory controller. */
#include "library.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>

static const char *const sleeping[] = { "/bin/ctr-probe", "sleep", "1000", NULL };

static CtrContainer *limited(CtrFactory *factory, const char *id)
{
        CtrContainer *container = NULL;

        MUST(ctr_factory_create(factory, id,
                library_config("\"memory\": { \"limit\": 33554432, \"swap\": 33554432 }"),
                &container, &error));
        return container;
}

/* NULL with a reason printed where the host has no such controller. */
static CtrNotifier *oom_notifier(CtrContainer *container)
{
        CtrNotifier *notifier = NULL;
        CtrError *e = NULL;

        if (ctr_container_notify_oom(container, &notifier, &e) >= 0)
                return notifier;
        CHECK_INT(ctr_error_get_code(e), CTR_UNSUPPORTED);
        CHECK_CONTAINS(ctr_error_get_message(e), "memory controller");
        ctr_error_free(e);
        return NULL;
}

static void one_event_a_kill(void)
{
        CtrFactory *factory = library_factory();
        CtrContainer *container = limited(factory, "lib-oom");
        CtrProcess *init = library_process(sleeping),
                   *eater = PROCESS("/bin/ctr-probe", "alloc", "256");
        CtrNotifier *notifier;
        struct pollfd pollfd = { .events = POLLIN };
        CtrExit end;

        MUST_FAIL(
                ctr_container_notify_oom(container, &notifier, &error), CTR_CONTAINER_NOT_RUNNING);
        MUST(ctr_container_start(container, init, &error));
        notifier = oom_notifier(container);
        if (notifier) {
                CHECK_INT(ctr_notifier_next(notifier, 0, NULL), CTR_NOTIFIER_TIMEOUT);
                MUST(ctr_container_run(container, eater, &end, &error));
                CHECK_INT(end.signal, SIGKILL);
                pollfd.fd = ctr_notifier_get_fd(notifier);
                CHECK_INT(poll(&pollfd, 1, 30000), 1);
                CHECK_INT(ctr_notifier_next(notifier, -1, NULL), CTR_NOTIFIER_EVENT);
                CHECK_INT(ctr_notifier_next(notifier, 0, NULL), CTR_NOTIFIER_TIMEOUT);
                MUST(ctr_process_signal(init, SIGKILL, &error));
                CHECK_INT(ctr_notifier_next(notifier, -1, NULL), CTR_NOTIFIER_END);
                CHECK_INT(ctr_notifier_next(notifier, -1, NULL), CTR_NOTIFIER_END);
        }
        ctr_notifier_free(notifier);
        MUST(ctr_container_destroy(container, &error));
        ctr_process_free(eater);
        ctr_process_free(init);
        ctr_container_free(container);
        ctr_factory_free(factory);
}

/* The levels are told apart before anything is opened; without pressure files it is said. */
static void pressure(void)
{
        CtrFactory *factory = library_factory();
        CtrContainer *container = limited(factory, "lib-psi");
        CtrProcess *init = library_process(sleeping);
        CtrNotifier *notifier = NULL;
        CtrError *e = NULL;

        MUST(ctr_container_start(container, init, &error));
        MUST_FAIL(
                ctr_container_notify_memory_pressure(container, (CtrPressure) 5, &notifier, &error),
                CTR_USAGE);
        if (ctr_container_notify_memory_pressure(container, CTR_PRESSURE_LOW, &notifier, &e) < 0)
                CHECK_STR(ctr_code_get_name(ctr_error_get_code(e)), "Unsupported");
        else {
                CHECK_INT(ctr_notifier_next(notifier, 0, NULL), CTR_NOTIFIER_TIMEOUT);
                MUST(ctr_process_signal(init, SIGKILL, &error));
                CHECK_INT(ctr_notifier_next(notifier, -1, NULL), CTR_NOTIFIER_END);
        }
        ctr_error_free(e);
        ctr_notifier_free(notifier);
        MUST(ctr_container_destroy(container, &error));
        ctr_process_free(init);
        ctr_container_free(container);
        ctr_factory_free(factory);
}

static const Test tests[] = {
        TEST(one_event_a_kill),
        TEST(pressure),
};
TEST_MAIN(tests)
