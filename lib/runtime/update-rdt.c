/* update: the class of service of a container that has one. What it is in is said by its own
 * configuration; the lines are checked as that configuration's are. */
#include "runtime/update-rdt.h"

#include "base/io.h"
#include "base/json.h"
#include "base/rdt.h"
#include "runtime/bundle.h"
#include "runtime/container.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* As plan makes them of a configuration (plan-rdt.c). */
static char *make_lines(const char *l3_cache_schema, const char *memory_bandwidth_schema)
{
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        if (!f)
                return NULL;
        for (const char *line = l3_cache_schema; line && *line;) {
                size_t n = strcspn(line, "\n");

                if (n > 0 && (!memory_bandwidth_schema || strncmp(line, "MB:", 3) != 0))
                        (void) fprintf(f, "%.*s\n", (int) n, line);
                line += n + (line[n] == '\n');
        }
        if (memory_bandwidth_schema)
                (void) fprintf(f, "%s\n", memory_bandwidth_schema);
        if (fclose(f) == 0)
                return text;
        free(text);
        return NULL;
}

int rdt_write_schemata(const char *root, const char *class, const char *l3_cache_schema,
        const char *memory_bandwidth_schema, CtrError *err)
{
        _cleanup_free_ char *lines = make_lines(l3_cache_schema, memory_bandwidth_schema);
        _cleanup_close_ int root_fd = -EBADF, class_fd = -EBADF, fd = -EBADF;
        size_t size;

        if (!lines)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading options");
        size = strlen(lines);
        root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (root_fd >= 0)
                class_fd = openat(root_fd, strcmp(class, "/") == 0 ? "." : class,
                        O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (class_fd >= 0)
                fd = openat(class_fd, "schemata", O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0 || write(fd, lines, size) != (ssize_t) size)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno,
                        "linux.intelRdt: cannot write %s/%s/schemata", root, class);
        return 0;
}

/* The lines in the place of a configuration's, for their errors. */
static int check_lines(
        const char *l3_cache_schema, const char *memory_bandwidth_schema, CtrError *err)
{
        const struct {
                const char *name, *value;
        } members[] = { { "l3CacheSchema", l3_cache_schema },
                { "memBwSchema", memory_bandwidth_schema } };
        _cleanup_(spec_freep) Spec *spec = NULL;
        _cleanup_free_ char *text = NULL;
        const char *separator = "";
        size_t size;
        FILE *f = open_memstream(&text, &size);
        int r;

        if (!f)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading options");
        (void) fputs(
                "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"/\"},\"linux\":{\"namespaces\":"
                "[{\"type\":\"mount\"}],\"intelRdt\":{",
                f);
        for (size_t i = 0; i < ELEMENTSOF(members); i++) {
                if (!members[i].value)
                        continue;
                (void) fprintf(f, "%s\"%s\":", separator, members[i].name);
                json_write_string(f, members[i].value);
                separator = ",";
        }
        (void) fputs("}}}", f);
        if (fclose(f) != 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading options");
        r = spec_parse(text, size, &spec, err);
        return r < 0 ? bundle_error(NULL, r, err) : 0;
}

static int update_container(
        const Container *c, const char *l3_cache, const char *memory_bandwidth, CtrError *err)
{
        _cleanup_(spec_freep) Spec *spec = NULL;
        _cleanup_free_ char *text = NULL;
        const SpecIntelRdt *rdt;
        ContainerProcess process;
        size_t size;
        int r;

        r = container_get_live_process(c, &process, err);
        if (r >= 0)
                r = ctr_read_file(c->dir_fd, STATE_FILE_CONFIG, JSON_SIZE_MAX, &text, &size, err);
        if (r >= 0)
                r = spec_parse(text, size, &spec, err);
        if (r < 0)
                return bundle_error(STATE_FILE_CONFIG, r, err);
        rdt = &spec->linux_.intel_rdt;
        if (!rdt->is_set)
                return ctr_error_set(err, CTR_ERROR_UNSUPPORTED, 0,
                        "linux.intelRdt is not in the configuration of %s: it has no class of service to change",
                        c->id);
        return rdt_write_schemata(
                RDT_ROOT, rdt->class ? rdt->class : c->id, l3_cache, memory_bandwidth, err);
}

int runtime_update_rdt(const Runtime *rt, const char *id, const char *l3_cache_schema,
        const char *memory_bandwidth_schema, CtrError *err)
{
        Container c;
        int r;

        r = check_lines(l3_cache_schema, memory_bandwidth_schema, err);
        if (r >= 0)
                r = container_open(rt, id, &c, err);
        if (r < 0)
                return r;
        r = update_container(&c, l3_cache_schema, memory_bandwidth_schema, err);
        container_done(&c);
        return r;
}
