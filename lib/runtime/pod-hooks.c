/* Hooks of a pod: programs of the host, in the pod's network namespace, with its state on standard
 * input as the OCI runtime specification has it for containers. */
#include "runtime/pod-internal.h"

#include "base/json.h"
#include "runtime/child.h"

#include <stdio.h>

static const struct {
        const char *name, *status;
} kinds[_POD_HOOK_MAX] = {
        [POD_HOOK_PRESTART] = { "prestart", "creating" },
        [POD_HOOK_POSTSTART] = { "poststart", "running" },
        [POD_HOOK_POSTSTOP] = { "poststop", "stopped" },
};

static int print_state(const Pod *pod, PodHookKind kind, char **ret, size_t *ret_size)
{
        const SpecKeyValues *annotations = &pod->config->annotations;
        FILE *f = open_memstream(ret, ret_size);

        if (!f)
                return -ENOMEM;
        (void) fputs("{\"ociVersion\":\"1.0.2\",\"id\":", f);
        json_write_string(f, pod->id);
        (void) fprintf(
                f, ",\"status\":\"%s\",\"pid\":%d,\"bundle\":", kinds[kind].status, (int) getpid());
        json_write_string(f, pod->dir);
        (void) fputs(",\"annotations\":{", f);
        for (size_t i = 0; i < annotations->n; i++) {
                (void) fputs(i > 0 ? "," : "", f);
                json_write_string(f, annotations->items[i].key);
                (void) fputc(':', f);
                json_write_string(f, annotations->items[i].value);
        }
        (void) fputs("}}\n", f);
        return fclose(f) == 0 ? 0 : -ENOMEM;
}

static int run_hook(const Pod *pod, PodHookKind kind, const SpecHook *hook, int netns_fd,
        const char *state, size_t size, CtrError *err)
{
        char what[512];

        (void) snprintf(what, sizeof(what), "%s hook %.400s", kinds[kind].name, hook->path);
        return child_run_checked(&(ChildRun){ .what = what,
                                         .path = hook->path,
                                         .argv = hook->args.items,
                                         .env = hook->env.items,
                                         .input = state,
                                         .input_size = size,
                                         .netns_fd = netns_fd,
                                         .timeout_usec = hook->timeout_usec },
                err);
}

int pod_hooks_run(Pod *pod, PodHookKind kind, CtrError *err)
{
        const SpecHooks *hooks = &pod->config->hooks[kind];
        _cleanup_close_ int netns_fd = -EBADF;
        _cleanup_free_ char *state = NULL;
        CtrError e = { 0 };
        size_t size;
        int r;

        if (hooks->n == 0)
                return 0;
        netns_fd = pod_network_open(pod, &e);
        /* Where its namespace is gone, what is left to do is to be done on the host. */
        r = netns_fd < 0 && netns_fd != -EBADF && kind != POD_HOOK_POSTSTOP ? netns_fd : 0;
        if (r >= 0 && print_state(pod, kind, &state, &size) < 0)
                r = ctr_error_set(&e, CTR_ERROR_SYSTEM, ENOMEM, "running hooks");
        for (size_t i = 0; i < hooks->n && r >= 0; i++) {
                r = run_hook(pod, kind, &hooks->items[i], netns_fd, state, size, &e);
                if (r < 0 && kind != POD_HOOK_PRESTART) {
                        pod_remark(pod, "warning", &e);
                        r = 0;
                }
        }
        if (r < 0 && err)
                *err = e;
        return r;
}
