/* See plan-case.h. */
#include "unit/plan-case.h"

#define DEFAULT_NAMESPACES                                                                         \
        "{'type':'pid'},{'type':'mount'},{'type':'network'},{'type':'ipc'},{'type':'uts'},"        \
        "{'type':'cgroup'}"

static const char *or_empty(const char *s)
{
        return s ? s : "";
}

Spec *plan_case_spec(const PlanCase *c)
{
        _cleanup_free_ char *json = NULL;
        Spec *spec = NULL;
        CtrError err = { 0 };

        if (asprintf(&json,
                    "{'ociVersion':'1.2.0','root':{'path':'rootfs'},'process':{'user':{'uid':0,"
                    "'gid':0},'args':['true'],'cwd':'/'%s},'mounts':[%s],'linux':{'namespaces':[%s]"
                    "%s}%s}",
                    or_empty(c->process), or_empty(c->mounts),
                    c->namespaces ? c->namespaces : DEFAULT_NAMESPACES, or_empty(c->linux_),
                    or_empty(c->top)) < 0)
                test_fail(__FILE__, __LINE__, "out of memory");
        for (char *p = json; *p; p++)
                if (*p == '\'')
                        *p = '"';
        if (spec_parse(json, strlen(json), &spec, &err) < 0)
                test_fail(__FILE__, __LINE__, "%s: %s in %s", err.field, err.message, json);
        return spec;
}

PlanContext plan_case_context(const PlanCase *c)
{
        return (PlanContext){
                .id = "web",
                .bundle = "/b",
                .state_dir = "/run/ctrunit/containers/web",
                .config_path = "/etc/ctrunit/containers/web/config.json",
                .digest = PLAN_CASE_DIGEST,
                .origin = c->origin,
                .has_waiting_caller = c->has_waiting_caller,
                .wants_no_pivot = c->wants_no_pivot,
                .wants_no_new_keyring = c->wants_no_new_keyring,
        };
}

char *plan_case_unit(const PlanCase *c)
{
        _cleanup_(spec_freep) Spec *spec = plan_case_spec(c);
        PlanContext ctx = plan_case_context(c);
        PropertyList list = { 0 };
        CtrError err = { 0 };
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        CHECK(f);
        CHECK_OK(plan_properties(spec, &ctx, &list, &err), err);
        CHECK_INT(property_list_to_unit_text(&list, UNIT_SERVICE, f), 0);
        CHECK_INT(fclose(f), 0);
        property_list_done(&list);
        return text;
}

char *plan_case_program(const PlanCase *c)
{
        _cleanup_(spec_freep) Spec *spec = plan_case_spec(c);
        PlanContext ctx = plan_case_context(c);
        _cleanup_free_ void *bytes = NULL;
        Program program;
        CtrError err = { 0 };
        char *text = NULL;
        size_t size;
        FILE *f;

        CHECK_OK(plan_program(spec, &ctx, &bytes, &size, &err), err);
        CHECK_OK(program_open(bytes, size, &program, &err), err);
        f = open_memstream(&text, &size);
        CHECK(f);
        CHECK_INT(program_to_text(&program, f), 0);
        CHECK_INT(fclose(f), 0);
        return text;
}

CtrError plan_case_error(const PlanCase *c)
{
        _cleanup_(spec_freep) Spec *spec = plan_case_spec(c);
        PlanContext ctx = plan_case_context(c);
        _cleanup_free_ void *bytes = NULL;
        PropertyList list = { 0 };
        CtrError first = { 0 }, second = { 0 };
        size_t size;

        CHECK(plan_properties(spec, &ctx, &list, &first) < 0);
        CHECK(plan_program(spec, &ctx, &bytes, &size, &second) < 0);
        CHECK(!bytes && list.n == 0);
        CHECK_STR(first.message, second.message);
        CHECK_STR(first.field, second.field);
        return first;
}

bool has_line(const char *text, const char *line)
{
        size_t n = strlen(line);

        for (const char *p = text; p && *p;) {
                const char *end = strchr(p, '\n');

                if (strncmp(p, line, n) == 0 && (p[n] == '\n' || p[n] == '\0'))
                        return true;
                p = end ? end + 1 : NULL;
        }
        return false;
}
