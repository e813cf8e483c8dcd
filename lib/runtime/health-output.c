/* What health checks write: an anonymous file is their standard output and error while they run,
 * and its end stays in the state directory until the next one. Like the record it belongs to one
 * run of the container. */
#include "runtime/health.h"

#include "base/io.h"
#include "base/utf8.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum { KEPT_MAX = 4096, FILE_MAX = KEPT_MAX + 64, SHOWN_MAX = 64 * 1024 };

int health_output_open(CtrError *err)
{
        int fd = memfd_create("health-output", MFD_CLOEXEC);

        /* Several processes may write to it: each at its end. */
        if (fd < 0 || fcntl(fd, F_SETFL, O_APPEND) < 0) {
                (void) ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "memfd_create");
                closep(&fd);
                return -EIO;
        }
        return fd;
}

/* The beginning of it. The file is the container's, which may make it as large as files can be, at
 * no cost, and go on writing while it is read. */
static void copy_to_stdout(int fd, off_t size)
{
        char buf[8192];
        off_t offset = 0;
        ssize_t n = 1;

        while (offset < SHOWN_MAX && (n = pread(fd, buf, sizeof(buf), offset)) > 0) {
                if (ctr_write_all(STDOUT_FILENO, buf, (size_t) n) < 0)
                        return;
                offset += n;
        }
        if (n > 0 && size > offset)
                (void) printf("\n(the check has written %lld bytes)\n", (long long) size);
}

int health_output_keep(int dir_fd, const char *invocation_id, int fd, CtrError *err)
{
        char text[FILE_MAX];
        off_t size = lseek(fd, 0, SEEK_END);
        ssize_t n;
        int head, r;

        (void) fflush(stdout);
        copy_to_stdout(fd, size);
        head = snprintf(text, FILE_MAX - KEPT_MAX, "%s\n", invocation_id);
        n = pread(fd, text + head, KEPT_MAX, size > KEPT_MAX ? size - KEPT_MAX : 0);
        if (size < 0 || n < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "output of the check");
        r = ctr_write_file_atomic(
                dir_fd, STATE_FILE_HEALTH_OUTPUT, text, (size_t) head + (size_t) n, 0600);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot write %s",
                               STATE_FILE_HEALTH_OUTPUT)
                     : 0;
}

/* Whatever it wrote, and wherever it was cut off: UTF-8 without NUL. */
static void make_text(char *s, size_t size)
{
        for (size_t i = 0; i < size;) {
                size_t n = utf8_length(s + i, size - i);

                if (n == 0 || s[i] == '\0')
                        s[i] = '?';
                i += n == 0 ? 1 : n;
        }
}

char *health_output_read(int dir_fd, const char *invocation_id)
{
        _cleanup_free_ char *text = NULL;
        size_t size, length = strlen(invocation_id);

        if (ctr_read_file(dir_fd, STATE_FILE_HEALTH_OUTPUT, FILE_MAX, &text, &size, NULL) < 0 ||
                size <= length || strncmp(text, invocation_id, length) != 0 || text[length] != '\n')
                return strdup("");
        make_text(text + length + 1, size - length - 1);
        return strdup(text + length + 1);
}

int runtime_health_report(const Runtime *rt, const char *id, HealthReport *ret, CtrError *err)
{
        ContainerProcess process;
        Container c;
        int r;

        *ret = (HealthReport){ .status = "" };
        r = container_open(rt, id, &c, err);
        if (r < 0)
                return r;
        r = container_get_process(&c, &process, err);
        if (r >= 0 && !health_is_checked(&c.state.annotations))
                r = ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "container %s has no health check (HealthCmd=)", id);
        if (r >= 0) {
                const char *status =
                        health_of(c.dir_fd, &process, &c.state.annotations, &ret->n_failures);

                ret->status = status ? status : "";
                ret->output = health_output_read(c.dir_fd, status ? process.invocation_id : "-");
                if (!ret->output)
                        r = ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "memory");
        }
        container_done(&c);
        return r;
}

void health_report_done(HealthReport *report)
{
        freep(&report->output);
}
