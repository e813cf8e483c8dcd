/* Credentials of the unit (LoadCredential=, SetCredential= and their encrypted forms) as files of
 * the container. Whether there are any is the unit's affair, an administrator's drop-in included:
 * ctr-exec finds out. They are copied, so that they belong to the payload's user. */
#include "plan/plan-internal.h"

#include <string.h>

#define TARGET     "/run/credentials"
#define ANNOTATION "org.ctrunit.credentials" /* another place: what an image expects */
#define TARGET_MAX 4000

int plan_add_credentials(Plan *p)
{
        const char *target = spec_find_annotation(p->spec, ANNOTATION);
        const SpecUser *user = &p->spec->process.user;
        const SpecLinux *l = &p->spec->linux_;
        ProgramBuilder *b = &p->program;
        uint64_t slot, uid, gid;

        if (p->ctx->mode != PLAN_SERVICE)
                return 0;
        if (target && (target[0] != '/' || strlen(target) > TARGET_MAX))
                return ctr_error_field(p->err, "annotations[\"" ANNOTATION "\"]",
                        "\"%.100s\" is not an absolute path", target);
        slot = program_add_slot(b);
        uid = plan_host_id(p, &l->uid_mappings, user->uid);
        gid = plan_host_id(p, &l->gid_mappings, user->gid);
        if (uid == PLAN_ID_UNKNOWN || gid == PLAN_ID_UNKNOWN)
                uid = gid = PLAN_ID_UNKNOWN;
        program_add(b, STAGE_PREPARE,
                (ProgramOp){ .opcode = PROGRAM_OP_COPY_CREDENTIALS, .number = { slot, uid, gid } });
        program_add(b, STAGE_ROOTFS,
                (ProgramOp){ .opcode = PROGRAM_OP_BIND_CREDENTIALS,
                        .number = { slot },
                        .string = { program_add_string(b, target ? target : TARGET) } });
        return 0;
}
