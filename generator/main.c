/* ctr-generator: configured containers into units, at boot and at each daemon-reload, as
 * systemd.generator(7) describes. Run by hand it shows or checks what it would make. It reads files
 * and writes files, nothing else: no bus, no network, no name service. */
#include "generator/output.h"
#include "generator/pod.h"
#include "generator/report.h"
#include "generator/running.h"
#include "generator/volume.h"
#include "unitfile/search.h"
#include "generator/unit.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define EXIT_BROKEN 78 /* EX_CONFIG of sysexits.h, "status=78/CONFIG" in systemctl */

typedef enum Mode {
        MODE_GENERATE, /* write into the directories of the command line */
        MODE_DRY_RUN,  /* print */
        MODE_CHECK,    /* print errors only */
        MODE_EXPLAIN,  /* as a stub unit: print the error, always fail */
} Mode;

typedef struct Options {
        Mode mode;
        const char *root;
        char **names; /* --dry-run, --check: these only; none: all */
        int n_names;
        const char *output; /* MODE_GENERATE: the directory for units */
} Options;

static const char usage[] =
        "ctr-generator NORMAL-DIR [EARLY-DIR LATE-DIR]   make units (systemd does this)\n"
        "ctr-generator --dry-run [--root DIR] [NAME...]  print the units of containers\n"
        "ctr-generator --check [--root DIR] [NAME...]    print what is wrong with them\n"
        "\n"
        "Containers are configured in /etc/ctrunit/containers: see ctr-generator(8).\n";

static void complain(const char *file, const CtrError *err)
{
        char line[SEARCH_PATH_MAX + sizeof(CtrError)];

        report_line(4, NULL, ctr_error_format(err, file, line, sizeof(line)));
}

static void complain_to_stderr(const char *file, const CtrError *err)
{
        char line[SEARCH_PATH_MAX + sizeof(CtrError)];

        (void) fprintf(stderr, "%s\n", ctr_error_format(err, file, line, sizeof(line)));
}

static int generate(const Search searches[static _SEARCH_KIND_MAX], SearchKind kind,
        const SearchContainer *item, Unit *ret)
{
        if (kind == SEARCH_VOLUMES)
                return volume_generate(&searches[kind], item, ret);
        if (kind == SEARCH_PODS)
                return pod_generate(&searches[kind], &searches[SEARCH_CONTAINERS], item, ret);
        return unit_generate(&searches[kind], item, ret);
}

/* Does what the mode asks for with one container, volume or pod. Returns 1 when it is broken, else
 * 0. */
static int handle_container(const Options *options, const Search searches[static _SEARCH_KIND_MAX],
        SearchKind kind, const SearchContainer *container, int dir_fd)
{
        char line[SEARCH_PATH_MAX + sizeof(CtrError)];
        _cleanup_(unit_done) Unit unit = { 0 };
        CtrError err = { 0 };
        int r = generate(searches, kind, container, &unit);

        if (r < 0) {
                (void) ctr_error_set(&err, CTR_ERROR_SYSTEM, r, "making the unit");
                complain(container->name, &err);
                return 1;
        }
        if (unit.is_broken)
                ctr_error_format(&unit.problem.error, unit.problem.file, line, sizeof(line));
        if (options->mode == MODE_GENERATE) {
                if (unit.is_broken)
                        report_line(3, unit.name, line);
                r = output_unit(dir_fd, &unit, &err);
                if (r < 0)
                        complain(container->name, &err);
        } else {
                if (unit.is_broken)
                        (void) fprintf(stderr, "%s\n", line);
                else if (options->mode == MODE_EXPLAIN)
                        (void) fprintf(stderr,
                                "the configuration is correct now: run \"systemctl daemon-reload\"\n");
                if (options->mode == MODE_DRY_RUN)
                        output_unit_text(&unit, stdout);
        }
        return unit.is_broken || r < 0 ? 1 : 0;
}

/* Volumes and pods are named with their ending. */
static void name_of(
        SearchKind kind, const SearchContainer *container, char ret[static CTR_UNIT_NAME_MAX])
{
        (void) snprintf(ret, CTR_UNIT_NAME_MAX, "%s%s%s", container->name,
                kind == SEARCH_CONTAINERS ? "" : ".",
                kind == SEARCH_CONTAINERS ? "" : search_type(kind));
}

static bool is_wanted(const Options *options, const char *name)
{
        for (int i = 0; i < options->n_names; i++)
                if (strcmp(options->names[i], name) == 0)
                        return true;
        return options->n_names == 0;
}

/* Returns how many of the wanted ones of a kind are broken. */
static int handle_kind(const Options *options, const Search searches[static _SEARCH_KIND_MAX],
        SearchKind kind, int dir_fd)
{
        const Search *search = &searches[kind];
        char name[CTR_UNIT_NAME_MAX];
        int n_broken = 0;

        for (size_t i = 0; i < search->n; i++) {
                const SearchContainer *container = &search->items[i];

                name_of(kind, container, name);
                if (!container->is_masked && is_wanted(options, name))
                        n_broken += handle_container(options, searches, kind, container, dir_fd);
        }
        return n_broken;
}

/* NULL: there is none of this name. */
static const SearchContainer *find_name(
        const Search searches[static _SEARCH_KIND_MAX], const char *name)
{
        char other[CTR_UNIT_NAME_MAX];

        for (SearchKind kind = SEARCH_CONTAINERS + 1; kind < _SEARCH_KIND_MAX; kind++)
                for (size_t i = 0; i < searches[kind].n; i++) {
                        name_of(kind, &searches[kind].items[i], other);
                        if (strcmp(other, name) == 0)
                                return &searches[kind].items[i];
                }
        return search_find(&searches[SEARCH_CONTAINERS], name);
}

