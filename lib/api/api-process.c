/* Processes: what one shall be, starting it as a container's first or as one more, and its end. */
#include "api/api-internal.h"

#include "base/json-merge.h"
#include "runtime/rootfs-user.h"
#include "runtime/session.h"
#include "runtime/strv.h"
#include "runtime/terminal.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

/* ---- the object ---- */

static int no_memory(CtrError *err)
{
        return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "making a process");
}

int ctr_process_new(const char *const *args, CtrProcess **ret, CtrError **error)
{
        CtrProcess *p = calloc(1, sizeof(*p));
        CtrError e = { 0 };
        int r = 0;

        if (p)
                *p = (CtrProcess){ .process = UNIT_PROCESS_NULL, .console_fd = -EBADF };
        if (!args || !args[0])
                r = ctr_error_set(
                        &e, CTR_ERROR_CONFIG_INVALID, 0, "no program to execute was given");
        else if (!p || !(p->args = api_strv_copy(args)))
                r = no_memory(&e);
        if (r < 0)
                (void) ctr_process_free(p);
        else
                *ret = p;
        return api_result(r, &e, error);
}

CtrProcess *ctr_process_free(CtrProcess *process)
{
        if (!process)
                return NULL;
        (void) ctr_strv_free(process->args);
        (void) ctr_strv_free(process->env);
        (void) ctr_strv_free(process->capabilities);
        free(process->user);
        free(process->cwd);
        free(process->fds);
        closep(&process->console_fd);
        unit_process_done(&process->process);
        free(process);
        return NULL;
}

static int set_strings(char ***member, const char *const *value, CtrError **error)
{
        char **copy = value ? api_strv_copy(value) : NULL;
        CtrError e = { 0 };

        if (value && !copy)
                return api_result(no_memory(&e), &e, error);
        (void) ctr_strv_free(*member);
        *member = copy;
        return 0;
}

static int set_string(char **member, const char *value, CtrError **error)
{
        char *copy = value ? strdup(value) : NULL;
        CtrError e = { 0 };

        if (value && !copy)
                return api_result(no_memory(&e), &e, error);
        free(*member);
        *member = copy;
        return 0;
}

int ctr_process_set_env(CtrProcess *process, const char *const *env, CtrError **error)
{
        return set_strings(&process->env, env, error);
}

int ctr_process_set_capabilities(
        CtrProcess *process, const char *const *capabilities, CtrError **error)
{
        return set_strings(&process->capabilities, capabilities, error);
}

int ctr_process_set_user(CtrProcess *process, const char *user, CtrError **error)
{
        return set_string(&process->user, user, error);
}

int ctr_process_set_cwd(CtrProcess *process, const char *cwd, CtrError **error)
{
        return set_string(&process->cwd, cwd, error);
}

void ctr_process_set_stdio(CtrProcess *process, int in, int out, int err)
{
        process->has_stdio = true;
        process->stdio[0] = in;
        process->stdio[1] = out;
        process->stdio[2] = err;
}

int ctr_process_set_extra_fds(CtrProcess *process, const int *fds, size_t n, CtrError **error)
{
        CtrError e = { 0 };
        int *copy;

        if (n > LAUNCH_FDS_MAX - 4)
                return api_result(ctr_error_set(&e, CTR_ERROR_USAGE, 0,
                                          "more than %d file descriptors", LAUNCH_FDS_MAX - 4),
                        &e, error);
        copy = calloc(n + 1, sizeof(*copy));
        if (!copy)
                return api_result(no_memory(&e), &e, error);
        for (size_t i = 0; i < n; i++)
                copy[i] = fds[i];
        free(process->fds);
        process->fds = copy;
        process->n_fds = n;
        return 0;
}

void ctr_process_set_console(CtrProcess *process, unsigned rows, unsigned columns)
{
        process->has_console = true;
        process->rows = rows;
        process->columns = columns;
}

int ctr_process_take_console(CtrProcess *process)
{
        return TAKE_FD(process->console_fd);
}

