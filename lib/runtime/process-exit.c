/* The end of a process by ioctl_pidfd(2), PIDFD_GET_INFO: see process-exit.h. */
#include "runtime/process-exit.h"

#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/utsname.h>
#include <sys/wait.h>

/* As in <linux/pidfd.h> of 6.15; Debian 12's is older. */
typedef struct PidfdInfo {
        uint64_t mask, cgroup_id;
        uint32_t pid, tgid, ppid, ids[8];
        int32_t exit_code; /* as of waitpid(2) */
} PidfdInfo;

#define PIDFD_INFO_EXIT_BIT (UINT64_C(1) << 3)
#define PIDFD_GET_INFO_CALL _IOWR(0xff, 11, PidfdInfo)

static int get_info(int pidfd, PidfdInfo *ret)
{
        *ret = (PidfdInfo){ .mask = PIDFD_INFO_EXIT_BIT };
        return ioctl(pidfd, PIDFD_GET_INFO_CALL, ret) < 0 ? -errno : 0;
}

/* A living process cannot show it: the call is older (6.13) than the exit code in it. */
bool process_exit_is_known_here(void)
{
        _cleanup_close_ int pidfd = -EBADF;
        unsigned major = 0, minor = 0;
        struct utsname name;
        PidfdInfo info;

        if (uname(&name) < 0 || sscanf(name.release, "%u.%u", &major, &minor) != 2 || major < 6 ||
                (major == 6 && minor < 15))
                return false;
        pidfd = pidfd_open(getpid(), 0);
        return pidfd >= 0 && get_info(pidfd, &info) >= 0;
}

int process_exit_wait_end(int pidfd, ProcessEnd *ret, CtrError *err)
{
        /* POLLHUP: reaped. POLLIN, not asked for: only ended. */
        struct pollfd pollfd = { .fd = pidfd };
        PidfdInfo info;
        int r;

        while ((r = poll(&pollfd, 1, -1)) < 0 && errno == EINTR)
                ;
        r = r < 0 ? -errno : get_info(pidfd, &info);
        if (r >= 0 && !(info.mask & PIDFD_INFO_EXIT_BIT))
                r = -ENODATA;
        if (r < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, r, "the exit status of the container is not known");
        ret->is_signal = WIFSIGNALED(info.exit_code);
        ret->number = ret->is_signal ? WTERMSIG(info.exit_code) : WEXITSTATUS(info.exit_code);
        return 0;
}

int process_exit_wait(int pidfd, int *ret_status, CtrError *err)
{
        ProcessEnd end;
        int r = process_exit_wait_end(pidfd, &end, err);

        if (r >= 0)
                *ret_status = end.is_signal ? 128 + end.number : end.number;
        return r;
}
