/* UTF-8 by the table of well-formed sequences in the Unicode standard (3-7). */
#include "base/utf8.h"

typedef struct Sequence {
        unsigned char first_low, first_high, second_low, second_high;
        size_t size;
} Sequence;

static const Sequence sequences[] = {
        { 0x00, 0x7f, 0, 0, 1 },
        { 0xc2, 0xdf, 0x80, 0xbf, 2 },
        { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
        { 0xe1, 0xec, 0x80, 0xbf, 3 },
        { 0xed, 0xed, 0x80, 0x9f, 3 },
        { 0xee, 0xef, 0x80, 0xbf, 3 },
        { 0xf0, 0xf0, 0x90, 0xbf, 4 },
        { 0xf1, 0xf3, 0x80, 0xbf, 4 },
        { 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

static const Sequence *find_sequence(unsigned char first)
{
        for (size_t i = 0; i < ELEMENTSOF(sequences); i++)
                if (first >= sequences[i].first_low && first <= sequences[i].first_high)
                        return &sequences[i];
        return NULL;
}

size_t utf8_length(const char *s, size_t size)
{
        const unsigned char *p = (const unsigned char *) s;
        const Sequence *sequence = size > 0 ? find_sequence(p[0]) : NULL;

        if (!sequence || sequence->size > size)
                return 0;
        if (sequence->size > 1 && (p[1] < sequence->second_low || p[1] > sequence->second_high))
                return 0;
        for (size_t i = 2; i < sequence->size; i++)
                if ((p[i] & 0xc0) != 0x80)
                        return 0;
        return sequence->size;
}

size_t utf8_encode(unsigned c, char buf[static 4])
{
        static const unsigned char lead[] = { 0, 0x00, 0xc0, 0xe0, 0xf0 };
        size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

        for (size_t i = n - 1; i > 0; i--) {
                buf[i] = (char) (0x80 | (c & 0x3f));
                c >>= 6;
        }
        buf[0] = (char) (lead[n] | c);
        return n;
}
