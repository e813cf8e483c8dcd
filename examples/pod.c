/* Creates and runs a pod of one container with the functions of lib/runtime, and prints its state:
 * what virtcontainers' README shows in Go.
 *
 *   pod ROOTFS */
#include "runtime/pod.h"

#include "base/json.h"

#include <stdio.h>
#include <string.h>

/* One container with a shell, four processors, 1024 MiB. */
static char *make_config(const char *rootfs)
{
        size_t size;
        char *text;
        FILE *f = open_memstream(&text, &size);

        if (!f)
                return NULL;
        (void) fputs(
                "{ \"HypervisorType\": \"mock\", \"VMConfig\": { \"VCPUs\": 4, \"Memory\": 1024 },"
                "  \"Containers\": [ { \"ID\": \"1\", \"RootFs\": ",
                f);
        json_write_string(f, rootfs);
        (void) fputs(
                ", \"Cmd\": { \"Args\": [ \"/bin/sh\", \"-c\", \"sleep 1000\" ], \"WorkDir\": \"/\","
                "  \"Envs\": [ { \"Var\": \"PATH\", \"Value\": \"/bin:/usr/bin:/sbin:/usr/sbin\" } ] } } ] }",
                f);
        return fclose(f) == 0 ? text : NULL;
}

static int run(const Runtime *rt, const char *config, CtrError *err)
{
        _cleanup_free_ char *id = NULL;
        PodStatus status;
        int r;

        r = runtime_pod_run(rt, config, strlen(config), &id, err);
        if (r < 0)
                return r;
        r = runtime_pod_status(rt, id, &status, err);
        if (r >= 0) {
                pod_status_print(&status, stdout);
                pod_status_done(&status);
        }
        return r;
}

int main(int argc, char **argv)
{
        _cleanup_free_ char *config = NULL;
        CtrError error = { 0 };
        Runtime rt;
        int r;

        if (argc != 2) {
                (void) fprintf(stderr, "usage: %s ROOTFS\n", argv[0]);
                return EXIT_FAILURE;
        }
        config = make_config(argv[1]);
        r = config ? runtime_init(&rt, NULL, &error) : -ENOMEM;
        if (r >= 0) {
                r = run(&rt, config, &error);
                runtime_done(&rt);
        }
        if (r < 0)
                (void) fprintf(stderr, "could not run the pod: %s\n", error.message);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
