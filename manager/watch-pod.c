/* Pods and what is known of them, compared with what they are now: the difference is the signals.
 * See watch-pod.h. */
#include "manager/watch-pod.h"

#include "manager/path.h"

#include "runtime/strv.h"

#include <stdio.h>
#include <string.h>

static const char *const text_properties[_POD_TEXT_MAX] = {
        [POD_TEXT_NETNS] = "NetNSPath",
        [POD_TEXT_NETWORK] = "Network",
        [POD_TEXT_CONTAINERS] = "Containers",
        [POD_TEXT_ANNOTATIONS] = "Annotations",
};

PodKnown *watch_pod_find(PodWatch *w, const char *id)
{
        for (PodKnown *k = w->known; k; k = k->next)
                if (strcmp(k->id, id) == 0)
                        return k;
        return NULL;
}

static void known_free(PodWatch *w, PodKnown *k)
{
        for (PodKnown **p = &w->known; *p; p = &(*p)->next)
                if (*p == k) {
                        *p = k->next;
                        break;
                }
        watch_pod_source_forget(w, k);
        strv_done(&k->names);
        for (size_t i = 0; i < _POD_TEXT_MAX; i++)
                free(k->texts[i]);
        free(k);
}

/* ---- signals ---- */

static void emit(PodWatch *w, const char *member, const char *types, ...)
{
        sd_bus_message *m = NULL;
        va_list arguments;
        int r;

        if (w->is_first_look)
                return;
        r = sd_bus_message_new_signal(w->daemon->bus, &m, PATH_ROOT, INTERFACE_MANAGER, member);
        va_start(arguments, types);
        if (r >= 0)
                r = sd_bus_message_appendv(m, types, arguments);
        va_end(arguments);
        if (r >= 0)
                (void) sd_bus_send(w->daemon->bus, m, NULL);
        sd_bus_message_unref(m);
}

static void emit_state(PodWatch *w, const PodKnown *k, PodState now)
{
        if (now == k->state)
                return;
        if (now == POD_STOPPED)
                emit(w, "PodStopped", "s", k->id);
        else if (now == POD_PAUSED)
                emit(w, "PodPaused", "s", k->id);
        else if (now == POD_RUNNING)
                emit(w, k->state == POD_PAUSED ? "PodResumed" : "PodStarted", "s", k->id);
}

static bool has_name(const SpecStrv *names, const char *name)
{
        for (size_t i = 0; i < names->n; i++)
                if (strcmp(names->items[i], name) == 0)
                        return true;
        return false;
}

static void emit_container(PodWatch *w, const PodKnown *k, const char *name, bool is_added)
{
        char id[CTR_ID_MAX + 1], path[PATH_SIZE_MAX];

        if (!is_added)
                emit(w, "PodContainerRemoved", "ss", k->id, name);
        else if (ctr_pod_member_id(k->id, name, id, NULL) >= 0)
                emit(w, "PodContainerAdded", "sso", k->id, name, path_of_container(id, path));
}

/* Takes now. */
static void tell_containers(PodWatch *w, PodKnown *k, SpecStrv *now)
{
        for (size_t i = 0; i < k->names.n; i++)
                if (!has_name(now, k->names.items[i]))
                        emit_container(w, k, k->names.items[i], false);
        for (size_t i = 0; i < now->n; i++)
                if (!has_name(&k->names, now->items[i]))
                        emit_container(w, k, now->items[i], true);
        strv_done(&k->names);
        k->names = *now;
        *now = (SpecStrv){ 0 };
}

/* ---- the difference ---- */

static char *text_of(const PodStatus *status, PodText which)
{
        char *text = NULL;
        size_t size;
        FILE *f;

        if (which == POD_TEXT_NETNS)
                return strdup(status->netns ? status->netns : "");
        if (which == POD_TEXT_NETWORK)
                return strdup(status->network ? status->network : "");
        f = open_memstream(&text, &size);
        if (!f)
                return NULL;
        for (size_t i = 0; which == POD_TEXT_CONTAINERS && i < status->n_containers; i++)
                (void) fprintf(f, "%s %d %d\n", status->containers[i].id,
                        (int) status->containers[i].state, (int) status->containers[i].pid);
        for (size_t i = 0; which == POD_TEXT_ANNOTATIONS && i < status->annotations.n; i++)
                (void) fprintf(f, "%zu %s %s\n", strlen(status->annotations.items[i].value),
                        status->annotations.items[i].key, status->annotations.items[i].value);
        (void) fclose(f);
        return text;
}

/* Properties that are others now; names is NULL-terminated. */
static size_t update_texts(PodKnown *k, const PodStatus *now, const char **names)
{
        size_t n = 0;

        for (PodText i = 0; i < _POD_TEXT_MAX; i++) {
                char *text = text_of(now, i);

                if (!text)
                        continue;
                if (!k->texts[i] || strcmp(k->texts[i], text) != 0)
                        names[n++] = text_properties[i];
                free(k->texts[i]);
                k->texts[i] = text;
        }
        names[n] = NULL;
        return n;
}

