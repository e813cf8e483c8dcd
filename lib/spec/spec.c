/* config.json whole: the top-level table, the entry points and the lookups. */
#include "spec/spec.h"

#include "spec/spec-decode.h"

#include <ctype.h>
#include <string.h>

enum { OCI_MAJOR = 1, OCI_MINOR_MAX = 3 };

/* The Spec is the first member: users see it alone. */
typedef struct SpecHolder {
        Spec spec;
        SpecArena arena;
} SpecHolder;

/* A decimal number without leading zeros; *p is behind it afterwards. */
static bool read_version_number(const char **p, unsigned *ret)
{
        const char *start = *p;

        for (*ret = 0; isdigit((unsigned char) **p) && *p - start < 6; (*p)++)
                *ret = *ret * 10 + (unsigned) (**p - '0');
        return *p > start && (*start != '0' || *p == start + 1);
}

/* "-alpha.1" or "+build.5": dot-separated parts that are not empty. */
static bool skip_version_suffix(const char **p, char lead)
{
        const char *part;

        if (**p != lead)
                return true;
        do {
                part = ++*p;
                while (isalnum((unsigned char) **p) || **p == '-')
                        (*p)++;
                if (*p == part)
                        return false;
        } while (**p == '.');
        return true;
}

/* SemVer 2.0.0, as the specification asks. A newer minor version may hold restrictions we do not
 * know. */
static int check_version(Decoder *d, const char *text)
{
        unsigned number[3];
        const char *p = text;

        for (size_t i = 0; i < ELEMENTSOF(number); i++)
                if ((i > 0 && *p++ != '.') || !read_version_number(&p, &number[i]))
                        return decoder_fail(
                                d, "\"%.64s\" is not a version like 1.0.2 or 1.2.0-dev", text);
        if (!skip_version_suffix(&p, '-') || !skip_version_suffix(&p, '+') || *p != '\0')
                return decoder_fail(d, "\"%.64s\" is not a version like 1.0.2 or 1.2.0-dev", text);
        if (number[0] != OCI_MAJOR || number[1] > OCI_MINOR_MAX)
                return decoder_fail(d,
                        "version \"%.64s\" is not supported: must be from 1.0.0 to 1.%d", text,
                        OCI_MINOR_MAX);
        return 0;
}

static const SpecField root_fields[] = {
        { "path", decode_string, offsetof(SpecRoot, path), FIELD_REQUIRED, &spec_text_nonempty },
        { "readonly", decode_bool, offsetof(SpecRoot, is_readonly), 0, NULL },
};
static const SpecType type_root = {
        .fields = root_fields, .n_fields = ELEMENTSOF(root_fields), .is_strict = true
};

static int check_annotation_key(Decoder *d, const char *key)
{
        return *key ? 0 : decoder_fail(d, "an annotation needs a name");
}

static const SpecMap map_annotations = { .check_key = check_annotation_key };
static const SpecField annotations = { .arg = &map_annotations };

/* The one property for which schemas of version 1.0 allow null. */
static int decode_annotations(
        Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        if (json_value_type(value) == JSON_TYPE_NULL)
                return 0;
        return decode_map(d, value, target, &annotations);
}

static const SpecText text_version = { .is_nonempty = true, .check = check_version };
static const SpecText text_host_name = { .size_max = 64 }; /* __NEW_UTS_LEN of uname(2) */
static const SpecIgnored other_platform = { .why = "a section for another platform" };
static const char not_linux[] = "this container is not one for Linux";

static const SpecField top_fields[] = {
        { "ociVersion", decode_string, offsetof(Spec, oci_version), FIELD_REQUIRED, &text_version },
        { "root", decode_object, offsetof(Spec, root), FIELD_REQUIRED, &type_root },
        { "mounts", decode_objects, offsetof(Spec, mounts), 0, &spec_type_mount },
        { "process", decode_object, offsetof(Spec, process), 0, &spec_type_process },
        { "hostname", decode_string, offsetof(Spec, hostname), 0, &text_host_name },
        { "domainname", decode_string, offsetof(Spec, domainname), 0, &text_host_name },
        { "hooks", decode_object, 0, 0, &spec_type_hooks },
        { "annotations", decode_annotations, offsetof(Spec, annotations), 0, NULL },
        { "linux", decode_object, offsetof(Spec, linux_), 0, &spec_type_linux },
        { "windows", decode_unsupported, 0, 0, not_linux },
        { "vm", decode_unsupported, 0, 0, "virtual machines" },
        { "solaris", decode_ignored, 0, 0, &other_platform },
        { "freebsd", decode_ignored, 0, 0, &other_platform },
        { "zos", decode_ignored, 0, 0, &other_platform },
};

