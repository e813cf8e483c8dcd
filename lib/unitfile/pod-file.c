/* Pods as units: see pod-file.h. */
#include "unitfile/pod-file.h"

#include "unitfile/stem.h"

#include <stdio.h>
#include <string.h>

#define SUFFIX        ".pod"
#define DOCUMENTATION "man:ctrunit.container(5)"
#define POD_ROOT      CTR_STATE_DIR "/pods"
#define LETTERS       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* ---- names ---- */

bool pod_reference(const char *text, char name[static CTR_UNIT_NAME_MAX])
{
        size_t size = strlen(text), suffix = sizeof(SUFFIX) - 1;

        if (size <= suffix || strcmp(text + size - suffix, SUFFIX) != 0)
                return false;
        (void) snprintf(name, CTR_UNIT_NAME_MAX, "%.*s", (int) (size - suffix), text);
        if (stem_instance(name) && stem_check(name, NULL) >= 0)
                *strchr(name, '@') = '-';
        return true;
}

void pod_file_namespace(const char *id, const char *kind, char ret[static SEARCH_PATH_MAX])
{
        (void) snprintf(ret, SEARCH_PATH_MAX, POD_ROOT "/%s/ns/%s", id, kind);
}

/* Of a unit, which no command line nor other unit's line can misread. */
static bool is_unit_part(const char *text)
{
        return strlen(text) <= CTR_POD_ID_MAX && text[0] != '-' && text[0] != '.' &&
               strspn(text, LETTERS "_.-") == strlen(text);
}

/* ---- keys ---- */

static int fail(const IniEntry *entry, Problem *problem, const char *expected)
{
        (void) snprintf(problem->file, sizeof(problem->file), "%s", entry->file);
        return ini_entry_error(entry, &problem->error, "\"%.100s\" is not valid, expected %s",
                entry->value, expected);
}

static int read_names(const Settings *settings, const char *name, PodFile *pod, Problem *problem)
{
        const IniEntry *id = settings_find(settings, KEY_POD, "PodName");
        const IniEntry *service = settings_find(settings, KEY_POD, "ServiceName");
        char given[CTR_UNIT_NAME_MAX];

        (void) snprintf(given, sizeof(given), "%s", id ? id->value : name);
        if (!ctr_pod_id_is_valid(given) && id)
                return fail(id, problem, "letters, digits and _ + -");
        if (!ctr_pod_id_is_valid(given))
                return ctr_pod_id_check(given, &problem->error);
        (void) snprintf(pod->id, sizeof(pod->id), "%.*s", CTR_POD_ID_MAX, given);
        (void) ctr_pod_to_slice(pod->id, pod->slice);
        if (service && !is_unit_part(service->value))
                return fail(service, problem, "a name without .service: letters, digits and _ . -");
        if (!service && !is_unit_part(name))
                return ctr_error_set(&problem->error, CTR_ERROR_CONFIG_INVALID, 0,
                        "this name makes no name of a unit: say one with ServiceName=");
        (void) snprintf(pod->unit, sizeof(pod->unit), "%.*s%s", CTR_POD_ID_MAX,
                service ? service->value : name, service ? ".service" : "-pod.service");
        return 0;
}

static int read_host_name(const Settings *settings, PodFile *pod, Problem *problem)
{
        const IniEntry *entry = settings_find(settings, KEY_POD, "HostName");
        const char *text = entry ? entry->value : pod->id;

        if (entry && (strlen(text) > POD_FILE_HOST_NAME_MAX || text[0] == '-' ||
                             strspn(text, LETTERS ".-") != strlen(text)))
                return fail(entry, problem, "a host name of letters, digits, . and -");
        /* As of a container whose id is no host name. */
        if (strlen(text) > POD_FILE_HOST_NAME_MAX || strspn(text, LETTERS "-") != strlen(text))
                text = entry ? text : "pod";
        (void) snprintf(
                pod->host_name, sizeof(pod->host_name), "%.*s", POD_FILE_HOST_NAME_MAX, text);
        return 0;
}

