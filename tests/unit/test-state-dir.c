/* State directories: of racing creators one wins, the others leave nothing. */
#include "runtime/container.h"
#include "runtime/state-dir.h"
#include "unit/test.h"

#include "base/io.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char root[] = "/tmp/test-state-dir.XXXXXX";

static void open_runtime(Runtime *rt)
{
        CtrError err = { 0 };

        CHECK(mkdtemp(root));
        CHECK_OK(runtime_init(rt, root, &err), err);
}

static void close_runtime(Runtime *rt)
{
        CHECK(ctr_remove_tree(AT_FDCWD, root) >= 0);
        runtime_done(rt);
}

static size_t count_entries(const char *path)
{
        DIR *d = opendir(path);
        struct dirent *de;
        size_t n = 0;

        CHECK(d);
        while ((de = readdir(d)))
                n += strcmp(de->d_name, ".") != 0 && strcmp(de->d_name, "..") != 0;
        (void) closedir(d);
        return n;
}

static void publishing(void)
{
        CtrError err = { 0 };
        StateDir first, second;
        struct stat st;
        Runtime rt;

        open_runtime(&rt);
        CHECK_OK(state_dir_begin(&rt, "web", &first, &err), err);
        CHECK_OK(state_dir_write(&first, "program", "x", 1, &err), err);
        CHECK_INT(faccessat(first.parent_fd, "web", F_OK, 0), -1);
        CHECK_OK(state_dir_publish(&first, &err), err);
        CHECK(faccessat(first.parent_fd, "web/program", F_OK, 0) >= 0);
        CHECK(fstatat(first.parent_fd, "web", &st, 0) >= 0);
        CHECK_INT(st.st_mode & 0777, 0700);
        CHECK(fstat(first.parent_fd, &st) >= 0);
        CHECK_INT(st.st_mode & 0777, 0700);

        CHECK_INT(state_dir_begin(&rt, "web", &second, &err), -EEXIST);
        CHECK_INT(err.code, CTR_ERROR_ID_IN_USE);
        CHECK_STR(err.message, "container with given ID already exists");
        state_dir_discard(&first);
        CHECK_INT(count_entries(rt.containers), 0);
        close_runtime(&rt);
}

/* Begins, waits for the others, publishes: 0 for the winner, 1 for the others. */
_noreturn_ static void race(const Runtime *rt, int start_fd)
{
        CtrError err = { 0 };
        StateDir dir;
        char c;

        if (state_dir_begin(rt, "web", &dir, &err) < 0)
                _exit(err.code == CTR_ERROR_ID_IN_USE ? 1 : 2);
        if (read(start_fd, &c, 1) < 0)
                _exit(2);
        if (state_dir_publish(&dir, &err) >= 0)
                _exit(0);
        state_dir_discard(&dir);
        _exit(err.code == CTR_ERROR_ID_IN_USE ? 1 : 2);
}

static void racing(void)
{
        enum { RACERS = 8 };
        int start[2], status, winners = 0, losers = 0;
        Runtime rt;

        open_runtime(&rt);
        CHECK(pipe(start) >= 0);
        for (int i = 0; i < RACERS; i++) {
                pid_t pid = fork();

                CHECK(pid >= 0);
                if (pid == 0) {
                        (void) close(start[1]);
                        race(&rt, start[0]);
                }
        }
        (void) close(start[0]);
        (void) close(start[1]); /* all of them go */
        for (int i = 0; i < RACERS; i++) {
                CHECK(wait(&status) > 0 && WIFEXITED(status));
                winners += WEXITSTATUS(status) == 0;
                losers += WEXITSTATUS(status) == 1;
        }
        CHECK_INT(winners, 1);
        CHECK_INT(losers, RACERS - 1);
        CHECK_INT(count_entries(rt.containers), 1);
        close_runtime(&rt);
}

/* What a killed creator left is no container, and a forced delete takes it along; a living one's is
 * kept. */
static void leftovers(void)
{
        CtrError err = { 0 };
        StateDir dir, other;
        SpecStrv ids;
        Runtime rt;

        open_runtime(&rt);
        CHECK_OK(state_dir_begin(&rt, "web", &dir, &err), err);
        CHECK_OK(state_dir_begin(&rt, "web.1", &other, &err), err);
        CHECK_OK(runtime_list(&rt, &ids, &err), err);
        CHECK_INT(ids.n, 0);
        runtime_strv_done(&ids);
        CHECK_OK(state_dir_remove(&rt, "web", true, &err), err);
        CHECK_INT(count_entries(rt.containers), 2);
        state_dir_done(&dir);
        CHECK_OK(state_dir_remove(&rt, "web", true, &err), err);
        CHECK_INT(count_entries(rt.containers), 1);
        state_dir_done(&other);
        close_runtime(&rt);
}

/* Who deletes waits for who creates; who creates sees that somebody deleted. */
static void creators(void)
{
        CtrError err = { 0 };
        StateDir dir, successor;
        Runtime rt;
        int fd;

        open_runtime(&rt);
        CHECK_OK(state_dir_begin(&rt, "web", &dir, &err), err);
        CHECK(!state_dir_is_current(&dir));
        CHECK_OK(state_dir_publish(&dir, &err), err);
        CHECK(state_dir_is_current(&dir));
        fd = openat(dir.parent_fd, "web", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        CHECK_INT(state_dir_await_creator(fd, 20), -ETIMEDOUT);
        state_dir_unlock(&dir);
        CHECK_INT(state_dir_await_creator(fd, 20), 0);
        CHECK_OK(state_dir_remove(&rt, "web", true, &err), err);
        CHECK_INT(state_dir_await_creator(fd, 20), 1);
        CHECK(!state_dir_is_current(&dir));
        CHECK_OK(state_dir_begin(&rt, "web", &successor, &err), err);
        CHECK_OK(state_dir_publish(&successor, &err), err);
        CHECK(!state_dir_is_current(&dir));
        CHECK(state_dir_is_current(&successor));
        (void) close(fd);
        state_dir_done(&dir);
        state_dir_done(&successor);
        close_runtime(&rt);
}

static void roots(void)
{
        CtrError err = { 0 };
        SpecStrv ids;
        Runtime rt;

        CHECK(runtime_init(&rt, "/", &err) < 0);
        CHECK_INT(err.code, CTR_ERROR_USAGE);
        CHECK(runtime_init(&rt, "//", &err) < 0);
        CHECK_OK(runtime_init(&rt, "/nonexistent/root/", &err), err);
        CHECK_STR(rt.containers, "/nonexistent/root/containers");
        CHECK_OK(runtime_list(&rt, &ids, &err), err);
        CHECK_INT(ids.n, 0);
        runtime_done(&rt);
        CHECK_OK(runtime_init(&rt, NULL, &err), err);
        CHECK_STR(rt.root, "/run/ctrunit");
        runtime_done(&rt);
}

static const Test tests[] = { TEST(publishing), TEST(racing), TEST(leftovers), TEST(creators),
        TEST(roots) };
TEST_MAIN(tests)
