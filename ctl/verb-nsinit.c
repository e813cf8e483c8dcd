/* nsinit: the command line of libcontainer's first program (2014). The directory it is called in is
 * the root file system; container.json, pid and state.json are beside it, or in $data_path. The
 * container's id is made of that directory's name, so that the same command finds it again.
 *
 * What the files say is for other programs: whether the container is there is asked of the
 * runtime, as for all others. */
#include "ctl/report.h"
#include "ctl/verb.h"

#include "base/digest.h"
#include "base/io.h"
#include "base/json-merge.h"
#include "convert/convert.h"
#include "runtime/bundle.h"
#include "runtime/container.h"
#include "runtime/net-dev.h"
#include "runtime/stats.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define CONFIG_SIZE_MAX (16U * 1024 * 1024)

typedef struct Place {
        char id[32];
        char *data;   /* absolute directory of the files */
        char *rootfs; /* the working directory */
        char *config_path, *pid_path, *state_path;
} Place;

static void place_done(Place *p)
{
        free(p->data);
        free(p->rootfs);
        free(p->config_path);
        free(p->pid_path);
        free(p->state_path);
}

static int find_place(Place *p, CtrError *err)
{
        const char *data = getenv("data_path");
        char digest[CTR_DIGEST_LENGTH + 1];

        *p = (Place){ .rootfs = get_current_dir_name() };
        p->data = realpath(data && *data ? data : ".", NULL);
        if (!p->data || !p->rootfs)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot find %s",
                        data && *data ? data : "the working directory");
        if (asprintf(&p->config_path, "%s/container.json", p->data) < 0 ||
                asprintf(&p->pid_path, "%s/pid", p->data) < 0 ||
                asprintf(&p->state_path, "%s/state.json", p->data) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "nsinit");
        ctr_digest_hex(p->data, strlen(p->data), digest);
        (void) snprintf(p->id, sizeof(p->id), "nsinit-%.16s", digest);
        return 0;
}

static int read_container_json(const Place *p, char **ret, CtrError *err)
{
        size_t size;

        return ctr_read_file(AT_FDCWD, p->config_path, CONFIG_SIZE_MAX, ret, &size, err);
}

/* ---- exec ---- */

static void write_command(FILE *f, char *const *args)
{
        (void) fputs("{\"process\":{\"args\":[", f);
        for (size_t i = 0; args[i]; i++) {
                (void) fputs(i > 0 ? "," : "", f);
                json_write_string(f, args[i]);
        }
        (void) fputs("]}}", f);
}

/* The config.json with this command in it. */
static int put_command(const char *config, char *const *args, char **ret, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *base = NULL, *patch = NULL;
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);
        int r;

        if (f)
                write_command(f, args);
        if (!f || fclose(f) != 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "nsinit");
        r = json_document_parse(config, strlen(config), &base, err);
        if (r >= 0)
                r = json_document_parse(text, size, &patch, err);
        if (r < 0)
                return r;
        f = open_memstream(ret, &size);
        if (f)
                json_write_merged(f, json_document_root(base), json_document_root(patch));
        return !f || fclose(f) != 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "nsinit") : 0;
}

static int make_config(const Place *p, char *const *args, char **ret, CtrError *err)
{
        _cleanup_free_ char *text = NULL, *config = NULL;
        SpecStrv warnings = { 0 };
        int r;

        r = read_container_json(p, &text, err);
        if (r >= 0)
                r = convert_config(&(ConvertInput){ .text = text, .rootfs = p->rootfs }, &config,
                        &warnings, err);
        for (size_t i = 0; i < warnings.n; i++)
                report_warning(warnings.items[i]);
        runtime_strv_done(&warnings);
        if (r < 0)
                return bundle_error(p->config_path, r, err);
        return put_command(config, args, ret, err);
}

