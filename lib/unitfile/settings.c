/* One container's .container file and its additions: see settings.h. */
#include "unitfile/settings.h"

#include <string.h>

static int out_of_memory(Problem *problem)
{
        return ctr_error_set(&problem->error, CTR_ERROR_SYSTEM, ENOMEM, "reading settings");
}

/* Reads one file of a search directory into the list. */
static int add_file(
        const Search *search, int dir, const char *path, Settings *settings, Problem *problem)
{
        char **files = reallocarray(settings->files, settings->n_files + 1, sizeof(*files));
        char *text = NULL;
        size_t size;
        int r;

        if (!files)
                return out_of_memory(problem);
        settings->files = files;
        if (asprintf(&files[settings->n_files], "%s/%s", search_dirs[dir], path) < 0)
                return out_of_memory(problem);
        (void) snprintf(problem->file, sizeof(problem->file), "%s", files[settings->n_files]);
        settings->n_files++;
        r = search_read(search, dir, path, INI_SIZE_MAX, &text, &size, &problem->error);
        if (r < 0)
                return r;
        return ini_add_text(
                &settings->ini, files[settings->n_files - 1], text, size, &problem->error);
}

static int check_keys(Settings *settings, Problem *problem)
{
        const Ini *ini = &settings->ini;

        settings->keys = calloc(ini->n + 1, sizeof(*settings->keys));
        if (!settings->keys)
                return out_of_memory(problem);
        for (size_t i = 0; i < ini->n; i++) {
                int r = key_find(&ini->items[i], &settings->keys[i], &problem->error);

                if (r < 0) {
                        (void) snprintf(
                                problem->file, sizeof(problem->file), "%s", ini->items[i].file);
                        return r;
                }
        }
        return 0;
}

int settings_load(
        const Search *search, const SearchContainer *container, Settings *ret, Problem *problem)
{
        char path[2 * CTR_UNIT_NAME_MAX + 32];
        Settings settings = { 0 };
        int r = 0;

        if (container->file_dir != SEARCH_NOWHERE) {
                (void) snprintf(path, sizeof(path), "%s.container", container->name);
                r = add_file(search, container->file_dir, path, &settings, problem);
        }
        for (size_t i = 0; i < container->n_drop_ins && r >= 0; i++) {
                const SearchDropIn *drop_in = &container->drop_ins[i];

                if (drop_in->is_masked)
                        continue;
                (void) snprintf(
                        path, sizeof(path), "%s.container.d/%s", container->name, drop_in->name);
                r = add_file(search, drop_in->dir, path, &settings, problem);
        }
        if (r >= 0)
                r = check_keys(&settings, problem);
        *ret = settings;
        if (r < 0)
                settings_done(ret);
        return r;
}

void settings_done(Settings *settings)
{
        ini_done(&settings->ini);
        free(settings->keys);
        for (size_t i = 0; i < settings->n_files; i++)
                free(settings->files[i]);
        free(settings->files);
        *settings = (Settings){ 0 };
}

bool settings_is_current(const Settings *settings, size_t index)
{
        const KeyInfo *key = settings->keys[index];

        for (size_t i = index + 1; i < settings->ini.n; i++)
                if (settings->keys[i] == key && (!key->is_list || !settings->ini.items[i].value[0]))
                        return false;
        return true;
}

const IniEntry *settings_find(const Settings *settings, KeyUse use, const char *key)
{
        for (size_t i = 0; i < settings->ini.n; i++) {
                const IniEntry *entry = &settings->ini.items[i];

                if (settings->keys[i]->use == use && strcmp(settings->keys[i]->name, key) == 0 &&
                        settings_is_current(settings, i))
                        return entry->value[0] ? entry : NULL;
        }
        return NULL;
}

void settings_write_units(const char *value, FILE *f)
{
        const char *blank = "";

        for (const char *p = value; *p; p += strspn(p, " \t")) {
                char word[CTR_UNIT_NAME_MAX], id[CTR_UNIT_NAME_MAX], unit[CTR_UNIT_NAME_MAX];
                size_t n = strcspn(p, " \t");

                (void) snprintf(word, sizeof(word), "%.*s", (int) n, p);
                (void) fprintf(f, "%s%s", blank,
                        container_reference(word, id) ? ctr_id_to_unit(id, unit) : word);
                blank = " ";
                p += n;
        }
}

static void write_section(const Settings *settings, KeyUse use, FILE *f)
{
        bool has_header = false;

        for (size_t i = 0; i < settings->ini.n; i++) {
                const IniEntry *entry = &settings->ini.items[i];
                const KeyInfo *key = settings->keys[i];

                /* An empty assignment resets a list, also what the plan put into it; for another
                 * key it says "as if it were not set here". */
                if (key->use != use || !settings_is_current(settings, i) ||
                        (!entry->value[0] && !key->is_list))
                        continue;
                if (!has_header)
                        (void) fprintf(f, "\n# From %s\n[%s]\n",
                                settings->n_files == 1 ? entry->file : "the .container files",
                                key_section(use));
                has_header = true;
                (void) fprintf(f, "%s=", key->name);
                if (key->kind == VALUE_UNITS)
                        settings_write_units(entry->value, f);
                else
                        (void) fputs(entry->value, f);
                (void) fputc('\n', f);
        }
}

void settings_write(const Settings *settings, FILE *f)
{
        write_section(settings, KEY_UNIT, f);
        write_section(settings, KEY_SERVICE, f);
}
