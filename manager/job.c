/* A verb in a transient unit: started by PID 1, fed and heard over a socket. No argument of a
 * client ever stands in the unit: its command line is fixed. */
#include "manager/call.h"

#include "manager/protocol.h"
#include "manager/sender.h"

#include "base/name.h"
#include "runtime/sandbox.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-id128.h>

#define SYSTEMD_NAME      "org.freedesktop.systemd1"
#define SYSTEMD_PATH      "/org/freedesktop/systemd1"
#define SYSTEMD_INTERFACE "org.freedesktop.systemd1.Manager"

static int append_command(sd_bus_message *m, const char *property, const char *const *argv)
{
        int r;

        r = sd_bus_message_open_container(m, 'r', "sv");
        if (r >= 0)
                r = sd_bus_message_append(m, "s", property);
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'v', "a(sasb)");
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "(sasb)");
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'r', "sasb");
        if (r >= 0)
                r = sd_bus_message_append(m, "s", argv[0]);
        if (r >= 0)
                r = sd_bus_message_append_strv(m, (char **) (uintptr_t) argv);
        if (r >= 0)
                r = sd_bus_message_append(m, "b", false);
        for (int i = 0; i < 4 && r >= 0; i++)
                r = sd_bus_message_close_container(m);
        return r;
}

/* What unpacks and reads what strangers made gets as little as will do. */
static int append_sandbox(sd_bus_message *m)
{
        int r;

        r = sd_bus_message_append(m, "(sv)(sv)", "ReadWritePaths", "as", 1, SANDBOX_WRITABLE,
                "SystemCallArchitectures", "as", 1, SANDBOX_ARCHITECTURE);
#define X(calls)                                                                                   \
        if (r >= 0)                                                                                \
                r = sd_bus_message_append(m, "(sv)", "SystemCallFilter", "(bas)", false, 1, calls);
        SANDBOX_REFUSED_CALLS(X)
#undef X
#define X(devices, access)                                                                         \
        if (r >= 0)                                                                                \
                r = sd_bus_message_append(m, "(sv)", "DeviceAllow", "a(ss)", 1, devices, access);
        SANDBOX_DEVICES(X)
#undef X
#define X(id, name, signature, value)                                                              \
        if (r >= 0)                                                                                \
                r = sd_bus_message_append(m, "(sv)", name, signature, value);
        SANDBOX_NUMBERS(X)
        SANDBOX_STRINGS(X)
#undef X
        return r;
}

/* A session ends with its container, and its end is recorded in the container's state. */
static int append_session(sd_bus_message *m, const Call *call)
{
        char unit[CTR_UNIT_NAME_MAX], state[4096];
        const char *const record[] = { CTR_EXEC_PATH, "record-exit", state, NULL };
        ContainerInfo info;
        int r;

        (void) ctr_id_to_unit(call->id, unit);
        if (runtime_state(&call->daemon->runtime, call->id, &info, NULL) >= 0) {
                (void) snprintf(unit, sizeof(unit), "%s", info.unit);
                container_info_done(&info);
        }
        (void) snprintf(state, sizeof(state), "%s/%s/exec/%s", call->daemon->runtime.containers,
                call->id, call->token);
        r = sd_bus_message_append(m, "(sv)(sv)(sv)", "Type", "s", "notify", "NotifyAccess", "s",
                "all", "KillMode", "s", "mixed");
        if (r >= 0 && unit[0])
                r = sd_bus_message_append(
                        m, "(sv)(sv)", "BindsTo", "as", 1, unit, "After", "as", 1, unit);
        return r < 0 ? r : append_command(m, "ExecStopPost", record);
}

