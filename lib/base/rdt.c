/* What a container has in resctrl: see rdt.h. */
#include "base/rdt.h"

#include "base/io.h"

#include <fcntl.h>
#include <string.h>

/* A class of service and its monitoring group, a path a line. */
#define RECORD_FILE "rdt"
#define RECORD_MAX  2048

int rdt_record(int state_fd, const char *path)
{
        _cleanup_close_ int fd = openat(state_fd, RECORD_FILE,
                O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
        int r = fd < 0 ? -errno : ctr_write_all(fd, path, strlen(path));

        return r < 0 ? r : ctr_write_all(fd, "\n", 1);
}

void rdt_release(int state_fd)
{
        _cleanup_close_ int fd = openat(state_fd, RECORD_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        char text[RECORD_MAX], *line;
        ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

        if (n < 0)
                return;
        text[n] = '\0';
        while (n > 0 && text[n - 1] == '\n') {
                text[--n] = '\0';
                line = strrchr(text, '\n');
                line = line ? line + 1 : text;
                if (line[0] == '/')
                        (void) rmdir(line);
                n = line - text;
                text[n] = '\0';
        }
        (void) unlinkat(state_fd, RECORD_FILE, 0);
}
