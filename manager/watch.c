/* Containers and what is known of them, compared with what they are now: the difference is the
 * signals. Hints that something may have changed come from watch-source.c, and may come too often.
 */
#include "manager/watch.h"

#include "manager/watch-known.h"

#include "manager/path.h"
#include "manager/wait.h"

#include "runtime/container.h"
#include "runtime/stats.h"
#include "runtime/strv.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

Known *watch_find(Watch *w, const char *id)
{
        for (Known *k = w->known; k; k = k->next)
                if (strcmp(k->id, id) == 0)
                        return k;
        return NULL;
}

static void known_free(Watch *w, Known *k)
{
        for (Known **p = &w->known; *p; p = &(*p)->next)
                if (*p == k) {
                        *p = k->next;
                        break;
                }
        watch_source_forget(w, k);
        for (size_t i = 0; i < k->n_sessions; i++)
                free(k->sessions[i].path);
        free(k->sessions);
        free(k->unit_path);
        sd_bus_slot_unref(k->last_word_slot);
        free(k);
}

/* ---- signals ---- */

static void emit_named(Watch *w, const Known *k, const char *member)
{
        (void) sd_bus_emit_signal(w->daemon->bus, PATH_ROOT, INTERFACE_MANAGER, member, "s", k->id);
}

static void emit_created(Watch *w, const Known *k)
{
        char path[PATH_SIZE_MAX];

        (void) path_of_container(k->id, path);
        (void) sd_bus_emit_object_added(w->daemon->bus, path);
        (void) sd_bus_emit_signal(w->daemon->bus, PATH_ROOT, INTERFACE_MANAGER, "ContainerCreated",
                "so", k->id, path);
}

static void emit_changed(Watch *w, const Known *k)
{
        char path[PATH_SIZE_MAX];

        (void) sd_bus_emit_properties_changed(w->daemon->bus, path_of_container(k->id, path),
                INTERFACE_CONTAINER, "State", "Pid", "Started", "InvocationID", "ExitResult",
                "ExitCode", "ExitStatus", NULL);
}

/* The count of failures goes up with each check; a health that stays good is no news. */
static void tell_health(Watch *w, Known *k, const ContainerInfo *now)
{
        char path[PATH_SIZE_MAX];
        bool is_new = now->health != k->health || now->health_n_failures != k->health_n_failures;

        k->health = now->health;
        k->health_n_failures = now->health_n_failures;
        if (is_new && !w->is_first_look)
                (void) sd_bus_emit_properties_changed(w->daemon->bus,
                        path_of_container(k->id, path), INTERFACE_CONTAINER, "Health",
                        "HealthFailures", NULL);
}

static void emit_started(Watch *w, Known *k, pid_t pid)
{
        k->is_started = true;
        k->is_exit_told = k->has_last_word = false;
        k->last_word_slot = sd_bus_slot_unref(k->last_word_slot);
        (void) sd_bus_emit_signal(w->daemon->bus, PATH_ROOT, INTERFACE_MANAGER, "ContainerStarted",
                "su", k->id, (uint32_t) pid);
}

static void emit_exited(Watch *w, Known *k, const ExitRecord *record)
{
        if (k->is_exit_told)
                return;
        k->is_exit_told = true;
        k->told = *record;
        k->is_started = false;
        /* The kernel tells of its file up to 10 ms late; the cgroup may be gone by then. */
        watch_memory(w, k);
        (void) sd_bus_emit_signal(w->daemon->bus, PATH_ROOT, INTERFACE_MANAGER, "Exited", "sssi",
                k->id, record->result, record->code, exit_record_number(record));
        wait_ended(w->daemon, k->id, NULL, record);
}

bool watch_told_end(const Daemon *d, const char *id, ExitRecord *ret)
{
        const Known *k = d->watch ? watch_find(d->watch, id) : NULL;

        if (!k || !k->is_exit_told)
                return false;
        *ret = k->told;
        return true;
}

/* What PID 1 said, or what stands in the state. */
static void find_exit(const Watch *w, const Known *k, ExitRecord *ret)
{
        Container c;

        *ret = k->exit;
        if (ret->result[0])
                return;
        if (container_open(&w->daemon->runtime, k->id, &c, NULL) >= 0) {
                (void) exit_record_read(c.dir_fd, ret, NULL);
                container_done(&c);
        }
        if (!ret->result[0])
                exit_record_unknown(ret);
}

/* ---- the difference ---- */

static bool is_alive(ContainerStatus status)
{
        return status == CONTAINER_CREATED || status == CONTAINER_RUNNING ||
               status == CONTAINER_PAUSED;
}

/* A container that is paused may never have been started: its gate tells. */
static bool has_gate(const Watch *w, const char *id)
{
        char path[4096];

        (void) snprintf(
                path, sizeof(path), "%s/%s/" STATE_FILE_GATE, w->daemon->runtime.containers, id);
        return access(path, F_OK) >= 0;
}

/* The process that was there is not, or is another one (Restart=). */
static void tell_end(Watch *w, Known *k, const ContainerInfo *now)
{
        ExitRecord record;

        if (k->pid == 0 || k->pid == now->pid)
                return;
        find_exit(w, k, &record);
        emit_exited(w, k, &record);
        k->exit = (ExitRecord){ 0 };
        k->pid = 0;
}

