/* Units of published ports for PID 1: see sd-port.h. What stands in them is plan-port-units.c's, as
 * for generated ones. */
#include "sd/sd-port.h"

#include "base/name.h"

#include <stdio.h>

static void open_property(SdWriter *w, const char *name, const char *signature)
{
        sd_write_open(w, 'r', "sv");
        sd_write_string(w, name);
        sd_write_open(w, 'v', signature);
}

static void close_property(SdWriter *w)
{
        sd_write_close(w);
        sd_write_close(w);
}

static void write_text(SdWriter *w, const char *name, const char *value)
{
        open_property(w, name, "s");
        sd_write_string(w, value);
        close_property(w);
}

static void write_yes(SdWriter *w, const char *name)
{
        int yes = 1;

        open_property(w, name, "b");
        sd_write_basic(w, 'b', &yes);
        close_property(w);
}

/* A list of one name or two. */
static void write_names(SdWriter *w, const char *name, const char *first, const char *second)
{
        open_property(w, name, "as");
        sd_write_open(w, 'a', "s");
        sd_write_string(w, first);
        if (second)
                sd_write_string(w, second);
        sd_write_close(w);
        close_property(w);
}

static void write_command(SdWriter *w, const char *name, const char *const *argv)
{
        int is_failure_ignored = 0;

        open_property(w, name, "a(sasb)");
        sd_write_open(w, 'a', "(sasb)");
        sd_write_open(w, 'r', "sasb");
        sd_write_string(w, argv[0]);
        sd_write_open(w, 'a', "s");
        for (; *argv; argv++)
                sd_write_string(w, *argv);
        sd_write_close(w);
        sd_write_basic(w, 'b', &is_failure_ignored);
        sd_write_close(w);
        sd_write_close(w);
        close_property(w);
}

static void write_description(
        SdWriter *w, const char *format, const SdPorts *ports, const PlanPort *port)
{
        char text[CTR_ID_MAX + 64];

        (void) snprintf(text, sizeof(text), format, port->name, ports->ctx->id);
        write_text(w, "Description", text);
}

static void open_unit(SdWriter *w, const SdPorts *ports, const PlanPort *port, const char *type)
{
        char unit[PLAN_PORT_UNIT_MAX];
        int r = plan_port_unit(ports->ctx->id, port, type, unit);

        if (r < 0 && w->r >= 0)
                w->r = r;
        sd_write_open(w, 'r', "sa(sv)");
        sd_write_string(w, r < 0 ? "" : unit);
        sd_write_open(w, 'a', "(sv)");
}

static void close_unit(SdWriter *w)
{
        sd_write_close(w);
        sd_write_close(w);
}

/* The container requires it, and once that is gone nobody does. */
static void write_socket(SdWriter *w, const SdPorts *ports, const PlanPort *port)
{
        PlanPortCommands commands;

        plan_port_commands(ports->ctx, port, &commands);
        open_unit(w, ports, port, "socket");
        write_description(w, "Port %s of container %s", ports, port);
        write_names(w, "Documentation", PLAN_PORT_SOCKET_DOCUMENTATION, NULL);
        write_yes(w, "StopWhenUnneeded");
        open_property(w, "Listen", "a(ss)");
        sd_write_open(w, 'a', "(ss)");
        sd_write_open(w, 'r', "ss");
        sd_write_string(w, port->is_udp ? "Datagram" : "Stream");
        sd_write_string(w, port->listen);
        sd_write_close(w);
        sd_write_close(w);
        close_property(w);
        if (commands.check[0])
                write_command(w, "ExecStartPre", commands.check);
        if (port->listen[0] == '/')
                write_yes(w, "RemoveOnStop");
        close_unit(w);
}

/* A container that has ended is not started again by a connection that comes at this moment, which
 * BindsTo= would do: Requisite=. Restart= gives it another network, and its end stops the socket:
 * PartOf= both. */
static void write_service(SdWriter *w, const SdPorts *ports, const PlanPort *port)
{
        char unit[CTR_UNIT_NAME_MAX], socket_unit[PLAN_PORT_UNIT_MAX], path[4096];
        PlanPortCommands commands;

        (void) ctr_id_to_unit(ports->ctx->id, unit);
        (void) plan_port_unit(ports->ctx->id, port, "socket", socket_unit);
        (void) snprintf(
                path, sizeof(path), "%s/" STATE_FILE_NAMESPACES "/net", ports->ctx->state_dir);
        plan_port_commands(ports->ctx, port, &commands);
        open_unit(w, ports, port, "service");
        write_description(w, "Connections to port %s of container %s", ports, port);
        write_text(w, "CollectMode", "inactive-or-failed");
        write_names(w, "Requisite", unit, NULL);
        write_names(w, "PartOf", unit, socket_unit);
        write_names(w, "After", unit, NULL);
        write_command(w, "ExecStartPre", commands.await);
        write_command(w, "ExecStart", commands.forward);
        write_text(w, "NetworkNamespacePath", path);
        close_unit(w);
}

void sd_write_ports(SdWriter *w, const SdPorts *ports)
{
        for (size_t i = 0; ports && i < ports->ports->n; i++) {
                write_socket(w, ports, &ports->ports->items[i]);
                write_service(w, ports, &ports->ports->items[i]);
        }
}
