/* Common to the clients of libctrunit among the tests: they run in a booted host, started by
 * tests/system/libctrunit*.sh, with a root file system (busybox and the probe) in
 * $CTR_TEST_ROOTFS. */
#pragma once

#include "unit/test.h"

#include <ctrunit.h>

/* The call must succeed, or fail with this code. */
#define MUST(call)                                                                                 \
        do {                                                                                       \
                CtrError *error = NULL;                                                            \
                if ((call) < 0)                                                                    \
                        test_fail(__FILE__, __LINE__, "%s: %s: %s", #call,                         \
                                ctr_code_get_name(ctr_error_get_code(error)),                      \
                                ctr_error_get_message(error));                                     \
        } while (0)
#define MUST_FAIL(call, expected)                                                                  \
        do {                                                                                       \
                CtrError *error = NULL;                                                            \
                int r_ = (call);                                                                   \
                if (r_ >= 0 || !error)                                                             \
                        test_fail(__FILE__, __LINE__, "%s did not fail", #call);                   \
                if (ctr_error_get_code(error) != (expected))                                       \
                        test_fail(__FILE__, __LINE__, "%s: %s: %s, expected %s", #call,            \
                                ctr_code_get_name(ctr_error_get_code(error)),                      \
                                ctr_error_get_message(error), ctr_code_get_name(expected));        \
                CHECK(ctr_error_get_message(error)[0] != '\0');                                    \
                ctr_error_free(error);                                                             \
        } while (0)

const char *library_rootfs(void);

/* A config.json without a process; limits is put into linux.resources, "" = none. Static. */
const char *library_config(const char *limits);

/* A factory, a container of this id that does not exist before, a process that is not started. */
CtrFactory *library_factory(void);
CtrContainer *library_container(CtrFactory *factory, const char *id);
CtrProcess *library_process(const char *const *args);

#define PROCESS(...) library_process((const char *const[]){ __VA_ARGS__, NULL })

/* The status must be this within some seconds. */
void library_await_status(CtrContainer *container, CtrStatus status);

/* The container must have so many processes within some seconds (ctr-exec takes a moment to go).
 * Their pids, allocated. */
pid_t *library_await_processes(CtrContainer *container, size_t wanted);

/* Whether systemd has a unit in this state. */
bool library_unit_is(const char *unit, const char *state);

/* Everything until the end of file, as text. Static. */
const char *library_read(int fd);
