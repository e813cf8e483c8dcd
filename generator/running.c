/* Units of containers whose configuration does not say what they are: see running.h. */
#include "generator/running.h"

#include "base/io.h"
#include "plan/state-files.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>

enum { FILE_SIZE_MAX = 1024 * 1024, PID_SIZE_MAX = 256 };

/* What is about the process that runs, and nothing that a start would need: the unit can only say
 * why it does not start. */
static const char *const unit_keys[] = { "After", "Before", "BindsTo", "Conflicts", "OnFailure",
        "OnSuccess", "PartOf", "PropagatesStopTo", "StopPropagatedFrom" };
static const char *const dropped_service_keys[] = { "ExecStartPre", "ExecStart", "LoadCredential",
        "LoadCredentialEncrypted", "Restart", "SetCredential", "SetCredentialEncrypted",
        "StandardError", "StandardInput", "StandardOutput" };

static bool is_among(const char *const *names, size_t n, const char *line)
{
        size_t size = strcspn(line, "=");

        for (size_t i = 0; i < n; i++)
                if (strlen(names[i]) == size && strncmp(names[i], line, size) == 0)
                        return true;
        return false;
}

static int read_state(
        const Search *search, const char *id, const char *name, size_t max_size, char **ret)
{
        char path[sizeof(CTR_STATE_DIR) + sizeof("/containers//") + CTR_ID_MAX + 32];
        size_t size;

        (void) snprintf(path, sizeof(path), CTR_STATE_DIR "/containers/%s/%s", id, name);
        return search_read(search, SEARCH_NOWHERE, path, max_size, ret, &size, NULL);
}

/* Its main process is the one that ctr-exec wrote down, "PID STARTTIME ...", or it is being
 * started: then nothing is written yet. */
static bool is_running(const Search *search, const char *id)
{
        _cleanup_free_ char *text = NULL;
        uint64_t started = 0;
        char *rest;
        long pid;

        if (read_state(search, id, STATE_FILE_PID, PID_SIZE_MAX, &text) < 0)
                return true;
        pid = strtol(text, &rest, 10);
        return pid > 0 && pid < INT32_MAX && ctr_process_starttime((pid_t) pid, &started) >= 0 &&
               started == strtoull(rest, NULL, 10);
}

/* NULL: it does not run, or is not from a unit of the generator's. */
static char *read_unit(const Search *search, const char *id)
{
        char *text = NULL;

        if (!is_running(search, id) ||
                read_state(search, id, STATE_FILE_UNIT, FILE_SIZE_MAX, &text) < 0)
                return NULL;
        return text;
}

/* Cuts off the units beside its own, and makes extras of them. */
static int take_extras(char *kept, Unit *unit)
{
        static const char mark[] = "\n" STATE_UNIT_MARK;
        char *next = strstr(kept, mark);

        while (next) {
                UnitExtra *extras = reallocarray(unit->extras, unit->n_extras + 1, sizeof(*extras)),
                          *extra;
                char *name = next + strlen(mark), *text = name + strcspn(name, "\n");

                if (!extras)
                        return -ENOMEM;
                next[1] = '\0';
                if (*text)
                        *text++ = '\0';
                next = strstr(text, mark);
                unit->extras = extras;
                if (strchr(name, '/') || strlen(name) >= sizeof(extra->name))
                        continue;
                extra = &extras[unit->n_extras];
                *extra = (UnitExtra){ .size = next ? (size_t) (next + 1 - text) : strlen(text) };
                memcpy(extra->name, name, strlen(name));
                extra->text = strndup(text, extra->size);
                if (!extra->text)
                        return -ENOMEM;
                unit->n_extras++;
        }
        return 0;
}

/* "Requires=ctr-fwd@web-80.socket" */
static bool names_extra(const Unit *unit, const char *line)
{
        const char *name = strchr(line, '=') + 1;

        for (size_t i = 0; i < unit->n_extras; i++)
                if (strcmp(unit->extras[i].name, name) == 0)
                        return true;
        return false;
}

static void write_kept(char *text, const Unit *unit, FILE *f)
{
        bool is_service = false, is_unit = false, is_kept;
        char *rest = text;

        (void) fputs("\n# It runs. From the unit that it was started with:\n", f);
        for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
                if (line[0] == '[') {
                        is_service = strcmp(line, "[Service]") == 0;
                        is_unit = strcmp(line, "[Unit]") == 0;
                        if (is_service || is_unit)
                                (void) fprintf(f, "%s\n", line);
                        continue;
                }
                if (line[0] == '#' || !strchr(line, '='))
                        continue;
                is_kept = is_service
                                  ? !is_among(dropped_service_keys,
                                            ELEMENTSOF(dropped_service_keys), line)
                                  : is_unit && (is_among(unit_keys, ELEMENTSOF(unit_keys), line) ||
                                                       names_extra(unit, line));
                if (is_kept)
                        (void) fprintf(f, "%s\n", line);
        }
}

/* The stub's text, and then what is kept: of two settings the second counts. */
static int append(Unit *stub, char *kept)
{
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f;

        if (take_extras(kept, stub) < 0)
                return -ENOMEM;
        f = open_memstream(&text, &size);
        if (!f)
                return -ENOMEM;
        (void) fwrite(stub->text, 1, stub->size, f);
        write_kept(kept, stub, f);
        if (fclose(f) != 0)
                return -ENOMEM;
        free(stub->text);
        stub->text = TAKE_PTR(text);
        stub->size = size;
        return 0;
}

int running_keep(const Search *search, const char *id, Unit *stub)
{
        _cleanup_free_ char *kept = read_unit(search, id);

        return kept ? append(stub, kept) : 0;
}

int running_make_unit(const Search *search, const char *id, Unit *ret)
{
        _cleanup_free_ char *kept = read_unit(search, id);
        int n;

        *ret = (Unit){ 0 };
        if (!kept)
                return 0;
        (void) ctr_id_to_unit(id, ret->name);
        n = asprintf(&ret->text,
                "# Made by ctr-generator: this container runs, and its configuration is gone.\n"
                "[Unit]\n"
                "Description=Container %s (its configuration is gone)\n"
                "Documentation=man:ctr-generator(8)\n"
                "\n[Service]\n"
                "Type=oneshot\n"
                "SyslogIdentifier=%s\n"
                "ExecStart=" CTR_GENERATOR_PATH " --explain %s\n",
                id, id, id);
        if (n < 0) {
                ret->text = NULL;
                return -ENOMEM;
        }
        ret->size = (size_t) n;
        if (append(ret, kept) >= 0)
                return 1;
        unit_done(ret);
        return -ENOMEM;
}

int running_for_each(const Search *search, int (*f)(const char *id, void *userdata), void *userdata)
{
        int fd = search_open_path(
                    search, CTR_STATE_DIR "/containers", O_RDONLY | O_DIRECTORY, NULL),
            r = 0;
        DIR *d = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *de;

        if (!d) {
                closep(&fd);
                return 0;
        }
        while (r == 0 && (de = readdir(d)))
                if (ctr_id_check(de->d_name, NULL) >= 0)
                        r = f(de->d_name, userdata);
        (void) closedir(d);
        return r;
}
