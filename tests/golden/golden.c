/* Golden tests: each NAME.json of the given directories is parsed, planned in a fixed context, and
 * the text of unit and program compared byte for byte with NAME[.VARIANT].golden in the golden
 * directory. `golden --update` writes them anew instead (tools/update-goldens). */
#include "base/io.h"
#include "plan/plan.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What the files say, wherever this build installs to. */
#define GOLDEN_EXEC_PATH "/usr/lib/ctrunit/ctr-exec"

enum { CONFIG_SIZE_MAX = 1 << 20 };

/* Every file is planned as `run`; those named here in the other ways too. */
static const struct {
        const char *name, *variant;
        PlanOrigin origin;
} variants[] = {
        { NULL, "", PLAN_TRANSIENT_RUN },
        { "nginx", ".create", PLAN_TRANSIENT_CREATE },
        { "nginx", ".generated", PLAN_GENERATED },
        { "hooks", ".create", PLAN_TRANSIENT_CREATE },
};

static bool is_update;
static size_t n_tests, n_failed;

/* Replaces the configured path of ctr-exec, which is an installation's matter. */
static char *replace_exec_path(const char *text)
{
        _cleanup_free_ char *out = NULL;
        size_t size = 0, n = strlen(CTR_EXEC_PATH);
        FILE *f = open_memstream(&out, &size);

        if (!f)
                return NULL;
        for (const char *next; (next = strstr(text, CTR_EXEC_PATH)); text = next + n)
                (void) fprintf(f, "%.*s%s", (int) (next - text), text, GOLDEN_EXEC_PATH);
        (void) fputs(text, f);
        return fclose(f) == 0 ? TAKE_PTR(out) : NULL;
}

/* The plan's text, or the error's: what is refused, and in which words, is golden too. */
static int make_text(const char *json, size_t size, PlanOrigin origin, FILE *f)
{
        PlanContext ctx = {
                .id = "web",
                .bundle = "/b",
                .state_dir = "/run/ctrunit/containers/web",
                .config_path = "/etc/ctrunit/containers/web/config.json",
                .digest = "0000000000000000000000000000000000000000000000000000000000000000",
                .origin = origin,
                .has_console = true,
        };
        _cleanup_(spec_freep) Spec *spec = NULL;
        _cleanup_free_ void *bytes = NULL;
        PropertyList properties = { 0 };
        Program program = { 0 };
        CtrError err = { 0 };
        char line[1500];
        int r;

        r = spec_parse(json, size, &spec, &err);
        if (r >= 0)
                r = plan_properties(spec, &ctx, &properties, &err);
        if (r >= 0)
                r = plan_program(spec, &ctx, &bytes, &size, &err);
        if (r >= 0)
                r = program_open(bytes, size, &program, &err);
        if (r >= 0)
                r = plan_to_text(&ctx, &properties, &program, f);
        else
                (void) fprintf(f, "error: %s\n", ctr_error_format(&err, NULL, line, sizeof(line)));
        property_list_done(&properties);
        return r;
}

static void print_first_difference(const char *expected, const char *actual)
{
        unsigned line = 1;
        size_t n = 0, start = 0;

        for (; expected[n] && expected[n] == actual[n]; n++)
                if (expected[n] == '\n') {
                        line++;
                        start = n + 1;
                }
        printf("# line %u\n# expected: %.*s\n# actual:   %.*s\n", line,
                (int) strcspn(expected + start, "\n"), expected + start,
                (int) strcspn(actual + start, "\n"), actual + start);
}

static bool write_text(const char *path, const char *text)
{
        FILE *f = fopen(path, "we");

        if (!f)
                return false;
        (void) fputs(text, f);
        return fclose(f) == 0;
}

static bool compare(const char *path, const char *actual)
{
        _cleanup_free_ char *expected = NULL;
        CtrError err = { 0 };
        size_t size;

        if (is_update)
                return write_text(path, actual);
        if (ctr_read_file(AT_FDCWD, path, CONFIG_SIZE_MAX, &expected, &size, &err) < 0) {
                printf("# %s\n", err.message);
                return false;
        }
        if (strcmp(expected, actual) == 0)
                return true;
        print_first_difference(expected, actual);
        return false;
}

static bool run_variant(const char *golden_dir, const char *name, const char *json, size_t size,
        const char *variant, PlanOrigin origin)
{
        _cleanup_free_ char *raw = NULL, *text = NULL;
        char path[PATH_MAX];
        size_t raw_size;
        FILE *f = open_memstream(&raw, &raw_size);

        if (!f)
                return false;
        (void) make_text(json, size, origin, f);
        if (fclose(f) != 0)
                return false;
        text = replace_exec_path(raw);
        (void) snprintf(path, sizeof(path), "%s/%s%s.golden", golden_dir, name, variant);
        return text && compare(path, text);
}

static void run_file(const char *golden_dir, const char *dir, const char *file_name)
{
        _cleanup_free_ char *json = NULL;
        char path[PATH_MAX], name[NAME_MAX + 1];
        CtrError err = { 0 };
        size_t size = 0;
        int r;

        (void) snprintf(path, sizeof(path), "%s/%s", dir, file_name);
        (void) snprintf(name, sizeof(name), "%.*s", (int) (strlen(file_name) - 5), file_name);
        r = ctr_read_file(AT_FDCWD, path, CONFIG_SIZE_MAX, &json, &size, &err);
        for (size_t i = 0; i < ELEMENTSOF(variants); i++) {
                bool is_ok;

                if (variants[i].name && strcmp(variants[i].name, name) != 0)
                        continue;
                is_ok = r >= 0 && run_variant(golden_dir, name, json, size, variants[i].variant,
                                          variants[i].origin);
                n_tests++;
                n_failed += is_ok ? 0 : 1;
                printf("%sok %zu - golden: %s%s\n", is_ok ? "" : "not ", n_tests, name,
                        variants[i].variant);
        }
}

static int is_json(const struct dirent *e)
{
        size_t n = strlen(e->d_name);

        return n > 5 && strcmp(e->d_name + n - 5, ".json") == 0;
}

int main(int argc, char **argv)
{
        int first = 1;

        if (argc > 1 && strcmp(argv[1], "--update") == 0) {
                is_update = true;
                first = 2;
        }
        if (argc < first + 2) {
                (void) fprintf(stderr, "usage: golden [--update] GOLDEN-DIR JSON-DIR...\n");
                return 2;
        }
        for (int i = first + 1; i < argc; i++) {
                struct dirent **entries = NULL;
                int n = scandir(argv[i], &entries, is_json, alphasort);

                for (int k = 0; k < n; k++) {
                        run_file(argv[first], argv[i], entries[k]->d_name);
                        free(entries[k]);
                }
                free(entries);
        }
        printf("1..%zu\n", n_tests);
        return n_failed > 0 || n_tests == 0;
}
