/* A container of a few words, {RootFS, Volume, Env, Cmd, ...}, as a configuration: ctrunit's
 * defaults, over them the node's profile, over that what an image may decide (its meta data) and at
 * last the words themselves. The image has no say in anything else: an unknown name is an error. */
#pragma once

#include "base/json.h"

#define SIMPLE_PROFILES "/etc/ctrunit/profiles"

typedef struct SimpleConfig {
        const char *id;      /* "" = any */
        const char *rootfs;  /* absolute */
        const char *profile; /* SIMPLE_PROFILES/NAME.json; NULL = "default", which may be missing */
        const char *meta;    /* JSON text that came with the image; NULL = none */
        const char *user, *cwd, *hostname; /* NULL = of the image, or the default */
        bool is_read_only;                 /* the root file system */
        bool creates_volumes;              /* directories of volume that there are not are made */
        const JsonValue *volume;           /* object: source on the host -> place inside */
        const JsonValue *env;              /* object */
        const JsonValue *cmd;              /* array; NULL = of the image */
        const JsonValue *publish;          /* array: "[ADDRESS:]HOSTPORT:PORT[/udp]" */
} SimpleConfig;

/* own_rootfs: NULL, or the root file system that is there already, so that the words name none. */
int simple_config_read(
        const JsonValue *object, const char *own_rootfs, SimpleConfig *ret, CtrError *err);

/* The text of a config.json. */
int simple_config_make(
        const SimpleConfig *config, const char *id, char **ret, size_t *ret_size, CtrError *err);

/* A configuration with another root.path; all else stays, so that the parser judges it. */
int simple_config_replace_root(
        const char *config, const char *rootfs, char **ret, size_t *ret_size, CtrError *err);
