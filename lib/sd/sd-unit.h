/* Units by name: the calls of org.freedesktop.systemd1.Manager that a container's life needs. All
 * names are whole unit names ("ctr@web.service"); all functions follow org.freedesktop.systemd1(5).
 * Errors are in ctrunit's codes (sd-error.c): a name in use is CTR_ERROR_ID_IN_USE, an unknown unit
 * CTR_ERROR_CONTAINER_NOT_EXISTS. */
#pragma once

#include "plan/properties.h"
#include "sd/sd-connection.h"
#include "sd/sd-port.h"

#include <poll.h>

/* A call that was sent and whose answer is taken when it comes. Must not move while it is pending.
 */
typedef struct SdPending {
        SdConnection *connection;
        sd_bus_slot *slot;
        const char *what;
        bool is_done;
        int result; /* once done: 0, or -errno with error */
        CtrError error;
} SdPending;

void sd_pending_done(SdPending *p);

/* The message StartTransientUnit (mode "fail") with the properties that the unit's type takes, and
 * the units of its ports (NULL: none). */
int sd_unit_build_start(SdConnection *c, const char *unit, const PropertyList *properties,
        const SdPorts *ports, sd_bus_message **ret, CtrError *err);

/* Sends StartTransientUnit (mode "fail": the atomic claim of the name) and returns once it is on
 * the wire. Descriptors in the properties are duplicated: the caller may close its own. */
int sd_unit_start_transient(SdConnection *c, const char *unit, const PropertyList *properties,
        const SdPorts *ports, SdPending *pending, CtrError *err);

/* What to poll(2) for this connection, and processing of whatever arrived, without blocking. */
int sd_poll_prepare(SdConnection *c, struct pollfd *ret, int *ret_timeout_msec, CtrError *err);
int sd_poll_dispatch(SdConnection *c, CtrError *err);

/* Waits for a pending call and returns its result. */
int sd_pending_wait(SdPending *p, CtrError *err);

/* FreezeUnit and ThawUnit: return when every process is frozen or running again, or when that of
 * process_fd (a pidfd; -1: none) has ended, with CTR_ERROR_CONTAINER_NOT_RUNNING: PID 1 drops the
 * answer together with the unit (systemd 252). */
int sd_unit_freeze(SdConnection *c, const char *unit, int process_fd, CtrError *err);
int sd_unit_thaw(SdConnection *c, const char *unit, int process_fd, CtrError *err);

/* KillUnit; who is "all", "main" or "control". */
int sd_unit_kill(
        SdConnection *c, const char *unit, const char *who, int signal_number, CtrError *err);

/* SetUnitProperties for this boot only (runtime), in the order of the list. */
int sd_unit_set_properties(
        SdConnection *c, const char *unit, const PropertyList *properties, CtrError *err);

/* ResetFailedUnit. Returns 1, or 0 when systemd knows no such unit. */
int sd_unit_reset_failed(SdConnection *c, const char *unit, CtrError *err);

/* AddRef's opposite and its renewal: a unit with a reference stays loaded after its end. RefUnit
 * returns 0 when there is no such unit (any more). */
int sd_unit_ref(SdConnection *c, const char *unit, CtrError *err);

/* Releases the reference and tells in the same round trip whether the unit is still loaded: 1, else
 * 0. */
int sd_unit_release(SdConnection *c, const char *unit, CtrError *err);

/* Whether systemd has a unit of this name in memory: 1, else 0. */
int sd_unit_is_loaded(SdConnection *c, const char *unit, CtrError *err);

/* A unit as systemd sees it. */
typedef struct SdUnitStatus {
        bool is_loaded; /* false: no such unit, the rest is empty */
        char active_state[24];
} SdUnitStatus;

/* What PID 1 says about a unit; one that is not loaded has is_loaded false. */
int sd_unit_get_status(SdConnection *c, const char *unit, SdUnitStatus *ret, CtrError *err);

/* Argument number `index` of the unit's ExecStart= (0 is the program). Returns 1, or 0 when the
 * unit is not loaded or has no such argument. */
int sd_unit_get_argument(
        SdConnection *c, const char *unit, unsigned index, char *buf, size_t size, CtrError *err);

/* The file that a unit was read from, "" when there is none. Loads the unit if it is not. */
int sd_unit_get_fragment(SdConnection *c, const char *unit, char *buf, size_t size, CtrError *err);

/* Whether the service has a limit of this kind (a number or a list of org.freedesktop.systemd1(5),
 * "Properties of services"), wherever it was set: 1, else 0. */
int sd_unit_has_limit(SdConnection *c, const char *unit, PropertyId id, CtrError *err);

/* What PID 1 calls its version: "252.39-1~deb12u1". */
int sd_get_version(SdConnection *c, char *buf, size_t size, CtrError *err);

/* Reload: generators run, unit files are read again. Returns when that is over. */
int sd_reload(SdConnection *c, CtrError *err);
