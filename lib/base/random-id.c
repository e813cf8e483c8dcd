/* Random names: see random-id.h. */
#include "base/random-id.h"

#include <stdio.h>
#include <sys/random.h>

int ctr_random_id(char id[static CTR_RANDOM_ID_SIZE], CtrError *err)
{
        unsigned char random[(CTR_RANDOM_ID_SIZE - 1) / 2];

        if (getrandom(random, sizeof(random), 0) != sizeof(random))
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "getrandom");
        for (size_t i = 0; i < sizeof(random); i++)
                (void) snprintf(id + 2 * i, 3, "%02x", random[i]);
        return 0;
}
