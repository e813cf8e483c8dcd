/* The configuration of a pod's member, field by field: what of the pod's configuration becomes what
 * of config.json, and that the whole is one that the container's own parser and compiler take.
 * Changes of a kept configuration. */
#include "plan/plan.h"
#include "runtime/pod-bundle.h"
#include "runtime/pod-edit.h"
#include "unit/test.h"

static const char config_text[] =
        "{\"ID\":\"web\",\"Volumes\":[{\"MountTag\":\"data\",\"HostPath\":\"/v\"}],\"Containers\":[{\"ID\":\"a\","
        "\"RootFs\":\"/r\",\"ReadonlyRootfs\":true,\"Cmd\":{\"Args\":[\"/bin/x\",\"a\\\"b\"],"
        "\"Envs\":[{\"Var\":\"X\",\"Value\":\"y z\"},{\"Var\":\"E\"}],\"WorkDir\":\"/w\",\"NoNewPrivileges\":false,"
        "\"Capabilities\":{\"Bounding\":[\"CAP_KILL\"],\"Effective\":[\"CAP_KILL\"],\"Permitted\":[\"CAP_KILL\"]}},"
        "\"Annotations\":{\"k\":\"v\"},"
        "\"Mounts\":[{\"Source\":\"/s\",\"Destination\":\"/d\",\"ReadOnly\":true},{\"HostPath\":\"/h\","
        "\"Destination\":\"/dev/shm\"},{\"Source\":\"tmpfs\",\"Destination\":\"/t\",\"Type\":\"tmpfs\"}],"
        "\"DeviceInfos\":[{\"ContainerPath\":\"/dev/z\",\"DevType\":\"c\",\"Major\":1,\"Minor\":5,\"UID\":7}],"
        "\"Resources\":{\"CPUQuota\":50000,\"CPUPeriod\":100000,\"CPUShares\":512}},"
        "{\"ID\":\"b\",\"RootFs\":\"/r\",\"Cmd\":{\"Args\":[\"sh\"]}}]}";

static Spec *make(size_t index, const char *network, const char *resolv_conf)
{
        static uint32_t groups[] = { 20, 30 };
        const RootfsUser user = { .uid = 10, .gid = 11, .groups = groups, .n_groups = 2 };
        PodConfig *config;
        CtrError err = { 0 };
        size_t size;
        Spec *spec;
        char *text;

        CHECK_OK(pod_config_parse(config_text, strlen(config_text), &config, &err), err);
        CHECK_OK(pod_bundle_text(&(PodMember){ .config = config,
                                         .container = &config->containers[index],
                                         .user = &user,
                                         .slice = "ctr-my\\x2dweb.slice",
                                         .ipc_path = "/ns/ipc",
                                         .uts_path = "/ns/uts",
                                         .network_path = network,
                                         .resolv_conf = resolv_conf },
                         &text, &size, &err),
                err);
        CHECK_OK(spec_parse_strict(text, size, &spec, &err), err);
        free(text);
        pod_config_free(config);
        return spec;
}

static const SpecMount *find_mount(const Spec *spec, const char *destination)
{
        const SpecMount *found = NULL;

        for (size_t i = 0; i < spec->n_mounts; i++)
                if (strcmp(spec->mounts[i].destination, destination) == 0) {
                        CHECK(!found); /* once only */
                        found = &spec->mounts[i];
                }
        return found;
}

static void fields(void)
{
        Spec *spec = make(0, "/ns/net", "/run/resolv.conf");
        const SpecProcess *p = &spec->process;
        const SpecMount *mount;

        CHECK_STR(spec->root.path, "/r");
        CHECK(spec->root.is_readonly);
        CHECK(!spec->hostname);
        CHECK_STR(p->args.items[1], "a\"b");
        CHECK_STR(p->env.items[0], "X=y z");
        CHECK_STR(p->env.items[1], "E=");
        CHECK_STR(p->cwd, "/w");
        CHECK(!p->no_new_privileges);
        CHECK_INT(p->user.uid, 10);
        CHECK_INT(p->user.gid, 11);
        CHECK_INT(p->user.n_additional_gids, 2);
        CHECK_INT(p->user.additional_gids[1], 30);
        CHECK_INT(p->capabilities.bounding, 1 << 5);
        CHECK_INT(p->capabilities.ambient, 0);
        CHECK_STR(spec_find_annotation(spec, "k"), "v");
        CHECK_STR(spec->linux_.cgroups_path, "ctr-my\\x2dweb.slice:ctr:member");
        CHECK_STR(spec_find_namespace(spec, SPEC_NS_NETWORK)->path, "/ns/net");
        CHECK_STR(spec_find_namespace(spec, SPEC_NS_IPC)->path, "/ns/ipc");
        CHECK_STR(spec_find_namespace(spec, SPEC_NS_UTS)->path, "/ns/uts");
        CHECK(!spec_find_namespace(spec, SPEC_NS_PID)->path);
        mount = find_mount(spec, "/d");
        CHECK_STR(mount->source, "/s");
        CHECK_STR(mount->options.items[0], "rbind");
        CHECK_STR(mount->options.items[1], "ro");
        CHECK_STR(find_mount(spec, "/dev/shm")->source, "/h");
        CHECK_STR(find_mount(spec, "/t")->type, "tmpfs");
        CHECK_INT(find_mount(spec, "/t")->options.n, 0);
        CHECK_STR(find_mount(spec, "/mnt/data")->source, "/v");
        CHECK_STR(find_mount(spec, "/etc/resolv.conf")->source, "/run/resolv.conf");
        CHECK_INT(spec->linux_.n_devices, 1);
        CHECK_STR(spec->linux_.devices[0].path, "/dev/z");
        CHECK_INT(spec->linux_.devices[0].minor, 5);
        CHECK_INT(spec->linux_.devices[0].uid.value, 7);
        CHECK_INT(spec->linux_.resources.n_devices, 2);
        CHECK_INT(spec->linux_.resources.cpu.quota.value, 50000);
        CHECK_INT(spec->linux_.resources.cpu.period.value, 100000);
        CHECK_INT(spec->linux_.resources.cpu.shares.value, 512);
        spec_free(spec);
}

