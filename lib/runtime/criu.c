/* Calling criu: see criu.h. */
#include "runtime/criu.h"

#include "base/criu-log.h"
#include "base/io.h"
#include "runtime/helper-spawn.h"
#include "runtime/path.h"
#include "runtime/strv.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define CRIU_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

#define CONFIG_ANNOTATION "org.criu.config"

void criu_call_done(CriuCall *call)
{
        free(call->program);
        free(call->image_path);
        free(call->work_path);
        free(call->log);
        strv_done(&call->argv);
        *call = (CriuCall){ 0 };
}

int criu_call_add(CriuCall *call, const char *fmt, ...)
{
        _cleanup_free_ char *text = NULL;
        va_list ap;
        int r;

        va_start(ap, fmt);
        r = vasprintf(&text, fmt, ap);
        va_end(ap);
        if (r < 0) {
                text = NULL;
                return -ENOMEM;
        }
        return strv_add(&call->argv, text);
}

/* ---- the program ---- */

/* In the directories of a fixed search path, never in the caller's. */
static char *find_program(const char *name)
{
        if (strchr(name, '/'))
                return access(name, X_OK) >= 0 ? path_make_absolute(name) : NULL;
        for (const char *p = CRIU_PATH; *p;) {
                size_t size = strcspn(p, ":");
                char *path;

                if (asprintf(&path, "%.*s/%s", (int) size, p, name) < 0)
                        return NULL;
                if (access(path, X_OK) >= 0)
                        return path;
                free(path);
                p += size + (p[size] == ':');
        }
        return NULL;
}

bool criu_is_installed(void)
{
        _cleanup_free_ char *path = find_program("criu");

        return path != NULL;
}

/* ---- options ---- */

static int refuse(const char *option, const char *reason, CtrError *err)
{
        return ctr_error_set(
                err, CTR_ERROR_UNSUPPORTED, 0, "--%s is not supported: %s", option, reason);
}

static int check_options(const RuntimeCriu *o, CtrError *err)
{
        if (o->is_lazy)
                return refuse("lazy-pages", "all memory is in the images", err);
        if (o->has_status_fd)
                return refuse("status-fd",
                        "it belongs to --lazy-pages, and all memory is in the images", err);
        if (o->manage_cgroups_mode && strcmp(o->manage_cgroups_mode, "ignore") != 0)
                return refuse("manage-cgroups-mode",
                        "the container's cgroup is its unit's, and limits come from the "
                        "configuration: \"ignore\" is the only mode",
                        err);
        if (o->empty_namespaces && strcmp(o->empty_namespaces, "network") != 0)
                return refuse("empty-ns", "only \"network\" can be left empty", err);
        return 0;
}

static int add_flags(CriuCall *call, bool is_restore)
{
        const RuntimeCriu *o = call->options;
        const struct {
                bool is_asked, is_for_dump, is_for_restore;
                const char *option;
        } flags[] = {
                { o->is_tcp_established, true, true, "--tcp-established" },
                { o->skips_in_flight, true, false, "--skip-in-flight" },
                { o->is_tcp_close, false, true, "--tcp-close" },
                { o->has_link_remap, true, true, "--link-remap" },
                { o->has_external_unix_sockets, true, true, "--ext-unix-sk" },
                { o->is_shell_job, true, true, "--shell-job" },
                { o->has_file_locks, true, true, "--file-locks" },
                { o->is_deduplicated, true, true, "--auto-dedup" },
                { o->empty_namespaces, true, true, "--empty-ns" },
                { o->empty_namespaces, true, true, "net" },
                { o->lsm_profile, false, true, "--lsm-profile" },
                { o->lsm_profile, false, true, o->lsm_profile },
                { o->lsm_mount_context, false, true, "--lsm-mount-context" },
                { o->lsm_mount_context, false, true, o->lsm_mount_context },
        };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(flags) && r >= 0; i++)
                if (flags[i].is_asked &&
                        (is_restore ? flags[i].is_for_restore : flags[i].is_for_dump))
                        r = strv_add(&call->argv, flags[i].option);
        return r;
}

