/* Between D-Bus and JSON: arguments of a method become members of an object, members of an answer
 * become results. A descriptor becomes an index into a list, and back. */
#pragma once

#include "base/json.h"

#include <stdio.h>
#include <systemd/sd-bus.h>

typedef struct MessageFds {
        int *fds;
        size_t n, n_max;
} MessageFds;

/* Writes all arguments as `"name":value,` each; names is a list as in a vtable. -E2BIG: more than
 * bytes_max; -EMFILE: more descriptors than there is room for; other errors are of the message. */
int message_read(sd_bus_message *m, const char *names, size_t bytes_max, MessageFds *fds, FILE *f);

/* Appends the members called `names` with these types. -EBADMSG: a member is missing or of another
 * type. */
int message_append(sd_bus_message *m, const char *signature, const char *names,
        const JsonValue *object, const int *fds, size_t n_fds);
