/* The record of a live container: see live-record.h. */
#include "runtime/live-record.h"

#include "base/io.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define PIDFS_MAGIC 0x50494446 /* linux/magic.h of 6.9 */

/* Words before the bundle, which may contain anything. */
enum {
        WORD_VERSION, /* that of state.json */
        WORD_PID,
        WORD_KIND,
        WORD_IDENTITY,
        WORD_CREATED,
        WORD_OWNER,
        WORD_GATE,
        WORD_UNIT,
        WORD_SLICE,
        WORDS
};

int live_record_print(const LiveRecord *record, char text[static LIVE_RECORD_MAX])
{
        int n = snprintf(text, LIVE_RECORD_MAX, "%d %d %s %" PRIu64 " %" PRIu64 " %u %d %s %s %s",
                STATE_VERSION, (int) record->pid, record->is_inode ? "inode" : "start",
                record->identity, record->created_usec, (unsigned) record->owner, record->has_gate,
                record->unit, record->slice, record->bundle);

        return n >= LIVE_RECORD_MAX ? -ENAMETOOLONG : 0;
}

bool live_record_parse(LiveRecord *record)
{
        char *words[WORDS], *p = record->text;
        uint64_t version, pid, owner, gate;

        for (size_t i = 0; i < WORDS; i++) {
                words[i] = p;
                p = strchr(p, ' ');
                if (!p || p == words[i])
                        return false;
                *p++ = '\0';
        }
        if (ctr_parse_u64(words[WORD_VERSION], STATE_VERSION, &version) < 0 || version == 0 ||
                ctr_parse_u64(words[WORD_PID], INT32_MAX, &pid) < 0 || pid == 0 ||
                ctr_parse_u64(words[WORD_IDENTITY], UINT64_MAX, &record->identity) < 0 ||
                ctr_parse_u64(words[WORD_CREATED], UINT64_MAX, &record->created_usec) < 0 ||
                ctr_parse_u64(words[WORD_OWNER], UINT32_MAX, &owner) < 0 ||
                ctr_parse_u64(words[WORD_GATE], 1, &gate) < 0)
                return false;
        record->is_inode = strcmp(words[WORD_KIND], "inode") == 0;
        if (!record->is_inode && strcmp(words[WORD_KIND], "start") != 0)
                return false;
        record->pid = (pid_t) pid;
        record->owner = (uid_t) owner;
        record->has_gate = gate;
        record->unit = words[WORD_UNIT];
        record->slice = words[WORD_SLICE];
        record->bundle = p;
        return true;
}

/* The inode numbers are unique where they are not cut to 32 bits. */
static bool has_own_inode(int pidfd)
{
        struct statfs fs;

        return sizeof(ino_t) == sizeof(void *) && fstatfs(pidfd, &fs) >= 0 &&
               (uint64_t) fs.f_type == PIDFS_MAGIC;
}

static int identify(pid_t pid, int pidfd, LiveRecord *record)
{
        struct stat st;

        record->pid = pid;
        record->is_inode = pidfd >= 0 && has_own_inode(pidfd) && fstat(pidfd, &st) >= 0;
        if (!record->is_inode)
                return ctr_process_starttime(pid, &record->identity);
        record->identity = st.st_ino;
        return 0;
}

void live_record_write(int dir_fd, const ContainerState *state, pid_t pid, int pidfd)
{
        LiveRecord record = { .has_gate = state->origin == PLAN_TRANSIENT_CREATE,
                .created_usec = state->created_usec,
                .owner = geteuid(),
                .unit = state->unit,
                .slice = state->slice,
                .bundle = state->bundle };

        if (!*record.unit || !*record.slice || identify(pid, pidfd, &record) < 0 ||
                live_record_print(&record, record.text) < 0 ||
                symlinkat(record.text, dir_fd, STATE_FILE_LIVE) < 0)
                return;
}

bool live_record_read_at(int dir_fd, const char *path, LiveRecord *ret)
{
        ssize_t n = readlinkat(dir_fd, path, ret->text, sizeof(ret->text));

        if (n <= 0 || n == sizeof(ret->text))
                return false;
        ret->text[n] = '\0';
        return live_record_parse(ret);
}

bool live_record_is_alive(const LiveRecord *record)
{
        _cleanup_close_ int pidfd = -EBADF;
        uint64_t starttime;
        struct stat st;

        if (!record->is_inode)
                return ctr_process_starttime(record->pid, &starttime) >= 0 &&
                       starttime == record->identity;
        pidfd = pidfd_open(record->pid, 0);
        /* One that ended and was not waited for yet is readable. */
        return pidfd >= 0 && fstat(pidfd, &st) >= 0 && st.st_ino == record->identity &&
               poll(&(struct pollfd){ .fd = pidfd, .events = POLLIN }, 1, 0) == 0;
}
