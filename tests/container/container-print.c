/* A .container file's config.json and its lines of the unit, as the generator has them before
 * anything of the host is known; what it prints has been through the parser and the plan. With
 * --keys: the keys of [Container] and [Quadlet]. */
#include "container/outline.h"

#include "base/io.h"
#include "unitfile/recipe.h"
#include "unitfile/resolv.h"

#include <fcntl.h>
#include <string.h>

static int print_keys(void)
{
        const KeyInfo *key;

        for (size_t i = 0; (key = key_at(i)); i++)
                if (key->use == KEY_CONTAINER || key->use == KEY_QUADLET)
                        (void) puts(key->name);
        return 0;
}

/* That of a host whose own address only the host can reach. */
static const char host_resolv[] = "# made by something\n"
                                  "nameserver 127.0.0.53\n"
                                  "  nameserver\t192.0.2.1\n"
                                  "nameserver 2001:db8::2 \n"
                                  "domain first.example\n"
                                  "search host.example second.example\n"
                                  "nameserverx 192.0.2.9\n"
                                  "options edns0 trust-ad";

/* The text is a configuration that a unit and a program can be made of, and the outline makes the
 * same unit. */
static int check(const Recipe *recipe, CtrError *err)
{
        PlanContext ctx = outline_context(recipe);
        _cleanup_(spec_freep) Spec *spec = NULL;
        _cleanup_free_ void *program = NULL;
        size_t size;
        int r = outline_compare(recipe, &spec, err);

        if (r == -EXDEV) {
                (void) puts("the outline makes another unit");
                exit(EXIT_FAILURE);
        }
        return r < 0 ? r : plan_program(spec, &ctx, &program, &size, err);
}

int main(int argc, char **argv)
{
        _cleanup_(settings_done) Settings settings = { 0 };
        _cleanup_(recipe_done) Recipe recipe = { 0 };
        Problem problem = { 0 };
        char line[SEARCH_PATH_MAX + sizeof(CtrError)], *text;
        size_t size;
        int r;

        if (argc != 2)
                return EXIT_FAILURE;
        if (strcmp(argv[1], "--keys") == 0)
                return print_keys();
        r = ctr_read_file(AT_FDCWD, argv[1], INI_SIZE_MAX, &text, &size, &problem.error);
        if (r >= 0)
                r = settings_load_text("test.container", "test", text, size, &settings, &problem);
        if (r >= 0)
                r = recipe_load(
                        &settings, "test", "/etc/ctrunit/containers", NULL, &recipe, &problem);
        if (r >= 0) {
                r = check(&recipe, &problem.error);
                if (r < 0)
                        recipe_locate(&settings, &problem);
        }
        if (r < 0) {
                (void) printf(
                        "%s\n", ctr_error_format(&problem.error, problem.file, line, sizeof(line)));
                return EXIT_FAILURE;
        }
        recipe_print(&recipe, stdout);
        (void) printf("---- unit\n");
        r = recipe_write_unit(&recipe, "/run/ctrunit/containers/test", stdout);
        if (recipe.hosts.n > 0) {
                (void) printf("---- hosts\n");
                recipe_print_hosts(&recipe, stdout);
        }
        if (recipe_has_resolv(&recipe)) {
                (void) printf("---- resolv.conf\n");
                (void) printf("%u servers\n", resolv_print(&recipe, host_resolv, stdout));
        }
        return r < 0;
}
