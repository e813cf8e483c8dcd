/* Calls on units: see sd-unit.h. */
#include "sd/sd-unit.h"

#include "sd/sd-append.h"

#include <stdio.h>
#include <string.h>

void sd_pending_done(SdPending *p)
{
        if (p->slot)
                p->connection->api->sd_bus_slot_unref(p->slot);
        p->slot = NULL;
}

static int pending_answered(sd_bus_message *reply, void *userdata, sd_bus_error *unused _unused_)
{
        SdPending *p = userdata;
        const sd_bus_error *e = p->connection->api->sd_bus_message_get_error(reply);

        p->is_done = true;
        p->result = e ? sd_error(e, -EIO, p->what, &p->error) : 0;
        return 0;
}

/* Takes m. */
static int pending_send(
        SdConnection *c, sd_bus_message *m, const char *what, SdPending *p, CtrError *err)
{
        int r;

        *p = (SdPending){ .connection = c, .what = what };
        r = c->api->sd_bus_call_async(c->bus, &p->slot, m, pending_answered, p, 0);
        c->api->sd_bus_message_unref(m);
        if (r < 0)
                return sd_error(NULL, r, what, err);
        return 0;
}

static UnitType unit_type(const char *unit)
{
        const char *dot = strrchr(unit, '.');

        return dot && strcmp(dot, ".scope") == 0   ? UNIT_SCOPE
               : dot && strcmp(dot, ".slice") == 0 ? UNIT_SLICE
                                                   : UNIT_SERVICE;
}

int sd_unit_build_start(SdConnection *c, const char *unit, const PropertyList *properties,
        const SdPorts *ports, sd_bus_message **ret, CtrError *err)
{
        SdWriter w = { .api = c->api };
        int r;

        r = sd_manager_call(c, "StartTransientUnit", unit, &w.m, err);
        if (r < 0)
                return r;
        sd_write_string(&w, "fail");
        sd_write_properties(&w, properties, unit_type(unit));
        sd_write_open(&w, 'a', "(sa(sv))");
        sd_write_ports(&w, ports);
        sd_write_close(&w);
        if (w.r < 0) {
                c->api->sd_bus_message_unref(w.m);
                return ctr_error_set(err, CTR_ERROR_SYSTEM, w.r, "building unit %s", unit);
        }
        *ret = w.m;
        return 0;
}

int sd_unit_start_transient(SdConnection *c, const char *unit, const PropertyList *properties,
        const SdPorts *ports, SdPending *pending, CtrError *err)
{
        sd_bus_message *m;
        int r;

        r = sd_unit_build_start(c, unit, properties, ports, &m, err);
        if (r < 0)
                return r;
        r = pending_send(c, m, "cannot start the unit", pending, err);
        if (r < 0)
                return r;
        r = c->api->sd_bus_flush(c->bus);
        if (r < 0)
                return sd_error(NULL, r, "cannot reach systemd", err);
        return 0;
}

int sd_poll_prepare(SdConnection *c, struct pollfd *ret, int *ret_timeout_msec, CtrError *err)
{
        uint64_t until_usec = UINT64_MAX;
        int events = c->api->sd_bus_get_events(c->bus);

        if (events < 0 || c->api->sd_bus_get_timeout(c->bus, &until_usec) < 0)
                return sd_error(NULL, -ENOTCONN, "lost the connection to systemd", err);
        *ret = (struct pollfd){ .fd = c->api->sd_bus_get_fd(c->bus), .events = (short) events };
        /* 0: something is queued already; otherwise only the limit of a pending call, which needs
         * no precision. */
        *ret_timeout_msec = until_usec == 0 ? 0 : until_usec == UINT64_MAX ? -1 : 1000;
        return 0;
}

int sd_poll_dispatch(SdConnection *c, CtrError *err)
{
        int r;

        do
                r = c->api->sd_bus_process(c->bus, NULL);
        while (r > 0);
        return r < 0 ? sd_error(NULL, r, "lost the connection to systemd", err) : 0;
}

int sd_pending_wait(SdPending *p, CtrError *err)
{
        SdConnection *c = p->connection;
        int r;

        while (!p->is_done) {
                r = sd_poll_dispatch(c, err);
                if (r < 0)
                        return r;
                if (p->is_done)
                        break;
                r = c->api->sd_bus_wait(c->bus, UINT64_MAX);
                if (r < 0 && r != -EINTR)
                        return sd_error(NULL, r, "lost the connection to systemd", err);
        }
        if (p->result < 0 && err)
                *err = p->error;
        return p->result;
}

