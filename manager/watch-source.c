/* Where the hints come from: PropertiesChanged and UnitRemoved of PID 1, and inotify(7) for what
 * systemd tells nobody: the state directory (a container appears, waits, is gone), and of each
 * cgroup memory.events (a process was killed, OOMPolicy=continue) and cgroup.events (frozen:
 * systemd 252 sends no signal for FreezerState=). */
#include "manager/wait.h"
#include "manager/watch-known.h"

#include "runtime/container.h"

#include "base/io.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>

#define SYSTEMD_INTERFACE "org.freedesktop.systemd1.Manager"

/* ---- systemd ---- */

/* The members of PropertiesChanged that tell how a main process ended. */
typedef struct MainExit {
        char result[32];
        int32_t code, status;
        bool has_code;
} MainExit;

static int read_property(sd_bus_message *m, const char *name, MainExit *ret)
{
        const char *text;

        if (strcmp(name, "ExecMainCode") == 0) {
                ret->has_code = true;
                return sd_bus_message_read(m, "v", "i", &ret->code);
        }
        if (strcmp(name, "ExecMainStatus") == 0)
                return sd_bus_message_read(m, "v", "i", &ret->status);
        if (strcmp(name, "Result") == 0) {
                int r = sd_bus_message_read(m, "v", "s", &text);

                if (r >= 0)
                        (void) snprintf(ret->result, sizeof(ret->result), "%s", text);
                return r;
        }
        return sd_bus_message_skip(m, "v");
}

static int read_changed(sd_bus_message *m, MainExit *ret)
{
        int r;

        r = sd_bus_message_skip(m, "s");
        if (r >= 0)
                r = sd_bus_message_enter_container(m, 'a', "{sv}");
        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                const char *name;

                r = sd_bus_message_read(m, "s", &name);
                if (r >= 0)
                        r = read_property(m, name, ret);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        return r;
}

/* False while the process lives (its code is 0 then). */
static bool make_record(const MainExit *e, ExitRecord *ret)
{
        static const struct {
                int code;
                const char *word;
        } words[] = { { CLD_EXITED, "exited" }, { CLD_KILLED, "killed" },
                { CLD_DUMPED, "dumped" } };

        if (!e->has_code)
                return false;
        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                if (words[i].code == e->code) {
                        *ret = (ExitRecord){ .status = e->code == CLD_EXITED ? e->status
                                                                             : 128 + e->status };
                        (void) snprintf(ret->result, sizeof(ret->result), "%s", e->result);
                        (void) snprintf(ret->code, sizeof(ret->code), "%s", words[i].word);
                        return true;
                }
        return false;
}

/* Does the path belong to a session? Then its end is all that counts. */
static bool handle_session(Watch *w, const char *path, const MainExit *e)
{
        ExitRecord record;

        for (Known *k = w->known; k; k = k->next)
                for (size_t i = 0; i < k->n_sessions; i++)
                        if (strcmp(k->sessions[i].path, path) == 0) {
                                if (make_record(e, &record))
                                        watch_session_ended(w, k, i, &record);
                                return true;
                        }
        return false;
}

/* PID 1's signals go to everybody. The bus compares a rule's sender only for such; what is
 * addressed to us alone may come from any user, whatever it says. */
static bool is_forged(sd_bus_message *m)
{
        return sd_bus_message_get_destination(m) != NULL;
}

static int properties_changed(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_)
{
        const char *path = sd_bus_message_get_path(m);
        Watch *w = userdata;
        MainExit e = { 0 };

        if (is_forged(m))
                return 0;
        for (Known *k = w->known; k; k = k->next)
                if (k->unit_path && strcmp(k->unit_path, path) == 0) {
                        ExitRecord record;
                        char id[CTR_ID_MAX + 1];

                        if (read_changed(m, &e) >= 0 && make_record(&e, &record))
                                k->exit = record;
                        memcpy(id, k->id, sizeof(id));
                        watch_look(w, id);
                        return 0;
                }
        if (strstr(path, "/ctr_2dexec_2d") && read_changed(m, &e) >= 0)
                (void) handle_session(w, path, &e);
        return 0;
}