/* The file that says who is there: beside the pid file, whole or not at all. */
static int write_state(pid_t pid, void *userdata, CtrError *err)
{
        const Place *p = userdata;
        _cleanup_close_ int dir_fd = open(p->data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        uint64_t starttime = 0;
        char text[128];
        int n, r;

        (void) ctr_process_starttime(pid, &starttime);
        n = snprintf(text, sizeof(text), "{\"init_pid\":%d,\"init_start_time\":\"%" PRIu64 "\"}\n",
                (int) pid, starttime);
        r = dir_fd < 0 ? -errno
                       : ctr_write_file_atomic(dir_fd, "state.json", text, (size_t) n, 0644);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, r, "cannot write %s", p->state_path)
                     : 0;
}

static int start_init(const Runtime *rt, Place *p, char *const *args, CtrError *err)
{
        _cleanup_free_ char *config = NULL;
        int r, status = 0;

        r = make_config(p, args, &config, err);
        if (r < 0)
                return r;
        r = runtime_run(rt,
                &(RuntimeCreate){ .id = p->id,
                        .bundle = p->data,
                        .config = "container.json",
                        .config_text = config,
                        .pid_file = p->pid_path,
                        .announce = write_state,
                        .userdata = p },
                &status, err);
        (void) unlink(p->pid_path);
        (void) unlink(p->state_path);
        return r < 0 ? r : status;
}

static int join(const Runtime *rt, const char *id, char *const *args, CtrError *err)
{
        int r, status = 0;

        r = runtime_exec(rt, &(RuntimeExec){ .id = id, .args = args }, &status, err);
        return r < 0 ? r : status;
}

/* A container that ended, or never came to be, has nothing to keep. */
static int run_exec(const Call *call, CtrError *err)
{
        ContainerInfo info;
        CtrError state_error = { 0 };
        bool is_there = false;
        Place p;
        int r;

        if (call->n_arguments < 2)
                return ctr_error_set(err, CTR_ERROR_USAGE, 0, "exec wants a command");
        r = find_place(&p, err);
        if (r >= 0 && runtime_state(call->runtime, p.id, &info, &state_error) >= 0) {
                is_there = info.pid > 0;
                container_info_done(&info);
                if (!is_there)
                        r = runtime_delete(call->runtime, p.id, false, err);
        }
        if (r >= 0)
                r = is_there ? join(call->runtime, p.id, call->arguments + 1, err)
                             : start_init(call->runtime, &p, call->arguments + 1, err);
        place_done(&p);
        return r;
}

/* ---- nsenter ---- */

static int find_by_pid(
        const Runtime *rt, uint64_t pid, char id[static CTR_ID_MAX + 1], CtrError *err)
{
        bool is_found = false;
        ContainerInfo info;
        SpecStrv ids;
        int r = runtime_list(rt, &ids, err);

        if (r < 0)
                return r;
        for (size_t i = 0; i < ids.n && !is_found; i++) {
                if (runtime_state(rt, ids.items[i], &info, NULL) < 0)
                        continue;
                is_found = info.pid > 0 && (uint64_t) info.pid == pid;
                if (is_found)
                        (void) snprintf(id, CTR_ID_MAX + 1, "%s", ids.items[i]);
                container_info_done(&info);
        }
        runtime_strv_done(&ids);
        return is_found ? 0
                        : ctr_error_set(err, CTR_ERROR_CONTAINER_NOT_EXISTS, 0,
                                  "%" PRIu64 " is not the first process of a container", pid);
}

/* nsenter --nspid PID [--containerjson JSON] [--] COMMAND...: the configuration is the
 * container's own; one that is given has to be readable. */
