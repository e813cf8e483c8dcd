/* From a quick program to the whole one: see hand-over.h. */
#include "ctl/quick/hand-over.h"

#include "ctl/program.h"
#include "runtime/state.h"

#include <stdio.h>
#include <string.h>

void state_meets_newer(void)
{
        hand_over(program_argv);
}

_noreturn_ void hand_over(char **argv)
{
        char path[256];

        (void) snprintf(path, sizeof(path), CTR_LIBEXEC_DIR "/%s", program.name);
        (void) execv(path, argv);
        (void) fprintf(stderr, "%s: cannot execute %s: %s (is the package installed whole?)\n",
                program.name, path, strerror(errno));
        _exit(EXIT_FAILURE);
}
