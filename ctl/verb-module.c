/* mod-create, mod-run and import: containers of a few words, as the container module of 0-OS makes
 * them and as the methods CreateContainerSimple, RunContainer and CreateContainerFromTar do. The
 * options become the same words. */
#include "ctl/verb.h"

#include "base/io.h"
#include "base/json-merge.h"
#include "runtime/module.h"
#include "runtime/path.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>

#define CONFIG_SIZE_MAX (16U * 1024 * 1024)

static const char *rootfs, *name, *profile, *user, *cwd, *hostname, *config_file;
static StringList volumes, env, publish;
static bool creates_volumes, is_plain;

/* What all three share. */
#define WORD_OPTIONS                                                                               \
        { "name", 0, "ID", "id of the container (default: one of its own)", OPTION_STRING,         \
                &name },                                                                           \
                { "volume", 'v', "DIR=PATH", "show a directory of the host inside",                \
                        OPTION_STRINGS, &volumes },                                                \
                { "create-volumes", 0, NULL, "make directories of volumes that do not exist",      \
                        OPTION_FLAG, &creates_volumes },                                           \
                { "env", 'e', "NAME=VALUE", "a variable of the environment", OPTION_STRINGS,       \
                        &env },                                                                    \
                { "profile", 0, "NAME", "of /etc/ctrunit/profiles (default: default, if there)",   \
                        OPTION_STRING, &profile },                                                 \
                { "user", 'u', "USER[:GROUP]", "names of the image, or numbers", OPTION_STRING,    \
                        &user },                                                                   \
                { "cwd", 0, "DIR", "working directory inside", OPTION_STRING, &cwd },              \
                { "publish", 'p', "[IP:]HOST:PORT[/udp]", "lead a port of the host to its own",    \
                        OPTION_STRINGS, &publish },                                                \
        {                                                                                          \
                "hostname", 0, "NAME", "host name (default: the id)", OPTION_STRING, &hostname     \
        }

static const Option module_options[] = {
        { "rootfs", 0, "PATH", "directory, squashfs or ext4 that is its root file system",
                OPTION_STRING, &rootfs },
        WORD_OPTIONS,
};

static const Option import_options[] = {
        { "config", 'f', "FILE", "config.json for an archive that is the root file system",
                OPTION_STRING, &config_file },
        { "plain", 0, NULL, "the archive is the root file system itself", OPTION_FLAG, &is_plain },
        WORD_OPTIONS,
};

/* ---- options as words ---- */

static void write_word(FILE *f, const char *key, const char *value)
{
        if (!value)
                return;
        json_write_string(f, key);
        (void) fputc(':', f);
        json_write_string(f, value);
        (void) fputc(',', f);
}

static void write_list(FILE *f, const char *key, const char *const *items, size_t n)
{
        if (n == 0)
                return;
        json_write_string(f, key);
        for (size_t i = 0; i < n; i++) {
                (void) fputs(i == 0 ? ":[" : ",", f);
                json_write_string(f, items[i]);
        }
        (void) fputs("],", f);
}

/* "A=B" of each as a member; of volumes A is a path of ours. */
static int write_pairs(
        FILE *f, const char *option, const char *key, const StringList *list, CtrError *err)
{
        bool is_path = list == &volumes;

        json_write_string(f, key);
        (void) fputs(":{", f);
        for (size_t i = 0; i < list->n; i++) {
                const char *text = list->items[i], *value = strchr(text, '=');
                _cleanup_free_ char *first = value ? strndup(text, (size_t) (value - text)) : NULL;
                _cleanup_free_ char *path = first && is_path ? path_make_absolute(first) : NULL;

                if (!value || value == text || (is_path && value[1] != '/'))
                        return ctr_error_set(err, CTR_ERROR_USAGE, 0, "--%s \"%s\" is not %s",
                                option, text,
                                is_path ? "DIR=PATH with an absolute path inside" : "NAME=VALUE");
                if (!first || (is_path && !path))
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "--%s", option);
                (void) fputs(i > 0 ? "," : "", f);
                json_write_string(f, path ? path : first);
                (void) fputc(':', f);
                json_write_string(f, value + 1);
        }
        (void) fputs("},", f);
        return 0;
}

static int write_words(FILE *f, char **arguments, int n, CtrError *err)
{
        _cleanup_free_ char *root = rootfs ? path_make_absolute(rootfs) : NULL;
        int r;

        if (rootfs && !root)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "--rootfs");
        (void) fputc('{', f);
        write_word(f, "ID", name);
        write_word(f, "RootFS", root);
        write_word(f, "Profile", profile);
        write_word(f, "User", user);
        write_word(f, "WorkingDir", cwd);
        write_word(f, "Hostname", hostname);
        r = write_pairs(f, "volume", "Volume", &volumes, err);
        if (r >= 0)
                r = write_pairs(f, "env", "Env", &env, err);
        write_list(f, "Cmd", (const char *const *) arguments, (size_t) n);
        write_list(f, "Publish", (const char *const *) publish.items, publish.n);
        (void) fprintf(f, "\"CreateVolumes\":%s}", creates_volumes ? "true" : "false");
        return r;
}

