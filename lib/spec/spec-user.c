/* Who the payload runs as: process.user (config.md, "User"), and "UID[:GID]" of exec --user. */
#include "base/io.h"
#include "spec/spec-decode.h"

#include <string.h>

/* The kernel's NGROUPS_MAX. Not that of limits.h: a C library may have one of its own. */
#define GROUPS_MAX 65536

static int decode_gids(Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        SpecUser *user = target;

        if (json_value_type(value) != JSON_TYPE_ARRAY)
                return decoder_fail_type(d, "an array of group ids", value);
        user->n_additional_gids = json_value_length(value);
        if (user->n_additional_gids > GROUPS_MAX)
                return decoder_fail(
                        d, "%zu groups, the kernel allows %d", user->n_additional_gids, GROUPS_MAX);
        user->additional_gids =
                spec_arena_alloc(d->arena, user->n_additional_gids, sizeof(uint32_t));
        if (!user->additional_gids)
                return decoder_oom(d);
        return decoder_read_items(d, value, decode_number, user->additional_gids, sizeof(uint32_t),
                &(const SpecField){ .arg = &spec_number_id });
}

static const SpecNumber number_umask = { NUMBER_OPT_U32, 0, 0777, false };

static const SpecIgnored user_name = { "names are for Windows, Linux uses uid and gid",
        decode_string, NULL };

static const SpecField user_fields[] = {
        { "uid", decode_number, offsetof(SpecUser, uid), FIELD_REQUIRED, &spec_number_id },
        { "gid", decode_number, offsetof(SpecUser, gid), FIELD_REQUIRED, &spec_number_id },
        { "umask", decode_number, offsetof(SpecUser, umask), 0, &number_umask },
        { "additionalGids", decode_gids, 0, 0, NULL },
        { "username", decode_ignored, 0, 0, &user_name },
};

const SpecType spec_type_user = {
        .fields = user_fields, .n_fields = ELEMENTSOF(user_fields), .is_strict = true
};

/* Numbers only, so that nothing falls back to a lookup by name or wraps to another user
 * (CVE-2026-30892, CVE-2024-40635: 4294967296 became root). */
int spec_parse_user(const char *text, uint32_t *ret_uid, OptU32 *ret_gid, CtrError *err)
{
        const char *colon = strchr(text, ':');
        uint64_t uid = 0, gid = 0;
        char uid_text[16];
        size_t size = colon ? (size_t) (colon - text) : strlen(text);
        int r = -EINVAL;

        if (size < sizeof(uid_text)) {
                memcpy(uid_text, text, size);
                uid_text[size] = '\0';
                r = ctr_parse_u64(uid_text, UINT32_MAX - 1, &uid);
        }
        if (r >= 0 && colon)
                r = ctr_parse_u64(colon + 1, UINT32_MAX - 1, &gid);
        if (r < 0)
                return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "invalid user \"%.64s\": must be UID or UID:GID, decimal numbers from 0 to 4294967294",
                        text);
        *ret_uid = (uint32_t) uid;
        *ret_gid = (OptU32){ colon != NULL, (uint32_t) gid };
        return 0;
}
