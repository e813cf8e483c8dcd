/* linux.seccomp (config-linux.md, "Seccomp"): words into numbers. The filter itself is plan's. */
#include "spec/spec-decode.h"

#include <linux/seccomp.h>
#include <string.h>

enum {
        ERRNO_MAX = 4095
}; /* MAX_ERRNO of the kernel: a larger one would not come back as an error */

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

static const SpecWord action_words[] = {
        { "SCMP_ACT_KILL", SPEC_SECCOMP_KILL_THREAD },
        { "SCMP_ACT_KILL_THREAD", SPEC_SECCOMP_KILL_THREAD },
        { "SCMP_ACT_KILL_PROCESS", SPEC_SECCOMP_KILL_PROCESS },
        { "SCMP_ACT_TRAP", SPEC_SECCOMP_TRAP },
        { "SCMP_ACT_ERRNO", SPEC_SECCOMP_ERRNO },
        { "SCMP_ACT_TRACE", SPEC_SECCOMP_TRACE },
        { "SCMP_ACT_ALLOW", SPEC_SECCOMP_ALLOW },
        { "SCMP_ACT_LOG", SPEC_SECCOMP_LOG },
        { "SCMP_ACT_NOTIFY", SPEC_SECCOMP_NOTIFY },
};
static const SpecWords actions = { action_words, ELEMENTSOF(action_words), "seccomp action" };

/* Numbers of enum scmp_compare; lib/spec does not link libseccomp. */
static const SpecWord op_words[] = {
        { "SCMP_CMP_NE", 1 },
        { "SCMP_CMP_LT", 2 },
        { "SCMP_CMP_LE", 3 },
        { "SCMP_CMP_EQ", 4 },
        { "SCMP_CMP_GE", 5 },
        { "SCMP_CMP_GT", 6 },
        { "SCMP_CMP_MASKED_EQ", 7 },
};
static const SpecWords ops = { op_words, ELEMENTSOF(op_words), "comparison" };

