/* One container's .container file and its additions: see settings.h. */
#include "unitfile/settings.h"

#include "unitfile/pod-file.h"
#include "unitfile/stem.h"
#include "unitfile/volume-name.h"

#include <string.h>

static int out_of_memory(Problem *problem)
{
        return ctr_error_set(&problem->error, CTR_ERROR_SYSTEM, ENOMEM, "reading settings");
}

/* One more file; path is its own or below that directory. */
static int add_name(Settings *settings, const char *directory, const char *path, Problem *problem)
{
        char **files = reallocarray(settings->files, settings->n_files + 1, sizeof(*files));

        if (!files)
                return out_of_memory(problem);
        settings->files = files;
        if (asprintf(&files[settings->n_files], "%s%s%s", directory, *directory ? "/" : "", path) <
                0)
                return out_of_memory(problem);
        (void) snprintf(problem->file, sizeof(problem->file), "%s", files[settings->n_files]);
        settings->n_files++;
        return 0;
}

/* The values of an instance of a template say which one they are for. */
static int expand_instance(Settings *settings, size_t first, const char *stem, Problem *problem)
{
        for (size_t i = first; i < settings->ini.n; i++) {
                char **texts, *text;

                if (!strchr(settings->ini.items[i].value, '%'))
                        continue;
                text = stem_expand(stem, settings->ini.items[i].value);
                texts = text ? reallocarray(settings->ini.texts, settings->ini.n_texts + 1,
                                       sizeof(*texts))
                             : NULL;
                if (!texts) {
                        free(text);
                        return out_of_memory(problem);
                }
                settings->ini.texts = texts;
                texts[settings->ini.n_texts++] = text;
                settings->ini.items[i].value = text;
        }
        return 0;
}

/* Reads one file of a search directory into the list, for the container of this stem. */
static int add_file(const Search *search, int dir, const char *path, const char *stem,
        Settings *settings, Problem *problem)
{
        size_t first = settings->ini.n;
        char *text = NULL;
        size_t size;
        int r = add_name(settings, search_dirs[dir], path, problem);

        if (r < 0)
                return r;
        r = search_read(search, dir, path, INI_SIZE_MAX, &text, &size, &problem->error);
        if (r < 0)
                return r;
        r = ini_add_text(&settings->ini, settings->files[settings->n_files - 1], text, size,
                &problem->error);
        if (r < 0 || !stem_instance(stem))
                return r;
        return expand_instance(settings, first, stem, problem);
}

static int check_keys(Settings *settings, const char *type, Problem *problem)
{
        const Ini *ini = &settings->ini;

        settings->keys = calloc(ini->n + 1, sizeof(*settings->keys));
        if (!settings->keys)
                return out_of_memory(problem);
        for (size_t i = 0; i < ini->n; i++) {
                int r = key_find(&ini->items[i], type, &settings->keys[i], &problem->error);

                if (r < 0) {
                        (void) snprintf(
                                problem->file, sizeof(problem->file), "%s", ini->items[i].file);
                        return r;
                }
        }
        return 0;
}

static bool has_value(const Settings *settings, const char *key, const char *value)
{
        const IniEntry *entry = settings_find(settings, KEY_SERVICE, key);

        return entry && strcmp(entry->value, value) == 0;
}

/* The command of a reload would get the terminal too, once the payload has left it, or take it. */
static const IniEntry *find_reload_at_terminal(const Settings *settings)
{
        const IniEntry *input = settings_find(settings, KEY_SERVICE, "StandardInput");
        const IniEntry *command = settings_find(settings, KEY_CONTAINER, "ReloadCmd");

        if (!input || strcmp(input->value, "null") == 0)
                return NULL;
        return command ? command : settings_find(settings, KEY_CONTAINER, "ReloadSignal");
}

/* What systemd refuses only when the unit is loaded, or what would hide that a container ended. */
static int check_together(const Settings *settings, Problem *problem)
{
        bool is_oneshot = has_value(settings, "Type", "oneshot");
        const IniEntry *entry = settings_find(settings, KEY_SERVICE, "RemainAfterExit");
        const char *fault = NULL;

        if (entry && !is_oneshot && strchr("1yYtToO", entry->value[0]) &&
                strcasecmp(entry->value, "off") != 0)
                fault = "only with Type=oneshot: another container that has ended is not active";
        else if (is_oneshot && (has_value(settings, "Restart", "always") ||
                                       has_value(settings, "Restart", "on-success"))) {
                entry = settings_find(settings, KEY_SERVICE, "Restart");
                fault = "not possible with Type=oneshot: it would never have run";
        } else if (find_reload_at_terminal(settings)) {
                entry = find_reload_at_terminal(settings);
                fault = "not possible with StandardInput=tty: the command would wait for the terminal";
        }
        if (!fault)
                return 0;
        (void) snprintf(problem->file, sizeof(problem->file), "%s", entry->file);
        return ini_entry_error(entry, &problem->error, "%s", fault);
}

