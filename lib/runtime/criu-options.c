/* Options of a checkpoint: see criu-options.h. */
#include "runtime/criu-options.h"

#include "runtime/container.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

typedef enum ValueKind {
        VALUE_FLAG,
        VALUE_TEXT,
        VALUE_PATH, /* absolute */
} ValueKind;

#define MEMBER(m) offsetof(CriuOptions, m)

static const struct {
        const char *name, *word; /* CriuOpts', D-Bus'; NULL = has none */
        ValueKind kind;
        size_t offset;
} members[] = {
        { "ImagesDirectory", "images", VALUE_PATH, MEMBER(criu.image_path) },
        { "WorkDirectory", "work_path", VALUE_PATH, MEMBER(criu.work_path) },
        { "ParentImage", "parent_path", VALUE_TEXT, MEMBER(criu.parent_path) },
        { "LeaveRunning", "leave_running", VALUE_FLAG, MEMBER(criu.is_left_running) },
        { "PreDump", "pre_dump", VALUE_FLAG, MEMBER(criu.is_pre_dump) },
        { "TcpEstablished", "tcp_established", VALUE_FLAG, MEMBER(criu.is_tcp_established) },
        { "TcpSkipInFlight", "tcp_skip_in_flight", VALUE_FLAG, MEMBER(criu.skips_in_flight) },
        { "TcpClose", "tcp_close", VALUE_FLAG, MEMBER(criu.is_tcp_close) },
        { "LinkRemap", "link_remap", VALUE_FLAG, MEMBER(criu.has_link_remap) },
        { "ExternalUnixConnections", "ext_unix_sk", VALUE_FLAG,
                MEMBER(criu.has_external_unix_sockets) },
        { "ShellJob", "shell_job", VALUE_FLAG, MEMBER(criu.is_shell_job) },
        { "FileLocks", "file_locks", VALUE_FLAG, MEMBER(criu.has_file_locks) },
        { "AutoDedup", "auto_dedup", VALUE_FLAG, MEMBER(criu.is_deduplicated) },
        { "LazyPages", NULL, VALUE_FLAG, MEMBER(criu.is_lazy) },
        { "LsmProfile", "lsm_profile", VALUE_TEXT, MEMBER(criu.lsm_profile) },
        { "LsmMountContext", "lsm_mount_context", VALUE_TEXT, MEMBER(criu.lsm_mount_context) },
        { "Bundle", "bundle", VALUE_PATH, MEMBER(bundle) },
        { "Config", "config", VALUE_TEXT, MEMBER(config) },
};

static int refuse(const char *key, const char *why, CtrError *err)
{
        return ctr_error_set(err, CTR_ERROR_USAGE, 0, "option %s %s", key, why);
}

static int set_member(
        CriuOptions *o, size_t i, const char *key, const JsonValue *value, CtrError *err)
{
        void *place = (char *) o + members[i].offset;
        const char *text;

        if (members[i].kind == VALUE_FLAG) {
                if (json_value_bool(value, place) < 0)
                        return refuse(key, "is true or false", err);
                return 0;
        }
        if (json_value_type(value) != JSON_TYPE_STRING)
                return refuse(key, "is a text", err);
        text = json_value_string(value);
        if (members[i].kind == VALUE_PATH && text[0] != '/')
                return refuse(key, "is an absolute path", err);
        *(const char **) place = text;
        return 0;
}

/* {"Address": "192.0.2.1", "Port": 9876} */
static int set_page_server(CriuOptions *o, const JsonValue *value, CtrError *err)
{
        const JsonValue *address = NULL, *port = NULL;
        int64_t number = 0;

        (void) json_value_member(value, "Address", &address);
        (void) json_value_member(value, "Port", &port);
        if (json_value_type(address) != JSON_TYPE_STRING || json_value_i64(port, &number) < 0 ||
                number < 1 || number > 65535)
                return refuse("PageServer", "has an Address and a Port", err);
        if (asprintf(&o->page_server, "%s:%d", json_value_string(address), (int) number) < 0) {
                o->page_server = NULL;
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "options");
        }
        o->criu.page_server = o->page_server;
        return 0;
}

static int set(CriuOptions *o, const char *key, const JsonValue *value, CtrError *err)
{
        if (strcmp(key, "PageServer") == 0)
                return set_page_server(o, value, err);
        if (strcmp(key, "VethPairs") == 0 && json_value_length(value) > 0)
                return refuse(key, "is not supported: the network devices are in the images", err);
        if (strcmp(key, "VethPairs") == 0)
                return 0;
        for (size_t i = 0; i < ELEMENTSOF(members); i++)
                if (strcmp(key, members[i].name) == 0 ||
                        (members[i].word && strcmp(key, members[i].word) == 0))
                        return set_member(o, i, key, value, err);
        return refuse(key, "is not known", err);
}

int criu_options_parse(const JsonValue *object, const char *images, CriuOptions *ret, CtrError *err)
{
        JsonIterator it = { .object = object };
        const JsonValue *value;
        const char *key;
        int r = 0;

        *ret = (CriuOptions){ 0 };
        if (object && json_value_type(object) != JSON_TYPE_OBJECT)
                return ctr_error_set(err, CTR_ERROR_USAGE, 0, "options are an object");
        while (r >= 0 && json_iterator_next(&it, &key, &value))
                r = set(ret, key, value, err);
        if (images && images[0] != '\0')
                ret->criu.image_path = images;
        if (r >= 0 && (!ret->criu.image_path || ret->criu.image_path[0] != '/'))
                r = refuse("images", "is an absolute path", err);
        if (r < 0)
                criu_options_done(ret);
        return r;
}

void criu_options_done(CriuOptions *options)
{
        free(options->page_server);
        *options = (CriuOptions){ 0 };
}

int criu_options_restore(
        const Runtime *rt, const char *id, const CriuOptions *options, CtrError *err)
{
        RuntimeCreate create = {
                .id = id, .bundle = options->bundle, .config = options->config, .is_detached = true
        };
        _cleanup_free_ char *bundle = NULL;
        int r, status;
        Container c;

        r = ctr_id_check(id, err);
        if (r < 0)
                return r;
        r = container_open(rt, id, &c, NULL);
        if (r >= 0) {
                bundle = strdup(c.state.bundle);
                container_done(&c);
                if (!bundle)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "options");
        }
        if (!create.bundle)
                create.bundle = bundle;
        if (!create.bundle)
                return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "there is no container %s whose bundle would be known: option bundle", id);
        return runtime_restore(rt, &create, &options->criu, &status, err);
}
