/* Preloaded where RLIMIT_MEMLOCK cannot be raised: crun 1.8 raises it before it loads a device
 * filter, and gives up when that is refused. Kernels since 5.11 charge such memory to the cgroup:
 * the limit means nothing there, so the refusal is not passed on. Everything else goes to the
 * kernel as it is. Used by run.sh alone. */
#undef _FILE_OFFSET_BITS /* both names are defined here */
#include <errno.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static int set_limit(int resource, const void *limit)
{
        int r = (int) syscall(SYS_prlimit64, 0, resource, limit, NULL);

        return r < 0 && errno == EPERM && resource == RLIMIT_MEMLOCK ? 0 : r;
}

int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
        return set_limit((int) resource, limit);
}

int setrlimit64(__rlimit_resource_t resource, const struct rlimit64 *limit)
{
        return set_limit((int) resource, limit);
}
