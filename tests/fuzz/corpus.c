/* main() of a fuzz target in plain builds: runs it over every file of the directories given, in
 * TAP. A file that once crashed it stays in the corpus and is thereby a regression test. */
#include "fuzz/fuzz.h"

#include "base/io.h"

#include <dirent.h>
#include <fcntl.h>

#define INPUT_SIZE_MAX (4U << 20)

static int by_name(const struct dirent **a, const struct dirent **b)
{
        return strcmp((*a)->d_name, (*b)->d_name);
}

static int run_directory(const char *path, unsigned *n)
{
        _cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        struct dirent **names = NULL;
        int n_names = fd < 0 ? -1 : scandir(path, &names, NULL, by_name);

        if (n_names < 0)
                return -errno;
        for (int i = 0; i < n_names; i++) {
                _cleanup_free_ char *text = NULL;
                size_t size;

                if (names[i]->d_name[0] != '.' &&
                        ctr_read_file(fd, names[i]->d_name, INPUT_SIZE_MAX, &text, &size, NULL) >=
                                0) {
                        (void) LLVMFuzzerTestOneInput((const uint8_t *) text, size);
                        printf("ok %u - %s: %s\n", ++*n, program_invocation_short_name,
                                names[i]->d_name);
                        (void) fflush(stdout);
                }
                free(names[i]);
        }
        free(names);
        return 0;
}

int main(int argc, char **argv)
{
        unsigned n = 0;

        for (int i = 1; i < argc; i++)
                if (run_directory(argv[i], &n) < 0) {
                        perror(argv[i]);
                        return 1;
                }
        printf("1..%u\n", n);
        return n > 0 ? 0 : 1;
}
