/* Mount options of config.json (config.md and mount(8)) sorted into what the mount system calls
 * take: attributes of the mount, of the tree, propagation, and options of the file system. */
#pragma once

#include "spec/spec.h"

typedef struct MountOptions {
        uint64_t attr_set, attr_clear; /* MOUNT_ATTR_*, this mount */
        uint64_t tree_set, tree_clear; /* MOUNT_ATTR_*, with everything mounted below */
        uint64_t propagation;          /* MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE or 0 */
        bool is_propagation_recursive;
        bool is_bind, is_recursive_bind, is_remount;
        bool is_copy_up; /* tmpcopyup */
        bool source_nofollow, target_nofollow;
        bool is_link_copied; /* copy-symlink: a link is made again, not mounted */
        const char *id_map;  /* value of "idmap=", NULL = none; part of the Spec's string */
        bool is_id_mapped, is_id_mapped_recursive; /* idmap, ridmap */
        char **data; /* options of the file system, NULL-terminated; the strings are the Spec's */
        size_t n_data;
} MountOptions;

void mount_options_done(MountOptions *o);

/* A bind mount: type "bind", or the options say bind or rbind. */
bool mount_is_bind(const SpecMount *m);

/* Whether an entry of data is a flag of any superblock ("sync"), not the file system's own. */
bool mount_option_is_flag(const char *text);

/* Names of the options that are taken: NULL past the end. */
const char *mount_option_name(size_t index);

/* Returns 0 or -ENOMEM. Options that no table knows are the file system's own; whether the mount
 * has one is the caller's matter. */
int mount_options_parse(const SpecStrv *options, MountOptions *ret, CtrError *err);
