/* The verbs of the D-Bus API: one function a method, which takes its arguments as a JSON object and
 * answers with one. Where it runs stands in the table: in the daemon, which has no privilege and
 * only looks; or in a transient unit of its own, which is told the same JSON over a socket (see
 * protocol.h). So the daemon translates messages, and knows nothing of containers. */
#pragma once

#include "base/json-members.h"
#include "runtime/runtime.h"

#define VERB_FDS_MAX     32
#define VERB_TOKEN_SIZE  33 /* 32 hex digits and NUL */
#define VERB_PROGRESS_NS 200000000

typedef enum VerbPlace {
        VERB_IN_DAEMON,
        VERB_IN_WORKER,  /* ctr-job-TOKEN.service */
        VERB_IN_SANDBOX, /* the same, and may touch nothing but /var/lib/ctrunit */
        VERB_IN_SESSION, /* ctr-exec-TOKEN.service, bound to the container: lives on as its process
                          */
        _VERB_PLACE_MAX,
} VerbPlace;

typedef struct VerbCall VerbCall;

struct VerbCall {
        const Runtime *runtime;
        const JsonValue *arguments; /* an object; an "h" is an index into fds */
        const char *token;          /* of the unit it runs in; NULL in the daemon */
        int fds[VERB_FDS_MAX];      /* closed by the caller of the verb, unless taken */
        size_t n_fds;
        FILE *answer; /* members of an object, each ending in "," */
        int ret_fds[VERB_FDS_MAX];
        size_t n_ret_fds;
        pid_t successor; /* our child, which the unit goes on as; 0 = none */
        /* NULL, or tells the client how far it is. */
        void (*progress)(const VerbCall *call, uint64_t done, uint64_t total);
        int socket_fd; /* for progress */
};

typedef int (*VerbFunction)(VerbCall *call, CtrError *err);

typedef struct ManagerVerb {
        const char *interface, *member;
        const char *names;        /* of the arguments: each ends in NUL, the list in an empty one */
        const char *results;      /* D-Bus signature */
        const char *result_names; /* as names */
        const char *action;       /* org.ctrunit1.ACTION of polkit; NULL: everybody may */
        VerbPlace place;
        VerbFunction run;
} ManagerVerb;

/* Not on the bus: what is done before the method of the same name. */
#define VERB_INTERFACE_FIRST "org.ctrunit1.First"

/* NULL when there is none. */
const ManagerVerb *verb_find(const char *interface, const char *member);

/* ---- for the functions ---- */

/* An argument, checked for its type. The container's id is "id". */
int verb_string(const VerbCall *call, const char *name, const char **ret, CtrError *err);
bool verb_bool(const VerbCall *call, const char *name);

/* An option that may be missing (NULL): then it is false. */
bool verb_is_true(const JsonValue *value);

/* Argument "signal": the number of one. */
int verb_signal(const VerbCall *call, int *ret, CtrError *err);

/* Argument "annotations", an a{ss}. ret->items is allocated, its texts are the call's. */
int verb_key_values(const VerbCall *call, SpecKeyValues *ret, CtrError *err);

/* An argument that is an as. *ret: NULL-terminated and allocated, its texts are the call's. */
int verb_strings(const VerbCall *call, const char *name, char ***ret, CtrError *err);

/* The descriptor that an argument names: negative when it names none. Not owned. */
int verb_fd(const VerbCall *call, const JsonValue *value);

void verb_answer_string(VerbCall *call, const char *name, const char *value);
void verb_answer_number(VerbCall *call, const char *name, int64_t value);
/* Text that a function writes to a stream, as a member of the answer: begin, write to f, end, which
 * takes the writer's result and frees. */
typedef struct VerbText {
        char *text;
        size_t size;
        FILE *f;
} VerbText;
int verb_text_begin(VerbText *t, CtrError *err);
int verb_text_end(VerbText *t, VerbCall *call, const char *name, int r, CtrError *err);

/* Takes fd; the answer has its index. */
void verb_answer_fd(VerbCall *call, const char *name, int fd);
