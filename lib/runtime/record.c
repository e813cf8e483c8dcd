/* Pid and exit records: see record.h. */
#include "runtime/record.h"

#include "base/io.h"
#include "plan/plan.h"
#include "plan/signal-name.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define RECORD_SIZE_MAX 512

/* The next blank-separated word of *text into buf: false when there is none or it is too long. */
static bool next_word(const char **text, char *buf, size_t size)
{
        size_t n;

        *text += strspn(*text, " ");
        n = strcspn(*text, " \n");
        if (n == 0 || n >= size)
                return false;
        memcpy(buf, *text, n);
        buf[n] = '\0';
        *text += n;
        return true;
}

static bool is_at_end(const char *text)
{
        return text[strspn(text, " \n")] == '\0';
}

static bool next_invocation_id(const char **text, char id[static INVOCATION_ID_LENGTH + 1])
{
        /* Started by hand, without PID 1, there is none: "-" stands for it. */
        if (!next_word(text, id, INVOCATION_ID_LENGTH + 1))
                return is_at_end(*text);
        if (strcmp(id, "-") == 0) {
                id[0] = '\0';
                return true;
        }
        return strlen(id) == INVOCATION_ID_LENGTH &&
               strspn(id, "0123456789abcdef") == INVOCATION_ID_LENGTH;
}

int pid_record_parse(const char *text, PidRecord *ret)
{
        PidRecord record = { 0 };
        uint64_t pid;
        char word[24];

        if (!next_word(&text, word, sizeof(word)) || ctr_parse_u64(word, INT32_MAX, &pid) < 0 ||
                pid == 0)
                return -EBADMSG;
        if (!next_word(&text, word, sizeof(word)) ||
                ctr_parse_u64(word, UINT64_MAX, &record.starttime) < 0)
                return -EBADMSG;
        if (!next_invocation_id(&text, record.invocation_id) || !is_at_end(text))
                return -EBADMSG;
        record.pid = (pid_t) pid;
        *ret = record;
        return 0;
}

/* $EXIT_STATUS is a number, or for a signal its name without SIG. */
static int parse_status(ExitRecord *record)
{
        uint64_t number;
        int signal_number;

        if (strcmp(record->code, "killed") == 0 || strcmp(record->code, "dumped") == 0) {
                signal_number = signal_from_name(record->status_text);
                if (signal_number < 0)
                        return -EBADMSG;
                record->status = 128 + signal_number;
                return 0;
        }
        if (strcmp(record->status_text, "-") == 0)
                return 0;
        if (ctr_parse_u64(record->status_text, 255, &number) < 0)
                return -EBADMSG;
        record->status = (int) number;
        return 0;
}

int exit_record_parse(const char *text, ExitRecord *ret)
{
        ExitRecord record = { 0 };

        if (!next_word(&text, record.result, sizeof(record.result)) ||
                !next_word(&text, record.code, sizeof(record.code)) ||
                !next_word(&text, record.status_text, sizeof(record.status_text)) ||
                !next_invocation_id(&text, record.invocation_id) || !is_at_end(text) ||
                parse_status(&record) < 0)
                return -EBADMSG;
        *ret = record;
        return 0;
}

/* The file's text: 1, 0 when it does not exist. */
static int read_record(int dir_fd, const char *name, char *buf, size_t size, CtrError *err)
{
        _cleanup_close_ int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        ssize_t n;

        if (fd < 0 && errno == ENOENT)
                return 0;
        if (fd < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, errno, "cannot open state file %s", name);
        n = read(fd, buf, size - 1);
        if (n < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, errno, "cannot read state file %s", name);
        buf[n] = '\0';
        return 1;
}

int pid_record_read(int dir_fd, PidRecord *ret, CtrError *err)
{
        return pid_record_read_at(dir_fd, STATE_FILE_PID, ret, err);
}

int pid_record_read_at(int dir_fd, const char *path, PidRecord *ret, CtrError *err)
{
        char buf[RECORD_SIZE_MAX];
        int r = read_record(dir_fd, path, buf, sizeof(buf), err);

        if (r > 0 && pid_record_parse(buf, ret) < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, EBADMSG, "state file %s", STATE_FILE_PID);
        return r;
}

int exit_record_read(int dir_fd, ExitRecord *ret, CtrError *err)
{
        char buf[RECORD_SIZE_MAX];
        int r = read_record(dir_fd, STATE_FILE_EXIT, buf, sizeof(buf), err);

        if (r > 0 && exit_record_parse(buf, ret) < 0)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, EBADMSG, "state file %s", STATE_FILE_EXIT);
        return r;
}

bool error_record_read(int dir_fd, char *buf, size_t size)
{
        if (read_record(dir_fd, STATE_FILE_ERROR, buf, size, NULL) <= 0)
                return false;
        buf[strcspn(buf, "\n")] = '\0';
        return buf[0] != '\0';
}
