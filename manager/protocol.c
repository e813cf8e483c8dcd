/* Messages between the daemon and its units: see protocol.h. */
#include "manager/protocol.h"

#include "base/fd-message.h"
#include "base/io.h"
#include "base/json.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define SEALS (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

static int text_memfd(const char *text, size_t size, CtrError *err)
{
        _cleanup_close_ int fd = memfd_create("ctr-job", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        int r = fd < 0 ? -errno : ctr_write_all(fd, text, size);

        if (r >= 0 && fcntl(fd, F_ADD_SEALS, SEALS) < 0)
                r = -errno;
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot write the request")
                     : TAKE_FD(fd);
}

int job_send(int fd, const JobMessage *message, const char *text, size_t text_size, const int *fds,
        size_t n_fds, CtrError *err)
{
        _cleanup_close_ int memfd = -EBADF;
        int all[JOB_FDS_MAX + 1], r;
        size_t n = 0;

        if (n_fds > JOB_FDS_MAX)
                return ctr_error_set(err, CTR_ERROR_USAGE, E2BIG, "file descriptors");
        if (text) {
                memfd = text_memfd(text, text_size, err);
                if (memfd < 0)
                        return memfd;
                all[n++] = memfd;
        }
        for (size_t i = 0; i < n_fds; i++)
                all[n++] = fds[i];
        r = ctr_send_fds(fd, message, sizeof(*message), all, n);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot send to a job") : 0;
}

/* The first descriptor of a request or an answer is its text, which can no longer change. */
static int take_text(JobReceived *r, CtrError *err)
{
        _cleanup_close_ int fd = -EBADF;

        if (r->message.kind != JOB_REQUEST && r->message.kind != JOB_ANSWER)
                return 0;
        if (r->n_fds == 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EPROTO, "message of a job");
        fd = r->fds[0];
        r->n_fds--;
        memmove(r->fds, r->fds + 1, r->n_fds * sizeof(*r->fds));
        if (fcntl(fd, F_GET_SEALS) != SEALS || lseek(fd, 0, SEEK_SET) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EPROTO, "message of a job");
        return ctr_read_fd(fd, "the message of a job", JSON_SIZE_MAX, &r->text, &r->text_size, err);
}

int job_receive(int fd, JobReceived *ret, CtrError *err)
{
        JobReceived received = { 0 };
        CtrMessageFds control;
        struct iovec iov = { .iov_base = &received.message, .iov_len = sizeof(received.message) };
        struct msghdr header = { .msg_iov = &iov,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof(control) };
        bool was_reset = false;
        ssize_t n;
        int r;

        /* The kernel tells of a peer that is gone before it hands out what the peer has said. */
        for (;;) {
                n = recvmsg(fd, &header, MSG_CMSG_CLOEXEC);
                if (n >= 0 || (errno != EINTR && (errno != ECONNRESET || was_reset)))
                        break;
                was_reset = errno == ECONNRESET;
        }
        if (n == 0 || (n < 0 && errno == ECONNRESET))
                return 0;
        if (n < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot read from a job");
        received.n_fds = ctr_take_fds(&header, received.fds, JOB_FDS_MAX);
        if ((size_t) n != sizeof(received.message) || received.message.magic != JOB_MAGIC)
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, EPROTO, "message of a job");
        else
                r = take_text(&received, err);
        if (r < 0) {
                job_received_done(&received);
                return r;
        }
        received.message.interface[sizeof(received.message.interface) - 1] = '\0';
        received.message.member[sizeof(received.message.member) - 1] = '\0';
        received.message.token[sizeof(received.message.token) - 1] = '\0';
        received.message.message[sizeof(received.message.message) - 1] = '\0';
        *ret = received;
        return 1;
}

void job_received_done(JobReceived *r)
{
        free(r->text);
        r->text = NULL;
        for (size_t i = 0; i < r->n_fds; i++)
                closep(&r->fds[i]);
        r->n_fds = 0;
}
