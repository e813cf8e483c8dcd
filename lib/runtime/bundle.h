/* A bundle: a directory with config.json (OCI runtime specification, bundle.md). The text is read
 * once; what is parsed, hashed and kept in the state directory is that one text, whatever happens
 * to the file meanwhile. */
#pragma once

#include "base/digest.h"
#include "spec/spec.h"

typedef struct Bundle {
        char *path;        /* absolute */
        char *config_path; /* absolute */
        char *rootfs;      /* absolute */
        char *text;
        size_t size;
        char digest[CTR_DIGEST_LENGTH + 1];
        Spec *spec;
        /* Of a .container file only: */
        char *id;
        char *reload;              /* process object of ReloadCmd= */
        char *hosts, *resolv_conf; /* files for it; NULL: those of the root count */
} Bundle;

/* path NULL = working directory; config NULL = "config.json", relative to the bundle. The error's
 * message names the file, line, column and JSON path. */
int bundle_open(const char *path, const char *config, Bundle *ret, CtrError *err);

/* The same from a text instead of the file: config is what errors call it. */
int bundle_open_text(
        const char *path, const char *config, const char *text, Bundle *ret, CtrError *err);

/* The same from a configuration file alone: its directory is the bundle. */
int bundle_open_config(const char *config_path, Bundle *ret, CtrError *err);
void bundle_done(Bundle *bundle);

/* Puts file, position and JSON path into the message, where it lacks them. Returns r. */
int bundle_error(const char *config_path, int r, CtrError *err);
