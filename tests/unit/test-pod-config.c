/* Configurations of pods: what is read, what is refused and where the error says so; names; which
 * state may follow which. */
#include "base/pod-name.h"
#include "runtime/pod.h"
#include "unit/test.h"

static PodConfig *parse(const char *text)
{
        PodConfig *config;
        CtrError err = { 0 };

        CHECK_OK(pod_config_parse(text, strlen(text), &config, &err), err);
        return config;
}

static void rich(void)
{
        static const char text[] =
                "{\"ID\":\"web\",\"Hostname\":\"h\",\"VMConfig\":{\"VCPUs\":2,\"Memory\":128},"
                "\"HypervisorType\":\"mock\",\"HypervisorConfig\":{\"KernelPath\":\"/k\"},"
                "\"AgentType\":\"noop\",\"AgentConfig\":null,\"ProxyType\":\"noProxy\","
                "\"ShimType\":\"noopShim\",\"NetworkModel\":\"CNI\","
                "\"NetworkConfig\":{\"NetNSPath\":\"/n\",\"NumInterfaces\":2,\"InterworkingModel\":1},"
                "\"Hooks\":{\"PreStartHooks\":[{\"Path\":\"/p\",\"Args\":[\"p\",\"a\"],\"Env\":[\"A=b\"],"
                "\"Timeout\":3}],\"PostStartHooks\":null,\"PostStopHooks\":[{\"Path\":\"/q\"}]},"
                "\"Volumes\":[{\"MountTag\":\"t\",\"HostPath\":\"/v\"}],\"Annotations\":{\"k\":\"v\"},"
                "\"Containers\":[{\"ID\":\"a\",\"RootFs\":\"/r\",\"ReadonlyRootfs\":true,"
                "\"Cmd\":{\"Args\":[\"sh\"],\"Envs\":[{\"Var\":\"X\",\"Value\":\"y\"}],\"WorkDir\":\"/w\","
                "\"User\":\"u\",\"PrimaryGroup\":\"g\",\"SupplementaryGroups\":[\"s\"],"
                "\"Interactive\":false,\"Console\":\"\",\"Detach\":true,\"NoNewPrivileges\":false,"
                "\"Capabilities\":{\"Bounding\":[\"CAP_KILL\"],\"Ambient\":null}},"
                "\"Annotations\":null,\"Mounts\":[{\"Source\":\"/s\",\"Destination\":\"/d\","
                "\"Options\":[\"ro\"],\"ReadOnly\":true}],"
                "\"DeviceInfos\":[{\"ContainerPath\":\"/dev/x\",\"DevType\":\"u\",\"Major\":1,\"Minor\":3,"
                "\"FileMode\":69206416,\"UID\":5,\"GID\":6,\"Hotplugged\":false,\"ID\":\"i\"}],"
                "\"Resources\":{\"CPUQuota\":5000,\"CPUPeriod\":10000,\"CPUShares\":0}}]}";
        PodConfig *c = parse(text);
        const PodContainer *a = pod_config_find(c, "a");

        CHECK_STR(c->id, "web");
        CHECK_STR(c->hostname, "h");
        CHECK_INT(c->n_vcpus, 2);
        CHECK_INT(c->memory_mib, 128);
        CHECK_STR(pod_hypervisor_name(c->hypervisor), "mock");
        CHECK_STR(pod_network_name(c->network_model), "CNI");
        CHECK_STR(c->netns_path, "/n");
        CHECK_INT(c->n_interfaces, 2);
        CHECK_INT(c->hooks[POD_HOOK_PRESTART].n, 1);
        CHECK_STR(c->hooks[POD_HOOK_PRESTART].items[0].args.items[1], "a");
        CHECK_STR(c->hooks[POD_HOOK_PRESTART].items[0].env.items[0], "A=b");
        CHECK_INT(c->hooks[POD_HOOK_PRESTART].items[0].timeout_usec, 3000000);
        CHECK_INT(c->hooks[POD_HOOK_POSTSTART].n, 0);
        CHECK_STR(c->hooks[POD_HOOK_POSTSTOP].items[0].args.items[0], "/q");
        CHECK_STR(c->volumes[0].tag, "t");
        CHECK_STR(c->annotations.items[0].value, "v");
        CHECK(a && a->is_rootfs_readonly);
        CHECK_STR(a->command.envs[0].value, "y");
        CHECK_STR(a->command.user, "u");
        CHECK(a->command.no_new_privileges.is_set && !a->command.no_new_privileges.value);
        CHECK(a->command.has_capabilities);
        CHECK_INT(a->command.capabilities[POD_CAPABILITIES_BOUNDING].n, 1);
        CHECK(a->mounts[0].is_readonly);
        CHECK_INT(a->devices[0].type, 'c');
        CHECK_INT(a->devices[0].file_mode.value, 0620);
        CHECK_INT(a->cpu_quota.value, 5000);
        CHECK(!a->cpu_shares.is_set);
        CHECK(!pod_config_find(c, "b"));
        pod_config_free(c);
}