static int read_network(const Settings *settings, PodFile *pod, Problem *problem)
{
        const IniEntry *entry = settings_find(settings, KEY_POD, "Network");
        const char *text = entry ? entry->value : "none";

        if (strcmp(text, "host") == 0)
                return 0;
        if (strcmp(text, "none") == 0 || strcmp(text, "private") == 0) {
                pod->has_own_network = true;
                pod_file_namespace(pod->id, "net", pod->network);
                return 0;
        }
        if (strncmp(text, "ns:/", 4) != 0 || strstr(text, "/../") ||
                strlen(text) >= sizeof(pod->network) ||
                strspn(text + 3, LETTERS "/_.+:@,-") != strlen(text + 3))
                return fail(entry, problem,
                        "none, host or ns:PATH (a namespace that something else has set up, like "
                        "/run/netns/NAME)");
        (void) snprintf(pod->network, sizeof(pod->network), "%s", text + 3);
        return 0;
}

int pod_file_read(const Settings *settings, const char *name, PodFile *ret, Problem *problem)
{
        int r;

        *ret = (PodFile){ 0 };
        r = read_names(settings, name, ret, problem);
        if (r >= 0)
                r = read_host_name(settings, ret, problem);
        return r < 0 ? r : read_network(settings, ret, problem);
}

int pod_file_open(const Search *pods, const char *reference, Settings *settings, PodFile *ret,
        Problem *problem)
{
        const SearchContainer *found;
        char name[CTR_UNIT_NAME_MAX];
        int r;

        if (!pod_reference(reference, name))
                return 0;
        if (!pods) {
                r = pod_file_read(settings, name, ret, problem);
                return r < 0 ? r : 1;
        }
        found = search_find(pods, name);
        if (!found || found->is_masked || found->file_dir == SEARCH_NOWHERE)
                return 0;
        r = settings_load(pods, found, settings, problem);
        if (r >= 0)
                r = pod_file_read(settings, name, ret, problem);
        return r < 0 ? r : 1;
}

int pod_file_find(const Search *pods, const char *reference, PodFile *ret, Problem *problem)
{
        _cleanup_(settings_done) Settings settings = { 0 };

        return pod_file_open(pods, reference, &settings, ret, problem);
}

/* ---- units ---- */

static void write_head(const char *what, const PodFile *pod, const char *source, FILE *f)
{
        (void) fprintf(f,
                "# Changes here are lost: change that file, then run \"systemctl daemon-reload\".\n"
                "[Unit]\n"
                "Description=%s %s\n"
                "Documentation=" DOCUMENTATION "\n"
                "SourcePath=%s\n",
                what, pod->id, source);
}

/* ExecStopPost= and not ExecStop=, for starts that fail too. The containers are ordered after it
 * and bound to it: they are gone before it is. */
void pod_file_write_service(const PodFile *pod, const Settings *settings, const Search *search,
        const char *source, const char *requires, FILE *f)
{
        write_head("Pod", pod, source, f);
        (void) fprintf(f, "Wants=%s\nAfter=%s\n", pod->slice, pod->slice);
        if (requires[0])
                (void) fprintf(f, "Requires=%s\nAfter=%s\n", requires, requires);
        if (!pod->network[0] || !pod->has_own_network)
                (void) fputs("Wants=network-online.target\nAfter=network-online.target\n", f);
        (void) fprintf(f,
                "\n[Service]\n"
                "Type=oneshot\n"
                "RemainAfterExit=yes\n"
                "ExecStart=" CTR_CTRCTL_PATH " pod up --unit %s --hostname %s --network %s %s\n"
                "ExecStopPost=" CTR_CTRCTL_PATH " pod down %s\n",
                pod->unit, pod->host_name,
                pod->has_own_network ? "none"
                : pod->network[0]    ? pod->network
                                     : "host",
                pod->id, pod->id);
        settings_write(settings, search, f);
}

void pod_file_write_slice(const PodFile *pod, const char *source, FILE *f)
{
        write_head("Slice of pod", pod, source, f);
        (void) fputs("StopWhenUnneeded=yes\n", f);
}
