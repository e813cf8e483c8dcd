/* ctrctl and ctr-runtime: global options, the verb, its options, its function; errors reported
 * once, here. */
#include "ctl/program.h"
#include "ctl/remote.h"
#include "ctl/report.h"
#include "ctl/verb.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define SPEC_VERSION "1.3.0" /* the newest OCI runtime specification that is read */

static struct {
        const char *root, *log, *log_format, *log_level, *cgroup_manager, *rootless, *criu;
        RemoteTarget target;
        bool wants_version, is_debug, is_systemd_cgroup;
} globals;

char **program_argv;

/* The first two are completed by what the program is. */
enum { OPTION_SYSTEMD_CGROUP, OPTION_CGROUP_MANAGER };

static Option global_options[] = {
        [OPTION_SYSTEMD_CGROUP] = { "systemd-cgroup", 0, NULL, "", OPTION_FLAG,
                &globals.is_systemd_cgroup },
        [OPTION_CGROUP_MANAGER] = { "cgroup-manager", 0, "", "", OPTION_STRING,
                &globals.cgroup_manager },
        { "root", 0, "DIR", "where the state of containers is kept (default /run/ctrunit)",
                OPTION_STRING, &globals.root },
        { "log", 0, "FILE", "append errors there too; also journald:ID and syslog:ID",
                OPTION_STRING, &globals.log },
        { "log-format", 0, "text|json", "form of the lines in it (default text)", OPTION_STRING,
                &globals.log_format },
        { "log-level", 0, "debug|info|warning|error", "what to show (default warning)",
                OPTION_STRING, &globals.log_level },
        { "debug", 0, NULL, "the same as --log-level debug", OPTION_FLAG, &globals.is_debug },
        { "rootless", 0, "auto", "accepted: true is not supported", OPTION_STRING,
                &globals.rootless },
        { "criu", 0, "PATH", "the program for checkpoints (default criu)", OPTION_STRING,
                &globals.criu },
        { "host", 'H', "[USER@]HOST", "the containers of another host, by ssh", OPTION_STRING,
                &globals.target.host },
        { "machine", 'M', "NAME", "the containers of a machine of machinectl", OPTION_STRING,
                &globals.target.machine },
        { "version", 'v', NULL, "show the versions", OPTION_FLAG, &globals.wants_version },
};

static const Verb *verb_find(const char *name)
{
        for (size_t i = 0; i < n_verbs; i++)
                if (strcmp(verbs[i]->name, name) == 0)
                        return verbs[i];
        return NULL;
}

static void print_help(FILE *f)
{
        (void) fprintf(
                f, "%s [OPTION...] VERB [ARGUMENT...]\n\n%s\n\n", program.name, program.summary);
        for (size_t i = 0; i < n_verbs; i++)
                if (verbs[i]->help)
                        (void) fprintf(f, "  %-10s %-22s %s\n", verbs[i]->name, verbs[i]->arguments,
                                verbs[i]->help);
        (void) fputc('\n', f);
        options_print_help(global_options, ELEMENTSOF(global_options), f);
        (void) fprintf(f, "\n%s VERB --help shows the options of a verb.\n", program.name);
}

static void print_version(void)
{
        const char *commit = CTR_COMMIT; /* none of an archive without its history */

        (void) printf("%s\n%s%s%sspec: %s\n", program.version, *commit ? "commit: " : "", commit,
                *commit ? "\n" : "", SPEC_VERSION);
}

static bool is_one_of(const char *text, const char *const *words)
{
        for (; *words; words++)
                if (strcmp(text, *words) == 0)
                        return true;
        return false;
}

/* Options with a fixed set of values. */
static int check_globals(CtrError *err)
{
        const struct {
                const char *option, *value;
                const char *const *words;
        } checks[] = {
                { "log-format", globals.log_format, (const char *const[]){ "text", "json", NULL } },
                { "log-level", globals.log_level,
                        (const char *const[]){ "debug", "info", "warning", "error", NULL } },
                { "cgroup-manager", globals.cgroup_manager, program.cgroup_managers },
                { "rootless", globals.rootless, (const char *const[]){ "auto", "false", NULL } },
        };

        for (size_t i = 0; i < ELEMENTSOF(checks); i++)
                if (checks[i].value && !is_one_of(checks[i].value, checks[i].words))
                        return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                                "--%s does not know \"%.64s\"", checks[i].option, checks[i].value);
        return 0;
}

/* What a container becomes, from what the program is and what was asked for. */
static PlanMode choose_mode(void)
{
        const char *manager = globals.cgroup_manager;

        if (program.mode == PLAN_SERVICE)
                return PLAN_SERVICE;
        if (globals.is_systemd_cgroup || (manager && strcmp(manager, "systemd") == 0))
                return PLAN_SCOPE;
        if (manager && strcmp(manager, "disabled") == 0)
                return PLAN_UNPLACED;
        return PLAN_CGROUPFS;
}

