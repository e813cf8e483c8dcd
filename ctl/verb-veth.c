/* veth: the hook that gives a converted container its network. For configurations that `convert`
 * has made: the state of the container comes on standard input, as to every hook. */
#include "ctl/verb.h"

#include "base/io.h"
#include "runtime/veth.h"

#include <string.h>
#include <unistd.h>

enum { STATE_SIZE_MAX = 1024 * 1024 };

static int read_pid(pid_t *ret, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        _cleanup_free_ char *text = NULL;
        int64_t pid = 0;
        size_t size;
        int r;

        r = ctr_read_fd(STDIN_FILENO, "standard input", STATE_SIZE_MAX, &text, &size, err);
        if (r >= 0)
                r = json_document_parse(text, size, &doc, err);
        if (r < 0)
                return ctr_error_prefix(err, r, "state on standard input");
        if (json_member_i64(json_document_root(doc), "pid", &pid) < 0 || pid <= 0 ||
                pid > INT32_MAX)
                return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "veth is a hook: it wants the state of a container on standard input");
        *ret = (pid_t) pid;
        return 0;
}

static int run_veth(const Call *call, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        const JsonValue *network = NULL, *routes = NULL;
        const char *text = call->arguments[0];
        Veth veth;
        pid_t pid;
        int r;

        r = json_document_parse(text, strlen(text), &doc, err);
        if (r < 0)
                return r;
        (void) json_value_member(json_document_root(doc), "network", &network);
        (void) json_value_member(json_document_root(doc), "routes", &routes);
        r = veth_read(network, routes, &veth, err);
        if (r >= 0)
                r = read_pid(&pid, err);
        return r < 0 ? r : veth_attach(&veth, pid, err);
}

const Verb verb_veth = {
        .name = "veth",
        .arguments = "NETWORK",
        .n_arguments_min = 1,
        .n_arguments_max = 1,
        .run = run_veth,
};
