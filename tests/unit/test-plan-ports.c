/* Published ports, notifications and requested properties: what may be said, and what it becomes.
 */
#include "plan/plan.h"
#include "unit/plan-case.h"

#include <stdio.h>

static void published(void)
{
        PlanCase c = {
                .top = ", 'annotations': { 'org.ctrunit.publish': "
                       "'8080:80  127.0.0.1:443:8443/tcp [::1]:53:5353 /run/w.sock:81 53:5354/udp "
                       "127.0.0.1:90-91:190-191' }",
                .origin = PLAN_GENERATED
        };
        static const char *const expected[][3] = {
                { "8080", "8080", "80" },
                { "443", "127.0.0.1:443", "8443" },
                { "53", "[::1]:53", "5353" },
                { "unix-81", "/run/w.sock", "81" },
                { "53-udp", "53", "5354" },
                { "90", "127.0.0.1:90", "190" },
                { "91", "127.0.0.1:91", "191" },
        };
        _cleanup_free_ char *unit = plan_case_unit(&c), *program = plan_case_program(&c);
        _cleanup_(spec_freep) Spec *spec = plan_case_spec(&c);
        PlanContext ctx = plan_case_context(&c);
        char name[PLAN_PORT_UNIT_MAX], number[16];
        CtrError err = { 0 };
        PlanPorts ports;

        CHECK_LINE(unit, "Requires=ctr-fwd@web-8080.socket");
        CHECK_LINE(unit, "After=ctr-fwd@web-unix-81.socket");
        CHECK_CONTAINS(program, "HOST  attend pin-namespace path=");
        CHECK_OK(plan_ports(spec, &ctx, &ports, &err), err);
        CHECK_INT(ports.n, ELEMENTSOF(expected));
        for (size_t i = 0; i < ports.n; i++) {
                (void) snprintf(number, sizeof(number), "%u", ports.items[i].port);
                CHECK_STR(ports.items[i].name, expected[i][0]);
                CHECK_STR(ports.items[i].listen, expected[i][1]);
                CHECK_STR(number, expected[i][2]);
        }
        CHECK_INT(plan_port_unit("a+b", &ports.items[0], "socket", name), 0);
        CHECK_STR(name, "ctr-fwd@a\\x2bb-8080.socket");
        plan_ports_done(&ports);
}

