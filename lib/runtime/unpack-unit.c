/* The unit that unpacks an archive for runtime_import(), in its own words: see import.c for what it
 * writes. Its file system is read-only but for ctrunit's own directory. */
#include "runtime/module.h"

#include "base/io.h"
#include "runtime/bundle-store.h"
#include "runtime/unpack.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define PROGRESS_INTERVAL_NSEC 200000000

typedef struct Teller {
        struct timespec last;
        bool is_alone; /* nobody reads any more */
} Teller;

static bool is_time(Teller *teller)
{
        struct timespec now;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        if ((now.tv_sec - teller->last.tv_sec) * 1000000000LL + now.tv_nsec - teller->last.tv_nsec <
                PROGRESS_INTERVAL_NSEC)
                return false;
        teller->last = now;
        return true;
}

static int tell_progress(void *userdata, uint64_t done, uint64_t total)
{
        Teller *teller = userdata;
        char line[64];
        int n;

        if (!is_time(teller))
                return 0;
        n = snprintf(line, sizeof(line), "%llu %llu\n", (unsigned long long) done,
                (unsigned long long) total);
        teller->is_alone = ctr_write_all(STDOUT_FILENO, line, (size_t) n) < 0;
        return teller->is_alone ? -EPIPE : 0;
}

static int tell_result(int r, const char *meta, const CtrError *error)
{
        _cleanup_free_ char *text = NULL;
        size_t size = 0;
        FILE *f = open_memstream(&text, &size);

        if (!f)
                return -ENOMEM;
        if (r < 0) {
                (void) fprintf(f, "{\"code\":%d,\"message\":", (int) error->code);
                json_write_string(f, error->message);
        } else {
                (void) fputs("{\"ok\":true", f);
                if (meta) {
                        (void) fputs(",\"meta\":", f);
                        json_write_string(f, meta);
                }
        }
        (void) fputs("}\n", f);
        return fclose(f) != 0 ? -ENOMEM : ctr_write_all(STDOUT_FILENO, text, size);
}

static int unpack(const char *id, bool is_plain, Teller *teller, char **ret_meta, CtrError *err)
{
        _cleanup_close_ int bundle_fd = bundle_store_open(id, err), rootfs_fd = -EBADF;
        UnpackOptions options = { .archive_fd = STDIN_FILENO,
                .wants_meta = !is_plain,
                .progress = tell_progress,
                .userdata = teller };

        if (bundle_fd < 0)
                return bundle_fd;
        if (mkdirat(bundle_fd, "rootfs", 0755) >= 0)
                rootfs_fd = openat(bundle_fd, "rootfs", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (rootfs_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot make the rootfs");
        options.target_fd = rootfs_fd;
        return runtime_unpack(&options, ret_meta, err);
}

int runtime_unpack_unit(const char *id, bool is_plain, CtrError *err)
{
        _cleanup_free_ char *meta = NULL;
        Teller teller = { 0 };
        int r = unpack(id, is_plain, &teller, &meta, err);

        if (tell_result(r, meta, err) < 0)
                teller.is_alone = true;
        if (teller.is_alone)
                (void) bundle_store_remove(id, NULL);
        return r;
}
