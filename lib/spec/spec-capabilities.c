/* process.capabilities: names of capabilities(7) into bit masks. A name or a combination that the
 * kernel would not grant is a warning and left out (config.md, "Linux Process"), which never widens
 * a set. */
#include "spec/spec-decode.h"

#include <assert.h>
#include <linux/capability.h>
#include <string.h>

#define CAP(name)                                                                                  \
        {                                                                                          \
                "CAP_" #name, CAP_##name                                                           \
        }

static const SpecWord capabilities[] = {
        CAP(CHOWN),
        CAP(DAC_OVERRIDE),
        CAP(DAC_READ_SEARCH),
        CAP(FOWNER),
        CAP(FSETID),
        CAP(KILL),
        CAP(SETGID),
        CAP(SETUID),
        CAP(SETPCAP),
        CAP(LINUX_IMMUTABLE),
        CAP(NET_BIND_SERVICE),
        CAP(NET_BROADCAST),
        CAP(NET_ADMIN),
        CAP(NET_RAW),
        CAP(IPC_LOCK),
        CAP(IPC_OWNER),
        CAP(SYS_MODULE),
        CAP(SYS_RAWIO),
        CAP(SYS_CHROOT),
        CAP(SYS_PTRACE),
        CAP(SYS_PACCT),
        CAP(SYS_ADMIN),
        CAP(SYS_BOOT),
        CAP(SYS_NICE),
        CAP(SYS_RESOURCE),
        CAP(SYS_TIME),
        CAP(SYS_TTY_CONFIG),
        CAP(MKNOD),
        CAP(LEASE),
        CAP(AUDIT_WRITE),
        CAP(AUDIT_CONTROL),
        CAP(SETFCAP),
        CAP(MAC_OVERRIDE),
        CAP(MAC_ADMIN),
        CAP(SYSLOG),
        CAP(WAKE_ALARM),
        CAP(BLOCK_SUSPEND),
        CAP(AUDIT_READ),
        CAP(PERFMON),
        CAP(BPF),
        CAP(CHECKPOINT_RESTORE),
};
static_assert(ELEMENTSOF(capabilities) == CAP_LAST_CAP + 1, "a capability has no name here");

const char *spec_capability_name(size_t number)
{
        return number < ELEMENTSOF(capabilities) ? capabilities[number].name : NULL;
}

static bool looks_like_capability(const char *name)
{
        return strncmp(name, "CAP_", 4) == 0 && name[4] != '\0' &&
               name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")] == '\0';
}

static int add_capability(Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        const char *name = json_value_string(value);

        if (!name)
                return decoder_fail_type(d, "a string", value);
        for (size_t i = 0; i < ELEMENTSOF(capabilities); i++)
                if (strcmp(capabilities[i].name, name) == 0) {
                        *(uint64_t *) target |= UINT64_C(1) << capabilities[i].value;
                        return 0;
                }
        if (!looks_like_capability(name))
                return decoder_fail(d,
                        "\"%.64s\" is not the name of a capability: they are spelled like CAP_CHOWN",
                        name);
        return decoder_warn(d, "capability %.64s is not known here and not granted", name);
}

static int decode_set(Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        if (json_value_type(value) != JSON_TYPE_ARRAY)
                return decoder_fail_type(d, "an array of capability names", value);
        return decoder_read_items(d, value, add_capability, target, 0, field);
}

/* What capset(2) and PR_CAP_AMBIENT_RAISE of prctl(2) would refuse with EPERM: one warning for all
 * of it. */
static int limit_set(Decoder *d, const char *name, uint64_t *set, uint64_t allowed, const char *why)
{
        uint64_t excess = *set & ~allowed;
        size_t used = 0;
        char list[400] = "";
        int r;

        if (excess == 0)
                return 0;
        *set &= allowed;
        for (size_t i = 0; i < ELEMENTSOF(capabilities); i++)
                if (excess & UINT64_C(1) << capabilities[i].value && used < sizeof(list))
                        used += (size_t) snprintf(list + used, sizeof(list) - used, "%s%s",
                                used > 0 ? ", " : "", capabilities[i].name);
        decoder_enter(d, name);
        r = decoder_warn(d, "not granted, since not in %s: %s", why, list);
        decoder_leave(d);
        return r;
}

static int check_capabilities(Decoder *d, void *object)
{
        SpecCapabilities *c = object;
        int r;

        c->is_set = true;
        r = limit_set(d, "effective", &c->effective, c->permitted, "permitted");
        if (r < 0)
                return r;
        return limit_set(d, "ambient", &c->ambient, c->permitted & c->inheritable,
                "both permitted and inheritable");
}

static const SpecField fields[] = {
        { "bounding", decode_set, offsetof(SpecCapabilities, bounding), 0, NULL },
        { "effective", decode_set, offsetof(SpecCapabilities, effective), 0, NULL },
        { "inheritable", decode_set, offsetof(SpecCapabilities, inheritable), 0, NULL },
        { "permitted", decode_set, offsetof(SpecCapabilities, permitted), 0, NULL },
        { "ambient", decode_set, offsetof(SpecCapabilities, ambient), 0, NULL },
};

const SpecType spec_type_capabilities = {
        .fields = fields,
        .n_fields = ELEMENTSOF(fields),
        .check = check_capabilities,
        .is_strict = true,
};
