/* The part of a Recipe that is no config.json: lines of the generated unit. Only names that were
 * checked for what they may contain stand in them. */
#include "unitfile/recipe.h"
#include "unitfile/volume-name.h"

#include <string.h>

/* A value of one line: specifiers doubled. */
static void write_text(FILE *f, const char *text)
{
        for (; *text; text++) {
                if (*text == '%')
                        (void) fputc('%', f);
                (void) fputc((unsigned char) *text < 0x20 || *text == '\\' ? '_' : *text, f);
        }
        (void) fputc('\n', f);
}

static void write_directories(const Recipe *recipe, FILE *f)
{
        static const char *const keys[_RECIPE_DIRECTORY_MAX] = {
                [RECIPE_STATE] = "StateDirectory",
                [RECIPE_CACHE] = "CacheDirectory",
                [RECIPE_LOGS] = "LogsDirectory",
                [RECIPE_RUNTIME] = "RuntimeDirectory",
        };

        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                if (recipe->directories[i])
                        (void) fprintf(f, "%s=%s\n", keys[i], recipe->directories[i]);
}

static void write_reload(const Recipe *recipe, const char *state_dir, FILE *f)
{
        if (recipe->reload_command.n > 0)
                (void) fprintf(f, "ExecReload=%s exec --process %s/%s %s\n", CTR_CTRCTL_PATH,
                        state_dir, RECIPE_RELOAD_FILE, recipe->id);
        else if (recipe->reload_signal)
                (void) fprintf(f, "ExecReload=%s kill %s %s\n", CTR_CTRCTL_PATH, recipe->id,
                        recipe->reload_signal);
}

int recipe_write_unit(const Recipe *recipe, const char *state_dir, FILE *f)
{
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *lines = open_memstream(&text, &size);

        if (!lines)
                return -ENOMEM;
        if (recipe->pod_slice)
                (void) fprintf(lines, "Slice=%s\n", recipe->pod_slice);
        write_directories(recipe, lines);
        for (size_t i = 0; i < recipe->n_devices; i++)
                (void) fprintf(lines, "DeviceAllow=%s %s\n", recipe->devices[i].host,
                        recipe->devices[i].access);
        for (size_t i = 0; i < recipe->n_secrets; i++)
                (void) fprintf(lines, "LoadCredential=%s:%s\n", recipe->secrets[i].target,
                        recipe->secrets[i].name);
        write_reload(recipe, state_dir, lines);
        if (!recipe->has_log)
                (void) fputs("StandardOutput=null\nStandardError=null\n", lines);
        if (recipe->log_tag) {
                (void) fputs("LogExtraFields=CONTAINER_TAG=", lines);
                write_text(lines, recipe->log_tag);
        }
        if (fclose(lines) != 0)
                return -ENOMEM;
        if (size == 0 && !recipe->wants_online && recipe->volumes.n == 0)
                return 0; /* of a pod it has a slice */
        (void) fputs("\n# From [Container]\n", f);
        if (recipe->wants_online || recipe->volumes.n > 0 || recipe->pod_unit)
                (void) fputs("[Unit]\n", f);
        if (recipe->pod_unit)
                (void) fprintf(f, "BindsTo=%s\nAfter=%s\n", recipe->pod_unit, recipe->pod_unit);
        if (recipe->wants_online)
                (void) fputs("Wants=network-online.target\nAfter=network-online.target\n", f);
        for (size_t i = 0; i < recipe->volumes.n; i++) {
                char unit[CTR_UNIT_NAME_MAX];

                volume_unit(recipe->volumes.items[i], unit);
                (void) fprintf(f, "Requires=%s\nAfter=%s\n", unit, unit);
        }
        if (size > 0)
                (void) fprintf(f, "[Service]\n%s", text);
        return 0;
}
