/* Compiled filters from a cache that the caller brings. Compiling takes longer than everything else
 * that is done for a container, and profiles are few. The key is a canonical form of the section
 * and of what compiles it, each string behind its length, so that no two sections share one. */
#include "plan/plan-internal.h"

#include <inttypes.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>

/* Hundreds of names: formatting them would take longer than reading the filter. */
static void write_string(FILE *f, const char *s)
{
        size_t n = strlen(s);

        (void) fwrite(&n, sizeof(n), 1, f);
        (void) fwrite(s, 1, n, f);
}

static void write_action(FILE *f, SpecSeccompAction action, OptU32 errno_ret)
{
        (void) fprintf(f, "action %d %d %" PRIu32 "\n", (int) action, errno_ret.is_set,
                errno_ret.is_set ? errno_ret.value : 0);
}

static void write_rule(FILE *f, const SpecSeccompRule *rule)
{
        (void) fprintf(f, "rule %zu %zu ", rule->names.n, rule->n_args);
        write_action(f, rule->action, rule->errno_ret);
        for (size_t i = 0; i < rule->names.n; i++)
                write_string(f, rule->names.items[i]);
        for (size_t i = 0; i < rule->n_args; i++) {
                const SpecSeccompArg *a = &rule->args[i];

                (void) fprintf(f, "arg %" PRIu32 " %d %" PRIu64 " %" PRIu64 "\n", a->index, a->op,
                        a->value, a->value_two);
        }
}

/* The flags and the listener are not part of a filter. */
static int make_key(const SpecSeccomp *s, char **ret, size_t *ret_size)
{
        const struct scmp_version *v = seccomp_version();
        FILE *f = open_memstream(ret, ret_size);

        if (!f)
                return -ENOMEM;
        (void) fprintf(f, "ctrunit %s libseccomp %u.%u.%u native %#" PRIx32 "\n", CTR_VERSION,
                v->major, v->minor, v->micro, seccomp_arch_native());
        write_action(f, s->default_action, s->default_errno_ret);
        (void) fprintf(f, "architectures %zu rules %zu%s\n", s->architectures.n, s->n_rules,
                s->refuses_unknown_calls ? " known" : "");
        for (size_t i = 0; i < s->architectures.n; i++)
                write_string(f, s->architectures.items[i]);
        for (size_t i = 0; i < s->n_rules; i++)
                write_rule(f, &s->rules[i]);
        return fclose(f) < 0 ? -ENOMEM : 0;
}

int plan_seccomp_compile_cached(const SpecSeccomp *s, const PlanFilterCache *cache,
        void **ret_filter, size_t *ret_size, CtrError *err)
{
        _cleanup_free_ char *key = NULL;
        size_t key_size;
        int r;

        if (!cache)
                return plan_seccomp_compile(s, ret_filter, ret_size, err);
        if (make_key(s, &key, &key_size) < 0)
                return plan_no_memory(err);
        if (cache->load(cache->userdata, key, key_size, ret_filter, ret_size) > 0)
                return 0;
        r = plan_seccomp_compile(s, ret_filter, ret_size, err);
        if (r >= 0)
                cache->store(cache->userdata, key, key_size, *ret_filter, *ret_size);
        return r;
}
