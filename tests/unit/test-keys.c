/* Keys of .container files and the kinds of their values. */
#include "unitfile/keys.h"
#include "unit/test.h"

static int find_in(
        const char *type, const char *section, const char *key, const char *value, CtrError *err)
{
        IniEntry entry = { .section = section, .key = key, .value = value, .line = 3, .column = 1 };
        const KeyInfo *info;

        *err = (CtrError){ 0 };
        return key_find(&entry, type, &info, err);
}

static int find(const char *section, const char *key, const char *value, CtrError *err)
{
        return find_in("container", section, key, value, err);
}

static void known_keys(void)
{
        static const char *const good[][3] = {
                { "Unit", "After", "network.target db.container" },
                { "Unit", "ConditionPathExists", "!/etc/no-web" },
                { "Service", "Restart", "on-failure" },
                { "Service", "MemoryMax", "512M" },
                { "Service", "MemoryMax", "" },
                { "Service", "KillSignal", "SIGRTMIN+3" },
                { "Service", "Slice", "ctr-web.slice" },
                { "Service", "DeviceAllow", "/dev/fuse rw" },
                { "Service", "WatchdogSec", "5s" },
                { "Service", "ExitType", "cgroup" },
                { "Service", "StateDirectory", "web web/cache:link" },
                { "Service", "StateDirectory", "ctrunit/web" },
                { "Service", "StateDirectoryMode", "0750" },
                { "Service", "StandardOutput", "append:/var/log/web" },
                { "Service", "StandardError", "null" },
                { "Service", "LoadCredential", "key:/etc/key" },
                { "Install", "WantedBy", "multi-user.target" },
                { "Container", "Config", "/srv/web" },
                { "X-Mine", "Whatever", "1" },
                { "Service", "X-Mine", "1" },
        };
        CtrError err;

        for (size_t i = 0; i < ELEMENTSOF(good); i++)
                CHECK_OK(find(good[i][0], good[i][1], good[i][2], &err), err);
}

static void refused_keys(void)
{
        static const char *const bad[][4] = {
                { "Service", "Restrat", "always", "did you mean \"Restart\"" },
                { "Service", "restart", "always", "did you mean \"Restart\"" },
                { "Service", "Quux", "1", "unknown key in [Service]" },
                { "Servce", "Restart", "always", "unknown section [Servce]" },
                { "Service", "ExecStartPre", "/bin/sh", "Exec= of [Container], or process.args" },
                { "Service", "User", "web", "process.user" },
                { "Service", "RootDirectory", "/", "root.path" },
                { "Service", "Environment", "A=1", "process.env" },
                { "Service", "PassEnvironment", "A", "process.env" },
                { "Service", "LimitNOFILE", "1", "process.rlimits" },
                { "Service", "BindReadOnlyPaths", "/", "mounts" },
                { "Service", "AmbientCapabilities", "", "process.capabilities" },
                { "Service", "Type", "simple", "expected one of: notify oneshot" },
                { "Service", "PIDs", "1", "unknown key" },
                { "Service", "StateDirectory", "/var/lib/web", "names of directories, relative" },
                { "Service", "StateDirectory", "a/../b", "names of directories" },
                { "Service", "RuntimeDirectory", "ctrunit", "not ctrunit's own" },
                { "Service", "RuntimeDirectory", "web ctrunit/containers/web",
                        "not ctrunit's own" },
                { "Service", "RuntimeDirectory", "", "names of directories" },
                { "Service", "RuntimeDirectoryPreserve", "yes", "ctrunit sets it" },
                { "Service", "StandardOutput", "file:x", "journal, null" },
                { "Service", "StandardInput", "socket", "tty-force" },
                { "Service", "StandardInputText", "x", "no other input" },
                { "Service", "TTYPath", "tty5", "/dev/tty5" },
                { "Service", "TTYPath", "/dev/../etc/x", "/dev/tty5" },
                { "Service", "StateDirectoryMode", "rwx", "an access mode" },
                { "Unit", "FailureAction", "reboot", "does not act on the machine" },
                { "Unit", "JobTimeoutAction", "reboot", "does not act on the machine" },
                { "Install", "UpheldBy", "a.target", "systemd 254" },
                { "Container", "Image", "nginx", "no images here" },
                { "Container", "ExposeHostPort", "80", "systemd-socket-proxyd" },
                { "Container", "HealthOnFailure", "reboot", "none" },
                { "Service", "RestartSteps", "3", "it needs systemd 254" },
                { "Container", "PodmanArgs", "--privileged", "podman is not used" },
                { "Container", "Roots", "/srv", "did you mean \"Rootfs\"" },
                { "Container", "SecompProfile", "/srv", "did you mean \"SeccompProfile\"" },
                { "Quadlet", "DefaultDependency", "no", "unknown key in [Quadlet]" },
        };
        CtrError err;

        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                CHECK(find(bad[i][0], bad[i][1], bad[i][2], &err) < 0);
                CHECK_CONTAINS(err.message, bad[i][3]);
                CHECK_STR(err.field, bad[i][1]);
                CHECK_INT(err.line, 3);
        }
}

