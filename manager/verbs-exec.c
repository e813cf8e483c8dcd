/* Exec: another process in a container, with a unit of its own. This runs in that unit
 * (ctr-exec-TOKEN.service, bound to the container's): the new process is made its main process, so
 * that PID 1 knows its end exactly, and then we are gone. Its exit record is in the container's
 * state, STATE/exec/TOKEN. */
#include "manager/verbs-container.h"

#include "manager/client-fds.h"
#include "manager/member.h"

#include "base/fd-message.h"
#include "base/io.h"
#include "runtime/container.h"
#include "runtime/rootfs-user.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

typedef struct ExecOptions {
        const JsonValue *args, *env, *cwd, *user, *group, *groups, *capabilities, *cgroup;
        const JsonValue *terminal, *no_new_privileges, *ignore_paused;
        ClientFds fds;
} ExecOptions;

static int read_options(const VerbCall *call, ExecOptions *ret, CtrError *err)
{
        const JsonMember table[] = {
                { "args", JSON_TYPE_ARRAY, &ret->args },
                { "env", JSON_TYPE_ARRAY, &ret->env },
                { "cwd", JSON_TYPE_STRING, &ret->cwd },
                { "user", JSON_TYPE_STRING, &ret->user },
                { "group", JSON_TYPE_STRING, &ret->group },
                { "groups", JSON_TYPE_ARRAY, &ret->groups },
                { "capabilities", JSON_TYPE_ARRAY, &ret->capabilities },
                { "cgroup", JSON_TYPE_STRING, &ret->cgroup },
                { "terminal", JSON_TYPE_BOOLEAN, &ret->terminal },
                { "no_new_privileges", JSON_TYPE_BOOLEAN, &ret->no_new_privileges },
                { "ignore_paused", JSON_TYPE_BOOLEAN, &ret->ignore_paused },
                CLIENT_FDS_OPTIONS(&ret->fds),
        };
        const JsonValue *object = NULL;

        *ret = (ExecOptions){ 0 };
        (void) json_value_member(call->arguments, "options", &object);
        return json_members_read(object, table, ELEMENTSOF(table), err);
}

/* An array of strings as argv has them. */
static int strings_of(const JsonValue *list, const char *name, char ***ret, CtrError *err)
{
        size_t n = json_value_length(list);
        char **items;

        *ret = NULL;
        if (!list)
                return 0;
        items = calloc(n + 1, sizeof(*items));
        if (!items)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "%s", name);
        for (size_t i = 0; i < n; i++) {
                items[i] = (char *) json_value_string(json_value_item(list, i));
                if (!items[i]) {
                        free(items);
                        return ctr_error_set(
                                err, CTR_ERROR_USAGE, 0, "%s is not an array of strings", name);
                }
        }
        *ret = items;
        return 0;
}

/* The place of this exec in the container's state; its name is the token, which nobody chose. */
typedef struct Session {
        Container container;
        int fd;
        char path[4096 + 64];
        RootfsUser user;
        char user_text[32];
        int console_listen_fd;
        char console_path[4096 + 96];
        char pid_path[4096 + 96];
} Session;

/* What a pod says to a process more in one of its containers. */
static int check_pod(const Runtime *rt, const char *id, CtrError *err)
{
        char pod[CTR_POD_ID_MAX + 1], member_id[CTR_ID_MAX + 1];
        const char *name = member_name(rt, id, pod);
        int r;

        r = name ? runtime_pod_check_enter(rt, pod, name, member_id, err) : 0;
        if (r >= 0 || !member_is_unknown(err))
                return r;
        *err = (CtrError){ 0 };
        return 0;
}

