/* Mounts: options, what each kind becomes, and what is refused. */
#include "plan/mount-options.h"
#include "unit/plan-case.h"

#include <linux/mount.h>

#define USER_NAMESPACE_MAPS                                                                        \
        ",'uidMappings':[{'containerID':0,'hostID':100000,'size':65536}],"                         \
        "'gidMappings':[{'containerID':0,'hostID':100000,'size':65536}]"

static MountOptions parse(const char *const *options)
{
        SpecStrv strv = { .items = (char **) options };
        MountOptions o;
        CtrError err = { 0 };

        while (options[strv.n])
                strv.n++;
        CHECK_OK(mount_options_parse(&strv, &o, &err), err);
        return o;
}

#define PARSE(...) parse((const char *const[]){ __VA_ARGS__, NULL })

static void attributes(void)
{
        static const struct {
                const char *option;
                uint64_t set, clear, tree_set, tree_clear;
        } cases[] = {
                { "ro", MOUNT_ATTR_RDONLY, 0, 0, 0 },
                { "rw", 0, MOUNT_ATTR_RDONLY, 0, 0 },
                { "rro", 0, 0, MOUNT_ATTR_RDONLY, 0 },
                { "rrw", 0, 0, 0, MOUNT_ATTR_RDONLY },
                { "suid", 0, MOUNT_ATTR_NOSUID, 0, 0 },
                { "nosuid", MOUNT_ATTR_NOSUID, 0, 0, 0 },
                { "rnosuid", 0, 0, MOUNT_ATTR_NOSUID, 0 },
                { "rsuid", 0, 0, 0, MOUNT_ATTR_NOSUID },
                { "dev", 0, MOUNT_ATTR_NODEV, 0, 0 },
                { "rnodev", 0, 0, MOUNT_ATTR_NODEV, 0 },
                { "noexec", MOUNT_ATTR_NOEXEC, 0, 0, 0 },
                { "rexec", 0, 0, 0, MOUNT_ATTR_NOEXEC },
                { "noatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME, 0, 0 },
                { "relatime", 0, MOUNT_ATTR__ATIME, 0, 0 },
                { "atime", 0, MOUNT_ATTR__ATIME, 0, 0 },
                { "norelatime", 0, MOUNT_ATTR__ATIME, 0, 0 },
                { "nostrictatime", 0, MOUNT_ATTR__ATIME, 0, 0 },
                { "strictatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME, 0, 0 },
                { "rstrictatime", 0, 0, MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME },
                { "rnoatime", 0, 0, MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME },
                { "rrelatime", 0, 0, 0, MOUNT_ATTR__ATIME },
                { "nodiratime", MOUNT_ATTR_NODIRATIME, 0, 0, 0 },
                { "rdiratime", 0, 0, 0, MOUNT_ATTR_NODIRATIME },
                { "nosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0, 0, 0 },
                { "rsymfollow", 0, 0, 0, MOUNT_ATTR_NOSYMFOLLOW },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                MountOptions o = PARSE(cases[i].option);

                CHECK_INT(o.attr_set, cases[i].set);
                CHECK_INT(o.attr_clear, cases[i].clear);
                CHECK_INT(o.tree_set, cases[i].tree_set);
                CHECK_INT(o.tree_clear, cases[i].tree_clear);
                CHECK_INT(o.n_data, 0);
                mount_options_done(&o);
        }
}

/* Later options win; what mount_setattr(2) refuses (setting and clearing one bit) never comes out.
 */
static void combinations(void)
{
        MountOptions o = PARSE("ro", "nosuid", "rw", "suid", "nosuid");

        CHECK_INT(o.attr_set, MOUNT_ATTR_NOSUID);
        CHECK_INT(o.attr_clear, MOUNT_ATTR_RDONLY);
        mount_options_done(&o);

        o = PARSE("noatime", "relatime", "strictatime");
        CHECK_INT(o.attr_set, MOUNT_ATTR_STRICTATIME);
        CHECK_INT(o.attr_clear, MOUNT_ATTR__ATIME);
        mount_options_done(&o);

        o = PARSE("size=64k", "sync", "defaults", "silent", "mand", "iversion", "mode=755", "bind");
        CHECK_INT(o.n_data, 3);
        CHECK_STR(o.data[0], "size=64k");
        CHECK_STR(o.data[1], "sync");
        CHECK_STR(o.data[2], "mode=755");
        CHECK(!o.data[3]);
        CHECK(o.is_bind && !o.is_recursive_bind);
        CHECK(mount_option_is_flag("sync") && !mount_option_is_flag("mode=755"));
        mount_options_done(&o);
}

/* Each case: one mount, and the lines it must give without "HOST  prepare " and "CHILD rootfs ". */
typedef struct MountCase {
        const char *mount;
        const char *source_line; /* of PREPARE; NULL = none */
        const char *lines[4];    /* of ROOTFS */
} MountCase;

static void check_mount(const MountCase *m, PlanCase c)
{
        _cleanup_free_ char *text = NULL;
        char line[512];

        c.mounts = m->mount;
        text = plan_case_program(&c);
        if (m->source_line) {
                (void) snprintf(line, sizeof(line), "HOST  prepare %s", m->source_line);
                CHECK_LINE(text, line);
        } else {
                CHECK(!strstr(text, "open-source"));
        }
        for (size_t i = 0; i < ELEMENTSOF(m->lines) && m->lines[i]; i++) {
                (void) snprintf(line, sizeof(line), "CHILD rootfs %s", m->lines[i]);
                CHECK_LINE(text, line);
        }
        if (!m->lines[1])
                CHECK(!strstr(text, "set-attr"));
}

static void kinds(void)
{
        static const MountCase cases[] = {
                { "{'destination':'/data','source':'/srv','options':['bind']}",
                        "open-source slot=1 flags=0 path=/srv",
                        { "bind slot=1 target=/data attr-set=0 attr-clear=0 flags=1" } },
                { "{'destination':'data','source':'x/../y','type':'bind','options':['ro','nodev']}",
                        "open-source slot=1 flags=0 path=/b/y",
                        { "bind slot=1 target=/data attr-set=ro|nodev attr-clear=0 flags=0" } },
                { "{'destination':'/d','source':'/s','options':['rbind','rro','sync']}",
                        "open-source slot=1 flags=1 path=/s",
                        { "bind slot=1 target=/d attr-set=ro attr-clear=0 flags=1" } },
                { "{'destination':'/d','source':'/s','options':['rbind','nosuid','rro',"
                  "'rprivate']}",
                        "open-source slot=1 flags=1 path=/s",
                        { "bind slot=1 target=/d attr-set=nosuid attr-clear=0 flags=0",
                                "set-attr target=/d attr-set=ro attr-clear=0 propagation=private "
                                "flags=1" } },
                { "{'destination':'/d','source':'/s','options':['rbind','nosuid','rro','private']}",
                        "open-source slot=1 flags=1 path=/s",
                        { "bind slot=1 target=/d attr-set=nosuid attr-clear=0 flags=0",
                                "set-attr target=/d attr-set=ro attr-clear=0 propagation=0 flags=1",
                                "set-attr target=/d attr-set=0 attr-clear=0 propagation=private "
                                "flags=0" } },
                /* sharing keeps the source's peer group */
                { "{'destination':'/d','source':'/s','options':['rbind','rshared']}",
                        "open-source slot=1 flags=5 path=/s",
                        { "bind slot=1 target=/d attr-set=0 attr-clear=0 flags=1",
                                "set-attr target=/d attr-set=0 attr-clear=0 propagation=shared "
                                "flags=1" } },
                { "{'destination':'/d','source':'/s','options':['bind','rslave']}",
                        "open-source slot=1 flags=0 path=/s",
                        { "bind slot=1 target=/d attr-set=0 attr-clear=0 flags=1" } },
                { "{'destination':'/d','source':'/s','options':['bind','src-nofollow']}",
                        "open-source slot=1 flags=2 path=/s",
                        { "bind slot=1 target=/d attr-set=0 attr-clear=0 flags=1" } },
                { "{'destination':'/proc','type':'proc','source':'proc'}", NULL,
                        { "mount type=proc source=proc target=/proc attr=0 flags=0 mode=0755" } },
                { "{'destination':'/t','type':'tmpfs','options':['noexec','size=64k','lazytime']}",
                        NULL,
                        { "mount type=tmpfs source=tmpfs target=/t attr=noexec flags=1 mode=0755 "
                          "options=[size=64k lazytime]" } },
                { "{'destination':'/t','type':'tmpfs','options':['mode=700']}", NULL,
                        { "mount type=tmpfs source=tmpfs target=/t attr=0 flags=0 mode=0755 "
                          "options=[mode=700]" } },
                { "{'destination':'/t','type':'tmpfs','options':['ro','tmpcopyup']}", NULL,
                        { "mount-copy-up type=tmpfs source=tmpfs target=/t attr=0 mode=0755",
                                "set-attr target=/t attr-set=ro attr-clear=0 propagation=0 "
                                "flags=0" } },
                { "{'destination':'/o','type':'overlay','source':'overlay','options':"
                  "['lowerdir=/a:/b','ro']}",
                        NULL,
                        { "mount type=overlay source=overlay target=/o attr=ro flags=0 mode=0755 "
                          "options=[lowerdir=/a:/b ro]" } },
                { "{'destination':'/t','type':'tmpfs','options':['rshared']}", NULL,
                        { "mount type=tmpfs source=tmpfs target=/t attr=0 flags=1 mode=0755",
                                "set-attr target=/t attr-set=0 attr-clear=0 propagation=shared "
                                "flags=1" } },
                { "{'destination':'/sys','type':'sysfs','options':['ro']}", NULL,
                        { "mount type=sysfs source=sysfs target=/sys attr=ro flags=0 mode=0755" } },
                { "{'destination':'/sys/fs/cgroup','type':'cgroup','options':['nosuid']}", NULL,
                        { "mount-cgroup target=/sys/fs/cgroup attr=ro|nosuid flags=0" } },
                { "{'destination':'/sys/fs/cgroup','type':'cgroup2','options':['rw']}", NULL,
                        { "mount-cgroup target=/sys/fs/cgroup attr=0 flags=0" } },
                { "{'destination':'/x','source':'/x','options':['remount','ro','bind']}", NULL,
                        { "set-attr target=/x attr-set=ro attr-clear=0 propagation=0 flags=0",
                                "pivot flags=0" } },
                { "{'destination':'/proc/cpuinfo','source':'/lxcfs/cpuinfo','options':['bind']}",
                        "open-source slot=1 flags=0 path=/lxcfs/cpuinfo",
                        { "bind slot=1 target=/proc/cpuinfo attr-set=0 attr-clear=0 flags=1" } },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                check_mount(&cases[i], (PlanCase){ 0 });
}

/* Without namespaces of its own a container sees the host's; inside of a user namespace ctr-exec
 * has to mount them. */
static void without_namespaces(void)
{
        static const MountCase shared[] = {
                { "{'destination':'/sys/fs/cgroup','type':'cgroup'}", NULL,
                        { "mount-cgroup target=/sys/fs/cgroup attr=ro flags=1" } },
                { "{'destination':'/sys','type':'sysfs'}", NULL,
                        { "mount type=sysfs source=sysfs target=/sys attr=0 flags=0 mode=0755" } },
        };
        static const MountCase user[] = {
                { "{'destination':'/sys','type':'sysfs','options':['ro','nosuid']}",
                        "open-file-system slot=1 type=sysfs",
                        { "bind slot=1 target=/sys attr-set=ro|nosuid attr-clear=0 flags=0" } },
                { "{'destination':'/proc','type':'proc'}", "open-file-system slot=1 type=proc",
                        { "bind slot=1 target=/proc attr-set=0 attr-clear=0 flags=0" } },
                { "{'destination':'/dev/mqueue','type':'mqueue'}",
                        "open-file-system slot=1 type=mqueue",
                        { "bind slot=1 target=/dev/mqueue attr-set=0 attr-clear=0 flags=0" } },
        };

        for (size_t i = 0; i < ELEMENTSOF(shared); i++)
                check_mount(&shared[i], (PlanCase){ .namespaces = "{'type':'mount'}" });
        for (size_t i = 0; i < ELEMENTSOF(user); i++)
                check_mount(&user[i], (PlanCase){ .namespaces = "{'type':'mount'},{'type':'user'}",
                                              .linux_ = USER_NAMESPACE_MAPS });
}

/* Options of another runtime: links, and mappings in words. */
static void links_and_mappings(void)
{
        static const MountCase cases[] = {
                { "{'destination':'/d','source':'/s','options':['bind','dest-nofollow','ro']}",
                        "open-source slot=1 flags=0 path=/s",
                        { "bind slot=1 target=/d attr-set=ro attr-clear=0 flags=2" } },
                { "{'destination':'/d','source':'/s','options':['bind','copy-symlink']}",
                        "open-source slot=1 flags=2 path=/s",
                        { "bind slot=1 target=/d attr-set=0 attr-clear=0 flags=5" } },
                { "{'destination':'/d','source':'/s','options':['bind',"
                  "'idmap=uids=0-100-10#10-11-1;gids=0-5-1']}",
                        "id-map slot=1 flags=0 uid-map=\"0 100 10\\n10 11 1\\n\" "
                        "gid-map=\"0 5 1\\n\" path=/s",
                        { "bind slot=1 target=/d attr-set=0 attr-clear=0 flags=1" } },
                { "{'destination':'/d','source':'/s','options':['rbind',"
                  "'ridmap=gids=0-5-1;uids=1-2-3']}",
                        "id-map slot=1 flags=1 uid-map=\"1 2 3\\n\" gid-map=\"0 5 1\\n\" path=/s",
                        { "bind slot=1 target=/d attr-set=0 attr-clear=0 flags=1" } },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                check_mount(&cases[i], (PlanCase){ 0 });
}

/* The procfs is made after the join. */
static void proc_of_a_pod(void)
{
        _cleanup_free_ char *text =
                plan_case_program(&(PlanCase){ .mounts = "{'destination':'/proc','type':'proc'}",
                        .namespaces = "{'type':'mount'},{'type':'user'},{'type':'pid','path':'/p'}",
                        .linux_ = USER_NAMESPACE_MAPS });

        CHECK(strstr(text, "join-before-clone slot=1 type=pid") <
                strstr(text, "open-file-system slot=2 type=proc"));
        CHECK_LINE(text, "CHILD rootfs bind slot=2 target=/proc attr-set=0 attr-clear=0 flags=0");
}

/* rootfsPropagation is the default of binds. */
static void rootfs_propagation(void)
{
        static const struct {
                const char *word, *inherited, *set, *root;
                unsigned source_flags;
        } cases[] = {
                { "private", "private", "private", "private flags=0", 0 },
                { "rshared", "slave", "shared", "shared flags=1", 4 },
                { "rslave", "slave", NULL, "slave flags=1", 0 },
                { "unbindable", "private", "private", "unbindable flags=0", 0 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char linux_[64], line[256];
                PlanCase c = { .linux_ = linux_,
                        .mounts = "{'destination':'/d','source':'/s','options':['bind']}" };
                _cleanup_free_ char *text = NULL;

                (void) snprintf(linux_, sizeof(linux_), ",'rootfsPropagation':'%s'", cases[i].word);
                text = plan_case_program(&c);
                (void) snprintf(line, sizeof(line),
                        "CHILD rootfs inherited-propagation propagation=%s", cases[i].inherited);
                CHECK_LINE(text, line);
                (void) snprintf(line, sizeof(line),
                        "HOST  prepare open-source slot=1 flags=%u path=/s", cases[i].source_flags);
                CHECK_LINE(text, line);
                (void) snprintf(line, sizeof(line),
                        "CHILD rootfs set-attr target=/d attr-set=0 attr-clear=0 propagation=%s "
                        "flags=1",
                        cases[i].set ? cases[i].set : "slave");
                CHECK(has_line(text, line) == (cases[i].set != NULL));
                (void) snprintf(line, sizeof(line), "CHILD inside root-propagation propagation=%s",
                        cases[i].root);
                CHECK_LINE(text, line);
        }
}

#define MOUNT_MAPS                                                                                 \
        ",'uidMappings':[{'containerID':0,'hostID':7,'size':1}],"                                  \
        "'gidMappings':[{'containerID':0,'hostID':8,'size':1}]"

/* The mount's own mapping, the container's, or that of a user namespace that is there. */
static void id_maps(void)
{
        static const struct {
                const char *options, *mappings, *namespaces, *linux_, *line;
        } cases[] = {
                { "'rbind','idmap'", MOUNT_MAPS, "{'type':'mount'}", "",
                        "id-map slot=1 flags=0 uid-map=\"0 7 1\\n\" gid-map=\"0 8 1\\n\" path=/s" },
                { "'rbind'", MOUNT_MAPS, "{'type':'mount'}", "",
                        "id-map slot=1 flags=0 uid-map=\"0 7 1\\n\" gid-map=\"0 8 1\\n\" path=/s" },
                { "'rbind','ridmap'", "", "{'type':'mount'},{'type':'user'}", USER_NAMESPACE_MAPS,
                        "id-map slot=1 flags=1 uid-map=\"0 100000 65536\\n\" "
                        "gid-map=\"0 100000 65536\\n\" path=/s" },
                { "'bind','idmap'", "", "{'type':'mount'},{'type':'user','path':'/u'}", "",
                        "id-map slot=2 flags=0 path=/s" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char mount[512], line[256];
                _cleanup_free_ char *text = NULL;

                (void) snprintf(mount, sizeof(mount),
                        "{'destination':'/d','source':'/s','options':[%s]%s}", cases[i].options,
                        cases[i].mappings);
                text = plan_case_program(&(PlanCase){ .mounts = mount,
                        .namespaces = cases[i].namespaces,
                        .linux_ = cases[i].linux_ });
                (void) snprintf(line, sizeof(line), "HOST  prepare %s", cases[i].line);
                CHECK_LINE(text, line);
        }
}

static void refused(void)
{
        static const struct {
                const char *mount, *field, *text;
                CtrErrorCode code;
        } cases[] = {
                { "{'destination':'/d','source':'/s','options':['bind','mode=755']}",
                        "mounts[0].options", "\"mode=755\" is not an option of a bind mount",
                        CTR_ERROR_CONFIG_INVALID },
                { "{'destination':'/d','source':'/s','options':['bind','idmap']}",
                        "mounts[0].options", "uidMappings", CTR_ERROR_CONFIG_INVALID },
                { "{'destination':'/d','source':'/s','options':['rbind','idmap=uids=0-1-2']}",
                        "mounts[0].options", "uids=FILE-HOST-SIZE", CTR_ERROR_CONFIG_INVALID },
                { "{'destination':'/d','source':'/s','options':['bind','idmap=uids=0-1-2;gids=0-1']}",
                        "mounts[0].options", "gids=FILE-HOST-SIZE", CTR_ERROR_CONFIG_INVALID },
                { "{'destination':'/d','source':'/s','options':['bind','idmap=uids=0-1-2;gids=@0-1-2']}",
                        "mounts[0].options", "gids=FILE-HOST-SIZE", CTR_ERROR_CONFIG_INVALID },
                { "{'destination':'/d','source':'/s','options':['bind','idmap=uids=0-1-2;uids=0-1-2;"
                  "gids=0-1-2']}",
                        "mounts[0].options", "gids=FILE-HOST-SIZE", CTR_ERROR_CONFIG_INVALID },
                { "{'destination':'/d','source':'/s','options':['bind','idmap=uids=0-1-4294967295;"
                  "gids=0-1-2']}",
                        "mounts[0].options", "gids=FILE-HOST-SIZE", CTR_ERROR_CONFIG_INVALID },
                { "{'destination':'/d','source':'s','options':['bind','copy-symlink','rshared']}",
                        "mounts[0].options", "attributes of the mount alone",
                        CTR_ERROR_CONFIG_INVALID },
                { "{'destination':'/..','type':'tmpfs'}", "mounts[0].destination", "root.path",
                        CTR_ERROR_CONFIG_INVALID },
                { "{'destination':'/d','type':'ext4','options':['tmpcopyup']}", "mounts[0].options",
                        "tmpfs only", CTR_ERROR_CONFIG_INVALID },
                { "{'destination':'/d','type':'a/b'}", "mounts[0].type", "name of a file system",
                        CTR_ERROR_CONFIG_INVALID },
                { "{'destination':'/c','type':'cgroup','options':['memory']}", "mounts[0].options",
                        "no options", CTR_ERROR_CONFIG_INVALID },
                { "{'destination':'/d','type':'tmpfs','options':['remount','size=1']}",
                        "mounts[0].options", "flags only", CTR_ERROR_CONFIG_INVALID },
                /* a procfs must be the kernel's */
                { "{'destination':'/proc','source':'/fake','options':['bind']}",
                        "mounts[0].destination", "only a proc file system",
                        CTR_ERROR_CONFIG_INVALID },
                { "{'destination':'/proc','type':'tmpfs'}", "mounts[0].destination",
                        "only a proc file system", CTR_ERROR_CONFIG_INVALID },
                { "{'destination':'/proc/./sys//net','source':'/fake','options':['bind']}",
                        "mounts[0].destination", "inside of /proc", CTR_ERROR_CONFIG_INVALID },
                { "{'destination':'/x/../proc/self','type':'tmpfs'}", "mounts[0].destination",
                        "inside of /proc", CTR_ERROR_CONFIG_INVALID },
                { "{'destination':'/proc/cpuinfo','type':'tmpfs'}", "mounts[0].destination",
                        "inside of /proc", CTR_ERROR_CONFIG_INVALID },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                CHECK_REFUSED((&(PlanCase){ .mounts = cases[i].mount }), cases[i].code,
                        cases[i].field, cases[i].text);
}

static const Test tests[] = {
        TEST(attributes),
        TEST(combinations),
        TEST(kinds),
        TEST(links_and_mappings),
        TEST(without_namespaces),
        TEST(proc_of_a_pod),
        TEST(rootfs_propagation),
        TEST(id_maps),
        TEST(refused),
};
TEST_MAIN(tests)
