/* The relay of a container's notifications. PID 1 believes a root payload as it believes any root
 * process: MAINPID= of a victim would make `systemctl stop` kill the victim. So such a payload gets
 * a socket of its own container, held by PID 1 as a .socket unit; the first message starts this
 * process, which repeats the harmless lines and ends when there is silence.
 *
 * PID 1 tells units apart by the sender's control group, so the relay sends with the credentials of
 * a process of the container: SCM_CREDENTIALS of another pid needs CAP_SYS_ADMIN and nothing else.
 */
#include "helper/relay.h"

#include "base/notify-socket.h"
#include "helper/kernel.h"
#include "helper/listen.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

enum {
        RELAY_FD = 3,
        IDLE_MSEC = 1000,
        BARRIER_MSEC = 5000,
        DEPTH_MAX = 16, /* of nested slices and sub-cgroups */
        BURST = 50,     /* messages without a pause, then one each */
        PAUSE_MSEC = 20,
};

#define CGROUP_ROOT "/sys/fs/cgroup"
#define PATH_SIZE   4096

typedef struct Relay {
        const char *notify_socket;
        char unit[256];         /* "ctr@INSTANCE.service" */
        char cgroup[PATH_SIZE]; /* its directory when that was found, else "" */
        unsigned n_forwarded;
} Relay;

/* ---- a process of the container ---- */

static bool has_suffix(const char *s, const char *suffix)
{
        size_t n = strlen(s), k = strlen(suffix);

        return n >= k && strcmp(s + n - k, suffix) == 0;
}

/* Is this line of /proc/PID/cgroup in the unit? */
static bool is_in_unit(const Relay *relay, const char *path)
{
        size_t n = strlen(relay->unit);

        for (const char *p = path; (p = strstr(p, relay->unit)); p++)
                if (p > path && p[-1] == '/' && (p[n] == '/' || p[n] == '\n' || p[n] == '\0'))
                        return true;
        return false;
}

static ssize_t read_text(const char *path, char *text, size_t size)
{
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

        text[n > 0 ? n : 0] = '\0';
        return n;
}

/* ctr-exec may still be in the unit, and is about to end. */
static bool is_usable(const Relay *relay, pid_t pid)
{
        char path[64], text[PATH_SIZE];

        if (pid <= 1)
                return false;
        (void) snprintf(path, sizeof(path), "/proc/%d/comm", (int) pid);
        if (read_text(path, text, sizeof(text)) <= 0 || strcmp(text, "ctr-exec\n") == 0)
                return false;
        (void) snprintf(path, sizeof(path), "/proc/%d/cgroup", (int) pid);
        return read_text(path, text, sizeof(text)) > 0 && is_in_unit(relay, text);
}

typedef int (*EntryFunction)(Relay *relay, const char *path, const char *name, unsigned depth);

/* Calls function for each directory in path until it returns something else than 0. */
static int for_each_directory(
        Relay *relay, const char *path, unsigned depth, EntryFunction function)
{
        _cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        _Alignas(struct dirent64) char buf[4096];
        ssize_t n;

        if (fd < 0 || depth >= DEPTH_MAX)
                return 0;
        while ((n = sys_getdents64(fd, buf, sizeof(buf))) > 0)
                for (ssize_t i = 0; i < n;) {
                        struct dirent64 *d = (struct dirent64 *) (void *) (buf + i);
                        int r;

                        i += d->d_reclen;
                        if (d->d_type != DT_DIR || d->d_name[0] == '.')
                                continue;
                        r = function(relay, path, d->d_name, depth + 1);
                        if (r != 0)
                                return r;
                }
        return 0;
}

/* An administrator may have put the unit into any slice: only slices are looked into. */
static int find_unit(Relay *relay, const char *path, const char *name, unsigned depth)
{
        char child[PATH_SIZE];

        if (snprintf(child, sizeof(child), "%s/%s", path, name) >= (int) sizeof(child))
                return 0;
        if (strcmp(name, relay->unit) == 0) {
                memcpy(relay->cgroup, child, sizeof(child));
                return 1;
        }
        return has_suffix(name, ".slice") ? for_each_directory(relay, child, depth, find_unit) : 0;
}

