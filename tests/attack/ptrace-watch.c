/* A hostile PID 1 with CAP_SYS_PTRACE that attaches to whoever is born into its pid namespace, in
 * the moment of the birth, and looks at what it has.
 *
 *     ptrace-watch FILE
 *
 * Watches until the file is there. Prints a line for each that it could attach to before that had
 * executed a program of the container, "CAUGHT PID", and one for each find: "MORE PID CAPABILITIES"
 * (than its own), "HOST-FD PID TARGET" (a file or directory beyond its root). Ends with 0. */
#include "attack/host-fds.h"

#include "base/macro.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static dev_t root_device;

static unsigned long long capabilities(int pid)
{
        unsigned long long value = 0;
        char path[64], line[256];
        FILE *f;

        (void) snprintf(path, sizeof(path), "/proc/%d/status", pid);
        f = fopen(path, "re");
        while (f && fgets(line, sizeof(line), f))
                (void) sscanf(line, "CapPrm: %llx", &value);
        if (f)
                (void) fclose(f);
        return value;
}

static bool has_own_program(int pid)
{
        char path[64];
        struct stat st;

        (void) snprintf(path, sizeof(path), "/proc/%d/exe", pid);
        return stat(path, &st) < 0 || st.st_dev == root_device;
}

/* Stops it, looks, and lets it go. */
static bool try_one(int pid)
{
        unsigned long long own = capabilities(getpid()), theirs;

        if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0)
                return false;
        (void) ptrace(PTRACE_INTERRUPT, pid, NULL, NULL);
        (void) waitpid(pid, NULL, __WALL);
        if (!has_own_program(pid)) {
                printf("CAUGHT %d\n", pid);
                theirs = capabilities(pid);
                if (theirs & ~own)
                        printf("MORE %d %llx\n", pid, theirs);
                print_host_fds(pid, root_device, false);
        }
        (void) ptrace(PTRACE_DETACH, pid, NULL, NULL);
        return true;
}

/* The last number that was given to a process of this namespace. */
static int last_pid(void)
{
        static int fd = -1;
        char text[32] = "";

        if (fd < 0)
                fd = open("/proc/sys/kernel/ns_last_pid", O_RDONLY | O_CLOEXEC);
        return pread(fd, text, sizeof(text) - 1, 0) > 0 ? atoi(text) : 0;
}

int main(int argc, char **argv)
{
        struct stat st;

        (void) setvbuf(stdout, NULL, _IOLBF, 0);
        if (argc != 2 || stat("/", &st) < 0)
                return 1;
        root_device = st.st_dev;
        /* Numbers are given one after the other; some pass too quickly to be caught. */
        for (int next = 2, turn = 0; turn++ % 256 || access(argv[1], F_OK) < 0;) {
                next = MAX_OF(next, last_pid());
                for (int pid = next; pid < next + 3; pid++)
                        if (try_one(pid))
                                next = pid + 1;
        }
        return 0;
}
