/* state.json: see state.h. */
#include "runtime/state.h"

#include "base/io.h"
#include "base/json-cursor.h"
#include "base/json.h"
#include "base/name.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define STATE_SIZE_MAX (16U * 1024 * 1024)

static const char *const origin_names[] = {
        [PLAN_TRANSIENT_RUN] = "run",
        [PLAN_TRANSIENT_CREATE] = "create",
        [PLAN_GENERATED] = "generated",
};

static const char *const mode_names[_PLAN_MODE_MAX] = {
        [PLAN_SERVICE] = "service",
        [PLAN_SCOPE] = "scope",
        [PLAN_CGROUPFS] = "cgroupfs",
        [PLAN_UNPLACED] = "disabled",
};

/* The members that are strings. */
static const struct {
        const char *key;
        size_t offset;
} strings[] = {
        { "id", offsetof(ContainerState, id) },
        { "ociVersion", offsetof(ContainerState, oci_version) },
        { "bundle", offsetof(ContainerState, bundle) },
        { "rootfs", offsetof(ContainerState, rootfs) },
        { "configPath", offsetof(ContainerState, config_path) },
        { "slice", offsetof(ContainerState, slice) },
        { "unit", offsetof(ContainerState, unit) },
        { "cgroup", offsetof(ContainerState, cgroup) },
};

static char **string_member(ContainerState *state, size_t i)
{
        return (char **) ((char *) state + strings[i].offset);
}

void key_values_done(SpecKeyValues *values)
{
        for (size_t i = 0; i < values->n; i++) {
                free(values->items[i].key);
                free(values->items[i].value);
        }
        free(values->items);
        *values = (SpecKeyValues){ 0 };
}

static int key_values_add(SpecKeyValues *values, const char *key, const char *value)
{
        SpecKeyValue *items = reallocarray(values->items, values->n + 1, sizeof(*items));

        if (!items)
                return -ENOMEM;
        values->items = items;
        items[values->n] = (SpecKeyValue){ .key = strdup(key), .value = strdup(value) };
        values->n++;
        return items[values->n - 1].key && items[values->n - 1].value ? 0 : -ENOMEM;
}

int key_values_copy(const SpecKeyValues *from, SpecKeyValues *ret)
{
        *ret = (SpecKeyValues){ 0 };
        for (size_t i = 0; i < from->n; i++)
                if (key_values_add(ret, from->items[i].key, from->items[i].value) < 0) {
                        key_values_done(ret);
                        return -ENOMEM;
                }
        return 0;
}

void state_done(ContainerState *state)
{
        free(state->memory);
        key_values_done(&state->annotations);
        *state = (ContainerState){ 0 };
}

int state_print(const ContainerState *state, char **ret, size_t *ret_size)
{
        char *text = NULL;
        FILE *f = open_memstream(&text, ret_size);
        bool is_failed;

        if (!f)
                return -ENOMEM;
        (void) fprintf(f, "{\n  \"version\": %d", STATE_VERSION);
        for (size_t i = 0; i < ELEMENTSOF(strings); i++) {
                const char *value = *string_member((ContainerState *) state, i);

                (void) fprintf(f, ",\n  \"%s\": ", strings[i].key);
                json_write_string(f, value ? value : "");
        }
        (void) fprintf(f,
                ",\n  \"digest\": \"%s\",\n  \"mode\": \"%s\",\n  \"origin\": \"%s\",\n  \"createdUsec\": "
                "%llu",
                state->digest, mode_names[state->mode], origin_names[state->origin],
                (unsigned long long) state->created_usec);
        if (state->has_plain_exec)
                (void) fputs(",\n  \"plainExec\": 1", f);
        (void) fputs(",\n  \"annotations\": {", f);
        for (size_t i = 0; i < state->annotations.n; i++) {
                (void) fputs(i > 0 ? ",\n    " : "\n    ", f);
                json_write_string(f, state->annotations.items[i].key);
                (void) fputs(": ", f);
                json_write_string(f, state->annotations.items[i].value);
        }
        (void) fputs("}\n}\n", f);
        is_failed = ferror(f) != 0;
        if (fclose(f) != 0 || is_failed) {
                free(text);
                return -ENOMEM;
        }
        *ret = text;
        return 0;
}

