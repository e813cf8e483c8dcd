/* state.json: see state.h. */
#include "runtime/state.h"

#include "base/io.h"
#include "base/json.h"
#include "base/name.h"

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
        for (size_t i = 0; i < ELEMENTSOF(strings); i++)
                free(*string_member(state, i));
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

static int parse_annotations(const JsonValue *object, ContainerState *state, CtrError *err)
{
        JsonIterator it = { .object = object };
        const JsonValue *value;
        const char *key;

        while (json_iterator_next(&it, &key, &value)) {
                const char *text = json_value_string(value);

                if (!text)
                        return bad_state(err, "annotation is not a string");
                if (key_values_add(&state->annotations, key, text) < 0)
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

static int parse_words(const JsonValue *root, ContainerState *state, CtrError *err)
{
        int origin, mode;

        origin = parse_word(
                origin_names, ELEMENTSOF(origin_names), json_member_string(root, "origin"));
        if (origin < 0)
                return bad_state(err, "origin");
        mode = parse_word(mode_names, ELEMENTSOF(mode_names), json_member_string(root, "mode"));
        if (mode < 0)
                return bad_state(err, "mode");
        state->origin = (PlanOrigin) origin;
        state->mode = (PlanMode) mode;
        return 0;
}

static int parse_members(const JsonValue *root, ContainerState *state, CtrError *err)
{
        const JsonValue *annotations;
        const char *text;
        uint64_t version;

        if (json_member_u64(root, "version", &version) < 0 || version < 1)
                return bad_state(err, "unknown version");
        if (version > STATE_VERSION)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, EBADMSG,
                        "%s is of version %llu, written by a newer ctrunit (this one knows up to %d)",
                        STATE_FILE_STATE, (unsigned long long) version, STATE_VERSION);
        for (size_t i = 0; i < ELEMENTSOF(strings); i++) {
                text = json_member_string(root, strings[i].key);
                if (!text)
                        return bad_state(err, strings[i].key);
                *string_member(state, i) = strdup(text);
                if (!*string_member(state, i))
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading the state");
        }
        text = json_member_string(root, "digest");
        if (!text || strlen(text) != CTR_DIGEST_LENGTH)
                return bad_state(err, "digest");
        memcpy(state->digest, text, CTR_DIGEST_LENGTH + 1);
        if (parse_words(root, state, err) < 0)
                return -EBADMSG;
        if (json_member_u64(root, "createdUsec", &state->created_usec) < 0)
                return bad_state(err, "createdUsec");
        if (!json_value_member(root, "annotations", &annotations))
                return bad_state(err, "annotations");
        return parse_annotations(annotations, state, err);
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

int state_parse(const char *text, size_t size, ContainerState *ret, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        ContainerState state = { 0 };
        int r;

        r = json_document_parse(text, size, &doc, err);
        if (r < 0)
                return bad_state(err, "is damaged");
        r = parse_members(json_document_root(doc), &state, err);
        if (r >= 0)
                r = check_members(&state, err);
        if (r < 0) {
                state_done(&state);
                return r;
        }
        *ret = state;
        return 0;
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

int state_read(int dir_fd, ContainerState *ret, CtrError *err)
{
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        r = ctr_read_file(dir_fd, STATE_FILE_STATE, STATE_SIZE_MAX, &text, &size, err);
        return r < 0 ? r : state_parse(text, size, ret, err);
}
