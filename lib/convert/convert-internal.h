/* The parts of a conversion. Each writes one object or array of config.json. */
#pragma once

#include "convert/convert.h"

#include "base/json.h"

typedef struct Convert {
        const JsonValue *root;
        const JsonValue *mount_config; /* nsinit's, else NULL */
        const char *rootfs;
        SpecStrv *warnings; /* may be NULL */
        FILE *f;
        bool is_first; /* of the object or array that is being written */
        CtrError *err;
} Convert;

/* Null, false, 0, "", [] and {}: what Go writes for nothing. */
bool convert_is_empty(const JsonValue *value);

/* A member that is not empty, else NULL. */
const JsonValue *convert_member(const JsonValue *object, const char *key);

/* Every member that is not empty must be one of these names (NULL after the last). path: where the
 * object is, "" = the root. */
int convert_check_members(
        Convert *c, const JsonValue *object, const char *path, const char *const *known);

/* Fills the error with a field, and appends a warning. */
int convert_error(Convert *c, const char *path, const char *fmt, ...) _printf_(3, 4);
int convert_warn(Convert *c, const char *fmt, ...) _printf_(2, 3);

/* ---- writing ---- */

/* A comma, unless it is the first; for arrays. */
void convert_separate(Convert *c);

/* The same, and the name of a member. */
void convert_key(Convert *c, const char *key);
void convert_string(Convert *c, const char *key, const char *value);
void convert_number(Convert *c, const char *key, int64_t value);
void convert_open(Convert *c, const char *key, char bracket); /* key NULL: in an array */
void convert_close(Convert *c, char bracket);

/* Copies of members of the same type under another name, when they are not empty. */
int convert_copy_string(
        Convert *c, const JsonValue *object, const char *path, const char *from, const char *to);
int convert_copy_number(
        Convert *c, const JsonValue *object, const char *path, const char *from, const char *to);
int convert_copy_strings(
        Convert *c, const JsonValue *object, const char *path, const char *from, const char *to);

/* ---- parts ---- */

/* Each writes its members, with nothing where there is nothing to say. */
int convert_process(Convert *c);
int convert_mounts(Convert *c);
int convert_hooks(Convert *c);
bool convert_has_network_hooks(const Convert *c);
int convert_network_hooks(Convert *c); /* into the array createRuntime */
int convert_namespaces(Convert *c);
int convert_devices(Convert *c);
int convert_cgroups(Convert *c); /* cgroupsPath and resources */
int convert_limits(Convert *c, const JsonValue *cgroups);
int convert_seccomp(Convert *c);

/* One device's numbers of either spelling: *ret_type is 'a', 'b', 'c', 'u' or 'p'. */
typedef struct ConvertDevice {
        char type;
        int64_t major, minor; /* -1 = any */
} ConvertDevice;

/* path: where it is. */
int convert_device(Convert *c, const JsonValue *device, const char *path, ConvertDevice *ret);
