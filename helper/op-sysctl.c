/* Sysctls of the container's namespaces, written on a procfs of our own: the kernel takes the
 * namespaces of the writing process, whatever mount it writes through. Which keys are allowed is
 * plan's business. */
#include "helper/ops.h"

#include "helper/procfs.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* Every part is a name: ".." would stay in /proc/sys, but leave the namespaced part that plan has
 * checked. */
static bool has_plain_parts(const char *path)
{
        for (const char *p = path;;) {
                size_t size = strcspn(p, "/");

                if (size == 0 || (size <= 2 && strspn(p, ".") >= size))
                        return false;
                p += size;
                if (!*p++)
                        return true;
        }
}

/* "net.ipv4.ip_forward" or "net/ipv4/conf/eth0.1/mtu" to a path: as in sysctl.d(5), the first
 * separator decides. */
static int key_to_path(const char *key, char *path, size_t size)
{
        bool has_dots = key[strcspn(key, "./")] == '.';
        int n = snprintf(path, size, "sys/%s", key);

        if (n < 0 || (size_t) n >= size)
                return -ENAMETOOLONG;
        for (char *p = path + strlen("sys/"); has_dots && *p; p++)
                *p = (char) (*p == '.' ? '/' : *p == '/' ? '.' : *p);
        return has_plain_parts(path) ? 0 : -EINVAL;
}

int op_sysctl(Context *ctx, const ProgramOp *op, CtrError *err)
{
        const char *key = op_string(ctx, op, 0), *value = op_string(ctx, op, 1);
        char path[512];
        int r = key_to_path(key, path, sizeof(path));

        if (r >= 0)
                r = procfs_write_close(procfs_open(ctx, path, O_WRONLY), value);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "%s=%.200s", key, value);
        return 0;
}
