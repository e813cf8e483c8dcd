/* A payload that was killed for memory: see oom.h. systemd says that the kernel killed something of
 * the unit; this says how much it had and by whose limit. */
#include "helper/oom.h"

#include "base/io.h"
#include "base/name.h"
#include "helper/cgroup.h"
#include "helper/report.h"
#include "plan/state-files.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Number after a key of memory.events; 0: there is none. */
static uint64_t read_event(int cgroup_fd, const char *key)
{
        _cleanup_close_ int fd = openat(cgroup_fd, "memory.events", O_RDONLY | O_CLOEXEC);
        char text[512];
        size_t size = strlen(key);
        ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

        text[n > 0 ? n : 0] = '\0';
        for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n')
                if (strncmp(p, key, size) == 0 && p[size] == ' ')
                        return strtoull(p + size + 1, NULL, 10);
        return 0;
}

/* Whether there are more than at the last end, which this one becomes; all are in a new cgroup. */
static bool has_grown(int state_fd, int cgroup_fd, uint64_t kills)
{
        _cleanup_close_ int fd =
                openat(state_fd, STATE_FILE_OOM, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        char text[64] = "", *end;
        uint64_t before, inode;
        struct stat st;
        ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

        if (fstat(cgroup_fd, &st) < 0)
                return false;
        text[n > 0 ? n : 0] = '\0';
        before = strtoull(text, &end, 10);
        inode = strtoull(end, NULL, 10);
        n = snprintf(text, sizeof(text), "%llu %llu\n", (unsigned long long) kills,
                (unsigned long long) st.st_ino);
        (void) ctr_write_file_atomic(state_fd, STATE_FILE_OOM, text, (size_t) n, 0600);
        return inode != st.st_ino || kills > before;
}

static bool was_killed(void)
{
        const char *code = getenv("EXIT_CODE"), *status = getenv("EXIT_STATUS");

        /* The init of RunInit= tells of its child in its own exit status. */
        return code && status &&
               ((strcmp(code, "killed") == 0 && strcmp(status, "KILL") == 0) ||
                       (strcmp(code, "exited") == 0 && strcmp(status, "137") == 0));
}

void oom_report(int state_fd, const char *id)
{
        _cleanup_close_ int fd = cgroup_open_unit();
        Context ctx = context_empty();
        char limit[24] = "max", peak[24];
        uint64_t kills = fd < 0 ? 0 : read_event(fd, "oom_kill");

        if (kills == 0 || !has_grown(state_fd, fd, kills) || !was_killed())
                return;
        ctx.kind = PROGRAM_SERVICE;
        ctx.id = id && ctr_id_is_valid(id) ? id : NULL;
        (void) cgroup_read(fd, "memory.max", limit, sizeof(limit));
        if (cgroup_read(fd, "memory.peak", peak, sizeof(peak)) < 0)
                (void) snprintf(peak, sizeof(peak), "unknown");
        if (read_event(fd, "oom") > 0 && strcmp(limit, "max") != 0)
                report_warning(&ctx,
                        "out of memory: the kernel killed a process of it at its limit of %s bytes "
                        "(MemoryMax=; peak: %s)",
                        limit, peak);
        else
                report_warning(&ctx,
                        "out of memory: the kernel killed a process of it, at the limit of its slice "
                        "or for want of memory in the host (MemoryMax=%s; peak: %s)",
                        limit, peak);
}
