/* Device access: the ordered allow and deny rules of linux.resources.devices are played through to
 * the allow list that they amount to, which is what systemd takes (DevicePolicy=strict with
 * DeviceAllow=). Where the outcome is no allow list ("everything but this one") the list allows
 * more, and a filter of our own has the rules themselves: the kernel asks both.
 * Nothing is allowed to begin with, so a config without rules gets the default devices only. */
#include "plan/plan-internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ANY = -1, NUMBER_MAX = 1 << 20 };

/* The specification's default devices, and what opening a terminal needs. */
const PlanDefaultDevice plan_default_devices[] = {
        { "/dev/null", 1, 3, true },
        { "/dev/zero", 1, 5, true },
        { "/dev/full", 1, 7, true },
        { "/dev/random", 1, 8, true },
        { "/dev/urandom", 1, 9, true },
        { "/dev/tty", 5, 0, true },
        { "/dev/console", 5, 1, false },
        { "/dev/ptmx", 5, 2, false },
};
const size_t plan_n_default_devices = ELEMENTSOF(plan_default_devices);
_Static_assert(ELEMENTSOF(plan_default_devices) <= PLAN_DEFAULT_DEVICE_MAX, "see plan-nodes.c");

typedef struct Allowed {
        char type; /* 'c', 'b' */
        int64_t major, minor;
        unsigned access; /* ACCESS_*; 0 = taken back */
} Allowed;

typedef struct AllowList {
        bool is_everything; /* an allow for all devices */
        bool is_wider;      /* than what the rules amount to */
        Allowed *items;
        size_t n;
} AllowList;

unsigned plan_device_access(const SpecDeviceRule *rule)
{
        return (rule->can_read ? PLAN_DEVICE_READ : 0U) |
               (rule->can_write ? PLAN_DEVICE_WRITE : 0U) |
               (rule->can_mknod ? PLAN_DEVICE_MKNOD : 0U);
}

static void allow_list_done(AllowList *l)
{
        free(l->items);
}

static int allow(AllowList *l, char type, int64_t major, int64_t minor, unsigned access)
{
        Allowed *items;

        for (size_t i = 0; i < l->n; i++) {
                Allowed *a = &l->items[i];

                if (a->type == type && a->major == major && a->minor == minor) {
                        a->access |= access;
                        return 0;
                }
        }
        items = reallocarray(l->items, l->n + 1, sizeof(*items));
        if (!items)
                return -ENOMEM;
        l->items = items;
        items[l->n++] = (Allowed){ type, major, minor, access };
        return 0;
}

/* Takes access back. An entry that covers more than the rule cannot lose a part of what it covers.
 */
static void deny(AllowList *l, char type, int64_t major, int64_t minor, unsigned access)
{
        for (size_t i = 0; i < l->n; i++) {
                Allowed *a = &l->items[i];
                bool is_covered =
                        (major == ANY || a->major == major) && (minor == ANY || a->minor == minor);
                bool is_touched = (major == ANY || a->major == ANY || a->major == major) &&
                                  (minor == ANY || a->minor == ANY || a->minor == minor);

                if (a->type != type || !is_touched || (a->access & access) == 0)
                        continue;
                if (is_covered)
                        a->access &= ~access;
                else
                        l->is_wider = true;
        }
}

static int64_t number(OptI64 n)
{
        return n.is_set ? n.value : ANY;
}

static int apply_typed(AllowList *l, const SpecDeviceRule *rule, char type)
{
        int64_t major = number(rule->major), minor = number(rule->minor);

        if (!rule->is_allow) {
                deny(l, type, major, minor, plan_device_access(rule));
                return 0;
        }
        /* One minor number of every major one. */
        if (major == ANY && minor != ANY) {
                l->is_wider = true;
                minor = ANY;
        }
        return allow(l, type, major, minor, plan_device_access(rule));
}

static int apply_rule(AllowList *l, const SpecDeviceRule *rule, const char *field, CtrError *err)
{
        int64_t major = number(rule->major), minor = number(rule->minor);
        int r = 0;

        if (major > NUMBER_MAX || minor > NUMBER_MAX)
                return ctr_error_field(
                        err, field, "device %" PRId64 ":%" PRId64 " cannot exist", major, minor);
        if (rule->type == 'a' && plan_device_access(rule) == PLAN_DEVICE_ALL && major == ANY &&
                minor == ANY) {
                l->n = 0;
                l->is_everything = rule->is_allow;
                l->is_wider = false;
                return 0;
        }
        if (l->is_everything) {
                l->is_wider = l->is_wider || !rule->is_allow;
                return 0;
        }
        if (rule->type != 'b')
                r = apply_typed(l, rule, 'c');
        if (rule->type != 'c' && r >= 0)
                r = apply_typed(l, rule, 'b');
        return r < 0 ? plan_no_memory(err) : 0;
}

