/* The files of a state directory, which a crash or a full disk may cut anywhere: any bytes. What is
 * accepted can be written and read again. */
#include "base/name.h"
#include "fuzz/fuzz.h"
#include "runtime/record.h"
#include "runtime/state.h"

static void check_records(const char *text)
{
        ExitRecord exit_record;
        PidRecord pid_record;

        if (pid_record_parse(text, &pid_record) >= 0)
                FUZZ_CHECK(pid_record.pid > 0);
        if (exit_record_parse(text, &exit_record) >= 0)
                FUZZ_CHECK(exit_record.status >= 0 && exit_record.status <= 255);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_free_ char *text = fuzz_string(data, size), *printed = NULL, *second = NULL;
        ContainerState state = { 0 }, again = { 0 };
        size_t printed_size, second_size;
        CtrError err = { 0 };
        int r;

        if (text)
                check_records(text);
        r = state_parse((const char *) data, size, &state, &err);
        fuzz_check_error(r, &err);
        if (r >= 0) {
                FUZZ_CHECK(ctr_id_is_valid(state.id) && state.bundle[0] == '/');
                FUZZ_CHECK(state_print(&state, &printed, &printed_size) >= 0);
                FUZZ_CHECK(state_parse(printed, printed_size, &again, &err) >= 0);
                FUZZ_CHECK(state_print(&again, &second, &second_size) >= 0);
                FUZZ_CHECK(
                        printed_size == second_size && memcmp(printed, second, second_size) == 0);
                state_done(&again);
        }
        state_done(&state);
        return 0;
}
