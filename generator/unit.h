/* The unit of one configured container: whole text and links. A container whose configuration is
 * broken gets a stub instead, a unit of the same name that fails with the reason when it is started
 * (exit status 78), because that is where an administrator looks; a generator's own messages are
 * seen by nobody. */
#pragma once

#include "generator/links.h"
#include "plan/plan.h"
#include "unitfile/search.h"
#include "unitfile/settings.h"

/* Another unit beside it, for a published port, health checks, or a volume's file system. */
typedef struct UnitExtra {
        char name[PLAN_PORT_UNIT_MAX];
        char *text;
        size_t size;
} UnitExtra;

typedef struct Unit {
        char name[CTR_UNIT_NAME_MAX]; /* "ctr@web.service" */
        char *text;
        size_t size;
        Links links;
        UnitExtra *extras;
        size_t n_extras;
        bool is_broken; /* text is the stub; problem says why */
        Problem problem;
} Unit;

/* Makes the unit, reading everything it needs. Only out of memory is an error; a broken
 * configuration is a stub. Returns 0 or -ENOMEM. */
int unit_generate(const Search *search, const SearchContainer *container, Unit *ret);

/* The text of a stub for a broken one, from unit->problem. what: "Container", "Volume", "Pod";
 * name: what --check and --explain know it by. -ENOMEM. */
int unit_write_stub(
        const SearchContainer *container, const char *what, const char *name, Unit *unit);
void unit_done(Unit *unit);
