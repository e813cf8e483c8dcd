/* linux.memoryPolicy (config-linux.md, "Memory policy"): set_mempolicy(2) in words. */
#include "spec/spec-decode.h"

#include <string.h>

/* Of <linux/mempolicy.h>; the newest ones are not in every header. */
enum {
        POLICY_DEFAULT = 0,
        POLICY_PREFERRED = 1,
        POLICY_BIND = 2,
        POLICY_INTERLEAVE = 3,
        POLICY_LOCAL = 4,
        POLICY_PREFERRED_MANY = 5,
        POLICY_WEIGHTED_INTERLEAVE = 6,
        POLICY_NUMA_BALANCING = 1 << 13,
        POLICY_RELATIVE_NODES = 1 << 14,
        POLICY_STATIC_NODES = 1 << 15,
};

static const SpecWord mode_words[] = {
        { "MPOL_DEFAULT", POLICY_DEFAULT },
        { "MPOL_PREFERRED", POLICY_PREFERRED },
        { "MPOL_BIND", POLICY_BIND },
        { "MPOL_INTERLEAVE", POLICY_INTERLEAVE },
        { "MPOL_LOCAL", POLICY_LOCAL },
        { "MPOL_PREFERRED_MANY", POLICY_PREFERRED_MANY },
        { "MPOL_WEIGHTED_INTERLEAVE", POLICY_WEIGHTED_INTERLEAVE },
};
static const SpecWords modes = { mode_words, ELEMENTSOF(mode_words), "memory policy" };

static const SpecWord flag_words[] = {
        { "MPOL_F_NUMA_BALANCING", POLICY_NUMA_BALANCING },
        { "MPOL_F_RELATIVE_NODES", POLICY_RELATIVE_NODES },
        { "MPOL_F_STATIC_NODES", POLICY_STATIC_NODES },
};
static const SpecWords flags = { flag_words, ELEMENTSOF(flag_words), "memory policy flag" };

static int check_policy(Decoder *d, void *object)
{
        SpecMemoryPolicy *p = object;
        bool has_no_nodes = p->mode == POLICY_DEFAULT || p->mode == POLICY_LOCAL;
        uint32_t both = POLICY_RELATIVE_NODES | POLICY_STATIC_NODES;

        p->is_set = true;
        if (has_no_nodes && p->nodes)
                return decoder_fail_at(
                        d, "nodes", "MPOL_DEFAULT and MPOL_LOCAL have no nodes: remove them");
        if (!has_no_nodes && p->mode != POLICY_PREFERRED && !p->nodes)
                return decoder_fail_at(d, "nodes", "is required for this mode");
        if (p->flags != 0 && !p->nodes)
                return decoder_fail_at(d, "flags", "need nodes");
        if ((p->flags & both) == both)
                return decoder_fail_at(d, "flags",
                        "MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES exclude each other");
        if (p->flags & POLICY_NUMA_BALANCING && p->mode != POLICY_BIND)
                return decoder_fail_at(d, "flags", "MPOL_F_NUMA_BALANCING is for MPOL_BIND");
        return 0;
}

static const SpecText text_nodes = { .check = spec_check_cpu_list };

static const SpecField fields[] = {
        { "mode", decode_word, offsetof(SpecMemoryPolicy, mode), FIELD_REQUIRED, &modes },
        { "nodes", decode_string, offsetof(SpecMemoryPolicy, nodes), 0, &text_nodes },
        { "flags", decode_flags32, offsetof(SpecMemoryPolicy, flags), 0, &flags },
};

const SpecType spec_type_memory_policy = {
        .fields = fields,
        .n_fields = ELEMENTSOF(fields),
        .check = check_policy,
};
