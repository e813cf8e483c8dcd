/* Configurations of libcontainer and nsinit as config.json: what every member becomes, and what is
 * refused. */
#include "unit/test.h"

#include "base/io.h"
#include "base/json.h"
#include "convert/convert.h"
#include "runtime/strv.h"

#include <fcntl.h>
#include <stdlib.h>

/* The config.json of a text, already accepted by its own parser; warnings is released by the
 * caller. */
static char *converted(const char *text, SpecStrv *warnings)
{
        Spec *spec;
        CtrError err;
        char *config;

        CHECK_OK(convert_config(
                         &(ConvertInput){ .text = text, .rootfs = "/" }, &config, warnings, &err),
                err);
        CHECK_OK(spec_parse_strict(config, strlen(config), &spec, &err), err);
        spec_free(spec);
        return config;
}

/* A configuration with these members more must give a config.json with this piece of text. */
static void check_gives(const char *members, const char *expected)
{
        char text[2048];
        char *config;

        (void) snprintf(text, sizeof(text),
                "{ \"rootfs\": \"/\", \"namespaces\": [ { \"type\": \"NEWNS\" } ]%s%s }",
                *members ? ", " : "", members);
        config = converted(text, NULL);
        CHECK_CONTAINS(config, expected);
        free(config);
}

static void check_refused(const char *members, const char *field)
{
        char text[2048], *config = NULL;
        CtrError err = { 0 };

        (void) snprintf(text, sizeof(text), "{ \"rootfs\": \"/\", %s }", members);
        CHECK_INT(convert_config(&(ConvertInput){ .text = text }, &config, NULL, &err), -EINVAL);
        CHECK_INT(err.code, CTR_ERROR_CONFIG_INVALID);
        CHECK_STR(err.field, field);
        CHECK(!config);
}

