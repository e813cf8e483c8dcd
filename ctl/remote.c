/* Verbs on another machine: see remote.h. The connection is libsystemd's: ssh(1) with
 * systemd-stdio-bridge for a host, the bus socket in its namespaces for a machine. */
#include "ctl/remote.h"

#include "plan/signal-name.h"
#include "sd/sd-connection.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERVICE             "org.ctrunit1"
#define MANAGER_PATH        "/org/ctrunit1"
#define MANAGER_INTERFACE   "org.ctrunit1.Manager"
#define CONTAINER_INTERFACE "org.ctrunit1.Container"

static const uint64_t timeout_usec =
        150 * UINT64_C(1000000); /* a container may take its time to stop */

typedef struct Remote {
        const SdApi *api;
        sd_bus *bus;
        const char *name; /* of the other side, for messages */
        const Verb *verb;
        const Call *call;
        char path[SD_UNIT_PATH_MAX]; /* of the container */
        CtrError *err;
} Remote;

/* ---- calls ---- */

static int fail(Remote *r, const sd_bus_error *e, int code)
{
        return ctr_error_set(r->err, CTR_ERROR_SYSTEM, e && e->message ? 0 : code, "%s: %s",
                r->name, e && e->message ? e->message : "no answer");
}

static int begin(
        Remote *r, const char *path, const char *interface, const char *method, SdWriter *ret)
{
        int code;

        *ret = (SdWriter){ .api = r->api };
        code = r->api->sd_bus_message_new_method_call(
                r->bus, &ret->m, SERVICE, path, interface, method);
        return code < 0 ? fail(r, NULL, code) : 0;
}

/* Takes the message. ret NULL: nobody wants the answer. */
static int finish(Remote *r, SdWriter *w, sd_bus_message **ret)
{
        sd_bus_error e = { 0 };
        sd_bus_message *reply = NULL;
        int code = w->r < 0 ? w->r : r->api->sd_bus_call(r->bus, w->m, timeout_usec, &e, &reply);

        r->api->sd_bus_message_unref(w->m);
        if (code < 0)
                code = fail(r, &e, code);
        r->api->sd_bus_error_free(&e);
        if (code < 0)
                return code;
        if (ret)
                *ret = reply;
        else
                r->api->sd_bus_message_unref(reply);
        return 0;
}

/* The text that a method without arguments answers with, to be freed. */
static int get_text(
        Remote *r, const char *path, const char *interface, const char *method, char **ret)
{
        sd_bus_message *reply;
        const char *text;
        SdWriter w;
        int code;

        code = begin(r, path, interface, method, &w);
        if (code >= 0)
                code = finish(r, &w, &reply);
        if (code < 0)
                return code;
        code = r->api->sd_bus_message_read_basic(reply, 's', &text);
        *ret = code < 0 ? NULL : strdup(text);
        r->api->sd_bus_message_unref(reply);
        return *ret ? 0 : fail(r, NULL, code < 0 ? code : -ENOMEM);
}

static int print_text(Remote *r, const char *path, const char *interface, const char *method)
{
        _cleanup_free_ char *text = NULL;
        int code = get_text(r, path, interface, method, &text);

        if (code >= 0)
                (void) printf("%s%s", text, text[0] && text[strlen(text) - 1] == '\n' ? "" : "\n");
        return code;
}

/* A method of the container without arguments and answer. */
static int simple(Remote *r, const char *method)
{
        SdWriter w;
        int code = begin(r, r->path, CONTAINER_INTERFACE, method, &w);

        return code < 0 ? code : finish(r, &w, NULL);
}

/* ---- options that were parsed for the verb ---- */

static const void *option(const Remote *r, const char *name)
{
        for (size_t i = 0; i < r->verb->n_options; i++)
                if (strcmp(r->verb->options[i].name, name) == 0)
                        return r->verb->options[i].value;
        return NULL;
}

static bool has_flag(const Remote *r, const char *name)
{
        const bool *value = option(r, name);

        return value && *value;
}

static bool is_json(const Remote *r)
{
        const char *const *value = option(r, "format");

        return value && *value && strcmp(*value, "json") == 0;
}

/* ---- verbs ---- */

static int remote_start(Remote *r)
{
        return simple(r, "Start");
}

static int remote_pause(Remote *r)
{
        return simple(r, "Pause");
}

static int remote_resume(Remote *r)
{
        return simple(r, "Resume");
}

