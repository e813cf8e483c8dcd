/* The heap of the quick programs: what is allocated is there, belongs to nobody else, and is used
 * again when it was freed; wrong use ends the program. */
#include "ctl/quick/memory.h"
#include "unit/test.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BLOCKS = 100, ROUNDS = 8000, THREADS = 4 };

typedef struct Block {
        uint8_t *bytes;
        size_t size;
        uint8_t pattern;
} Block;

static uint32_t next_random(uint32_t *state)
{
        *state = *state * 1664525U + 1013904223U;
        return *state >> 8;
}

/* Mostly small, sometimes as large as a class or a mapping of its own. */
static size_t random_size(uint32_t *state)
{
        static const size_t limits[] = { 16, 64, 600, 600, 5000, 70000, 300000 };
        size_t limit = limits[next_random(state) % ELEMENTSOF(limits)];

        return next_random(state) % (limit + 1);
}

static bool is_intact(const Block *b)
{
        for (size_t i = 0; i < b->size; i++)
                if (b->bytes[i] != b->pattern)
                        return false;
        return true;
}

static bool fill(Block *b, size_t size, uint32_t random)
{
        b->size = size;
        b->pattern = (uint8_t) random;
        if (!b->bytes || (uintptr_t) b->bytes % 16 != 0)
                return false;
        memset(b->bytes, b->pattern, size);
        return true;
}

/* One step on one block. False when the heap did what it must not. */
static bool change(Block *b, uint32_t *state)
{
        size_t size = random_size(state), kept;

        if (!is_intact(b))
                return false;
        switch (next_random(state) % 4) {
        case 0:
                kept = MIN_OF(size, b->size);
                b->bytes = memory_resize(b->bytes, size);
                b->size = kept;
                return b->bytes && is_intact(b) && fill(b, size, next_random(state));
        case 1:
                memory_release(b->bytes);
                b->bytes = memory_allocate_zeroed(1, size);
                *b = (Block){ .bytes = b->bytes, .size = size };
                return b->bytes && is_intact(b) && fill(b, size, next_random(state));
        default:
                memory_release(b->bytes);
                b->bytes = memory_allocate(size);
                return fill(b, size, next_random(state));
        }
}

static void *change_many(void *seed)
{
        uint32_t state = *(const uint32_t *) seed;
        static const char wrong[] = "wrong";
        Block *blocks = calloc(BLOCKS, sizeof(*blocks));
        const void *result = blocks ? NULL : wrong;

        for (unsigned i = 0; i < ROUNDS / THREADS && !result; i++)
                if (!change(&blocks[next_random(&state) % BLOCKS], &state))
                        result = wrong;
        for (unsigned i = 0; i < BLOCKS && blocks; i++)
                memory_release(blocks[i].bytes);
        free(blocks);
        return (void *) (uintptr_t) result;
}

static void of_many_blocks(void)
{
        uint32_t seed = 1;

        CHECK(!change_many(&seed));
}

static void of_threads(void)
{
        uint32_t seeds[THREADS] = { 1, 2, 3, 4 };
        pthread_t threads[THREADS];
        void *result;

        for (unsigned i = 0; i < THREADS; i++)
                CHECK_INT(pthread_create(&threads[i], NULL, change_many, &seeds[i]), 0);
        for (unsigned i = 0; i < THREADS; i++) {
                CHECK_INT(pthread_join(threads[i], &result), 0);
                CHECK(!result);
        }
}

static void is_used_again(void)
{
        static const size_t sizes[] = { 0, 1, 16, 17, 512, 513, 1024, 40000, 65536 };

        for (size_t i = 0; i < ELEMENTSOF(sizes); i++) {
                void *one = memory_allocate(sizes[i]), *other;
                uintptr_t place = (uintptr_t) one;

                CHECK(one);
                memory_release(one);
                other = memory_allocate(sizes[i]);
                CHECK((uintptr_t) other == place);
                memory_release(other);
        }
        memory_release(NULL);
}

static void beyond_all_limits(void)
{
        static const struct {
                size_t n, size;
        } cases[] = { { SIZE_MAX, 1 }, { 1, SIZE_MAX }, { SIZE_MAX / 2, 3 }, { SIZE_MAX / 4, 4 } };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                errno = 0;
                CHECK(!memory_allocate_zeroed(cases[i].n, cases[i].size));
                CHECK_INT(errno, ENOMEM);
        }
        errno = 0;
        CHECK(!memory_allocate(SIZE_MAX - 8));
        CHECK_INT(errno, ENOMEM);
}

static void free_twice(void)
{
        void *memory = memory_allocate(100);

        memory_release(memory);
        memory_release(memory);
}

static void free_inside(void)
{
        uint8_t *memory = memory_allocate_zeroed(1, 100);

        memory_release(memory + 32);
}

static void write_beyond(void)
{
        uint8_t *memory = memory_allocate(32), *next = memory_allocate(32);

        memset(memory, 'x', (size_t) (next - memory));
        memory_release(next);
}

static void resize_freed(void)
{
        void *memory = memory_allocate(100);

        memory_release(memory);
        (void) memory_resize(memory, 5000);
}

static void used_wrongly(void)
{
        static void (*const wrong[])(
                void) = { free_twice, free_inside, write_beyond, resize_freed };

        for (size_t i = 0; i < ELEMENTSOF(wrong); i++) {
                pid_t pid = fork();
                int status;

                if (pid == 0) {
                        wrong[i]();
                        _exit(0);
                }
                CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
                CHECK(WIFSIGNALED(status));
        }
}

static const Test tests[] = { TEST(of_many_blocks), TEST(of_threads), TEST(is_used_again),
        TEST(beyond_all_limits), TEST(used_wrongly) };
TEST_MAIN(tests)
