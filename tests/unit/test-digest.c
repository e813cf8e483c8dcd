/* Digests, by the examples of FIPS 180-4. */
#include "base/digest.h"
#include "unit/test.h"

static void known_digests(void)
{
        char text[CTR_DIGEST_LENGTH + 1];

        ctr_digest_hex("", 0, text);
        CHECK_STR(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        ctr_digest_hex("abc", 3, text);
        CHECK_STR(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static const Test tests[] = { TEST(known_digests) };
TEST_MAIN(tests)