static int bad_state(CtrError *err, const char *what)
{
        return ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG, "%s: %s", STATE_FILE_STATE, what);
}

static int parse_annotations(JsonCursor *c, ContainerState *state, CtrError *err)
{
        char *key;

        json_cursor_enter(c);
        while (json_cursor_next(c, &key)) {
                const char *value = json_cursor_string(c);

                if (!value)
                        return bad_state(err, "annotation is not a string");
                if (key_values_add(&state->annotations, key, value) < 0)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading the state");
        }
        return 0;
}

/* Index of a word. */
static int parse_word(const char *const *words, size_t n, const char *word)
{
        for (size_t i = 0; word && i < n; i++)
                if (strcmp(words[i], word) == 0)
                        return (int) i;
        return -EINVAL;
}

/* The members that are no plain strings. */
enum {
        MEMBER_VERSION,
        MEMBER_DIGEST,
        MEMBER_MODE,
        MEMBER_ORIGIN,
        MEMBER_CREATED,
        MEMBER_ANNOTATIONS,
        MEMBER_PLAIN_EXEC, /* may be missing */
};

static const char *const other_members[] = {
        [MEMBER_VERSION] = "version",
        [MEMBER_DIGEST] = "digest",
        [MEMBER_MODE] = "mode",
        [MEMBER_ORIGIN] = "origin",
        [MEMBER_CREATED] = "createdUsec",
        [MEMBER_ANNOTATIONS] = "annotations",
        [MEMBER_PLAIN_EXEC] = "plainExec",
};

/* Its number among all of them, -1 for one that a later version of ours has added. */
static int find_member(const char *key)
{
        int i = parse_word(other_members, ELEMENTSOF(other_members), key);

        for (size_t k = 0; i < 0 && k < ELEMENTSOF(strings); k++)
                if (strcmp(strings[k].key, key) == 0)
                        i = (int) (ELEMENTSOF(other_members) + k);
        return i < 0 ? -1 : i;
}

static int check_version(JsonCursor *c, CtrError *err)
{
        uint64_t version = json_cursor_u64(c);

        if (c->is_damaged || version < 1)
                return bad_state(err, "unknown version");
        if (version > STATE_VERSION) {
                state_meets_newer();
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG,
                        "%s is of version %llu, written by a newer ctrunit (this one knows up to %d)",
                        STATE_FILE_STATE, (unsigned long long) version, STATE_VERSION);
        }
        return 0;
}

static int parse_digest(JsonCursor *c, ContainerState *state, CtrError *err)
{
        const char *text = json_cursor_string(c);

        if (!text || strlen(text) != CTR_DIGEST_LENGTH)
                return bad_state(err, "digest");
        memcpy(state->digest, text, CTR_DIGEST_LENGTH + 1);
        return 0;
}

/* The value of a member by its number. */
static int parse_value(JsonCursor *c, int member, ContainerState *state, CtrError *err)
{
        int word;

        switch (member) {
        case -1:
                json_cursor_skip(c);
                return 0;
        case MEMBER_VERSION:
                return check_version(c, err);
        case MEMBER_DIGEST:
                return parse_digest(c, state, err);
        case MEMBER_MODE:
                word = parse_word(mode_names, ELEMENTSOF(mode_names), json_cursor_string(c));
                state->mode = (PlanMode) word;
                return word < 0 ? bad_state(err, "mode") : 0;
        case MEMBER_ORIGIN:
                word = parse_word(origin_names, ELEMENTSOF(origin_names), json_cursor_string(c));
                state->origin = (PlanOrigin) word;
                return word < 0 ? bad_state(err, "origin") : 0;
        case MEMBER_CREATED:
                state->created_usec = json_cursor_u64(c);
                return c->is_damaged ? bad_state(err, "createdUsec") : 0;
        case MEMBER_ANNOTATIONS:
                return parse_annotations(c, state, err);
        case MEMBER_PLAIN_EXEC:
                state->has_plain_exec = json_cursor_u64(c) == 1;
                return c->is_damaged ? bad_state(err, "plainExec") : 0;
        default:
                member -= (int) ELEMENTSOF(other_members);
                *string_member(state, (size_t) member) = json_cursor_string(c);
                return c->is_damaged ? bad_state(err, strings[member].key) : 0;
        }
}

