/* state.json: what is written is read back, and nothing else is taken. */
#include "runtime/state.h"
#include "unit/test.h"

#include <fcntl.h>
#include <sys/stat.h>

static ContainerState sample(void)
{
        static SpecKeyValue annotations[] = { { (char *) "org.example/a b", (char *) "x\n\"y\"" },
                { (char *) "empty", (char *) "" } };
        ContainerState state = {
                .id = (char *) "my-web+1",
                .oci_version = (char *) "1.0.2-dev",
                .bundle = (char *) "/srv/with blank",
                .rootfs = (char *) "/srv/with blank/rootfs",
                .config_path = (char *) "/srv/with blank/config.json",
                .slice = (char *) "ctr-a.slice",
                .unit = (char *) "ctr@web.service",
                .cgroup = (char *) "/sys/fs/cgroup/a",
                .mode = PLAN_SCOPE,
                .origin = PLAN_TRANSIENT_CREATE,
                .has_plain_exec = true,
                .created_usec = UINT64_C(1767323045000006),
                .annotations = { annotations, ELEMENTSOF(annotations) },
        };

        memset(state.digest, 'a', CTR_DIGEST_LENGTH);
        return state;
}

static void check_sample(const ContainerState *state)
{
        ContainerState expected = sample();

        CHECK_STR(state->id, expected.id);
        CHECK_STR(state->oci_version, expected.oci_version);
        CHECK_STR(state->bundle, expected.bundle);
        CHECK_STR(state->rootfs, expected.rootfs);
        CHECK_STR(state->config_path, expected.config_path);
        CHECK_STR(state->slice, expected.slice);
        CHECK_STR(state->unit, expected.unit);
        CHECK_STR(state->cgroup, expected.cgroup);
        CHECK_INT(state->mode, expected.mode);
        CHECK_STR(state->digest, expected.digest);
        CHECK_INT(state->origin, expected.origin);
        CHECK_INT(state->created_usec, expected.created_usec);
        CHECK(state->has_plain_exec == expected.has_plain_exec);
        CHECK_INT(state->annotations.n, 2);
        CHECK_STR(state->annotations.items[0].key, expected.annotations.items[0].key);
        CHECK_STR(state->annotations.items[0].value, expected.annotations.items[0].value);
        CHECK_STR(state->annotations.items[1].value, "");
}

static void round_trip(void)
{
        ContainerState state = sample(), copy;
        CtrError err = { 0 };
        char *text;
        size_t size;

        CHECK(state_print(&state, &text, &size) >= 0);
        CHECK_OK(state_parse(text, size, &copy, &err), err);
        check_sample(&copy);
        state_done(&copy);
        CHECK(copy.id == NULL);
        free(text);
}

static void file_round_trip(void)
{
        char path[] = "/tmp/test-state.XXXXXX";
        ContainerState state = sample(), copy;
        CtrError err = { 0 };
        struct stat st;
        int fd;

        CHECK(mkdtemp(path));
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        CHECK_INT(state_read(fd, &copy, &err), -ENOENT);
        CHECK_OK(state_write(fd, &state, &err), err);
        CHECK_OK(state_write(fd, &state, &err), err);
        CHECK(fstatat(fd, "state.json", &st, 0) >= 0);
        CHECK_INT(st.st_mode & 0777, 0600);
        CHECK_OK(state_read(fd, &copy, &err), err);
        check_sample(&copy);
        state_done(&copy);
        CHECK(unlinkat(fd, "state.json", 0) >= 0);
        CHECK(rmdir(path) >= 0); /* no temporary file was left */
        (void) close(fd);
}

/* Cut off at every byte, and with one member changed: refused, never half a state. */
static void damaged(void)
{
        static const char *const changes[][2] = {
                { "\"version\": 1", "\"version\": 2" },
                { "\"version\": 1", "\"version\": 0" },
                { "\"version\": 1", "\"version\": \"1\"" },
                { "\"origin\": \"create\"", "\"origin\": \"magic\"" },
                { "\"mode\": \"scope\"", "\"mode\": \"magic\"" },
                { "\"id\": ", "\"ID\": " },
                { "\"digest\": \"a", "\"digest\": \"" },
                { "\"createdUsec\": 1", "\"createdUsec\": -1" },
                { "\"empty\": \"\"", "\"empty\": 3" },
        };
        ContainerState state = sample(), copy;
        CtrError err = { 0 };
        char *text, changed[4096];
        size_t size;

        CHECK(state_print(&state, &text, &size) >= 0);
        for (size_t n = 0; n + 2 < size; n++)
                CHECK_INT(state_parse(text, n, &copy, &err), -EBADMSG);
        for (size_t i = 0; i < ELEMENTSOF(changes); i++) {
                const char *at = strstr(text, changes[i][0]);

                CHECK(at);
                (void) snprintf(changed, sizeof(changed), "%.*s%s%s", (int) (at - text), text,
                        changes[i][1], at + strlen(changes[i][0]));
                CHECK_INT(state_parse(changed, strlen(changed), &copy, &err), -EBADMSG);
                CHECK_CONTAINS(err.message, "state.json");
        }
        free(text);
}

/* What a newer ctrunit wrote is refused in words that say so. */
static void newer(void)
{
        ContainerState state = sample(), copy;
        CtrError err = { 0 };
        char *text, *version;
        size_t size;

        CHECK(state_print(&state, &text, &size) >= 0);
        version = strstr(text, "\"version\": 1");
        CHECK(version);
        version[strlen("\"version\": ")] = '9';
        CHECK_INT(state_parse(text, size, &copy, &err), -EBADMSG);
        CHECK_CONTAINS(err.message, "version 9, written by a newer ctrunit");
        free(text);
}

static const Test tests[] = { TEST(round_trip), TEST(file_round_trip), TEST(damaged), TEST(newer) };
TEST_MAIN(tests)
