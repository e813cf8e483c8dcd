/* What a hostile payload finds among the descriptors of another process. */
#pragma once

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Prints "HOST-FD PID TARGET" for each file or directory that is not of the container's own file
 * system. Sockets, pipes and kernel objects are passed on purpose or harmless; with only_named
 * false, those that have no path (namespaces) count, too. */
static inline void print_host_fds(int pid, dev_t root_device, bool only_named)
{
        char path[64], name[400], target[PATH_MAX];
        struct dirent *de;
        struct stat st;
        DIR *d;

        (void) snprintf(path, sizeof(path), "/proc/%d/fd", pid);
        d = opendir(path);
        while (d && (de = readdir(d))) {
                ssize_t n;

                if (de->d_name[0] == '.')
                        continue;
                (void) snprintf(name, sizeof(name), "%s/%s", path, de->d_name);
                n = readlink(name, target, sizeof(target) - 1);
                if (n <= 0 || (only_named && target[0] != '/') || stat(name, &st) < 0 ||
                        !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)) || st.st_dev == root_device)
                        continue;
                target[n] = '\0';
                printf("HOST-FD %d %s\n", pid, target);
        }
        if (d)
                (void) closedir(d);
}
