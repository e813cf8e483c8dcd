/* convert: configurations of libcontainer and nsinit as config.json. */
#include "ctl/report.h"
#include "ctl/verb.h"

#include "base/io.h"
#include "convert/convert.h"
#include "runtime/bundle.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define CONFIG_SIZE_MAX (16U * 1024 * 1024)

static const char *rootfs;

static const Option convert_options[] = {
        { "rootfs", 0, "DIR", "root file system, for a configuration that names none",
                OPTION_STRING, &rootfs },
};

static int read_file(const char *path, char **ret, CtrError *err)
{
        size_t size;

        if (strcmp(path, "-") == 0)
                return ctr_read_fd(
                        STDIN_FILENO, "standard input", CONFIG_SIZE_MAX, ret, &size, err);
        return ctr_read_file(AT_FDCWD, path, CONFIG_SIZE_MAX, ret, &size, err);
}

static int run_convert(const Call *call, CtrError *err)
{
        const char *path = call->n_arguments > 0 ? call->arguments[0] : "container.json";
        _cleanup_free_ char *text = NULL, *config = NULL;
        SpecStrv warnings = { 0 };
        int r;

        r = read_file(path, &text, err);
        if (r < 0)
                return r;
        r = convert_config(
                &(ConvertInput){ .text = text, .rootfs = rootfs }, &config, &warnings, err);
        for (size_t i = 0; i < warnings.n; i++)
                report_warning(warnings.items[i]);
        runtime_strv_done(&warnings);
        if (r < 0)
                return bundle_error(path, r, err);
        (void) fputs(config, stdout);
        return 0;
}

const Verb verb_convert = {
        .name = "convert",
        .arguments = "[FILE]",
        .help = "translate libcontainer's container.json into config.json",
        .n_arguments_min = 0,
        .n_arguments_max = 1,
        .options = convert_options,
        .n_options = ELEMENTSOF(convert_options),
        .run = run_convert,
};
