/* A program as text, one line an operation: "CHILD rootfs mount type=proc ...". The fields text of
 * PROGRAM_OPS says what to print and how, so a new operation needs nothing here. */
#include "plan/plan.h"

#include <inttypes.h>
#include <linux/mount.h>
#include <sched.h>
#include <string.h>

#ifndef MS_REC
#define MS_UNBINDABLE (1 << 17)
#define MS_PRIVATE    (1 << 18)
#define MS_SLAVE      (1 << 19)
#define MS_SHARED     (1 << 20)
#endif
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

typedef struct BitName {
        uint64_t mask, value;
        const char *name;
} BitName;

static const BitName clone_names[] = {
        { CLONE_NEWUSER, CLONE_NEWUSER, "user" },
        { CLONE_NEWPID, CLONE_NEWPID, "pid" },
        { CLONE_NEWNET, CLONE_NEWNET, "network" },
        { CLONE_NEWNS, CLONE_NEWNS, "mount" },
        { CLONE_NEWIPC, CLONE_NEWIPC, "ipc" },
        { CLONE_NEWUTS, CLONE_NEWUTS, "uts" },
        { CLONE_NEWCGROUP, CLONE_NEWCGROUP, "cgroup" },
        { CLONE_NEWTIME, CLONE_NEWTIME, "time" },
        { 0 },
};

static const BitName mount_attr_names[] = {
        { MOUNT_ATTR_RDONLY, MOUNT_ATTR_RDONLY, "ro" },
        { MOUNT_ATTR_NOSUID, MOUNT_ATTR_NOSUID, "nosuid" },
        { MOUNT_ATTR_NODEV, MOUNT_ATTR_NODEV, "nodev" },
        { MOUNT_ATTR_NOEXEC, MOUNT_ATTR_NOEXEC, "noexec" },
        { MOUNT_ATTR__ATIME, MOUNT_ATTR__ATIME, "atime" },
        { MOUNT_ATTR__ATIME, MOUNT_ATTR_NOATIME, "noatime" },
        { MOUNT_ATTR__ATIME, MOUNT_ATTR_STRICTATIME, "strictatime" },
        { MOUNT_ATTR_NODIRATIME, MOUNT_ATTR_NODIRATIME, "nodiratime" },
        { MOUNT_ATTR_NOSYMFOLLOW, MOUNT_ATTR_NOSYMFOLLOW, "nosymfollow" },
        { 0 },
};

static const BitName propagation_names[] = {
        { MS_UNBINDABLE, MS_UNBINDABLE, "unbindable" },
        { MS_PRIVATE, MS_PRIVATE, "private" },
        { MS_SLAVE, MS_SLAVE, "slave" },
        { MS_SHARED, MS_SHARED, "shared" },
        { 0 },
};

static const BitName message_names[] = {
        { UINT64_MAX, SYNC_MAPS_WRITTEN, "maps-written" },
        { UINT64_MAX, SYNC_NAMESPACES_READY, "namespaces-ready" },
        { UINT64_MAX, SYNC_ROOTFS_READY, "rootfs-ready" },
        { UINT64_MAX, SYNC_HOOKS_DONE, "hooks-done" },
        { UINT64_MAX, SYNC_SETUP_DONE, "setup-done" },
        { UINT64_MAX, SYNC_LIMITS_RESTORED, "limits-restored" },
        { UINT64_MAX, SYNC_AT_GATE, "at-gate" },
        { UINT64_MAX, SYNC_PLACED, "placed" },
        { 0 },
};

static const struct {
        char place;
        const BitName *names;
} named_places[] = {
        { 'c', clone_names },
        { 'a', mount_attr_names },
        { 'p', propagation_names },
        { 'm', message_names },
};

static bool is_plain_char(char c)
{
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               (c && strchr("/.:_-+=,@~*", c));
}

