/* Where the hints about pods come from: inotify(7) on the two directories of pods, on the two of
 * each pod (state.json, network.json; config.json), and on cgroup.events of its slice. That of the
 * members' states comes from watch.c. See watch-pod.h. */
#include "manager/watch-pod.h"

#include "base/io.h"
#include "runtime/cgroup.h"

#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>

#define ROOT_EVENTS (IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM | IN_ONLYDIR)
#define POD_EVENTS  (IN_MOVED_TO | IN_DELETE | IN_ONLYDIR)

/* ---- one pod ---- */

static int add_directory(const PodWatch *w, const PodRoot *root, const char *id)
{
        _cleanup_free_ char *path = NULL;

        if (asprintf(&path, "%s/%s", root->path, id) < 0) {
                path = NULL;
                return -1;
        }
        return inotify_add_watch(w->inotify_fd, path, POD_EVENTS);
}

static int add_slice(const PodWatch *w, const char *id)
{
        char slice[CTR_UNIT_NAME_MAX], path[CGROUP_PATH_MAX];
        size_t used = sizeof(CGROUP_ROOT);

        memcpy(path, CGROUP_ROOT "/", used);
        if (ctr_slice_to_cgroup(ctr_pod_to_slice(id, slice), path + used,
                    sizeof(path) - used - sizeof("/cgroup.events")) < 0)
                return -1;
        (void) strcat(path, "/cgroup.events");
        return inotify_add_watch(w->inotify_fd, path, IN_MODIFY);
}

bool watch_pod_source_follow(PodWatch *w, PodKnown *k)
{
        if (k->state_wd < 0)
                k->state_wd = add_directory(w, &w->roots[0], k->id);
        if (k->config_wd < 0)
                k->config_wd = add_directory(w, &w->roots[1], k->id);
        if (k->cgroup_wd < 0)
                k->cgroup_wd = add_slice(w, k->id);
        return k->state_wd >= 0 || k->config_wd >= 0;
}

void watch_pod_source_forget(PodWatch *w, PodKnown *k)
{
        int *const all[] = { &k->state_wd, &k->config_wd, &k->cgroup_wd };

        for (size_t i = 0; i < ELEMENTSOF(all); i++) {
                if (*all[i] >= 0)
                        (void) inotify_rm_watch(w->inotify_fd, *all[i]);
                *all[i] = -1;
        }
}

static void handle_pod(PodWatch *w, PodKnown *k, const struct inotify_event *e)
{
        int *const all[] = { &k->state_wd, &k->config_wd, &k->cgroup_wd };

        for (size_t i = 0; i < ELEMENTSOF(all) && e->mask & IN_IGNORED; i++)
                if (*all[i] == e->wd)
                        *all[i] = -1;
        watch_pod_hint(w, k->id);
}

/* ---- the directories ---- */

static void hint_all(PodWatch *w)
{
        SpecStrv ids;

        for (PodKnown *k = w->known; k; k = k->next)
                watch_pod_hint(w, k->id);
        if (runtime_pod_list(&w->daemon->runtime, &ids, NULL) < 0)
                return;
        for (size_t i = 0; i < ids.n; i++)
                watch_pod_hint(w, ids.items[i]);
        runtime_strv_done(&ids);
}

/* Either it is there, or its parent tells when it comes. */
static int follow_root(PodWatch *w, PodRoot *root)
{
        _cleanup_free_ char *parent = NULL;
        const char *slash = strrchr(root->path, '/');

        root->wd = inotify_add_watch(w->inotify_fd, root->path, ROOT_EVENTS);
        if (root->wd >= 0)
                return 0;
        parent = strndup(root->path, (size_t) (slash - root->path));
        if (!parent)
                return -ENOMEM;
        root->parent_wd =
                inotify_add_watch(w->inotify_fd, parent, IN_CREATE | IN_MOVED_TO | IN_ONLYDIR);
        if (root->parent_wd < 0)
                return -errno;
        /* Made in between? */
        root->wd = inotify_add_watch(w->inotify_fd, root->path, ROOT_EVENTS);
        return 0;
}

static bool handle_root(PodWatch *w, PodRoot *root, const struct inotify_event *e)
{
        if (e->wd == root->wd) {
                if (e->mask & IN_IGNORED) {
                        root->wd = -1;
                        (void) follow_root(w, root);
                        hint_all(w);
                } else if (e->len > 0)
                        watch_pod_hint(w, e->name);
                return true;
        }
        if (e->wd != root->parent_wd)
                return false;
        if (root->wd < 0) {
                (void) follow_root(w, root);
                hint_all(w);
        }
        return true;
}

/* ---- events ---- */

static void handle_event(PodWatch *w, const struct inotify_event *e)
{
        if (e->mask & IN_Q_OVERFLOW) {
                hint_all(w);
                return;
        }
        for (size_t i = 0; i < ELEMENTSOF(w->roots); i++)
                if (handle_root(w, &w->roots[i], e))
                        return;
        for (PodKnown *k = w->known; k; k = k->next)
                if (e->wd == k->state_wd || e->wd == k->config_wd || e->wd == k->cgroup_wd) {
                        handle_pod(w, k, e);
                        return;
                }
}

static int inotify_ready(
        sd_event_source *source _unused_, int fd, uint32_t events _unused_, void *userdata)
{
        union {
                struct inotify_event event;
                char bytes[8192];
        } buf;
        ssize_t n = read(fd, &buf, sizeof(buf));

        for (char *p = buf.bytes; n > 0 && p < buf.bytes + n;) {
                const struct inotify_event *e = (const struct inotify_event *) (void *) p;

                handle_event(userdata, e);
                p += sizeof(*e) + e->len;
        }
        return 0;
}

/* ---- begin and end ---- */

int watch_pod_source_begin(PodWatch *w)
{
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(w->roots); i++)
                w->roots[i].wd = w->roots[i].parent_wd = -1;
        if (runtime_pod_roots(&w->daemon->runtime, &w->roots[0].path, &w->roots[1].path) < 0)
                return -ENOMEM;
        w->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        if (w->inotify_fd < 0)
                return -errno;
        for (size_t i = 0; i < ELEMENTSOF(w->roots) && r >= 0; i++)
                r = follow_root(w, &w->roots[i]);
        if (r < 0)
                return r;
        return sd_event_add_io(
                w->daemon->event, &w->inotify_source, w->inotify_fd, EPOLLIN, inotify_ready, w);
}

void watch_pod_source_done(PodWatch *w)
{
        sd_event_source_disable_unref(w->inotify_source);
        closep(&w->inotify_fd);
        for (size_t i = 0; i < ELEMENTSOF(w->roots); i++)
                free(w->roots[i].path);
}
