/* Kinds of values that keys of a .container file take, as systemd.exec(5), systemd.time(7) and
 * systemd.resource-control(5) spell them. systemd ignores a value it cannot read with one line in
 * the journal; a container must not start without the limit its file asks for, so they are checked
 * here first. */
#pragma once

#include "base/error.h"
#include "base/name.h"

typedef enum ValueKind {
        VALUE_TEXT,        /* anything */
        VALUE_BOOLEAN,     /* yes, no, true, false, on, off, 1, 0 */
        VALUE_TIME,        /* "90", "1min 30s", "infinity" */
        VALUE_BYTES,       /* "512M", "1.5G", "20%", "infinity" */
        VALUE_COUNT,       /* "100", "10%", "infinity" */
        VALUE_NUMBER,      /* "5" */
        VALUE_WEIGHT,      /* 1 to 10000, or "idle" */
        VALUE_PERCENT,     /* "150%" */
        VALUE_UNITS,       /* unit names; NAME.container stands for ctr@NAME.service */
        VALUE_SLICE,       /* a slice's name */
        VALUE_SIGNAL,      /* "SIGTERM", "TERM", "15", "RTMIN+3" */
        VALUE_WORD,        /* one of a list */
        VALUE_MODE,        /* "0750" */
        VALUE_STREAM,      /* "journal", "null", "append:/var/log/web", ... */
        VALUE_DIRECTORIES, /* "web web/cache:link", below /var/lib and the like */
        VALUE_DEVICE,      /* "/dev/tty5" */
        _VALUE_KIND_MAX,
        _VALUE_KIND_INVALID = -EINVAL,
} ValueKind;

/* Whether a value is of this kind. words: for VALUE_WORD, blank-separated. A value is never empty.
 */
bool value_is_valid(ValueKind kind, const char *words, const char *value);

/* Whether a key of this kind must not be reset by an empty value: ctrunit itself has an entry in
 * the same list. */
bool value_is_never_empty(ValueKind kind);

/* "yes, no, true, ..." for error messages; words as above. */
const char *value_kind_help(ValueKind kind, const char *words);

/* A name that systemd takes for a unit, with a known suffix: systemd.unit(5). */
bool unit_name_is_valid(const char *name);

/* "web.container" -> id "web": another container by the name of its file. false when it is not. */
bool container_reference(const char *name, char id[static CTR_UNIT_NAME_MAX]);
