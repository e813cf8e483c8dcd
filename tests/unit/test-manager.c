/* The D-Bus service's pieces that need no bus: object paths, merged JSON,
 * configurations of a few words, arguments into JSON and answers out of it. */
#include "base/json-merge.h"
#include "manager/message.h"
#include "manager/path.h"
#include "runtime/simple-config.h"
#include "unit/test.h"

#include <sys/socket.h>

static void paths(void)
{
        static const struct {
                const char *id, *path;
        } good[] = { { "web", "/org/ctrunit1/container/web" },
                { "my-web.1", "/org/ctrunit1/container/my_2dweb_2e1" },
                { "1a", "/org/ctrunit1/container/_31a" }, { "_x", "/org/ctrunit1/container/_5fx" },
                { "+", "/org/ctrunit1/container/_2b" } };
        static const char *const bad[] = { "", "/", "/_2e_2e", "/_2f", "/a_62", "/_", "/_2", "/_2B",
                "/a/b", "/a-b", "/_00", "x" };
        char buf[PATH_SIZE_MAX], id[256];

        for (size_t i = 0; i < ELEMENTSOF(good); i++) {
                CHECK_STR(path_of_container(good[i].id, buf), good[i].path);
                CHECK(path_to_id(good[i].path, PATH_CONTAINER, id, sizeof(id)));
                CHECK_STR(id, good[i].id);
        }
        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                (void) snprintf(buf, sizeof(buf), "%s%s", PATH_CONTAINER, bad[i]);
                CHECK(!path_to_id(buf, PATH_CONTAINER, id, sizeof(id)));
        }
}

static void merged(void)
{
        static const struct {
                const char *base, *patch, *result;
        } cases[] = { { "{\"a\":1}", "{\"b\":2}", "{\"a\":1,\"b\":2}" },
                { "{\"a\":{\"x\":1,\"y\":2}}", "{\"a\":{\"y\":null,\"z\":[1]}}",
                        "{\"a\":{\"x\":1,\"z\":[1]}}" },
                { "{\"a\":[1,2]}", "{\"a\":[3]}", "{\"a\":[3]}" }, { "{\"a\":1}", "2", "2" },
                { "[1]", "{\"a\":{\"b\":null}}", "{\"a\":{}}" } };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(json_document_freep) JsonDocument *base = NULL, *patch = NULL;
                _cleanup_free_ char *text = NULL;
                size_t size;
                FILE *f = open_memstream(&text, &size);

                CHECK(json_document_parse(cases[i].base, strlen(cases[i].base), &base, NULL) >= 0);
                CHECK(json_document_parse(cases[i].patch, strlen(cases[i].patch), &patch, NULL) >=
                        0);
                json_write_merged(f, json_document_root(base), json_document_root(patch));
                (void) fclose(f);
                CHECK_STR(text, cases[i].result);
        }
}

/* A message that was sealed, as one that has arrived. */
static sd_bus_message *message_of(sd_bus **ret_bus)
{
        sd_bus_message *m = NULL;
        int pair[2];

        CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) >= 0);
        CHECK(sd_bus_new(ret_bus) >= 0);
        CHECK(sd_bus_set_fd(*ret_bus, pair[0], pair[0]) >= 0);
        CHECK(sd_bus_start(*ret_bus) >= 0);
        (void) close(pair[1]);
        CHECK(sd_bus_message_new_method_call(*ret_bus, &m, "a.b", "/a", "a.b", "C") >= 0);
        return m;
}

static void arguments(void)
{
        int fds[2];
        MessageFds list = { .fds = fds, .n_max = 2 };
        _cleanup_free_ char *text = NULL;
        sd_bus *bus;
        sd_bus_message *m = message_of(&bus);
        size_t size;
        FILE *f = open_memstream(&text, &size);

        CHECK(sd_bus_message_append(m, "sbitxa{sv}asa(us)", "a\"b", 1, -5, UINT64_MAX, INT64_MIN, 2,
                      "k", "s", "v", "n", "as", 1, "x", 2, "p", "q", 1, 7, "seven") >= 0);
        CHECK(sd_bus_message_seal(m, 1, 0) >= 0);
        CHECK_INT(message_read(m, "s\0b\0i\0t\0x\0o\0l\0p\0", 10000, &list, f), 0);
        (void) fclose(f);
        CHECK_STR(text,
                "\"s\":\"a\\\"b\",\"b\":true,\"i\":-5,\"t\":18446744073709551615,"
                "\"x\":-9223372036854775808,\"o\":{\"k\":\"v\",\"n\":[\"x\"]},\"l\":[\"p\",\"q\"],"
                "\"p\":[[7,\"seven\"]],");
        sd_bus_message_unref(m);
        sd_bus_close_unref(bus);
}

