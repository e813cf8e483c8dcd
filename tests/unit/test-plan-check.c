/* What is refused: not implemented. And the lexical paths. */
#include "plan/plan-internal.h"
#include "unit/plan-case.h"

#define MAPS                                                                                       \
        ",'uidMappings':[{'containerID':0,'hostID':100000,'size':1000}],"                          \
        "'gidMappings':[{'containerID':0,'hostID':100000,'size':1000}]"
#define WITH_USER "{'type':'mount'},{'type':'pid'},{'type':'user'}"

static void not_implemented(void)
{
        static const struct {
                PlanCase c;
                const char *field;
        } cases[] = {
                { { .process = ",'terminal':true" }, "process.terminal" },
                { { .namespaces = "{'type':'mount','path':'/proc/1/ns/mnt'}" }, "root.path" },
                { { .mounts = "{'destination':'/d','type':'tmpfs','options':['idmap']}" },
                        "mounts[0]" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                CHECK_REFUSED(&cases[i].c, CTR_ERROR_UNSUPPORTED, cases[i].field, "");
}

/* A joined mount namespace: its root is the container's, and nothing may be a mount in it. */
static void joined_root(void)
{
#define JOINED(members)                                                                            \
        "{'ociVersion':'1.2.0','process':{'user':{'uid':0,'gid':0},'args':['a'],'cwd':'/'},"       \
        "'linux':{'namespaces':[{'type':'mount','path':'/x'}]}" members "}"
        static const struct {
                const char *text, *field;
        } cases[] = {
                { JOINED(",'root':{'path':'/'}"), NULL },
                { JOINED(",'root':{'path':'/r'}"), "root.path" },
                { JOINED(",'root':{'path':'/','readonly':true}"), "root.readonly" },
                { JOINED(",'root':{'path':'/'},'mounts':[{'destination':'/d','type':'tmpfs'}]"),
                        "mounts" },
                { JOINED(",'root':{'path':'/'},'hooks':{'createContainer':[{'path':'/a'}]}"),
                        "hooks.createContainer" },
                { JOINED(",'root':{'path':'/'},'annotations':{'org.ctrunit.rootfs':'overlay'}"),
                        "annotations[\"org.ctrunit.rootfs\"]" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(spec_freep) Spec *spec = NULL;
                char *text = strdup(cases[i].text);
                CtrError err = { 0 };

                CHECK(text != NULL);
                for (char *c = text; *c; c++)
                        if (*c == '\'')
                                *c = '"';
                CHECK_INT(spec_parse(text, strlen(text), &spec, &err), 0);
                CHECK_INT(plan_check_joined_root(spec, &err) < 0, cases[i].field != NULL);
                CHECK_STR(err.field, cases[i].field ? cases[i].field : "");
                free(text);
        }
}

/* What the hand-over of the listener needs, and what makes no sense without one. */
static void seccomp_agents(void)
{
        static const struct {
                const char *seccomp, *field;
        } cases[] = {
                { "'listenerPath':'/x','syscalls':[{'names':['mkdir','write'],'action':'SCMP_ACT_"
                  "NOTIFY'}]",
                        "linux.seccomp.syscalls[0].names[1]" },
                { "'listenerPath':'/x','syscalls':[{'names':['mkdir'],'action':'SCMP_ACT_NOTIFY'},"
                  "{'names':['read'],'action':'SCMP_ACT_NOTIFY'}]",
                        "linux.seccomp.syscalls[1].names[0]" },
                { "'flags':['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV']", "linux.seccomp.flags" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char text[512];

                (void) snprintf(text, sizeof(text),
                        ",'seccomp':{'defaultAction':'SCMP_ACT_ALLOW',%s}", cases[i].seccomp);
                CHECK_REFUSED((&(PlanCase){ .linux_ = text }), CTR_ERROR_CONFIG_INVALID,
                        cases[i].field, "");
        }
}

static void paths_to_hide(void)
{
        CHECK_REFUSED((&(PlanCase){ .linux_ = ",'maskedPaths':['/x','/x/..']" }),
                CTR_ERROR_CONFIG_INVALID, "linux.maskedPaths[1]", "below /");
        CHECK_REFUSED((&(PlanCase){ .linux_ = ",'readonlyPaths':['/']" }), CTR_ERROR_CONFIG_INVALID,
                "linux.readonlyPaths[0]", "below /");
}

static void unmapped_users(void)
{
        static const struct {
                uint32_t uid, gid, extra;
                const char *field;
        } cases[] = {
                { 999, 0, 0, NULL },
                { 1000, 0, 0, "process.user.uid" },
                { 0, 1000, 0, "process.user.gid" },
                { 0, 0, 4294967294, "process.user.additionalGids[0]" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(spec_freep) Spec *spec =
                        plan_case_spec(&(PlanCase){ .namespaces = WITH_USER, .linux_ = MAPS });
                SpecUser user = { .uid = cases[i].uid,
                        .gid = cases[i].gid,
                        .additional_gids = (uint32_t[]){ cases[i].extra },
                        .n_additional_gids = 1 };
                CtrError err = { 0 };
                int r = plan_check_user(spec, &user, &err);

                CHECK_INT(r, cases[i].field ? -EINVAL : 0);
                CHECK_STR(err.field, cases[i].field ? cases[i].field : "");
        }
}

static void paths(void)
{
        static const struct {
                const char *base, *path, *clean;
        } cases[] = {
                { "/b", "rootfs", "/b/rootfs" },
                { "/b", "/rootfs", "/rootfs" },
                { "/b", "../x", "/x" },
                { "/b/c/", "./x//y/.", "/b/c/x/y" },
                { "/b", "..", "/" },
                { "/b", "../../..", "/" },
                { "/", "", "/" },
                { "/b", "", "/b" },
                { "/", "a/../b/...", "/b/..." },
                { "/", "/a/b/../..", "/" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_free_ char *clean = plan_path_clean(cases[i].base, cases[i].path);

                CHECK_STR(clean, cases[i].clean);
        }
        CHECK(plan_path_is_below("/proc", "/proc"));
        CHECK(plan_path_is_below("/proc/x", "/proc"));
        CHECK(!plan_path_is_below("/process", "/proc"));
        CHECK(plan_path_is_below("/x", "/"));
}

static const Test tests[] = {
        TEST(not_implemented),
        TEST(joined_root),
        TEST(seccomp_agents),
        TEST(paths_to_hide),
        TEST(unmapped_users),
        TEST(paths),
};
TEST_MAIN(tests)