static void defaults(void)
{
        Spec *spec = make(1, NULL, NULL);

        CHECK(!spec->root.is_readonly);
        CHECK(spec->process.no_new_privileges);
        CHECK(spec->process.capabilities.bounding != 0);
        CHECK_STR(spec->process.cwd, "/");
        CHECK_CONTAINS(spec->process.env.items[0], "PATH=");
        CHECK(spec->linux_.seccomp.is_set);
        CHECK(spec->linux_.masked_paths.n > 0);
        CHECK(!spec_find_namespace(spec, SPEC_NS_NETWORK)); /* the host's */
        CHECK(find_mount(spec, "/mnt/data"));
        CHECK(!find_mount(spec, "/etc/resolv.conf"));
        CHECK(!spec->linux_.resources.cpu.quota.is_set);
        spec_free(spec);
}

static void compiles(void)
{
        for (size_t i = 0; i < 2; i++) {
                Spec *spec = make(i, "/ns/net", NULL);
                const PlanContext ctx = { .id = "web.a",
                        .bundle = "/b",
                        .state_dir = "/run/ctrunit/containers/web.a",
                        .config_path = "/b/config.json",
                        .digest =
                                "0000000000000000000000000000000000000000000000000000000000000000",
                        .origin = PLAN_TRANSIENT_CREATE,
                        .has_launch_socket = true };
                PropertyList properties = { 0 };
                CtrError err = { 0 };

                CHECK_OK(plan_properties(spec, &ctx, &properties, &err), err);
                CHECK_STR(property_find(&properties, PROPERTY_SLICE)->strings[0],
                        "ctr-my\\x2dweb.slice");
                property_list_done(&properties);
                spec_free(spec);
        }
}

static PodConfig *edit(const char *text, const PodEdit *changes)
{
        PodConfig *config;
        CtrError err = { 0 };
        size_t size;
        char *out;

        CHECK_OK(pod_config_edit(text, strlen(text), changes, &out, &size, &err), err);
        CHECK_OK(pod_config_parse(out, size, &config, &err), err);
        free(out);
        return config;
}

static void edits(void)
{
        SpecKeyValue items[] = { { (char *) "k\"", (char *) "v" } };
        const SpecKeyValues annotations = { .items = items, .n = 1 };
        PodConfig *c;

        c = edit("{\"Hostname\":\"h\"}", &(PodEdit){ .id = "new" });
        CHECK_STR(c->id, "new");
        CHECK_STR(c->hostname, "h");
        pod_config_free(c);
        c = edit(config_text, &(PodEdit){ .removed = "a" });
        CHECK_INT(c->n_containers, 1);
        CHECK_STR(c->containers[0].id, "b");
        CHECK_INT(c->n_volumes, 1);
        pod_config_free(c);
        c = edit(config_text, &(PodEdit){ .added_container = "{\"ID\":\"c\",\"RootFs\":\"/r\","
                                                             "\"Cmd\":{\"Args\":[\"x\"]}}\n" });
        CHECK_INT(c->n_containers, 3);
        CHECK_STR(c->containers[2].id, "c");
        pod_config_free(c);
        c = edit("{\"Containers\":null}", &(PodEdit){ .annotations = &annotations });
        CHECK_STR(c->annotations.items[0].key, "k\"");
        pod_config_free(c);
}

static const Test tests[] = { TEST(fields), TEST(defaults), TEST(compiles), TEST(edits) };
TEST_MAIN(tests)