static pid_t find_process(Relay *relay, const char *directory, unsigned depth);

static int find_process_below(Relay *relay, const char *path, const char *name, unsigned depth)
{
        char child[PATH_SIZE];

        if (snprintf(child, sizeof(child), "%s/%s", path, name) >= (int) sizeof(child))
                return 0;
        return find_process(relay, child, depth);
}

static pid_t find_process(Relay *relay, const char *directory, unsigned depth)
{
        char path[PATH_SIZE + 16], text[PATH_SIZE], *p = text;

        (void) snprintf(path, sizeof(path), "%s/cgroup.procs", directory);
        if (read_text(path, text, sizeof(text)) > 0)
                while (*p) {
                        pid_t pid = (pid_t) strtol(p, &p, 10);

                        if (is_usable(relay, pid))
                                return pid;
                        p += *p == '\n';
                }
        return for_each_directory(relay, directory, depth, find_process_below);
}

/* The sender itself, which may have ended since (as systemd-notify does), or another process. */
static pid_t choose_process(Relay *relay, pid_t sender)
{
        if (is_usable(relay, sender))
                return sender;
        if (!relay->cgroup[0] && for_each_directory(relay, CGROUP_ROOT, 0, find_unit) <= 0)
                return 0;
        return find_process(relay, relay->cgroup, 0);
}

/* ---- messages ---- */

/* Waits until PID 1 has read all that was said before. */
static void await_pid1(const Relay *relay)
{
        struct pollfd pollfd = { .fd = notify_socket_send_barrier(relay->notify_socket) };

        if (pollfd.fd < 0)
                return;
        (void) poll(&pollfd, 1, BARRIER_MSEC);
        (void) close(pollfd.fd);
}

/* A payload that talks without end must not make PID 1 listen without end. */
static void slow_down(Relay *relay)
{
        struct timespec pause = { .tv_nsec = PAUSE_MSEC * 1000000L };

        if (++relay->n_forwarded > BURST)
                (void) nanosleep(&pause, NULL);
}

static void forward(Relay *relay, NotifyDatagram *datagram)
{
        NotifyMessage message;
        pid_t pid;

        notify_filter(datagram->text, datagram->size, &message);
        if (message.size > 0) {
                pid = choose_process(relay, datagram->sender);
                if (pid > 0)
                        (void) notify_socket_send(relay->notify_socket, message.text, -EBADF, pid);
                slow_down(relay);
        }
        /* Its sender waits for the end of the one descriptor that comes along. */
        if (message.is_barrier && datagram->n_fds == 1)
                await_pid1(relay);
        notify_datagram_done(datagram);
}

int relay_run(const char *instance, CtrError *err)
{
        Relay relay = { .notify_socket = getenv("NOTIFY_SOCKET") };
        struct pollfd pollfd = { .fd = RELAY_FD, .events = POLLIN };
        static NotifyDatagram datagram;
        int r;

        (void) prctl(PR_SET_NAME, "ctr-exec");
        if (snprintf(relay.unit, sizeof(relay.unit), "ctr@%s.service", instance) >=
                (int) sizeof(relay.unit))
                return ctr_error_set(err, CTR_ERROR_USAGE, ENAMETOOLONG, "%s", instance);
        if (listen_count() != 1 || !relay.notify_socket)
                return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "not started by ctr-notify@%s.socket: no socket, or no NOTIFY_SOCKET",
                        instance);
        for (;;) {
                r = poll(&pollfd, 1, IDLE_MSEC);
                if (r == 0)
                        return 0;
                r = r < 0 ? (errno == EINTR ? 0 : -errno)
                          : notify_socket_receive(RELAY_FD, &datagram);
                if (r < 0)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "notifications");
                if (r > 0)
                        forward(&relay, &datagram);
        }
}
