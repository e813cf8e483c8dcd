/* linux.intelRdt (config-linux.md, "IntelRdt"): a class of service of the resource director, and
 * lines for its schemata file (the kernel's resctrl document). */
#include "spec/spec-decode.h"

#include <string.h>

enum { CLASS_NAME_MAX = 255, LINE_MAX_BYTES = 4000 }; /* a component of a path; less than a page */

static int check_line(Decoder *d, const char *text)
{
        const char *colon = strchr(text, ':');

        if (strpbrk(text, "\n\r"))
                return decoder_fail(d, "must be one line");
        if (!colon || colon == text || colon[1] == '\0')
                return decoder_fail(d, "\"%.64s\" is not a line like \"L3:0=f;1=f\"", text);
        return 0;
}

static int check_prefix(Decoder *d, const char *text, const char *prefix)
{
        size_t n = strlen(prefix);

        if (strncmp(text, prefix, n) != 0)
                return decoder_fail(d, "\"%.64s\" does not begin with \"%s\"", text, prefix);
        return check_line(d, text);
}

static int check_memory(Decoder *d, const char *text)
{
        return check_prefix(d, text, "MB:");
}

/* Code and data may have schemas of their own: several lines, "L3CODE:...\nL3DATA:...". */
static int check_cache(Decoder *d, const char *text)
{
        for (const char *line = text; line; line = strchr(line, '\n')) {
                line += *line == '\n';
                if (strncmp(line, "L3", 2) != 0 && strncmp(line, "MB:", 3) != 0)
                        return decoder_fail(d, "\"%.64s\" is not a line like \"L3:0=f;1=f\"", text);
        }
        return 0;
}

/* A directory of the resctrl file system, where some names are the kernel's. */
static int check_class(Decoder *d, const char *text)
{
        static const char *const reserved[] = { ".", "..", "info", "mon_data", "mon_groups" };

        if (strcmp(text, "/") == 0)
                return 0;
        if (strchr(text, '/') || strpbrk(text, "\n") || strlen(text) > CLASS_NAME_MAX)
                return decoder_fail(d, "\"%.64s\" is not the name of a class of service", text);
        for (size_t i = 0; i < ELEMENTSOF(reserved); i++)
                if (strcmp(text, reserved[i]) == 0)
                        return decoder_fail(d, "\"%s\" is a name of the kernel's", text);
        return 0;
}

static int check_rdt(Decoder *d, void *object)
{
        SpecIntelRdt *rdt = object;

        rdt->is_set = true;
        rdt->has_monitoring = rdt->has_monitoring || rdt->has_cmt || rdt->has_mbm;
        return 0;
}

#define AT(member) offsetof(SpecIntelRdt, member)

static const SpecText text_class = { .check = check_class };
static const SpecText text_line = {
        .is_nonempty = true, .size_max = LINE_MAX_BYTES, .check = check_line
};
static const SpecText text_cache = { .size_max = LINE_MAX_BYTES, .check = check_cache };
static const SpecText text_memory = { .size_max = LINE_MAX_BYTES, .check = check_memory };

static const SpecField fields[] = {
        { "closID", decode_string, AT(class), 0, &text_class },
        { "schemata", decode_strings, AT(schemata), 0, &text_line },
        { "l3CacheSchema", decode_string, AT(l3_cache_schema), 0, &text_cache },
        { "memBwSchema", decode_string, AT(memory_bandwidth_schema), 0, &text_memory },
        { "enableMonitoring", decode_bool, AT(has_monitoring), 0, NULL },
        /* Of version 1.1 and 1.2: both are a monitoring group. */
        { "enableCMT", decode_bool, AT(has_cmt), 0, NULL },
        { "enableMBM", decode_bool, AT(has_mbm), 0, NULL },
};

const SpecType spec_type_intel_rdt = {
        .fields = fields,
        .n_fields = ELEMENTSOF(fields),
        .check = check_rdt,
};
