/* Links that make a generated unit start with others or answer to other names: what `systemctl
 * enable` would make from [Install]. systemd ignores [Install] of generated units, so they are made
 * here. */
#pragma once

#include "unitfile/settings.h"

typedef struct Link {
        char *path;   /* "multi-user.target.wants/ctr@web.service" */
        char *target; /* "../ctr@web.service" */
} Link;

typedef struct Links {
        Link *items;
        size_t n;
} Links;

/* Annotation of config.json with the same meaning as WantedBy=: names separated by blanks. */
#define LINKS_ANNOTATION "org.ctrunit.install.wantedBy"

/* Adds the links of [Install]. Returns 0, or -errno with *problem. */
int links_add_settings(Links *links, const Settings *settings, const Search *search,
        const char *unit, Problem *problem);

/* Another name of the unit, which is known to be one that systemd takes. -ENOMEM. */
int links_add_alias(Links *links, const char *alias, const char *unit);

/* Adds the links of the annotation's value. Returns 0, or -errno with *err. */
int links_add_annotation(
        Links *links, const Search *search, const char *value, const char *unit, CtrError *err);

/* The unit starts with another one: "OTHER.wants/". -ENOMEM. */
int links_add_wants(Links *links, const char *other, const char *unit);

void links_done(Links *links);
