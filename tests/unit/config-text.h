/* Short configs for tests: a fragment with single quotes is put into a valid config at a place, and
 * its quotes become double ones. */
#pragma once

#include "unit/test.h"

typedef enum ConfigPlace {
        CONFIG_RAW,       /* the whole document */
        CONFIG_TOP,       /* further properties at the top */
        CONFIG_PROCESS,   /* further properties of process, which has args and cwd */
        CONFIG_LINUX,     /* further properties of linux, which has pid, mount and uts namespaces */
        CONFIG_USERNS,    /* the same with a user and a time namespace and both maps */
        CONFIG_RESOURCES, /* the properties of linux.resources */
        CONFIG_SECCOMP,   /* the properties of linux.seccomp */
} ConfigPlace;

#define CONFIG_HEAD       "{'ociVersion':'1.2.0','root':{'path':'rootfs'},"
#define CONFIG_NAMESPACES "{'type':'pid'},{'type':'mount'},{'type':'uts'}"
#define CONFIG_LINUX_HEAD "'linux':{'namespaces':[" CONFIG_NAMESPACES "],"

/* The text; free() it. */
static inline char *config_text(ConfigPlace place, const char *fragment)
{
        static const struct {
                const char *head, *tail;
        } frames[] = {
                [CONFIG_RAW] = { "", "" },
                [CONFIG_TOP] = { CONFIG_HEAD "'linux':{'namespaces':[" CONFIG_NAMESPACES "]},",
                        "}" },
                [CONFIG_PROCESS] = { CONFIG_HEAD "'linux':{'namespaces':[" CONFIG_NAMESPACES
                                                 "]},'process':{'args':['true'],'cwd':'/',",
                        "}}" },
                [CONFIG_LINUX] = { CONFIG_HEAD CONFIG_LINUX_HEAD, "}}" },
                [CONFIG_USERNS] = { CONFIG_HEAD
                        "'linux':{'namespaces':[" CONFIG_NAMESPACES
                        ",{'type':'user'},{'type':'time'}],"
                        "'uidMappings':[{'containerID':0,'hostID':100000,'size':65536}],"
                        "'gidMappings':[{'containerID':0,'hostID':100000,'size':65536}],",
                        "}}" },
                [CONFIG_RESOURCES] = { CONFIG_HEAD CONFIG_LINUX_HEAD "'resources':{", "}}}" },
                [CONFIG_SECCOMP] = { CONFIG_HEAD CONFIG_LINUX_HEAD "'seccomp':{", "}}}" },
        };
        char *text = NULL;

        CHECK(asprintf(&text, "%s%s%s", frames[place].head, fragment, frames[place].tail) >= 0);
        for (char *p = text; *p; p++)
                if (*p == '\'')
                        *p = '"';
        return text;
}
