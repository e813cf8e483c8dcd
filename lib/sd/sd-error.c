/* D-Bus error names in ctrunit's codes. Anything not in the table keeps systemd's own text. */
#include "sd/sd-connection.h"

#include <string.h>

static const struct {
        const char *name;
        CtrErrorCode code;
        int errno_value;
        const char *message; /* NULL: WHAT and the sender's text */
} known[] = {
        { "org.freedesktop.systemd1.UnitExists", CTR_ERROR_ID_IN_USE, EEXIST,
                "container with given ID already exists" },
        { "org.freedesktop.systemd1.NoSuchUnit", CTR_ERROR_CONTAINER_NOT_EXISTS, ENOENT,
                "container does not exist" },
        { "org.freedesktop.systemd1.NoSuchJob", CTR_ERROR_SYSTEM, ENOENT, NULL },
        { "org.freedesktop.systemd1.BadUnitSetting", CTR_ERROR_CONFIG_INVALID, EINVAL, NULL },
        { "org.freedesktop.systemd1.UnitMasked", CTR_ERROR_CONFIG_INVALID, ERFKILL, NULL },
        { "org.freedesktop.DBus.Error.AccessDenied", CTR_ERROR_SYSTEM, EACCES, NULL },
        { "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired", CTR_ERROR_SYSTEM, EACCES,
                "permission denied: only root may do this" },
        { "org.freedesktop.DBus.Error.PropertyReadOnly", CTR_ERROR_UNSUPPORTED, EROFS, NULL },
        { "org.freedesktop.DBus.Error.InvalidArgs", CTR_ERROR_CONFIG_INVALID, EINVAL, NULL },
        { "org.freedesktop.DBus.Error.ServiceUnknown", CTR_ERROR_SYSTEM, ENOTCONN,
                "systemd is not on the system bus (is it PID 1 here?)" },
        { "org.freedesktop.DBus.Error.NameHasNoOwner", CTR_ERROR_SYSTEM, ENOTCONN,
                "systemd is not on the system bus (is it PID 1 here?)" },
        /* The bus tried to start a systemd, because PID 1 was away for a moment. */
        { "org.freedesktop.DBus.Error.Spawn.ChildExited", CTR_ERROR_SYSTEM, ENOTCONN,
                "systemd is not on the system bus (is it PID 1 here?)" },
        { "org.freedesktop.DBus.Error.NoReply", CTR_ERROR_SYSTEM, ETIMEDOUT, NULL },
        { "org.freedesktop.DBus.Error.Timeout", CTR_ERROR_SYSTEM, ETIMEDOUT, NULL },
};

/* "No reply" means that time is up, or at once that PID 1 left the bus, as it does for each
 * daemon-reexec, or that the bus itself is gone: sd-bus and the buses say which in words only. */
static int number_of(size_t i, const sd_bus_error *e)
{
        bool is_lost = known[i].errno_value == ETIMEDOUT && e->message &&
                       !strstr(e->message, "timed out") && !strstr(e->message, "timeout");

        return is_lost ? ECONNRESET : known[i].errno_value;
}

int sd_error(const sd_bus_error *e, int r, const char *what, CtrError *err)
{
        if (!e || !e->name)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "%s", what);
        for (size_t i = 0; i < ELEMENTSOF(known); i++) {
                if (strcmp(known[i].name, e->name) != 0)
                        continue;
                if (known[i].message)
                        (void) ctr_error_set(err, known[i].code, 0, "%s", known[i].message);
                else
                        (void) ctr_error_set(err, known[i].code, 0, "%s: %s", what,
                                e->message ? e->message : e->name);
                if (err)
                        err->errno_value = number_of(i, e);
                return -number_of(i, e);
        }
        (void) ctr_error_set(
                err, CTR_ERROR_SYSTEM, 0, "%s: %s", what, e->message ? e->message : e->name);
        if (err && r < 0)
                err->errno_value = -r;
        return r < 0 ? r : -EIO;
}
