/* ctr-generator: configured containers into units, at boot and at each daemon-reload, as
 * systemd.generator(7) describes. Run by hand it shows or checks what it would make. It reads files
 * and writes files, nothing else: no bus, no network, no name service. */
#include "generator/output.h"
#include "generator/report.h"
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

/* Does what the mode asks for with one container or volume. Returns 1 when it is broken, else 0. */
static int handle_container(
        const Options *options, const Search *search, const SearchContainer *container, int dir_fd)
{
        char line[SEARCH_PATH_MAX + sizeof(CtrError)];
        _cleanup_(unit_done) Unit unit = { 0 };
        CtrError err = { 0 };
        int r = search->kind == SEARCH_VOLUMES ? volume_generate(search, container, &unit)
                                               : unit_generate(search, container, &unit);

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

/* Volumes are named with their ending. */
static void name_of(
        const Search *search, const SearchContainer *container, char ret[static CTR_UNIT_NAME_MAX])
{
        (void) snprintf(ret, CTR_UNIT_NAME_MAX, "%s%s", container->name,
                search->kind == SEARCH_VOLUMES ? ".volume" : "");
}

static bool is_wanted(const Options *options, const char *name)
{
        for (int i = 0; i < options->n_names; i++)
                if (strcmp(options->names[i], name) == 0)
                        return true;
        return options->n_names == 0;
}

/* Returns how many of the wanted ones of a kind are broken. */
static int handle_kind(const Options *options, const Search *search, int dir_fd)
{
        char name[CTR_UNIT_NAME_MAX];
        int n_broken = 0;

        for (size_t i = 0; i < search->n; i++) {
                const SearchContainer *container = &search->items[i];

                name_of(search, container, name);
                if (!container->is_masked && is_wanted(options, name))
                        n_broken += handle_container(options, search, container, dir_fd);
        }
        return n_broken;
}

/* NULL: there is none of this name. */
static const SearchContainer *find_name(
        const Search *containers, const Search *volumes, const char *name)
{
        char other[CTR_UNIT_NAME_MAX];

        for (size_t i = 0; i < volumes->n; i++) {
                name_of(volumes, &volumes->items[i], other);
                if (strcmp(other, name) == 0)
                        return &volumes->items[i];
        }
        return search_find(containers, name);
}

/* Returns how many are broken, or that nobody has configured. */
static int handle_all(
        const Options *options, const Search *containers, const Search *volumes, int dir_fd)
{
        int n_broken = handle_kind(options, containers, dir_fd);

        n_broken += handle_kind(options, volumes, dir_fd);
        for (int i = 0; i < options->n_names; i++) {
                const SearchContainer *found = find_name(containers, volumes, options->names[i]);

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

/* 0, or 1 for what is not a configuration's fault, or 78. systemd reads it as success in any case
 * but 0 is promised for a broken configuration: the stub units tell about it. */
static int run(const Options *options)
{
        bool is_generating = options->mode == MODE_GENERATE;
        _cleanup_close_ int dir_fd = -EBADF;
        void (*complain_of)(const char *file, const CtrError *err);
        Search search = { 0 }, volumes = { .kind = SEARCH_VOLUMES };
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
        r = search_open(options->root, complain_of, &search, &err);
        if (r >= 0 && search.has_volumes)
                r = search_open_kind(options->root, SEARCH_VOLUMES, complain_of, &volumes, &err);
        if (r < 0) {
                complain_of(NULL, &err);
                return EXIT_FAILURE;
        }
        n_broken = handle_all(options, &search, &volumes, dir_fd);
        if (search.has_volumes)
                search_done(&volumes);
        search_done(&search);
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
