/* features: what this runtime takes, as the document of the specification (features.md,
 * features-linux.md). Names come from the tables that the parser and the plan use, and what may be
 * missing is found out by asking the plan for it, so that nothing is promised which a container
 * could not have. */
#include "runtime/criu.h"

#include "base/json.h"
#include "plan/mount-options.h"

#include <ctype.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/syscall.h>

#define VERSION_MIN "1.0.0"
#define VERSION_MAX "1.3.0"

/* Words of a table, one after the other: NULL past the end. */
typedef const char *(*WordAt)(size_t index);

/* A configuration with this text in its process, mounts[0] and linux objects is one that plan
 * takes. */
static bool is_accepted(const char *in_process, const char *in_mount, const char *in_linux)
{
        static const PlanContext ctx = { .id = "features",
                .bundle = "/",
                .state_dir = "/run/ctrunit/containers/features",
                .config_path = "/config.json",
                .digest = "0000000000000000000000000000000000000000000000000000000000000000",
                .mode = PLAN_SERVICE,
                .origin = PLAN_TRANSIENT_RUN };
        _cleanup_(spec_freep) Spec *spec = NULL;
        _cleanup_free_ char *text = NULL;
        PropertyList properties = { 0 };
        int n, r;

        n = asprintf(&text,
                "{\"ociVersion\":\"" VERSION_MAX
                "\",\"root\":{\"path\":\"/\"},\"process\":{\"cwd\":\"/\",\"args\":[\"/x\"]%s},"
                "\"mounts\":[{\"destination\":\"/x\",\"source\":\"/x\",\"type\":\"bind\"%s}],"
                "\"linux\":{\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"pid\"},"
                "{\"type\":\"network\"},{\"type\":\"user\"}],"
                "\"uidMappings\":[{\"containerID\":0,\"hostID\":100000,\"size\":65536}],"
                "\"gidMappings\":[{\"containerID\":0,\"hostID\":100000,\"size\":65536}]%s}}",
                in_process, in_mount, in_linux);
        if (n < 0) {
                text = NULL;
                return false;
        }
        r = spec_parse(text, (size_t) n, &spec, NULL);
        if (r >= 0)
                r = plan_properties(spec, &ctx, &properties, NULL);
        property_list_done(&properties);
        return r >= 0;
}

static void print_words(const char *name, WordAt at, FILE *f)
{
        const char *word;

        (void) fprintf(f, "\"%s\":[", name);
        for (size_t i = 0; (word = at(i)); i++) {
                (void) fputs(i > 0 ? "," : "", f);
                json_write_string(f, word);
        }
        (void) fputc(']', f);
}

static const char *hook_at(size_t i)
{
        return i < _SPEC_HOOK_MAX ? spec_hook_name((SpecHookKind) i) : NULL;
}

static const char *namespace_at(size_t i)
{
        return i < _SPEC_NS_MAX ? spec_namespace_name((SpecNamespaceType) i) : NULL;
}

/* A filter with this flag ("" = none) and a rule with this action. */
static bool is_accepted_in_filter(const char *flag, const char *action)
{
        bool is_notify = strcmp(action, "SCMP_ACT_NOTIFY") == 0;
        char text[512];

        (void) snprintf(text, sizeof(text),
                ",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":[%s%s%s]%s,"
                "\"syscalls\":[{\"names\":[\"mkdir\"],\"action\":\"%s\"}]}",
                *flag ? "\"" : "", flag, *flag ? "\"" : "",
                is_notify ? ",\"listenerPath\":\"/x\"" : "", action);
        return is_accepted("", "", text);
}

static const char *action_at(size_t index)
{
        const char *word;
        size_t found = 0;

        for (size_t i = 0; (word = spec_seccomp_word(SPEC_SECCOMP_WORDS_ACTIONS, i)); i++)
                if (is_accepted_in_filter("", word) && found++ == index)
                        return word;
        return NULL;
}

