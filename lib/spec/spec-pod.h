/* What the tables of pod configurations share. Private to lib/spec. */
#pragma once

#include "spec/pod.h"
#include "spec/spec-decode.h"

extern const SpecType pod_type_container, pod_type_command;

/* Reads what the arg says, or nothing where the value is null: Go writes that for an empty list. */
typedef struct PodNullable {
        SpecDecode decode;
        const void *arg;
} PodNullable;

/* arg: const PodNullable *. Target: as its function has it. */
int decode_nullable(Decoder *d, const JsonValue *value, void *target, const SpecField *field);

/* An absolute path without "." and ".." parts, for SpecText.check. */
int pod_check_path(Decoder *d, const char *text);
