/* Signal names: a table of our own, because the numbers must not depend on the C library in use. */
#include "plan/signal-name.h"

#include "base/io.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* What programs see as real-time signals: the C library keeps the kernel's first two. */
enum { RT_MIN = 34, RT_MAX = 64 };

static const struct {
        const char *name;
        int signo;
} signal_table[] = {
        { "HUP", SIGHUP },
        { "INT", SIGINT },
        { "QUIT", SIGQUIT },
        { "ILL", SIGILL },
        { "TRAP", SIGTRAP },
        { "ABRT", SIGABRT },
        { "BUS", SIGBUS },
        { "FPE", SIGFPE },
        { "KILL", SIGKILL },
        { "USR1", SIGUSR1 },
        { "SEGV", SIGSEGV },
        { "USR2", SIGUSR2 },
        { "PIPE", SIGPIPE },
        { "ALRM", SIGALRM },
        { "TERM", SIGTERM },
        { "STKFLT", SIGSTKFLT },
        { "CHLD", SIGCHLD },
        { "CONT", SIGCONT },
        { "STOP", SIGSTOP },
        { "TSTP", SIGTSTP },
        { "TTIN", SIGTTIN },
        { "TTOU", SIGTTOU },
        { "URG", SIGURG },
        { "XCPU", SIGXCPU },
        { "XFSZ", SIGXFSZ },
        { "VTALRM", SIGVTALRM },
        { "PROF", SIGPROF },
        { "WINCH", SIGWINCH },
        { "IO", SIGIO },
        { "PWR", SIGPWR },
        { "SYS", SIGSYS },
        /* Other names of the same numbers: found by name only. */
        { "IOT", SIGIOT },
        { "CLD", SIGCHLD },
        { "POLL", SIGPOLL },
};

/* "+3" after RTMIN, "-1" after RTMAX. */
static int parse_realtime(const char *rest, int base, char sign)
{
        uint64_t offset;

        if (*rest == '\0')
                return base;
        if (*rest != sign || ctr_parse_u64(rest + 1, RT_MAX - RT_MIN, &offset) < 0)
                return -EINVAL;
        return sign == '+' ? base + (int) offset : base - (int) offset;
}

int signal_from_name(const char *name)
{
        uint64_t number;

        if (ctr_parse_u64(name, RT_MAX, &number) >= 0)
                return number > 0 ? (int) number : -EINVAL;
        if (strncasecmp(name, "SIG", 3) == 0)
                name += 3;
        if (strncasecmp(name, "RTMIN", 5) == 0)
                return parse_realtime(name + 5, RT_MIN, '+');
        if (strncasecmp(name, "RTMAX", 5) == 0)
                return parse_realtime(name + 5, RT_MAX, '-');
        for (size_t i = 0; i < ELEMENTSOF(signal_table); i++)
                if (strcasecmp(signal_table[i].name, name) == 0)
                        return signal_table[i].signo;
        return -EINVAL;
}

const char *signal_to_name(int signo, char buf[static SIGNAL_NAME_MAX])
{
        const char *name = NULL;

        for (size_t i = 0; i < ELEMENTSOF(signal_table) && !name; i++)
                if (signal_table[i].signo == signo)
                        name = signal_table[i].name;

        if (name)
                (void) snprintf(buf, SIGNAL_NAME_MAX, "SIG%s", name);
        else if (signo >= RT_MIN && signo <= RT_MAX)
                (void) snprintf(buf, SIGNAL_NAME_MAX, "SIGRTMIN+%d", signo - RT_MIN);
        else
                (void) snprintf(buf, SIGNAL_NAME_MAX, "%d", signo);
        return buf;
}