static int call_with_name(
        SdConnection *c, const char *method, const char *unit, const char *what, CtrError *err)
{
        sd_bus_message *m;
        int r;

        r = sd_manager_call(c, method, unit, &m, err);
        if (r < 0)
                return r;
        r = sd_call(c, m, what, NULL, err);
        c->api->sd_bus_message_unref(m);
        return r;
}

/* As sd_pending_wait(), as long as the process lives. */
static int pending_wait_beside(SdPending *p, int process_fd, CtrError *err)
{
        struct pollfd fds[] = { { 0 }, { .fd = process_fd, .events = POLLIN } };
        int timeout_msec, r;

        do {
                r = sd_poll_dispatch(p->connection, err);
                if (r < 0 || p->is_done)
                        break;
                if (fds[1].revents)
                        return ctr_error_set(
                                err, CTR_ERROR_CONTAINER_NOT_RUNNING, 0, "container not running");
                r = sd_poll_prepare(p->connection, &fds[0], &timeout_msec, err);
                if (r >= 0 && poll(fds, ELEMENTSOF(fds), timeout_msec) < 0 && errno != EINTR)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "waiting for systemd");
        } while (r >= 0);
        return r < 0 ? r : sd_pending_wait(p, err);
}

static int call_once_beside(SdConnection *c, const char *method, const char *unit, int process_fd,
        const char *what, CtrError *err)
{
        _cleanup_(sd_pending_done) SdPending pending = { 0 };
        sd_bus_message *m;
        int r;

        r = sd_manager_call(c, method, unit, &m, err);
        if (r >= 0)
                r = pending_send(c, m, what, &pending, err);
        return r < 0 ? r : pending_wait_beside(&pending, process_fd, err);
}

static int call_beside(SdConnection *c, const char *method, const char *unit, int process_fd,
        const char *what, CtrError *err)
{
        SdRecovery recovery = { 0 };
        int r;

        do
                r = call_once_beside(c, method, unit, process_fd, what, err);
        while (sd_is_disconnect(r) && sd_recover(c, &recovery));
        return r;
}

int sd_unit_freeze(SdConnection *c, const char *unit, int process_fd, CtrError *err)
{
        return call_beside(c, "FreezeUnit", unit, process_fd, "cannot freeze the unit", err);
}

int sd_unit_thaw(SdConnection *c, const char *unit, int process_fd, CtrError *err)
{
        return call_beside(c, "ThawUnit", unit, process_fd, "cannot thaw the unit", err);
}

int sd_unit_kill(
        SdConnection *c, const char *unit, const char *who, int signal_number, CtrError *err)
{
        SdWriter w = { .api = c->api };
        int32_t number = signal_number;
        int r;

        r = sd_manager_call(c, "KillUnit", unit, &w.m, err);
        if (r < 0)
                return r;
        sd_write_string(&w, who);
        sd_write_basic(&w, 'i', &number);
        if (w.r < 0)
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, w.r, "building the call KillUnit");
        else
                r = sd_call(c, w.m, "cannot send the signal", NULL, err);
        c->api->sd_bus_message_unref(w.m);
        return r;
}

int sd_unit_set_properties(
        SdConnection *c, const char *unit, const PropertyList *properties, CtrError *err)
{
        SdWriter w = { .api = c->api };
        int is_runtime = 1, r;

        r = sd_manager_call(c, "SetUnitProperties", unit, &w.m, err);
        if (r < 0)
                return r;
        sd_write_basic(&w, 'b', &is_runtime);
        sd_write_properties(&w, properties, unit_type(unit));
        if (w.r < 0)
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, w.r, "building properties of %s", unit);
        else
                r = sd_call(c, w.m, "cannot change the unit", NULL, err);
        c->api->sd_bus_message_unref(w.m);
        return r;
}

/* An unknown unit is an expected outcome here: 0 instead of an error. */
static int call_maybe_gone(
        SdConnection *c, const char *method, const char *unit, const char *what, CtrError *err)
{
        CtrError e = { 0 };
        int r = call_with_name(c, method, unit, what, &e);

        if (r >= 0)
                return 1;
        if (e.code == CTR_ERROR_CONTAINER_NOT_EXISTS)
                return 0;
        if (err)
                *err = e;
        return r;
}

