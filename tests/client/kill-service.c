/* kill-service: SIGKILL for whoever owns the name org.ctrunit1, and back when the bus has noticed.
 * Nothing when nobody does: the bus would start it only with the next call. */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-bus.h>

#define SERVICE  "org.ctrunit1"
#define BUS_NAME "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"

static int owner_changed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        const char *name, *old_owner, *new_owner;
        bool *is_gone = userdata;

        (void) error;
        if (sd_bus_message_read(m, "sss", &name, &old_owner, &new_owner) >= 0 && *new_owner == '\0')
                *is_gone = true;
        return 0;
}

int main(void)
{
        sd_bus_message *reply = NULL;
        bool is_gone = false;
        uint32_t pid = 0;
        sd_bus *bus;
        int r;

        r = sd_bus_open_system(&bus);
        if (r >= 0)
                r = sd_bus_add_match(bus, NULL,
                        "type='signal',sender='" BUS_NAME
                        "',member='NameOwnerChanged',arg0='" SERVICE "'",
                        owner_changed, &is_gone);
        if (r < 0)
                return EXIT_FAILURE;
        if (sd_bus_call_method(bus, BUS_NAME, BUS_PATH, BUS_NAME, "GetConnectionUnixProcessID",
                    NULL, &reply, "s", SERVICE) < 0 ||
                sd_bus_message_read(reply, "u", &pid) < 0)
                return EXIT_SUCCESS;
        (void) kill((pid_t) pid, SIGKILL);
        while (!is_gone && r >= 0) {
                r = sd_bus_process(bus, NULL);
                if (r == 0)
                        r = sd_bus_wait(bus, UINT64_C(10) * 1000 * 1000);
        }
        (void) printf("%u\n", pid);
        sd_bus_message_unref(reply);
        sd_bus_flush_close_unref(bus);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