/* It may have ended before anybody knew of it: its record is there. */
static void session_removed(Watch *w, const char *token)
{
        ExitRecord record;

        for (Known *k = w->known; k; k = k->next)
                for (size_t i = 0; i < k->n_sessions; i++)
                        if (strcmp(k->sessions[i].token, token) == 0) {
                                wait_read_end(w->daemon, k->id, token, &record);
                                watch_session_ended(w, k, i, &record);
                                return;
                        }
        wait_session_over(w->daemon, token);
}

static int unit_removed(sd_bus_message *m, void *userdata, sd_bus_error *error _unused_)
{
        char token[VERB_TOKEN_SIZE] = "";
        const char *unit, *path;
        Watch *w = userdata;

        if (is_forged(m) || sd_bus_message_read(m, "so", &unit, &path) < 0)
                return 0;
        for (Known *k = w->known; k; k = k->next)
                if (k->unit_path && strcmp(k->unit_path, path) == 0) {
                        char id[CTR_ID_MAX + 1];

                        memcpy(id, k->id, sizeof(id));
                        watch_look(w, id);
                        return 0;
                }
        if (sscanf(unit, "ctr-exec-%32[0-9a-f].service", token) == 1)
                session_removed(w, token);
        return 0;
}

/* ---- files ---- */

static int watch_cgroup_file(const Watch *w, const Known *k, const char *name)
{
        char path[CGROUP_PATH_MAX + 32];

        (void) snprintf(path, sizeof(path), "%s/%s", k->cgroup, name);
        return inotify_add_watch(w->inotify_fd, path, IN_MODIFY);
}

void watch_source_follow(Watch *w, Known *k)
{
        char path[CGROUP_PATH_MAX + 32];
        ContainerProcess process;
        Container c;

        if (k->state_wd < 0) {
                (void) snprintf(path, sizeof(path), "%s/%s", w->daemon->runtime.containers, k->id);
                k->state_wd = inotify_add_watch(
                        w->inotify_fd, path, IN_DELETE | IN_MOVED_TO | IN_ONLYDIR);
        }
        if (k->pid <= 0 || k->events_wd >= 0)
                return;
        if (container_open(&w->daemon->runtime, k->id, &c, NULL) < 0)
                return;
        if (container_get_process(&c, &process, NULL) >= 0 &&
                container_get_cgroup(&c, &process, k->cgroup) >= 0) {
                k->events_wd = watch_cgroup_file(w, k, "cgroup.events");
                k->memory_wd = watch_cgroup_file(w, k, "memory.events");
                k->oom_kills = 0;
                if (!w->is_first_look)
                        watch_memory(w, k);
        }
        container_done(&c);
}

void watch_source_forget(Watch *w, Known *k)
{
        int *const all[] = { &k->state_wd, &k->memory_wd, &k->events_wd };

        for (size_t i = 0; i < ELEMENTSOF(all); i++) {
                if (*all[i] >= 0)
                        (void) inotify_rm_watch(w->inotify_fd, *all[i]);
                *all[i] = -1;
        }
}

/* The kernel has dropped a watch: what it was on is gone. */
static void handle_ignored(Known *k, int wd)
{
        if (k->state_wd == wd)
                k->state_wd = -1;
        if (k->memory_wd == wd)
                k->memory_wd = -1;
        if (k->events_wd == wd)
                k->events_wd = -1;
}

