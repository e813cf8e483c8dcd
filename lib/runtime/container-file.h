/* A .container file as a bundle: its keys become a config.json, at the start with what only this
 * host can tell. */
#pragma once

#include "runtime/bundle.h"
#include "unitfile/recipe.h"

/* Whether a path names such a file. */
bool container_file_is(const char *path);

typedef enum ContainerFileUse {
        CONTAINER_FILE_CHECK, /* the file alone: what the host must tell is left out */
        CONTAINER_FILE_PLAN,  /* with what the host tells */
        CONTAINER_FILE_START, /* and directories of volumes are made */
} ContainerFileUse;

/* Reads the file; in a directory of ctr-generator(8) with its additions and only when root alone
 * can change it. The bundle's digest is that of the keys, the same as in the unit. *err names file,
 * line and key. */
int container_file_open(const char *path, ContainerFileUse use, Bundle *ret, CtrError *err);

/* Fills in what the host must tell, for recipe_print(). */
int container_file_resolve(Recipe *recipe, CtrError *err);

/* Makes the directories of volumes in those that systemd has made. */
int container_file_make_directories(const Recipe *recipe, CtrError *err);

/* Whether systemd has given the unit every credential that Secret= names. */
int container_file_check_secrets(const Recipe *recipe, CtrError *err);
