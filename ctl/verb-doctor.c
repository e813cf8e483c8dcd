/* doctor: what this host lacks for containers, why it matters, and what to do. */
#include "ctl/verb.h"

#include "base/json.h"
#include "runtime/doctor.h"

#include <stdio.h>
#include <string.h>

static const char *format = "table";

static const Option doctor_options[] = {
        { "format", 'f', "table|json", "how to show it", OPTION_STRING, &format },
};

static void print_line(void *userdata _unused_, const DoctorFinding *f)
{
        (void) printf("%-8s %-17s %s\n", doctor_verdict_name(f->verdict), f->check, f->found);
        if (f->why)
                (void) printf(
                        "%8s %17s %s\n%8s %17s Hint: %s\n", "", "", f->why, "", "", f->advice);
}

static void print_object(void *userdata, const DoctorFinding *f)
{
        const struct {
                const char *name, *value;
        } members[] = {
                { "check", f->check },
                { "verdict", doctor_verdict_name(f->verdict) },
                { "found", f->found },
                { "why", f->why },
                { "advice", f->advice },
        };
        unsigned *n = userdata;

        for (size_t i = 0; i < ELEMENTSOF(members) && members[i].value; i++) {
                (void) printf("%s\"%s\":",
                        i > 0        ? ","
                        : (*n)++ > 0 ? ",\n{"
                                     : "[{",
                        members[i].name);
                json_write_string(stdout, members[i].value);
        }
        (void) putchar('}');
}

static int run_doctor(const Call *call _unused_, CtrError *err)
{
        bool is_json = strcmp(format, "json") == 0;
        DoctorVerdict worst;
        unsigned n = 0;
        int r = format_check(format, err);

        if (r < 0)
                return r;
        worst = doctor_examine("", is_json ? print_object : print_line, &n);
        if (is_json)
                (void) puts("]");
        return worst == DOCTOR_MISSING;
}

const Verb verb_doctor = {
        .name = "doctor",
        .arguments = "",
        .help = "show what this host lacks for containers, and what to do",
        .options = doctor_options,
        .n_options = ELEMENTSOF(doctor_options),
        .run = run_doctor,
};