static void least(void)
{
        PodConfig *c = parse("{}");

        CHECK(!c->id);
        CHECK_INT(c->hypervisor, POD_HYPERVISOR_MOCK);
        CHECK_INT(c->network_model, POD_NETWORK_NOOP);
        CHECK_INT(c->n_containers, 0);
        pod_config_free(c);
}

#define CONTAINER(rest) "{\"Containers\":[{\"ID\":\"a\",\"RootFs\":\"/r\"," rest "}]}"

static void refused(void)
{
        static const struct {
                const char *text, *field, *message;
                CtrErrorCode code;
        } cases[] = {
                { "", "", "Pod must be specified", CTR_ERROR_NEED_POD },
                { "[]", "", "expected an object", CTR_ERROR_CONFIG_INVALID },
                { "{\"ID\":\"a.b\"}", "ID", "invalid pod ID format", CTR_ERROR_INVALID_ID_FORMAT },
                { "{\"ID\":7}", "ID", "expected a string", CTR_ERROR_CONFIG_INVALID },
                { "{\"Hostnam\":\"x\"}", "Hostnam", "did you mean \"Hostname\"?",
                        CTR_ERROR_CONFIG_INVALID },
                { "{\"HypervisorType\":\"qemu\"}", "HypervisorType",
                        "\"qemu\" is not supported: use \"mock\"", CTR_ERROR_UNSUPPORTED },
                { "{\"HypervisorType\":\"xen\"}", "HypervisorType", "xen",
                        CTR_ERROR_CONFIG_INVALID },
                { "{\"AgentType\":\"hyperstart\"}", "AgentType", "is not supported",
                        CTR_ERROR_UNSUPPORTED },
                { "{\"ProxyType\":\"ccProxy\"}", "ProxyType", "is not supported",
                        CTR_ERROR_UNSUPPORTED },
                { "{\"ShimType\":\"x\"}", "ShimType", "unknown shim", CTR_ERROR_CONFIG_INVALID },
                { "{\"VMConfig\":{\"VCPUs\":9000}}", "VMConfig.VCPUs", "Invalid pod resource",
                        CTR_ERROR_INVALID_RESOURCE },
                { "{\"VMConfig\":{\"Memory\":-1}}", "VMConfig.Memory", "",
                        CTR_ERROR_CONFIG_INVALID },
                { "{\"NetworkModel\":\"cni\"}", "NetworkModel", "cni", CTR_ERROR_CONFIG_INVALID },
                { "{\"Hooks\":{\"PreStartHooks\":[{\"Path\":\"\"}]}}",
                        "Hooks.PreStartHooks[0].Path", "File cannot be empty",
                        CTR_ERROR_NEED_FILE },
                { "{\"Hooks\":{\"PreStartHooks\":[{\"Path\":\"x\"}]}}",
                        "Hooks.PreStartHooks[0].Path", "not an absolute path",
                        CTR_ERROR_CONFIG_INVALID },
                { "{\"Volumes\":[{\"MountTag\":\"../x\",\"HostPath\":\"/\"}]}",
                        "Volumes[0].MountTag", "is no mount tag", CTR_ERROR_CONFIG_INVALID },
                { "{\"Containers\":[{\"RootFs\":\"/r\",\"Cmd\":{\"Args\":[\"x\"]}}]}",
                        "Containers[0].ID", "Container ID cannot be empty",
                        CTR_ERROR_NEED_CONTAINER_ID },
                { CONTAINER("\"Cmd\":{\"Args\":[]}"), "Containers[0].Cmd.Args", "must not be empty",
                        CTR_ERROR_CONFIG_INVALID },
                { CONTAINER("\"Cmd\":{\"Args\":[\"x\"],\"Interactive\":true}"),
                        "Containers[0].Cmd.Interactive", "a terminal needs",
                        CTR_ERROR_CONFIG_INVALID },
                { CONTAINER("\"Cmd\":{\"Args\":[\"x\"],\"NoNewPrivilege\":true}"),
                        "Containers[0].Cmd.NoNewPrivilege", "looks like the security setting",
                        CTR_ERROR_CONFIG_INVALID },
                { CONTAINER(
                          "\"Cmd\":{\"Args\":[\"x\"]},\"Mounts\":[{\"Destination\":\"/a/../b\"}]"),
                        "Containers[0].Mounts[0].Destination", "must not have",
                        CTR_ERROR_CONFIG_INVALID },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                PodConfig *config = NULL;
                CtrError err = { 0 };

                if (pod_config_parse(cases[i].text, strlen(cases[i].text), &config, &err) >= 0)
                        test_fail(__FILE__, __LINE__, "%s is taken", cases[i].text);
                CHECK_STR(err.field, cases[i].field);
                CHECK_CONTAINS(err.message, cases[i].message);
                CHECK_INT(err.code, cases[i].code);
        }
}

