/* Search directories: precedence, masks, additions, and what is not trusted. */
#include "generator/links.h"
#include "unitfile/search.h"
#include "unitfile/settings.h"
#include "unit/test.h"

#include "base/io.h"

#include <fcntl.h>
#include <sys/stat.h>

static char root[] = "/tmp/ctrunit-search-XXXXXX";
static char complaints[4096];

static void complain(const char *file, const CtrError *err)
{
        char line[1024];

        ctr_error_format(err, file, line, sizeof(line));
        (void) snprintf(complaints + strlen(complaints), sizeof(complaints) - strlen(complaints),
                "%s\n", line);
}

static const char *path_of(const char *path)
{
        static char full[1024];

        (void) snprintf(full, sizeof(full), "%s%s", root, path);
        return full;
}

static void make_dir(const char *path)
{
        CtrError err = { 0 };

        CHECK_OK(ctr_mkdir_parents(path_of(path), 0755, &err), err);
}

static void make_file(const char *path, const char *text)
{
        int fd = open(path_of(path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

        CHECK(fd >= 0);
        CHECK_INT(ctr_write_all(fd, text, strlen(text)), 0);
        (void) close(fd);
}

static void make_root(void)
{
        (void) umask(022);
        complaints[0] = '\0';
        CHECK(mkdtemp(root));
        for (int i = 0; i < SEARCH_DIRS; i++)
                make_dir(search_dirs[i]);
}

static void remove_root(void)
{
        CHECK_INT(ctr_remove_tree(AT_FDCWD, root), 0);
}

static void precedence(void)
{
        const SearchContainer *c;
        CtrError err = { 0 };
        Search search;

        make_root();
        make_dir("/etc/ctrunit/containers/web");
        make_dir("/usr/lib/ctrunit/containers/web");
        make_dir("/usr/lib/ctrunit/containers/db");
        make_dir("/run/ctrunit/config/containers/db");
        make_file("/usr/lib/ctrunit/containers/web.container", "[Unit]\nDescription=lib\n");
        make_file("/run/ctrunit/config/containers/web.container", "[Unit]\nDescription=run\n");
        make_dir("/etc/ctrunit/containers/web.container.d");
        make_dir("/usr/lib/ctrunit/containers/web.container.d");
        make_file("/usr/lib/ctrunit/containers/web.container.d/20-b.conf",
                "[Unit]\nAfter=x.service\n");
        make_file("/usr/lib/ctrunit/containers/web.container.d/10-a.conf",
                "[Unit]\nDescription=no\n");
        make_file("/etc/ctrunit/containers/web.container.d/10-a.conf", "[Unit]\nDescription=etc\n");
        make_file("/etc/ctrunit/containers/web.container.d/readme", "no .conf\n");
        CHECK_OK(search_open(root, complain, &search, &err), err);
        CHECK_STR(complaints, "");
        CHECK_INT(search.n, 2);
        CHECK_STR(search.items[0].name, "db");
        CHECK_INT(search.items[0].bundle_dir, 1);
        c = search_find(&search, "web");
        CHECK_INT(c->bundle_dir, 0);
        CHECK_INT(c->file_dir, 1);
        CHECK_INT(c->n_drop_ins, 2);
        CHECK_STR(c->drop_ins[0]->name, "10-a.conf");
        CHECK_INT(c->drop_ins[0]->dir, 0);
        CHECK_INT(c->drop_ins[1]->dir, 2);
        CHECK(!search_find(&search, "nginx"));
        search_done(&search);
        remove_root();
}

static void masks(void)
{
        CtrError err = { 0 };
        Search search;

        make_root();
        make_dir("/usr/lib/ctrunit/containers/a");
        CHECK_INT(symlink("/dev/null", path_of("/etc/ctrunit/containers/a")), 0);
        make_dir("/usr/lib/ctrunit/containers/b");
        make_file("/etc/ctrunit/containers/b.container", "");
        make_dir("/etc/ctrunit/containers/c");
        make_file("/usr/lib/ctrunit/containers/c", "");
        CHECK_OK(search_open(root, complain, &search, &err), err);
        CHECK_INT(search.n, 3);
        CHECK(search_find(&search, "a")->is_masked);
        CHECK(search_find(&search, "b")->is_masked);
        CHECK(!search_find(&search, "c")->is_masked); /* the earlier directory decided */
        search_done(&search);
        remove_root();
}

static void odd_names(void)
{
        CtrError err = { 0 };
        Search search;

        make_root();
        make_dir("/etc/ctrunit/containers/-rf");
        make_dir("/etc/ctrunit/containers/.hidden");
        make_dir("/etc/ctrunit/containers/a b");
        make_dir("/etc/ctrunit/containers/my-web+1.x");
        make_file("/etc/ctrunit/containers/README", "about this directory\n");
        make_dir("/etc/ctrunit/containers/orphan.container.d");
        make_file("/etc/ctrunit/containers/orphan.container.d/a.conf", "[Unit]\n");
        CHECK_OK(search_open(root, complain, &search, &err), err);
        CHECK_INT(search.n, 1);
        CHECK_STR(search.items[0].name, "my-web+1.x");
        CHECK_CONTAINS(complaints, "/etc/ctrunit/containers/-rf: invalid container ID format");
        CHECK_CONTAINS(complaints, "containers/a b: invalid container ID format");
        CHECK_CONTAINS(complaints, "containers/README: ignored");
        CHECK_CONTAINS(complaints, "orphan.container.d/a.conf: ignored");
        CHECK(!strstr(complaints, ".hidden"));
        search_done(&search);
        remove_root();
}

static void read_fails(const Search *search, const char *path, const char *message)
{
        CtrError err = { 0 };
        char *text = NULL;
        size_t size;

        CHECK(search_read(search, 0, path, 100, &text, &size, &err) < 0);
        CHECK_CONTAINS(err.message, message);
}

static void untrusted_files(void)
{
        static char large[101];
        CtrError err = { 0 };
        Search search;
        char *text;
        size_t size;

        make_root();
        make_dir("/etc/ctrunit/containers/web");
        make_file("/etc/ctrunit/containers/web/good", "text");
        make_file("/etc/ctrunit/containers/web/writable", "text");
        CHECK_INT(chmod(path_of("/etc/ctrunit/containers/web/writable"), 0664), 0);
        memset(large, 'x', sizeof(large) - 1);
        make_file("/etc/ctrunit/containers/web/large", large);
        CHECK_INT(symlink("good", path_of("/etc/ctrunit/containers/web/link")), 0);
        CHECK_INT(symlink("web", path_of("/etc/ctrunit/containers/linked")), 0);
        CHECK_INT(mkfifo(path_of("/etc/ctrunit/containers/web/fifo"), 0644), 0);
        make_dir("/etc/ctrunit/containers/open");
        make_file("/etc/ctrunit/containers/open/good", "text");
        CHECK_INT(chmod(path_of("/etc/ctrunit/containers/open"), 0777), 0);
        CHECK_OK(search_open(root, complain, &search, &err), err);
        CHECK_OK(search_read(&search, 0, "web/good", 100, &text, &size, &err), err);
        CHECK_INT(size, 4);
        free(text);
        CHECK_OK(search_read(&search, 0, "web/large", 100, &text, &size, &err), err);
        free(text);
        CHECK_OK(search_read(&search, SEARCH_NOWHERE, "/etc/ctrunit/containers/web/good", 100,
                         &text, &size, &err),
                err);
        free(text);
        make_file("/etc/ctrunit/containers/web/larger", "x");
        CHECK_INT(truncate(path_of("/etc/ctrunit/containers/web/larger"), 101), 0);
        read_fails(&search, "web/larger", "larger than 100 bytes");
        read_fails(&search, "web/missing", "No such file");
        read_fails(&search, "web/writable", "others than its owner can write");
        read_fails(&search, "web/link", "symbolic link");
        read_fails(&search, "linked/good", "symbolic link"); /* in the middle of a path */
        read_fails(&search, "web/fifo", "not a regular file");
        read_fails(&search, "web", "not a regular file");
        read_fails(&search, "open/good", "others than its owner can write");
        read_fails(&search, "../web/good/x", "");
        search_done(&search);
        remove_root();
}

static void linked_bundle(void)
{
        CtrError err = { 0 };
        char path[256];
        Search search;

        make_root();
        CHECK_INT(symlink("/srv/web//", path_of("/etc/ctrunit/containers/a")), 0);
        CHECK_INT(symlink("../web", path_of("/etc/ctrunit/containers/b")), 0);
        make_dir("/run/ctrunit/config/containers/c");
        CHECK_OK(search_open(root, complain, &search, &err), err);
        CHECK_OK(search_bundle_path(&search, search_find(&search, "a"), path, sizeof(path), &err),
                err);
        CHECK_STR(path, "/srv/web");
        CHECK(search_bundle_path(&search, search_find(&search, "b"), path, sizeof(path), &err) < 0);
        CHECK_CONTAINS(err.message, "must be absolute");
        CHECK_OK(search_bundle_path(&search, search_find(&search, "c"), path, sizeof(path), &err),
                err);
        CHECK_STR(path, "/run/ctrunit/config/containers/c");
        search_done(&search);
        remove_root();
}

static void foreign_owner(void)
{
        CtrError err = { 0 };
        Search search;

        if (geteuid() != 0)
                test_skip("only root can give files away");
        make_root();
        make_dir("/etc/ctrunit/containers/web");
        make_file("/etc/ctrunit/containers/web/config.json", "{}");
        CHECK_INT(chown(path_of("/etc/ctrunit/containers/web/config.json"), 1000, 0), 0);
        CHECK_INT(chown(path_of("/usr/lib/ctrunit/containers"), 1000, 0), 0);
        make_dir("/usr/lib/ctrunit/containers/evil");
        CHECK_OK(search_open(root, complain, &search, &err), err);
        CHECK_CONTAINS(complaints, "belongs to user 1000");
        CHECK(!search_find(&search, "evil"));
        read_fails(&search, "web/config.json", "belongs to user 1000");
        search_done(&search);
        remove_root();
}

static void volumes(void)
{
        _cleanup_(settings_done) Settings settings = { 0 };
        const SearchContainer *v;
        Problem problem = { 0 };
        CtrError err = { 0 };
        Search search;

        make_root();
        make_dir("/etc/ctrunit/containers/data");
        make_dir("/etc/ctrunit/containers/data.volume.d");
        make_dir("/run/ctrunit/config/containers/volume.d");
        make_file("/usr/lib/ctrunit/containers/data.volume", "[Volume]\nUser=1\nMode=0700\n");
        make_file("/etc/ctrunit/containers/data.volume.d/10.conf", "[Volume]\nUser=2\n");
        make_file("/run/ctrunit/config/containers/volume.d/20.conf", "[Volume]\nGroup=3\n");
        make_file("/etc/ctrunit/containers/data.container", "[Unit]\nDescription=x\n");
        make_file("/etc/ctrunit/containers/part@.volume", "[Volume]\n");
        CHECK_INT(symlink("part@.volume", path_of("/etc/ctrunit/containers/part@a.volume")), 0);
        make_file("/usr/lib/ctrunit/containers/gone.volume", "[Volume]\n");
        CHECK_INT(symlink("/dev/null", path_of("/etc/ctrunit/containers/gone.volume")), 0);
        make_file("/etc/ctrunit/containers/shop.pod", "[Pod]\n");
        make_file("/etc/ctrunit/containers/shop.kube", "[Kube]\n");
        make_file("/etc/ctrunit/containers/shop.kube", "[Kube]\n");

        CHECK_OK(search_open(root, complain, &search, &err), err);
        CHECK(search.has_kind[SEARCH_VOLUMES]);
        CHECK(search.has_kind[SEARCH_PODS]);
        CHECK_INT(search.n, 1);
        CHECK_INT(search.items[0].n_drop_ins, 0);
        CHECK_CONTAINS(complaints, "shop.kube: ignored: nothing is made from files of Kubernetes");
        CHECK_CONTAINS(complaints, "shop.kube: ignored: nothing is made from files of Kubernetes");
        CHECK(search_has_entry(&search, "data.volume") &&
                search_has_entry(&search, "part@a.volume"));
        CHECK(!search_has_entry(&search, "nope.volume"));
        search_done(&search);

        complaints[0] = '\0';
        CHECK_OK(search_open_kind(root, SEARCH_VOLUMES, complain, &search, &err), err);
        CHECK_STR(complaints, "");
        CHECK_INT(search.n, 3);
        CHECK(search_find(&search, "gone")->is_masked);
        CHECK(search_find(&search, "part-a"));
        v = search_find(&search, "data");
        CHECK_INT(v->n_drop_ins, 2);
        CHECK_OK(settings_load(&search, v, &settings, &problem), problem.error);
        CHECK_STR(settings_find(&settings, KEY_VOLUME, "User")->value, "2");
        CHECK_STR(settings_find(&settings, KEY_VOLUME, "Mode")->value, "0700");
        CHECK_STR(settings_find(&settings, KEY_VOLUME, "Group")->value, "3");
        search_done(&search);
        remove_root();
}

static void nothing_configured(void)
{
        CtrError err = { 0 };
        Search search;

        CHECK(mkdtemp(root));
        CHECK_OK(search_open(root, complain, &search, &err), err);
        CHECK_INT(search.n, 0);
        CHECK_STR(complaints, "");
        search_done(&search);
        remove_root();
        CHECK(search_open("/nonexistent", complain, &search, &err) == -ENOENT);
}

static char *settings_text(const Settings *settings)
{
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        CHECK(f);
        settings_write(settings, NULL, f);
        CHECK_INT(fclose(f), 0);
        return text;
}

static void settings_merge(void)
{
        Problem problem = { 0 };
        CtrError err = { 0 };
        Settings settings;
        Links links = { 0 };
        Search search;
        char *text;

        make_root();
        make_file("/etc/ctrunit/containers/web.container",
                "[Unit]\nDescription=first\nAfter=a.service db.container\n"
                "[Service]\nRestart=always\nMemoryMax=1G\nDeviceAllow=/dev/a r\n"
                "[Install]\nWantedBy=multi-user.target b.target\nAlias=www@web.service\n");
        make_dir("/etc/ctrunit/containers/web.container.d");
        make_file("/etc/ctrunit/containers/web.container.d/1.conf",
                "[Unit]\nDescription=second %n\nAfter=c.service\n"
                "[Service]\nMemoryMax=\nDeviceAllow=\nDeviceAllow=/dev/b r\n"
                "[Install]\nWantedBy=\nWantedBy=db+1.container\n");
        CHECK_OK(search_open(root, complain, &search, &err), err);
        CHECK_OK(settings_load(&search, &search.items[0], &settings, &problem), problem.error);
        text = settings_text(&settings);
        CHECK_STR(text, "\n# From the .container files\n[Unit]\n"
                        "After=a.service ctr@db.service\nDescription=second %n\nAfter=c.service\n"
                        "\n# From the .container files\n[Service]\n"
                        "Restart=always\nDeviceAllow=\nDeviceAllow=/dev/b r\n");
        free(text);
        CHECK_OK(links_add_settings(&links, &settings, NULL, "ctr@web.service", &problem),
                problem.error);
        CHECK_INT(links.n, 2);
        CHECK_STR(links.items[0].path, "www@web.service");
        CHECK_STR(links.items[0].target, "ctr@web.service");
        CHECK_STR(links.items[1].path, "ctr@db\\x2b1.service.wants/ctr@web.service");
        CHECK_STR(links.items[1].target, "../ctr@web.service");
        links_done(&links);
        settings_done(&settings);
        search_done(&search);
        remove_root();
}

/* Directories of additions for several containers: the narrower name wins, then the directory. */
static void wide_drop_ins(void)
{
        static const struct {
                const char *directory, *file, *text;
        } files[] = {
                { "/usr/lib/ctrunit/containers/container.d", "10.conf", "all" },
                { "/etc/ctrunit/containers/container.d", "20.conf", "all-etc" },
                { "/etc/ctrunit/containers/my-.container.d", "10.conf", "prefix-etc" },
                { "/usr/lib/ctrunit/containers/my-web.container.d", "10.conf", "own-lib" },
                { "/run/ctrunit/config/containers/my-.container.d", "30.conf", "prefix-run" },
                { "/etc/ctrunit/containers/other-.container.d", "10.conf", "nobody" },
        };
        Problem problem = { 0 };
        CtrError err = { 0 };
        Settings settings;
        Search search;
        char path[256], text[256], *unit;

        make_root();
        make_file("/etc/ctrunit/containers/my-web.container", "[Unit]\nDocumentation=file\n");
        make_file("/etc/ctrunit/containers/web.container", "[Unit]\nDocumentation=file\n");
        for (size_t i = 0; i < ELEMENTSOF(files); i++) {
                make_dir(files[i].directory);
                (void) snprintf(path, sizeof(path), "%s/%s", files[i].directory, files[i].file);
                (void) snprintf(text, sizeof(text), "[Unit]\nDocumentation=%s\n", files[i].text);
                make_file(path, text);
        }
        CHECK_OK(search_open(root, complain, &search, &err), err);
        CHECK_STR(complaints, "");
        CHECK_INT(search.n, 2);
        CHECK_OK(settings_load(&search, &search.items[0], &settings, &problem), problem.error);
        unit = settings_text(&settings);
        CHECK_STR(unit, "\n# From the .container files\n[Unit]\nDocumentation=file\n"
                        "Documentation=own-lib\nDocumentation=all-etc\nDocumentation=prefix-run\n");
        free(unit);
        settings_done(&settings);
        CHECK_OK(settings_load(&search, &search.items[1], &settings, &problem), problem.error);
        unit = settings_text(&settings);
        CHECK_STR(unit, "\n# From the .container files\n[Unit]\nDocumentation=file\n"
                        "Documentation=all\nDocumentation=all-etc\n");
        free(unit);
        settings_done(&settings);
        search_done(&search);
        remove_root();
}

/* Templates make nothing, links to them do; %i and %p are the link's; a file of an instance's own
 * takes the template's place. */
static void templates(void)
{
        const SearchContainer *c;
        Problem problem = { 0 };
        CtrError err = { 0 };
        Settings settings;
        Search search;
        char *unit;

        make_root();
        make_file("/usr/lib/ctrunit/containers/my-web@.container",
                "[Unit]\nDescription=%p of %i, %%i %n\nAfter=db@%i.container\n");
        CHECK_INT(symlink("my-web@.container",
                          path_of("/etc/ctrunit/containers/my-web@one.container")),
                0);
        CHECK_INT(symlink("/usr/lib/ctrunit/containers/my-web@.container",
                          path_of("/run/ctrunit/config/containers/my-web@two.container")),
                0);
        make_file("/etc/ctrunit/containers/my-web@three.container", "[Unit]\nDescription=%I\n");
        CHECK_INT(
                symlink("/dev/null", path_of("/etc/ctrunit/containers/my-web@four.container")), 0);
        CHECK_INT(symlink("other@.container",
                          path_of("/etc/ctrunit/containers/my-web@five.container")),
                0);
        CHECK_INT(
                symlink("absent@.container", path_of("/etc/ctrunit/containers/absent@x.container")),
                0);
        make_file("/etc/ctrunit/containers/my-taken.container", "[Unit]\n");
        make_file("/etc/ctrunit/containers/my@taken.container", "[Unit]\n");
        make_file("/etc/ctrunit/containers/a@b@c.container", "[Unit]\n");
        make_file("/etc/ctrunit/containers/@a.container", "[Unit]\n");
        make_dir("/etc/ctrunit/containers/my-web@.container.d");
        make_file("/etc/ctrunit/containers/my-web@.container.d/1.conf",
                "[Unit]\nDocumentation=for-%i\n");
        CHECK_OK(search_open(root, complain, &search, &err), err);
        CHECK_CONTAINS(complaints, "my@taken: ignored: my-taken is the name of another container");
        CHECK_CONTAINS(complaints, "a@b@c.container: invalid container ID format");
        CHECK_CONTAINS(complaints, "@a.container: invalid container ID format");
        CHECK(!search_find_stem(&search, "my-web@"));
        c = search_find(&search, "my-web-one");
        CHECK(c && c == search_find_stem(&search, "my-web@one"));
        CHECK_OK(settings_load(&search, c, &settings, &problem), problem.error);
        CHECK_STR(settings.files[0], "/usr/lib/ctrunit/containers/my-web@.container");
        unit = settings_text(&settings);
        CHECK_STR(unit, "\n# From the .container files\n[Unit]\n"
                        "Description=my-web of one, %%i %n\nAfter=ctr@db-one.service\n"
                        "Documentation=for-one\n");
        free(unit);
        settings_done(&settings);
        CHECK(search_find(&search, "my-web-two") && search_find(&search, "my-web-four")->is_masked);
        CHECK_OK(settings_load(&search, search_find(&search, "my-web-three"), &settings, &problem),
                problem.error);
        unit = settings_text(&settings);
        CHECK_CONTAINS(unit, "Description=three\n");
        free(unit);
        settings_done(&settings);
        CHECK(settings_load(&search, search_find(&search, "my-web-five"), &settings, &problem) < 0);
        CHECK_CONTAINS(problem.error.message, "symbolic link");
        CHECK(settings_load(&search, search_find(&search, "absent-x"), &settings, &problem) < 0);
        CHECK_CONTAINS(problem.file, "containers/absent@.container");
        search_done(&search);
        remove_root();
}

static void settings_errors(void)
{
        Problem problem = { 0 };
        CtrError err = { 0 };
        Settings settings;
        Links links = { 0 };
        char line[2048];
        Search search;

        make_root();
        make_file("/etc/ctrunit/containers/a.container", "[Unit]\nAfter=x.service\n");
        make_dir("/etc/ctrunit/containers/a.container.d");
        make_file("/etc/ctrunit/containers/a.container.d/1.conf", "\n[Service]\n  User=x\n");
        make_file("/etc/ctrunit/containers/b.container", "[Install]\nAlias=x.service\n");
        CHECK_OK(search_open(root, complain, &search, &err), err);
        CHECK(settings_load(&search, &search.items[0], &settings, &problem) < 0);
        CHECK_CONTAINS(ctr_error_format(&problem.error, problem.file, line, sizeof(line)),
                "/etc/ctrunit/containers/a.container.d/1.conf:3:3: User: not possible");
        CHECK_OK(settings_load(&search, &search.items[1], &settings, &problem), problem.error);
        CHECK(links_add_settings(&links, &settings, NULL, "ctr@b.service", &problem) < 0);
        CHECK_CONTAINS(ctr_error_format(&problem.error, problem.file, line, sizeof(line)),
                "b.container:2:1: Alias: \"x.service\" is not valid: systemd takes only names like "
                "www@b.service");
        settings_done(&settings);
        links_done(&links);
        CHECK(links_add_annotation(&links, NULL, "no-unit", "ctr@b.service", &err) < 0);
        CHECK_STR(err.field, "annotations[\"org.ctrunit.install.wantedBy\"]");
        search_done(&search);
        remove_root();
}

static const Test tests[] = {
        TEST(precedence),
        TEST(masks),
        TEST(odd_names),
        TEST(untrusted_files),
        TEST(linked_bundle),
        TEST(foreign_owner),
        TEST(nothing_configured),
        TEST(volumes),
        TEST(settings_merge),
        TEST(wide_drop_ins),
        TEST(templates),
        TEST(settings_errors),
};
TEST_MAIN(tests)
