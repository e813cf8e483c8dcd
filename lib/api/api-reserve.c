/* Ids that are taken by containers without a process: one file each, made in one step, so that of
 * several who claim an id one succeeds. It is the configuration that the first process is started
 * with. */
#include "api/api-internal.h"

#include "base/io.h"
#include "runtime/strv.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define CONFIG_SIZE_MAX (16U * 1024 * 1024)
#define SUFFIX          ".json"

static char *directory_of(const Runtime *rt)
{
        char *path;

        return asprintf(&path, "%s/reserved", rt->root) < 0 ? NULL : path;
}

char *reserve_path(const Runtime *rt, const char *id)
{
        char *path;

        return asprintf(&path, "%s/reserved/%s" SUFFIX, rt->root, id) < 0 ? NULL : path;
}

static int no_memory(CtrError *err)
{
        return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reserved container");
}

static int write_new(const char *directory, const char *path, const char *text)
{
        _cleanup_close_ int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        char link[48];
        int r;

        if (fd < 0)
                return -errno;
        r = ctr_write_all(fd, text, strlen(text));
        (void) snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        if (r >= 0 && linkat(AT_FDCWD, link, AT_FDCWD, path, AT_SYMLINK_FOLLOW) < 0)
                r = -errno;
        return r;
}

int reserve_create(const Runtime *rt, const char *id, const char *config, CtrError *err)
{
        _cleanup_free_ char *directory = directory_of(rt), *path = reserve_path(rt, id);
        ContainerInfo info;
        int r;

        if (!directory || !path)
                return no_memory(err);
        r = ctr_mkdir_parents(directory, 0700, err);
        if (r < 0)
                return r;
        r = runtime_state(rt, id, &info, NULL);
        if (r >= 0) {
                container_info_done(&info);
                r = -EEXIST;
        } else
                r = write_new(directory, path, config);
        if (r == -EEXIST) {
                (void) ctr_error_set(
                        err, CTR_ERROR_ID_IN_USE, 0, "container with given ID already exists");
                return -EEXIST;
        }
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot make %s", path) : 0;
}

int reserve_read(const Runtime *rt, const char *id, char **ret, CtrError *err)
{
        _cleanup_free_ char *path = reserve_path(rt, id);
        size_t size;
        int r;

        if (!path)
                return no_memory(err);
        r = ctr_read_file(AT_FDCWD, path, CONFIG_SIZE_MAX, ret, &size, err);
        if (r == -ENOENT)
                return 0;
        return r < 0 ? r : 1;
}

int reserve_remove(const Runtime *rt, const char *id, CtrError *err)
{
        _cleanup_free_ char *path = reserve_path(rt, id);

        if (!path)
                return no_memory(err);
        if (unlink(path) < 0 && errno != ENOENT && errno != ENOTDIR)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot remove %s", path);
        return 0;
}

static int add_id(SpecStrv *list, const char *file)
{
        size_t n = strlen(file), n_suffix = strlen(SUFFIX);
        char id[CTR_ID_MAX + 1];

        if (n <= n_suffix || n - n_suffix > CTR_ID_MAX || strcmp(file + n - n_suffix, SUFFIX) != 0)
                return 0;
        (void) snprintf(id, sizeof(id), "%.*s", (int) (n - n_suffix), file);
        for (size_t i = 0; i < list->n; i++)
                if (strcmp(list->items[i], id) == 0)
                        return 0;
        return ctr_id_is_valid(id) ? strv_add(list, id) : 0;
}

int reserve_list(const Runtime *rt, SpecStrv *list, CtrError *err)
{
        _cleanup_free_ char *directory = directory_of(rt);
        struct dirent *de;
        int r = 0;
        DIR *d;

        if (!directory)
                return no_memory(err);
        d = opendir(directory);
        if (!d)
                return errno == ENOENT ? 0
                                       : ctr_error_set(err, CTR_ERROR_SYSTEM, errno,
                                                 "cannot list %s", directory);
        while (r >= 0 && (de = readdir(d)))
                r = add_id(list, de->d_name);
        (void) closedir(d);
        return r < 0 ? no_memory(err) : 0;
}