static void handle_event(Watch *w, const struct inotify_event *e)
{
        char id[CTR_ID_MAX + 1];

        if (e->wd == w->directory_wd) {
                if (e->len > 0 && ctr_id_is_valid(e->name))
                        watch_look(w, e->name);
                return;
        }
        for (Known *k = w->known; k; k = k->next) {
                if (e->wd != k->state_wd && e->wd != k->memory_wd && e->wd != k->events_wd)
                        continue;
                if (e->mask & IN_IGNORED)
                        handle_ignored(k, e->wd);
                else if (e->wd == k->memory_wd)
                        watch_memory(w, k);
                else {
                        memcpy(id, k->id, sizeof(id));
                        watch_look(w, id);
                }
                return;
        }
}

static void look_at_everything(Watch *w)
{
        for (Known *k = w->known, *next; k; k = next) {
                char id[CTR_ID_MAX + 1];

                next = k->next;
                memcpy(id, k->id, sizeof(id));
                watch_look(w, id);
        }
}

static int inotify_ready(
        sd_event_source *source _unused_, int fd, uint32_t events _unused_, void *userdata)
{
        union {
                struct inotify_event event;
                char bytes[8192];
        } buf;
        Watch *w = userdata;
        ssize_t n = read(fd, &buf, sizeof(buf));

        for (char *p = buf.bytes; n > 0 && p < buf.bytes + n;) {
                const struct inotify_event *e = (const struct inotify_event *) (void *) p;

                if (e->mask & IN_Q_OVERFLOW)
                        look_at_everything(w);
                else
                        handle_event(w, e);
                p += sizeof(*e) + e->len;
        }
        return 0;
}

/* ---- sessions of before ---- */

void watch_source_find_sessions(Watch *w, const char *id)
{
        char path[4096];
        struct dirent *de;
        DIR *d;

        (void) snprintf(path, sizeof(path), "%s/%s/exec", w->daemon->runtime.containers, id);
        d = opendir(path);
        while (d && (de = readdir(d))) {
                char record[64];

                (void) snprintf(record, sizeof(record), "%.40s/exit", de->d_name);
                if (strlen(de->d_name) == VERB_TOKEN_SIZE - 1 &&
                        faccessat(dirfd(d), record, F_OK, 0) < 0)
                        (void) watch_add_session(w, id, de->d_name);
        }
        if (d)
                (void) closedir(d);
}

/* ---- begin and end ---- */

static int begin_systemd(Watch *w)
{
        sd_bus *bus = w->daemon->bus;
        int r;

        r = sd_bus_add_match(bus, &w->properties_slot,
                "type='signal',sender='" SYSTEMD_NAME "',"
                "interface='org.freedesktop.DBus.Properties',member='PropertiesChanged',"
                "path_namespace='" SYSTEMD_UNIT_PREFIX "'",
                properties_changed, w);
        if (r >= 0)
                r = sd_bus_match_signal(bus, &w->removed_slot, SYSTEMD_NAME,
                        "/org/freedesktop/systemd1", SYSTEMD_INTERFACE, "UnitRemoved", unit_removed,
                        w);
        if (r >= 0)
                r = sd_bus_call_method(bus, SYSTEMD_NAME, "/org/freedesktop/systemd1",
                        SYSTEMD_INTERFACE, "Subscribe", NULL, NULL, "");
        return r;
}

int watch_source_begin(Watch *w)
{
        int r;

        w->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        if (w->inotify_fd < 0)
                return -errno;
        w->directory_wd = inotify_add_watch(w->inotify_fd, w->daemon->runtime.containers,
                IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM | IN_ATTRIB | IN_ONLYDIR);
        if (w->directory_wd < 0)
                return -errno;
        r = sd_event_add_io(
                w->daemon->event, &w->inotify_source, w->inotify_fd, EPOLLIN, inotify_ready, w);
        return r < 0 ? r : begin_systemd(w);
}

void watch_source_done(Watch *w)
{
        sd_event_source_disable_unref(w->inotify_source);
        sd_bus_slot_unref(w->properties_slot);
        sd_bus_slot_unref(w->removed_slot);
        closep(&w->inotify_fd);
}