static int parse_members(JsonCursor *c, ContainerState *state, CtrError *err)
{
        unsigned seen = 0;
        char *key;
        int r;

        json_cursor_enter(c);
        while (json_cursor_next(c, &key)) {
                int member = find_member(key);
                unsigned bit = member < 0 ? 0 : 1U << member;

                if (seen & bit)
                        return bad_state(err, key);
                seen |= bit;
                r = parse_value(c, member, state, err);
                if (r < 0)
                        return r;
        }
        if (!json_cursor_is_whole(c))
                return bad_state(err, "is damaged");
        for (unsigned i = 0; i < ELEMENTSOF(other_members) + ELEMENTSOF(strings); i++)
                if (i != MEMBER_PLAIN_EXEC && !(seen & (1U << i)))
                        return bad_state(err, i < ELEMENTSOF(other_members)
                                                      ? other_members[i]
                                                      : strings[i - ELEMENTSOF(other_members)].key);
        return 0;
}

/* What later verbs make paths and unit names of. */
static int check_members(const ContainerState *state, CtrError *err)
{
        if (!ctr_id_is_valid(state->id))
                return bad_state(err, "id");
        if (state->bundle[0] != '/' || state->rootfs[0] != '/' || state->config_path[0] != '/')
                return bad_state(err, "a path is not absolute");
        return 0;
}

/* Takes the text. */
static int parse_text(char *text, size_t size, ContainerState *ret, CtrError *err)
{
        ContainerState state = { .memory = text };
        JsonCursor c = json_cursor(text);
        int r;

        r = strlen(text) == size ? parse_members(&c, &state, err) : bad_state(err, "is damaged");
        if (r >= 0)
                r = check_members(&state, err);
        if (r < 0) {
                state_done(&state);
                return r;
        }
        *ret = state;
        return 0;
}

int state_parse(const char *text, size_t size, ContainerState *ret, CtrError *err)
{
        char *copy = malloc(size + 1);

        if (!copy)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading the state");
        if (size > 0)
                memcpy(copy, text, size);
        copy[size] = '\0';
        return parse_text(copy, size, ret, err);
}

int state_write(int dir_fd, const ContainerState *state, CtrError *err)
{
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        r = state_print(state, &text, &size);
        if (r >= 0)
                r = ctr_write_file_atomic(dir_fd, STATE_FILE_STATE, text, size, 0600);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot write %s", STATE_FILE_STATE)
                     : 0;
}

/* The usual file in one read: it is never written in place, so a short read is its end. */
static ssize_t read_small(int dir_fd, const char *path, char *buf, size_t size)
{
        _cleanup_close_ int fd =
                openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);

        return fd < 0 ? -errno : read(fd, buf, size);
}

int state_read_at(int dir_fd, const char *path, ContainerState *ret, CtrError *err)
{
        char buf[4096], *text;
        ssize_t n = read_small(dir_fd, path, buf, sizeof(buf));
        size_t size;
        int r;

        if (n > 0 && n < (ssize_t) sizeof(buf))
                return state_parse(buf, (size_t) n, ret, err);
        r = ctr_read_file(dir_fd, path, STATE_SIZE_MAX, &text, &size, err);
        return r < 0 ? r : parse_text(text, size, ret, err);
}

int state_read(int dir_fd, ContainerState *ret, CtrError *err)
{
        return state_read_at(dir_fd, STATE_FILE_STATE, ret, err);
}
