/* A connection to the system bus: the functions of dbus.h's other half. Each does what the sd-bus
 * function does whose type it has; dbus-load.c says which. */
#pragma once

#include "ctl/quick/dbus.h"

int dbus_open_system(sd_bus **ret);
sd_bus *dbus_flush_close_unref(sd_bus *bus);
int dbus_flush(sd_bus *bus);
int dbus_is_open(sd_bus *bus);

int dbus_get_fd(sd_bus *bus);
int dbus_get_events(sd_bus *bus);
int dbus_get_timeout(sd_bus *bus, uint64_t *ret_usec);
int dbus_process(sd_bus *bus, sd_bus_message **ret);
int dbus_wait(sd_bus *bus, uint64_t usec);

int dbus_send(sd_bus *bus, sd_bus_message *m, uint64_t *ret_cookie);
int dbus_call(sd_bus *bus, sd_bus_message *m, uint64_t usec, sd_bus_error *ret_error,
        sd_bus_message **ret_reply);
int dbus_call_async(sd_bus *bus, sd_bus_slot **ret, sd_bus_message *m,
        sd_bus_message_handler_t handler, void *userdata, uint64_t usec);
int dbus_match_signal_async(sd_bus *bus, sd_bus_slot **ret, const char *sender, const char *path,
        const char *interface, const char *member, sd_bus_message_handler_t handler,
        sd_bus_message_handler_t installed, void *userdata);
sd_bus_slot *dbus_slot_unref(sd_bus_slot *slot);
void dbus_error_free(sd_bus_error *e);