static const char *operator_at(size_t i)
{
        return spec_seccomp_word(SPEC_SECCOMP_WORDS_OPERATORS, i);
}

static const char *flag_at(size_t i)
{
        return spec_seccomp_word(SPEC_SECCOMP_WORDS_FLAGS, i);
}

/* Those of the specification that the libseccomp in use can compile for. */
static const char *architecture_at(size_t index)
{
        static const char prefix[] = "SCMP_ARCH_";
        const char *word;
        size_t found = 0;

        for (size_t i = 0; (word = spec_seccomp_word(SPEC_SECCOMP_WORDS_ARCHITECTURES, i)); i++) {
                char name[32];
                size_t n = 0;

                for (const char *p = word + strlen(prefix); *p && n < sizeof(name) - 1; p++)
                        name[n++] = (char) tolower((unsigned char) *p);
                name[n] = '\0';
                if (seccomp_arch_resolve_name(name) != 0 && found++ == index)
                        return word;
        }
        return NULL;
}

/* A filter that cannot be read is EFAULT, a flag that the kernel does not know EINVAL. */
static const char *supported_flag_at(size_t index)
{
        const char *word;
        size_t found = 0;

        for (size_t i = 0; (word = flag_at(i)); i++) {
                uint32_t value = spec_seccomp_flag_value(i);

                if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, value, NULL) >= 0 ||
                        errno != EFAULT)
                        continue;
                if ((is_accepted_in_filter(word, "SCMP_ACT_ERRNO") ||
                            is_accepted_in_filter(word, "SCMP_ACT_NOTIFY")) &&
                        found++ == index)
                        return word;
        }
        return NULL;
}

static void print_capabilities(FILE *f)
{
        (void) fputs("\"capabilities\":[", f);
        for (cap_value_t i = 0; i <= CAP_LAST_CAP; i++) {
                char *name = cap_to_name(i);

                (void) fputs(i > 0 ? ",\"" : "\"", f);
                for (const char *p = name; p && *p; p++)
                        (void) fputc(toupper((unsigned char) *p), f);
                (void) fputc('"', f);
                (void) cap_free(name);
        }
        (void) fputc(']', f);
}

static void print_seccomp(FILE *f)
{
        (void) fputs("\"seccomp\":{\"enabled\":true,", f);
        print_words("actions", action_at, f);
        (void) fputc(',', f);
        print_words("operators", operator_at, f);
        (void) fputc(',', f);
        print_words("archs", architecture_at, f);
        (void) fputc(',', f);
        print_words("knownFlags", flag_at, f);
        (void) fputc(',', f);
        print_words("supportedFlags", supported_flag_at, f);
        (void) fputc('}', f);
}

static void print_memory_policy(FILE *f)
{
        static const char *const modes[] = { "MPOL_DEFAULT", "MPOL_BIND", "MPOL_INTERLEAVE",
                "MPOL_WEIGHTED_INTERLEAVE", "MPOL_PREFERRED", "MPOL_PREFERRED_MANY", "MPOL_LOCAL" };
        static const char *const flags[] = { "MPOL_F_NUMA_BALANCING", "MPOL_F_RELATIVE_NODES",
                "MPOL_F_STATIC_NODES" };
        char text[128];
        size_t n = 0;

        (void) fputs("\"memoryPolicy\":{\"modes\":[", f);
        for (size_t i = 0; i < ELEMENTSOF(modes); i++) {
                bool has_nodes = i != 0 && i + 1 != ELEMENTSOF(modes);

                (void) snprintf(text, sizeof(text), ",\"memoryPolicy\":{\"mode\":\"%s\"%s}",
                        modes[i], has_nodes ? ",\"nodes\":\"0\"" : "");
                if (is_accepted("", "", text))
                        (void) fprintf(f, "%s\"%s\"", n++ > 0 ? "," : "", modes[i]);
        }
        (void) fputs("],\"flags\":[", f);
        for (size_t i = n = 0; i < ELEMENTSOF(flags); i++) {
                (void) snprintf(text, sizeof(text),
                        ",\"memoryPolicy\":{\"mode\":\"MPOL_BIND\",\"nodes\":\"0\",\"flags\":[\"%"
                        "s\"]}",
                        flags[i]);
                if (is_accepted("", "", text))
                        (void) fprintf(f, "%s\"%s\"", n++ > 0 ? "," : "", flags[i]);
        }
        (void) fputs("]}", f);
}

