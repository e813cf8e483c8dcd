/* A container with libctrunit, step by step: what libcontainer's README shows in Go. Creates it,
 * runs a program in it with our own standard descriptors, looks at it while it runs, waits, and
 * destroys it. Exits as the program did.
 *
 *   container ID ROOTFS USER PROGRAM [ARGUMENT]...
 *   cc container.c $(pkg-config --cflags --libs libctrunit) */
#include <ctrunit.h>

#include <stdio.h>
#include <stdlib.h>

/* libcontainer's Config: names of namespaces, capabilities and devices are its own. */
static const char config_format[] =
        "{ \"rootfs\": \"%s\", \"hostname\": \"testing\","
        "  \"capabilities\": [ \"CHOWN\", \"DAC_OVERRIDE\", \"FSETID\", \"FOWNER\", \"MKNOD\","
        "    \"NET_RAW\", \"SETGID\", \"SETUID\", \"SETFCAP\", \"SETPCAP\", \"NET_BIND_SERVICE\","
        "    \"SYS_CHROOT\", \"KILL\", \"AUDIT_WRITE\" ],"
        "  \"namespaces\": [ { \"type\": \"NEWNS\" }, { \"type\": \"NEWUTS\" }, { \"type\": \"NEWIPC\" },"
        "    { \"type\": \"NEWPID\" }, { \"type\": \"NEWNET\" } ],"
        "  \"cgroups\": { \"name\": \"test-container\", \"parent\": \"system\","
        "    \"allowed_devices\": [ { \"type\": 99, \"major\": -1, \"minor\": -1,"
        "                           \"permissions\": \"m\" },"
        "      { \"type\": 99, \"major\": 5, \"minor\": 0, \"permissions\": \"rwm\" } ] },"
        "  \"devices\": [ { \"type\": 99, \"path\": \"/dev/null\", \"major\": 1, \"minor\": 3,"
        "                 \"file_mode\": 438 },"
        "    { \"type\": 99, \"path\": \"/dev/zero\", \"major\": 1, \"minor\": 5, \"file_mode\": 438 } ],"
        "  \"networks\": [ { \"type\": \"loopback\", \"address\": \"127.0.0.1/0\","
        "                  \"gateway\": \"localhost\" } ],"
        "  \"rlimits\": [ { \"type\": 7, \"hard\": 1024, \"soft\": 1024 } ] }";

/* Additional ways to interact with a running container. */
static int look_at(CtrContainer *container, CtrError **error)
{
        CtrStats *stats = NULL;
        pid_t *processes = NULL;
        size_t n = 0;
        int r;

        r = ctr_container_get_processes(container, &processes, &n, error);
        if (r >= 0)
                r = ctr_container_get_stats(container, &stats, error);
        if (r >= 0) {
                (void) fprintf(stderr, "%zu processes, %zu network interfaces\n", n,
                        ctr_stats_get_n_interfaces(stats));
                /* Stops all processes, and lets them go on. */
                r = ctr_container_pause(container, error);
        }
        if (r >= 0)
                r = ctr_container_resume(container, error);
        ctr_stats_free(stats);
        free(processes);
        return r;
}

static int run(
        CtrContainer *container, const char *user, char **argv, CtrExit *ret, CtrError **error)
{
        const char *const env[] = { "PATH=/bin", NULL };
        CtrProcess *process = NULL;
        int r;

        r = ctr_process_new((const char *const *) argv, &process, error);
        if (r >= 0)
                r = ctr_process_set_env(process, env, error);
        if (r >= 0)
                r = ctr_process_set_user(process, user, error);
        if (r >= 0) {
                ctr_process_set_stdio(process, 0, 1, 2);
                r = ctr_container_start(container, process, error);
        }
        /* Anything may have ended again before we look. */
        if (r >= 0 && look_at(container, error) < 0) {
                (void) fprintf(stderr, "too late to look: %s\n", ctr_error_get_message(*error));
                *error = ctr_error_free(*error);
        }
        if (r >= 0)
                r = ctr_process_wait(process, ret, error);
        ctr_process_free(process);
        return r;
}

int main(int argc, char **argv)
{
        CtrFactory *factory = NULL;
        CtrContainer *container = NULL;
        CtrError *error = NULL;
        CtrExit end = { 0, 0 };
        char config[8192];
        int r;

        if (argc < 5) {
                (void) fprintf(stderr, "usage: %s ID ROOTFS USER PROGRAM [ARGUMENT]...\n", argv[0]);
                return EXIT_FAILURE;
        }
        (void) snprintf(config, sizeof(config), config_format, argv[2]);
        r = ctr_factory_new(NULL, 0, &factory, &error);
        if (r >= 0)
                r = ctr_factory_create(factory, argv[1], config, &container, &error);
        if (r >= 0) {
                r = run(container, argv[3], argv + 4, &end, &error);
                /* The first error counts. */
                if (ctr_container_destroy(container, r < 0 ? NULL : &error) < 0)
                        r = -1;
        }
        if (r < 0)
                (void) fprintf(stderr, "%s: %s\n", ctr_code_get_name(ctr_error_get_code(error)),
                        ctr_error_get_message(error));
        ctr_error_free(error);
        ctr_container_free(container);
        ctr_factory_free(factory);
        return r < 0 ? EXIT_FAILURE : end.signal ? 128 + end.signal : end.code;
}
