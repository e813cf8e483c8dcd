/* Annotations: "KEY=VALUE" a line. What becomes a property is on the list of those a container may
 * set, and its text stays on one line. */
#include "base/name.h"
#include "fuzz/fuzz-lines.h"
#include "plan/plan-internal.h"

static bool is_allowed(PropertyId id)
{
        static const PropertyId allowed[] = { PROPERTY_DESCRIPTION, PROPERTY_COLLECT_MODE,
                PROPERTY_SLICE, PROPERTY_TIMEOUT_STOP, PROPERTY_OOM_POLICY, PROPERTY_CPU_WEIGHT,
                PROPERTY_CPU_QUOTA_PER_SEC, PROPERTY_CPU_QUOTA_PERIOD, PROPERTY_IO_WEIGHT,
                PROPERTY_MEMORY_MIN, PROPERTY_MEMORY_LOW, PROPERTY_MEMORY_HIGH, PROPERTY_MEMORY_MAX,
                PROPERTY_MEMORY_SWAP_MAX, PROPERTY_TASKS_MAX, PROPERTY_RUNTIME_MAX };

        for (size_t i = 0; i < ELEMENTSOF(allowed); i++)
                if (allowed[i] == id)
                        return true;
        return false;
}

static void check_list(const PropertyList *list)
{
        for (size_t i = 0; i < list->n; i++) {
                const Property *p = &list->items[i];

                FUZZ_CHECK(is_allowed(p->id));
                for (size_t k = 0; k < p->n_strings; k++)
                        FUZZ_CHECK(!strpbrk(p->strings[k], "\n\r"));
                if (p->id == PROPERTY_SLICE)
                        FUZZ_CHECK(ctr_slice_is_valid(p->strings[0]) &&
                                   strncmp(p->strings[0], "ctr", 3) == 0);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        SpecKeyValue items[FUZZ_LINES_MAX];
        Spec spec = { .annotations = { .items = items } };
        PropertyList list = { 0 };
        FuzzLines lines;
        CtrError err = { 0 };
        int r;

        fuzz_lines_init(&lines, data, size);
        for (size_t i = 0; i < lines.n; i++) {
                char *equals = strchr(lines.items[i], '=');

                if (!equals)
                        continue;
                *equals = '\0';
                items[spec.annotations.n++] =
                        (SpecKeyValue){ .key = lines.items[i], .value = equals + 1 };
        }
        r = plan_annotations(&spec, (PlanMode) (size % 4), &list, &err);
        fuzz_check_error(r, &err);
        check_list(&list);
        property_list_done(&list);
        err = (CtrError){ 0 };
        r = plan_stop_signal(&spec, &err);
        fuzz_check_error(r, &err);
        FUZZ_CHECK(r < 0 || (r >= 1 && r <= 64));
        fuzz_lines_done(&lines);
        return 0;
}
