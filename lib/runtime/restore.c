/* restore: a container is made as `run` makes one, from its bundle, and its processes come from
 * images. Of these nothing is read here but what the standard descriptors are called: mounts,
 * hooks, devices, limits and namespaces are those of the bundle's config.json, and criu gets a
 * source for what that has and for nothing else. */
#include "runtime/restore.h"

#include "plan/mount-options.h"
#include "plan/state-files.h"
#include "runtime/cgroup-tree.h"
#include "runtime/run.h"

#include "base/io.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* ---- what is mounted below a bind's source ---- */

/* Undoes the octal escapes of mountinfo, proc(5), in place. */
static void unescape(char *s)
{
        char *to = s;

        while (*s)
                if (s[0] == '\\' && strspn(s + 1, "01234567") >= 3) {
                        *to++ = (char) ((s[1] - '0') * 64 + (s[2] - '0') * 8 + s[3] - '0');
                        s += 4;
                } else
                        *to++ = *s++;
        *to = '\0';
}

static int add_submounts(CriuCall *call, const Creation *c, size_t i, const char *mountinfo)
{
        const SpecMount *m = &c->bundle.spec->mounts[i];
        _cleanup_free_ char *text = strdup(mountinfo), *source = NULL;
        size_t n;
        char *at = text, *line;

        if (!text)
                return -ENOMEM;
        source = realpath(m->source, NULL);
        if (m->source[0] != '/' || !source)
                return 0;
        n = strlen(source);
        while ((line = strsep(&at, "\n")) && *line) {
                char *point = line;

                for (unsigned k = 0; k < 4 && point; k++)
                        point = (point = strchr(point, ' ')) ? point + 1 : NULL;
                if (!point)
                        continue;
                point[strcspn(point, " ")] = '\0';
                unescape(point);
                if (strncmp(point, source, n) != 0 || point[n] != '/')
                        continue;
                if (criu_call_add(call, "--external") < 0 ||
                        criu_call_add(call, "mnt[%s%s]:%s/" STATE_FILE_STAGE "/%zu%s",
                                m->destination, point + n, c->name.directory, i, point + n) < 0)
                        return -ENOMEM;
        }
        return 0;
}

static int add_all_submounts(CriuCall *call, const Creation *c, CtrError *err)
{
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        r = ctr_read_file(AT_FDCWD, "/proc/self/mountinfo", 16U * 1024 * 1024, &text, &size, err);
        for (size_t i = 0; i < c->bundle.spec->n_mounts && r >= 0; i++) {
                const SpecMount *m = &c->bundle.spec->mounts[i];

                if (mount_is_bind(m) && m->source) {
                        r = add_submounts(call, c, i, text);
                        if (r < 0)
                                (void) ctr_error_set(
                                        err, CTR_ERROR_SYSTEM, ENOMEM, "criu's options");
                }
        }
        return r;
}

/* ---- the program ---- */

/* What a cgroup mount of the container shows. */
static int find_cgroup(const Creation *c, char ret[static CGROUP_PATH_MAX], CtrError *err)
{
        int r = 0;

        switch (c->mode) {
        case PLAN_CGROUPFS:
                (void) snprintf(ret, CGROUP_PATH_MAX, "%s", c->cgroup);
                break;
        case PLAN_UNPLACED:
                r = cgroup_of_process(getpid(), ret);
                break;
        default:
                r = cgroup_of_unit(c->slice, c->name.unit, ret);
        }
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cgroup of %s", c->name.id) : 0;
}

static int add_options(CriuCall *call)
{
        /* The newer way to restore mounts, of 3.17, cannot do several slaves of one group from
         * different sources. */
        static const char *const options[] = { "--mntns-compat-mode", "--restore-detached",
                "--restore-sibling", "--action-script", CTR_EXEC_PATH };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(options) && r >= 0; i++)
                r = criu_call_add(call, "%s", options[i]);
        return r;
}

static int make_program(Creation *c, CriuCall *call, void **ret, size_t *ret_size, CtrError *err)
{
        char descriptors[3][CRIU_DESCRIPTOR_MAX], cgroup[CGROUP_PATH_MAX];
        _cleanup_free_ char *environment = NULL;
        PlanContext ctx = { .id = c->name.id,
                .bundle = c->bundle.path,
                .state_dir = c->name.directory,
                .config_path = c->bundle.config_path,
                .digest = c->bundle.digest,
                .mode = c->mode,
                .origin = PLAN_TRANSIENT_RUN,
                .wants_no_new_keyring = c->options->wants_no_new_keyring,
                .requests = c->options->properties,
                .n_requests = c->options->n_properties };
        PlanRestore restore = { .log = call->log ? call->log : "/dev/null", .cgroup = cgroup };
        int r;

        r = criu_read_descriptors(call->image_path, descriptors, err);
        if (r >= 0)
                r = find_cgroup(c, cgroup, err);
        if (r >= 0)
                r = add_all_submounts(call, c, err);
        if (r < 0)
                return r;
        if (add_options(call) < 0 ||
                asprintf(&environment, "CTRUNIT_STATE=%s", c->name.directory) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "criu's options");
        for (size_t i = 0; i < ELEMENTSOF(descriptors); i++)
                restore.descriptors[i] = descriptors[i][0] ? descriptors[i] : NULL;
        restore.criu = call->argv.items;
        restore.environment = environment;
        r = plan_restore_program(c->bundle.spec, &ctx, &restore, ret, ret_size, err);
        return bundle_error(c->bundle.config_path, r, err);
}

int restore_write(Creation *c, CtrError *err)
{
        _cleanup_free_ void *program = NULL;
        const RuntimeCriu *options = c->options->restore;
        CriuCall call;
        size_t size;
        int r;

        r = criu_call_begin(options, c->bundle.spec, true, &call, err);
        if (r < 0)
                return r;
        r = make_program(c, &call, &program, &size, err);
        criu_call_done(&call);
        if (r >= 0 && mkdirat(c->dir.fd, STATE_FILE_STAGE, 0700) < 0)
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot make %s/" STATE_FILE_STAGE,
                        c->name.directory);
        return r < 0 ? r : state_dir_write(&c->dir, STATE_FILE_RESTORE, program, size, err);
}

/* ---- the verb ---- */

/* One that ended by a checkpoint is what is restored now. */
static int make_room(const Runtime *rt, const char *id, CtrError *err)
{
        ContainerProcess process;
        bool is_checkpointed;
        Container c;

        if (container_look(rt, id, &c, &process, NULL) < 0)
                return 0;
        is_checkpointed =
                process.status == CONTAINER_STOPPED &&
                faccessat(c.dir_fd, STATE_FILE_CHECKPOINTED, F_OK, AT_SYMLINK_NOFOLLOW) >= 0;
        container_done(&c);
        return is_checkpointed ? runtime_delete(rt, id, false, err) : 0;
}

int runtime_restore(const Runtime *rt, const RuntimeCreate *create, const RuntimeCriu *options,
        int *ret_status, CtrError *err)
{
        RuntimeCreate all = *create;
        CtrError unused;
        int r;

        if (!err)
                err = &unused;
        all.restore = options;
        r = ctr_id_check(create->id, err);
        if (r >= 0)
                r = make_room(rt, create->id, err);
        return r < 0 ? r : run_prepared(rt, &all, restore_write, ret_status, err);
}
