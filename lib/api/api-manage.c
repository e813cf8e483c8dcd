/* What services and administrators do with containers beside starting and ending them: stop, adopt,
 * annotations, what is known of health, the journal, and configured containers. */
#include "api/api-internal.h"

#include "runtime/criu-options.h"
#include "runtime/health.h"
#include "runtime/strv.h"

#include <string.h>

int ctr_container_stop(CtrContainer *container, CtrError **error)
{
        _cleanup_free_ char *config = NULL;
        CtrError e = { 0 };
        int r = runtime_stop(&container->runtime, container->id, &e);

        /* What was never started has ended. */
        if (r < 0 && e.code == CTR_ERROR_CONTAINER_NOT_EXISTS &&
                reserve_read(&container->runtime, container->id, &config, NULL) > 0)
                return 0;
        return api_result(r, &e, error);
}

int ctr_container_adopt(CtrContainer *container, pid_t pid, CtrError **error)
{
        CtrError e = { 0 };

        return api_judge(
                container, runtime_adopt(&container->runtime, container->id, pid, &e), &e, error);
}

/* ---- checkpoints ---- */

/* options NULL: none. What *ret holds is the document's. */
static int read_options(const char *options, const char *images, JsonDocument **ret_document,
        CriuOptions *ret, CtrError *err)
{
        int r = options ? json_document_parse(options, strlen(options), ret_document, err) : 0;

        return r < 0 ? r
                     : criu_options_parse(options ? json_document_root(*ret_document) : NULL,
                               images, ret, err);
}

int ctr_container_checkpoint(
        CtrContainer *container, const char *images, const char *options, CtrError **error)
{
        _cleanup_(json_document_freep) JsonDocument *document = NULL;
        CriuOptions parsed;
        CtrError e = { 0 };
        int r;

        r = read_options(options, images, &document, &parsed, &e);
        if (r >= 0) {
                r = runtime_checkpoint(&container->runtime, container->id, &parsed.criu, &e);
                criu_options_done(&parsed);
        }
        return api_judge(container, r, &e, error);
}

int ctr_factory_restore(CtrFactory *factory, const char *id, const char *images,
        const char *options, CtrContainer **ret, CtrError **error)
{
        _cleanup_(json_document_freep) JsonDocument *document = NULL;
        CriuOptions parsed;
        CtrError e = { 0 };
        int r;

        r = ctr_id_check(id ? id : "", &e);
        if (r >= 0)
                r = read_options(options, images, &document, &parsed, &e);
        if (r >= 0) {
                r = criu_options_restore(&factory->runtime, id, &parsed, &e);
                criu_options_done(&parsed);
        }
        if (r < 0)
                return api_result(r, &e, error);
        return ctr_factory_load(factory, id, ret, error);
}

/* ---- annotations ---- */

static char *find_annotation(const ContainerInfo *info, const char *key)
{
        for (size_t i = 0; i < info->annotations.n; i++)
                if (strcmp(info->annotations.items[i].key, key) == 0)
                        return info->annotations.items[i].value;
        return NULL;
}

int ctr_container_get_annotation(
        CtrContainer *container, const char *key, char **ret, CtrError **error)
{
        CtrError e = { 0 };
        ContainerInfo info;
        char *value;
        int r;

        r = runtime_state(&container->runtime, container->id, &info, &e);
        if (r < 0)
                return api_judge(container, r, &e, error);
        value = find_annotation(&info, key);
        if (!value)
                r = ctr_error_set(
                        &e, CTR_ERROR_CONFIG_INVALID, 0, "Annotations key %s does not exist", key);
        else {
                value = strdup(value);
                if (!value)
                        r = ctr_error_set(&e, CTR_ERROR_SYSTEM, ENOMEM, "annotations");
        }
        container_info_done(&info);
        if (r >= 0)
                *ret = value;
        return api_result(r, &e, error);
}

int ctr_container_set_annotation(
        CtrContainer *container, const char *key, const char *value, CtrError **error)
{
        SpecKeyValue item = { .key = (char *) (uintptr_t) key,
                .value = (char *) (uintptr_t) value };
        const SpecKeyValues all = { .items = &item, .n = 1 };
        CtrError e = { 0 };

        return api_judge(container,
                runtime_set_annotations(&container->runtime, container->id, &all, &e), &e, error);
}

/* ---- health ---- */

int ctr_container_get_health(CtrContainer *container, char **ret_status, unsigned *ret_n_failures,
        char **ret_output, CtrError **error)
{
        _cleanup_free_ char *status = NULL;
        CtrError e = { 0 };
        HealthReport report;
        int r;

        r = runtime_health_report(&container->runtime, container->id, &report, &e);
        if (r < 0)
                return api_judge(container, r, &e, error);
        status = strdup(report.status);
        if (!status)
                r = ctr_error_set(&e, CTR_ERROR_SYSTEM, ENOMEM, "health");
        if (r >= 0) {
                *ret_status = TAKE_PTR(status);
                if (ret_n_failures)
                        *ret_n_failures = report.n_failures;
                if (ret_output)
                        *ret_output = TAKE_PTR(report.output);
        }
        health_report_done(&report);
        return api_result(r, &e, error);
}

/* ---- the journal ---- */

int ctr_container_get_log_command(
        CtrContainer *container, int is_following, char ***ret, CtrError **error)
{
        const RuntimeLogs options = { .id = container->id, .is_following = is_following != 0 };
        SpecStrv argv = { 0 };
        CtrError e = { 0 };
        int r;

        r = runtime_logs_command(&container->runtime, &options, &argv, &e);
        if (r >= 0)
                r = api_strv_take(&argv, ret, &e);
        strv_done(&argv);
        return api_result(r, &e, error);
}

/* ---- configured containers ---- */

int ctr_factory_set_enabled(
        CtrFactory *factory _unused_, const char *id, int is_enabled, CtrError **error)
{
        CtrError e = { 0 };
        int r = ctr_id_check(id ? id : "", &e);

        if (r >= 0)
                r = runtime_set_enabled(id, is_enabled != 0, &e);
        return api_result(r, &e, error);
}

int ctr_factory_reload(CtrFactory *factory _unused_, CtrError **error)
{
        CtrError e = { 0 };

        return api_result(runtime_reload(&e), &e, error);
}
