/* The methods of org.ctrunit1.Manager and org.ctrunit1.Container, one line each: what the bus sees
 * (vtables in object-manager.c and object-container.c) and what is done for it (verb.c) come from
 * the same lines.
 *
 *   X(member, signature, argument names, result signature, result names, action, place, function)
 *
 * action: the polkit action org.ctrunit1.ACTION; NULL: everybody may. The argument "id" of a
 * container's methods is the object's own. */
#pragma once

#include "manager/verb.h"

/* clang-format off */
#define MANAGER_VERBS(X)                                                                           \
        X("ListContainers", "", "", "a(ssuo)", N(containers), NULL, VERB_IN_DAEMON, verb_list)     \
        X("GetContainer", "s", N(id), "o", N(container), NULL, VERB_IN_DAEMON, verb_get)           \
        X("CreateContainer", "ssa{sv}", N(id) N(bundle) N(options), "so", N(id) N(container),      \
                "create", VERB_IN_WORKER, verb_create)                                             \
        X("CreateContainerFromConfig", "ssha{sv}", N(id) N(config) N(rootfs) N(options),           \
                "so", N(id) N(container), "create", VERB_IN_WORKER, verb_create_from_config)       \
        X("CreateContainerFromTar", "ssha{sv}", N(id) N(config) N(tar) N(options),                 \
                "so", N(id) N(container), "create", VERB_IN_WORKER, verb_create_from_tar)          \
        X("CreateContainerSimple", "a{sv}", N(config), "so", N(id) N(container),                   \
                "create", VERB_IN_WORKER, verb_create_simple)                                      \
        X("RunContainer", "a{sv}", N(config), "so", N(id) N(container),                            \
                "create", VERB_IN_WORKER, verb_run_simple)                                         \
        X("RestoreContainer", "ssa{sv}", N(id) N(images) N(options), "so", N(id) N(container),     \
                "create", VERB_IN_WORKER, verb_restore)                                            \
        X("Features", "", "", "s", N(features), NULL, VERB_IN_DAEMON, verb_features)

#define CONTAINER_VERBS(X)                                                                         \
        X("Start", "", "", "", "", "start", VERB_IN_WORKER, verb_start)                            \
        X("Stop", "", "", "", "", "stop", VERB_IN_WORKER, verb_stop)                               \
        X("Kill", "ib", N(signal) N(all), "", "", "kill", VERB_IN_WORKER, verb_kill)               \
        X("Pause", "", "", "", "", "pause", VERB_IN_WORKER, verb_pause)                            \
        X("Resume", "", "", "", "", "resume", VERB_IN_WORKER, verb_resume)                         \
        X("Delete", "b", N(force), "", "", "delete", VERB_IN_WORKER, verb_delete)                  \
        X("Update", "s", N(resources), "", "", "update", VERB_IN_WORKER, verb_update)              \
        X("Exec", "sa{sv}", N(process) N(options), "susa{sh}",                                     \
                N(token) N(pid) N(unit) N(fds), "exec", VERB_IN_SESSION, verb_exec)                \
        X("Adopt", "u", N(pid), "", "", "exec", VERB_IN_WORKER, verb_adopt)                        \
        X("Checkpoint", "sa{sv}", N(images) N(options), "", "", "exec", VERB_IN_WORKER,            \
                verb_checkpoint)                                                                   \
        X("GetState", "", "", "s", N(state), "inspect", VERB_IN_DAEMON, verb_state)                \
        X("GetConfig", "", "", "s", N(config), "inspect", VERB_IN_DAEMON, verb_config)             \
        X("GetAnnotations", "", "", "a{ss}", N(annotations), "inspect", VERB_IN_DAEMON,            \
                verb_annotations)                                                                  \
        X("SetAnnotations", "a{ss}", N(annotations), "", "", "update", VERB_IN_WORKER,             \
                verb_set_annotations)                                                              \
        X("Ps", "", "", "a(us)", N(processes), "inspect", VERB_IN_DAEMON, verb_ps)                 \
        X("PsTable", "as", N(arguments), "s", N(table), "inspect", VERB_IN_WORKER, verb_ps_table)  \
        X("Stats", "", "", "s", N(stats), "inspect", VERB_IN_DAEMON, verb_stats)                   \
        X("GetHealth", "", "", "sus", N(status) N(failures) N(output), "inspect", VERB_IN_DAEMON,  \
                verb_health)                                                                       \
        X("CheckHealth", "", "", "sus", N(status) N(failures) N(output), "exec", VERB_IN_WORKER,   \
                verb_check_health)

/* What is done for a method of the same name before it, in a unit of its own; its answer is put into
 * the method's arguments. */
#define FIRST_VERBS(X)                                                                             \
        X("CreateContainerFromTar", "", "", "", "", NULL, VERB_IN_SANDBOX, verb_unpack)

/* A name in a list of names. */
#define N(name) #name "\0"
/* clang-format on */

/* The functions of the table. */
int verb_list(VerbCall *call, CtrError *err);
int verb_get(VerbCall *call, CtrError *err);
int verb_create(VerbCall *call, CtrError *err);
int verb_create_from_config(VerbCall *call, CtrError *err);
int verb_create_from_tar(VerbCall *call, CtrError *err);
int verb_unpack(VerbCall *call, CtrError *err);
int verb_create_simple(VerbCall *call, CtrError *err);
int verb_run_simple(VerbCall *call, CtrError *err);
int verb_restore(VerbCall *call, CtrError *err);
int verb_checkpoint(VerbCall *call, CtrError *err);
int verb_features(VerbCall *call, CtrError *err);
int verb_start(VerbCall *call, CtrError *err);
int verb_stop(VerbCall *call, CtrError *err);
int verb_kill(VerbCall *call, CtrError *err);
int verb_pause(VerbCall *call, CtrError *err);
int verb_resume(VerbCall *call, CtrError *err);
int verb_delete(VerbCall *call, CtrError *err);
int verb_update(VerbCall *call, CtrError *err);
int verb_exec(VerbCall *call, CtrError *err);
int verb_adopt(VerbCall *call, CtrError *err);
int verb_state(VerbCall *call, CtrError *err);
int verb_config(VerbCall *call, CtrError *err);
int verb_annotations(VerbCall *call, CtrError *err);
int verb_set_annotations(VerbCall *call, CtrError *err);
int verb_ps(VerbCall *call, CtrError *err);
int verb_ps_table(VerbCall *call, CtrError *err);
int verb_stats(VerbCall *call, CtrError *err);
int verb_health(VerbCall *call, CtrError *err);
int verb_check_health(VerbCall *call, CtrError *err);