int settings_load(
        const Search *search, const SearchContainer *container, Settings *ret, Problem *problem)
{
        char path[CTR_UNIT_NAME_MAX];
        Settings settings = { 0 };
        int r = 0;

        if (container->file_dir != SEARCH_NOWHERE) {
                (void) snprintf(path, sizeof(path), "%s.%s", container->text_stem,
                        search_type(search->kind));
                r = add_file(
                        search, container->text_dir, path, container->stem, &settings, problem);
        }
        for (size_t i = 0; i < container->n_drop_ins && r >= 0; i++) {
                const SearchDropIn *drop_in = container->drop_ins[i];

                if (!drop_in->is_masked)
                        r = add_file(search, drop_in->dir, drop_in->path, container->stem,
                                &settings, problem);
        }
        if (r >= 0)
                r = check_keys(&settings, search_type(search->kind), problem);
        if (r >= 0)
                r = check_together(&settings, problem);
        *ret = settings;
        if (r < 0)
                settings_done(ret);
        return r;
}

int settings_load_text(const char *path, const char *stem, char *text, size_t size, Settings *ret,
        Problem *problem)
{
        Settings settings = { 0 };
        int r = add_name(&settings, "", path, problem);

        if (r < 0)
                free(text);
        else
                r = ini_add_text(&settings.ini, settings.files[0], text, size, &problem->error);
        if (r >= 0 && stem_instance(stem))
                r = expand_instance(&settings, 0, stem, problem);
        if (r >= 0)
                r = check_keys(&settings, search_type(SEARCH_CONTAINERS), problem);
        if (r >= 0)
                r = check_together(&settings, problem);
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

const char *settings_container_id(const Settings *settings, const char *name)
{
        const IniEntry *entry = settings_find(settings, KEY_CONTAINER, "ContainerName");

        return entry && ctr_id_is_valid(entry->value) ? entry->value : name;
}

/* A pod that is broken has a stub under its file's name. */
static bool find_pod_unit(
        const Search *search, const char *reference, char unit[static CTR_UNIT_NAME_MAX])
{
        Problem problem = { 0 };
        PodFile pod;

        if (pod_file_find(search ? search->pods : NULL, reference, &pod, &problem) <= 0 &&
                pod_file_find(NULL, reference, &pod, &problem) <= 0)
                return false;
        memcpy(unit, pod.unit, CTR_UNIT_NAME_MAX);
        return true;
}

bool settings_find_unit(const Search *search, const char *name, char unit[static CTR_UNIT_NAME_MAX])
{
        _cleanup_(settings_done) Settings settings = { 0 };
        const SearchContainer *container;
        char id[CTR_UNIT_NAME_MAX];
        Problem problem;

        if (volume_reference(name, id)) {
                volume_unit(id, unit);
                return true;
        }
        if (pod_reference(name, id))
                return find_pod_unit(search, name, unit);
        if (!container_reference(name, id))
                return false;
        container = search ? search_find(search, id) : NULL;
        /* One that cannot be read has a stub under its file's name. */
        if (container && settings_load(search, container, &settings, &problem) >= 0)
                (void) ctr_id_to_unit(settings_container_id(&settings, id), unit);
        else
                (void) ctr_id_to_unit(id, unit);
        return true;
}

static void write_units(const Search *search, const char *value, FILE *f)
{
        const char *blank = "";

        for (const char *p = value; *p; p += strspn(p, " \t")) {
                char word[CTR_UNIT_NAME_MAX], unit[CTR_UNIT_NAME_MAX];
                size_t n = strcspn(p, " \t");

                (void) snprintf(word, sizeof(word), "%.*s", (int) n, p);
                (void) fprintf(
                        f, "%s%s", blank, settings_find_unit(search, word, unit) ? unit : word);
                blank = " ";
                p += n;
        }
}

static void write_section(const Settings *settings, KeyUse use, const Search *search, FILE *f)
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
                        write_units(search, entry->value, f);
                else
                        (void) fputs(entry->value, f);
                (void) fputc('\n', f);
        }
}

void settings_write(const Settings *settings, const Search *search, FILE *f)
{
        write_section(settings, KEY_UNIT, search, f);
        write_section(settings, KEY_SERVICE, search, f);
        /* As of any service of this type: its start is its whole life. */
        if (has_value(settings, "Type", "oneshot") &&
                !settings_find(settings, KEY_SERVICE, "TimeoutStartSec") &&
                !settings_find(settings, KEY_SERVICE, "TimeoutSec"))
                (void) fputs("TimeoutStartSec=infinity\n", f);
}