/* A configuration file of criu's own may name another log and another level. */
static int add_log(CriuCall *call, const Spec *spec, const char *name, CtrError *err)
{
        const char *config = spec_find_annotation(spec, CONFIG_ANNOTATION);
        int r;

        if (config && config[0] != '/')
                return ctr_error_field(err, "annotations[\"" CONFIG_ANNOTATION "\"]",
                        "\"%s\" is not an absolute path", config);
        if (config && *config) {
                r = criu_call_add(call, "--config");
                return r < 0 ? r : criu_call_add(call, "%s", config);
        }
        r = criu_call_add(call, "--no-default-config");
        if (r >= 0)
                r = criu_call_add(call, "-v4");
        if (r >= 0)
                r = criu_call_add(call, "--log-file");
        if (r >= 0)
                r = criu_call_add(call, "%s", name);
        if (r >= 0 && asprintf(&call->log, "%s/%s", call->work_path, name) < 0) {
                call->log = NULL;
                r = -ENOMEM;
        }
        return r;
}

static int check_directory(const char *path, const char *what, bool is_made, CtrError *err)
{
        struct stat st;

        if (is_made && mkdir(path, 0700) < 0 && errno != EEXIST)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, errno, "cannot make the %s %s", what, path);
        if (stat(path, &st) < 0)
                return ctr_error_set(err, CTR_ERROR_USAGE, errno, "%s %s", what, path);
        if (!S_ISDIR(st.st_mode))
                return ctr_error_set(
                        err, CTR_ERROR_USAGE, 0, "%s %s is not a directory", what, path);
        return 0;
}

static int find_directories(CriuCall *call, bool is_restore, CtrError *err)
{
        const RuntimeCriu *o = call->options;
        int r;

        call->image_path = path_make_absolute(o->image_path ? o->image_path : "checkpoint");
        call->work_path = o->work_path       ? path_make_absolute(o->work_path)
                          : call->image_path ? strdup(call->image_path)
                                             : NULL;
        if (!call->image_path || !call->work_path)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "directory of the images");
        r = check_directory(call->image_path, "directory of images", !is_restore, err);
        return r < 0 ? r : check_directory(call->work_path, "work directory", true, err);
}

static int begin_command(CriuCall *call, const Spec *spec, bool is_restore, CtrError *err)
{
        const char *verb = is_restore                   ? "restore"
                           : call->options->is_pre_dump ? "pre-dump"
                                                        : "dump";
        int r;

        r = criu_call_add(call, "%s", call->program);
        if (r >= 0)
                r = criu_call_add(call, "%s", verb);
        if (r >= 0)
                r = criu_call_add(call, "--images-dir");
        if (r >= 0)
                r = criu_call_add(call, "%s", call->image_path);
        if (r >= 0)
                r = criu_call_add(call, "--work-dir");
        if (r >= 0)
                r = criu_call_add(call, "%s", call->work_path);
        if (r >= 0)
                r = criu_call_add(call, "--manage-cgroups=ignore");
        if (r >= 0)
                r = add_log(call, spec, is_restore ? CRIU_RESTORE_LOG : CRIU_DUMP_LOG, err);
        return r < 0 ? r : add_flags(call, is_restore);
}

int criu_call_begin(
        const RuntimeCriu *options, const Spec *spec, bool is_restore, CriuCall *ret, CtrError *err)
{
        const char *name = options->program ? options->program : "criu";
        int r;

        *ret = (CriuCall){ .options = options };
        r = check_options(options, err);
        if (r < 0)
                return r;
        ret->program = find_program(name);
        if (!ret->program)
                r = ctr_error_set(err, CTR_ERROR_UNSUPPORTED, 0,
                        "%s is not there: checkpoints need criu(8) (apt install criu iproute2 iptables)",
                        name);
        if (r >= 0)
                r = find_directories(ret, is_restore, err);
        if (r >= 0) {
                r = begin_command(ret, spec, is_restore, err);
                if (r == -ENOMEM)
                        (void) ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "criu's options");
        }
        if (r < 0)
                criu_call_done(ret);
        return r;
}

/* ---- running it ---- */

