/* Unit properties: the half of a plan that systemd executes. A flat list of typed values, each
 * named by an entry of one table that knows its D-Bus name and type, its unit-file section and key,
 * and which unit types take it. lib/sd appends it to a D-Bus message; the generator and `ctrctl
 * plan` print it as unit-file text. */
#pragma once

#include "base/error.h"

#include <stdio.h>

typedef enum UnitType {
        UNIT_SERVICE,
        UNIT_SCOPE,
        UNIT_SLICE,
        _UNIT_TYPE_MAX,
} UnitType;

/* One line a property: X(ID, D-Bus name, D-Bus signature, section, unit-file key, service, scope,
 * slice). The order is the order of emission: later changes by SetUnitProperties must follow it
 * (systemd keeps drop-ins by property name, and shows "changed on disk" otherwise). See
 * org.freedesktop.systemd1(5). */
/* clang-format off */
#define PROPERTY_TABLE(X)                                                                          \
        X(DESCRIPTION, "Description", "s", "Unit", "Description", 1, 1, 1)                         \
        X(DOCUMENTATION, "Documentation", "as", "Unit", "Documentation", 1, 1, 1)                  \
        X(SOURCE_PATH, "SourcePath", "s", "Unit", "SourcePath", 1, 1, 0)                           \
        X(REQUIRES, "Requires", "as", "Unit", "Requires", 1, 1, 1)                                 \
        X(WANTS, "Wants", "as", "Unit", "Wants", 1, 0, 0)                                          \
        X(BINDS_TO, "BindsTo", "as", "Unit", "BindsTo", 1, 0, 0)                                   \
        X(PART_OF, "PartOf", "as", "Unit", "PartOf", 1, 0, 0)                                      \
        X(BEFORE, "Before", "as", "Unit", "Before", 1, 0, 0)                                       \
        X(AFTER, "After", "as", "Unit", "After", 1, 1, 1)                                          \
        X(ON_FAILURE, "OnFailure", "as", "Unit", "OnFailure", 1, 0, 0)                             \
        X(ON_SUCCESS, "OnSuccess", "as", "Unit", "OnSuccess", 1, 0, 0)                             \
        X(REQUIRES_MOUNTS_FOR, "RequiresMountsFor", "as", "Unit", "RequiresMountsFor", 1, 1, 1)    \
        X(COLLECT_MODE, "CollectMode", "s", "Unit", "CollectMode", 1, 1, 1)                        \
        X(START_LIMIT_INTERVAL, "StartLimitIntervalUSec", "t", "Unit", "StartLimitIntervalSec", 1, 0, 0)\
        X(START_LIMIT_BURST, "StartLimitBurst", "u", "Unit", "StartLimitBurst", 1, 0, 0)           \
        X(DEFAULT_DEPENDENCIES, "DefaultDependencies", "b", "Unit", "DefaultDependencies", 1, 1, 1) \
        X(ADD_REF, "AddRef", "b", "", "", 1, 1, 1)                                                 \
        X(SLICE, "Slice", "s", "Service", "Slice", 1, 1, 0)                                        \
        X(TYPE, "Type", "s", "Service", "Type", 1, 0, 0)                                           \
        X(NOTIFY_ACCESS, "NotifyAccess", "s", "Service", "NotifyAccess", 1, 0, 0)                  \
        X(EXIT_TYPE, "ExitType", "s", "Service", "ExitType", 1, 0, 0)                              \
        X(STATE_DIRECTORY, "StateDirectory", "as", "Service", "StateDirectory", 1, 0, 0)           \
        X(CACHE_DIRECTORY, "CacheDirectory", "as", "Service", "CacheDirectory", 1, 0, 0)           \
        X(LOGS_DIRECTORY, "LogsDirectory", "as", "Service", "LogsDirectory", 1, 0, 0)              \
        X(RUNTIME_DIRECTORY, "RuntimeDirectory", "as", "Service", "RuntimeDirectory", 1, 0, 0)     \
        X(RUNTIME_DIRECTORY_MODE, "RuntimeDirectoryMode", "u", "Service", "RuntimeDirectoryMode", 1, 0, 0) \
        X(RUNTIME_DIRECTORY_PRESERVE, "RuntimeDirectoryPreserve", "s", "Service", "RuntimeDirectoryPreserve", 1, 0, 0) \
        X(EXEC_START_PRE, "ExecStartPre", "a(sasb)", "Service", "ExecStartPre", 1, 0, 0)           \
        X(EXEC_START, "ExecStart", "a(sasb)", "Service", "ExecStart", 1, 0, 0)                     \
        X(EXEC_STOP_POST, "ExecStopPost", "a(sasb)", "Service", "ExecStopPost", 1, 0, 0)           \
        X(RESTART, "Restart", "s", "Service", "Restart", 1, 0, 0)                                  \
        X(RESTART_DELAY, "RestartUSec", "t", "Service", "RestartSec", 1, 0, 0)                     \
        X(RESTART_PREVENT, "RestartPreventExitStatus", "(aiai)", "Service", "RestartPreventExitStatus", 1, 0, 0)\
        X(KILL_MODE, "KillMode", "s", "Service", "KillMode", 1, 1, 0)                              \
        X(KILL_SIGNAL, "KillSignal", "i", "Service", "KillSignal", 1, 1, 0)                        \
        X(WATCHDOG_SIGNAL, "WatchdogSignal", "i", "Service", "WatchdogSignal", 1, 0, 0)            \
        X(SUCCESS_EXIT_STATUS, "SuccessExitStatus", "(aiai)", "Service", "SuccessExitStatus", 1, 0, 0) \
        X(TIMEOUT_START, "TimeoutStartUSec", "t", "Service", "TimeoutStartSec", 1, 0, 0)           \
        X(TIMEOUT_STOP, "TimeoutStopUSec", "t", "Service", "TimeoutStopSec", 1, 1, 0)              \
        X(RUNTIME_MAX, "RuntimeMaxUSec", "t", "Service", "RuntimeMaxSec", 1, 1, 0)                 \
        X(WATCHDOG, "WatchdogUSec", "t", "Service", "WatchdogSec", 1, 0, 0)                        \
        X(OOM_POLICY, "OOMPolicy", "s", "Service", "OOMPolicy", 1, 1, 0)                           \
        X(DELEGATE, "Delegate", "b", "Service", "Delegate", 1, 1, 0)                               \
        X(SET_CREDENTIAL, "SetCredential", "a(say)", "Service", "SetCredential", 1, 0, 0)          \
        X(LOAD_CREDENTIAL, "LoadCredential", "a(ss)", "Service", "LoadCredential", 1, 0, 0)        \
        X(LOAD_CREDENTIAL_ENCRYPTED, "LoadCredentialEncrypted", "a(ss)", "Service", "LoadCredentialEncrypted", 1, 0, 0)\
        X(SYSLOG_IDENTIFIER, "SyslogIdentifier", "s", "Service", "SyslogIdentifier", 1, 0, 0)      \
        X(LOG_EXTRA_FIELDS, "LogExtraFields", "aay", "Service", "LogExtraFields", 1, 0, 0)         \
        X(LOG_NAMESPACE, "LogNamespace", "s", "Service", "LogNamespace", 1, 0, 0)                  \
        X(STANDARD_INPUT_FD, "StandardInputFileDescriptor", "h", "", "", 1, 0, 0)                  \
        X(STANDARD_OUTPUT_FD, "StandardOutputFileDescriptor", "h", "", "", 1, 0, 0)                \
        X(STANDARD_INPUT, "StandardInput", "s", "Service", "StandardInput", 1, 0, 0)               \
        X(STANDARD_OUTPUT, "StandardOutput", "s", "Service", "StandardOutput", 1, 0, 0)            \
        X(STANDARD_ERROR, "StandardError", "s", "Service", "StandardError", 1, 0, 0)               \
        X(STANDARD_OUTPUT_FILE, "StandardOutputFile", "s", "", "", 1, 0, 0)                        \
        X(STANDARD_OUTPUT_APPEND, "StandardOutputFileToAppend", "s", "", "", 1, 0, 0)              \
        X(STANDARD_ERROR_FILE, "StandardErrorFile", "s", "", "", 1, 0, 0)                          \
        X(STANDARD_ERROR_APPEND, "StandardErrorFileToAppend", "s", "", "", 1, 0, 0)                \
        X(CAPABILITY_BOUNDING_SET, "CapabilityBoundingSet", "t", "", "", 1, 0, 0)                  \
        X(NO_NEW_PRIVILEGES, "NoNewPrivileges", "b", "", "", 1, 0, 0)                              \
        X(PRIVATE_NETWORK, "PrivateNetwork", "b", "", "", 1, 0, 0)                                 \
        X(PRIVATE_TMP, "PrivateTmp", "b", "", "", 1, 0, 0)                                         \
        X(PROTECT_HOME, "ProtectHome", "s", "", "", 1, 0, 0)                                       \
        X(PROTECT_KERNEL_TUNABLES, "ProtectKernelTunables", "b", "", "", 1, 0, 0)                  \
        X(PROTECT_SYSTEM, "ProtectSystem", "s", "", "", 1, 0, 0)                                   \
        X(READ_WRITE_PATHS, "ReadWritePaths", "as", "", "", 1, 0, 0)                               \
        X(SYSTEM_CALL_FILTER, "SystemCallFilter", "(bas)", "", "", 1, 0, 0)                        \
        X(SYSTEM_CALL_ARCHITECTURES, "SystemCallArchitectures", "as", "", "", 1, 0, 0)             \
        X(RESTRICT_NAMESPACES, "RestrictNamespaces", "t", "", "", 1, 0, 0)                         \
        X(MEMORY_DENY_WRITE_EXECUTE, "MemoryDenyWriteExecute", "b", "", "", 1, 0, 0)               \
        X(PIDS, "PIDs", "au", "", "", 0, 1, 0)                                                     \
        X(CPU_ACCOUNTING, "CPUAccounting", "b", "Service", "CPUAccounting", 1, 1, 1)               \
        X(CPU_WEIGHT, "CPUWeight", "t", "Service", "CPUWeight", 1, 1, 1)                           \
        X(CPU_QUOTA_PER_SEC, "CPUQuotaPerSecUSec", "t", "Service", "CPUQuota", 1, 1, 1)            \
        X(CPU_QUOTA_PERIOD, "CPUQuotaPeriodUSec", "t", "Service", "CPUQuotaPeriodSec", 1, 1, 1)    \
        X(ALLOWED_CPUS, "AllowedCPUs", "ay", "Service", "AllowedCPUs", 1, 1, 1)                    \
        X(ALLOWED_MEMORY_NODES, "AllowedMemoryNodes", "ay", "Service", "AllowedMemoryNodes", 1, 1, 1) \
        X(IO_ACCOUNTING, "IOAccounting", "b", "Service", "IOAccounting", 1, 1, 1)                  \
        X(IO_WEIGHT, "IOWeight", "t", "Service", "IOWeight", 1, 1, 1)                              \
        X(IO_DEVICE_WEIGHT, "IODeviceWeight", "a(st)", "Service", "IODeviceWeight", 1, 1, 1)       \
        X(IO_READ_BANDWIDTH_MAX, "IOReadBandwidthMax", "a(st)", "Service", "IOReadBandwidthMax", 1, 1, 1) \
        X(IO_WRITE_BANDWIDTH_MAX, "IOWriteBandwidthMax", "a(st)", "Service", "IOWriteBandwidthMax", 1, 1, 1) \
        X(IO_READ_IOPS_MAX, "IOReadIOPSMax", "a(st)", "Service", "IOReadIOPSMax", 1, 1, 1)         \
        X(IO_WRITE_IOPS_MAX, "IOWriteIOPSMax", "a(st)", "Service", "IOWriteIOPSMax", 1, 1, 1)      \
        X(MEMORY_ACCOUNTING, "MemoryAccounting", "b", "Service", "MemoryAccounting", 1, 1, 1)      \
        X(MEMORY_MIN, "MemoryMin", "t", "Service", "MemoryMin", 1, 1, 1)                           \
        X(MEMORY_LOW, "MemoryLow", "t", "Service", "MemoryLow", 1, 1, 1)                           \
        X(MEMORY_HIGH, "MemoryHigh", "t", "Service", "MemoryHigh", 1, 1, 1)                        \
        X(MEMORY_MAX, "MemoryMax", "t", "Service", "MemoryMax", 1, 1, 1)                           \
        X(MEMORY_SWAP_MAX, "MemorySwapMax", "t", "Service", "MemorySwapMax", 1, 1, 1)              \
        X(IP_ACCOUNTING, "IPAccounting", "b", "Service", "IPAccounting", 1, 0, 0)                  \
        X(TASKS_ACCOUNTING, "TasksAccounting", "b", "Service", "TasksAccounting", 1, 1, 1)         \
        X(TASKS_MAX, "TasksMax", "t", "Service", "TasksMax", 1, 1, 1)                              \
        X(DEVICE_POLICY, "DevicePolicy", "s", "Service", "DevicePolicy", 1, 1, 1)                  \
        X(DEVICE_ALLOW, "DeviceAllow", "a(ss)", "Service", "DeviceAllow", 1, 1, 1)
