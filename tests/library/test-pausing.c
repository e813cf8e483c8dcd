/* The state between running and paused (tests/system/pausing.sh): the container $CTR_TEST_RUNNING
 * writes to the file system $CTR_TEST_FILES, which is frozen here, so that a process of it waits in
 * the kernel where no freezer of processes reaches it. */
#include "library.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static bool waits_in_kernel(pid_t pid)
{
        char path[64], text[512] = "";
        const char *end;
        FILE *f;

        (void) snprintf(path, sizeof(path), "/proc/%d/stat", (int) pid);
        f = fopen(path, "re");
        if (!f)
                return false;
        if (!fgets(text, sizeof(text), f))
                text[0] = '\0';
        (void) fclose(f);
        end = strrchr(text, ')');
        return end && strncmp(end, ") D", 3) == 0;
}

static void await_write(CtrContainer *container)
{
        struct timespec pause = { .tv_nsec = 10000000 };
        pid_t *pids;
        size_t n;

        for (unsigned i = 0; i < 3000; i++) {
                bool waits = false;

                MUST(ctr_container_get_processes(container, &pids, &n, &error));
                for (size_t j = 0; j < n; j++)
                        waits = waits || waits_in_kernel(pids[j]);
                free(pids);
                if (waits)
                        return;
                (void) nanosleep(&pause, NULL);
        }
        test_fail(__FILE__, __LINE__, "nobody writes");
}

static void *pause_it(void *container)
{
        MUST(ctr_container_pause(container, &error));
        return NULL;
}

static void running_pausing_paused(void)
{
        const char *id = getenv("CTR_TEST_RUNNING"), *files = getenv("CTR_TEST_FILES");
        CtrFactory *factory = library_factory();
        CtrContainer *container = NULL;
        pthread_t thread;
        int fd;

        if (!id || !files)
                test_skip("CTR_TEST_RUNNING and CTR_TEST_FILES are not set");
        MUST(ctr_factory_load(factory, id, &container, &error));
        library_await_status(container, CTR_STATUS_RUNNING);
        fd = open(files, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        CHECK(fd >= 0);
        CHECK_INT(ioctl(fd, FIFREEZE, 0), 0);
        await_write(container);
        CHECK_INT(pthread_create(&thread, NULL, pause_it, container), 0);
        library_await_status(container, CTR_STATUS_PAUSING);
        CHECK_INT(ioctl(fd, FITHAW, 0), 0);
        CHECK_INT(pthread_join(thread, NULL), 0);
        library_await_status(container, CTR_STATUS_PAUSED);
        MUST(ctr_container_resume(container, &error));
        library_await_status(container, CTR_STATUS_RUNNING);
        (void) close(fd);
        ctr_container_free(container);
        ctr_factory_free(factory);
}

static const Test tests[] = {
        TEST(running_pausing_paused),
};
TEST_MAIN(tests)
