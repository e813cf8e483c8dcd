/* Waiting for an end: see wait.h. */
#include "manager/wait.h"

#include "manager/error-name.h"
#include "manager/path.h"
#include "manager/sender.h"
#include "manager/watch-known.h"

#include "runtime/container.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

struct Wait {
        Wait *next;
        Sender *sender;
        sd_bus_message *message;
        char id[CTR_ID_MAX + 1];
        char token[VERB_TOKEN_SIZE]; /* "" = the container */
};

int exit_record_number(const ExitRecord *record)
{
        return strcmp(record->code, "killed") == 0 || strcmp(record->code, "dumped") == 0
                       ? record->status - 128
                       : record->status;
}

void exit_record_unknown(ExitRecord *ret)
{
        *ret = (ExitRecord){ .status = -1 };
        (void) snprintf(ret->result, sizeof(ret->result), "unknown");
        (void) snprintf(ret->code, sizeof(ret->code), "unknown");
}

/* The sender is gone already when wait->sender is NULL. */
static void wait_free(Daemon *d, Wait *wait)
{
        for (Wait **p = &d->waits; *p; p = &(*p)->next)
                if (*p == wait) {
                        *p = wait->next;
                        break;
                }
        sd_bus_message_unref(wait->message);
        if (wait->sender)
                sender_unwatch(wait->sender);
        free(wait);
}

static int reply(sd_bus_message *m, const ExitRecord *record)
{
        return sd_bus_reply_method_return(
                m, "ssi", record->result, record->code, exit_record_number(record));
}

bool unit_is_over(const Daemon *d, const char *unit)
{
        _cleanup_free_ char *path = NULL, *state = NULL;

        if (!*unit || sd_bus_path_encode(SYSTEMD_UNIT_PREFIX, unit, &path) < 0)
                return true;
        if (sd_bus_get_property_string(d->bus, "org.freedesktop.systemd1", path,
                    "org.freedesktop.systemd1.Unit", "ActiveState", NULL, &state) < 0)
                return true;
        return strcmp(state, "inactive") == 0 || strcmp(state, "failed") == 0;
}

/* Of a container that has stopped. Its record is written by the unit's last process: a unit that is
 * not over yet has still something to tell, unless PID 1 has told already, which is told once. */
static int find_record(const Daemon *d, const Container *c, ExitRecord *ret, CtrError *err)
{
        int r = exit_record_read(c->dir_fd, ret, err);

        if (r != 0)
                return r;
        if (!unit_is_over(d, c->unit))
                return watch_told_end(d, c->id, ret);
        /* Written in between? */
        r = exit_record_read(c->dir_fd, ret, err);
        if (r == 0)
                exit_record_unknown(ret);
        return r < 0 ? r : 1;
}

/* 1 with the record of an end that has been; 0 when it is still to come. */
static int find_end(
        const Daemon *d, const char *id, const char *token, ExitRecord *ret, CtrError *err)
{
        ContainerProcess process;
        Container c;
        char path[64];
        int r, fd;

        r = container_open(&d->runtime, id, &c, err);
        if (r < 0)
                return r;
        *ret = (ExitRecord){ 0 };
        if (*token) {
                (void) snprintf(path, sizeof(path), "exec/%s", token);
                fd = openat(c.dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
                r = fd < 0 ? ctr_error_set(
                                     err, CTR_ERROR_USAGE, 0, "there is no process with this token")
                           : exit_record_read(fd, ret, err);
                closep(&fd);
        } else {
                r = container_get_process(&c, &process, err);
                if (r >= 0)
                        r = process.status == CONTAINER_STOPPED ? find_record(d, &c, ret, err) : 0;
        }
        container_done(&c);
        return r;
}

static bool is_token(const char *token)
{
        return strlen(token) == VERB_TOKEN_SIZE - 1 &&
               strspn(token, "0123456789abcdef") == VERB_TOKEN_SIZE - 1;
}

static int add_wait(Daemon *d, Sender *sender, sd_bus_message *m, const char *id, const char *token)
{
        Wait *wait = calloc(1, sizeof(*wait));

        if (!wait)
                return -ENOMEM;
        (void) snprintf(wait->id, sizeof(wait->id), "%s", id);
        (void) snprintf(wait->token, sizeof(wait->token), "%s", token);
        wait->message = sd_bus_message_ref(m);
        wait->sender = sender;
        wait->next = d->waits;
        d->waits = wait;
        return 1;
}

int wait_method(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        Daemon *d = userdata;
        char id[CTR_ID_MAX + 1], name[ERROR_NAME_MAX];
        const char *token = "";
        CtrError err = { 0 };
        ExitRecord record;
        Sender *sender;
        int r;

        daemon_touch(d);
        if (!path_to_id(sd_bus_message_get_path(m), PATH_CONTAINER, id, sizeof(id)))
                return -ENOENT;
        if (sd_bus_message_is_method_call(m, NULL, "WaitProcess")) {
                r = sd_bus_message_read(m, "s", &token);
                if (r < 0)
                        return r;
                if (!is_token(token))
                        return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS,
                                "a token has 32 hexadecimal digits");
        }
        r = sender_get(d, m, &sender);
        if (r < 0)
                return r;
        if (sender_watch(sender) < 0)
                return sd_bus_error_setf(error, SD_BUS_ERROR_LIMITS_EXCEEDED,
                        "too many watches of one client (%d)", WATCHES_PER_SENDER_MAX);
        /* From here on no end is missed; one that has been is found. */
        r = watch_begin(d);
        if (r >= 0) {
                r = find_end(d, id, token, &record, &err);
                if (r == 0)
                        return add_wait(d, sender, m, id, token);
        }
        sender_unwatch(sender);
        if (r < 0)
                return err.code ? sd_bus_error_setf(
                                          error, error_name(err.code, name), "%s", err.message)
                                : r;
        return reply(m, &record);
}

void wait_ended(Daemon *d, const char *id, const char *token, const ExitRecord *record)
{
        for (Wait *wait = d->waits, *next; wait; wait = next) {
                next = wait->next;
                if (strcmp(wait->id, id) != 0 || strcmp(wait->token, token ? token : "") != 0)
                        continue;
                (void) reply(wait->message, record);
                wait_free(d, wait);
        }
}

void wait_read_end(const Daemon *d, const char *id, const char *token, ExitRecord *ret)
{
        if (find_end(d, id, token, ret, NULL) <= 0)
                exit_record_unknown(ret);
}

void wait_session_over(Daemon *d, const char *token)
{
        char id[CTR_ID_MAX + 1] = "";
        ExitRecord record;

        for (const Wait *wait = d->waits; wait; wait = wait->next)
                if (strcmp(wait->token, token) == 0)
                        (void) snprintf(id, sizeof(id), "%s", wait->id);
        if (!*id)
                return;
        wait_read_end(d, id, token, &record);
        wait_ended(d, id, token, &record);
}

void wait_removed(Daemon *d, const char *id)
{
        char name[ERROR_NAME_MAX];

        for (Wait *wait = d->waits, *next; wait; wait = next) {
                next = wait->next;
                if (strcmp(wait->id, id) != 0)
                        continue;
                (void) sd_bus_reply_method_errorf(wait->message,
                        error_name(CTR_ERROR_CONTAINER_NOT_EXISTS, name),
                        "the container was removed");
                wait_free(d, wait);
        }
}

void wait_sender_gone(Daemon *d, const Sender *sender)
{
        for (Wait *wait = d->waits, *next; wait; wait = next) {
                next = wait->next;
                if (wait->sender == sender) {
                        wait->sender = NULL;
                        wait_free(d, wait);
                }
        }
}
