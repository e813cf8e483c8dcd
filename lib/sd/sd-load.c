/* Loading libsystemd: see sd-load.h. */
#include "sd/sd-load.h"

#include <dlfcn.h>
#include <pthread.h>

static const struct {
        const char *name;
        size_t offset;
} symbols[] = {
#define X(name) { #name, offsetof(SdApi, name) },
        SD_SYMBOLS(X)
#undef X
};

static SdApi api;
static CtrError load_error;
static int load_result;

static int load(CtrError *err)
{
        /* Lazy binding: of several hundred functions some twenty are called. */
        void *library = dlopen("libsystemd.so.0", RTLD_LAZY | RTLD_LOCAL);

        if (!library)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOENT,
                        "cannot load libsystemd (install package libsystemd0): %s", dlerror());
        for (size_t i = 0; i < ELEMENTSOF(symbols); i++) {
                void *address = dlsym(library, symbols[i].name);

                if (!address) {
                        (void) dlclose(library);
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOSYS,
                                "libsystemd has no function %s", symbols[i].name);
                }
                *(void **) ((char *) &api + symbols[i].offset) = address;
        }
        return 0;
}

static void load_once(void)
{
        load_result = load(&load_error);
}

/* Callers of the library have threads. */
int sd_load(const SdApi **ret, CtrError *err)
{
        static pthread_once_t once = PTHREAD_ONCE_INIT;

        (void) pthread_once(&once, load_once);
        if (load_result < 0 && err)
                *err = load_error;
        *ret = &api;
        return load_result;
}
