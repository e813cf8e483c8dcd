/* Connection, calls and message building: see sd-connection.h. */
#include "sd/sd-connection.h"

#include <string.h>
#include <time.h>

#define CONNECT_TRIES 20

int sd_connect(SdConnection *c, CtrError *err)
{
        struct timespec pause = { .tv_nsec = 10000000 };
        int r;

        r = sd_load(&c->api, err);
        if (r < 0)
                return r;
        r = c->api->sd_bus_open_system(&c->bus);
        /* A bus that ends at this moment; systemd starts the next. */
        for (unsigned i = 1; i < CONNECT_TRIES && sd_is_disconnect(r); i++) {
                (void) nanosleep(&pause, NULL);
                r = c->api->sd_bus_open_system(&c->bus);
        }
        if (r < 0) {
                c->bus = NULL;
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r,
                        "cannot connect to the system bus (is systemd PID 1 and dbus.socket active?)");
        }
        return 0;
}

void sd_disconnect(SdConnection *c)
{
        if (c->bus)
                c->api->sd_bus_flush_close_unref(c->bus);
        c->bus = NULL;
}

const char *sd_unit_path(const char *unit, char buf[static SD_UNIT_PATH_MAX])
{
        static const char prefix[] = SD_MANAGER_PATH "/unit/", hex[] = "0123456789abcdef";
        size_t used = sizeof(prefix) - 1;

        memcpy(buf, prefix, sizeof(prefix));
        for (const char *p = unit; *p && used + 4 < SD_UNIT_PATH_MAX; p++) {
                unsigned char u = (unsigned char) *p;
                bool is_letter = (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z');
                bool is_digit = u >= '0' && u <= '9';

                /* A digit is escaped in first place only, as sd_bus_path_encode(3) does. */
                if (is_letter || (is_digit && p > unit)) {
                        buf[used++] = *p;
                        continue;
                }
                buf[used++] = '_';
                buf[used++] = hex[u >> 4];
                buf[used++] = hex[u & 15];
        }
        buf[used] = '\0';
        return buf;
}

int sd_manager_call(
        SdConnection *c, const char *method, const char *unit, sd_bus_message **ret, CtrError *err)
{
        sd_bus_message *m = NULL;
        int r;

        r = c->api->sd_bus_message_new_method_call(
                c->bus, &m, SD_DESTINATION, SD_MANAGER_PATH, SD_MANAGER_INTERFACE, method);
        if (r >= 0 && unit)
                r = c->api->sd_bus_message_append_basic(m, 's', unit);
        if (r < 0) {
                c->api->sd_bus_message_unref(m);
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "building the call %s", method);
        }
        *ret = m;
        return 0;
}

/* The same message once more, for a connection that may be another one. */
static int message_again(SdConnection *c, sd_bus_message *m, sd_bus_message **ret)
{
        const SdApi *api = c->api;
        sd_bus_message *copy = NULL;
        int r;

        r = api->sd_bus_message_new_method_call(c->bus, &copy, SD_DESTINATION,
                api->sd_bus_message_get_path(m), api->sd_bus_message_get_interface(m),
                api->sd_bus_message_get_member(m));
        if (r >= 0)
                r = api->sd_bus_message_rewind(m, true);
        if (r >= 0)
                r = api->sd_bus_message_copy(copy, m, true);
        if (r < 0) {
                api->sd_bus_message_unref(copy);
                return r;
        }
        *ret = copy;
        return 0;
}

static int call_once(SdConnection *c, sd_bus_message *m, const char *what,
        sd_bus_message **ret_reply, CtrError *err)
{
        sd_bus_error e = SD_BUS_ERROR_NULL;
        int r;

        r = c->api->sd_bus_call(c->bus, m, 0, &e, ret_reply);
        if (r < 0) {
                r = sd_error(&e, r, what, err);
                c->api->sd_bus_error_free(&e);
        }
        return r;
}

int sd_call(SdConnection *c, sd_bus_message *m, const char *what, sd_bus_message **ret_reply,
        CtrError *err)
{
        sd_bus_message *reply = NULL, *again;
        SdRecovery recovery = { 0 };
        int r;

        r = call_once(c, m, what, &reply, err);
        while (sd_is_disconnect(r) && sd_recover(c, &recovery)) {
                r = message_again(c, m, &again);
                if (r < 0)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "%s", what);
                r = call_once(c, again, what, &reply, err);
                c->api->sd_bus_message_unref(again);
        }
        if (r < 0)
                return r;
        if (ret_reply)
                *ret_reply = reply;
        else
                c->api->sd_bus_message_unref(reply);
        return 0;
}

bool sd_is_disconnect(int r)
{
        return r == -ECONNRESET || r == -ENOTCONN || r == -EPIPE || r == -ECONNABORTED;
}

static uint64_t now_usec(void)
{
        struct timespec ts;

        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (uint64_t) ts.tv_sec * 1000000U + (uint64_t) ts.tv_nsec / 1000U;
}

bool sd_recover(SdConnection *c, SdRecovery *recovery)
{
        struct timespec pause;

        if (recovery->start_usec == 0)
                *recovery = (SdRecovery){ .start_usec = now_usec(), .pause_usec = 2000 };
        while (now_usec() - recovery->start_usec < SD_RECOVER_USEC) {
                pause = (struct timespec){ .tv_nsec = (long) recovery->pause_usec * 1000 };
                (void) nanosleep(&pause, NULL);
                recovery->pause_usec = MIN_OF(recovery->pause_usec * 2, 200000U);
                if (c->bus && c->api->sd_bus_is_open(c->bus) > 0)
                        return true;
                sd_disconnect(c);
                if (sd_connect(c, NULL) >= 0)
                        return true;
        }
        return false;
}

void sd_write_basic(SdWriter *w, char type, const void *value)
{
        if (w->r >= 0)
                w->r = w->api->sd_bus_message_append_basic(w->m, type, value);
}

void sd_write_string(SdWriter *w, const char *value)
{
        sd_write_basic(w, 's', value);
}

void sd_write_open(SdWriter *w, char type, const char *contents)
{
        if (w->r >= 0)
                w->r = w->api->sd_bus_message_open_container(w->m, type, contents);
}

void sd_write_close(SdWriter *w)
{
        if (w->r >= 0)
                w->r = w->api->sd_bus_message_close_container(w->m);
}