int sd_unit_reset_failed(SdConnection *c, const char *unit, CtrError *err)
{
        return call_maybe_gone(c, "ResetFailedUnit", unit, "cannot reset the unit", err);
}

int sd_unit_ref(SdConnection *c, const char *unit, CtrError *err)
{
        return call_maybe_gone(c, "RefUnit", unit, "cannot hold the unit", err);
}

int sd_unit_release(SdConnection *c, const char *unit, CtrError *err)
{
        SdPending released, exists;
        sd_bus_message *m;
        int r;

        /* PID 1 drops a unit that nothing holds between two messages: the answer to the second is
         * about what the first left. */
        r = sd_manager_call(c, "UnrefUnit", unit, &m, err);
        if (r < 0)
                return r;
        r = pending_send(c, m, "cannot release the unit", &released, err);
        if (r < 0)
                return r;
        r = sd_manager_call(c, "GetUnit", unit, &m, err);
        if (r >= 0)
                r = pending_send(c, m, "cannot look up the unit", &exists, err);
        if (r >= 0) {
                CtrError e = { 0 };

                r = sd_pending_wait(&exists, &e);
                sd_pending_done(&exists);
                if (r >= 0)
                        r = 1;
                else if (e.code == CTR_ERROR_CONTAINER_NOT_EXISTS)
                        r = 0;
                else if (err)
                        *err = e;
        }
        sd_pending_done(&released);
        return r;
}

/* Reads a property and hands the reply, positioned inside the variant, to a reader. unit NULL: one
 * of the manager. */
static int get_property(SdConnection *c, const char *unit, const char *interface,
        const char *property, const char *signature, sd_bus_message **ret, CtrError *err)
{
        char path[SD_UNIT_PATH_MAX];
        SdWriter w = { .api = c->api };
        sd_bus_message *reply = NULL;
        int r;

        r = c->api->sd_bus_message_new_method_call(c->bus, &w.m, SD_DESTINATION,
                unit ? sd_unit_path(unit, path) : SD_MANAGER_PATH,
                "org.freedesktop.DBus.Properties", "Get");
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "building a property call");
        sd_write_string(&w, interface);
        sd_write_string(&w, property);
        r = w.r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, w.r, "building a property call")
                    : sd_call(c, w.m, "cannot read the unit", &reply, err);
        c->api->sd_bus_message_unref(w.m);
        if (r < 0)
                return r;
        r = c->api->sd_bus_message_enter_container(reply, 'v', signature);
        if (r < 0) {
                c->api->sd_bus_message_unref(reply);
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "property %s of %s", property,
                        unit ? unit : "systemd");
        }
        *ret = reply;
        return 0;
}

static int copy_string(const char *value, char *buf, size_t size, CtrError *err)
{
        if (strlen(value) >= size)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOBUFS, "property value");
        memcpy(buf, value, strlen(value) + 1);
        return 0;
}

static int get_string(SdConnection *c, const char *unit, const char *interface,
        const char *property, char *buf, size_t size, CtrError *err)
{
        sd_bus_message *reply;
        const char *value;
        int r;

        r = get_property(c, unit, interface, property, "s", &reply, err);
        if (r < 0)
                return r;
        r = c->api->sd_bus_message_read_basic(reply, 's', &value);
        r = r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "property %s of %s", property,
                            unit ? unit : "systemd")
                  : copy_string(value, buf, size, err);
        c->api->sd_bus_message_unref(reply);
        return r;
}

int sd_unit_is_loaded(SdConnection *c, const char *unit, CtrError *err)
{
        return call_maybe_gone(c, "GetUnit", unit, "cannot look up the unit", err);
}

int sd_unit_get_status(SdConnection *c, const char *unit, SdUnitStatus *ret, CtrError *err)
{
        int r;

        *ret = (SdUnitStatus){ 0 };
        /* Reading properties of an unknown unit would load it: ask for the loaded ones first. */
        r = sd_unit_is_loaded(c, unit, err);
        if (r <= 0)
                return r;
        r = get_string(c, unit, SD_UNIT_INTERFACE, "ActiveState", ret->active_state,
                sizeof(ret->active_state), err);
        ret->is_loaded = r >= 0;
        return r;
}