static const SpecWord flag_words[] = {
        { "SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC },
        { "SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG },
        { "SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW },
        { "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV },
};
static const SpecWords flags = { flag_words, ELEMENTSOF(flag_words), "seccomp flag" };

static const SpecWord architecture_words[] = {
        { "SCMP_ARCH_X86", 0 },
        { "SCMP_ARCH_X86_64", 0 },
        { "SCMP_ARCH_X32", 0 },
        { "SCMP_ARCH_ARM", 0 },
        { "SCMP_ARCH_AARCH64", 0 },
        { "SCMP_ARCH_LOONGARCH64", 0 },
        { "SCMP_ARCH_M68K", 0 },
        { "SCMP_ARCH_MIPS", 0 },
        { "SCMP_ARCH_MIPS64", 0 },
        { "SCMP_ARCH_MIPS64N32", 0 },
        { "SCMP_ARCH_MIPSEL", 0 },
        { "SCMP_ARCH_MIPSEL64", 0 },
        { "SCMP_ARCH_MIPSEL64N32", 0 },
        { "SCMP_ARCH_PARISC", 0 },
        { "SCMP_ARCH_PARISC64", 0 },
        { "SCMP_ARCH_PPC", 0 },
        { "SCMP_ARCH_PPC64", 0 },
        { "SCMP_ARCH_PPC64LE", 0 },
        { "SCMP_ARCH_RISCV64", 0 },
        { "SCMP_ARCH_S390", 0 },
        { "SCMP_ARCH_S390X", 0 },
        { "SCMP_ARCH_SH", 0 },
        { "SCMP_ARCH_SHEB", 0 },
};

static int check_architecture(Decoder *d, const char *text)
{
        static const SpecWords words = { architecture_words, ELEMENTSOF(architecture_words),
                "architecture" };
        int unused;

        return decoder_read_word(d, text, &words, &unused);
}

static const SpecNumber number_index = { NUMBER_U32, 0, 5, false };

static const SpecField arg_fields[] = {
        { "index", decode_number, offsetof(SpecSeccompArg, index), FIELD_REQUIRED, &number_index },
        { "value", decode_number, offsetof(SpecSeccompArg, value), FIELD_REQUIRED,
                &spec_number_u64 },
        { "valueTwo", decode_number, offsetof(SpecSeccompArg, value_two), 0, &spec_number_u64 },
        { "op", decode_word, offsetof(SpecSeccompArg, op), FIELD_REQUIRED, &ops },
};
static const SpecType type_arg = {
        .fields = arg_fields,
        .n_fields = ELEMENTSOF(arg_fields),
        .size = sizeof(SpecSeccompArg),
        .is_strict = true,
};

static int check_errno(
        Decoder *d, const char *key, const OptU32 *errno_ret, SpecSeccompAction action)
{
        if (errno_ret->is_set && action != SPEC_SECCOMP_ERRNO && action != SPEC_SECCOMP_TRACE)
                return decoder_fail_at(
                        d, key, "only SCMP_ACT_ERRNO and SCMP_ACT_TRACE have a value: remove it");
        return 0;
}

static int check_rule(Decoder *d, void *object)
{
        const SpecSeccompRule *rule = object;

        if (rule->names.n == 0)
                return decoder_fail_at(d, "names", "must name at least one system call");
        return check_errno(d, "errnoRet", &rule->errno_ret, rule->action);
}

static const SpecNumber number_errno = { NUMBER_OPT_U32, 0, ERRNO_MAX, false };

static const SpecField rule_fields[] = {
        { "names", decode_strings, offsetof(SpecSeccompRule, names), FIELD_REQUIRED,
                &spec_text_nonempty },
        { "action", decode_word, offsetof(SpecSeccompRule, action), FIELD_REQUIRED, &actions },
        { "errnoRet", decode_number, offsetof(SpecSeccompRule, errno_ret), 0, &number_errno },
        { "args", decode_objects, offsetof(SpecSeccompRule, args), 0, &type_arg },
};
static const SpecType type_rule = {
        .fields = rule_fields,
        .n_fields = ELEMENTSOF(rule_fields),
        .size = sizeof(SpecSeccompRule),
        .check = check_rule,
        .is_strict = true,
};

static int check_seccomp(Decoder *d, void *object)
{
        SpecSeccomp *seccomp = object;

        seccomp->is_set = true;
        if (seccomp->default_action == SPEC_SECCOMP_NOTIFY)
                return decoder_fail_at(d, "defaultAction",
                        "SCMP_ACT_NOTIFY can be the action of named calls only");
        return check_errno(
                d, "defaultErrnoRet", &seccomp->default_errno_ret, seccomp->default_action);
}

static const SpecText text_architecture = { .is_nonempty = true, .check = check_architecture };

static const SpecField seccomp_fields[] = {
        { "defaultAction", decode_word, offsetof(SpecSeccomp, default_action), FIELD_REQUIRED,
                &actions },
        { "defaultErrnoRet", decode_number, offsetof(SpecSeccomp, default_errno_ret), 0,
                &number_errno },
        { "architectures", decode_strings, offsetof(SpecSeccomp, architectures), 0,
                &text_architecture },
        { "flags", decode_flags32, offsetof(SpecSeccomp, flags), 0, &flags },
        { "listenerPath", decode_string, offsetof(SpecSeccomp, listener_path), 0, &spec_text_path },
        { "listenerMetadata", decode_string, offsetof(SpecSeccomp, listener_metadata), 0, NULL },
        { "syscalls", decode_objects, offsetof(SpecSeccomp, rules), 0, &type_rule },
};

const SpecType spec_type_seccomp = {
        .fields = seccomp_fields,
        .n_fields = ELEMENTSOF(seccomp_fields),
        .check = check_seccomp,
        .is_strict = true,
};

const char *spec_seccomp_word(SpecSeccompWords which, size_t index)
{
        static const SpecWords lists[] = {
                [SPEC_SECCOMP_WORDS_ACTIONS] = { action_words, ELEMENTSOF(action_words), NULL },
                [SPEC_SECCOMP_WORDS_OPERATORS] = { op_words, ELEMENTSOF(op_words), NULL },
                [SPEC_SECCOMP_WORDS_FLAGS] = { flag_words, ELEMENTSOF(flag_words), NULL },
                [SPEC_SECCOMP_WORDS_ARCHITECTURES] = { architecture_words,
                        ELEMENTSOF(architecture_words), NULL },
        };

        return index < lists[which].n ? lists[which].words[index].name : NULL;
}

uint32_t spec_seccomp_flag_value(size_t index)
{
        return index < ELEMENTSOF(flag_words) ? (uint32_t) flag_words[index].value : 0;
}
