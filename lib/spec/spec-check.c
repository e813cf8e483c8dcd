/* Relations between the parts of a config.json that no single object can check. */
#include "spec/spec-decode.h"

static int check_uts(Decoder *d, const Spec *spec)
{
        static const char text[] =
                "needs a UTS namespace: without one it would rename the host; add "
                "{\"type\": \"uts\"} to linux.namespaces";

        if (spec_find_namespace(spec, SPEC_NS_UTS))
                return 0;
        if (spec->hostname)
                return decoder_fail_at(d, "hostname", "%s", text);
        return spec->domainname ? decoder_fail_at(d, "domainname", "%s", text) : 0;
}

static int check_user_namespace(Decoder *d, const Spec *spec)
{
        const SpecNamespace *user = spec_find_namespace(spec, SPEC_NS_USER);
        bool has_uids = spec->linux_.uid_mappings.n > 0, has_gids = spec->linux_.gid_mappings.n > 0;

        if (!user && (has_uids || has_gids))
                return decoder_fail_at(d, has_uids ? "uidMappings" : "gidMappings",
                        "needs a user namespace: add {\"type\": \"user\"} to linux.namespaces");
        if (user && !user->path && (!has_uids || !has_gids))
                return decoder_fail_at(d, has_uids ? "gidMappings" : "uidMappings",
                        "a new user namespace needs its id mappings");
        return 0;
}

/* timens_offsets can be written only before the first process is in (time_namespaces(7)). */
static int check_time_namespace(Decoder *d, const Spec *spec)
{
        const SpecNamespace *ns = spec_find_namespace(spec, SPEC_NS_TIME);

        if ((!ns || ns->path) && (spec->linux_.time_offset_monotonic.is_set ||
                                         spec->linux_.time_offset_boottime.is_set))
                return decoder_fail_at(d, "timeOffsets",
                        "needs a new time namespace: add {\"type\": \"time\"} without a path to linux.namespaces");
        return 0;
}

/* Without a namespace of its own there is nowhere to move a device to. */
static int check_net_devices(Decoder *d, const Spec *spec)
{
        if (spec->linux_.net_devices.n == 0 || spec_find_namespace(spec, SPEC_NS_NETWORK))
                return 0;
        return decoder_fail_at(d, "netDevices",
                "needs a network namespace: add {\"type\": \"network\"} to linux.namespaces");
}

/* A call that waits for an agent nobody named would wait for ever. */
static int check_listener(Decoder *d, const Spec *spec)
{
        const SpecSeccomp *seccomp = &spec->linux_.seccomp;
        bool has_notify = false;

        decoder_enter(d, "seccomp");
        for (size_t i = 0; i < seccomp->n_rules; i++)
                has_notify = has_notify || seccomp->rules[i].action == SPEC_SECCOMP_NOTIFY;
        if (has_notify && !seccomp->listener_path)
                return decoder_fail_at(
                        d, "listenerPath", "SCMP_ACT_NOTIFY needs the socket of its agent");
        if (seccomp->listener_metadata && !seccomp->listener_path)
                return decoder_fail_at(d, "listenerMetadata", "is of no use without listenerPath");
        decoder_leave(d);
        return 0;
}

/* Legal in the specification, but every mount and the pivot_root would hit the host. */
static int check_mount_namespace(Decoder *d, const Spec *spec)
{
        if (spec_find_namespace(spec, SPEC_NS_MOUNT))
                return 0;
        decoder_enter(d, "namespaces");
        return decoder_unsupported(d,
                "a container without a mount namespace is not supported: add {\"type\": \"mount\"}");
}

int spec_check_document(Decoder *d, Spec *spec)
{
        static int (*const checks[])(Decoder *, const Spec *) = {
                check_mount_namespace,
                check_user_namespace,
                check_time_namespace,
                check_net_devices,
                check_listener,
        };
        int r;

        r = spec_read_engine_annotations(d, spec);
        if (r >= 0)
                r = check_uts(d, spec);
        decoder_enter(d, "linux");
        for (size_t i = 0; i < ELEMENTSOF(checks) && r >= 0; i++)
                r = checks[i](d, spec);
        decoder_leave(d);
        return r;
}