static int run_verb(const Verb *verb, int argc, char **argv, CtrError *err)
{
        Runtime runtime;
        const bool is_remote = globals.target.host || globals.target.machine;
        Call call;
        int r, first;

        r = options_parse(
                verb->options, verb->n_options, verb->is_options_first, argc, argv, &first, err);
        if (verbs_hand_over && (r != 0 || is_remote))
                verbs_hand_over(program_argv);
        if (r > 0) {
                verb_print_help(program.name, verb, stdout);
                return 0;
        }
        if (r >= 0)
                r = verb_check_arguments(program.name, verb, argc - first, err);
        if (r >= 0)
                r = runtime_init(&runtime, globals.root, err);
        if (r < 0)
                return r;
        runtime.mode = choose_mode();
        call = (Call){ .runtime = &runtime,
                .n_arguments = argc - first,
                .arguments = argv + first,
                .criu = globals.criu };
        if (is_remote && program.mode != PLAN_SERVICE)
                return ctr_error_set(
                        err, CTR_ERROR_USAGE, 0, "%s knows this machine only", program.name);
        r = is_remote ? verbs_remote(&globals.target, verb, &call, err) : verb->run(&call, err);
        runtime_done(&runtime);
        return r;
}

static int unknown_verb(const char *name, CtrError *err)
{
        char advice[128];

        verb_advice(name, advice, sizeof(advice));
        return ctr_error_set(err, CTR_ERROR_USAGE, 0, "unknown verb \"%.64s\"%s%s (see: %s --help)",
                name, advice[0] ? ": " : "", advice, program.name);
}

static int help_verb(int argc, char **argv, CtrError *err)
{
        const Verb *verb;

        if (argc < 2) {
                print_help(stdout);
                return 0;
        }
        verb = verb_find(argv[1]);
        if (!verb)
                return unknown_verb(argv[1], err);
        verb_print_help(program.name, verb, stdout);
        return 0;
}

/* *ret_status: the exit status of errors, unless they name one themselves. */
static int dispatch(int argc, char **argv, int *ret_status, CtrError *err)
{
        const Verb *verb;
        int r, first;

        r = options_parse(
                global_options, ELEMENTSOF(global_options), true, argc, argv, &first, err);
        if (verbs_hand_over && (r != 0 || globals.target.host || globals.target.machine ||
                                       first == argc || !verb_find(argv[first])))
                verbs_hand_over(argv);
        if (r > 0) {
                print_help(stdout);
                return 0;
        }
        if (r >= 0)
                r = check_globals(err);
        if (r >= 0)
                r = report_init(
                        globals.log, globals.log_format, globals.log_level, globals.is_debug, err);
        if (r < 0)
                return r;
        if (globals.wants_version) {
                print_version();
                return 0;
        }
        if (first == argc) {
                print_help(stderr);
                return ctr_error_set(err, CTR_ERROR_USAGE, 0, "a verb is missing");
        }
        if (strcmp(argv[first], "help") == 0)
                return help_verb(argc - first, argv + first, err);
        verb = verb_find(argv[first]);
        if (!verb)
                return unknown_verb(argv[first], err);
        if (verb->error_status > 0)
                *ret_status = verb->error_status;
        return run_verb(verb, argc - first, argv + first, err);
}

/* Containers are the system's: whoever is not root hears that, not only of the first file that was
 * in the way. */
static void add_hint(CtrError *err)
{
        size_t n = strlen(err->message);

        if (geteuid() != 0 && (err->errno_value == EACCES || err->errno_value == EPERM))
                (void) snprintf(err->message + n, sizeof(err->message) - n,
                        " (only root can do this; others ask the service of org.ctrunit1(5))");
}

/* Under the name of an older program it has that one's command line. */
static int dispatch_by_name(int argc, char **argv, int *ret_status, CtrError *err)
{
        const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
        const Verb *nsinit;

        if (argc == 0 || strcmp(slash ? slash + 1 : argv[0], "nsinit") != 0)
                return dispatch(argc, argv, ret_status, err);
        nsinit = verb_find("nsinit");
        if (!nsinit)
                verbs_hand_over(argv);
        return run_verb(nsinit, argc, argv, err);
}

int main(int argc, char **argv)
{
        program_argv = argv;
        int r, status = EXIT_FAILURE;
        CtrError err = { 0 };

        /* Whoever ignores it has no children to wait for: who was started so, by a shell's trap or
         * by a program that reaps nobody, would lose the exit status of ours. */
        (void) signal(SIGCHLD, SIG_DFL);
        /* Written at the end, where it is asked whether that went well: a line that was written
         * before and lost is not noticed any more. */
        (void) setvbuf(stdout, NULL, _IOFBF, BUFSIZ);
        global_options[OPTION_SYSTEMD_CGROUP].help = program.systemd_cgroup_help;
        global_options[OPTION_CGROUP_MANAGER].help = program.cgroup_manager_help;
        global_options[OPTION_CGROUP_MANAGER].argument = program.cgroup_manager_words;
        r = dispatch_by_name(argc, argv, &status, &err);
        if (r >= 0 && (fflush(stdout) != 0 || ferror(stdout)))
                r = ctr_error_set(&err, CTR_ERROR_SYSTEM, errno, "cannot write the output");
        if (r >= 0)
                return r;
        add_hint(&err);
        report_error(&err);
        return err.exit_status > 0 ? err.exit_status : status;
}
