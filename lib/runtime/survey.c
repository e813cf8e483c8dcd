/* list: what state each of many containers is in. One that certainly lives is told by its record
 * (live-record.h), its process and the events of its unit's cgroup; where more is asked than a
 * table shows, by state.json, the pid record and the start time instead. All others (ended, being
 * created, damaged, without a unit, configured) are looked at one by one, as `state` does: here
 * only what proves a live container is taken as an answer. No bus, no process. */
#include "runtime/container.h"
#include "runtime/health.h"
#include "runtime/live-record.h"
#include "runtime/path.h"
#include "runtime/strv.h"

#include "base/io.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

/* Most of the time the kernel is in its file systems: on several processors at once, if it pays. */
#define PARTS_MAX  4
#define PART_MIN   64
#define STACK_SIZE (512U * 1024)

typedef struct Found {
        char id[CTR_ID_MAX + 1];
        ino_t inode; /* of the state directory */
} Found;

typedef struct Survey {
        const Runtime *runtime;
        int containers_fd;
        Found *found;
        const Found **sorted; /* by id: the same, in the order in which they are shown */
        size_t n_found, n_allocated;
        bool is_brief;
        bool has_cgroups; /* else nothing is proved to live */
        char cgroup_root[CGROUP_PATH_MAX];
        char slice[CTR_UNIT_NAME_MAX]; /* of the container before, and its directory */
        int slice_fd;
} Survey;

static void survey_done(Survey *s)
{
        closep(&s->containers_fd);
        closep(&s->slice_fd);
        free(s->found);
        free(s->sorted);
}

static int add_found(Survey *s, const struct dirent *de)
{
        if (s->n_found == s->n_allocated) {
                size_t larger = s->n_allocated ? s->n_allocated * 2 : 64;
                Found *items = reallocarray(s->found, larger, sizeof(*items));

                if (!items)
                        return -ENOMEM;
                s->found = items;
                s->n_allocated = larger;
        }
        (void) snprintf(
                s->found[s->n_found].id, sizeof(s->found->id), "%.*s", CTR_ID_MAX, de->d_name);
        s->found[s->n_found++].inode = de->d_ino;
        return 0;
}

static int compare_found(const void *a, const void *b)
{
        return strcmp((*(const Found *const *) a)->id, (*(const Found *const *) b)->id);
}

static int sort(Survey *s, CtrError *err)
{
        s->sorted = calloc(s->n_found + 1, sizeof(*s->sorted));
        if (!s->sorted)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "listing containers");
        for (size_t i = 0; i < s->n_found; i++)
                s->sorted[i] = &s->found[i];
        qsort(s->sorted, s->n_found, sizeof(*s->sorted), compare_found);
        return 1;
}

/* 0 when there is no such directory. */
static int read_directory(Survey *s, CtrError *err)
{
        int fd = open(s->runtime->containers, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
        struct dirent *de;
        int r = 0;

        if (!d) {
                r = -errno;
                closep(&fd);
                return r == -ENOENT ? 0
                                    : ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot list %s",
                                              s->runtime->containers);
        }
        while (r >= 0 && (de = readdir(d)))
                if (ctr_id_is_valid(de->d_name) && path_may_be_directory(de))
                        r = add_found(s, de);
        s->containers_fd = fcntl(dirfd(d), F_DUPFD_CLOEXEC, 0);
        (void) closedir(d);
        if (r < 0 || s->containers_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r < 0 ? -r : errno, "listing %s",
                        s->runtime->containers);
        return sort(s, err);
}

