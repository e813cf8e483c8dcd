/* Helpers of the library's tests: see library.h. */
#include "library.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

const char *library_rootfs(void)
{
        const char *rootfs = getenv("CTR_TEST_ROOTFS");

        if (!rootfs)
                test_skip("CTR_TEST_ROOTFS is not set: these tests need a booted host");
        return rootfs;
}

const char *library_config(const char *limits)
{
        static _Thread_local char text[4096];

        (void) snprintf(text, sizeof(text),
                "{ \"ociVersion\": \"1.0.2\", \"hostname\": \"library\","
                "  \"root\": { \"path\": \"%s\" },"
                "  \"process\": { \"cwd\": \"/\", \"env\": [ \"PATH=/bin\", \"KEPT=yes\" ],"
                "    \"args\": [ \"/bin/ctr-probe\", \"sleep\", \"1000\" ],"
                "    \"capabilities\": { \"bounding\": [ \"CAP_KILL\" ],"
                "      \"effective\": [ \"CAP_KILL\" ], \"permitted\": [ \"CAP_KILL\" ] } },"
                "  \"mounts\": [ { \"destination\": \"/proc\", \"type\": \"proc\", \"source\": \"proc\" },"
                "    { \"destination\": \"/dev\", \"type\": \"tmpfs\", \"source\": \"tmpfs\" },"
                "    { \"destination\": \"/dev/pts\", \"type\": \"devpts\", \"source\": \"devpts\","
                "      \"options\": [ \"newinstance\", \"ptmxmode=0666\" ] } ],"
                "  \"linux\": { \"namespaces\": [ { \"type\": \"pid\" }, { \"type\": \"mount\" },"
                "    { \"type\": \"network\" }, { \"type\": \"ipc\" }, { \"type\": \"uts\" } ],"
                "    \"resources\": { %s } } }",
                library_rootfs(), limits);
        return text;
}

CtrFactory *library_factory(void)
{
        CtrFactory *factory = NULL;

        (void) library_rootfs();
        MUST(ctr_factory_new(NULL, 0, &factory, &error));
        return factory;
}

CtrContainer *library_container(CtrFactory *factory, const char *id)
{
        CtrContainer *container = NULL;

        MUST(ctr_factory_create(factory, id, library_config(""), &container, &error));
        return container;
}

CtrProcess *library_process(const char *const *args)
{
        CtrProcess *process = NULL;

        MUST(ctr_process_new(args, &process, &error));
        return process;
}

void library_await_status(CtrContainer *container, CtrStatus wanted)
{
        struct timespec pause = { .tv_nsec = 10000000 };
        CtrStatus status = CTR_STATUS_CREATING;

        for (unsigned i = 0; i < 3000; i++) {
                MUST(ctr_container_get_status(container, &status, &error));
                if (status == wanted)
                        return;
                (void) nanosleep(&pause, NULL);
        }
        test_fail(__FILE__, __LINE__, "status is %s, expected %s", ctr_status_get_name(status),
                ctr_status_get_name(wanted));
}

pid_t *library_await_processes(CtrContainer *container, size_t wanted)
{
        struct timespec pause = { .tv_nsec = 10000000 };
        pid_t *pids;
        size_t n = 0;

        for (unsigned i = 0; i < 3000; i++) {
                MUST(ctr_container_get_processes(container, &pids, &n, &error));
                if (n == wanted)
                        return pids;
                free(pids);
                (void) nanosleep(&pause, NULL);
        }
        test_fail(__FILE__, __LINE__, "%zu processes, expected %zu", n, wanted);
}

bool library_unit_is(const char *unit, const char *state)
{
        char command[512];

        (void) snprintf(command, sizeof(command),
                "test \"$(systemctl show -P ActiveState '%s')\" = %s", unit, state);
        return system(command) == 0;
}

const char *library_read(int fd)
{
        static char text[65536];
        size_t used = 0;
        ssize_t n;

        while ((n = read(fd, text + used, sizeof(text) - 1 - used)) > 0)
                used += (size_t) n;
        text[used] = '\0';
        return text;
}
