/* Published ports: the annotation org.ctrunit.publish, "[ADDRESS:]HOSTPORT:PORT[/tcp|/udp]" with
 * ranges of ports as "FIRST-LAST", or "/PATH:PORT", separated by blanks. Each is a .socket unit in
 * the host and a service in the container's network namespace, which the first connection starts
 * and which ends when it has nothing to do: nothing of it runs meanwhile. plan-port-units.c has
 * what stands in these units. */
#include "plan/plan-internal.h"

#include "base/io.h"
#include "base/name.h"

#include <arpa/inet.h>
#include <string.h>

#define ANNOTATION PLAN_PUBLISH_ANNOTATION
#define BLANKS     " \t\n"

enum { PORT_MAX = 65535, PORTS_MAX = 64, SOCKET_PATH_MAX = 107 };

/* Ports from first to last. */
typedef struct Range {
        unsigned first, last;
} Range;

static int refuse(CtrError *err, const char *word, const char *reason)
{
        return ctr_error_field(
                err, "annotations[\"" ANNOTATION "\"]", "\"%.200s\": %s", word, reason);
}

static bool is_port(const char *text, unsigned *ret)
{
        uint64_t number;

        if (ctr_parse_u64(text, PORT_MAX, &number) < 0 || number == 0)
                return false;
        *ret = (unsigned) number;
        return true;
}

/* "80" or "80-89"; cuts text up. */
static bool is_range(char *text, Range *ret)
{
        char *dash = strchr(text, '-');

        if (dash)
                *dash = '\0';
        if (!is_port(text, &ret->first))
                return false;
        ret->last = ret->first;
        return !dash || (is_port(dash + 1, &ret->last) && ret->last >= ret->first);
}

/* "192.0.2.1", "[2001:db8::1]" */
static bool is_address(const char *text)
{
        size_t n = strlen(text);
        unsigned char buf[sizeof(struct in6_addr)];
        char inner[INET6_ADDRSTRLEN];

        if (text[0] != '[')
                return inet_pton(AF_INET, text, buf) == 1;
        if (n < 3 || text[n - 1] != ']' || n - 2 >= sizeof(inner))
                return false;
        memcpy(inner, text + 1, n - 2);
        inner[n - 2] = '\0';
        return inet_pton(AF_INET6, inner, buf) == 1;
}

