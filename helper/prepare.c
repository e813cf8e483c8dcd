/* ExecStartPre= of generated units: the program of a unit that was made from a file is compiled
 * when it is started first, by ctrctl, which could not run within a payload's limits (pids.max of
 * 1, 4 MiB). */
#include "helper/prepare.h"

#include "helper/unit-limits.h"
#include "helper/load.h"
#include "plan/state-files.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* mkdir -p of the state directory, all of it for root only. */
static int open_state(const char *path, CtrError *err)
{
        char part[4096];
        size_t size = strlen(path);
        int fd;

        if (path[0] != '/' || size >= sizeof(part))
                return ctr_error_set(err, CTR_ERROR_USAGE, EINVAL, "%s", path);
        for (size_t i = 1; i <= size; i++) {
                if (path[i] != '/' && path[i] != '\0')
                        continue;
                memcpy(part, path, i);
                part[i] = '\0';
                if (mkdir(part, 0700) < 0 && errno != EEXIST)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot make %s", part);
        }
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot open %s", path);
        return fd;
}

/* Is there a sound program that was made from this config? */
static bool is_compiled(int state_fd, const char *id, const char *digest)
{
        _cleanup_close_ int fd = openat(
                state_fd, STATE_FILE_PROGRAM, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        Program program;

        if (fd < 0 || load_program(fd, &program, NULL) < 0)
                return false;
        return strlen(digest) == sizeof(program.header->digest) &&
               memcmp(digest, program.header->digest, sizeof(program.header->digest)) == 0 &&
               strcmp(program_string(&program, program.header->id), id) == 0;
}

/* Did the last run fail? Then this is Restart= at work, and the container comes back as it was,
 * also when somebody is just editing its config. After a run that ended as it should, somebody
 * wants a start, and a changed config must be said. */
static bool is_restarted(int state_fd)
{
        static const char success[] = "success ";
        _cleanup_close_ int fd =
                openat(state_fd, STATE_FILE_EXIT, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        char result[sizeof(success) - 1];

        return fd >= 0 && read(fd, result, sizeof(result)) == (ssize_t) sizeof(result) &&
               memcmp(result, success, sizeof(result)) != 0;
}

/* EnvironmentHost= of such a file asks for the variables that systemd gives to services. */
static bool is_container_file(const char *config)
{
        static const char suffix[] = ".container";
        size_t n = strlen(config), m = sizeof(suffix) - 1;

        return n > m && strcmp(config + n - m, suffix) == 0;
}

int prepare_program(const char *state_dir, const char *id, const char *digest, const char *config,
        CtrError *err)
{
        const char *argv[] = { CTR_CTRCTL_PATH, "compile", "--state", state_dir, "--config", config,
                id, digest, NULL };
        const char *env[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                NULL };
        const char *invocation_id = getenv("INVOCATION_ID");
        _cleanup_close_ int state_fd = open_state(state_dir, err);
        SavedLimits limits = { 0 };
        int r;

        if (state_fd < 0)
                return state_fd;
        if (is_restarted(state_fd) && is_compiled(state_fd, id, digest))
                return 0;
        /* When the compiler refuses, Restart= must not take the old one. */
        (void) unlinkat(state_fd, STATE_FILE_PROGRAM, 0);
        r = limits_raise(&limits, err);
        if (r >= 0)
                r = limits_save(&limits, state_fd, invocation_id ? invocation_id : "-", err);
        if (r < 0)
                return r;
        (void) execve(argv[0], (char *const *) (uintptr_t) argv,
                is_container_file(config) ? environ : (char *const *) (uintptr_t) env);
        return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot run %s", argv[0]);
}
