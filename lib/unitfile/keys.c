/* The keys of .container and .volume files: see keys.h. The lists follow systemd 252:
 * systemd.unit(5), systemd.service(5), systemd.exec(5) (logging only), systemd.resource-control(5).
 */
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
        { "Type", KEY_SERVICE, VALUE_WORD, LAST, "notify oneshot" },
        { "RemainAfterExit", KEY_SERVICE, VALUE_BOOLEAN, LAST, NULL },
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
        { "WatchdogSec", KEY_SERVICE, VALUE_TIME, LAST, NULL },
        { "WatchdogSignal", KEY_SERVICE, VALUE_SIGNAL, LAST, NULL },
        { "TimeoutAbortSec", KEY_SERVICE, VALUE_TIME, LAST, NULL },
        { "TimeoutStartFailureMode", KEY_SERVICE, VALUE_WORD, LAST, "terminate abort kill" },
        { "TimeoutStopFailureMode", KEY_SERVICE, VALUE_WORD, LAST, "terminate abort kill" },
        { "ExitType", KEY_SERVICE, VALUE_WORD, LAST, "main cgroup" },
        { "Sockets", KEY_SERVICE, VALUE_UNITS, LIST, NULL },
        { "OOMPolicy", KEY_SERVICE, VALUE_WORD, LAST, "continue stop kill" },
        /* Credentials, directories, streams */
        { "LoadCredential", KEY_SERVICE, VALUE_TEXT, LIST, NULL },
        { "LoadCredentialEncrypted", KEY_SERVICE, VALUE_TEXT, LIST, NULL },
        { "SetCredential", KEY_SERVICE, VALUE_TEXT, LIST, NULL },
        { "SetCredentialEncrypted", KEY_SERVICE, VALUE_TEXT, LIST, NULL },
        { "StateDirectory", KEY_SERVICE, VALUE_DIRECTORIES, LIST, NULL },
        { "StateDirectoryMode", KEY_SERVICE, VALUE_MODE, LAST, NULL },
        { "CacheDirectory", KEY_SERVICE, VALUE_DIRECTORIES, LIST, NULL },
        { "CacheDirectoryMode", KEY_SERVICE, VALUE_MODE, LAST, NULL },
        { "LogsDirectory", KEY_SERVICE, VALUE_DIRECTORIES, LIST, NULL },
        { "LogsDirectoryMode", KEY_SERVICE, VALUE_MODE, LAST, NULL },
        { "RuntimeDirectory", KEY_SERVICE, VALUE_DIRECTORIES, LIST, NULL },
        { "TimeoutCleanSec", KEY_SERVICE, VALUE_TIME, LAST, NULL },
        { "StandardOutput", KEY_SERVICE, VALUE_STREAM, LAST, NULL },
        { "StandardError", KEY_SERVICE, VALUE_STREAM, LAST, NULL },
        { "StandardInput", KEY_SERVICE, VALUE_WORD, LAST, "null tty tty-fail tty-force" },
        { "TTYPath", KEY_SERVICE, VALUE_DEVICE, LAST, NULL },
        { "TTYReset", KEY_SERVICE, VALUE_BOOLEAN, LAST, NULL },
        { "TTYVHangup", KEY_SERVICE, VALUE_BOOLEAN, LAST, NULL },
        { "TTYVTDisallocate", KEY_SERVICE, VALUE_BOOLEAN, LAST, NULL },
        { "TTYRows", KEY_SERVICE, VALUE_NUMBER, LAST, NULL },
        { "TTYColumns", KEY_SERVICE, VALUE_NUMBER, LAST, NULL },
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
        { "Rootfs", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "ContainerName", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "ServiceName", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "Exec", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "Entrypoint", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "WorkingDir", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "User", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "Group", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "GroupAdd", KEY_CONTAINER, VALUE_TEXT, LIST, NULL },
        { "Environment", KEY_CONTAINER, VALUE_TEXT, LIST, NULL },
        { "EnvironmentFile", KEY_CONTAINER, VALUE_TEXT, LIST, NULL },
        { "EnvironmentHost", KEY_CONTAINER, VALUE_BOOLEAN, LAST, NULL },
        { "HostName", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "AddHost", KEY_CONTAINER, VALUE_TEXT, LIST, NULL },
        { "DNS", KEY_CONTAINER, VALUE_TEXT, LIST, NULL },
        { "DNSSearch", KEY_CONTAINER, VALUE_TEXT, LIST, NULL },
        { "DNSOption", KEY_CONTAINER, VALUE_TEXT, LIST, NULL },
        { "Timezone", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "Annotation", KEY_CONTAINER, VALUE_TEXT, LIST, NULL },
        { "Label", KEY_CONTAINER, VALUE_TEXT, LIST, NULL },
        { "Volume", KEY_CONTAINER, VALUE_TEXT, LIST, NULL },
        { "Mount", KEY_CONTAINER, VALUE_TEXT, LIST, NULL },
        { "Tmpfs", KEY_CONTAINER, VALUE_TEXT, LIST, NULL },
        { "ReadOnly", KEY_CONTAINER, VALUE_BOOLEAN, LAST, NULL },
        { "ReadOnlyTmpfs", KEY_CONTAINER, VALUE_BOOLEAN, LAST, NULL },
        { "ShmSize", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "Mask", KEY_CONTAINER, VALUE_TEXT, LIST, NULL },
        { "Unmask", KEY_CONTAINER, VALUE_TEXT, LIST, NULL },
        { "AddCapability", KEY_CONTAINER, VALUE_TEXT, LIST, NULL },
        { "DropCapability", KEY_CONTAINER, VALUE_TEXT, LIST, NULL },
        { "NoNewPrivileges", KEY_CONTAINER, VALUE_BOOLEAN, LAST, NULL },
        { "Secret", KEY_CONTAINER, VALUE_TEXT, LIST, NULL },
        { "SeccompProfile", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "AppArmor", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "SecurityLabelType", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "SecurityLabelLevel", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "SecurityLabelFileType", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "SecurityLabelDisable", KEY_CONTAINER, VALUE_BOOLEAN, LAST, NULL },
        { "SecurityLabelNested", KEY_CONTAINER, VALUE_BOOLEAN, LAST, NULL },
        { "AddDevice", KEY_CONTAINER, VALUE_TEXT, LIST, NULL },
        { "Sysctl", KEY_CONTAINER, VALUE_TEXT, LIST, NULL },
        { "Ulimit", KEY_CONTAINER, VALUE_TEXT, LIST, NULL },
        { "UserNS", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "UIDMap", KEY_CONTAINER, VALUE_TEXT, LIST, NULL },
        { "GIDMap", KEY_CONTAINER, VALUE_TEXT, LIST, NULL },
        { "SubUIDMap", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "SubGIDMap", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "Network", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "Pod", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "StartWithPod", KEY_CONTAINER, VALUE_BOOLEAN, LAST, NULL },
        { "Memory", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "PidsLimit", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "StopSignal", KEY_CONTAINER, VALUE_SIGNAL, LAST, NULL },
        { "StopTimeout", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "ReloadCmd", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "ReloadSignal", KEY_CONTAINER, VALUE_SIGNAL, LAST, NULL },
        { "RunInit", KEY_CONTAINER, VALUE_BOOLEAN, LAST, NULL },
        { "Notify", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "PublishPort", KEY_CONTAINER, VALUE_TEXT, LIST, NULL },
        { "HealthCmd", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "HealthInterval", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "HealthTimeout", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "HealthRetries", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "HealthStartPeriod", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "HealthOnFailure", KEY_CONTAINER, VALUE_WORD, LAST, "none kill restart stop" },
        { "HealthStartupCmd", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "HealthStartupInterval", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "HealthStartupTimeout", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "HealthStartupRetries", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "HealthStartupSuccess", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "LogDriver", KEY_CONTAINER, VALUE_TEXT, LAST, NULL },
        { "LogOpt", KEY_CONTAINER, VALUE_TEXT, LIST, NULL },
        /* The unit */
        { "DefaultDependencies", KEY_QUADLET, VALUE_BOOLEAN, LAST, NULL },
        /* A volume */
        { "User", KEY_VOLUME, VALUE_ACCOUNT, LAST, NULL },
        { "Group", KEY_VOLUME, VALUE_ACCOUNT, LAST, NULL },
        { "Mode", KEY_VOLUME, VALUE_MODE, LAST, NULL },
        { "Device", KEY_VOLUME, VALUE_PLAIN, LAST, NULL },
        { "Type", KEY_VOLUME, VALUE_PLAIN, LAST, NULL },
        { "Options", KEY_VOLUME, VALUE_PLAIN, LAST, NULL },
        { "Driver", KEY_VOLUME, VALUE_WORD, LAST, "local" },
        /* A pod */
        { "PodName", KEY_POD, VALUE_TEXT, LAST, NULL },
        { "ServiceName", KEY_POD, VALUE_TEXT, LAST, NULL },
        { "HostName", KEY_POD, VALUE_TEXT, LAST, NULL },
        { "Network", KEY_POD, VALUE_TEXT, LAST, NULL },
        { "PublishPort", KEY_POD, VALUE_TEXT, LIST, NULL },
        { "Volume", KEY_POD, VALUE_TEXT, LIST, NULL },
        { "AddHost", KEY_POD, VALUE_TEXT, LIST, NULL },
        { "DNS", KEY_POD, VALUE_TEXT, LIST, NULL },
        { "DNSSearch", KEY_POD, VALUE_TEXT, LIST, NULL },
        { "DNSOption", KEY_POD, VALUE_TEXT, LIST, NULL },
};

