/* Creates and runs a pod of one container with libctrunit and prints its status: what
 * virtcontainers' README shows in Go.
 *
 *   pod ROOTFS
 *   cc pod.c $(pkg-config --cflags --libs libctrunit) */
#include <ctrunit.h>

#include <stdio.h>
#include <stdlib.h>

/* One container with a shell, four processors, 1024 MiB. */
static const char config_format[] =
        "{ \"HypervisorType\": \"mock\", \"VMConfig\": { \"VCPUs\": 4, \"Memory\": 1024 },"
        "  \"Containers\": [ { \"ID\": \"1\", \"RootFs\": \"%s\","
        "    \"Cmd\": { \"Args\": [ \"/bin/sh\", \"-c\", \"sleep 1000\" ], \"WorkDir\": \"/\","
        "    \"Envs\": [ { \"Var\": \"PATH\", \"Value\": \"/bin:/usr/bin:/sbin:/usr/sbin\" } ] } } ] }";

static int run(CtrFactory *factory, const char *config, CtrError **error)
{
        CtrPod *pod = NULL;
        char *status = NULL;
        int r;

        r = ctr_pod_run(factory, config, &pod, error);
        if (r < 0)
                return r;
        r = ctr_pod_get_status(pod, &status, error);
        if (r >= 0)
                (void) puts(status);
        free(status);
        ctr_pod_free(pod);
        return r;
}

int main(int argc, char **argv)
{
        CtrFactory *factory = NULL;
        CtrError *error = NULL;
        char config[4096];
        int r;

        if (argc != 2) {
                (void) fprintf(stderr, "usage: %s ROOTFS\n", argv[0]);
                return EXIT_FAILURE;
        }
        (void) snprintf(config, sizeof(config), config_format, argv[1]);
        r = ctr_factory_new(NULL, 0, &factory, &error);
        if (r >= 0)
                r = run(factory, config, &error);
        if (r < 0)
                (void) fprintf(stderr, "could not run the pod: %s\n", ctr_error_get_message(error));
        ctr_error_free(error);
        ctr_factory_free(factory);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