static int check_top(Decoder *d, void *object)
{
        return spec_check_document(d, object);
}

static const SpecType type_top = {
        .fields = top_fields, .n_fields = ELEMENTSOF(top_fields), .check = check_top
};

/* Tells that not all warnings are there. */
static int finish_warnings(Decoder *d, SpecStrv *warnings)
{
        char line[96];

        if (d->n_warnings_dropped == 0)
                return 0;
        (void) snprintf(line, sizeof(line), "%zu more unknown properties are ignored",
                d->n_warnings_dropped + 1);
        warnings->items[warnings->n - 1] = spec_arena_strdup(d->arena, line);
        return warnings->items[warnings->n - 1] ? 0 : decoder_oom(d);
}

/* Reads a document of this type into the Spec at this offset. */
static int parse(const char *text, size_t size, const SpecType *type, size_t offset,
        bool refuses_unknown, Spec **ret, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        _cleanup_(spec_freep) Spec *spec = NULL;
        SpecHolder *holder;
        Decoder d;
        int r;

        r = json_document_parse(text, size, &doc, err);
        if (r < 0)
                return r;
        holder = calloc(1, sizeof(*holder));
        if (!holder)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, ENOMEM, "cannot read the configuration");
        spec = &holder->spec;
        d = (Decoder){
                .doc = doc,
                .arena = &holder->arena,
                .warnings = &spec->warnings,
                .refuses_unknown = refuses_unknown,
                .err = err,
        };
        r = decoder_read_object(&d, json_document_root(doc), (char *) spec + offset, type);
        if (r < 0)
                return r;
        r = finish_warnings(&d, &spec->warnings);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(spec);
        return 0;
}

int spec_parse(const char *text, size_t size, Spec **ret, CtrError *err)
{
        return parse(text, size, &type_top, 0, false, ret, err);
}

int spec_parse_strict(const char *text, size_t size, Spec **ret, CtrError *err)
{
        return parse(text, size, &type_top, 0, true, ret, err);
}

int spec_parse_process(const char *text, size_t size, Spec **ret, CtrError *err)
{
        return parse(text, size, &spec_type_process, offsetof(Spec, process), false, ret, err);
}

int spec_parse_resources(const char *text, size_t size, Spec **ret, CtrError *err)
{
        return parse(text, size, &spec_type_resources, offsetof(Spec, linux_.resources), false, ret,
                err);
}

int spec_parse_resources_strict(const char *text, size_t size, Spec **ret, CtrError *err)
{
        return parse(
                text, size, &spec_type_resources, offsetof(Spec, linux_.resources), true, ret, err);
}

Spec *spec_free(Spec *spec)
{
        SpecHolder *holder = (SpecHolder *) spec;

        if (holder) {
                spec_arena_done(&holder->arena);
                free(holder);
        }
        return NULL;
}

const SpecNamespace *spec_find_namespace(const Spec *spec, SpecNamespaceType type)
{
        for (size_t i = 0; i < spec->linux_.n_namespaces; i++)
                if (spec->linux_.namespaces[i].type == type)
                        return &spec->linux_.namespaces[i];
        return NULL;
}

const char *spec_find_annotation(const Spec *spec, const char *key)
{
        for (size_t i = 0; i < spec->annotations.n; i++)
                if (strcmp(spec->annotations.items[i].key, key) == 0)
                        return spec->annotations.items[i].value;
        return NULL;
}

int spec_set_annotation(Spec *spec, const char *key, const char *value)
{
        SpecArena *arena = &((SpecHolder *) spec)->arena;
        SpecKeyValues *all = &spec->annotations;
        char *copy = spec_arena_strdup(arena, value);
        SpecKeyValue *items;

        if (!copy)
                return -ENOMEM;
        for (size_t i = 0; i < all->n; i++)
                if (strcmp(all->items[i].key, key) == 0) {
                        all->items[i].value = copy;
                        return 0;
                }
        items = spec_arena_alloc(arena, all->n + 1, sizeof(*items));
        if (!items)
                return -ENOMEM;
        if (all->n > 0)
                memcpy(items, all->items, all->n * sizeof(*items));
        items[all->n] = (SpecKeyValue){ .key = spec_arena_strdup(arena, key), .value = copy };
        if (!items[all->n].key)
                return -ENOMEM;
        all->items = items;
        all->n++;
        return 0;
}
