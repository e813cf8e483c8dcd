/* ctr-worker: one verb, in a transient unit of its own. Its standard input is a socket to the
 * daemon: the request comes in there, the answer goes out, and that is all. The daemon may be gone
 * by then; what was asked for is done all the same. */
#include "manager/protocol.h"
#include "manager/verb.h"

#include "base/io.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#define NOTIFY_TIMEOUT_USEC (5U * 1000 * 1000)
#define SOCKET_FD_MIN       250 /* above everything that a client's descriptors are placed at */

static uint64_t now_nsec(void)
{
        struct timespec ts;

        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (uint64_t) ts.tv_sec * 1000000000U + (uint64_t) ts.tv_nsec;
}

/* Not more often than anybody reads. */
static void send_progress(const VerbCall *call, uint64_t done, uint64_t total)
{
        static uint64_t last;
        JobMessage message = {
                .magic = JOB_MAGIC, .kind = JOB_PROGRESS, .done = done, .total = total
        };
        uint64_t now = now_nsec();

        if (now - last < VERB_PROGRESS_NS && done != total)
                return;
        last = now;
        (void) job_send(call->socket_fd, &message, NULL, 0, NULL, 0, NULL);
}

static int send_error(int socket_fd, const CtrError *error)
{
        JobMessage message = { .magic = JOB_MAGIC,
                .kind = JOB_FAILED,
                .error_code = (uint32_t) error->code,
                .errno_value = error->errno_value };

        (void) ctr_error_format(error, NULL, message.message, sizeof(message.message));
        (void) job_send(socket_fd, &message, NULL, 0, NULL, 0, NULL);
        return EXIT_SUCCESS;
}

static int run_verb(
        const ManagerVerb *verb, VerbCall *call, char **ret, size_t *ret_size, CtrError *err)
{
        int r;

        call->answer = open_memstream(ret, ret_size);
        if (!call->answer)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "writing the answer");
        (void) fputc('{', call->answer);
        r = verb->run(call, err);
        (void) fputs("\"\":0}", call->answer);
        if (fclose(call->answer) != 0 && r >= 0)
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "writing the answer");
        return r;
}

static int answer(int socket_fd, const JobReceived *request, VerbCall *call, CtrError *err)
{
        const JobMessage message = { .magic = JOB_MAGIC, .kind = JOB_ANSWER };
        const ManagerVerb *verb;
        _cleanup_free_ char *text = NULL;
        size_t size = 0;
        int r;

        verb = verb_find(request->message.interface, request->message.member);
        if (!verb || verb->place == VERB_IN_DAEMON)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EPROTO, "%s.%s",
                        request->message.interface, request->message.member);
        r = run_verb(verb, call, &text, &size, err);
        if (r < 0)
                return r;
        return job_send(socket_fd, &message, text, size, call->ret_fds, call->n_ret_fds, err);
}

/* The process is our child; when we are gone it is PID 1's, which is told before. */
static void hand_over(pid_t pid)
{
        char text[64];

        (void) snprintf(text, sizeof(text), "MAINPID=%d\nREADY=1", (int) pid);
        if (sd_notify(false, text) < 0 || sd_notify_barrier(false, NOTIFY_TIMEOUT_USEC) < 0)
                (void) fputs("<4>ctr-worker: cannot notify PID 1\n", stderr);
}

/* A process that ended before PID 1 was told of it was refused as main process: then that is still
 * us, and we end the way it did. If PID 1 was in time, how we end does not count. */
static void end_like(pid_t pid)
{
        const struct rlimit no_core = { 0 };
        siginfo_t info = { 0 };

        if (waitid(P_PID, (id_t) pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0)
                return;
        if (info.si_code == CLD_EXITED)
                _exit(info.si_status);
        (void) setrlimit(RLIMIT_CORE, &no_core);
        (void) signal(info.si_status, SIG_DFL);
        (void) raise(info.si_status);
}

static int serve(int socket_fd, pid_t *ret_successor, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        VerbCall call = { .progress = send_progress, .socket_fd = socket_fd };
        JobReceived request;
        Runtime rt;
        int r;

        r = job_receive(socket_fd, &request, err);
        if (r == 0 || (r > 0 && request.message.kind != JOB_REQUEST))
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, EPROTO, "no request came");
        if (r < 0)
                return r;
        r = json_document_parse(request.text, request.text_size, &doc, err);
        if (r >= 0)
                r = runtime_init(&rt, NULL, err);
        if (r >= 0) {
                call.runtime = &rt;
                call.arguments = json_document_root(doc);
                call.token = request.message.token;
                call.n_fds = MIN_OF(request.n_fds, (size_t) VERB_FDS_MAX);
                for (size_t i = 0; i < call.n_fds; i++)
                        call.fds[i] = TAKE_FD(request.fds[i]);
                r = answer(socket_fd, &request, &call, err);
                *ret_successor = call.successor;
                for (size_t i = 0; i < call.n_fds; i++)
                        closep(&call.fds[i]);
                runtime_done(&rt);
        }
        job_received_done(&request);
        return r;
}

int main(int argc, char **argv)
{
        int socket_fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, SOCKET_FD_MIN);
        int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        CtrError error = { 0 };
        pid_t successor = 0;

        if (argc > 1 || socket_fd < 0 || null_fd < 0 || dup2(null_fd, STDIN_FILENO) < 0) {
                (void) fputs(
                        "ctr-worker is started by ctr-managerd: see ctr-managerd(8)\n", stderr);
                return EXIT_FAILURE;
        }
        (void) signal(SIGPIPE, SIG_IGN);
        (void) argv;
        if (serve(socket_fd, &successor, &error) < 0)
                return send_error(socket_fd, &error);
        if (successor > 0) {
                hand_over(successor);
                end_like(successor);
        }
        return EXIT_SUCCESS;
}
