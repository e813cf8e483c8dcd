/* Authorisation by polkit (org.freedesktop.PolicyKit1.Authority): one action a verb, with
 * container, pod and verb as details, so that a rule can name them. The caller is known by its name
 * on the bus, which is never used again. */
#include "manager/call.h"

#include "manager/sender.h"

#include <stdio.h>
#include <string.h>

#define POLKIT_NAME       "org.freedesktop.PolicyKit1"
#define POLKIT_PATH       "/org/freedesktop/PolicyKit1/Authority"
#define POLKIT_INTERFACE  "org.freedesktop.PolicyKit1.Authority"
#define ALLOW_INTERACTION 1U

/* A person may have to type a password. */
#define ASK_TIMEOUT_USEC (UINT64_C(120) * 1000 * 1000)

static void deny(Call *call, bool is_challenge)
{
        char text[256];

        (void) snprintf(text, sizeof(text), "not authorised: %s needs the polkit action %s%s",
                call->verb->member, BUS_NAME ".", call->verb->action);
        call_fail_name(call,
                is_challenge ? SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED
                             : SD_BUS_ERROR_ACCESS_DENIED,
                text);
}

static int answered(sd_bus_message *reply, void *userdata, sd_bus_error *unused _unused_)
{
        Call *call = userdata;
        int is_authorised = 0, is_challenge = 0, r;

        /* Nobody waits for it any more: it is not done either. */
        if (!call->sender) {
                call_fail_name(call, SD_BUS_ERROR_ACCESS_DENIED, "the caller is gone");
                return 1;
        }
        if (sd_bus_message_is_method_error(reply, NULL)) {
                deny(call, false);
                return 1;
        }
        r = sd_bus_message_enter_container(reply, 'r', "bba{ss}");
        if (r >= 0)
                r = sd_bus_message_read(reply, "bb", &is_authorised, &is_challenge);
        if (r < 0 || !is_authorised)
                deny(call, r >= 0 && is_challenge);
        else {
                call->slot = sd_bus_slot_unref(call->slot);
                call_authorised(call);
        }
        return 1;
}

int authorise_begin(Call *call, CtrError *err)
{
        sd_bus_message *m = NULL;
        const char *id = call->id ? call->id : "";
        char action[128];
        uint32_t flags = 0;
        bool is_pod;
        int r;

        is_pod = strcmp(call->verb->interface, INTERFACE_POD) == 0;
        (void) snprintf(action, sizeof(action), "%s.%s", BUS_NAME, call->verb->action);
        if (sd_bus_message_get_allow_interactive_authorization(call->message) > 0)
                flags |= ALLOW_INTERACTION;
        r = sd_bus_message_new_method_call(call->daemon->bus, &m, POLKIT_NAME, POLKIT_PATH,
                POLKIT_INTERFACE, "CheckAuthorization");
        if (r >= 0)
                r = sd_bus_message_append(m, "(sa{sv})sa{ss}us", "system-bus-name", 1, "name", "s",
                        sd_bus_message_get_sender(call->message), action, 3, "container",
                        is_pod ? "" : id, "pod", is_pod ? id : "", "verb", call->verb->member,
                        flags, "");
        if (r >= 0)
                r = sd_bus_call_async(
                        call->daemon->bus, &call->slot, m, answered, call, ASK_TIMEOUT_USEC);
        sd_bus_message_unref(m);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot ask polkit") : 0;
}
