/* One connection to the system bus and calls of PID 1's manager object on it. Messages are built
 * here and sent in order; a caller that needs no answer does not wait for one. */
#pragma once

#include "sd/sd-load.h"

#define SD_DESTINATION       "org.freedesktop.systemd1"
#define SD_MANAGER_PATH      "/org/freedesktop/systemd1"
#define SD_MANAGER_INTERFACE "org.freedesktop.systemd1.Manager"
#define SD_UNIT_INTERFACE    "org.freedesktop.systemd1.Unit"
#define SD_SERVICE_INTERFACE "org.freedesktop.systemd1.Service"
#define SD_UNIT_PATH_MAX     1024 /* buffer for a unit's object path */

typedef struct SdConnection {
        const SdApi *api;
        sd_bus *bus; /* NULL = not connected */
} SdConnection;

/* Connects to the system bus ($DBUS_SYSTEM_BUS_ADDRESS as always); the bus's greeting is not waited
 * for. */
int sd_connect(SdConnection *c, CtrError *err);

/* Sends what is still queued and closes. Safe on a zeroed or closed connection. */
void sd_disconnect(SdConnection *c);

/* Object path of a unit: every byte but letters and digits becomes _XX. Returns buf, cut when too
 * long (no unit name of 255 bytes is). */
const char *sd_unit_path(const char *unit, char buf[static SD_UNIT_PATH_MAX]);

/* A method call of the manager with one string argument (a unit's name) appended; more may follow.
 */
int sd_manager_call(
        SdConnection *c, const char *method, const char *unit, sd_bus_message **ret, CtrError *err);

/* Sends and waits for the answer; ret_reply may be NULL. `what` starts the error's message. When
 * PID 1 or the bus goes away meanwhile, and comes back within SD_RECOVER_USEC, it is sent again:
 * only for calls that may be made twice. */
int sd_call(SdConnection *c, sd_bus_message *m, const char *what, sd_bus_message **ret_reply,
        CtrError *err);

/* Fills *err from an error of the bus, in ctrunit's codes (see the table in sd-error.c). r: the
 * errno form. Returns a negative errno. */
int sd_error(const sd_bus_error *e, int r, const char *what, CtrError *err);

/* PID 1 or the bus went away (daemon-reexec, a bus that was restarted), as opposed to the call
 * failing: what became of the call is not known. */
bool sd_is_disconnect(int r);

#define SD_RECOVER_USEC (15U * 1000 * 1000)

/* Attempts of those who make such a call again; zeroed at first. */
typedef struct SdRecovery {
        uint64_t start_usec; /* CLOCK_MONOTONIC, 0 = not begun */
        unsigned pause_usec;
} SdRecovery;

/* Waits a moment, longer each time, and connects anew where the connection is broken. False once
 * SD_RECOVER_USEC have passed since the first of these. */
bool sd_recover(SdConnection *c, SdRecovery *recovery);

/* Builds messages: the first failure sticks, the rest does nothing. */
typedef struct SdWriter {
        const SdApi *api;
        sd_bus_message *m;
        int r;
} SdWriter;

/* Append to the message as sd_bus_message_append_basic(3) and its kin; after an error in w->r they
 * do nothing. */
void sd_write_basic(SdWriter *w, char type, const void *value);
void sd_write_string(SdWriter *w, const char *value);
void sd_write_open(SdWriter *w, char type, const char *contents);
void sd_write_close(SdWriter *w);
