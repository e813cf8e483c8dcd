/* Opening pods: lock, configuration, state. The lock file lies in the directory that a delete
 * removes: whoever got the lock looks whether it is still the file of that name. */
#include "runtime/pod-internal.h"

#include "base/io.h"
#include "base/json.h"
#include "runtime/pod-namespaces.h"
#include "runtime/strv.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

enum { OPEN_TRIES = 1000 };

static const char *const stage_names[_POD_STAGE_MAX] = {
        [POD_STAGE_NONE] = "stopped",
        [POD_STAGE_PREPARING] = "preparing",
        [POD_STAGE_READY] = "ready",
        [POD_STAGE_STARTED] = "running",
};

static const char *const state_names[_POD_STATE_MAX] = {
        [POD_READY] = "ready",
        [POD_RUNNING] = "running",
        [POD_PAUSED] = "paused",
        [POD_STOPPED] = "stopped",
};

const char *pod_state_name(PodState state)
{
        return state_names[state];
}

int pod_state_check_move(PodState from, PodState to, CtrError *err)
{
        static const bool is_allowed[_POD_STATE_MAX][_POD_STATE_MAX] = {
                [POD_READY] = { [POD_RUNNING] = true, [POD_STOPPED] = true },
                [POD_RUNNING] = { [POD_PAUSED] = true, [POD_STOPPED] = true },
                [POD_PAUSED] = { [POD_RUNNING] = true, [POD_STOPPED] = true },
                [POD_STOPPED] = { [POD_RUNNING] = true },
        };

        if (is_allowed[from][to])
                return 0;
        return ctr_error_set(err, CTR_ERROR_BAD_STATE, 0, "Can not move from %s to %s",
                state_names[from], state_names[to]);
}

int pod_check_move(const Pod *pod, PodState to, CtrError *err)
{
        return pod_state_check_move(pod_get_state(pod), to, err);
}

PodState pod_get_state(const Pod *pod)
{
        if ((pod->stage != POD_STAGE_READY && pod->stage != POD_STAGE_STARTED) ||
                !pod->kind->is_there(pod))
                return POD_STOPPED;
        if (pod->kind->is_paused(pod))
                return POD_PAUSED;
        return pod->stage == POD_STAGE_STARTED ? POD_RUNNING : POD_READY;
}

void pod_remark(const Pod *pod, const char *what, const CtrError *e)
{
        char text[sizeof(e->message) + 256];

        if (!pod->runtime->ret_remarks)
                return;
        (void) snprintf(text, sizeof(text), "pod %s: %s: %s", pod->id, what, e->message);
        (void) strv_add(pod->runtime->ret_remarks, text);
}

/* ---- names ---- */

static int set_names(const Runtime *rt, const char *id, Pod *pod, CtrError *err)
{
        _cleanup_free_ char *states = NULL, *configs = NULL;
        int r = ctr_pod_id_check(id, err);

        if (r < 0)
                return r;
        pod->runtime = rt;
        pod->kind = &pod_kind_mock;
        pod->agent = &pod_agent_noop;
        (void) snprintf(pod->id, sizeof(pod->id), "%s", id);
        (void) ctr_pod_to_slice(id, pod->slice);
        if (runtime_pod_roots(rt, &states, &configs) >= 0) {
                if (asprintf(&pod->dir, "%s/%s", states, id) < 0)
                        pod->dir = NULL;
                if (asprintf(&pod->config_dir, "%s/%s", configs, id) < 0)
                        pod->config_dir = NULL;
        }
        if (!pod->dir || !pod->config_dir)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "opening pod %s", id);
        return 0;
}

static bool has_config(const Pod *pod)
{
        _cleanup_free_ char *path = NULL;

        if (asprintf(&path, "%s/" POD_FILE_CONFIG, pod->config_dir) < 0) {
                path = NULL;
                return false;
        }
        return access(path, F_OK) >= 0;
}

/* ---- lock ---- */

static int not_exists(const char *id, CtrError *err)
{
        (void) ctr_error_set(err, CTR_ERROR_POD_NOT_EXISTS, 0, "pod %s does not exist", id);
        return -ENOENT;
}

