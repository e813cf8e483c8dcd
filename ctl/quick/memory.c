/* The heap of the quick programs: see memory.h. Every block has a header, which says how large it
 * is, and whether it is in use, in a way that depends on its address and on a number that only the
 * kernel and this process know. Blocks of one class wait in a list for the next of that class.
 */
#include "ctl/quick/memory.h"

#include "base/macro.h"

#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>

/* Classes: every multiple of 16 to 512, then the powers of two to 64 KiB; larger blocks are
 * mappings of their own. */
enum {
        STEP = 16,
        FINE_MAX = 512,
        FINE_CLASSES = FINE_MAX / STEP,
        COARSE_CLASSES = 7,
        LARGE = FINE_CLASSES + COARSE_CLASSES,
        CLASSES = LARGE,
};
#define COARSE_MAX ((size_t) FINE_MAX << COARSE_CLASSES)
#define FIRST_SIZE (192U * 1024) /* without a system call; only pages that are used exist */
#define MORE_SIZE  (1024U * 1024)
#define SIZE_LIMIT (SIZE_MAX / 4)

typedef struct Header {
        size_t room; /* bytes of the block behind this header */
        uint32_t class;
        uint32_t seal;
} Header;
_Static_assert(sizeof(Header) == STEP, "blocks are aligned for any type");

/* What a block that waits for its use begins with. */
typedef struct Waiting {
        struct Waiting *next;
} Waiting;

static _Alignas(STEP) uint8_t first[FIRST_SIZE];

typedef struct Heap {
        bool is_locked;
        uint64_t secret; /* 0: not made yet */
        uint8_t *fresh;  /* never used, and so zero */
        size_t n_fresh;
        Waiting *waiting[CLASSES];
} Heap;

static Heap heap = { .fresh = first, .n_fresh = sizeof(first) };

/* list has threads, and little to allocate in them. */
static void lock_heap(void)
{
        while (__atomic_test_and_set(&heap.is_locked, __ATOMIC_ACQUIRE))
                (void) sched_yield();
}

static void unlock_heap(void)
{
        __atomic_clear(&heap.is_locked, __ATOMIC_RELEASE);
}

/* Of the sixteen bytes that the kernel gives each program (getauxval(3)) those that the stack
 * protector does not take. The first block is made before there are threads. */
static uint64_t secret(void)
{
        if (heap.secret == 0) {
                const uint8_t *random = (const uint8_t *) getauxval(AT_RANDOM);

                if (random)
                        memcpy(&heap.secret, random + 8, sizeof(heap.secret));
                heap.secret |= 1;
        }
        return heap.secret;
}

static uint32_t seal(const Header *header, bool is_used)
{
        uint64_t mixed = ((uint64_t) (uintptr_t) header ^ header->room ^ secret()) *
                         UINT64_C(0x9e3779b97f4a7c15);

        return (uint32_t) (mixed >> 32) + header->class * 2 + is_used;
}

/* Of something larger than is allowed, LARGE. */
static uint32_t class_of(size_t size)
{
        size_t room = (size_t) FINE_MAX * 2;
        uint32_t class = FINE_CLASSES;

        if (size <= FINE_MAX)
                return size == 0 ? 0 : (uint32_t) ((size - 1) / STEP);
        while (class < LARGE && room < size) {
                room *= 2;
                class ++;
        }
        return class;
}

static size_t room_of(uint32_t class)
{
        return class < FINE_CLASSES ? (size_t) (class + 1) * STEP
                                    : (size_t) FINE_MAX << (class - FINE_CLASSES + 1);
}

static uint8_t *map(size_t size)
{
        void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        return memory == MAP_FAILED ? NULL : memory;
}

/* The end of what was fresh before is left unused: at most one block. */
static Header *take_fresh(size_t room)
{
        size_t size = sizeof(Header) + room;
        Header *header;

        if (heap.n_fresh < size) {
                uint8_t *more = map(MORE_SIZE);

                if (!more)
                        return NULL;
                heap.fresh = more;
                heap.n_fresh = MORE_SIZE;
        }
        header = (Header *) (void *) heap.fresh;
        heap.fresh += size;
        heap.n_fresh -= size;
        return header;
}

static Header *take_waiting(uint32_t class)
{
        Waiting *block = heap.waiting[class];
        Header *header;

        if (!block)
                return NULL;
        header = (Header *) (void *) block - 1;
        if (header->seal != seal(header, false) || header->class != class)
                __builtin_trap();
        heap.waiting[class] = block->next;
        return header;
}

static Header *take_large(size_t size)
{
        Header *header = size > SIZE_LIMIT ? NULL : (Header *) (void *) map(sizeof(Header) + size);

        if (header)
                header->room = size;
        return header;
}

static void *take(size_t size, bool *ret_is_zero)
{
        uint32_t class = class_of(size);
        Header *header;

        *ret_is_zero = true;
        lock_heap();
        if (class == LARGE) {
                header = take_large(size);
        } else {
                header = take_waiting(class);
                *ret_is_zero = !header;
                if (!header)
                        header = take_fresh(room_of(class));
                if (header)
                        header->room = room_of(class);
        }
        if (header) {
                header->class = class;
                header->seal = seal(header, true);
        }
        unlock_heap();
        if (!header)
                errno = ENOMEM;
        return header ? header + 1 : NULL;
}

static Header *header_of(void *memory)
{
        Header *header = (Header *) memory - 1;

        if ((uintptr_t) memory % STEP != 0 || header->class > LARGE ||
                header->seal != seal(header, true))
                __builtin_trap();
        return header;
}

void *memory_allocate(size_t size)
{
        bool is_zero;

        return take(size, &is_zero);
}

void memory_release(void *memory)
{
        int saved_errno = errno;
        Header *header;

        if (!memory)
                return;
        lock_heap();
        header = header_of(memory);
        if (header->class < LARGE) {
                Waiting *block = memory;

                header->seal = seal(header, false);
                block->next = heap.waiting[header->class];
                heap.waiting[header->class] = block;
        } else {
                (void) munmap(header, sizeof(Header) + header->room);
        }
        unlock_heap();
        errno = saved_errno;
}

void *memory_resize(void *memory, size_t size)
{
        void *other;
        size_t room;

        if (!memory)
                return memory_allocate(size);
        room = header_of(memory)->room;
        /* What shrinks a little stays where it is; what is large and shrinks a lot does not. */
        if (size <= room && (room <= COARSE_MAX || size > room / 2))
                return memory;
        other = memory_allocate(size);
        if (!other)
                return NULL;
        memcpy(other, memory, MIN_OF(size, room));
        memory_release(memory);
        return other;
}

void *memory_allocate_zeroed(size_t n, size_t size)
{
        bool is_zero;
        void *memory;

        if (size != 0 && n > SIZE_LIMIT / size) {
                errno = ENOMEM;
                return NULL;
        }
        memory = take(n * size, &is_zero);
        return memory && !is_zero ? memset(memory, 0, n * size) : memory;
}
