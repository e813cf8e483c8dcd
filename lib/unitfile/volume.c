/* Volumes as units: see volume.h. */
#include "unitfile/volume.h"

#include <string.h>

#define DOCUMENTATION "man:ctrunit.container(5)"

/* ---- keys ---- */

static const char *value_of(const Settings *settings, const char *key)
{
        const IniEntry *entry = settings_find(settings, KEY_VOLUME, key);

        return entry ? entry->value : NULL;
}

bool volume_has_device(const Settings *settings)
{
        return value_of(settings, "Device") != NULL;
}

int volume_check(const Settings *settings, const char *name, Problem *problem)
{
        static const char *const needing[] = { "Type", "Options" };
        size_t escapes = 0;

        for (const char *p = name; *p; p++)
                escapes += *p == '-' || *p == '+';
        if (strlen(name) + escapes * 3 > VOLUME_NAME_MAX * 2 || !volume_name_is_valid(name))
                return ctr_error_set(&problem->error, CTR_ERROR_CONFIG_INVALID, 0,
                        "the name of a volume has at most %d bytes, a - or + counting for four",
                        VOLUME_NAME_MAX);
        for (size_t i = 0; i < ELEMENTSOF(needing) && !volume_has_device(settings); i++) {
                const IniEntry *entry = settings_find(settings, KEY_VOLUME, needing[i]);

                if (!entry)
                        continue;
                (void) snprintf(problem->file, sizeof(problem->file), "%s", entry->file);
                return ini_entry_error(entry, &problem->error,
                        "without Device= nothing is mounted: a volume is a directory then");
        }
        return 0;
}

/* ---- units ---- */

static void write_head(const char *what, const char *name, const char *source, FILE *f)
{
        (void) fprintf(f,
                "# Changes here are lost: change that file, then run \"systemctl daemon-reload\".\n"
                "[Unit]\n"
                "Description=%s %s\n"
                "Documentation=" DOCUMENTATION "\n"
                "SourcePath=%s\n",
                what, name, source);
}

/* Without an owner it gets the one of the first container that uses it, which makes the directory
 * when it is not there. */
static void write_command(const Settings *settings, const char *path, FILE *f)
{
        static const struct {
                const char *key, *option;
        } options[] = { { "User", "-o" }, { "Group", "-g" }, { "Mode", "-m" } };
        bool is_given = false;

        for (size_t i = 0; i < ELEMENTSOF(options); i++)
                is_given |= value_of(settings, options[i].key) != NULL;
        (void) fputs(is_given ? "ExecStart=/usr/bin/install -d" : "ExecStart=/bin/true\n", f);
        for (size_t i = 0; i < ELEMENTSOF(options) && is_given; i++)
                if (value_of(settings, options[i].key))
                        (void) fprintf(
                                f, " %s %s", options[i].option, value_of(settings, options[i].key));
        if (is_given)
                (void) fprintf(f, " %s\n", path);
}

void volume_write_service(const Settings *settings, const char *name, const char *source, FILE *f)
{
        char path[VOLUME_PATH_MAX];

        volume_path(name, path);
        write_head("Volume", name, source, f);
        (void) fprintf(f,
                "RequiresMountsFor=%s\n"
                "\n[Service]\n"
                "Type=oneshot\n"
                "RemainAfterExit=yes\n",
                path);
        /* Nobody but root comes near what containers may have made executable there. */
        if (!volume_has_device(settings))
                (void) fprintf(
                        f, "StateDirectory=ctrunit/volumes/%s\nStateDirectoryMode=0700\n", name);
        write_command(settings, path, f);
        settings_write(settings, NULL, f);
}

static void write_text(const char *key, const char *value, FILE *f)
{
        if (!value)
                return;
        (void) fprintf(f, "%s=", key);
        for (; *value; value++)
                (void) fprintf(f, "%s%c", *value == '%' ? "%" : "", *value);
        (void) fputc('\n', f);
}

void volume_write_mount(const Settings *settings, const char *name, const char *source, FILE *f)
{
        char path[VOLUME_PATH_MAX], unit[CTR_UNIT_NAME_MAX];

        volume_path(name, path);
        volume_unit(name, unit);
        write_head("File system of volume", name, source, f);
        (void) fprintf(f, "PartOf=%s\n\n[Mount]\n", unit);
        write_text("What", value_of(settings, "Device"), f);
        (void) fprintf(f, "Where=%s\n", path);
        write_text("Type", value_of(settings, "Type"), f);
        write_text("Options", value_of(settings, "Options"), f);
        (void) fputs("DirectoryMode=0700\n", f);
}
