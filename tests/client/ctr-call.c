/* ctr-call: one method call as busctl(1) takes it, but with the names of errors, with descriptors
 * ("h" is the number of one of ours), and what of them comes back is copied to our output.
 *
 *   ctr-call OBJECT INTERFACE METHOD [SIGNATURE ARGUMENT...]
 *
 * Exit code 1 and "NAME: text" on stderr when the call fails. CTR_CALL_TIMES=N makes N calls at
 * once and prints how each ended. CTR_CALL_HOLD=FILE adds a line to the file when the call is
 * answered, keeps the connection until its standard input ends, and calls again whenever the
 * service was lost: what a client does that is subscribed. */
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#define TIMEOUT_USEC 60000000

static char **next_argument;

/* Too long for a command line. */
static const char *read_last(const char *file)
{
        static char text[4 * 1024 * 1024];
        FILE *f = fopen(file, "re");

        if (!f || fread(text, 1, sizeof(text) - 1, f) == 0)
                exit(2);
        (void) fclose(f);
        return text;
}

static const char *take(void)
{
        if (!*next_argument && getenv("CTR_CALL_LAST"))
                return read_last(getenv("CTR_CALL_LAST"));
        if (!*next_argument && getenv("CTR_CALL_REPEAT"))
                return getenv("CTR_CALL_REPEAT");
        if (!*next_argument) {
                (void) fputs("ctr-call: too few arguments\n", stderr);
                exit(2);
        }
        return *next_argument++;
}

static size_t type_length(const char *s)
{
        size_t depth = 0, n = 0;

        while (s[n] == 'a')
                n++;
        do {
                depth += s[n] == '(' || s[n] == '{';
                depth -= s[n] == ')' || s[n] == '}';
                n++;
        } while (depth > 0);
        return n;
}

static int append(sd_bus_message *m, const char *signature, size_t size);

static int append_number(sd_bus_message *m, char type, const char *text)
{
        long long value = strcmp(text, "true") == 0    ? 1
                          : strcmp(text, "false") == 0 ? 0
                                                       : strtoll(text, NULL, 0);
        unsigned long long large = strtoull(text, NULL, 0);
        int small = (int) value;

        return sd_bus_message_append_basic(m, type,
                type == 't'          ? (const void *) &large
                : strchr("xd", type) ? (const void *) &value
                                     : (const void *) &small);
}

static int append_container(sd_bus_message *m, char kind, const char *contents, size_t n_items)
{
        int r = sd_bus_message_open_container(m, kind, contents);

        for (size_t i = 0; i < n_items && r >= 0; i++)
                for (const char *p = contents; *p && r >= 0;) {
                        size_t n = type_length(p);

                        r = append(m, p, n);
                        p += n;
                }
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append(sd_bus_message *m, const char *signature, size_t size)
{
        char contents[64];

        switch (signature[0]) {
        case 's':
        case 'o':
        case 'g':
                return sd_bus_message_append_basic(m, signature[0], take());
        case 'v':
                (void) snprintf(contents, sizeof(contents), "%s", take());
                return append_container(m, 'v', contents, 1);
        case 'a':
                (void) snprintf(contents, sizeof(contents), "%.*s", (int) size - 1, signature + 1);
                return append_container(m, 'a', contents, strtoul(take(), NULL, 0));
        case '(':
        case '{':
                (void) snprintf(contents, sizeof(contents), "%.*s", (int) size - 2, signature + 1);
                return append_container(m, signature[0] == '(' ? 'r' : 'e', contents, 1);
        default:
                return append_number(m, signature[0], take());
        }
}

/* What the other side writes until it is done. */
static void copy(int fd)
{
        char buf[4096];
        ssize_t n;

        while ((n = read(fd, buf, sizeof(buf))) > 0)
                (void) fwrite(buf, 1, (size_t) n, stdout);
}

static void show(sd_bus_message *reply)
{
        char type;
        const char *contents;

        while (sd_bus_message_peek_type(reply, &type, &contents) > 0) {
                union {
                        const char *text;
                        int fd;
                        unsigned u;
                } v = { 0 };

                if (strchr("aerv", type)) {
                        (void) sd_bus_message_enter_container(reply, type, contents);
                        show(reply);
                        (void) sd_bus_message_exit_container(reply);
                        continue;
                }
                if (sd_bus_message_read_basic(reply, type, &v) < 0)
                        return;
                if (type == 's' || type == 'o')
                        (void) printf("%s\n", v.text);
                else if (type == 'h')
                        copy(v.fd);
                else
                        (void) printf("%d\n", (int) v.u);
        }
}

static int build(sd_bus *bus, char **argv, sd_bus_message **ret)
{
        int r;

        r = sd_bus_message_new_method_call(bus, ret, "org.ctrunit1", argv[1], argv[2], argv[3]);
        next_argument = argv + 4 + (argv[4] != NULL);
        for (const char *p = argv[4]; p && *p && r >= 0;) {
                size_t n = type_length(p);

                r = append(*ret, p, n);
                p += n;
        }
        return r;
}

static unsigned n_done, n_good;

static int many_done(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const sd_bus_error *e = sd_bus_message_get_error(reply);

        (void) userdata;
        (void) error;
        n_done++;
        n_good += e == NULL;
        (void) printf("%s\n", e ? e->name : "ok");
        return 1;
}

static int call_many(sd_bus *bus, char **argv, unsigned times)
{
        int r = 0;

        for (unsigned i = 0; i < times && r >= 0; i++) {
                sd_bus_message *m;

                r = build(bus, argv, &m);
                if (r >= 0)
                        r = sd_bus_call_async(bus, NULL, m, many_done, NULL, TIMEOUT_USEC);
                sd_bus_message_unref(m);
        }
        if (getenv("CTR_CALL_LEAVE")) {
                (void) sd_bus_flush(bus);
                return 0;
        }
        while (r >= 0 && n_done < times) {
                r = sd_bus_process(bus, NULL);
                if (r == 0)
                        r = sd_bus_wait(bus, UINT64_MAX);
        }
        return r < 0 || n_good == 0;
}

static int owner_changed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        const char *name, *old_owner, *new_owner;
        bool *is_lost = userdata;

        (void) error;
        if (sd_bus_message_read(m, "sss", &name, &old_owner, &new_owner) >= 0 && *new_owner == '\0')
                *is_lost = true;
        return 0;
}

