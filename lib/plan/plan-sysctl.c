/* Kernel settings by namespace: a table, because everything that is not in it changes the host. */
#include "plan/plan-sysctl.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

static const struct {
        const char *name; /* a path, or the start of one when it ends in a slash */
        uint64_t namespace;
} sysctl_table[] = {
        { "kernel/msgmax", CLONE_NEWIPC },
        { "kernel/msgmnb", CLONE_NEWIPC },
        { "kernel/msgmni", CLONE_NEWIPC },
        { "kernel/sem", CLONE_NEWIPC },
        { "kernel/shmall", CLONE_NEWIPC },
        { "kernel/shmmax", CLONE_NEWIPC },
        { "kernel/shmmni", CLONE_NEWIPC },
        { "kernel/shm_rmid_forced", CLONE_NEWIPC },
        { "fs/mqueue/", CLONE_NEWIPC },
        { "kernel/hostname", CLONE_NEWUTS },
        { "kernel/domainname", CLONE_NEWUTS },
        { "net/", CLONE_NEWNET },
        { "user/", CLONE_NEWUSER },
};

static bool is_component(const char *s, size_t n)
{
        if (n == 0 || (n == 1 && s[0] == '.') || (n == 2 && s[0] == '.' && s[1] == '.'))
                return false;
        for (size_t i = 0; i < n; i++)
                if ((unsigned char) s[i] <= 0x20 || (unsigned char) s[i] >= 0x7f)
                        return false;
        return true;
}

int sysctl_to_path(const char *key, char path[static SYSCTL_PATH_MAX])
{
        bool is_dotted = key[strcspn(key, "./")] == '.';
        size_t n = strlen(key);

        if (n == 0 || n >= SYSCTL_PATH_MAX)
                return -EINVAL;
        for (size_t i = 0; i <= n; i++)
                path[i] = !is_dotted || (key[i] != '.' && key[i] != '/') ? key[i]
                          : key[i] == '.'                                ? '/'
                                                                         : '.';
        for (const char *p = path;;) {
                size_t length = strcspn(p, "/");

                if (!is_component(p, length))
                        return -EINVAL;
                if (p[length] == '\0')
                        return 0;
                p += length + 1;
        }
}

uint64_t sysctl_namespace(const char *path)
{
        for (size_t i = 0; i < ELEMENTSOF(sysctl_table); i++) {
                const char *name = sysctl_table[i].name;
                size_t n = strlen(name);

                if (name[n - 1] == '/' ? strncmp(name, path, n) == 0 : strcmp(name, path) == 0)
                        return sysctl_table[i].namespace;
        }
        return 0;
}
