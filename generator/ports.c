/* The units of published ports: their text is plan's, the files are the generator's. */
#include "generator/ports.h"

#include "generator/extra.h"

#include <string.h>

typedef void (*PortWriter)(const PlanContext *ctx, const PlanPort *port, FILE *f);

static int add_extra(const PlanContext *ctx, const PlanPort *port, const char *type,
        PortWriter writer, Unit *unit)
{
        char name[PLAN_PORT_UNIT_MAX];
        FILE *f;
        int r = plan_port_unit(ctx->id, port, type, name);

        if (r < 0)
                return r;
        f = extra_begin(ctx, name, unit);
        if (!f)
                return -ENOMEM;
        writer(ctx, port, f);
        return fclose(f) != 0 ? -ENOMEM : 0;
}

int ports_add_units(const Spec *spec, const PlanContext *ctx, Unit *unit, CtrError *err)
{
        PlanPorts ports;
        int r = plan_ports(spec, ctx, &ports, err);

        if (r < 0)
                return r;
        for (size_t i = 0; i < ports.n && r >= 0; i++) {
                r = add_extra(ctx, &ports.items[i], "socket", plan_port_socket_text, unit);
                if (r >= 0)
                        r = add_extra(
                                ctx, &ports.items[i], "service", plan_port_service_text, unit);
        }
        plan_ports_done(&ports);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "making the units of its ports") : 0;
}

/* ---- of a pod ---- */

static bool is_publication(const Settings *settings, size_t i)
{
        return settings->keys[i]->use == KEY_POD &&
               strcmp(settings->keys[i]->name, "PublishPort") == 0 &&
               settings->ini.items[i].value[0] && settings_is_current(settings, i);
}

/* All of them as a list, each looked at where it stands. *ret_last: NULL = there is none. */
static int join_words(const Settings *settings, bool has_own_network, FILE *f,
        const IniEntry **ret_last, CtrError *err)
{
        for (size_t i = 0; i < settings->ini.n; i++) {
                const IniEntry *entry = &settings->ini.items[i];
                const char *fault;

                if (!is_publication(settings, i))
                        continue;
                *ret_last = entry;
                if (!has_own_network)
                        return ini_entry_error(entry, err,
                                "the pod has no network of its own: there is nothing to publish "
                                "from");
                fault = plan_publish_fault(entry->value);
                if (fault)
                        return ini_entry_error(
                                entry, err, "\"%.100s\" is not valid: %s", entry->value, fault);
                (void) fprintf(f, "%s ", entry->value);
        }
        return 0;
}

static int add_pod_units(const PlanContext *ctx, const PlanPorts *ports, Unit *unit, FILE *names)
{
        char name[PLAN_PORT_UNIT_MAX];
        int r = 0;

        for (size_t i = 0; i < ports->n && r >= 0; i++) {
                r = add_extra(ctx, &ports->items[i], "socket", plan_port_socket_text, unit);
                if (r >= 0)
                        r = add_extra(
                                ctx, &ports->items[i], "service", plan_port_service_text, unit);
                if (r >= 0)
                        r = plan_port_unit(ctx->id, &ports->items[i], "socket", name);
                if (r >= 0)
                        (void) fprintf(names, "%s%s", i > 0 ? " " : "", name);
        }
        return r;
}

int ports_add_pod_units(const Settings *settings, bool has_own_network, const char *state_dir,
        const char *source, Unit *unit, char **ret_requires, Problem *problem)
{
        _cleanup_free_ char *words = NULL;
        char id[CTR_UNIT_NAME_MAX];
        PlanContext context = {
                .id = id, .state_dir = state_dir, .config_path = source, .pod_unit = unit->name
        };
        SpecKeyValue item = { (char *) (uintptr_t) PLAN_PUBLISH_ANNOTATION, NULL };
        const IniEntry *last = NULL;
        PlanPorts ports = { 0 };
        size_t size;
        FILE *f = open_memstream(&words, &size);
        int r;

        if (!f)
                return -ENOMEM;
        r = join_words(settings, has_own_network, f, &last, &problem->error);
        if (fclose(f) != 0)
                return -ENOMEM;
        if (last)
                (void) snprintf(problem->file, sizeof(problem->file), "%s", last->file);
        (void) snprintf(id, sizeof(id), "%.*s", (int) (strlen(unit->name) - strlen(".service")),
                unit->name);
        item.value = words;
        if (r >= 0)
                r = plan_ports_read(&(SpecKeyValues){ &item, 1 }, &ports, &problem->error);
        if (r < 0)
                return r;
        f = open_memstream(ret_requires, &size);
        r = f ? add_pod_units(&context, &ports, unit, f) : -ENOMEM;
        if (f && fclose(f) != 0)
                r = -ENOMEM;
        plan_ports_done(&ports);
        return r < 0 ? ctr_error_set(&problem->error, CTR_ERROR_SYSTEM, r,
                               "making the units of its ports")
                     : 0;
}