typedef struct Output {
        const Search *containers;
        int dir_fd;
} Output;

/* A container that runs, and of which no file has made a unit. */
static int handle_running(const char *id, void *userdata)
{
        const Output *output = userdata;
        _cleanup_(unit_done) Unit unit = { 0 };
        char name[CTR_UNIT_NAME_MAX];
        CtrError err = { 0 };
        int r;

        if (faccessat(output->dir_fd, ctr_id_to_unit(id, name), F_OK, AT_SYMLINK_NOFOLLOW) >= 0)
                return 0;
        r = running_make_unit(output->containers, id, &unit);
        if (r < 0)
                (void) ctr_error_set(&err, CTR_ERROR_SYSTEM, r, "making the unit");
        else if (r > 0)
                r = output_unit(output->dir_fd, &unit, &err);
        if (r < 0)
                complain(id, &err);
        return 0;
}

/* Returns how many are broken, or that nobody has configured. */
static int handle_all(
        const Options *options, const Search searches[static _SEARCH_KIND_MAX], int dir_fd)
{
        int n_broken = 0;

        for (SearchKind kind = 0; kind < _SEARCH_KIND_MAX; kind++)
                n_broken += handle_kind(options, searches, kind, dir_fd);
        for (int i = 0; i < options->n_names; i++) {
                const SearchContainer *found = find_name(searches, options->names[i]);

                if (found && !found->is_masked)
                        continue;
                (void) fprintf(stderr, "%s: %s\n", options->names[i],
                        found ? "this one is masked"
                              : "no such container is configured, see ctr-generator(8)");
                n_broken++;
        }
        return n_broken;
}

static int parse_options(int argc, char **argv, Options *options)
{
        static const struct option long_options[] = {
                { "dry-run", no_argument, NULL, 'n' },
                { "check", no_argument, NULL, 'c' },
                { "explain", no_argument, NULL, 'e' },
                { "root", required_argument, NULL, 'r' },
                { "help", no_argument, NULL, 'h' },
                { "version", no_argument, NULL, 'v' },
                { 0 },
        };
        int c;

        *options = (Options){ .root = "/" };
        while ((c = getopt_long(argc, argv, "h", long_options, NULL)) >= 0) {
                if (c == 'n')
                        options->mode = MODE_DRY_RUN;
                else if (c == 'c')
                        options->mode = MODE_CHECK;
                else if (c == 'e')
                        options->mode = MODE_EXPLAIN;
                else if (c == 'r')
                        options->root = optarg;
                else if (c == 'h' || c == 'v') {
                        (void) fputs(c == 'h' ? usage : "ctr-generator " CTR_VERSION "\n", stdout);
                        return 0;
                } else
                        return -EINVAL;
        }
        options->names = argv + optind;
        options->n_names = argc - optind;
        if (options->mode == MODE_GENERATE) {
                if (options->n_names != 1 && options->n_names != 3) {
                        (void) fputs(usage, stderr);
                        return -EINVAL;
                }
                options->output = argv[optind];
                options->n_names = 0;
        }
        return 1;
}

/* Containers, and what else there are files of. */
static int open_all(const char *root, void (*complain_of)(const char *file, const CtrError *err),
        Search searches[static _SEARCH_KIND_MAX], CtrError *err)
{
        Search *containers = &searches[SEARCH_CONTAINERS];
        int r = search_open(root, complain_of, containers, err);

        for (SearchKind kind = SEARCH_CONTAINERS + 1; kind < _SEARCH_KIND_MAX && r >= 0; kind++)
                if (containers->has_kind[kind])
                        r = search_open_kind(root, kind, complain_of, &searches[kind], err);
        if (containers->has_kind[SEARCH_PODS])
                containers->pods = &searches[SEARCH_PODS];
        return r;
}

/* 0, or 1 for what is not a configuration's fault, or 78. systemd reads it as success in any case
 * but 0 is promised for a broken configuration: the stub units tell about it. */
static int run(const Options *options)
{
        bool is_generating = options->mode == MODE_GENERATE;
        _cleanup_close_ int dir_fd = -EBADF;
        void (*complain_of)(const char *file, const CtrError *err);
        Search searches[_SEARCH_KIND_MAX] = { 0 };
        CtrError err = { 0 };
        int n_broken, r;

        if (is_generating) {
                dir_fd = open(options->output, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                if (dir_fd < 0) {
                        (void) ctr_error_set(&err, CTR_ERROR_SYSTEM, errno, "cannot open it");
                        complain(options->output, &err);
                        return EXIT_FAILURE;
                }
        }
        complain_of = is_generating ? complain : complain_to_stderr;
        r = open_all(options->root, complain_of, searches, &err);
        if (r < 0) {
                complain_of(NULL, &err);
                return EXIT_FAILURE;
        }
        n_broken = handle_all(options, searches, dir_fd);
        if (is_generating)
                (void) running_for_each(&searches[SEARCH_CONTAINERS], handle_running,
                        &(Output){ &searches[SEARCH_CONTAINERS], dir_fd });
        for (SearchKind kind = _SEARCH_KIND_MAX; kind-- > 0;)
                if (kind == SEARCH_CONTAINERS || searches[SEARCH_CONTAINERS].has_kind[kind])
                        search_done(&searches[kind]);
        if (options->mode == MODE_EXPLAIN)
                return EXIT_BROKEN;
        return is_generating || n_broken == 0 ? EXIT_SUCCESS : EXIT_BROKEN;
}

int main(int argc, char **argv)
{
        Options options;
        int r = parse_options(argc, argv, &options);

        if (r <= 0)
                return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        (void) umask(022);
        r = run(&options);
        if (fflush(stdout) != 0)
                return EXIT_FAILURE;
        return r;
}
