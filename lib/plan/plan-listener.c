/* The agent of a filter with SCMP_ACT_NOTIFY: which calls it may not be asked about, and the state
 * it is sent (config-linux.md, "The Container Process State"). */
#include "plan/plan-internal.h"

#include "base/json.h"

#include <stdio.h>
#include <string.h>

/* What the process needs to hand the listener over, after the filter is loaded: an agent that does
 * not have the listener yet could never answer for them. */
static const char *const hand_over_calls[] = { "read", "write" };

bool plan_has_listener(const SpecSeccomp *s)
{
        for (size_t i = 0; i < s->n_rules; i++)
                if (s->rules[i].action == SPEC_SECCOMP_NOTIFY)
                        return true;
        return false;
}

int plan_check_listener(const SpecSeccomp *s, CtrError *err)
{
        char field[PLAN_FIELD_MAX];

        if (s->flags & FLAG_WAIT_KILLABLE_RECV && !plan_has_listener(s))
                return ctr_error_field(err, "linux.seccomp.flags",
                        "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV is for filters with "
                        "SCMP_ACT_NOTIFY");
        for (size_t i = 0; i < s->n_rules; i++)
                for (size_t k = 0; k < s->rules[i].names.n; k++)
                        for (size_t n = 0; n < ELEMENTSOF(hand_over_calls); n++)
                                if (s->rules[i].action == SPEC_SECCOMP_NOTIFY &&
                                        strcmp(s->rules[i].names.items[k], hand_over_calls[n]) == 0)
                                        return ctr_error_field(err,
                                                plan_field(field,
                                                        "linux.seccomp.syscalls[%zu].names[%zu]", i,
                                                        k),
                                                "\"%s\" cannot have SCMP_ACT_NOTIFY: the agent "
                                                "gets its descriptor by it",
                                                hand_over_calls[n]);
        return 0;
}

static void write_head(const Plan *p, const char *id, FILE *f)
{
        (void) fputs("{\"ociVersion\":", f);
        json_write_string(f, p->spec->oci_version);
        (void) fputs(",\"fds\":[\"seccompFd\"]", f);
        if (p->spec->linux_.seccomp.listener_metadata) {
                (void) fputs(",\"metadata\":", f);
                json_write_string(f, p->spec->linux_.seccomp.listener_metadata);
        }
        (void) fputs(",\"state\":", f);
        plan_write_state_head(p, id, f);
}

int plan_add_listener(Plan *p, const char *id, const char *status, pid_t init_pid)
{
        const SpecSeccomp *s = &p->spec->linux_.seccomp;
        _cleanup_free_ char *head = NULL, *tail = NULL;
        ProgramBuilder *b = &p->program;
        size_t size;
        FILE *f;
        int r;

        if (!s->is_set || !plan_has_listener(s))
                return 0;
        f = open_memstream(&head, &size);
        if (!f)
                return plan_no_memory(p->err);
        write_head(p, id, f);
        if (fclose(f) != 0)
                return plan_no_memory(p->err);
        r = plan_state_tail(p, &tail);
        if (r < 0)
                return r;
        program_add(b, STAGE_ATTEND,
                (ProgramOp){ .opcode = PROGRAM_OP_SEND_LISTENER,
                        .number = { (uint64_t) init_pid },
                        .string = { program_add_string(b, s->listener_path),
                                program_add_string(b, status), program_add_string(b, head),
                                program_add_string(b, tail) } });
        return 0;
}
