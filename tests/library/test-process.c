/* The process object: descriptors, users, terminals, and every way to end. */
#include "library.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const sleeping[] = { "/bin/ctr-probe", "sleep", "1000", NULL };

typedef struct Fixture {
        CtrFactory *factory;
        CtrContainer *container;
        CtrProcess *init;
} Fixture;

static Fixture begin(const char *id)
{
        Fixture f = { .factory = library_factory() };

        f.container = library_container(f.factory, id);
        f.init = library_process(sleeping);
        MUST(ctr_container_start(f.container, f.init, &error));
        return f;
}

static void end(Fixture *f)
{
        MUST(ctr_container_destroy(f->container, &error));
        ctr_process_free(f->init);
        ctr_container_free(f->container);
        ctr_factory_free(f->factory);
}

/* What a process writes: through a pipe as its standard output. */
static const char *output_of(CtrContainer *container, CtrProcess *process, CtrExit *ret)
{
        const char *text;
        int fds[2];

        CHECK_INT(pipe2(fds, O_CLOEXEC), 0);
        ctr_process_set_stdio(process, -1, fds[1], fds[1]);
        MUST(ctr_container_start(container, process, &error));
        (void) close(fds[1]);
        text = library_read(fds[0]);
        (void) close(fds[0]);
        MUST(ctr_process_wait(process, ret, &error));
        return text;
}

static void exits_exactly(void)
{
        static const struct {
                const char *verb, *number;
                int code, signal;
        } cases[] = {
                { "exit", "0", 0, 0 },
                { "exit", "42", 42, 0 },
                { "exit", "137", 137, 0 },
                { "signal", "9", -1, SIGKILL },
                { "signal", "15", -1, SIGTERM },
        };
        Fixture f = begin("lib-exits");
        CtrExit e;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                CtrProcess *p = PROCESS("/bin/ctr-probe", cases[i].verb, cases[i].number);

                MUST(ctr_container_run(f.container, p, &e, &error));
                CHECK_INT(e.code, cases[i].code);
                CHECK_INT(e.signal, cases[i].signal);
                MUST(ctr_process_wait(p, &e, &error)); /* as often as anybody likes */
                CHECK_INT(e.code, cases[i].code);
                MUST_FAIL(ctr_process_signal(p, SIGTERM, &error), CTR_PROCESS_NOT_EXECUTED);
                ctr_process_free(p);
        }
        end(&f);
}

/* The same of the first process: exit 42 and SIGKILL are told apart. */
static void init_exits_exactly(void)
{
        CtrFactory *factory = library_factory();
        CtrContainer *container = library_container(factory, "lib-init");
        CtrProcess *p = PROCESS("/bin/ctr-probe", "exit", "42"), *q = library_process(sleeping);
        CtrExit e;

        MUST(ctr_container_run(container, p, &e, &error));
        CHECK(e.code == 42 && e.signal == 0);
        MUST(ctr_container_start(container, q, &error));
        MUST(ctr_process_signal(q, SIGKILL, &error));
        MUST(ctr_process_wait(q, &e, &error));
        CHECK(e.code == -1 && e.signal == SIGKILL);
        MUST(ctr_container_destroy(container, &error));
        ctr_process_free(p);
        ctr_process_free(q);
        ctr_container_free(container);
        ctr_factory_free(factory);
}

static void pipes(void)
{
        Fixture f = begin("lib-pipes");
        CtrProcess *p = PROCESS("/bin/busybox", "cat");
        int in[2], out[2];
        CtrExit e;

        CHECK_INT(pipe2(in, O_CLOEXEC), 0);
        CHECK_INT(pipe2(out, O_CLOEXEC), 0);
        ctr_process_set_stdio(p, in[0], out[1], -1);
        MUST(ctr_container_start(f.container, p, &error));
        (void) close(in[0]);
        (void) close(out[1]);
        CHECK_INT(write(in[1], "echo", 4), 4);
        (void) close(in[1]);
        CHECK_STR(library_read(out[0]), "echo");
        (void) close(out[0]);
        MUST(ctr_process_wait(p, &e, &error));
        CHECK_INT(e.code, 0);
        ctr_process_free(p);
        end(&f);
}

static void extra_descriptors(void)
{
        Fixture f = begin("lib-fds");
        CtrProcess *p = PROCESS("/bin/busybox", "sh", "-c", "cat <&3; cat <&4");
        int a[2], b[2], fds[2];
        CtrExit e;

        CHECK_INT(pipe2(a, O_CLOEXEC), 0);
        CHECK_INT(pipe2(b, O_CLOEXEC), 0);
        CHECK_INT(write(a[1], "three", 5), 5);
        CHECK_INT(write(b[1], "four", 4), 4);
        (void) close(a[1]);
        (void) close(b[1]);
        fds[0] = a[0];
        fds[1] = b[0];
        MUST(ctr_process_set_extra_fds(p, fds, 2, &error));
        CHECK_STR(output_of(f.container, p, &e), "threefour");
        CHECK_INT(e.code, 0);
        (void) close(a[0]);
        (void) close(b[0]);
        MUST_FAIL(ctr_process_set_extra_fds(p, fds, 250, &error), CTR_USAGE);
        ctr_process_free(p);
        end(&f);
}

