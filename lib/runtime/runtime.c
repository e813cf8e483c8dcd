/* The root directory of state, and the verbs that only look: state and list. */
#include "runtime/runtime.h"

#include "base/io.h"
#include "runtime/container.h"
#include "runtime/path.h"
#include "runtime/health.h"
#include "runtime/strv.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define CONFIG_SIZE_MAX (16U * 1024 * 1024)

int runtime_init(Runtime *rt, const char *root, CtrError *err)
{
        size_t n;

        *rt = (Runtime){ .root = path_make_absolute(root ? root : CTR_STATE_DIR) };
        if (!rt->root)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, errno, "cannot find the root directory");
        for (n = strlen(rt->root); n > 0 && rt->root[n - 1] == '/'; n--)
                rt->root[n - 1] = '\0';
        if (n == 0) {
                runtime_done(rt);
                return ctr_error_set(
                        err, CTR_ERROR_USAGE, 0, "the root directory of state cannot be /");
        }
        if (asprintf(&rt->containers, "%s/containers", rt->root) < 0) {
                rt->containers = NULL;
                runtime_done(rt);
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "opening the root directory");
        }
        return 0;
}

void runtime_done(Runtime *rt)
{
        free(rt->root);
        free(rt->containers);
        *rt = (Runtime){ 0 };
}

void runtime_strv_done(SpecStrv *v)
{
        strv_done(v);
}

void container_info_done(ContainerInfo *info)
{
        free(info->memory);
        key_values_done(&info->annotations);
        *info = (ContainerInfo){ 0 };
}

void container_info_take(
        ContainerState *state, const ContainerProcess *process, uid_t owner, ContainerInfo *ret)
{
        *ret = (ContainerInfo){
                .memory = TAKE_PTR(state->memory),
                .oci_version = state->oci_version,
                .id = state->id,
                .bundle = state->bundle,
                .rootfs = state->rootfs,
                .unit = state->unit,
                .status = process->status,
                .pid = process->pid,
                .created_usec = state->created_usec,
                .owner = owner,
                .annotations = state->annotations,
        };
        state->annotations = (SpecKeyValues){ 0 };
        memcpy(ret->invocation_id, process->invocation_id, sizeof(ret->invocation_id));
}

int runtime_state(const Runtime *rt, const char *id, ContainerInfo *ret, CtrError *err)
{
        ContainerProcess process;
        Container c;
        struct stat st;
        int r;

        r = container_open(rt, id, &c, err);
        if (r < 0)
                return r;
        r = container_get_process(&c, &process, err);
        if (r >= 0 && fstat(c.dir_fd, &st) < 0)
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot stat %s", c.directory);
        if (r >= 0) {
                container_info_take(&c.state, &process, st.st_uid, ret);
                ret->health =
                        health_of(c.dir_fd, &process, &ret->annotations, &ret->health_n_failures);
        }
        container_done(&c);
        return r;
}

int runtime_read_config(const Runtime *rt, const char *id, char **ret, CtrError *err)
{
        Container c;
        size_t size;
        int r;

        r = container_open(rt, id, &c, err);
        if (r < 0)
                return r;
        r = ctr_read_file(c.dir_fd, STATE_FILE_CONFIG, CONFIG_SIZE_MAX, ret, &size, err);
        container_done(&c);
        return r;
}

static int compare_strings(const void *a, const void *b)
{
        return strcmp(*(char *const *) a, *(char *const *) b);
}

int runtime_list(const Runtime *rt, SpecStrv *ret, CtrError *err)
{
        SpecStrv list = { 0 };
        struct dirent *de;
        DIR *d;
        int r = 0;

        d = opendir(rt->containers);
        if (!d && errno == ENOENT) {
                *ret = list;
                return 0;
        }
        if (!d)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, errno, "cannot list %s", rt->containers);
        while (r >= 0 && (de = readdir(d)))
                if (ctr_id_is_valid(de->d_name) && path_may_be_directory(de))
                        r = strv_add(&list, de->d_name);
        (void) closedir(d);
        if (r < 0) {
                runtime_strv_done(&list);
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "listing %s", rt->containers);
        }
        if (list.n > 1)
                qsort(list.items, list.n, sizeof(*list.items), compare_strings);
        *ret = list;
        return 0;
}