/* The reply of ExecStart: the first command's arguments. */
static int read_argument(
        SdConnection *c, sd_bus_message *m, unsigned index, char *buf, size_t size, CtrError *err)
{
        const SdApi *api = c->api;
        const char *value;
        int r;

        r = api->sd_bus_message_enter_container(m, 'a', "(sasbttttuii)");
        if (r > 0)
                r = api->sd_bus_message_enter_container(m, 'r', "sasbttttuii");
        if (r > 0)
                r = api->sd_bus_message_read_basic(m, 's', &value);
        if (r > 0)
                r = api->sd_bus_message_enter_container(m, 'a', "s");
        for (unsigned i = 0; r > 0; i++) {
                r = api->sd_bus_message_read_basic(m, 's', &value);
                if (r > 0 && i == index)
                        return copy_string(value, buf, size, err) < 0 ? -ENOBUFS : 1;
        }
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "property ExecStart") : 0;
}

int sd_unit_get_argument(
        SdConnection *c, const char *unit, unsigned index, char *buf, size_t size, CtrError *err)
{
        sd_bus_message *reply;
        int r;

        r = call_maybe_gone(c, "GetUnit", unit, "cannot look up the unit", err);
        if (r <= 0)
                return r;
        r = get_property(c, unit, SD_SERVICE_INTERFACE, "ExecStart", "a(sasbttttuii)", &reply, err);
        if (r < 0)
                return r;
        r = read_argument(c, reply, index, buf, size, err);
        c->api->sd_bus_message_unref(reply);
        return r;
}

int sd_unit_get_fragment(SdConnection *c, const char *unit, char *buf, size_t size, CtrError *err)
{
        return get_string(c, unit, SD_UNIT_INTERFACE, "FragmentPath", buf, size, err);
}

static int read_number(SdConnection *c, sd_bus_message *m, uint64_t *ret, CtrError *err)
{
        int r = c->api->sd_bus_message_read_basic(m, 't', ret);

        c->api->sd_bus_message_unref(m);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "a number of the unit") : 0;
}

/* What PID 1 answers of a unit that says nothing. */
static int get_default(SdConnection *c, PropertyId id, uint64_t *ret, CtrError *err)
{
        sd_bus_message *reply;
        int r;

        *ret = id == PROPERTY_MEMORY_LOW || id == PROPERTY_MEMORY_MIN ? 0 : UINT64_MAX;
        if (id != PROPERTY_TASKS_MAX)
                return 0;
        r = get_property(c, NULL, SD_MANAGER_INTERFACE, "DefaultTasksMax", "t", &reply, err);
        return r < 0 ? r : read_number(c, reply, ret, err);
}

int sd_unit_has_limit(SdConnection *c, const char *unit, PropertyId id, CtrError *err)
{
        const PropertyInfo *info = property_info(id);
        sd_bus_message *reply;
        uint64_t value, unset;
        int r;

        r = get_property(
                c, unit, SD_SERVICE_INTERFACE, info->bus_name, info->signature, &reply, err);
        if (r < 0)
                return r;
        if (info->signature[0] == 't') {
                r = read_number(c, reply, &value, err);
                if (r >= 0)
                        r = get_default(c, id, &unset, err);
                return r < 0 ? r : value != unset;
        }
        /* A list: has it an element? */
        r = c->api->sd_bus_message_enter_container(reply, 'a', info->signature + 1);
        if (r >= 0)
                r = c->api->sd_bus_message_peek_type(reply, NULL, NULL);
        c->api->sd_bus_message_unref(reply);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "property %s", info->bus_name)
                     : r > 0;
}

int sd_get_version(SdConnection *c, char *buf, size_t size, CtrError *err)
{
        return get_string(c, NULL, SD_MANAGER_INTERFACE, "Version", buf, size, err);
}

int sd_reload(SdConnection *c, CtrError *err)
{
        sd_bus_message *m = NULL;
        int r = sd_manager_call(c, "Reload", NULL, &m, err);

        if (r < 0)
                return r;
        r = sd_call(c, m, "cannot reload systemd", NULL, err);
        c->api->sd_bus_message_unref(m);
        return r;
}
