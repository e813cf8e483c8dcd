/* Changing the configuration of a pod: see pod-edit.h. */
#include "runtime/pod-edit.h"

#include "base/json.h"

#include <string.h>

static int write_value(FILE *f, const JsonValue *value)
{
        _cleanup_free_ char *text = json_value_text(value);

        if (!text)
                return -ENOMEM;
        (void) fputs(text, f);
        return 0;
}

static int write_containers(FILE *f, const JsonValue *containers, const PodEdit *edit)
{
        bool is_first = true;
        int r = 0;

        (void) fputs("[", f);
        for (size_t i = 0; i < json_value_length(containers) && r >= 0; i++) {
                const JsonValue *container = json_value_item(containers, i);
                const char *name = json_member_string(container, "ID");

                if (edit->removed && name && strcmp(name, edit->removed) == 0)
                        continue;
                (void) fputs(is_first ? "\n    " : ",\n    ", f);
                is_first = false;
                r = write_value(f, container);
        }
        if (edit->added_container)
                (void) fprintf(f, "%s%s", is_first ? "\n    " : ",\n    ", edit->added_container);
        (void) fputs("\n  ]", f);
        return r;
}

static void write_annotations(FILE *f, const SpecKeyValues *annotations)
{
        (void) fputs("{", f);
        for (size_t i = 0; i < annotations->n; i++) {
                (void) fputs(i > 0 ? ",\n    " : "\n    ", f);
                json_write_string(f, annotations->items[i].key);
                (void) fputs(": ", f);
                json_write_string(f, annotations->items[i].value);
        }
        (void) fputs("\n  }", f);
}

/* One of the members that can change. */
typedef struct Changes {
        const char *key;
        bool is_changed;
} Changes;

enum { CHANGE_ID, CHANGE_CONTAINERS, CHANGE_ANNOTATIONS, N_CHANGES };

static int write_changed(FILE *f, size_t which, const JsonValue *old, const PodEdit *edit)
{
        switch (which) {
        case CHANGE_ID:
                json_write_string(f, edit->id);
                return 0;
        case CHANGE_CONTAINERS:
                return write_containers(f, old, edit);
        default:
                write_annotations(f, edit->annotations);
                return 0;
        }
}

static int write_config(FILE *f, const JsonValue *root, const PodEdit *edit)
{
        const Changes changes[N_CHANGES] = {
                [CHANGE_ID] = { "ID", edit->id },
                [CHANGE_CONTAINERS] = { "Containers", edit->added_container || edit->removed },
                [CHANGE_ANNOTATIONS] = { "Annotations", edit->annotations },
        };
        JsonIterator it = { .object = root };
        const JsonValue *value;
        bool is_first = true;
        const char *key;
        int r = 0;

        (void) fputs("{", f);
        for (size_t i = 0; i < N_CHANGES && r >= 0; i++) {
                if (!changes[i].is_changed)
                        continue;
                if (!json_value_member(root, changes[i].key, &value))
                        value = NULL;
                (void) fprintf(f, "%s\n  \"%s\": ", is_first ? "" : ",", changes[i].key);
                is_first = false;
                r = write_changed(f, i, value, edit);
        }
        while (r >= 0 && json_iterator_next(&it, &key, &value)) {
                bool is_changed = false;

                for (size_t i = 0; i < N_CHANGES; i++)
                        is_changed |= changes[i].is_changed && strcmp(changes[i].key, key) == 0;
                if (is_changed)
                        continue;
                (void) fputs(is_first ? "\n  " : ",\n  ", f);
                is_first = false;
                json_write_string(f, key);
                (void) fputs(": ", f);
                r = write_value(f, value);
        }
        (void) fputs("\n}\n", f);
        return r;
}

int pod_config_edit(const char *text, size_t size, const PodEdit *edit, char **ret,
        size_t *ret_size, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        _cleanup_free_ char *out = NULL;
        bool is_failed;
        FILE *f;
        int r;

        r = json_document_parse(text, size, &doc, err);
        if (r < 0)
                return r;
        f = open_memstream(&out, ret_size);
        if (!f)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "changing a configuration");
        r = write_config(f, json_document_root(doc), edit);
        is_failed = ferror(f) != 0;
        if (fclose(f) != 0 || is_failed)
                r = -ENOMEM;
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, r, "changing a configuration");
        *ret = TAKE_PTR(out);
        return 0;
}
