/* From seccomp.json to linux.seccomp: see profile.h. Rules that are not for this host are left out,
 * in the order of containers-common: excluded architectures and capabilities first. */
#include "unitfile/profile.h"

#include "base/io.h"
#include "spec/default-config.h"
#include "spec/spec.h"

#include <stdarg.h>
#include <string.h>

#define STEPS_MAX    6
#define ERRNO_LIMIT  4096
#define MESSAGE_SIZE 512

typedef struct Profile {
        const JsonDocument *doc;
        const ProfileHost *host;
        const char *go_name,
                *seccomp_name; /* of the architecture; NULL = none that profiles name */
        FILE *f;
        const char *separator;
        JsonStep steps[STEPS_MAX]; /* where the value stands that is looked at */
        size_t n_steps;
        CtrError *err;
} Profile;

/* How profiles call the architectures of uname(2). */
static const struct {
        const char *machine, *go_name, *seccomp_name;
} architectures[] = {
        { "x86_64", "amd64", "SCMP_ARCH_X86_64" },
        { "aarch64", "arm64", "SCMP_ARCH_AARCH64" },
        { "i686", "x86", "SCMP_ARCH_X86" },
        { "i386", "x86", "SCMP_ARCH_X86" },
        { "armv7l", "arm", "SCMP_ARCH_ARM" },
        { "armv6l", "arm", "SCMP_ARCH_ARM" },
        { "ppc64le", "ppc64le", "SCMP_ARCH_PPC64LE" },
        { "ppc64", "ppc64", "SCMP_ARCH_PPC64" },
        { "riscv64", "riscv64", "SCMP_ARCH_RISCV64" },
        { "s390x", "s390x", "SCMP_ARCH_S390X" },
        { "loongarch64", "loong64", "SCMP_ARCH_LOONGARCH64" },
        { "mips", "mips", "SCMP_ARCH_MIPS" },
        { "mips64", "mips64", "SCMP_ARCH_MIPS64" },
};

/* Others that a rule may be about, and that no host of ours is. */
static const char *const other_architectures[] = { "x32", "mips64n32", "mipsel", "mipsel64",
        "mipsel64n32", "mipsle", "mips64le", "parisc", "parisc64", "ppc", "s390", "m68k", "sh",
        "sheb" };

/* ---- where it is ---- */

static int fail(Profile *p, const char *fmt, ...) _printf_(2, 3);
static int fail(Profile *p, const char *fmt, ...)
{
        char message[MESSAGE_SIZE], field[MESSAGE_SIZE];
        va_list ap;

        va_start(ap, fmt);
        (void) vsnprintf(message, sizeof(message), fmt, ap);
        va_end(ap);
        (void) ctr_error_field(p->err, json_path_format(p->steps, p->n_steps, field, sizeof(field)),
                "%s", message);
        if (p->err)
                json_document_locate(p->doc, p->steps, p->n_steps, &p->err->line, &p->err->column);
        return -EINVAL;
}

static void enter_key(Profile *p, const char *key)
{
        p->steps[p->n_steps++] = (JsonStep){ .key = key };
}

static void enter_item(Profile *p, size_t index)
{
        p->steps[p->n_steps++] = (JsonStep){ .index = index };
}

static void leave(Profile *p)
{
        p->n_steps--;
}

/* ---- helpers ---- */

static int check_members(Profile *p, const JsonValue *object, const char *const *names, size_t n)
{
        JsonIterator it = { .object = object };
        const JsonValue *value;
        const char *key;

        if (json_value_type(object) != JSON_TYPE_OBJECT)
                return fail(p, "is %s, expected an object", json_value_type_name(object));
        while (json_iterator_next(&it, &key, &value)) {
                size_t i = 0;

                while (i < n && strcmp(names[i], key) != 0)
                        i++;
                if (i < n)
                        continue;
                enter_key(p, key);
                return fail(p, "not known in a profile of system calls");
        }
        return 0;
}