static int remote_kill(Remote *r)
{
        const char *name = r->call->n_arguments > 1 ? r->call->arguments[1] : "TERM";
        int32_t number = strcmp(name, "0") == 0 ? 0 : signal_from_name(name);
        int is_all = has_flag(r, "all"), code;
        SdWriter w;

        if (number < 0)
                return ctr_error_set(r->err, CTR_ERROR_USAGE, 0, "unknown signal \"%.64s\"", name);
        code = begin(r, r->path, CONTAINER_INTERFACE, "Kill", &w);
        if (code < 0)
                return code;
        sd_write_basic(&w, 'i', &number);
        sd_write_basic(&w, 'b', &is_all);
        return finish(r, &w, NULL);
}

static int remote_delete(Remote *r)
{
        int is_forced = has_flag(r, "force"), code;
        SdWriter w;

        code = begin(r, r->path, CONTAINER_INTERFACE, "Delete", &w);
        if (code < 0)
                return code;
        sd_write_basic(&w, 'b', &is_forced);
        return finish(r, &w, NULL);
}

static int remote_state(Remote *r)
{
        return print_text(r, r->path, CONTAINER_INTERFACE, "GetState");
}

static int remote_inspect(Remote *r)
{
        _cleanup_free_ char *state = NULL, *config = NULL;
        int code = get_text(r, r->path, CONTAINER_INTERFACE, "GetState", &state);

        if (code >= 0)
                code = get_text(r, r->path, CONTAINER_INTERFACE, "GetConfig", &config);
        if (code >= 0)
                (void) printf("{\"state\":%s,\n\"config\":%s}\n", state, config);
        return code;
}

static int remote_features(Remote *r)
{
        return print_text(r, MANAGER_PATH, MANAGER_INTERFACE, "Features");
}

static int print_pids(Remote *r)
{
        sd_bus_message *reply;
        const char *command, *comma = "";
        uint32_t pid;
        SdWriter w;
        int code;

        code = begin(r, r->path, CONTAINER_INTERFACE, "Ps", &w);
        if (code >= 0)
                code = finish(r, &w, &reply);
        if (code < 0)
                return code;
        code = r->api->sd_bus_message_enter_container(reply, 'a', "(us)");
        (void) fputc('[', stdout);
        while (code >= 0 && (code = r->api->sd_bus_message_enter_container(reply, 'r', "us")) > 0) {
                code = r->api->sd_bus_message_read_basic(reply, 'u', &pid);
                if (code >= 0)
                        code = r->api->sd_bus_message_read_basic(reply, 's', &command);
                if (code >= 0)
                        code = r->api->sd_bus_message_exit_container(reply);
                if (code >= 0)
                        (void) printf("%s%u", comma, pid);
                comma = ",";
        }
        (void) fputs("]\n", stdout);
        r->api->sd_bus_message_unref(reply);
        return code < 0 ? fail(r, NULL, code) : 0;
}

static int remote_ps(Remote *r)
{
        sd_bus_message *reply;
        const char *table;
        SdWriter w;
        int code;

        if (is_json(r))
                return print_pids(r);
        code = begin(r, r->path, CONTAINER_INTERFACE, "PsTable", &w);
        if (code < 0)
                return code;
        sd_write_open(&w, 'a', "s");
        for (int i = 1; i < r->call->n_arguments; i++)
                sd_write_string(&w, r->call->arguments[i]);
        sd_write_close(&w);
        code = finish(r, &w, &reply);
        if (code < 0)
                return code;
        code = r->api->sd_bus_message_read_basic(reply, 's', &table);
        if (code >= 0)
                (void) fputs(table, stdout);
        r->api->sd_bus_message_unref(reply);
        return code < 0 ? fail(r, NULL, code) : 0;
}

/* One line of the list; JSON is what each container says of itself. */
static int print_container(Remote *r, const char *id, const char *status, uint32_t pid,
        const char *path, bool is_first)
{
        _cleanup_free_ char *state = NULL;
        int code;

        if (has_flag(r, "quiet")) {
                (void) puts(id);
                return 0;
        }
        if (!is_json(r)) {
                (void) printf("%-24s %-8u %s\n", id, pid, status);
                return 0;
        }
        code = get_text(r, path, CONTAINER_INTERFACE, "GetState", &state);
        if (code >= 0)
                (void) printf("%s%s", is_first ? "" : ",", state);
        return code;
}