/* The text must live as long as the document. */
static int make_words(char **arguments, int n, char **ret_text, JsonDocument **ret, CtrError *err)
{
        size_t size = 0;
        FILE *f = open_memstream(ret_text, &size);
        int r;

        if (!f)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading the options");
        r = write_words(f, arguments, n, err);
        if (fclose(f) != 0 && r >= 0)
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading the options");
        return r < 0 ? r : json_document_parse(*ret_text, size, ret, err);
}

static int print_id(int r, const char *id)
{
        if (r >= 0)
                (void) printf("%s\n", id);
        return r < 0 ? r : 0;
}

/* ---- the verbs ---- */

static int run_module(const Call *call,
        int (*make)(const Runtime *rt, const JsonValue *words, char *id, CtrError *err),
        CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        _cleanup_free_ char *text = NULL;
        char id[CTR_ID_MAX + 1];
        int r;

        if (!rootfs)
                return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "--rootfs DIR is missing: the directory that is the container's root file "
                        "system");
        r = make_words(call->arguments, call->n_arguments, &text, &doc, err);
        if (r >= 0)
                r = make(call->runtime, json_document_root(doc), id, err);
        return print_id(r, id);
}

static int run_create(const Call *call, CtrError *err)
{
        return run_module(call, runtime_module_create, err);
}

static int run_run(const Call *call, CtrError *err)
{
        return run_module(call, runtime_module_run, err);
}

/* Ctrl-C must not leave half a root file system. */
static int catch_signals(void)
{
        sigset_t set;

        (void) sigemptyset(&set);
        (void) sigaddset(&set, SIGINT);
        (void) sigaddset(&set, SIGTERM);
        (void) sigaddset(&set, SIGHUP);
        (void) sigprocmask(SIG_BLOCK, &set, NULL);
        return signalfd(-1, &set, SFD_CLOEXEC);
}

static int open_archive(const char *path, CtrError *err)
{
        int fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                        : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

        return fd < 0 ? ctr_error_set(err, CTR_ERROR_USAGE, errno, "cannot open archive %s", path)
                      : fd;
}

/* With a configuration only its id can be said besides. */
static int check_config_options(const Call *call, CtrError *err)
{
        if (config_file &&
                (is_plain || volumes.n > 0 || env.n > 0 || profile || user || cwd || hostname ||
                        creates_volumes || publish.n > 0 || call->n_arguments > 1))
                return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "--config FILE says everything: of the other options only --name can go "
                        "with it");
        return 0;
}

static int run_import(const Call *call, CtrError *err)
{
        _cleanup_close_ int archive_fd = -EBADF, signal_fd = -EBADF;
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        _cleanup_free_ char *text = NULL, *config = NULL;
        RuntimeImport import = { .is_plain = is_plain };
        char id[CTR_ID_MAX + 1];
        size_t size;
        int r;

        r = check_config_options(call, err);
        if (r >= 0 && config_file)
                r = ctr_read_file(AT_FDCWD, config_file, CONFIG_SIZE_MAX, &config, &size, err);
        if (r >= 0)
                r = make_words(call->arguments + 1, call->n_arguments - 1, &text, &doc, err);
        if (r >= 0)
                r = archive_fd = open_archive(call->arguments[0], err);
        if (r < 0)
                return r;
        signal_fd = catch_signals();
        import.archive_fd = archive_fd;
        import.abort_fd = signal_fd;
        import.config = config;
        import.words = json_document_root(doc);
        return print_id(runtime_import(call->runtime, &import, id, err), id);
}

static int run_unpack(const Call *call, CtrError *err)
{
        bool plain = call->n_arguments > 1 && strcmp(call->arguments[1], "plain") == 0;

        return runtime_unpack_unit(call->arguments[0], plain, err);
}

const Verb verb_mod_create = {
        .name = "mod-create",
        .arguments = "[COMMAND [ARGUMENT...]]",
        .help = "make a container of a root file system and a few words; prints its id",
        .n_arguments_min = 0,
        .n_arguments_max = -1,
        .is_options_first = true,
        .options = module_options,
        .n_options = ELEMENTSOF(module_options),
        .run = run_create,
};

const Verb verb_mod_run = {
        .name = "mod-run",
        .arguments = "[COMMAND [ARGUMENT...]]",
        .help = "the same, and start it",
        .n_arguments_min = 0,
        .n_arguments_max = -1,
        .is_options_first = true,
        .options = module_options,
        .n_options = ELEMENTSOF(module_options),
        .run = run_run,
};

const Verb verb_import = {
        .name = "import",
        .arguments = "FILE [COMMAND [ARGUMENT...]]",
        .help = "make a container of a tar archive; prints its id",
        .n_arguments_min = 1,
        .n_arguments_max = -1,
        .is_options_first = true,
        .options = import_options,
        .n_options = ELEMENTSOF(import_options),
        .run = run_import,
};

const Verb verb_unpack = {
        .name = "unpack",
        .arguments = "ID [plain]",
        .n_arguments_min = 1,
        .n_arguments_max = 2,
        .run = run_unpack,
};
