/* Published ports: see ports.h. PID 1 stops the sockets by itself when the container is gone; who
 * removes a container waits for that, because the next one may want the same port. */
#include "runtime/ports.h"

#include "sd/sd-job.h"
#include "sd/sd-unit.h"

#include "base/listen-address.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STOP_TIMEOUT_USEC (20U * 1000 * 1000)

static int set_annotation(Spec *spec, char *value)
{
        SpecKeyValues *all = &spec->annotations;
        SpecKeyValue *items;

        for (size_t i = 0; i < all->n; i++)
                if (strcmp(all->items[i].key, PLAN_PUBLISH_ANNOTATION) == 0) {
                        free(all->items[i].value);
                        all->items[i].value = value;
                        return 0;
                }
        items = reallocarray(all->items, all->n + 1, sizeof(*items));
        if (!items)
                return -ENOMEM;
        all->items = items;
        items[all->n] = (SpecKeyValue){ .key = strdup(PLAN_PUBLISH_ANNOTATION), .value = value };
        if (!items[all->n].key)
                return -ENOMEM;
        all->n++;
        return 0;
}

int ports_request(Bundle *bundle, char *const *publish, size_t n, CtrError *err)
{
        const char *old = spec_find_annotation(bundle->spec, PLAN_PUBLISH_ANNOTATION);
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f;
        int r;

        if (n == 0)
                return 0;
        for (size_t i = 0; i < n; i++) {
                const char *fault = plan_publish_fault(publish[i]);

                if (fault)
                        return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                                "cannot publish \"%.100s\": %s", publish[i], fault);
        }
        f = open_memstream(&text, &size);
        if (!f)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "publishing ports");
        (void) fputs(old ? old : "", f);
        for (size_t i = 0; i < n; i++)
                (void) fprintf(f, " %s", publish[i]);
        r = fclose(f) != 0 ? -ENOMEM : set_annotation(bundle->spec, text);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "publishing ports");
        text = NULL;
        return 0;
}

/* ---- a port that cannot be had ---- */

/* PID 1 tells nobody but the journal why it could not listen: what does the kernel say to us? */
static int listen_errno(const PlanPort *port)
{
        return port->listen[0] == '/' ? 0 : -listen_address_try(port->listen, port->is_udp);
}

void ports_explain(SdConnection *bus, const char *id, const PlanPorts *ports, CtrError *err)
{
        for (size_t i = 0; i < ports->n; i++) {
                const PlanPort *port = &ports->items[i];
                char unit[PLAN_PORT_UNIT_MAX];
                SdUnitStatus status;
                int reason;

                if (plan_port_unit(id, port, "socket", unit) < 0 ||
                        sd_unit_get_status(bus, unit, &status, NULL) < 0 ||
                        strcmp(status.active_state, "failed") != 0)
                        continue;
                reason = listen_errno(port);
                *err = (CtrError){ 0 };
                if (reason)
                        (void) ctr_error_set(err, CTR_ERROR_SYSTEM, reason,
                                "cannot publish port %s/%s of the host", port->listen,
                                port->is_udp ? "udp" : "tcp");
                else
                        (void) ctr_error_set(err, CTR_ERROR_SYSTEM, 0,
                                "cannot publish %s%s of the host (see: journalctl -u %s)",
                                port->listen[0] == '/' ? "" : "port ", port->listen, unit);
                return;
        }
}

void ports_remove(SdConnection *bus, const char *id, const PlanPorts *ports)
{
        static const char *const types[] = { "socket", "service" };
        char unit[PLAN_PORT_UNIT_MAX], result[SD_JOB_RESULT_MAX];

        for (size_t i = 0; i < ports->n * ELEMENTSOF(types); i++) {
                if (plan_port_unit(id, &ports->items[i / ELEMENTSOF(types)],
                            types[i % ELEMENTSOF(types)], unit) < 0)
                        continue;
                (void) sd_job_stop(bus, unit, SD_STOP_KILL_NONE, STOP_TIMEOUT_USEC, result, NULL);
                (void) sd_unit_reset_failed(bus, unit, NULL);
        }
}
