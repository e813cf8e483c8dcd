/* Options by table: parsing with getopt_long_only(3), so that runc's single-dash spellings work,
 * and help. */
#include "ctl/verb.h"

#include "base/io.h"

#include <getopt.h>
#include <string.h>

enum { OPTION_BASE = 0x100, OPTION_HELP = 0x1000, OPTIONS_MAX = 64 };

static int string_list_add(StringList *list, char *value)
{
        char **items = reallocarray(list->items, list->n + 2, sizeof(*items));

        if (!items)
                return -ENOMEM;
        list->items = items;
        items[list->n++] = value;
        items[list->n] = NULL;
        return 0;
}

static int set_number(const Option *o, const char *text, CtrError *err)
{
        uint64_t value;

        if (ctr_parse_u64(text, UINT32_MAX, &value) < 0)
                return ctr_error_set(err, CTR_ERROR_USAGE, 0, "--%s wants a number, not \"%.64s\"",
                        o->name, text);
        *(unsigned *) o->value = (unsigned) value;
        return 0;
}

static int option_set(const Option *o, char *text, CtrError *err)
{
        if (!o->value)
                return 0;
        switch (o->kind) {
        case OPTION_FLAG:
                *(bool *) o->value = true;
                return 0;
        case OPTION_STRING:
                *(const char **) o->value = text;
                return 0;
        case OPTION_STRINGS:
                if (string_list_add(o->value, text) < 0)
                        return ctr_error_set(
                                err, CTR_ERROR_SYSTEM, ENOMEM, "reading --%s", o->name);
                return 0;
        case OPTION_NUMBER:
                return set_number(o, text, err);
        }
        return 0;
}

/* getopt's own forms of the table; letters holds two bytes an option, the mode and "h". */
static void make_getopt_tables(
        const Option *options, size_t n, bool is_options_first, struct option *longs, char *letters)
{
        /* '+': stop at the first argument; ':': report a missing value as such. */
        if (is_options_first)
                *letters++ = '+';
        *letters++ = ':';
        *letters++ = 'h';
        for (size_t i = 0; i < n; i++) {
                longs[i] = (struct option){ .name = options[i].name,
                        .has_arg = options[i].argument ? required_argument : no_argument,
                        .val = OPTION_BASE + (int) i };
                if (!options[i].letter)
                        continue;
                *letters++ = options[i].letter;
                if (options[i].argument)
                        *letters++ = ':';
        }
        longs[n++] = (struct option){ .name = "help", .val = OPTION_HELP };
        /* crun's other word for it. */
        if (is_options_first)
                longs[n++] = (struct option){ .name = "usage", .val = OPTION_HELP };
        longs[n] = (struct option){ 0 };
        *letters = '\0';
}

static const Option *find_option(const Option *options, size_t n, int value)
{
        if (value >= OPTION_BASE && value < OPTION_BASE + (int) n)
                return &options[value - OPTION_BASE];
        for (size_t i = 0; i < n; i++)
                if (options[i].letter && options[i].letter == value)
                        return &options[i];
        return NULL;
}

int options_parse(const Option *options, size_t n, bool is_options_first, int argc, char **argv,
        int *ret_first, CtrError *err)
{
        struct option longs[OPTIONS_MAX + 3];
        char letters[OPTIONS_MAX * 2 + 4];
        int c, r;

        make_getopt_tables(options, n, is_options_first, longs, letters);
        opterr = 0;
        optind = 0; /* a new vector, glibc's way of saying so */
        while ((c = getopt_long_only(argc, argv, letters, longs, NULL)) >= 0) {
                const Option *o = find_option(options, n, c);

                if (c == 'h' || c == OPTION_HELP)
                        return 1;
                if (c == ':')
                        return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                                "option %s requires an argument", argv[optind - 1]);
                if (!o)
                        return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                                "unknown option %s (see: --help)", argv[optind - 1]);
                r = option_set(o, optarg, err);
                if (r < 0)
                        return r;
        }
        *ret_first = optind;
        return 0;
}

void options_print_help(const Option *options, size_t n, FILE *f)
{
        for (size_t i = 0; i < n; i++) {
                char left[64], letter[5] = "    ";

                if (!options[i].help)
                        continue;
                if (options[i].letter)
                        (void) snprintf(letter, sizeof(letter), "-%c, ", options[i].letter);
                (void) snprintf(left, sizeof(left), "%s--%s%s%s", letter, options[i].name,
                        options[i].argument ? " " : "",
                        options[i].argument ? options[i].argument : "");
                (void) fprintf(f, "  %-32s %s\n", left, options[i].help);
        }
        (void) fprintf(f, "  %-32s %s\n", "-h, --help", "show this text");
}

void verb_print_help(const char *program_name, const Verb *verb, FILE *f)
{
        (void) fprintf(f, "%s %s [OPTION...] %s\n\n%s\n\n", program_name, verb->name,
                verb->arguments, verb->help ? verb->help : "internal");
        for (size_t i = 0; i < verb->n_verbs; i++)
                (void) fprintf(f, "  %-8s %-34s %s\n", verb->verbs[i]->name,
                        verb->verbs[i]->arguments, verb->verbs[i]->help);
        if (verb->n_verbs > 0)
                (void) fputc('\n', f);
        options_print_help(verb->options, verb->n_options, f);
}

int verb_check_arguments(const char *program_name, const Verb *verb, int n, CtrError *err)
{
        if (n >= verb->n_arguments_min && (verb->n_arguments_max < 0 || n <= verb->n_arguments_max))
                return 0;
        return ctr_error_set(err, CTR_ERROR_USAGE, 0, "%s %s: %s (usage: %s %s [OPTION...] %s)",
                n < verb->n_arguments_min ? "too few arguments for" : "too many arguments for",
                verb->name, n < verb->n_arguments_min ? "one is missing" : "one is left over",
                program_name, verb->name, verb->arguments);
}

int format_check(const char *format, CtrError *err)
{
        if (!format || strcmp(format, "json") == 0 || strcmp(format, "table") == 0)
                return 0;
        return ctr_error_set(
                err, CTR_ERROR_USAGE, 0, "invalid format \"%.64s\" (table or json)", format);
}