/* A list of strings, which may be missing or null: each goes to the function. */
static int each_string(Profile *p, const JsonValue *object, const char *key,
        int (*function)(Profile *p, const char *text, void *userdata), void *userdata)
{
        const JsonValue *list;
        int r = 0;

        if (!json_value_member(object, key, &list) || !list)
                return 0;
        enter_key(p, key);
        if (json_value_type(list) != JSON_TYPE_ARRAY)
                return fail(p, "is %s, expected an array", json_value_type_name(list));
        for (size_t i = 0; i < json_value_length(list) && r >= 0; i++) {
                const char *text = json_value_string(json_value_item(list, i));

                enter_item(p, i);
                r = text ? function(p, text, userdata)
                         : fail(p, "is %s, expected a string",
                                   json_value_type_name(json_value_item(list, i)));
                if (r >= 0)
                        leave(p);
        }
        if (r >= 0)
                leave(p);
        return r;
}

/* A member as it is, when it is there. */
static int copy(Profile *p, const JsonValue *object, const char *key)
{
        _cleanup_free_ char *text = NULL;
        const JsonValue *value;

        if (!json_value_member(object, key, &value) || !value)
                return 0;
        text = json_value_text(value);
        if (!text)
                return ctr_error_set(p->err, CTR_ERROR_SYSTEM, ENOMEM, "reading a profile");
        (void) fprintf(p->f, "%s\"%s\":%s", p->separator, key, text);
        p->separator = ",";
        return 0;
}

/* ---- errors by name ---- */

static int find_errno(const char *name)
{
        for (int i = 1; i < ERRNO_LIMIT; i++) {
                const char *known = strerrorname_np(i);

                if (known && strcmp(known, name) == 0)
                        return i;
        }
        return -1;
}

/* "errno": "EPERM" beside or in the place of "errnoRet": 1. */
static int copy_errno(
        Profile *p, const JsonValue *object, const char *name_key, const char *number_key)
{
        const char *name = json_member_string(object, name_key);
        const JsonValue *value;
        uint64_t number;
        int found;

        if (!json_value_member(object, name_key, &value) || !value)
                return copy(p, object, number_key);
        found = name ? find_errno(name) : -1;
        enter_key(p, name_key);
        if (found < 0)
                return fail(p, "expected the name of an error of errno(3) like EPERM");
        if (json_member_u64(object, number_key, &number) >= 0 && number != (uint64_t) found)
                return fail(p, "says another error than %s: leave one of them out", number_key);
        leave(p);
        (void) fprintf(p->f, "%s\"%s\":%d", p->separator, number_key, found);
        p->separator = ",";
        return 0;
}

/* ---- for whom a rule is ---- */

typedef struct Match {
        bool has_arches, is_arch; /* names architectures; this one is among them */
        bool has_caps, has_any_cap, has_all_caps;
        bool has_kernel, is_kernel;
} Match;

static int match_arch(Profile *p, const char *name, void *userdata)
{
        Match *match = userdata;
        bool is_known = false;

        for (size_t i = 0; i < ELEMENTSOF(architectures); i++)
                is_known |= strcmp(architectures[i].go_name, name) == 0;
        for (size_t i = 0; i < ELEMENTSOF(other_architectures); i++)
                is_known |= strcmp(other_architectures[i], name) == 0;
        if (!is_known)
                return fail(p, "\"%.60s\" is no architecture that profiles name", name);
        match->has_arches = true;
        match->is_arch |= p->go_name && strcmp(p->go_name, name) == 0;
        return 0;
}

static int match_capability(Profile *p, const char *name, void *userdata)
{
        Match *match = userdata;

        for (size_t i = 0; spec_capability_name(i); i++) {
                bool has = p->host->capabilities & UINT64_C(1) << i;

                if (strcmp(spec_capability_name(i), name) != 0)
                        continue;
                match->has_all_caps = has && (!match->has_caps || match->has_all_caps);
                match->has_any_cap |= has;
                match->has_caps = true;
                return 0;
        }
        return fail(p, "\"%.60s\" is not a capability of capabilities(7)", name);
}

