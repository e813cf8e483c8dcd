/* Waiting for the end of a unit's main process: see sd-watch.h. */
#include "sd/sd-watch.h"

typedef struct ExitQuery {
        SdConnection *c;
        unsigned n_missing; /* answers not yet here */
        bool is_gone;
        int32_t code, status;
} ExitQuery;

static int read_int32_variant(const SdApi *api, sd_bus_message *m, int32_t *ret)
{
        int r = api->sd_bus_message_enter_container(m, 'v', "i");

        return r < 0 ? r : api->sd_bus_message_read_basic(m, 'i', ret);
}

static int code_answered(sd_bus_message *m, void *userdata, sd_bus_error *unused _unused_)
{
        ExitQuery *q = userdata;

        q->n_missing--;
        if (q->c->api->sd_bus_message_get_error(m) ||
                read_int32_variant(q->c->api, m, &q->code) < 0)
                q->is_gone = true;
        return 0;
}

static int status_answered(sd_bus_message *m, void *userdata, sd_bus_error *unused _unused_)
{
        ExitQuery *q = userdata;

        q->n_missing--;
        if (q->c->api->sd_bus_message_get_error(m) ||
                read_int32_variant(q->c->api, m, &q->status) < 0)
                q->is_gone = true;
        return 0;
}

static int send_get(SdConnection *c, const char *path, const char *property,
        sd_bus_message_handler_t handler, ExitQuery *q, sd_bus_slot **ret)
{
        SdWriter w = { .api = c->api };
        int r;

        r = c->api->sd_bus_message_new_method_call(
                c->bus, &w.m, SD_DESTINATION, path, "org.freedesktop.DBus.Properties", "Get");
        if (r < 0)
                return r;
        sd_write_string(&w, SD_SERVICE_INTERFACE);
        sd_write_string(&w, property);
        r = w.r < 0 ? w.r : c->api->sd_bus_call_async(c->bus, ret, w.m, handler, q, 0);
        c->api->sd_bus_message_unref(w.m);
        if (r >= 0)
                q->n_missing++;
        return r < 0 ? r : 0;
}

static int wait_answers(ExitQuery *q)
{
        while (q->n_missing > 0) {
                int r = q->c->api->sd_bus_process(q->c->bus, NULL);

                if (r == 0 && q->n_missing > 0)
                        r = q->c->api->sd_bus_wait(q->c->bus, UINT64_MAX);
                if (r < 0 && r != -EINTR)
                        return r;
        }
        return 0;
}

/* Both values in one round trip. The code is asked first: once it is set the status is final. */
static int query_exit(SdConnection *c, const char *unit, ExitQuery *q)
{
        sd_bus_slot *slots[2] = { NULL, NULL };
        char path[SD_UNIT_PATH_MAX];
        int r;

        *q = (ExitQuery){ .c = c };
        (void) sd_unit_path(unit, path);
        r = send_get(c, path, "ExecMainCode", code_answered, q, &slots[0]);
        if (r >= 0)
                r = send_get(c, path, "ExecMainStatus", status_answered, q, &slots[1]);
        if (r >= 0)
                r = wait_answers(q);
        for (size_t i = 0; i < ELEMENTSOF(slots); i++)
                if (slots[i])
                        c->api->sd_bus_slot_unref(slots[i]);
        return r;
}

static int ignore_signal(
        sd_bus_message *m _unused_, void *userdata _unused_, sd_bus_error *e _unused_)
{
        return 0;
}

static int watch(SdConnection *c, const char *unit, ExitQuery *q)
{
        char path[SD_UNIT_PATH_MAX];
        sd_bus_slot *match = NULL;
        int r;

        r = query_exit(c, unit, q);
        if (r < 0 || q->is_gone || q->code != 0)
                return r;

        /* PID 1 has not come to it yet: match first, ask again, then wait for whatever it says
         * about the unit. */
        r = c->api->sd_bus_match_signal_async(c->bus, &match, SD_DESTINATION,
                sd_unit_path(unit, path), "org.freedesktop.DBus.Properties", "PropertiesChanged",
                ignore_signal, NULL, NULL);
        while (r >= 0) {
                r = query_exit(c, unit, q);
                if (r < 0 || q->is_gone || q->code != 0)
                        break;
                r = c->api->sd_bus_wait(c->bus, 1000000);
                if (r == -EINTR)
                        r = 0;
        }
        if (match)
                c->api->sd_bus_slot_unref(match);
        return r;
}

int sd_watch_main_exit(SdConnection *c, const char *unit, SdUnitExit *ret, CtrError *err)
{
        ExitQuery q;
        int r;

        r = watch(c, unit, &q);
        if (sd_is_disconnect(r)) {
                sd_disconnect(c);
                r = sd_connect(c, err);
                if (r < 0)
                        return r;
                r = sd_unit_ref(c, unit, err);
                if (r < 0)
                        return r;
                if (r == 0) {
                        *ret = (SdUnitExit){ 0 };
                        return 0;
                }
                r = watch(c, unit, &q);
        }
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "waiting for the end of %s", unit);
        *ret = (SdUnitExit){
                .is_known = !q.is_gone && q.code != 0, .code = q.code, .status = q.status
        };
        return 0;
}