static int append_properties(sd_bus_message *m, const Call *call, int socket_fd)
{
        const char *const command[] = { CTR_WORKER_PATH, NULL };
        char description[128];
        int r;

        (void) snprintf(description, sizeof(description), "ctrunit: %s", call->verb->member);
        r = sd_bus_message_open_container(m, 'a', "(sv)");
        if (r >= 0)
                r = sd_bus_message_append(m, "(sv)(sv)(sv)", "Description", "s", description,
                        "CollectMode", "s", "inactive-or-failed", "StandardInputFileDescriptor",
                        "h", socket_fd);
        if (r >= 0)
                r = append_command(m, "ExecStart", command);
        if (r >= 0 && call->job->place == VERB_IN_SESSION)
                r = append_session(m, call);
        if (r >= 0 && call->job->place == VERB_IN_SANDBOX)
                r = append_sandbox(m);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

/* ---- the answer ---- */

static void fail_job(Call *call, const JobMessage *message)
{
        CtrError error = { 0 };
        CtrErrorCode code =
                message->error_code > CTR_ERROR_NONE && message->error_code < _CTR_ERROR_MAX
                        ? (CtrErrorCode) message->error_code
                        : CTR_ERROR_SYSTEM;

        (void) ctr_error_set(&error, code, 0, "%s", message->message);
        call_fail(call, &error);
}

static void tell_progress(const Call *call, const JobMessage *message)
{
        (void) sd_bus_emit_signal(call->daemon->bus, "/org/ctrunit1", INTERFACE_MANAGER, "Progress",
                "stt", call->token, message->done, message->total);
}

static int socket_ready(
        sd_event_source *source _unused_, int fd, uint32_t events _unused_, void *userdata)
{
        Call *call = userdata;
        JobReceived received;
        CtrError error = { 0 };
        int r;

        r = job_receive(fd, &received, &error);
        if (r == 0)
                r = ctr_error_set(&error, CTR_ERROR_SYSTEM, 0,
                        "ctr-job-%s.service ended without an answer (see: journalctl -u "
                        "ctr-job-%s)",
                        call->token, call->token);
        if (r < 0) {
                call_fail(call, &error);
                return 0;
        }
        switch (received.message.kind) {
        case JOB_PROGRESS:
                tell_progress(call, &received.message);
                break;
        case JOB_ANSWER:
                call_job_answered(
                        call, received.text, received.text_size, received.fds, received.n_fds);
                break;
        default:
                fail_job(call, &received.message);
        }
        job_received_done(&received);
        return 0;
}

/* The unit did not even come to be. Else its answer is waited for. */
static int unit_started(sd_bus_message *reply, void *userdata, sd_bus_error *unused _unused_)
{
        Call *call = userdata;
        const sd_bus_error *e = sd_bus_message_get_error(reply);
        CtrError error = { 0 };

        call->slot = sd_bus_slot_unref(call->slot);
        if (!e)
                return 1;
        (void) ctr_error_set(&error, CTR_ERROR_SYSTEM, 0, "cannot start a unit for %s: %s",
                call->verb->member, e->message ? e->message : e->name);
        call_fail(call, &error);
        return 1;
}

static int send_request(Call *call, int fd, CtrError *err)
{
        JobMessage message = { .magic = JOB_MAGIC, .kind = JOB_REQUEST };

        (void) snprintf(message.interface, sizeof(message.interface), "%s", call->job->interface);
        (void) snprintf(message.member, sizeof(message.member), "%s", call->job->member);
        (void) snprintf(message.token, sizeof(message.token), "%s", call->token);
        return job_send(fd, &message, call->text, call->text_size, call->fds, call->n_fds, err);
}

static int start_unit(Call *call, int socket_fd)
{
        sd_bus_message *m = NULL;
        char unit[128];
        int r;

        (void) snprintf(unit, sizeof(unit), "ctr-%s-%s.service",
                call->job->place == VERB_IN_SESSION ? "exec" : "job", call->token);
        r = sd_bus_message_new_method_call(call->daemon->bus, &m, SYSTEMD_NAME, SYSTEMD_PATH,
                SYSTEMD_INTERFACE, "StartTransientUnit");
        if (r >= 0)
                r = sd_bus_message_append(m, "ss", unit, "fail");
        if (r >= 0)
                r = append_properties(m, call, socket_fd);
        if (r >= 0)
                r = sd_bus_message_append(m, "a(sa(sv))", 0);
        if (r >= 0)
                r = sd_bus_call_async(call->daemon->bus, &call->slot, m, unit_started, call, 0);
        sd_bus_message_unref(m);
        return r;
}

int job_begin(Call *call, CtrError *err)
{
        _cleanup_close_ int theirs = -EBADF;
        sd_id128_t token;
        int pair[2], r;

        call->socket_source = sd_event_source_disable_unref(call->socket_source);
        closep(&call->socket_fd);

        r = sd_id128_randomize(&token);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "random number");
        (void) sd_id128_to_string(token, call->token);
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "socketpair");
        call->socket_fd = pair[0];
        theirs = pair[1];
        r = send_request(call, call->socket_fd, err);
        if (r < 0)
                return r;
        r = sd_event_add_io(call->daemon->event, &call->socket_source, call->socket_fd, EPOLLIN,
                socket_ready, call);
        if (r >= 0)
                r = start_unit(call, theirs);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot start a unit for %s",
                               call->verb->member)
                     : 0;
}