static bool is_socket_path(const char *path)
{
        return strlen(path) <= SOCKET_PATH_MAX && path[1] && !strstr(path, "/../") &&
               strspn(path,
                       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_.+@,-") ==
                       strlen(path);
}

/* A word of the list, cut up. host is what stands before the last colon, address before the port in
 * it ("" when there is none). */
typedef struct Publication {
        const char *path; /* of a socket; NULL: the host's ports */
        const char *address;
        Range host, container;
        bool is_udp;
} Publication;

/* The host's side of it. Returns what is wrong, or NULL. */
static const char *read_host_side(char *host, Publication *ret)
{
        char *colon = strrchr(host, ':');

        ret->address = "";
        if (host[0] == '/') {
                ret->path = host;
                if (ret->is_udp || ret->container.first != ret->container.last)
                        return "a path leads to one port of tcp";
                return is_socket_path(host) ? NULL : "not the path of a socket";
        }
        if (colon) {
                *colon = '\0';
                ret->address = host;
                if (!is_address(host))
                        return "not an address: write 192.0.2.1 or [2001:db8::1]";
        }
        if (!is_range(colon ? colon + 1 : host, &ret->host))
                return "the host's port is a number from 1 to 65535, or a range FIRST-LAST";
        if (ret->host.last - ret->host.first != ret->container.last - ret->container.first)
                return "the two ranges differ in length";
        return NULL;
}

/* Returns what is wrong, or NULL. */
static const char *read_publication(char *word, Publication *ret)
{
        char *colon = strrchr(word, ':'), *slash;

        *ret = (Publication){ 0 };
        if (strlen(word) >= PLAN_PORT_LISTEN_MAX)
                return "is too long";
        if (!colon)
                return "expected [ADDRESS:]HOSTPORT:PORT or /PATH:PORT";
        *colon = '\0';
        slash = strchr(colon + 1, '/');
        if (slash) {
                *slash = '\0';
                ret->is_udp = strcmp(slash + 1, "udp") == 0;
                if (!ret->is_udp && strcmp(slash + 1, "tcp") != 0)
                        return "only tcp and udp can be published";
        }
        if (!is_range(colon + 1, &ret->container))
                return "the container's port is a number from 1 to 65535, or a range FIRST-LAST";
        return read_host_side(word, ret);
}

const char *plan_publish_fault(const char *word)
{
        _cleanup_free_ char *copy = strdup(word);
        Publication publication;

        if (!copy)
                return "out of memory";
        if (word[0] == '\0' || strpbrk(word, BLANKS))
                return "expected [ADDRESS:]HOSTPORT:PORT or /PATH:PORT";
        return read_publication(copy, &publication);
}

/* Number i of the ports that a word publishes. */
static PlanPort make_port(const Publication *publication, unsigned i)
{
        PlanPort port = { .port = publication->container.first + i, .is_udp = publication->is_udp };
        unsigned host = publication->host.first + i;

        if (publication->path) {
                (void) snprintf(port.name, sizeof(port.name), "unix-%u", port.port);
                (void) snprintf(port.listen, sizeof(port.listen), "%s", publication->path);
                return port;
        }
        (void) snprintf(port.name, sizeof(port.name), "%u%s", host, port.is_udp ? "-udp" : "");
        (void) snprintf(port.listen, sizeof(port.listen), "%s%s%u", publication->address,
                publication->address[0] ? ":" : "", host);
        return port;
}

static int append_port(const PlanPort *port, PlanPorts *ports)
{
        PlanPort *items = reallocarray(ports->items, ports->n + 1, sizeof(*items));

        if (!items)
                return -ENOMEM;
        ports->items = items;
        items[ports->n++] = *port;
        return 0;
}

static int add_word(const char *text, size_t size, PlanPorts *ports, CtrError *err)
{
        _cleanup_free_ char *word = strndup(text, size), *shown = strndup(text, size);
        Publication publication;
        const char *fault;

        if (!word || !shown)
                return plan_no_memory(err);
        fault = read_publication(word, &publication);
        if (fault)
                return refuse(err, shown, fault);
        for (unsigned i = 0; i <= publication.host.last - publication.host.first; i++) {
                PlanPort port = make_port(&publication, i);

                for (size_t k = 0; k < ports->n; k++)
                        if (strcmp(ports->items[k].name, port.name) == 0)
                                return refuse(err, shown, "this port of the host is named twice");
                if (ports->n >= PORTS_MAX)
                        return refuse(err, shown, "too many ports");
                if (append_port(&port, ports) < 0)
                        return plan_no_memory(err);
        }
        return 0;
}

void plan_ports_done(PlanPorts *ports)
{
        free(ports->items);
        *ports = (PlanPorts){ 0 };
}

int plan_ports_read(const SpecKeyValues *annotations, PlanPorts *ret, CtrError *err)
{
        const char *value = "";
        PlanPorts ports = { 0 };
        int r = 0;

        *ret = ports;
        for (size_t i = 0; i < annotations->n; i++)
                if (strcmp(annotations->items[i].key, ANNOTATION) == 0)
                        value = annotations->items[i].value;
        for (const char *p = value + strspn(value, BLANKS); *p && r >= 0; p += strspn(p, BLANKS)) {
                size_t n = strcspn(p, BLANKS);

                r = add_word(p, n, &ports, err);
                p += n;
        }
        if (r < 0) {
                plan_ports_done(&ports);
                return r;
        }
        *ret = ports;
        return 0;
}

/* The namespace of a pod is no host's, and its containers share what they publish from. */
static bool is_of_pod(const char *path)
{
        return strncmp(path, CTR_STATE_DIR "/pods/", sizeof(CTR_STATE_DIR "/pods/") - 1) == 0;
}

int plan_ports(const Spec *spec, const PlanContext *ctx, PlanPorts *ret, CtrError *err)
{
        const SpecNamespace *network = spec_find_namespace(spec, SPEC_NS_NETWORK);
        const char *reason = NULL;
        int r = plan_ports_read(&spec->annotations, ret, err);

        if (r < 0 || ret->n == 0)
                return r;
        if (ctx->mode != PLAN_SERVICE)
                reason = "ports are published for containers that are services: an engine "
                         "publishes those of its own";
        else if (!network || (network->path && !is_of_pod(network->path)))
                reason = "the container has no network namespace of its own: there is nothing to "
                         "publish from";
        if (!reason)
                return 0;
        plan_ports_done(ret);
        return plan_unsupported(err, "annotations[\"" ANNOTATION "\"]", "%s", reason);
}

int plan_port_unit(
        const char *id, const PlanPort *port, const char *type, char ret[static PLAN_PORT_UNIT_MAX])
{
        char unit[CTR_UNIT_NAME_MAX];
        size_t n;

        if (!*ctr_id_to_unit(id, unit))
                return -EINVAL;
        n = strlen(unit) - strlen("ctr@") - strlen(".service");
        if (snprintf(ret, PLAN_PORT_UNIT_MAX, "ctr-fwd@%.*s-%s.%s", (int) n, unit + strlen("ctr@"),
                    port->name, type) >= CTR_UNIT_NAME_MAX)
                return -ENAMETOOLONG;
        return 0;
}

bool plan_has_ports(const Spec *spec)
{
        return spec_find_annotation(spec, ANNOTATION) != NULL;
}

int plan_fill_ports(const Spec *spec, const PlanContext *ctx, PropertyList *list, CtrError *err)
{
        PlanPorts ports;
        int r = plan_ports(spec, ctx, &ports, err);

        for (size_t i = 0; i < ports.n && r >= 0; i++) {
                char unit[PLAN_PORT_UNIT_MAX];

                r = plan_port_unit(ctx->id, &ports.items[i], "socket", unit);
                if (r < 0) {
                        r = plan_unsupported(err, "annotations[\"" ANNOTATION "\"]",
                                "the container's id is too long for this");
                        break;
                }
                r = property_add_string(list, PROPERTY_REQUIRES, unit);
                if (r >= 0)
                        r = property_add_string(list, PROPERTY_AFTER, unit);
                if (r < 0)
                        (void) plan_no_memory(err);
        }
        plan_ports_done(&ports);
        return r;
}

/* A namespace that the clone joins is its own only after it has; network devices wait for that,
 * too. */
static void add_wait(Plan *p)
{
        const SpecNamespace *network = spec_find_namespace(p->spec, SPEC_NS_NETWORK);
        ProgramOp op = { .opcode = PROGRAM_OP_SEND, .number = { SYNC_NAMESPACES_READY } };

        if (!network || !network->path || p->spec->linux_.net_devices.n > 0)
                return;
        program_add(&p->program, STAGE_NAMESPACE, op);
        op.opcode = PROGRAM_OP_AWAIT;
        program_add(&p->program, STAGE_ATTEND, op);
}

int plan_add_ports(Plan *p)
{
        ProgramBuilder *b = &p->program;
        PlanPorts ports;
        int r = plan_ports(p->spec, p->ctx, &ports, p->err);

        if (ports.n > 0)
                add_wait(p);
        if (ports.n > 0)
                program_add(b, STAGE_ATTEND,
                        (ProgramOp){ .opcode = PROGRAM_OP_PIN_NAMESPACE,
                                .string = {
                                        program_add_format(b, "%s/" STATE_FILE_NAMESPACES "/net",
                                                p->ctx->state_dir),
                                        program_add_string(b, "net") } });
        plan_ports_done(&ports);
        return r;
}
