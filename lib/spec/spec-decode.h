/* The table-driven reader: a JSON object is described by one row per property, and a row says how
 * its value is read and where it goes in the struct. Private to lib/spec.
 *
 * A new property of the specification is one row in the table of its object. What no single row can
 * check (relations between properties) goes into the check function of the object. null is a wrong
 * type everywhere but for annotations: engines leave a property out when they have nothing to say.
 */
#pragma once

#include "base/json.h"
#include "spec/spec-arena.h"
#include "spec/spec.h"

typedef struct Decoder {
        const JsonDocument *doc;
        SpecArena *arena;
        SpecStrv *warnings;
        size_t n_warnings_dropped;
        bool refuses_unknown; /* unknown names are errors, not warnings */
        CtrError *err;
        JsonStep steps[JSON_DEPTH_MAX + 2]; /* the path to the value being read */
        size_t n_steps;
} Decoder;

typedef struct SpecField SpecField;

/* Reads a value into target. Fails through decoder_fail(), so *err has path and place. */
typedef int (*SpecDecode)(Decoder *d, const JsonValue *value, void *target, const SpecField *field);

enum {
        FIELD_REQUIRED = 1 << 0,
};

struct SpecField {
        const char *name;
        SpecDecode decode;
        size_t offset; /* of the target in the struct of the object's type */
        unsigned flags;
        const void *arg; /* what the decode function says below */
};

typedef struct SpecType {
        const SpecField *fields;
        size_t n_fields;
        size_t size; /* of the struct, for arrays */
        int (*check)(Decoder *d, void *object);
        bool is_strict; /* a near miss of any of its names is an error: the object decides about
                           security */
} SpecType;

/* ---- path, errors, memory ---- */
void decoder_enter(Decoder *d, const char *key);
void decoder_enter_item(Decoder *d, size_t index);
void decoder_leave(Decoder *d);

/* The message at the current path, at a member of it or at an item of it. Return -EINVAL. */
int decoder_fail(Decoder *d, const char *fmt, ...) _printf_(2, 3);
int decoder_fail_at(Decoder *d, const char *key, const char *fmt, ...) _printf_(3, 4);
int decoder_fail_item(Decoder *d, size_t index, const char *fmt, ...) _printf_(3, 4);
/* The same for what is valid but not for us: CTR_ERROR_UNSUPPORTED. */
int decoder_unsupported(Decoder *d, const char *fmt, ...) _printf_(2, 3);
int decoder_fail_type(Decoder *d, const char *expected, const JsonValue *found);
/* One line for Spec.warnings with the current path. -ENOMEM. */
int decoder_warn(Decoder *d, const char *fmt, ...) _printf_(2, 3);
int decoder_oom(Decoder *d);

/* ---- objects and arrays ---- */

/* What is ignored, but only when it is of its type. */
typedef struct SpecIgnored {
        const char *why;
        SpecDecode decode; /* NULL = any object */
        const void *decode_arg;
} SpecIgnored;

/* An object by a table. Unknown names become a warning, near misses of security settings an error.
 */
int decoder_read_object(Decoder *d, const JsonValue *value, void *object, const SpecType *type);

/* Calls f for every item of an array; the path names the item. */
int decoder_read_items(Decoder *d, const JsonValue *value, SpecDecode f, void *items,
        size_t item_size, const SpecField *field);

/* arg: const SpecType *. Target: the struct, or for a table whose offsets start at the outer
 * struct, that. */
int decode_object(Decoder *d, const JsonValue *value, void *target, const SpecField *field);
/* An array of objects. arg: const SpecType *. Target: pointer to items followed by a size_t count.
 */
int decode_objects(Decoder *d, const JsonValue *value, void *target, const SpecField *field);
/* A known property without meaning here. arg: const SpecIgnored *. No target. */
int decode_ignored(Decoder *d, const JsonValue *value, void *target, const SpecField *field);
/* A known property that must not be ignored. arg: const char *, why. No target. */
int decode_unsupported(Decoder *d, const JsonValue *value, void *target, const SpecField *field);

/* ---- scalars (spec-scalar.c) ---- */
typedef struct SpecText {
        bool is_absolute_path;
        bool is_nonempty; /* else "" reads as absent (a kept "" in arrays) */
        size_t size_max;  /* bytes, 0 = any */
        int (*check)(Decoder *d, const char *text);
} SpecText;

/* arg: const SpecText * or NULL. Target: char *. */
int decode_string(Decoder *d, const JsonValue *value, void *target, const SpecField *field);
/* An array of strings. arg: const SpecText * or NULL, for each. Target: SpecStrv. */
int decode_strings(Decoder *d, const JsonValue *value, void *target, const SpecField *field);

