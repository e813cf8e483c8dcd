/* What the payload's execve needs to know before the process gives up its privileges. */
#pragma once

#include "helper/context.h"

/* Finds HOME for the payload's user in the rootfs's /etc/passwd, when its environment has none: "/"
 * when it is not there. Once, when the IDENTITY stage begins: later a filter may forbid it, or the
 * user may not read the file. */
void exec_find_home(Context *ctx);