static void not_published(void)
{
        static const char *const cases[][2] = {
                { "80", "expected [ADDRESS:]HOSTPORT:PORT" },
                { "0:80", "host's port" },
                { "65536:80", "host's port" },
                { "+1:80", "host's port" },
                { "8080:0", "container's port" },
                { "8080:x", "container's port" },
                { "8080:80/sctp", "only tcp" },
                { "8080:80/udp 8080:81/udp", "named twice" },
                { "8000-8010:80", "ranges" },
                { "8010-8000:80-90", "or a range" },
                { "1-65:1-65", "too many" },
                { "/run/x:80/udp", "one port of tcp" },
                { "localhost:8080:80", "not an address" },
                { "[1.2.3.4]:8080:80", "not an address" },
                { "1.2.3.4.5:8080:80", "not an address" },
                { "8080:80 127.0.0.1:8080:81", "named twice" },
                { "/run/../x:80", "path of a socket" },
                { "/run/a%b:80", "path of a socket" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char top[256];

                (void) snprintf(top, sizeof(top),
                        ", 'annotations': { 'org.ctrunit.publish': '%s' }", cases[i][0]);
                CHECK_REFUSED((&(PlanCase){ .top = top, .origin = PLAN_GENERATED }),
                        CTR_ERROR_CONFIG_INVALID, "annotations[\"org.ctrunit.publish\"]",
                        cases[i][1]);
        }
        CHECK_REFUSED((&(PlanCase){ .top = ", 'annotations': { 'org.ctrunit.publish': '80:80' }",
                              .namespaces = "{'type':'mount'}",
                              .origin = PLAN_GENERATED }),
                CTR_ERROR_UNSUPPORTED, "annotations[\"org.ctrunit.publish\"]", "of its own");
}

#define NOTIFY ", 'annotations': { 'org.ctrunit.notify': 'true' }"

static void notifications(void)
{
        PlanCase relayed = { .top = NOTIFY };
        PlanCase direct = { .top = NOTIFY,
                .linux_ = ", 'uidMappings': [{'containerID':0,'hostID':1000,'size':9}],"
                          " 'gidMappings': [{'containerID':0,'hostID':1000,'size':9}]",
                .namespaces = "{'type':'mount'},{'type':'user'},{'type':'pid'}" };
        PlanCase mapped_root = { .top = NOTIFY,
                .linux_ = ", 'uidMappings': [{'containerID':0,'hostID':1000,'size':9},"
                          "{'containerID':9,'hostID':0,'size':1}],"
                          " 'gidMappings': [{'containerID':0,'hostID':1000,'size':9}]",
                .namespaces = "{'type':'mount'},{'type':'user'}" };
        _cleanup_free_ char *relayed_unit = plan_case_unit(&relayed),
                            *relayed_program = plan_case_program(&relayed),
                            *direct_unit = plan_case_unit(&direct),
                            *direct_program = plan_case_program(&direct),
                            *mapped_unit = plan_case_unit(&mapped_root),
                            *plain_unit = plan_case_unit(&(PlanCase){ 0 }),
                            *plain_program = plan_case_program(&(PlanCase){ 0 });

        CHECK_LINE(relayed_unit, "Requires=ctr-notify@web.socket");
        CHECK_LINE(relayed_unit, "WatchdogSignal=SIGKILL");
        CHECK_CONTAINS(relayed_program, "open-source slot=1 flags=2 path=/run/ctrunit/notify/web");
        CHECK_CONTAINS(relayed_program, "notify-payload");
        CHECK(!strstr(relayed_program, "notify-ready"));
        CHECK_CONTAINS(relayed_program, "pass-watchdog");
        CHECK_CONTAINS(relayed_program, "NOTIFY_SOCKET=/run/host/notify");
        CHECK_NO_LINE(direct_unit, "Requires=ctr-notify@web.socket");
        CHECK_CONTAINS(direct_program, "path=/run/systemd/notify");
        /* One id of the container's is the host's root: that is enough. */
        CHECK_LINE(mapped_unit, "Requires=ctr-notify@web.socket");
        CHECK_NO_LINE(plain_unit, "WatchdogSignal=SIGKILL");
        CHECK(!strstr(plain_program, "notify-payload") && !strstr(plain_program, "NOTIFY_SOCKET"));
        CHECK_REFUSED((&(PlanCase){ .top = ", 'annotations': { 'org.ctrunit.notify': 'yes' }" }),
                CTR_ERROR_CONFIG_INVALID, "annotations[\"org.ctrunit.notify\"]",
                "expected \"true\"");
}

/* The credentials' owner is the payload's user in the host. */
static void credentials(void)
{
        PlanCase mapped = { .linux_ = ", 'uidMappings': [{'containerID':0,'hostID':1000,'size':9}],"
                                      " 'gidMappings': [{'containerID':0,'hostID':2000,'size':9}]",
                .namespaces = "{'type':'mount'},{'type':'user'}" };
        PlanCase joined = { .namespaces =
                                    "{'type':'mount'},{'type':'user','path':'/run/ns/user'}" };
        _cleanup_free_ char *mapped_program = plan_case_program(&mapped),
                            *joined_program = plan_case_program(&joined);

        CHECK_CONTAINS(mapped_program, "copy-credentials slot=7 uid=1000 gid=2000");
        CHECK_CONTAINS(joined_program, "uid=none gid=none");
}

static const Test tests[] = { TEST(published), TEST(not_published), TEST(notifications),
        TEST(credentials) };
TEST_MAIN(tests)