#define NO_IMAGES  "there are no images here: unpack one into a directory and name that by Rootfs="
#define OF_MEMBERS "it is for each container of the pod: say it in their files, those with Pod="
#define NO_PORTS   "use systemd-socket-proxyd(8) with a .socket unit, or Network=host"
#define NO_NETWORKS                                                                                \
        "networks are not made from files: use Network=host, or Network=ns:PATH with one that is " \
        "set up"

/* Keys that people may expect, and where the thing is said instead. A final '*' stands for any
 * rest. The first match counts. */
static const struct {
        KeyUse use;
        const char *pattern;
        const char *reason;
} refused[] = {
        { KEY_SERVICE, "Exec*",
                "the command is Exec= of [Container], or process.args of config.json" },
        { KEY_SERVICE, "User", "the user is User= of [Container], or process.user of config.json" },
        { KEY_SERVICE, "Group",
                "the group is Group= of [Container], or process.user of config.json" },
        { KEY_SERVICE, "DynamicUser",
                "the user is User= of [Container], or process.user of config.json" },
        { KEY_SERVICE, "SupplementaryGroups",
                "groups are GroupAdd= of [Container], or process.user of config.json" },
        { KEY_SERVICE, "*Environment*",
                "the environment is Environment= of [Container], or process.env of config.json" },
        { KEY_SERVICE, "WorkingDirectory",
                "the directory is WorkingDir= of [Container], or process.cwd of config.json" },
        { KEY_SERVICE, "Root*",
                "the root file system is Rootfs= of [Container], or root.path of config.json" },
        { KEY_SERVICE, "Limit*",
                "resource limits are Ulimit= of [Container], or process.rlimits of config.json" },
        { KEY_SERVICE, "OOMScoreAdjust", "it is process.oomScoreAdj of config.json" },
        { KEY_SERVICE, "NoNewPrivileges",
                "it is NoNewPrivileges= of [Container], or process.noNewPrivileges of config.json" },
        { KEY_SERVICE, "*Capabilit*",
                "capabilities are AddCapability= and DropCapability= of [Container], or process.capabilities of config.json" },
        { KEY_SERVICE, "SystemCall*",
                "system calls are SeccompProfile= of [Container], or linux.seccomp of config.json" },
        { KEY_SERVICE, "Bind*Paths",
                "mounts are Volume=, Mount= and Tmpfs= of [Container], or the mounts of config.json" },
        { KEY_SERVICE, "*Paths",
                "mounts are Volume=, Mount= and Tmpfs= of [Container], or the mounts of config.json" },
        { KEY_SERVICE, "TemporaryFileSystem",
                "mounts are Volume=, Mount= and Tmpfs= of [Container], or the mounts of config.json" },
        { KEY_SERVICE, "Private*",
                "namespaces are Network= and UserNS= of [Container], or linux.namespaces of config.json" },
        { KEY_SERVICE, "Protect*",
                "it is [Container], or config.json, that confines the container" },
        { KEY_SERVICE, "Restrict*",
                "it is [Container], or config.json, that confines the container" },
        { KEY_SERVICE, "NotifyAccess", "ctrunit sets it" },
        { KEY_SERVICE, "PIDFile", "ctrunit tells systemd the main process" },
        { KEY_SERVICE, "KillMode", "ctrunit sets it: mixed" },
        { KEY_SERVICE, "Delegate*", "ctrunit sets it where the configuration needs it" },
        { KEY_SERVICE, "StandardInput*",
                "a container has no other input than StandardInput=tty or its sockets" },
        { KEY_SERVICE, "FileDescriptorStore*",
                "nothing but sockets outlives a run of a container: ctr@NAME.socket keeps them" },
        { KEY_SERVICE, "RuntimeDirectory*", "ctrunit sets it: its own state is there" },
        { KEY_SERVICE, "LogFilterPatterns", "it needs systemd 253" },
        { KEY_SERVICE, "OpenFile", "nothing but sockets is handed to a container from outside" },
        { KEY_SERVICE, "MemoryZSwap*",
                "it needs systemd 253; use memory.zswap.max of linux.resources.unified" },
        { KEY_SERVICE, "StartupMemory*", "it needs systemd 254" },
        { KEY_SERVICE, "MemoryPressure*", "it needs systemd 254" },
        { KEY_SERVICE, "RestartSteps", "it needs systemd 254; RestartSec= is a fixed delay" },
        { KEY_SERVICE, "RestartMaxDelaySec", "it needs systemd 254; RestartSec= is a fixed delay" },
        { KEY_SERVICE, "RestartMode", "it needs systemd 254" },
        { KEY_SERVICE, "ImportCredential", "it needs systemd 254; use LoadCredential=" },
        { KEY_SERVICE, "CoredumpReceive", "it needs systemd 255" },
        { KEY_SERVICE, "NFTSet", "it needs systemd 255" },
        { KEY_UNIT, "SurviveFinalKillSignal", "it needs systemd 255" },
        { KEY_SERVICE, "Nice", "it is process.scheduler of config.json" },
        { KEY_SERVICE, "CPUScheduling*", "it is process.scheduler of config.json" },
        { KEY_SERVICE, "IOScheduling*", "it is process.ioPriority of config.json" },
        { KEY_SERVICE, "CPUAffinity", "use AllowedCPUs=" },
        { KEY_SERVICE, "NUMA*", "use AllowedMemoryNodes=, or linux.memoryPolicy of config.json" },
        { KEY_SERVICE, "UMask", "it is process.user.umask of config.json" },
        { KEY_SERVICE, "AppArmorProfile",
                "it is AppArmor= of [Container], or process.apparmorProfile of config.json" },
        { KEY_SERVICE, "SELinuxContext",
                "it is SecurityLabelType= of [Container], or process.selinuxLabel of config.json" },
        { KEY_UNIT, "*Action*", "a container does not act on the machine" },
        { KEY_UNIT, "SourcePath", "ctrunit sets it" },
        { KEY_UNIT, "JoinsNamespaceOf",
                "namespaces are Network= and UserNS= of [Container], or linux.namespaces of config.json" },
        { KEY_INSTALL, "UpheldBy", "it needs systemd 254; use Upholds= in the other unit" },
        { KEY_INSTALL, "Also", "each container's file says its own links" },
        { KEY_INSTALL, "DefaultInstance",
                "each instance of a template is a link NAME@INSTANCE.container to NAME@.container" },
        { KEY_CONTAINER, "Image", NO_IMAGES },
        { KEY_CONTAINER, "Pull", NO_IMAGES },
        { KEY_CONTAINER, "Retry*", NO_IMAGES },
        { KEY_CONTAINER, "AutoUpdate", NO_IMAGES },
        { KEY_CONTAINER, "ContainersConfModule", "podman is not used here" },
        { KEY_CONTAINER, "GlobalArgs", "podman is not used here" },
        { KEY_CONTAINER, "PodmanArgs", "podman is not used here" },
        { KEY_CONTAINER, "HttpProxy", "set the variables with Environment=" },
        { KEY_CONTAINER, "CgroupsMode", "the cgroup is the unit's own" },
        { KEY_CONTAINER, "VolatileTmp", "use Tmpfs=/tmp" },
        { KEY_CONTAINER, "Remap*", "use UIDMap= and GIDMap=" },
        { KEY_CONTAINER, "HealthLog*", "what a check says is in the journal" },
        { KEY_CONTAINER, "HealthMaxLog*", "what a check says is in the journal" },
        { KEY_CONTAINER, "ExposeHostPort", NO_PORTS },
        { KEY_CONTAINER, "NetworkAlias", NO_NETWORKS },
        { KEY_CONTAINER, "IP", NO_NETWORKS },
        { KEY_CONTAINER, "IP6", NO_NETWORKS },
        { KEY_VOLUME, "VolumeName", "a volume has the name of its file" },
        { KEY_VOLUME, "ServiceName", "a volume has the name of its file" },
        { KEY_VOLUME, "Copy", "a volume begins empty: copy the files into it once" },
        { KEY_VOLUME, "Image", NO_IMAGES },
        { KEY_VOLUME, "Label", "volumes have no labels" },
        { KEY_VOLUME, "*ID", "use User= and Group=, which take numbers too" },
        { KEY_POD, "ExitPolicy",
                "a pod ends when it is stopped; a container that ends it has PropagatesStopTo=" },
        { KEY_POD, "UserNS", OF_MEMBERS },
        { KEY_POD, "*Map", OF_MEMBERS },
        { KEY_POD, "ShmSize", OF_MEMBERS },
        { KEY_POD, "Label", OF_MEMBERS },
        { KEY_POD, "StopTimeout", OF_MEMBERS },
        { KEY_POD, "NetworkAlias", NO_NETWORKS },
        { KEY_POD, "IP", NO_NETWORKS },
        { KEY_POD, "IP6", NO_NETWORKS },
        { KEY_POD, "ContainersConfModule", "podman is not used here" },
        { KEY_POD, "GlobalArgs", "podman is not used here" },
        { KEY_POD, "PodmanArgs", "podman is not used here" },
        { KEY_VOLUME, "ContainersConfModule", "podman is not used here" },
        { KEY_VOLUME, "GlobalArgs", "podman is not used here" },
        { KEY_VOLUME, "PodmanArgs", "podman is not used here" },
};

