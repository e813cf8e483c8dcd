/* Device rules to allow lists, and the nodes in /dev. */
#include "unit/plan-case.h"

#define DEFAULTS                                                                                   \
        "/dev/char/1:3 rwm|/dev/char/1:5 rwm|/dev/char/1:7 rwm|/dev/char/1:8 rwm|"                 \
        "/dev/char/1:9 rwm|/dev/char/5:0 rwm|/dev/char/5:1 rwm|/dev/char/5:2 rwm|char-136 rwm|"

/* The device lines of the unit, values only. */
static char *allow_list(const char *linux_)
{
        PlanCase c = { .linux_ = linux_ };
        _cleanup_free_ char *unit = plan_case_unit(&c);
        char *out = NULL;
        size_t size;
        FILE *f = open_memstream(&out, &size);
        char *save = NULL;

        CHECK(f);
        for (char *l = strtok_r(unit, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
                if (strncmp(l, "DevicePolicy=", 13) == 0)
                        (void) fprintf(f, "%s: ", l + 13);
                if (strncmp(l, "DeviceAllow=", 12) == 0)
                        (void) fprintf(f, "%s|", l + 12);
        }
        CHECK_INT(fclose(f), 0);
        return out;
}

static void rules(void)
{
        static const struct {
                const char *rules, *list;
        } cases[] = {
                { "", "strict: " DEFAULTS },
                { "{'allow':false,'access':'rwm'}", "strict: " DEFAULTS },
                /* privileged */
                { "{'allow':true,'access':'rwm'}", "auto: " },
                { "{'allow':true,'access':'rwm'},{'allow':false,'access':'rwm'}",
                        "strict: " DEFAULTS },
                { "{'allow':true,'type':'c','major':10,'minor':229,'access':'rw'}",
                        "strict: /dev/char/10:229 rw|" DEFAULTS },
                { "{'allow':true,'type':'b','major':8,'minor':0,'access':'r'},"
                  "{'allow':true,'type':'b','major':8,'minor':0,'access':'m'}",
                        "strict: /dev/block/8:0 rm|" DEFAULTS },
                { "{'allow':true,'type':'c','access':'m'},{'allow':true,'type':'b','access':'m'}",
                        "strict: char-* m|block-* m|" DEFAULTS },
                { "{'allow':true,'type':'c','major':-1,'minor':-1,'access':'m'}",
                        "strict: char-* m|" DEFAULTS },
                { "{'allow':true,'type':'c','major':189,'access':'rw'}",
                        "strict: char-189 rw|" DEFAULTS },
                /* a deny of exactly what was allowed, and of nothing */
                { "{'allow':true,'type':'c','major':10,'minor':229,'access':'rwm'},"
                  "{'allow':false,'type':'c','major':10,'minor':229,'access':'w'}",
                        "strict: /dev/char/10:229 rm|" DEFAULTS },
                { "{'allow':true,'type':'c','major':10,'minor':229,'access':'rwm'},"
                  "{'allow':false,'type':'c','major':10,'access':'rwm'}",
                        "strict: " DEFAULTS },
                { "{'allow':true,'type':'c','major':10,'minor':1,'access':'rwm'},"
                  "{'allow':false,'type':'c','access':'rwm'}",
                        "strict: " DEFAULTS },
                { "{'allow':false,'type':'c','major':10,'minor':229,'access':'w'}",
                        "strict: " DEFAULTS },
                { "{'allow':true,'type':'b','major':10,'access':'rwm'},"
                  "{'allow':false,'type':'c','major':10,'minor':1,'access':'rwm'}",
                        "strict: block-10 rwm|" DEFAULTS },
                /* denying a default device has no effect: they always work */
                { "{'allow':false,'type':'c','major':1,'minor':3,'access':'rwm'}",
                        "strict: " DEFAULTS },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char linux_[512];
                _cleanup_free_ char *list = NULL;

                (void) snprintf(
                        linux_, sizeof(linux_), ",'resources':{'devices':[%s]}", cases[i].rules);
                list = allow_list(linux_);
                CHECK_STR(list, cases[i].list);
        }
}

/* What no allow list says: the list allows more, and the rules are a program beside it. */
static void wider_lists(void)
{
        static const struct {
                const char *rules, *list;
        } cases[] = {
                { "{'allow':true,'access':'rwm'},"
                  "{'allow':false,'type':'c','major':1,'minor':1,'access':'rwm'}",
                        "auto: " },
                { "{'allow':true,'type':'c','major':10,'access':'rwm'},"
                  "{'allow':false,'type':'c','major':10,'minor':1,'access':'w'}",
                        "strict: char-10 rwm|" DEFAULTS },
                { "{'allow':true,'type':'c','minor':1,'access':'rwm'}",
                        "strict: char-* rwm|" DEFAULTS },
                { "{'allow':true,'type':'a','access':'r'}",
                        "strict: char-* r|block-* r|" DEFAULTS },
                { "{'allow':true,'type':'a','major':7,'access':'rwm'}",
                        "strict: char-7 rwm|block-7 rwm|" DEFAULTS },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char linux_[512];
                PlanCase c = { .linux_ = linux_ };
                _cleanup_free_ char *list = NULL, *text = NULL;

                (void) snprintf(
                        linux_, sizeof(linux_), ",'resources':{'devices':[%s]}", cases[i].rules);
                list = allow_list(linux_);
                text = plan_case_program(&c);
                CHECK_STR(list, cases[i].list);
                /* The last two are lists like any other. */
                CHECK_INT(strstr(text, "prepare device-filter") != NULL, i + 2 < ELEMENTSOF(cases));
        }
}

static void nodes(void)
{
        PlanCase c = { .linux_ = ",'devices':["
                                 "{'path':'/dev/fuse','type':'c','major':10,'minor':229,"
                                 "'fileMode':432,'uid':1,'gid':2},"
                                 "{'path':'/dev/pipe','type':'p'},"
                                 "{'path':'/dev/ptmx','type':'c','major':5,'minor':2},"
                                 "{'path':'/dev/null','type':'c','major':1,'minor':3,"
                                 "'fileMode':8612},"
                                 "{'path':'/dev/disk','type':'b','major':8,'minor':0}]" };
        _cleanup_free_ char *text = plan_case_program(&c), *list = allow_list(c.linux_);

        CHECK_LINE(text, "CHILD rootfs node path=/dev/fuse mode=020660 dev=0xae5 "
                         "owner=0x100000002 slot=none existing=same");
        CHECK_LINE(text,
                "CHILD rootfs node path=/dev/pipe mode=010666 dev=0x0 owner=0x0 slot=none existing=same");
        CHECK_LINE(text,
                "CHILD rootfs node path=/dev/null mode=020644 dev=0x103 owner=0x0 slot=none existing=same");
        CHECK_LINE(text,
                "CHILD rootfs node path=/dev/disk mode=060666 dev=0x800 owner=0x0 slot=none existing=same");
        CHECK(!strstr(text, "mode=020666 dev=0x103"));
        CHECK(!strstr(text, "node path=/dev/ptmx"));
        CHECK_LINE(text, "CHILD rootfs symlink path=/dev/ptmx target=pts/ptmx");
        /* can be made, not used */
        CHECK_CONTAINS(list, "/dev/char/10:229 m|");
        CHECK_CONTAINS(list, "/dev/block/8:0 m|");
}

/* In a user namespace nodes cannot be made: the host's are bound. */
static void nodes_in_a_user_namespace(void)
{
        PlanCase c = { .namespaces = "{'type':'user'},{'type':'mount'},{'type':'pid'}",
                .linux_ = ",'uidMappings':[{'containerID':0,'hostID':9,'size':9}],"
                          "'gidMappings':[{'containerID':0,'hostID':9,'size':9}],"
                          "'devices':[{'path':'/dev/pipe','type':'p'}]" };
        _cleanup_free_ char *text = plan_case_program(&c);

        CHECK_LINE(text, "HOST  prepare open-device slot=1 type=c major=1 minor=3 path=/dev/null");
        CHECK_LINE(text, "CHILD rootfs node path=/dev/null mode=020666 dev=0x103 owner=0x0 slot=1");
        CHECK_LINE(text,
                "CHILD rootfs node path=/dev/pipe mode=010666 dev=0x0 owner=0x0 slot=none existing=same");
        CHECK(!strstr(text, "path=/dev/console"));
}

/* A /dev of the host's is left as it is; any other mount on /dev is furnished. */
static void own_dev(void)
{
        PlanCase bind = { .mounts = "{'destination':'/dev/','source':'/dev','options':['rbind']}" };
        PlanCase tmpfs = { .mounts = "{'destination':'/dev','type':'tmpfs','options':['ro']}" };
        _cleanup_free_ char *first = plan_case_program(&bind), *second = plan_case_program(&tmpfs);

        CHECK(!strstr(first, "node"));
        CHECK(!strstr(first, "symlink"));
        CHECK(strstr(second, "node"));
        CHECK_LINE(second,
                "CHILD rootfs mount type=tmpfs source=tmpfs target=/dev attr=0 flags=1 mode=0755");
        CHECK(strstr(second, "set-attr target=/dev attr-set=ro") > strstr(second, "/dev/stderr"));
}

static const Test tests[] = {
        TEST(rules),
        TEST(wider_lists),
        TEST(nodes),
        TEST(nodes_in_a_user_namespace),
        TEST(own_dev),
};
TEST_MAIN(tests)
