/* What the daemon and its transient units say to each other: one message each way over a
 * SOCK_SEQPACKET socket that the unit has as standard input, and in between how far it is. The JSON
 * text is in a sealed memfd, because it may be larger than a packet; descriptors of the client come
 * behind it. Same machine and package: no version beyond the magic. */
#pragma once

#include "base/error.h"

#define JOB_MAGIC   0x4a525443U /* "CTRJ" */
#define JOB_FDS_MAX 64

typedef enum JobKind {
        JOB_REQUEST = 1,
        JOB_ANSWER,
        JOB_FAILED,
        JOB_PROGRESS,
} JobKind;

typedef struct JobMessage {
        uint32_t magic, kind;
        uint32_t error_code; /* FAILED: CtrErrorCode */
        int32_t errno_value;
        uint64_t done, total; /* PROGRESS: bytes; total 0 = not known */
        char interface[64];   /* REQUEST: which verb */
        char member[64];
        char token[40];
        char message[1024]; /* FAILED */
} JobMessage;

/* text NULL: no memfd. The descriptors stay the caller's. */
int job_send(int fd, const JobMessage *message, const char *text, size_t text_size, const int *fds,
        size_t n_fds, CtrError *err);

typedef struct JobReceived {
        JobMessage message;
        char *text; /* NUL-terminated; NULL when there was no memfd */
        size_t text_size;
        int fds[JOB_FDS_MAX];
        size_t n_fds;
} JobReceived;

/* Returns 1, or 0 at the end of file. */
int job_receive(int fd, JobReceived *ret, CtrError *err);
void job_received_done(JobReceived *r);