static const char *const sections[] = {
        [KEY_UNIT] = "Unit",
        [KEY_SERVICE] = "Service",
        [KEY_INSTALL] = "Install",
        [KEY_CONTAINER] = "Container",
        [KEY_QUADLET] = "Quadlet",
        [KEY_VOLUME] = "Volume",
        [KEY_POD] = "Pod",
};

bool key_section_fits(KeyUse use, const char *type)
{
        if (use == KEY_UNIT || use == KEY_INSTALL || use == KEY_IGNORED)
                return true;
        if (use == KEY_VOLUME || use == KEY_POD)
                return strcmp(type, use == KEY_VOLUME ? "volume" : "pod") == 0;
        return strcmp(type, "container") == 0;
}

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
                if (use == KEY_CONTAINER || use == KEY_VOLUME || use == KEY_POD)
                        return ini_entry_error(
                                entry, err, "not possible here: %s", refused[i].reason);
                return ini_entry_error(entry, err, "not possible in [%s] of a container: %s",
                        entry->section, refused[i].reason);
        }
        nearest = nearest_key(use, entry->key);
        return ini_entry_error(entry, err, "unknown key in [%s]%s%s%s", entry->section,
                nearest ? ", did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
}

static int unknown_section(const IniEntry *entry, const char *type, CtrError *err)
{
        char known[128] = "";

        for (size_t i = 0; i < ELEMENTSOF(sections); i++) {
                size_t n = strlen(known);

                if (key_section_fits((KeyUse) i, type))
                        (void) snprintf(
                                known + n, sizeof(known) - n, "%s[%s]", n ? ", " : "", sections[i]);
        }
        return ini_entry_error(
                entry, err, "unknown section [%s]: known are %s", entry->section, known);
}

