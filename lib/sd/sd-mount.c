/* Mount units: see sd-mount.h. */
#include "sd/sd-mount.h"

#include "base/name.h"
#include "sd/sd-job.h"

#include <stdio.h>
#include <string.h>

#define MOUNT_TIMEOUT_USEC (120U * 1000 * 1000)

/* systemd.unit(5), "String escaping for inclusion in unit names", of a path without redundant
 * slashes. */
int sd_mount_unit(const char *where, char *buf, size_t size)
{
        static const char plain[] =
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:_.";
        size_t used = 0;

        for (const char *p = where + 1; *p; p++) {
                int n;

                if (*p == '/')
                        n = snprintf(buf + used, size - used, "-");
                else if (strchr(plain, *p) && !(*p == '.' && p == where + 1))
                        n = snprintf(buf + used, size - used, "%c", *p);
                else
                        n = snprintf(buf + used, size - used, "\\x%02x", (unsigned char) *p);
                used += (size_t) n;
                if (used >= size)
                        return -ENAMETOOLONG;
        }
        used += (size_t) snprintf(buf + used, size - used, ".mount");
        return used >= size || used >= CTR_UNIT_NAME_MAX ? -ENAMETOOLONG : 0;
}

static void write_text(SdWriter *w, const char *property, const char *value)
{
        sd_write_open(w, 'r', "sv");
        sd_write_string(w, property);
        sd_write_open(w, 'v', "s");
        sd_write_string(w, value);
        sd_write_close(w);
        sd_write_close(w);
}

int sd_mount_start(SdConnection *c, const SdMount *mount, CtrError *err)
{
        char unit[CTR_UNIT_NAME_MAX], result[SD_JOB_RESULT_MAX];
        SdWriter w = { .api = c->api };
        int r;

        r = sd_mount_unit(mount->where, unit, sizeof(unit));
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, r,
                        "the id is too long for the name of a mount unit");
        r = sd_manager_call(c, "StartTransientUnit", unit, &w.m, err);
        if (r < 0)
                return r;
        sd_write_string(&w, "fail");
        sd_write_open(&w, 'a', "(sv)");
        write_text(&w, "Description", mount->description);
        write_text(&w, "What", mount->what);
        write_text(&w, "Where", mount->where);
        write_text(&w, "Type", mount->type);
        write_text(&w, "Options", mount->options);
        write_text(&w, "CollectMode", "inactive-or-failed");
        sd_write_close(&w);
        sd_write_open(&w, 'a', "(sa(sv))");
        sd_write_close(&w);
        if (w.r < 0) {
                c->api->sd_bus_message_unref(w.m);
                return ctr_error_set(err, CTR_ERROR_SYSTEM, w.r, "building the mount unit");
        }
        r = sd_job_start_built(c, unit, w.m, MOUNT_TIMEOUT_USEC, result, err);
        if (r >= 0 && strcmp(result, "done") != 0)
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, 0,
                        "cannot mount %s (%s): see journalctl -u '%s'", mount->what, result, unit);
        return r;
}
