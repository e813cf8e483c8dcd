/* Paths as the caller gave them: see path.h. */
#include "runtime/path.h"

#include "base/macro.h"

#include <stdio.h>
#include <string.h>

char *path_make_absolute(const char *path)
{
        _cleanup_free_ char *cwd = NULL;
        char *absolute;

        if (path[0] == '/')
                return strdup(path);
        cwd = get_current_dir_name();
        if (!cwd)
                return NULL;
        if (strcmp(path, ".") == 0 || path[0] == '\0')
                return TAKE_PTR(cwd);
        if (strncmp(path, "./", 2) == 0)
                path += 2;
        return asprintf(&absolute, "%s/%s", strcmp(cwd, "/") == 0 ? "" : cwd, path) < 0 ? NULL
                                                                                        : absolute;
}

bool path_may_be_directory(const struct dirent *entry)
{
        return entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN;
}
