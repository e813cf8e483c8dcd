/* process: the payload, its environment and its limits (config.md, "Process"). */
#include "spec/spec-decode.h"

#include <linux/ioprio.h>
#include <string.h>
#include <sys/resource.h>

#define RLIMIT(name)                                                                               \
        {                                                                                          \
                "RLIMIT_" #name, RLIMIT_##name                                                     \
        }

static const SpecWord rlimit_words[] = {
        RLIMIT(AS),
        RLIMIT(CORE),
        RLIMIT(CPU),
        RLIMIT(DATA),
        RLIMIT(FSIZE),
        RLIMIT(LOCKS),
        RLIMIT(MEMLOCK),
        RLIMIT(MSGQUEUE),
        RLIMIT(NICE),
        RLIMIT(NOFILE),
        RLIMIT(NPROC),
        RLIMIT(RSS),
        RLIMIT(RTPRIO),
        RLIMIT(RTTIME),
        RLIMIT(SIGPENDING),
        RLIMIT(STACK),
};
static const SpecWords rlimit_types = { rlimit_words, ELEMENTSOF(rlimit_words), "resource limit" };

static int check_rlimit(Decoder *d, void *object)
{
        const SpecRlimit *rlimit = object;

        if (rlimit->soft > rlimit->hard)
                return decoder_fail_at(d, "soft",
                        "the soft limit %llu is above the hard limit %llu",
                        (unsigned long long) rlimit->soft, (unsigned long long) rlimit->hard);
        return 0;
}

static const SpecField rlimit_fields[] = {
        { "type", decode_word, offsetof(SpecRlimit, resource), FIELD_REQUIRED, &rlimit_types },
        { "soft", decode_number, offsetof(SpecRlimit, soft), FIELD_REQUIRED, &spec_number_u64 },
        { "hard", decode_number, offsetof(SpecRlimit, hard), FIELD_REQUIRED, &spec_number_u64 },
};
static const SpecType type_rlimit = {
        .fields = rlimit_fields,
        .n_fields = ELEMENTSOF(rlimit_fields),
        .size = sizeof(SpecRlimit),
        .check = check_rlimit,
        .is_strict = true,
};

static int decode_rlimits(Decoder *d, const JsonValue *value, void *target, const SpecField *field)
{
        struct {
                SpecRlimit *items;
                size_t n;
        } *rlimits = target;
        uint64_t seen = 0;
        int r;

        r = decode_objects(d, value, target, field);
        if (r < 0)
                return r;
        for (size_t i = 0; i < rlimits->n; i++) {
                uint64_t bit = UINT64_C(1) << rlimits->items[i].resource;

                if (seen & bit)
                        return decoder_fail_item(
                                d, i, "this resource limit is given twice: remove one of them");
                seen |= bit;
        }
        return 0;
}

static const SpecField console_fields[] = {
        { "height", decode_number, offsetof(SpecProcess, console_height), FIELD_REQUIRED,
                &spec_number_opt_u32 },
        { "width", decode_number, offsetof(SpecProcess, console_width), FIELD_REQUIRED,
                &spec_number_opt_u32 },
};
static const SpecType type_console = { .fields = console_fields,
        .n_fields = ELEMENTSOF(console_fields) };

static const SpecWord io_class_words[] = {
        { "IOPRIO_CLASS_RT", IOPRIO_CLASS_RT },
        { "IOPRIO_CLASS_BE", IOPRIO_CLASS_BE },
        { "IOPRIO_CLASS_IDLE", IOPRIO_CLASS_IDLE },
};
static const SpecWords io_classes = { io_class_words, ELEMENTSOF(io_class_words),
        "I/O priority class" };
static const SpecNumber number_io_priority = { NUMBER_I32, 0, 7, false };

static int check_io_priority(Decoder *d, void *object)
{
        ((SpecIoPriority *) object)->is_set = true;
        return 0;
}

static const SpecField io_fields[] = {
        { "class", decode_word, offsetof(SpecIoPriority, class), FIELD_REQUIRED, &io_classes },
        { "priority", decode_number, offsetof(SpecIoPriority, priority), 0, &number_io_priority },
};
static const SpecType type_io_priority = {
        .fields = io_fields,
        .n_fields = ELEMENTSOF(io_fields),
        .check = check_io_priority,
};

static const SpecText text_cpu_list = { .is_nonempty = true, .check = spec_check_cpu_list };
static const SpecField affinity_fields[] = {
        { "initial", decode_string, offsetof(SpecProcess, exec_cpu_affinity_initial), 0,
                &text_cpu_list },
        { "final", decode_string, offsetof(SpecProcess, exec_cpu_affinity_final), 0,
                &text_cpu_list },
};
static const SpecType type_affinity = { .fields = affinity_fields,
        .n_fields = ELEMENTSOF(affinity_fields) };

static int check_process(Decoder *d, void *object)
{
        SpecProcess *process = object;

        process->is_set = true;
        if (process->args.n == 0)
                return decoder_fail_at(
                        d, "args", "must not be empty: its first item is the program to run");
        if (process->args.items[0][0] == '\0') {
                decoder_enter(d, "args");
                return decoder_fail_item(d, 0,
                        "must not be empty: it is the program to run (executable file not found in $PATH)");
        }
        return 0;
}

static const SpecText text_env = { .is_nonempty = true, .check = spec_check_env };
static const SpecNumber number_oom_score_adj = { NUMBER_OPT_I32, -1000, 1000, false };

static const SpecIgnored command_line = { "it is for Windows, Linux uses args", decode_string,
        NULL };
static const SpecField process_fields[] = {
        { "terminal", decode_bool, offsetof(SpecProcess, has_terminal), 0, NULL },
        { "consoleSize", decode_object, 0, 0, &type_console },
        { "user", decode_object, offsetof(SpecProcess, user), 0, &spec_type_user },
        { "args", decode_strings, offsetof(SpecProcess, args), FIELD_REQUIRED, NULL },
        { "commandLine", decode_ignored, 0, 0, &command_line },
        { "env", decode_strings, offsetof(SpecProcess, env), 0, &text_env },
        { "cwd", decode_string, offsetof(SpecProcess, cwd), FIELD_REQUIRED, &spec_text_path },
        { "capabilities", decode_object, offsetof(SpecProcess, capabilities), 0,
                &spec_type_capabilities },
        { "rlimits", decode_rlimits, offsetof(SpecProcess, rlimits), 0, &type_rlimit },
        { "noNewPrivileges", decode_bool, offsetof(SpecProcess, no_new_privileges), 0, NULL },
        { "apparmorProfile", decode_string, offsetof(SpecProcess, apparmor_profile), 0, NULL },
        { "selinuxLabel", decode_string, offsetof(SpecProcess, selinux_label), 0, NULL },
        { "oomScoreAdj", decode_number, offsetof(SpecProcess, oom_score_adj), 0,
                &number_oom_score_adj },
        { "scheduler", decode_object, offsetof(SpecProcess, scheduler), 0, &spec_type_scheduler },
        { "ioPriority", decode_object, offsetof(SpecProcess, io_priority), 0, &type_io_priority },
        { "execCPUAffinity", decode_object, 0, 0, &type_affinity },
};

const SpecType spec_type_process = {
        .fields = process_fields,
        .n_fields = ELEMENTSOF(process_fields),
        .check = check_process,
};