static int run_nsenter(const Call *call, CtrError *err)
{
        const char *pid_text = NULL, *json = NULL;
        const Option options[] = {
                { "nspid", 0, "PID", "", OPTION_STRING, &pid_text },
                { "containerjson", 0, "JSON", "", OPTION_STRING, &json },
        };
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        char id[CTR_ID_MAX + 1];
        uint64_t pid;
        int r, first;

        r = options_parse(options, ELEMENTSOF(options), true, call->n_arguments, call->arguments,
                &first, err);
        if (r < 0)
                return r;
        if (r > 0 || !pid_text || first >= call->n_arguments)
                return ctr_error_set(
                        err, CTR_ERROR_USAGE, 0, "nsenter wants --nspid PID and a command");
        if (ctr_parse_u64(pid_text, INT32_MAX, &pid) < 0)
                return ctr_error_set(
                        err, CTR_ERROR_USAGE, 0, "--nspid \"%.32s\" is no number", pid_text);
        if (json) {
                r = json_document_parse(json, strlen(json), &doc, err);
                if (r < 0)
                        return ctr_error_prefix(err, r, "--containerjson");
        }
        r = find_by_pid(call->runtime, pid, id, err);
        return r < 0 ? r : join(call->runtime, id, call->arguments + first, err);
}

/* ---- spec and stats ---- */

static void print_indent(unsigned depth)
{
        (void) putchar('\n');
        while (depth-- > 0)
                (void) putchar('\t');
}

/* With tabs, as Go's MarshalIndent wrote it. */
static void print_value(const JsonValue *value, unsigned depth)
{
        JsonIterator it = { .object = value };
        const JsonValue *member;
        bool is_object = json_value_type(value) == JSON_TYPE_OBJECT, is_first = true;
        const char *key;

        if (json_value_length(value) == 0) {
                (void) json_write_value(stdout, value);
                return;
        }
        (void) putchar(is_object ? '{' : '[');
        if (is_object)
                while (json_iterator_next(&it, &key, &member)) {
                        (void) fputs(is_first ? "" : ",", stdout);
                        print_indent(depth + 1);
                        json_write_string(stdout, key);
                        (void) fputs(": ", stdout);
                        print_value(member, depth + 1);
                        is_first = false;
                }
        else
                for (size_t i = 0; i < json_value_length(value); i++) {
                        (void) fputs(i == 0 ? "" : ",", stdout);
                        print_indent(depth + 1);
                        print_value(json_value_item(value, i), depth + 1);
                }
        print_indent(depth);
        (void) putchar(is_object ? '}' : ']');
}

static int print_document(const char *title, const char *text, CtrError *err)
{
        _cleanup_(json_document_freep) JsonDocument *doc = NULL;
        int r = json_document_parse(text, strlen(text), &doc, err);

        if (r < 0)
                return r;
        (void) printf("%s:\n", title);
        print_value(json_document_root(doc), 0);
        (void) putchar('\n');
        return 0;
}

static int run_spec(const Call *call _unused_, CtrError *err)
{
        _cleanup_free_ char *text = NULL;
        Place p;
        int r;

        r = find_place(&p, err);
        if (r >= 0)
                r = read_container_json(&p, &text, err);
        if (r >= 0)
                r = print_document("Spec", text, err);
        place_done(&p);
        return r;
}

/* All interfaces but the loopback device together. */
static void write_network(FILE *f, const NetDev *devices, size_t n)
{
        static const char *const names[_NET_DEV_MAX] = { "rx_bytes", "rx_packets", "rx_errors",
                "rx_dropped", "tx_bytes", "tx_packets", "tx_errors", "tx_dropped" };

        (void) fputs("{\"network_stats\":{", f);
        for (size_t k = 0; k < _NET_DEV_MAX; k++) {
                uint64_t sum = 0;

                for (size_t i = 0; i < n; i++)
                        sum += strcmp(devices[i].name, "lo") == 0 ? 0 : devices[i].values[k];
                (void) fprintf(f, "%s\"%s\":%" PRIu64, k > 0 ? "," : "", names[k], sum);
        }
        (void) fputc('}', f);
}

