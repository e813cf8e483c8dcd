/* Names of hosts for a container of a file: see container-names.h. Which name servers the host has
 * is known at the start only; systemd-resolved(8) has a second file with those behind its own
 * address, which is the host's alone. */
#include "runtime/container-names.h"

#include "base/io.h"
#include "unitfile/resolv.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define FILE_SIZE_MAX (64U * 1024)

enum { FILE_MODE = 0644 };

static const char *const host_files[] = { "/etc/resolv.conf", "/run/systemd/resolve/resolv.conf" };

static int no_memory(CtrError *err)
{
        return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading the configuration");
}

/* From the first file that has a name server for the container, else from the first. */
static int print_resolv(const Recipe *recipe, char **ret, CtrError *err)
{
        for (size_t i = 0; i < ELEMENTSOF(host_files); i++) {
                _cleanup_free_ char *host = NULL, *text = NULL;
                unsigned n_servers;
                size_t size;
                FILE *f;

                if (ctr_read_file(AT_FDCWD, host_files[i], FILE_SIZE_MAX, &host, &size, NULL) < 0)
                        continue;
                f = open_memstream(&text, &size);
                if (!f)
                        return no_memory(err);
                n_servers = resolv_print(recipe, host, f);
                if (fclose(f) != 0)
                        return no_memory(err);
                if (n_servers > 0 || !*ret) {
                        free(*ret);
                        *ret = TAKE_PTR(text);
                }
                if (n_servers > 0)
                        return 0;
        }
        return 0;
}

static int print_without_host(const Recipe *recipe, bool is_hosts, char **ret, CtrError *err)
{
        size_t size;
        FILE *f = open_memstream(ret, &size);

        if (!f)
                return no_memory(err);
        if (is_hosts)
                recipe_print_hosts(recipe, f);
        else
                (void) resolv_print(recipe, "", f);
        return fclose(f) == 0 ? 0 : no_memory(err);
}

int container_names_fill(const Recipe *recipe, Bundle *bundle, CtrError *err)
{
        int r = 0;

        if (recipe_has_resolv(recipe))
                r = print_resolv(recipe, &bundle->resolv_conf, err);
        if (r >= 0 && recipe_has_resolv(recipe) && !bundle->resolv_conf)
                r = print_without_host(recipe, false, &bundle->resolv_conf, err);
        if (r >= 0 && recipe->hosts.n > 0)
                r = print_without_host(recipe, true, &bundle->hosts, err);
        return r;
}

int container_names_write(const Bundle *bundle, int dir_fd, CtrError *err)
{
        const struct {
                const char *name, *text;
        } files[] = {
                { RECIPE_HOSTS_FILE, bundle->hosts },
                { RECIPE_RESOLV_FILE, bundle->resolv_conf },
        };

        for (size_t i = 0; i < ELEMENTSOF(files); i++) {
                int r = !files[i].text ? 0
                                       : ctr_write_file_atomic(dir_fd, files[i].name, files[i].text,
                                                 strlen(files[i].text), FILE_MODE);

                if (r < 0)
                        return ctr_error_set(
                                err, CTR_ERROR_SYSTEM, r, "cannot write %s", files[i].name);
        }
        return 0;
}
