/* What a container uses, read from the files of its cgroup: the numbers of `events`. A controller
 * that the cgroup does not have leaves zeros (and no limits). Documentation of the files:
 * cgroup-v2.rst of the kernel. */
#pragma once

#include "base/error.h"

#include <stdio.h>

#define STATS_UNLIMITED UINT64_MAX

typedef struct StatsMemory {
        uint64_t limit; /* bytes; STATS_UNLIMITED */
        uint64_t usage;
        uint64_t max;     /* the most it has been, 0 = the kernel does not say */
        uint64_t failcnt; /* how often the limit was hit */
} StatsMemory;

typedef struct StatsRaw {
        char *name;
        uint64_t value;
} StatsRaw;

typedef struct StatsIo {
        uint64_t major, minor;
        const char *op; /* "Read", "Write", "Discard" */
        uint64_t value;
} StatsIo;

typedef struct StatsHugetlb {
        char size[16]; /* "2MB" */
        uint64_t usage, limit, failcnt;
} StatsHugetlb;

/* Pressure stall information. The averages stay text: percents with two decimals. */
typedef struct StatsPressureLine {
        bool is_set;
        char avg10[16], avg60[16], avg300[16];
        uint64_t total_usec;
} StatsPressureLine;

typedef struct StatsPressure {
        StatsPressureLine some, full;
} StatsPressure;

typedef struct Stats {
        struct {
                uint64_t total_nsec, kernel_nsec, user_nsec;
                uint64_t periods, throttled_periods, throttled_nsec;
                StatsPressure pressure;
        } cpu;
        struct {
                uint64_t cache;
                StatsMemory usage, swap; /* swap: memory and swap together, as in the config */
                StatsRaw *raw;           /* memory.stat */
                size_t n_raw;
                StatsPressure pressure;
        } memory;
        uint64_t pids_current, pids_limit;
        struct {
                StatsIo *bytes, *operations;
                size_t n_bytes, n_operations;
                StatsPressure pressure;
        } io;
        StatsHugetlb *hugetlb;
        size_t n_hugetlb;
} Stats;

/* Reads the cgroup whose directory this is. -ENOENT or -ENODEV when it has been removed. */
int stats_read(int cgroup_fd, Stats *ret, CtrError *err);
void stats_done(Stats *s);

/* One number of a file of lines "NAME NUMBER"; -ENOENT when the file or the name is missing. */
int stats_read_key(int cgroup_fd, const char *file, const char *name, uint64_t *ret);

/* The object that engines read as "data" of an event, on one line. */
void stats_print_json(const Stats *s, FILE *f);