int ctr_process_get_pid(const CtrProcess *process, pid_t *ret, CtrError **error)
{
        CtrError e = { 0 };

        if (!process->is_started)
                return api_result(ctr_error_set(&e, CTR_ERROR_PROCESS_NOT_EXECUTED, 0,
                                          "the process was not started"),
                        &e, error);
        *ret = process->process.pid;
        return 0;
}

int ctr_process_get_fd(const CtrProcess *process)
{
        return process->process.pidfd;
}

CtrExit process_exit_of(const ProcessEnd *end)
{
        return (CtrExit){ .code = end->is_signal ? -1 : end->number,
                .signal = end->is_signal ? end->number : 0 };
}

int ctr_process_wait(CtrProcess *process, CtrExit *ret, CtrError **error)
{
        CtrError e = { 0 };
        ProcessEnd end;
        int r = unit_process_wait(&process->process, &end, &e);

        if (r >= 0)
                *ret = process_exit_of(&end);
        return api_result(r, &e, error);
}

int ctr_process_signal(CtrProcess *process, int signal_number, CtrError **error)
{
        CtrError e = { 0 };

        return api_result(unit_process_signal(&process->process, signal_number, &e), &e, error);
}

/* ---- its descriptors ---- */

typedef struct Handover {
        LaunchFds fds;
        int stdio[3];
        int null_fd;
        int console_fd; /* our end */
} Handover;

static void handover_done(Handover *h)
{
        closep(&h->null_fd);
        closep(&h->console_fd);
        closep(&h->fds.console);
}

static int handover_begin(const CtrProcess *p, Handover *h, CtrError *err)
{
        int pair[2];

        *h = (Handover){ .fds = LAUNCH_FDS_NONE, .null_fd = -EBADF, .console_fd = -EBADF };
        if (!p)
                return 0;
        for (size_t i = 0; i < p->n_fds; i++) {
                if (fcntl(p->fds[i], F_GETFD) < 0)
                        return ctr_error_set(
                                err, CTR_ERROR_USAGE, errno, "file descriptor %d", p->fds[i]);
                h->fds.kept[h->fds.n_kept++] = p->fds[i];
        }
        if (p->has_console) {
                h->fds.console_rows = p->rows;
                h->fds.console_columns = p->columns;
                if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "socketpair");
                h->console_fd = pair[0];
                h->fds.console = pair[1];
                return 0;
        }
        if (!p->has_stdio)
                return 0;
        h->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (h->null_fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot open /dev/null");
        for (size_t i = 0; i < 3; i++)
                h->stdio[i] = p->stdio[i] < 0 ? h->null_fd : p->stdio[i];
        h->fds.has_stdio = true;
        h->fds.stdio = h->stdio;
        return 0;
}

/* Once it runs. */
static int handover_finish(Handover *h, CtrProcess *p, CtrError *err)
{
        int r;

        closep(&h->fds.console);
        if (h->console_fd < 0)
                return 0;
        r = terminal_receive(h->console_fd, err);
        if (r < 0)
                return r;
        closep(&p->console_fd);
        p->console_fd = r;
        return 0;
}

static int check_fresh(const CtrProcess *p, CtrError *err)
{
        return p && p->is_started ? ctr_error_set(err, CTR_ERROR_BAD_STATE, 0,
                                            "the process was started before")
                                  : 0;
}

/* ---- the first process: the configuration with another process in it ---- */

static void write_strings(FILE *f, const char *name, char *const *items, bool is_capability)
{
        (void) fprintf(f, "\"%s\":[", name);
        for (size_t i = 0; items[i]; i++) {
                char capability[64];
                const char *item = items[i];

                if (is_capability) {
                        (void) snprintf(capability, sizeof(capability), "%s%s",
                                strncasecmp(item, "CAP_", 4) == 0 ? "" : "CAP_", item);
                        for (char *c = capability; *c; c++)
                                if (*c >= 'a' && *c <= 'z')
                                        *c = (char) (*c - 'a' + 'A');
                        item = capability;
                }
                (void) fputs(i > 0 ? "," : "", f);
                json_write_string(f, item);
        }
        (void) fputc(']', f);
}