/* clang-format on */

typedef enum PropertyId {
#define X(id, ...) PROPERTY_##id,
        PROPERTY_TABLE(X)
#undef X
                _PROPERTY_MAX,
        _PROPERTY_INVALID = -EINVAL,
} PropertyId;

typedef struct PropertyInfo {
        const char *bus_name;
        const char *signature;
        const char *section;
        const char *key; /* "" = exists on D-Bus only */
        bool takes[_UNIT_TYPE_MAX];
} PropertyInfo;

/* An entry of the table; NULL when id is out of range. */
const PropertyInfo *property_info(PropertyId id);
PropertyId property_from_bus_name(const char *name); /* _PROPERTY_INVALID when unknown */

/* One value. Which members count follows from the signature:
 *   "b" "i" "u" "t" "h"  number            "s"     strings[0]
 *   "as" "au"        strings / numbers "ay"    bytes (bit mask, least significant byte first)
 *   "aay"            strings (each one FIELD=value)
 *   "a(sasb)"        one command: strings = argv, strings[0] also the path; number 1 = ignore
 * failure ("-") "a(st)"          strings[i] with numbers[i]        "a(ss)" strings[2i],
 * strings[2i+1]
 *   "a(say)"         strings[2i] with the bytes of strings[2i+1]
 *   "(aiai)"         numbers = exit codes; second array always empty
 *   "(bas)"          number 1 = nothing but strings, 0 = all but strings
 * UINT64_MAX in a "t" is systemd's "infinity". */
