/* Reading /proc/PID/net/dev: see net-dev.h. */
#include "runtime/net-dev.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* "  eth0: 1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0": received bytes, packets, errors, dropped, four that
 * are not asked for, then the same of what was sent. */
bool net_dev_parse(const char *line, NetDev *ret)
{
        const char *colon = strrchr(line, ':');
        uint64_t *v = ret->values;

        *ret = (NetDev){ 0 };
        if (!colon || sscanf(line, " %31[^:]", ret->name) != 1)
                return false;
        return sscanf(colon + 1,
                       "%" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %*s %*s %*s %*s %" SCNu64
                       " %" SCNu64 " %" SCNu64 " %" SCNu64,
                       &v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7]) == 8;
}

int net_dev_read(pid_t pid, NetDev **ret, size_t *ret_n)
{
        char path[64], line[512];
        NetDev one, *all = NULL, *grown;
        size_t n = 0;
        FILE *f;

        *ret = NULL;
        *ret_n = 0;
        (void) snprintf(path, sizeof(path), "/proc/%d/net/dev", (int) pid);
        f = fopen(path, "re");
        if (!f)
                return 0;
        while (fgets(line, sizeof(line), f)) {
                if (!net_dev_parse(line, &one))
                        continue;
                grown = reallocarray(all, n + 1, sizeof(*grown));
                if (!grown) {
                        free(all);
                        (void) fclose(f);
                        return -ENOMEM;
                }
                all = grown;
                all[n++] = one;
        }
        (void) fclose(f);
        *ret = all;
        *ret_n = n;
        return 0;
}
