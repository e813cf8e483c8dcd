/* Containers from archives: see module.h. Who wants one waits at a pipe that is the unit's standard
 * output: lines "DONE TOTAL" while it is at work, at last an object, with meta.json or the error.
 * When nobody reads any more the unit gives up, and takes away what there is. */
#include "runtime/module.h"

#include "base/random-id.h"
#include "runtime/bundle-store.h"
#include "runtime/launch-client.h"
#include "runtime/sandbox.h"
#include "sd/sd-unit.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

/* meta.json as a string of JSON, and what is around it. */
#define ANSWER_MAX (8U * 1024 * 1024)

typedef struct Answer {
        char *text; /* lines that are not read yet */
        size_t used, size;
} Answer;

static int make_properties(
        const RuntimeImport *import, const char *id, int answer_fd, PropertyList *p, CtrError *err)
{
        const char *const command[] = { CTR_CTRCTL_PATH, "unpack", id,
                import->config || import->is_plain ? "plain" : NULL, NULL };
        char description[CTR_ID_MAX + 64];
        int r;

        (void) snprintf(description, sizeof(description), "ctrunit: import of %s", id);
        r = property_set_string(p, PROPERTY_DESCRIPTION, description);
        if (r >= 0)
                r = property_set_string(p, PROPERTY_COLLECT_MODE, "inactive-or-failed");
        if (r >= 0)
                r = property_set_strv(p, PROPERTY_EXEC_START, command);
        if (r >= 0)
                r = property_set_number(
                        p, PROPERTY_STANDARD_INPUT_FD, (uint64_t) import->archive_fd);
        if (r >= 0)
                r = property_set_number(p, PROPERTY_STANDARD_OUTPUT_FD, (uint64_t) answer_fd);
        if (r >= 0)
                r = property_add_string(p, PROPERTY_READ_WRITE_PATHS, SANDBOX_WRITABLE);
        if (r >= 0)
                r = property_add_string(
                        p, PROPERTY_SYSTEM_CALL_ARCHITECTURES, SANDBOX_ARCHITECTURE);
#define X(calls)                                                                                   \
        if (r >= 0)                                                                                \
                r = property_add_string(p, PROPERTY_SYSTEM_CALL_FILTER, calls);
        SANDBOX_REFUSED_CALLS(X)
#undef X
#define X(devices, access)                                                                         \
        if (r >= 0)                                                                                \
                r = property_add_pair(p, PROPERTY_DEVICE_ALLOW, devices, access);
        SANDBOX_DEVICES(X)
#undef X
#define X(id, name, signature, value)                                                              \
        if (r >= 0)                                                                                \
                r = property_set_number(p, PROPERTY_##id, value);
        SANDBOX_NUMBERS(X)
#undef X
#define X(id, name, signature, value)                                                              \
        if (r >= 0)                                                                                \
                r = property_set_string(p, PROPERTY_##id, value);
        SANDBOX_STRINGS(X)
#undef X
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "building the unit") : 0;
}

/* The far end of the pipe is the unit's alone when this returns. */
static int start_unit(
        const RuntimeImport *import, const char *id, const char *unit, int answer_fd, CtrError *err)
{
        PropertyList properties = { 0 };
        SdConnection bus = { 0 };
        SdPending pending = { 0 };
        int r;

        r = make_properties(import, id, answer_fd, &properties, err);
        if (r >= 0)
                r = sd_connect(&bus, err);
        if (r >= 0)
                r = sd_unit_start_transient(&bus, unit, &properties, NULL, &pending, err);
        if (r >= 0)
                r = sd_pending_wait(&pending, err);
        sd_pending_done(&pending);
        sd_disconnect(&bus);
        property_list_done(&properties);
        return r;
}

/* ---- what it says ---- */

/* The last line. */
static int take_result(const char *line, char **ret_meta, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        const JsonValue *root;
        uint64_t code;
        int r;

        r = json_document_parse(line, strlen(line), &doc, err);
        if (r < 0)
                return ctr_error_prefix(err, r, "the answer of the unit that unpacks");
        root = json_document_root(doc);
        if (json_member_u64(root, "code", &code) >= 0)
                return ctr_error_set(err,
                        code > CTR_ERROR_NONE && code < _CTR_ERROR_MAX ? (CtrErrorCode) code
                                                                       : CTR_ERROR_SYSTEM,
                        0, "%s", json_member_string(root, "message"));
        if (json_member_string(root, "meta")) {
                *ret_meta = strdup(json_member_string(root, "meta"));
                if (!*ret_meta)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "meta.json");
        }
        return 1;
}