static int session_open(VerbCall *call, Session *s, CtrError *err)
{
        const char *id;
        int r;

        *s = (Session){ .container = CONTAINER_NULL, .fd = -EBADF, .console_listen_fd = -EBADF };
        r = verb_string(call, "id", &id, err);
        if (r >= 0)
                r = check_pod(call->runtime, id, err);
        if (r >= 0)
                r = container_open(call->runtime, id, &s->container, err);
        if (r < 0)
                return r;
        if (mkdirat(s->container.dir_fd, "exec", 0700) < 0 && errno != EEXIST)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot make exec/");
        (void) snprintf(
                s->path, sizeof(s->path), "%s/exec/%s", s->container.directory, call->token);
        if (mkdir(s->path, 0700) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot make %s", s->path);
        s->fd = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        (void) snprintf(s->pid_path, sizeof(s->pid_path), "%s/pid", s->path);
        return s->fd < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot open %s", s->path)
                         : 0;
}

static void session_done(Session *s, bool is_failed)
{
        rootfs_user_done(&s->user);
        if (is_failed && s->fd >= 0)
                (void) ctr_remove_tree(AT_FDCWD, s->path);
        closep(&s->fd);
        closep(&s->console_listen_fd);
        container_done(&s->container);
}

/* Names are those of the container's own files. */
static int resolve_user(Session *s, const ExecOptions *options, RuntimeExec *request, CtrError *err)
{
        _cleanup_free_ char **groups = NULL;
        _cleanup_close_ int root_fd = -EBADF;
        ContainerProcess process;
        char path[64];
        int r;

        if (!options->user && !options->group && !options->groups)
                return 0;
        r = strings_of(options->groups, "groups", &groups, err);
        if (r >= 0)
                r = container_get_process(&s->container, &process, err);
        if (r < 0)
                return r;
        (void) snprintf(path, sizeof(path), "/proc/%d/root", (int) process.pid);
        root_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (root_fd < 0)
                return ctr_error_set(
                        err, CTR_ERROR_CONTAINER_NOT_RUNNING, 0, "container not running");
        r = rootfs_user_find_at(root_fd, json_value_string(options->user),
                json_value_string(options->group),
                &(SpecStrv){ groups, json_value_length(options->groups) }, &s->user, err);
        if (r < 0)
                return r;
        (void) snprintf(s->user_text, sizeof(s->user_text), "%u:%u", s->user.uid, s->user.gid);
        request->user = s->user_text;
        request->additional_gids = s->user.groups;
        request->n_additional_gids = s->user.n_groups;
        return 0;
}

/* The terminal comes over a socket that ctr-exec's starter connects to. */
static int listen_for_console(Session *s, CtrError *err)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };

        (void) snprintf(s->console_path, sizeof(s->console_path), "%s/console", s->path);
        (void) snprintf(
                address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/console", s->fd);
        s->console_listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (s->console_listen_fd < 0 ||
                bind(s->console_listen_fd, (const struct sockaddr *) &address, sizeof(address)) <
                        0 ||
                listen(s->console_listen_fd, 1) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "console socket");
        return 0;
}

