/* Published ports: see ports.h. PID 1 stops the sockets by itself when the container is gone; who
 * removes a container waits for that, because the next one may want the same port. */
#include "runtime/ports.h"

#include "sd/sd-job.h"
#include "sd/sd-unit.h"

#include "base/json.h"
#include "base/listen-address.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STOP_TIMEOUT_USEC (20U * 1000 * 1000)

#define EXPOSED                      "exposed" /* a word for all that the image exposes */
#define EXPOSED_ANNOTATION           "org.ctrunit1.exposedPorts"
#define EXPOSED_ANNOTATION_OF_IMAGES "org.opencontainers.image.exposedPorts"

/* ---- what is asked for ---- */

/* One that an image exposes, "8080/tcp", at the same number of the host. */
static int add_exposed(FILE *f, const char *word, CtrError *err)
{
        int digits = (int) strcspn(word, "/");
        char port[64];
        const char *fault;

        (void) snprintf(port, sizeof(port), "%.*s:%.40s", digits, word, word);
        fault = digits > 5 ? "no port" : plan_publish_fault(port);
        if (fault)
                return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "cannot publish \"%.40s\", which the image exposes: %s", word, fault);
        (void) fprintf(f, " %s", port);
        return 1;
}

/* As ctrunit keeps them: an array of strings. Returns how many. */
static int add_exposed_array(FILE *f, const char *text, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        int r = json_document_parse(text, strlen(text), &doc, err);
        size_t n = r >= 0 ? json_value_length(json_document_root(doc)) : 0;

        for (size_t i = 0; i < n && r >= 0; i++) {
                const char *word = json_value_string(json_value_item(json_document_root(doc), i));

                r = add_exposed(f, word ? word : "", err);
        }
        return r < 0 ? r : (int) n;
}

/* As the image specification has them (conversion.md): separated by commas. */
static int add_exposed_list(FILE *f, const char *text, CtrError *err)
{
        _cleanup_free_ char *copy = strdup(text);
        char *rest = copy, *word;
        int r = 0, n = 0;

        if (!copy)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "publishing ports");
        while (r >= 0 && (word = strsep(&rest, ", ")) != NULL)
                if (*word) {
                        r = add_exposed(f, word, err);
                        n++;
                }
        return r < 0 ? r : n;
}

static int add_all_exposed(FILE *f, const Spec *spec, CtrError *err)
{
        const char *own = spec_find_annotation(spec, EXPOSED_ANNOTATION);
        const char *list = spec_find_annotation(spec, EXPOSED_ANNOTATION_OF_IMAGES);
        int r = own ? add_exposed_array(f, own, err) : list ? add_exposed_list(f, list, err) : 0;

        return r != 0 ? r
                      : ctr_error_set(err, CTR_ERROR_USAGE, 0,
                                "cannot publish \"" EXPOSED "\": the image exposes no port");
}

static int add_word(FILE *f, const Spec *spec, const char *word, CtrError *err)
{
        const char *fault;

        if (strcmp(word, EXPOSED) == 0)
                return add_all_exposed(f, spec, err);
        fault = plan_publish_fault(word);
        if (fault)
                return ctr_error_set(
                        err, CTR_ERROR_USAGE, 0, "cannot publish \"%.100s\": %s", word, fault);
        (void) fprintf(f, " %s", word);
        return 0;
}

int ports_request(Bundle *bundle, char *const *publish, size_t n, CtrError *err)
{
        const char *old = spec_find_annotation(bundle->spec, PLAN_PUBLISH_ANNOTATION);
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f;
        int r = 0;

        if (n == 0)
                return 0;
        f = open_memstream(&text, &size);
        if (!f)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "publishing ports");
        (void) fputs(old ? old : "", f);
        for (size_t i = 0; i < n && r >= 0; i++)
                r = add_word(f, bundle->spec, publish[i], err);
        if (r < 0) {
                (void) fclose(f);
                return r;
        }
        r = fclose(f) != 0 ? -ENOMEM
                           : spec_set_annotation(bundle->spec, PLAN_PUBLISH_ANNOTATION, text);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "publishing ports") : 0;
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
