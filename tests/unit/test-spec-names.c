/* Names: edit distance, warnings for unknown properties, versions, users. */
#include "spec/spec-decode.h"
#include "spec/spec.h"
#include "unit/config-text.h"

static void distance(void)
{
        static const struct {
                const char *a, *b;
                unsigned distance;
        } rows[] = {
                { "", "", 0 },
                { "a", "", 1 },
                { "abc", "abc", 0 },
                { "ABC", "abc", 0 },
                { "abc", "abd", 1 },
                { "abc", "acb", 1 }, /* a swap */
                { "abc", "ab", 1 },
                { "kitten", "sitting", 3 },
                { "noNewPriviledges", "noNewPrivileges", 1 },
                { "seccomp", "capabilities", 12 },
        };
        char longest[66];

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                CHECK_INT(spec_name_distance(rows[i].a, rows[i].b, 100), rows[i].distance);
                CHECK_INT(spec_name_distance(rows[i].b, rows[i].a, 100), rows[i].distance);
        }
        CHECK(spec_name_distance("a", "abcdef", 2) > 2);
        memset(longest, 'a', sizeof(longest));
        longest[65] = '\0';
        CHECK(spec_name_distance(longest, "a", 100) > 100);
        longest[64] = '\0';
        CHECK_INT(spec_name_distance(longest, longest, 0), 0);
        CHECK_INT(spec_name_distance(longest, "a", 100), 63);
}

/* The config must be accepted with this one warning. */
static void check_warning(ConfigPlace place, const char *fragment, const char *warning)
{
        _cleanup_free_ char *text = config_text(place, fragment);
        _cleanup_(spec_freep) Spec *spec = NULL;
        CtrError err = { 0 };

        printf("# %s\n", fragment);
        CHECK_OK(spec_parse(text, strlen(text), &spec, &err), err);
        CHECK_INT(spec->warnings.n, 1);
        CHECK_STR(spec->warnings.items[0], warning);
        CHECK(!spec->warnings.items[1]);
}

