/* The life of pods as signals: PodCreated, ..., PodRemoved, and PropertiesChanged of their objects.
 * Like watch.h in all else: the pods that are known (watch-pod.c) are compared with what is there,
 * and inotify says when (watch-pod-source.c). */
#pragma once

#include "manager/daemon.h"

#include "base/pod-name.h"

/* What of a pod's properties may change, beside its state: compared as texts. */
typedef enum PodText {
        POD_TEXT_NETNS,
        POD_TEXT_NETWORK,
        POD_TEXT_CONTAINERS,
        POD_TEXT_ANNOTATIONS,
        _POD_TEXT_MAX,
} PodText;

typedef struct PodKnown {
        struct PodKnown *next;
        char id[CTR_POD_ID_MAX + 1];
        bool is_created; /* it was told of: what is being made is none yet */
        bool is_hinted;  /* something about it may have changed */
        PodState state;
        SpecStrv names; /* of its containers */
        char *texts[_POD_TEXT_MAX];
        int state_wd, config_wd, cgroup_wd;
} PodKnown;

/* A directory of pods. While it is not there its parent is followed. */
typedef struct PodRoot {
        char *path;
        int wd, parent_wd;
} PodRoot;

typedef struct PodWatch {
        Daemon *daemon;
        PodKnown *known; /* list */
        bool is_first_look;
        int inotify_fd;
        PodRoot roots[2]; /* of states, of configurations */
        sd_event_source *inotify_source, *hint_source;
} PodWatch;

int watch_pod_begin(Daemon *d, PodWatch **ret);
void watch_pod_done(PodWatch *w);

/* Something about this pod may have changed: it is looked at when all that has come is read. A pod
 * that is not known yet becomes it. w may be NULL. */
void watch_pod_hint(PodWatch *w, const char *id);
PodKnown *watch_pod_find(PodWatch *w, const char *id);

/* ---- between the two files ---- */

int watch_pod_source_begin(PodWatch *w);
void watch_pod_source_done(PodWatch *w);

/* The files that tell of changes of this pod. False: there are none, it is gone. */
bool watch_pod_source_follow(PodWatch *w, PodKnown *k);
void watch_pod_source_forget(PodWatch *w, PodKnown *k);