static int watch_owner(sd_bus *bus, bool *is_lost)
{
        return sd_bus_add_match(bus, NULL,
                "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',"
                "arg0='org.ctrunit1'",
                owner_changed, is_lost);
}

static int add_line(const char *file)
{
        FILE *f = fopen(file, "ae");

        if (!f || fputs("answered\n", f) < 0)
                return -1;
        return fclose(f);
}

/* Until our input ends. Returns an exit code. */
static int hold(sd_bus *bus, char **argv, const char *file, bool *is_lost)
{
        struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .fd = -1 } };
        sd_bus_message *m = NULL;
        char byte;
        int r;

        fds[1].fd = sd_bus_get_fd(bus);
        fds[1].events = POLLIN;
        for (r = add_line(file); r >= 0;) {
                r = sd_bus_process(bus, NULL);
                if (r >= 0 && *is_lost) {
                        *is_lost = false;
                        r = build(bus, argv, &m);
                        if (r >= 0)
                                r = sd_bus_call(bus, m, TIMEOUT_USEC, NULL, NULL);
                        m = sd_bus_message_unref(m);
                        if (r >= 0)
                                r = add_line(file);
                } else if (r == 0) {
                        r = poll(fds, 2, -1);
                        if (fds[0].revents && read(STDIN_FILENO, &byte, 1) <= 0)
                                return 0;
                }
        }
        return 1;
}

int main(int argc, char **argv)
{
        const char *times = getenv("CTR_CALL_TIMES"), *held = getenv("CTR_CALL_HOLD");
        sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus_message *m = NULL, *reply = NULL;
        bool is_lost = false;
        sd_bus *bus;
        int r;

        if (argc < 4)
                return 2;
        r = sd_bus_open_system(&bus);
        if (r >= 0 && held)
                r = watch_owner(bus, &is_lost);
        if (r >= 0 && times)
                return call_many(bus, argv, (unsigned) strtoul(times, NULL, 0));
        if (r >= 0)
                r = build(bus, argv, &m);
        if (r >= 0)
                r = sd_bus_call(bus, m, TIMEOUT_USEC, &error, &reply);
        if (r < 0) {
                (void) fprintf(stderr, "%s: %s\n", error.name ? error.name : "local",
                        error.message ? error.message : strerror(-r));
                return 1;
        }
        show(reply);
        r = held ? hold(bus, argv, held, &is_lost) : 0;
        sd_bus_message_unref(reply);
        sd_bus_message_unref(m);
        sd_bus_flush_close_unref(bus);
        return r;
}