typedef struct SpecMap {
        int (*check_key)(Decoder *d, const char *key);
        int (*check_value)(Decoder *d, const char *value);
} SpecMap;

/* An object of strings. arg: const SpecMap * or NULL. Target: SpecKeyValues. */
int decode_map(Decoder *d, const JsonValue *value, void *target, const SpecField *field);

/* Target: bool, OptBool. */
int decode_bool(Decoder *d, const JsonValue *value, void *target, const SpecField *field);
int decode_opt_bool(Decoder *d, const JsonValue *value, void *target, const SpecField *field);

typedef enum SpecNumberKind {
        NUMBER_I32,
        NUMBER_U32,
        NUMBER_I64,
        NUMBER_U64,
        NUMBER_OPT_I32,
        NUMBER_OPT_U32,
        NUMBER_OPT_I64,
        NUMBER_OPT_U64,
} SpecNumberKind;

typedef struct SpecNumber {
        SpecNumberKind kind;
        int64_t min;
        uint64_t max;
        bool is_zero_unset; /* Go structs cannot tell 0 from absent: both are absent */
} SpecNumber;

/* An integer in a range. arg: const SpecNumber *. Target: by kind. */
int decode_number(Decoder *d, const JsonValue *value, void *target, const SpecField *field);

extern const SpecNumber spec_number_id; /* uint32_t: a uid or gid, 2^32-1 is "none" in the kernel */
extern const SpecNumber spec_number_opt_id; /* OptU32 */
extern const SpecNumber spec_number_u32, spec_number_u64;
extern const SpecNumber spec_number_opt_u32, spec_number_opt_u64;
extern const SpecText spec_text_nonempty, spec_text_path;

typedef struct SpecWord {
        const char *name;
        int value;
} SpecWord;

typedef struct SpecWords {
        const SpecWord *words;
        size_t n;
        const char *what; /* "namespace type" */
} SpecWords;

#define SPEC_WORDS(array, subject) ((const SpecWords){ array, ELEMENTSOF(array), subject })

/* The value of a word of a table; fails naming what is known. */
int decoder_read_word(Decoder *d, const char *text, const SpecWords *words, int *ret);
/* arg: const SpecWords *. Target: int or enum. */
int decode_word(Decoder *d, const JsonValue *value, void *target, const SpecField *field);
/* An array of words that are bits. arg: const SpecWords *. Target: uint64_t, uint32_t. */
int decode_flags64(Decoder *d, const JsonValue *value, void *target, const SpecField *field);
int decode_flags32(Decoder *d, const JsonValue *value, void *target, const SpecField *field);

/* A string of one letter. arg: const char *, the letters. Target: char. */
int decode_letter(Decoder *d, const JsonValue *value, void *target, const SpecField *field);

/* "0-3,7" of cpuset(7), for SpecText.check. */
int spec_check_cpu_list(Decoder *d, const char *text);
/* "NAME=VALUE", for SpecText.check. */
int spec_check_env(Decoder *d, const char *text);

/* A hook whose row read its timeout in seconds: the timeout's unit, and the path as args. */
int spec_check_hook(Decoder *d, void *object);

/* ---- names (spec-names.c) ---- */

/* Edit distance without regard to case, a swap of neighbours counts one; above `max` any larger
 * number. */
unsigned spec_name_distance(const char *a, const char *b, unsigned max);
/* The security setting that a name looks like, as its whole path; NULL = none. */
const char *spec_name_find_security(const char *name, const SpecType *type);
/* The nearest name of a type. */
const char *spec_name_find_nearest(const char *name, const SpecType *type);

/* ---- types that are used across files ---- */
extern const SpecType spec_type_process, spec_type_linux, spec_type_resources, spec_type_hooks,
        spec_type_mount, spec_type_seccomp, spec_type_capabilities, spec_type_user,
        spec_type_device_rule, spec_type_block_io, spec_type_scheduler, spec_type_memory_policy,
        spec_type_intel_rdt;

/* Id mappings with the kernel's rules (user_namespaces(7)). Target: SpecIdMappings. */
int decode_id_mappings(Decoder *d, const JsonValue *value, void *target, const SpecField *field);

/* linux.netDevices. Target: SpecNetDevices. */
int decode_net_devices(Decoder *d, const JsonValue *value, void *target, const SpecField *field);

/* linux.devices. Target: pointer to SpecDevice followed by the count. */
int decode_devices(Decoder *d, const JsonValue *value, void *target, const SpecField *field);

/* spec-engine.c: annotations of other runtimes into the members that they stand for. */
int spec_read_engine_annotations(Decoder *d, Spec *spec);

/* Relations between the parts of a whole config.json. */
int spec_check_document(Decoder *d, Spec *spec);