/* A word as it is when that is unambiguous, else quoted with C escapes. */
static void write_word(FILE *f, const char *s)
{
        const char *p = s;

        while (is_plain_char(*p))
                p++;
        if (*s != '\0' && *p == '\0') {
                (void) fputs(s, f);
                return;
        }
        (void) fputc('"', f);
        for (; *s; s++) {
                if (*s == '"' || *s == '\\')
                        (void) fprintf(f, "\\%c", *s);
                else if (*s == '\n')
                        (void) fputs("\\n", f);
                else if ((unsigned char) *s < 0x20 || *s == 0x7f)
                        (void) fprintf(f, "\\x%02x", (unsigned) (unsigned char) *s);
                else
                        (void) fputc(*s, f);
        }
        (void) fputc('"', f);
}

static void write_list(FILE *f, const Program *p, ProgramData d)
{
        const char *blank = "";

        (void) fputc('[', f);
        for (const char *s = NULL; (s = program_list_next(p, d, s));) {
                (void) fputs(blank, f);
                write_word(f, s);
                blank = " ";
        }
        (void) fputc(']', f);
}

/* "a|b"; bits without a name in hex, nothing at all as 0. */
static void write_names(FILE *f, const BitName *names, uint64_t value)
{
        const char *separator = "";

        if (value == 0) {
                (void) fputc('0', f);
                return;
        }
        for (; names->name && value != 0; names++)
                if (names->value != 0 && (value & names->mask) == names->value) {
                        (void) fprintf(f, "%s%s", separator, names->name);
                        separator = "|";
                        value &= ~names->mask;
                }
        if (value != 0)
                (void) fprintf(f, "%s0x%" PRIx64, separator, value);
}

static void write_number(FILE *f, char place, uint64_t value)
{
        for (size_t i = 0; i < ELEMENTSOF(named_places); i++)
                if (named_places[i].place == place) {
                        write_names(f, named_places[i].names, value);
                        return;
                }
        if (value == UINT64_MAX)
                (void) fputs(place == 'n' ? "none" : "all", f);
        else if (place == 't' && value > 0x20 && value < 0x7f)
                (void) fprintf(f, "%c", (char) value);
        else if (place == 'x')
                (void) fprintf(f, "0x%" PRIx64, value);
        else if (place == 'o')
                (void) fprintf(f, "0%" PRIo64, value);
        else
                (void) fprintf(f, "%" PRIu64, value);
}

/* Absent strings and lists are not printed. */
static void write_field(
        FILE *f, const Program *p, const ProgramOp *op, const char *name, size_t n, const char *at)
{
        unsigned index = (unsigned) (at[1] - '0');

        switch (at[0]) {
        case 's':
                if (op->string[index].size == 0)
                        return;
                (void) fprintf(f, " %.*s=", (int) n, name);
                write_word(f, program_string(p, op->string[index]));
                break;
        case 'l':
                if (op->data[index].size == 0)
                        return;
                (void) fprintf(f, " %.*s=", (int) n, name);
                write_list(f, p, op->data[index]);
                break;
        case 'b':
                (void) fprintf(f, " %.*s=%u bytes", (int) n, name, op->data[index].size);
                break;
        default:
                (void) fprintf(f, " %.*s=", (int) n, name);
                write_number(f, at[0], op->number[index]);
        }
}

static void write_op(FILE *f, const Program *p, const ProgramOp *op)
{
        const ProgramOpInfo *info = program_op_info((ProgramOpcode) op->opcode);
        const char *fields = info->fields;

        (void) fprintf(f, "%-5s %s %s", op->list == PROGRAM_HOST ? "HOST" : "CHILD",
                program_stage_name((ProgramStage) op->stage), info->name);
        while (*fields) {
                const char *equals = strchr(fields, '=');

                write_field(f, p, op, fields, (size_t) (equals - fields), equals + 1);
                fields = equals + 3;
                fields += strspn(fields, " ");
        }
        (void) fputc('\n', f);
}

int program_to_text(const Program *program, FILE *f)
{
        for (uint32_t i = 0; i < program->header->n_ops; i++)
                write_op(f, program, &program->ops[i]);
        return ferror(f) ? -EIO : 0;
}
