/* Tries to undo every mount of its container: clears each of its flags, changes its access times,
 * unmounts it, moves it, looks below it through a copy, mounts its file system once more. Run with
 * all capabilities of its user namespace. Prints
 *
 *     UNDONE ATTEMPT MOUNT-POINT    for what succeeded and should not have
 *     tried N on M                  attempts and mounts
 *     again TYPE RESULT             a new proc and sysfs
 *     own ATTEMPT RESULT            what it may do: mounts of its own, "ok" or an error number
 *
 * The innermost mounts come first, so that a success does not hide others. With an argument the
 * root is left alone: umount(2) of it, where it is allowed, makes the host's file system read-only.
 */
#include "base/macro.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOUNTS_MAX 256
#define PLACE      "/tmp/attack"

typedef struct Mount {
        char path[256];
        char options[256];
        char type[32];
} Mount;

static unsigned n_tried;

static void report(bool is_undone, const char *attempt, const char *path)
{
        n_tried++;
        if (is_undone)
                (void) printf("UNDONE %s %s\n", attempt, path);
}

static bool has_option(const Mount *m, const char *option)
{
        char list[300], wanted[32];

        (void) snprintf(list, sizeof(list), ",%s,", m->options);
        (void) snprintf(wanted, sizeof(wanted), ",%s,", option);
        return strstr(list, wanted) != NULL;
}

static const struct {
        const char *name;
        unsigned long flag;
        uint64_t attr;
} flags[] = {
        { "ro", MS_RDONLY, MOUNT_ATTR_RDONLY },
        { "nosuid", MS_NOSUID, MOUNT_ATTR_NOSUID },
        { "nodev", MS_NODEV, MOUNT_ATTR_NODEV },
        { "noexec", MS_NOEXEC, MOUNT_ATTR_NOEXEC },
        { "noatime", MS_NOATIME, 0 },
        { "nodiratime", MS_NODIRATIME, 0 },
        { "relatime", MS_RELATIME, 0 },
};

#define ATIME ((unsigned long) (MS_NOATIME | MS_NODIRATIME | MS_RELATIME))

static unsigned long flags_of(const Mount *m)
{
        unsigned long all = 0;

        for (size_t i = 0; i < ELEMENTSOF(flags); i++)
                all |= has_option(m, flags[i].name) ? flags[i].flag : 0;
        return all;
}

static void clear_flags(const Mount *m)
{
        unsigned long all = flags_of(m);

        for (size_t i = 0; i < ELEMENTSOF(flags); i++) {
                struct mount_attr attr = { .attr_clr = flags[i].attr };
                char attempt[64];

                if (!(all & flags[i].flag) || flags[i].attr == 0)
                        continue;
                (void) snprintf(attempt, sizeof(attempt), "remount-without-%s", flags[i].name);
                report(mount(NULL, m->path, NULL, MS_REMOUNT | MS_BIND | (all & ~flags[i].flag),
                               NULL) >= 0,
                        attempt, m->path);
                (void) snprintf(attempt, sizeof(attempt), "setattr-without-%s", flags[i].name);
                report(mount_setattr(AT_FDCWD, m->path, 0, &attr, sizeof(attr)) >= 0, attempt,
                        m->path);
        }
        /* Without any word about it a remount keeps what there is. */
        report(mount(NULL, m->path, NULL,
                       MS_REMOUNT | MS_BIND | (all & ~ATIME) |
                               (all & ATIME ? MS_STRICTATIME : MS_NOATIME),
                       NULL) >= 0,
                "change-atime", m->path);
}

static void take_away(const Mount *m)
{
        int fd;

        report(mount(m->path, PLACE, NULL, MS_MOVE, NULL) >= 0, "move", m->path);
        report(move_mount(AT_FDCWD, m->path, AT_FDCWD, PLACE, 0) >= 0, "move_mount", m->path);
        fd = open_tree(AT_FDCWD, m->path, O_CLOEXEC);
        report(fd >= 0 && move_mount(fd, "", AT_FDCWD, PLACE, MOVE_MOUNT_F_EMPTY_PATH) >= 0,
                "move_mount-by-descriptor", m->path);
        closep(&fd);
        report(umount2(m->path, 0) >= 0, "umount", m->path);
        report(umount2(m->path, MNT_DETACH) >= 0, "umount-detach", m->path);
}

