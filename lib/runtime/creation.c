/* Preparing a container: see creation.h. */
#include "runtime/creation.h"

#include "runtime/caller-fds.h"
#include "runtime/cgroup-fit.h"
#include "runtime/container-file.h"
#include "runtime/controllers.h"
#include "runtime/engine.h"
#include "runtime/helper-spawn.h"
#include "runtime/filter-cache.h"
#include "runtime/live-record.h"
#include "runtime/notify-forward.h"
#include "runtime/pid-file.h"
#include "runtime/placement.h"
#include "runtime/strv.h"
#include "runtime/terminal.h"

#include "base/io.h"
#include "base/pod-name.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DEFAULT_SLICE "system.slice" /* systemd's, for a unit that names none */

uint64_t creation_time(void)
{
        struct timespec ts;

        (void) clock_gettime(CLOCK_REALTIME, &ts);
        return (uint64_t) ts.tv_sec * 1000000U + (uint64_t) ts.tv_nsec / 1000U;
}

const char *creation_slice(const PropertyList *properties)
{
        const Property *slice = property_find(properties, PROPERTY_SLICE);

        return slice && slice->n_strings > 0 ? slice->strings[0] : DEFAULT_SLICE;
}

int creation_write_state(const StateDir *dir, const Bundle *bundle, const PlanContext *ctx,
        const CreationPlace *place, uint64_t created_usec, CtrError *err)
{
        _cleanup_free_ void *program = NULL;
        ContainerState state;
        size_t size;
        int r;

        r = plan_program(bundle->spec, ctx, &program, &size, err);
        if (r < 0)
                return bundle_error(bundle->config_path, r, err);
        state = (ContainerState){
                .id = (char *) ctx->id,
                .oci_version = bundle->spec->oci_version,
                .bundle = bundle->path,
                .rootfs = bundle->rootfs,
                .config_path = bundle->config_path,
                .slice = (char *) place->slice,
                .unit = (char *) place->unit,
                .cgroup = (char *) place->cgroup,
                .mode = ctx->mode,
                .origin = ctx->origin,
                .has_plain_exec = plan_exec_is_plain(bundle->spec, ctx),
                .created_usec = created_usec,
                .annotations = bundle->spec->annotations,
        };
        memcpy(state.digest, bundle->digest, sizeof(state.digest));
        r = state_dir_write(dir, STATE_FILE_CONFIG, bundle->text, bundle->size, err);
        if (r >= 0)
                r = state_write(dir->fd, &state, err);
        /* The program last: with it the state of a generated unit counts as complete. */
        return r < 0 ? r : state_dir_write(dir, STATE_FILE_PROGRAM, program, size, err);
}

/* Names of the places that the mode has. */
static int find_place(Creation *c, CtrError *err)
{
        const Spec *spec = c->bundle.spec;
        int r;

        switch (c->mode) {
        case PLAN_SCOPE:
                r = plan_scope_name(spec, c->name.id, c->name.unit, c->slice, err);
                return bundle_error(c->bundle.config_path, r, err);
        case PLAN_CGROUPFS:
                c->name.unit[0] = '\0';
                r = placement_find_directory(spec, c->name.id, c->cgroup, err);
                return bundle_error(c->bundle.config_path, r, err);
        case PLAN_UNPLACED:
                c->name.unit[0] = '\0';
                return 0;
        default:
                return 0;
        }
}

static int write_state(Creation *c, const PlanContext *ctx, CtrError *err)
{
        CreationPlace place = { .unit = c->name.unit,
                .slice = c->mode == PLAN_SERVICE || c->mode == PLAN_SCOPE ? c->slice : "",
                .cgroup = c->cgroup };

        c->origin = ctx->origin;
        c->created_usec = creation_time();
        return creation_write_state(&c->dir, &c->bundle, ctx, &place, c->created_usec, err);
}

/* The parser's, and the values that mean nothing on cgroup2. */
static int collect_warnings(const Spec *spec, SpecStrv *ret, CtrError *err)
{
        SpecStrv ignored = { 0 };
        int r = strv_copy(&spec->warnings, ret);

        if (r >= 0)
                r = plan_warnings(&spec->linux_.resources, &ignored);
        for (size_t i = 0; i < ignored.n && r >= 0; i++)
                r = strv_add(ret, ignored.items[i]);
        plan_warnings_done(&ignored);
        return r < 0 ? ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "reading the configuration")
                     : 0;
}

/* A cgroup in use by a unit of this name is PID 1's to report: the id is taken. */
static int check_place(Creation *c, CtrError *err)
{
        SdUnitStatus status;
        int r = cgroup_check_fit(creation_slice(&c->properties), c->name.unit, err);

        if (r == -EBUSY && sd_unit_get_status(&c->bus, c->name.unit, &status, NULL) >= 0 &&
                status.is_loaded && strcmp(status.active_state, "inactive") != 0)
                return 0;
        return r;
}

