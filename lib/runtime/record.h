/* The small files that ctr-exec writes into a container's state directory. */
#pragma once

#include "base/error.h"

#include <sys/types.h>

#define INVOCATION_ID_LENGTH 32

/* STATE/pid: the payload's process (or, before its start, the process that waits to become it). */
typedef struct PidRecord {
        pid_t pid;
        uint64_t starttime; /* clock ticks since boot: tells a reused number from the process meant
                             */
        char invocation_id[INVOCATION_ID_LENGTH + 1];
} PidRecord;

/* STATE/exit: how an invocation of the unit ended, in systemd's words (systemd.exec(5),
 * $SERVICE_RESULT). */
typedef struct ExitRecord {
        char result[32];      /* "success", "exit-code", "signal", ... */
        char code[16];        /* "exited", "killed", "dumped"; "-" = never started */
        char status_text[24]; /* number, or a signal's name */
        int status;           /* exit code, or 128 + signal */
        char invocation_id[INVOCATION_ID_LENGTH + 1];
} ExitRecord;

/* Both return 1, 0 when there is no such file, or -EBADMSG with *err. */
int pid_record_read(int dir_fd, PidRecord *ret, CtrError *err);
int exit_record_read(int dir_fd, ExitRecord *ret, CtrError *err);

/* The first by the file's path below dir_fd. */
int pid_record_read_at(int dir_fd, const char *path, PidRecord *ret, CtrError *err);

/* STATE/error: why a start failed, one line. False when there is none. */
bool error_record_read(int dir_fd, char *buf, size_t size);

/* Parsers of the text, for tests. */
int pid_record_parse(const char *text, PidRecord *ret);
int exit_record_parse(const char *text, ExitRecord *ret);
