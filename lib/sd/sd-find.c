/* Looking for a unit: see sd-find.h. One call for the names, one more for each of them: for the
 * rare moment in which a container's state is lost. */
#include "sd/sd-find.h"

#include <string.h>

static int list_units(SdConnection *c, const char *pattern, sd_bus_message **ret, CtrError *err)
{
        SdWriter w = { .api = c->api };
        int r;

        r = sd_manager_call(c, "ListUnitsByPatterns", NULL, &w.m, err);
        if (r < 0)
                return r;
        sd_write_open(&w, 'a', "s");
        sd_write_close(&w);
        sd_write_open(&w, 'a', "s");
        sd_write_string(&w, pattern);
        sd_write_close(&w);
        r = w.r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, w.r, "building a call")
                    : sd_call(c, w.m, "cannot list units", ret, err);
        c->api->sd_bus_message_unref(w.m);
        return r;
}

static bool has_string(SdConnection *c, sd_bus_message *m, const char *wanted)
{
        const char *value;

        if (c->api->sd_bus_message_enter_container(m, 'v', "as") < 0 ||
                c->api->sd_bus_message_enter_container(m, 'a', "s") < 0)
                return false;
        while (c->api->sd_bus_message_read_basic(m, 's', &value) > 0)
                if (strcmp(value, wanted) == 0)
                        return true;
        return false;
}

/* One that is gone meanwhile is none. */
static bool is_documented(SdConnection *c, const char *unit, const char *url)
{
        char path[SD_UNIT_PATH_MAX];
        SdWriter w = { .api = c->api };
        sd_bus_message *reply = NULL;
        bool answer;

        if (c->api->sd_bus_message_new_method_call(c->bus, &w.m, SD_DESTINATION,
                    sd_unit_path(unit, path), "org.freedesktop.DBus.Properties", "Get") < 0)
                return false;
        sd_write_string(&w, SD_UNIT_INTERFACE);
        sd_write_string(&w, "Documentation");
        answer = w.r >= 0 && sd_call(c, w.m, "cannot read the unit", &reply, NULL) >= 0 &&
                 has_string(c, reply, url);
        c->api->sd_bus_message_unref(w.m);
        if (reply)
                c->api->sd_bus_message_unref(reply);
        return answer;
}

int sd_find_documented(SdConnection *c, const char *pattern, const char *url, char *ret,
        size_t size, CtrError *err)
{
        static const char entry[] = "ssssssouso"; /* name first */
        sd_bus_message *reply;
        const char *unit;
        int r, is_found = 0;

        r = list_units(c, pattern, &reply, err);
        if (r < 0)
                return r;
        r = c->api->sd_bus_message_enter_container(reply, 'a', "(ssssssouso)");
        while (r >= 0 && !is_found &&
                (r = c->api->sd_bus_message_enter_container(reply, 'r', entry)) > 0) {
                r = c->api->sd_bus_message_read_basic(reply, 's', &unit);
                if (r > 0 && strlen(unit) < size && is_documented(c, unit, url)) {
                        memcpy(ret, unit, strlen(unit) + 1);
                        is_found = 1;
                }
                if (r >= 0)
                        r = c->api->sd_bus_message_skip(reply, entry + 1);
                if (r >= 0)
                        r = c->api->sd_bus_message_exit_container(reply);
        }
        c->api->sd_bus_message_unref(reply);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "list of units") : is_found;
}