/* Returns 1 with the lock held, 0 when the directory was removed meanwhile. */
static int try_lock(Pod *pod, bool is_exclusive)
{
        struct stat ours, theirs;

        pod->dir_fd = open(pod->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (pod->dir_fd < 0)
                return errno == ENOENT ? 0 : -errno;
        pod->lock_fd =
                openat(pod->dir_fd, POD_FILE_LOCK, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (pod->lock_fd < 0)
                return errno == ENOENT ? 0 : -errno;
        while (flock(pod->lock_fd, is_exclusive ? LOCK_EX : LOCK_SH) < 0)
                if (errno != EINTR)
                        return -errno;
        if (fstat(pod->lock_fd, &ours) < 0)
                return -errno;
        return fstatat(pod->dir_fd, POD_FILE_LOCK, &theirs, AT_SYMLINK_NOFOLLOW) >= 0 &&
               ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

/* With the lock if nobody writes; what is written at that moment is replaced whole, file by file.
 */
static void peek(Pod *pod)
{
        pod->dir_fd = open(pod->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (pod->dir_fd < 0)
                return;
        pod->lock_fd = openat(pod->dir_fd, POD_FILE_LOCK, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        if (pod->lock_fd >= 0)
                (void) flock(pod->lock_fd, LOCK_SH | LOCK_NB);
}

static int lock(Pod *pod, PodAccess access_, CtrError *err)
{
        int r;

        if (access_ == POD_PEEK) {
                peek(pod);
                return 0;
        }
        for (unsigned i = 0; i < OPEN_TRIES; i++) {
                bool is_known = access(pod->dir, F_OK) >= 0 || has_config(pod);

                if (!is_known && (access_ == POD_READ || access_ == POD_WRITE))
                        return not_exists(pod->id, err);
                r = ctr_mkdir_parents(pod->dir, 0700, err);
                if (r < 0)
                        return r;
                r = try_lock(pod, access_ != POD_READ);
                if (r > 0)
                        return 0;
                closep(&pod->lock_fd);
                closep(&pod->dir_fd);
                if (r < 0)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot lock %s", pod->dir);
        }
        return ctr_error_set(err, CTR_ERROR_SYSTEM, EBUSY, "cannot lock %s", pod->dir);
}

/* ---- state and configuration ---- */

static int read_stage(Pod *pod, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        _cleanup_free_ char *text = NULL;
        const char *word;
        size_t size;
        int r;

        pod->stage = POD_STAGE_NONE;
        if (faccessat(pod->dir_fd, POD_FILE_STATE, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
                return 0;
        r = ctr_read_file(pod->dir_fd, POD_FILE_STATE, POD_CONFIG_SIZE_MAX, &text, &size, err);
        if (r >= 0)
                r = json_document_parse(text, size, &doc, err);
        if (r < 0)
                return r;
        word = json_member_string(json_document_root(doc), "State");
        if (!word || word[0] == '\0')
                return ctr_error_set(err, CTR_ERROR_NEED_STATE, 0, "State cannot be empty");
        for (size_t i = 0; i < _POD_STAGE_MAX; i++)
                if (strcmp(stage_names[i], word) == 0) {
                        pod->stage = (PodStage) i;
                        return 0;
                }
        return ctr_error_set(
                err, CTR_ERROR_SYSTEM, 0, "%s/" POD_FILE_STATE ": unknown state", pod->dir);
}

int pod_write_stage(Pod *pod, PodStage stage, CtrError *err)
{
        char text[64];
        int n, r;

        pod->stage = stage;
        if (stage == POD_STAGE_NONE) {
                r = unlinkat(pod->dir_fd, POD_FILE_STATE, 0) < 0 && errno != ENOENT ? -errno : 0;
        } else {
                n = snprintf(text, sizeof(text), "{\"State\":\"%s\"}\n", stage_names[stage]);
                r = ctr_write_file_atomic(pod->dir_fd, POD_FILE_STATE, text, (size_t) n, 0600);
        }
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot write the pod's state") : 0;
}

int pod_set_config(Pod *pod, const char *text, size_t size, CtrError *err)
{
        PodConfig *config;
        char *copy;
        int r;

        r = pod_config_parse(text, size, &config, err);
        if (r < 0)
                return r;
        copy = malloc(size + 1);
        if (!copy) {
                pod_config_free(config);
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading a configuration");
        }
        memcpy(copy, text, size);
        copy[size] = '\0';
        free(pod->text);
        pod_config_free(pod->config);
        pod->text = copy;
        pod->size = size;
        pod->config = config;
        return 0;
}

int pod_keep_config(const Pod *pod, CtrError *err)
{
        _cleanup_close_ int fd = -EBADF;
        int r;

        r = ctr_mkdir_parents(pod->config_dir, 0700, err);
        if (r < 0)
                return r;
        fd = open(pod->config_dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        r = fd < 0 ? -errno
                   : ctr_write_file_atomic(fd, POD_FILE_CONFIG, pod->text, pod->size, 0600);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot write %s/" POD_FILE_CONFIG,
                               pod->config_dir)
                     : 0;
}

static int read_config(Pod *pod, CtrError *err)
{
        _cleanup_free_ char *path = NULL, *text = NULL;
        size_t size;
        int r;

        if (asprintf(&path, "%s/" POD_FILE_CONFIG, pod->config_dir) < 0) {
                path = NULL;
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "opening pod %s", pod->id);
        }
        r = ctr_read_file(AT_FDCWD, path, POD_CONFIG_SIZE_MAX, &text, &size, err);
        if (r >= 0)
                r = pod_set_config(pod, text, size, err);
        if (r < 0 && err && err->line > 0)
                ctr_error_place(err, path);
        return r;
}

/* What an access needs of a pod that is locked now. */
static int load(Pod *pod, PodAccess access_, CtrError *err)
{
        int r;

        if (access_ == POD_LEFT) {
                (void) read_stage(pod, NULL);
                if (has_config(pod))
                        (void) read_config(pod, NULL);
                return 0;
        }
        if (access_ == POD_NEW) {
                if (has_config(pod)) {
                        (void) ctr_error_set(
                                err, CTR_ERROR_ID_IN_USE, 0, "pod with given ID already exists");
                        return -EEXIST;
                }
                (void) read_stage(pod, NULL);
                return 0;
        }
        /* A creator has the directory before it has the configuration, or was killed between. */
        if (!has_config(pod))
                return not_exists(pod->id, err);
        r = read_stage(pod, err);
        return r < 0 ? r : read_config(pod, err);
}

int pod_open(const Runtime *rt, const char *id, PodAccess access_, Pod *ret, CtrError *err)
{
        int r;

        *ret = POD_NULL;
        r = set_names(rt, id, ret, err);
        if (r >= 0)
                r = lock(ret, access_, err);
        if (r >= 0)
                r = load(ret, access_, err);
        if (r < 0)
                pod_done(ret);
        return r;
}

void pod_done(Pod *pod)
{
        pod_config_free(pod->config);
        free(pod->text);
        free(pod->dir);
        free(pod->config_dir);
        closep(&pod->dir_fd);
        closep(&pod->lock_fd);
        *pod = POD_NULL;
}

/* All that lies in it, also what a writer that was killed has left. Entry by entry: on an overlay
 * file system files are on other devices than their directory, which is not to stop this. */
static void empty_directory(const char *path, const char *kept)
{
        struct dirent *de;
        DIR *d = opendir(path);

        while (d && (de = readdir(d)))
                if (strcmp(de->d_name, ".") != 0 && strcmp(de->d_name, "..") != 0 &&
                        strcmp(de->d_name, kept) != 0)
                        (void) ctr_remove_tree(dirfd(d), de->d_name);
        if (d)
                (void) closedir(d);
}

/* The lock last: who waits for it finds that its file is gone. */
void pod_forget(Pod *pod)
{
        pod_namespaces_remove(pod->dir_fd);
        empty_directory(pod->dir, POD_FILE_LOCK);
        empty_directory(pod->config_dir, "");
        (void) rmdir(pod->config_dir);
        (void) unlinkat(pod->dir_fd, POD_FILE_LOCK, 0);
        (void) rmdir(pod->dir);
}

static int compare_strings(const void *a, const void *b)
{
        return strcmp(*(char *const *) a, *(char *const *) b);
}

int runtime_pod_list(const Runtime *rt, SpecStrv *ret, CtrError *err)
{
        _cleanup_free_ char *path = NULL;
        SpecStrv list = { 0 };
        struct dirent *de;
        int r = 0;
        DIR *d;

        *ret = list;
        if (strcmp(rt->root, CTR_STATE_DIR) == 0)
                path = strdup(POD_CONFIG_ROOT);
        else if (asprintf(&path, "%s/var/pods", rt->root) < 0)
                path = NULL;
        if (!path)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "listing pods");
        d = opendir(path);
        if (!d && errno == ENOENT)
                return 0;
        if (!d)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot list %s", path);
        while (r >= 0 && (de = readdir(d)))
                if (ctr_pod_id_is_valid(de->d_name))
                        r = strv_add(&list, de->d_name);
        (void) closedir(d);
        if (r < 0) {
                strv_done(&list);
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "listing %s", path);
        }
        if (list.n > 1)
                qsort(list.items, list.n, sizeof(*list.items), compare_strings);
        *ret = list;
        return 0;
}
