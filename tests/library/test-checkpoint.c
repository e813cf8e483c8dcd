/* Checkpoint and restore by the library, where criu knows the kernel (tests/system/checkpoint.sh):
 * of the running container $CTR_TEST_RUNNING, with images below the directory $CTR_TEST_IMAGES. */
#include "library.h"

#include <stdlib.h>

static void it_goes_on(void)
{
        const char *id = getenv("CTR_TEST_RUNNING"), *images = getenv("CTR_TEST_IMAGES");
        CtrFactory *factory = library_factory();
        CtrContainer *container = NULL, *restored = NULL;
        char left[512], whole[512];

        if (!id || !images)
                test_skip("CTR_TEST_RUNNING and CTR_TEST_IMAGES are not set");
        (void) snprintf(left, sizeof(left), "%s/left", images);
        (void) snprintf(whole, sizeof(whole), "%s/whole", images);
        MUST(ctr_factory_load(factory, id, &container, &error));
        MUST(ctr_container_checkpoint(container, left, "{ \"LeaveRunning\": true }", &error));
        library_await_status(container, CTR_STATUS_RUNNING);
        MUST(ctr_container_checkpoint(container, whole, NULL, &error));
        library_await_status(container, CTR_STATUS_CHECKPOINTED);
        MUST_FAIL(ctr_container_checkpoint(container, whole, NULL, &error),
                CTR_CONTAINER_NOT_RUNNING);
        MUST(ctr_factory_restore(factory, id, whole, NULL, &restored, &error));
        library_await_status(restored, CTR_STATUS_RUNNING);
        ctr_container_free(restored);
        ctr_container_free(container);
        ctr_factory_free(factory);
}

static const Test tests[] = {
        TEST(it_goes_on),
};
TEST_MAIN(tests)