int profile_parse_kernel(const char *release, unsigned ret[static 2])
{
        for (size_t i = 0; i < 2; i++) {
                char number[8];
                size_t n = strspn(release, "0123456789");
                uint64_t value;

                if (n == 0 || n >= sizeof(number))
                        return -EINVAL;
                (void) snprintf(number, sizeof(number), "%.*s", (int) n, release);
                if (ctr_parse_u64(number, UINT16_MAX, &value) < 0)
                        return -EINVAL;
                ret[i] = (unsigned) value;
                release += n;
                if (i == 0 && *release++ != '.')
                        return -EINVAL;
        }
        return 0;
}

static int match_kernel(Profile *p, const JsonValue *object, Match *match)
{
        const unsigned *running = p->host->kernel;
        const JsonValue *value;
        unsigned least[2];

        if (!json_value_member(object, "minKernel", &value) || !value)
                return 0;
        enter_key(p, "minKernel");
        if (!json_value_string(value) || profile_parse_kernel(json_value_string(value), least) < 0)
                return fail(p, "expected a version of the kernel like \"4.8\"");
        leave(p);
        match->has_kernel = true;
        match->is_kernel = running[0] != least[0] ? running[0] > least[0] : running[1] >= least[1];
        return 0;
}

static int read_match(Profile *p, const JsonValue *rule, const char *key, Match *ret)
{
        static const char *const names[] = { "arches", "caps", "minKernel" };
        const JsonValue *object;
        int r;

        *ret = (Match){ 0 };
        if (!json_value_member(rule, key, &object) || !object)
                return 0;
        enter_key(p, key);
        r = check_members(p, object, names, ELEMENTSOF(names));
        if (r >= 0)
                r = each_string(p, object, "arches", match_arch, ret);
        if (r >= 0)
                r = each_string(p, object, "caps", match_capability, ret);
        if (r >= 0)
                r = match_kernel(p, object, ret);
        if (r >= 0)
                leave(p);
        return r;
}

/* 1: the rule counts here, 0: it does not. */
static int is_for_us(Profile *p, const JsonValue *rule)
{
        Match not_for, only_for;
        int r = read_match(p, rule, "excludes", &not_for);

        if (r >= 0)
                r = read_match(p, rule, "includes", &only_for);
        if (r < 0)
                return r;
        if (not_for.is_arch || not_for.has_any_cap || not_for.is_kernel)
                return 0;
        return (!only_for.has_arches || only_for.is_arch) &&
               (!only_for.has_caps || only_for.has_all_caps) &&
               (!only_for.has_kernel || only_for.is_kernel);
}

/* ---- rules ---- */

static int translate_rule(Profile *p, const JsonValue *rule)
{
        static const char *const names[] = { "name", "names", "action", "errno", "errnoRet", "args",
                "comment", "includes", "excludes" };
        const char *name = json_member_string(rule, "name");
        const JsonValue *list;
        int r = check_members(p, rule, names, ELEMENTSOF(names));

        if (r >= 0)
                r = is_for_us(p, rule);
        if (r <= 0)
                return r;
        (void) fprintf(p->f, "%s{", p->separator);
        p->separator = "";
        if (name && *name) {
                enter_key(p, "name");
                if (json_value_member(rule, "names", &list) && json_value_length(list) > 0)
                        return fail(p, "stands beside names: leave one of them out");
                leave(p);
                (void) fputs("\"names\":[", p->f);
                json_write_string(p->f, name);
                (void) fputc(']', p->f);
                p->separator = ",";
        } else
                r = copy(p, rule, "names");
        if (r >= 0)
                r = copy(p, rule, "action");
        if (r >= 0)
                r = copy_errno(p, rule, "errno", "errnoRet");
        if (r >= 0)
                r = copy(p, rule, "args");
        (void) fputc('}', p->f);
        p->separator = ",";
        return r;
}

