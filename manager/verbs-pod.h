/* The methods for pods: of org.ctrunit1.Manager and of org.ctrunit1.Pod, one line each as in
 * verbs-container.h. The argument "id" of a pod's methods is the object's own. EnterContainer of
 * virtcontainers is Exec of the container's own object. */
#pragma once

#include "manager/verb.h"

/* clang-format off */
#define POD_MANAGER_VERBS(X)                                                                       \
        X("ListPods", "", "", "a(sso)", N(pods), NULL, VERB_IN_DAEMON, verb_list_pods)             \
        X("GetPod", "s", N(id), "o", N(pod), NULL, VERB_IN_DAEMON, verb_get_pod)                   \
        X("CreatePod", "a{sv}", N(config), "so", N(id) N(pod), "create", VERB_IN_WORKER,           \
                verb_create_pod)                                                                   \
        X("CreatePodFromConfig", "s", N(config), "so", N(id) N(pod), "create", VERB_IN_WORKER,     \
                verb_create_pod)                                                                   \
        X("RunPod", "a{sv}", N(config), "so", N(id) N(pod), "create", VERB_IN_WORKER,              \
                verb_run_pod)                                                                      \
        X("RunPodFromConfig", "s", N(config), "so", N(id) N(pod), "create", VERB_IN_WORKER,        \
                verb_run_pod)

#define POD_VERBS(X)                                                                               \
        X("Start", "", "", "", "", "start", VERB_IN_WORKER, verb_start_pod)                        \
        X("Stop", "", "", "", "", "stop", VERB_IN_WORKER, verb_stop_pod)                           \
        X("Pause", "", "", "", "", "pause", VERB_IN_WORKER, verb_pause_pod)                        \
        X("Resume", "", "", "", "", "resume", VERB_IN_WORKER, verb_resume_pod)                     \
        X("Delete", "b", N(force), "", "", "delete", VERB_IN_WORKER, verb_delete_pod)              \
        X("Status", "", "", "s", N(status), "inspect", VERB_IN_WORKER, verb_pod_status)            \
        X("GetAnnotation", "s", N(key), "s", N(value), "inspect", VERB_IN_WORKER,                  \
                verb_pod_annotation)                                                               \
        X("SetAnnotations", "a{ss}", N(annotations), "", "", "update", VERB_IN_WORKER,             \
                verb_annotate_pod)                                                                 \
        X("GetContainer", "s", N(name), "o", N(container), NULL, VERB_IN_DAEMON,                   \
                verb_pod_container)                                                                \
        X("CreateContainer", "a{sv}", N(config), "so", N(name) N(container), "create",             \
                VERB_IN_WORKER, verb_pod_create)                                                   \
        X("CreateContainerFromConfig", "s", N(config), "so", N(name) N(container), "create",       \
                VERB_IN_WORKER, verb_pod_create)                                                   \
        X("StartContainer", "s", N(name), "", "", "start", VERB_IN_WORKER, verb_pod_start)         \
        X("StopContainer", "s", N(name), "", "", "stop", VERB_IN_WORKER, verb_pod_stop)            \
        X("DeleteContainer", "s", N(name), "", "", "delete", VERB_IN_WORKER, verb_pod_delete)      \
        X("KillContainer", "sib", N(name) N(signal) N(all), "", "", "kill", VERB_IN_WORKER,        \
                verb_pod_kill)                                                                     \
        X("StatusContainer", "s", N(name), "s", N(status), "inspect", VERB_IN_WORKER,              \
                verb_pod_container_status)                                                         \
        X("ListProcesses", "s", N(name), "au", N(processes), "inspect", VERB_IN_WORKER,            \
                verb_pod_processes)                                                                \
        X("ListProcessesTable", "sas", N(name) N(arguments), "s", N(table), "inspect",             \
                VERB_IN_WORKER, verb_pod_process_table)

/* A name in a list of names. */
#define N(name) #name "\0"
/* clang-format on */

/* The functions of the table. */
int verb_list_pods(VerbCall *call, CtrError *err);
int verb_get_pod(VerbCall *call, CtrError *err);
int verb_create_pod(VerbCall *call, CtrError *err);
int verb_run_pod(VerbCall *call, CtrError *err);
int verb_start_pod(VerbCall *call, CtrError *err);
int verb_stop_pod(VerbCall *call, CtrError *err);
int verb_pause_pod(VerbCall *call, CtrError *err);
int verb_resume_pod(VerbCall *call, CtrError *err);
int verb_delete_pod(VerbCall *call, CtrError *err);
int verb_pod_status(VerbCall *call, CtrError *err);
int verb_pod_annotation(VerbCall *call, CtrError *err);
int verb_annotate_pod(VerbCall *call, CtrError *err);
int verb_pod_container(VerbCall *call, CtrError *err);
int verb_pod_create(VerbCall *call, CtrError *err);
int verb_pod_start(VerbCall *call, CtrError *err);
int verb_pod_stop(VerbCall *call, CtrError *err);
int verb_pod_delete(VerbCall *call, CtrError *err);
int verb_pod_kill(VerbCall *call, CtrError *err);
int verb_pod_container_status(VerbCall *call, CtrError *err);
int verb_pod_processes(VerbCall *call, CtrError *err);
int verb_pod_process_table(VerbCall *call, CtrError *err);