static void tell_freezer(Watch *w, Known *k, ContainerStatus now)
{
        if (now == CONTAINER_PAUSED && k->status != CONTAINER_PAUSED)
                emit_named(w, k, "Paused");
        if (k->status == CONTAINER_PAUSED && (now == CONTAINER_RUNNING || now == CONTAINER_CREATED))
                emit_named(w, k, "Resumed");
}

/* A run that came and went before we looked. */
static void tell_missed(Watch *w, Known *k)
{
        ExitRecord record;

        k->is_exit_told = false;
        find_exit(w, k, &record);
        if (strcmp(record.code, "-") != 0 && !k->is_started)
                emit_started(w, k, 0);
        emit_exited(w, k, &record);
}

static int last_word(sd_bus_message *m _unused_, void *userdata, sd_bus_error *error _unused_)
{
        Known *k = userdata;
        char id[CTR_ID_MAX + 1];

        k->has_last_word = true;
        memcpy(id, k->id, sizeof(id));
        watch_look(k->watch, id);
        return 0;
}

/* The files of a service are gone before PID 1's word about its end is read here, now and then:
 * that comes before the answer to whatever it is asked now. */
static bool awaits_last_word(Watch *w, Known *k)
{
        ExitRecord record;

        if (!k->is_created || k->pid == 0 || k->is_exit_told || !k->unit_path || k->has_last_word)
                return false;
        find_exit(w, k, &record);
        if (strcmp(record.result, "unknown") != 0)
                return false;
        return k->last_word_slot ||
               sd_bus_call_method_async(w->daemon->bus, &k->last_word_slot, SYSTEMD_NAME,
                       "/org/freedesktop/systemd1", "org.freedesktop.DBus.Peer", "Ping", last_word,
                       k, "") >= 0;
}

/* Its process is gone, and how it ended is still to be told. */
static bool is_ending(Watch *w, Known *k, const ContainerInfo *now)
{
        ExitRecord record;

        if (now->status != CONTAINER_STOPPED || w->is_first_look || k->is_exit_told)
                return false;
        find_exit(w, k, &record);
        return strcmp(record.result, "unknown") == 0 &&
               (!unit_is_over(w->daemon, now->unit) || awaits_last_word(w, k));
}

/* The same at the first look, which tells nothing: its end is still to come then. */
static bool ends_unseen(const Watch *w, const Known *k, const ContainerInfo *now)
{
        ExitRecord record;

        if (!w->is_first_look || now->status != CONTAINER_STOPPED)
                return false;
        find_exit(w, k, &record);
        return strcmp(record.result, "unknown") == 0 && !unit_is_over(w->daemon, now->unit);
}

static void compare(Watch *w, Known *k, const ContainerInfo *now)
{
        bool was_known = k->is_created, is_unseen = ends_unseen(w, k, now);

        if (now->status == CONTAINER_CREATING || is_ending(w, k, now))
                return;
        tell_end(w, k, now);
        if (!k->is_created) {
                k->is_created = true;
                if (!w->is_first_look)
                        emit_created(w, k);
        }
        if (is_alive(now->status) && !k->is_started && !has_gate(w, k->id)) {
                if (w->is_first_look)
                        k->is_started = true;
                else
                        emit_started(w, k, now->pid);
        }
        /* While it is removed there is no record of any run. */
        if (now->status == CONTAINER_STOPPED && !w->is_first_look && now->invocation_id[0] &&
                strcmp(now->invocation_id, k->invocation_id) != 0)
                tell_missed(w, k);
        if (!w->is_first_look)
                tell_freezer(w, k, now->status);
        if (was_known && !w->is_first_look && (now->status != k->status || now->pid != k->pid))
                emit_changed(w, k);
        tell_health(w, k, now);
        k->status = now->status;
        k->pid = now->pid;
        k->is_started |= is_unseen;
        if (now->invocation_id[0] && !is_unseen)
                memcpy(k->invocation_id, now->invocation_id, sizeof(k->invocation_id));
        watch_source_follow(w, k);
}

static void remove_known(Watch *w, Known *k)
{
        char path[PATH_SIZE_MAX];
        ExitRecord record;

        if (k->is_created) {
                if (k->pid > 0 && !k->is_exit_told) {
                        find_exit(w, k, &record);
                        emit_exited(w, k, &record);
                }
                (void) sd_bus_emit_interfaces_removed(w->daemon->bus,
                        path_of_container(k->id, path), INTERFACE_CONTAINER, OBJECT_INTERFACES,
                        NULL);
                emit_named(w, k, "Removed");
        }
        wait_removed(w->daemon, k->id);
        known_free(w, k);
}

static Known *known_new(Watch *w, const char *id)
{
        Known *k = calloc(1, sizeof(*k));

        if (!k)
                return NULL;
        (void) snprintf(k->id, sizeof(k->id), "%s", id);
        k->watch = w;
        k->status = CONTAINER_CREATING;
        k->state_wd = k->memory_wd = k->events_wd = -1;
        k->next = w->known;
        w->known = k;
        watch_source_follow(w, k);
        return k;
}