static void write_stats(FILE *f, const Stats *s, const NetDev *devices, size_t n)
{
        write_network(f, devices, n);
        (void) fprintf(f,
                ",\"cgroup_stats\":{\"cpu_stats\":{\"cpu_usage\":{\"total_usage\":%" PRIu64
                ",\"usage_in_kernelmode\":%" PRIu64 ",\"usage_in_usermode\":%" PRIu64
                "},\"throttling_data\":{\"periods\":%" PRIu64 ",\"throttled_periods\":%" PRIu64
                ",\"throttled_time\":%" PRIu64 "}}",
                s->cpu.total_nsec, s->cpu.kernel_nsec, s->cpu.user_nsec, s->cpu.periods,
                s->cpu.throttled_periods, s->cpu.throttled_nsec);
        (void) fprintf(f,
                ",\"memory_stats\":{\"usage\":%" PRIu64 ",\"max_usage\":%" PRIu64
                ",\"failcnt\":%" PRIu64 ",\"stats\":{",
                s->memory.usage.usage, s->memory.usage.max, s->memory.usage.failcnt);
        for (size_t i = 0; i < s->memory.n_raw; i++)
                (void) fprintf(f, "%s\"%s\":%" PRIu64, i > 0 ? "," : "", s->memory.raw[i].name,
                        s->memory.raw[i].value);
        (void) fputs("}}}}", f);
}

static int print_stats(const Container *c, CtrError *err)
{
        _cleanup_free_ char *text = NULL;
        _cleanup_free_ NetDev *devices = NULL;
        _cleanup_close_ int cgroup_fd = -EBADF;
        ContainerProcess process;
        char path[CGROUP_PATH_MAX];
        size_t n, size;
        Stats stats;
        FILE *f;
        int r;

        r = container_get_process(c, &process, err);
        if (r < 0)
                return r;
        if (process.pid == 0 || container_get_cgroup(c, &process, path) < 0)
                return ctr_error_set(
                        err, CTR_ERROR_CONTAINER_NOT_RUNNING, 0, "container not running");
        cgroup_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (cgroup_fd < 0 || net_dev_read(process.pid, &devices, &n) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cgroup %s", path);
        r = stats_read(cgroup_fd, &stats, err);
        if (r < 0)
                return r;
        f = open_memstream(&text, &size);
        if (f)
                write_stats(f, &stats, devices, n);
        stats_done(&stats);
        if (!f || fclose(f) != 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "nsinit");
        return print_document("Stats", text, err);
}

static int run_stats(const Call *call, CtrError *err)
{
        Container c;
        Place p;
        int r;

        r = find_place(&p, err);
        if (r >= 0)
                r = container_open(call->runtime, p.id, &c, err);
        if (r >= 0) {
                r = print_stats(&c, err);
                container_done(&c);
        }
        place_done(&p);
        return r;
}

/* ---- init ---- */

/* What the old program started itself again for is a program of its own. */
static int run_init(const Call *call, CtrError *err)
{
        call->arguments[0] = (char *) CTR_EXEC_PATH;
        (void) execv(CTR_EXEC_PATH, call->arguments);
        return ctr_error_set(err, CTR_ERROR_SYSTEM, errno, "cannot execute %s", CTR_EXEC_PATH);
}

static const struct {
        const char *name;
        int (*run)(const Call *call, CtrError *err);
} commands[] = {
        { "exec", run_exec },
        { "init", run_init },
        { "nsenter", run_nsenter },
        { "spec", run_spec },
        { "stats", run_stats },
};

static int run_nsinit(const Call *call, CtrError *err)
{
        const char *log = getenv("log");

        if (log && *log) {
                int r = report_init(log, NULL, NULL, false, err);

                if (r < 0)
                        return r;
        }
        for (size_t i = 0; i < ELEMENTSOF(commands); i++)
                if (strcmp(commands[i].name, call->arguments[0]) == 0)
                        return commands[i].run(call, err);
        return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                "nsinit knows exec, init, nsenter, spec and stats, not \"%.32s\"",
                call->arguments[0]);
}

const Verb verb_nsinit = {
        .name = "nsinit",
        .arguments = "COMMAND [ARGUMENT...]",
        .help = "as libcontainer's nsinit, in a directory with container.json",
        .n_arguments_min = 1,
        .n_arguments_max = -1,
        .is_options_first = true,
        .run = run_nsinit,
};
