/* Configurations before there is a container: one to start from, what is wrong with one, what one
 * becomes, and what they may ask for. */
#include "api/api-internal.h"

#include "runtime/strv.h"

#include <stdio.h>
#include <string.h>

typedef struct Text {
        char *text;
        size_t size;
        FILE *f;
} Text;

static int text_begin(Text *t, CtrError *err)
{
        *t = (Text){ 0 };
        t->f = open_memstream(&t->text, &t->size);
        return t->f ? 0 : ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "open_memstream");
}

/* Takes the result of the writer. */
static int text_end(Text *t, int r, char **ret, CtrError *err)
{
        if (fclose(t->f) != 0 && r >= 0)
                r = ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "text");
        if (r >= 0)
                *ret = t->text;
        else
                free(t->text);
        return r < 0 ? r : 0;
}

/* ret: what `print` prints. */
static int print(void (*print_to)(FILE *f), char **ret, CtrError **error)
{
        CtrError e = { 0 };
        Text text;
        int r = text_begin(&text, &e);

        if (r >= 0) {
                print_to(text.f);
                r = text_end(&text, 0, ret, &e);
        }
        return api_result(r, &e, error);
}

int ctr_config_new(char **ret, CtrError **error)
{
        return print(runtime_print_default_config, ret, error);
}

int ctr_get_features(char **ret, CtrError **error)
{
        return print(runtime_print_features, ret, error);
}

int ctr_config_check(
        CtrFactory *factory, const char *bundle, char ***ret_warnings, CtrError **error)
{
        SpecStrv warnings = { 0 };
        CtrError e = { 0 };
        int r;

        r = runtime_check(&factory->runtime, bundle, NULL, &warnings, &e);
        if (r >= 0)
                r = api_strv_take(&warnings, ret_warnings, &e);
        strv_done(&warnings);
        return api_result(r, &e, error);
}

int ctr_config_plan(
        CtrFactory *factory, const char *id, const char *bundle, char **ret, CtrError **error)
{
        CtrError e = { 0 };
        Text text;
        int r;

        r = ctr_id_check(id ? id : "", &e);
        if (r >= 0)
                r = text_begin(&text, &e);
        if (r >= 0) {
                r = runtime_plan(
                        &factory->runtime, id, bundle, NULL, PLAN_TRANSIENT_RUN, text.f, &e);
                r = text_end(&text, r, ret, &e);
        }
        return api_result(r, &e, error);
}

int ctr_id_get_unit(const char *id, char **ret, CtrError **error)
{
        char unit[CTR_UNIT_NAME_MAX];
        CtrError e = { 0 };
        char *copy;
        int r;

        r = ctr_id_check(id ? id : "", &e);
        if (r < 0)
                return api_result(r, &e, error);
        copy = strdup(ctr_id_to_unit(id, unit));
        if (!copy)
                return api_result(
                        ctr_error_set(&e, CTR_ERROR_SYSTEM, ENOMEM, "unit name"), &e, error);
        *ret = copy;
        return 0;
}