static void too_much(void)
{
        MessageFds list = { 0 };
        sd_bus *bus;
        sd_bus_message *m = message_of(&bus);
        FILE *f = fopen("/dev/null", "we");

        CHECK(sd_bus_message_append(m, "as", 3, "aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc") >= 0);
        CHECK(sd_bus_message_append(m, "h", 0) >= 0);
        CHECK(sd_bus_message_seal(m, 1, 0) >= 0);
        CHECK_INT(message_read(m, "l\0", 40, &list, f), -E2BIG);
        CHECK(sd_bus_message_rewind(m, true) >= 0);
        CHECK_INT(message_read(m, "l\0h\0", 10000, &list, f), -EMFILE);
        (void) fclose(f);
        sd_bus_message_unref(m);
        sd_bus_close_unref(bus);
}

static void answers(void)
{
        static const char good[] =
                "{\"s\":\"text\",\"n\":[[1,\"a\"],[2,\"b\"]],\"d\":{\"k\":\"v\"},\"i\":-1}";
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        const char *s, *a, *key, *value;
        sd_bus *bus;
        sd_bus_message *m = message_of(&bus);
        uint32_t u;
        int32_t i;

        CHECK(json_document_parse(good, strlen(good), &doc, NULL) >= 0);
        CHECK_INT(
                message_append(m, "sa(us)a{ss}i", "s\0n\0d\0i\0", json_document_root(doc), NULL, 0),
                0);
        CHECK(sd_bus_message_seal(m, 1, 0) >= 0);
        CHECK(sd_bus_message_read(m, "s", &s) >= 0);
        CHECK_STR(s, "text");
        CHECK(sd_bus_message_enter_container(m, 'a', "(us)") > 0);
        CHECK(sd_bus_message_read(m, "(us)", &u, &a) > 0);
        CHECK_INT(u, 1);
        CHECK_STR(a, "a");
        CHECK(sd_bus_message_skip(m, "(us)") >= 0);
        CHECK(sd_bus_message_exit_container(m) >= 0);
        CHECK(sd_bus_message_read(m, "a{ss}", 1, &key, &value) > 0);
        CHECK_STR(value, "v");
        CHECK(sd_bus_message_read(m, "i", &i) > 0);
        CHECK_INT(i, -1);
        sd_bus_message_unref(m);
        m = NULL;
        CHECK(sd_bus_message_new_method_call(bus, &m, "a.b", "/a", "a.b", "C") >= 0);
        CHECK_INT(message_append(m, "u", "s\0", json_document_root(doc), NULL, 0), -EBADMSG);
        CHECK_INT(message_append(m, "s", "missing\0", json_document_root(doc), NULL, 0), -EBADMSG);
        CHECK_INT(message_append(m, "h", "i\0", json_document_root(doc), NULL, 0), -EBADMSG);
        sd_bus_message_unref(m);
        sd_bus_close_unref(bus);
}

static void words(void)
{
        static const struct {
                const char *object;
                bool is_good;
        } cases[] = { { "{\"RootFS\":\"/srv\"}", true },
                { "{\"RootFS\":\"/srv\",\"Env\":{\"A\":\"b\"},\"Cmd\":[\"x\"]}", true },
                { "{}", false }, { "{\"RootFS\":\"srv\"}", false }, { "{\"RootFS\":5}", false },
                { "{\"RootFS\":\"/srv\",\"Privileged\":true}", false },
                { "{\"RootFS\":\"/srv\",\"Cmd\":\"x\"}", false },
                { "{\"RootFS\":\"/srv\",\"Cmd\":[5]}", false },
                { "{\"RootFS\":\"/srv\",\"Env\":{\"A\":5}}", false },
                { "{\"RootFS\":\"/srv\",\"Env\":{\"\":\"\"}}", false },
                { "{\"RootFS\":\"/srv\",\"Volume\":{\"/a\":[\"/b\"]}}", false },
                { "{\"RootFS\":\"/srv\",\"Volume\":{\"/a\":\"/b\"},\"CreateVolumes\":true}",
                        true } };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(json_document_freep) JsonDocument *doc = NULL;
                SimpleConfig config;
                CtrError err = { 0 };

                CHECK(json_document_parse(cases[i].object, strlen(cases[i].object), &doc, NULL) >=
                        0);
                CHECK_INT(simple_config_read(json_document_root(doc), NULL, &config, &err) >= 0,
                        cases[i].is_good);
        }
}

static const Test tests[] = {
        TEST(paths),
        TEST(merged),
        TEST(arguments),
        TEST(too_much),
        TEST(answers),
        TEST(words),
};

TEST_MAIN(tests)
