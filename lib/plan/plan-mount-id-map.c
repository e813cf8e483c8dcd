/* Mappings in a mount option: "idmap=uids=0-100000-1000#1000-0-1;gids=@1-3-10", as another runtime
 * writes them. Each range is FILE-HOST-SIZE; after "@" HOST is an id of the container's own user
 * namespace, which is looked up. */
#include "plan/plan-internal.h"

#include "base/io.h"

#include <string.h>

enum { DIGITS_MAX = 10, RANGES_MAX = 340 }; /* user_namespaces(7) */

/* A number up to this character, which is passed; '\0' ends the text. */
static int read_number(const char **text, const char *ends, uint32_t *ret)
{
        size_t n = strcspn(*text, ends);
        char digits[DIGITS_MAX + 1];
        uint64_t value;

        if (n == 0 || n > DIGITS_MAX)
                return -EINVAL;
        memcpy(digits, *text, n);
        digits[n] = '\0';
        if (ctr_parse_u64(digits, UINT32_MAX - 1, &value) < 0)
                return -EINVAL;
        *ret = (uint32_t) value;
        *text += n;
        return 0;
}

/* The host's id of one of the container's; all of the range must be in one mapping. */
static int to_host(const SpecIdMappings *map, uint32_t size, uint32_t *id)
{
        for (size_t i = 0; i < map->n; i++) {
                const SpecIdMapping *m = &map->items[i];

                if (*id >= m->container_id && *id - m->container_id < m->size &&
                        size <= m->size - (*id - m->container_id)) {
                        *id = m->host_id + (*id - m->container_id);
                        return 0;
                }
        }
        return -EINVAL;
}

static int read_range(const char **text, const SpecIdMappings *container, SpecIdMapping *ret)
{
        bool is_relative = **text == '@';

        *text += is_relative;
        if (read_number(text, "-", &ret->container_id) < 0 || *(*text)++ != '-' ||
                read_number(text, "-", &ret->host_id) < 0 || *(*text)++ != '-' ||
                read_number(text, "#;", &ret->size) < 0 || ret->size == 0)
                return -EINVAL;
        if (ret->size > UINT32_MAX - ret->container_id || ret->size > UINT32_MAX - ret->host_id)
                return -EINVAL;
        return is_relative ? to_host(container, ret->size, &ret->host_id) : 0;
}

/* The ranges of one kind, up to ";" or the end. */
static int read_ranges(const char **text, const SpecIdMappings *container, SpecIdMappings *ret)
{
        if (ret->items)
                return -EINVAL; /* twice */
        ret->items = calloc(RANGES_MAX, sizeof(*ret->items));
        if (!ret->items)
                return -ENOMEM;
        for (;;) {
                int r;

                if (ret->n == RANGES_MAX)
                        return -EINVAL;
                r = read_range(text, container, &ret->items[ret->n]);
                if (r < 0)
                        return r;
                ret->n++;
                if (**text != '#')
                        return 0;
                (*text)++;
        }
}

int plan_parse_mount_id_map(const char *text, const SpecLinux *linux_, MountIdMap *ret)
{
        int r = 0;

        *ret = (MountIdMap){ 0 };
        while (*text && r >= 0) {
                if (strncmp(text, "uids=", 5) == 0) {
                        text += 5;
                        r = read_ranges(&text, &linux_->uid_mappings, &ret->uids);
                } else if (strncmp(text, "gids=", 5) == 0) {
                        text += 5;
                        r = read_ranges(&text, &linux_->gid_mappings, &ret->gids);
                } else
                        r = -EINVAL;
                if (r >= 0 && *text == ';')
                        text++;
                else if (r >= 0 && *text)
                        r = -EINVAL;
        }
        if (r >= 0 && (ret->uids.n == 0 || ret->gids.n == 0))
                r = -EINVAL;
        if (r < 0)
                mount_id_map_done(ret);
        return r;
}

void mount_id_map_done(MountIdMap *map)
{
        free(map->uids.items);
        free(map->gids.items);
        *map = (MountIdMap){ 0 };
}