/* POD.NAME is the name of a pod's member. Looked at after the id is taken, as pods look for
 * containers after theirs is: of two that begin at a time one at least sees the other. */
static int check_pod(const Creation *c, CtrError *err)
{
        char pod[CTR_POD_ID_MAX + 1];

        if (c->options->is_member || !ctr_pod_of_member(c->name.id, pod) ||
                !runtime_pod_exists(c->runtime, pod))
                return 0;
        (void) ctr_error_set(err, CTR_ERROR_ID_IN_USE, 0,
                "container with given ID already exists: ids that begin with \"%s.\" are those of "
                "pod %s",
                pod, pod);
        return -EEXIST;
}

static int check_console(const Creation *c, CtrError *err)
{
        if (!c->bundle.spec->process.has_terminal || c->options->fds->console >= 0)
                return 0;
        return ctr_error_set(err, CTR_ERROR_CONFIG_INVALID, 0,
                "process.terminal is true, and nobody takes the terminal");
}

/* What the plan says, and what the caller has the unit wait for besides. */
static int make_properties(Creation *c, const PlanContext *ctx, CtrError *err)
{
        const char *unit = c->options->requires_unit;
        int r = plan_properties(c->bundle.spec, ctx, &c->properties, err);

        if (r >= 0 && unit &&
                (property_add_string(&c->properties, PROPERTY_REQUIRES, unit) < 0 ||
                        property_add_string(&c->properties, PROPERTY_AFTER, unit) < 0))
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "building the unit");
        return r;
}

/* The configuration, with what the caller says in the place of some of it. */
static int read_bundle(Creation *c, CtrError *err)
{
        int r;

        /* Half of such a file is its unit's: dependencies, directories, limits. */
        if (container_file_is(c->options->config))
                return ctr_error_set(err, CTR_ERROR_USAGE, 0,
                        "%s is no config.json: put it into /etc/ctrunit/containers, then run "
                        "systemctl daemon-reload and systemctl start %s",
                        c->options->config, c->name.unit);
        r = bundle_open_text(
                c->options->bundle, c->options->config, c->options->config_text, &c->bundle, err);
        if (r >= 0)
                r = ports_request(&c->bundle, c->options->publish, c->options->n_publish, err);
        if (r < 0)
                return r;
        if (c->options->terminal != RUNTIME_TERMINAL_CONFIGURED)
                c->bundle.spec->process.has_terminal = c->options->terminal == RUNTIME_TERMINAL_YES;
        return c->options->ret_warnings
                       ? collect_warnings(c->bundle.spec, c->options->ret_warnings, err)
                       : 0;
}

static int prepare(Creation *c, PlanOrigin origin, CtrError *err)
{
        FilterCache filters;
        PlanContext ctx;
        int r;

        r = read_bundle(c, err);
        if (r < 0)
                return r;
        filter_cache_init(&filters, c->runtime);
        ctx = (PlanContext){
                .id = c->name.id,
                .bundle = c->bundle.path,
                .state_dir = c->name.directory,
                .config_path = c->bundle.config_path,
                .digest = c->bundle.digest,
                .mode = c->mode,
                .origin = origin,
                .wants_no_pivot = c->options->wants_no_pivot,
                .wants_no_new_keyring = c->options->wants_no_new_keyring,
                .has_launch_socket = true,
                .has_console = true,
                .filter_cache = &filters.plan,
                .requests = c->options->properties,
                .n_requests = c->options->n_properties,
                .has_notify_socket = c->mode != PLAN_SERVICE && notify_forward_target(),
                .has_waiting_caller = origin == PLAN_TRANSIENT_RUN && !c->options->is_detached &&
                                      !c->options->is_kept,
        };
        r = find_place(c, err);
        if (r >= 0)
                r = c->options->fds
                            ? check_console(c, err)
                            : terminal_check(c->bundle.spec->process.has_terminal,
                                      origin == PLAN_TRANSIENT_CREATE || c->options->is_detached,
                                      c->options->console_socket, err);
        if (r < 0)
                return r;
        r = make_properties(c, &ctx, err);
        if (r >= 0 && c->mode == PLAN_SERVICE)
                r = plan_ports(c->bundle.spec, &ctx, &c->ports, err);
        if (r < 0)
                return bundle_error(c->bundle.config_path, r, err);
        /* Engines set limits whether the host has them or not, and show their users what we say. */
        if (c->options->ret_warnings && c->mode == PLAN_SERVICE &&
                controllers_find_missing(
                        &c->properties, NULL, NULL, NULL, c->options->ret_warnings) < 0)
                return ctr_error_set(err, CTR_ERROR_SYSTEM, ENOMEM, "looking for controllers");
        (void) snprintf(c->slice, sizeof(c->slice), "%s", creation_slice(&c->properties));
        r = c->mode == PLAN_SERVICE ? check_place(c, err) : 0;
        if (r >= 0 && ctx.has_notify_socket)
                r = notify_forward_prepare(c->dir.fd, err);
        if (r >= 0)
                r = write_state(c, &ctx, err);
        if (r >= 0)
                r = state_dir_publish(&c->dir, err);
        return r < 0 ? r : check_pod(c, err);
}

