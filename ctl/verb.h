/* One verb of the command line: its name, its options as a table, its function. main.c parses and
 * prints help from the tables alone, and completions and pages are compared with them. */
#pragma once

#include "runtime/runtime.h"

#define EXIT_EXEC_FAILED                                                                           \
        255 /* exec: an error of ours, as opposed to an exit status of the program */

typedef enum OptionKind {
        OPTION_FLAG,    /* bool */
        OPTION_STRING,  /* const char * */
        OPTION_STRINGS, /* StringList: may be given again */
        OPTION_NUMBER,  /* unsigned */
} OptionKind;

typedef struct StringList {
        char **items; /* NULL-terminated */
        size_t n;
} StringList;

typedef struct Option {
        const char *name;
        char letter;          /* 0 = none */
        const char *argument; /* its name in the help; NULL for flags */
        const char *help;     /* NULL = accepted, not shown */
        OptionKind kind;
        void *value; /* NULL = accepted and ignored */
} Option;

/* What a verb's function gets. */
typedef struct Call {
        const Runtime *runtime;
        int n_arguments;
        char **arguments; /* without options */
        const char *criu; /* --criu; NULL = not given */
} Call;

typedef struct Verb Verb;

struct Verb {
        const char *name;
        const char *arguments;                /* for the usage line */
        const char *help;                     /* one line; NULL = internal, not listed */
        int n_arguments_min, n_arguments_max; /* max -1 = any */
        bool is_options_first; /* what follows the first argument belongs to another program */
        int error_status;      /* exit status when the function fails and the error names none */
        const Option *options;
        size_t n_options;
        int (*run)(const Call *call, CtrError *err); /* exit status, or -errno */
        const Verb *const *verbs; /* of a verb that has verbs of its own: those, for the help */
        size_t n_verbs;
};

/* In the order of the help. */
extern const Verb verb_create, verb_start, verb_run, verb_exec, verb_kill, verb_delete, verb_state,
        verb_list, verb_ps, verb_pause, verb_resume, verb_update, verb_events, verb_features,
        verb_inspect, verb_enable, verb_disable, verb_reload, verb_logs, verb_spec, verb_plan,
        verb_check, verb_unit_name, verb_compile, verb_pod, verb_convert, verb_nsinit, verb_health,
        verb_attach, verb_veth, verb_doctor, verb_mod_create, verb_mod_run, verb_import,
        verb_unpack, verb_checkpoint, verb_restore;

extern const Verb *const verbs[];
extern const size_t n_verbs;

/* Of a program with a part of the verbs: does not return, but executes the one that has them all.
 * NULL in that one. */
extern void (*const verbs_hand_over)(char **argv);

/* What to do instead of a verb that there is not: "did you mean ...", or whose command it is.
 * Returns buf, "" when nothing comes near. */
const char *verb_advice(const char *name, char *buf, size_t size);

/* Whether a unit of ctr-generator(8) has this name: it has no state before it has run. */
bool verb_is_configured(const char *id);

/* Runs a verb on another machine: see remote.h. NULL in a program with a part of the verbs. */
struct RemoteTarget;
extern int (*const verbs_remote)(
        const struct RemoteTarget *target, const Verb *verb, const Call *call, CtrError *err);

/* Parses argv[1...] by a table; stops at the first argument if is_options_first. *ret_first is the
 * index of the first argument, and 1 is returned when help was asked for. */
int options_parse(const Option *options, size_t n, bool is_options_first, int argc, char **argv,
        int *ret_first, CtrError *err);

/* Whether a verb takes this many arguments. program_name: what stands before it on the line. */
int verb_check_arguments(const char *program_name, const Verb *verb, int n, CtrError *err);

/* A value of --format that is "table" or "json". */
int format_check(const char *format, CtrError *err);

void options_print_help(const Option *options, size_t n, FILE *f);
void verb_print_help(const char *program_name, const Verb *verb, FILE *f);
