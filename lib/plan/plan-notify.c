/* Notifications of the payload itself: READY=1 when it serves, WATCHDOG=1 while it is well
 * (sd_notify(3)). The annotation org.ctrunit.notify asks for them, as Notify=true does in a
 * .container file; without it a container is ready when its program runs.
 *
 * PID 1 believes root. A payload whose ids cannot be the host's root gets PID 1's own socket; any
 * other gets a socket of its own, ctr-notify@NAME.socket, behind which a relay drops what only
 * ctrunit may say. An engine's container gets what its engine asked for: a directory in which
 * ctr-runtime listens while it starts the container. */
#include "plan/health.h"
#include "plan/plan-internal.h"

#include "base/name.h"

#include <signal.h>
#include <string.h>
#include <sys/mount.h>

#define ANNOTATION    "org.ctrunit.notify"
#define VARIABLE      "NOTIFY_SOCKET="
#define TARGET        "/run/host/notify"
#define PID1_SOCKET   "/run/systemd/notify"
#define RELAY_SOCKETS CTR_STATE_DIR "/notify/"
#define ENGINE_TARGET "/run/notify"

/* What fits into sun_path of struct sockaddr_un, with its NUL. */
enum { SOCKET_PATH_MAX = 108, SOURCE_NO_FOLLOW = 2 };

/* ids that the container has, in the host: is 0 one of them? */
static bool has_host_root(const Spec *spec)
{
        const SpecIdMappings *map = &spec->linux_.uid_mappings;

        for (size_t i = 0; i < map->n; i++)
                if (map->items[i].host_id == 0 && map->items[i].size > 0)
                        return true;
        /* Without a map there is no user namespace, or one of somebody else's. */
        return map->n == 0;
}

/* "web" of "ctr@web.service", as systemd has it. */
static int instance_of(const char *id, char ret[static CTR_UNIT_NAME_MAX])
{
        char unit[CTR_UNIT_NAME_MAX];
        size_t n;

        if (!*ctr_id_to_unit(id, unit))
                return -EINVAL;
        n = strlen(unit) - strlen("ctr@") - strlen(".service");
        memcpy(ret, unit + strlen("ctr@"), n);
        ret[n] = '\0';
        return 0;
}

/* It needs somebody who checks. */
static int check_healthy(const Spec *spec, const PlanContext *ctx, CtrError *err)
{
        Health health;
        int r = health_read(&spec->annotations, &health, err);

        if (r > 0)
                health_done(&health);
        if (r >= 0 && ctx->origin != PLAN_GENERATED)
                return plan_unsupported(err, "annotations[\"" ANNOTATION "\"]",
                        "health is checked for configured containers: see ctr-generator(8)");
        return r < 0 ? r : 0;
}

int plan_find_notify(const Spec *spec, const PlanContext *ctx, PlanNotify *ret, CtrError *err)
{
        const char *value = spec_find_annotation(spec, ANNOTATION);
        char instance[CTR_UNIT_NAME_MAX];

        *ret = PLAN_NOTIFY_NONE;
        if (value && strcmp(value, "true") != 0 && strcmp(value, "false") != 0 &&
                strcmp(value, "healthy") != 0)
                return ctr_error_field(err, "annotations[\"" ANNOTATION "\"]",
                        "\"%s\" is not valid, expected \"true\" (the payload says when it is ready), "
                        "\"healthy\" (its health check does) or \"false\"",
                        value);
        if (ctx->mode != PLAN_SERVICE) {
                *ret = ctx->has_notify_socket ? PLAN_NOTIFY_ENGINE : PLAN_NOTIFY_NONE;
                return 0;
        }
        if (value && strcmp(value, "healthy") == 0) {
                *ret = PLAN_NOTIFY_HEALTH;
                return check_healthy(spec, ctx, err);
        }
        if (!value || strcmp(value, "true") != 0)
                return 0;
        *ret = has_host_root(spec) ? PLAN_NOTIFY_RELAY : PLAN_NOTIFY_DIRECT;
        if (instance_of(ctx->id, instance) < 0 ||
                strlen(RELAY_SOCKETS) + strlen(instance) >= SOCKET_PATH_MAX)
                return plan_unsupported(err, "annotations[\"" ANNOTATION "\"]",
                        "the container's id is too long for this: %s%s cannot be a socket",
                        RELAY_SOCKETS, ctx->id);
        return 0;
}

