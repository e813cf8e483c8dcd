/* Programs from files: mapped and checked once, then run in place. */
#include "helper/load.h"

#include <sys/mman.h>
#include <sys/stat.h>

int load_program(int fd, Program *ret, CtrError *err)
{
        struct stat st;
        void *bytes;

        if (fstat(fd, &st) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot read the program");
        if (!S_ISREG(st.st_mode) || st.st_size <= 0 || (uint64_t) st.st_size > PROGRAM_SIZE_MAX)
                return ctr_error_set(
                        err, CTR_ERROR_SYSTEM, EBADMSG, "the program is not a file of a sane size");
        bytes = mmap(NULL, (size_t) st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (bytes == MAP_FAILED)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot map the program");
        return program_open(bytes, (size_t) st.st_size, ret, err);
}
