/* Sessions: see session.h. The unit's command line is fixed; what to do comes as descriptors: the
 * launch socket as its standard input, the program as its standard output. */
#include "runtime/session.h"

#include "base/random-id.h"
#include "runtime/exec-program.h"
#include "runtime/service.h"

#include <stdio.h>

static int make_name(char unit[static CTR_UNIT_NAME_MAX], CtrError *err)
{
        char token[CTR_RANDOM_ID_SIZE];
        int r = ctr_random_id(token, err);

        if (r >= 0)
                (void) snprintf(unit, CTR_UNIT_NAME_MAX, "ctr-exec-%s.service", token);
        return r;
}

static int make_properties(
        const ExecProgram *program, const char *id, int program_fd, PropertyList *p, CtrError *err)
{
        static const struct {
                PropertyId id;
                const char *value;
        } words[] = {
                { PROPERTY_COLLECT_MODE, "inactive-or-failed" },
                { PROPERTY_TYPE, "notify" },
                { PROPERTY_NOTIFY_ACCESS, "all" },
                { PROPERTY_KILL_MODE, "mixed" },
        };
        static const char *const command[] = { CTR_EXEC_PATH, "session", NULL };
        char description[CTR_ID_MAX + 64];
        int r;

        (void) snprintf(description, sizeof(description), "ctrunit: process in %s", id);
        r = property_set_string(p, PROPERTY_DESCRIPTION, description);
        for (size_t i = 0; i < ELEMENTSOF(words) && r >= 0; i++)
                r = property_set_string(p, words[i].id, words[i].value);
        if (r >= 0)
                r = property_set_strv(p, PROPERTY_EXEC_START, command);
        if (r >= 0)
                r = property_set_number(p, PROPERTY_STANDARD_OUTPUT_FD, (uint64_t) program_fd);
        if (r >= 0 && program->unit[0]) {
                r = property_add_string(p, PROPERTY_BINDS_TO, program->unit);
                if (r >= 0)
                        r = property_add_string(p, PROPERTY_AFTER, program->unit);
        }
        if (r >= 0 && !process_exit_is_known_here())
                r = property_set_number(p, PROPERTY_ADD_REF, 1);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "building the unit") : 0;
}

static int start(const ExecProgram *program, const RuntimeExec *options, UnitProcess *session,
        PropertyList *properties, CtrError *err)
{
        LaunchFds none = LAUNCH_FDS_NONE;
        ServiceStart request = { .unit = session->unit,
                .properties = properties,
                .fds = options->fds ? options->fds : &none,
                .abort_fd = -EBADF };
        LaunchReply reply;
        int r;

        if (program->has_terminal && request.fds->console < 0)
                return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0, "nobody takes the terminal");
        r = sd_connect(&session->bus, err);
        if (r >= 0)
                r = service_start(&session->bus, &request, &reply, &session->pidfd, err);
        if (r >= 0)
                session->pid = reply.pid;
        return r;
}

int session_start(const Runtime *rt, const RuntimeExec *options, CtrError *err)
{
        _cleanup_close_ int program_fd = -EBADF;
        PropertyList properties = { 0 };
        UnitProcess session = UNIT_PROCESS_NULL;
        ExecProgram program;
        int r;

        r = exec_program_make(rt, options, &program, err);
        if (r >= 0)
                r = make_name(session.unit, err);
        if (r >= 0)
                r = program_fd = exec_program_memfd(&program, err);
        if (r >= 0)
                r = make_properties(&program, options->id, program_fd, &properties, err);
        if (r >= 0)
                r = start(&program, options, &session, &properties, err);
        if (r >= 0 && process_exit_is_known_here())
                sd_disconnect(&session.bus);
        property_list_done(&properties);
        exec_program_done(&program);
        if (r < 0) {
                unit_process_done(&session);
                return r;
        }
        *options->session = session;
        return 0;
}