static int add_relay(const PlanContext *ctx, PropertyList *list)
{
        char instance[CTR_UNIT_NAME_MAX] = "", unit[CTR_UNIT_NAME_MAX + 32];
        int r;

        (void) instance_of(ctx->id, instance);
        (void) snprintf(unit, sizeof(unit), "ctr-notify@%s.socket", instance);
        r = property_add_string(list, PROPERTY_REQUIRES, unit);
        return r < 0 ? r : property_add_string(list, PROPERTY_AFTER, unit);
}

int plan_fill_notify(const Spec *spec, const PlanContext *ctx, PropertyList *list, CtrError *err)
{
        const SpecNamespace *pid = spec_find_namespace(spec, SPEC_NS_PID);
        PlanNotify notify;
        int r;

        r = plan_find_notify(spec, ctx, &notify, err);
        if (r < 0)
                return r;
        if (notify == PLAN_NOTIFY_RELAY)
                r = add_relay(ctx, list);
        /* The first process of a pid namespace does not get SIGABRT, systemd's choice for one that
         * hangs, unless it asked for it: it would hang for TimeoutAbortSec= more. */
        if (r >= 0 && notify != PLAN_NOTIFY_NONE && notify != PLAN_NOTIFY_HEALTH && pid &&
                !pid->path)
                r = property_set_number(list, PROPERTY_WATCHDOG_SIGNAL, SIGKILL);
        return r < 0 ? plan_no_memory(err) : 0;
}

void plan_add_notify(Plan *p)
{
        ProgramBuilder *b = &p->program;
        char instance[CTR_UNIT_NAME_MAX] = "";
        ProgramData source;
        uint64_t slot;

        if (p->notify == PLAN_NOTIFY_NONE || p->notify == PLAN_NOTIFY_HEALTH)
                return;
        (void) instance_of(p->ctx->id, instance);
        slot = program_add_slot(b);
        switch (p->notify) {
        case PLAN_NOTIFY_RELAY:
                source = program_add_format(b, RELAY_SOCKETS "%s", instance);
                break;
        case PLAN_NOTIFY_ENGINE:
                source = program_add_format(b, "%s/" STATE_FILE_NOTIFY, p->ctx->state_dir);
                break;
        default:
                source = program_add_string(b, PID1_SOCKET);
        }
        program_add(b, STAGE_PREPARE,
                (ProgramOp){ .opcode = PROGRAM_OP_OPEN_SOURCE,
                        .number = { slot, SOURCE_NO_FOLLOW },
                        .string = { source } });
        program_add(b, STAGE_ROOTFS,
                (ProgramOp){ .opcode = PROGRAM_OP_BIND,
                        .number = { slot, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
                                                  MOUNT_ATTR_NOEXEC },
                        .string = { program_add_string(
                                b, p->notify == PLAN_NOTIFY_ENGINE ? ENGINE_TARGET : TARGET) } });
}

ProgramData plan_add_environment(Plan *p)
{
        const SpecStrv *env = &p->spec->process.env;
        ProgramBuilder *b = &p->program;
        _cleanup_free_ char **list = NULL;
        size_t n = 0;

        if (p->notify == PLAN_NOTIFY_NONE || p->notify == PLAN_NOTIFY_HEALTH)
                return program_add_list(b, env->items);
        list = calloc(env->n + 2, sizeof(*list));
        if (!list) {
                b->error = -ENOMEM;
                return (ProgramData){ 0 };
        }
        for (size_t i = 0; i < env->n; i++)
                if (strncmp(env->items[i], VARIABLE, strlen(VARIABLE)) != 0)
                        list[n++] = env->items[i];
        list[n] = (char *) (p->notify == PLAN_NOTIFY_ENGINE ? VARIABLE ENGINE_TARGET
                                    "/" STATE_FILE_NOTIFY_SOCKET
                                                            : VARIABLE TARGET);
        return program_add_list(b, list);
}
