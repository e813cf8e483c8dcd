/* The network namespace: its loopback device, which is down in a new one. */
#include "helper/ops.h"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

int op_loopback_up(Context *ctx, const ProgramOp *op, CtrError *err)
{
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        struct ifreq request = { .ifr_name = "lo" };

        if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "lo");
        request.ifr_flags = (short) (request.ifr_flags | IFF_UP);
        if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "lo");
        return 0;
}
