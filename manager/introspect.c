/* The XML of an interface, from the vtables themselves: two buses on one socket pair, one with our
 * objects, the other asking. Nothing else is needed, so it works in a build directory. */
#include "manager/introspect.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-id128.h>

/* The objects that have the interfaces. */
static const struct {
        const char *interface, *path;
} places[] = {
        { INTERFACE_MANAGER, "/org/ctrunit1" },
        { INTERFACE_CONTAINER, "/org/ctrunit1/container/x" },
        { INTERFACE_POD, "/org/ctrunit1/pod/x" },
};

static int print_interface(const char *xml, const char *interface, FILE *f)
{
        static const char end[] = " </interface>\n";
        const char *from, *to;
        char start[128];

        (void) snprintf(start, sizeof(start), " <interface name=\"%s\">", interface);
        from = strstr(xml, start);
        to = from ? strstr(from, end) : NULL;
        if (!to)
                return -ENXIO;
        (void) fputs(
                "<!DOCTYPE node PUBLIC \"-//freedesktop//DTD D-BUS Object Introspection 1.0//EN\"\n"
                "\"https://www.freedesktop.org/standards/dbus/1.0/introspect.dtd\">\n<node>\n",
                f);
        (void) fwrite(from, 1, (size_t) (to - from) + strlen(end), f);
        return fputs("</node>\n", f) < 0 ? -EIO : 0;
}

typedef struct Answer {
        char *xml;
        bool is_done;
} Answer;

static int answered(sd_bus_message *reply, void *userdata, sd_bus_error *error _unused_)
{
        Answer *answer = userdata;
        const char *xml;

        answer->is_done = true;
        if (sd_bus_message_read(reply, "s", &xml) >= 0)
                answer->xml = strdup(xml);
        return 1;
}

static int start_bus(sd_bus **ret, int fd, bool is_server)
{
        sd_id128_t id = SD_ID128_NULL;
        sd_bus *bus;
        int r;

        r = sd_bus_new(&bus);
        if (r < 0)
                return r;
        r = sd_bus_set_fd(bus, fd, fd);
        if (r >= 0 && is_server)
                r = sd_bus_set_server(bus, true, id);
        if (r >= 0)
                r = sd_bus_set_anonymous(bus, true);
        if (r >= 0)
                r = sd_bus_start(bus);
        *ret = bus;
        return r;
}

static int ask(Daemon *d, sd_bus *client, const char *path, Answer *answer)
{
        int r;

        r = sd_bus_call_method_async(client, NULL, NULL, path,
                "org.freedesktop.DBus.Introspectable", "Introspect", answered, answer, "");
        while (r >= 0 && !answer->is_done) {
                r = sd_bus_process(client, NULL);
                if (r >= 0)
                        r = sd_bus_process(d->bus, NULL);
        }
        return r >= 0 && !answer->xml ? -ENXIO : r;
}

int introspect_print(const char *interface, FILE *f, CtrError *err)
{
        Daemon d = { .is_introspected = true };
        sd_bus *client = NULL;
        Answer answer = { 0 };
        const char *path = NULL;
        int pair[2], r;

        for (size_t i = 0; i < ELEMENTSOF(places); i++)
                if (strcmp(places[i].interface, interface) == 0)
                        path = places[i].path;
        if (!path)
                return ctr_error_set(
                        err, CTR_ERROR_USAGE, 0, "there is no interface \"%.64s\"", interface);
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "socketpair");
        r = start_bus(&d.bus, pair[0], true);
        if (r >= 0)
                r = start_bus(&client, pair[1], false);
        if (r >= 0)
                r = manager_object_add(&d);
        if (r >= 0)
                r = container_object_add(&d);
        if (r >= 0)
                r = pod_object_add(&d);
        if (r >= 0)
                r = ask(&d, client, path, &answer);
        if (r >= 0)
                r = print_interface(answer.xml, interface, f);
        free(answer.xml);
        sd_bus_close_unref(client);
        sd_bus_close_unref(d.bus);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "introspection of %s", interface)
                     : 0;
}
