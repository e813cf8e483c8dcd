/* What a unit gets that unpacks and reads what strangers made: as little as will do. One line a
 * property: X(property of plan/properties.h, name, D-Bus signature, value). The capabilities are
 * those to give files their owners, modes and attributes, and to make nodes. */
#pragma once

#include <linux/capability.h>

#define SANDBOX_CAPABILITIES                                                                       \
        (UINT64_C(1) << CAP_CHOWN | UINT64_C(1) << CAP_DAC_OVERRIDE | UINT64_C(1) << CAP_FOWNER |  \
                UINT64_C(1) << CAP_FSETID | UINT64_C(1) << CAP_MKNOD | UINT64_C(1) << CAP_SETFCAP)

#define SANDBOX_NUMBERS(X)                                                                         \
        X(CAPABILITY_BOUNDING_SET, "CapabilityBoundingSet", "t", SANDBOX_CAPABILITIES)             \
        X(NO_NEW_PRIVILEGES, "NoNewPrivileges", "b", 1)                                            \
        X(PRIVATE_NETWORK, "PrivateNetwork", "b", 1)                                               \
        X(PRIVATE_TMP, "PrivateTmp", "b", 1)                                                       \
        X(PROTECT_KERNEL_TUNABLES, "ProtectKernelTunables", "b", 1)                                \
        X(RESTRICT_NAMESPACES, "RestrictNamespaces", "t", 0)                                       \
        X(MEMORY_DENY_WRITE_EXECUTE, "MemoryDenyWriteExecute", "b", 1)

#define SANDBOX_STRINGS(X)                                                                         \
        X(PROTECT_SYSTEM, "ProtectSystem", "s", "strict")                                          \
        X(PROTECT_HOME, "ProtectHome", "s", "yes")

/* The one place that it may write: it is there before the unit. */
#define SANDBOX_WRITABLE "/var/lib/ctrunit"