/* The resource director, and what of it is newer. */
static void print_rdt(FILE *f)
{
        static const struct {
                const char *name, *in_rdt;
        } parts[] = {
                { "enabled", "\"closID\":\"x\",\"l3CacheSchema\":\"L3:0=f\"" },
                { "schemata", "\"schemata\":[\"L3:0=f\"]" },
                { "monitoring", "\"enableMonitoring\":true" },
        };
        char text[128];

        (void) fputs("\"intelRdt\":{", f);
        for (size_t i = 0; i < ELEMENTSOF(parts); i++) {
                (void) snprintf(text, sizeof(text), ",\"intelRdt\":{%s}", parts[i].in_rdt);
                (void) fprintf(f, "%s\"%s\":%s", i > 0 ? "," : "", parts[i].name,
                        is_accepted("", "", text) ? "true" : "false");
        }
        (void) fputs("},", f);
}

/* Parts that are there or not: each is asked for. */
static void print_parts(FILE *f)
{
        static const struct {
                const char *name, *in_process, *in_mount, *in_linux;
        } parts[] = {
                { "apparmor", ",\"apparmorProfile\":\"x\"", "", "" },
                { "selinux", ",\"selinuxLabel\":\"x\"", "", "" },
                { "netDevices", "", "", ",\"netDevices\":{\"dummy0\":{\"name\":\"x\"}}" },
        };

        for (size_t i = 0; i < ELEMENTSOF(parts); i++)
                (void) fprintf(f, "\"%s\":{\"enabled\":%s},", parts[i].name,
                        is_accepted(parts[i].in_process, parts[i].in_mount, parts[i].in_linux)
                                ? "true"
                                : "false");
        print_rdt(f);
        (void) fprintf(f, "\"mountExtensions\":{\"idmap\":{\"enabled\":%s}},",
                is_accepted("", ",\"options\":[\"rbind\",\"idmap\"]", "") ? "true" : "false");
}

static void print_annotations(FILE *f)
{
        const struct scmp_version *v = seccomp_version();

        (void) fputs("\"annotations\":{", f);
        if (v)
                (void) fprintf(f, "\"io.github.seccomp.libseccomp.version\":\"%u.%u.%u\",",
                        v->major, v->minor, v->micro);
        (void) fprintf(f, "\"org.opencontainers.runc.checkpoint.enabled\":\"%s\"},",
                criu_is_installed() ? "true" : "false");
        (void) fputs("\"potentiallyUnsafeConfigAnnotations\":[\"bundle\","
                     "\"org.systemd.property.\",\"org.criu.config\",\"run.oci.\"]",
                f);
}

void runtime_print_features(FILE *f)
{
        (void) fputs(
                "{\"ociVersionMin\":\"" VERSION_MIN "\",\"ociVersionMax\":\"" VERSION_MAX "\",", f);
        print_words("hooks", hook_at, f);
        (void) fputc(',', f);
        print_words("mountOptions", mount_option_name, f);
        (void) fputs(",\"linux\":{", f);
        print_words("namespaces", namespace_at, f);
        (void) fputc(',', f);
        print_capabilities(f);
        (void) fputs(",\"cgroup\":{\"v1\":false,\"v2\":true,\"systemd\":true,\"systemdUser\":false,"
                     "\"rdma\":true},",
                f);
        print_seccomp(f);
        (void) fputc(',', f);
        print_parts(f);
        print_memory_policy(f);
        (void) fputs("},", f);
        print_annotations(f);
        (void) fputs("}\n", f);
}