/* One line. Returns 1 after the last. */
static int take_line(const RuntimeImport *import, const char *line, char **ret_meta, CtrError *err)
{
        unsigned long long done, total;

        if (line[0] == '{')
                return take_result(line, ret_meta, err);
        if (import->progress && sscanf(line, "%llu %llu", &done, &total) == 2)
                import->progress(import->userdata, done, total);
        return 0;
}

/* Reads what there is. Returns 1 after the last line, 0 for more to come. */
static int read_lines(
        const RuntimeImport *import, int fd, Answer *answer, char **ret_meta, CtrError *err)
{
        char *line, *end;
        ssize_t n;
        int r = 0;

        if (answer->size - answer->used < 4096) {
                size_t size = answer->size ? 2 * answer->size : 65536;
                char *text = size > ANSWER_MAX ? NULL : realloc(answer->text, size);

                if (!text)
                        return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM,
                                "the answer of the unit that unpacks is too long");
                answer->text = text;
                answer->size = size;
        }
        do
                n = read(fd, answer->text + answer->used, answer->size - answer->used - 1);
        while (n < 0 && errno == EINTR);
        if (n <= 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, n < 0 ? errno : 0,
                        "the unit that unpacks ended without an answer");
        answer->used += (size_t) n;
        answer->text[answer->used] = '\0';
        for (line = answer->text; r == 0 && (end = strchr(line, '\n')); line = end + 1) {
                *end = '\0';
                r = take_line(import, line, ret_meta, err);
        }
        answer->used -= (size_t) (line - answer->text);
        memmove(answer->text, line, answer->used + 1);
        return r;
}

static int await_answer(const RuntimeImport *import, int fd, char **ret_meta, CtrError *err)
{
        struct pollfd polls[] = { { .fd = fd, .events = POLLIN },
                { .fd = import->abort_fd, .events = POLLIN } };
        Answer answer = { 0 };
        int r = 0;

        while (r == 0) {
                if (poll(polls, ELEMENTSOF(polls), -1) < 0) {
                        if (errno == EINTR)
                                continue;
                        r = ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "waiting for the archive");
                } else if (polls[1].revents)
                        r = ctr_error_set(
                                err, CTR_ERROR_SYSTEM, ECANCELED, "the archive is not unpacked");
                else
                        r = read_lines(import, fd, &answer, ret_meta, err);
        }
        free(answer.text);
        return r;
}

static int unpack(const RuntimeImport *import, const char *id, char **ret_meta, CtrError *err)
{
        _cleanup_close_ int ours = -EBADF, theirs = -EBADF;
        char token[CTR_RANDOM_ID_SIZE], unit[CTR_UNIT_NAME_MAX];
        int pipe_fds[2], r;

        r = ctr_random_id(token, err);
        if (r < 0)
                return r;
        (void) snprintf(unit, sizeof(unit), "ctr-job-%s.service", token);
        if (pipe2(pipe_fds, O_CLOEXEC) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "pipe");
        ours = pipe_fds[0];
        theirs = pipe_fds[1];
        r = start_unit(import, id, unit, theirs, err);
        closep(&theirs);
        if (r >= 0)
                r = await_answer(import, ours, ret_meta, err);
        return ctr_error_prefix(err, r, "import");
}

int runtime_import(const Runtime *rt, const RuntimeImport *import, char id[static CTR_ID_MAX + 1],
        CtrError *err)
{
        const char *wanted = import->words ? json_member_string(import->words, "ID") : NULL;
        _cleanup_close_ int bundle_fd = -EBADF;
        _cleanup_free_ char *meta = NULL;
        LaunchFds none = LAUNCH_FDS_NONE;
        RuntimeCreate options = { .id = id, .fds = &none };
        int r;

        r = runtime_choose_id(wanted ? wanted : "", id, err);
        if (r >= 0)
                r = runtime_check_free(rt, id, err);
        if (r >= 0)
                r = bundle_fd = bundle_store_create(id, err);
        if (r < 0)
                return r;
        r = unpack(import, id, &meta, err);
        if (r < 0) {
                (void) bundle_store_remove(id, NULL);
                return r;
        }
        return runtime_import_create(rt, import, &options, meta, err);
}
