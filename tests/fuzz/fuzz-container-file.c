/* A .container file, from text to the lines that pass into the unit: any bytes. No line is anything
 * but a section or a key that may stand there. */
#include "fuzz/fuzz.h"
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
                r = key_find(&settings.ini.items[i], &settings.keys[i], &err);
                fuzz_check_error(r, &err);
        }
        if (r >= 0)
                check_text(&settings);
        settings_done(&settings);
        return 0;
}