static void user_and_environment(void)
{
        static const char *const env[] = { "MORE=1", NULL };
        static const char *const capabilities[] = { "net_bind_service", NULL };
        Fixture f = begin("lib-user");
        CtrProcess *p = PROCESS("/bin/busybox", "sh", "-c",
                "id -u; id -g; pwd; echo $KEPT $MORE; grep CapBnd /proc/self/status");
        const char *text;
        CtrExit e;

        MUST(ctr_process_set_user(p, "daemon", &error));
        MUST(ctr_process_set_cwd(p, "/tmp", &error));
        MUST(ctr_process_set_env(p, env, &error));
        MUST(ctr_process_set_capabilities(p, capabilities, &error));
        text = output_of(f.container, p, &e);
        CHECK_STR(text, "1\n12\n/tmp\nyes 1\nCapBnd:\t0000000000000420\n");
        ctr_process_free(p);

        p = library_process(sleeping);
        MUST(ctr_process_set_user(p, "nobody-here", &error));
        MUST_FAIL(ctr_container_start(f.container, p, &error), CTR_CONFIG_INVALID);
        ctr_process_free(p);
        end(&f);
}

/* Of the first process the environment is all that is said. */
static void init_user_and_environment(void)
{
        static const char *const env[] = { "PATH=/bin", NULL };
        CtrFactory *factory = library_factory();
        CtrContainer *container = library_container(factory, "lib-initenv");
        CtrProcess *p = PROCESS("sh", "-c", "id -u; id -g; echo -$KEPT-; hostname; echo $$");
        CtrExit e;

        MUST(ctr_process_set_user(p, "daemon", &error));
        MUST(ctr_process_set_env(p, env, &error));
        CHECK_STR(output_of(container, p, &e), "1\n12\n--\nlibrary\n1\n");
        CHECK_INT(e.code, 0);
        MUST(ctr_container_destroy(container, &error));
        ctr_process_free(p);
        ctr_container_free(container);
        ctr_factory_free(factory);
}

static void console(void)
{
        Fixture f = begin("lib-console");
        CtrProcess *p = PROCESS("/bin/busybox", "stty", "size");
        char text[64] = "";
        CtrExit e;
        int fd;

        ctr_process_set_console(p, 33, 99);
        CHECK_INT(ctr_process_take_console(p), -EBADF);
        MUST(ctr_container_start(f.container, p, &error));
        fd = ctr_process_take_console(p);
        CHECK(fd >= 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC));
        CHECK_INT(ctr_process_take_console(p), -EBADF);
        MUST(ctr_process_wait(p, &e, &error));
        CHECK(read(fd, text, sizeof(text) - 1) > 0);
        CHECK_CONTAINS(text, "33 99");
        (void) close(fd);
        ctr_process_free(p);
        end(&f);
}

/* Its pidfd becomes readable with its end, and not before. */
static void descriptor_to_poll(void)
{
        Fixture f = begin("lib-poll");
        struct pollfd pollfd = { .fd = ctr_process_get_fd(f.init), .events = POLLIN };
        CtrProcess *p = library_process(sleeping);

        CHECK_INT(ctr_process_get_fd(p), -EBADF);
        CHECK_INT(poll(&pollfd, 1, 0), 0);
        MUST(ctr_process_signal(f.init, SIGKILL, &error));
        CHECK_INT(poll(&pollfd, 1, 30000), 1);
        ctr_process_free(p);
        end(&f);
}

/* A session is a unit that systemd shows, stops with the container, and forgets. */
static void sessions_are_units(void)
{
        Fixture f = begin("lib-session");
        CtrProcess *p = library_process(sleeping);
        char command[256];
        CtrExit e;
        pid_t pid;

        MUST(ctr_container_start(f.container, p, &error));
        MUST(ctr_process_get_pid(p, &pid, &error));
        (void) snprintf(command, sizeof(command),
                "unit=$(systemctl list-units --plain --no-legend 'ctr-exec-*' | cut -d' ' -f1);"
                "test \"$(systemctl show -P MainPID $unit)\" = %d &&"
                "systemctl show -P BindsTo $unit | grep -q ctr@lib-session.service",
                (int) pid);
        CHECK_INT(system(command), 0);
        /* PID 1 has no second opinion of the container's main process. */
        MUST(ctr_process_get_pid(f.init, &pid, &error));
        (void) snprintf(command, sizeof(command),
                "test \"$(systemctl show -P MainPID ctr@lib-session.service)\" = %d", (int) pid);
        CHECK_INT(system(command), 0);
        MUST(ctr_process_signal(f.init, SIGKILL, &error));
        MUST(ctr_process_wait(p, &e, &error));
        CHECK_INT(e.signal, SIGKILL);
        ctr_process_free(p);
        end(&f);
        (void) snprintf(command, sizeof(command),
                "for i in $(seq 300); do"
                "  test -z \"$(systemctl list-units --all --plain --no-legend 'ctr-exec-*')\" &&"
                "  exit 0; sleep 0.1; done; exit 1");
        CHECK_INT(system(command), 0);
}

