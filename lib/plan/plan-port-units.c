/* The two units of a published port: see plan-ports.c. The socket is the host's; the service runs
 * in the container's network namespace, waits until somebody listens there and hands over to
 * systemd-socket-proxyd(8), or for udp, which that does not know, to `ctr-exec udp`. What is the
 * same for all of them (sandbox, type) stands in units/ctr-fwd@.service.d, for transient and
 * generated ones alike. systemd shares a port of udp with whoever has it already, so its socket
 * asks first. */
#include "plan/plan-internal.h"

#include "base/name.h"

#include <stdio.h>
#include <string.h>

#define PROXY "/lib/systemd/systemd-socket-proxyd"

void plan_port_commands(const PlanContext *ctx, const PlanPort *port, PlanPortCommands *ret)
{
        *ret = (PlanPortCommands){ 0 };
        (void) snprintf(ret->number, sizeof(ret->number), "%u", port->port);
        (void) snprintf(ret->target, sizeof(ret->target), "127.0.0.1:%u", port->port);
        ret->await[0] = CTR_EXEC_PATH;
        ret->await[1] = "await-port";
        ret->await[2] = ctx->state_dir;
        ret->await[3] = port->is_udp ? "udp" : "tcp";
        ret->await[4] = ret->number;
        if (port->is_udp) {
                ret->check[0] = CTR_EXEC_PATH;
                ret->check[1] = "check-udp";
                ret->check[2] = port->listen;
                ret->forward[0] = CTR_EXEC_PATH;
                ret->forward[1] = "udp";
                ret->forward[2] = ret->number;
                ret->forward[3] = PLAN_PORT_IDLE_SEC;
        } else {
                ret->forward[0] = PROXY;
                ret->forward[1] = "--exit-idle-time=" PLAN_PORT_IDLE_SEC "s";
                ret->forward[2] = ret->target;
        }
}

/* A value of one line: specifiers doubled. Listen addresses and ids have nothing else to escape. */
static void write_value(FILE *f, const char *key, const char *value)
{
        (void) fprintf(f, "%s=", key);
        for (; *value; value++)
                (void) fputs(*value == '%' ? "%%" : (char[]){ *value, '\0' }, f);
        (void) fputc('\n', f);
}

static void write_command(FILE *f, const char *key, const char *const *argv)
{
        (void) fprintf(f, "%s=", key);
        for (; *argv; argv++)
                (void) fprintf(f, "%s%s", *argv, argv[1] ? " " : "\n");
}

static const char *owner(const PlanContext *ctx)
{
        return ctx->pod_unit ? "pod" : "container";
}

void plan_port_socket_text(const PlanContext *ctx, const PlanPort *port, FILE *f)
{
        PlanPortCommands commands;

        (void) fprintf(f,
                "[Unit]\n"
                "Description=Port %s of %s %s\n"
                "Documentation=" PLAN_PORT_SOCKET_DOCUMENTATION "\n",
                port->name, owner(ctx), ctx->id);
        write_value(f, "SourcePath", ctx->config_path);
        (void) fputs("\n[Socket]\n", f);
        write_value(f, port->is_udp ? "ListenDatagram" : "ListenStream", port->listen);
        plan_port_commands(ctx, port, &commands);
        if (commands.check[0])
                write_command(f, "ExecStartPre", commands.check);
        if (port->listen[0] == '/')
                (void) fputs("RemoveOnStop=yes\n", f);
}

void plan_port_service_text(const PlanContext *ctx, const PlanPort *port, FILE *f)
{
        char unit[CTR_UNIT_NAME_MAX];
        PlanPortCommands commands;

        (void) ctr_id_to_unit(ctx->id, unit);
        plan_port_commands(ctx, port, &commands);
        (void) fprintf(f,
                "[Unit]\n"
                "Description=Connections to port %s of %s %s\n"
                "Documentation=" PLAN_PORT_SERVICE_DOCUMENTATION "\n",
                port->name, owner(ctx), ctx->id);
        write_value(f, "SourcePath", ctx->config_path);
        /* Bound: the namespace ends with the container, or pod. */
        (void) fprintf(f,
                "BindsTo=%s\n"
                "After=%s\n"
                "\n[Service]\n",
                ctx->pod_unit ? ctx->pod_unit : unit, ctx->pod_unit ? ctx->pod_unit : unit);
        write_command(f, "ExecStartPre", commands.await);
        write_command(f, "ExecStart", commands.forward);
        (void) fprintf(
                f, "NetworkNamespacePath=%s/" STATE_FILE_NAMESPACES "/net\n", ctx->state_dir);
}
