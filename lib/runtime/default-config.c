/* The configuration that `ctrctl spec` writes, as a file. */
#include "runtime/runtime.h"

#include "spec/default-config.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

void runtime_print_default_config(FILE *f)
{
        spec_default_print(f, NULL);
}

int runtime_write_default_config(const char *path, bool is_rootless, CtrError *err)
{
        const SpecDefaultUser user = { .uid = geteuid(), .gid = getegid() };
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
        FILE *f;

        if (fd < 0 && errno == EEXIST) {
                (void) ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "file %s exists: remove it first, or choose another bundle", path);
                return -EEXIST;
        }
        f = fd < 0 ? NULL : fdopen(fd, "w");
        if (!f) {
                closep(&fd);
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot make %s", path);
        }
        spec_default_print(f, is_rootless ? &user : NULL);
        if (fclose(f) != 0) {
                int saved = errno;

                (void) unlink(path);
                return ctr_error_set(err, CTR_ERROR_SYSTEM, saved, "cannot write %s", path);
        }
        return 0;
}
