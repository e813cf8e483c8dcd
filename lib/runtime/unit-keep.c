/* Copies of generated units: see unit-keep.h. */
#include "runtime/unit-keep.h"

#include "base/io.h"
#include "plan/state-files.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define GENERATOR_DIR "/run/systemd/generator" /* systemd.generator(7): the normal directory */

enum { UNIT_SIZE_MAX = 1024 * 1024 };

static char *read_unit(const char *name, size_t *ret_size)
{
        char path[sizeof(GENERATOR_DIR) + 1 + CTR_UNIT_NAME_MAX];
        char *text = NULL;

        (void) snprintf(path, sizeof(path), GENERATOR_DIR "/%s", name);
        if (ctr_read_file(AT_FDCWD, path, UNIT_SIZE_MAX, &text, ret_size, NULL) < 0)
                return NULL;
        return text;
}

static void add_unit(FILE *f, const char *name)
{
        _cleanup_free_ char *text = NULL;
        size_t size;

        text = read_unit(name, &size);
        if (!text)
                return;
        (void) fprintf(f, STATE_UNIT_MARK "%s\n", name);
        (void) fwrite(text, 1, size, f);
}

/* A line that pulls in one of its own: a socket or timer, and the service that this starts. */
static void add_own(FILE *f, const char *line, size_t size)
{
        static const char *const starts[] = { "Requires=ctr-fwd@", "Wants=ctr-health@" };
        char name[CTR_UNIT_NAME_MAX + sizeof(".service")], *dot;

        for (size_t i = 0; i < ELEMENTSOF(starts); i++) {
                size_t key = strcspn(starts[i], "=") + 1;

                if (strncmp(line, starts[i], strlen(starts[i])) != 0 ||
                        size - key >= CTR_UNIT_NAME_MAX)
                        continue;
                (void) snprintf(name, sizeof(name), "%.*s", (int) (size - key), line + key);
                add_unit(f, name);
                dot = strrchr(name, '.');
                if (!dot)
                        return;
                memcpy(dot, ".service", sizeof(".service"));
                add_unit(f, name);
                return;
        }
}

/* Without what is secret, which a unit of something that runs needs no more. A line may go on in
 * the next one. */
static void add_public(FILE *f, const char *text)
{
        static const char secret[] = "SetCredential"; /* and SetCredentialEncrypted= */
        bool is_secret = false, goes_on = false;

        for (const char *line = text; *line;) {
                size_t n = strcspn(line, "\n");

                if (!goes_on)
                        is_secret =
                                strncmp(line + strspn(line, " \t"), secret, strlen(secret)) == 0;
                goes_on = n > 0 && line[n - 1] == '\\';
                n += line[n] != '\0';
                if (!is_secret)
                        (void) fwrite(line, 1, n, f);
                line += n;
        }
}

int unit_keep(const StateDir *dir, const char *unit, const char *digest, CtrError *err)
{
        _cleanup_free_ char *text = NULL, *all = NULL;
        size_t size, all_size;
        FILE *f;

        text = read_unit(unit, &size);
        if (!text || !strstr(text, digest)) {
                (void) unlinkat(dir->fd, STATE_FILE_UNIT, 0);
                return 0;
        }
        f = open_memstream(&all, &all_size);
        if (!f)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "keeping the unit");
        add_public(f, text);
        for (const char *line = text; *line;) {
                size_t n = strcspn(line, "\n");

                add_own(f, line, n);
                line += n + (line[n] != '\0');
        }
        if (fclose(f) != 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "keeping the unit");
        return state_dir_write(dir, STATE_FILE_UNIT, all, all_size, err);
}
