/* checkpoint and restore: runc's options, as tables. */
#include "ctl/report.h"
#include "ctl/verb.h"

static RuntimeCriu criu;
static RuntimeCreate create;
static const char *status_fd;

/* In both verbs, by the same names. */
#define CRIU_OPTIONS                                                                               \
        { "image-path", 0, "DIR", "the images (default: checkpoint)", OPTION_STRING,               \
                &criu.image_path },                                                                \
                { "work-path", 0, "DIR", "logs and statistics (default: with the images)",         \
                        OPTION_STRING, &criu.work_path },                                          \
                { "tcp-established", 0, NULL, "allow open TCP connections", OPTION_FLAG,           \
                        &criu.is_tcp_established },                                                \
                { "ext-unix-sk", 0, NULL, "allow Unix sockets to the outside", OPTION_FLAG,        \
                        &criu.has_external_unix_sockets },                                         \
                { "shell-job", 0, NULL, "allow a session of the outside", OPTION_FLAG,             \
                        &criu.is_shell_job },                                                      \
                { "file-locks", 0, NULL, "allow file locks", OPTION_FLAG, &criu.has_file_locks },  \
                { "link-remap", 0, NULL, "allow open files without a name", OPTION_FLAG,           \
                        &criu.has_link_remap },                                                    \
                { "auto-dedup", 0, NULL, "free what newer images have", OPTION_FLAG,               \
                        &criu.is_deduplicated },                                                   \
                { "manage-cgroups-mode", 0, "MODE", "ignore: the cgroup is the unit's",            \
                        OPTION_STRING, &criu.manage_cgroups_mode },                                \
                { "empty-ns", 0, "network", "leave the network namespace empty", OPTION_STRING,    \
                        &criu.empty_namespaces },                                                  \
        {                                                                                          \
                "lazy-pages", 0, NULL, NULL, OPTION_FLAG, &criu.is_lazy                            \
        }

static const Option checkpoint_options[] = {
        CRIU_OPTIONS,
        { "parent-path", 0, "DIR", "images of a pre-dump, from the images' own place",
                OPTION_STRING, &criu.parent_path },
        { "leave-running", 0, NULL, "the container goes on", OPTION_FLAG, &criu.is_left_running },
        { "pre-dump", 0, NULL, "only the memory, and the container goes on", OPTION_FLAG,
                &criu.is_pre_dump },
        { "tcp-skip-in-flight", 0, NULL, "leave out connections that are not open yet", OPTION_FLAG,
                &criu.skips_in_flight },
        { "page-server", 0, "ADDRESS:PORT", "send the memory to criu page-server", OPTION_STRING,
                &criu.page_server },
        { "status-fd", 0, "N", NULL, OPTION_STRING, &status_fd },
};

static const Option restore_options[] = {
        CRIU_OPTIONS,
        { "bundle", 'b', "DIR", "directory with config.json (default: here)", OPTION_STRING,
                &create.bundle },
        { "config", 'f', "FILE", "another name for config.json", OPTION_STRING, &create.config },
        { "detach", 'd', NULL, "return once the payload runs", OPTION_FLAG, &create.is_detached },
        { "keep", 0, NULL, "leave state and unit after the end", OPTION_FLAG, &create.is_kept },
        { "pid-file", 0, "FILE", "write the payload's pid there", OPTION_STRING, &create.pid_file },
        { "console-socket", 0, "SOCKET", NULL, OPTION_STRING, &create.console_socket },
        { "no-pivot", 0, NULL, "accepted: criu changes the root", OPTION_FLAG, NULL },
        { "no-subreaper", 0, NULL, "accepted: PID 1 reaps", OPTION_FLAG, NULL },
        { "tcp-close", 0, NULL, "close TCP connections that were open", OPTION_FLAG,
                &criu.is_tcp_close },
        { "lsm-profile", 0, "TYPE:NAME", "another profile than in the images", OPTION_STRING,
                &criu.lsm_profile },
        { "lsm-mount-context", 0, "CONTEXT", "another mount context than in the images",
                OPTION_STRING, &criu.lsm_mount_context },
};

static int run_checkpoint(const Call *call, CtrError *err)
{
        criu.program = call->criu;
        criu.has_status_fd = status_fd != NULL;
        return runtime_checkpoint(call->runtime, call->arguments[0], &criu, err);
}

static int run_restore(const Call *call, CtrError *err)
{
        SpecStrv warnings = { 0 };
        int r, status = 0;

        criu.program = call->criu;
        create.id = call->arguments[0];
        create.ret_warnings = &warnings;
        r = runtime_restore(call->runtime, &create, &criu, &status, err);
        for (size_t i = 0; i < warnings.n; i++)
                report_warning(warnings.items[i]);
        runtime_strv_done(&warnings);
        return r < 0 ? r : status;
}

const Verb verb_checkpoint = {
        .name = "checkpoint",
        .arguments = "ID",
        .help = "write a running container into images, and end it",
        .n_arguments_min = 1,
        .n_arguments_max = 1,
        .options = checkpoint_options,
        .n_options = ELEMENTSOF(checkpoint_options),
        .run = run_checkpoint,
};

const Verb verb_restore = {
        .name = "restore",
        .arguments = "ID",
        .help = "run a container from images of a checkpoint",
        .n_arguments_min = 1,
        .n_arguments_max = 1,
        .options = restore_options,
        .n_options = ELEMENTSOF(restore_options),
        .run = run_restore,
};