/* Whoever creates a container holds a lock on its directory until it is whole. */
static bool may_be_locked(const Survey *s, const char *id)
{
        _cleanup_close_ int fd =
                openat(s->containers_fd, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        return fd < 0 || flock(fd, LOCK_SH | LOCK_NB) < 0;
}

/* The directory of a slice's units; kept, because most containers are in the same. */
static int change_slice(Survey *s, const char *slice)
{
        char path[CGROUP_PATH_MAX];

        closep(&s->slice_fd);
        if (strlen(slice) >= sizeof(s->slice) ||
                cgroup_path_of(s->cgroup_root, slice, "", path) < 0)
                return -EINVAL;
        (void) snprintf(s->slice, sizeof(s->slice), "%s", slice);
        s->slice_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return s->slice_fd < 0 ? -errno : 0;
}

static int open_slice(Survey *s, const char *slice)
{
        return s->slice_fd >= 0 && strcmp(slice, s->slice) == 0 ? 0 : change_slice(s, slice);
}

/* Of the unit's cgroup. False when it is empty, or not there. */
static bool read_events(Survey *s, const char *slice, const char *unit, CgroupEvents *ret)
{
        char path[CTR_UNIT_NAME_MAX + 32];

        if (!unit[0] || strlen(unit) >= CTR_UNIT_NAME_MAX || open_slice(s, slice) < 0)
                return false;
        (void) snprintf(path, sizeof(path), "%s/" CGROUP_FILE_EVENTS, unit);
        return cgroup_read_events_file(s->slice_fd, path, ret) >= 0 && ret->is_populated;
}

/* Dead is tested before frozen, and a created one may be paused. */
static ContainerStatus live_status(
        const Survey *s, const char *id, const CgroupEvents *events, bool may_have_gate)
{
        char path[CTR_ID_MAX + 32];

        if (events->is_frozen)
                return CONTAINER_PAUSED;
        (void) snprintf(path, sizeof(path), "%s/" STATE_FILE_GATE, id);
        if (may_have_gate && faccessat(s->containers_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) >= 0)
                return CONTAINER_CREATED;
        return CONTAINER_RUNNING;
}

/* Fills status and process of a container that lives for certain. */
static bool is_alive(Survey *s, const char *id, const ContainerState *state, ContainerProcess *ret)
{
        char path[CTR_ID_MAX + 32];
        CgroupEvents events;
        uint64_t starttime;
        PidRecord record;

        (void) snprintf(path, sizeof(path), "%s/" STATE_FILE_PID, id);
        if (pid_record_read_at(s->containers_fd, path, &record, NULL) <= 0 ||
                !read_events(s, state->slice, state->unit, &events) ||
                ctr_process_starttime(record.pid, &starttime) < 0 || starttime != record.starttime)
                return false;
        *ret = (ContainerProcess){
                .status = live_status(s, id, &events, state->origin == PLAN_TRANSIENT_CREATE),
                .pid = record.pid,
                .starttime = starttime,
        };
        memcpy(ret->invocation_id, record.invocation_id, sizeof(ret->invocation_id));
        return true;
}

/* One allocation for id and bundle. */
static int take_record(
        const char *id, const LiveRecord *record, ContainerStatus status, ContainerInfo *ret)
{
        size_t n_id = strlen(id) + 1, n_bundle = strlen(record->bundle) + 1;
        char *memory = malloc(n_id + n_bundle);

        if (!memory)
                return 0;
        memcpy(memory, id, n_id);
        memcpy(memory + n_id, record->bundle, n_bundle);
        *ret = (ContainerInfo){
                .memory = memory,
                .id = memory,
                .bundle = memory + n_id,
                .status = status,
                .pid = record->pid,
                .created_usec = record->created_usec,
                .owner = record->owner,
        };
        return 1;
}

/* By the record alone, which was made when nobody held the lock any more. As look_at(). */
static int look_briefly(Survey *s, const Found *found, ContainerInfo *ret)
{
        char path[CTR_ID_MAX + 32];
        CgroupEvents events;
        LiveRecord record;

        (void) snprintf(path, sizeof(path), "%s/" STATE_FILE_LIVE, found->id);
        if (!live_record_read_at(s->containers_fd, path, &record) ||
                !live_record_is_alive(&record) ||
                !read_events(s, record.slice, record.unit, &events))
                return 0;
        return take_record(
                found->id, &record, live_status(s, found->id, &events, record.has_gate), ret);
}

/* 1 when *ret is filled, 0 when it takes a closer look. */
static int look_at(Survey *s, const Found *found, ContainerInfo *ret)
{
        char path[CTR_ID_MAX + 32];
        ContainerProcess process;
        ContainerState state;
        struct stat st;

        if (!s->has_cgroups)
                return 0;
        if (s->is_brief && look_briefly(s, found, ret) > 0)
                return 1;
        if (may_be_locked(s, found->id))
                return 0;
        (void) snprintf(path, sizeof(path), "%s/" STATE_FILE_STATE, found->id);
        if (state_read_at(s->containers_fd, path, &state, NULL) < 0)
                return 0;
        if (!is_alive(s, found->id, &state, &process) ||
                fstatat(s->containers_fd, found->id, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
                st.st_ino != found->inode) {
                state_done(&state);
                return 0;
        }
        container_info_take(&state, &process, st.st_uid, ret);
        state_done(&state);
        /* One whose health is checked has a record of that besides. */
        if (health_is_checked(&ret->annotations)) {
                container_info_done(ret);
                return 0;
        }
        return 1;
}

static int add_remark(SpecStrv *remarks, const char *id, CtrError *e)
{
        (void) ctr_error_prefix(e, 0, "%s", id);
        return strv_add(remarks, e->message);
}

/* A range of what was found, looked at by one thread: what it answers, and its own place in the
 * cgroup tree. */
typedef struct Part {
        Survey survey; /* a copy: files and arrays are the first one's, the slice is not */
        size_t first, end;
        ContainerInfo *infos; /* room for all of the range, n of them filled */
        size_t n;
        SpecStrv remarks;
        bool is_without_memory;
        pthread_t thread;
        bool has_thread;
} Part;

static void *look_at_part(void *argument)
{
        Part *p = argument;

        for (size_t i = p->first; i < p->end && !p->is_without_memory; i++) {
                const Found *found = p->survey.sorted[i];
                CtrError e = { 0 };

                if (look_at(&p->survey, found, &p->infos[p->n]) > 0 ||
                        runtime_state(p->survey.runtime, found->id, &p->infos[p->n], &e) >= 0)
                        p->n++;
                else if (e.code != CTR_ERROR_CONTAINER_NOT_EXISTS)
                        p->is_without_memory = add_remark(&p->remarks, found->id, &e) < 0;
        }
        closep(&p->survey.slice_fd);
        return NULL;
}

static size_t count_parts(size_t n_found)
{
        size_t n = MIN_OF(n_found / PART_MIN, PARTS_MAX);
        cpu_set_t cpus;

        if (n < 2 || sched_getaffinity(0, sizeof(cpus), &cpus) < 0)
                return 1;
        return MIN_OF(n, (size_t) CPU_COUNT(&cpus));
}

/* The caller's thread does the first part, and any that gets no thread. */
static void run_parts(Part *parts, size_t n)
{
        pthread_attr_t attributes;
        bool has_attributes = n > 1 && pthread_attr_init(&attributes) == 0;

        if (has_attributes)
                (void) pthread_attr_setstacksize(&attributes, STACK_SIZE);
        for (size_t i = 1; i < n && has_attributes; i++)
                parts[i].has_thread =
                        pthread_create(&parts[i].thread, &attributes, look_at_part, &parts[i]) == 0;
        for (size_t i = 0; i < n; i++)
                if (!parts[i].has_thread)
                        (void) look_at_part(&parts[i]);
        for (size_t i = 1; i < n; i++)
                if (parts[i].has_thread)
                        (void) pthread_join(parts[i].thread, NULL);
        if (has_attributes)
                (void) pthread_attr_destroy(&attributes);
}

/* Closes the gaps that parts leave which did not fill their range. */
static int join_parts(Part *parts, size_t n, ContainerInfo *infos, size_t *ret_n, SpecStrv *remarks)
{
        int r = 0;

        for (size_t i = 0; i < n; i++) {
                memmove(infos + *ret_n, parts[i].infos, parts[i].n * sizeof(*infos));
                *ret_n += parts[i].n;
                if (parts[i].is_without_memory)
                        r = -ENOMEM;
                for (size_t k = 0; k < parts[i].remarks.n && r >= 0; k++)
                        r = strv_add(remarks, parts[i].remarks.items[k]);
                strv_done(&parts[i].remarks);
        }
        return r;
}

static int look_at_all(
        const Survey *s, ContainerInfo *infos, size_t *n, SpecStrv *remarks, CtrError *err)
{
        size_t n_parts = count_parts(s->n_found);
        Part parts[PARTS_MAX];

        for (size_t i = 0; i < n_parts; i++) {
                parts[i] = (Part){ .survey = *s,
                        .first = s->n_found * i / n_parts,
                        .end = s->n_found * (i + 1) / n_parts };
                parts[i].infos = infos + parts[i].first;
        }
        run_parts(parts, n_parts);
        if (join_parts(parts, n_parts, infos, n, remarks) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "listing containers");
        return 0;
}

void runtime_survey_done(ContainerInfo *infos, size_t n)
{
        for (size_t i = 0; i < n; i++)
                container_info_done(&infos[i]);
        free(infos);
}

int runtime_survey(const Runtime *rt, bool is_brief, ContainerInfo **ret, size_t *ret_n,
        SpecStrv *ret_remarks, CtrError *err)
{
        Survey s = {
                .runtime = rt, .containers_fd = -EBADF, .slice_fd = -EBADF, .is_brief = is_brief
        };
        ContainerInfo *infos = NULL;
        size_t n = 0;
        int r;

        *ret_remarks = (SpecStrv){ 0 };
        r = read_directory(&s, err);
        if (r > 0) {
                infos = calloc(s.n_found + 1, sizeof(*infos));
                if (!infos)
                        r = ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "listing containers");
        }
        if (r > 0) {
                s.has_cgroups = cgroup_find_root(s.cgroup_root) >= 0;
                r = look_at_all(&s, infos, &n, ret_remarks, err);
        }
        survey_done(&s);
        if (r < 0) {
                runtime_survey_done(infos, n);
                runtime_strv_done(ret_remarks);
                return r;
        }
        *ret = infos;
        *ret_n = n;
        return 0;
}