static void warnings(void)
{
        static const struct {
                ConfigPlace place;
                const char *fragment, *warning;
        } rows[] = {
                { CONFIG_TOP, "'hostnam':'x'",
                        "hostnam: unknown property \"hostnam\" is ignored (the nearest known name is \"hostname\")" },
                { CONFIG_PROCESS, "'comandLine':null",
                        "process.comandLine: unknown property \"comandLine\" is ignored (the nearest known name is "
                        "\"commandLine\")" },
                { CONFIG_RESOURCES, "'memory':{'limits':5}",
                        "linux.resources.memory.limits: unknown property \"limits\" is ignored (the nearest known name is "
                        "\"limit\")" },
                { CONFIG_TOP, "'mounts':[{'destination':'/a','option':['ro']}]",
                        "mounts[0].option: unknown property \"option\" is ignored (the nearest known name is \"options\")" },
                { CONFIG_TOP, "'x\\ny':{'seccomp':1}",
                        "[\"x y\"]: unknown property \"x y\" is ignored (the nearest known name is \"vm\")" },
                { CONFIG_TOP, "'solaris':{}", "solaris: ignored: a section for another platform" },
                { CONFIG_PROCESS, "'user':{'uid':1,'gid':1,'username':'x'}",
                        "process.user.username: ignored: names are for Windows, Linux uses uid and gid" },
                { CONFIG_TOP, "'mounts':[{'destination':'data','type':'tmpfs'}]",
                        "mounts[0].destination: \"data\" is not absolute, \"/data\" is used" },
                { CONFIG_PROCESS, "'capabilities':{'bounding':['CAP_KILL','CAP_TIME_TRAVEL']}",
                        "process.capabilities.bounding[1]: capability CAP_TIME_TRAVEL is not known here and not granted" },
                { CONFIG_PROCESS, "'capabilities':{'effective':['CAP_KILL']}",
                        "process.capabilities.effective: not granted, since not in permitted: CAP_KILL" },
                { CONFIG_PROCESS,
                        "'capabilities':{'permitted':['CAP_KILL'],'ambient':['CAP_KILL','CAP_CHOWN']}",
                        "process.capabilities.ambient: not granted, since not in both permitted and inheritable: "
                        "CAP_CHOWN, CAP_KILL" },
                { CONFIG_RESOURCES, "'blockIO':{'leafWeight':10}",
                        "linux.resources.blockIO.leafWeight: ignored: leaf weights are a thing of cgroup v1" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                check_warning(rows[i].place, rows[i].fragment, rows[i].warning);
}

static void many_warnings(void)
{
        _cleanup_free_ char *fragment = NULL, *text = NULL;
        _cleanup_(spec_freep) Spec *spec = NULL;
        CtrError err = { 0 };
        size_t size = 0;
        FILE *f = open_memstream(&fragment, &size);

        CHECK(f);
        for (unsigned i = 0; i < 100; i++)
                (void) fprintf(f, "%s'unheard-of-%u':{}", i > 0 ? "," : "", i);
        (void) fclose(f);
        text = config_text(CONFIG_TOP, fragment);
        CHECK_OK(spec_parse(text, strlen(text), &spec, &err), err);
        CHECK_INT(spec->warnings.n, 64);
        CHECK_CONTAINS(spec->warnings.items[62], "unheard-of-62");
        CHECK_STR(spec->warnings.items[63], "37 more unknown properties are ignored");
}

static void versions(void)
{
        static const char *const good[] = { "1.0.0", "1.0.2", "1.0.2-dev", "1.0.0-rc5", "1.1.0",
                "1.2.0+dev", "1.2.1", "1.3.0", "1.3.99-alpha.1+build-7.x" };

        for (size_t i = 0; i < ELEMENTSOF(good); i++) {
                _cleanup_free_ char *text = NULL;
                _cleanup_(spec_freep) Spec *spec = NULL;
                CtrError err = { 0 };

                CHECK(asprintf(&text,
                              "{\"ociVersion\":\"%s\",\"root\":{\"path\":\"r\"},\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]}}",
                              good[i]) > 0);
                CHECK_OK(spec_parse(text, strlen(text), &spec, &err), err);
                CHECK_STR(spec->oci_version, good[i]);
        }
}

static void users(void)
{
        static const struct {
                const char *text;
                uint32_t uid;
                bool has_gid;
                uint32_t gid;
        } good[] = {
                { "0", 0, false, 0 },
                { "1", 1, false, 0 },
                { "1000", 1000, false, 0 },
                { "1000:1000", 1000, true, 1000 },
                { "0:0", 0, true, 0 },
                { "4294967294:4294967294", UINT32_MAX - 1, true, UINT32_MAX - 1 },
        };
        static const char *const bad[] = { "4294967296", "99999999999", "4294967295",
                "18446744073709551616", "99999999999999999999999999", "-1", "+1", "1000x", "", ":",
                "0x0", "1000:", ":1000", " 1", "1 ", "01", "1:2:3", "1:4294967295", "1:-1", "root",
                "1\n", "1.0", "1e3" };
        uint32_t uid;
        OptU32 gid;
        CtrError err;

        for (size_t i = 0; i < ELEMENTSOF(good); i++) {
                CHECK_OK(spec_parse_user(good[i].text, &uid, &gid, &err), err);
                CHECK_INT(uid, good[i].uid);
                CHECK_INT(gid.is_set, good[i].has_gid);
                CHECK_INT(gid.value, good[i].gid);
        }
        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                uid = 77;
                CHECK_INT(spec_parse_user(bad[i], &uid, &gid, &err), -EINVAL);
                CHECK_INT(uid, 77); /* nothing that could be taken for a user */
                CHECK_CONTAINS(err.message, "must be UID or UID:GID");
        }
}

static void lookups(void)
{
        static const char *const namespaces[_SPEC_NS_MAX] = { "pid", "network", "mount", "ipc",
                "uts", "user", "cgroup", "time" };
        static const char *const hooks[_SPEC_HOOK_MAX] = { "prestart", "createRuntime",
                "createContainer", "startContainer", "poststart", "poststop" };

        for (int i = 0; i < _SPEC_NS_MAX; i++)
                CHECK_STR(spec_namespace_name(i), namespaces[i]);
        for (int i = 0; i < _SPEC_HOOK_MAX; i++)
                CHECK_STR(spec_hook_name(i), hooks[i]);
        CHECK(!spec_namespace_name(_SPEC_NS_INVALID) && !spec_hook_name(_SPEC_HOOK_MAX));
}

static const Test tests[] = { TEST(distance), TEST(warnings), TEST(many_warnings), TEST(versions),
        TEST(users), TEST(lookups) };
TEST_MAIN(tests)
