/* Options of a checkpoint as a JSON object: libcontainer's CriuOpts, or the same in the words of
 * the D-Bus API ("leave_running"). */
#pragma once

#include "base/json.h"
#include "runtime/runtime.h"

typedef struct CriuOptions {
        RuntimeCriu criu;
        const char *bundle, *config; /* restore: where it is made from, NULL = not said */
        char *page_server;
} CriuOptions;

/* images: NULL = the options say it. Strings are the object's, which may be NULL: none. An unknown
 * or mistyped member is an error, and so is a relative path. */
int criu_options_parse(
        const JsonValue *object, const char *images, CriuOptions *ret, CtrError *err);
void criu_options_done(CriuOptions *options);

/* runtime_restore() of one that goes on by itself. Without a bundle it is that of the container of
 * this id that ended by a checkpoint. */
int criu_options_restore(
        const Runtime *rt, const char *id, const CriuOptions *options, CtrError *err);
