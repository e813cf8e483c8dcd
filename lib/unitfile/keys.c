/* The keys of a .container file: see keys.h. The lists follow systemd 252: systemd.unit(5),
 * systemd.service(5), systemd.exec(5) (logging only), systemd.resource-control(5). */
#include "unitfile/keys.h"

#include <stdio.h>
#include <string.h>

#define LIST true
#define LAST false

#define CONDITIONS                                                                                 \
        C("Architecture")                                                                          \
        C("Virtualization")                                                                        \
        C("Host")                                                                                  \
        C("KernelCommandLine")                                                                     \
        C("KernelVersion")                                                                         \
        C("ACPower")                                                                               \
        C("FirstBoot")                                                                             \
        C("PathExists")                                                                            \
        C("PathIsDirectory")                                                                       \
        C("PathIsMountPoint")                                                                      \
        C("PathIsReadWrite")                                                                       \
        C("DirectoryNotEmpty")                                                                     \
        C("FileNotEmpty")                                                                          \
        C("Memory")                                                                                \
        C("CPUs")                                                                                  \
        C("Environment")

static const KeyInfo keys[] = {
        /* Dependencies and description */
        { "Description", KEY_UNIT, VALUE_TEXT, LAST, NULL },
        { "Documentation", KEY_UNIT, VALUE_TEXT, LIST, NULL },
        { "After", KEY_UNIT, VALUE_UNITS, LIST, NULL },
        { "Before", KEY_UNIT, VALUE_UNITS, LIST, NULL },
        { "Requires", KEY_UNIT, VALUE_UNITS, LIST, NULL },
        { "Requisite", KEY_UNIT, VALUE_UNITS, LIST, NULL },
        { "Wants", KEY_UNIT, VALUE_UNITS, LIST, NULL },
        { "BindsTo", KEY_UNIT, VALUE_UNITS, LIST, NULL },
        { "PartOf", KEY_UNIT, VALUE_UNITS, LIST, NULL },
        { "Upholds", KEY_UNIT, VALUE_UNITS, LIST, NULL },
        { "Conflicts", KEY_UNIT, VALUE_UNITS, LIST, NULL },
        { "OnFailure", KEY_UNIT, VALUE_UNITS, LIST, NULL },
        { "OnSuccess", KEY_UNIT, VALUE_UNITS, LIST, NULL },
        { "PropagatesStopTo", KEY_UNIT, VALUE_UNITS, LIST, NULL },
        { "StopPropagatedFrom", KEY_UNIT, VALUE_UNITS, LIST, NULL },
        { "RequiresMountsFor", KEY_UNIT, VALUE_TEXT, LIST, NULL },
        { "DefaultDependencies", KEY_UNIT, VALUE_BOOLEAN, LAST, NULL },
        { "StopWhenUnneeded", KEY_UNIT, VALUE_BOOLEAN, LAST, NULL },
        { "RefuseManualStart", KEY_UNIT, VALUE_BOOLEAN, LAST, NULL },
        { "RefuseManualStop", KEY_UNIT, VALUE_BOOLEAN, LAST, NULL },
        { "CollectMode", KEY_UNIT, VALUE_WORD, LAST, "inactive inactive-or-failed" },
        { "StartLimitIntervalSec", KEY_UNIT, VALUE_TIME, LAST, NULL },
        { "StartLimitBurst", KEY_UNIT, VALUE_NUMBER, LAST, NULL },
        { "JobTimeoutSec", KEY_UNIT, VALUE_TIME, LAST, NULL },
        { "JobRunningTimeoutSec", KEY_UNIT, VALUE_TIME, LAST, NULL },
#define C(name)                                                                                    \
        { "Condition" name, KEY_UNIT, VALUE_TEXT, LIST, NULL },                                    \
                { "Assert" name, KEY_UNIT, VALUE_TEXT, LIST, NULL },
        CONDITIONS
#undef C
        /* Life of the service */
        { "Restart", KEY_SERVICE, VALUE_WORD, LAST,
                "no on-success on-failure on-abnormal on-watchdog on-abort always" },
        { "RestartSec", KEY_SERVICE, VALUE_TIME, LAST, NULL },
        { "RestartPreventExitStatus", KEY_SERVICE, VALUE_TEXT, LIST, NULL },
        { "RestartForceExitStatus", KEY_SERVICE, VALUE_TEXT, LIST, NULL },
        { "SuccessExitStatus", KEY_SERVICE, VALUE_TEXT, LIST, NULL },
        { "TimeoutStartSec", KEY_SERVICE, VALUE_TIME, LAST, NULL },
        { "TimeoutStopSec", KEY_SERVICE, VALUE_TIME, LAST, NULL },
        { "TimeoutSec", KEY_SERVICE, VALUE_TIME, LAST, NULL },
        { "RuntimeMaxSec", KEY_SERVICE, VALUE_TIME, LAST, NULL },
        { "RuntimeRandomizedExtraSec", KEY_SERVICE, VALUE_TIME, LAST, NULL },
        { "KillSignal", KEY_SERVICE, VALUE_SIGNAL, LAST, NULL },
        { "RestartKillSignal", KEY_SERVICE, VALUE_SIGNAL, LAST, NULL },
        { "FinalKillSignal", KEY_SERVICE, VALUE_SIGNAL, LAST, NULL },
        { "SendSIGKILL", KEY_SERVICE, VALUE_BOOLEAN, LAST, NULL },
        { "SendSIGHUP", KEY_SERVICE, VALUE_BOOLEAN, LAST, NULL },
        { "OOMPolicy", KEY_SERVICE, VALUE_WORD, LAST, "continue stop kill" },
        /* Journal */
        { "LogNamespace", KEY_SERVICE, VALUE_TEXT, LAST, NULL },
        { "LogLevelMax", KEY_SERVICE, VALUE_WORD, LAST,
                "emerg alert crit err warning notice info debug 0 1 2 3 4 5 6 7" },
        { "LogRateLimitIntervalSec", KEY_SERVICE, VALUE_TIME, LAST, NULL },
        { "LogRateLimitBurst", KEY_SERVICE, VALUE_NUMBER, LAST, NULL },
        { "LogExtraFields", KEY_SERVICE, VALUE_TEXT, LIST, NULL },
        { "SyslogIdentifier", KEY_SERVICE, VALUE_TEXT, LAST, NULL },
        { "SyslogFacility", KEY_SERVICE, VALUE_TEXT, LAST, NULL },
        { "SyslogLevel", KEY_SERVICE, VALUE_TEXT, LAST, NULL },
        { "SyslogLevelPrefix", KEY_SERVICE, VALUE_BOOLEAN, LAST, NULL },
        /* Resource control */
        { "Slice", KEY_SERVICE, VALUE_SLICE, LAST, NULL },
        { "CPUAccounting", KEY_SERVICE, VALUE_BOOLEAN, LAST, NULL },
        { "CPUWeight", KEY_SERVICE, VALUE_WEIGHT, LAST, NULL },
        { "StartupCPUWeight", KEY_SERVICE, VALUE_WEIGHT, LAST, NULL },
        { "CPUQuota", KEY_SERVICE, VALUE_PERCENT, LAST, NULL },
        { "CPUQuotaPeriodSec", KEY_SERVICE, VALUE_TIME, LAST, NULL },
        { "AllowedCPUs", KEY_SERVICE, VALUE_TEXT, LAST, NULL },
        { "StartupAllowedCPUs", KEY_SERVICE, VALUE_TEXT, LAST, NULL },
        { "AllowedMemoryNodes", KEY_SERVICE, VALUE_TEXT, LAST, NULL },
        { "StartupAllowedMemoryNodes", KEY_SERVICE, VALUE_TEXT, LAST, NULL },
        { "MemoryAccounting", KEY_SERVICE, VALUE_BOOLEAN, LAST, NULL },
        { "MemoryMin", KEY_SERVICE, VALUE_BYTES, LAST, NULL },
        { "MemoryLow", KEY_SERVICE, VALUE_BYTES, LAST, NULL },
        { "MemoryHigh", KEY_SERVICE, VALUE_BYTES, LAST, NULL },
        { "MemoryMax", KEY_SERVICE, VALUE_BYTES, LAST, NULL },
        { "MemorySwapMax", KEY_SERVICE, VALUE_BYTES, LAST, NULL },
        { "TasksAccounting", KEY_SERVICE, VALUE_BOOLEAN, LAST, NULL },
        { "TasksMax", KEY_SERVICE, VALUE_COUNT, LAST, NULL },
        { "IOAccounting", KEY_SERVICE, VALUE_BOOLEAN, LAST, NULL },
        { "IOWeight", KEY_SERVICE, VALUE_WEIGHT, LAST, NULL },
        { "StartupIOWeight", KEY_SERVICE, VALUE_WEIGHT, LAST, NULL },
        { "IODeviceWeight", KEY_SERVICE, VALUE_TEXT, LIST, NULL },
        { "IOReadBandwidthMax", KEY_SERVICE, VALUE_TEXT, LIST, NULL },
        { "IOWriteBandwidthMax", KEY_SERVICE, VALUE_TEXT, LIST, NULL },
        { "IOReadIOPSMax", KEY_SERVICE, VALUE_TEXT, LIST, NULL },
        { "IOWriteIOPSMax", KEY_SERVICE, VALUE_TEXT, LIST, NULL },
        { "IODeviceLatencyTargetSec", KEY_SERVICE, VALUE_TEXT, LIST, NULL },
        { "IPAccounting", KEY_SERVICE, VALUE_BOOLEAN, LAST, NULL },
        { "IPAddressAllow", KEY_SERVICE, VALUE_TEXT, LIST, NULL },
        { "IPAddressDeny", KEY_SERVICE, VALUE_TEXT, LIST, NULL },
        { "SocketBindAllow", KEY_SERVICE, VALUE_TEXT, LIST, NULL },
        { "SocketBindDeny", KEY_SERVICE, VALUE_TEXT, LIST, NULL },
        { "RestrictNetworkInterfaces", KEY_SERVICE, VALUE_TEXT, LIST, NULL },
        { "DeviceAllow", KEY_SERVICE, VALUE_TEXT, LIST, NULL },
        { "DevicePolicy", KEY_SERVICE, VALUE_WORD, LAST, "auto closed strict" },
        { "ManagedOOMSwap", KEY_SERVICE, VALUE_WORD, LAST, "auto kill" },
        { "ManagedOOMMemoryPressure", KEY_SERVICE, VALUE_WORD, LAST, "auto kill" },
        { "ManagedOOMMemoryPressureLimit", KEY_SERVICE, VALUE_PERCENT, LAST, NULL },
        { "ManagedOOMPreference", KEY_SERVICE, VALUE_WORD, LAST, "none avoid omit" },
        /* Links */
        { "WantedBy", KEY_INSTALL, VALUE_UNITS, LIST, NULL },
        { "RequiredBy", KEY_INSTALL, VALUE_UNITS, LIST, NULL },
        { "Alias", KEY_INSTALL, VALUE_UNITS, LIST, NULL },
        /* The container */
        { "Config", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
};

/* Keys that people may expect, and where the thing is said instead. A final '*' stands for any
 * rest. The first match counts. */
static const struct {
        KeyUse use;
        const char *pattern;
        const char *reason;
} refused[] = {
        { KEY_SERVICE, "Exec*", "the command is process.args of config.json" },
        { KEY_SERVICE, "User", "the user is process.user of config.json" },
        { KEY_SERVICE, "Group", "the group is process.user of config.json" },
        { KEY_SERVICE, "DynamicUser", "the user is process.user of config.json" },
        { KEY_SERVICE, "SupplementaryGroups", "groups are process.user of config.json" },
        { KEY_SERVICE, "*Environment*", "the environment is process.env of config.json" },
        { KEY_SERVICE, "WorkingDirectory", "the directory is process.cwd of config.json" },
        { KEY_SERVICE, "Root*", "the root file system is root.path of config.json" },
        { KEY_SERVICE, "Limit*", "resource limits are process.rlimits of config.json" },
        { KEY_SERVICE, "OOMScoreAdjust", "it is process.oomScoreAdj of config.json" },
        { KEY_SERVICE, "NoNewPrivileges", "it is process.noNewPrivileges of config.json" },
        { KEY_SERVICE, "*Capabilit*", "capabilities are process.capabilities of config.json" },
        { KEY_SERVICE, "SystemCall*", "system calls are linux.seccomp of config.json" },
        { KEY_SERVICE, "Bind*Paths", "mounts are the mounts of config.json" },
        { KEY_SERVICE, "*Paths", "mounts are the mounts of config.json" },
        { KEY_SERVICE, "TemporaryFileSystem", "mounts are the mounts of config.json" },
        { KEY_SERVICE, "Private*", "namespaces are linux.namespaces of config.json" },
        { KEY_SERVICE, "Protect*", "it is config.json that confines the container" },
        { KEY_SERVICE, "Restrict*", "it is config.json that confines the container" },
        { KEY_SERVICE, "Type", "ctrunit sets it: ready means that the payload runs" },
        { KEY_SERVICE, "NotifyAccess", "ctrunit sets it" },
        { KEY_SERVICE, "PIDFile", "ctrunit tells systemd the main process" },
        { KEY_SERVICE, "KillMode", "ctrunit sets it: mixed" },
        { KEY_SERVICE, "Delegate*", "ctrunit sets it where the configuration needs it" },
        { KEY_SERVICE, "RemainAfterExit", "a container that has ended is not active" },
        { KEY_SERVICE, "Standard*", "the journal gets the container's output" },
        { KEY_UNIT, "*Action*", "a container does not act on the machine" },
        { KEY_UNIT, "SourcePath", "ctrunit sets it" },
        { KEY_UNIT, "JoinsNamespaceOf", "namespaces are linux.namespaces of config.json" },
        { KEY_INSTALL, "UpheldBy", "it needs systemd 254; use Upholds= in the other unit" },
        { KEY_INSTALL, "Also", "each container's file says its own links" },
        { KEY_INSTALL, "DefaultInstance", "a container is no template" },
        { KEY_CONTAINER, "*", "is not supported yet by this version: set it in config.json" },
};

static const char *const sections[] = {
        [KEY_UNIT] = "Unit",
        [KEY_SERVICE] = "Service",
        [KEY_INSTALL] = "Install",
        [KEY_CONTAINER] = "Container",
};

static const KeyInfo ignored = { "X-", KEY_IGNORED, VALUE_TEXT, LIST, NULL };

const KeyInfo *key_at(size_t index)
{
        return index < ELEMENTSOF(keys) ? &keys[index] : NULL;
}

const char *key_section(KeyUse use)
{
        return use < ELEMENTSOF(sections) ? sections[use] : "";
}

/* '*' stands for any text. Patterns are short and our own: plain recursion is enough. */
static bool matches(const char *pattern, const char *name)
{
        if (*pattern == '*')
                return matches(pattern + 1, name) || (*name && matches(pattern, name + 1));
        return *pattern == *name && (*pattern == '\0' || matches(pattern + 1, name + 1));
}

/* Number of changed, added or left out letters between two names; no more than 64 letters count. */
static size_t distance(const char *a, const char *b)
{
        size_t row[65], n = strnlen(b, ELEMENTSOF(row) - 1);

        for (size_t j = 0; j <= n; j++)
                row[j] = j;
        for (size_t i = 0; i < 64 && a[i]; i++) {
                size_t diagonal = row[0];

                row[0] = i + 1;
                for (size_t j = 0; j < n; j++) {
                        size_t changed = diagonal + (a[i] != b[j]);

                        diagonal = row[j + 1];
                        row[j + 1] = MIN_OF(changed, MIN_OF(row[j], row[j + 1]) + 1);
                }
        }
        return row[n];
}

static const char *nearest_key(KeyUse use, const char *name)
{
        const char *best = NULL;
        size_t least = 4; /* further away is no typing error */

        for (size_t i = 0; i < ELEMENTSOF(keys); i++) {
                size_t d = keys[i].use == use ? distance(name, keys[i].name) : least;

                if (d < least) {
                        least = d;
                        best = keys[i].name;
                }
        }
        return best;
}

static int unknown_key(const IniEntry *entry, KeyUse use, CtrError *err)
{
        const char *nearest;

        for (size_t i = 0; i < ELEMENTSOF(refused); i++) {
                if (refused[i].use != use || !matches(refused[i].pattern, entry->key))
                        continue;
                if (use == KEY_CONTAINER)
                        return ini_entry_error(entry, err, "%s", refused[i].reason);
                return ini_entry_error(entry, err, "not possible in [%s] of a container: %s",
                        entry->section, refused[i].reason);
        }
        nearest = nearest_key(use, entry->key);
        return ini_entry_error(entry, err, "unknown key in [%s]%s%s%s", entry->section,
                nearest ? ", did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
}

static int find_section(const IniEntry *entry, KeyUse *ret, CtrError *err)
{
        for (size_t i = 0; i < ELEMENTSOF(sections); i++)
                if (strcmp(sections[i], entry->section) == 0) {
                        *ret = (KeyUse) i;
                        return 0;
                }
        return ini_entry_error(entry, err,
                "unknown section [%s]: known are [Unit], [Container], [Service], [Install]",
                entry->section);
}

int key_find(const IniEntry *entry, const KeyInfo **ret, CtrError *err)
{
        KeyUse use;
        int r;

        if (strncmp(entry->section, "X-", 2) == 0 || strncmp(entry->key, "X-", 2) == 0) {
                *ret = &ignored;
                return 0;
        }
        r = find_section(entry, &use, err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < ELEMENTSOF(keys); i++) {
                const KeyInfo *key = &keys[i];

                if (key->use != use || strcmp(key->name, entry->key) != 0)
                        continue;
                if (entry->value[0] && !value_is_valid(key->kind, key->words, entry->value))
                        return ini_entry_error(entry, err, "\"%.100s\" is not valid, expected %s%s",
                                entry->value, key->kind == VALUE_WORD ? "one of: " : "",
                                value_kind_help(key->kind, key->words));
                *ret = key;
                return 0;
        }
        return unknown_key(entry, use, err);
}
