/* What the files of libctrunit share: the objects, and the way errors leave the library. */
#pragma once

#include "api/ctrunit.h"

#include "base/name.h"
#include "runtime/runtime.h"
#include "runtime/unit-process.h"

struct CtrFactory {
        Runtime runtime;
};

struct CtrContainer {
        Runtime runtime;
        char id[CTR_ID_MAX + 1];
};

struct CtrPod {
        Runtime runtime;
        char *id;
        SpecStrv remarks;
};

struct CtrProcess {
        char **args;
        char **env;          /* NULL = the container's */
        char **capabilities; /* NULL = the container's */
        char *user, *cwd;
        bool has_stdio, has_console, is_started;
        int stdio[3];
        int *fds;
        size_t n_fds;
        unsigned rows, columns;
        int console_fd;
        UnitProcess process;
};

/* Ends every function that can fail: with r < 0 *error becomes a copy of `from`. Returns r, 0
 * instead of positive ones. */
int api_result(int r, const CtrError *from, CtrError **error);

/* The same for what needs a process: of a container that has none yet nothing exists but its id,
 * which is CTR_ERROR_CONTAINER_NOT_RUNNING here. */
int api_judge(CtrContainer *c, int r, CtrError *e, CtrError **error);

/* A runtime on the same directory. */
int api_copy_runtime(const Runtime *from, Runtime *ret, CtrError *err);

/* The object of a container that is there. */
int api_container_new(const CtrFactory *factory, const char *id, CtrContainer **ret, CtrError *err);

/* NULL-terminated arrays of strings, allocated. NULL: out of memory. */
char **api_strv_copy(const char *const *strv);

/* A list's strings as such an array; the list is empty then. */
int api_strv_take(SpecStrv *list, char ***ret, CtrError *err);

/* ---- reserved ids: containers that have no process yet (ROOT/reserved/ID.json) ---- */

/* Claims the id with this configuration. CTR_ERROR_ID_IN_USE. */
int reserve_create(const Runtime *rt, const char *id, const char *config, CtrError *err);

/* Its configuration: 1, or 0 when the id is not reserved. */
int reserve_read(const Runtime *rt, const char *id, char **ret, CtrError *err);

/* The file of one, whether it exists or not. NULL: out of memory. */
char *reserve_path(const Runtime *rt, const char *id);

/* Missing is success. */
int reserve_remove(const Runtime *rt, const char *id, CtrError *err);

/* Appends the ids. */
int reserve_list(const Runtime *rt, SpecStrv *list, CtrError *err);

/* ---- processes ---- */

/* The first process of a reserved container, with its configuration; process NULL = the
 * configuration's own. */
int process_start_init(
        const Runtime *rt, const char *id, const char *config, CtrProcess *process, CtrError *err);

/* One more. */
int process_start_joined(const Runtime *rt, const char *id, CtrProcess *process, CtrError *err);

/* Whether a configuration could be started: the parser's word, with any process. */
int process_check_config(const char *config, CtrError *err);

/* The public form. */
CtrExit process_exit_of(const ProcessEnd *end);