static int spawn(const CriuCall *call, pid_t *ret)
{
        char *env[] = { (char *) "PATH=" CRIU_PATH, NULL };
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        sigset_t none, all;
        int r = posix_spawn_file_actions_init(&actions);

        if (r != 0)
                return r;
        r = posix_spawnattr_init(&attributes);
        if (r == 0) {
                (void) sigemptyset(&none);
                (void) sigfillset(&all);
                (void) posix_spawnattr_setsigmask(&attributes, &none);
                (void) posix_spawnattr_setsigdefault(&attributes, &all);
                (void) posix_spawnattr_setflags(
                        &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
                for (int fd = 0; fd <= STDERR_FILENO && r == 0; fd++)
                        r = posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
                if (r == 0)
                        r = posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
                if (r == 0)
                        r = posix_spawn(
                                ret, call->program, &actions, &attributes, call->argv.items, env);
                (void) posix_spawnattr_destroy(&attributes);
        }
        (void) posix_spawn_file_actions_destroy(&actions);
        return r;
}

int criu_call_run(const CriuCall *call, CtrError *err)
{
        _cleanup_free_ char *buf = malloc(CRIU_LOG_TAIL_MAX);
        pid_t pid;
        int r;

        if (!buf)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "criu");
        r = spawn(call, &pid);
        if (r != 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot start %s", call->program);
        r = helper_wait(pid);
        if (r == 0)
                return 0;
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "waiting for criu");
        if (r > 128)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, 0, "criu was ended by signal %d", r - 128);
        if (!call->log)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, 0,
                        "criu failed: its log is where its configuration says");
        return ctr_error_set(err, CTR_ERROR_SYSTEM, 0, "criu: %.400s (see %s)",
                criu_log_read_error(call->log, buf, CRIU_LOG_TAIL_MAX), call->log);
}

/* ---- descriptors ---- */

/* "pipe:[N]", "socket:[N]", "file[HEX:HEX]": what --inherit-fd is given is never anything else. */
static bool is_descriptor(const char *text)
{
        static const struct {
                const char *head, *body;
        } sorts[] = { { "pipe:[", "0123456789" }, { "socket:[", "0123456789" },
                { "file[", "0123456789abcdef:" } };

        for (size_t i = 0; i < ELEMENTSOF(sorts); i++) {
                size_t n = strlen(sorts[i].head), body;

                if (strncmp(text, sorts[i].head, n) != 0)
                        continue;
                body = strspn(text + n, sorts[i].body);
                return body > 0 && strcmp(text + n + body, "]") == 0;
        }
        return false;
}

int criu_write_descriptors(
        const char *image_path, char descriptors[3][CRIU_DESCRIPTOR_MAX], CtrError *err)
{
        _cleanup_close_ int fd = open(image_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        char text[3 * CRIU_DESCRIPTOR_MAX + 32];
        int n, r;

        n = snprintf(text, sizeof(text), "[\"%s\",\"%s\",\"%s\"]\n", descriptors[0], descriptors[1],
                descriptors[2]);
        r = fd < 0 ? -errno
                   : ctr_write_file_atomic(fd, CRIU_FILE_DESCRIPTORS, text, (size_t) n, 0600);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot write %s/%s", image_path,
                               CRIU_FILE_DESCRIPTORS)
                     : 0;
}

/* Without JSON's escapes, which no such name has. */
int criu_read_descriptors(const char *image_path, char ret[3][CRIU_DESCRIPTOR_MAX], CtrError *err)
{
        _cleanup_close_ int fd = open(image_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        _cleanup_free_ char *text = NULL;
        size_t size, i = 0;
        const char *p;
        int r;

        r = fd < 0 ? -errno : ctr_read_file(fd, CRIU_FILE_DESCRIPTORS, 4096, &text, &size, NULL);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_USAGE, r,
                        "%s/%s: are these the images of a container?", image_path,
                        CRIU_FILE_DESCRIPTORS);
        memset(ret, 0, 3 * CRIU_DESCRIPTOR_MAX);
        for (p = text; i < 3 && (p = strchr(p, '"')); i++) {
                size_t n = strcspn(++p, "\"");

                if (n < CRIU_DESCRIPTOR_MAX)
                        memcpy(ret[i], p, n);
                if (!is_descriptor(ret[i]))
                        ret[i][0] = '\0';
                p += n + (p[n] != '\0');
        }
        return 0;
}