static int translate_rules(Profile *p, const JsonValue *root)
{
        const JsonValue *list;
        int r = 0;

        if (!json_value_member(root, "syscalls", &list) || !list)
                return 0;
        enter_key(p, "syscalls");
        if (json_value_type(list) != JSON_TYPE_ARRAY)
                return fail(p, "is %s, expected an array", json_value_type_name(list));
        (void) fprintf(p->f, "%s\"syscalls\":[", p->separator);
        p->separator = "";
        for (size_t i = 0; i < json_value_length(list) && r >= 0; i++) {
                enter_item(p, i);
                r = translate_rule(p, json_value_item(list, i));
                if (r >= 0)
                        leave(p);
        }
        (void) fputc(']', p->f);
        p->separator = ",";
        if (r >= 0)
                leave(p);
        return r;
}

/* ---- architectures ---- */

static int write_architecture(Profile *p, const char *name, void *userdata)
{
        const char **separator = userdata;

        (void) fputs(*separator, p->f);
        json_write_string(p->f, name);
        *separator = ",";
        return 0;
}

/* The entry of this machine's own: its name, and the names of what else it runs. */
static int translate_architectures(Profile *p, const JsonValue *root)
{
        static const char *const names[] = { "architecture", "subArchitectures" };
        const JsonValue *list;
        const char *separator = ",";
        bool is_found = false;
        int r = 0;

        if (!json_value_member(root, "archMap", &list) || !list)
                return copy(p, root, "architectures");
        enter_key(p, "archMap");
        if (json_value_member(root, "architectures", &(const JsonValue *){ NULL }))
                return fail(p, "stands beside architectures: leave one of them out");
        if (json_value_type(list) != JSON_TYPE_ARRAY)
                return fail(p, "is %s, expected an array", json_value_type_name(list));
        for (size_t i = 0; i < json_value_length(list) && r >= 0; i++) {
                const JsonValue *item = json_value_item(list, i);
                const char *name;

                enter_item(p, i);
                r = check_members(p, item, names, ELEMENTSOF(names));
                name = json_member_string(item, "architecture");
                if (r >= 0 && !name)
                        r = fail(p, "has no architecture");
                if (r >= 0 && !is_found && p->seccomp_name && strcmp(name, p->seccomp_name) == 0) {
                        is_found = true;
                        (void) fprintf(p->f, "%s\"architectures\":[", p->separator);
                        json_write_string(p->f, name);
                        r = each_string(
                                p, item, "subArchitectures", write_architecture, &separator);
                        (void) fputc(']', p->f);
                        p->separator = ",";
                }
                if (r >= 0)
                        leave(p);
        }
        if (r >= 0)
                leave(p);
        return r;
}

static int translate(Profile *p, const JsonValue *root)
{
        static const char *const names[] = { "defaultAction", "defaultErrno", "defaultErrnoRet",
                "architectures", "archMap", "flags", "listenerPath", "listenerMetadata",
                "syscalls" };
        static const char *const as_they_are[] = { "defaultAction", "flags", "listenerPath",
                "listenerMetadata" };
        int r = check_members(p, root, names, ELEMENTSOF(names));

        (void) fputc('{', p->f);
        for (size_t i = 0; i < ELEMENTSOF(as_they_are) && r >= 0; i++)
                r = copy(p, root, as_they_are[i]);
        if (r >= 0)
                r = copy_errno(p, root, "defaultErrno", "defaultErrnoRet");
        if (r >= 0)
                r = translate_architectures(p, root);
        if (r >= 0)
                r = translate_rules(p, root);
        (void) fputc('}', p->f);
        return r;
}

int profile_translate(
        const JsonDocument *doc, const ProfileHost *host, char **ret_text, CtrError *err)
{
        Profile p = { .doc = doc, .host = host, .separator = "", .err = err };
        char *text = NULL;
        size_t size;
        int r;

        for (size_t i = 0; i < ELEMENTSOF(architectures); i++)
                if (strcmp(architectures[i].machine, host->machine) == 0) {
                        p.go_name = architectures[i].go_name;
                        p.seccomp_name = architectures[i].seccomp_name;
                }
        p.f = open_memstream(&text, &size);
        if (!p.f)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading a profile");
        r = translate(&p, json_document_root(doc));
        if (fclose(p.f) != 0 && r >= 0)
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading a profile");
        if (r < 0) {
                free(text);
                return r;
        }
        *ret_text = text;
        return 0;
}
