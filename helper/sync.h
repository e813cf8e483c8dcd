/* Messages between ctr-exec and the clone: one enum (plan/program.h), each sent in one place and
 * awaited in one place. All return 0 or -errno with *err. */
#pragma once

#include "helper/context.h"

/* What the clone says of the one that it made in its place (op-birth.c). */
#define SYNC_BIRTH_MAGIC 0x68747269U
typedef struct SyncBirth {
        uint32_t magic;
        int32_t pid; /* as ctr-exec sees it */
} SyncBirth;

/* In ctr-exec: that process is the clone from here on. op-birth.c. 0, or -errno with *err. */
int birth_adopt(Context *ctx, pid_t pid, CtrError *err);

/* Waits for whatever the clone says before that. */
int birth_await_word(const Context *ctx, CtrError *err);

/* In ctr-exec: the same, to its end. */
int sync_await_birth(Context *ctx, CtrError *err);

/* What the messages are called in programs and errors. */
const char *sync_message_name(int message);

/* By calls that every filter of a container allows. */
int sync_send(Context *ctx, SyncMessage message, CtrError *err);

/* Gives ctr-exec the connection of `start` with SYNC_GATE_OPENED, so that its end waits for the
 * poststart hooks. Where the container's filter does not allow it, `start` does not wait for them.
 */
void sync_send_peer(Context *ctx, int fd);

/* The next message of the other side. A record is kept in ctx->child_failure. Returns the message,
 * 0 for end of file, or -errno. */
int sync_receive(Context *ctx, CtrError *err);

/* Waits for this message of the other side. */
int sync_await(Context *ctx, SyncMessage message, CtrError *err);

/* The same in ctr-exec, for a clone that may have been told to stop at the gate instead: then
 * ctx->is_stopped. */
int sync_await_or_stop(Context *ctx, SyncMessage message, CtrError *err);

/* Fills *err for a clone that is gone without a word; returns -errno. */
int sync_clone_died(const Context *ctx, CtrError *err);