static int add_defaults(AllowList *l, const Spec *spec, PlanMode mode)
{
        int r = 0;

        for (size_t i = 0; i < plan_n_default_devices && r >= 0; i++)
                r = allow(l, 'c', plan_default_devices[i].major, plan_default_devices[i].minor,
                        PLAN_DEVICE_ALL);
        if (r >= 0)
                r = allow(l, 'c', PLAN_PTS_MAJOR, ANY, PLAN_DEVICE_ALL);
        /* The nodes asked for can be made; using them is a matter of the rules. */
        for (size_t i = 0; i < spec->linux_.n_devices && r >= 0; i++) {
                const SpecDevice *d = &spec->linux_.devices[i];

                if (d->type == 'c' || d->type == 'b')
                        r = allow(l, d->type, d->major, d->minor, PLAN_DEVICE_MKNOD);
        }
        /* Engines' users unpack system images in containers with CAP_MKNOD: every node can be made,
         * as with the other runtimes, and none of them opened. */
        if (mode != PLAN_SERVICE && r >= 0)
                r = allow(l, 'c', ANY, ANY, PLAN_DEVICE_MKNOD);
        if (mode != PLAN_SERVICE && r >= 0)
                r = allow(l, 'b', ANY, ANY, PLAN_DEVICE_MKNOD);
        return r;
}

static int emit_entry(const Allowed *a, PropertyList *list)
{
        const char *class = a->type == 'b' ? "block" : "char";
        char name[64], access[4];
        size_t n = 0;

        if (a->access & PLAN_DEVICE_READ)
                access[n++] = 'r';
        if (a->access & PLAN_DEVICE_WRITE)
                access[n++] = 'w';
        if (a->access & PLAN_DEVICE_MKNOD)
                access[n++] = 'm';
        access[n] = '\0';
        if (n == 0)
                return 0;

        if (a->major == ANY)
                (void) snprintf(name, sizeof(name), "%s-*", class);
        else if (a->minor == ANY)
                (void) snprintf(name, sizeof(name), "%s-%" PRId64, class, a->major);
        else
                (void) snprintf(name, sizeof(name), "/dev/%s/%" PRId64 ":%" PRId64, class, a->major,
                        a->minor);
        return property_add_pair(list, PROPERTY_DEVICE_ALLOW, name, access);
}

static int apply_rules(AllowList *l, const SpecResources *resources, CtrError *err)
{
        for (size_t i = 0; i < resources->n_devices; i++) {
                char field[PLAN_FIELD_MAX];
                int r = apply_rule(l, &resources->devices[i],
                        plan_field(field, "linux.resources.devices[%zu]", i), err);

                if (r < 0)
                        return r;
        }
        return 0;
}

int plan_devices(const Spec *spec, const PlanContext *ctx, PropertyList *list, CtrError *err)
{
        _cleanup_(allow_list_done) AllowList l = { 0 };
        int r = apply_rules(&l, &spec->linux_.resources, err);

        if (r < 0)
                return r;
        if (l.is_everything)
                return property_set_string(list, PROPERTY_DEVICE_POLICY, "auto") < 0
                               ? plan_no_memory(err)
                               : 0;

        r = property_set_string(list, PROPERTY_DEVICE_POLICY, "strict");
        if (r >= 0)
                r = add_defaults(&l, spec, ctx->mode);
        for (size_t i = 0; i < l.n && r >= 0; i++)
                r = emit_entry(&l.items[i], list);
        return r < 0 ? plan_no_memory(err) : 0;
}

int plan_add_device_filter(Plan *p)
{
        _cleanup_(allow_list_done) AllowList l = { 0 };
        PlanMode mode = p->ctx->mode;
        int r = apply_rules(&l, &p->spec->linux_.resources, p->err);

        if (r < 0)
                return r;
        /* Without a unit nobody else looks at the rules; without a cgroup nobody can. */
        if (mode == PLAN_UNPLACED || (l.is_everything && !l.is_wider))
                return 0;
        if (l.is_wider || mode == PLAN_CGROUPFS)
                return plan_add_device_program(p);
        program_add(&p->program, mode == PLAN_SERVICE ? STAGE_PREPARE : STAGE_ATTEND,
                (ProgramOp){ .opcode = PROGRAM_OP_CHECK_DEVICE_RULES });
        return 0;
}
