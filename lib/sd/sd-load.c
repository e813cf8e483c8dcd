/* Loading libsystemd: see sd-load.h. */
#include "sd/sd-load.h"

#include <dlfcn.h>

static const struct {
        const char *name;
        size_t offset;
} symbols[] = {
#define X(name) { #name, offsetof(SdApi, name) },
        SD_SYMBOLS(X)
#undef X
};

int sd_load(const SdApi **ret, CtrError *err)
{
        static SdApi api;
        static void *library;

        if (library) {
                *ret = &api;
                return 0;
        }

        /* Lazy binding: of several hundred functions some twenty are called. */
        library = dlopen("libsystemd.so.0", RTLD_LAZY | RTLD_LOCAL);
        if (!library)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOENT,
                        "cannot load libsystemd (install package libsystemd0): %s", dlerror());
        for (size_t i = 0; i < ELEMENTSOF(symbols); i++) {
                void *address = dlsym(library, symbols[i].name);

                if (!address) {
                        (void) dlclose(library);
                        library = NULL;
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOSYS,
                                "libsystemd has no function %s", symbols[i].name);
                }
                *(void **) ((char *) &api + symbols[i].offset) = address;
        }
        *ret = &api;
        return 0;
}