int creation_begin(Creation *c, const Runtime *rt, const RuntimeCreate *options, PlanOrigin origin,
        CtrError *err)
{
        int r;

        *c = (Creation){
                .runtime = rt,
                .options = options,
                .mode = rt->mode,
                .name = CONTAINER_NULL,
                .dir = STATE_DIR_NULL,
        };
        r = container_name(rt, options->id, &c->name, err);
        /* First, so that the bus greets while the rest is done. */
        if (r >= 0 && (c->mode == PLAN_SERVICE || c->mode == PLAN_SCOPE))
                r = sd_connect(&c->bus, err);
        if (r >= 0)
                r = state_dir_begin(rt, options->id, &c->dir, err);
        if (r < 0) {
                creation_done(c);
                return r;
        }
        r = prepare(c, origin, err);
        if (r < 0) {
                state_dir_discard(&c->dir);
                creation_done(c);
        }
        return r;
}

int creation_start(Creation *c, const LaunchFds *fds, int abort_fd, LaunchReply *ret,
        int *ret_pidfd, CtrError *err)
{
        PlanContext ctx = { .id = c->name.id, .state_dir = c->name.directory };
        SdPorts ports = { &ctx, &c->ports };
        int r;

        c->is_begun = true;
        if (c->mode != PLAN_SERVICE)
                return engine_start(c, fds, ret, ret_pidfd, err);
        r = service_start(&c->bus,
                &(ServiceStart){ .unit = c->name.unit,
                        .properties = &c->properties,
                        .fds = fds,
                        .ports = &ports,
                        .abort_fd = abort_fd },
                ret, ret_pidfd, err);
        if (r < 0)
                ports_explain(&c->bus, c->name.id, &c->ports, err);
        return r;
}

int creation_announce(Creation *c, const LaunchReply *reply, int pidfd, CtrError *err)
{
        int r;

        r = pid_file_write(c->options->pid_file, reply->pid, err);
        if (r >= 0 && c->options->announce)
                r = c->options->announce(reply->pid, c->options->userdata, err);
        if (r >= 0)
                r = caller_send_fd(c->options->pidfd_socket ? c->options->pidfd_socket
                                                            : plan_pidfd_receiver(c->bundle.spec),
                        pidfd, err);
        if (r < 0)
                return r;
        live_record_write(c->dir.fd,
                &(ContainerState){ .unit = c->name.unit,
                        .slice = c->slice,
                        .bundle = c->bundle.path,
                        .origin = c->origin,
                        .created_usec = c->created_usec },
                reply->pid, pidfd);
        state_dir_unlock(&c->dir);
        if (!state_dir_is_current(&c->dir))
                return ctr_error_set(err, CTR_ERROR_SYSTEM, 0,
                        "the container was deleted while it was being created");
        return 0;
}

void creation_abort(Creation *c, const CtrError *cause)
{
        bool is_own = cause->code != CTR_ERROR_ID_IN_USE;
        bool has_poststop =
                c->is_begun && is_own && c->bundle.spec->hooks[SPEC_HOOK_POSTSTOP].n > 0;

        state_dir_free_spare(&c->dir);
        /* What had the name before is somebody else's. */
        if (c->mode != PLAN_SERVICE) {
                engine_abort(c);
                if (is_own)
                        placement_undo(c);
        } else if (is_own) {
                if (property_find(&c->properties, PROPERTY_ADD_REF))
                        (void) sd_unit_release(&c->bus, c->name.unit, NULL);
                /* Hooks of the unit's end that run already are not cut short. */
                (void) service_teardown(&c->bus, c->name.unit,
                        has_poststop ? SD_STOP_KILL_MAIN : SD_STOP_KILL_ALL, NULL);
                ports_remove(&c->bus, c->name.id, &c->ports);
        }
        /* Lifecycle 13 of runtime.md: hooks that did run may have made what only these undo. */
        if (has_poststop && state_dir_is_current(&c->dir))
                helper_run_poststop(c->name.directory, c->runtime->is_silent);
        if (state_dir_is_current(&c->dir))
                (void) state_dir_remove(c->runtime, c->name.id, false, NULL);
}

void creation_done(Creation *c)
{
        property_list_done(&c->properties);
        plan_ports_done(&c->ports);
        bundle_done(&c->bundle);
        state_dir_done(&c->dir);
        sd_disconnect(&c->bus);
}
