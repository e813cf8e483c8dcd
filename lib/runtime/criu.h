/* criu(8) as a program: which one, with which options, and what it says when it fails. Library
 * calls and its protocol are not used: its command line is the same thing, and one can repeat it by
 * hand. */
#pragma once

#include "runtime/runtime.h"

#define CRIU_DUMP_LOG    "dump.log"
#define CRIU_RESTORE_LOG "restore.log"

/* Standard descriptors of the container in a directory of images: a JSON array of three texts. */
#define CRIU_FILE_DESCRIPTORS "descriptors.json"
#define CRIU_DESCRIPTOR_MAX   64

/* What belongs to one call of criu: absolute paths, and the command line as it grows. */
typedef struct CriuCall {
        const RuntimeCriu *options;
        char *program, *image_path, *work_path;
        char *log; /* NULL: a configuration of criu's own names it */
        SpecStrv argv;
} CriuCall;

void criu_call_done(CriuCall *call);

/* Finds criu, takes the options that both verbs have and that can be, and starts the command line
 * with them: "PROGRAM VERB ...". Options that cannot be are refused by name. */
int criu_call_begin(const RuntimeCriu *options, const Spec *spec, bool is_restore, CriuCall *ret,
        CtrError *err);

/* More of it. -ENOMEM. */
_printf_(2, 3) int criu_call_add(CriuCall *call, const char *fmt, ...);

/* Runs it to its end. err says why it failed, from its log. */
int criu_call_run(const CriuCall *call, CtrError *err);

/* Is there a criu? */
bool criu_is_installed(void);

/* The names of descriptors 0, 1 and 2 in the images ("" = none): only names of the three sorts that
 * can be inherited are taken, from whoever made the images. */
int criu_read_descriptors(const char *image_path, char ret[3][CRIU_DESCRIPTOR_MAX], CtrError *err);
int criu_write_descriptors(
        const char *image_path, char descriptors[3][CRIU_DESCRIPTOR_MAX], CtrError *err);
