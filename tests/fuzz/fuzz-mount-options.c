/* Mount options, one a line. What is left for the file system is what came in, and an attribute is
 * never both set and cleared. */
#include "fuzz/fuzz-lines.h"
#include "plan/mount-options.h"

#define ATIME_FIELD UINT64_C(0x70) /* MOUNT_ATTR__ATIME */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        FuzzLines lines;
        SpecStrv options;
        MountOptions o = { 0 };
        CtrError err = { 0 };
        int r;

        fuzz_lines_init(&lines, data, size);
        options = (SpecStrv){ .items = lines.items, .n = lines.n };
        r = mount_options_parse(&options, &o, &err);
        fuzz_check_error(r, &err);
        if (r >= 0) {
                /* The times' field is cleared as a whole before one of its values is set. */
                FUZZ_CHECK((o.attr_set & o.attr_clear & ~ATIME_FIELD) == 0);
                FUZZ_CHECK((o.tree_set & o.tree_clear & ~ATIME_FIELD) == 0);
                for (size_t i = 0; i < o.n_data; i++) {
                        bool is_known = false;

                        for (size_t k = 0; k < lines.n; k++)
                                is_known = is_known || o.data[i] == lines.items[k];
                        FUZZ_CHECK(is_known);
                        (void) mount_option_is_flag(o.data[i]);
                }
        }
        mount_options_done(&o);
        fuzz_lines_done(&lines);
        return 0;
}