static int find_section(const IniEntry *entry, const char *type, KeyUse *ret, CtrError *err)
{
        for (size_t i = 0; i < ELEMENTSOF(sections); i++)
                if (strcmp(sections[i], entry->section) == 0 &&
                        key_section_fits((KeyUse) i, type)) {
                        *ret = (KeyUse) i;
                        return 0;
                }
        return unknown_section(entry, type, err);
}

int key_find(const IniEntry *entry, const char *type, const KeyInfo **ret, CtrError *err)
{
        KeyUse use;
        int r;

        if (strncmp(entry->section, "X-", 2) == 0 || strncmp(entry->key, "X-", 2) == 0) {
                *ret = &ignored;
                return 0;
        }
        r = find_section(entry, type, &use, err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < ELEMENTSOF(keys); i++) {
                const KeyInfo *key = &keys[i];

                if (key->use != use || key->name[0] != entry->key[0] ||
                        strcmp(key->name, entry->key) != 0)
                        continue;
                if ((entry->value[0] || value_is_never_empty(key->kind)) &&
                        !value_is_valid(key->kind, key->words, entry->value))
                        return ini_entry_error(entry, err, "\"%.100s\" is not valid, expected %s%s",
                                entry->value, key->kind == VALUE_WORD ? "one of: " : "",
                                value_kind_help(key->kind, key->words));
                *ret = key;
                return 0;
        }
        return unknown_key(entry, use, err);
}