/* The pod whose member this may be has another list of containers then. */
static void hint_pod(const Watch *w, const char *id)
{
        char pod[CTR_POD_ID_MAX + 1];

        if (ctr_pod_of_member(id, pod) && w->pods && watch_pod_find(w->pods, pod))
                watch_pod_hint(w->pods, pod);
}

/* PID 1 makes the directory of a configured container before there is state in it. */
static bool has_directory(const Watch *w, const char *id)
{
        char path[4096];

        (void) snprintf(path, sizeof(path), "%s/%s", w->daemon->runtime.containers, id);
        return access(path, F_OK) >= 0;
}

void watch_look(Watch *w, const char *id)
{
        Known *k = watch_find(w, id);
        ContainerInfo info;
        CtrError error = { 0 };

        hint_pod(w, id);

        /* First it is followed: what happened before that would be missed. */
        if (!k && has_directory(w, id)) {
                k = known_new(w, id);
                if (!k)
                        return;
        }
        if (runtime_state(&w->daemon->runtime, id, &info, &error) < 0) {
                if (k && error.code == CTR_ERROR_CONTAINER_NOT_EXISTS && !has_directory(w, id) &&
                        !awaits_last_word(w, k))
                        remove_known(w, k);
                return;
        }
        if (k) {
                if (!k->unit_path && info.unit[0])
                        (void) sd_bus_path_encode(SYSTEMD_UNIT_PREFIX, info.unit, &k->unit_path);
                compare(w, k, &info);
        }
        container_info_done(&info);
}

void watch_memory(Watch *w, Known *k)
{
        _cleanup_close_ int fd = -EBADF;
        uint64_t kills;

        fd = open(k->cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 || stats_read_key(fd, "memory.events", "oom_kill", &kills) < 0 ||
                kills <= k->oom_kills)
                return;
        k->oom_kills = kills;
        (void) sd_bus_emit_signal(
                w->daemon->bus, PATH_ROOT, INTERFACE_MANAGER, "Oom", "st", k->id, kills);
}

/* ---- sessions ---- */

int watch_add_session(Watch *w, const char *id, const char *token)
{
        Known *k = watch_find(w, id);
        KnownSession *sessions;
        char unit[128];

        if (!k)
                return 0;
        for (size_t i = 0; i < k->n_sessions; i++)
                if (strcmp(k->sessions[i].token, token) == 0)
                        return 0;
        sessions = reallocarray(k->sessions, k->n_sessions + 1, sizeof(*sessions));
        if (!sessions)
                return -ENOMEM;
        k->sessions = sessions;
        sessions[k->n_sessions] = (KnownSession){ 0 };
        (void) snprintf(sessions[k->n_sessions].token, VERB_TOKEN_SIZE, "%s", token);
        (void) snprintf(unit, sizeof(unit), "ctr-exec-%s.service", token);
        if (sd_bus_path_encode(SYSTEMD_UNIT_PREFIX, unit, &sessions[k->n_sessions].path) < 0)
                return -ENOMEM;
        k->n_sessions++;
        return 0;
}

void watch_session_ended(Watch *w, Known *k, size_t index, const ExitRecord *record)
{
        char token[VERB_TOKEN_SIZE];

        memcpy(token, k->sessions[index].token, sizeof(token));
        free(k->sessions[index].path);
        k->sessions[index] = k->sessions[--k->n_sessions];
        (void) sd_bus_emit_signal(w->daemon->bus, PATH_ROOT, INTERFACE_MANAGER, "ProcessExited",
                "ssssi", k->id, token, record->result, record->code, exit_record_number(record));
        wait_ended(w->daemon, k->id, token, record);
}

/* ---- begin and end ---- */

static int look_at_all(Watch *w)
{
        SpecStrv ids;
        int r;

        r = runtime_list(&w->daemon->runtime, &ids, NULL);
        if (r < 0)
                return r;
        w->is_first_look = true;
        for (size_t i = 0; i < ids.n; i++) {
                watch_look(w, ids.items[i]);
                watch_source_find_sessions(w, ids.items[i]);
        }
        w->is_first_look = false;
        runtime_strv_done(&ids);
        return 0;
}

int watch_begin(Daemon *d)
{
        int r;

        if (d->watch)
                return 0;
        d->watch = calloc(1, sizeof(*d->watch));
        if (!d->watch)
                return -ENOMEM;
        d->watch->daemon = d;
        d->watch->inotify_fd = -EBADF;
        d->watch->directory_wd = -1;
        r = watch_source_begin(d->watch);
        if (r >= 0)
                r = look_at_all(d->watch);
        if (r >= 0)
                r = watch_pod_begin(d, &d->watch->pods);
        if (r < 0)
                watch_done(d);
        return r;
}

void watch_done(Daemon *d)
{
        Watch *w = d->watch;

        if (!w)
                return;
        while (w->known)
                known_free(w, w->known);
        watch_pod_done(w->pods);
        watch_source_done(w);
        free(w);
        d->watch = NULL;
}
