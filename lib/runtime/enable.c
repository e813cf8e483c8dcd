/* enable, disable, reload: configured containers at boot. systemctl(1) cannot enable a unit that a
 * generator made; what it would do for another one is a link in a .wants directory, and that is
 * what is made here. It holds for every kind of configured container, [Install] section or not. */
#include "runtime/runtime.h"

#include "base/io.h"
#include "base/name.h"
#include "sd/sd-unit.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define WANTS_DIRECTORY     "/etc/systemd/system/multi-user.target.wants"
#define GENERATOR_DIRECTORY "/run/systemd/generator"

static int with_bus(int (*f)(SdConnection *bus, const char *unit, CtrError *err), const char *unit,
        CtrError *err)
{
        SdConnection bus = { 0 };
        int r;

        r = sd_connect(&bus, err);
        if (r >= 0)
                r = f(&bus, unit, err);
        sd_disconnect(&bus);
        return r;
}

static int reload(SdConnection *bus, const char *unit _unused_, CtrError *err)
{
        return sd_reload(bus, err);
}

static int make_link(const char *unit, const char *fragment, CtrError *err)
{
        char path[PATH_MAX];
        int r;

        (void) snprintf(path, sizeof(path), WANTS_DIRECTORY "/%s", unit);
        r = ctr_mkdir_parents(WANTS_DIRECTORY, 0755, err);
        if (r < 0)
                return r;
        if (symlink(fragment, path) < 0 && errno != EEXIST)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot make %s", path);
        return 0;
}

/* What the configuration says now counts, so the generator runs before it is asked for, and again
 * for the link. */
static int enable(SdConnection *bus, const char *unit, CtrError *err)
{
        char fragment[PATH_MAX], id[CTR_ID_MAX + 1];
        int r;

        r = sd_reload(bus, err);
        if (r >= 0)
                r = sd_unit_get_fragment(bus, unit, fragment, sizeof(fragment), err);
        if (r < 0)
                return r;
        if (strncmp(fragment, GENERATOR_DIRECTORY, strlen(GENERATOR_DIRECTORY)) != 0) {
                (void) ctr_unit_to_id(unit, id);
                return ctr_error_set(err, CTR_ERROR_CONTAINER_NOT_EXISTS, 0,
                        "%s is not a configured container (see ctr-generator(8))", id);
        }
        r = make_link(unit, fragment, err);
        return r < 0 ? r : sd_reload(bus, err);
}

static int disable(SdConnection *bus, const char *unit, CtrError *err)
{
        char path[PATH_MAX];

        (void) snprintf(path, sizeof(path), WANTS_DIRECTORY "/%s", unit);
        if (unlink(path) < 0 && errno != ENOENT)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot remove %s", path);
        return sd_reload(bus, err);
}

int runtime_set_enabled(const char *id, bool is_enabled, CtrError *err)
{
        char unit[CTR_UNIT_NAME_MAX];
        int r;

        r = ctr_id_check(id, err);
        if (r < 0)
                return r;
        return with_bus(is_enabled ? enable : disable, ctr_id_to_unit(id, unit), err);
}

int runtime_reload(CtrError *err)
{
        return with_bus(reload, NULL, err);
}
