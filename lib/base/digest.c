/* SHA-256 as text, by libmd. */
#include "base/digest.h"

#include <sha2.h>

void ctr_digest_hex(const void *data, size_t size, char ret[static CTR_DIGEST_LENGTH + 1])
{
        static const char digits[] = "0123456789abcdef";
        uint8_t raw[SHA256_DIGEST_LENGTH];
        SHA2_CTX context;

        SHA256Init(&context);
        SHA256Update(&context, data, size);
        SHA256Final(raw, &context);
        for (size_t i = 0; i < sizeof(raw); i++) {
                ret[2 * i] = digits[raw[i] >> 4];
                ret[2 * i + 1] = digits[raw[i] & 15];
        }
        ret[CTR_DIGEST_LENGTH] = '\0';
}
