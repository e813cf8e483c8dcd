/* Configurations for tests of the compiler: a small valid one with holes. In the texts ' stands for
 * ", so that JSON reads well in C. */
#pragma once

#include "plan/plan.h"
#include "unit/test.h"

#define PLAN_CASE_DIGEST "0000000000000000000000000000000000000000000000000000000000000000"

/* What goes into the holes; NULL = nothing. Each text is members with a comma before them
 * (", 'hostname': 'x'"). namespaces replaces the list of pid, mount, network, ipc, uts and cgroup.
 */
typedef struct PlanCase {
        const char *top;
        const char *process;
        const char *linux_;
        const char *namespaces;
        const char *mounts;
        PlanOrigin origin;
        bool has_waiting_caller;
        bool wants_no_pivot, wants_no_new_keyring;
} PlanCase;

/* The Spec of a case; the test ends when it does not parse. */
Spec *plan_case_spec(const PlanCase *c);

/* The context every case is planned in: id "web", bundle "/b". */
PlanContext plan_case_context(const PlanCase *c);

/* Text of unit and of program; the test ends when there is an error. Allocated. */
char *plan_case_unit(const PlanCase *c);
char *plan_case_program(const PlanCase *c);

/* The error that both plan_properties() and plan_program() must give. */
CtrError plan_case_error(const PlanCase *c);

#define CHECK_REFUSED(c, error_code, error_field, text)                                            \
        do {                                                                                       \
                CtrError _err = plan_case_error(c);                                                \
                CHECK_STR(_err.field, error_field);                                                \
                CHECK_CONTAINS(_err.message, text);                                                \
                CHECK_INT(_err.code, error_code);                                                  \
        } while (0)

/* Whether text has this whole line. */
bool has_line(const char *text, const char *line);
#define CHECK_LINE(text, line)                                                                     \
        do {                                                                                       \
                if (!has_line(text, line))                                                         \
                        test_fail(__FILE__, __LINE__, "no line \"%s\" in:\n%s", line, text);       \
        } while (0)
#define CHECK_NO_LINE(text, line)                                                                  \
        do {                                                                                       \
                if (has_line(text, line))                                                          \
                        test_fail(__FILE__, __LINE__, "line \"%s\" in:\n%s", line, text);          \
        } while (0)