static void kinds_of_values(void)
{
        static const struct {
                ValueKind kind;
                const char *good[8], *bad[8];
        } cases[] = {
                { VALUE_BOOLEAN, { "yes", "No", "1", "off", "TRUE" }, { "2", "maybe", "ye s" } },
                { VALUE_TIME, { "90", "1min 30s", "1.5h", "infinity", "5 µs", "2 days" },
                        { "x", "5 lightyears", "-1", "1..5", "1:30" } },
                { VALUE_BYTES, { "0", "512M", "1.5G", "20%", "infinity", "1024B" },
                        { "M", "1Z", "-1", "1 G", "1MM", "99999999999999999999999" } },
                { VALUE_COUNT, { "1", "10%", "infinity" }, { "1K", "-1", "" } },
                { VALUE_NUMBER, { "0", "42" }, { "4.2", "infinity", "-1" } },
                { VALUE_WEIGHT, { "1", "10000", "idle" }, { "0", "10001", "x" } },
                { VALUE_PERCENT, { "20%", "150.5%" }, { "20", "%", "a%" } },
                { VALUE_UNITS, { "a.service", "a.service  b.target", "db.container", "x@y.mount" },
                        { "a", "a.foo", "/x.service", "a%i.service", "a/b.container", ".service",
                                "-x.container", "a+b.service" } },
                { VALUE_SLICE, { "ctr.slice", "-.slice" }, { "ctr", "a--b.slice" } },
                { VALUE_SIGNAL, { "15", "SIGTERM", "QUIT", "RTMIN+3", "SIGRTMAX" },
                        { "0", "SIGFOO", "term", "RTMIN+99", "99" } },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                for (size_t j = 0; j < 8 && cases[i].good[j]; j++)
                        CHECK_STR(value_is_valid(cases[i].kind, NULL, cases[i].good[j])
                                          ? cases[i].good[j]
                                          : "(refused)",
                                cases[i].good[j]);
                for (size_t j = 0; j < 8 && cases[i].bad[j]; j++)
                        CHECK_STR(value_is_valid(cases[i].kind, NULL, cases[i].bad[j])
                                          ? cases[i].bad[j]
                                          : "(refused)",
                                "(refused)");
        }
        CHECK(value_is_valid(VALUE_WORD, "a bc", "bc"));
        CHECK(!value_is_valid(VALUE_WORD, "a bc", "b"));
}

static void errors_name_what_is_expected(void)
{
        CtrError err;

        CHECK(find("Service", "Restart", "sometimes", &err) < 0);
        CHECK_CONTAINS(err.message, "\"sometimes\" is not valid, expected one of: no on-success");
        CHECK(find("Service", "MemoryMax", "1Z", &err) < 0);
        CHECK_CONTAINS(err.message, "expected a size like 512M");
}

/* Nothing in the allow-list may run a command or change what confines the payload. */
static void no_dangerous_key(void)
{
        static const char *const parts[] = { "Exec", "User", "Group", "Root", "Bind", "Environment",
                "Capabilit", "SystemCall", "Private", "Protect", "Action", "Delegate" };
        static const char *const harmless[] = { "BindsTo", "SocketBindAllow", "SocketBindDeny",
                "ConditionEnvironment", "AssertEnvironment" };
        const KeyInfo *key;
        size_t n = 0;

        for (; (key = key_at(n)); n++) {
                /* What [Container] says goes through the parser of config.json; a volume runs
                 * nothing. */
                bool is_harmless =
                        key->use == KEY_CONTAINER || key->use == KEY_VOLUME || key->use == KEY_POD;

                for (size_t i = 0; i < ELEMENTSOF(harmless); i++)
                        is_harmless |= strcmp(key->name, harmless[i]) == 0;
                for (size_t i = 0; i < ELEMENTSOF(parts) && !is_harmless; i++)
                        CHECK_STR(strstr(key->name, parts[i]) ? key->name : "", "");
        }
        CHECK(n > 80);
        CHECK_STR(key_section(KEY_UNIT), "Unit");
}

static void keys_of_volumes(void)
{
        static const struct {
                const char *section, *key, *value;
                const char *message; /* NULL: it is fine */
        } cases[] = {
                { "Volume", "User", "1000", NULL },
                { "Volume", "Group", "www-data", NULL },
                { "Volume", "Device", "server:/export", NULL },
                { "Volume", "Options", "rw,size=10%", NULL },
                { "Unit", "After", "data.volume db.container", NULL },
                { "Unit", "After", "-x.volume", "NAME.volume" },
                { "Volume", "User", "-o", "a name or number of the host" },
                { "Volume", "User", "4294967295", "a name or number of the host" },
                { "Volume", "User", "a b", "a name or number of the host" },
                { "Volume", "Mode", "u+x", "an access mode" },
                { "Volume", "Device", "/dev/a b", "without blanks" },
                { "Volume", "Options", "a\"b", "without blanks" },
                { "Volume", "Options", "a\\x20b", "without blanks" },
                { "Volume", "Driver", "image", "local" },
                { "Volume", "UID", "0", "User= and Group=" },
                { "Volume", "Copy", "yes", "begins empty" },
                { "Volume", "Rootfs", "/srv", "unknown key in [Volume]" },
                { "Container", "Rootfs", "/srv", "known are [Unit], [Install], [Volume]" },
                { "Service", "ExecStart", "/bin/x", "unknown section [Service]" },
        };
        CtrError err;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                int r = find_in("volume", cases[i].section, cases[i].key, cases[i].value, &err);

                if (cases[i].message)
                        CHECK_CONTAINS(err.message, cases[i].message);
                CHECK_INT(r, cases[i].message ? -EINVAL : 0);
        }
        CHECK(find("Volume", "User", "0", &err) < 0);
        CHECK_CONTAINS(err.message, "unknown section [Volume]");
}

static const Test tests[] = {
        TEST(known_keys),
        TEST(refused_keys),
        TEST(kinds_of_values),
        TEST(errors_name_what_is_expected),
        TEST(no_dangerous_key),
        TEST(keys_of_volumes),
};
TEST_MAIN(tests)