static int remote_list(Remote *r)
{
        const char *id, *status, *path;
        sd_bus_message *reply;
        bool is_first = true;
        uint32_t pid;
        SdWriter w;
        int code;

        code = begin(r, MANAGER_PATH, MANAGER_INTERFACE, "ListContainers", &w);
        if (code >= 0)
                code = finish(r, &w, &reply);
        if (code < 0)
                return code;
        if (is_json(r))
                (void) fputc('[', stdout);
        else if (!has_flag(r, "quiet"))
                (void) printf("%-24s %-8s %s\n", "ID", "PID", "STATUS");
        code = r->api->sd_bus_message_enter_container(reply, 'a', "(ssuo)");
        while (code >= 0 &&
                (code = r->api->sd_bus_message_enter_container(reply, 'r', "ssuo")) > 0) {
                if ((code = r->api->sd_bus_message_read_basic(reply, 's', &id)) < 0 ||
                        (code = r->api->sd_bus_message_read_basic(reply, 's', &status)) < 0 ||
                        (code = r->api->sd_bus_message_read_basic(reply, 'u', &pid)) < 0 ||
                        (code = r->api->sd_bus_message_read_basic(reply, 'o', &path)) < 0 ||
                        (code = r->api->sd_bus_message_exit_container(reply)) < 0)
                        break;
                code = print_container(r, id, status, pid, path, is_first);
                is_first = false;
        }
        if (is_json(r))
                (void) fputs("]\n", stdout);
        r->api->sd_bus_message_unref(reply);
        return code < 0 && r->err->message[0] == '\0' ? fail(r, NULL, code) : MIN_OF(code, 0);
}

static const struct {
        const char *name;
        bool is_container; /* the first argument is its id */
        int (*run)(Remote *r);
} remote_verbs[] = {
        { "list", false, remote_list },
        { "features", false, remote_features },
        { "state", true, remote_state },
        { "inspect", true, remote_inspect },
        { "ps", true, remote_ps },
        { "start", true, remote_start },
        { "pause", true, remote_pause },
        { "resume", true, remote_resume },
        { "kill", true, remote_kill },
        { "delete", true, remote_delete },
};

/* ---- the other side ---- */

static int connect_to(Remote *r, const RemoteTarget *target)
{
        int code = sd_load(&r->api, r->err);

        if (code < 0)
                return code;
        code = target->host ? r->api->sd_bus_open_system_remote(&r->bus, target->host)
                            : r->api->sd_bus_open_system_machine(&r->bus, target->machine);
        if (code >= 0)
                return 0;
        r->bus = NULL;
        return ctr_error_set(
                r->err, CTR_ERROR_SYSTEM, code, "cannot connect to the system bus of %s", r->name);
}

/* The container's object. */
static int find_container(Remote *r)
{
        sd_bus_message *reply;
        const char *path;
        SdWriter w;
        int code;

        code = begin(r, MANAGER_PATH, MANAGER_INTERFACE, "GetContainer", &w);
        if (code < 0)
                return code;
        sd_write_string(&w, r->call->arguments[0]);
        code = finish(r, &w, &reply);
        if (code < 0)
                return code;
        code = r->api->sd_bus_message_read_basic(reply, 'o', &path);
        if (code >= 0 && snprintf(r->path, sizeof(r->path), "%s", path) >= (int) sizeof(r->path))
                code = -ENAMETOOLONG;
        r->api->sd_bus_message_unref(reply);
        return code < 0 ? fail(r, NULL, code) : 0;
}

int remote_run(const RemoteTarget *target, const Verb *verb, const Call *call, CtrError *err)
{
        Remote r = { .name = target->host ? target->host : target->machine,
                .verb = verb,
                .call = call,
                .err = err };
        int code;

        if (target->host && target->machine)
                return ctr_error_set(err, CTR_ERROR_USAGE, 0, "either --host or --machine");
        if (r.name[0] == '\0' || r.name[0] == '-')
                return ctr_error_set(
                        err, CTR_ERROR_USAGE, 0, "\"%.64s\" is no name of a machine", r.name);
        for (size_t i = 0; i < ELEMENTSOF(remote_verbs); i++) {
                if (strcmp(remote_verbs[i].name, verb->name) != 0)
                        continue;
                if (has_flag(&r, "regex"))
                        return ctr_error_set(err, CTR_ERROR_UNSUPPORTED, 0,
                                "--regex is for containers of this machine");
                code = connect_to(&r, target);
                if (code >= 0 && remote_verbs[i].is_container)
                        code = find_container(&r);
                if (code >= 0)
                        code = remote_verbs[i].run(&r);
                if (r.bus)
                        r.api->sd_bus_flush_close_unref(r.bus);
                return code;
        }
        return ctr_error_set(err, CTR_ERROR_UNSUPPORTED, 0,
                "%s works on this machine only: run ctrctl there (%s)", verb->name,
                target->host ? "ssh HOST ctrctl ..." : "machinectl shell MACHINE");
}