/* long: a table of every member. */
static void members(void)
{
        static const struct {
                const char *from, *to;
        } cases[] = {
                { "", "\"root\":{\"path\":\"/\"}" },
                { "\"readonlyfs\": true", "\"root\":{\"path\":\"/\",\"readonly\":true}" },
                { "\"hostname\": \"h\", \"namespaces\": [ { \"type\": \"NEWNS\" }, { \"type\": \"NEWUTS\" } ]",
                        "\"hostname\":\"h\"" },
                { "\"capabilities\": [ \"chown\", \"CAP_KILL\" ]",
                        "\"capabilities\":{\"bounding\":[\"CAP_CHOWN\",\"CAP_KILL\"],"
                        "\"effective\":[\"CAP_CHOWN\",\"CAP_KILL\"],"
                        "\"permitted\":[\"CAP_CHOWN\",\"CAP_KILL\"]}" },
                { "\"capabilities\": { \"Bounding\": [ \"CAP_KILL\" ], \"Ambient\": null }",
                        "\"capabilities\":{\"bounding\":[\"CAP_KILL\"],\"effective\":[]" },
                { "\"rlimits\": [ { \"type\": 7, \"hard\": 1024, \"soft\": 512 } ]",
                        "\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"hard\":1024,\"soft\":512}]" },
                { "\"oom_score_adj\": -7", "\"oomScoreAdj\":-7" },
                { "\"no_new_privileges\": true", "\"noNewPrivileges\":true" },
                { "\"mask_paths\": [ \"/a\" ], \"readonly_paths\": [ \"/b\" ]",
                        "\"maskedPaths\":[\"/a\"],\"readonlyPaths\":[\"/b\"]" },
                { "\"restrict_sys\": true", "\"maskedPaths\":[\"/proc/acpi\"" },
                { "\"sysctl\": { \"net.ipv4.ip_forward\": \"1\" },"
                  "\"namespaces\": { \"NEWNS\": true, \"NEWNET\": true, \"NEWIPC\": false }",
                        "\"sysctl\":{\"net.ipv4.ip_forward\":\"1\"}" },
                { "\"additional_groups\": [ 7, \"8\" ]", "\"additionalGids\":[7,8]" },
                { "\"mounts\": [ { \"source\": \"/a\", \"destination\": \"/b\", \"device\": \"bind\","
                  "\"flags\": 20481, \"data\": \"mode=1,size=2\" } ]",
                        "\"options\":[\"ro\",\"rbind\",\"mode=1\",\"size=2\"]" },
                { "\"mount_config\": { \"mounts\": [ { \"type\": \"bind\", \"source\": \"/a\","
                  "\"destination\": \"/b\", \"writable\": true } ] }",
                        "\"options\":[\"rbind\",\"rw\",\"rslave\"]" },
                { "\"devices\": [ { \"type\": 99, \"path\": \"/dev/x\", \"major\": 1, \"minor\": 3,"
                  "\"file_mode\": 438, \"permissions\": \"rwm\" } ]",
                        "{\"path\":\"/dev/x\",\"type\":\"c\",\"major\":1,\"minor\":3,\"fileMode\":438}" },
                { "\"cgroups\": { \"memory\": 67108864, \"memory_swap\": -1, \"pids_limit\": 9,"
                  "\"cpuset_cpus\": \"0-1\" }",
                        "\"memory\":{\"limit\":67108864,\"swap\":-1},\"cpu\":{\"cpus\":\"0-1\"},"
                        "\"pids\":{\"limit\":9}" },
                { "\"cgroups\": { \"allow_all_devices\": true }",
                        "\"devices\":[{\"allow\":true,\"access\":\"rwm\"}]" },
                { "\"cgroups\": { \"allowed_devices\": [ { \"type\": 99, \"major\": 5, \"minor\": -1,"
                  "\"permissions\": \"rw\" } ] }",
                        "[{\"allow\":false,\"access\":\"rwm\"},{\"allow\":true,\"type\":\"c\","
                        "\"major\":5,\"access\":\"rw\"}]" },
                { "\"cgroups\": { \"parent\": \"ctr-web.slice\" }",
                        "\"cgroupsPath\":\"ctr-web.slice:ctr:container\"" },
                { "\"cgroups\": { \"blkio_throttle_read_bps_device\": [ { \"major\": 8, \"rate\": 5 } ] }",
                        "\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":0,\"rate\":5}]" },
                { "\"seccomp\": { \"default_action\": 4, \"architectures\": [ \"amd64\" ],"
                  "\"syscalls\": [ { \"name\": \"ptrace\", \"action\": 2, \"args\": [ { \"index\": 0,"
                  "\"value\": 16, \"op\": 1 } ] } ] }",
                        "\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":"
                        "[\"SCMP_ARCH_X86_64\"],\"syscalls\":[{\"names\":[\"ptrace\"],\"action\":"
                        "\"SCMP_ACT_ERRNO\",\"args\":[{\"index\":0,\"value\":16,\"valueTwo\":0,"
                        "\"op\":\"SCMP_CMP_EQ\"}]}]}" },
                { "\"Hooks\": { \"prestart\": [ { \"path\": \"/h\", \"timeout\": 1500000000 } ],"
                  "\"poststop\": null }",
                        "\"hooks\":{\"prestart\":[{\"path\":\"/h\",\"timeout\":2}]}" },
                { "\"uid_mappings\": [ { \"container_id\": 0, \"host_id\": 1000, \"size\": 9 } ],"
                  "\"gid_mappings\": [ { \"container_id\": 0, \"host_id\": 1000, \"size\": 9 } ],"
                  "\"namespaces\": [ { \"type\": \"NEWUSER\" }, { \"type\": \"NEWNS\" } ]",
                        "\"uidMappings\":[{\"containerID\":0,\"hostID\":1000,\"size\":9}]" },
                { "\"privatefs\": true", "\"rootfsPropagation\":\"rprivate\"" },
                { "\"rootPropagation\": 540672", "\"rootfsPropagation\":\"rslave\"" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                /* Members that stand twice are written once. */
                if (strstr(cases[i].from, "\"namespaces\"")) {
                        char text[1024];
                        char *config;

                        (void) snprintf(
                                text, sizeof(text), "{ \"rootfs\": \"/\", %s }", cases[i].from);
                        config = converted(text, NULL);
                        CHECK_CONTAINS(config, cases[i].to);
                        free(config);
                } else
                        check_gives(cases[i].from, cases[i].to);
        }
}

static void refusals(void)
{
        static const struct {
                const char *from, *field;
        } cases[] = {
                { "\"restrict_sis\": true", "restrict_sis" },
                { "\"cgroups\": { \"memry\": 1 }", "cgroups.memry" },
                { "\"cgroups\": { \"memory\": \"1G\" }", "cgroups.memory" },
                { "\"cgroups\": { \"freezer\": \"FROZEN\" }", "cgroups.freezer" },
                { "\"networks\": [ { \"type\": \"vlan\", \"bridge\": \"b\" } ]", "networks" },
                { "\"networks\": [ { \"type\": \"veth\" } ]", "networks[0].bridge" },
                { "\"networks\": [ { \"type\": \"veth\", \"bridge\": \"a/b\" } ]",
                        "networks[0].bridge" },
                { "\"networks\": [ { \"type\": \"veth\", \"bridge\": \"b\", \"brigde\": \"c\" } ]",
                        "networks[0].brigde" },
                { "\"networks\": [ { \"type\": \"veth\", \"bridge\": \"b\", \"address\": \"1.2.3.4\" } ]",
                        "networks[0].address" },
                { "\"networks\": [ { \"type\": \"veth\", \"bridge\": \"b\", \"address\": \"1.2.3.4/33\" } ]",
                        "networks[0].address" },
                { "\"networks\": [ { \"type\": \"veth\", \"bridge\": \"b\", \"gateway\": \"fe80::1\" } ]",
                        "networks[0].gateway" },
                { "\"networks\": [ { \"type\": \"veth\", \"bridge\": \"b\", \"mtu\": \"1500\" } ]",
                        "networks[0].mtu" },
                { "\"networks\": [ { \"type\": \"veth\", \"bridge\": \"b\", \"mac_address\": \"01:2:3:4:5:6\" } ]",
                        "networks[0].mac_address" },
                { "\"networks\": [ { \"type\": \"veth\", \"bridge\": \"b\" } ], \"routes\": [ {"
                  "\"gateway\": \"1.2.3.4\", \"interface_name\": \"eth1\" } ]",
                        "routes" },
                { "\"routes\": [ { \"gateway\": \"1.2.3.4\" } ]", "routes" },
                { "\"namespaces\": { \"NEWFOO\": true }", "namespaces" },
                { "\"capabilities\": [ 5 ]", "capabilities" },
                { "\"seccomp\": { \"default_action\": 9 }", "seccomp" },
                { "\"seccomp\": { \"default_action\": 4, \"architectures\": [ \"vax\" ] }",
                        "seccomp.architectures" },
                { "\"seccomp\": { \"default_action\": 4, \"syscalls\": [ { \"action\": 2 } ] }",
                        "seccomp.syscalls" },
                { "\"mounts\": [ { \"destination\": \"/a\", \"flags\": 32 } ]", "mounts" },
                { "\"mounts\": [ { \"destination\": \"/a\", \"premount_cmds\": [ {} ] } ]",
                        "mounts.premount_cmds" },
                { "\"mounts\": [ { \"destination\": \"/a\", \"relabel\": \"Z\" } ]",
                        "mounts.relabel" },
                { "\"devices\": [ { \"type\": 1 } ]", "devices" },
                { "\"rlimits\": [ { \"type\": 99, \"hard\": 1, \"soft\": 1 } ]", "rlimits" },
                { "\"hooks\": { \"prestart\": [ { \"path\": \"/h\", \"dir\": \"/d\" } ] }",
                        "hooks.prestart.dir" },
                { "\"user\": 5", "user" },
        };
        CtrError err;
        char *config;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                check_refused(cases[i].from, cases[i].field);
        CHECK_INT(convert_config(&(ConvertInput){ .text = "{}" }, &config, NULL, &err), -EINVAL);
        CHECK_STR(err.field, "rootfs");
        CHECK_INT(convert_config(&(ConvertInput){ .text = "[" }, &config, NULL, &err), -EINVAL);
        CHECK_INT(convert_config(&(ConvertInput){ .text = "5" }, &config, NULL, &err), -EINVAL);
}

/* What never was more than a help to the old program. */
static void warnings(void)
{
        SpecStrv list = { 0 };
        char *config;

        config = converted("{ \"rootfs\": \"/r\", \"namespaces\": { \"NEWNS\": true },"
                           "  \"pivot_dir\": \"/p\", \"parent_death_signal\": 9,"
                           "  \"cgroups\": { \"kernel_memory\": 5, \"memory_swappiness\": -1 } }",
                &list);
        CHECK_INT(list.n, 3);
        CHECK_CONTAINS(list.items[0], "pivot_dir has no effect");
        CHECK_CONTAINS(list.items[1], "parent_death_signal has no effect");
        CHECK_CONTAINS(list.items[2], "cgroups.kernel_memory has no effect");
        free(config);
        strv_done(&list);
}

/* The sample of nsinit, without a word of loss. */
static void sample(void)
{
        _cleanup_free_ char *text = NULL, *without_user = NULL;
        SpecStrv list = { 0 };
        CtrError err;
        size_t size;
        char *config, *user;

        CHECK_OK(ctr_read_file(
                         AT_FDCWD, TEST_DATA "/convert/minimal.json", 1 << 20, &text, &size, &err),
                err);
        without_user = strdup(text);
        user = strstr(without_user, "\"daemon\"");
        memcpy(user, "\"2:3\"   ", 8);
        config = converted(without_user, &list);
        CHECK_INT(list.n, 0);
        CHECK_CONTAINS(config, "\"user\":{\"uid\":2,\"gid\":3}");
        CHECK_CONTAINS(config, "\"terminal\":true");
        CHECK_CONTAINS(config, "\"TERM=xterm\"");
        CHECK_CONTAINS(config, "\"path\":\"/\"");
        free(config);
}

/* What is one already is left alone. */
static void config_json(void)
{
        static const char text[] = "{ \"ociVersion\": \"1.0.2\", \"x\": 5 }";
        CtrError err;
        char *config;

        CHECK_OK(convert_config(&(ConvertInput){ .text = text }, &config, NULL, &err), err);
        CHECK_STR(config, text);
        free(config);
}

static void resources(void)
{
        CtrError err;
        char *text;

        CHECK_OK(convert_resources("{ \"pids\": { \"limit\": 5 } }", &text, &err), err);
        CHECK_STR(text, "{ \"pids\": { \"limit\": 5 } }");
        free(text);
        CHECK_OK(convert_resources(
                         "{ \"cgroups\": { \"cpu_shares\": 5, \"cpu_quota\": 0 } }", &text, &err),
                err);
        CHECK_STR(text, "{\"cpu\":{\"shares\":5}}");
        free(text);
        CHECK_INT(convert_resources("{ \"cgroups\": { \"no\": 5 } }", &text, &err), -EINVAL);
}

static const Test tests[] = {
        TEST(members),
        TEST(refusals),
        TEST(warnings),
        TEST(sample),
        TEST(config_json),
        TEST(resources),
};
TEST_MAIN(tests)