static volatile sig_atomic_t n_signals;

static void count_signal(int number _unused_)
{
        n_signals++;
}

/* A caller that reaps every child and counts every signal notices nothing of ours. */
static void caller_keeps_its_children(void)
{
        struct sigaction action = { .sa_handler = count_signal };
        CtrFactory *factory = library_factory();
        CtrContainer *container = library_container(factory, "lib-child");
        CtrProcess *init = library_process(sleeping), *p = PROCESS("/bin/ctr-probe", "exit", "5");
        CtrExit e;

        CHECK_INT(sigaction(SIGCHLD, &action, NULL), 0);
        MUST(ctr_container_start(container, init, &error));
        MUST(ctr_container_run(container, p, &e, &error));
        CHECK_INT(e.code, 5);
        MUST(ctr_container_pause(container, &error));
        MUST(ctr_container_resume(container, &error));
        MUST(ctr_container_destroy(container, &error));
        CHECK_INT(n_signals, 0);
        CHECK(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
        ctr_process_free(p);
        ctr_process_free(init);
        ctr_container_free(container);
        ctr_factory_free(factory);
}

/* Not even when a hook after the end fails. */
static void prints_nothing(void)
{
        CtrFactory *factory = library_factory();
        CtrContainer *container = NULL;
        char config[4096];
        int fds[2], saved[2];

        (void) snprintf(config, sizeof(config), "%s", library_config(""));
        (void) snprintf(strrchr(config, '}'), 128,
                ", \"hooks\": { \"poststop\": [ { \"path\": \"/bin/false\" } ] } }");
        CHECK_INT(pipe2(fds, O_CLOEXEC), 0);
        for (int i = 0; i < 2; i++) {
                saved[i] = fcntl(STDOUT_FILENO + i, F_DUPFD_CLOEXEC, 3);
                CHECK(dup2(fds[1], STDOUT_FILENO + i) >= 0);
        }
        (void) close(fds[1]);
        MUST(ctr_factory_create(factory, "lib-silent", config, &container, &error));
        MUST(ctr_container_start(container, NULL, &error));
        MUST(ctr_container_destroy(container, &error));
        for (int i = 0; i < 2; i++) {
                CHECK(dup2(saved[i], STDOUT_FILENO + i) >= 0);
                (void) close(saved[i]);
        }
        CHECK_STR(library_read(fds[0]), "");
        (void) close(fds[0]);
        ctr_container_free(container);
        ctr_factory_free(factory);
}

/* Not found, not executable, not started: nothing is left of the first two. */
static void failures(void)
{
        CtrFactory *factory = library_factory();
        CtrContainer *container = library_container(factory, "lib-fail");
        CtrProcess *p = PROCESS("/nope"), *q = PROCESS("/etc/passwd"),
                   *init = library_process(sleeping);
        CtrStatus status;
        CtrExit e;
        pid_t pid;

        MUST_FAIL(ctr_process_get_pid(p, &pid, &error), CTR_PROCESS_NOT_EXECUTED);
        MUST_FAIL(ctr_process_wait(p, &e, &error), CTR_PROCESS_NOT_EXECUTED);
        MUST_FAIL(ctr_process_signal(p, SIGTERM, &error), CTR_PROCESS_NOT_EXECUTED);
        MUST_FAIL(ctr_container_start(container, p, &error), CTR_PROCESS_NOT_EXECUTED);
        MUST(ctr_container_get_status(container, &status, &error));
        CHECK_INT(status, CTR_STATUS_DESTROYED);
        CHECK(library_unit_is("ctr@lib-fail.service", "inactive"));
        MUST(ctr_container_start(container, init, &error));
        MUST_FAIL(ctr_container_start(container, p, &error), CTR_PROCESS_NOT_EXECUTED);
        MUST_FAIL(ctr_container_start(container, q, &error), CTR_PROCESS_NOT_EXECUTED);
        MUST(ctr_container_get_status(container, &status, &error));
        CHECK_INT(status, CTR_STATUS_RUNNING);
        MUST(ctr_container_destroy(container, &error));
        ctr_process_free(p);
        ctr_process_free(q);
        ctr_process_free(init);
        ctr_container_free(container);
        ctr_factory_free(factory);
}

static const Test tests[] = {
        TEST(exits_exactly),
        TEST(init_exits_exactly),
        TEST(pipes),
        TEST(extra_descriptors),
        TEST(user_and_environment),
        TEST(init_user_and_environment),
        TEST(console),
        TEST(descriptor_to_poll),
        TEST(sessions_are_units),
        TEST(caller_keeps_its_children),
        TEST(prints_nothing),
        TEST(failures),
};
TEST_MAIN(tests)
