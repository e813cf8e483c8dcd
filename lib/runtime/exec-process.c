/* Process objects of exec: see exec-process.h. */
#include "runtime/exec-process.h"

#include "runtime/bundle.h"

#include "base/io.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/capability.h>

#define PROCESS_SIZE_MAX (4U * 1024 * 1024)

static size_t strv_length(char *const *v)
{
        size_t n = 0;

        while (v && v[n])
                n++;
        return n;
}

/* Variables of the container, replaced or followed by the caller's. */
static int merge_env(ExecProcess *p, char *const *env, CtrError *err)
{
        size_t n = p->process.env.n, n_more = strv_length(env);

        if (n_more == 0)
                return 0;
        p->env = calloc(n + n_more + 1, sizeof(*p->env));
        if (!p->env)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading the environment");
        if (n > 0)
                memcpy(p->env, p->process.env.items, n * sizeof(*p->env));
        for (size_t i = 0; i < n_more; i++) {
                const char *equals = strchr(env[i], '=');
                size_t length = equals ? (size_t) (equals - env[i]) + 1 : 0, slot = 0;

                if (length < 2)
                        return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                                "--env wants NAME=VALUE, not \"%.64s\"", env[i]);
                while (slot < n && strncmp(p->env[slot], env[i], length) != 0)
                        slot++;
                p->env[slot] = env[i];
                n += slot == n;
        }
        p->process.env = (SpecStrv){ .items = p->env, .n = n };
        return 0;
}

static int add_capabilities(SpecCapabilities *caps, char *const *names, CtrError *err)
{
        for (size_t i = 0; names && names[i]; i++) {
                char name[64];
                cap_value_t value;

                (void) snprintf(name, sizeof(name), "%s%s",
                        strncasecmp(names[i], "CAP_", 4) == 0 ? "" : "CAP_", names[i]);
                if (cap_from_name(name, &value) < 0 || value < 0 || value > 63)
                        return ctr_error_set(
                                err, CTR_ERROR_USAGE, 0, "unknown capability \"%.64s\"", names[i]);
                caps->is_set = true;
                caps->bounding |= UINT64_C(1) << value;
                caps->effective |= UINT64_C(1) << value;
                caps->permitted |= UINT64_C(1) << value;
        }
        return 0;
}

static int set_user(SpecUser *user, const RuntimeExec *options, CtrError *err)
{
        OptU32 gid;
        int r;

        if (options->user) {
                r = spec_parse_user(options->user, &user->uid, &gid, err);
                if (r < 0)
                        return r;
                if (gid.is_set)
                        user->gid = gid.value;
        }
        if (options->n_additional_gids > 0) {
                user->additional_gids = (uint32_t *) options->additional_gids;
                user->n_additional_gids = options->n_additional_gids;
        }
        return 0;
}

static int read_process_file(const char *path, ExecProcess *p, CtrError *err)
{
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        /* "-" and /dev/fd/N are pipes as often as not, so no regular file is asked for. */
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

        if (fd < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, errno, "cannot open process file %s", path);
        r = ctr_read_fd(fd, path, PROCESS_SIZE_MAX, &text, &size, err);
        if (r < 0)
                return r;
        r = spec_parse_process(text, size, &p->file, err);
        if (r < 0)
                return bundle_error(path, r, err);
        p->process = p->file->process;
        return 0;
}

/* What confines the container and a process file leaves out is the container's: a process without
 * it would be less confined than those beside it. The same as in runc. */
static void inherit(SpecProcess *process, const SpecProcess *container)
{
        if (!process->apparmor_profile || !*process->apparmor_profile)
                process->apparmor_profile = container->apparmor_profile;
        if (!process->selinux_label || !*process->selinux_label)
                process->selinux_label = container->selinux_label;
        if (process->n_rlimits == 0) {
                process->rlimits = container->rlimits;
                process->n_rlimits = container->n_rlimits;
        }
}

static int check_process(const ExecProcess *p, CtrError *err)
{
        if (p->process.args.n == 0)
                return ctr_error_set(err, CTR_ERROR_USAGE, 0, "no program to execute was given");
        return 0;
}

int exec_process_make(
        const Spec *container, const RuntimeExec *options, ExecProcess *ret, CtrError *err)
{
        ExecProcess p = { .process = container->process };
        int r = 0;

        if (options->process_file)
                r = read_process_file(options->process_file, &p, err);
        else {
                p.process.args = (SpecStrv){ .items = (char **) options->args,
                        .n = strv_length(options->args) };
                /* Of the container's own first process only; asked for here by --tty. */
                p.process.has_terminal = options->has_terminal;
        }
        if (r >= 0)
                inherit(&p.process, &container->process);
        if (r >= 0 && options->cwd)
                p.process.cwd = (char *) options->cwd;
        if (r >= 0 && options->apparmor_profile)
                p.process.apparmor_profile = (char *) options->apparmor_profile;
        if (r >= 0 && options->selinux_label)
                p.process.selinux_label = (char *) options->selinux_label;
        p.process.no_new_privileges |= options->wants_no_new_privileges;
        if (r >= 0)
                r = set_user(&p.process.user, options, err);
        if (r >= 0)
                r = add_capabilities(&p.process.capabilities, options->capabilities, err);
        if (r >= 0)
                r = merge_env(&p, options->env, err);
        if (r >= 0)
                r = check_process(&p, err);
        if (r < 0) {
                exec_process_done(&p);
                return r;
        }
        *ret = p;
        return 0;
}

void exec_process_done(ExecProcess *p)
{
        free(p->env);
        spec_free(p->file);
        *p = (ExecProcess){ 0 };
}
