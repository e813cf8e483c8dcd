/* Profiles of system calls as podman, docker and containers-common write them: seccomp.json(5) of
 * containers, with rules for some architectures, capabilities and kernels. What they amount to on
 * one host for one container is linux.seccomp of config.json, which the parser of config.json then
 * checks. A text that is linux.seccomp already comes out as it is. */
#pragma once

#include "base/json.h"

typedef struct ProfileHost {
        uint64_t capabilities; /* of the container's bounding set: bit N = capability N */
        const char *machine;   /* uname(2): "x86_64" */
        unsigned kernel[2];    /* 6, 1 */
} ProfileHost;

/* The text of linux.seccomp; the caller frees it. -EINVAL with *err (line, column and path in the
 * profile): unknown members, capabilities, architectures and errors are never passed over.
 * -ENOMEM. */
int profile_translate(
        const JsonDocument *doc, const ProfileHost *host, char **ret_text, CtrError *err);

/* "6.1.0-18-amd64" into two numbers. -EINVAL. */
int profile_parse_kernel(const char *release, unsigned ret[static 2]);