static void compare(PodWatch *w, PodKnown *k, const PodStatus *now)
{
        const char *changed[_POD_TEXT_MAX + 2];
        char path[PATH_SIZE_MAX];
        bool is_new = !k->is_created;
        SpecStrv names = { 0 };
        size_t n = 0;

        (void) path_of_pod(k->id, path);
        if (is_new) {
                k->is_created = true;
                /* None of what follows says more than that. */
                k->state = now->state == POD_STOPPED ? POD_STOPPED : POD_READY;
                if (!w->is_first_look)
                        (void) sd_bus_emit_object_added(w->daemon->bus, path);
                emit(w, "PodCreated", "so", k->id, path);
        }
        /* Those of a .pod file are containers of their own, which are told of as such. */
        for (size_t i = 0; i < now->n_containers && !now->is_configured; i++)
                (void) strv_add(&names, now->containers[i].id);
        tell_containers(w, k, &names);
        emit_state(w, k, now->state);
        if (k->state != now->state)
                changed[n++] = "State";
        k->state = now->state;
        n += update_texts(k, now, changed + n);
        if (n > 0 && !is_new)
                (void) sd_bus_emit_properties_changed_strv(
                        w->daemon->bus, path, INTERFACE_POD, (char **) (uintptr_t) changed);
}

static void tell_removed(PodWatch *w, PodKnown *k)
{
        SpecStrv none = { 0 };
        char path[PATH_SIZE_MAX];

        emit_state(w, k, POD_STOPPED);
        tell_containers(w, k, &none);
        (void) sd_bus_emit_interfaces_removed(
                w->daemon->bus, path_of_pod(k->id, path), INTERFACE_POD, OBJECT_INTERFACES, NULL);
        emit(w, "PodRemoved", "s", k->id);
        k->is_created = false;
        k->state = POD_STOPPED;
}

static void look(PodWatch *w, PodKnown *k)
{
        bool is_there = watch_pod_source_follow(w, k);
        PodStatus status;
        CtrError error = { 0 };

        if (runtime_pod_peek(&w->daemon->runtime, k->id, &status, &error) >= 0) {
                compare(w, k, &status);
                pod_status_done(&status);
                return;
        }
        /* What is damaged, or half written, is what it was. */
        if (error.code != CTR_ERROR_POD_NOT_EXISTS)
                return;
        if (k->is_created)
                tell_removed(w, k);
        if (!is_there)
                known_free(w, k);
}

static PodKnown *next_hinted(const PodWatch *w)
{
        for (PodKnown *k = w->known; k; k = k->next)
                if (k->is_hinted)
                        return k;
        return NULL;
}

static void look_at_hinted(PodWatch *w)
{
        PodKnown *k;

        while ((k = next_hinted(w))) {
                k->is_hinted = false;
                look(w, k);
        }
}

static int hinted(sd_event_source *source _unused_, void *userdata)
{
        look_at_hinted(userdata);
        return 0;
}

void watch_pod_hint(PodWatch *w, const char *id)
{
        PodKnown *k = w && ctr_pod_id_is_valid(id) ? watch_pod_find(w, id) : NULL;

        if (!w || !ctr_pod_id_is_valid(id))
                return;
        if (!k) {
                k = calloc(1, sizeof(*k));
                if (!k)
                        return;
                (void) snprintf(k->id, sizeof(k->id), "%s", id);
                k->state = POD_STOPPED;
                k->state_wd = k->config_wd = k->cgroup_wd = -1;
                k->next = w->known;
                w->known = k;
        }
        k->is_hinted = true;
        if (w->hint_source)
                (void) sd_event_source_set_enabled(w->hint_source, SD_EVENT_ONESHOT);
}

/* ---- begin and end ---- */

static int look_at_all(PodWatch *w)
{
        SpecStrv ids;
        int r;

        r = runtime_pod_list(&w->daemon->runtime, &ids, NULL);
        if (r < 0)
                return r;
        for (size_t i = 0; i < ids.n; i++)
                watch_pod_hint(w, ids.items[i]);
        runtime_strv_done(&ids);
        w->is_first_look = true;
        look_at_hinted(w);
        w->is_first_look = false;
        return 0;
}

int watch_pod_begin(Daemon *d, PodWatch **ret)
{
        PodWatch *w = calloc(1, sizeof(*w));
        int r;

        if (!w)
                return -ENOMEM;
        w->daemon = d;
        w->inotify_fd = -EBADF;
        r = watch_pod_source_begin(w);
        if (r >= 0)
                r = sd_event_add_defer(d->event, &w->hint_source, hinted, w);
        if (r >= 0)
                r = sd_event_source_set_enabled(w->hint_source, SD_EVENT_OFF);
        if (r >= 0)
                r = look_at_all(w);
        if (r < 0)
                watch_pod_done(w);
        else
                *ret = w;
        return r;
}

void watch_pod_done(PodWatch *w)
{
        if (!w)
                return;
        while (w->known)
                known_free(w, w->known);
        sd_event_source_disable_unref(w->hint_source);
        watch_pod_source_done(w);
        free(w);
}
