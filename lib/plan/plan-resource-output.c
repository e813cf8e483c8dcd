/* Where resources go: one walk over linux.resources fills properties, files and warnings, whichever
 * the caller wants. The public functions that want them one at a time. */
#include "plan/cpu-list.h"
#include "plan/plan-internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int resource_set_number(ResourceOutput *out, PropertyId id, uint64_t value)
{
        if (!out->properties)
                return 0;
        return property_set_number(out->properties, id, value) < 0 ? plan_no_memory(out->err) : 0;
}

int resource_set_string(ResourceOutput *out, PropertyId id, const char *value)
{
        if (!out->properties)
                return 0;
        return property_set_string(out->properties, id, value) < 0 ? plan_no_memory(out->err) : 0;
}

int resource_set_mask(ResourceOutput *out, PropertyId id, const char *field, const char *cpu_list)
{
        CpuMask mask;

        if (cpu_list_parse(cpu_list, &mask) < 0)
                return ctr_error_field(
                        out->err, field, "\"%s\" is not a list like \"0-3,5\"", cpu_list);
        if (!out->properties)
                return 0;
        return property_set_bytes(out->properties, id, mask.bytes, mask.n_bytes) < 0
                       ? plan_no_memory(out->err)
                       : 0;
}

int resource_add_device_number(
        ResourceOutput *out, PropertyId id, int64_t major, int64_t minor, uint64_t value)
{
        char path[64];

        if (!out->properties)
                return 0;
        (void) snprintf(path, sizeof(path), "/dev/block/%" PRId64 ":%" PRId64, major, minor);
        return property_add_device_number(out->properties, id, path, value) < 0
                       ? plan_no_memory(out->err)
                       : 0;
}

int resource_add_file(ResourceOutput *out, const char *name, const char *value)
{
        SpecKeyValues *files = out->files;
        SpecKeyValue *items, item;

        if (!files)
                return 0;
        items = reallocarray(files->items, files->n + 1, sizeof(*items));
        if (!items)
                return plan_no_memory(out->err);
        files->items = items;
        item = (SpecKeyValue){ .key = strdup(name), .value = strdup(value) };
        if (!item.key || !item.value) {
                free(item.key);
                free(item.value);
                return plan_no_memory(out->err);
        }
        items[files->n++] = item;
        return 0;
}

int resource_add_warning(ResourceOutput *out, const char *text)
{
        SpecStrv *warnings = out->warnings;
        char **items;

        if (!warnings)
                return 0;
        items = reallocarray(warnings->items, warnings->n + 2, sizeof(*items));
        if (!items)
                return plan_no_memory(out->err);
        warnings->items = items;
        items[warnings->n] = strdup(text);
        if (!items[warnings->n])
                return plan_no_memory(out->err);
        items[++warnings->n] = NULL;
        return 0;
}

int plan_update(const SpecResources *r, bool has_unit, PropertyList *ret, CtrError *err)
{
        PropertyList list = { 0 };
        ResourceOutput out = {
                .properties = &list, .is_update = true, .is_exact = !has_unit, .err = err
        };
        int rc;

        rc = plan_resources(r, &out);
        if (rc < 0) {
                property_list_done(&list);
                return rc;
        }
        *ret = list;
        return 0;
}

int plan_cgroup_files(const SpecResources *r, SpecKeyValues *ret, CtrError *err)
{
        SpecKeyValues files = { 0 };
        ResourceOutput out = { .files = &files, .err = err };
        int rc;

        rc = plan_resources(r, &out);
        if (rc < 0) {
                plan_cgroup_files_done(&files);
                return rc;
        }
        *ret = files;
        return 0;
}

void plan_cgroup_files_done(SpecKeyValues *files)
{
        for (size_t i = 0; i < files->n; i++) {
                free(files->items[i].key);
                free(files->items[i].value);
        }
        free(files->items);
        *files = (SpecKeyValues){ 0 };
}

int plan_warnings(const SpecResources *r, SpecStrv *ret)
{
        SpecStrv warnings = { 0 };
        ResourceOutput out = { .warnings = &warnings };
        int rc;

        rc = plan_resource_warnings(r, &out);
        if (rc < 0) {
                plan_warnings_done(&warnings);
                return rc;
        }
        *ret = warnings;
        return 0;
}

void plan_warnings_done(SpecStrv *warnings)
{
        for (size_t i = 0; i < warnings->n; i++)
                free(warnings->items[i]);
        free(warnings->items);
        *warnings = (SpecStrv){ 0 };
}
