/* Published ports: the annotation org.ctrunit.publish, "[ADDRESS:]HOSTPORT:PORT[/tcp]" or
 * "/PATH:PORT", separated by blanks. Each is a .socket unit in the host and a service of
 * systemd-socket-proxyd in the container's network namespace, which the first connection starts,
 * with the container before it, and which ends when it has nothing to do. Nothing of it runs
 * meanwhile. */
#include "plan/plan-internal.h"

#include "base/io.h"
#include "base/name.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <sched.h>
#include <string.h>

#define ANNOTATION "org.ctrunit.publish"
#define BLANKS     " \t\n"
#define PROXY      "/lib/systemd/systemd-socket-proxyd"

enum { PORT_MAX = 65535, PORTS_MAX = 64, SOCKET_PATH_MAX = 107 };

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

/* The host's side: fills listen and name. Returns what is wrong, or NULL. */
static const char *read_host_side(const char *host, PlanPort *ret)
{
        const char *colon = strrchr(host, ':'), *number = colon ? colon + 1 : host;
        char address[PLAN_PORT_LISTEN_MAX];
        unsigned port;

        if (host[0] == '/') {
                if (!is_socket_path(host))
                        return "not the path of a socket";
                (void) snprintf(ret->name, sizeof(ret->name), "unix-%u", ret->port);
                (void) snprintf(ret->listen, sizeof(ret->listen), "%s", host);
                return NULL;
        }
        if (!is_port(number, &port))
                return strchr(number, '-') ? "ranges of ports are not supported: name each port"
                                           : "the host's port is a number from 1 to 65535";
        if (colon) {
                (void) snprintf(address, sizeof(address), "%.*s", (int) (colon - host), host);
                if (!is_address(address))
                        return "not an address: write 192.0.2.1 or [2001:db8::1]";
        }
        (void) snprintf(ret->name, sizeof(ret->name), "%u", port);
        (void) snprintf(ret->listen, sizeof(ret->listen), "%s", host);
        return NULL;
}

/* Cuts word up. Returns what is wrong, or NULL. */
static const char *read_port(char *word, PlanPort *ret)
{
        char *colon = strrchr(word, ':'), *slash;

        if (!colon)
                return "expected [ADDRESS:]HOSTPORT:PORT or /PATH:PORT";
        *colon = '\0';
        slash = strchr(colon + 1, '/');
        if (slash) {
                *slash = '\0';
                if (strcmp(slash + 1, "tcp") != 0)
                        return "only tcp can be published";
        }
        if (!is_port(colon + 1, &ret->port))
                return "the container's port is a number from 1 to 65535";
        return read_host_side(word, ret);
}

static int add_port(const char *text, size_t size, PlanPorts *ports, CtrError *err)
{
        _cleanup_free_ char *word = strndup(text, size), *shown = strndup(text, size);
        PlanPort *items, port = { 0 };
        const char *fault;

        if (!word || !shown)
                return plan_no_memory(err);
        fault = size >= PLAN_PORT_LISTEN_MAX ? "is too long" : read_port(word, &port);
        if (fault)
                return refuse(err, shown, fault);
        for (size_t i = 0; i < ports->n; i++)
                if (strcmp(ports->items[i].name, port.name) == 0)
                        return refuse(err, shown, "this port of the host is named twice");
        if (ports->n >= PORTS_MAX)
                return refuse(err, shown, "too many ports");
        items = reallocarray(ports->items, ports->n + 1, sizeof(*items));
        if (!items)
                return plan_no_memory(err);
        ports->items = items;
        items[ports->n++] = port;
        return 0;
}

void plan_ports_done(PlanPorts *ports)
{
        free(ports->items);
        *ports = (PlanPorts){ 0 };
}

int plan_ports(const Spec *spec, const PlanContext *ctx, PlanPorts *ret, CtrError *err)
{
        const char *value = spec_find_annotation(spec, ANNOTATION);
        const SpecNamespace *network = spec_find_namespace(spec, SPEC_NS_NETWORK);
        PlanPorts ports = { 0 };
        int r = 0;

        *ret = ports;
        if (!value || value[strspn(value, BLANKS)] == '\0')
                return 0;
        if (ctx->origin != PLAN_GENERATED)
                return plan_unsupported(err, "annotations[\"" ANNOTATION "\"]",
                        "ports are published for configured containers: see ctr-generator(8)");
        if (!network || network->path)
                return plan_unsupported(err, "annotations[\"" ANNOTATION "\"]",
                        "the container has no network namespace of its own: there is nothing to "
                        "publish from");
        for (const char *p = value + strspn(value, BLANKS); *p && r >= 0; p += strspn(p, BLANKS)) {
                size_t n = strcspn(p, BLANKS);

                r = add_port(p, n, &ports, err);
                p += n;
        }
        if (r < 0) {
                plan_ports_done(&ports);
                return r;
        }
        *ret = ports;
        return 0;
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

int plan_add_ports(Plan *p)
{
        ProgramBuilder *b = &p->program;
        PlanPorts ports;
        int r = plan_ports(p->spec, p->ctx, &ports, p->err);

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

/* ---- units ---- */

/* A value of one line: specifiers doubled. Listen addresses and ids have nothing else to escape. */
static void write_value(FILE *f, const char *key, const char *value)
{
        (void) fprintf(f, "%s=", key);
        for (; *value; value++)
                (void) fputs(*value == '%' ? "%%" : (char[]){ *value, '\0' }, f);
        (void) fputc('\n', f);
}

void plan_port_socket_text(const PlanContext *ctx, const PlanPort *port, FILE *f)
{
        (void) fprintf(f,
                "[Unit]\n"
                "Description=Port %s of container %s\n"
                "Documentation=man:ctrunit.unit(7)\n",
                port->name, ctx->id);
        write_value(f, "SourcePath", ctx->config_path);
        (void) fputs("\n[Socket]\n", f);
        write_value(f, "ListenStream", port->listen);
        if (port->listen[0] == '/')
                (void) fputs("RemoveOnStop=yes\n", f);
}

void plan_port_service_text(const PlanContext *ctx, const PlanPort *port, FILE *f)
{
        char unit[CTR_UNIT_NAME_MAX];

        (void) ctr_id_to_unit(ctx->id, unit);
        (void) fprintf(f,
                "[Unit]\n"
                "Description=Connections to port %s of container %s\n"
                "Documentation=man:ctrunit.unit(7) man:systemd-socket-proxyd(8)\n",
                port->name, ctx->id);
        write_value(f, "SourcePath", ctx->config_path);
        /* Bound: the namespace ends with the container. */
        (void) fprintf(f,
                "BindsTo=%s\n"
                "After=%s\n"
                "\n[Service]\n"
                "Type=notify\n"
                "ExecStart=" PROXY " --exit-idle-time=30s 127.0.0.1:%u\n",
                unit, unit, port->port);
        (void) fprintf(
                f, "NetworkNamespacePath=%s/" STATE_FILE_NAMESPACES "/net\n", ctx->state_dir);
        (void) fputs("CapabilityBoundingSet=\n"
                     "NoNewPrivileges=yes\n"
                     "LockPersonality=yes\n"
                     "MemoryDenyWriteExecute=yes\n"
                     "PrivateTmp=yes\n"
                     "PrivateDevices=yes\n"
                     "ProtectHome=yes\n"
                     "ProtectSystem=strict\n"
                     "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX\n"
                     "RestrictNamespaces=yes\n"
                     "SystemCallArchitectures=native\n"
                     "SystemCallFilter=@system-service\n",
                f);
}
