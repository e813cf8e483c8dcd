/* Names: ids, units, slices, settings of the kernel, signals, lists of numbers. Any text. */
#include "base/io.h"
#include "base/name.h"
#include "fuzz/fuzz.h"
#include "plan/cpu-list.h"
#include "plan/plan-sysctl.h"
#include "plan/signal-name.h"

#include <ctype.h>

static void check_id(const char *text)
{
        char unit[CTR_UNIT_NAME_MAX], id[CTR_ID_MAX + 1];
        CtrError err = { 0 };
        int r = ctr_id_check(text, &err);

        fuzz_check_error(r, &err);
        FUZZ_CHECK((r >= 0) == ctr_id_is_valid(text));
        (void) ctr_id_to_unit(text, unit);
        if (r < 0) {
                FUZZ_CHECK(unit[0] == '\0');
                return;
        }
        FUZZ_CHECK(text[0] != '.' && text[0] != '-' && strlen(text) <= CTR_ID_MAX);
        for (const char *c = text; *c; c++)
                FUZZ_CHECK(isalnum((unsigned char) *c) || strchr("_+.-", *c));
        FUZZ_CHECK(strlen(unit) < CTR_UNIT_NAME_MAX && !strpbrk(unit, "/ %$;'\"\n"));
        FUZZ_CHECK(ctr_unit_to_id(unit, id) >= 0 && strcmp(id, text) == 0);
}

static void check_unit(const char *text)
{
        char id[CTR_ID_MAX + 1], unit[CTR_UNIT_NAME_MAX];

        if (ctr_unit_to_id(text, id) < 0)
                return;
        FUZZ_CHECK(ctr_id_is_valid(id));
        FUZZ_CHECK(strcmp(ctr_id_to_unit(id, unit), text) == 0);
}

static void check_slice(const char *text)
{
        char path[4096];

        if (!ctr_slice_is_valid(text))
                return;
        FUZZ_CHECK(!strchr(text, '/') && !strstr(text, ".."));
        if (ctr_slice_to_cgroup(text, path, sizeof(path)) >= 0)
                FUZZ_CHECK(path[0] != '/' && !strstr(path, "..") && !strstr(path, "//"));
}

static void check_sysctl(const char *text)
{
        char path[SYSCTL_PATH_MAX];

        if (sysctl_to_path(text, path) < 0)
                return;
        FUZZ_CHECK(strlen(path) < sizeof(path) && path[0] != '/' && path[0] != '\0');
        FUZZ_CHECK(path[strlen(path) - 1] != '/' && !strstr(path, "//"));
        for (const char *part = path; part;) {
                size_t n = strcspn(part, "/");

                FUZZ_CHECK(strncmp(part, ".", n) != 0 && strncmp(part, "..", n) != 0);
                part = part[n] ? part + n + 1 : NULL;
        }
        if (strcmp(path, "kernel/core_pattern") == 0 || strncmp(path, "fs/file", 7) == 0)
                FUZZ_CHECK(sysctl_namespace(path) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_free_ char *text = fuzz_string(data, size);
        char name[SIGNAL_NAME_MAX];
        CpuMask mask;
        uint64_t number;
        int signo;

        if (!text)
                return 0;
        check_id(text);
        check_unit(text);
        check_slice(text);
        check_sysctl(text);
        signo = signal_from_name(text);
        if (signo >= 0)
                FUZZ_CHECK(signo >= 1 && signo <= 64 &&
                           signal_from_name(signal_to_name(signo, name)) == signo);
        if (cpu_list_parse(text, &mask) >= 0)
                FUZZ_CHECK(mask.n_bytes <= sizeof(mask.bytes) && isdigit((unsigned char) text[0]));
        if (ctr_parse_u64(text, UINT64_MAX, &number) >= 0) {
                char again[24];

                (void) snprintf(again, sizeof(again), "%llu", (unsigned long long) number);
                FUZZ_CHECK(strcmp(again, text) == 0);
        }
        return 0;
}