static void moves(void)
{
        /* Row: from; column: to. In the order of PodState. */
        static const char *const allowed[_POD_STATE_MAX] = {
                [POD_READY] = ".R.S",
                [POD_RUNNING] = "..PS",
                [POD_PAUSED] = ".R.S",
                [POD_STOPPED] = ".R..",
        };

        for (PodState from = 0; from < _POD_STATE_MAX; from++)
                for (PodState to = 0; to < _POD_STATE_MAX; to++) {
                        char expected[64];
                        CtrError err = { 0 };

                        (void) snprintf(expected, sizeof(expected), "Can not move from %s to %s",
                                pod_state_name(from), pod_state_name(to));
                        if (allowed[from][to] != '.')
                                CHECK_OK(pod_state_check_move(from, to, &err), err);
                        else {
                                CHECK(pod_state_check_move(from, to, &err) < 0);
                                CHECK_STR(err.message, expected);
                                CHECK_INT(err.code, CTR_ERROR_BAD_STATE);
                        }
                }
}

static void names(void)
{
        char slice[CTR_UNIT_NAME_MAX], id[CTR_ID_MAX + 1], pod[CTR_POD_ID_MAX + 1], longest[128];
        CtrError err = { 0 };

        CHECK_STR(ctr_pod_to_slice("my-web+1", slice), "ctr-my\\x2dweb\\x2b1.slice");
        CHECK(ctr_slice_is_valid(slice));
        CHECK_STR(ctr_pod_to_slice("a.b", slice), "");
        CHECK_OK(ctr_pod_member_id("web", "db.x", id, &err), err);
        CHECK_STR(id, "web.db.x");
        CHECK(ctr_pod_of_member("web.db.x", pod));
        CHECK_STR(pod, "web");
        CHECK(!ctr_pod_of_member("web", pod));
        CHECK(!ctr_pod_of_member(".x", pod));
        CHECK(ctr_pod_id_check("", &err) < 0);
        CHECK_INT(err.code, CTR_ERROR_NEED_POD_ID);
        CHECK_STR(err.message, "Pod ID cannot be empty");
        CHECK(ctr_pod_member_id("web", "", id, &err) < 0);
        CHECK_INT(err.code, CTR_ERROR_NEED_CONTAINER_ID);
        memset(longest, 'a', sizeof(longest));
        longest[CTR_POD_ID_MAX] = '\0';
        CHECK(ctr_pod_id_is_valid(longest));
        longest[CTR_POD_ID_MAX] = 'a';
        longest[CTR_POD_ID_MAX + 1] = '\0';
        CHECK(!ctr_pod_id_is_valid(longest));
        memset(longest, '-', 70);
        longest[0] = 'a';
        longest[70] = '\0';
        CHECK(!ctr_pod_id_is_valid(longest)); /* the name of its slice would not fit */
}

static const Test tests[] = { TEST(rich), TEST(least), TEST(refused), TEST(moves), TEST(names) };
TEST_MAIN(tests)
