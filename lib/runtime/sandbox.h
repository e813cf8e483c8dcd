/* What a unit gets that unpacks and reads what strangers made: as little as will do. One line a
 * property: X(property of plan/properties.h, name, D-Bus signature, value). The capabilities are
 * those to give files their owners, modes and attributes, and to make nodes, which it cannot open.
 * It is root still, and PID 1 does what root asks for: so it can make no socket, of which
 * RestrictAddressFamilies=none would say the same from systemd 253 on only. */
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
        X(DEVICE_POLICY, "DevicePolicy", "s", "closed")                                            \
        X(PROTECT_SYSTEM, "ProtectSystem", "s", "strict")                                          \
        X(PROTECT_HOME, "ProtectHome", "s", "yes")

/* The one place that it may write: it is there before the unit. */
#define SANDBOX_WRITABLE "/var/lib/ctrunit"

/* Lists: of architectures, of devices and what may be done with them, of system calls. */
#define SANDBOX_ARCHITECTURE "native"

#define SANDBOX_DEVICES(X)                                                                         \
        X("char-*", "m")                                                                           \
        X("block-*", "m")

#define SANDBOX_REFUSED_CALLS(X)                                                                   \
        X("socket:EPERM")                                                                          \
        X("io_uring_setup:EPERM")                                                                  \
        X("@debug:EPERM")                                                                          \
        X("@keyring:EPERM")                                                                        \
        X("@module:EPERM")                                                                         \
        X("@mount:EPERM")                                                                          \
        X("@raw-io:EPERM")
