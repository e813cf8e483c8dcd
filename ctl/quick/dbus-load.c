/* lib/sd's functions of the quick programs: those of dbus.h, where the whole programs load
 * libsystemd. Another bus than the usual one, or another patience, is the library's to know. */
#include "ctl/program.h"
#include "ctl/quick/dbus-connection.h"
#include "ctl/quick/hand-over.h"
#include "sd/sd-load.h"

#include <stdlib.h>

static const sd_bus_error *get_error(sd_bus_message *m)
{
        return m->type == DBUS_ERROR ? &m->error : NULL;
}

static const char *get_path(sd_bus_message *m)
{
        return m->strings[DBUS_PATH];
}

static const char *get_destination(sd_bus_message *m)
{
        return m->strings[DBUS_DESTINATION];
}

static const char *get_interface(sd_bus_message *m)
{
        return m->strings[DBUS_INTERFACE];
}

static const char *get_member(sd_bus_message *m)
{
        return m->strings[DBUS_MEMBER];
}

/* A written message is copied whole, wherever one stands in it. */
static int rewind_message(sd_bus_message *m _unused_, int is_complete _unused_)
{
        return 0;
}

static const SdApi api = {
        .sd_bus_open_system = dbus_open_system,
        .sd_bus_flush = dbus_flush,
        .sd_bus_flush_close_unref = dbus_flush_close_unref,
        .sd_bus_get_fd = dbus_get_fd,
        .sd_bus_get_events = dbus_get_events,
        .sd_bus_get_timeout = dbus_get_timeout,
        .sd_bus_is_open = dbus_is_open,
        .sd_bus_process = dbus_process,
        .sd_bus_wait = dbus_wait,
        .sd_bus_send = dbus_send,
        .sd_bus_call = dbus_call,
        .sd_bus_call_async = dbus_call_async,
        .sd_bus_match_signal_async = dbus_match_signal_async,
        .sd_bus_slot_unref = dbus_slot_unref,
        .sd_bus_error_free = dbus_error_free,
        .sd_bus_message_new_method_call = dbus_message_new_call,
        .sd_bus_message_append_basic = dbus_message_append_basic,
        .sd_bus_message_append_array = dbus_message_append_array,
        .sd_bus_message_open_container = dbus_message_open_container,
        .sd_bus_message_close_container = dbus_message_close_container,
        .sd_bus_message_enter_container = dbus_message_enter_container,
        .sd_bus_message_exit_container = dbus_message_exit_container,
        .sd_bus_message_read_basic = dbus_message_read_basic,
        .sd_bus_message_skip = dbus_message_skip,
        .sd_bus_message_copy = dbus_message_copy,
        .sd_bus_message_get_destination = get_destination,
        .sd_bus_message_get_interface = get_interface,
        .sd_bus_message_get_member = get_member,
        .sd_bus_message_get_path = get_path,
        .sd_bus_message_rewind = rewind_message,
        .sd_bus_message_get_error = get_error,
        .sd_bus_message_unref = dbus_message_unref,
};

int sd_load(const SdApi **ret, CtrError *err _unused_)
{
        if (getenv("DBUS_SYSTEM_BUS_ADDRESS") || getenv("SYSTEMD_BUS_TIMEOUT"))
                hand_over(program_argv);
        *ret = &api;
        return 0;
}