typedef struct Property {
        PropertyId id;
        uint64_t number;
        char **strings; /* NULL-terminated */
        size_t n_strings;
        uint64_t *numbers;
        size_t n_numbers;
        uint8_t *bytes;
        size_t n_bytes;
} Property;

typedef struct PropertyList {
        Property *items; /* sorted by id; at most one of each id */
        size_t n;
} PropertyList;

void property_list_done(PropertyList *list);

/* Setters replace an earlier value of the same id and keep the list sorted. All return 0 or
 * -ENOMEM. */
int property_set_number(PropertyList *list, PropertyId id, uint64_t value);
int property_set_string(PropertyList *list, PropertyId id, const char *value);
int property_set_strv(
        PropertyList *list, PropertyId id, const char *const *strv); /* NULL-terminated */
int property_set_bytes(PropertyList *list, PropertyId id, const uint8_t *bytes, size_t n);
/* Adders append to the arrays of an existing value or start one. */
int property_add_string(PropertyList *list, PropertyId id, const char *value);
int property_add_pair(PropertyList *list, PropertyId id, const char *first, const char *second);
int property_add_device_number(PropertyList *list, PropertyId id, const char *path, uint64_t value);
int property_add_number(PropertyList *list, PropertyId id, uint64_t value);
const Property *property_find(const PropertyList *list, PropertyId id);

/* Unit-file text of all properties that `type` takes and a file can say, grouped in sections in the
 * order [Unit], then [Service]/[Scope]/[Slice]; '%' is doubled, values escaped as systemd.syntax(7)
 * asks, command lines as systemd.service(5). Returns 0 or -ENOMEM/-EIO. */
int property_list_to_unit_text(const PropertyList *list, UnitType type, FILE *f);
