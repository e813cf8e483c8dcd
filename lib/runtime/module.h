/* The container module: containers that are made of less than a bundle. A few words and a
 * directory, a configuration and a directory, an archive. Their bundles are ctrunit's own
 * (bundle-store.h) and go with them. Whatever fails, nothing is left: no unit, no state, no bundle.
 */
#pragma once

#include "base/json.h"
#include "base/name.h"
#include "runtime/runtime.h"

/* The id that is wanted, or with "" one of its own. */
int runtime_choose_id(const char *wanted, char id[static CTR_ID_MAX + 1], CtrError *err);

/* CTR_ERROR_ID_IN_USE before anything is done for one; what counts is the claim of the unit's name
 * later. */
int runtime_check_free(const Runtime *rt, const char *id, CtrError *err);

/* runtime_create() with this text of a config.json, in a bundle of ours that is made for it, or
 * (has_bundle) in the one that there is. rootfs: NULL, or what root.path becomes. options->bundle
 * is set here. */
int runtime_create_stored(const Runtime *rt, const RuntimeCreate *options, const char *text,
        const char *rootfs, bool has_bundle, CtrError *err);

/* Of the words {ID, RootFS, Volume, Env, Cmd, Profile, ...} of simple-config.h, an object: created,
 * or created and started. id gets the container's. Errors: CONFIG_INVALID, ID_IN_USE, and those of
 * runtime_create() and runtime_start(). */
int runtime_module_create(
        const Runtime *rt, const JsonValue *words, char id[static CTR_ID_MAX + 1], CtrError *err);
int runtime_module_run(
        const Runtime *rt, const JsonValue *words, char id[static CTR_ID_MAX + 1], CtrError *err);

typedef struct RuntimeImport {
        int archive_fd; /* a tar archive, compressed or not: a file or a pipe */
        int abort_fd;   /* once it is readable, the import is given up (-ECANCELED); < 0 = none */
        const char *config; /* text of a config.json for an archive that is the root file system;
                               NULL = of the words, the node's profile, and meta.json */
        bool is_plain; /* without a config: the archive is the root file system all the same; else
                          that is below rootfs/, and beside it may be meta.json */
        const JsonValue *words; /* as above without RootFS; NULL = none */
        void (*progress)(void *userdata, uint64_t done, uint64_t total); /* NULL = not told */
        void *userdata;
} RuntimeImport;

/* A container from an archive. It is unpacked by a unit that can reach nothing but ctrunit's own
 * bundles; then the container is created. */
int runtime_import(const Runtime *rt, const RuntimeImport *import, char id[static CTR_ID_MAX + 1],
        CtrError *err);

/* Its second half, for who unpacked by himself: the bundle of options->id has its root file system.
 * meta: text of meta.json, NULL = none. */
int runtime_import_create(const Runtime *rt, const RuntimeImport *import,
        const RuntimeCreate *options, const char *meta, CtrError *err);

/* What that unit runs, `ctrctl unpack`: standard input is the archive, standard output the pipe to
 * who wants it. */
int runtime_unpack_unit(const char *id, bool is_plain, CtrError *err);