static int receive_console(Session *s, CtrError *err)
{
        _cleanup_close_ int fd =
                accept4(s->console_listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        char name[256];
        size_t n_fds = 0;
        int console;
        ssize_t n;

        (void) unlinkat(s->fd, "console", 0);
        if (fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot receive the terminal");
        n = ctr_message_receive(fd, name, sizeof(name), 0, &console, 1, &n_fds);
        if (n < 0 || n_fds != 1)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, n < 0 ? (int) n : EPROTO,
                        "cannot receive the terminal");
        return console;
}

static int read_pid(const Session *s, pid_t *ret, CtrError *err)
{
        _cleanup_free_ char *text = NULL;
        uint64_t pid;
        size_t size;
        int r;

        r = ctr_read_file(s->fd, "pid", 32, &text, &size, err);
        if (r < 0)
                return r;
        if (ctr_parse_u64(text, INT32_MAX, &pid) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG, "pid of the process");
        *ret = (pid_t) pid;
        return 0;
}

static int answer(VerbCall *call, Session *s, bool has_terminal, CtrError *err)
{
        char unit[128];
        pid_t pid = 0;
        int r, console = -EBADF;

        r = read_pid(s, &pid, err);
        /* PID 1 is told when the answer is out: an end that it hears of at once ends us, too. */
        call->successor = pid;
        if (r >= 0 && has_terminal)
                r = console = receive_console(s, err);
        if (r < 0)
                return r;
        (void) snprintf(unit, sizeof(unit), "ctr-exec-%s.service", call->token);
        verb_answer_string(call, "token", call->token);
        verb_answer_number(call, "pid", pid);
        verb_answer_string(call, "unit", unit);
        (void) fputs("\"fds\":{", call->answer);
        if (console >= 0) {
                (void) fprintf(call->answer, "\"console\":%zu", call->n_ret_fds);
                call->ret_fds[call->n_ret_fds++] = console;
        }
        (void) fputs("},", call->answer);
        return 0;
}

/* process_text: "" means the words of the options. */
static int fill_request(VerbCall *call, Session *s, const ExecOptions *options,
        const char *process_text, RuntimeExec *request, CtrError *err)
{
        int r;

        request->id = s->container.id;
        request->is_detached = true;
        request->pid_file = s->pid_path;
        request->cwd = json_value_string(options->cwd);
        request->cgroup = json_value_string(options->cgroup);
        request->wants_no_new_privileges = verb_is_true(options->no_new_privileges);
        request->ignores_paused = verb_is_true(options->ignore_paused);
        request->has_terminal = verb_is_true(options->terminal);
        if (*process_text && (options->args || options->terminal))
                return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "a process object and the options args or terminal exclude each other");
        r = resolve_user(s, options, request, err);
        if (r >= 0)
                r = client_fds_place(call, &options->fds, err);
        if (r < 0)
                return r;
        request->n_preserve_fds = (unsigned) r;
        if (request->has_terminal) {
                r = listen_for_console(s, err);
                request->console_socket = s->console_path;
        }
        return r < 0 ? r : 0;
}

static int process_object_file(const char *text, char path[static 64], CtrError *err)
{
        _cleanup_close_ int fd = -EBADF;
        int r;

        fd = memfd_create("ctr-process", MFD_CLOEXEC);
        r = fd < 0 ? -errno : ctr_write_all(fd, text, strlen(text));
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot write the process object");
        r = fcntl(fd, F_DUPFD_CLOEXEC, 128);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "file descriptors");
        (void) snprintf(path, 64, "/proc/self/fd/%d", r);
        return r;
}

int verb_exec(VerbCall *call, CtrError *err)
{
        _cleanup_free_ char **args = NULL, **env = NULL, **capabilities = NULL;
        _cleanup_close_ int process_fd = -EBADF;
        RuntimeExec request = { 0 };
        char process_path[64] = "";
        const char *process_text;
        ExecOptions options;
        Session session;
        int r, status;

        r = verb_string(call, "process", &process_text, err);
        if (r >= 0)
                r = read_options(call, &options, err);
        if (r >= 0)
                r = strings_of(options.args, "args", &args, err);
        if (r >= 0)
                r = strings_of(options.env, "env", &env, err);
        if (r >= 0)
                r = strings_of(options.capabilities, "capabilities", &capabilities, err);
        if (r < 0)
                return r;
        r = session_open(call, &session, err);
        if (r >= 0)
                r = fill_request(call, &session, &options, process_text, &request, err);
        if (r >= 0 && *process_text) {
                r = process_fd = process_object_file(process_text, process_path, err);
                request.process_file = process_path;
        }
        request.args = args;
        request.env = env;
        request.capabilities = capabilities;
        if (r >= 0)
                r = runtime_exec(call->runtime, &request, &status, err);
        if (r >= 0)
                r = answer(call, &session, request.has_terminal, err);
        session_done(&session, r < 0);
        return r;
}
