/* Annotations of a container that exists: kept in its state, like those it was created with. */
#include "runtime/container.h"

#include "base/io.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

static SpecKeyValue *find(SpecKeyValues *values, const char *key)
{
        for (size_t i = 0; i < values->n; i++)
                if (strcmp(values->items[i].key, key) == 0)
                        return &values->items[i];
        return NULL;
}

static int set(SpecKeyValues *values, const SpecKeyValue *kv)
{
        SpecKeyValue *old = find(values, kv->key), *items;
        char *value = strdup(kv->value);

        if (!value)
                return -ENOMEM;
        if (old) {
                free(old->value);
                old->value = value;
                return 0;
        }
        items = reallocarray(values->items, values->n + 1, sizeof(*items));
        if (items)
                values->items = items;
        if (!items || !(items[values->n].key = strdup(kv->key))) {
                free(value);
                return -ENOMEM;
        }
        items[values->n++].value = value;
        return 0;
}

/* Of two callers at a time the second adds to what the first has written: it reads after it. */
int runtime_set_annotations(
        const Runtime *rt, const char *id, const SpecKeyValues *annotations, CtrError *err)
{
        _cleanup_close_ int lock_fd = -EBADF;
        Container c;
        int r;

        r = container_open(rt, id, &c, err);
        if (r < 0)
                return r;
        lock_fd = openat(c.dir_fd, STATE_FILE_CONFIG, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (lock_fd < 0 || flock(lock_fd, LOCK_EX) < 0)
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot lock %s", c.directory);
        if (r >= 0) {
                state_done(&c.state);
                r = state_read(c.dir_fd, &c.state, err);
        }
        for (size_t i = 0; i < annotations->n && r >= 0; i++)
                if (set(&c.state.annotations, &annotations->items[i]) < 0)
                        r = ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "annotations");
        if (r >= 0)
                r = state_write(c.dir_fd, &c.state, err);
        container_done(&c);
        return r;
}
