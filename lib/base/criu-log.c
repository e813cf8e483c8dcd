/* criu's log: see criu-log.h. A line is "(TIME) PID: Error (FILE:LINE): SUBJECT: TEXT". The last
 * error in it is nearly always "Dumping FAILED."; the one that says why is above, and between them
 * are programs that criu runs to put things in order again. */
#include "base/criu-log.h"

#include <fcntl.h>
#include <string.h>

/* Files of criu whose errors follow from one of another file. */
static bool is_consequence(const char *error)
{
        static const char *const files[] = { "Error (criu/cr-restore.c:", "Error (criu/cr-dump.c:",
                "Error (criu/util.c:", "Error (criu/action-scripts.c:" };

        for (size_t i = 0; i < ELEMENTSOF(files); i++)
                if (strncmp(error, files[i], strlen(files[i])) == 0)
                        return true;
        return false;
}

const char *criu_log_find_error(char *log)
{
        const char *found = NULL;
        bool is_cause = false;

        for (char *next = log, *line; (line = next) && *line;) {
                const char *error, *text;

                next = strchr(line, '\n');
                if (next)
                        *next++ = '\0';
                error = strstr(line, "Error (");
                if (!error || (is_cause && is_consequence(error)))
                        continue;
                is_cause = !is_consequence(error);
                text = strstr(error, "): ");
                found = text ? text + strlen("): ") : error;
        }
        return found;
}

const char *criu_log_read_error(const char *path, char *buf, size_t size)
{
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        off_t end = fd < 0 ? 0 : lseek(fd, 0, SEEK_END), room = (off_t) size - 1;
        const char *text = NULL;
        ssize_t n = 0;

        if (end > 0)
                n = pread(fd, buf, (size_t) room, end > room ? end - room : 0);
        if (n > 0) {
                buf[n] = '\0';
                text = criu_log_find_error(buf);
        }
        return text ? text : "it gave no reason";
}
