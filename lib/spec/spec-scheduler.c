/* process.scheduler: what sched_setattr(2) gets. Values that belong to another policy are errors,
 * not silence. */
#include "spec/spec-decode.h"

#include <linux/sched.h>

static const SpecWord policy_words[] = {
        { "SCHED_OTHER", SCHED_NORMAL }, { "SCHED_FIFO", SCHED_FIFO }, { "SCHED_RR", SCHED_RR },
        { "SCHED_BATCH", SCHED_BATCH }, { "SCHED_IDLE", SCHED_IDLE },
        { "SCHED_DEADLINE", SCHED_DEADLINE },
        /* SCHED_ISO of the specification never came into the kernel. */
};
static const SpecWords policies = { policy_words, ELEMENTSOF(policy_words), "scheduling policy" };

static const SpecWord flag_words[] = {
        { "SCHED_FLAG_RESET_ON_FORK", SCHED_FLAG_RESET_ON_FORK },
        { "SCHED_FLAG_RECLAIM", SCHED_FLAG_RECLAIM },
        { "SCHED_FLAG_DL_OVERRUN", SCHED_FLAG_DL_OVERRUN },
        { "SCHED_FLAG_KEEP_POLICY", SCHED_FLAG_KEEP_POLICY },
        { "SCHED_FLAG_KEEP_PARAMS", SCHED_FLAG_KEEP_PARAMS },
        { "SCHED_FLAG_UTIL_CLAMP_MIN", SCHED_FLAG_UTIL_CLAMP_MIN },
        { "SCHED_FLAG_UTIL_CLAMP_MAX", SCHED_FLAG_UTIL_CLAMP_MAX },
};
static const SpecWords flags = { flag_words, ELEMENTSOF(flag_words), "scheduler flag" };

static int check_scheduler(Decoder *d, void *object)
{
        SpecScheduler *s = object;
        bool is_realtime = s->policy == SCHED_FIFO || s->policy == SCHED_RR;

        s->is_set = true;
        if (is_realtime && (s->priority < 1 || s->priority > 99))
                return decoder_fail_at(d, "priority", "must be from 1 to 99 for a realtime policy");
        if (!is_realtime && s->priority != 0)
                return decoder_fail_at(
                        d, "priority", "only SCHED_FIFO and SCHED_RR have a priority");
        if (s->policy != SCHED_DEADLINE) {
                if (s->runtime_nsec || s->deadline_nsec || s->period_nsec)
                        return decoder_fail(
                                d, "runtime, deadline and period are for SCHED_DEADLINE only");
                return 0;
        }
        if (s->runtime_nsec == 0 || s->runtime_nsec > s->deadline_nsec ||
                (s->period_nsec != 0 && s->deadline_nsec > s->period_nsec))
                return decoder_fail(d, "SCHED_DEADLINE needs 0 < runtime <= deadline <= period");
        return 0;
}

static const SpecNumber number_nice = { NUMBER_I32, -20, 19, false };
static const SpecNumber number_priority = { NUMBER_I32, 0, 99, false };

static const SpecField fields[] = {
        { "policy", decode_word, offsetof(SpecScheduler, policy), FIELD_REQUIRED, &policies },
        { "nice", decode_number, offsetof(SpecScheduler, nice), 0, &number_nice },
        { "priority", decode_number, offsetof(SpecScheduler, priority), 0, &number_priority },
        { "flags", decode_flags64, offsetof(SpecScheduler, flags), 0, &flags },
        { "runtime", decode_number, offsetof(SpecScheduler, runtime_nsec), 0, &spec_number_u64 },
        { "deadline", decode_number, offsetof(SpecScheduler, deadline_nsec), 0, &spec_number_u64 },
        { "period", decode_number, offsetof(SpecScheduler, period_nsec), 0, &spec_number_u64 },
};

const SpecType spec_type_scheduler = {
        .fields = fields,
        .n_fields = ELEMENTSOF(fields),
        .check = check_scheduler,
};
