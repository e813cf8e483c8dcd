/* A .container file, from text to the lines of the unit and to config.json: any bytes. No line of
 * the unit is anything but a section or a key that may stand there, what keys become is JSON, and
 * its outline makes the same unit.
 */
#include "fuzz/fuzz.h"

#include "base/json.h"
#include "container/outline.h"
#include "unitfile/settings.h"

static bool is_passed_key(const char *line, size_t n)
{
        const KeyInfo *info;

        for (size_t i = 0; (info = key_at(i)); i++)
                if ((info->use == KEY_UNIT || info->use == KEY_SERVICE) &&
                        strlen(info->name) == n && memcmp(info->name, line, n) == 0)
                        return true;
        return false;
}

/* What ctrunit itself puts beside. */
static bool is_own_key(const char *line, size_t n)
{
        static const char *const keys[] = { "Wants", "After", "BindsTo", "Requires", "Slice",
                "StateDirectory", "CacheDirectory", "LogsDirectory", "RuntimeDirectory",
                "DeviceAllow", "ExecReload", "StandardOutput", "StandardError", "LogExtraFields",
                "LoadCredential" };

        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                if (strlen(keys[i]) == n && memcmp(keys[i], line, n) == 0)
                        return true;
        return false;
}

static void check_unit(const Recipe *recipe)
{
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        FUZZ_CHECK(f);
        FUZZ_CHECK(recipe_write_unit(recipe, "/run/ctrunit/containers/web", f) >= 0);
        FUZZ_CHECK(fclose(f) == 0);
        for (const char *line = text; *line;) {
                size_t n = strcspn(line, "\n");

                FUZZ_CHECK(n == 0 || line[0] == '#' || line[0] == '[' ||
                           is_own_key(line, strcspn(line, "=\n")));
                FUZZ_CHECK(n == 0 || line[n - 1] != '\\');
                line += n + (line[n] == '\n');
        }
}

static void check_recipe(const Settings *settings)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        _cleanup_(spec_freep) Spec *spec = NULL;
        _cleanup_(recipe_done) Recipe recipe = { 0 };
        _cleanup_free_ char *text = NULL;
        Problem problem = { 0 };
        char digest[65];
        size_t size;
        FILE *f;
        int r;

        r = recipe_load(settings, "web", "/etc/ctrunit/containers", NULL, &recipe, &problem);
        fuzz_check_error(r, &problem.error);
        if (r < 0)
                return;
        f = open_memstream(&text, &size);
        FUZZ_CHECK(f);
        recipe_print(&recipe, f);
        FUZZ_CHECK(fclose(f) == 0);
        FUZZ_CHECK(json_document_parse(text, size, &doc, &problem.error) >= 0);
        r = outline_compare(&recipe, &spec, &problem.error);
        FUZZ_CHECK(r != -EXDEV);
        if (r < 0)
                recipe_locate(settings, &problem);
        fuzz_check_error(r, &problem.error);
        FUZZ_CHECK(recipe_digest(&recipe, NULL, NULL, digest) >= 0);
        check_unit(&recipe);
}

static void check_text(const Settings *settings)
{
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        FUZZ_CHECK(f);
        settings_write(settings, NULL, f);
        FUZZ_CHECK(fclose(f) == 0);
        for (const char *line = text; *line;) {
                size_t n = strcspn(line, "\n");

                FUZZ_CHECK(n == 0 || line[0] == '#' || strncmp(line, "[Unit]", n) == 0 ||
                           strncmp(line, "[Service]", n) == 0 ||
                           is_passed_key(line, strcspn(line, "=\n")));
                FUZZ_CHECK(n == 0 || line[n - 1] != '\\');
                line += n + (line[n] == '\n');
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char *text = malloc(size + 1);
        Settings settings = { 0 };
        CtrError err = { 0 };
        int r;

        FUZZ_CHECK(text);
        memcpy(text, data, size);
        text[size] = '\0';
        r = ini_add_text(&settings.ini, "web.container", text, size, &err);
        fuzz_check_error(r, &err);
        settings.keys = calloc(settings.ini.n + 1, sizeof(*settings.keys));
        FUZZ_CHECK(settings.keys);
        for (size_t i = 0; r >= 0 && i < settings.ini.n; i++) {
                err = (CtrError){ 0 };
                r = key_find(&settings.ini.items[i], "container", &settings.keys[i], &err);
                fuzz_check_error(r, &err);
        }
        if (r >= 0)
                check_text(&settings);
        if (r >= 0 && recipe_is_wanted(&settings))
                check_recipe(&settings);
        settings_done(&settings);
        return 0;
}
