/* Container.Wait and WaitProcess: calls that are answered when something ends. */
#pragma once

#include "manager/daemon.h"

#include "runtime/record.h"

/* sd_bus_message_handler_t of both, with the Daemon as userdata. */
int wait_method(sd_bus_message *m, void *userdata, sd_bus_error *error);

/* It ended: a container (token NULL), or a process in it. */
void wait_ended(Daemon *d, const char *id, const char *token, const ExitRecord *record);

/* The record of an end that has been, "unknown" when there is none. */
void wait_read_end(const Daemon *d, const char *id, const char *token, ExitRecord *ret);

/* The unit of this token's process is gone: its record is there, whatever was heard of its end. */
void wait_session_over(Daemon *d, const char *token);

/* The container is gone, however it ended. */
void wait_removed(Daemon *d, const char *id);

/* Nobody is there any more to be told. */
void wait_sender_gone(Daemon *d, const Sender *sender);

/* The exit code, or the number of the signal. */
int exit_record_number(const ExitRecord *record);

/* Of an end that nobody knows anything of. */
void exit_record_unknown(ExitRecord *ret);

/* Has the unit come to its end, so that nothing more will be told of it? Units that PID 1 does not
 * know have. */
bool unit_is_over(const Daemon *d, const char *unit);
