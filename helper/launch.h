/* The launch socket: see plan/launch.h. */
#pragma once

#include "helper/context.h"

/* The host's /dev/null, proven to be it. A descriptor or -errno. */
int launch_open_null(CtrError *err);

/* Is fd a SOCK_SEQPACKET socket of the unix family? */
bool launch_is_socket(int fd);

/* Takes standard input as the launch socket when it is one: receives the request and the payload's
 * descriptors, and puts /dev/null in its place. A socket whose peer is gone (a restarted unit)
 * counts as none. */
int launch_receive(Context *ctx, CtrError *err);

/* The same where the socket is not standard input: takes the request that is there already, if any.
 */
int launch_take_request(Context *ctx, CtrError *err);

/* Waits until the caller says that the clone is in its cgroup; its death is an error. */
int launch_await_placed(Context *ctx, CtrError *err);

/* Closes ctr-exec's own copies of what only the clone uses. */
void launch_close_kept(Context *ctx);

/* Opens the host's /dev/null where 0, 1 or 2 are closed, so that no descriptor of ours can take
 * their place. */
int launch_fill_stdio(CtrError *err);

/* Sends a reply, with this descriptor unless negative. 0, or -errno: -ENOTCONN without a launch
 * socket. */
int launch_reply(const Context *ctx, const LaunchReply *reply, int fd);

/* CLONED, CREATED or STARTED with the clone's pidfd. A caller that went away is no error. */
void launch_reply_progress(Context *ctx, LaunchKind kind);
