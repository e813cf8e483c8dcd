/* Filters of system calls of a converted configuration: numbers of libcontainer's enumerations. */
#include "convert/convert-internal.h"

#include <string.h>

static const char *const actions[] = { NULL, "SCMP_ACT_KILL", "SCMP_ACT_ERRNO", "SCMP_ACT_TRAP",
        "SCMP_ACT_ALLOW", "SCMP_ACT_TRACE", "SCMP_ACT_LOG" };
static const char *const operators[] = { NULL, "SCMP_CMP_EQ", "SCMP_CMP_NE", "SCMP_CMP_GT",
        "SCMP_CMP_GE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_MASKED_EQ" };

static const struct {
        const char *from, *to;
} architectures[] = {
        { "x86", "SCMP_ARCH_X86" },
        { "amd64", "SCMP_ARCH_X86_64" },
        { "x32", "SCMP_ARCH_X32" },
        { "arm", "SCMP_ARCH_ARM" },
        { "arm64", "SCMP_ARCH_AARCH64" },
        { "mips", "SCMP_ARCH_MIPS" },
        { "mips64", "SCMP_ARCH_MIPS64" },
        { "mips64n32", "SCMP_ARCH_MIPS64N32" },
        { "mipsel", "SCMP_ARCH_MIPSEL" },
        { "mipsel64", "SCMP_ARCH_MIPSEL64" },
        { "mipsel64n32", "SCMP_ARCH_MIPSEL64N32" },
        { "ppc", "SCMP_ARCH_PPC" },
        { "ppc64", "SCMP_ARCH_PPC64" },
        { "ppc64le", "SCMP_ARCH_PPC64LE" },
        { "s390", "SCMP_ARCH_S390" },
        { "s390x", "SCMP_ARCH_S390X" },
        { "riscv64", "SCMP_ARCH_RISCV64" },
};

/* An action that is not known must not become one that allows. */
static int write_word(Convert *c, const char *key, const JsonValue *object, const char *member,
        const char *const *words, size_t n)
{
        uint64_t number = 0;

        if (json_member_u64(object, member, &number) < 0 || number == 0 || number >= n)
                return convert_error(
                        c, "seccomp", "%s must be a number from 1 to %zu", member, n - 1);
        convert_string(c, key, words[number]);
        return 0;
}

static int write_architectures(Convert *c, const JsonValue *seccomp)
{
        const JsonValue *list = convert_member(seccomp, "architectures");

        if (!list)
                return 0;
        convert_open(c, "architectures", '[');
        for (size_t i = 0; i < json_value_length(list); i++) {
                const char *name = json_value_string(json_value_item(list, i)), *found = NULL;

                if (name && strncmp(name, "SCMP_ARCH_", 10) == 0)
                        found = name;
                for (size_t k = 0; name && k < ELEMENTSOF(architectures); k++)
                        if (strcmp(architectures[k].from, name) == 0)
                                found = architectures[k].to;
                if (!found)
                        return convert_error(c, "seccomp.architectures",
                                "\"%.32s\" is no architecture", name ? name : "");
                convert_separate(c);
                json_write_string(c->f, found);
        }
        convert_close(c, ']');
        return 0;
}

static int write_arguments(Convert *c, const JsonValue *rule)
{
        static const char *const members[] = { "index", "value", "value_two", "op", NULL };
        static const char *const names[] = { "index", "value", "valueTwo" };
        const JsonValue *list = convert_member(rule, "args");
        int r = 0;

        if (!list)
                return 0;
        convert_open(c, "args", '[');
        for (size_t i = 0; i < json_value_length(list) && r >= 0; i++) {
                const JsonValue *argument = json_value_item(list, i);

                r = convert_check_members(c, argument, "seccomp.syscalls.args", members);
                convert_open(c, NULL, '{');
                for (size_t k = 0; k < ELEMENTSOF(names) && r >= 0; k++) {
                        uint64_t number = 0;

                        if (convert_member(argument, members[k]) &&
                                json_member_u64(argument, members[k], &number) < 0)
                                r = convert_error(c, "seccomp.syscalls.args",
                                        "%s must be an integer", members[k]);
                        convert_key(c, names[k]);
                        (void) fprintf(c->f, "%llu", (unsigned long long) number);
                }
                if (r >= 0)
                        r = write_word(c, "op", argument, "op", operators, ELEMENTSOF(operators));
                convert_close(c, '}');
        }
        convert_close(c, ']');
        return r;
}

static int write_rule(Convert *c, const JsonValue *rule)
{
        static const char *const members[] = { "name", "action", "args", "errnoRet", NULL };
        const char *name;
        int r;

        r = convert_check_members(c, rule, "seccomp.syscalls", members);
        if (r < 0)
                return r;
        name = json_value_string(convert_member(rule, "name"));
        if (!name)
                return convert_error(c, "seccomp.syscalls", "a rule without a name");
        convert_open(c, NULL, '{');
        convert_open(c, "names", '[');
        convert_separate(c);
        json_write_string(c->f, name);
        convert_close(c, ']');
        r = write_word(c, "action", rule, "action", actions, ELEMENTSOF(actions));
        if (r >= 0)
                r = convert_copy_number(c, rule, "seccomp.syscalls", "errnoRet", "errnoRet");
        if (r >= 0)
                r = write_arguments(c, rule);
        convert_close(c, '}');
        return r;
}

int convert_seccomp(Convert *c)
{
        static const char *const members[] = { "default_action", "architectures", "syscalls",
                "default_errno_ret", NULL };
        const JsonValue *seccomp = convert_member(c->root, "seccomp"), *list;
        int r;

        if (!seccomp)
                return 0;
        r = convert_check_members(c, seccomp, "seccomp", members);
        if (r < 0)
                return r;
        list = convert_member(seccomp, "syscalls");
        convert_open(c, "seccomp", '{');
        r = write_word(c, "defaultAction", seccomp, "default_action", actions, ELEMENTSOF(actions));
        if (r >= 0)
                r = convert_copy_number(
                        c, seccomp, "seccomp", "default_errno_ret", "defaultErrnoRet");
        if (r >= 0)
                r = write_architectures(c, seccomp);
        convert_open(c, "syscalls", '[');
        for (size_t i = 0; i < json_value_length(list) && r >= 0; i++)
                r = write_rule(c, json_value_item(list, i));
        convert_close(c, ']');
        convert_close(c, '}');
        return r;
}