/* A copy of the mount without what is mounted in it shows what that covers. */
static void look_below(const Mount *mounts, size_t n, size_t i)
{
        size_t size = strlen(mounts[i].path);
        bool has_inner = false;
        int fd;

        size -= size == 1; /* "/" */
        for (size_t k = i + 1; k < n; k++)
                has_inner = has_inner || (strncmp(mounts[k].path, mounts[i].path, size) == 0 &&
                                                 mounts[k].path[size] == '/');
        if (!has_inner)
                return;
        report(mount(mounts[i].path, PLACE, NULL, MS_BIND, NULL) >= 0, "bind-alone",
                mounts[i].path);
        fd = open_tree(AT_FDCWD, mounts[i].path, OPEN_TREE_CLONE | O_CLOEXEC);
        report(fd >= 0, "open_tree-alone", mounts[i].path);
        closep(&fd);
}

/* What is hidden or read-only in the one that is there would not be in a new one. */
static void mount_again(const char *type)
{
        bool is_done = mount(type, PLACE, type, 0, NULL) >= 0;

        (void) printf("again %s %s\n", type, is_done ? "MOUNTED" : strerror(errno));
        if (is_done)
                (void) umount2(PLACE, MNT_DETACH);
}

static void result(const char *attempt, int r)
{
        if (r < 0)
                (void) printf("own %s %d\n", attempt, errno);
        else
                (void) printf("own %s ok\n", attempt);
}

static void own_mounts(void)
{
        (void) mkdir(PLACE "/bound", 0755);
        result("tmpfs", mount("tmpfs", PLACE, "tmpfs", MS_NOSUID | MS_NODEV, NULL));
        result("remount-ro", mount(NULL, PLACE, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
        result("remount-rw", mount(NULL, PLACE, NULL, MS_REMOUNT | MS_BIND, NULL));
        result("directory", mkdir(PLACE "/bound", 0755));
        result("bind", mount("/bin", PLACE "/bound", NULL, MS_BIND, NULL));
        result("rbind", mount("/", PLACE "/bound", NULL, MS_BIND | MS_REC, NULL));
        result("umount", umount2(PLACE "/bound", MNT_DETACH));
        result("umount-tmpfs", umount2(PLACE, MNT_DETACH));
        result("over-a-mask", mount("tmpfs", "/sys", "tmpfs", 0, NULL));
        result("umount-own", umount2("/sys", 0));
}

static size_t read_mounts(Mount *mounts)
{
        FILE *f = fopen("/proc/self/mountinfo", "re");
        size_t n = 0;
        char line[4096];

        while (f && n < MOUNTS_MAX && fgets(line, sizeof(line), f)) {
                Mount *m = &mounts[n];
                const char *dash = strstr(line, " - ");

                if (dash && sscanf(line, "%*d %*d %*s %*s %255s %255s", m->path, m->options) == 2 &&
                        sscanf(dash, " - %31s", m->type) == 1)
                        n++;
        }
        if (f)
                (void) fclose(f);
        return n;
}

int main(int argc, char **argv)
{
        static Mount mounts[MOUNTS_MAX];
        size_t n = read_mounts(mounts);

        (void) mkdir(PLACE, 0755);
        own_mounts();
        for (size_t i = n; i-- > 0;) {
                clear_flags(&mounts[i]);
                look_below(mounts, n, i);
        }
        mount_again("proc");
        mount_again("sysfs");
        for (size_t i = n; i-- > 0;)
                if (argc < 2 || strcmp(mounts[i].path, "/") != 0)
                        take_away(&mounts[i]);
        (void) printf("tried %u on %zu\n", n_tried, n);
        return n > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
