/* The state directory of a container that is being created. It is filled under a temporary name,
 * which no id can have, and then renamed in place: of several creators of one id one wins, and the
 * others leave nothing. The creator's lock on it says "being created" to everyone else. */
#pragma once

#include "runtime/runtime.h"

#include "base/name.h"

#define STATE_DIR_SPARE 4 /* a tree of the state directory's depth, and the directory above it */

typedef struct StateDir {
        int parent_fd;
        int fd;
        /* Descriptors that what removes the directory needs, whatever the caller may open. */
        int spare_fd[STATE_DIR_SPARE];
        char id[CTR_ID_MAX + 1];
        char temporary[CTR_ID_MAX + 32]; /* "" once published */
} StateDir;

#define STATE_DIR_NULL                                                                             \
        (StateDir)                                                                                 \
        {                                                                                          \
                .parent_fd = -EBADF, .fd = -EBADF, .spare_fd = { -EBADF, -EBADF, -EBADF, -EBADF }  \
        }

/* Makes the directory of a new container, for us alone until it is committed. -EEXIST with *err
 * when the id is in use. */
int state_dir_begin(const Runtime *rt, const char *id, StateDir *ret, CtrError *err);

/* Writes a file, by temporary file and rename once others can see the directory. */
int state_dir_write(
        const StateDir *dir, const char *name, const void *data, size_t size, CtrError *err);

/* CTR_ERROR_ID_IN_USE when the id has a state directory. */
int state_dir_publish(StateDir *dir, CtrError *err);

/* Gives the spare descriptors back: what follows removes all that was made. */
void state_dir_free_spare(StateDir *dir);

/* Ends "being created". */
void state_dir_unlock(const StateDir *dir);

/* Waits until nobody creates in this directory: 1 when there was somebody, 0 when not. -ETIMEDOUT
 * when he takes longer. */
int state_dir_await_creator(int fd, unsigned timeout_msec);

/* Whether the directory is still the one that the id has: somebody may have deleted the container
 * while it was being created. */
bool state_dir_is_current(const StateDir *dir);

/* Removes it, published or not. */
void state_dir_discard(StateDir *dir);
void state_dir_done(StateDir *dir);

/* Removes the state directory of an id whole: detaches pinned namespaces first. Missing is success.
 * with_leftovers: also what creators that were killed left under temporary names. */
int state_dir_remove(const Runtime *rt, const char *id, bool with_leftovers, CtrError *err);
