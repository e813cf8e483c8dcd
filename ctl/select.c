/* Containers by pattern: see select.h. */
#include "ctl/select.h"

#include "ctl/report.h"

#include <regex.h>

static int compile(regex_t *regex, const char *pattern, CtrError *err)
{
        char reason[128];
        int r = regcomp(regex, pattern, REG_EXTENDED | REG_NOSUB);

        if (r == 0)
                return 0;
        (void) regerror(r, regex, reason, sizeof(reason));
        return ctr_error_set(err, CTR_ERROR_USAGE, 0, "\"%.64s\" is not a regular expression: %s",
                pattern, reason);
}

int select_each(const Call *call, const char *pattern, ContainerAction action, CtrError *err)
{
        size_t n_failed = 0, n_matched = 0;
        SpecStrv ids = { 0 };
        regex_t regex;
        int r;

        r = compile(&regex, pattern, err);
        if (r < 0)
                return r;
        r = runtime_list(call->runtime, &ids, err);
        for (size_t i = 0; r >= 0 && i < ids.n; i++) {
                CtrError e = { 0 };

                if (regexec(&regex, ids.items[i], 0, NULL, 0) != 0)
                        continue;
                n_matched++;
                if (action(call, ids.items[i], &e) >= 0)
                        continue;
                (void) ctr_error_prefix(&e, 0, "%s", ids.items[i]);
                report_warning(e.message);
                n_failed++;
        }
        regfree(&regex);
        runtime_strv_done(&ids);
        if (r >= 0 && n_failed > 0)
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, 0, "failed for %zu of %zu containers",
                        n_failed, n_matched);
        return r;
}