static int write_user(FILE *f, const char *rootfs, const char *text, CtrError *err)
{
        RootfsUser user;
        int r;

        r = rootfs_user_find(rootfs, text, NULL, NULL, &user, err);
        if (r < 0)
                return r;
        (void) fprintf(
                f, ",\"user\":{\"uid\":%u,\"gid\":%u,\"additionalGids\":[", user.uid, user.gid);
        for (size_t i = 0; i < user.n_groups; i++)
                (void) fprintf(f, "%s%u", i > 0 ? "," : "", user.groups[i]);
        (void) fputs("]}", f);
        rootfs_user_done(&user);
        return 0;
}

static int write_patch(FILE *f, const CtrProcess *p, const char *rootfs, CtrError *err)
{
        static const char *const sets[] = { "bounding", "effective", "permitted" };
        int r = 0;

        (void) fputs("{\"process\":{", f);
        write_strings(f, "args", p->args, false);
        if (p->env) {
                (void) fputc(',', f);
                write_strings(f, "env", p->env, false);
        }
        if (p->cwd) {
                (void) fputs(",\"cwd\":", f);
                json_write_string(f, p->cwd);
        }
        (void) fprintf(f, ",\"terminal\":%s", p->has_console ? "true" : "false");
        if (p->capabilities) {
                (void) fputs(",\"capabilities\":{", f);
                for (size_t i = 0; i < ELEMENTSOF(sets); i++) {
                        (void) fputs(i > 0 ? "," : "", f);
                        write_strings(f, sets[i], p->capabilities, true);
                }
                (void) fputs(",\"inheritable\":null,\"ambient\":null}", f);
        }
        if (p->user)
                r = write_user(f, rootfs, p->user, err);
        (void) fputs("}}", f);
        return r;
}

/* Two documents into one. */
static int merge(const char *base, const char *patch, char **ret, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *a = NULL, *b = NULL;
        size_t size;
        FILE *f;
        int r;

        r = json_document_parse(base, strlen(base), &a, err);
        if (r >= 0)
                r = json_document_parse(patch, strlen(patch), &b, err);
        if (r < 0)
                return r;
        f = open_memstream(ret, &size);
        if (!f)
                return no_memory(err);
        json_write_merged(f, json_document_root(a), json_document_root(b));
        return fclose(f) != 0 ? no_memory(err) : 0;
}

/* What every process needs and a configuration may leave to the process. */
static int complete(const char *config, char **ret, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        const JsonValue *process = NULL, *unused;
        const char *patch = "{}";
        int r;

        r = json_document_parse(config, strlen(config), &doc, err);
        if (r < 0)
                return r;
        (void) json_value_member(json_document_root(doc), "process", &process);
        if (!json_value_member(process, "cwd", &unused))
                patch = json_value_member(process, "args", &unused)
                                ? "{\"process\":{\"cwd\":\"/\"}}"
                                : "{\"process\":{\"cwd\":\"/\",\"args\":[\"/\"]}}";
        else if (!json_value_member(process, "args", &unused))
                patch = "{\"process\":{\"args\":[\"/\"]}}";
        return merge(config, patch, ret, err);
}

int process_check_config(const char *config, CtrError *err)
{
        _cleanup_(spec_freep) Spec *spec = NULL;
        _cleanup_free_ char *text = NULL;
        int r = complete(config, &text, err);

        if (r >= 0)
                r = spec_parse(text, strlen(text), &spec, err);
        if (r >= 0 && (!spec->root.path || spec->root.path[0] != '/'))
                r = ctr_error_field(err, "root.path", "must be an absolute path");
        return r;
}

static int make_config(const char *config, const CtrProcess *p, char **ret, CtrError *err)
{
        _cleanup_(spec_freep) Spec *spec = NULL;
        _cleanup_free_ char *text = NULL, *patch = NULL;
        size_t size;
        FILE *f;
        int r;

        if (!p) {
                *ret = strdup(config);
                return *ret ? 0 : no_memory(err);
        }
        r = complete(config, &text, err);
        if (r >= 0)
                r = spec_parse(text, strlen(text), &spec, err);
        if (r < 0)
                return r;
        f = open_memstream(&patch, &size);
        if (!f)
                return no_memory(err);
        r = write_patch(f, p, spec->root.path, err);
        if (fclose(f) != 0 && r >= 0)
                r = no_memory(err);
        return r < 0 ? r : merge(text, patch, ret, err);
}

