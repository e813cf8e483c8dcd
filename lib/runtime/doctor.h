/* Whether this host has what containers need, and what is missing: the findings of `ctrctl doctor`.
 * Each check looks at the fact itself (a call, a file of the kernel, an answer of PID 1), never at
 * the name of a distribution. */
#pragma once

#include "base/error.h"

typedef enum DoctorVerdict {
        DOCTOR_OK,
        DOCTOR_NOTE,    /* something that not everybody needs is not there */
        DOCTOR_MISSING, /* containers do not run, or not as configured */
        _DOCTOR_VERDICT_MAX,
} DoctorVerdict;

typedef struct DoctorFinding {
        const char *check; /* "kernel", "controllers", ... */
        DoctorVerdict verdict;
        const char *found;  /* what there is: "6.1.0" */
        const char *why;    /* what does not work without; NULL when all is well */
        const char *advice; /* what to do; NULL when all is well */
} DoctorFinding;

/* "ok", "note", "missing". */
const char *doctor_verdict_name(DoctorVerdict verdict);

/* Makes all checks in their order. root stands before the paths that are looked at ("" for this
 * host); with another the host's own calls (bpf(2), the system bus, the generator) are left out.
 * Returns the worst verdict. */
DoctorVerdict doctor_examine(
        const char *root, void (*report)(void *userdata, const DoctorFinding *f), void *userdata);
