/* What the two halves of watching share: the containers that are known (watch.c), and where the
 * hints come from that one of them changed (watch-source.c). */
#pragma once

#include "manager/watch-pod.h"
#include "manager/watch.h"

#include "base/name.h"
#include "runtime/cgroup.h"

#define SYSTEMD_NAME        "org.freedesktop.systemd1"
#define SYSTEMD_UNIT_PREFIX "/org/freedesktop/systemd1/unit"

/* A process that was added by Exec and has not ended. */
typedef struct KnownSession {
        char token[VERB_TOKEN_SIZE];
        char *path; /* of its unit */
} KnownSession;

typedef struct Known {
        struct Known *next;
        Watch *watch;
        char id[CTR_ID_MAX + 1];
        char *unit_path; /* of its unit; NULL = none */
        ContainerStatus status;
        pid_t pid;
        char invocation_id[INVOCATION_ID_LENGTH + 1]; /* of the last run that was told of */
        bool is_created, is_started, is_exit_told;
        sd_bus_slot
                *last_word_slot; /* PID 1 was asked whether it has something to say of the end */
        bool has_last_word;      /* and has answered */
        ExitRecord exit;         /* what PID 1 said of the main process; result "" = nothing yet */
        ExitRecord told;         /* with is_exit_told: how it ended */
        int state_wd, memory_wd, events_wd;
        char cgroup[CGROUP_PATH_MAX];
        uint64_t oom_kills;
        const char *health; /* as of ContainerInfo */
        unsigned health_n_failures;
        KnownSession *sessions;
        size_t n_sessions;
} Known;

struct Watch {
        Daemon *daemon;
        Known *known;       /* list */
        bool is_first_look; /* what was there before is no news */
        int inotify_fd, directory_wd;
        sd_event_source *inotify_source;
        sd_bus_slot *properties_slot, *removed_slot;
        PodWatch *pods;
};

Known *watch_find(Watch *w, const char *id);

/* Something about this container may have changed. */
void watch_look(Watch *w, const char *id);
void watch_memory(Watch *w, Known *k);
int watch_add_session(Watch *w, const char *id, const char *token);
void watch_session_ended(Watch *w, Known *k, size_t index, const ExitRecord *record);

int watch_source_begin(Watch *w);
void watch_source_done(Watch *w);

/* The files of a container that tell of changes: its state, and while it lives its memory.events.
 */
void watch_source_follow(Watch *w, Known *k);
void watch_source_forget(Watch *w, Known *k);

/* Those of Exec that were started before we were. */
void watch_source_find_sessions(Watch *w, const char *id);