/* Held from before its start on, its end cannot be missed. */
static int start_created(
        const Runtime *rt, const char *id, Handover *h, CtrProcess *p, CtrError *err)
{
        UnitProcess process = UNIT_PROCESS_NULL;
        int r = 0;

        if (p)
                r = unit_process_open(rt, id, true, &process, err);
        if (r >= 0)
                r = runtime_start(rt, id, err);
        if (r >= 0 && p)
                r = handover_finish(h, p, err);
        if (r < 0 || !p) {
                unit_process_done(&process);
                return r;
        }
        p->process = process;
        p->is_started = true;
        return 0;
}

int process_start_init(
        const Runtime *rt, const char *id, const char *config, CtrProcess *process, CtrError *err)
{
        _cleanup_free_ char *text = NULL, *path = reserve_path(rt, id);
        Handover h;
        int r;

        if (!path)
                return no_memory(err);
        r = check_fresh(process, err);
        if (r >= 0)
                r = make_config(config, process, &text, err);
        if (r < 0)
                return r;
        r = handover_begin(process, &h, err);
        if (r >= 0)
                r = runtime_create(rt,
                        &(RuntimeCreate){ .id = id,
                                .bundle = "/",
                                .config = path,
                                .config_text = text,
                                .fds = &h.fds },
                        err);
        if (r >= 0) {
                r = start_created(rt, id, &h, process, err);
                if (r < 0)
                        (void) runtime_delete(rt, id, true, NULL);
        }
        handover_done(&h);
        return r;
}

/* ---- further processes ---- */

/* Names are those of the container's own files, as its processes see them. */
static int find_user(
        const Runtime *rt, const char *id, const char *text, RootfsUser *ret, CtrError *err)
{
        _cleanup_close_ int root_fd = -EBADF;
        ContainerInfo info;
        char path[64];
        int r;

        r = runtime_state(rt, id, &info, err);
        if (r < 0)
                return r;
        (void) snprintf(path, sizeof(path), "/proc/%d/root", (int) info.pid);
        container_info_done(&info);
        root_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (root_fd < 0)
                return ctr_error_set(
                        err, CTR_ERROR_CONTAINER_NOT_RUNNING, 0, "container not running");
        return rootfs_user_find_at(root_fd, text, NULL, NULL, ret, err);
}

int process_start_joined(const Runtime *rt, const char *id, CtrProcess *p, CtrError *err)
{
        RuntimeExec options = { .id = id,
                .args = p->args,
                .env = p->env,
                .cwd = p->cwd,
                .capabilities = p->capabilities,
                .has_terminal = p->has_console };
        UnitProcess process = UNIT_PROCESS_NULL;
        RootfsUser user = { 0 };
        char ids[32];
        Handover h;
        int r, unused;

        r = check_fresh(p, err);
        if (r >= 0 && p->user) {
                r = find_user(rt, id, p->user, &user, err);
                (void) snprintf(ids, sizeof(ids), "%u:%u", user.uid, user.gid);
                options.user = ids;
                options.additional_gids = user.groups;
                options.n_additional_gids = user.n_groups;
        }
        if (r < 0)
                return r;
        options.session = &process;
        r = handover_begin(p, &h, err);
        options.fds = &h.fds;
        if (r >= 0)
                r = runtime_exec(rt, &options, &unused, err);
        if (r >= 0) {
                r = handover_finish(&h, p, err);
                if (r < 0)
                        (void) unit_process_signal(&process, SIGKILL, NULL);
        }
        handover_done(&h);
        rootfs_user_done(&user);
        if (r < 0) {
                unit_process_done(&process);
                return r;
        }
        p->process = process;
        p->is_started = true;
        return 0;
}
