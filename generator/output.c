/* Units and links on disk: see output.h. */
#include "generator/output.h"

#include "base/io.h"

#include <string.h>
#include <sys/stat.h>

static int make_link(int dir_fd, const Link *link)
{
        return symlinkat(link->target, dir_fd, link->path) < 0 ? -errno : 0;
}

static int output_link(int dir_fd, const Link *link)
{
        const char *slash = strchr(link->path, '/');
        char directory[CTR_UNIT_NAME_MAX + 16];
        int r = make_link(dir_fd, link);

        if (r == -ENOENT && slash) { /* the first in its directory */
                (void) snprintf(directory, sizeof(directory), "%.*s", (int) (slash - link->path),
                        link->path);
                if (mkdirat(dir_fd, directory, 0755) < 0)
                        return -errno;
                return make_link(dir_fd, link);
        }
        /* Named twice, or a second run into the same directory. */
        if (r == -EEXIST)
                return unlinkat(dir_fd, link->path, 0) < 0 ? -errno : make_link(dir_fd, link);
        return r;
}

int output_unit(int dir_fd, const Unit *unit, CtrError *err)
{
        int r = ctr_write_file_atomic(dir_fd, unit->name, unit->text, unit->size, 0644);

        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot write %s", unit->name);
        for (size_t i = 0; i < unit->n_extras; i++) {
                const UnitExtra *extra = &unit->extras[i];

                r = ctr_write_file_atomic(dir_fd, extra->name, extra->text, extra->size, 0644);
                if (r < 0)
                        return ctr_error_set(
                                err, CTR_ERROR_SYSTEM, r, "cannot write %s", extra->name);
        }
        for (size_t i = 0; i < unit->links.n; i++) {
                r = output_link(dir_fd, &unit->links.items[i]);
                if (r < 0)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot make the link %s",
                                unit->links.items[i].path);
        }
        return 0;
}

void output_unit_text(const Unit *unit, FILE *f)
{
        (void) fprintf(f, "# %s\n%.*s", unit->name, (int) unit->size, unit->text);
        for (size_t i = 0; i < unit->n_extras; i++)
                (void) fprintf(f, "# %s\n%.*s", unit->extras[i].name, (int) unit->extras[i].size,
                        unit->extras[i].text);
        for (size_t i = 0; i < unit->links.n; i++)
                (void) fprintf(f, "# link %s -> %s\n", unit->links.items[i].path,
                        unit->links.items[i].target);
}
