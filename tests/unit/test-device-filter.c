/* Device rules where bpf(2) is not allowed: nobody could enforce them, and it is said. */
#include "helper/device-filter.h"

#include "unit/test.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* bpf(2) fails with this error from here on. */
static void forbid_bpf(unsigned errno_value)
{
        struct sock_filter code[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bpf, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | errno_value),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        struct sock_fprog program = { .len = ELEMENTSOF(code), .filter = code };

        CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) >= 0);
        CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) >= 0);
}

static void check_refused(unsigned errno_value)
{
        _cleanup_close_ int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        CtrError err = { 0 };

        forbid_bpf(errno_value);
        CHECK_INT(device_filter_check(fd, &err), -(int) errno_value);
        CHECK_INT(err.errno_value, errno_value);
        CHECK(strstr(err.message, "cannot enforce device rules"));
}

static void forbidden(void)
{
        check_refused(EPERM);
}

static void not_in_the_kernel(void)
{
        check_refused(ENOSYS);
}

/* What is no cgroup has no rules, and cannot have any. */
static void no_cgroup(void)
{
        _cleanup_close_ int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        CtrError err = { 0 };

        CHECK(device_filter_check(fd, &err) < 0);
        CHECK(strstr(err.message, "cannot enforce device rules"));
}

static const Test tests[] = {
        TEST(forbidden),
        TEST(not_in_the_kernel),
        TEST(no_cgroup),
};
TEST_MAIN(tests)
