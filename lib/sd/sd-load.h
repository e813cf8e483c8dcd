/* libsystemd by dlopen(3): a table of the functions that lib/sd calls. The library is not linked,
 * so that the verbs that do not talk to PID 1 (state, list, ps, kill, exec) never pay for loading
 * it. */
#pragma once

#include "base/error.h"

#include <systemd/sd-bus.h>

#define SD_SYMBOLS(X)                                                                              \
        X(sd_bus_open_system)                                                                      \
        X(sd_bus_open_system_machine)                                                              \
        X(sd_bus_open_system_remote)                                                               \
        X(sd_bus_flush)                                                                            \
        X(sd_bus_flush_close_unref)                                                                \
        X(sd_bus_get_fd)                                                                           \
        X(sd_bus_get_events)                                                                       \
        X(sd_bus_get_timeout)                                                                      \
        X(sd_bus_is_open)                                                                          \
        X(sd_bus_process)                                                                          \
        X(sd_bus_wait)                                                                             \
        X(sd_bus_send)                                                                             \
        X(sd_bus_call)                                                                             \
        X(sd_bus_call_async)                                                                       \
        X(sd_bus_match_signal_async)                                                               \
        X(sd_bus_slot_unref)                                                                       \
        X(sd_bus_error_free)                                                                       \
        X(sd_bus_message_new_method_call)                                                          \
        X(sd_bus_message_append_basic)                                                             \
        X(sd_bus_message_append_array)                                                             \
        X(sd_bus_message_open_container)                                                           \
        X(sd_bus_message_close_container)                                                          \
        X(sd_bus_message_enter_container)                                                          \
        X(sd_bus_message_exit_container)                                                           \
        X(sd_bus_message_peek_type)                                                                \
        X(sd_bus_message_read_basic)                                                               \
        X(sd_bus_message_skip)                                                                     \
        X(sd_bus_message_copy)                                                                     \
        X(sd_bus_message_get_destination)                                                          \
        X(sd_bus_message_get_interface)                                                            \
        X(sd_bus_message_get_member)                                                               \
        X(sd_bus_message_get_path)                                                                 \
        X(sd_bus_message_rewind)                                                                   \
        X(sd_bus_message_get_error)                                                                \
        X(sd_bus_message_unref)

typedef struct SdApi {
#define X(name) __typeof__(name) *name;
        SD_SYMBOLS(X)
#undef X
} SdApi;

/* The functions, loaded at the first call. Returns 0, or -errno with *err when the library or one
 * of its functions is missing. */
int sd_load(const SdApi **ret, CtrError *err);
