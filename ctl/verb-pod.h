/* The verbs of `ctrctl pod`, each a row of one table. */
#pragma once

#include "ctl/verb.h"

extern const Verb pod_verb_add, pod_verb_enter, pod_verb_kill, pod_verb_ps;

/* The text of a file, "-" or NULL = standard input. */
int pod_read_text(const char *path, char **ret, size_t *ret_size, CtrError *err);

/* An error that says where in that text, with its file. Returns r. */
int pod_text_error(const char *path, int r, CtrError *err);
