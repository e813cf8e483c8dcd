/* The environment of a payload: its configuration's, and the few variables by which systemd tells a
 * service what it has been given. PID 1 wrote those for ctr-exec; the payload gets the pid that it
 * knows of itself, and the directory where it finds its credentials. */
#include "helper/environment.h"

#include <stdio.h>
#include <string.h>

#define ADDED_MAX   8
#define NUMBER_SIZE 24

typedef struct Added {
        const char *name[ADDED_MAX];
        const char *value[ADDED_MAX];
        size_t n;
} Added;

const char *environment_find(const Context *ctx, ProgramData list, const char *name)
{
        const char *found = NULL;
        size_t size = strlen(name);

        for (const char *s = NULL; (s = program_list_next(&ctx->program, list, s));)
                if (strncmp(s, name, size) == 0 && s[size] == '=')
                        found = s + size + 1;
        return found;
}

bool environment_has_home(const Context *ctx, ProgramData list)
{
        const char *home = environment_find(ctx, list, "HOME");

        return home && *home;
}

/* A variable that is set again further on. getenv(3) would find the first. */
static bool is_replaced(const Context *ctx, ProgramData list, const char *entry)
{
        const char *equals = strchr(entry, '=');
        size_t size = equals ? (size_t) (equals - entry) + 1 : strlen(entry) + 1;

        for (const char *s = entry; (s = program_list_next(&ctx->program, list, s));)
                if (s[0] == entry[0] && strncmp(s, entry, size) == 0)
                        return true;
        return false;
}

static void add(Added *added, const char *name, const char *value)
{
        added->name[added->n] = name;
        added->value[added->n++] = value;
}

static bool is_added(const Added *added, const char *entry)
{
        for (size_t i = 0; i < added->n; i++) {
                size_t size = strlen(added->name[i]);

                if (strncmp(entry, added->name[i], size) == 0 && entry[size] == '=')
                        return true;
        }
        return false;
}

static char *join(Context *ctx, const char *name, const char *value)
{
        size_t size = strlen(name) + strlen(value) + 2;
        char *text = arena_alloc(&ctx->arena, size);

        if (text)
                (void) snprintf(text, size, "%s=%s", name, value);
        return text;
}

char **environment_make(Context *ctx, ProgramData list)
{
        size_t n = program_list_count(&ctx->program, list), i = 0;
        char **env = arena_alloc(&ctx->arena, (n + ADDED_MAX + 1) * sizeof(char *));
        char pid[NUMBER_SIZE], n_listen[NUMBER_SIZE];
        Added added = { 0 };

        if (!env)
                return NULL;
        (void) snprintf(pid, sizeof(pid), "%d", (int) getpid());
        (void) snprintf(n_listen, sizeof(n_listen), "%u", ctx->n_listen_fds);
        if (!environment_has_home(ctx, list) && ctx->home)
                add(&added, "HOME", ctx->home);
        if (ctx->n_listen_fds > 0) {
                add(&added, "LISTEN_FDS", n_listen);
                add(&added, "LISTEN_PID", pid);
        }
        if (ctx->n_listen_fds > 0 && ctx->listen_names)
                add(&added, "LISTEN_FDNAMES", ctx->listen_names);
        if (ctx->wants_watchdog && ctx->watchdog_usec) {
                add(&added, "WATCHDOG_USEC", ctx->watchdog_usec);
                add(&added, "WATCHDOG_PID", pid);
        }
        if (ctx->credentials_path)
                add(&added, "CREDENTIALS_DIRECTORY", ctx->credentials_path);
        for (const char *s = NULL; (s = program_list_next(&ctx->program, list, s));)
                if (!is_added(&added, s) && !is_replaced(ctx, list, s))
                        env[i++] = (char *) (uintptr_t) s;
        for (size_t k = 0; k < added.n; k++) {
                env[i] = join(ctx, added.name[k], added.value[k]);
                if (!env[i++])
                        return NULL;
        }
        env[i] = NULL;
        return env;
}
